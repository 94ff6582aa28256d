"""The invented warung: its menu, its guests, its sales, and how a file is written."""

import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

DAYS = (datetime(2025, 10, 26), datetime(2025, 10, 27), datetime(2025, 10, 28))
MASKED_PHONE, MADE_UP_PHONE = "62896xxxx1234", "08123456789"

# name, category, price, stock-keeping unit, variants
MENU = (
    ("Nasi Goreng Oyako", "Makanan", 38000, "NGO", ("Pedas", "Sedang", "Tidak Pedas")),
    ("Oyakodon", "Makanan", 42000, "OYD", ("Reguler", "Jumbo")),
    ("Chicken Katsu", "Makanan", 38000, "CK", ("",)),
    ("Mie Goreng Jawa", "Makanan", 32000, "MGJ", ("Pedas", "Sedang")),
    ("Soto Ayam", "Makanan", 28000, "SA", ("",)),
    ("Sate Ayam", "Makanan", 35000, "STA", ("Bumbu Kacang", "Kecap")),
    ("Gado-Gado", "Makanan", 27000, "GG", ("",)),
    ("Pisang Goreng", "Camilan", 15000, "PG", ("",)),
    ("Es Teh", "Minuman", 8000, "ET", ("",)),
    ("Es Jeruk", "Minuman", 12000, "EJ", ("",)),
    ("Kopi Tubruk", "Minuman", 10000, "KT", ("",)),
)
PEOPLE = (
    "Siti Rahma", "Budi Contoh", "Ayu Wulandari", "Dimas Pratama", "Rina Kartika", "Joko Santai",
    "Maya Lestari", "Agus Mentari", "Nur Aini", "Hendra Wijaya", "Putri Melati", "Yusuf Rimba",
    "Dewi Anggrek", "Rizky Samudra", "Lina Cempaka", "Bayu Segara", "Tari Kenanga", "Eko Nusantara",
    "Wulan Purnama", "Farid Cakrawala",
)
PHONE_WRITINGS = ("0812-5550-01{:02}", "+62 812 5550 01{:02}", "62812555001{:02}", "0812555001{:02}")
METHODS = (("cash", "Cash"), ("cash", "Cash"), ("other", "QRIS"), ("other", "QRIS"), ("edc", "EDC"))

rng = random.Random(20251028)


@dataclass
class Line:
    """One dish on a receipt; amounts in whole rupiah."""

    menu: int
    variant: str
    qty: int

    @property
    def gross(self):
        return MENU[self.menu][2] * self.qty


@dataclass
class Sale:
    """One sale as it happened, before any POS wrote it down."""

    at: datetime
    lines: list
    person: int | None
    phone: str | None
    percent: int
    method: tuple
    table: str | None
    native: str = field(default_factory=lambda: new_uuid())

    @property
    def gross(self):
        return sum(line.gross for line in self.lines)

    @property
    def net(self):
        return self.gross - self.gross * self.percent // 100

    @property
    def order_type(self):
        return "Dine In" if self.table else "Take Away"


@dataclass
class Sample:
    """A file and what must become of its records, when the files are taken in name order."""

    name: str
    content: bytes
    shows: str
    stored: int
    unchanged: int = 0
    stale: int = 0
    quarantined: tuple = ()

    @property
    def row(self):
        received = self.stored + self.unchanged + self.stale + len(self.quarantined)
        codes = ", ".join(f"`{code}`" for code in self.quarantined) or "–"
        numbers = f"{received} | {self.stored} | {self.unchanged} | {self.stale} | {len(self.quarantined)}"
        return f"| `{self.name}` | {self.shows} | {numbers} | {codes} |"


def new_uuid():
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def sale(day):
    """A sale between 10:00 and 21:30; one guest in four is known by name."""
    at = day + timedelta(hours=10, seconds=rng.randrange(41_400), milliseconds=rng.randrange(1000))
    menus = rng.sample(range(len(MENU)), rng.choice((1, 2, 2, 3)))
    lines = [Line(m, rng.choice(MENU[m][4]), rng.choice((1, 1, 1, 2, 2, 3))) for m in sorted(menus)]
    person = rng.randrange(len(PEOPLE)) if rng.random() < 0.25 else None
    phone = None if person is None else PHONE_WRITINGS[person % len(PHONE_WRITINGS)].format(person)
    percent = 10 if rng.random() < 0.15 else 0
    table = f"Meja {rng.randint(1, 12)}" if rng.random() < 0.6 else None
    return Sale(at, lines, person, phone, percent, rng.choice(METHODS), table)


def sales(day, count):
    return sorted((sale(day) for _ in range(count)), key=lambda made: made.at)


def iso(at):
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}+07:00"


def to_hundred(amount):
    """The nearest hundred rupiah, which is what a till can give change for."""
    return (amount + 50) // 100 * 100


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def listing(head, records, tail):
    """One record a line, so that a change shows as one changed line."""
    lines = [record if isinstance(record, str) else text(record) for record in records]
    return (head + "[\n" + ",\n".join(lines) + "\n]" + tail + "\n").encode()
