"""Short pieces of work around what people may ask about their data, each of which needs some of the stack's rights."""

import json

import guests
import nights
import people
from api import get
from exercises import Exercise, at_once, reading
from exports import NAME, export, receipt
from feedback_exercises import answered, checked

READINGS = (
    "/v1/rights",
    "/v1/rights?state=all",
    "/v1/people/affected?from=2025-10-01&to=2025-12-31",
)


def met(stack, number):
    """A guest who has bought something; answers their number."""
    guest = 24_000 + number
    stack.ingested(f"incoming/guest-{guest}.ndjson", export(receipt(f"p{number}", guest)))
    return guest


def correct(stack, number):
    return people.ask(stack, met(stack, number), "correction", field="name", value=f"{NAME} Benar")


def take_back(stack, number):
    """A correction is noted and refused: what it was to bring goes with it."""
    request = people.note(stack, met(stack, number), "correction", field="name", value=f"{NAME} Salah")
    people.call(stack, "POST", f"/v1/rights/{request}/refuse", {"reason": "taken_back"})


def erase(stack, number):
    """Somebody is erased who was not happy, and whose case was worked on."""
    guest = 24_000 + number
    named = answered(stack, number, customer=guest, overall=1, comment="Saya kecewa")
    (case,) = stack.until(lambda: guests.cases(stack, named), "the low score is a case")
    note = {"state": "contacted", "note": "ditelepon"}
    people.call(stack, "POST", f"/v1/cases/{case['outlet']}/{case['id']}", note)
    return people.ask(stack, guest, "erasure")


def erase_one_of_two(stack, number):
    """Two ids of one phone number: a night has met them, and one of them is erased."""
    date, one, other = nights.date_of(number), 24_000 + number, 34_000 + number
    nights.forget_unfinished(stack)
    nights.sell(number, date, *(receipt(f"k{guest}", guest, day=date) for guest in (one, other)))
    nights.drive(stack, date)
    return people.ask(stack, one, "erasure")


def cut_off(stack, number):
    """An erasure whose run ended before it could note the end: it is carried out once more."""
    request = people.answer(stack, met(stack, number), "erasure")
    (item,) = stack.items("DutiesTable", pk=f"Z#{request}", sk="Z")
    told = json.loads(item["doc"]["S"])
    del told["proof"], told["steps"][-1]
    stood = {"state": {"S": "executing"}, "doc": {"S": json.dumps({**told, "state": "executing"})}}
    stack.client("dynamodb").put_item(TableName=stack.names["DutiesTable"], Item={**item, **stood})
    return request


def object_to_it(stack, number):
    return people.ask(stack, met(stack, number), "objection")


def look_and_copy(stack, number):
    """Somebody asks what the shop knows: an approver looks at their page, and hands out the copy."""
    guest = met(stack, number)
    request = people.answer(stack, guest, "access")
    people.call(stack, "POST", "/v1/people/find", {"phone": people.phone(guest)})
    people.call(stack, "GET", f"/v1/people/{people.customer(guest)}/copy")
    approver = guests.Staff(stack, "approver", name="zyxwvutsrq"[number % 10])
    night = get(stack, "/v1/nights")["items"][0]["date"]
    theirs = (f"/people/{people.customer(guest)}", f"/people/requests/{request}")
    for page in ("/people", *theirs, "/nights", f"/nights/{night}", "/findings"):
        checked(approver.look(f"/dashboard{page}"), page)


def unreadable_request(stack, number):
    """A request that nobody can read."""
    keys = {"pk": f"Z#req_unreadable{number}", "sk": "Z", "kind": "rights", "state": "executing"}
    stack.put_item("DutiesTable", {**keys, "doc": "no document"})


def given_up(stack, _):
    return stack.letters("StreamDeadLetters")


def people_exercises():
    """Every exercise, the quick ones first."""
    return [
        *(reading(path) for path in READINGS),
        Exercise("a request that cannot be read", unreadable_request, given_up),
        Exercise("a name is corrected", correct, people.is_done),
        Exercise("a correction is taken back", take_back, at_once),
        Exercise("somebody objects", object_to_it, people.is_done),
        Exercise("somebody asks for a copy", look_and_copy, at_once),
        Exercise("an erasure that was cut off", cut_off, people.is_done),
        Exercise("somebody who has said something is erased", erase, people.is_done),
        Exercise("one of two with the same number is erased", erase_one_of_two, people.is_done),
    ]
