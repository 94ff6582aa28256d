"""The job of `ingest-sales` as a Python function does it: boto3, Powertools, the standard library.

It reads the whole export, maps the same fields, groups by outlet and business date, and writes one
compressed page and one summary a day, the customers, and a ledger entry.
"""

import http.client
import json
import os
import zlib
from collections import defaultdict
from urllib.parse import unquote

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

logger = Logger(service="ingest-sales")
processor = BatchProcessor(event_type=EventType.SQS)
s3 = boto3.client("s3")
dynamodb = boto3.client("dynamodb")
SALES, CUSTOMERS, OPERATIONS = (os.environ[f"{name}_TABLE"] for name in ("SALES", "CUSTOMERS", "OPERATIONS"))


def to_e164(phone):
    if not phone:
        return None
    digits = "".join(character for character in phone if character.isdigit())
    if digits.startswith("0"):
        digits = "62" + digits[1:]
    return "+" + digits if digits.startswith("628") and 10 <= len(digits) <= 15 else None


def map_line(line):
    return {
        "name": line["item_name"], "variant": line["item_variant_name"], "category": line["category_name"],
        "menu_id": line["item_id"], "variant_id": line["item_variant_id"],
        "qty": line["quantity"], "refunded_qty": line["refunded_quantity"], "price": line["item_price"],
        "gross": line["gross_sales"], "net": line["net_sales"], "voided": line["is_deleted"],
    }


def map_receipt(payment):
    customer = payment["customer_id"]
    return {
        "id": payment["id"], "number": payment["payment_no"],
        "at": payment["created_at"], "revised": payment["updated_at"],
        "customer": f"OYAKO_MOKA_{customer}" if customer else None,
        "table": payment["table_name"], "method": payment["payment_type_label"],
        "gross": payment["total_item_price_amount"], "net": payment["subtotal"],
        "service": payment["gratuities"], "tax": payment["taxes"], "rounding": payment["total_rounding_amount"],
        "total": payment["total_collected"], "refunded": payment["refund_amount"],
        "lines": [map_line(line) for line in payment["checkouts"]],
    }


def summarise(receipts):
    totals, menus = defaultdict(int), defaultdict(lambda: [0, 0])
    for receipt in receipts:
        for name in ("gross", "net", "service", "tax", "rounding", "total", "refunded"):
            totals[name] += receipt[name]
        for line in receipt["lines"]:
            menu = menus[line["name"]]
            menu[0] += line["qty"]
            menu[1] += line["net"]
    return {"receipts": len(receipts), **totals, "menus": menus}


def pack(value):
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode())


def write_day(outlet, date, receipts):
    for kind, value in (("P", receipts), ("S", summarise(receipts))):
        key = {"pk": {"S": f"O#moka-{outlet}"}, "sk": {"S": f"{kind}#{date}"}}
        dynamodb.put_item(TableName=SALES, Item={**key, "d": {"B": pack(value)}})


def write_customers(customers):
    items = [
        {"PutRequest": {"Item": {"pk": {"S": f"C#{id}"}, "d": {"B": pack(customer)}}}}
        for id, customer in customers.items()
    ]
    for start in range(0, len(items), 25):
        dynamodb.batch_write_item(RequestItems={CUSTOMERS: items[start : start + 25]})


def take(record: SQSRecord):
    detail = json.loads(record.body)["detail"]
    bucket, key = detail["bucket"]["name"], unquote(detail["object"]["key"])
    ledger = {"pk": {"S": f"E#{key}"}, "sk": {"S": f"V#{detail['object']['etag']}"}}
    if "Item" in dynamodb.get_item(TableName=OPERATIONS, Key=ledger, ConsistentRead=True):
        return
    payments = json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])["data"]["payments"]
    days, customers = defaultdict(list), {}
    for payment in payments:
        receipt = map_receipt(payment)
        days[payment["outlet_id"], receipt["at"][:10]].append(receipt)
        if receipt["customer"]:
            phone = to_e164(payment["customer_phone"])
            customer = customers.setdefault(receipt["customer"], {"visits": 0, "total": 0})
            customer.update(name=payment["customer_name"], phone=phone)
            customer["visits"] += 1
            customer["total"] += receipt["total"]
    for (outlet, date), receipts in days.items():
        write_day(outlet, date, receipts)
    write_customers(customers)
    dynamodb.put_item(TableName=OPERATIONS, Item={**ledger, "stored": {"N": str(len(payments))}})
    logger.info("export.ingested", stored=len(payments))


def handler(event, context):
    return process_partial_response(event=event, record_handler=take, processor=processor, context=context)


def main():
    """The runtime's loop; on AWS it is part of the platform."""
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        reply = connection.getresponse()
        event, request = json.load(reply), reply.headers["Lambda-Runtime-Aws-Request-Id"]
        connection.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", json.dumps(handler(event, None)))
        connection.getresponse().read()


main()
