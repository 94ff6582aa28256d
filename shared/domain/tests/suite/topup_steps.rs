//! When an order is sent, asked about and given up, and every step that is not allowed.

use crate::topup_world::{
    Counter, DEST, FLAG, HOUR, LEASE, MINUTE, NEVER, NOON, RESEND, SECOND, SN, after, being_sent, new,
    pending, reply, reply_to, sent_at, standing, success, unknown,
};
use domain::topup::alert::AlertKind;
use domain::topup::change::{Around, Change};
use domain::topup::event::What;
use domain::topup::order::{Reason, Review};
use domain::topup::partner::CutoffChoice;
use domain::topup::reply::Outcome;
use domain::topup::state::State;
use domain::topup::step::{
    Answer, Check, Misstep, Todo, UnknownCheck, answered, asking, failed_unsent, handed_over, lost, sending,
    todo,
};

/// 23:24:50 in Jakarta.
const LATE: i64 = NOON + 11 * HOUR + 24 * MINUTE + 50 * SECOND;

fn asked(around: &Around, now_ms: i64) -> Around {
    after(around, &asking(around, LEASE, now_ms).unwrap())
}

fn kinds(change: &Change) -> Vec<AlertKind> {
    change.alerts.iter().map(|alert| alert.kind).collect()
}

#[test]
fn what_was_certainly_not_sent_is_tried_three_more_times() {
    let mut around = being_sent();
    for unsent in 1..=3 {
        let change = answered(&around, &Answer::NotSent("refused"), None, &RESEND, NOON);
        assert_eq!((change.order.state, change.order.unsent), (State::New, unsent));
        assert_eq!((change.order.sent_ms, change.waiting), (None, 10_100));
        around = after(&around, &change);
        assert_eq!(todo(&around.order, NOON, &RESEND), Todo::Wait(NOON + 20 * SECOND));
        assert_eq!(todo(&around.order, NOON + 20 * SECOND, &RESEND), Todo::Send);
        around = after(&around, &sending(&around, LEASE, NOON + 20 * SECOND).unwrap());
    }
    let change = answered(&around, &Answer::NotSent("refused"), None, &RESEND, NOON);
    assert_eq!(
        (change.order.state, change.order.failure),
        (State::Failed, Some(Reason::NotSent))
    );
    let failed = after(&around, &change);
    assert!(failed.books.open.is_empty() && failed.destination.last.is_empty());
    // Of a question, it changes nothing but when the next one is.
    for before in [unknown(), pending()] {
        let asked = asked(&before, NOON + MINUTE);
        let change = answered(&asked, &Answer::NotSent("refused"), None, &RESEND, NOON + MINUTE);
        assert_eq!((change.order.state, change.order.unsent), (before.order.state, 0));
        assert_eq!(change.order.next_ms, Some(NOON + 3 * MINUTE));
    }
}

#[test]
fn questions_are_asked_when_they_are_due_and_end() {
    let mut around = pending();
    for minutes in [1, 3, 7, 12, 16] {
        let due = NOON + minutes * MINUTE;
        assert_eq!(todo(&around.order, due - 1, &RESEND), Todo::Wait(due));
        assert_eq!(todo(&around.order, due, &RESEND), Todo::Ask);
        let asked = asked(&around, due);
        assert_eq!(todo(&asked.order, due, &RESEND), Todo::Wait(due + LEASE));
        around = after(&asked, &reply(&asked, Outcome::InProcess, due + SECOND));
    }
    let over = NOON + 16 * MINUTE + SECOND;
    assert_eq!(
        todo(&around.order, over, &RESEND),
        Todo::HandOver(Review::StillPending)
    );
    let change = handed_over(&around, Review::StillPending, over).unwrap();
    assert_eq!((change.order.state, change.order.next_ms), (State::Manual, None));
    assert_eq!(kinds(&change), [AlertKind::ManualNeeded]);
    assert_eq!(todo(&change.order, over + HOUR, &RESEND), Todo::Nothing);
}

#[test]
fn an_order_is_not_asked_about_when_the_question_could_be_a_purchase() {
    // A run came too late, the day is over, or the supplier is closed.
    let order = unknown().order;
    assert_eq!(
        todo(&order, NOON + 21 * MINUTE, &RESEND),
        Todo::HandOver(Review::NoAnswer)
    );
    assert_eq!(todo(&order, NOON + 21 * MINUTE, &FLAG), Todo::Ask);
    assert_eq!(
        todo(&order, NOON + MINUTE, &NEVER),
        Todo::HandOver(Review::NoAnswer)
    );
    let around = sent_at(LATE);
    let order = answered(&around, &Answer::Lost("timeout"), None, &RESEND, LATE + MINUTE).order;
    let review = Review::NoAnswer;
    assert_eq!(
        todo(&order, LATE + 2 * MINUTE, &RESEND),
        Todo::Wait(LATE + 16 * MINUTE)
    );
    assert_eq!(todo(&order, LATE + 16 * MINUTE, &RESEND), Todo::HandOver(review));
    // Nor is anything else asked while it is closed: it would say that it is, and not what became of the order.
    let order = answered(&around, &Answer::Lost("timeout"), None, &FLAG, LATE + MINUTE).order;
    assert_eq!(
        todo(&order, LATE + 3 * MINUTE, &FLAG),
        Todo::Wait(LATE + 16 * MINUTE)
    );
    assert_eq!(todo(&order, LATE + 16 * MINUTE, &FLAG), Todo::HandOver(review));
}

#[test]
fn a_run_that_was_cut_off_leaves_an_unknown_order() {
    let around = being_sent();
    assert_eq!(
        todo(&around.order, NOON + LEASE - 1, &RESEND),
        Todo::Wait(NOON + LEASE)
    );
    assert_eq!(todo(&around.order, NOON + LEASE, &RESEND), Todo::Lost);
    for around in [being_sent(), asked(&unknown(), NOON), asked(&pending(), NOON)] {
        let change = lost(&around, NOON + LEASE).unwrap();
        assert_eq!(
            (change.order.state, change.event.what),
            (State::Unknown, What::CutOff)
        );
        assert_eq!(change.order.next_ms, Some(NOON + 3 * MINUTE));
        // The answer that comes after all is taken.
        let around = after(&around, &change);
        assert_eq!(
            reply(&around, success(), NOON + LEASE + SECOND).order.state,
            State::Success
        );
    }
    let mut around = asked(&unknown(), NOON);
    around.order.asks = 40;
    let change = lost(&around, NOON + HOUR).unwrap();
    assert_eq!(
        todo(&change.order, NOON + HOUR, &FLAG),
        Todo::HandOver(Review::NoAnswer)
    );
}

#[test]
fn an_order_that_cannot_be_sent_fails_in_time() {
    let order = new().order;
    assert_eq!(todo(&order, NOON, &RESEND), Todo::Send);
    assert_eq!(
        todo(&order, NOON + 30 * MINUTE, &RESEND),
        Todo::Fail(Reason::NotSent)
    );
    let late = Counter {
        now_ms: LATE,
        ..Counter::default()
    };
    assert_eq!(
        todo(&late.taken().order, LATE + MINUTE, &RESEND),
        Todo::Fail(Reason::Cutoff)
    );
    // One that was taken during the cutoff waits for its end, and has its time from there.
    let closed = LATE + MINUTE;
    let held = Counter {
        now_ms: closed,
        ..Counter::default()
    };
    let order = held.taken().order;
    let opens = LATE + 70 * MINUTE + 10 * SECOND;
    assert!(order.holds);
    assert_eq!(todo(&order, closed, &RESEND), Todo::Wait(opens));
    assert_eq!(todo(&order, opens, &RESEND), Todo::Send);
    assert_eq!(
        todo(&order, opens + 30 * MINUTE, &RESEND),
        Todo::Fail(Reason::NotSent)
    );
    // So does one whose partner wants that, and what was left of its time before it is left then.
    let mut patient = Counter {
        now_ms: LATE - 10 * MINUTE,
        ..Counter::default()
    };
    patient.partner.cutoff = CutoffChoice::Hold;
    let around = patient.taken();
    assert_eq!(todo(&around.order, LATE + MINUTE, &RESEND), Todo::Wait(opens));
    let sent = after(&around, &sending(&around, LEASE, LATE).unwrap());
    let order = answered(&sent, &Answer::NotSent("refused"), None, &RESEND, LATE).order;
    assert_eq!(
        (order.state, order.holds, order.next_ms),
        (State::New, true, Some(opens))
    );
    let last = opens + 20 * MINUTE - 10 * SECOND;
    assert_eq!(todo(&order, last - 1, &RESEND), Todo::Send);
    assert_eq!(todo(&order, last, &RESEND), Todo::Fail(Reason::NotSent));
    let change = failed_unsent(&new(), Reason::Cutoff, NOON).unwrap();
    assert_eq!(
        (change.order.state, change.order.failure),
        (State::Failed, Some(Reason::Cutoff))
    );
    assert_eq!(
        (change.waiting, change.day.totals.failed.rupiah),
        (-10_100, 11_000)
    );
}

#[test]
fn steps_that_no_way_leads_to_are_refused() {
    for state in State::ALL {
        let around = standing(state);
        let refused = Misstep { from: state };
        let is = |result: Result<Change, Misstep>, allowed: bool| match result {
            Ok(change) => assert!(
                allowed && change.order.version == around.order.version + 1,
                "{state:?}"
            ),
            Err(error) => assert!(!allowed && error == refused, "{state:?}"),
        };
        let open = matches!(state, State::Pending | State::Unknown);
        is(sending(&around, LEASE, NOON), state == State::New);
        is(asking(&around, LEASE, NOON), open);
        is(lost(&around, NOON), state == State::Sending);
        is(handed_over(&around, Review::NoAnswer, NOON), open);
        is(failed_unsent(&around, Reason::NotSent, NOON), state == State::New);
        // Nobody asks while somebody asks.
        let mut held = around.clone();
        held.order.asking = true;
        is(asking(&held, LEASE, NOON), false);
    }
}

#[test]
fn ways_of_asking_have_names() {
    for (text, check) in [
        ("resend", Ok(Check::Resend)),
        ("flag", Ok(Check::Flag)),
        ("never", Ok(Check::Never)),
        ("Flag", Err(UnknownCheck)),
    ] {
        assert_eq!(text.parse(), check);
    }
}

#[test]
fn nothing_that_is_printed_names_a_number() {
    let around = being_sent();
    let change = reply(&around, success(), NOON + SECOND);
    let answer = Answer::Reply(reply_to(&around, success()));
    let printed = format!("{around:?} {change:?} {:?} {answer:?}", change.order);
    assert!(!printed.contains(DEST) && !printed.contains(SN), "{printed}");
}
