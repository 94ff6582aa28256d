"""Moka's three generations of payload: v3, v1 and the GoBiz integration."""

from datetime import timedelta

from making.shop import (
    DAYS, MADE_UP_PHONE, MASKED_PHONE, MENU, PEOPLE, Line, Sample, iso, listing, new_uuid, rng, sale, sales, to_hundred,
)

OUTLET, BUSINESS = 100818, 18368
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
NO_CARD = ("card_type", "card_no", "cc_name", "pii", "transaction_number", "transaction_reference", "order_info")
NO_DEVICE = (
    "merchant_id", "pg_mid", "mpos_device_id", "mpos_transaction_date", "transaction_certificate",
    "transaction_status_info",
)
NO_INVOICE = ("invoice_no", "invoice_due_date", "invoice_deposit_amount")
counters = {"payment": 86949, "checkout": 20472591, "tax": 66724, "discount": 3223, "modifier": 1, "number": 0}


def count(what):
    counters[what] += 1
    return counters[what]


def receipt_no():
    number, letters = count("number") * 7919 + 5_000_000, ""
    while number:
        number, digit = divmod(number, 32)
        letters = "0123456789ABCDEFGHJKLMNPQRSTVWXYZ"[digit] + letters
    return letters


def stamps(sold):
    return {"created_at": iso(sold.at), "updated_at": iso(sold.at)}


def discount(sold, amount):
    return {"discount_id": 2712, "discount_name": "Promo", "discount_type": "percentage", "discount_amount": amount,
            "discount_cash": 0, **stamps(sold)}


def modifiers(sold, line, owner, checkout):
    """A free choice of topping on some plates of fried rice."""
    if line.menu != 0 or line.qty != 2:
        return []
    return [{
        "id": count("modifier"), "uuid": new_uuid(), "checkout_id": checkout["id"], "checkout_uuid": checkout["uuid"],
        **owner, "modifier_id": 362774, "modifier_name": "Topping", "modifier_option_id": 2482800,
        "modifier_option_name": "Telur", "price": 0, "gross_sales": 0, "net_sales": 0, "discount_amount": 0,
        "redeem_amount": 0, "cogs": None, "outlet_id": OUTLET, "discounts": [], **stamps(sold),
    }]


def checkout(sold, line, position, owner, service):
    """One line of a v3 receipt; tax and service stand beside its net, never inside."""
    name, category, price, sku, _ = MENU[line.menu]
    taken = line.gross * sold.percent // 100
    net = line.gross - taken
    gratuity = net * service // 100
    ids = {"id": count("checkout"), "uuid": new_uuid()}
    discounts = [{**discount(sold, taken), "discount_guid": None, "discount_percentage": sold.percent}] if taken else []
    return {
        **ids, **owner, "business_id": BUSINESS, "outlet_id": OUTLET,
        "parent_checkout_id": None, "parent_checkout_uuid": None,
        "item_id": 25658986 + line.menu, "item_name": name,
        "item_variant_id": 36629111 + line.menu * 10 + MENU[line.menu][4].index(line.variant),
        "item_variant_name": line.variant, "sku": sku, "category_id": 77 + len(category), "category_name": category,
        "item_image": "", "note": None, "quantity": line.qty, "refunded_quantity": 0, "custom_amount": 0,
        "item_price_library": price, "item_price": price, "price": price, "item_price_quantity": line.gross,
        "item_discount": 0, "discount_amount": taken, "item_price_discount": net,
        "item_price_discount_gratuity": net + gratuity, "gratuity_amount": gratuity,
        "tax_amount": (net + gratuity) // 10, "total_price": net, "gross_sales": line.gross, "net_sales": net,
        "redeem_amount": 0, "cogs": None, "track_stock": True, "is_recipe": False, "is_program_item": False,
        "sales_type_id": 5 if sold.table else 6, "sales_type_name": sold.order_type, "position": position,
        "is_deleted": False, **stamps(sold), "discounts": discounts,
        "modifiers": modifiers(sold, line, owner, ids),
    }


def money(sold, service):
    """Subtotal is after discount; tax is ten percent of it and the service; cash is rounded."""
    gratuities = sold.net * service // 100
    taxes = (sold.net + gratuities) // 10
    exact = sold.net + gratuities + taxes
    total = to_hundred(exact)
    tendered = -(-total // 50_000) * 50_000 if sold.method[0] == "cash" else total
    return {
        "total_item_price_amount": sold.gross, "discounts": sold.gross - sold.net, "subtotal": sold.net,
        "gratuities": gratuities, "taxes": taxes, "total_rounding_amount": total - exact, "total_collected": total,
        "tendered": tendered, "change": tendered - total,
        "include_gratuity_tax": service > 0, "enable_tax": True, "enable_gratuity": service > 0,
    }


def shares(sold, sums, owner, service):
    """The receipt's taxes, service charges and discounts, each with its base."""
    tax = {"id": count("tax"), "uuid": new_uuid(), **owner, "tax_id": 11, "name": "PB1", "amount": 10,
           "total": float(sums["taxes"]), "taxable_amount": float(sold.net + sums["gratuities"]), **stamps(sold)}
    gratuity = {"id": count("tax"), "uuid": new_uuid(), **owner, "gratuity_id": 4, "name": "Service", "amount": service,
                "total": float(sums["gratuities"]), **stamps(sold)}
    taken = {"id": count("discount"), "uuid": new_uuid(), **owner, **discount(sold, sums["discounts"]),
             "is_deleted": False}
    return {"payment_taxes": [tax], "payment_gratuities": [gratuity] if service else [],
            "payment_discounts": [taken] if sums["discounts"] else []}


def customer(sold):
    if sold.person is None:
        return {"customer_id": None, "customer_name": None, "customer_phone": None, "customer_email": None}
    name = PEOPLE[sold.person]
    mail = f"{name.split()[0].lower()}@contoh.example" if sold.person % 5 == 0 else None
    return {"customer_id": 163124 + sold.person, "customer_name": name, "customer_phone": sold.phone,
            "customer_email": mail}


def payment(sold):
    """One v3 receipt."""
    owner = {"payment_id": count("payment"), "payment_uuid": sold.native}
    service = 5 if sold.table == "Meja 12" else 0
    sums = money(sold, service)
    seen = sold.at + timedelta(seconds=11)
    return {
        "id": sold.native, "payment_no": receipt_no(), "created_at": iso(sold.at), "updated_at": iso(seen),
        "synchronized_at": iso(seen + timedelta(minutes=rng.randrange(170))),
        "parent_payment_created_at": None, "parent_payment_id": None,
        "name": ", ".join(MENU[line.menu][0] for line in sold.lines),
        "payment_type": sold.method[0], "payment_type_label": sold.method[1], "payment_note": "",
        **customer(sold), **sums, **dict.fromkeys(NO_CARD), **dict.fromkeys(NO_DEVICE),
        "transaction_date": f"{sold.at.day} {MONTHS[sold.at.month - 1]} {sold.at.year}",
        "transaction_time": f"{sold.at:%H:%M}", "collected_by": "Kasir 1", "served_by": None,
        "table_name": sold.table, "outlet_id": OUTLET, "guid": new_uuid(), "uniq_id": f"A-1-{owner['payment_id']}",
        **dict.fromkeys(NO_INVOICE), "invoice_payment_records": [], **shares(sold, sums, owner, service),
        "payment_refunds": [], "is_refunded": False, "is_refund_breakdown": False, "refund_amount": 0,
        "total_refund": 0,
        "checkouts": [checkout(sold, line, at, owner, service) for at, line in enumerate(sold.lines)],
    }


def later(paid, sold, minutes):
    """The same receipt, changed that much later."""
    return {**paid, "updated_at": iso(sold.at + timedelta(minutes=minutes))}


def refunded(paid, sold, kind, minutes):
    """The receipt after all of it (`full`) or one piece of its first line was given back."""
    amount, lines = paid["total_collected"], paid["checkouts"]
    pieces = [line["quantity"] for line in lines]
    if kind == "partial":
        pieces = [1] + [0] * (len(lines) - 1)
        amount = (lines[0]["net_sales"] + lines[0]["gratuity_amount"] + lines[0]["tax_amount"]) // lines[0]["quantity"]
    entry = {"id": count("tax"), "status": "Done", "payment_type": paid["payment_type"], "refund_amount": amount,
             "refund_type": kind, "refunded_reason": "Salah pesanan",
             "refunded_date": iso(sold.at + timedelta(minutes=minutes)), "is_refunded": True}
    lines = [{**line, "refunded_quantity": given} for line, given in zip(lines, pieces)]
    return {**later(paid, sold, minutes), "is_refunded": True, "refund_amount": amount, "total_refund": amount,
            "payment_refunds": [entry], "checkouts": lines}


def refund_document(paid, sold):
    """A refund kept as a document of its own, with its parent's id and amounts below zero."""
    back = sale(DAYS[2])
    back.at, back.lines, back.percent = DAYS[2] + timedelta(hours=20, minutes=15), [], 0
    back.person, back.phone, back.table, back.method = sold.person, sold.phone, sold.table, sold.method
    amount = paid["total_collected"]
    return {**payment(back), "parent_payment_id": paid["id"], "parent_payment_created_at": paid["created_at"],
            "name": "Refund", "subtotal": -paid["subtotal"], "total_item_price_amount": -paid["subtotal"],
            "gratuities": -paid["gratuities"], "taxes": -paid["taxes"],
            "total_rounding_amount": -paid["total_rounding_amount"], "total_collected": -amount, "tendered": -amount,
            "change": 0, "payment_taxes": [], "is_refunded": True, "refund_amount": amount, "total_refund": amount}


def custom_amount(paid):
    """A line the cashier typed in, without a dish behind it; it replaces nothing and stands last."""
    plain = dict(paid["checkouts"][-1])
    plain.update(id=count("checkout"), uuid=new_uuid(), item_id=None, item_name="Custom Amount", item_variant_id=None,
                 item_variant_name="", sku="", category_id=None, category_name="", quantity=1, custom_amount=20000,
                 item_price_library=0, item_price=20000, price=20000, item_price_quantity=20000, discount_amount=0,
                 item_price_discount=20000, item_price_discount_gratuity=20000, gratuity_amount=0, tax_amount=2000,
                 total_price=20000, gross_sales=20000, net_sales=20000, discounts=[], modifiers=[],
                 position=len(paid["checkouts"]))
    total = paid["total_collected"] + 22000
    tax = {**paid["payment_taxes"][0], "total": float(paid["taxes"] + 2000)}
    tax["taxable_amount"] += 20000.0
    return {**paid, "total_item_price_amount": paid["total_item_price_amount"] + 20000,
            "subtotal": paid["subtotal"] + 20000, "taxes": paid["taxes"] + 2000, "total_collected": total,
            "tendered": total, "change": 0, "payment_taxes": [tax], "checkouts": [*paid["checkouts"], plain]}


def wrong_ones(day):
    """Four receipts that can't be taken, and what is wrong with each."""
    no_date, no_id, no_money, no_text = (payment(sold) for sold in sales(day, 4))
    no_date.update(created_at="31-02-2025 19:30", updated_at="31-02-2025 19:31", synchronized_at=None,
                   transaction_date="31 Feb 2025")
    no_id.update(id=None, payment_no=None, guid=None, uniq_id=None)
    no_money.update(total_collected="abc")
    no_text.update(table_name=["Meja 4", "Meja 5"])
    return [no_date, no_id, no_money, no_text]


def page(payments):
    return listing('{"data":{"next_url":null,"completed":true,"payments":', payments,
                   '},"meta":{"code":200,"errors":null}}')


def v3_pages():
    """Three days of one outlet, told the way a nightly run sees them."""
    days = [sales(day, 60) for day in DAYS]
    for sold in (days[0][5], days[0][40], days[1][12], days[1][30]):
        sold.lines[0].qty, sold.percent = 2, 0
    days[1][20].person, days[1][20].phone = 3, MASKED_PHONE
    days[1][21].person, days[1][21].phone = 4, MADE_UP_PHONE
    told = [[payment(sold) for sold in made] for made in days]
    first, second, third = told
    before_refund = first[40]
    first[10] = {**later(first[10], days[0][10], 4), "is_deleted": True}
    first[40] = refunded(first[40], days[0][40], "full", 25)
    first[15] = custom_amount(first[15])
    first[5] = refunded(first[5], days[0][5], "partial", 9)
    corrected = refunded(second[12], days[1][12], "partial", 60 * 26)
    apart = refund_document(second[30], days[1][30])
    return [
        Sample("moka-2025-10-26.json", page(first),
               "Moka v3: a void, a full and a partial refund, a custom amount, walk-ins", 60),
        Sample("moka-2025-10-27.json", page([*second[:25], second[24], *wrong_ones(DAYS[1]), *second[25:], first[59]]),
               "Moka v3: a masked and a made-up phone (kept without it), a receipt twice, one of the day before again", 60,
               unchanged=2, quarantined=("DATE_INVALID", "RECEIPT_ID_MISSING", "MONEY_INVALID", "FIELD_TYPE")),
        Sample("moka-2025-10-28.json", page([*third, corrected, apart, before_refund]),
               "Moka v3: a correction and a refund document for the day before, an outdated telling", 62, stale=1),
    ]


def v1_page():
    """The oldest generation: whole-number ids, other names for the total."""
    payments = []
    for at, sold in enumerate(sales(DAYS[0] - timedelta(days=1), 14)):
        sold.percent = 0
        gratuities, lines = sold.gross * 5 // 100, []
        taxes = (sold.gross + gratuities) // 10
        for line in sold.lines:
            name, _, price, _, _ = MENU[line.menu]
            lines.append({"id": count("checkout"), "item_id": 25658986 + line.menu, "item_name": name,
                          "item_variant_name": line.variant, "quantity": line.qty, "item_price": price,
                          "item_price_quantity": line.gross, "total_price": line.gross, "modifiers": []})
        total = sold.gross + gratuities + taxes
        payments.append({
            "id": 89722 + at, "payment_no": f"INV3BO{at:03}", "created_at": iso(sold.at), "updated_at": iso(sold.at),
            "outlet_id": OUTLET, "customer_id": None if sold.person is None else 163124 + sold.person,
            "payment_type": sold.method[0], "subtotal": sold.gross, "discounts": 0, "gratuities": gratuities,
            "taxes": taxes, "include_gratuity_tax": False, "amount_pay": total, "total_collected_amount": total,
            "checkouts": lines,
        })
    content = listing('{"data":{"next_url":null,"completed":true,"payments":', payments, "}}")
    return Sample("moka-v1-2025-10-25.json", content, "Moka v1 page: integer ids, `total_collected_amount`", 14)


def gobiz_page():
    """The GoBiz integration: nobody is named, and amounts carry fractions of a rupiah."""
    transactions = []
    for at, sold in enumerate(sales(DAYS[2], 14)):
        line = Line(sold.lines[0].menu, sold.lines[0].variant, 1)
        name, _, price, _, _ = MENU[line.menu]
        # Tenths of a rupiah keep the arithmetic whole: ten percent of 38,001 is 3,800.1.
        tenths = (price + 1) * 9
        total = to_hundred(tenths // 10) if at % 2 else to_hundred(-(-tenths // 10))
        transactions.append({
            "id": sold.native, "payment_no": receipt_no(), "transaction_date": iso(sold.at),
            "payment_type": "gopay", "subtotal": tenths / 10, "discounts": (price + 1) / 10, "gratuities": 0, "taxes": 0,
            "total_rounding_amount": (total * 10 - tenths) / 10, "total_collected": total, "tendered": total, "change": 0,
            "items": [{"id": count("checkout"), "name": name, "variant_id": 36629111 + line.menu * 10,
                       "variant_name": line.variant, "quantity": 1, "price_library": price + 1, "price": price + 1,
                       "gross_sales": price + 1, "discount_amount": (price + 1) / 10, "net_sales": tenths / 10}],
        })
    content = listing('{"success":true,"data":{"transactions":', transactions, "}}")
    return Sample("gobiz-2025-10-28.json", content,
                  "GoBiz page: no customers and no outlet of its own, fractions of a rupiah", 14)
