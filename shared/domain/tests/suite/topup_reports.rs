//! What comes when an order has moved on: late answers, and reports of the supplier.

use crate::topup_world::{
    FLAG, HOUR, LEASE, MINUTE, NOON, RESEND, SECOND, after, pending, reply, standing, success, unknown,
};
use domain::topup::alert::AlertKind;
use domain::topup::change::{Around, Change};
use domain::topup::event::What;
use domain::topup::order::Contradiction;
use domain::topup::reply::{Failure, Outcome};
use domain::topup::state::State;
use domain::topup::step::{Answer, REPORTS_MAX, Todo, answered, asking, lost, reported, todo};

fn asked(around: &Around, now_ms: i64) -> Around {
    after(around, &asking(around, LEASE, now_ms).unwrap())
}

fn kinds(change: &Change) -> Vec<AlertKind> {
    change.alerts.iter().map(|alert| alert.kind).collect()
}

#[test]
fn no_answer_moves_an_order_that_people_have_or_that_is_over() {
    for state in [
        State::New,
        State::Manual,
        State::Success,
        State::Failed,
        State::Reversed,
        State::LateSuccess,
    ] {
        let around = standing(state);
        for outcome in [
            success(),
            Outcome::Accepted,
            Outcome::Failed(Failure::NotProcessable),
            Outcome::Failed(Failure::CutoffOrTimeout),
        ] {
            let change = reply(&around, outcome, NOON + HOUR);
            assert_eq!(change.order.state, state);
            assert_eq!(
                (change.books, change.entry, change.destination),
                (None, None, None)
            );
            assert!(change.day.is_zero() && change.webhook.is_none());
        }
        for answer in [Answer::Lost("timeout"), Answer::NotSent("refused")] {
            assert_eq!(answered(&around, &answer, None, &RESEND, NOON).order.state, state);
        }
    }
}

#[test]
fn a_late_answer_against_the_end_is_for_people() {
    let failed = Outcome::Failed(Failure::NotProcessable);
    for (state, outcome, contradicts) in [
        (State::Success, failed.clone(), Some(false)),
        (State::Failed, success(), Some(true)),
        (State::Success, success(), None),
        (State::Failed, failed.clone(), None),
        (State::Reversed, success(), None),
        (State::LateSuccess, failed, None),
    ] {
        let change = reply(&standing(state), outcome, NOON + HOUR);
        assert_eq!(change.order.contradicted.map(|said| said.delivered), contradicts);
        assert_eq!(!change.alerts.is_empty(), contradicts.is_some());
    }
}

#[test]
fn a_report_is_a_reason_to_ask_and_never_an_end() {
    for says in [None, Some(true), Some(false)] {
        for around in [pending(), unknown()] {
            let change = reported(&around, "f1", says, None, NOON + SECOND, &RESEND).unwrap();
            assert_eq!(
                (change.order.state, change.event.what),
                (around.order.state, What::Reported)
            );
            assert_eq!(todo(&change.order, NOON + SECOND, &RESEND), Todo::Ask);
            // The same again is nothing.
            let around = after(&around, &change);
            assert_eq!(reported(&around, "f1", says, None, NOON + MINUTE, &RESEND), None);
        }
        for state in [
            State::New,
            State::Sending,
            State::Manual,
            State::Reversed,
            State::LateSuccess,
        ] {
            let around = standing(state);
            let change = reported(&around, "f1", says, None, NOON, &FLAG).unwrap();
            assert_eq!(
                (change.order.state, change.order.next_ms),
                (state, around.order.next_ms)
            );
            assert_eq!(change.order.contradicted, None);
        }
    }
    // Where the question could be a purchase, it is not asked.
    let change = reported(&unknown(), "f1", Some(true), None, NOON + HOUR, &RESEND).unwrap();
    assert_eq!(change.order.next_ms, unknown().order.next_ms);
    let mut around = unknown();
    around.order.reports = (0..REPORTS_MAX).map(|number| number.to_string()).collect();
    assert_eq!(reported(&around, "new", None, None, NOON, &RESEND), None);
}

#[test]
fn a_report_against_the_end_is_looked_into_once_where_that_buys_nothing() {
    for (state, delivered) in [(State::Success, false), (State::Failed, true)] {
        let around = standing(state);
        assert_eq!(
            reported(&around, "f0", Some(!delivered), None, NOON, &FLAG)
                .unwrap()
                .order
                .contradicted,
            None
        );
        let change = reported(&around, "f1", Some(delivered), None, NOON, &RESEND).unwrap();
        assert_eq!(
            change.order.contradicted,
            Some(Contradiction {
                delivered,
                at_ms: NOON
            })
        );
        assert_eq!(kinds(&change), [AlertKind::Contradicted]);
        assert_eq!(todo(&change.order, NOON, &RESEND), Todo::Nothing);
        let change = reported(&around, "f1", Some(delivered), None, NOON, &FLAG).unwrap();
        assert_eq!(todo(&change.order, NOON, &FLAG), Todo::Ask);
        let asked = asked(&after(&around, &change), NOON);
        let change = reply(&asked, success(), NOON + SECOND);
        assert_eq!((change.order.state, change.order.next_ms), (state, None));
        assert_eq!(
            (kinds(&change), todo(&change.order, NOON + HOUR, &FLAG)),
            (vec![], Todo::Nothing)
        );
        // A run that is cut off while it asks changes nothing either.
        let change = lost(&asked, NOON + LEASE).unwrap();
        assert_eq!(
            (change.order.state, todo(&change.order, NOON + HOUR, &FLAG)),
            (state, Todo::Nothing)
        );
        // Another report is no other question.
        let again = reported(&after(&asked, &change), "f2", Some(delivered), None, NOON, &FLAG).unwrap();
        assert_eq!(todo(&again.order, NOON, &FLAG), Todo::Nothing);
    }
}
