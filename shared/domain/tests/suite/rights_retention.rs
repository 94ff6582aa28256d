//! What has served its purpose: guests' words, notes of the staff, and who somebody was.

use crate::feedback_support::{SOLD, answer, said};
use domain::case::{Case, CaseState};
use domain::customer::{Customer, Fact, Profile, Visit};
use domain::export::Export;
use domain::feedback::{Answer, Said};
use domain::finding::{Code, Facts, Finding, FindingState, Note};
use domain::money::Money;
use domain::quarantine::{QuarantineState, Quarantined};
use domain::rights::{DAYS_MIN, Retention};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[test]
fn words_go_when_the_latest_is_old_enough() {
    let kept = Retention::new(100, 200).unwrap();
    let worded = |minutes, comment: &str| Said {
        comment: Some(comment.to_owned()),
        ..said(minutes, 2, &[])
    };
    let answered = answer("1").with_guest(worded(0, "asin")).unwrap();
    let revised = answered.with_guest(said(60, 2, &[])).unwrap();
    assert!(kept.ends_words(&answered, SOLD + 100 * DAY));
    assert!(!kept.ends_words(&answered, SOLD + 100 * DAY - 1));
    assert!(!kept.ends_words(&revised, SOLD + 100 * DAY));
    assert!(
        kept.ends_words(&revised, SOLD + 100 * DAY + HOUR),
        "words of an earlier telling"
    );
    assert!(!kept.ends_words(&revised.without_words(), SOLD + 999 * DAY));
    assert!(!kept.ends_words(&revised.without_comments(), SOLD + 999 * DAY));
    assert!(!kept.ends_words(&Answer::new(answer("1").place, None, SOLD), SOLD + 999 * DAY));
    let case = Case::open(&answered, 2, SOLD).unwrap();
    let noted = case
        .move_to(CaseState::Contacted, "staff:1", "ditelepon", SOLD + DAY)
        .unwrap();
    assert!(!kept.ends_notes(&case, SOLD + 999 * DAY));
    assert!(!kept.ends_notes(&noted, SOLD + 101 * DAY - 1));
    assert!(kept.ends_notes(&noted, SOLD + 101 * DAY));
}

#[test]
fn a_person_is_forgotten_when_the_last_visit_is_old_enough() {
    let kept = Retention::new(100, 200).unwrap();
    let mut customer = Customer {
        profile: Profile {
            name: Some(Fact {
                told_ms: SOLD - DAY,
                value: "Siti Rahma".to_owned(),
            }),
            ..Profile::default()
        },
        ..Customer::default()
    };
    assert!(!kept.ends_profile(&customer, SOLD + 199 * DAY - 1));
    assert!(
        kept.ends_profile(&customer, SOLD + 199 * DAY),
        "never a visit: since the last telling"
    );
    let visit = |visits| Visit {
        page_version: 1,
        visits,
        total: Money::ZERO,
    };
    customer
        .days
        .insert(("moka-1".to_owned(), "2025-10-20".parse().unwrap()), visit(1));
    customer
        .days
        .insert(("moka-1".to_owned(), "2025-12-01".parse().unwrap()), visit(0));
    // 21 October 2025, 00:00 UTC, is the end of the last visit's date.
    let ends = 1_761_004_800_000 + 200 * DAY;
    assert!(!kept.ends_profile(&customer, ends - 1));
    assert!(kept.ends_profile(&customer, ends));
    customer.erase(ends);
    assert!(!kept.ends_profile(&customer, ends + DAY), "nothing is left");
}

#[test]
fn nothing_can_be_set_to_go_within_a_month() {
    assert!(Retention::new(DAYS_MIN, DAYS_MIN).is_ok());
    assert!(Retention::new(DAYS_MIN - 1, DAYS_MIN).is_err());
    assert!(Retention::new(DAYS_MIN, 0).is_err());
    assert_eq!(Retention::default(), Retention::new(730, 730).unwrap());
}

/// A finding that was accepted with these words, and once more without any a day later.
fn finding(text: &str) -> Finding {
    let note = |at_ms, text: &str| Note {
        at_ms,
        by: "staff:1".to_owned(),
        text: text.to_owned(),
    };
    Finding {
        outlet: "moka-1".to_owned(),
        date: "2025-10-28".parse().unwrap(),
        code: Code::SalesMissing,
        state: FindingState::Accepted,
        first_ms: SOLD,
        opened_ms: SOLD,
        last_ms: SOLD,
        facts: Facts::new(),
        notes: vec![note(SOLD, text), note(SOLD + DAY, "")],
        version: 3,
    }
}

#[test]
fn what_the_staff_noted_about_a_finding_goes_with_its_time_and_who_noted_stays() {
    let kept = Retention::new(100, 200).unwrap();
    let noted = finding("Tutup, kata Rahmawati");
    assert_eq!(kept.without_notes(&noted, SOLD + 100 * DAY - 1), None);
    let without = kept.without_notes(&noted, SOLD + 100 * DAY).unwrap();
    assert_eq!(without, finding(""));
    assert_eq!(kept.without_notes(&without, SOLD + 999 * DAY), None, "no news");
}

#[test]
fn why_a_record_was_put_aside_goes_with_its_time_and_who_decided_stays() {
    let kept = Retention::new(100, 200).unwrap();
    let open = Quarantined::of(&Export::default(), SOLD);
    let aside = Quarantined {
        state: QuarantineState::Discarded,
        last_seen_ms: SOLD + DAY,
        decided_by: Some("staff:1".to_owned()),
        reason: Some("Struk Rahmawati".to_owned()),
        ..open.clone()
    };
    assert_eq!(kept.without_reason(&open, SOLD + 999 * DAY), None);
    assert_eq!(kept.without_reason(&aside, SOLD + 101 * DAY - 1), None);
    let without = kept.without_reason(&aside, SOLD + 101 * DAY).unwrap();
    let wanted = Quarantined {
        reason: None,
        ..aside
    };
    assert_eq!(without, wanted);
    assert_eq!(kept.without_reason(&without, SOLD + 999 * DAY), None, "no news");
}
