//! A shop's world for the tests of scoring: pages and answers, and the records that speak of their changes.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't be set up has failed; not every test uses every helper"
)]

use aws::outbox::Outbox;
use aws::sales::Arrival;
use domain::case::Case;
use domain::customer::OutletDay;
use domain::feedback::{Answer, DishKey, Said};
use domain::insight::{Insight, Month, Period, Scope};
use domain::mail::{Mail, MailCause};
use domain::money::Money;
use domain::quantity::Quantity;
use domain::receipt::{Head, Item, Line, Lines, OrderType, Rank, Ranked, Receipt, Status};
use domain::receipt_id::ReceiptId;
use domain::summary::DaySummary;
use domain::when::TimeQuality;
use score_feedback::{Deps, Failure, handle};
use serde_json::{Value, json};
use testkit::World;

/// Noon (Jakarta) of 28 October 2025.
pub(crate) const NOON_MS: i64 = 1_761_627_600_000;
pub(crate) const DATE: &str = "2025-10-28";

pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) deps: Deps,
    pub(crate) faulty: Deps,
    outbox: Outbox,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let world = World::start().await;
        let deps = |clients: &aws::Clients| Deps::new(clients.clone(), testkit::metrics(), || NOON_MS);
        Self {
            deps: deps(&world.clients),
            faulty: deps(&world.faulty),
            outbox: Outbox::new(&world.clients),
            world,
        }
    }

    /// Writes a day as ingestion does, page and then summary, and answers the record of it.
    pub(crate) async fn sell(&self, day: &OutletDay, receipts: &[(&str, Receipt)]) -> Value {
        let mut page = self.deps.sales.read_page(day).await.unwrap().unwrap_or_default();
        for (native, receipt) in receipts {
            page.receipts.insert((*native).to_owned(), receipt.clone());
        }
        let version = self.deps.sales.write_page(day, &page).await.unwrap();
        let summary = DaySummary::of(page.receipts.values()).unwrap();
        let arrival = Arrival::default();
        let written = self.deps.sales.write_summary(day, version, &summary, &arrival);
        written.await.unwrap();
        day_record(day)
    }

    /// Takes a receipt from its day's page, as when a correction moves it to another day; answers the record of it.
    pub(crate) async fn take_away(&self, day: &OutletDay, native: &str) -> Value {
        let mut page = self.deps.sales.read_page(day).await.unwrap().unwrap();
        assert!(page.receipts.remove(native).is_some());
        self.deps.sales.write_page(day, &page).await.unwrap();
        day_record(day)
    }

    /// Stores what a guest, or the export, says of a receipt, and answers the record of it.
    pub(crate) async fn say(&self, change: impl Fn(&Answer) -> Answer, place: &ReceiptId) -> Value {
        let stored = self.deps.feedback.get(place).await.unwrap();
        let known = stored.unwrap_or_else(|| Answer::new(place.clone(), None, NOON_MS));
        let said = Answer {
            version: known.version + 1,
            ..change(&known)
        };
        self.deps.feedback.put(&said, known.version).await.unwrap();
        answer_record(&said)
    }

    /// What the guest says on the page.
    pub(crate) async fn rate(&self, place: &ReceiptId, said: &Said) -> Value {
        self.say(|known| known.with_guest(said.clone()).unwrap(), place)
            .await
    }

    /// Delivers records, all of which have to be worked off.
    pub(crate) async fn deliver(&self, records: &[Value]) {
        let answer = self.try_deliver(records, &self.deps).await.unwrap();
        assert_eq!(answer, Vec::<String>::new());
    }

    /// Delivers records; answers those that are to come again.
    pub(crate) async fn try_deliver(&self, records: &[Value], deps: &Deps) -> Result<Vec<String>, Failure> {
        let mut records = records.to_vec();
        for (number, record) in records.iter_mut().enumerate() {
            record["dynamodb"]["SequenceNumber"] = (100 + number).to_string().into();
        }
        let answer = handle(json!({ "Records": records }), deps).await?;
        let failures = answer.batch_item_failures.into_iter();
        Ok(failures.map(|failure| failure.item_identifier).collect())
    }

    pub(crate) async fn answer(&self, place: &ReceiptId) -> Answer {
        self.deps.feedback.get(place).await.unwrap().unwrap()
    }

    pub(crate) async fn case(&self, place: &ReceiptId) -> Option<Case> {
        let id = Case::id_of(place);
        self.deps.cases.get(&place.outlet, &id).await.unwrap()
    }

    /// The mails that wait, about one receipt.
    pub(crate) async fn mails(&self, place: &ReceiptId) -> Vec<Mail> {
        let of_place = |mail: &Mail| matches!(&mail.cause, MailCause::LowScore { receipt, .. } if *receipt == place.to_string());
        let mut mails = self.outbox.due(i64::MAX / 2).await.unwrap();
        mails.retain(of_place);
        mails
    }

    /// Whether the mail about a case as it stands waits.
    pub(crate) async fn is_mailed(&self, case: &Case) -> bool {
        self.outbox.get(&case.mail_id()).await.unwrap().is_some()
    }

    pub(crate) async fn insight(&self, scope: &Scope, period: Period) -> Insight {
        let found = self.deps.insights.read(scope, &period).await.unwrap();
        found.unwrap_or_default()
    }

    pub(crate) async fn day(&self, day: &OutletDay) -> Insight {
        self.insight(&Scope::Outlet(day.0.clone()), Period::Day(day.1))
            .await
    }

    /// The figures of a day as they have to be: made from all that is stored.
    pub(crate) async fn wanted(&self, day: &OutletDay) -> Insight {
        let page = self.deps.sales.read_page(day).await.unwrap().unwrap_or_default();
        let answers = self.deps.feedback.of_day(day).await.unwrap();
        Insight::of_day(&page.receipts, &answers).unwrap()
    }

    /// Every node of the tree that is above these days holds what the days come to.
    pub(crate) async fn assert_tree(&self, days: &[OutletDay]) {
        let mut nodes: std::collections::BTreeMap<(Scope, Period), Insight> = Default::default();
        for day in days {
            let wanted = self.wanted(day).await;
            let month = Period::Month(Month::of(day.1));
            let outlet = Scope::Outlet(day.0.clone());
            for node in [
                (outlet.clone(), Period::Day(day.1)),
                (outlet, month),
                (Scope::All, Period::Day(day.1)),
                (Scope::All, month),
            ] {
                nodes.entry(node).or_default().merge(&wanted).unwrap();
            }
        }
        for ((scope, period), wanted) in nodes {
            assert_eq!(self.insight(&scope, period).await, wanted, "{scope:?} {period}");
        }
    }
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

/// The record of a day's summary.
pub(crate) fn day_record((outlet, date): &OutletDay) -> Value {
    json!({ "eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": {
        "Keys": { "pk": { "S": format!("O#{outlet}") }, "sk": { "S": format!("S#{date}") } },
        "NewImage": { "v": { "N": "1" } },
    } })
}

/// The record of an answer.
pub(crate) fn answer_record(answer: &Answer) -> Value {
    let doc = serde_json::to_string(answer).unwrap();
    json!({ "eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": {
        "NewImage": { "kind": { "S": "answer" }, "doc": { "S": doc } },
    } })
}

/// A paid receipt of one of each dish, told as a whole; dishes are `name` or `name/variant`.
pub(crate) fn receipt(customer: Option<&str>, dishes: &[&str]) -> Receipt {
    let lines: Vec<Line> = dishes.iter().map(|dish| line(dish)).collect();
    let total = Money::from_rupiah(10_000 * i64::try_from(dishes.len()).unwrap());
    let head = Head {
        number: None,
        at_ms: NOON_MS,
        quality: TimeQuality::Offset,
        status: Status::Paid,
        order_type: OrderType::DineIn,
        customer: customer.map(str::to_owned),
        table: None,
        method: None,
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
            value: lines,
        }),
        ..Receipt::default()
    }
}

fn line(dish: &str) -> Line {
    let (name, variant) = dish
        .split_once('/')
        .map_or((dish, None), |(name, variant)| (name, Some(variant)));
    let price = Money::from_rupiah(10_000).unwrap();
    Line {
        item: Item {
            name: name.to_owned(),
            variant: variant.map(str::to_owned),
            category: Some("Makanan".to_owned()),
            rateable: true,
            ..Item::default()
        },
        qty: Quantity::from_pieces(1).unwrap(),
        refunded_qty: Quantity::ZERO,
        gross: price,
        net: price,
        voided: false,
        rating: None,
        modifiers: Vec::new(),
    }
}

/// The receipt with all its money given back.
pub(crate) fn refunded(mut receipt: Receipt) -> Receipt {
    let head = &mut receipt.head.as_mut().unwrap().value;
    head.refunded = head.total.unwrap();
    receipt
}

/// The receipt cancelled.
pub(crate) fn voided(mut receipt: Receipt) -> Receipt {
    receipt.head.as_mut().unwrap().value.status = Status::Voided;
    receipt
}

/// What a guest says, so many minutes after noon.
pub(crate) fn said(minute: i64, overall: u8, dishes: &[(&str, u8)], comment: Option<&str>) -> Said {
    let at_ms = NOON_MS + minute * 60_000;
    Said {
        at_ms,
        told_ms: at_ms,
        overall: Some(overall),
        dishes: dishes.iter().map(|(dish, stars)| (key(dish), *stars)).collect(),
        comment: comment.map(str::to_owned),
        ..Said::default()
    }
}

pub(crate) fn key(dish: &str) -> DishKey {
    let (menu, variant) = dish.split_once('/').unwrap_or((dish, ""));
    DishKey {
        menu: menu.to_owned(),
        variant: variant.to_owned(),
    }
}
