//! A shop's world for the tests of people's rights: a guest who left traces everywhere, and what is asked for them.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't be set up has failed; not every test uses every helper"
)]

pub(crate) mod guest;
pub(crate) mod held;
pub(crate) mod mail;
pub(crate) mod stored;
pub(crate) mod traces;

use aws::habits::{Habits, StoredHabit};
use aws::kin::KinBooks;
use aws::sales::{Arrival, Sales};
use domain::customer::{OutletDay, Visit};
use domain::feedback::{Answer, Said, consent};
use domain::habit::HabitDay;
use domain::receipt_id::ReceiptId;
use domain::rights::{Check, Correction, Kind, Method, Request, Retention};
use domain::summary::DaySummary;
use honour_rights::{Deps, Failure, Outcome, handle};
use serde_json::{Value, json};
use testkit::World;

/// The moment at which all tests take place: 2026-11-23T05:00:00Z.
pub(crate) const NOW_MS: i64 = 1_795_410_000_000;
pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
/// A deadline that never comes.
pub(crate) const NEVER: u64 = u64::MAX;
/// Who asks for things at the shop.
pub(crate) const STAFF: &str = "staff:owner";

pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) deps: Deps,
    pub(crate) faulty: Deps,
    pub(crate) sales: Sales,
    pub(crate) habits: Habits,
    pub(crate) kin: KinBooks,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let world = World::start().await;
        let deps = |clients: &aws::Clients| {
            let clients = clients.clone();
            Deps::new(clients, Retention::default(), testkit::metrics(), || NOW_MS)
        };
        Self {
            deps: deps(&world.clients),
            faulty: deps(&world.faulty),
            sales: Sales::new(&world.clients),
            habits: Habits::new(&world.clients),
            kin: KinBooks::new(&world.clients),
            world,
        }
    }

    /// Delivers records; answers those that are to come again.
    pub(crate) async fn deliver(&self, records: &[Value], deps: &Deps) -> Result<Vec<String>, Failure> {
        match handle(json!({ "Records": records }), NEVER, deps).await? {
            Outcome::Records(answer) => {
                let again = answer.batch_item_failures.into_iter();
                Ok(again.map(|failure| failure.item_identifier).collect())
            }
            other => panic!("another task's outcome: {other:?}"),
        }
    }

    /// Delivers the record of a request, which has to be worked off, and answers the request.
    pub(crate) async fn carry_out(&self, request: &Request) -> Request {
        let again = self.deliver(&[record(request)], &self.deps).await.unwrap();
        assert_eq!(again, Vec::<String>::new());
        self.request(&request.id).await
    }

    pub(crate) async fn request(&self, id: &str) -> Request {
        self.deps.requests.get(id).await.unwrap().unwrap()
    }

    /// Notes a request received at a moment.
    pub(crate) async fn receive(
        &self,
        (id, kind): (&str, Kind),
        customers: &[&str],
        correction: Option<&Correction>,
        at_ms: i64,
    ) -> Request {
        let customers = customers.iter().map(|id| (*id).to_owned());
        let field = correction.map(|correction| correction.field);
        let id = format!("req_{id}");
        let request = Request::receive(id, kind, customers, field, (STAFF, at_ms)).unwrap();
        self.deps
            .requests
            .receive(&request, correction, STAFF)
            .await
            .unwrap()
    }

    /// Checks and orders a request.
    pub(crate) async fn order(&self, request: &Request, at_ms: i64) -> Request {
        let check = Check {
            method: Method::InPerson,
            matched: true,
            by: STAFF.to_owned(),
            at_ms,
        };
        let checked = request.checked(check).unwrap();
        let checked = self.change(request, &checked).await;
        let ordered = checked.ordered(STAFF, at_ms).unwrap();
        self.change(&checked, &ordered).await
    }

    async fn change(&self, from: &Request, to: &Request) -> Request {
        let change = self.deps.requests.change(from, to, None, STAFF, NOW_MS);
        change.await.unwrap()
    }

    /// Receives and orders a request, now.
    pub(crate) async fn ask(
        &self,
        what: (&str, Kind),
        customers: &[&str],
        correction: Option<&Correction>,
    ) -> Request {
        let request = self.receive(what, customers, correction, NOW_MS).await;
        self.order(&request, NOW_MS).await
    }

    pub(crate) async fn answer(&self, place: &ReceiptId) -> Answer {
        self.deps.feedback.get(place).await.unwrap().unwrap()
    }

    /// Stores what a guest says of a receipt.
    pub(crate) async fn say(&self, place: &ReceiptId, customer: Option<&str>, said: Said) -> Answer {
        let stored = self.deps.feedback.get(place).await.unwrap();
        let new = || Answer::new(place.clone(), customer.map(str::to_owned), said.at_ms);
        let known = stored.unwrap_or_else(new);
        let next = known.with_guest(said).unwrap();
        self.deps.feedback.put(&next, known.version).await.unwrap();
        self.answer(place).await
    }

    /// Gives a customer a habit of one dish.
    pub(crate) async fn like(&self, customer: &str, day: &OutletDay, dish: &str) {
        let mut stored = StoredHabit::default();
        let counted = HabitDay {
            page_version: 1,
            dishes: [(dish.to_owned(), 1)].into(),
            said: Vec::new(),
        };
        assert!(stored.habit.set_day(day, counted));
        let lost = self.habits.write(&[(customer.to_owned(), stored)]).await.unwrap();
        assert!(lost.is_empty());
    }

    /// Makes a customer unreadable.
    pub(crate) async fn damage(&self, id: &str) {
        use aws_sdk_dynamodb::primitives::Blob;
        use aws_sdk_dynamodb::types::AttributeValue;
        let client = aws_sdk_dynamodb::Client::new(self.world.clients.config());
        let damaged = client
            .put_item()
            .table_name("CustomersTable")
            .item("pk", AttributeValue::S(format!("C#{id}")))
            .item("d", AttributeValue::B(Blob::new([255])))
            .item("v", AttributeValue::N("1".to_owned()));
        damaged.send().await.unwrap();
    }

    /// Puts receipts on a day's page, page and then summary, as ingestion does.
    pub(crate) async fn sell(&self, day: &OutletDay, receipts: domain::page::Receipts) {
        let mut page = self.sales.read_page(day).await.unwrap().unwrap_or_default();
        page.receipts.extend(receipts);
        let version = self.sales.write_page(day, &page).await.unwrap();
        let summary = DaySummary::of(page.receipts.values()).unwrap();
        let arrival = Arrival::default();
        let written = self.sales.write_summary(day, version, &summary, &arrival);
        written.await.unwrap();
    }
}

/// What a guest says at a moment, with consent.
pub(crate) fn said(at_ms: i64, overall: u8, comment: &str) -> Said {
    Said {
        at_ms,
        told_ms: at_ms,
        overall: Some(overall),
        comment: Some(comment.to_owned()),
        consent: Some(consent::given("id")),
        language: Some("id".to_owned()),
        ..Said::default()
    }
}

/// The record of a request in the stream of the table.
pub(crate) fn record(request: &Request) -> Value {
    json!({ "eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": {
        "SequenceNumber": format!("{:0>9}", request.version),
        "Keys": { "pk": { "S": format!("Z#{}", request.id) }, "sk": { "S": "Z" } },
        "NewImage": {
            "kind": { "S": "rights" }, "state": { "S": request.state.as_str() },
            "doc": { "S": serde_json::to_string(request).unwrap() },
        },
    } })
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

pub(crate) fn visit() -> Visit {
    Visit {
        page_version: 1,
        visits: 1,
        total: domain::money::Money::from_rupiah(10_000).unwrap(),
    }
}
