//! A night from its start to its end, and what each look at it asks for.

use crate::night_support::{DUE, MINUTE, date, done, failed, part};
use domain::night::{
    ANNOUNCE_MS, Action, End, LEASE_MS, Listing, Night, NightError, OVERLAP_MS, Part, Phase, Sum,
    TROUBLES_MAX, Trouble, WAIT_MS, WAITS_MAX, end_of, look,
};

fn night(central: bool) -> Night {
    Night::begin(date(), DUE, None, central, DUE + 9)
}

/// A night in a phase, with so many parts planned for it.
fn at(phase: Phase, parts: u32) -> Night {
    let mut night = night(false);
    night.phase = phase;
    let of = phase.parts_of().unwrap();
    night.planned(of, parts, 100).unwrap()
}

fn unreachable() -> Trouble {
    Trouble::new(None, "central", "CENTRAL_UNREACHABLE", "connection refused")
}

#[test]
fn phases_follow_each_other() {
    for (phase, next) in Phase::ALL.iter().zip(&Phase::ALL[1..]) {
        assert_eq!(phase.next(), *next);
        assert!(phase < next);
        assert_eq!(Phase::parse(phase.as_str()), Some(*phase));
        assert_eq!(
            serde_json::to_string(phase).unwrap(),
            format!("\"{}\"", phase.as_str())
        );
    }
    assert_eq!(Phase::Over.next(), Phase::Over);
}

#[test]
fn a_night_without_any_outlet_passes_through_every_phase() {
    let mut night = night(false);
    let mut passed = vec![night.phase];
    while night.phase != Phase::Over {
        for action in look(&night, &[], DUE) {
            night = match action {
                Action::Plan(phase) => night.planned(phase, 0, 0).unwrap(),
                Action::Advance => night.advanced(&[], DUE).unwrap(),
                Action::Settle => night.settled(&[], &[], &[], DUE).unwrap(),
                Action::Report => night.closed(&Sum::default(), "mail_x", DUE + MINUTE).unwrap(),
                Action::Write(_) | Action::List | Action::Tell => panic!("{action:?}"),
            };
        }
        passed.push(night.phase);
    }
    passed.dedup();
    assert_eq!(passed, Phase::ALL);
    assert_eq!(
        (night.end, night.finished_ms),
        (Some(End::Complete), Some(DUE + MINUTE))
    );
    assert_eq!(
        (night.digest.as_deref(), night.reconcile_ms),
        (Some("mail_x"), Some(DUE))
    );
    // Until its end was told, somebody has to look at it.
    assert_eq!(look(&night, &[], i64::MAX), [Action::Tell]);
    assert!(night.look_ms().is_some());
    let night = night.told().unwrap();
    assert_eq!(look(&night, &[], i64::MAX), []);
    assert_eq!(night.look_ms(), None);
    let text = serde_json::to_string(&night).unwrap();
    assert_eq!(serde_json::from_str::<Night>(&text).unwrap(), night);
}

#[test]
fn a_night_counts_as_news_what_came_since_a_little_before_the_one_before_began_to_reconcile() {
    assert_eq!(night(false).since_ms, DUE - 24 * 60 * MINUTE);
    let before = Night {
        reconcile_ms: Some(DUE - 77),
        ..night(false)
    };
    assert_eq!(
        Night::begin(date(), DUE, Some(&before), false, DUE).since_ms,
        DUE - 77 - OVERLAP_MS
    );
    // One that never came so far says nothing.
    assert_eq!(
        Night::begin(date(), DUE, Some(&night(false)), false, DUE).since_ms,
        DUE - 24 * 60 * MINUTE
    );
}

#[test]
fn a_phase_ends_when_all_of_its_parts_are_there_and_over() {
    let (first, second) = (part(Phase::Reconcile, 0, 2), part(Phase::Reconcile, 1, 2));
    let other = part(Phase::Enrich, 0, 2);
    let night = at(Phase::Reconcile, 2);
    let table: [(&[Part], bool); 5] = [
        (&[], false),
        (&[done(&first)], false),
        (&[done(&first), second.clone()], false),
        (&[done(&first), failed(&second)], true),
        (&[done(&first), done(&second), other], true),
    ];
    for (parts, ends) in table {
        assert_eq!(look(&night, parts, DUE).contains(&Action::Advance), ends);
        let advanced = night.advanced(parts, DUE + 5);
        assert_eq!(advanced.is_ok(), ends);
        if let Ok(next) = advanced {
            assert_eq!((next.phase, next.phase_ms), (Phase::Enrich, DUE + 5));
        }
    }
    // Parts that are put one by one do not end it before all of them are.
    let mut unplanned = night.clone();
    unplanned.parts.clear();
    assert_eq!(
        look(&unplanned, &[done(&first)], DUE),
        [Action::Plan(Phase::Reconcile)]
    );
    assert_eq!(
        unplanned.advanced(&[done(&first)], DUE),
        Err(NightError::NotEnded)
    );
}

#[test]
fn a_look_puts_back_what_lies_and_leaves_what_is_held() {
    let night = at(Phase::Enrich, 3);
    let waits = part(Phase::Enrich, 0, 2);
    let held = part(Phase::Enrich, 1, 2).claim(DUE, 20 * MINUTE).unwrap();
    let lost = part(Phase::Enrich, 2, 2).claim(DUE, MINUTE).unwrap();
    let parts = [waits, held, lost.clone()];
    assert_eq!(look(&night, &parts, DUE), []);
    let back = lost.left_lying(DUE + 2 * MINUTE).unwrap();
    assert_eq!(
        look(&night, &parts, DUE + 2 * MINUTE),
        [Action::Write(Box::new(back))]
    );
}

#[test]
fn a_part_that_rests_is_left_alone_and_keeps_no_other_from_being_announced() {
    let night = at(Phase::Enrich, 2);
    let waits = part(Phase::Enrich, 0, 2);
    let held = part(Phase::Enrich, 1, 2).claim(DUE, LEASE_MS).unwrap();
    let rests = held
        .put_back(held.token, Some("SYNC_STORE_FAILED"), DUE + ANNOUNCE_MS)
        .unwrap();
    let unheard = waits.left_lying(DUE + ANNOUNCE_MS).unwrap();
    assert_eq!(
        look(&night, &[waits, rests], DUE + ANNOUNCE_MS),
        [Action::Write(Box::new(unheard))]
    );
}

#[test]
fn the_central_list_is_asked_for_until_it_comes_or_the_wait_is_over() {
    let start = night(true);
    assert_eq!(look(&start, &[], DUE), [Action::List, Action::Plan(Phase::Pull)]);
    let failing = start.list_failed(unreachable()).unwrap();
    assert_eq!(failing.list_failed(unreachable()).unwrap(), failing);
    // The night goes on without it.
    let mut night = failing
        .planned(Phase::Pull, 0, 0)
        .unwrap()
        .advanced(&[], DUE)
        .unwrap();
    for wait in 1..WAITS_MAX {
        assert_eq!(look(&night, &[], DUE), [Action::List, Action::Settle]);
        night = night
            .settled(&[], &[], &[], DUE + i64::from(wait) * MINUTE)
            .unwrap();
        assert_eq!((night.phase, night.waits), (Phase::Settle, wait));
    }
    let gave_up = night.settled(&[], &[], &[], DUE + 60 * MINUTE).unwrap();
    assert_eq!(
        (gave_up.phase, &gave_up.troubles[..]),
        (Phase::Reconcile, &[unreachable()][..])
    );
    assert_eq!(gave_up.listed(1, 1), Err(NightError::WrongPhase));

    // It came in the last minute: its files are waited for as if nothing had been.
    let pulls = part(Phase::Pull, 0, 2);
    let listed = night.listed(2, 1).unwrap();
    assert_eq!(
        (listed.waits, &listed.listing),
        (0, &Listing::Planned { files: 2 })
    );
    assert_eq!(look(&listed, std::slice::from_ref(&pulls), DUE), []);
    assert_eq!(listed.settled(&[], &[], &[], DUE), Err(NightError::NotEnded));
    let settled = listed.settled(&[done(&pulls)], &[], &[], DUE).unwrap();
    assert_eq!((settled.phase, settled.troubles_total), (Phase::Reconcile, 0));
    assert_eq!(listed.listed(2, 1), Err(NightError::WrongPhase));
    assert_eq!(
        at(Phase::Pull, 0).list_failed(unreachable()),
        Err(NightError::WrongPhase)
    );
}

#[test]
fn a_list_that_comes_before_the_other_sources_are_planned_does_not_end_the_pull() {
    let listed = night(true).listed(2, 1).unwrap();
    assert_eq!(
        look(&listed, &[done(&part(Phase::Pull, 0, 2))], DUE),
        [Action::Plan(Phase::Pull)]
    );
}

#[test]
fn a_night_waits_for_the_ledger_by_looks_and_not_by_the_clock() {
    let parts = [done(&part(Phase::Pull, 0, 2))];
    let waiting = [("incoming/a.json".to_owned(), "e".to_owned())];
    let mut night = at(Phase::Settle, 1);
    let mut now_ms = DUE;
    for waits in 1..WAITS_MAX {
        night = night.settled(&parts, &waiting, &[], now_ms).unwrap();
        assert_eq!((night.phase, night.waits), (Phase::Settle, waits));
        // Two who look at once count as one, and there is nothing to write.
        assert_eq!(
            night
                .settled(&parts, &waiting, &[], now_ms + WAIT_MS - 1)
                .unwrap(),
            night
        );
        assert_eq!(night.settled(&parts, &waiting, &[], now_ms - 5).unwrap(), night);
        // A machine that slept eight hours finds its night waiting.
        now_ms += if waits == 3 { 8 * 60 * MINUTE } else { WAIT_MS };
    }
    let taken = night.settled(&parts, &[], &[], now_ms).unwrap();
    assert_eq!((taken.phase, taken.troubles_total), (Phase::Reconcile, 0));
    let late = night.settled(&parts, &waiting, &[], now_ms).unwrap();
    let trouble = &late.troubles[0];
    assert_eq!(
        (&*trouble.code, &*trouble.detail),
        ("INGEST_LATE", "incoming/a.json")
    );
    assert_eq!(
        at(Phase::Reconcile, 0).settled(&[], &[], &[], DUE),
        Err(NightError::WrongPhase)
    );
}

#[test]
fn a_second_plan_or_a_late_one_takes_nothing_back() {
    let night = at(Phase::Pull, 4);
    assert_eq!(night.planned(Phase::Pull, 4, 100).unwrap(), night);
    assert_eq!(night.planned(Phase::Pull, 2, 100).unwrap(), night);
    assert_eq!(
        night.planned(Phase::Reconcile, 2, 100),
        Err(NightError::WrongPhase)
    );
    assert_eq!(
        night.closed(&Sum::default(), "m", DUE),
        Err(NightError::WrongPhase)
    );
}

#[test]
fn a_night_ends_as_its_parts_and_its_list_say() {
    let pulls = part(Phase::Pull, 0, 2);
    let rests = part(Phase::Reconcile, 0, 2);
    let enrich = part(Phase::Enrich, 0, 2);
    let wanted = night(true);
    let listed = wanted.listed(0, 0).unwrap();
    let mut troubled = night(false);
    troubled.trouble(unreachable());
    let table = [
        (night(false), vec![], End::Complete),
        (listed.clone(), vec![], End::Complete),
        (listed.clone(), vec![done(&pulls), done(&rests)], End::Complete),
        (troubled, vec![done(&pulls)], End::Partial),
        (wanted.clone(), vec![], End::Failed),
        (wanted.clone(), vec![done(&rests)], End::Failed),
        (wanted.clone(), vec![failed(&pulls)], End::Failed),
        (wanted, vec![done(&pulls)], End::Partial),
        (listed.clone(), vec![failed(&pulls)], End::Failed),
        (listed.clone(), vec![done(&pulls), failed(&pulls)], End::Partial),
        (listed.clone(), vec![done(&pulls), failed(&rests)], End::Failed),
        (
            listed.clone(),
            vec![done(&pulls), done(&rests), failed(&enrich)],
            End::Partial,
        ),
        (listed, vec![done(&pulls), enrich], End::Partial),
    ];
    for (number, (night, parts, end)) in table.into_iter().enumerate() {
        assert_eq!(end_of(&night, &Sum::of(&parts)), end, "row {number}");
    }
}

#[test]
fn a_closed_night_holds_the_sum_of_its_parts_however_often_it_is_made() {
    let parts = [
        done(&part(Phase::Pull, 0, 3)),
        failed(&part(Phase::Pull, 1, 2)),
        part(Phase::Enrich, 0, 4),
    ];
    let mut night = night(true).listed(5, 2).unwrap();
    night.phase = Phase::Report;
    night.trouble(unreachable());
    let close = || night.closed(&Sum::of(&parts), "mail_x", DUE).unwrap();
    let closed = close();
    assert_eq!(closed, close());
    assert_eq!((closed.tally.listed, closed.tally.pulled), (5, 3));
    assert_eq!((closed.end, closed.phase), (Some(End::Partial), Phase::Over));
    let codes: Vec<&str> = closed.troubles.iter().map(|trouble| &*trouble.code).collect();
    assert_eq!(
        codes,
        [
            "CENTRAL_UNREACHABLE",
            "MOKA_REFUSED",
            "MOKA_REFUSED",
            "JOBS_UNFINISHED"
        ]
    );
    assert_eq!(closed.troubles_total, 4);

    let many: Vec<Part> = (0..9)
        .map(|number| failed(&part(Phase::Pull, number, 25)))
        .collect();
    let closed = night.closed(&Sum::of(&many), "mail_x", DUE).unwrap();
    assert_eq!(
        (closed.troubles.len(), closed.troubles_total),
        (TROUBLES_MAX, 226)
    );
}
