//! A shop's world for the tests of ingestion.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't be set up has failed; not every test uses every helper"
)]

use aws::sales::Sales;
use domain::export::{Export, export_id};
use domain::quarantine::{QuarantineState, Quarantined};
use domain::summary::DaySummary;
use ingest_sales::Deps;
use serde_json::{Value, json};
use testkit::World;

/// A deadline that never comes.
pub(crate) const NEVER: u64 = u64::MAX;

pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) deps: Deps,
    pub(crate) faulty: Deps,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let world = World::start().await;
        let deps = Deps::with_clients(world.clients.clone(), [7; 32], testkit::metrics())
            .await
            .expect("the store answers");
        let faulty = Deps::with_clients(world.faulty.clone(), [7; 32], testkit::metrics())
            .await
            .expect("the store answers");
        Self { world, deps, faulty }
    }

    /// Puts a file and takes it; answers its ledger entry.
    pub(crate) async fn take(&self, key: &str, bytes: impl Into<Vec<u8>>) -> Export {
        let message = self.world.put_and_announce(key, bytes).await;
        self.deliver(&message, &self.deps).await;
        self.export(key).await
    }

    /// Delivers a message; answers whether it was worked off.
    pub(crate) async fn deliver(&self, message: &Value, deps: &Deps) -> bool {
        let answer = ingest_sales::handle(message.clone(), NEVER, deps).await;
        answer.is_ok_and(|answer| answer.batch_item_failures.is_empty())
    }

    pub(crate) async fn export(&self, key: &str) -> Export {
        self.deps
            .ledger
            .latest(&export_id("exports", key))
            .await
            .expect("the ledger answers")
            .expect("an entry")
    }

    pub(crate) async fn refused(&self, key: &str) -> Vec<Quarantined> {
        let id = export_id("exports", key);
        self.deps
            .quarantine
            .of_export(&id, None, 100)
            .await
            .expect("the quarantine answers")
            .0
    }

    pub(crate) async fn day(&self, outlet: &str, date: &str) -> DaySummary {
        let day = (outlet.to_owned(), date.parse().expect("a date"));
        Sales::new(&self.world.clients)
            .read_summary(&day)
            .await
            .expect("the store answers")
            .expect("a summary")
    }
}

/// Asks for a replay of a piece, as the API does.
pub(crate) async fn ask(shop: &Shop, piece: &Quarantined) -> Quarantined {
    let asked = Quarantined {
        state: QuarantineState::Replaying,
        ..piece.clone()
    };
    shop.deps
        .quarantine
        .decide(piece, &asked, "key:test")
        .await
        .unwrap();
    asked
}

/// A Moka v3 payment with one line of `price`, sold at noon (Jakarta) of 28 October 2025 plus `minute`.
pub(crate) fn payment(number: u32, minute: u32, price: u32) -> Value {
    let (hour, minute) = (12 + minute / 60, minute % 60);
    let at = format!("2025-10-28T{hour:02}:{minute:02}:00.000+07:00");
    json!({
        "id": format!("00000000-0000-4000-8000-{number:012}"), "payment_no": format!("N{number}"),
        "created_at": at, "updated_at": at, "outlet_id": 100818,
        "customer_id": null, "customer_name": null, "customer_phone": null,
        "total_item_price_amount": price, "subtotal": price, "gratuities": 0, "taxes": 0,
        "total_rounding_amount": 0, "total_collected": price, "is_refunded": false, "refund_amount": 0,
        "checkouts": [{
            "item_id": 1, "item_name": "Nasi Goreng Oyako", "item_variant_id": 2, "item_variant_name": "Pedas",
            "quantity": 1, "item_price": price, "gross_sales": price, "net_sales": price, "is_deleted": false,
        }],
    })
}

/// A Moka v3 page of payments.
pub(crate) fn page(payments: &[Value]) -> Vec<u8> {
    json!({ "data": { "next_url": null, "completed": true, "payments": payments }, "meta": { "code": 200 } })
        .to_string()
        .into_bytes()
}

/// What the tables say of an outlet's day and its customers, versions aside.
#[derive(Debug, PartialEq)]
pub(crate) struct Picture {
    receipts: domain::page::Receipts,
    summary: Option<DaySummary>,
    customers: Vec<(
        String,
        u64,
        Option<domain::money::Money>,
        domain::customer::Profile,
    )>,
}

impl Shop {
    pub(crate) async fn picture(&self, outlet: &str, date: &str) -> Picture {
        let day = (outlet.to_owned(), date.parse().expect("a date"));
        let stored = self
            .deps
            .sales
            .read_page(&day)
            .await
            .expect("the store answers")
            .unwrap_or_default();
        let summary = self
            .deps
            .sales
            .read_summary(&day)
            .await
            .expect("the store answers");
        let mut ids: Vec<String> = (1..=9).map(|n| format!("OYAKO_MOKA_{n}")).collect();
        ids.sort();
        let mut customers = Vec::new();
        for id in ids {
            if let Some(customer) = self.deps.customers.find(&id).await.expect("the store answers") {
                let days = customer
                    .days
                    .iter()
                    .filter(|((of, _), visit)| *of == outlet && visit.visits > 0);
                let (mut visits, mut total) = (0, Some(domain::money::Money::ZERO));
                for (_, visit) in days {
                    visits += u64::from(visit.visits);
                    total = total.and_then(|total| total.checked_add(visit.total));
                }
                if visits > 0 {
                    customers.push((id, visits, total, customer.profile.clone()));
                }
            }
        }
        Picture {
            receipts: stored.receipts,
            summary,
            customers,
        }
    }
}

/// A payment of a customer.
pub(crate) fn bought_by(mut payment: Value, customer: u32) -> Value {
    payment["customer_id"] = customer.into();
    payment["customer_name"] = format!("Tamu {customer}").into();
    payment["customer_phone"] = format!("0812-0000-00{customer:02}").into();
    payment
}

/// The payment as its outlet.
pub(crate) fn at_outlet(mut payment: Value, outlet: u32) -> Value {
    payment["outlet_id"] = outlet.into();
    payment
}

/// A later revision of a payment.
pub(crate) fn revised(mut payment: Value, minutes: u32, price: u32) -> Value {
    payment["updated_at"] = format!("2025-10-28T23:{minutes:02}:00.000+07:00").into();
    for name in ["total_item_price_amount", "subtotal", "total_collected"] {
        payment[name] = price.into();
    }
    for name in ["item_price", "gross_sales", "net_sales"] {
        payment["checkouts"][0][name] = price.into();
    }
    payment
}
