"""Short pieces of work, each of which needs some of the stack's rights.

test_rights.py runs each once to see which rights it needs, and then again with one of them taken
away. So a piece of work has a start, which must not mind that it fails, and an end to wait for.
"""

import contextlib
import dataclasses
import datetime
import itertools
import typing

import rights
from api import get, request
from exports import OUTLET, broken, export, receipt
from stack import Refused
from supplier import CLOSED
from test_scenario import continuation, minute, outbox_item

_numbers = itertools.count(1)
# A guest who comes again and again.
REGULAR = 77


@dataclasses.dataclass(frozen=True)
class Exercise:
    """One piece of work: `start` answers what `ended` looks for, as long as there is nothing."""

    name: str
    start: typing.Callable
    ended: typing.Callable

    def run(self, stack):
        """Does it, to its end."""
        told = self.start(stack, next(_numbers))
        stack.until(lambda: self.ended(stack, told), f"{self.name} comes to its end")

    def begin(self, stack):
        """Only starts it. What is missing may show at once, or later."""
        with contextlib.suppress(Refused):
            self.start(stack, next(_numbers))


def mixed_export(number):
    """A new guest, the regular guest once more, and a record that is refused and makes a mail."""
    return export(receipt(f"m{number}", 1000 + number), receipt(f"r{number}", REGULAR), broken(f"b{number}", 5))


def put_mixed(stack, number):
    key = f"incoming/exercise-{number}.ndjson"
    stack.put_export(key, mixed_export(number))
    return key


def mailed(stack, key):
    """The export was read, and the mail about it was settled."""
    mails = stack.items("OperationsTable", kind="mail", state="sent")
    return stack.export(key) and any(key in mail["doc"]["S"] for mail in mails)


def renew(stack, function, description):
    """A new version of a function, which starts with nothing in its memory."""
    client = stack.client("lambda")
    # The API calls the newest version itself, and the emulator lets that one run on under a new description alone.
    timeout = client.get_function_configuration(FunctionName=function)["Timeout"]
    client.update_function_configuration(FunctionName=function, Description=description, Timeout=timeout)
    version = client.publish_version(FunctionName=function)["Version"]
    client.update_alias(FunctionName=function, Name="live", FunctionVersion=version)


def put_after_cold_start(stack, number):
    """A function that starts in a shop that has no key for phone numbers yet. Afterwards the shop has its old
    key again: other functions have it in their memory, and the books of phone numbers go by it."""
    function, role = stack.names["IngestSalesFunction"], stack.names["IngestSalesRole"]
    place = {"TableName": stack.names["CustomersTable"], "Key": {"pk": {"S": "K#phone"}}}
    known = stack.client("dynamodb").get_item(**place)["Item"]
    stack.client("dynamodb").delete_item(**place)
    try:
        renew(stack, function, f"new in the shop, number {number}")
        mark, key = stack.mark(), put_mixed(stack, number)
        refused = lambda: [seen for seen in stack.refusals(mark) if seen[0] == role]
        stack.until(lambda: stack.export(key) or refused(), f"{key} is read, or may not be")
        return key
    finally:
        stack.client("dynamodb").put_item(TableName=place["TableName"], Item=known)
        renew(stack, function, f"the same, number {number}")


def announce_gone_object(stack, number):
    """Announces another content of an object that is not there any more."""
    key = f"incoming/gone-{number}.ndjson"
    body = export(receipt(f"g{number}"))
    version = stack.put_export(key, body)
    stack.until(lambda: stack.export(key), f"{key} is read before it goes")
    bucket = stack.names["Exports"]
    stack.client("s3").delete_object(Bucket=bucket, Key=key, VersionId=version)
    told = {"key": key, "size": len(body), "etag": f"{number:032}", "version-id": version}
    stack.announce({"bucket": {"name": bucket}, "object": told})
    return key


def gone_object_noted(stack, key):
    entries = stack.items("OperationsTable", kind="export", state="failed")
    return any(key in entry["doc"]["S"] for entry in entries)


def announce_without_version(stack, number):
    """Announces an object as a bucket that keeps no versions would, to a shop that has forgotten it."""
    key = f"incoming/unversioned-{number}.ndjson"
    known = stack.ingested(key, export(receipt(f"u{number}")))
    (entry,) = [item for item in stack.items("OperationsTable", kind="export") if known["id"] in item["pk"]["S"]]
    place = {name: entry[name] for name in ("pk", "sk")}
    stack.client("dynamodb").delete_item(TableName=stack.names["OperationsTable"], Key=place)
    told = {"key": key, "size": known["size"], "etag": known["etag"]}
    stack.announce({"bucket": {"name": stack.names["Exports"]}, "object": told})
    return key


def cut_page(stack, number):
    """A page in two parts, as a very large day has, put together from a small one by hand. Answers its day."""
    day = str(datetime.date(2024, 1, 1) + datetime.timedelta(days=number))
    stack.ingested(f"incoming/cut-{number}.ndjson", export(receipt(f"c{number}", day=day)))
    dynamo, table = stack.client("dynamodb"), stack.names["SalesTable"]
    (head,) = stack.items("SalesTable", pk=f"O#{OUTLET}", sk=f"P#{day}")
    data = head["d"]["B"]
    half = len(data) // 2
    parts = {"n": {"N": "2"}}
    dynamo.put_item(TableName=table, Item={**head, **parts, "d": {"B": data[:half]}})
    second = {**head, **parts, "sk": {"S": f"P#{day}#01"}, "d": {"B": data[half:]}}
    dynamo.put_item(TableName=table, Item=second)
    return day


def shrink_page(stack, number):
    day = cut_page(stack, number)
    key = f"incoming/shrink-{number}.ndjson"
    stack.put_export(key, export(receipt(f"s{number}", day=day)))
    return key


def read_cut_page(stack, number):
    get(stack, f"/v1/outlets/{OUTLET}/days/{cut_page(stack, number)}/receipts")


def replay(stack, number):
    key = f"incoming/replay-{number}.ndjson"
    export_id = stack.ingested(key, export(broken(f"q{number}", 6)))["id"]
    (piece,) = get(stack, f"/v1/quarantine?export={export_id}")["items"]
    request(stack, "POST", f"/v1/quarantine/{piece['id']}/replay")
    return export_id


def replayed(stack, export_id):
    (piece,) = stack.items("OperationsTable", pk=f"Q#{export_id}")
    return piece["state"]["S"] == "open" and '"attempts":2' in piece["doc"]["S"]


def post_form(told, path):
    """A form of a page was taken: the answer leads to another page."""
    status, text = told
    if status >= 500:
        raise Refused(f"POST {path}: {status}")
    if status != 303:
        raise AssertionError(f"POST {path}: {status} {text[:200]}")


def reading(path):
    """The exercise of reading one address."""
    return Exercise(f"GET {path}", lambda stack, _: get(stack, path), at_once)


def at_once(*_):
    """There is nothing to wait for."""
    return True


def post_export(stack, number):
    headers = {"Idempotency_Key": f"post-{number}", "Content_Type": "application/x-ndjson"}
    return request(stack, "POST", "/v1/exports", export(receipt(f"p{number}")), **headers)["key"]


def decide_and_describe(stack, number):
    """Changes by people: an outlet described, a key made, each with its record in the audit."""
    outlet = get(stack, f"/v1/outlets/{OUTLET}")
    outlet.pop("id")
    request(stack, "PUT", f"/v1/outlets/{OUTLET}", {**outlet, "name": f"Pusat {number}"})
    request(stack, "POST", "/v1/keys", {"name": f"till {number}", "scopes": ["exports"]})


def mail_by_domain(stack, number):
    """Sends while SES knows the domain instead of the addresses."""
    mail = stack.client("sesv2")
    known = [entry["IdentityName"] for entry in mail.list_email_identities()["EmailIdentities"]]
    addresses = [name for name in known if "@" in name]
    for name in addresses:
        mail.delete_email_identity(EmailIdentity=name)
    for domain in {name.partition("@")[2] for name in addresses}:
        mail.create_email_identity(EmailIdentity=domain)
    try:
        key = put_mixed(stack, number)
        stack.until(lambda: stack.export(key), f"{key} is read")
        stack.until(lambda: settled(stack, key), f"the mail about {key} was tried")
    finally:
        for domain in {name.partition("@")[2] for name in addresses}:
            mail.delete_email_identity(EmailIdentity=domain)
        for name in addresses:
            mail.create_email_identity(EmailIdentity=name)
    return key


def sent_mails(stack, word):
    """The mails that were sent and whose cause names this."""
    return [mail for mail in stack.items("OperationsTable", kind="mail", state="sent") if word in mail["doc"]["S"]]


def settled(stack, key):
    """The mail about an object is not waiting any more, or was refused a first time."""
    mails = [mail["doc"]["S"] for mail in stack.items("OperationsTable", kind="mail") if key in mail["doc"]["S"]]
    return any('"attempts":0' not in mail and '"state":"sending"' not in mail for mail in mails)


def fire(logical):
    """The exercise of firing a schedule."""

    def start(stack, number):
        mark = stack.mark()
        stack.fire(stack.schedules()[logical], f"exercise-{number}")
        return mark

    def ended(stack, mark):
        function = stack.schedules()[logical]["Target"]["Arn"].split(":function:")[1].split(":")[0]
        return stack.invocations(function, mark)

    return Exercise(f"schedule {logical}", start, ended)


def fail_to_fire(logical):
    """A schedule that may not invoke: what it was to do goes to the dead letters."""

    def start(stack, number):
        schedule = stack.schedules()[logical]
        role = schedule["Target"]["RoleArn"].rsplit("/", 1)[1]
        with rights.denied(stack, role, "lambda:InvokeFunction"):
            mark = stack.mark()
            stack.fire(schedule, f"exercise-{number}")
            stack.until(lambda: letter(stack) or keep_refused(stack, mark), "the task is kept, or may not be")

    return Exercise(f"schedule {logical} that may not invoke", start, at_once)


def fail_in_function(logical):
    """A schedule's function that may not do its work: the invocation goes to the dead letters."""

    def start(stack, number):
        schedule = stack.schedules()[logical]
        role = stack.role_of(schedule["Target"]["Arn"])
        with rights.denied(stack, role, ["dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:GetItem"]):
            mark = stack.mark()
            stack.fire(schedule, f"exercise-{number}")
            stack.until(lambda: letter(stack) or keep_refused(stack, mark), "the failure is kept, or may not be")

    return Exercise(f"schedule {logical} whose function fails", start, at_once)


def keep_refused(stack, mark):
    return [entry for entry in stack.refusals(mark) if entry[1] == "sqs:SendMessage"]


def letter(stack):
    return stack.letters("InvocationDeadLetters")


def stream_failure(item):
    """A stream record that cannot be worked off."""
    return (
        lambda stack, number: stack.put_item("OperationsTable", item(stack, number)),
        lambda stack, _: stack.letters("StreamDeadLetters"),
    )


def forbidden_continuation(stack, number):
    return continuation(stack, f"forbidden/{number}.ndjson")


def unreadable_mail(_, number):
    return {**outbox_item(f"unreadable-{number}"), "doc": "no document"}


def exercises(stack):
    """Every exercise, the quick ones first: a right is tried with the first that needs it."""
    return [
        *(reading(path) for path in READINGS),
        *(fire(logical) for logical in stack.schedules()),
        Exercise("send an export", post_export, lambda stack, key: stack.export(key)),
        Exercise("take an export with everything in it", put_mixed, mailed),
        Exercise("decide and describe", decide_and_describe, at_once),
        Exercise("replay", replay, replayed),
        Exercise("an object that is gone", announce_gone_object, gone_object_noted),
        Exercise("an object without a version", announce_without_version, lambda stack, key: stack.export(key)),
        Exercise("a page that gets smaller", shrink_page, lambda stack, key: stack.export(key)),
        Exercise("a page in parts is read", read_cut_page, at_once),
        Exercise("a first start in a new shop", put_after_cold_start, mailed),
        Exercise("a mail by the domain", mail_by_domain, mailed),
        Exercise("a continuation that fails", *stream_failure(forbidden_continuation)),
        Exercise("a mail that fails", *stream_failure(unreadable_mail)),
        *(fail_to_fire(logical) for logical in stack.schedules()),
        # While the supplier is closed nobody looks at the deposit.
        *(fail_in_function(logical) for logical in stack.schedules() if not (CLOSED and "LookAtDeposit" in logical)),
    ]


READINGS = (
    "/v1/outlets",
    f"/v1/outlets/{OUTLET}/days?from=2025-10-01&to=2025-12-31",
    f"/v1/customers/OYAKO_MOKA_{REGULAR}",
    "/v1/quarantine",
    "/v1/audit",
    "/v1/mails/not-sent",
    "/v1/exports/exp_none",
)
