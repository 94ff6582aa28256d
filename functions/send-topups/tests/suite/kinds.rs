//! What each of the supplier's sixteen answers, and each silence, makes of an order (its document, version 1.3, "Format
//! Balasan"), minute by minute until it is over.

use crate::support::{DEPOSIT, MINUTE_MS, SECOND_MS, Shop, look};
use domain::topup::order::{Order, Reason, Review};
use domain::topup::state::State;
use sims::kios::Serial;

/// How an order is to end.
struct Wanted {
    /// The last four digits of the destination, by which the simulator tells what happens.
    ending: &'static str,
    state: State,
    reason: Option<Reason>,
    review: Option<Review>,
    purchases: u32,
    /// Requests about it, the first one too.
    requests: usize,
    /// What people are told, by kind.
    alert: Option<&'static str>,
}

const fn wanted(ending: &'static str, state: State, purchases: u32, requests: usize) -> Wanted {
    Wanted {
        ending,
        state,
        reason: None,
        review: None,
        purchases,
        requests,
        alert: None,
    }
}

const fn failed(ending: &'static str, reason: Reason) -> Wanted {
    Wanted {
        reason: Some(reason),
        ..wanted(ending, State::Failed, 0, 1)
    }
}

const fn told(alert: &'static str, of: Wanted) -> Wanted {
    Wanted {
        alert: Some(alert),
        ..of
    }
}

fn table() -> Vec<Wanted> {
    let success = |ending, requests| wanted(ending, State::Success, 1, requests);
    vec![
        success("9001", 1),
        success("9002", 2),
        failed("9004", Reason::NotProcessable),
        failed("9005", Reason::CancelledByProvider),
        told("number_blocked", failed("9006", Reason::NumberBlocked)),
        failed("9007", Reason::ProductDown),
        failed("9008", Reason::ProductDown),
        told("product_invalid", failed("9009", Reason::ProductInvalid)),
        failed("9010", Reason::NumberInvalid),
        told("balance_critical", failed("9011", Reason::DepositLow)),
        told("foreign_reply", failed("9012", Reason::DuplicateForeign)),
        failed("9013", Reason::PackageAlreadyActive),
        failed("9014", Reason::NumberExpired),
        failed("9015", Reason::NumberInactive),
        // Said to have timed out twice, a quarter of an hour apart, with the deposit as it was.
        Wanted {
            requests: 2,
            ..failed("9016", Reason::TimedOut)
        },
        success("9017", 2),
        // The same, where the supplier tells the second time that it was there before.
        Wanted {
            requests: 2,
            ..failed("9018", Reason::TimedOut)
        },
        Wanted {
            requests: 2,
            ..told("foreign_reply", failed("9019", Reason::DuplicateForeign))
        },
        Wanted {
            requests: 2,
            ..failed("9022", Reason::FailedBefore)
        },
        // Lost, a failure of before, and the delivery.
        success("9024", 3),
        success("9023", 5),
        success("9031", 2),
        success("9032", 2),
        success("9033", 2),
        told("not_understood", success("9034", 2)),
        told("not_understood", success("9035", 2)),
        told("foreign_reply", success("9036", 2)),
        success("9037", 1),
        // At the end: while it is open, no balance confirms another's failure.
        Wanted {
            review: Some(Review::StillPending),
            ..told("manual_needed", wanted("9003", State::Manual, 0, 6))
        },
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_and_every_silence_ends_an_order_as_the_table_says() {
    let shop = Shop::open().await;
    // The balance is known from before: a failure is confirmed by it.
    shop.run_with(look(), shop.deps()).await.unwrap();
    let mut delivered = 0;
    for wanted in table() {
        shop.pass(MINUTE_MS);
        let order = ends(&shop, &wanted).await;
        shop.puts_products_right().await;
        delivered += i64::from(order.state == State::Success);
    }
    let charged = delivered * crate::support::COST;
    assert_eq!(shop.told("TopupsDelivered"), u64::try_from(delivered).unwrap());
    assert_eq!(shop.told("TopupsForPerson"), 1);
    // One is pending for ever, and charged as far as the supplier is concerned.
    assert_eq!(shop.kios.balance(), DEPOSIT - charged - crate::support::COST);
    let books = shop.topups.books().await.unwrap();
    assert_eq!(books.charged.get(), charged);
    assert_eq!(books.open.len(), 1);
    let alerts = shop.alerts().await;
    assert!(
        alerts.iter().all(|(kind, _)| kind != "balance_differs"),
        "{alerts:?}"
    );
    shop.world.stop().await;
}

async fn ends(shop: &Shop, wanted: &Wanted) -> Order {
    let ending = wanted.ending;
    let taken = shop.order(ending).await;
    let sent_ms = shop.now();
    let order = shop.finish(&taken).await;
    let found = (order.state, order.failure, order.review);
    assert_eq!(found, (wanted.state, wanted.reason, wanted.review), "{ending}");
    let (purchases, requests) = (
        shop.kios.purchases(&order.refid),
        shop.kios.requests(&order.refid),
    );
    assert_eq!(
        (purchases, requests),
        (wanted.purchases, wanted.requests),
        "{ending}"
    );
    assert_eq!(order.sn.is_some(), order.state == State::Success, "{ending}");
    assert!(shop.now() - sent_ms <= 20 * MINUTE_MS, "{ending}");
    if let Some(alert) = wanted.alert {
        let alerts = shop.alerts().await;
        let about = [&order.refid, &order.product, "supplier"];
        let is_told = about
            .iter()
            .any(|subject| alerts.contains(&(alert.to_owned(), (*subject).to_owned())));
        assert!(is_told, "{ending}: {alerts:?}");
    }
    // What happened is told in order, and the partner is told how it ended.
    let numbers: Vec<u32> = shop
        .events(&order)
        .await
        .iter()
        .map(|event| event.number)
        .collect();
    assert_eq!(numbers, (1..=order.events).collect::<Vec<_>>(), "{ending}");
    let webhook = domain::topup::webhook::id(&order.refid, order.state);
    let webhooks = aws::topups::Webhooks::new(&shop.world.clients);
    assert!(webhooks.get(&webhook).await.unwrap().is_some(), "{ending}");
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_a_meter_and_a_code_of_a_voucher_arrive_whole() {
    let shop = Shop::open().await;
    let meter = shop.order_of("PLN20", "01100770001").await;
    let voucher = shop.order_of("VGAME", "1234567").await;
    shop.go_on().await;
    let meter = shop.stored(&meter).await;
    let token = domain::topup::serial::pln(meter.sn.as_deref().unwrap()).unwrap();
    assert_eq!(token.token.len(), 20);
    assert_eq!(token.name.as_deref(), Some("WARUNG #1"));
    let voucher = shop.stored(&voucher).await;
    assert!(voucher.sn.unwrap().starts_with("VCR"));
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_is_asked_for() {
    let mut shop = Shop::open().await;
    let supplier = shop.settings.supplier.as_mut().unwrap();
    let usual = supplier.times;
    // Instead of 75 seconds.
    supplier.times.whole = std::time::Duration::from_millis(300);
    let order = shop.order("9038").await;
    shop.go_on().await;
    assert_eq!(shop.stored(&order).await.state, State::Unknown);
    shop.settings.supplier.as_mut().unwrap().times = usual;
    let order = shop.finish(&order).await;
    assert_eq!(
        (order.state, shop.kios.purchases(&order.refid)),
        (State::Success, 1)
    );
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_price_than_the_catalogues_stops_the_product_and_not_the_order() {
    let shop = Shop::open().await;
    shop.kios.product("S10", 10_750, Serial::Pulsa);
    let order = shop.order("0001").await;
    shop.go_on().await;
    let order = shop.stored(&order).await;
    let charged = order.charged.map(domain::topup::rupiah::Rupiah::get);
    assert_eq!((order.state, charged), (State::Success, Some(10_750)));
    assert!(shop.product("S10").await.breaker.price_differs);
    assert!(shop.is_alerted("price_differs", "S10").await);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_is_down_is_refused_after_three_times_and_tried_again_by_the_next_order() {
    let shop = Shop::open().await;
    shop.kios.stand("S10", sims::kios::Standing::Down);
    for _ in 0..3 {
        let order = shop.order("0001").await;
        shop.go_on().await;
        assert_eq!(shop.stored(&order).await.failure, Some(Reason::ProductDown));
        shop.pass(SECOND_MS);
    }
    let breaker = shop.product("S10").await.breaker;
    let until_ms = breaker.down_until(shop.now()).unwrap();
    assert!(until_ms > shop.now() + 9 * MINUTE_MS);
    assert!(shop.is_alerted("product_down", "S10").await);
    shop.set_clock(until_ms);
    shop.kios.stand("S10", sims::kios::Standing::Open);
    let probe = shop.order("0001").await;
    // Until the probe is back nobody else tries.
    assert!(shop.product("S10").await.breaker.down_until(shop.now()).is_some());
    shop.go_on().await;
    assert_eq!(shop.stored(&probe).await.state, State::Success);
    assert_eq!(shop.product("S10").await.breaker.down_until(shop.now()), None);
    shop.world.stop().await;
}
