//! The rules by which a day is found wrong.

use crate::finding_support::{
    DAY, DUE, Day, HOUR, NOON, controlled, counts, date, file, page, receipt, sold,
};
use domain::finding::{Code, Judgement, LATE_MS};
use domain::map::OutletRules;
use domain::outlet::Outlet;
use domain::receipt::{Receipt, Status};
use domain::summary::DaySummary;

#[test]
fn an_ordinary_day_has_no_finding() {
    let files = vec![controlled("a", "all"), file("b", counts(1, 0, 0, 0))];
    let day = Day {
        usual: vec![4, 5, 6, 5],
        ..Day::of(sold(5))
    };
    assert_eq!(day.with_files(files).judged(), Judgement::default());
}

#[test]
fn sales_are_missing_where_the_outlet_sells_on_that_weekday() {
    let table: [(&[u32], bool); 5] = [
        (&[], false),           // closed on this weekday, or new
        (&[0, 0, 0, 0], false), // the same, told otherwise
        (&[0, 7], true),
        (&[80, 90, 70, 60], true),
        (&[1], true),
    ];
    for (usual, missing) in table {
        let codes = Day::silent(usual).codes();
        assert_eq!(codes == [Code::SalesMissing], missing, "{usual:?} {codes:?}");
        assert_eq!(codes.is_empty(), !missing);
    }
    assert_eq!(Day::silent(&[3, 5]).fact("usual"), "4");
    // Whatever came, even if it was cancelled, shows that the outlet is heard.
    let mut voided = receipt(None, NOON);
    voided.head.as_mut().unwrap().value.status = Status::Voided;
    let day = Day {
        usual: vec![5, 5, 5],
        ..Day::of(page([voided]))
    };
    assert_eq!(day.codes(), []);
}

#[test]
fn the_history_that_a_shop_brings_along_is_not_late() {
    let brought = |first: i32| Day {
        tonight: date().add_days(2).unwrap(),
        due_ms: DUE + 2 * DAY,
        first: date().add_days(first).unwrap(),
        first_received_ms: Some(DUE + 2 * DAY - HOUR),
        last_received_ms: Some(DUE + 2 * DAY - HOUR),
        ..Day::of(sold(1))
    };
    assert_eq!(brought(1).codes(), []);
    assert_eq!(
        brought(0).codes(),
        [Code::SalesLate],
        "its own night waited for it"
    );
}

#[test]
fn sales_are_late_for_the_one_night_to_which_it_is_news() {
    let late_ms = DUE + LATE_MS + 1;
    let table = [
        (0, DUE - HOUR, false),
        (0, DUE + 2 * HOUR, false), // fetched by the night of that day itself
        (1, DUE + LATE_MS, false),
        (1, late_ms, true),
        (1, DUE + DAY + HOUR, true), // fetched by the night that looks
        (2, late_ms, false),         // told by the night before
        (2, DUE + DAY + HOUR, true),
        (9, DUE + 8 * DAY + HOUR, true),
        (9, DUE + 7 * DAY, false),
    ];
    for (nights, first_ms, late) in table {
        let day = Day {
            tonight: date().add_days(nights).unwrap(),
            due_ms: DUE + i64::from(nights) * DAY,
            first_received_ms: Some(first_ms),
            last_received_ms: Some(first_ms),
            ..Day::of(sold(1))
        };
        assert_eq!(day.codes() == [Code::SalesLate], late, "{nights} {first_ms}");
    }
    let unknown = Day {
        first_received_ms: None,
        ..Day::of(sold(1))
    };
    assert_eq!(unknown.codes(), []);
}

#[test]
fn a_day_is_compared_with_the_median_of_three_or_more() {
    use Code::{UnusuallyFew, UnusuallyMany};
    let table: [(usize, &[u32], Option<Code>); 12] = [
        (49, &[100, 100, 100], Some(UnusuallyFew)),
        (50, &[100, 100, 100], None),
        (200, &[100, 100, 100], None),
        (201, &[100, 100, 100], Some(UnusuallyMany)),
        (1, &[100, 100], None),
        (1, &[100, 100, 0, 0], None),
        (9, &[18, 18, 18], None),
        (8, &[18, 18, 18], Some(UnusuallyFew)), // ten apart
        (11, &[5, 5, 5], None),                 // six apart
        (15, &[5, 5, 5], Some(UnusuallyMany)),
        (50, &[10, 101, 100, 900], Some(UnusuallyFew)), // between two: 100.5
        (1, &[], None),
    ];
    for (count, usual, code) in table {
        let day = Day {
            usual: usual.to_vec(),
            ..Day::of(sold(count))
        };
        assert_eq!(day.codes(), code.as_slice(), "{count} {usual:?}");
        let unsaid = usual.iter().filter(|count| **count > 0).count() < 3;
        assert_eq!(day.judged().unsaid.contains(&UnusuallyFew), unsaid);
    }
}

#[test]
fn trade_that_goes_on_after_midnight_is_compared_when_it_is_over() {
    let outlet = Outlet {
        cutoff_hour: 4,
        ..Outlet::undescribed("pos-1", None, None)
    };
    let mut day = Day {
        rules: OutletRules::of(outlet),
        usual: vec![100; 4],
        ..Day::of(sold(30))
    };
    assert_eq!(day.codes(), []);
    assert!(day.judged().unsaid.contains(&Code::UnusuallyFew));
    day.tonight = date().add_days(1).unwrap();
    day.due_ms = DUE + DAY;
    assert_eq!(day.codes(), [Code::UnusuallyFew]);
}

#[test]
fn clocks_that_are_ahead_or_of_another_day_are_told() {
    let received_ms = DUE - HOUR;
    let table = [
        (received_ms, false),
        (received_ms + 10 * 60_000, false),
        (received_ms + 10 * 60_000 + 1, true),
        (NOON - DAY, false), // one day off: a cut-off hour that was changed
        (NOON - 2 * DAY, true),
        (NOON - 400 * DAY, true),
    ];
    for (at_ms, wrong) in table {
        let day = Day::of(page([receipt(None, NOON), receipt(None, at_ms)]));
        assert_eq!(day.codes() == [Code::ClockWrong], wrong, "{at_ms}");
        if wrong {
            assert_eq!(&*day.fact("receipts"), "1");
        }
    }
    let unknown = Day {
        last_received_ms: None,
        ..Day::of(page([receipt(None, received_ms + HOUR)]))
    };
    assert_eq!(unknown.codes(), []);
}

#[test]
fn gaps_are_told_and_receipts_without_numbers_are_none() {
    let numbers = [Some("A-001"), None, Some("A-002"), Some("A-004"), None];
    let day = Day::of(page(numbers.map(|number| receipt(number, NOON))));
    let facts = day.facts(Code::NumberGap);
    assert_eq!(
        (&*facts["missing"], &*facts["numbers"], &*facts["sequences"]),
        ("1", "A-003", "1")
    );
    assert_eq!(Day::of(sold(9)).codes(), []);
    // A receipt of which only lines came has no head, and so no number.
    let mut headless = sold(2);
    headless.insert("x".to_owned(), Receipt::default());
    assert_eq!(Day::of(headless).codes(), []);
}

#[test]
fn a_summary_that_is_not_what_the_receipts_come_to_is_told() {
    let good = Day::of(sold(3));
    let other = DaySummary::of(sold(2).values()).unwrap();
    for summary in [Some(other), None] {
        let day = Day {
            summary,
            ..Day::of(sold(3))
        };
        assert_eq!(day.codes(), [Code::FiguresDiffer]);
        assert_eq!(
            (&*day.fact("computed"), &*day.fact("differs")),
            ("3 3", "receipts, figures")
        );
    }
    let orphan = Day { page: None, ..good };
    assert_eq!(orphan.fact("computed"), "0 0");
}
