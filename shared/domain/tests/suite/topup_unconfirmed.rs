//! Failures that are said and are not certain: what they are told from, and what confirms them.

use crate::topup_world::{
    FLAG, HOUR, MINUTE, NOON, RESEND, SECOND, after, asked, being_sent, duplicate, reply, reply_to, rupiah,
    sent_at, unknown,
};
use domain::topup::alert::AlertKind;
use domain::topup::change::Around;
use domain::topup::order::{Reason, Review};
use domain::topup::reply::{Balance, DuplicateStatus, Failure, Outcome, Reply};
use domain::topup::state::State;
use domain::topup::step::{Answer, Todo, answered, todo};

/// 23:24:50 in Jakarta.
const LATE: i64 = NOON + 11 * HOUR + 24 * MINUTE + 50 * SECOND;

#[test]
fn the_cutoff_is_told_from_a_timeout() {
    let cutoff = || Outcome::Failed(Failure::CutoffOrTimeout);
    // Sent, replied, whether it was pending before; what it is.
    let closed = LATE + 6 * MINUTE;
    for (sent_ms, replied_ms, was_pending, expected) in [
        (
            closed,
            closed + 20 * SECOND,
            false,
            (State::Failed, Some(Reason::Cutoff)),
        ),
        // We send nothing any more, and the supplier is open: the operator did not answer in time, and may deliver.
        (LATE, LATE + 20 * SECOND, false, (State::Unknown, None)),
        (LATE + MINUTE, LATE + 2 * MINUTE, false, (State::Unknown, None)),
        // It closed on the way, or it took so long that it timed out.
        (
            closed - MINUTE,
            closed - MINUTE + 20 * SECOND,
            false,
            (State::Unknown, None),
        ),
        (closed, closed + 50 * SECOND, false, (State::Unknown, None)),
        (LATE, LATE + 5 * SECOND, false, (State::Unknown, None)),
        (LATE, LATE + 50 * SECOND, false, (State::Unknown, None)),
        (NOON, NOON + SECOND, false, (State::Unknown, None)),
        (closed, closed + 20 * SECOND, true, (State::Unknown, None)),
    ] {
        let mut around = sent_at(sent_ms);
        around.order.was_pending = was_pending;
        let order = reply(&around, cutoff(), replied_ms).order;
        assert_eq!((order.state, order.failure), expected);
        assert_eq!(order.unconfirmed.is_some(), expected.0 == State::Unknown);
    }
}

#[test]
fn a_failure_that_is_not_certain_takes_the_same_answer_again_and_an_untouched_balance() {
    for failure in [Failure::CutoffOrTimeout, Failure::Other] {
        let outcome = || Outcome::Failed(failure);
        let around = being_sent();
        let around = after(&around, &reply(&around, outcome(), NOON + SECOND));
        assert_eq!(
            around.order.next_ms,
            Some(NOON + 16 * MINUTE),
            "asked once, when it is over"
        );
        // Too early, it is not believed.
        let early = asked(&around, NOON + 5 * MINUTE);
        assert_eq!(
            reply(&early, outcome(), NOON + 5 * MINUTE).order.state,
            State::Unknown
        );
        let last = NOON + 16 * MINUTE;
        let question = asked(&around, last);
        let change = reply(&question, outcome(), last + SECOND);
        assert_eq!(change.order.state, State::Failed);
        // Another balance, one that cannot be read, and another kind of failure do not confirm it.
        let said = |outcome, balance| {
            let reply = Reply {
                balance,
                ..reply_to(&question, outcome)
            };
            answered(&question, &Answer::Reply(reply), None, &RESEND, last + SECOND).order
        };
        let other = match failure {
            Failure::Other => Failure::CutoffOrTimeout,
            _ => Failure::Other,
        };
        for order in [
            said(outcome(), Balance::Left(rupiah(489_900))),
            said(outcome(), Balance::Left(rupiah(700_000))),
            said(outcome(), Balance::Unreadable),
            said(Outcome::Failed(other), Balance::Left(rupiah(500_000))),
        ] {
            assert_eq!(order.state, State::Unknown);
            let review = Review::FailureNotConfirmed;
            assert_eq!(todo(&order, last + SECOND, &RESEND), Todo::HandOver(review));
        }
    }
}

#[test]
fn a_delivery_after_an_uncertain_failure_is_a_delivery() {
    let around = being_sent();
    let around = after(
        &around,
        &reply(&around, Outcome::Failed(Failure::CutoffOrTimeout), NOON),
    );
    let asked = asked(&around, NOON + 16 * MINUTE);
    let order = reply(&asked, duplicate(DuplicateStatus::Success), NOON + 16 * MINUTE).order;
    assert_eq!((order.state, order.unconfirmed), (State::Success, None));
    let order = reply(&asked, Outcome::InProcess, NOON + 16 * MINUTE).order;
    assert_eq!((order.state, order.unconfirmed), (State::Pending, None));
}

#[test]
fn a_refusal_of_all_orders_or_of_all_for_a_number_is_not_certain_where_a_question_is_answered() {
    for failure in [
        Failure::NumberBlocked,
        Failure::ProductDownSupplier,
        Failure::ProductDownOperator,
        Failure::BadProduct,
        Failure::InsufficientBalance,
        Failure::PackageAlreadyActive,
    ] {
        let asked = asked(&unknown(), NOON + MINUTE);
        let answer = Answer::Reply(reply_to(&asked, Outcome::Failed(failure)));
        for rules in [RESEND, FLAG] {
            let order = answered(&asked, &answer, None, &rules, NOON + MINUTE).order;
            assert_eq!(order.state, State::Unknown, "{failure:?}");
            assert!(order.unconfirmed.is_some());
        }
    }
}

#[test]
fn a_timeout_just_before_the_cutoff_gives_nothing_back_and_goes_to_people() {
    let around = sent_at(LATE);
    let change = reply(
        &around,
        Outcome::Failed(Failure::CutoffOrTimeout),
        LATE + 20 * SECOND,
    );
    assert!(change.day.is_zero());
    assert_eq!(change.webhook, None);
    let around = after(&around, &change);
    assert_eq!((around.books.open.len(), around.destination.open.len()), (1, 1));
    let last = LATE + 16 * MINUTE;
    assert_eq!(todo(&around.order, LATE + MINUTE, &RESEND), Todo::Wait(last));
    let review = Review::FailureNotConfirmed;
    assert_eq!(todo(&around.order, last, &RESEND), Todo::HandOver(review));
}

#[test]
fn a_timeout_that_is_told_as_a_failure_of_before_takes_an_untouched_balance_too() {
    let first = Outcome::Failed(Failure::CutoffOrTimeout);
    let around = being_sent();
    let around = after(&around, &reply(&around, first, NOON + SECOND));
    for (after_ms, balance, state) in [
        (16 * MINUTE, Balance::Left(rupiah(500_000)), State::Failed),
        // Too early, charged, paid in meanwhile, and nothing to go by.
        (5 * MINUTE, Balance::Left(rupiah(500_000)), State::Unknown),
        (16 * MINUTE, Balance::Left(rupiah(489_900)), State::Unknown),
        (16 * MINUTE, Balance::Left(rupiah(700_000)), State::Unknown),
        (16 * MINUTE, Balance::Unreadable, State::Unknown),
    ] {
        let now_ms = NOON + after_ms;
        let question = asked(&around, now_ms);
        let reply = Reply {
            balance,
            ..reply_to(&question, duplicate(DuplicateStatus::Failed))
        };
        let change = answered(&question, &Answer::Reply(reply), None, &RESEND, now_ms + SECOND);
        assert_eq!(change.order.state, state, "{after_ms} {balance:?}");
        if state == State::Failed {
            assert_eq!(change.order.failure, Some(Reason::TimedOut));
        } else {
            assert!(change.order.unconfirmed.is_some() && change.day.is_zero());
        }
        if state == State::Unknown && after_ms == 16 * MINUTE {
            let next = todo(&change.order, now_ms + SECOND, &RESEND);
            assert_eq!(next, Todo::HandOver(Review::FailureNotConfirmed));
        }
    }
}

#[test]
fn a_failure_of_before_is_not_certain_where_the_lost_answer_may_have_been_a_timeout() {
    let said_at = |around: &Around, status, balance, now_ms| {
        let question = asked(around, now_ms);
        let reply = Reply {
            balance,
            ..reply_to(&question, duplicate(status))
        };
        answered(&question, &Answer::Reply(reply), None, &RESEND, now_ms + SECOND)
    };
    let (untouched, charged) = (Balance::Left(rupiah(500_000)), Balance::Left(rupiah(489_900)));
    let last = NOON + 16 * MINUTE;
    let change = said_at(&unknown(), DuplicateStatus::Failed, untouched, NOON + MINUTE);
    let reason = change.order.unconfirmed.map(|said| said.reason);
    assert_eq!(
        (change.order.state, reason),
        (State::Unknown, Some(Reason::FailedBefore))
    );
    assert!(change.day.is_zero() && change.webhook.is_none());
    let around = after(&asked(&unknown(), NOON + MINUTE), &change);
    assert_eq!(
        todo(&around.order, NOON + 15 * MINUTE, &RESEND),
        Todo::Wait(last),
        "asked once more, at the end"
    );
    // Delivered after all, failed after all, and not to be told.
    for (status, balance, state) in [
        (DuplicateStatus::Success, charged, State::Success),
        (DuplicateStatus::Failed, untouched, State::Failed),
        (DuplicateStatus::Failed, charged, State::Unknown),
    ] {
        let order = said_at(&around, status, balance, last).order;
        assert_eq!(order.state, state, "{status:?} {balance:?}");
        let reason = (state == State::Failed).then_some(Reason::FailedBefore);
        assert_eq!(order.failure, reason);
    }
    // Where nobody could ask before, the last one is enough.
    let order = said_at(&unknown(), DuplicateStatus::Failed, untouched, last).order;
    assert_eq!(order.failure, Some(Reason::FailedBefore));
    // A word that nobody knows is no sign that the supplier had it in hand.
    let other = said_at(&unknown(), DuplicateStatus::Other, untouched, NOON + MINUTE);
    assert_eq!(
        (other.order.state, other.order.was_pending),
        (State::Pending, false)
    );
    let around = after(&asked(&unknown(), NOON + MINUTE), &other);
    let order = said_at(&around, DuplicateStatus::Failed, untouched, NOON + 3 * MINUTE).order;
    assert_eq!(order.state, State::Unknown);
}

#[test]
fn a_failure_is_certain_a_quarter_of_an_hour_after_the_last_request_that_may_have_been_the_purchase() {
    let untouched = Balance::Left(rupiah(500_000));
    let said_at = |around: &Around, outcome, now_ms| {
        let question = asked(around, now_ms);
        let reply = Reply {
            balance: untouched,
            ..reply_to(&question, outcome)
        };
        after(
            &question,
            &answered(&question, &Answer::Reply(reply), None, &RESEND, now_ms + SECOND),
        )
    };
    let lost_at = |around: &Around, now_ms| {
        let question = asked(around, now_ms);
        let answer = Answer::Lost("timeout");
        after(
            &question,
            &answered(&question, &answer, None, &RESEND, now_ms + SECOND),
        )
    };
    let timeout = || Outcome::Failed(Failure::CutoffOrTimeout);
    // The question after so many minutes is the purchase, as far as anybody knows; when it is asked once more.
    for (minutes, last) in [(1, Some(16)), (3, Some(18)), (7, None), (12, None)] {
        let mut around = unknown();
        for before in [1, 3, 7].into_iter().filter(|before| *before < minutes) {
            around = lost_at(&around, NOON + before * MINUTE);
        }
        let around = said_at(&around, timeout(), NOON + minutes * MINUTE);
        let order = &around.order;
        assert_eq!(order.bought_by_ms, Some(NOON + minutes * MINUTE));
        assert_eq!(order.next_ms, Some(NOON + last.unwrap_or(16) * MINUTE));
        let state = said_at(&around, timeout(), order.next_ms.unwrap()).order.state;
        let certain = last.map_or(State::Unknown, |_| State::Failed);
        assert_eq!(state, certain, "{minutes}");
    }
    // Nothing was heard until the end: the question before may have been the purchase.
    let around = lost_at(&unknown(), NOON + 12 * MINUTE);
    let around = said_at(&around, duplicate(DuplicateStatus::Failed), NOON + 16 * MINUTE);
    assert_eq!(around.order.state, State::Unknown);
    let review = Review::FailureNotConfirmed;
    assert_eq!(
        todo(&around.order, NOON + 17 * MINUTE, &RESEND),
        Todo::HandOver(review)
    );
}

#[test]
fn what_was_bought_under_another_id_fails_an_order_only_when_it_is_said_again_in_the_end() {
    let other = |around: &Around, balance, now_ms| {
        let reply = Reply {
            refid: "01J0000000000000000B".to_owned(),
            balance,
            ..reply_to(around, duplicate(DuplicateStatus::Success))
        };
        answered(around, &Answer::Reply(reply), None, &RESEND, now_ms)
    };
    let untouched = Balance::Left(rupiah(500_000));
    let change = other(&being_sent(), untouched, NOON + SECOND);
    assert_eq!((change.order.state, &change.order.trxid), (State::Unknown, &None));
    let kinds: Vec<AlertKind> = change.alerts.iter().map(|alert| alert.kind).collect();
    assert_eq!(kinds, [AlertKind::ForeignReply]);
    let around = after(&being_sent(), &change);
    let last = NOON + 16 * MINUTE;
    assert_eq!(todo(&around.order, NOON + 5 * MINUTE, &RESEND), Todo::Wait(last));
    let question = asked(&around, last);
    let order = other(&question, untouched, last + SECOND).order;
    assert_eq!(
        (order.state, order.failure),
        (State::Failed, Some(Reason::DuplicateForeign))
    );
    // Something was charged: that reply was another order's, or there is more to it.
    let order = other(&question, Balance::Left(rupiah(489_900)), last + SECOND).order;
    assert_eq!(order.state, State::Unknown);
    let review = Review::FailureNotConfirmed;
    assert_eq!(todo(&order, last + SECOND, &RESEND), Todo::HandOver(review));
    // Ours after all.
    let order = reply(&question, duplicate(DuplicateStatus::Success), last + SECOND).order;
    assert_ne!(order.state, State::Failed);
    // To a question it says nothing: the first request may have been bought.
    let question = asked(&unknown(), NOON + MINUTE);
    let order = other(&question, untouched, NOON + MINUTE).order;
    assert_eq!((order.state, order.unconfirmed), (State::Unknown, None));
}

#[test]
fn a_failure_of_a_question_that_could_be_a_purchase_takes_an_untouched_balance_in_the_end() {
    let failure = || Outcome::Failed(Failure::NotProcessable);
    let question = asked(&unknown(), NOON + MINUTE);
    let said_at = |around: &Around, balance, rules, now_ms| {
        let reply = Reply {
            balance,
            ..reply_to(around, failure())
        };
        answered(around, &Answer::Reply(reply), None, rules, now_ms).order
    };
    let said = |around: &Around, balance, rules| said_at(around, balance, rules, NOON + MINUTE);
    // The first request was delivered, and the operator refuses the second.
    let charged = Balance::Left(rupiah(489_900));
    let order = said(&question, charged, &RESEND);
    let reason = order.unconfirmed.map(|said| said.reason);
    assert_eq!(
        (order.state, reason),
        (State::Unknown, Some(Reason::NotProcessable))
    );
    assert_eq!(
        said(&question, Balance::Unreadable, &RESEND).state,
        State::Unknown
    );
    let untouched = Balance::Left(rupiah(500_000));
    // What is delivered later may be charged later.
    let early = said(&question, untouched, &RESEND);
    assert_eq!(early.state, State::Unknown);
    let last = asked(&unknown(), NOON + 16 * MINUTE);
    let over = said_at(&last, untouched, &RESEND, NOON + 16 * MINUTE);
    assert_eq!(over.state, State::Failed);
    assert_eq!(said(&question, charged, &FLAG).state, State::Failed);
    // What the supplier had, it knows.
    let mut had = question;
    had.order.was_pending = true;
    assert_eq!(said(&had, charged, &RESEND).state, State::Failed);
}
