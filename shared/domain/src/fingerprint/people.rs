//! What is known of people, without when it was told and what it was counted from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{FingerprintError, ItemHash, Table, item};
use crate::customer::{Customer, Fact, ProfileField, Rights};
use crate::habit::{Habit, HabitDay, Rated};
use crate::kin::{Evidence, KinBook, Standing};
use crate::money::Money;
use crate::when::BusinessDate;

/// A customer without versions of pages and times of telling, and without days of which nothing is left.
#[derive(Serialize)]
struct CustomerMeaning<'a> {
    name: Option<&'a str>,
    phone: Option<&'a str>,
    email: Option<&'a str>,
    phone_problem: Option<&'a str>,
    days: Vec<(&'a str, BusinessDate, u32, Money)>,
    erased_ms: Option<i64>,
    corrections: Vec<(ProfileField, i64, &'a [String])>,
    restricted_ms: Option<i64>,
    objected_ms: Option<i64>,
    withdrawn_ms: Option<i64>,
}

/// A day of a habit without the version of what it was counted from.
#[derive(Serialize)]
struct HabitDayMeaning<'a> {
    outlet: &'a str,
    date: BusinessDate,
    dishes: &'a BTreeMap<String, u32>,
    said: Vec<RatedMeaning<'a>>,
}

/// What was said of a receipt.
#[derive(Serialize)]
struct RatedMeaning<'a> {
    overall: Option<u8>,
    dishes: &'a [(String, u8)],
}

/// How an id stands to the others of its number, without since when.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum StandingMeaning<'a> {
    Alone,
    Joined(&'a str, Evidence),
    Parted(&'a str),
}

/// What is known of a customer. What they asked for is part of it, with its times: those are what they asked
/// for.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_customer(id: &str, customer: &Customer) -> Result<ItemHash, FingerprintError> {
    let Customer {
        profile,
        days,
        rights,
        // They say which books are to be left, and mean nothing of the customer.
        former_numbers: _,
    } = customer;
    let Rights {
        erased_ms,
        corrections,
        restricted_ms,
        objected_ms,
        withdrawn_ms,
    } = rights;
    let visited = days
        .iter()
        .filter(|(_, visit)| visit.visits > 0 || !visit.total.is_zero());
    let meaning = CustomerMeaning {
        name: value(&profile.name),
        phone: value(&profile.phone),
        email: value(&profile.email),
        phone_problem: value(&profile.phone_problem),
        days: visited
            .map(|((outlet, date), visit)| (outlet.as_str(), *date, visit.visits, visit.total))
            .collect(),
        erased_ms: *erased_ms,
        corrections: corrections
            .iter()
            .map(|(field, corrected)| (*field, corrected.at_ms, corrected.wrong.as_slice()))
            .collect(),
        restricted_ms: *restricted_ms,
        objected_ms: *objected_ms,
        withdrawn_ms: *withdrawn_ms,
    };
    item(&Table::Customer, &id, &meaning)
}

/// What a customer eats and says; `None` if nothing is known, which is the same as no habit. A day of which nothing
/// is left is no day.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_habit(id: &str, habit: &Habit) -> Result<Option<ItemHash>, FingerprintError> {
    let Habit { days } = habit;
    let days = days.iter().filter(|(_, day)| !day.is_empty());
    let days = days.map(|((outlet, date), day)| {
        let HabitDay {
            page_version: _,
            dishes,
            said,
        } = day;
        let said = said.iter().map(|Rated { overall, dishes }| RatedMeaning {
            overall: *overall,
            dishes,
        });
        HabitDayMeaning {
            outlet,
            date: *date,
            dishes,
            said: said.collect(),
        }
    });
    let days: Vec<HabitDayMeaning<'_>> = days.collect();
    if days.is_empty() {
        return Ok(None);
    }
    item(&Table::Habit, &id, &days).map(Some)
}

/// Who is known under a phone number, and who of them is one person. `hash` is the number's.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_book(hash: &str, book: &KinBook) -> Result<ItemHash, FingerprintError> {
    let KinBook { members, version: _ } = book;
    let members: BTreeMap<&str, StandingMeaning<'_>> = members
        .iter()
        .map(|(id, standing)| {
            let meaning = match standing {
                Standing::Alone => StandingMeaning::Alone,
                Standing::Joined {
                    with,
                    evidence,
                    at_ms: _,
                } => StandingMeaning::Joined(with, *evidence),
                Standing::Parted { by, at_ms: _ } => StandingMeaning::Parted(by),
            };
            (id.as_str(), meaning)
        })
        .collect();
    item(&Table::Book, &hash, &members)
}

fn value(fact: &Option<Fact>) -> Option<&str> {
    fact.as_ref().map(|fact| fact.value.as_str())
}
