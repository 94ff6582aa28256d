"""What guests and staff do on the deployed stack, through its HTTP API and nothing else."""

import datetime
import hashlib
import json
import re
import time
import urllib.parse

from exports import OUTLET, export, receipt

# The id of a session is 43 characters of base64url; any will do.
SESSION = "e2e-session".ljust(43, "_")
CSRF = "e2e-csrf"


def days_ago(number):
    """A business date whose guests can still answer."""
    return str(datetime.date.today() - datetime.timedelta(days=number))


def link(stack, key, number, day, customer=None):
    """Sells something on a day, and answers the path of the guest's page."""
    stack.ingested(f"incoming/guest-{number}.ndjson", export(receipt(number, customer, day=day)))
    return path_of(stack, key, number, day)


def path_of(stack, key, number, day):
    """The path of the page of a receipt that is stored."""
    status, page = stack.call("GET", f"/v1/links?outlet={OUTLET}&date={day}&limit=500", key=key)
    if status != 200:
        raise AssertionError(f"no links: {status} {page}")
    (url,) = [item["url"] for item in page["items"] if item["no"] == f"E{number}"]
    return urllib.parse.urlsplit(url).path


def look(stack, path, **headers):
    """Opens a page as a browser does. Answers its status and text."""
    return stack.send("GET", path, None, Accept="text/html", **headers)


def answer(stack, path, **fields):
    """Fills in the guest's form and sends it. Answers status and text."""
    body = urllib.parse.urlencode({"lang": "id", **fields})
    return stack.send("POST", path, body, Accept="text/html", **{"Content_Type": "application/x-www-form-urlencoded"})


def answers(stack, path_or_number):
    """The stored answers that speak of a receipt."""
    return [item for item in stack.items("FeedbackTable", kind="answer") if path_or_number in item["doc"]["S"]]


def cases(stack, number):
    """The documents of the cases of a receipt, by its number."""
    found = [json.loads(item["doc"]["S"]) for item in stack.items("FeedbackTable", kind="case")]
    return [case for case in found if f"e2e-{number}" in json.dumps(case["receipt"])]


class Staff:
    """A person of the shop with a session, put into the store as a sign-in does: there is no issuer here."""

    def __init__(self, stack, *roles, name="a"):
        self.stack, self.session = stack, SESSION[:-1] + name
        person = {"subject": f"e2e-{name}", "name": "Petugas Uji", "roles": list(roles), "outlets": "all"}
        now = int(time.time())
        self._store("session", json.dumps({"person": person, "csrf": CSRF}), now + 3600)
        self._store("seen", str(now * 1000), now + 1800)

    def _store(self, kind, content, expires_at):
        digest = hashlib.sha256(f"{kind}\n{self.session}".encode()).hexdigest()
        item = {"pk": {"S": f"N#{digest}"}, "sk": {"S": "N"}, "kind": {"S": "session"}, "doc": {"S": content}}
        item["expires_at"] = {"N": str(expires_at)}
        self.stack.client("dynamodb").put_item(TableName=self.stack.names["OperationsTable"], Item=item)

    def look(self, path):
        """Opens a page. Answers its status and text."""
        return self.stack.send("GET", path, None, Accept="text/html", Cookie=f"__Host-session={self.session}")

    def press(self, path, **fields):
        """Sends a form of our own page. Answers status and text."""
        return self.stack.send(
            "POST",
            path,
            urllib.parse.urlencode({"csrf": CSRF, **fields}),
            Accept="text/html",
            Cookie=f"__Host-session={self.session}",
            Content_Type="application/x-www-form-urlencoded",
            Sec_Fetch_Site="same-origin",
        )


def title(page):
    """The title of a page, for messages of tests."""
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    return found[1].strip() if found else page[:80]
