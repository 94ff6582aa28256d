"""The supplier of top-ups, kiosAMPM, on loopback, and a partner's server that is told what became of an order.

It answers as source document 002 writes it, and nothing goes wrong with it but what the end of a destination asks
for, as with the simulator of infra/sims. Every purchase is written down: no refid may ever have two.
"""

import collections
import datetime
import http.server
import json
import threading
import urllib.parse

# What the supplier knows us by, what ends the address of its reports, and what webhooks are signed from. None of it
# may ever turn up in a log.
MEMBER, PIN, PASSWORD = "E2E0042", "e2e-pin-8831", "e2e-password-77c1"
REPORT_TOKEN, WEBHOOK_KEY = "e2e-report-token-5d20f6a1", "e2e-webhook-key-b94c03"
# Nothing is sent around its nightly cutoff, 23:25 to 00:35 in Jakarta, and a run on a busy machine takes a while.
NOW = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7)))
CLOSED = NOW.time() >= datetime.time(22, 30) or NOW.time() < datetime.time(0, 40)
PRICE = 5_500
# Serial numbers begin with this.
SERIAL = "E2ESERIAL"
# Ends of destinations.
DELIVERED, PENDING, WRONG_NUMBER, BOUGHT_WITHOUT_ANSWER, REFUSED = "0001", "9003", "9010", "9031", "9040"


class Supplier:
    """Both servers at one address."""

    def __init__(self):
        self._lock = threading.Lock()
        self._bought, self._purchases, self._refused = {}, collections.Counter(), set()
        self._balance = 50_000_000
        self.told = []
        supplier = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                where = urllib.parse.urlsplit(self.path)
                text = supplier.answer(where.path, dict(urllib.parse.parse_qsl(where.query)))
                if text is None:
                    # As a connection that breaks off: no status, no body.
                    self.close_connection = True
                    return
                self._send(200, text.encode())

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                supplier.told.append((self.headers.get("Oyako-Signature", ""), body))
                self._send(500 if self.path.endswith("/refuses") else 204, b"")

            def _send(self, status, content):
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

    def purchases(self, refid):
        """How often an order was bought."""
        with self._lock:
            return self._purchases[refid]

    def messages(self, refid):
        """What the partner was told of an order: signatures and documents."""
        read = [(signature, body, json.loads(body)) for signature, body in list(self.told)]
        return [told for told in read if told[2]["topup"]["refid"] == refid]

    def answer(self, path, asked):
        """The text that a request is answered with; None where the connection breaks off."""
        known = [asked.get(name) for name in ("memberid", "pin", "password")] == [MEMBER, PIN, PASSWORD]
        if not known:
            return "Pin Salah"
        with self._lock:
            if path == "/balance":
                return f"Saldo Rp. {rupiah(self._balance)}"
            return self._buy(asked["product"], asked["dest"], asked["refid"])

    def _buy(self, product, dest, refid):
        head, tail = f"#{1000 + len(self._bought)}#{product}#ke:{dest}#", f"#Reffid:{refid} #"
        rest = f"#Saldo Rp.{rupiah(self._balance)}{tail}"
        if serial := self._bought.get(refid):
            return f"{head}SUKSES; sudah pernah jam 12:01 SN/Ref: {serial}.{rest}"
        if dest.endswith(REFUSED) and refid not in self._refused:
            # Once: who asks again is known again.
            self._refused.add(refid)
            return "Pin Salah"
        if dest.endswith(PENDING):
            return f"{head}akan diproses 12:01.{rest}"
        if dest.endswith(WRONG_NUMBER):
            return f"{head}GAGAL; Nomor tujuan salah, periksa kembali nomor anda.{rest}"
        serial = self._bought[refid] = f"{SERIAL}{len(self._bought):06}"
        self._purchases[refid] += 1
        before, self._balance = self._balance, self._balance - PRICE
        if dest.endswith(BOUGHT_WITHOUT_ANSWER):
            return None
        saldo = f"Rp.{rupiah(before)}-Rp. {rupiah(PRICE)}=Rp. {rupiah(self._balance)}"
        return f"{head}SUKSES#SN:{serial}# Sisa saldo {saldo}#Reffid:{refid}#"


def rupiah(amount):
    """An amount as the supplier writes it."""
    return f"{amount:,}"


def secrets():
    """What of all this no log may have."""
    return [PIN, PASSWORD, REPORT_TOKEN, WEBHOOK_KEY, f"{SERIAL}0"]


def introduce(stack):
    """Puts what the functions need to know into the parameter store, and lets webhooks go to this machine, which the
    template never does."""
    store = stack.client("ssm")
    values = {"member-id": MEMBER, "pin": PIN, "password": PASSWORD}
    values |= {"report-tokens": REPORT_TOKEN, "webhook-key": WEBHOOK_KEY}
    for name, value in values.items():
        store.put_parameter(Name=f"/warung-oyako/topups/{name}", Value=value, Type="SecureString", Overwrite=True)
    client = stack.client("lambda")
    for logical in ("ServeTopupsFunction", "TellPartnersFunction"):
        function = stack.names[logical]
        known = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        if known["TOPUP_PARAMETERS"] != "/warung-oyako/topups":
            raise AssertionError("the template's default names other parameters")
        environment = {**known, "TOPUP_WEBHOOKS_LOCAL": "true"}
        client.update_function_configuration(FunctionName=function, Environment={"Variables": environment})
        version = client.publish_version(FunctionName=function)["Version"]
        client.update_alias(FunctionName=function, Name="live", FunctionVersion=version)
