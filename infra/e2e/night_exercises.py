"""Short pieces of work around the night, each of which needs some of the stack's rights."""

import nights
import people
from api import get, request
from exercises import REGULAR, Exercise, at_once, reading, renew, sent_mails
from exports import OUTLET, export, receipt
from stack import Refused

READINGS = (
    "/v1/nights",
    "/v1/findings",
    f"/v1/findings?outlet={OUTLET}",
)


def whole_night(stack, number):
    """A night fetches from both servers, reconciles, enriches a guest who is new and one who has come before,
    and is reported."""
    date = nights.date_of(number)
    nights.forget_unfinished(stack)
    guests = ((f"n{number}", 23_000 + number), (f"o{number}", REGULAR))
    nights.sell(number, date, *(receipt(name, guest, day=date) for name, guest in guests))
    nights.drive(stack, date)
    return date


def reported(stack, date):
    return nights.is_over(stack, date) and sent_mails(stack, f'"{date}"')


def accept_a_finding(stack, _):
    """Somebody looks at a night and what it found, and says that it is fine."""
    (night, *_) = get(stack, "/v1/nights")["items"]
    get(stack, f"/v1/nights/{night['date']}?phase=enrich")
    (finding, *_) = get(stack, "/v1/findings")["items"]
    path = f"/v1/findings/{finding['outlet']}/{finding['date']}/{finding['code']}"
    get(stack, path)
    request(stack, "POST", path, {"reason": "Gerai tutup hari itu"})


def old_shop(stack, number):
    """A night in a shop that knew its guests before there was an index of their numbers, and counted before there were
    short figures beside the whole ones."""
    place = {"TableName": stack.names["CustomersTable"], "Key": {"pk": {"S": "W#phones"}}}
    stack.client("dynamodb").delete_item(**place)
    day_before = nights.day_before(nights.date_of(number))
    stack.ingested(f"incoming/day-before-{number}.ndjson", export(receipt(f"y{number}", day=day_before)))
    figures = {"pk": {"S": "G#all"}, "sk": {"S": f"D#{day_before}"}}
    stack.until(lambda: stack.items("FeedbackTable", pk="G#all", sk=f"D#{day_before}"), "the day before is counted")
    stack.client("dynamodb").update_item(
        TableName=stack.names["FeedbackTable"], Key=figures, UpdateExpression="REMOVE t"
    )
    # What has looked once remembers that it need not look again.
    renew(stack, stack.names["SyncNightlyFunction"], f"the same, number {number}")
    return whole_night(stack, number)


def erased_while_enriched(stack, number):
    """What a night knows of a guest who is erased that very moment goes with the next look at the day."""
    date, guest = nights.date_of(number), 22_000 + number
    nights.forget_unfinished(stack)
    nights.sell(number, date, receipt(f"w{number}", guest, day=date))
    nights.drive(stack, date)
    place = {"pk": {"S": f"E#{people.customer(guest)}"}}
    table = stack.names["CustomersTable"]
    habit = stack.client("dynamodb").get_item(TableName=table, Key=place).get("Item")
    if habit is None:
        raise Refused("the guest has no habits")
    people.answer(stack, guest, "erasure")
    stack.client("dynamodb").put_item(TableName=table, Item=habit)
    # The next night reads the day again, and there is news of it.
    after = nights.day_after(date)
    nights.sell(number + 500_000, date, receipt(f"v{number}", day=date))
    nights.drive(stack, after)
    return guest, after


def forgotten(stack, told):
    guest, after = told
    return nights.is_over(stack, after) and not stack.items("CustomersTable", pk=f"E#{people.customer(guest)}")


def unreadable_part(stack, number):
    """A part of a night that nobody can read."""
    keys = {"pk": f"R#1999-01-{number % 28 + 1:02}", "sk": "W#pull#00000", "kind": "part", "state": "todo"}
    stack.put_item("DutiesTable", {**keys, "doc": "no document"})
    return keys


def given_up(stack, _):
    return stack.letters("StreamDeadLetters")


def night_exercises():
    """Every exercise, the quick ones first."""
    return [
        Exercise("a part that cannot be read", unreadable_part, given_up),
        Exercise("a night", whole_night, reported),
        Exercise("a night in an old shop", old_shop, reported),
        *(reading(path) for path in READINGS),
        Exercise("a finding is accepted", accept_a_finding, at_once),
        Exercise("somebody erased while a night enriches", erased_while_enriched, forgotten),
    ]
