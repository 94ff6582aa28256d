//! What people decide about orders: two of them, each time.

use crate::topup_world::{MINUTE, NOON, SN, after, rupiah, standing};
use domain::topup::change::{Around, Change};
use domain::topup::decide::{
    DecideError, REASON_MAX, SN_MAX, confirmed, is_to_correct, is_to_decide, proposed, rejected,
};
use domain::topup::event::What;
use domain::topup::order::{Contradiction, Reason, Verdict};
use domain::topup::state::State;

const ANI: &str = "staff:ani";
const BUDI: &str = "staff:budi";
const WHY: &str = "Mutasi di portal pemasok";

fn manual() -> Around {
    standing(State::Manual)
}

fn contradicted(state: State) -> Around {
    let mut around = standing(state);
    around.order.contradicted = Some(Contradiction {
        delivered: state == State::Failed,
        at_ms: NOON,
    });
    around.books = around.books.ended(&around.order.refid);
    around
}

fn delivered() -> Verdict {
    Verdict::Delivered {
        sn: Some(SN.to_owned()),
    }
}

/// What Ani says and Budi confirms.
fn decided(around: &Around, verdict: Verdict) -> Change {
    let change = proposed(around, verdict, WHY, ANI, NOON).unwrap();
    assert_eq!(
        (change.order.state, change.event.what),
        (around.order.state, What::Proposed)
    );
    assert_eq!(change.event.by.as_deref(), Some(ANI));
    let change = confirmed(&after(around, &change), BUDI, NOON + MINUTE).unwrap();
    assert_eq!(
        (change.event.what, change.event.by.as_deref()),
        (What::Confirmed, Some(BUDI))
    );
    assert_eq!((&change.order.proposal, change.order.contradicted), (&None, None));
    assert_eq!((change.order.next_ms, change.order.review), (None, None));
    change
}

#[test]
fn two_people_end_an_order_that_nobody_knows_about() {
    let change = decided(&manual(), delivered());
    assert_eq!(
        (change.order.state, change.order.sn.as_deref()),
        (State::Success, Some(SN))
    );
    assert_eq!(change.order.charged, Some(rupiah(10_100)));
    let books = change.books.unwrap();
    assert!(books.open.is_empty() && books.charged == rupiah(10_100));
    assert_eq!(change.webhook.unwrap().about, State::Success);
    let change = decided(&manual(), Verdict::NotDelivered);
    assert_eq!(
        (change.order.state, change.order.failure),
        (State::Failed, Some(Reason::DecidedByPerson))
    );
    assert_eq!(change.books.unwrap().charged, rupiah(0));
    assert_eq!(change.day.totals.failed.rupiah, 11_000);
}

#[test]
fn two_people_end_what_a_report_contradicts() {
    let change = decided(&contradicted(State::Success), Verdict::NotDelivered);
    assert_eq!(change.order.state, State::Reversed);
    assert_eq!(
        (
            change.day.totals.delivered.orders,
            change.day.totals.reversed.orders
        ),
        (-1, 1)
    );
    let change = decided(&contradicted(State::Failed), delivered());
    assert_eq!(
        (change.order.state, change.order.failure),
        (State::LateSuccess, None)
    );
    assert_eq!(
        (
            change.day.totals.failed.orders,
            change.day.totals.delivered.orders
        ),
        (-1, 1)
    );
    assert_eq!(change.webhook.unwrap().about, State::LateSuccess);
    // The report was wrong: the order stays as it is, and nobody is told.
    for (state, verdict) in [
        (State::Success, Verdict::Delivered { sn: None }),
        (State::Failed, Verdict::NotDelivered),
    ] {
        let change = decided(&contradicted(state), verdict);
        assert_eq!(
            (change.order.state, change.webhook, change.books),
            (state, None, None)
        );
        assert!(change.day.is_zero());
    }
}

#[test]
fn two_people_correct_an_end_that_no_report_contradicts() {
    let over = |state| {
        let mut around = standing(state);
        around.books = around.books.ended(&around.order.refid);
        around
    };
    for (state, verdict, end) in [
        (State::Success, Verdict::NotDelivered, State::Reversed),
        (State::Failed, delivered(), State::LateSuccess),
    ] {
        let around = over(state);
        let said = proposed(&around, verdict.clone(), WHY, ANI, NOON).unwrap();
        assert!(is_to_decide(&said.order) && said.webhook.is_none() && said.day.is_zero());
        let said = after(&around, &said);
        assert_eq!(confirmed(&said, ANI, NOON), Err(DecideError::SamePerson));
        let back = rejected(&said, BUDI, NOON).unwrap().order;
        assert!(back.state == state && !is_to_decide(&back));
        let change = decided(&around, verdict);
        assert_eq!((change.order.state, change.books), (end, None));
        assert_eq!(change.webhook.unwrap().about, end);
        let totals = change.day.totals;
        let taken_away = totals.delivered.orders + totals.failed.orders + totals.reversed.orders;
        assert_eq!((totals.taken.orders, taken_away), (0, 0));
    }
    // What it is already, and what was never sent, nobody corrects.
    let mut unsent = over(State::Failed);
    unsent.order.sent_ms = None;
    for (around, verdict) in [
        (over(State::Success), delivered()),
        (over(State::Failed), Verdict::NotDelivered),
        (unsent, delivered()),
        (over(State::Reversed), delivered()),
        (over(State::LateSuccess), Verdict::NotDelivered),
    ] {
        let refused = proposed(&around, verdict, WHY, ANI, NOON);
        assert_eq!(refused.err(), Some(DecideError::NotToDecide));
    }
}

#[test]
fn nobody_decides_alone() {
    let around = after(
        &manual(),
        &proposed(&manual(), delivered(), WHY, ANI, NOON).unwrap(),
    );
    assert_eq!(confirmed(&around, ANI, NOON), Err(DecideError::SamePerson));
    let again = proposed(&around, Verdict::NotDelivered, WHY, BUDI, NOON);
    assert_eq!(again, Err(DecideError::AlreadyProposed));
    for by in [ANI, BUDI] {
        let change = rejected(&around, by, NOON).unwrap();
        assert_eq!(
            (change.order.state, change.event.what),
            (State::Manual, What::Rejected)
        );
        let around = after(&around, &change);
        assert_eq!(confirmed(&around, BUDI, NOON), Err(DecideError::NothingProposed));
        assert!(proposed(&around, Verdict::NotDelivered, WHY, BUDI, NOON).is_ok());
    }
}

#[test]
fn only_what_waits_for_people_is_decided() {
    for state in State::ALL {
        let around = standing(state);
        let waits = state == State::Manual;
        assert_eq!(is_to_decide(&around.order), waits);
        for verdict in [Verdict::NotDelivered, delivered()] {
            let corrects = is_to_correct(&around.order, &verdict);
            let result = proposed(&around, verdict, WHY, ANI, NOON);
            let refused = (!waits && !corrects).then_some(DecideError::NotToDecide);
            assert_eq!(result.err(), refused, "{state:?}");
        }
        let expected = if waits {
            DecideError::NothingProposed
        } else {
            DecideError::NotToDecide
        };
        assert_eq!(confirmed(&around, BUDI, NOON), Err(expected));
        assert_eq!(rejected(&around, BUDI, NOON), Err(expected));
    }
    for state in [State::Success, State::Failed] {
        assert!(is_to_decide(&contradicted(state).order));
    }
}

#[test]
fn a_decision_has_a_reason_and_a_serial_number_is_text() {
    let say =
        |verdict, reason: &str| proposed(&manual(), verdict, reason, ANI, NOON).map(|change| change.order);
    let sn = |sn: &str| Verdict::Delivered {
        sn: Some(sn.to_owned()),
    };
    assert_eq!(say(delivered(), " \n"), Err(DecideError::ReasonMissing));
    assert_eq!(
        say(delivered(), &"a".repeat(REASON_MAX + 1)),
        Err(DecideError::TooLong)
    );
    assert_eq!(say(sn(&"1".repeat(SN_MAX + 1)), WHY), Err(DecideError::TooLong));
    assert_eq!(say(sn("12\u{0}34"), WHY), Err(DecideError::TooLong));
    let proposal = say(sn("  "), &format!(" {WHY} ")).unwrap().proposal.unwrap();
    assert_eq!(
        (proposal.verdict, proposal.reason.as_str()),
        (Verdict::Delivered { sn: None }, WHY)
    );
    assert_eq!((proposal.by.as_str(), proposal.at_ms), (ANI, NOON));
}

#[test]
fn errors_have_codes() {
    for (error, code) in [
        (DecideError::NotToDecide, "TOPUP_NOT_TO_DECIDE"),
        (DecideError::AlreadyProposed, "TOPUP_ALREADY_PROPOSED"),
        (DecideError::NothingProposed, "TOPUP_NOTHING_PROPOSED"),
        (DecideError::SamePerson, "TOPUP_SAME_PERSON"),
        (DecideError::ReasonMissing, "TOPUP_REASON_MISSING"),
        (DecideError::TooLong, "TOPUP_REASON_TOO_LONG"),
    ] {
        assert_eq!(error.code(), code);
        assert!(!error.to_string().is_empty());
    }
}
