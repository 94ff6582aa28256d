//! Reports of the supplier's: a reason to ask, and never an end.

use crate::support::{MINUTE_MS, SECOND_MS, Shop, look, record};
use domain::topup::event::What;
use domain::topup::reply::{Failure, Outcome};
use domain::topup::state::State;
use domain::topup::step::Check;
use sims::kios::{Fault, Route, Says, Style};

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_its_order_asked_about_at_once() {
    let shop = Shop::open().await;
    let _door = shop.hears_reports(Style::Plain).await;
    shop.kios.pends_for(30 * SECOND_MS);
    let order = shop.order("9002").await;
    shop.go_on().await;
    shop.pass(31 * SECOND_MS);
    assert_eq!(shop.kios.report_due().await, 1);
    let told = shop.stored(&order).await;
    assert_eq!((told.state, told.next_ms), (State::Pending, Some(shop.now())));
    // The record of that change is what starts the run.
    shop.run_with(record(&told), shop.deps()).await.unwrap();
    let order = shop.stored(&order).await;
    assert_eq!(
        (order.state, shop.kios.purchases(&order.refid)),
        (State::Success, 1)
    );
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_that_are_cut_late_twice_or_false_decide_nothing() {
    for style in [Style::Plain, Style::Raw] {
        let shop = Shop::open().await;
        let _door = shop.hears_reports(style).await;
        let order = shop.order("9041").await;
        shop.go_on().await;
        for says in [
            Says::Delivered,
            Says::Failed,
            Says::Nothing,
            Says::Text("#1#2".to_owned()),
        ] {
            shop.kios.report(&order.refid, says).await.unwrap();
            assert_eq!(shop.stored(&order).await.state, State::Pending);
        }
        // Asked about because of them, and still pending.
        shop.go_on().await;
        assert_eq!(shop.stored(&order).await.state, State::Pending);
        shop.pass(51 * SECOND_MS);
        shop.kios.report_due().await;
        shop.go_on().await;
        let order = shop.finish(&order).await;
        assert_eq!((order.state, order.contradicted), (State::Success, None));
        shop.kios.report(&order.refid, Says::Pending).await.unwrap();
        let after = shop.stored(&order).await;
        assert_eq!(
            (after.state, after.contradicted, after.sn),
            (State::Success, None, order.sn)
        );
        shop.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_against_an_end_is_a_persons_to_decide() {
    let shop = Shop::open().await;
    let _door = shop.hears_reports(Style::Plain).await;
    for (ending, state, delivered) in [("9042", State::Success, false), ("9043", State::Failed, true)] {
        let order = shop.order(ending).await;
        shop.go_on().await;
        shop.pass(6 * SECOND_MS);
        assert_eq!(shop.kios.report_due().await, 1);
        for _ in 0..3 {
            shop.go_on().await;
            shop.pass(MINUTE_MS);
        }
        let order = shop.stored(&order).await;
        assert_eq!((order.state, order.next_ms), (state, None));
        assert_eq!(order.contradicted.map(|report| report.delivered), Some(delivered));
        assert!(shop.is_alerted("contradicted", &order.refid).await);
        assert_eq!(shop.kios.requests(&order.refid), 1);
    }
    let (reviews, _) = shop.topups.reviews(None, 10).await.unwrap();
    assert_eq!(reviews.len(), 2);
    shop.world.stop().await;
}

/// The one way in which something can be delivered that was told as failed: the supplier said so for certain, and takes
/// it back.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_after_it_was_said_for_certain_to_have_failed_is_a_persons_and_shows_in_the_books()
{
    let shop = Shop::open().await;
    let _door = shop.hears_reports(Style::Plain).await;
    shop.run_with(look(), shop.deps()).await.unwrap();
    let lie = Fault::Says(Outcome::Failed(Failure::NotProcessable));
    shop.kios.fault(Route::Trx, lie, 1);
    let order = shop.order("0001").await;
    shop.go_on().await;
    assert_eq!(shop.stored(&order).await.state, State::Failed);
    shop.by_hand(&order.product, &order.dest, &order.refid).await;
    assert_eq!(shop.kios.purchases(&order.refid), 1);
    shop.kios.report(&order.refid, Says::Truth).await.unwrap();
    for _ in 0..3 {
        shop.go_on().await;
        shop.pass(MINUTE_MS);
    }
    shop.run_with(look(), shop.deps()).await.unwrap();
    let order = shop.stored(&order).await;
    assert_eq!((order.state, order.next_ms), (State::Failed, None));
    assert!(order.contradicted.is_some_and(|report| report.delivered));
    for (alert, subject) in [
        ("contradicted", order.refid.as_str()),
        ("balance_differs", "supplier"),
    ] {
        assert!(shop.is_alerted(alert, subject).await, "{alert}");
    }
    // Ours and the other one: nothing was sent again.
    assert_eq!(shop.kios.requests(&order.refid), 2);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_questions_buy_nothing_a_contradicted_order_is_asked_about_once_and_a_false_report_forgotten() {
    let mut shop = Shop::open().await;
    shop.kios.knows_check(true);
    shop.settings.supplier.as_mut().unwrap().check = Check::Flag;
    shop.run_with(look(), shop.deps()).await.unwrap();
    let _door = shop.hears_reports(Style::Form).await;
    for (ending, state, lie) in [
        ("0001", State::Success, Says::Failed),
        ("9004", State::Failed, Says::Delivered),
    ] {
        let order = shop.order(ending).await;
        shop.go_on().await;
        shop.kios.report(&order.refid, lie).await.unwrap();
        let reported = shop.stored(&order).await;
        assert_eq!((reported.state, reported.next_ms), (state, Some(shop.now())));
        assert!(reported.contradicted.is_some());
        for _ in 0..3 {
            shop.go_on().await;
            shop.pass(MINUTE_MS);
        }
        let order = shop.stored(&order).await;
        assert_eq!((order.state, order.asking), (state, false));
        assert_eq!((order.contradicted, order.next_ms), (None, None));
        assert_eq!(shop.kios.requests(&order.refid), 2);
        assert!(!shop.is_alerted("contradicted", &order.refid).await, "{ending}");
    }
    assert_eq!(shop.told("TopupsForPerson"), 0);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_stored_whatever_changed_its_order_meanwhile() {
    let shop = Shop::open().await;
    let _door = shop.hears_reports(Style::Plain).await;
    let order = shop.order("0001").await;
    shop.door.close();
    let run = shop.run_with(record(&order), shop.deps());
    let meanwhile = async {
        shop.door.somebody_waits().await;
        shop.kios.report(&order.refid, Says::Nothing).await.unwrap();
        shop.door.open();
    };
    let (outcome, ()) = tokio::join!(run, meanwhile);
    outcome.unwrap();
    let whats: Vec<What> = shop.events(&order).await.iter().map(|event| event.what).collect();
    assert_eq!(whats, [What::Taken, What::Sending, What::Reported, What::Replied]);
    assert_eq!(shop.stored(&order).await.state, State::Success);
    shop.world.stop().await;
}
