//! The books of the deposit, a destination's memory, a product's pauses, a partner's day, and the mails about all that.

use crate::topup_world::{HOUR, MINUTE, NOON, SN, being_sent, books, rupiah, standing};
use domain::mail::MailCause;
use domain::topup::alert::{Alert, AlertKind};
use domain::topup::books::Books;
use domain::topup::destination::Destination;
use domain::topup::order::Order;
use domain::topup::partner::{DayTotals, Totals};
use domain::topup::product::Breaker;
use domain::topup::reply::Balance;
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;

const DAY: i64 = 24 * HOUR;

fn left(amount: i64) -> Balance {
    Balance::Left(rupiah(amount))
}

fn order(refid: &str, cost: i64) -> Order {
    Order {
        refid: refid.to_owned(),
        cost: rupiah(cost),
        ..being_sent().order
    }
}

/// The books after a balance was said, with what came in and what nobody can explain.
fn said(books: &Books, amount: i64, charged: i64) -> (Books, i64, i64) {
    let (books, entry) = books.said(NOON, None, &left(amount), rupiah(charged));
    let entry = entry.unwrap();
    assert_eq!(entry.number, books.entries);
    (books, entry.paid_in.get(), entry.unrecorded.get())
}

#[test]
fn what_orders_were_charged_is_explained() {
    let books = books(500_000);
    let (books, paid_in, unrecorded) = said(&books, 490_000, 10_000);
    assert_eq!((paid_in, unrecorded), (0, 0));
    assert_eq!(
        (books.charged, books.balance),
        (rupiah(10_000), Some(rupiah(490_000)))
    );
    assert_eq!(books.level, Some(rupiah(500_000)));
}

#[test]
fn what_comes_in_and_what_nobody_can_explain_is_said_once() {
    let (paid, paid_in, unrecorded) = said(&books(500_000), 1_500_000, 0);
    assert_eq!((paid_in, unrecorded), (1_000_000, 0));
    let (drained, paid_in, unrecorded) = said(&paid, 1_400_000, 0);
    assert_eq!((paid_in, unrecorded), (0, 100_000));
    let (_, paid_in, unrecorded) = said(&drained, 1_400_000, 0);
    assert_eq!((paid_in, unrecorded), (0, 0));
}

#[test]
fn open_orders_explain_what_they_cost_and_no_more() {
    let open = books(500_000).sent(&order("A", 10_000)).sent(&order("B", 20_000));
    assert_eq!(open.reserved(), rupiah(30_000));
    let (charged, paid_in, unrecorded) = said(&open, 470_000, 0);
    assert_eq!((paid_in, unrecorded), (0, 0));
    // Both are over: one was charged, and the other was given back.
    let over = charged.ended("A").ended("B");
    let (_, paid_in, unrecorded) = said(&over, 490_000, 10_000);
    assert_eq!((paid_in, unrecorded), (0, 0));
    // The other was not given back.
    let (_, paid_in, unrecorded) = said(&over, 470_000, 10_000);
    assert_eq!((paid_in, unrecorded), (0, 20_000));
    // More went out than they explain. What they turn out not to explain either shows when they are over.
    let (more, paid_in, unrecorded) = said(&open, 460_000, 0);
    assert_eq!((paid_in, unrecorded), (0, 10_000));
    let (_, paid_in, unrecorded) = said(&more.ended("A").ended("B"), 460_000, 10_000);
    assert_eq!((paid_in, unrecorded), (0, 20_000));
}

#[test]
fn a_deposit_hides_nothing_that_an_open_order_was_charged() {
    let open = books(500_000).sent(&order("A", 10_000));
    let (charged, ..) = said(&open, 490_000, 0);
    let (paid, paid_in, unrecorded) = said(&charged, 790_000, 0);
    assert_eq!((paid_in, unrecorded), (300_000, 0));
    let over = paid.ended("A");
    // It failed and was not given back; it failed and was; it was delivered.
    assert_eq!(said(&over, 790_000, 0).2, 10_000);
    assert_eq!(said(&over, 800_000, 0).2, 0);
    let (_, paid_in, unrecorded) = said(&over, 790_000, 10_000);
    assert_eq!((paid_in, unrecorded), (0, 0));
    // Another order that is open, and never was charged, is not taken for it.
    let two = books(500_000).sent(&order("A", 10_000)).sent(&order("B", 20_000));
    let (charged_one, ..) = said(&two, 490_000, 0);
    for (left, charged) in [(790_000, 10_000), (800_000, 0)] {
        let (books, paid_in, unrecorded) = said(&charged_one.ended("A"), left, charged);
        assert_eq!((paid_in, unrecorded), (300_000, 0), "{left}");
        assert_eq!(said(&books.ended("B"), left, 0).2, 0, "{left}");
    }
    // A deposit that is less than what was charged shows when the order is over.
    let (little, paid_in, _) = said(&charged, 495_000, 0);
    assert_eq!(paid_in, 0);
    let (_, paid_in, unrecorded) = said(&little.ended("A"), 495_000, 10_000);
    assert_eq!((paid_in, unrecorded), (5_000, 0));
}

#[test]
fn what_people_say_was_charged_proves_nothing_of_another_order() {
    // Its charge was never seen: the level and the balance say that nothing went out.
    let decided = books(500_000)
        .sent(&order("A", 10_000))
        .ended("A")
        .charged(rupiah(10_000));
    let open = decided.sent(&order("B", 10_000));
    // B was charged, and that is what makes it up to the level.
    let since = NOON - MINUTE;
    assert_eq!(open.untouched(&left(490_000), since), None);
    let (after, ..) = said(&open, 490_000, 0);
    assert_eq!(after.untouched(&left(490_000), since), None);
    assert_eq!(
        after.untouched(&left(490_000), NOON + 1),
        Some(true),
        "of what was sent since"
    );
}

#[test]
fn the_first_level_waits_until_no_order_is_open() {
    let open = Books::default().sent(&order("A", 10_000));
    let (books, ..) = said(&open, 490_000, 0);
    assert_eq!((books.level, books.balance), (None, Some(rupiah(490_000))));
    let (books, paid_in, unrecorded) = said(&books.ended("A"), 490_000, 10_000);
    assert_eq!((books.level, paid_in, unrecorded), (Some(rupiah(500_000)), 0, 0));
}

#[test]
fn a_balance_that_cannot_be_read_loses_no_charge() {
    let (books, entry) = books(500_000).said(NOON, Some("A"), &Balance::Unreadable, rupiah(10_000));
    assert_eq!((entry, books.charged), (None, rupiah(10_000)));
    let (_, paid_in, unrecorded) = said(&books, 490_000, 0);
    assert_eq!((paid_in, unrecorded), (0, 0));
}

#[test]
fn figures_of_a_reply_that_do_not_add_up_are_marked() {
    for (price, expected) in [(10_000, false), (9_000, true)] {
        let balance = Balance::Charged {
            before: rupiah(500_000),
            price: rupiah(price),
            after: rupiah(490_000),
        };
        let (_, entry) = books(500_000).said(NOON, Some("A"), &balance, rupiah(price));
        let entry = entry.unwrap();
        assert_eq!(
            (entry.does_not_add_up, entry.before),
            (expected, Some(rupiah(500_000)))
        );
        assert_eq!(entry.refid.as_deref(), Some("A"));
    }
}

#[test]
fn what_is_free_is_left_when_all_is_charged() {
    assert_eq!(Books::default().free(0), None);
    let open = books(500_000).sent(&order("A", 10_000));
    assert_eq!(open.free(5_000), Some(rupiah(485_000)));
    // What is in the balance already does not count twice.
    let (charged, ..) = said(&open, 490_000, 0);
    assert_eq!(charged.free(5_000), Some(rupiah(485_000)));
    // Before the books are open.
    let (early, ..) = said(&Books::default().sent(&order("A", 10_000)), 490_000, 0);
    assert_eq!(early.free(0), Some(rupiah(480_000)));
}

#[test]
fn whether_anything_was_charged_is_told_by_an_older_level() {
    let open = books(500_000).sent(&order("A", 10_000));
    let untouched = |books: &Books, amount| books.untouched(&left(amount), NOON - MINUTE);
    assert_eq!(untouched(&open, 500_000), Some(true));
    assert_eq!(untouched(&open, 490_000), Some(false));
    assert_eq!(untouched(&open, 600_000), None);
    assert_eq!(open.untouched(&Balance::Unreadable, NOON), None);
    assert_eq!(Books::default().untouched(&left(1), NOON), None);
    // It may be the other order's.
    assert_eq!(untouched(&open.sent(&order("B", 10_000)), 490_000), None);
    // A payment while the order was open may hide what it was charged.
    let (paid, ..) = said(&open, 990_000, 0);
    assert_eq!(untouched(&paid, 990_000), None);
    assert_eq!(paid.untouched(&left(990_000), NOON + 1), Some(true));
    // So may one that makes good for it, when it was said to be missing before.
    let (missing, ..) = said(&open, 490_000, 0);
    assert_eq!(untouched(&missing, 500_000), None);
    let (back, ..) = said(&missing, 500_000, 0);
    assert_eq!(untouched(&back, 500_000), None);
    assert_eq!(back.untouched(&left(500_000), NOON + 1), Some(true));
}

#[test]
fn absurd_amounts_do_no_harm() {
    let most = books(i64::MAX)
        .sent(&order("A", i64::MAX))
        .sent(&order("B", i64::MAX));
    let (books, entry) = most.said(NOON, None, &left(i64::MIN), rupiah(i64::MAX));
    assert!(entry.is_some() && books.free(i64::MAX).is_some());
    assert_eq!(books.sent(&order("C", 1)).version, books.version + 1);
}

#[test]
fn failures_in_a_row_count_for_a_day_and_a_delivery_ends_them() {
    let mut destination = Destination::default();
    for hour in 0..4 {
        assert!(!destination.is_failing(NOON + hour * HOUR));
        destination = destination.failed(NOON + hour * HOUR);
    }
    let last = NOON + 3 * HOUR;
    assert!(destination.is_failing(last) && destination.is_failing(last + DAY - 1));
    assert!(!destination.is_failing(last + DAY));
    assert_eq!(destination.failed(last + DAY).failures, 1);
    let blocked = destination.blocked(last);
    let sent_at = |sent_ms| Order {
        sent_ms: Some(sent_ms),
        ..order("A", 1)
    };
    let delivered = blocked.ended(&sent_at(last + 1), true, last + 2);
    assert!(!delivered.is_failing(last) && !delivered.blocked);
    // One that was sent before may have been delivered before, too.
    let earlier = blocked.ended(&sent_at(last), true, last + 2);
    assert!(earlier.is_failing(last) && earlier.blocked);
    let failed = blocked.ended(&order("A", 1), false, last);
    assert!(failed.is_failing(last) && failed.blocked);
    let released = blocked.released();
    assert!(!released.is_failing(last) && !released.blocked);
    assert_eq!(released.version, blocked.version + 1);
}

#[test]
fn a_destination_remembers_the_last_of_each_product_for_a_day() {
    let order = order("A", 1);
    let destination = Destination::default()
        .opened("A", "S10")
        .ended(&order, false, NOON + MINUTE)
        .ended(&order, true, NOON + 2 * MINUTE);
    // A failure counts from when it was known, a delivery from when it was sent.
    assert_eq!(destination.last_of("S10", false), Some(NOON + MINUTE));
    assert_eq!(destination.last_of("S10", true), Some(NOON));
    assert_eq!(destination.last_of("S20", true), None);
    let later = destination.ended(&order, false, NOON + 2 * DAY);
    assert_eq!(later.last, [("S10".to_owned(), NOON + 2 * DAY, false)]);
}

#[test]
fn a_destination_is_forgotten_when_nothing_is_open() {
    let destination = Destination::default().opened("A", "S10");
    assert_eq!(destination.expires_ms(NOON), None);
    assert_eq!(destination.open_for("S10", ""), Some("A"));
    assert_eq!(destination.open_for("S10", "A"), None);
    let over = destination.ended(&order("A", 1), false, NOON);
    assert_eq!(over.expires_ms(NOON), Some(NOON + 2 * DAY));
    assert_eq!(over.blocked(NOON).expires_ms(NOON), Some(NOON + 30 * DAY));
}

#[test]
fn a_product_that_is_down_pauses_longer_each_time() {
    let mut breaker = Breaker::default();
    for minutes in [0, 0, 10, 20, 40, 80, 120, 120] {
        breaker = breaker.down(NOON);
        let expected = (minutes > 0).then_some(NOON + minutes * MINUTE);
        assert_eq!(breaker.down_until(NOON), expected);
    }
    assert_eq!(breaker.down_until(NOON + 120 * MINUTE), None);
    // One order tries it, and the next ones wait for what becomes of that.
    let probe = breaker.taken(NOON + 120 * MINUTE);
    assert_eq!(probe.down_until(NOON + 120 * MINUTE), Some(NOON + 122 * MINUTE));
    assert_eq!(breaker.taken(NOON), breaker);
    assert_eq!(Breaker::default().taken(NOON), Breaker::default());
    assert_eq!(probe.delivered(), Breaker::default());
    let looked_at = Breaker {
        price_differs: true,
        code_unknown: true,
        ..probe
    };
    assert!(looked_at.delivered().price_differs && looked_at.delivered().code_unknown);
}

#[test]
fn a_day_follows_its_orders() {
    let price = rupiah(11_000);
    let step = |from, to| DayTotals::of_step(from, to, price);
    let one = Totals {
        orders: 1,
        rupiah: 11_000,
    };
    let mut day = DayTotals::default().plus(&step(None, State::New));
    assert_eq!((day.taken, day.open(), day.used()), (one, one, 11_000));
    for (from, to) in [
        (State::New, State::Sending),
        (State::Sending, State::Unknown),
        (State::Unknown, State::Manual),
    ] {
        assert_eq!(step(Some(from), to), DayTotals::default());
    }
    day = day.plus(&step(Some(State::Manual), State::Failed));
    assert_eq!((day.failed, day.open(), day.used()), (one, Totals::default(), 0));
    day = day.plus(&step(Some(State::Failed), State::LateSuccess));
    assert_eq!(
        (day.failed, day.delivered, day.used()),
        (Totals::default(), one, 11_000)
    );
    let day = step(None, State::Success).plus(&step(Some(State::Success), State::Reversed));
    assert_eq!(
        (day.delivered, day.reversed, day.used()),
        (Totals::default(), one, 0)
    );
}

#[test]
fn one_trouble_is_one_mail() {
    let id = |kind, subject: &str, at_ms| Alert::new(kind, subject, at_ms).mail().id;
    for kind in AlertKind::ALL {
        assert_eq!(AlertKind::parse(kind.as_str()), Some(kind));
        assert_eq!(id(kind, "A", NOON), id(kind, "A", NOON + MINUTE));
        assert_ne!(id(kind, "A", NOON), id(kind, "B", NOON));
        assert_ne!(id(kind, "A", NOON), id(kind, "A", NOON + DAY));
    }
    assert_eq!(AlertKind::parse("other"), None);
    let hourly = AlertKind::AboutUs;
    assert_ne!(id(hourly, "supplier", NOON), id(hourly, "supplier", NOON + HOUR));
    let daily = AlertKind::ManualNeeded;
    assert_eq!(id(daily, "A", NOON), id(daily, "A", NOON + 11 * HOUR));
    assert_ne!(
        id(daily, "A", NOON),
        id(daily, "A", NOON + 12 * HOUR),
        "midnight in Jakarta"
    );
    let mail = Alert::new(daily, "A", NOON).mail();
    let cause = MailCause::TopupAlert {
        alert: "manual_needed".to_owned(),
        subject: "A".to_owned(),
        at_ms: NOON,
    };
    assert_eq!((mail.cause, mail.due_ms, mail.attempts), (cause, NOON, 0));
}

#[test]
fn documents_from_before_a_field_was_there_are_read() {
    let books: Books = serde_json::from_str("{}").unwrap();
    assert_eq!(books, Books::default());
    let destination: Destination = serde_json::from_str("{}").unwrap();
    assert_eq!(destination, Destination::default());
    let mut order = standing(State::Success).order;
    order.sn = Some(SN.to_owned());
    let text = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
    assert_eq!(Rupiah::ZERO, Rupiah::default());
}
