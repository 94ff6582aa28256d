"""Exports made for the tests, in the project's own form: one receipt a line.

Every name and number in them is planted: none of them may ever turn up in a log or a mail.
"""

import json

NAME = "Wulan Penanda"
PHONE = "081299900"  # and four digits
OUTLET = "moka-100818"


def receipt(number, customer=None, day="2025-11-03", total=10_000, revision=0):
    """A receipt; with a number of a customer, of that customer."""
    moment = f"{day}T12:{revision:02}:00+07:00"
    amounts = {"gross": str(total), "discount": "0", "net": str(total), "service": "0", "tax": "0", "rounding": "0"}
    prices = {"unit_price": str(total), "gross": str(total), "net": str(total)}
    document = {
        "schema": "sikp.pos.receipt/1",
        "receipt_id": f"e2e-{number}",
        "receipt_no": f"E{number}",
        "source": {"system": "moka"},
        "outlet": {"id": "100818", "name": "Pusat"},
        "revision": {"updated_at": moment},
        "opened_at": f"{day}T11:30:00+07:00",
        "paid_at": f"{day}T12:00:00+07:00",
        "kind": "sale",
        "status": "paid",
        "order_type": "dine_in",
        "totals": {**amounts, "total": str(total), "refunded": "0"},
        "lines": [{"name": "Es Teh", "menu_id": "1", "qty": "1", **prices}],
        "payments": [{"method": "cash"}],
    }
    if customer is not None:
        document["customer"] = {
            "native_id": str(customer),
            "name": f"{NAME} {customer}",
            "phone_raw": f"{PHONE}{customer % 10_000:04}",
        }
    return document


def export(*receipts):
    """The file of these receipts; one that is a text is a line as it is."""
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in receipts]
    return "".join(line + "\n" for line in lines).encode()


def broken(number, customer):
    """A receipt of a customer that cannot be taken: its total is no amount, so it is quarantined."""
    document = receipt(number, customer)
    document["totals"]["total"] = "sepuluh ribu"
    return document
