//! What is news to a night: nights overlap a little, and tell nothing twice.

use crate::finding_support::{DAY, DUE, Day, HOUR, broken, controlled, counts, date, file, sold};
use domain::export::Counts;
use domain::finding::{Code, FileFact, Finding, FindingState, settle};

/// What the night of a day's date wrote of these files, an hour after it was due.
fn told(files: &[FileFact]) -> Vec<Finding> {
    let judgement = Day::of(sold(5)).with_files(files.to_vec()).judged();
    settle(("pos-1", date()), &[], &judgement, DUE + HOUR)
}

/// The next night, which sees the same files once more, and what is known.
fn next_night(files: &[FileFact], known: Vec<Finding>) -> Day {
    Day {
        tonight: date().add_days(1).unwrap(),
        due_ms: DUE + DAY - 2 * HOUR,
        known,
        ..Day::of(sold(5)).with_files(files.to_vec())
    }
}

#[test]
fn what_the_night_before_told_is_no_news_to_the_next() {
    let cases = [
        (
            Code::FileRepeated,
            file("a", counts(0, 5, 0, 0)),
            FindingState::Resolved,
        ),
        (
            Code::EmptyAgain,
            file("a", Counts::default()),
            FindingState::Resolved,
        ),
        (Code::FileFailed, broken("a", "FILE_NOT_JSON"), FindingState::Open),
        (Code::TotalsDiffer, controlled("a", "none"), FindingState::Open),
    ];
    for (code, file, after) in cases {
        let known = told(std::slice::from_ref(&file));
        assert_eq!((known[0].code, known.len()), (code, 1));
        let next = next_night(std::slice::from_ref(&file), known.clone());
        let judgement = next.judged();
        assert!(!judgement.found.contains_key(&code), "{code:?}");
        let written = settle(("pos-1", date()), &known, &judgement, DUE + DAY);
        let state = written.first().map_or(known[0].state, |written| written.state);
        assert_eq!(state, after, "{code:?}");

        // Whoever looks again in the same night comes to the same.
        let known: Vec<Finding> = if written.is_empty() { known } else { written };
        let again = next_night(std::slice::from_ref(&file), known.clone()).judged();
        assert_eq!(
            settle(("pos-1", date()), &known, &again, DUE + DAY + 1),
            [],
            "{code:?}"
        );

        // What it did not see, because it was noted a moment later, is.
        let unseen = next_night(std::slice::from_ref(&file), Vec::new()).judged();
        assert!(unseen.found.contains_key(&code), "{code:?}");
    }
}

#[test]
fn a_look_of_the_same_night_finds_the_same_again() {
    let files = [file("a", counts(0, 5, 0, 0))];
    let again = Day {
        known: told(&files),
        ..Day::of(sold(5)).with_files(files.to_vec())
    };
    assert_eq!(
        settle(("pos-1", date()), &again.known, &again.judged(), DUE + 2 * HOUR),
        []
    );
}

#[test]
fn of_more_files_than_a_finding_names_those_that_had_come_by_then_are_told() {
    let at = |number: i64, received_ms: i64| FileFact {
        received_ms,
        ..file(&format!("file-{number}"), counts(0, 5, 0, 0))
    };
    let first: Vec<FileFact> = (0..9).map(|number| at(number, DUE - HOUR)).collect();
    let known = told(&first);
    assert_eq!(known[0].facts["files"], "9");
    assert_eq!(next_night(&first, known.clone()).codes(), []);
    let mut more = first;
    more.push(at(9, DUE + HOUR));
    let next = next_night(&more, known);
    assert_eq!(
        (next.codes(), &*next.fact("files")),
        (vec![Code::FileRepeated], "10")
    );
}

#[test]
fn news_beside_what_was_told_are_the_same_at_every_look() {
    let old = file("a", counts(0, 5, 0, 0));
    let new = FileFact {
        received_ms: DUE + HOUR,
        ..file("b", counts(0, 5, 0, 0))
    };
    let (both, known) = ([old.clone(), new], told(&[old]));
    let first = next_night(&both, known.clone()).judged();
    let written = settle(("pos-1", date()), &known, &first, DUE + DAY);
    assert_eq!((&*written[0].facts["files"], written.len()), ("2", 1));
    let again = next_night(&both, written.clone()).judged();
    assert_eq!(settle(("pos-1", date()), &written, &again, DUE + DAY + 1), []);
}

#[test]
fn another_content_under_the_same_key_is_news() {
    let known = told(&[file("a", counts(0, 5, 0, 0))]);
    let later = FileFact {
        etag: "another".to_owned(),
        received_ms: DUE + HOUR,
        ..file("a", counts(0, 6, 0, 0))
    };
    assert_eq!(next_night(&[later], known).codes(), [Code::FileRepeated]);
}

/// A day whose first sales came in time and whose last change came two days later with these counts.
fn changed_late(last_change: Option<Counts>) -> Day {
    Day {
        tonight: date().add_days(2).unwrap(),
        due_ms: DUE + 2 * DAY,
        last_received_ms: Some(DUE + 2 * DAY - 3 * HOUR),
        last_change,
        ..Day::of(sold(5))
    }
}

#[test]
fn a_second_till_that_comes_late_is_told_and_a_correction_is_not() {
    let table = [
        (Some(counts(5, 0, 0, 0)), true),
        (Some(counts(3, 2, 0, 9)), true),
        (Some(counts(1, 4, 0, 0)), false),
        (Some(counts(2, 1, 1, 0)), false),
        (Some(counts(0, 0, 0, 0)), false),
        (None, false),
    ];
    for (last_change, late) in table {
        let day = changed_late(last_change);
        assert_eq!(day.codes() == [Code::SalesLate], late, "{last_change:?}");
    }
    // Five sales that were cancelled two days later are no late ones.
    let mut cancelled = changed_late(Some(counts(5, 0, 0, 0)));
    for receipt in cancelled.page.as_mut().unwrap().values_mut() {
        receipt.head.as_mut().unwrap().rank.revised_ms = DUE + 2 * DAY - 4 * HOUR;
    }
    assert_eq!(cancelled.codes(), []);
    let in_time = Day {
        last_received_ms: Some(DUE + HOUR),
        due_ms: DUE,
        tonight: date(),
        ..changed_late(Some(counts(5, 0, 0, 0)))
    };
    assert_eq!(in_time.codes(), []);
}

#[test]
fn late_sales_are_told_by_one_night_and_later_ones_by_another() {
    let day = changed_late(Some(counts(5, 0, 0, 0)));
    let known = settle(("pos-1", date()), &[], &day.judged(), DUE + 2 * DAY + HOUR);
    let mut next = Day {
        tonight: date().add_days(3).unwrap(),
        due_ms: DUE + 3 * DAY - 4 * HOUR,
        known,
        ..changed_late(Some(counts(5, 0, 0, 0)))
    };
    assert_eq!(next.codes(), []);
    next.last_received_ms = Some(DUE + 3 * DAY - 5 * HOUR);
    assert_eq!(next.codes(), [Code::SalesLate]);
}

#[test]
fn a_finding_is_kept_while_it_is_open_and_four_hundred_days_more() {
    let open = told(&[broken("a", "FILE_NOT_JSON")]).remove(0);
    assert_eq!(open.expires_ms(), None);
    let accepted = open.accepted("staff:1", "", DUE + 3 * DAY).unwrap();
    assert_eq!(accepted.expires_ms(), Some(DUE + 403 * DAY));
    let resolved = Finding {
        state: FindingState::Resolved,
        ..open
    };
    assert_eq!(resolved.expires_ms(), Some(DUE + HOUR + 400 * DAY));
}
