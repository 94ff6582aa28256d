//! Days of receipts in the store.

use aws::outlets::Outlets;
use aws::sales::{Sales, StoredDay};
use domain::money::Money;
use domain::outlet::Outlet;
use domain::quantity::Quantity;
use domain::receipt::{Head, Item, Line, Lines, OrderType, Rank, Ranked, Receipt, Status};
use domain::receipt_id::ReceiptId;
use domain::when::TimeQuality;

use super::{NOON_MS, Shop};

const RANK: Rank = Rank {
    authority: 2,
    revised_ms: 0,
};

pub fn rupiah(amount: i64) -> Money {
    Money::from_raw(amount * 10_000)
}

pub fn head(number: &str, status: Status) -> Head {
    Head {
        number: Some(number.to_owned()),
        at_ms: NOON_MS,
        quality: TimeQuality::Offset,
        status,
        order_type: OrderType::DineIn,
        customer: Some("OYAKO_MOKA_17".to_owned()),
        table: None,
        method: None,
        gross: None,
        net: None,
        service: None,
        tax: None,
        rounding: None,
        total: None,
        refunded: Money::ZERO,
    }
}

/// One dish of 10,000 rupiah.
pub fn line(name: &str) -> Line {
    Line {
        item: Item {
            name: name.to_owned(),
            rateable: true,
            ..Item::default()
        },
        qty: Quantity::ONE,
        refunded_qty: Quantity::ZERO,
        gross: rupiah(10_000),
        net: rupiah(10_000),
        voided: false,
        rating: None,
        modifiers: Vec::new(),
    }
}

pub fn receipt(head: Head, lines: Vec<Line>) -> Receipt {
    Receipt {
        head: Some(Ranked {
            rank: RANK,
            value: head,
        }),
        lines: Lines::Whole(Ranked {
            rank: RANK,
            value: lines,
        }),
        ..Receipt::default()
    }
}

/// A paid receipt of these dishes.
pub fn paid(number: &str, dishes: &[&str]) -> Receipt {
    let lines = dishes.iter().map(|dish| line(dish)).collect();
    receipt(head(number, Status::Paid), lines)
}

/// The id of a receipt of the outlet `moka-7` on 2025-10-28.
pub fn id(native: &str) -> ReceiptId {
    ReceiptId {
        outlet: "moka-7".to_owned(),
        date: "2025-10-28".parse().unwrap(),
        native: native.to_owned(),
    }
}

impl Shop {
    /// Stores the outlet `moka-7`, called Cabang Menteng.
    pub async fn open_outlet(&self) {
        let outlet = Outlet::undescribed("moka-7", Some("Cabang Menteng"), None);
        self.describe(&outlet).await;
    }

    pub async fn describe(&self, outlet: &Outlet) {
        let outlets = Outlets::new(&self.world.clients);
        outlets.describe(outlet, NOON_MS, "test").await.unwrap();
    }

    /// Stores a receipt, in place of what was known of it, and answers its id.
    pub async fn sell(&self, native: &str, receipt: Receipt) -> ReceiptId {
        let sales = Sales::new(&self.world.clients);
        let id = id(native);
        let day = (id.outlet.clone(), id.date);
        let mut stored: StoredDay = sales.read_page(&day).await.unwrap().unwrap_or_default();
        stored.receipts.insert(native.to_owned(), receipt);
        sales.write_page(&day, &stored).await.unwrap();
        id
    }
}
