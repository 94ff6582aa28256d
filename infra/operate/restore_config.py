"""Puts the shop's settings back to what a night wrote down of them: config/DATE.json in the bucket.

    FROM=2026-11-21   the night; required
    API_KEY=oyk_...   a key with the scopes sales:read and admin; asked for, unseen, where it is not set
    API_URL=https://  where the API is, if not where the stack says
    YES=restore       do it without asking

Shows first what differs. Outlets go back through the API, as if a person described them, so that the audit
trail says so. What came since stays. Keys are no part of the document, only that they were there: they are
listed, to be made again.
"""

import getpass
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

from botocore.exceptions import ClientError

from stack import Stack, confirmed

DATE = re.compile(r"\d{4}-\d\d-\d\d")
# As in shared/domain/src/setup.rs and outlet.rs; a test compares them.
SCHEMA = "oyako.setup/1"
LOW_SCORE, LINK_DAYS = 2, 30
TIMEOUT_S = 30


class Refused(RuntimeError):
    """The API did not do what it was asked; the words are its code."""


class Api:
    """The API of the shop, with a key."""

    def __init__(self, url, key):
        self.url, self.key = url.rstrip("/"), key

    def call(self, method, path, body=None):
        """What the API answers."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(code_of(error)) from error

    def outlets(self):
        """Every outlet, by id."""
        found, after = {}, ""
        while True:
            page = self.call("GET", f"/v1/outlets?limit=200{after}")
            found |= {outlet["id"]: outlet for outlet in page["items"]}
            if not page.get("next"):
                return found
            after = f"&after={urllib.parse.quote(page['next'], safe='')}"


def code_of(error):
    """The stable code of a problem document, or the status where there is none."""
    try:
        return json.load(error)["code"]
    except (ValueError, KeyError, TypeError):
        return f"HTTP {error.code}"


def document(stack, date):
    """The settings that a night wrote down."""
    if not DATE.fullmatch(date):
        raise SystemExit("Of which night? Say FROM=2026-11-21.")
    try:
        answer = stack.client("s3").get_object(Bucket=stack.resource("Exports"), Key=f"config/{date}.json")
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        raise SystemExit(f"No night wrote its settings down on {date}: aws s3 ls s3://BUCKET/config/") from error
    setup = json.load(answer["Body"])
    if setup.get("schema") != SCHEMA:
        raise SystemExit(f"Not a document of this version: {setup.get('schema')}")
    return setup


def description(outlet):
    """What the API takes as a description of an outlet; None for one that nobody had described."""
    if outlet.get("name") is None:
        return None
    return {
        "name": outlet["name"],
        "zone": outlet["zone"],
        "cutoff_hour": outlet["cutoff_hour"],
        "placeholder_phones": outlet.get("placeholder_phones", []),
        "low_score": outlet.get("low_score", LOW_SCORE),
        "link_days": outlet.get("link_days", LINK_DAYS),
        "moka_id": outlet.get("moka_id"),
    }


def changes(wanted, known):
    """What putting an outlet back changes, a line each."""
    if known is None:
        return ["is not there any more"]
    return [
        f"{name}: {json.dumps(known.get(name))} -> {json.dumps(value)}"
        for name, value in wanted.items()
        if known.get(name) != value
    ]


def plan(setup, now):
    """The outlets to put back, as (id, description, what differs)."""
    described = [(outlet["id"], description(outlet)) for outlet in setup["outlets"]]
    compared = [(name, wanted, changes(wanted, now.get(name))) for name, wanted in described if wanted]
    return [one for one in compared if one[2]]


def show(setup, now, to_put):
    """Says what differs, and what the document cannot bring back."""
    for name, _, lines in to_put:
        print(f"  {name}")
        for line in lines:
            print(f"      {line}")
    since = sorted(set(now) - {outlet["id"] for outlet in setup["outlets"]})
    if since:
        print(f"{len(since)} came since and stay: {', '.join(since)}")
    gone = [o["id"] for o in setup["outlets"] if description(o) is None and o["id"] not in now]
    if gone:
        print(f"{len(gone)} had no description, they come with their next sales: {', '.join(gone)}")
    print("Not in the document, to be made again where they are gone:")
    for key in setup["keys"]:
        if not key.get("revoked_ms"):
            print(f'  API key "{key["name"]}" ({key["id"]}): {" ".join(key["scopes"])}')
    for key in setup["link_keys"]:
        print(f"  key {key['kid']} of guests' links: without it, printed links are dead")
    print("Settings of that night, to compare with samconfig.toml:")
    for name, value in sorted(setup["settings"].items()):
        print(f"  {name} = {value}")


def put_back(api, to_put):
    """Describes the outlets; answers how many were refused."""
    refused = 0
    for name, wanted, _ in to_put:
        try:
            api.call("PUT", f"/v1/outlets/{name}", wanted)
        except Refused as problem:
            print(f"  {name}: refused, {problem}")
            refused += 1
    print(f"{len(to_put) - refused} outlets are as they were")
    return refused


def api_of(stack):
    """The API of a stack, with the key of whoever asks."""
    url = os.environ.get("API_URL")
    if not url:
        (described,) = stack.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"]
        (url,) = [o["OutputValue"] for o in described["Outputs"] if o["OutputKey"] == "ApiUrl"]
    return Api(url, os.environ.get("API_KEY") or getpass.getpass("API key (sales:read, admin): "))


def main():
    stack = Stack.chosen()
    date = os.environ.get("FROM", "")
    setup = document(stack, date)
    api = api_of(stack)
    now = api.outlets()
    to_put = plan(setup, now)
    print(f"{stack}: back to the settings of {date}")
    show(setup, now, to_put)
    if not to_put:
        print("every outlet is as it was: nothing to put back")
        return 0
    if not confirmed(f"Type restore to put back {len(to_put)} outlets:", "restore"):
        print("nothing was done")
        return 1
    return 1 if put_back(api, to_put) else 0


if __name__ == "__main__":
    sys.exit(main())
