"""What guests may ask about their data, on the deployed stack: the shop's side of it, through the HTTP API."""

import json
import secrets

from exports import PHONE
from stack import Refused

# The alphabet of an API key's id, as far as it is needed here.
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def customer(guest):
    """The id of a guest, by the number that exports.py knows them by."""
    return f"OYAKO_MOKA_{guest}"


def phone(guest):
    """The guest's phone number, as they say it."""
    return f"{PHONE}{guest % 10_000:04}"


def call(stack, method, path, body=None):
    """A request of somebody who may see people. A missing right is an answer of 5xx."""
    key = stack.api_key("p" + "".join(secrets.choice(LETTERS) for _ in range(10)))
    status, document = stack.call(method, path, body, key)
    if status >= 500:
        raise Refused(f"{method} {path}: {status} {document}")
    if status >= 400:
        raise AssertionError(f"{method} {path}: {status} {document}")
    return document


def note(stack, guest, kind, **correction):
    """Notes what a guest asks for; answers the request's id."""
    body = {"kind": kind, "customer": customer(guest), **correction}
    return call(stack, "POST", "/v1/rights", body)["id"]


def ask(stack, guest, kind, **correction):
    """Notes what a guest asks for, checks who asks, and orders it. Answers the request's id."""
    request = note(stack, guest, kind, **correction)
    checked = call(stack, "POST", f"/v1/rights/{request}/check", {"method": "in_person", "told": phone(guest)})
    if checked["state"] != "verified":
        raise AssertionError(f"nobody recognised guest {guest}: {checked}")
    call(stack, "POST", f"/v1/rights/{request}/execute")
    return request


def answer(stack, guest, kind):
    """As `ask`, and waits until it was carried out, or may not be. Answers the request's id."""
    role, mark = stack.names["HonourRightsRole"], stack.mark()
    request = ask(stack, guest, kind)
    refused = lambda: [seen for seen in stack.refusals(mark) if seen[0] == role]
    stack.until(lambda: is_done(stack, request) or refused(), f"{request} is carried out, or may not be")
    if not is_done(stack, request):
        raise Refused(f"{request} is not carried out: {refused()}")
    return request


def is_done(stack, request):
    """Whether a request was carried out."""
    (item,) = stack.items("DutiesTable", pk=f"Z#{request}", sk="Z")
    return json.loads(item["doc"]["S"])["state"] == "done"
