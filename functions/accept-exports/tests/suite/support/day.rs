//! A day of receipts in the store.

use super::{Api, NOON_MS};
use aws::sales::{Arrival, Sales, StoredDay};
use domain::customer::OutletDay;
use domain::money::Money;
use domain::page::Receipts;
use domain::quantity::Quantity;
use domain::receipt::{Head, Item, Line, Lines, Modifier, OrderType, Rank, Ranked, Receipt, Refund, Status};
use domain::summary::DaySummary;
use domain::when::TimeQuality;

const RANK: Rank = Rank {
    authority: 2,
    revised_ms: 0,
};

pub fn rupiah(amount: i64) -> Money {
    Money::from_raw(amount * 10_000)
}

pub fn pieces(count: i64) -> Quantity {
    Quantity::from_pieces(count).unwrap()
}

pub fn head(number: &str, at_ms: i64, status: Status) -> Head {
    Head {
        number: Some(number.to_owned()),
        at_ms,
        quality: TimeQuality::Offset,
        status,
        order_type: OrderType::DineIn,
        customer: None,
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

pub fn line(name: &str, qty: i64, gross: i64, net: i64) -> Line {
    Line {
        item: Item {
            name: name.to_owned(),
            rateable: true,
            ..Item::default()
        },
        qty: pieces(qty),
        refunded_qty: Quantity::ZERO,
        gross: rupiah(gross),
        net: rupiah(net),
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

pub fn day(outlet: &str, date: &str) -> OutletDay {
    (outlet.to_owned(), date.parse().unwrap())
}

pub async fn store(api: &Api, day: &OutletDay, receipts: Receipts) {
    let sales = Sales::new(&api.world.clients);
    let summary = DaySummary::of(receipts.values()).unwrap();
    let mut to = StoredDay::default();
    to.receipts = receipts;
    let version = sales.write_page(day, &to).await.unwrap();
    let arrival = Arrival {
        received_ms: NOON_MS,
        export_id: "exp_1".to_owned(),
        etag: "e1".to_owned(),
    };
    sales
        .write_summary(day, version, &summary, &arrival)
        .await
        .unwrap();
}

/// A day of five receipts: paid in full detail, partly refunded, refunded, voided, and one of which
/// only the lines have come.
#[allow(clippy::too_many_lines, reason = "five receipts, one after another")]
pub async fn store_a_day(api: &Api) -> OutletDay {
    let day = day("moka-7", "2025-10-28");
    let mut full = head("A/1", NOON_MS, Status::Paid);
    full.customer = Some("OYAKO_MOKA_17".to_owned());
    full.table = Some("12".to_owned());
    full.method = Some("QRIS".to_owned());
    full.service = Some(rupiah(1000));
    full.tax = Some(Money::from_raw(29_009_000));
    let mut ramen = line("Ramen", 2, 60_000, 50_000);
    ramen.item.variant = Some("Pedas".to_owned());
    ramen.item.category = Some("Mie".to_owned());
    ramen.item.menu_id = Some("m1".to_owned());
    ramen.rating = Some(5);
    ramen.modifiers = vec![Modifier {
        group: Some("Topping".to_owned()),
        name: "Telur".to_owned(),
        qty: Quantity::ONE,
        price: rupiah(5000),
    }];
    let full = receipt(full, vec![ramen, line("Teh", 1, 5000, 5000)]);
    let mut partly = head("a/1", NOON_MS + 1000, Status::Paid);
    partly.refunded = rupiah(4000);
    let mut given_back = receipt(
        head("A2", NOON_MS + 2000, Status::Paid),
        vec![line("Teh", 1, 5000, 5000)],
    );
    let refund = Refund {
        at_ms: NOON_MS + 3000,
        amount: rupiah(5000),
    };
    given_back.refunds.insert(
        "r/1".to_owned(),
        Ranked {
            rank: RANK,
            value: refund,
        },
    );
    let lines_only = Lines::Whole(Ranked {
        rank: RANK,
        value: vec![line("Teh", 1, 5000, 5000)],
    });
    let receipts = [
        ("full", full),
        ("partly", receipt(partly, vec![line("Ayam", 1, 10_000, 10_000)])),
        ("given back", given_back),
        (
            "void",
            receipt(
                head("A3", NOON_MS + 4000, Status::Voided),
                vec![line("Ayam", 1, 10_000, 10_000)],
            ),
        ),
        (
            "lines",
            Receipt {
                lines: lines_only,
                ..Receipt::default()
            },
        ),
    ];
    store(
        api,
        &day,
        receipts
            .into_iter()
            .map(|(id, receipt)| (id.to_owned(), receipt))
            .collect(),
    )
    .await;
    day
}
