"""The deployed stack as a test sees it: by the names in the template, and only through AWS's APIs."""

import functools
import hashlib
import http.client
import json
import re
import time
import urllib.request

import decisions
import deploy

# Seconds that something may take before it counts as not happening. Everything here takes less than
# two on an idle machine; the rest is for a busy one.
LIMIT = 120
# What Lambda itself writes into a function's log.
PLATFORM_LINE = re.compile(r"(START|END|REPORT|INIT_START) ?.*RequestId: ")


class Refused(AssertionError):
    """A request that was not granted, for want of a right."""


class Stack:
    """The stack, its resources and what can be seen of them."""

    def __init__(self, emulator, functions):
        self.emulator = emulator
        self.functions = functions
        listed = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=deploy.STACK)
        self.resources = [resource for page in listed for resource in page["StackResourceSummaries"]]
        self.names = {entry["LogicalResourceId"]: entry["PhysicalResourceId"] for entry in self.resources}

    @functools.cache
    def client(self, service):
        """A client with every right."""
        return self.emulator.client(service)

    def of_type(self, kind):
        """The resources of a CloudFormation type: physical names by logical ones."""
        found = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in self.resources
            if resource["ResourceType"] == kind
        }
        if not found:
            raise AssertionError(f"the stack has no {kind}: nothing would be tested")
        return found

    # ---- waiting --------------------------------------------------------------------------------

    def until(self, look, what):
        """What `look` answers as soon as it is true. Fails, with the rights refused meanwhile, when it never is."""
        mark, deadline = self.mark(), time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            if seen := look():
                return seen
            time.sleep(0.05)
        refused = self.refusals(mark)
        raise AssertionError(f"not within {LIMIT} s: {what}; refused meanwhile: {refused or 'nothing'}")

    # ---- rights ---------------------------------------------------------------------------------

    def mark(self):
        """A place in the book of decisions, to read on from."""
        return self.emulator.ledger.stat().st_size

    def decisions(self, since=0, to=None):
        """The decisions since a mark, as (role, action, resource, allowed)."""
        with self.emulator.ledger.open("rb") as ledger:
            ledger.seek(since)
            data = ledger.read() if to is None else ledger.read(to - since)
        lines = data[: data.rfind(b"\n") + 1].splitlines()
        entries = (json.loads(line) for line in lines)
        return [(entry["role"], entry["action"], entry["resource"], entry["allowed"]) for entry in entries]

    def refusals(self, since=0):
        """What was refused since a mark: each (role, action, resource) once."""
        return sorted({decision[:3] for decision in self.decisions(since) if not decision[3]})

    def invocations(self, function, since):
        """Whether each invocation of a function since a mark succeeded."""
        return [
            ok for _, action, name, ok in self.decisions(since) if (action, name) == (decisions.INVOCATION, function)
        ]

    def role_of(self, function):
        """The name of a function's execution role."""
        return self.client("lambda").get_function_configuration(FunctionName=function)["Role"].rsplit("/", 1)[1]

    # ---- storage --------------------------------------------------------------------------------

    def items(self, table, **condition):
        """The items of a table, by its logical name, whose attributes are these texts."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=self.names[table])
        return [
            item
            for page in pages
            for item in page["Items"]
            if all(item.get(name, {}).get("S") == value for name, value in condition.items())
        ]

    def put_item(self, table, item):
        """Puts an item of texts."""
        typed = {name: {"S": value} for name, value in item.items()}
        self.client("dynamodb").put_item(TableName=self.names[table], Item=typed)

    def put_export(self, key, body):
        """Puts an object into the bucket of exports; answers its version."""
        written = self.client("s3").put_object(Bucket=self.names["Exports"], Key=key, Body=body)
        return written["VersionId"]

    def announce(self, detail):
        """Puts an event about an object into the queue, as the rule would."""
        event = {"id": "announced", "source": "aws.s3", "detail-type": "Object Created", "detail": detail}
        self.client("sqs").send_message(QueueUrl=self.queue("IngestQueue"), MessageBody=json.dumps(event))

    def export(self, key):
        """The latest ledger entry of an object that was read to its end, or None."""
        entries = [json.loads(item["doc"]["S"]) for item in self.items("OperationsTable", kind="export")]
        ended = [entry for entry in entries if entry["key"] == key and entry["state"] in ("done", "failed")]
        return max(ended, key=lambda entry: entry["received_ms"], default=None)

    def ingested(self, key, body):
        """Puts an export and waits until it was read to its end; answers its ledger entry."""
        self.put_export(key, body)
        return self.until(lambda: self.export(key), f"{key} is read to its end")

    # ---- queues, mail, logs ---------------------------------------------------------------------

    def queue(self, logical):
        """A queue's address."""
        return self.names[logical]

    def letters(self, logical):
        """The bodies of a queue's messages that can be seen, which are taken out by that."""
        sqs, url = self.client("sqs"), self.queue(logical)
        bodies = []
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            bodies.append(message["Body"])
        return bodies

    def mails(self):
        """Every mail that SES took."""
        with urllib.request.urlopen(f"{self.emulator.endpoint}/_ministack/ses/messages", timeout=60) as answer:
            found = json.load(answer)
        messages = found.get("messages", found)
        return [mail for group in messages.values() for mail in group] if isinstance(messages, dict) else messages

    def log(self, group):
        """The lines of a log group that are the function's own."""
        logs = self.client("logs")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        lines = [event["message"] for page in pages for event in page["events"]]
        return [line for line in lines if line.strip() and not PLATFORM_LINE.match(line)]

    # ---- HTTP -----------------------------------------------------------------------------------

    def call(self, method, path, body=None, key=None, **headers):
        """Calls the HTTP API by its own host name; answers status and document."""
        if key:
            headers["Authorization"] = f"Bearer {key}"
        if isinstance(body, dict):
            body, headers["Content_Type"] = json.dumps(body).encode(), "application/json"
        status, text = self.send(method, path, body, **headers)
        return status, json.loads(text or "null")

    def send(self, method, path, body=None, **headers):
        """The same for what is no document: answers status and text."""
        address = http.client.HTTPConnection("127.0.0.1", self.emulator.port, timeout=LIMIT)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Host"] = f"{self.names['Api']}.execute-api.localhost:{self.emulator.port}"
        try:
            address.request(method, path, body=body, headers=sent)
            answer = address.getresponse()
            return answer.status, answer.read().decode()
        finally:
            address.close()

    def api_key(self, number=1):
        """Makes an API key of every scope as the operator would, straight into the table."""
        identity, secret = f"{number:a>13}", "s" * 52
        reading = ["sales:read", "customers:read", "quarantine:read", "audit:read", "feedback:read", "links:read"]
        people = ["people:read", "people:write"]
        topups = ["topups", "topups:manage", "topups:read", "topups:decide"]
        scopes = [*reading, *people, *topups, "exports", "quarantine:write", "feedback:write", "admin"]
        document = {
            "id": identity,
            "name": "end to end",
            "secret_hash": hashlib.sha256(secret.encode()).hexdigest(),
            "scopes": scopes,
            "partner": "end-to-end",
            "created_ms": int(time.time() * 1000),
        }
        self.put_item("OperationsTable", {"pk": "K", "sk": identity, "doc": json.dumps(document)})
        return f"oyk_{identity}_{secret}"

    # ---- schedules ------------------------------------------------------------------------------

    def schedules(self):
        """The stack's schedules, by logical name."""
        client, names = self.client("scheduler"), self.of_type("AWS::Scheduler::Schedule")
        return {logical: client.get_schedule(Name=name) for logical, name in names.items()}

    def fire(self, schedule, name):
        """Fires a schedule's target once, now, as its own role and with its own input."""
        self.client("scheduler").create_schedule(
            Name=name,
            GroupName=schedule["GroupName"],
            ScheduleExpression="at(2020-01-01T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target=schedule["Target"],
        )
