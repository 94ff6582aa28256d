//! When orders are sent and asked about: the supplier's night, its clock, and the ids that sort by time.

use domain::topup::window::{
    ASK_UNTIL_MS, ASKS_MS, PENDING_MAX_MS, is_closed, is_cutoff, may_ask, sends_from, wib_bounds, wib_date,
};
use domain::topup::{is_refid, refid};
use domain::when::{BusinessDate, Zone, business_date, format_local};
use proptest::prelude::*;

const MINUTE_MS: i64 = 60_000;
/// 2026-03-01T00:00:00+07:00.
const MIDNIGHT_MS: i64 = 1_772_298_000_000;

/// A moment of that day in Western Indonesian Time.
fn at(hour: i64, minute: i64) -> i64 {
    MIDNIGHT_MS + (hour * 60 + minute) * MINUTE_MS
}

#[test]
fn the_cutoff_keeps_five_minutes_away_from_the_suppliers() {
    assert_eq!(
        format_local(MIDNIGHT_MS, &Zone::default()),
        "2026-03-01T00:00:00.000+07:00"
    );
    let table = [
        (at(23, 25) - 1, false),
        (at(23, 25), true),
        (at(23, 30), true),
        (at(24, 0) - 1, true),
        (at(24, 0), true),
        (at(0, 0), true),
        (at(0, 30), true),
        (at(0, 35) - 1, true),
        (at(0, 35), false),
        (at(12, 0), false),
        (at(-1, 30), true),
    ];
    for (now_ms, cutoff) in table {
        assert_eq!(
            is_cutoff(now_ms),
            cutoff,
            "{}",
            format_local(now_ms, &Zone::default())
        );
    }
}

#[test]
fn what_may_not_be_sent_now_is_sent_when_the_cutoff_is_over() {
    let table = [
        (at(12, 0), at(12, 0)),
        (at(23, 25) - 1, at(23, 25) - 1),
        (at(23, 25), at(24, 35)),
        (at(23, 59), at(24, 35)),
        (at(24, 0), at(24, 35)),
        (at(0, 34), at(0, 35)),
        (at(0, 35), at(0, 35)),
    ];
    for (now_ms, wanted) in table {
        assert_eq!(sends_from(now_ms), wanted, "{now_ms}");
    }
}

#[test]
fn an_order_is_asked_about_on_its_own_day_and_for_twenty_minutes() {
    let table = [
        (at(12, 0), at(12, 0), true),
        (at(12, 0), at(12, 20), true),
        (at(12, 0), at(12, 20) + 1, false),
        (at(12, 0), at(36, 0), false),
        // Before the cutoff, in it, and on the next day after it.
        (at(23, 20), at(23, 24), true),
        (at(23, 20), at(23, 25), false),
        (at(23, 55), at(24, 10), false),
        (at(0, 20), at(0, 34), false),
        (at(0, 20), at(0, 36), true),
        // Clocks of two machines differ by a little.
        (at(12, 0), at(12, 0) - 500, true),
    ];
    for (sent_ms, now_ms, wanted) in table {
        assert_eq!(may_ask(sent_ms, now_ms), wanted, "{sent_ms} {now_ms}");
    }
}

#[test]
fn the_last_question_comes_after_the_supplier_has_given_up_and_before_we_do() {
    assert!(ASKS_MS.is_sorted());
    let last = ASKS_MS.last().copied().unwrap();
    assert!(PENDING_MAX_MS < last && last < ASK_UNTIL_MS);
}

#[test]
fn a_date_holds_the_moments_that_are_its_own() {
    let date: BusinessDate = "2025-10-28".parse().unwrap();
    let (first, last) = wib_bounds(date);
    assert_eq!((wib_date(first), wib_date(last)), (date, date));
    assert_eq!(wib_date(first - 1), date.add_days(-1).unwrap());
    assert_eq!(wib_date(last + 1), date.add_days(1).unwrap());
}

#[test]
fn an_id_is_twenty_digits_and_capital_letters() {
    assert_eq!(refid(0, [0; 8]), "00000000000000000000");
    assert_eq!(refid(-1, [0; 8]), "00000000000000000000");
    assert_eq!(refid(MIDNIGHT_MS, [0xff; 8]), "1KJJK2NM0ZZZZZZZZZZZ");
    for text in [
        "",
        "1KJJK2NM0ZZZZZZZZZZ",
        "1KJJK2NM0ZZZZZZZZZZZZ",
        "1kjjk2nm0zzzzzzzzzzz",
        "1KJJK2NM0ZZZZZZZZZZU",
        "1KJJK2NM0ZZZZZZZZZ #",
        "１KJJZGJ40ZZZZZZZZZ",
    ] {
        assert!(!is_refid(text), "{text}");
    }
}

proptest! {
    #[test]
    fn nothing_is_sent_or_asked_during_the_cutoff(now_ms in 0_i64..4_000_000_000_000, sent_ago in 0_i64..100_000_000) {
        let from = sends_from(now_ms);
        prop_assert!(!is_cutoff(from));
        // We stop before the supplier does, and begin after it.
        prop_assert!(is_cutoff(now_ms) || !is_closed(now_ms));
        prop_assert!(from >= now_ms && from - now_ms <= 70 * MINUTE_MS);
        prop_assert_eq!(from == now_ms, !is_cutoff(now_ms));
        if may_ask(now_ms - sent_ago, now_ms) {
            prop_assert!(!is_cutoff(now_ms));
            prop_assert_eq!(wib_date(now_ms - sent_ago), wib_date(now_ms));
        }
    }

    #[test]
    fn any_moment_is_survived(sent_ms: i64, now_ms: i64) {
        prop_assert!(sends_from(now_ms) >= now_ms);
        prop_assert!(!(may_ask(sent_ms, now_ms) && is_cutoff(now_ms)));
    }

    #[test]
    fn the_date_is_jakartas(at_ms in 0_i64..4_000_000_000_000) {
        prop_assert_eq!(wib_date(at_ms), business_date(at_ms, &Zone::default(), 0));
        let days = (at_ms + 7 * 60 * MINUTE_MS).div_euclid(24 * 60 * MINUTE_MS);
        prop_assert_eq!(i64::from(wib_date(at_ms).days_since_epoch()), days);
    }

    #[test]
    fn ids_sort_by_time(
        first_ms in 0_i64..4_000_000_000_000, later in 1_i64..1_000_000_000, one: [u8; 8], other: [u8; 8]
    ) {
        let (first, second) = (refid(first_ms, one), refid(first_ms + later, other));
        prop_assert!(is_refid(&first) && is_refid(&second));
        prop_assert!(first < second);
    }

    #[test]
    fn ids_of_one_moment_differ_by_what_is_random(at_ms in 0_i64..4_000_000_000_000, one: u64, other: u64) {
        let of = |random: u64| refid(at_ms, (random >> 9).to_be_bytes());
        prop_assert_eq!(of(one) == of(other), one >> 9 == other >> 9);
    }
}
