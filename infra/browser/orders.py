"""A partner's orders of top-ups, through the API: the demonstration's partner at the simulated supplier.

The last four digits of a number say what becomes of an order: see docs/kiosampm.md. Each order has a number of its
own, because what was bought for a number is not bought again.
"""

import datetime
import functools
import itertools
import json
import uuid

import session
from shop import WIB, Refused, Shop

# Delivered, and then reported as failed; failed, and then reported as delivered.
DELIVERED_REPORTED_FAILED = "9042"
FAILED_REPORTED_DELIVERED = "9043"
# Numbers of Telkomsel; no log may hold what they begin with.
BEGINNING = "081271"
NUMBERS = itertools.count(10)
# A report that comes before the answer is settled says nothing: then there is another order.
ATTEMPTS = 4
REPORT_SECONDS = 25


def is_closed():
    """Whether the supplier is closed, or about to be: no order would end."""
    now = datetime.datetime.now(WIB).time()
    # From 23:25 on nothing is sent, and a report about an order takes a while to come.
    return now >= datetime.time(23, 0) or now <= datetime.time(0, 40)


def shop():
    return Shop(session.current().machine, "moka-710006")


def partner_key():
    """The key of the demonstration's partner."""
    text = (session.current().machine.folder / "data/partner.env").read_text(encoding="utf-8")
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)["PARTNER_KEY"]


def order(ending):
    """Orders ten thousand for a new number; answers the order's id, and the number."""
    number = f"{BEGINNING}{next(NUMBERS)}{ending}"
    headers = {
        "Authorization": f"Bearer {partner_key()}",
        "Idempotency-Key": str(uuid.uuid4()),
        "Content-Type": "application/json",
    }
    body = json.dumps({"product": "S10", "destination": number}).encode()
    # The functions are started with the first request; the supplier's prices may not be there yet.
    taken = Shop.until(lambda: tried(body, headers))
    assert taken, "no order was taken"
    return taken["refid"], number


def tried(body, headers):
    try:
        return shop().call("POST", "/v1/topups", body, headers)
    except Refused as refusal:
        if "TOPUP_" in str(refusal):
            raise
        return None


def review(refid):
    """The order as staff see it."""
    return shop().get(f"/v1/topup-reviews/{refid}")


def contradicted(ending):
    """An order that ended, and of which the supplier then reports the opposite; its id, and its number."""
    for _ in range(ATTEMPTS):
        refid, number = order(ending)
        if Shop.until(lambda: review(refid)["to_decide"], REPORT_SECONDS):
            return refid, number
    raise AssertionError(f"no report against an order: {review(refid)}")


@functools.cache
def waiting():
    """An order that waits for people, and that no test decides; its id."""
    return contradicted(FAILED_REPORTED_DELIVERED)[0]
