"""What a shop does, through the API: sells, sends its day, looks for links and figures."""

import datetime
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

WIB = datetime.timezone(datetime.timedelta(hours=7))
# How long work that goes through queues and streams may take on a busy machine.
PATIENCE_SECONDS = 90


class Refused(Exception):
    """The API refused; the text is its answer."""


class NotNow(Refused):
    """The API could not answer: a status from 500 on."""


class Shop:
    """An outlet of its own, so that tests do not see each other's figures."""

    def __init__(self, machine, outlet):
        self.machine = machine
        self.outlet = outlet
        self.number = 0
        # One moment for all that is sold, so that it is all of one day also around midnight.
        self.moment = datetime.datetime.now(WIB)

    def call(self, method, path, body=None, headers=None, **query):
        """Calls the API with the admin's key; answers the document, or text where it is none."""
        address = self.machine.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Authorization": f"Bearer {self.machine.api_key}"} | (headers or {})
        request = urllib.request.Request(address, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read().decode()
                is_json = "json" in answer.headers.get("Content-Type", "")
                return json.loads(text) if is_json else text
        except urllib.error.HTTPError as refusal:
            kind = NotNow if refusal.status >= 500 else Refused
            raise kind(f"{method} {path}: {refusal.status} {refusal.read().decode()[:400]}") from refusal

    def get(self, path, **query):
        return self.call("GET", path, **query)

    @property
    def today(self):
        """The outlet's business date: it was left undescribed, so its day is Jakarta's."""
        return self.moment.date().isoformat()

    def receipt(self, dishes, customer=None, **more):
        """A receipt of the shop's moment with these dishes, a pair of name and variant each."""
        self.number += 1
        lines = [
            {"name": name, "variant": variant, "qty": "1", "unit_price": "30000", "gross": "30000", "net": "30000"}
            for name, variant in dishes
        ]
        total = str(30000 * len(lines))
        at = self.moment.isoformat()
        return {
            "schema": "sikp.pos.receipt/1",
            "receipt_id": f"{self.outlet}-{self.number:04}",
            "receipt_no": f"S{self.number:04}",
            "source": {"system": "moka"},
            "outlet": {"id": self.outlet.removeprefix("moka-"), "name": f"Uji {self.outlet}"},
            "revision": {"updated_at": at},
            "paid_at": at,
            "kind": "sale",
            "status": "paid",
            "order_type": "dine_in",
            "customer": customer,
            "totals": {"gross": total, "discount": "0", "net": total, "service": "0", "tax": "0", "rounding": "0", "total": total},
            "lines": lines,
        } | more

    def send(self, receipts, text=None):
        """Sends an export and waits until it is read; answers what became of it."""
        body = text or "\n".join(json.dumps(receipt) for receipt in receipts)
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
        sent = self.call("POST", "/v1/exports", body.encode(), headers, filename=f"{self.outlet}.ndjson")
        read = lambda: self.get(f"/v1/exports/{sent['id']}")  # noqa: E731 - a question asked again and again
        return self.until(lambda: read() if read()["state"] in ("done", "failed") else None)

    def drop(self, folder, receipts):
        """Puts an export into the bucket's folder, and waits until it is read; answers what became of it."""
        name = f"{self.outlet}-{self.number}.ndjson"
        place = self.machine.folder / "data/s3/exports/incoming" / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("\n".join(json.dumps(receipt) for receipt in receipts), encoding="utf-8")

        def read():
            try:
                export = self.get("/v1/exports", key=f"incoming/{folder}/{name}")
            except Refused:
                return None
            return export if export["state"] in ("done", "failed") else None

        return self.until(read)

    def store(self, action, **request):
        """Asks the one-machine run's database itself, as `aws dynamodb` would."""
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{action}",
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": "20250101T000000Z",
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20250101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
        }
        body = json.dumps(request).encode()
        asked = urllib.request.Request(self.machine.setting("AWS_ENDPOINT_URL"), data=body, headers=headers)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise Refused(f"{action}: {refusal.read().decode()[:400]}") from refusal

    def link(self, number):
        """The guest's address of a receipt, by the number printed on it."""
        links = self.get("/v1/links", outlet=self.outlet, date=self.today)["items"]
        (address,) = [link["url"] for link in links if link["no"] == number]
        return address

    @staticmethod
    def until(question, seconds=PATIENCE_SECONDS):
        """Asks until the answer is something; what it is in the end. Where the API cannot answer, there is none yet."""
        end = time.monotonic() + seconds
        while True:
            try:
                answer = question()
            except NotNow:
                answer = None
            if answer or time.monotonic() > end:
                return answer
            time.sleep(0.3)
