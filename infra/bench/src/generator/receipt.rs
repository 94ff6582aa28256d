//! One generated receipt, and how Moka's third API version writes it.

use std::io::{self, Write};

use super::DATE;
use super::draw::Draw;
use super::menu::{Dish, FAMILY, GIVEN, MENU, ORDERS, PAYMENTS};

/// Regular customers of one outlet.
const REGULARS: u64 = 400;
/// Letters of a receipt number.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// One line of a receipt.
struct Line {
    dish: &'static Dish,
    /// The dish's place on the menu.
    place: u64,
    variant: usize,
    quantity: u64,
}

/// One receipt.
pub(super) struct Receipt {
    id: u128,
    number: [u8; 7],
    outlet: u64,
    second: u64,
    millis: u64,
    /// Milliseconds from the sale to its last change.
    revised_after: u64,
    payment: (&'static str, &'static str),
    order: &'static str,
    table: Option<u64>,
    discounted: bool,
    customer: Option<u64>,
    lines: Vec<Line>,
}

/// Amounts of a receipt in rupiah.
struct Amounts {
    gross: u64,
    net: u64,
    tax: u64,
    total: u64,
}

impl Receipt {
    /// Draws a receipt of an outlet, paid in a second of the day.
    pub(super) fn draw(mut draw: Draw, outlet: u64, second: u64) -> Self {
        let id = (u128::from(draw.next()) << 64) | u128::from(draw.next());
        let letters = draw.next();
        let number = std::array::from_fn(|at| {
            let letter = usize::try_from((letters >> (at * 5)) & 31).unwrap_or_default();
            LETTERS.get(letter).copied().unwrap_or(b'0')
        });
        let order = draw.skewed(&ORDERS).copied().unwrap_or_default();
        let count = 1 + draw.below(5).min(draw.below(5));
        Self {
            id,
            number,
            outlet,
            second,
            millis: draw.below(1_000),
            revised_after: 3_000 + draw.below(25_000),
            payment: draw.skewed(&PAYMENTS).copied().unwrap_or_default(),
            order,
            table: (order == "Dine In").then(|| 1 + draw.below(20)),
            discounted: draw.percent(10),
            customer: draw
                .percent(20)
                .then(|| outlet.saturating_mul(REGULARS) + draw.below(REGULARS)),
            lines: (0..count).filter_map(|_| Line::draw(&mut draw)).collect(),
        }
    }

    fn amounts(&self) -> Amounts {
        let gross = self.lines.iter().map(Line::gross).sum::<u64>();
        let net = gross - self.discount(gross);
        let tax = net / 10;
        let total = (net + tax + 50) / 100 * 100;
        Amounts {
            gross,
            net,
            tax,
            total,
        }
    }

    /// A tenth off; prices are whole thousands, so it is exact.
    fn discount(&self, gross: u64) -> u64 {
        if self.discounted { gross / 10 } else { 0 }
    }

    /// Writes it as an element of `payments`.
    pub(super) fn write(&self, out: &mut Vec<u8>, with_customer: bool) -> io::Result<()> {
        let Amounts {
            gross,
            net,
            tax,
            total,
        } = self.amounts();
        let rounding = i128::from(total) - i128::from(net + tax);
        let paid = self.second * 1000 + self.millis;
        out.write_all(b"{\"id\":\"")?;
        write_uuid(out, self.id)?;
        out.write_all(b"\",\"payment_no\":\"")?;
        out.write_all(&self.number)?;
        out.write_all(b"\",\"created_at\":\"")?;
        write_time(out, paid)?;
        out.write_all(b"\",\"updated_at\":\"")?;
        write_time(out, paid + self.revised_after)?;
        out.write_all(b"\",\"synchronized_at\":\"")?;
        write_time(out, paid + self.revised_after + 4_000)?;
        let (kind, label) = self.payment;
        write!(
            out,
            r#"","parent_payment_id":null,"payment_type":"{kind}","payment_type_label":"{label}","#
        )?;
        self.write_customer(out, with_customer)?;
        let discount = self.discount(gross);
        write!(
            out,
            r#""total_item_price_amount":{gross},"discounts":{discount},"subtotal":{net},"gratuities":0,"taxes":{tax},"total_rounding_amount":{rounding},"total_collected":{total},"tendered":{total},"change":0,"transaction_date":"28 Oct 2025","transaction_time":"{:02}:{:02}","collected_by":"Kasir 1","#,
            self.second / 3600,
            self.second / 60 % 60,
        )?;
        match self.table {
            Some(table) => write!(out, r#""table_name":"Meja {table}","#)?,
            None => out.write_all(br#""table_name":null,"#)?,
        }
        write!(
            out,
            r#""outlet_id":{},"payment_refunds":[],"is_refunded":false,"refund_amount":0,"total_refund":0,"checkouts":["#,
            self.outlet
        )?;
        for (at, line) in self.lines.iter().enumerate() {
            if at > 0 {
                out.write_all(b",")?;
            }
            self.write_line(out, line)?;
        }
        out.write_all(b"]}")
    }

    fn write_customer(&self, out: &mut Vec<u8>, with_customer: bool) -> io::Result<()> {
        let Some(id) = self.customer.filter(|_| with_customer) else {
            return out.write_all(br#""customer_id":null,"customer_name":null,"customer_phone":null,"#);
        };
        let name = |names: &[&'static str], at: u64| names[usize::try_from(at).unwrap_or(0) % names.len()];
        let (given, family) = (name(&GIVEN, id), name(&FAMILY, id / 12));
        // No numbers of real people: all under one block of the numbering plan.
        let phone = id % 100_000;
        write!(
            out,
            r#""customer_id":{id},"customer_name":"{given} {family}","customer_phone":"0812-555-{phone:05}","#
        )
    }

    fn write_line(&self, out: &mut Vec<u8>, line: &Line) -> io::Result<()> {
        let Dish {
            name,
            category,
            price,
            ..
        } = line.dish;
        let gross = line.gross();
        let discount = self.discount(gross);
        let net = gross - discount;
        let (item, variant, variant_name) = (25_658_900 + line.place, line.place * 4, line.variant_name());
        write!(
            out,
            r#"{{"item_id":{item},"item_name":"{name}","item_variant_id":{},"item_variant_name":"{variant_name}","category_name":"{category}","quantity":{},"refunded_quantity":0,"item_price":{price},"discount_amount":{discount},"tax_amount":{},"gross_sales":{gross},"net_sales":{net},"sales_type_name":"{}","is_deleted":false,"modifiers":[]}}"#,
            36_629_100 + variant + u64::try_from(line.variant).unwrap_or_default(),
            line.quantity,
            net / 10,
            self.order,
        )
    }
}

impl Line {
    fn draw(draw: &mut Draw) -> Option<Self> {
        let dish = draw.skewed(&MENU)?;
        let place = MENU.iter().position(|other| std::ptr::eq(other, dish))?;
        let variants = u64::try_from(dish.variants.len()).ok()?;
        let variant = usize::try_from(draw.below(variants)).ok()?;
        let quantity = if draw.percent(75) { 1 } else { 2 + draw.below(3) };
        Some(Self {
            dish,
            place: u64::try_from(place).ok()?,
            variant,
            quantity,
        })
    }

    fn gross(&self) -> u64 {
        self.dish.price * self.quantity
    }

    fn variant_name(&self) -> &'static str {
        self.dish.variants.get(self.variant).copied().unwrap_or_default()
    }
}

/// A random UUID (RFC 9562, version 4).
fn write_uuid(out: &mut Vec<u8>, bits: u128) -> io::Result<()> {
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let mut rest = hex.as_str();
    for (at, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        let (group, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if at > 0 {
            out.write_all(b"-")?;
        }
        out.write_all(group.as_bytes())?;
        rest = tail;
    }
    Ok(())
}

/// A moment of the day given in milliseconds.
fn write_time(out: &mut Vec<u8>, millis: u64) -> io::Result<()> {
    let seconds = millis / 1000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    write!(
        out,
        "{DATE}T{hour:02}:{minute:02}:{second:02}.{:03}+07:00",
        millis % 1000
    )
}
