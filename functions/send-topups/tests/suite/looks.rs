//! What a look at the balance enters into the books, and what people are told of it.

use crate::support::{COST, DEPOSIT, HOUR_MS, MINUTE_MS, MORNING_MS, Shop, look};
use domain::topup::books::Entry;
use domain::topup::rupiah::Rupiah;
use domain::topup::window::wib_date;
use send_topups::{Looked, Outcome};
use sims::kios::{Fault, Route};
use sims::transport::Transport;

async fn looked(shop: &Shop) -> Looked {
    match shop.run_with(look(), shop.deps()).await.unwrap() {
        Outcome::Looked(looked) => looked,
        other => panic!("another outcome: {other:?}"),
    }
}

async fn entries(shop: &Shop) -> Vec<Entry> {
    shop.topups
        .entries(wib_date(shop.now()), None, 100)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_and_what_went_out_without_an_order_shows() {
    let shop = Shop::open().await;
    assert_eq!(looked(&shop).await.balance, Some(Rupiah::new(DEPOSIT)));
    shop.order("0001").await;
    shop.go_on().await;
    shop.kios.deposit(1_000_000);
    looked(&shop).await;
    assert!(!shop.is_alerted("balance_differs", "supplier").await);
    shop.kios.charge(7_500);
    looked(&shop).await;
    assert!(shop.is_alerted("balance_differs", "supplier").await);
    looked(&shop).await;
    let told: Vec<_> = entries(&shop).await.into_iter().map(told).collect();
    let balance = DEPOSIT - COST;
    let wanted = [
        (DEPOSIT, 0, 0, 0),
        (balance, COST, 0, 0),
        (balance + 1_000_000, 0, 1_000_000, 0),
        (balance + 992_500, 0, 0, 7_500),
        (balance + 992_500, 0, 0, 0),
    ];
    assert_eq!(told, wanted);
    shop.world.stop().await;
}

fn told(entry: Entry) -> (i64, i64, i64, i64) {
    let Entry {
        balance,
        charged,
        paid_in,
        unrecorded,
        ..
    } = entry;
    (balance.get(), charged.get(), paid_in.get(), unrecorded.get())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_that_is_older_than_what_the_books_say_is_asked_for_anew() {
    let mut shop = Shop::open().await;
    // In one lane nothing could come in between.
    shop.settings.lanes = 2;
    looked(&shop).await;
    shop.order("0001").await;
    shop.door.close();
    let run = shop.run_with(look(), shop.deps());
    let meanwhile = async {
        shop.door.somebody_waits().await;
        // Charged after the balance was said, and entered before.
        shop.go_on().await;
        shop.door.open();
    };
    let (outcome, ()) = tokio::join!(run, meanwhile);
    outcome.unwrap();
    let told: Vec<_> = entries(&shop).await.into_iter().map(told).collect();
    let balance = DEPOSIT - COST;
    assert_eq!(
        told,
        [(DEPOSIT, 0, 0, 0), (balance, COST, 0, 0), (balance, 0, 0, 0)]
    );
    assert_eq!(shop.alerts().await, [].into());
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_that_is_low_is_told_once_a_day() {
    let shop = Shop::open().await;
    assert!(!looked(&shop).await.is_low);
    shop.kios.charge(DEPOSIT - 499_999);
    assert!(looked(&shop).await.is_low);
    assert!(looked(&shop).await.is_low);
    assert!(shop.is_alerted("balance_forecast", "supplier").await);
    let told = shop.alerts().await.len();
    shop.pass(HOUR_MS);
    looked(&shop).await;
    assert_eq!(shop.alerts().await.len(), told);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deposit_that_does_not_last_as_long_as_the_last_one_did_is_told() {
    let mut shop = Shop::open().await;
    shop.settings.low_balance = Rupiah::ZERO;
    looked(&shop).await;
    for _ in 0..3 {
        shop.order("0001").await;
        shop.go_on().await;
        shop.pass(MINUTE_MS);
    }
    shop.kios.charge(DEPOSIT - 3 * COST - 40_000);
    assert!(!looked(&shop).await.is_low);
    shop.kios.charge(10_000);
    assert!(looked(&shop).await.is_low);
    // A day later nothing was sold for a day.
    shop.set_clock(MORNING_MS + 24 * HOUR_MS + 10 * MINUTE_MS);
    assert!(!looked(&shop).await.is_low);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_balance_that_nobody_says_is_no_balance() {
    let shop = Shop::open().await;
    for fault in [
        Fault::Transport(Transport::Status(503)),
        Fault::Bytes("Selamat datang".into()),
        Fault::Transport(Transport::HangUp),
    ] {
        shop.kios.fault(Route::Balance, fault, 1);
        let failure = shop.run_with(look(), shop.deps()).await.unwrap_err();
        assert_eq!(failure.code(), "TOPUP_BALANCE_UNKNOWN");
    }
    assert_eq!(entries(&shop).await, []);
    // The supplier is closed.
    shop.set_clock(MORNING_MS + 16 * HOUR_MS);
    assert_eq!(looked(&shop).await, Looked::default());
    shop.world.stop().await;
}
