//! What comes when an order has moved on: late answers, and reports of the supplier.

use crate::topup_world::{
    FLAG, HOUR, LEASE, MINUTE, NOON, RESEND, SECOND, SN, after, being_sent, pending, reply, standing,
    success, unknown,
};
use domain::topup::alert::AlertKind;
use domain::topup::change::{Around, Change};
use domain::topup::decide::{confirmed, proposed};
use domain::topup::event::What;
use domain::topup::order::{Contradiction, Review, Verdict};
use domain::topup::reply::{DuplicateStatus, Failure, Outcome};
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
            assert_eq!(change.destination, None);
            assert!(change.day.is_zero() && change.webhook.is_none());
            // What it says of the balance is news all the same.
            let booked = state != State::New;
            assert_eq!((change.books.is_some(), change.entry.is_some()), (booked, booked));
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
fn each_report_without_a_word_may_be_the_next_one() {
    let around = pending();
    let told = |around: &Around, now_ms| {
        let change = reported(around, None, None, None, now_ms, &RESEND).unwrap();
        assert_eq!(todo(&change.order, now_ms, &RESEND), Todo::Ask);
        let around = asked(&after(around, &change), now_ms);
        after(&around, &reply(&around, Outcome::InProcess, now_ms))
    };
    let around = told(&around, NOON + SECOND);
    let mut around = told(&around, NOON + 2 * MINUTE);
    around.order.reports = vec![String::new(); REPORTS_MAX];
    assert_eq!(reported(&around, None, None, None, NOON + HOUR, &RESEND), None);
    // One that comes before there is anything to ask counts when it comes again.
    let around = standing(State::Sending);
    let change = reported(&around, Some("f1"), None, None, NOON, &RESEND).unwrap();
    let mut around = after(&around, &change);
    around.order.state = State::Unknown;
    let again = reported(&around, Some("f1"), None, None, NOON + SECOND, &RESEND).unwrap();
    assert_eq!(todo(&again.order, NOON + SECOND, &RESEND), Todo::Ask);
}

#[test]
fn a_report_is_a_reason_to_ask_and_never_an_end() {
    for says in [None, Some(true), Some(false)] {
        for around in [pending(), unknown()] {
            let change = reported(&around, Some("f1"), says, None, NOON + SECOND, &RESEND).unwrap();
            assert_eq!(
                (change.order.state, change.event.what),
                (around.order.state, What::Reported)
            );
            assert_eq!(todo(&change.order, NOON + SECOND, &RESEND), Todo::Ask);
            // The same again is nothing.
            let around = after(&around, &change);
            assert_eq!(
                reported(&around, Some("f1"), says, None, NOON + MINUTE, &RESEND),
                None
            );
        }
        for state in [
            State::New,
            State::Sending,
            State::Manual,
            State::Reversed,
            State::LateSuccess,
        ] {
            let around = standing(state);
            let change = reported(&around, Some("f1"), says, None, NOON, &FLAG).unwrap();
            assert_eq!(
                (change.order.state, change.order.next_ms),
                (state, around.order.next_ms)
            );
            assert_eq!(change.order.contradicted, None);
        }
    }
    // Where the question could be a purchase, it is not asked.
    let change = reported(&unknown(), Some("f1"), Some(true), None, NOON + HOUR, &RESEND).unwrap();
    assert_eq!(change.order.next_ms, unknown().order.next_ms);
    let mut around = unknown();
    around.order.reports = (0..REPORTS_MAX).map(|number| number.to_string()).collect();
    assert_eq!(reported(&around, Some("new"), None, None, NOON, &RESEND), None);
}

#[test]
fn a_report_against_the_end_is_looked_into_once_where_that_buys_nothing() {
    for (state, delivered) in [(State::Success, false), (State::Failed, true)] {
        let around = standing(state);
        assert_eq!(
            reported(&around, Some("f0"), Some(!delivered), None, NOON, &FLAG)
                .unwrap()
                .order
                .contradicted,
            None
        );
        let change = reported(&around, Some("f1"), Some(delivered), None, NOON, &RESEND).unwrap();
        assert_eq!(
            change.order.contradicted,
            Some(Contradiction {
                delivered,
                at_ms: NOON
            })
        );
        assert_eq!(kinds(&change), [AlertKind::Contradicted]);
        assert_eq!(todo(&change.order, NOON, &RESEND), Todo::Nothing);
        let change = reported(&around, Some("f1"), Some(delivered), None, NOON, &FLAG).unwrap();
        assert_eq!(todo(&change.order, NOON, &FLAG), Todo::Ask);
        assert!(kinds(&change).is_empty(), "the supplier first, and then people");
        let asked = asked(&after(&around, &change), NOON);
        let change = reply(&asked, success(), NOON + SECOND);
        assert_eq!((change.order.state, change.order.next_ms), (state, None));
        // It is delivered: as we knew, or as the report says.
        let is_for_people = state == State::Failed;
        assert_eq!(change.order.contradicted.is_some(), is_for_people);
        assert_eq!(
            (change.contradicts(), todo(&change.order, NOON + HOUR, &FLAG)),
            (is_for_people, Todo::Nothing)
        );
        // Of a run that is cut off while it asks, and of a question that was lost, nothing is learned.
        let answer = Answer::Lost("timeout");
        assert!(answered(&asked, &answer, None, &FLAG, NOON + SECOND).contradicts());
        let change = lost(&asked, NOON + LEASE).unwrap();
        assert!(change.contradicts());
        assert_eq!(
            (change.order.state, todo(&change.order, NOON + HOUR, &FLAG)),
            (state, Todo::Nothing)
        );
        // Another report is no other question.
        let again = reported(
            &after(&asked, &change),
            Some("f2"),
            Some(delivered),
            None,
            NOON,
            &FLAG,
        )
        .unwrap();
        assert_eq!(todo(&again.order, NOON, &FLAG), Todo::Nothing);
    }
}

#[test]
fn a_delivery_that_is_told_too_late_is_kept_for_who_decides() {
    let around = standing(State::Manual);
    let change = reply(&around, success(), NOON + HOUR);
    assert_eq!(
        (change.order.state, change.order.sn.as_deref()),
        (State::Manual, Some(SN))
    );
    assert_eq!(change.order.charged, None);
    // The order is open, so what it was charged is expected.
    let entry = change.entry.as_ref().unwrap();
    assert_eq!(
        (entry.unrecorded.get(), entry.paid_in.get(), entry.charged.get()),
        (0, 0, 0)
    );
    let around = after(&around, &change);
    let decided = |verdict| {
        let said = after(
            &around,
            &proposed(&around, verdict, "why", "staff:ani", NOON).unwrap(),
        );
        confirmed(&said, "staff:budi", NOON).unwrap().order
    };
    let order = decided(Verdict::Delivered { sn: None });
    assert_eq!((order.state, order.sn.as_deref()), (State::Success, Some(SN)));
    let order = decided(Verdict::NotDelivered);
    assert_eq!((order.state, order.sn), (State::Failed, None));
}

#[test]
fn what_a_late_answer_says_of_the_balance_is_news_unless_it_was_said_since() {
    for state in [State::Manual, State::Success, State::Failed] {
        for (said_ms, is_news) in [(NOON, true), (NOON + MINUTE, false)] {
            let mut around = standing(state);
            around.order.asked_ms = Some(NOON + SECOND);
            around.books.at_ms = said_ms;
            let change = reply(&around, success(), NOON + 2 * MINUTE);
            assert_eq!(change.entry.is_some(), is_news, "{state:?}");
        }
    }
}

#[test]
fn a_report_has_nothing_asked_before_its_time_that_was_said_to_have_failed() {
    let around = being_sent();
    let timeout = Outcome::Failed(Failure::CutoffOrTimeout);
    let around = after(&around, &reply(&around, timeout, NOON + 50 * SECOND));
    let last = NOON + 16 * MINUTE;
    let told = |around: &Around, rules| {
        reported(around, Some("f1"), Some(false), None, NOON + MINUTE, rules)
            .unwrap()
            .order
    };
    let order = told(&around, &RESEND);
    assert_eq!(order.next_ms, Some(last));
    assert_eq!(todo(&order, NOON + MINUTE, &RESEND), Todo::Wait(last));
    assert_eq!(todo(&order, last, &RESEND), Todo::Ask);
    let order = told(&around, &FLAG);
    assert_eq!(todo(&order, NOON + MINUTE, &FLAG), Todo::Ask);
    // Nor does a run that was cut off.
    let mut held = around;
    held.order.asking = true;
    held.order.next_ms = Some(NOON + 2 * MINUTE);
    let around = after(&held, &lost(&held, NOON + 2 * MINUTE).unwrap());
    assert_eq!(todo(&around.order, NOON + 2 * MINUTE, &RESEND), Todo::Wait(last));
}

#[test]
fn any_number_of_reports_is_one_question_more_where_that_could_be_a_purchase() {
    for (rules, most) in [(&RESEND, 6), (&FLAG, 40)] {
        let mut around = pending();
        let mut asks = 0;
        for second in 0..16 * 60 {
            let now_ms = NOON + second * SECOND;
            let print = format!("f{second}");
            if second % 45 == 0
                && let Some(change) = reported(&around, Some(&print), None, None, now_ms, rules)
            {
                around = after(&around, &change);
            }
            if todo(&around.order, now_ms, rules) == Todo::Ask {
                asks += 1;
                let question = asked(&around, now_ms);
                let answer = Answer::Lost("timeout");
                let change = answered(&question, &answer, None, rules, now_ms);
                around = after(&question, &change);
            }
        }
        assert_eq!(around.order.asks, asks);
        assert!((5..=most).contains(&asks), "{asks} of {most}");
    }
}

#[test]
fn no_report_takes_an_order_away_from_the_people_it_is_for() {
    let foreign = Outcome::Duplicate {
        status: DuplicateStatus::Success,
        at: "12:01".to_owned(),
        sn: SN.to_owned(),
    };
    // The supplier knows of the same from somebody else, and the balance can't tell.
    let around = being_sent();
    let around = after(&around, &reply(&around, foreign, NOON + SECOND));
    for rules in [RESEND, FLAG] {
        let change = reported(&around, Some("one"), Some(true), None, NOON + 2 * SECOND, &rules).unwrap();
        let next = todo(&change.order, NOON + 2 * SECOND, &rules);
        assert_eq!(next, Todo::HandOver(Review::BoughtBefore));
    }
}
