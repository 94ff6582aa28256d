//! Receipt numbers that are left out.

use std::collections::{BTreeMap, BTreeSet};

use domain::finding::{GAPS_NAMED_MAX, Gaps, gaps};
use proptest::prelude::*;

fn named(numbers: &[&str]) -> Vec<String> {
    gaps(numbers.iter().copied()).named
}

#[test]
fn gaps_are_found_within_each_sequence() {
    let table: [(&[&str], &[&str]); 16] = [
        (&[], &[]),
        (&["001"], &[]),
        (&["001", "002", "003"], &[]),
        (&["001", "002", "004"], &["003"]),
        (&["004", "001", "002", "002"], &["003"]), // any order, more than once
        (&[" A-001", "A-002 ", "A-004"], &["A-003"]),
        (
            &["A-001", "A-002", "A-004", "B-001", "B-002", "B-003"],
            &["A-003"],
        ),
        (
            &["A-001", "A-003", "A-004", "B-007", "B-008", "B-010"],
            &["A-002", "B-009"],
        ),
        (&["0998", "0999", "1001"], &["1000"]), // over a round number
        (&["998", "999", "1000", "1001", "1002"], &[]), // without leading zeros a new width is a new sequence
        (&["A-1", "A-2", "A-4", "A-5"], &[]),   // too short to be a counter
        (&["53L8YFC", "9KX2ABD", "53L8123"], &[]),
        (&["839201", "120394", "555001", "120399"], &[]), // drawn at random
        (
            &["INV/20251028/001", "INV/20251028/002", "INV/20251028/004"],
            &["INV/20251028/003"],
        ),
        // The date in the digits: after midnight the sequence begins anew.
        (
            &["20251028001", "20251028002", "20251028004", "20251029001"],
            &["20251028003"],
        ),
        (&["é-001", "é-002", "é-004"], &["é-003"]),
    ];
    for (numbers, expected) in table {
        assert_eq!(named(numbers), expected, "{numbers:?}");
    }
}

#[test]
fn numbers_of_any_length_are_looked_at_or_passed_over() {
    let long = |end: &str| format!("{}{end}", "9".repeat(20));
    let numbers = ["001", "002", "004"].map(long);
    assert_eq!(named(&numbers.each_ref().map(|number| &**number)), [long("003")]);
    let endless = ["001", "002", "004"].map(|end| "9".repeat(60) + end);
    assert_eq!(gaps(endless.iter().map(|number| &**number)), Gaps::default());
    let highest = ["999999999999997", "999999999999998", "999999999999999"];
    assert_eq!(gaps(highest), Gaps::default());
}

#[test]
fn the_first_twenty_are_named_and_all_are_counted() {
    let numbers: Vec<String> = (0..60).map(|n| format!("A-{:04}", n * 2)).collect();
    let gaps = gaps(numbers.iter().map(|number| &**number));
    assert_eq!(
        (gaps.total, gaps.named.len(), gaps.sequences),
        (59, GAPS_NAMED_MAX, 1)
    );
    assert_eq!(gaps.named[..2], ["A-0001", "A-0003"]);
}

/// The same by looking at every number between the first and the last of a run.
fn naive(sequences: &BTreeMap<char, BTreeSet<u64>>) -> Vec<String> {
    let mut missing = Vec::new();
    for (prefix, values) in sequences {
        let (Some(first), Some(last)) = (values.first(), values.last()) else {
            continue;
        };
        let mut run = vec![*first];
        for value in first + 1..=last + 1 {
            let so_far = *run.last().unwrap();
            // The run is over where more numbers than the sequence has are absent in a row, and at the end.
            if value == last + 1 || (values.contains(&value) && value - so_far - 1 > values.len() as u64) {
                let whole: Vec<u64> = (run[0]..=so_far)
                    .filter(|value| !values.contains(value))
                    .collect();
                if run.len() >= 3 && whole.len() <= run.len() {
                    missing.extend(whole.iter().map(|value| format!("{prefix}{value:03}")));
                }
                run.clear();
            }
            if values.contains(&value) {
                run.push(value);
            }
        }
    }
    missing
}

proptest! {
    #[test]
    fn gaps_are_those_of_a_naive_search(
        numbers in prop::collection::vec((prop::sample::select(vec!['A', 'B', 'C']), 0_u64..120), 0..90),
        dense in prop::collection::vec((prop::sample::select(vec!['A', 'B']), 300_u64..330), 0..40),
    ) {
        let all = || numbers.iter().chain(&dense);
        let mut sequences: BTreeMap<char, BTreeSet<u64>> = BTreeMap::new();
        for (prefix, value) in all() {
            sequences.entry(*prefix).or_default().insert(*value);
        }
        let texts: Vec<String> = all().map(|(prefix, value)| format!("{prefix}{value:03}")).collect();
        let found = gaps(texts.iter().map(|text| &**text));
        let expected = naive(&sequences);
        prop_assert_eq!(found.total, expected.len() as u64);
        prop_assert_eq!(&found.named[..], &expected[..expected.len().min(GAPS_NAMED_MAX)]);
    }

    #[test]
    fn any_texts_are_taken(texts in prop::collection::vec(".{0,50}|[0-9]{1,45}", 0..20)) {
        let found = gaps(texts.iter().map(|text| &**text));
        prop_assert!(found.named.len() <= GAPS_NAMED_MAX);
        prop_assert!(found.total >= found.named.len() as u64);
    }
}
