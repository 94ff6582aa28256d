//! What the server says, in the words of source document 002.

use domain::topup::reply::{self, Balance, Outcome, Reply};
use domain::topup::rupiah::Rupiah;

use super::admit::Order;

/// A reply about an order.
pub(super) fn of(order: &Order, trxid: &str, outcome: Outcome, balance: i64, at: &str) -> String {
    write(order, trxid, outcome, Balance::Left(Rupiah::new(balance)), at)
}

/// A reply about a purchase that was just made.
pub(super) fn bought(order: &Order, trxid: &str, sn: &str, (before, price): (i64, i64)) -> String {
    let balance = Balance::Charged {
        before: Rupiah::new(before),
        price: Rupiah::new(price),
        after: Rupiah::new(before - price),
    };
    write(order, trxid, Outcome::Success { sn: sn.to_owned() }, balance, "")
}

fn write(order: &Order, trxid: &str, outcome: Outcome, balance: Balance, at: &str) -> String {
    let reply = Reply {
        trxid: trxid.to_owned(),
        product: order.product.clone(),
        dest: order.dest.clone(),
        refid: order.refid.clone(),
        outcome,
        balance,
    };
    reply::write(&reply, at)
}

/// What a question with `check=1` is told about an id that nobody knows.
pub(super) fn unknown(dest: &str, date: &str) -> String {
    format!("TIDAK ADA transaksi Tujuan {dest} pada tgl {date}.")
}

/// An amount as the server prints it: `Rp.1,234,567`.
pub(super) fn rupiah(amount: i64) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let digits = amount.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("Rp.{sign}{grouped}")
}
