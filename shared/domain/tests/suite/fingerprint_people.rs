//! Fingerprints of what is known of people beside their profile, of mails, and of what is hashed as it is stored.

use std::collections::{BTreeMap, BTreeSet};

use domain::customer::OutletDay;
use domain::fingerprint::{ItemHash, of_book, of_group, of_habit, of_mail, of_stored};
use domain::habit::{Habit, HabitDay, Rated};
use domain::insight::Insight;
use domain::kin::{Evidence, KinBook, Standing};
use domain::mail::{Mail, MailCause, MailState};

/// All different.
fn differ<const N: usize>(hashes: [ItemHash; N]) {
    assert_eq!(BTreeSet::from(hashes).len(), N);
}

fn day(date: &str) -> OutletDay {
    ("moka-1".to_owned(), date.parse().unwrap())
}

fn habit() -> Habit {
    let eaten = HabitDay {
        page_version: 3,
        dishes: [("Sate".to_owned(), 2)].into(),
        said: vec![Rated {
            overall: Some(4),
            dishes: vec![("Sate".to_owned(), 5)],
        }],
    };
    Habit {
        days: [(day("2025-10-28"), eaten)].into(),
    }
}

#[test]
fn any_change_of_a_habit_shows_and_no_version_or_empty_day_does() {
    let with = |change: fn(&mut HabitDay)| {
        let mut habit = habit();
        habit.days.values_mut().for_each(change);
        of_habit("a", &habit).unwrap()
    };
    let plain = with(|_| ()).unwrap();
    let moved = Habit {
        days: habit()
            .days
            .into_values()
            .map(|eaten| (day("2025-10-29"), eaten))
            .collect(),
    };
    differ([
        plain,
        of_habit("b", &habit()).unwrap().unwrap(),
        of_habit("a", &moved).unwrap().unwrap(),
        with(|day| day.dishes.extend([("Nasi".to_owned(), 1)])).unwrap(),
        with(|day| day.dishes.extend([("Sate".to_owned(), 3)])).unwrap(),
        with(|day| day.said.clear()).unwrap(),
        with(|day| day.said[0].overall = None).unwrap(),
        with(|day| day.said[0].dishes.clear()).unwrap(),
    ]);
    assert_eq!(with(|day| day.page_version = 9), Some(plain));
    let mut emptied = habit();
    emptied.days.insert(day("2025-10-29"), HabitDay::default());
    assert_eq!(of_habit("a", &emptied).unwrap(), Some(plain));
    assert_eq!(with(|day| *day = HabitDay::default()), None);
    assert_eq!(of_habit("a", &Habit::default()).unwrap(), None);
}

#[test]
fn a_book_says_who_is_whom_and_why_and_not_since_when() {
    let hash = |standing: Standing, version| {
        let members = [("a".to_owned(), Standing::Alone), ("b".to_owned(), standing)];
        let book = KinBook {
            members: members.into(),
            version,
        };
        of_book("8f14", &book).unwrap()
    };
    let joined = |with: &str, evidence, at_ms| Standing::Joined {
        with: with.to_owned(),
        evidence,
        at_ms,
    };
    let parted = |by: &str, at_ms| Standing::Parted {
        by: by.to_owned(),
        at_ms,
    };
    let plain = hash(joined("a", Evidence::SameEmail, 1), 1);
    differ([
        plain,
        hash(joined("a", Evidence::Person, 1), 1),
        hash(joined("b", Evidence::SameEmail, 1), 1),
        hash(Standing::Alone, 1),
        hash(parted("staff:1", 1), 1),
        hash(parted("staff:2", 1), 1),
        of_book("8f14", &KinBook::default()).unwrap(),
        of_book("8f15", &KinBook::default()).unwrap(),
    ]);
    assert_eq!(hash(joined("a", Evidence::SameEmail, 2), 5), plain);
    assert_eq!(hash(parted("staff:1", 2), 1), hash(parted("staff:1", 1), 1));
}

#[test]
fn a_mail_is_its_cause_and_not_how_far_it_has_come() {
    let night = |date: &str| MailCause::NightDigest {
        date: date.parse().unwrap(),
    };
    let mail = |id: &str, cause, state, at_ms| {
        let mail = Mail {
            id: id.to_owned(),
            cause,
            state,
            attempts: 0,
            due_ms: at_ms,
            created_ms: at_ms,
            correlation: None,
            outcome: None,
        };
        of_mail(&mail).unwrap()
    };
    let plain = mail("a", night("2025-10-28"), MailState::Queued, 1);
    assert_eq!(mail("a", night("2025-10-28"), MailState::Sent, 2), plain);
    differ([
        plain,
        mail("b", night("2025-10-28"), MailState::Queued, 1),
        mail("a", night("2025-10-29"), MailState::Queued, 1),
    ]);
}

#[test]
fn figures_of_a_group_and_stored_items_show_where_they_stand_and_all_that_they_hold() {
    let more = Insight {
        receipts: 1,
        ..Insight::default()
    };
    let attributes = |value: &'static str| BTreeMap::from([("pk", "A#1"), ("doc", value)]);
    differ([
        of_group(("G#07#2025-10-28", "moka-1"), &Insight::default()).unwrap(),
        of_group(("G#07#2025-10-28", "moka-2"), &Insight::default()).unwrap(),
        of_group(("G#all#2025-10-28", "moka-1"), &Insight::default()).unwrap(),
        of_group(("G#07#2025-10-28", "moka-1"), &more).unwrap(),
        of_stored("operations.audit", &attributes("a")).unwrap(),
        of_stored("operations.audit", &attributes("b")).unwrap(),
        of_stored("unknown", &attributes("a")).unwrap(),
    ]);
}
