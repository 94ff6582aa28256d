//! Cases of guests who rated low: when they open, what is mailed, how they move, when a guest has come back.

use std::collections::BTreeMap;

use crate::feedback_support::{SOLD, answer, dish, said};
use domain::case::{
    Case, CaseError, CaseState, EXPORT_CASE_DAYS, NOTE_MAX, NOTES_MAX, Recovered, is_history, low_ratings,
    recovery,
};
use domain::customer::{OutletDay, Visit};
use domain::feedback::{Answer, Said};
use domain::map::OutletRules;
use domain::money::Money;
use domain::outlet::Outlet;
use domain::when::{BusinessDate, Zone, read_moment};

fn said_by(guest: Said) -> Answer {
    answer("1").with_guest(guest).unwrap()
}

fn worded(said: Said, comment: &str) -> Said {
    Said {
        comment: Some(comment.to_owned()),
        ..said
    }
}

fn case() -> Case {
    Case::open(&said_by(said(1, 2, &[("Sate", 1), ("Nasi", 3)])), 2, SOLD).unwrap()
}

#[test]
fn ratings_up_to_the_threshold_are_low() {
    let effective = said_by(said(1, 3, &[("Sate", 1), ("Nasi", 2)])).effective();
    let (sate, nasi) = ((Some(dish("Sate", "")), 1), (Some(dish("Nasi", "")), 2));
    assert_eq!(low_ratings(&effective, 0), []);
    assert_eq!(low_ratings(&effective, 1), std::slice::from_ref(&sate));
    assert_eq!(low_ratings(&effective, 2), [nasi.clone(), sate.clone()]);
    assert_eq!(low_ratings(&effective, 3), [(None, 3), nasi, sate]);
}

#[test]
fn a_low_rating_opens_a_case_and_a_good_one_does_not() {
    let case = case();
    assert_eq!(case.low, [(None, 2), (Some(dish("Sate", "")), 1)]);
    assert_eq!(
        (case.state, case.revision, case.opened_ms),
        (CaseState::Open, 1, SOLD + 60_000)
    );
    assert_eq!(case.id, Case::id_of(&answer("1").place));
    assert!(!case.id.contains("100818"));
    assert_eq!(Case::open(&said_by(said(1, 3, &[("Sate", 3)])), 2, SOLD), None);
    assert_eq!(Case::open(&answer("1"), 2, SOLD), None);
    let reversed = Answer {
        reversed: true,
        ..said_by(said(1, 1, &[]))
    };
    assert_eq!(Case::open(&reversed, 2, SOLD), None);
    let document = serde_json::to_string(&case).unwrap();
    assert_eq!(serde_json::from_str::<Case>(&document).unwrap(), case);
}

#[test]
fn what_only_an_export_says_of_an_old_sale_is_history_by_the_outlets_clock() {
    assert_eq!(EXPORT_CASE_DAYS, 14);
    let of = |date: &str| {
        let mut answer = answer("1");
        answer.place.date = date.parse().unwrap();
        answer.with_pos(said(1, 1, &[]))
    };
    // The outlet's zone and cut-off hour, the sale's date, when it is scored, and whether it is history.
    for (zone, cutoff_hour, sold, scored, expected) in [
        (
            "Asia/Jakarta",
            0,
            "2025-10-28",
            "2025-10-28T19:30:00+07:00",
            false,
        ),
        (
            "Asia/Jakarta",
            0,
            "2025-10-28",
            "2025-11-11T23:59:59+07:00",
            false,
        ),
        ("Asia/Jakarta", 0, "2025-10-28", "2025-11-12T00:00:00+07:00", true),
        // The same moment, two hours further east and with the night belonging to the evening.
        (
            "Asia/Jayapura",
            0,
            "2025-10-28",
            "2025-11-11T23:00:00+07:00",
            true,
        ),
        (
            "Asia/Jakarta",
            4,
            "2025-10-28",
            "2025-11-12T03:59:59+07:00",
            false,
        ),
        ("Asia/Jakarta", 4, "2025-10-28", "2025-11-12T04:00:00+07:00", true),
        ("nowhere", 0, "2025-10-28", "2025-11-11T23:59:59+07:00", false),
        ("Asia/Jakarta", 0, "2024-10-28", "2025-10-28T12:00:00+07:00", true),
        // A till whose clock is ahead.
        (
            "Asia/Jakarta",
            0,
            "2026-10-28",
            "2025-10-28T12:00:00+07:00",
            false,
        ),
    ] {
        let rules = OutletRules::of(Outlet {
            cutoff_hour,
            ..Outlet::undescribed("moka-1", None, Some(zone))
        });
        let now_ms = read_moment(scored, &Zone::default()).unwrap().unwrap().at_ms;
        let told = of(sold);
        let what = format!("{zone} {cutoff_hour} {sold} {scored}");
        assert_eq!(is_history(&told, &rules, now_ms), expected, "{what}");
        let by_guest = told.with_guest(said(2, 5, &[])).unwrap();
        assert!(!is_history(&by_guest, &rules, now_ms), "{what}");
    }
}

#[test]
fn only_a_new_or_changed_low_rating_is_mailed_again() {
    let first = said_by(worded(said(1, 2, &[("Sate", 1)]), "asin"));
    let case = Case::open(&first, 2, SOLD).unwrap();
    let revised = |said: Said| case.renew(&first.with_guest(said).unwrap(), 2, SOLD);
    assert_eq!(case.renew(&first, 2, SOLD + 9), None, "the same again");
    assert_eq!(case.renew(&first.without_words(), 2, SOLD), None, "words erased");
    assert_eq!(revised(said(2, 2, &[("Sate", 1)])), None, "words taken back");
    assert_eq!(
        revised(worded(said(2, 5, &[("Sate", 4)]), "lupakan")),
        None,
        "nothing low any more"
    );
    let more_stars = worded(said(2, 2, &[("Sate", 1), ("Es Teh", 5)]), "asin");
    assert_eq!(revised(more_stars), None, "a good rating more");
    for changed in [
        worded(said(2, 1, &[("Sate", 1)]), "asin"),
        said(2, 1, &[("Sate", 1)]),
        worded(said(2, 2, &[("Sate", 1)]), "asin dan dingin"),
        worded(said(2, 2, &[("Sate", 1), ("Es Teh", 2)]), "asin"),
    ] {
        let renewed = revised(changed).unwrap();
        assert_eq!(
            (renewed.revision, &renewed.id, renewed.opened_ms),
            (2, &case.id, case.opened_ms)
        );
        assert_ne!(renewed.mail_id(), case.mail_id());
    }
}

#[test]
fn a_rating_that_changes_there_and_back_is_three_tellings() {
    let guest = |minutes, overall| said_by(said(minutes, overall, &[]));
    let first = Case::open(&guest(1, 2), 2, SOLD).unwrap();
    let second = first.renew(&guest(2, 1), 2, SOLD).unwrap();
    let third = second.renew(&guest(3, 2), 2, SOLD).unwrap();
    let mut mails = vec![first.mail_id(), second.mail_id(), third.mail_id()];
    mails.sort();
    mails.dedup();
    assert_eq!(mails.len(), 3);
    assert_eq!(third.renew(&guest(3, 2), 2, SOLD), None);
}

#[test]
fn a_case_moves_forwards_by_hand_and_back_by_a_new_low_rating() {
    use CaseState::{Contacted, Open, Resolved};
    let allowed = [(Open, Contacted), (Open, Resolved), (Contacted, Resolved)];
    for from in CaseState::ALL {
        for to in CaseState::ALL {
            let case = Case {
                state: from,
                ..case()
            };
            let moved = case.move_to(to, "staff:1", "", SOLD + 5);
            if allowed.contains(&(from, to)) {
                let moved = moved.unwrap();
                assert_eq!(
                    (moved.state, moved.changed_ms, moved.notes[0].state),
                    (to, SOLD + 5, to)
                );
            } else {
                assert_eq!(moved, Err(CaseError::Settled), "{from:?} {to:?}");
            }
            let noted = case
                .move_to(from, "staff:1", " sudah\u{202E} ditelepon ", SOLD)
                .unwrap();
            assert_eq!(
                (noted.state, noted.notes[0].text.as_str()),
                (from, "sudah ditelepon")
            );
        }
        let renewed = Case {
            state: from,
            ..case()
        }
        .renew(&said_by(said(9, 1, &[])), 2, SOLD)
        .unwrap();
        assert_eq!(renewed.state, if from == Resolved { Open } else { from });
        assert_eq!(CaseState::parse(from.as_str()), Some(from));
    }
    assert_eq!(CaseState::parse("Open"), None);
}

#[test]
fn notes_are_bounded() {
    let long = "é".repeat(NOTE_MAX);
    let mut case = case();
    for _ in 0..NOTES_MAX {
        case = case.move_to(CaseState::Open, "key:a", &long, SOLD).unwrap();
    }
    assert_eq!(
        case.move_to(CaseState::Resolved, "key:a", "", SOLD),
        Err(CaseError::TooManyNotes)
    );
    case.notes.clear();
    let too_long = case.move_to(CaseState::Open, "key:a", &format!("{long}é"), SOLD);
    assert_eq!(too_long, Err(CaseError::NoteTooLong));
}

#[test]
fn words_of_a_case_go_and_who_noted_when_stays() {
    let noted = case().move_to(CaseState::Contacted, "staff:1", "Bu Sari ditelepon", SOLD + 5);
    let noted = noted
        .unwrap()
        .move_to(CaseState::Resolved, "staff:2", "", SOLD + 6)
        .unwrap();
    assert!(noted.has_words());
    let erased = noted.without_words(SOLD + 9);
    assert!(!erased.has_words() && !serde_json::to_string(&erased).unwrap().contains("Sari"));
    let kept: Vec<_> = erased
        .notes
        .iter()
        .map(|note| (note.by.as_str(), note.at_ms, note.state))
        .collect();
    assert_eq!(
        kept,
        [
            ("staff:1", SOLD + 5, CaseState::Contacted),
            ("staff:2", SOLD + 6, CaseState::Resolved)
        ]
    );
    assert_eq!((erased.changed_ms, erased.state), (SOLD + 9, CaseState::Resolved));
    assert_eq!(
        erased.without_words(SOLD + 99),
        erased,
        "nothing is left to erase"
    );
}

#[test]
fn a_guest_who_comes_back_is_recovered_within_the_smallest_time_that_fits() {
    let date = |text: &str| text.parse::<BusinessDate>().unwrap();
    let visit = |visits| Visit {
        page_version: 1,
        visits,
        total: Money::ZERO,
    };
    let visits = |days: &[(&str, u32)]| -> BTreeMap<OutletDay, Visit> {
        let outlets = ["moka-2", "moka-1", "moka-3"];
        let days = days.iter().zip(outlets);
        days.map(|((on, count), outlet)| ((outlet.to_owned(), date(on)), visit(*count)))
            .collect()
    };
    let found = |days: &[(&str, u32)], today: &str| {
        recovery(date("2025-10-28"), &visits(days), date(today))
            .map(|found| (found.days, found.on.to_string()))
    };
    // Dates with how many visits; within how many days, and when.
    type Known<'a> = (&'a [(&'a str, u32)], Option<(u16, &'a str)>);
    let known: [Known<'_>; 9] = [
        (&[], None),
        (&[("2025-10-28", 2)], None),
        (&[("2025-10-01", 1)], None),
        (&[("2025-10-29", 1)], Some((30, "2025-10-29"))),
        (&[("2025-11-27", 1)], Some((30, "2025-11-27"))),
        (&[("2025-11-28", 1)], Some((60, "2025-11-28"))),
        (&[("2026-01-26", 1)], Some((90, "2026-01-26"))),
        (&[("2026-01-27", 1)], None),
        (
            &[("2025-12-28", 1), ("2025-12-27", 1), ("2025-11-01", 0)],
            Some((60, "2025-12-27")),
        ),
    ];
    for (days, wanted) in known {
        let wanted = wanted.map(|(within, on)| (within, on.to_owned()));
        assert_eq!(found(days, "2026-06-01"), wanted, "{days:?}");
    }
    assert_eq!(
        found(&[("2025-11-28", 1)], "2025-11-27"),
        None,
        "not in the future"
    );
    let noted = case().with_recovery(
        Recovered {
            days: 30,
            on: date("2025-11-01"),
        },
        SOLD + 1,
    );
    assert_eq!((noted.recovered.unwrap().days, noted.changed_ms), (30, SOLD + 1));
}
