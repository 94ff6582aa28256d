"""Top-ups on the deployed stack, as a partner, the supplier and the shop's people drive them."""

import hashlib
import hmac
import json
import re
import time

import guests
import session
import supplier
from api import fire_now, request
from stack import Refused

PARTNER, PRODUCT = "end-to-end", "E2E5"
# The roles that need the supplier open.
ROLES = {"ServeTopupsRole", "SendTopupsRole", "TellPartnersRole"}
# A form says which version of the order was looked at.
VERSION = re.compile(r'name="version" value="(\d+)"')
# Every number that was topped up: none of them may ever turn up in a log or a mail.
NUMBERS = set()
# A time after which nothing is asked any more.
LONG_MS = 25 * 60_000


def done(stack, method, path, body=None, **headers):
    """A request that has to be granted; answers the document."""
    told = request(stack, method, path, body, **headers)
    if isinstance(told, dict) and isinstance(told.get("status"), int):
        raise AssertionError(f"{method} {path}: {told}")
    return told


def open_shop(stack, hook="/partner"):
    """Puts the product into the catalogue, and describes the partner, who is told under an address of the supplier's
    machine."""
    product = {"name": "Pulsa 5.000", "kind": "pulsa", "operator": "telkomsel", "cost": supplier.PRICE, "price": 6_000}
    done(stack, "PUT", f"/v1/topup-products/{PRODUCT}", {**product, "active": True, "repeatable": False})
    partner = {"name": "Kios Uji", "active": True, "daily_cap": 100_000_000, "per_minute": 6_000, "cutoff": "refuse"}
    address = f"{session.supplier().url}{hook}"
    done(stack, "PUT", f"/v1/topup-partners/{PARTNER}", {**partner, "webhook": address})


def destination(number, ending):
    """A number of Telkomsel's that nobody else tops up."""
    made = f"08217{number:04}{ending}"
    NUMBERS.add(made)
    return made


def order(stack, number, ending=supplier.DELIVERED):
    """Orders a top-up; answers its refid."""
    body = {"product": PRODUCT, "destination": destination(number, ending), "reference": f"e2e-{number}"}
    return done(stack, "POST", "/v1/topups", body, Idempotency_Key=f"topup-{number}-{ending}")["refid"]


def stored(stack, refid):
    """The item of an order."""
    (item,) = stack.items("TopupsTable", pk=f"O#{refid}", sk="O")
    return item


def state(stack, refid):
    """Where an order stands."""
    return stored(stack, refid)["state"]["S"]


def comes_to(stack, refid, *states):
    """Waits until an order stands in one of these states. A missing right shows as one that never does."""
    mark, names = stack.mark(), {stack.names[role] for role in ROLES}
    refused = lambda: [seen for seen in stack.refusals(mark) if seen[0] in names]
    stack.until(lambda: state(stack, refid) in states or refused(), f"{refid} is {' or '.join(states)}, or may not be")
    if state(stack, refid) not in states:
        raise Refused(f"{refid} is {state(stack, refid)}: {refused()}")


def age(stack, refid, by_ms=LONG_MS, **more):
    """Has an order be sent long ago, so that something is due about it."""
    item = stored(stack, refid)
    now_ms = int(time.time() * 1000)
    document = json.loads(item["doc"]["S"])
    moved = {name: document[name] - by_ms for name in ("sent_ms", "state_ms", "accepted_ms") if name in document}
    document = {**document, **moved, "next_ms": now_ms - 1000, **more}
    due = {"work": {"S": "topups"}, "work_at": {"S": f"{now_ms - 1000:015}"}, "doc": {"S": json.dumps(document)}}
    # The stream starts a run at once; a schedule takes its time.
    due["wake"] = {"S": "now"}
    stack.client("dynamodb").put_item(TableName=stack.names["TopupsTable"], Item={**item, **due})


def hand_over(stack, number, ending=supplier.PENDING):
    """An order that nobody knows the end of, and that is for people now; answers its refid."""
    refid = order(stack, number, ending)
    comes_to(stack, refid, "pending", "unknown")
    age(stack, refid)
    fire_now(stack, "OrdersDue", f"hand-over-{number}")
    comes_to(stack, refid, "manual")
    return refid


def decide(stack, refid, **said):
    """Two approvers decide on the order's page: one proposes, the other one confirms."""
    press(stack, "v", refid, "propose", reason="Ditanyakan ke pemasok", **said)
    press(stack, "w", refid, "confirm")


def press(stack, name, refid, deed, **fields):
    """Somebody does something about an order on its page, having seen it."""
    here = f"/dashboard/topups/{refid}"
    staff = guests.Staff(stack, "approver", name=name)
    status, page = staff.look(here)
    if status >= 500:
        raise Refused(f"{here}: {status} {guests.title(page)}")
    (version,) = set(VERSION.findall(page))
    status, page = staff.press(f"{here}/{deed}", version=version, **fields)
    if status >= 500:
        raise Refused(f"{here}/{deed}: {status} {guests.title(page)}")
    if status != 303:
        raise AssertionError(f"{here}/{deed}: {status} {guests.title(page)}")


def go_on_sending(stack):
    """Forgets that the supplier has refused us."""
    stack.client("dynamodb").delete_item(
        TableName=stack.names["TopupsTable"], Key={"pk": {"S": "S"}, "sk": {"S": "pause"}}
    )


def go_on(stack):
    """Forgets that the supplier has refused us, and who holds a lane: a run that could not give it back holds it for
    longer than a test waits."""
    session.quiet(stack)
    go_on_sending(stack)
    for lease in stack.items("TopupsTable", kind="lease"):
        place = {name: lease[name] for name in ("pk", "sk")}
        stack.client("dynamodb").delete_item(TableName=stack.names["TopupsTable"], Key=place)


def secret(stack):
    """Makes the partner a secret of webhooks; answers it."""
    return done(stack, "POST", f"/v1/topup-partners/{PARTNER}/webhook-secret")["secret"]


def signed(told, known):
    """Whether a message bears the signature of a secret."""
    signature, body, _ = told
    (at, *signatures) = [part.split("=", 1)[1] for part in signature.split(",")]
    made = hmac.new(known.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return made in signatures


def pause_is_noted(stack):
    """Whether nothing is sent for a while."""
    return bool(stack.items("TopupsTable", pk="S", sk="pause"))


def today():
    """The date of the books."""
    return str(supplier.NOW.date())
