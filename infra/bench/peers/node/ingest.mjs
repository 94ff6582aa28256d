// The job of `ingest-sales` as a Node function does it: SDK v3 and the standard library.
//
// It reads the whole export, maps the same fields, groups by outlet and business date, and writes one
// compressed page and one summary a day, the customers, and a ledger entry.

import { deflateSync } from "node:zlib";
import { BatchWriteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";

const s3 = new S3Client({ forcePathStyle: true });
const dynamodb = new DynamoDBClient({});
const { SALES_TABLE, CUSTOMERS_TABLE, OPERATIONS_TABLE, AWS_LAMBDA_RUNTIME_API } = process.env;
const PARALLEL = 8;

function toE164(phone) {
  if (!phone) return null;
  const digits = phone.replace(/\D/g, "").replace(/^0/, "62");
  return /^628\d{7,12}$/.test(digits) ? `+${digits}` : null;
}

function mapLine(line) {
  return {
    name: line.item_name, variant: line.item_variant_name, category: line.category_name,
    menuId: line.item_id, variantId: line.item_variant_id,
    qty: line.quantity, refundedQty: line.refunded_quantity, price: line.item_price,
    gross: line.gross_sales, net: line.net_sales, voided: line.is_deleted,
  };
}

function mapReceipt(payment) {
  return {
    id: payment.id, number: payment.payment_no, at: payment.created_at, revised: payment.updated_at,
    customer: payment.customer_id ? `OYAKO_MOKA_${payment.customer_id}` : null,
    table: payment.table_name, method: payment.payment_type_label,
    gross: payment.total_item_price_amount, net: payment.subtotal, service: payment.gratuities,
    tax: payment.taxes, rounding: payment.total_rounding_amount, total: payment.total_collected,
    refunded: payment.refund_amount, lines: payment.checkouts.map(mapLine),
  };
}

function summarise(receipts) {
  const totals = { gross: 0, net: 0, service: 0, tax: 0, rounding: 0, total: 0, refunded: 0 };
  const menus = {};
  for (const receipt of receipts) {
    for (const name in totals) totals[name] += receipt[name];
    for (const line of receipt.lines) {
      const menu = (menus[line.name] ??= { qty: 0, net: 0 });
      menu.qty += line.qty;
      menu.net += line.net;
    }
  }
  return { receipts: receipts.length, ...totals, menus };
}

const pack = (value) => ({ B: deflateSync(JSON.stringify(value)) });
const put = (TableName, Item) => dynamodb.send(new PutItemCommand({ TableName, Item }));

async function inParallel(jobs) {
  for (let start = 0; start < jobs.length; start += PARALLEL) {
    await Promise.all(jobs.slice(start, start + PARALLEL).map((job) => job()));
  }
}

async function take(record) {
  const { bucket, object } = JSON.parse(record.body).detail;
  const ledger = { pk: { S: `E#${object.key}` }, sk: { S: `V#${object.etag}` } };
  const known = new GetItemCommand({ TableName: OPERATIONS_TABLE, Key: ledger, ConsistentRead: true });
  if ((await dynamodb.send(known)).Item) return;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket.name, Key: object.key }));
  const { payments } = JSON.parse(await Body.transformToString()).data;
  const days = new Map();
  const customers = new Map();
  for (const payment of payments) {
    const receipt = mapReceipt(payment);
    const day = `${payment.outlet_id} ${receipt.at.slice(0, 10)}`;
    if (!days.has(day)) days.set(day, []);
    days.get(day).push(receipt);
    if (receipt.customer) {
      const { visits, total } = customers.get(receipt.customer) ?? { visits: 0, total: 0 };
      const who = { name: payment.customer_name, phone: toE164(payment.customer_phone) };
      customers.set(receipt.customer, { ...who, visits: visits + 1, total: total + receipt.total });
    }
  }
  await inParallel([...days].flatMap(([day, receipts]) => {
    const [outlet, date] = day.split(" ");
    const pk = { S: `O#moka-${outlet}` };
    return [
      () => put(SALES_TABLE, { pk, sk: { S: `P#${date}` }, d: pack(receipts) }),
      () => put(SALES_TABLE, { pk, sk: { S: `S#${date}` }, d: pack(summarise(receipts)) }),
    ];
  }));
  const writes = [...customers].map(([id, customer]) => ({ PutRequest: { Item: { pk: { S: `C#${id}` }, d: pack(customer) } } }));
  const batches = [];
  for (let start = 0; start < writes.length; start += 25) {
    const RequestItems = { [CUSTOMERS_TABLE]: writes.slice(start, start + 25) };
    batches.push(() => dynamodb.send(new BatchWriteItemCommand({ RequestItems })));
  }
  await inParallel(batches);
  await put(OPERATIONS_TABLE, { ...ledger, stored: { N: String(payments.length) } });
  console.log(JSON.stringify({ message: "export.ingested", stored: payments.length }));
}

async function handler(event) {
  const batchItemFailures = [];
  for (const record of event.Records) {
    try {
      await take(record);
    } catch (error) {
      console.error(error);
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
}

// The runtime's loop; on AWS it is part of the platform.
const runtime = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
for (;;) {
  const next = await fetch(`${runtime}/next`);
  const request = next.headers.get("lambda-runtime-aws-request-id");
  const body = JSON.stringify(await handler(await next.json()));
  await (await fetch(`${runtime}/${request}/response`, { method: "POST", body })).arrayBuffer();
}
