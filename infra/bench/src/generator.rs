//! A seeded generator of Moka v3 exports.
//!
//! The same plan always gives the same bytes. Each receipt is drawn from the seed, its outlet and its
//! place in the outlet's day alone: the same receipts come out of one large file and of many small
//! ones, with and without customers. What a point of sale makes up at random is random here too
//! (ids, receipt numbers, milliseconds), because that is what no layout can compress away.

mod draw;
mod menu;
mod receipt;

use std::io::{self, Write};

use draw::Draw;
use receipt::Receipt;

/// The business date of every generated receipt.
pub const DATE: &str = "2025-10-28";

/// The number of the first outlet at the point of sale.
const FIRST_OUTLET: u64 = 100_818;

/// Opening and closing time in seconds of the day: 10:00 and 22:00.
const OPEN: (u64, u64) = (36_000, 79_200);

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Everything random follows from it.
    pub seed: u64,
    /// How many outlets to pass over first.
    pub first_outlet: u64,
    /// How many receipts in all.
    pub receipts: u64,
    /// How many of them each outlet has; the last one has what is left.
    pub per_outlet: u64,
    /// Whether receipts name the customers who identified themselves.
    pub customers: bool,
}

impl Plan {
    /// A chain's day: 300 receipts an outlet, sorted by outlet.
    #[must_use]
    pub fn chain(receipts: u64) -> Self {
        Self {
            seed: 1,
            first_outlet: 0,
            receipts,
            per_outlet: 300,
            customers: true,
        }
    }

    /// One warung's day.
    #[must_use]
    pub fn warung() -> Self {
        Self {
            seed: 2,
            first_outlet: 0,
            receipts: 500,
            per_outlet: 500,
            customers: true,
        }
    }

    /// The same receipts from guests nobody knows.
    #[must_use]
    pub fn anonymous(self) -> Self {
        Self {
            customers: false,
            ..self
        }
    }

    /// One plan for each of its outlets.
    pub fn outlet_by_outlet(self) -> impl Iterator<Item = Self> {
        (0..self.outlets()).map(move |outlet| Self {
            first_outlet: self.first_outlet.saturating_add(outlet),
            receipts: self.receipts_of(outlet),
            ..self
        })
    }

    /// How many outlets it takes.
    #[must_use]
    pub fn outlets(self) -> u64 {
        self.receipts.div_ceil(self.per_outlet.max(1))
    }

    /// The id of one of its outlets in the store.
    #[must_use]
    pub fn outlet_id(self, outlet: u64) -> String {
        format!("moka-{}", self.outlet_number(outlet))
    }

    fn outlet_number(self, outlet: u64) -> u64 {
        FIRST_OUTLET
            .saturating_add(self.first_outlet)
            .saturating_add(outlet)
    }

    fn receipts_of(self, outlet: u64) -> u64 {
        self.receipts
            .saturating_sub(outlet.saturating_mul(self.per_outlet))
            .min(self.per_outlet)
    }

    /// Writes the export, in pieces of about a hundred kilobytes.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(self, out: &mut impl Write) -> io::Result<()> {
        let mut piece: Vec<u8> = Vec::with_capacity(128 << 10);
        piece.extend_from_slice(br#"{"data":{"next_url":null,"completed":true,"payments":["#);
        let mut first = true;
        for outlet in 0..self.outlets() {
            let number = self.outlet_number(outlet);
            for (place, second) in (0..).zip(self.seconds(number, self.receipts_of(outlet))) {
                piece.extend_from_slice(if first { b"\n" } else { b",\n" });
                first = false;
                let draw = Draw::of([self.seed, number, place]);
                Receipt::draw(draw, number, second).write(&mut piece, self.customers)?;
                if piece.len() > 100 << 10 {
                    out.write_all(&piece)?;
                    piece.clear();
                }
            }
        }
        piece.extend_from_slice(b"\n]},\"meta\":{\"code\":200,\"errors\":null}}\n");
        out.write_all(&piece)
    }

    /// The export as a whole.
    ///
    /// # Errors
    /// None but those of the memory.
    pub fn bytes(self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.write(&mut bytes)?;
        Ok(bytes)
    }

    /// When an outlet's receipts were paid, in seconds of the day, in order.
    fn seconds(self, number: u64, receipts: u64) -> Vec<u64> {
        let mut draw = Draw::of([self.seed, number, u64::MAX]);
        let mut seconds: Vec<u64> = (0..receipts)
            .map(|_| OPEN.0 + draw.below(OPEN.1.saturating_sub(OPEN.0)))
            .collect();
        seconds.sort_unstable();
        seconds
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::Value;

    fn payments(plan: Plan) -> Vec<Value> {
        let file: Value = serde_json::from_slice(&plan.bytes().unwrap()).unwrap();
        file["data"]["payments"].as_array().unwrap().clone()
    }

    #[test]
    fn same_plan_gives_same_bytes() {
        let plan = Plan::chain(700);
        assert_eq!(plan.bytes().unwrap(), plan.bytes().unwrap());
        assert_ne!(plan.bytes().unwrap(), Plan { seed: 9, ..plan }.bytes().unwrap());
    }

    #[test]
    fn files_by_outlet_hold_the_receipts_of_the_whole() {
        let plan = Plan::chain(700);
        let apart: Vec<Value> = plan.outlet_by_outlet().flat_map(payments).collect();
        assert_eq!(apart, payments(plan));
        assert_eq!(
            plan.outlet_by_outlet()
                .map(|one| one.receipts)
                .collect::<Vec<_>>(),
            [300, 300, 100]
        );
    }

    #[test]
    fn anonymous_receipts_differ_in_their_customers_alone() {
        let plan = Plan::chain(400);
        let mut named = payments(plan);
        let identified = named
            .iter()
            .filter(|payment| !payment["customer_id"].is_null())
            .count();
        assert!(
            (50..110).contains(&identified),
            "a fifth of 400 is identified: {identified}"
        );
        for payment in &mut named {
            for field in ["customer_id", "customer_name", "customer_phone"] {
                payment[field] = Value::Null;
            }
        }
        assert_eq!(named, payments(plan.anonymous()));
    }

    #[test]
    fn amounts_of_a_receipt_add_up() {
        for payment in payments(Plan::warung()) {
            let amount = |name: &str| payment[name].as_i64().unwrap();
            let sum = |name: &str| -> i64 {
                payment["checkouts"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|line| line[name].as_i64().unwrap())
                    .sum()
            };
            assert_eq!(sum("gross_sales"), amount("total_item_price_amount"));
            assert_eq!(sum("net_sales"), amount("subtotal"));
            assert_eq!(
                amount("total_item_price_amount") - amount("discounts"),
                amount("subtotal")
            );
            let total = amount("subtotal") + amount("taxes") + amount("total_rounding_amount");
            assert_eq!((total, total % 100), (amount("total_collected"), 0));
        }
    }

    #[test]
    fn a_receipt_is_as_long_as_a_real_one() {
        let length = Plan::chain(3_000).bytes().unwrap().len() / 3_000;
        assert!((1_000..=1_600).contains(&length), "{length} bytes a receipt");
    }
}
