"""A shop after a night: what the pages of nights, findings and people have to show.

Everything is of yesterday, whose night is always due by now, whatever the time of day is. It is made once for a run,
by whoever asks first, and takes some minutes: a night waits up to one for what it fetched to be read.
"""

import datetime
import functools
import json

import session
from shop import WIB, Shop
from test_guest import DISHES, rate

# Longer than a night of so few outlets takes on the slowest machine that the tests run on.
NIGHT_SECONDS = 900

ANI = {"name": "Andini Prameswari", "phone_raw": "0812-7100-1101"}
BAMBANG = {"native_id": "P71", "name": "Bambang Wicaksono", "phone_raw": "0813-7100-2202"}
# Two people under one number, as far as anybody can tell.
CITRA = {"native_id": "P72", "name": "Citra Lestari", "phone_raw": "0815-7100-3303"}
DEWI = {"native_id": "P73", "name": "Dewi Anggraini", "phone_raw": "0815-7100-3303"}
EKO = {"native_id": "P74", "name": "Eko Saputra", "phone_raw": "0816-7100-4404"}
# What no log, letter of the night or page of requests may hold.
PERSONAL = ["Prameswari", "Wicaksono", "Lestari", "Anggraini", "Saputra", "71001101", "71002202", "71003303", "71004404"]


class Scene:
    """The shop, its night, and who asked for what."""

    # Whose guests are known, and whose receipt numbers have a gap.
    GUESTS = "moka-710011"
    # Sold on this weekday for three weeks, and not yesterday.
    SILENT = "moka-710012"
    # Whose file the central server has twice.
    TWICE = "moka-710013"
    # Whose gap of the day before is closed.
    MENDED = "moka-710014"
    # The outlet that Budi works for; a gap as well.
    BUDIS = "moka-100818"

    def __init__(self, machine):
        self.machine = machine
        self.date = datetime.datetime.now(WIB).date() - datetime.timedelta(days=1)
        self.shop = Shop(machine, self.GUESTS)
        # What is missing in the night before comes in after it, and is settled by the next.
        shop, kept_back = self.sell_with_a_gap()
        self.spend_the_night(self.date - datetime.timedelta(days=1))
        shop.send(kept_back)
        self.sell()
        self.let_guests_answer()
        self.fill_the_central_server()
        self.night = self.spend_the_night(self.date)
        self.access, self.erased = self.let_guests_ask()

    def sale(self, shop, customer=None, days_before=0):
        """A receipt of a lunch on the night's day, or some days before it."""
        noon = datetime.datetime.combine(self.date, datetime.time(12), WIB)
        at = noon - datetime.timedelta(days=days_before) + datetime.timedelta(minutes=shop.number)
        return shop.receipt(DISHES, customer, paid_at=at.isoformat(), revision={"updated_at": at.isoformat()})

    def sell_with_a_gap(self):
        """Sells on the day before the night's, and keeps two receipts back; answers the shop and those."""
        shop = Shop(self.machine, self.MENDED)
        receipts = [self.sale(shop, days_before=1) for _ in range(10)]
        shop.send(receipts[:4] + receipts[6:])
        return shop, receipts[4:6]

    def sell(self):
        """The till's exports of the day; two receipts between the others are left out."""
        guests = [ANI, BAMBANG, CITRA, DEWI, EKO]
        receipts = [self.sale(self.shop, customer) for customer in [*guests, *[None] * 5]]
        self.shop.send(receipts[:6] + receipts[8:])
        walk_ins = Shop(self.machine, self.BUDIS)
        receipts = [self.sale(walk_ins) for _ in range(10)]
        walk_ins.send(receipts[:4] + receipts[6:])
        silent = Shop(self.machine, self.SILENT)
        silent.send([self.sale(silent, days_before=7 * week) for week in (1, 2, 3) for _ in range(12)])

    def let_guests_answer(self):
        """One is content and may be called, one is not."""
        links = self.shop.get("/v1/links", outlet=self.GUESTS, date=self.date.isoformat())["items"]
        links = {link["no"]: link["url"] for link in links}
        told = [("S0001", 5, "Kuahnya hangat, terima kasih", True), ("S0002", 2, "Menunggu terlalu lama", False)]
        with session.current().page(session.PHONE) as page:
            for number, stars, comment, consents in told:
                page.goto(links[number])
                rate(page, "overall", stars)
                page.get_by_label("Komentar").fill(comment)
                page.locator("#consent").set_checked(consents)
                session.follow(page.get_by_role("button", name="Kirim"))
                page.get_by_role("heading", name="Terima kasih").wait_for()

    def fill_the_central_server(self):
        """The same sales twice, and a file whose name it may not have."""
        folder = self.machine.folder / "data/central" / self.date.isoformat()
        (folder / self.TWICE).mkdir(parents=True)
        twice = Shop(self.machine, self.TWICE)
        sales = "\n".join(json.dumps(self.sale(twice)) for _ in range(12))
        for name in ("penjualan.ndjson", "penjualan-salinan.ndjson"):
            (folder / self.TWICE / name).write_text(sales, encoding="utf-8")
        (folder / "penjualan malam.json").write_text("{}", encoding="utf-8")

    def spend_the_night(self, date):
        """Begins a night by hand and waits for its end and its letter; answers its document."""
        self.machine.task("night", date.isoformat())

        def over():
            night = self.shop.get(f"/v1/nights/{date}")
            return night if night["digest"] and night["digest"]["state"] == "sent" else None

        night = Shop.until(over, NIGHT_SECONDS)
        assert night, self.shop.get(f"/v1/nights/{date}")
        return night

    def let_guests_ask(self):
        """One request to be answered, and one that was; their ids."""
        access = self.ask(self.find(ANI), "access", ANI["phone_raw"])
        erased = self.ask(self.find(EKO), "erasure", EKO["phone_raw"])
        self.post(f"/v1/rights/{erased}/execute", {})
        done = Shop.until(lambda: self.shop.get(f"/v1/rights/{erased}")["state"] == "done")
        assert done, self.shop.get(f"/v1/rights/{erased}")
        return access, erased

    def find(self, guest):
        """The customer's id of a guest, by the number."""
        (customer,) = self.post("/v1/people/find", {"phone": guest["phone_raw"]})["items"]
        return customer

    def ask(self, customer, kind, number):
        """Notes a request, and that the customer was called back; its id."""
        request = self.post("/v1/rights", {"kind": kind, "customer": customer})["id"]
        checked = self.post(f"/v1/rights/{request}/check", {"method": "called_back", "told": number})
        assert checked["state"] == "verified", checked
        return request

    def post(self, path, body):
        headers = {"Content-Type": "application/json"}
        return self.shop.call("POST", path, json.dumps(body).encode(), headers)

    def pages(self):
        """What there is to show of it: pictures' names, and where they are."""
        return {
            "malam-satu": f"/dashboard/nights/{self.date}",
            "temuan-satu": self.finding(self.GUESTS, "NUMBER_GAP"),
            "orang-satu": f"/dashboard/people/{self.find(ANI)}",
            "permintaan-satu": f"/dashboard/people/requests/{self.access}",
            "permintaan-selesai": f"/dashboard/people/requests/{self.erased}",
        }

    def finding(self, outlet, code):
        """The address of a finding of the night's day."""
        return f"/dashboard/findings/{outlet}/{self.date}/{code}"


@functools.cache
def after_a_night():
    """The scene of this run."""
    return Scene(session.current().machine)
