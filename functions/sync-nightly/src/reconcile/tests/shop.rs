//! An outlet, its files, and nights that look at it, each at its own time.

use std::cell::Cell;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::customer::OutletDay;
use domain::export::{Export, export_id};
use domain::finding::{Code, Finding, FindingState};
use domain::map::OutletRules;
use domain::night::{Night, Tally, Trouble, tonight};
use domain::outlet::Outlet;
use domain::when::{BusinessDate, Zone, read_moment};
use serde_json::{Value, json};
use testkit::World;

use crate::{Deps, reconcile};

pub(crate) const OUTLET: &str = "moka-7";
/// The last evening of most stories, a Sunday.
pub(crate) const TODAY: &str = "2026-11-22";
const MINUTE: i64 = 60_000;

thread_local! {
    /// What time it is in this test: each has a thread of its own.
    static NOW: Cell<i64> = const { Cell::new(0) };
}

pub(crate) fn now() -> i64 {
    NOW.get()
}

/// A moment in Jakarta, such as `2026-11-22T20:00`.
pub(crate) fn moment(local: &str) -> i64 {
    let text = format!("{local}:00+07:00");
    read_moment(&text, &Zone::default()).unwrap().unwrap().at_ms
}

pub(crate) fn date(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

/// So many days before or after [`TODAY`].
pub(crate) fn day(days: i32) -> BusinessDate {
    date(TODAY).add_days(days).unwrap()
}

/// A sale at a time of a day, such as `12:30`, with a number of its own on that day.
pub(crate) fn sale(number: u32, on: BusinessDate, time: &str) -> Value {
    let at = format!("{on}T{time}:00.000+07:00");
    let short = on.to_string().replace('-', "");
    json!({
        "id": format!("{short}-0000-4000-8000-{number:012}"), "payment_no": format!("{short}-{number:04}"),
        "created_at": at, "updated_at": at, "outlet_id": 7,
        "customer_id": null, "customer_name": null, "customer_phone": null,
        "total_item_price_amount": 20_000, "subtotal": 20_000, "gratuities": 0, "taxes": 0,
        "total_rounding_amount": 0, "total_collected": 20_000, "is_refunded": false, "refund_amount": 0,
        "checkouts": [{
            "item_id": 1, "item_name": "Nasi Goreng Oyako", "item_variant_id": 2, "item_variant_name": "Pedas",
            "quantity": 1, "item_price": 20_000, "gross_sales": 20_000, "net_sales": 20_000, "is_deleted": false,
        }],
    })
}

/// Sales of a day with these numbers, all in the early afternoon.
pub(crate) fn sales(on: BusinessDate, numbers: impl IntoIterator<Item = u32>) -> Vec<Value> {
    let time = |number: u32| format!("{}:{:02}", 12 + number / 60, number % 60);
    let numbers = numbers.into_iter();
    numbers.map(|number| sale(number, on, &time(number))).collect()
}

pub(crate) fn file(sales: &[Value]) -> Vec<u8> {
    let data = json!({ "next_url": null, "completed": true, "payments": sales });
    json!({ "data": data, "meta": { "code": 200 } })
        .to_string()
        .into_bytes()
}

pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) deps: Deps,
    pub(crate) ingest: ingest_sales::Deps,
    /// The night before, once there was one.
    before: Option<Night>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let world = World::start().await;
        let deps = Deps::new(&world.clients, testkit::metrics(), now);
        let ingest = ingest_sales::Deps::with_clients(world.clients.clone(), [7; 32], testkit::metrics());
        let ingest = ingest_sales::Deps {
            now_ms: now,
            ..ingest.await.unwrap()
        };
        deps.outlets.get_or_register(OUTLET, None, None).await.unwrap();
        Self {
            world,
            deps,
            ingest,
            before: None,
        }
    }

    /// What goes through the world's faults.
    pub(crate) fn faulty(&self) -> Deps {
        Deps::new(&self.world.faulty, testkit::metrics(), now)
    }

    pub(crate) fn at(&self, local: &str) {
        NOW.set(moment(local));
    }

    /// A file comes in now; answers what the ledger says of it.
    pub(crate) async fn take(&self, key: &str, bytes: impl Into<Vec<u8>>) -> Export {
        let message = self.world.put_and_announce(key, bytes).await;
        let answer = ingest_sales::handle(message, u64::MAX, &self.ingest)
            .await
            .unwrap();
        assert!(answer.batch_item_failures.is_empty(), "{key}");
        let id = export_id("exports", key);
        self.deps.ledger.latest(&id).await.unwrap().unwrap()
    }

    /// A day's file comes in at eight in the evening of the day.
    pub(crate) async fn evening(&self, on: BusinessDate, sales: &[Value]) -> Export {
        self.at(&format!("{on}T20:00"));
        self.take(&format!("incoming/moka-7/{on}.json"), file(sales))
            .await
    }

    /// The night of a date, looking a few minutes after it was due.
    pub(crate) fn begin(&mut self, on: BusinessDate) -> Night {
        let due_ms = moment(&format!("{on}T23:00"));
        NOW.set(due_ms + MINUTE);
        let mut night = Night::begin(on, due_ms, self.before.as_ref(), false, now());
        NOW.set(due_ms + 10 * MINUTE);
        night.reconcile_ms = Some(now());
        // The shop has had nights for long.
        night.first = day(-60);
        self.before = Some(night.clone());
        night
    }

    /// A night reconciles, and does it again, which must write nothing and come to the same.
    pub(crate) async fn night(&mut self, on: BusinessDate) -> (Tally, Vec<Trouble>) {
        let night = self.begin(on);
        let rules = OutletRules::of(Outlet::undescribed(OUTLET, None, None));
        assert_eq!(tonight(night.due_ms, &rules), on);
        let first = reconcile::outlet(OUTLET, on, &night, &self.deps).await.unwrap();
        NOW.set(now() + MINUTE);
        let written = self.written();
        let again = reconcile::outlet(OUTLET, on, &night, &self.deps).await.unwrap();
        assert_eq!(again, first, "the second time");
        assert_eq!(self.written(), written, "the second time writes nothing");
        first
    }

    /// Write units so far, in thousandths.
    pub(crate) fn written(&self) -> u64 {
        self.world.clients.meter().read().write_milli
    }

    pub(crate) async fn findings(&self, on: BusinessDate) -> Vec<Finding> {
        self.deps.findings.between(OUTLET, (on, on)).await.unwrap()
    }

    /// The codes of a day's findings in a state.
    pub(crate) async fn codes(&self, on: BusinessDate, state: FindingState) -> Vec<Code> {
        let findings = self.findings(on).await;
        let findings = findings.iter().filter(|finding| finding.state == state);
        findings.map(|finding| finding.code).collect()
    }

    pub(crate) async fn open_codes(&self, on: BusinessDate) -> Vec<Code> {
        self.codes(on, FindingState::Open).await
    }

    pub(crate) async fn resolved_codes(&self, on: BusinessDate) -> Vec<Code> {
        self.codes(on, FindingState::Resolved).await
    }

    /// A fact of a day's finding.
    pub(crate) async fn fact(&self, on: BusinessDate, code: Code, name: &str) -> String {
        let found = self.deps.findings.get(OUTLET, on, code).await.unwrap().unwrap();
        found.facts[name].clone()
    }

    /// Spoils the bytes of an item.
    pub(crate) async fn spoil(&self, table: &str, pk: &str, sk: Option<&str>) {
        let client = aws_sdk_dynamodb::Client::new(self.world.clients.config());
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let request = client.update_item().table_name(table).key("pk", text(pk));
        let request = match sk {
            Some(sk) => request.key("sk", text(sk)),
            None => request,
        };
        let spoilt = AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new(*b"?"));
        let request = request
            .update_expression("SET d = :d")
            .expression_attribute_values(":d", spoilt);
        request.send().await.unwrap();
    }
}

pub(crate) fn outlet_day(on: BusinessDate) -> OutletDay {
    (OUTLET.to_owned(), on)
}
