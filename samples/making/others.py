"""Majoo's two exports, the flat seven fields, the canonical document, and a broken file."""

import gzip
import hashlib
from datetime import timedelta

from making.shop import DAYS, MASKED_PHONE, MENU, PEOPLE, Sample, listing, new_uuid, sales, text

MAJOO_OUTLET = "Warung Oyako Pusat"
PAID, OPEN = ("Selesai", "Lunas"), ("Batal", "Belum Lunas")


def majoo_time(at):
    return f"{at:%d-%m-%Y %H:%M:%S}"


def grouped(amount):
    """45.000, as a spreadsheet in Indonesian prints it."""
    return f"{amount:,}".replace(",", ".")


def majoo_row(number, sold, state, refund):
    cancelled = state is OPEN
    written = [sold.net, grouped(sold.net), f"Rp {grouped(sold.net)}"][number % 3]
    known = sold.person is not None
    return {
        "No Transaksi": f"INV/2510/{number:04}", "Waktu Order": majoo_time(sold.at - timedelta(minutes=35)),
        "Waktu Bayar": "-" if cancelled else majoo_time(sold.at), "Pelanggan": PEOPLE[sold.person] if known else "-",
        "No Telepon Pelanggan": sold.phone if known else "-", "Jenis Order": sold.order_type,
        "Total Penjualan (Rp)": written, "Status Pesanan": state[0],
        "Metode Pembayaran": "-" if cancelled else sold.method[1], "Status Pembayaran": state[1],
        "Tanggal Refund": majoo_time(sold.at + timedelta(minutes=20)) if refund else "-",
        "Jumlah Refund (Rp)": refund,
    }


def majoo_product_rows(number, sold):
    """One row a dish; every row repeats the receipt's number and total."""
    for line in sold.lines:
        name, _, price, sku, _ = MENU[line.menu]
        taken = line.gross * sold.percent // 100
        variants = [{"name": line.variant, "qty": line.qty}] if line.variant else []
        yield {
            "transaction_no": f"INV/2510/{number:04}", "created_at": f"{sold.at:%Y-%m-%d %H:%M:%S}",
            "product_name": name, "product_sku": sku, "product_qty": line.qty, "product_price": price,
            "product_discount": taken, "product_variants": variants, "payment_method": sold.method[1],
            "total": sold.net, "customer_name": "" if sold.person is None else PEOPLE[sold.person],
        }


def majoo_files():
    """Two days of headers, and the product rows of the same receipts."""
    made = sales(DAYS[1], 40) + sales(DAYS[2], 40)
    made[7].person, made[7].phone = 8, MASKED_PHONE
    states = {5: OPEN, 33: OPEN, 61: OPEN}
    refunds = {12: made[12].net, 50: MENU[made[50].lines[0].menu][2] // 2}
    rows = [majoo_row(at + 1, sold, states.get(at, PAID), refunds.get(at, 0)) for at, sold in enumerate(made)]
    head = {
        "source": "majoo", "report": "detail_penjualan", "outlet": MAJOO_OUTLET,
        "periode": "27 Oktober 2025 00:00:00 - 28 Oktober 2025 23:59:59", "date_generated": "28/10/2025 - 22:55:01",
        "total_penjualan": sum(sold.net for sold in made), "total_transaksi": len(made),
    }
    headers = Sample(
        "majoo-detail-penjualan.json", listing(text(head)[:-1] + ',"rows":', rows, "}"),
        "Majoo \"Detail Penjualan\": control totals that agree (cancelled ones included), three cancelled, two "
        "refunds, a masked phone, money written in three ways", len(rows),
    )
    products = [row for at, sold in enumerate(made) if at not in states for row in majoo_product_rows(at + 1, sold)]
    envelope = {"status": {"code": 200, "message": "success"}, "source": "majoo", "outlet": MAJOO_OUTLET}
    meta = {"current_page": 1, "per_page": 1000, "total": len(products), "last_page": 1}
    lines = Sample(
        "majoo-produk.json", listing(text(envelope)[:-1] + ',"data":', products, f',"meta":{text(meta)}}}'),
        "Majoo product rows: the dishes of the same receipts, joined by `transaction_no`", len(products),
    )
    return [headers, lines]


def flat_rows():
    """The seven fields of the integration document, one row a sale."""
    rows = []
    for sold in sales(DAYS[0], 30):
        line = sold.lines[0]
        person = len(rows) % len(PEOPLE)
        rows.append({
            "ID_Pelanggan": str(163124 + person), "Nama_Pelanggan": PEOPLE[person], "NoHP_Pelanggan": f"0812555001{person:02}",
            "Tanggal_Order": f"{sold.at:%Y-%m-%d %H:%M:%S}", "Total_Harga": line.gross,
            "Nama_Menu": MENU[line.menu][0], "Isi_Laporan": [None, "5", "4", "Sambalnya kurang pedas"][len(rows) % 4],
        })
    rows[3]["NoHP_Pelanggan"] = "0812555O0103"
    rows[8]["Total_Harga"] = f"Rp {grouped(rows[8]['Total_Harga'])},00"
    rows[14]["Total_Harga"] = "abc"
    rows[21]["Tanggal_Order"] = "2025-13-26 12:00:00"
    return Sample(
        "tujuh-kolom-2025-10-26.json", listing("", rows, ""),
        "The flat seven fields: ratings and one remark, a phone with a letter in it (kept without it)", 28,
        quarantined=("MONEY_INVALID", "DATE_INVALID"),
    )


def utc(at, hours):
    return f"{at - timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}.000Z"


def canonical_customer(sold):
    if sold.person is None:
        return None
    return {"native_id": f"P-{sold.person:04}", "name": PEOPLE[sold.person], "phone_raw": sold.phone,
            "phone_e164": f"+62812555001{sold.person:02}", "phone_quality": "valid_mobile", "email": None}


def canonical_line(sold, line):
    name, category, price, sku, _ = MENU[line.menu]
    taken = line.gross * sold.percent // 100
    net = line.gross - taken
    return {
        "line_id": new_uuid(), "menu_id": sku, "variant_id": None, "name": name, "variant": line.variant or None,
        "category": category, "qty": str(line.qty), "refunded_qty": "0", "unit_price": str(price),
        "gross": str(line.gross), "discount": str(taken), "net": str(net), "tax": str(net // 10), "voided": False,
        "rateable": True, "modifiers": [], "note": None,
    }


def canonical(number, sold):
    """One canonical receipt of the outlet in Makassar, which is an hour ahead of Jakarta."""
    native = f"{sold.at:%y%m%d}-{number:03}"
    key = hashlib.sha256(f"pos|oyako|{native}".encode()).hexdigest()
    total = sold.net + sold.net // 10
    paid, opened = utc(sold.at, 8), utc(sold.at - timedelta(minutes=40), 8)
    order = "dine_in" if sold.table else "takeaway"
    amounts = {"gross": sold.gross, "discount": sold.gross - sold.net, "net": sold.net, "service": 0,
               "tax": sold.net // 10, "rounding": 0, "total": total, "refunded": 0}
    return {
        "schema": "sikp.pos.receipt/1", "source": {"system": "pos", "account": "oyako", "dialect": "canonical"},
        "receipt_id": f"pos:oyako:{native}", "receipt_no": native, "idempotency_key": key,
        "revision": {"updated_at": paid}, "outlet": {"id": "makassar", "name": "Warung Oyako Makassar", "tz": "Asia/Makassar"},
        "business_date": f"{sold.at:%Y-%m-%d}", "opened_at": opened, "paid_at": paid, "synced_at": paid,
        "time_quality": "offset", "kind": "sale", "status": "paid", "refund_of": None, "order_type": order,
        "table": sold.table, "cashier": {"id": None, "name": "Kasir 1"}, "customer": canonical_customer(sold),
        "currency": "IDR", "money_scale": 4, "totals": {name: str(amount) for name, amount in amounts.items()},
        "lines": [canonical_line(sold, line) for line in sold.lines],
        "payments": [{"method": sold.method[0], "label": sold.method[1], "amount": str(total), "ref": None}],
        "warnings": [],
    }


def by_weight(receipt):
    """Turns the first line into a kilo and a half of fish, so that a quantity is a fraction."""
    line = receipt["lines"][0]
    line.update(name="Ikan Bakar (kg)", menu_id="IB", variant=None, qty="1.5", unit_price="90000", gross="135000",
                discount="0", net="135000", tax="13500")
    receipt["lines"] = [line]
    receipt["totals"].update(gross="135000", discount="0", net="135000", tax="13500", total="148500")
    receipt["payments"][0]["amount"] = "148500"


def canonical_files():
    """A packed day, and a plain one with a line that breaks off."""
    yesterday, today = ([canonical(at + 1, sold) for at, sold in enumerate(sales(day, 24))] for day in DAYS[1:])
    by_weight(yesterday[2])
    today[4].update(status="voided", kind="void")
    today[9]["totals"]["total"] = "99999999999999999"
    lines = [text(receipt) for receipt in today]
    lines[15:15] = [lines[15][:200], lines[3]]
    packed = gzip.compress("".join(text(receipt) + "\n" for receipt in yesterday).encode(), mtime=0)
    return [
        Sample("kanonik-2025-10-27.ndjson.gz", packed,
               "Canonical NDJSON, packed: an outlet of its own in Makassar's zone, a quantity of 1.5", 24),
        Sample("kanonik-2025-10-28.ndjson", ("\n".join(lines) + "\n").encode(),
               "Canonical NDJSON: a void, a line that breaks off, an amount beyond reason, a receipt twice", 23,
               unchanged=1, quarantined=("MONEY_OUT_OF_RANGE", "RECORD_NOT_JSON")),
    ]


def broken(whole):
    """A download that stopped in the middle of its fifth receipt."""
    lines = whole.content.split(b"\n")
    cut = b"\n".join(lines[:5]) + b"\n" + lines[5][: len(lines[5]) // 2]
    return Sample("terpotong.json", cut, "The first day's Moka page, cut off in its fifth receipt", 0, unchanged=4,
                  quarantined=("FILE_TRUNCATED",))
