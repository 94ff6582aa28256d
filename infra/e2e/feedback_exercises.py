"""Short pieces of work around what guests say, each of which needs some of the stack's rights."""

import urllib.parse

import guests
from api import fire_now, get, request
from exercises import Exercise, Refused, at_once, cut_page, post_form, reading, sent_mails
from exports import OUTLET, broken, export, receipt

RECENT = guests.days_ago(3)
SPAN = f"from={guests.days_ago(20)}&to={guests.days_ago(0)}"
MONTHS = f"from={guests.days_ago(300)}&to={guests.days_ago(0)}"

READINGS = (
    f"/v1/links?outlet={OUTLET}&date=2025-11-03",
    f"/v1/satisfaction?{SPAN}",
    f"/v1/satisfaction?outlet={OUTLET}&{MONTHS}",
    f"/v1/satisfaction/menus?{SPAN}",
    "/v1/satisfaction/menus/Es%20Teh",
    "/v1/feedback",
    f"/v1/feedback?outlet={OUTLET}",
    "/v1/cases",
    f"/v1/cases?outlet={OUTLET}",
    "/v1/sync",
    f"/v1/sync?outlet={OUTLET}",
)
CODES = f"/links?outlet={OUTLET}&date={RECENT}"
PAGES = ("", "/satisfaction", "/menu", "/comments", "/cases", CODES, "/sync", "/errors", "/audit")


def checked(told, what):
    """A page that was shown; a refusal of a right is an answer of 5xx."""
    status, text = told
    if status >= 500:
        raise Refused(f"{what}: {status} {guests.title(text)}")
    if status >= 300:
        raise AssertionError(f"{what}: {status} {guests.title(text)}")
    return text


def answered(stack, number, customer=None, day=RECENT, **fields):
    """A guest buys, opens the page and fills it in. Answers the receipt's number."""
    named = f"guest{number}"
    path = guests.link(stack, stack.api_key(f"g{number}"), named, day, customer)
    checked(guests.look(stack, path), "the guest's page")
    checked(guests.answer(stack, path, **fields), "the guest's answer")
    return named


def answer_badly(stack, number):
    return answered(stack, number, overall=1, d0=2, comment=f"Terlalu asin {number}")


def mailed_and_open(stack, named):
    """There is a case, and the shop was told of it."""
    return guests.cases(stack, named) and sent_mails(stack, f"e2e-{named}")


def put_rated(stack, number):
    """An export that brings a rating along."""
    sold = receipt(f"rated{number}", day=RECENT)
    sold["lines"][0]["rating"] = 4
    stack.put_export(f"incoming/rated-{number}.ndjson", export(sold))
    return f"e2e-rated{number}"


def come_back(stack, number):
    """A guest was not happy, and buys again two days later; then the night looks."""
    named = answered(stack, number, customer=5000 + number, overall=2, comment="Lama sekali")
    stack.until(lambda: guests.cases(stack, named), "the low score is a case")
    stack.ingested(f"incoming/back-{number}.ndjson", export(receipt(f"back{number}", 5000 + number, guests.days_ago(1))))
    fire_now(stack, "Recoveries", f"back-{number}")
    return named


def recovered(stack, named):
    return any(case.get("recovered") for case in guests.cases(stack, named))


def count_cut_page(stack, number):
    """A day whose page is in parts is counted: its summary is written once more, as it is."""
    day = cut_page(stack, number)
    (summary,) = stack.items("SalesTable", pk=f"O#{OUTLET}", sk=f"S#{day}")
    mark = stack.mark()
    touched = {**summary, "touched": {"N": str(number)}}
    stack.client("dynamodb").put_item(TableName=stack.names["SalesTable"], Item=touched)
    return mark


def counted(stack, mark):
    return stack.invocations(stack.names["ScoreFeedbackFunction"], mark)


def links_of_cut_page(stack, number):
    get(stack, f"/v1/links?outlet={OUTLET}&date={cut_page(stack, number)}")


def settle(stack, number):
    """Somebody works on a case, and a guest's words are erased."""
    (case, *_) = get(stack, f"/v1/cases?outlet={OUTLET}")["items"]
    body = {"state": "contacted", "note": f"ditelepon {number}"}
    request(stack, "POST", f"/v1/cases/{OUTLET}/{case['id']}", body)
    said = [item for item in get(stack, f"/v1/feedback?outlet={OUTLET}")["items"] if item.get("comment")]
    request(stack, "DELETE", f"/v1/feedback/{urllib.parse.quote(said[0]['receipt'], safe='')}/words")


def rotate(stack, _):
    request(stack, "POST", "/v1/links/rotate")


def walk_around(stack, number):
    """A person of the staff looks at every page, has a record replayed, and signs out."""
    staff = guests.Staff(stack, "approver", "auditor", name="abcdefghij"[number % 10])
    export_id = stack.ingested(f"incoming/page-{number}.ndjson", export(broken(f"pg{number}", 8)))["id"]
    (piece,) = get(stack, f"/v1/quarantine?export={export_id}")["items"]
    for page in (*PAGES, f"/errors/{piece['id']}"):
        checked(staff.look(f"/dashboard{page}"), page)
    post_form(staff.press(f"/dashboard/errors/{piece['id']}/replay"), "the replay")
    checked(staff.press("/dashboard/logout"), "signing out")


def sign_in_elsewhere(stack, _):
    """A browser comes back from the issuer with a sign-in that nobody knows: it is looked for all the same."""
    cookie = f"__Host-login={guests.SESSION}"
    status, text = stack.send("GET", "/dashboard/callback?state=a&code=b", None, Accept="text/html", Cookie=cookie)
    if status >= 500:
        raise Refused(f"the callback: {status} {guests.title(text)}")


def uncountable(stack, number):
    """An answer whose key names no receipt."""
    stack.put_item("FeedbackTable", {"pk": f"O#{OUTLET}", "sk": f"A#nonsense-{number}", "kind": "answer", "doc": "{}"})


def feedback_exercises():
    """Every exercise, the quick ones first."""
    return [
        *(reading(path) for path in READINGS),
        Exercise("a guest who was not happy", answer_badly, mailed_and_open),
        Exercise("an export with ratings", put_rated, guests.answers),
        Exercise("a new key for links", rotate, at_once),
        Exercise("links of a page in parts", links_of_cut_page, at_once),
        Exercise("a page in parts is counted", count_cut_page, counted),
        Exercise("a guest who comes back", come_back, recovered),
        Exercise("a case is worked on", settle, at_once),
        Exercise("staff walk around", walk_around, at_once),
        Exercise("a sign-in from nowhere", sign_in_elsewhere, at_once),
        Exercise(
            "an answer that cannot be counted", uncountable, lambda stack, _: stack.letters("StreamDeadLetters")
        ),
    ]
