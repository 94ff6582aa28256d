//! What a reply makes of an order, kind by kind (source document 002, "Format Balasan").

use crate::topup_world::{
    LEASE, MINUTE, NOON, REFID, RESEND, SECOND, SN, after, being_sent, pending, reply, reply_to, rupiah,
    success, unknown,
};
use domain::topup::alert::AlertKind;
use domain::topup::change::{Around, Change};
use domain::topup::event::What;
use domain::topup::order::{Reason, Review};
use domain::topup::reply::{Balance, DuplicateStatus, Failure, NotUnderstood, Outcome, Reply};
use domain::topup::state::State;
use domain::topup::step::{Answer, Todo, answered, asking, todo};

fn asked(around: &Around, now_ms: i64) -> Around {
    after(around, &asking(around, LEASE, now_ms).unwrap())
}

fn kinds(change: &Change) -> Vec<AlertKind> {
    change.alerts.iter().map(|alert| alert.kind).collect()
}

/// The change by a reply that says that so much is left.
fn reply_with(around: &Around, outcome: Outcome, balance: Balance) -> Change {
    let reply = Reply {
        balance,
        ..reply_to(around, outcome)
    };
    answered(around, &Answer::Reply(reply), None, &RESEND, NOON + SECOND)
}

fn duplicate(status: DuplicateStatus) -> Outcome {
    Outcome::Duplicate {
        status,
        at: "12:01".to_owned(),
        sn: SN.to_owned(),
    }
}

#[test]
fn kinds_1_to_3_deliver_an_order_or_take_it_on() {
    for (outcome, state) in [
        (success(), State::Success),
        (Outcome::Accepted, State::Pending),
        (Outcome::InProcess, State::Pending),
    ] {
        let change = reply(&being_sent(), outcome, NOON + SECOND);
        assert_eq!((change.order.state, change.event.what), (state, What::Replied));
        assert_eq!(change.order.was_pending, state == State::Pending);
        assert_eq!(change.order.trxid.as_deref(), Some("778899"));
        assert_eq!(change.webhook.is_some(), state.is_final());
        assert_eq!(change.order.next_ms.is_none(), state.is_final());
        assert_eq!(kinds(&change), []);
    }
}

/// What is failed with, what partners are told, whether it counts towards a block, and what people are told.
const FAILURES: [(Failure, Reason, u32, Option<AlertKind>); 11] = {
    use {AlertKind as Told, Failure as Is, Reason as For};
    [
        (Is::NotProcessable, For::NotProcessable, 1, None),
        (Is::CancelledByProvider, For::CancelledByProvider, 1, None),
        (
            Is::NumberBlocked,
            For::NumberBlocked,
            0,
            Some(Told::NumberBlocked),
        ),
        (Is::ProductDownSupplier, For::ProductDown, 0, None),
        (Is::ProductDownOperator, For::ProductDown, 0, None),
        (Is::BadProduct, For::ProductInvalid, 0, Some(Told::ProductInvalid)),
        (Is::BadNumber, For::NumberInvalid, 1, None),
        (
            Is::InsufficientBalance,
            For::DepositLow,
            0,
            Some(Told::BalanceCritical),
        ),
        (Is::PackageAlreadyActive, For::PackageAlreadyActive, 0, None),
        (Is::NumberExpired, For::NumberExpired, 1, None),
        (Is::NumberInactive, For::NumberInactive, 1, None),
    ]
};

#[test]
fn kinds_4_to_11_and_13_to_15_fail_an_order_for_good() {
    for (failure, reason, failures, alert) in FAILURES {
        let around = being_sent();
        let change = reply(&around, Outcome::Failed(failure), NOON + SECOND);
        let order = &change.order;
        assert_eq!(
            (order.state, order.failure),
            (State::Failed, Some(reason)),
            "{failure:?}"
        );
        assert_eq!(kinds(&change), Vec::from_iter(alert), "{failure:?}");
        assert_eq!((order.next_ms, order.charged), (None, None));
        assert_eq!(change.day.totals.failed.rupiah, 11_000);
        let after = after(&around, &change);
        assert_eq!(after.destination.failures, failures, "{failure:?}");
        assert_eq!(after.destination.blocked, failure == Failure::NumberBlocked);
        assert_eq!(after.product.breaker.code_unknown, failure == Failure::BadProduct);
        assert_eq!(
            after.product.breaker.downs,
            u32::from(reason == Reason::ProductDown)
        );
        assert!(after.books.open.is_empty() && after.destination.open.is_empty());
    }
}

#[test]
fn kind_12_about_an_order_that_was_never_sent_before_is_about_another() {
    for status in [DuplicateStatus::Success, DuplicateStatus::Failed] {
        let change = reply_with(&being_sent(), duplicate(status), Balance::Left(rupiah(500_000)));
        let order = &change.order;
        assert_eq!(
            (order.state, order.failure),
            (State::Failed, Some(Reason::DuplicateForeign))
        );
        assert_eq!(
            (&order.sn, kinds(&change)),
            (&None, vec![AlertKind::ForeignReply])
        );
    }
}

#[test]
fn kind_12_about_an_order_that_may_have_been_sent_twice_on_its_way_is_for_people() {
    let mut unsure = being_sent();
    unsure.order.unsent = 1;
    let left = |amount| Balance::Left(rupiah(amount));
    for status in [DuplicateStatus::Success, DuplicateStatus::Other] {
        for (around, balance) in [
            // A proxy that repeats a request, and a table that was put back: the first one bought.
            (&being_sent(), left(489_900)),
            (&being_sent(), Balance::Unreadable),
            // It was believed not to have been sent. Whatever the balance says now: the level may be younger than that.
            (&unsure, left(500_000)),
            // What is still being done may be charged at its end alone.
            (
                &being_sent(),
                left(if status == DuplicateStatus::Other {
                    500_000
                } else {
                    489_900
                }),
            ),
        ] {
            let change = reply_with(around, duplicate(status), balance);
            let order = &change.order;
            assert_eq!(
                (order.state, order.failure, &order.sn),
                (State::Unknown, None, &None)
            );
            let next = todo(order, NOON + SECOND, &RESEND);
            assert_eq!(next, Todo::HandOver(Review::BoughtBefore));
            assert_eq!(change.day.totals.failed.rupiah, 0);
        }
    }
}

#[test]
fn kind_16_and_reasons_that_nobody_knows_are_not_certain() {
    for (failure, reason) in [
        (Failure::CutoffOrTimeout, Reason::TimedOut),
        (Failure::Other, Reason::Other),
    ] {
        let order = reply(&being_sent(), Outcome::Failed(failure), NOON + SECOND).order;
        assert_eq!((order.state, order.failure), (State::Unknown, None));
        assert_eq!(order.unconfirmed.map(|said| said.reason), Some(reason));
    }
}

#[test]
fn the_third_reply_in_a_row_that_a_product_is_down_stops_it() {
    let mut around = being_sent();
    around.product.breaker.downs = 1;
    let down = || Outcome::Failed(Failure::ProductDownOperator);
    assert_eq!(kinds(&reply(&around, down(), NOON)), []);
    around.product.breaker.downs = 2;
    let change = reply(&around, down(), NOON);
    assert_eq!(kinds(&change), [AlertKind::ProductDown]);
    let breaker = change.product.unwrap().breaker;
    assert_eq!(breaker.down_until(NOON), Some(NOON + 10 * MINUTE));
}

#[test]
fn a_delivery_keeps_its_serial_number_and_what_it_cost() {
    let change = reply(&being_sent(), success(), NOON + SECOND);
    assert_eq!(change.order.sn.as_deref(), Some(SN));
    assert_eq!(change.order.charged, Some(rupiah(10_100)));
    assert_eq!(change.day.totals.delivered.rupiah, 11_000);
    let entry = change.entry.unwrap();
    assert_eq!((entry.charged, entry.unrecorded), (rupiah(10_100), rupiah(0)));
    assert!(change.books.unwrap().open.is_empty());
}

#[test]
fn another_price_than_the_catalogues_stops_the_product_and_not_the_order() {
    let around = being_sent();
    let with = |price: i64, after: i64| Reply {
        balance: Balance::Charged {
            before: rupiah(500_000),
            price: rupiah(price),
            after: rupiah(after),
        },
        ..reply_to(&around, success())
    };
    let of = |reply: Reply| answered(&around, &Answer::Reply(reply), None, &RESEND, NOON + SECOND);
    let change = of(with(10_600, 489_400));
    assert_eq!(
        (change.order.state, change.order.charged),
        (State::Success, Some(rupiah(10_600)))
    );
    assert_eq!(kinds(&change), [AlertKind::PriceDiffers]);
    assert!(change.product.unwrap().breaker.price_differs);
    let change = of(with(10_100, 480_000));
    assert_eq!(
        kinds(&change),
        [AlertKind::BalanceDiffers, AlertKind::DoesNotAddUp]
    );
    assert_eq!(change.entry.unwrap().unrecorded, rupiah(9_900));
}

#[test]
fn a_duplicate_of_an_order_that_was_sent_before_says_what_became_of_it() {
    for (around, status, state, reason) in [
        (unknown(), DuplicateStatus::Success, State::Success, None),
        (
            pending(),
            DuplicateStatus::Failed,
            State::Failed,
            Some(Reason::FailedBefore),
        ),
        (unknown(), DuplicateStatus::Failed, State::Unknown, None),
        (unknown(), DuplicateStatus::Other, State::Pending, None),
    ] {
        let change = reply(&asked(&around, NOON + MINUTE), duplicate(status), NOON + MINUTE);
        assert_eq!((change.order.state, change.order.failure), (state, reason));
        // Whatever it failed with, it may count towards a block.
        let failures = change.destination.map_or(0, |destination| destination.failures);
        assert_eq!(failures, u32::from(state == State::Failed));
    }
    let change = reply(
        &asked(&unknown(), NOON + MINUTE),
        duplicate(DuplicateStatus::Success),
        NOON + MINUTE,
    );
    assert_eq!(change.order.charged, Some(rupiah(10_100)));
    assert_eq!(change.books.unwrap().charged, rupiah(10_100));
    let change = reply(
        &asked(&unknown(), NOON + MINUTE),
        duplicate(DuplicateStatus::Other),
        NOON + MINUTE,
    );
    assert_eq!(kinds(&change), [AlertKind::NotUnderstood]);
}

#[test]
fn a_duplicate_for_which_nothing_was_charged_is_somebody_elses_also_where_the_first_answer_is_not_known() {
    let around = asked(&unknown(), NOON + MINUTE);
    let order = reply_with(
        &around,
        duplicate(DuplicateStatus::Success),
        Balance::Left(rupiah(500_000)),
    )
    .order;
    assert_eq!(
        (order.state, &order.sn, order.charged),
        (State::Unknown, &None, None)
    );
    let next = todo(&order, NOON + MINUTE, &RESEND);
    assert_eq!(next, Todo::HandOver(Review::BoughtBefore));
    let charged = Balance::Left(rupiah(489_900));
    let order = reply_with(&around, duplicate(DuplicateStatus::Success), charged).order;
    assert_eq!((order.state, order.sn.as_deref()), (State::Success, Some(SN)));
}

#[test]
fn while_the_supplier_says_that_the_deposit_does_not_suffice_nothing_is_free() {
    let short = Outcome::Failed(Failure::InsufficientBalance);
    let change = reply_with(&being_sent(), short.clone(), Balance::Unreadable);
    let books = change.books.unwrap();
    assert_eq!(
        (change.order.state, books.free(0)),
        (State::Failed, Some(rupiah(0)))
    );
    // Said once more, it is still too little; and then it is not.
    let (less, _) = books.said(NOON + MINUTE, None, &Balance::Left(rupiah(10_099)), rupiah(0));
    assert_eq!(less.free(0), Some(rupiah(0)));
    let (enough, _) = less.said(NOON + MINUTE, None, &Balance::Left(rupiah(10_100)), rupiah(0));
    assert_eq!(enough.free(0), Some(rupiah(10_100)));
    // A reply that says that there is enough, and refuses: people are told, and orders go on.
    let change = reply_with(&being_sent(), short, Balance::Left(rupiah(500_000)));
    assert_eq!(kinds(&change), [AlertKind::BalanceCritical]);
    assert_eq!(change.books.unwrap().free(0), Some(rupiah(500_000)));
}

#[test]
fn what_was_there_before_while_an_earlier_order_is_open_is_for_people() {
    for outcome in [
        duplicate(DuplicateStatus::Success),
        Outcome::Failed(Failure::PackageAlreadyActive),
    ] {
        let mut around = being_sent();
        around.destination = around.destination.opened("01JEARLIER", "S10");
        let change = reply(&around, outcome.clone(), NOON + SECOND);
        assert_eq!(change.order.state, State::Unknown);
        let next = todo(&change.order, NOON + SECOND, &RESEND);
        assert_eq!(next, Todo::HandOver(Review::SiblingOpen));
        // Another product is no sibling.
        let mut around = being_sent();
        around.destination = around.destination.opened("01JEARLIER", "S20");
        let change = reply_with(&around, outcome, Balance::Left(rupiah(500_000)));
        assert_eq!(change.order.state, State::Failed);
    }
}

#[test]
fn a_reply_about_another_order_is_no_reply() {
    let around = being_sent();
    let ours = reply_to(&around, success());
    let foreign: [fn(&mut Reply); 3] = [
        |reply| reply.refid = "01JANOTHER".to_owned(),
        |reply| reply.product = "S20".to_owned(),
        |reply| reply.dest = "081234567891".to_owned(),
    ];
    for spoil in foreign {
        let mut reply = ours.clone();
        spoil(&mut reply);
        let change = answered(&around, &Answer::Reply(reply), None, &RESEND, NOON + SECOND);
        assert_eq!(
            (change.order.state, change.event.what),
            (State::Unknown, What::NoReply)
        );
        assert_eq!(kinds(&change), [AlertKind::ForeignReply]);
        assert_eq!((change.order.sn, change.entry, change.books), (None, None, None));
    }
    let written_otherwise = Reply {
        refid: REFID.to_lowercase(),
        product: " s10".to_owned(),
        dest: "+62 812-3456-7890".to_owned(),
        ..ours
    };
    let change = answered(
        &around,
        &Answer::Reply(written_otherwise),
        None,
        &RESEND,
        NOON + SECOND,
    );
    assert_eq!(change.order.state, State::Success);
}

#[test]
fn silence_and_texts_that_nobody_understands_leave_an_order_unknown() {
    let masked = || "Pin Salah".to_owned();
    let table = [
        (Answer::Lost("timeout"), vec![]),
        (
            Answer::NotUnderstood(NotUnderstood::Empty, String::new()),
            vec![AlertKind::NotUnderstood],
        ),
        (
            Answer::NotUnderstood(NotUnderstood::Page, masked()),
            vec![AlertKind::NotUnderstood],
        ),
        (
            Answer::NotUnderstood(NotUnderstood::Other, masked()),
            vec![AlertKind::NotUnderstood],
        ),
        (
            Answer::NotUnderstood(NotUnderstood::AboutUs, masked()),
            vec![AlertKind::AboutUs],
        ),
    ];
    for (answer, alerts) in table {
        for around in [being_sent(), asked(&pending(), NOON), asked(&unknown(), NOON)] {
            let change = answered(&around, &answer, None, &RESEND, NOON + SECOND);
            assert_eq!(
                (change.order.state, change.event.what),
                (State::Unknown, What::NoReply)
            );
            assert_eq!(change.order.next_ms, Some(NOON + MINUTE));
            assert_eq!(kinds(&change), alerts);
            assert_eq!(
                (change.webhook, change.order.failure, change.order.asking),
                (None, None, false)
            );
            assert!(change.day.is_zero());
        }
    }
    let change = answered(&being_sent(), &Answer::Lost("timeout"), None, &RESEND, NOON);
    assert_eq!(change.event.text.as_deref(), Some("timeout"));
}
