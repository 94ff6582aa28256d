//! What becomes of findings from night to night.

use std::collections::{BTreeMap, BTreeSet};

use domain::finding::{
    Code, Facts, Finding, FindingError, FindingState, Judgement, LOOKED_AT_MAX, NOTE_MAX, NOTES_MAX,
    changed_since, days_to_look_at, settle,
};
use domain::when::BusinessDate;
use proptest::prelude::*;

const OUTLET: &str = "pos-1";

fn date() -> BusinessDate {
    "2026-11-22".parse().unwrap()
}

fn day(days: i32) -> BusinessDate {
    date().add_days(days).unwrap()
}

fn facts(value: u8) -> Facts {
    BTreeMap::from([("missing".to_owned(), value.to_string())])
}

fn found(codes: &[(Code, u8)]) -> Judgement {
    Judgement {
        found: codes.iter().map(|(code, value)| (*code, facts(*value))).collect(),
        ..Judgement::default()
    }
}

/// The stored findings after what was written is put over them.
fn stored(known: &[Finding], written: &[Finding]) -> Vec<Finding> {
    let all = known.iter().chain(written);
    let by_code: BTreeMap<Code, &Finding> = all.map(|finding| (finding.code, finding)).collect();
    by_code.into_values().cloned().collect()
}

fn settled(known: &[Finding], judgement: &Judgement, now_ms: i64) -> Vec<Finding> {
    stored(known, &settle((OUTLET, date()), known, judgement, now_ms))
}

/// The one gap there is, after these nights: each found it so, or not.
fn gap(nights: &[Option<u8>]) -> Finding {
    let mut known = Vec::new();
    for (night, value) in (1..).zip(nights) {
        let codes = value.map(|value| (Code::NumberGap, value));
        known = settled(&known, &found(codes.as_slice()), night * 100);
    }
    known.into_iter().next().unwrap()
}

fn accepted(finding: &Finding) -> Finding {
    finding.accepted("staff:a", "libur", 5).unwrap()
}

#[test]
fn a_finding_opens_changes_goes_and_comes_again() {
    use FindingState::{Open, Resolved};
    type Row<'a> = (&'a [Option<u8>], FindingState, [i64; 3], u8);
    let table: [Row<'_>; 6] = [
        (&[Some(1)], Open, [100, 100, 100], 1),
        (&[Some(1), Some(1)], Open, [100, 100, 100], 1),
        (&[Some(1), Some(2)], Open, [100, 100, 200], 2),
        (&[Some(1), None], Resolved, [100, 100, 200], 1),
        (&[Some(1), None, None], Resolved, [100, 100, 200], 1),
        (&[Some(1), None, Some(1)], Open, [100, 300, 300], 1),
    ];
    for (nights, state, [first_ms, opened_ms, last_ms], value) in table {
        let gap = gap(nights);
        assert_eq!(
            (gap.state, gap.first_ms, gap.opened_ms, gap.last_ms),
            (state, first_ms, opened_ms, last_ms)
        );
        assert_eq!(gap.facts, facts(value), "{nights:?}");
    }
}

#[test]
fn what_a_person_accepted_stays_so_until_its_facts_change() {
    let fine = accepted(&gap(&[Some(1)]));
    assert_eq!(
        (fine.state, fine.last_ms, fine.notes.len()),
        (FindingState::Accepted, 100, 1)
    );
    for judgement in [found(&[(Code::NumberGap, 1)]), found(&[])] {
        assert_eq!(
            settle((OUTLET, date()), std::slice::from_ref(&fine), &judgement, 900),
            []
        );
    }
    let again = settled(std::slice::from_ref(&fine), &found(&[(Code::NumberGap, 2)]), 900);
    let again = again.first().unwrap();
    assert_eq!(
        (again.state, again.opened_ms, again.first_ms),
        (FindingState::Open, 900, 100)
    );
    assert_eq!((&again.notes, again.version), (&fine.notes, fine.version));
}

#[test]
fn what_could_not_be_said_leaves_what_is_known() {
    let open = gap(&[Some(1)]);
    let mut judgement = found(&[]);
    judgement.unsaid.insert(Code::NumberGap);
    assert_eq!(
        settle((OUTLET, date()), std::slice::from_ref(&open), &judgement, 900),
        []
    );
    assert_eq!(
        settled(&[open], &found(&[]), 900)[0].state,
        FindingState::Resolved
    );
}

#[test]
fn findings_of_other_days_and_outlets_are_left_alone() {
    let open = gap(&[Some(1)]);
    assert_eq!(
        settle((OUTLET, day(-1)), std::slice::from_ref(&open), &found(&[]), 900),
        []
    );
    assert_eq!(settle(("pos-2", date()), &[open], &found(&[]), 900), []);
}

#[test]
fn only_an_open_finding_is_accepted_and_notes_are_bounded() {
    let open = gap(&[Some(1)]);
    let fine = accepted(&open);
    assert_eq!(fine.accepted("staff:a", "", 6), Err(FindingError::NotOpen));
    assert_eq!(
        gap(&[Some(1), None]).accepted("staff:a", "", 6),
        Err(FindingError::NotOpen)
    );
    let long = "é".repeat(NOTE_MAX);
    assert!(open.accepted("staff:a", &long, 6).is_ok());
    assert_eq!(
        open.accepted("staff:a", &(long + "x"), 6),
        Err(FindingError::NoteTooLong)
    );
    let note = fine.notes.first().unwrap().clone();
    let full = Finding {
        notes: vec![note; NOTES_MAX],
        ..open
    };
    assert_eq!(full.accepted("staff:a", "", 6), Err(FindingError::TooManyNotes));
}

#[test]
fn a_night_counts_what_it_did_also_after_a_crash_between_writing_and_counting() {
    let two = found(&[(Code::NumberGap, 1), (Code::ClockWrong, 1)]);
    let before = settled(&[], &two, 100);
    let one = found(&[(Code::NumberGap, 1), (Code::SalesLate, 1)]);
    let written = settle((OUTLET, date()), &before, &one, 210);
    assert_eq!(changed_since(&before, &written, 200), (1, 1));
    let after = stored(&before, &written);
    let nothing = settle((OUTLET, date()), &after, &one, 250);
    assert_eq!(nothing, []);
    assert_eq!(changed_since(&after, &nothing, 200), (1, 1));
    assert_eq!(changed_since(&after, &nothing, 300), (0, 0));
}

#[test]
fn days_with_open_findings_are_looked_at_again() {
    let at = |days: i32, state| Finding {
        date: day(days),
        state,
        ..gap(&[Some(1)])
    };
    use FindingState::{Accepted, Open, Resolved};
    let known = [
        at(-9, Open),
        at(-8, Accepted),
        at(-7, Resolved),
        at(-61, Open),
        at(-1, Open),
        at(1, Open),
    ];
    let none = BTreeSet::new();
    assert_eq!(days_to_look_at(date(), &known, &none), [-9, -2, -1, 0].map(day));
    // Files may touch any day; those of one day that is too old or yet to come say nothing.
    let touched = BTreeSet::from([-61, -30, -9, -1, 2].map(day));
    assert_eq!(
        days_to_look_at(date(), &known, &touched),
        [-30, -9, -2, -1, 0].map(day)
    );
    let many: Vec<Finding> = (-60..0).map(|days| at(days, Open)).collect();
    let looked_at = days_to_look_at(date(), &many, &none);
    assert_eq!(
        (looked_at.len(), looked_at[0]),
        (LOOKED_AT_MAX + 3, day(-2 - LOOKED_AT_MAX as i32))
    );
}

#[test]
fn every_code_tells_people_what_to_do_in_words_of_its_own() {
    let words = Code::ALL.map(Code::explain);
    for (at, one) in words.iter().enumerate() {
        assert!(
            [one.id, one.en]
                .iter()
                .all(|text| text.ends_with('.') && text.len() <= 200)
        );
        assert!(
            words[at + 1..]
                .iter()
                .all(|other| one.id != other.id && one.en != other.en)
        );
    }
}

#[test]
fn codes_and_states_are_named_the_same_everywhere() {
    for code in Code::ALL {
        assert_eq!(Code::parse(code.as_str()), Some(code));
        assert_eq!(
            serde_json::to_string(&code).unwrap(),
            format!("\"{}\"", code.as_str())
        );
    }
    for state in FindingState::ALL {
        assert_eq!(FindingState::parse(state.as_str()), Some(state));
        assert_eq!(
            serde_json::to_string(&state).unwrap(),
            format!("\"{}\"", state.as_str())
        );
    }
    assert_eq!(Code::parse("sales_missing"), None);
    let gap = accepted(&gap(&[Some(1)]));
    let text = serde_json::to_string(&gap).unwrap();
    assert_eq!(serde_json::from_str::<Finding>(&text).unwrap(), gap);
}

fn judgement() -> impl Strategy<Value = Judgement> {
    let code = || prop::sample::select(Code::ALL.to_vec());
    let found = prop::collection::btree_map(code(), (0_u8..3).prop_map(facts), 0..6);
    let unsaid = prop::collection::btree_set(code(), 0..4);
    (found, unsaid).prop_map(|(found, unsaid)| Judgement { found, unsaid })
}

proptest! {
    #[test]
    fn settling_again_writes_nothing(
        nights in prop::collection::vec((judgement(), any::<bool>()), 1..6),
    ) {
        let mut known: Vec<Finding> = Vec::new();
        for (now_ms, (judgement, person)) in (1..).zip(nights) {
            let written = settle((OUTLET, date()), &known, &judgement, now_ms);
            known = stored(&known, &written);
            prop_assert_eq!(settle((OUTLET, date()), &known, &judgement, now_ms + 50), vec![]);
            // What is found is on record with these facts, and is open unless somebody accepted just that.
            for (code, facts) in &judgement.found {
                let finding = known.iter().find(|finding| finding.code == *code).unwrap();
                prop_assert_eq!(&finding.facts, facts);
                prop_assert!(finding.state != FindingState::Resolved);
            }
            // What is open was found just now, or nothing could be said of it.
            for finding in known.iter().filter(|finding| finding.state == FindingState::Open) {
                let code = finding.code;
                prop_assert!(judgement.found.contains_key(&code) || judgement.unsaid.contains(&code));
            }
            if person {
                known = known.iter().map(|one| one.accepted("staff:a", "", 0).unwrap_or_else(|_| one.clone())).collect();
            }
        }
    }
}
