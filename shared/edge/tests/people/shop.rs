//! A shop with customers, receipts and answers.

use std::collections::BTreeMap;

use aws::Clients;
use aws::customers::{Customers, StoredCustomer};
use aws::feedback::Feedback;
use aws::kin::KinBooks;
use aws::sales::Sales;
use domain::customer::{Fact, OutletDay, PhoneKey, Profile, Visit};
use domain::feedback::{Answer, Said};
use domain::money::Money;
use domain::quantity::Quantity;
use domain::receipt::{Head, Item, Line, Lines, OrderType, Rank, Ranked, Receipt, Status};
use domain::receipt_id::ReceiptId;
use domain::when::{BusinessDate, TimeQuality};
use edge::people::People;
use serde_json::Value;
use testkit::World;

/// 2026-11-23T05:00:00Z.
pub(crate) const NOW_MS: i64 = 1_795_410_000_000;
pub(crate) const ACTOR: &str = "staff:owner";

pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) people: People,
    pub(crate) customers: Customers,
    pub(crate) kin: KinBooks,
    pub(crate) key: PhoneKey,
    sales: Sales,
    feedback: Feedback,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let world = World::start().await;
        let clients: &Clients = &world.clients;
        let customers = Customers::new(clients);
        Self {
            people: People::new(clients),
            kin: KinBooks::new(clients),
            key: customers.phone_key([7; 32]).await.unwrap(),
            sales: Sales::new(clients),
            feedback: Feedback::new(clients),
            customers,
            world,
        }
    }

    /// A customer of a name and a number, who came once on each of these days.
    pub(crate) async fn customer(&self, id: &str, told: (&str, &str), days: &[OutletDay]) {
        let fact = |value: &str| {
            let value = value.to_owned();
            (!value.is_empty()).then_some(Fact {
                told_ms: 1_000,
                value,
            })
        };
        let mut stored = StoredCustomer::default();
        stored.customer.profile = Profile {
            name: fact(told.0),
            phone: fact(told.1),
            ..Profile::default()
        };
        for day in days {
            let visit = Visit {
                page_version: 1,
                visits: 1,
                total: rupiah(10_000),
            };
            assert!(stored.customer.set_day(day, visit));
        }
        self.write(id, stored).await;
    }

    pub(crate) async fn write(&self, id: &str, stored: StoredCustomer) {
        let written = [(id.to_owned(), stored)];
        assert!(self.customers.write(&written).await.unwrap().is_empty());
    }

    pub(crate) async fn stored(&self, id: &str) -> StoredCustomer {
        let mut known = self.customers.read(&[id.to_owned()]).await.unwrap();
        known.remove(id).unwrap()
    }

    /// Puts receipts on a day's page.
    pub(crate) async fn sell(&self, day: &OutletDay, receipts: &[(&str, Receipt)]) {
        let mut page = self.sales.read_page(day).await.unwrap().unwrap_or_default();
        let receipts = receipts
            .iter()
            .map(|(native, receipt)| ((*native).to_owned(), receipt.clone()));
        page.receipts.extend(receipts.collect::<BTreeMap<_, _>>());
        self.sales.write_page(day, &page).await.unwrap();
    }

    /// Stores what a guest says of a receipt.
    pub(crate) async fn say(&self, place: &ReceiptId, customer: Option<&str>, said: Said) {
        let stored = self.feedback.get(place).await.unwrap();
        let new = || Answer::new(place.clone(), customer.map(str::to_owned), said.at_ms);
        let known = stored.unwrap_or_else(new);
        let next = known.with_guest(said).unwrap();
        self.feedback.put(&next, known.version).await.unwrap();
    }

    /// The actions of the audit trail with their subjects, in no order.
    pub(crate) async fn trail(&self) -> Vec<(String, String, Value)> {
        let trail = aws::audit::AuditTrail::new(&self.world.clients);
        let mut actions = Vec::new();
        for chain in 0..domain::audit::CHAINS {
            let records = trail
                .list(chain, aws::audit::Position::NEWEST, 100)
                .await
                .unwrap();
            for record in records {
                assert_eq!(record.actor, ACTOR);
                let facts = serde_json::from_str(&record.facts).unwrap();
                actions.push((record.action, record.subject, facts));
            }
        }
        actions
    }
}

pub(crate) fn rupiah(rupiah: i64) -> Money {
    Money::from_rupiah(rupiah).unwrap()
}

pub(crate) fn date(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

pub(crate) fn day(outlet: &str, date: &str) -> OutletDay {
    (outlet.to_owned(), date.parse().unwrap())
}

pub(crate) fn place(day: &OutletDay, native: &str) -> ReceiptId {
    ReceiptId {
        outlet: day.0.clone(),
        date: day.1,
        native: native.to_owned(),
    }
}

pub(crate) fn said(at_ms: i64, overall: u8, comment: Option<&str>) -> Said {
    Said {
        at_ms,
        told_ms: at_ms,
        overall: Some(overall),
        comment: comment.map(str::to_owned),
        ..Said::default()
    }
}

/// A paid receipt of so many lines of one dish.
pub(crate) fn receipt(customer: &str, number: &str, dish: &str, lines: usize) -> Receipt {
    let line = Line {
        item: Item {
            name: dish.to_owned(),
            variant: Some("Pedas".to_owned()),
            rateable: true,
            ..Item::default()
        },
        qty: Quantity::from_pieces(1).unwrap(),
        refunded_qty: Quantity::ZERO,
        gross: rupiah(10_000),
        net: rupiah(10_000),
        voided: false,
        rating: None,
        modifiers: Vec::new(),
    };
    let total = Some(rupiah(10_000 * i64::try_from(lines).unwrap()));
    let head = Head {
        number: Some(number.to_owned()),
        at_ms: 1_761_627_600_000,
        quality: TimeQuality::Offset,
        status: Status::Paid,
        order_type: OrderType::DineIn,
        customer: Some(customer.to_owned()),
        table: None,
        method: Some("QRIS".to_owned()),
        gross: total,
        net: total,
        service: None,
        tax: None,
        rounding: None,
        total,
        refunded: Money::ZERO,
    };
    Receipt {
        head: Some(Ranked {
            rank: Rank::default(),
            value: head,
        }),
        lines: Lines::Whole(Ranked {
            rank: Rank::default(),
            value: vec![line; lines],
        }),
        ..Receipt::default()
    }
}
