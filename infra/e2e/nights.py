"""What a night does on the deployed stack, driven as the schedules and an operator drive it."""

import datetime
import json
import time

import session
from deploy import REPOSITORY
from exports import OUTLET, export, receipt
from stack import LIMIT

# The number that Moka knows the outlet by.
MOKA_OUTLET = 100818
SAMPLE = REPOSITORY / "samples/moka-2025-10-26.json"
SAMPLE_DATE = "2025-10-26"
# Nights of years ago: each test has dates that no other sells anything on.
FIRST = datetime.date(2022, 3, 1)
# A night is asked for at eleven in the evening, Jakarta's time.
DUE = "T16:00:00Z"


def date_of(number):
    """The business date of the night with this number, three days from those beside it: each reads three days."""
    return str(FIRST + datetime.timedelta(days=3 * number))


def day_before(date):
    return str(datetime.date.fromisoformat(date) - datetime.timedelta(days=1))


def day_after(date):
    return str(datetime.date.fromisoformat(date) + datetime.timedelta(days=1))


def payment(number, date):
    """A payment as Moka tells it: one of the sample, on another date and with ids of its own."""
    (found, *_) = json.loads(SAMPLE.read_text(encoding="utf-8"))["data"]["payments"]
    day = datetime.date.fromisoformat(date)
    text = json.dumps(found).replace(SAMPLE_DATE, date).replace("26 Oct 2025", f"{day:%d %b %Y}")
    told = json.loads(text.replace(found["id"], f"00000000-0000-4000-8000-{number:012}"))
    return {**told, "payment_no": f"N{number}", "outlet_id": MOKA_OUTLET}


def sell(number, date, *receipts):
    """Has the central server and Moka tell of a date: these receipts, and a payment."""
    body = export(*receipts or [receipt(f"night{number}", 20_000 + number, day=date)])
    session.partners().file(date, OUTLET, f"{OUTLET}-{date}-{number}.ndjson", body)
    session.partners().payment(date, payment(number, date))
    session.partners().expire()


def connect_outlet(stack):
    """Tells the shop by which number Moka knows the outlet."""
    key = stack.api_key("moka")
    status, outlet = stack.call("GET", f"/v1/outlets/{OUTLET}", key=key)
    if status != 200:
        raise AssertionError(f"no outlet: {status} {outlet}")
    outlet = {name: value for name, value in outlet.items() if name != "id"}
    described = {**outlet, "name": outlet["name"] or "Pusat", "moka_id": str(MOKA_OUTLET)}
    status, told = stack.call("PUT", f"/v1/outlets/{OUTLET}", described, key)
    if status >= 300:
        raise AssertionError(f"the outlet is not described: {status} {told}")


def run(stack, task, date=None):
    """Invokes the function as its schedules do, and waits for it."""
    event = {"task": task, **({"at": f"{date}{DUE}"} if date else {})}
    function = f"{stack.names['SyncNightlyFunction']}:live"
    stack.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())


def night(stack, date):
    """The record of a night, as a document; None if there is none."""
    found = stack.items("DutiesTable", pk=f"R#{date}", sk="R")
    return json.loads(found[0]["doc"]["S"]) if found else None


def is_over(stack, date):
    """Whether a night is over, and its end was told: nothing about it changes any more."""
    known = night(stack, date)
    return known is not None and known["phase"] == "over" and known.get("told", False)


def end_all(stack):
    """Has every night that has begun come to its end: whatever begins one again finds nothing to do."""

    def ended():
        known = [json.loads(item["doc"]["S"]) for item in stack.items("DutiesTable", kind="night")]
        if all(night["phase"] == "over" for night in known):
            return True
        run(stack, "go-on")
        return False

    stack.until(ended, "all nights are over")


def forget_unfinished(stack):
    """Forgets the nights that a right was missing for: the next one is not to go on with them."""
    dynamo, table = stack.client("dynamodb"), stack.names["DutiesTable"]
    for item in stack.items("DutiesTable"):
        lying = item.get("kind", {}).get("S") in ("night", "part") and "work" in item
        if lying or item["pk"]["S"].startswith("T#"):
            dynamo.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})


def drive(stack, date):
    """Begins a night and has it come to its end, or to the first thing that it may not do."""
    role, mark = stack.names["SyncNightlyRole"], stack.mark()
    run(stack, "sync", date)
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline and not is_over(stack, date):
        if any(name == role for name, _, _ in stack.refusals(mark)):
            return
        time.sleep(0.3)
        run(stack, "go-on")
