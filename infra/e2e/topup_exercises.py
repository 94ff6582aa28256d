"""Short pieces of work around top-ups, each of which needs some of the stack's rights."""

import json

import guests
import rights
import session
import supplier
import topups
from api import fire_now, get
from exercises import Exercise, at_once, post_form, reading, renew, sent_mails
from feedback_exercises import checked
from stack import Refused

READINGS = (
    "/v1/topups",
    "/v1/topups?state=success",
    "/v1/products",
    "/v1/balance",
    f"/v1/statements/{topups.today()}",
    "/v1/webhooks",
    "/v1/topup-products",
    "/v1/topup-partners",
    "/v1/topup-reviews",
    f"/v1/topup-books?date={topups.today()}",
)


def deliver(stack, number):
    """A partner orders, and is told that it was delivered."""
    topups.open_shop(stack)
    refid = topups.order(stack, number)
    topups.comes_to(stack, refid, "success")
    get(stack, f"/v1/topups/{refid}")
    return refid


def told(stack, refid):
    return topups.state(stack, refid) == "success" and session.supplier().messages(refid)


def deliver_afresh(stack, number):
    """The same by functions that have just started, and know no secret yet."""
    for logical in ("ServeTopupsFunction", "TellPartnersFunction"):
        renew(stack, stack.names[logical], f"started anew, number {number}")
    topups.open_shop(stack)
    topups.secret(stack)
    return deliver(stack, number)


def refuse(stack, number):
    """A number that the supplier does not know; and the shop has its failure forgotten."""
    refid = topups.order(stack, number, supplier.WRONG_NUMBER)
    topups.comes_to(stack, refid, "failed")
    released = {"destination": topups.destination(number, supplier.WRONG_NUMBER)}
    topups.done(stack, "POST", "/v1/topup-destinations/release", released)


def decide(stack, number):
    """Nobody knows the end of an order: the shop is told, and two people decide."""
    refid = topups.hand_over(stack, number)
    get(stack, f"/v1/topup-reviews/{refid}")
    topups.decide(stack, refid, verdict="not_delivered")
    return refid


def decided(stack, refid):
    return topups.state(stack, refid) == "failed" and sent_mails(stack, refid)


def decide_on_pages(stack, number):
    """The same on the dashboard, by two approvers."""
    refid = topups.hand_over(stack, number)
    one, other = (guests.Staff(stack, "approver", name=name) for name in ("t", "u"))
    for path in ("/topups", f"/topups/{refid}", "/topups/books", f"/topups/partners/{topups.PARTNER}"):
        checked(one.look(f"/dashboard{path}"), path)
    said = {"verdict": "not_delivered", "reason": "Tidak ada di pemasok"}
    for staff, deed, fields in [(one, "propose", said), (other, "reject", {}), (other, "propose", said), (one, "confirm", {})]:
        here = f"/dashboard/topups/{refid}"
        (version,) = set(topups.VERSION.findall(checked(staff.look(here), here)))
        post_form(staff.press(f"{here}/{deed}", version=version, **fields), deed)
    return refid


def report(stack, number):
    """The supplier reports about an order that is pending, which is a reason to ask; and one token is nobody's."""
    refid = topups.order(stack, number, supplier.PENDING)
    topups.comes_to(stack, refid, "pending")
    path = "/v1/reports/kiosampm"
    stack.send("GET", f"{path}/{supplier.REPORT_TOKEN}?refid={refid}&message=x")
    stack.send("GET", f"{path}/nobodys?refid={refid}&message=x")
    return refid


def reported(stack, refid):
    return json.loads(topups.stored(stack, refid)["doc"]["S"]).get("reports")


def describe(stack, _):
    """The catalogue, partners and prefixes are changed by people."""
    topups.open_shop(stack)
    topups.secret(stack)
    for path in (f"/v1/topup-products/{topups.PRODUCT}", f"/v1/topup-partners/{topups.PARTNER}"):
        get(stack, path)
    status, prefixes = stack.send("GET", "/v1/topup-prefixes", Authorization=f"Bearer {stack.api_key('x')}")
    if status == 200:
        topups.done(stack, "PUT", "/v1/topup-prefixes", prefixes.encode(), Content_Type="text/plain")
    topups.done(stack, "DELETE", "/v1/topup-prefixes")


def refused_by_the_supplier(stack, number):
    """The supplier does not know us any more: nothing is sent, and the shop is told. Then it does again."""
    held = topups.order(stack, number, supplier.REFUSED)
    role, mark = stack.names["SendTopupsRole"], stack.mark()
    refused = lambda: [seen for seen in stack.refusals(mark) if seen[0] == role]
    stack.until(lambda: topups.pause_is_noted(stack) or refused(), "sending pauses, or may not")
    if topups.pause_is_noted(stack):
        topups.age(stack, held, by_ms=2 * 60_000)
        fire_now(stack, "OrdersDue", f"held-{number}")
        session.quiet(stack)
        if topups.state(stack, held) != "unknown":
            raise AssertionError(f"{held} was asked about although nothing is")
    topups.go_on_sending(stack)
    fire_now(stack, "OrdersDue", f"going-on-{number}")
    return held


def sent_after_all(stack, refid):
    return topups.state(stack, refid) == "success"


def give_up_telling(stack, number):
    """A partner's server refuses, for the tenth time; and is told again by hand."""
    role, mark = stack.names["TellPartnersRole"], stack.mark()
    refused = lambda since: [seen for seen in stack.refusals(since) if seen[0] == role]
    topups.open_shop(stack, hook="/refuses")
    refid = topups.order(stack, number)
    topups.comes_to(stack, refid, "success")
    place = {"pk": f"W#whk_{refid}_success", "sk": "W"}
    stack.until(lambda: tried(stack, place) or refused(mark), "the partner refuses, or may not be told")
    if not tried(stack, place):
        topups.open_shop(stack)
        raise Refused(f"nobody is told about {refid}: {refused(mark)}")
    (item,) = stack.items("TopupsTable", **place)
    document = {**json.loads(item["doc"]["S"]), "attempts": 9, "due_ms": 1}
    again = {"work": {"S": "webhooks"}, "work_at": {"S": f"{1:015}"}, "doc": {"S": json.dumps(document)}}
    stack.client("dynamodb").put_item(TableName=stack.names["TopupsTable"], Item={**item, **again})
    fire_now(stack, "WebhooksDue", f"tenth-{number}")
    mark = stack.mark()
    stack.until(lambda: given_up(stack, place) or refused(mark), "the message is given up, or may not be")
    topups.open_shop(stack)
    if not given_up(stack, place):
        raise Refused(f"the message about {refid} is not given up: {refused(mark)}")
    get(stack, "/v1/webhooks")
    topups.done(stack, "POST", f"/v1/webhooks/whk_{refid}_success/send-again")
    return refid


def tried(stack, place):
    """The message once the answer is stored: the attempt itself is counted before."""
    return [item for item in stack.items("TopupsTable", **place) if '"last":"500"' in item["doc"]["S"]]


def given_up(stack, place):
    return stack.items("TopupsTable", **place, state="given_up")


def told_at_last(stack, refid):
    return stack.items("TopupsTable", pk=f"W#whk_{refid}_success", sk="W", state="delivered")


def stream_that_fails(kind, state, role):
    """A record of the stream that cannot be worked off, because the table can't be read meanwhile."""

    def start(stack, number):
        keys = {"pk": f"X#{kind}-{number}", "sk": "X", "kind": kind, "state": state, "wake": "now"}
        if kind == "topup":
            keys |= {"pk": f"O#E2E{number:017}", "sk": "O"}
        else:
            keys |= {"pk": f"W#whk_E2E{number:017}_success", "sk": "W"}
        with rights.denied(stack, stack.names[role], ["dynamodb:Query", "dynamodb:GetItem", "dynamodb:BatchGetItem"]):
            mark = stack.mark()
            stack.put_item("TopupsTable", {**keys, "doc": "no document"})
            kept = lambda: [seen for seen in stack.refusals(mark) if seen[1] == "sqs:SendMessage"]
            stack.until(lambda: stack.letters("StreamDeadLetters") or kept(), "the record is given up, or may not be")
        place = {name: {"S": keys[name]} for name in ("pk", "sk")}
        stack.client("dynamodb").delete_item(TableName=stack.names["TopupsTable"], Key=place)

    return Exercise(f"a record of a {kind} that fails", start, at_once)


def topup_exercises():
    """Every exercise, the quick ones first; none while the supplier is closed."""
    if supplier.CLOSED:
        session.NOTES.append("top-ups: the supplier is closed around midnight in Jakarta, so nothing was ordered")
        return []
    return [
        Exercise("the catalogue and partners are described", describe, at_once),
        *(reading(path) for path in READINGS),
        Exercise("a top-up", deliver, told),
        Exercise("a top-up by functions that have just started", deliver_afresh, told),
        Exercise("a top-up of a wrong number", refuse, at_once),
        Exercise("a report about a top-up", report, reported),
        Exercise("a top-up that two people decide", decide, decided),
        Exercise("a top-up that two approvers decide on its page", decide_on_pages, decided),
        Exercise("the supplier refuses us", refused_by_the_supplier, sent_after_all),
        Exercise("a partner that can't be told", give_up_telling, told_at_last),
        stream_that_fails("topup", "new", "SendTopupsRole"),
        stream_that_fails("webhook", "queued", "TellPartnersRole"),
    ]
