//! What happens in a fortnight outside of the shop's machines, and when.

mod disturbed;

use std::collections::BTreeMap;

use domain::when::BusinessDate;
use serde_json::Value;

pub use disturbed::UNREADABLE;

use crate::receipts::{at, given_back, majoo, page, payments, zone};

/// The first day.
pub const FIRST: &str = "2025-11-03";
/// How many days there are.
pub const DAYS: i32 = 14;

/// The outlet whose sales Moka's API tells.
pub const BY_API: &str = "moka-1";
/// The outlet whose files are on the central server.
pub const BY_CENTRAL: &str = "majoo-2";
/// The outlet whose files are pushed into the bucket.
pub const BY_PUSH: &str = "moka-3";

/// The outlets: id, zone, and Moka's id where its API is asked.
pub const OUTLETS: [(&str, &str, Option<&str>); 3] = [
    (BY_API, "Asia/Jakarta", Some("1")),
    (BY_CENTRAL, "Asia/Makassar", None),
    (BY_PUSH, "Asia/Jayapura", None),
];

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// A file is put into the bucket.
    Push(String, Vec<u8>),
    /// A file is in the listing of a day at the central server, or another content in its place. Without an outlet,
    /// it has to say itself whose it is.
    File(BusinessDate, String, Option<&'static str>, Vec<u8>),
    /// The central server does not answer any more.
    CentralDies,
    /// It answers again.
    CentralRises,
    /// Moka takes its access token back, as time does.
    TokenExpires,
    /// Moka knows payments, or knows them anew.
    Paid(Vec<Value>),
    /// A guest answers about a payment of the outlet at Moka: when, which, how many stars.
    Said(BusinessDate, String, u8),
}

/// What happens when, Unix milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Story {
    deeds: BTreeMap<i64, Vec<Deed>>,
}

/// The day of this number, from 1 to [`DAYS`].
///
/// # Panics
/// When there is no such day.
#[must_use]
pub fn day(number: i32) -> BusinessDate {
    assert!((1..=DAYS).contains(&number));
    let first: BusinessDate = FIRST.parse().unwrap();
    first.add_days(number - 1).unwrap()
}

/// When the night of a day is due: eleven at night in Jakarta.
#[must_use]
pub fn due_ms(date: BusinessDate) -> i64 {
    at(date, 23, 0)
}

impl Story {
    /// A fortnight in which everything is told in time.
    #[must_use]
    pub fn undisturbed() -> Self {
        let mut story = Self::default();
        for number in 1..=DAYS {
            let date = day(number);
            story.sell(date);
            if number > 1 {
                story.look_back(number, day(number - 1));
            }
        }
        story
    }

    fn add(&mut self, at_ms: i64, deed: Deed) {
        self.deeds.entry(at_ms).or_default().push(deed);
    }

    /// A day's sales, told in the evening.
    fn sell(&mut self, date: BusinessDate) {
        self.add(at(date, 22, 0), Deed::Paid(sold_by_api(date)));
        let (detail, products) = majoo(date, &format!("{date} 22:30:00"));
        self.add(
            at(date, 22, 10),
            Deed::File(date, format!("{date}-detail.json"), Some(BY_CENTRAL), detail),
        );
        self.add(
            at(date, 22, 10),
            Deed::File(date, format!("{date}-produk.json"), Some(BY_CENTRAL), products),
        );
        self.add(at(date, 21, 0), pushed(date));
    }

    /// What is said and given back of the day before.
    fn look_back(&mut self, number: i32, before: BusinessDate) {
        let (date, zone) = (day(number), zone("Asia/Jakarta"));
        let payments = sold_by_api(before);
        let id = |at: usize| payments[at]["id"].as_str().unwrap().to_owned();
        // Every third guest is unhappy.
        let stars = if number % 3 == 0 { 2 } else { 5 };
        self.add(at(date, 12, 0), Deed::Said(before, id(3), stars));
        self.add(at(date, 12, 5), Deed::Said(before, id(4), 4));
        if number % 4 == 0 {
            let back_ms = at(date, 13, 0);
            let back = given_back(&payments[6], back_ms, &zone);
            self.add(back_ms, Deed::Paid(vec![back]));
        }
    }

    /// What happens up to a moment, in its order; it has happened then.
    pub(crate) fn until(&mut self, at_ms: i64) -> Vec<(i64, Deed)> {
        let later = self.deeds.split_off(&(at_ms + 1));
        let now = std::mem::replace(&mut self.deeds, later);
        now.into_iter()
            .flat_map(|(at_ms, deeds)| deeds.into_iter().map(move |deed| (at_ms, deed)))
            .collect()
    }
}

/// What the outlet at Moka sold on a day.
fn sold_by_api(date: BusinessDate) -> Vec<Value> {
    payments("1", date, &zone("Asia/Jakarta"))
}

/// What the outlet sold on a day whose files are pushed.
fn sold_by_push(date: BusinessDate) -> Vec<Value> {
    payments("3", date, &zone("Asia/Jayapura"))
}

fn key(date: BusinessDate) -> String {
    format!("incoming/{BY_PUSH}/{date}.json")
}

fn pushed(date: BusinessDate) -> Deed {
    Deed::Push(key(date), page(&sold_by_push(date)))
}
