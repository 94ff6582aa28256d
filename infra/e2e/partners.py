"""The servers of other people, on loopback: a central server that lists a day's files, and Moka.

They hand out what a test puts there, and nothing goes wrong with them: what may is tested in
shared/partners. Nobody's tokens are checked here but that the ones in the parameter store were sent.
"""

import hashlib
import http.server
import json
import re
import threading
import time
import urllib.parse

# What stands in the parameter store. None of it may ever turn up in a log.
CENTRAL_TOKEN = "e2e-central-token-7f3a9c"
CLIENT = {"client-id": "e2e-client", "client-secret": "e2e-client-secret-51b0d2", "refresh-token": "e2e-refresh-first"}
ACCESS, REFRESH = "e2e-access", "e2e-refresh"
# Moka has no zones: its clock is the outlet's, which is Jakarta's here.
ZONE_S = 7 * 3600
PAGE = re.compile(r"/v3/outlets/(\d+)/reports/get_latest_transactions")


class Partners:
    """Both servers at one address."""

    def __init__(self):
        self._lock = threading.Lock()
        self._files, self._days, self._payments = {}, {}, {}
        self._renewals, self._access = 0, None
        partners = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self._answer(partners.get(self.path, self.headers.get("Authorization", "")))

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer(partners.post(self.path, body))

            def _answer(self, body):
                status = body if isinstance(body, int) else 200
                content = b"" if isinstance(body, int) else body
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                """Says nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        """Ends the servers."""
        self._server.shutdown()
        self._server.server_close()

    def file(self, date, outlet, name, body):
        """Has the central server list a file under a date."""
        entry = {"name": name, "outlet": outlet, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        with self._lock:
            self._files[name] = body
            self._days.setdefault(date, []).append(entry)

    def payment(self, date, payment):
        """Has Moka tell of a payment on a date."""
        with self._lock:
            self._payments.setdefault(date, []).append(payment)

    def expire(self):
        """Makes the access token void, as time does: the next question needs a new one."""
        with self._lock:
            self._access = None

    def get(self, path, authorization):
        """Answers a GET: bytes, or a status."""
        where, _, query = path.partition("?")
        with self._lock:
            if page := PAGE.fullmatch(where):
                if self._access is None or authorization != f"Bearer {self._access}":
                    return 401
                return self._page(page[1], dict(urllib.parse.parse_qsl(query)))
            if authorization != f"Bearer {CENTRAL_TOKEN}":
                return 401
            kind, name = where.removeprefix("/v1/").split("/", 1)
            if kind == "files":
                return self._files.get(name, 404)
            # A day on which nobody sold anything has a listing too.
            files = self._days.get(name, [])
            listing = {"schema": "sikp.central.day/1", "date": name, "count": len(files), "files": files}
            return json.dumps(listing).encode()

    def _page(self, outlet, asked):
        date = time.strftime("%Y-%m-%d", time.gmtime(float(asked["since"]) + ZONE_S))
        payments = [payment for payment in self._payments.get(date, []) if str(payment["outlet_id"]) == outlet]
        data = {"payments": payments, "next_url": None, "completed": True}
        return json.dumps({"data": data, "meta": {"code": 200, "errors": None}}).encode()

    def post(self, path, body):
        """Answers a POST: new tokens, whichever refresh token came, because a test takes away the right to keep one."""
        told = json.loads(body)
        known = all(told.get(name.replace("-", "_")) == CLIENT[name] for name in ("client-id", "client-secret"))
        if path != "/oauth/token" or not known or not told.get("refresh_token", "").startswith(REFRESH):
            return 401
        with self._lock:
            self._renewals += 1
            self._access = f"{ACCESS}-{self._renewals:04}-9d41"
            refresh = f"{REFRESH}-{self._renewals:04}-2ce8"
            tokens = {"access_token": self._access, "token_type": "Bearer", "expires_in": 7200, "refresh_token": refresh}
        return json.dumps(tokens).encode()


def secrets():
    """What of all this no log may have."""
    return [CENTRAL_TOKEN, CLIENT["client-secret"], CLIENT["refresh-token"], f"{ACCESS}-0", f"{REFRESH}-0"]


def connect(stack, partners):
    """Points the deployed night at these servers, and puts what it needs to know of them into the parameter store.

    The template takes addresses with https alone, as it must: so they are changed in the function. Over plain
    HTTP the function goes to its own machine and nowhere else.
    """
    store = stack.client("ssm")
    central = "/warung-oyako/central/token"
    values = {central: CENTRAL_TOKEN, **{f"/warung-oyako/moka/{name}": value for name, value in CLIENT.items()}}
    for name, value in values.items():
        store.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
    client, function = stack.client("lambda"), stack.names["SyncNightlyFunction"]
    known = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    if known["CENTRAL_TOKEN_PARAMETER"] != central or known["MOKA_PARAMETERS"] != "/warung-oyako/moka":
        raise AssertionError("the template's defaults name other parameters")
    environment = {**known, "CENTRAL_URL": partners.url, "MOKA_URL": partners.url}
    client.update_function_configuration(FunctionName=function, Environment={"Variables": environment})
    version = client.publish_version(FunctionName=function)["Version"]
    client.update_alias(FunctionName=function, Name="live", FunctionVersion=version)
