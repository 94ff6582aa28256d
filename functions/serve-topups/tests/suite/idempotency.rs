//! One key is one order, whatever happens to the requests.

use crate::support::{HOUR_MS, MINUTE_MS, NUMBER, PARTNER, Shop, buying, partner, request, send, wanted};
use domain::api_key::Scope;
use domain::topup::reply::Failure;
use http::Request;
use serde_json::{Value, json};
use testkit::faults::Plan;

#[tokio::test]
async fn the_same_request_again_is_the_same_order_as_it_is_now() {
    let shop = Shop::open().await;
    let body = json!({ "product": "S10", "destination": NUMBER, "reference": "nota 17" });
    let refid = shop.buy("order-number-1", &body).await.refid();
    let again = shop.buy("order-number-1", &body).await;
    assert_eq!(
        (again.is(202)["refid"].as_str(), &again.json["state"]),
        (Some(&*refid), &json!("new"))
    );
    shop.deliver(&refid).await;
    // Written in another order, with other spaces.
    let text = format!(r#"{{ "reference":"nota 17", "destination" : "{NUMBER}","product":"S10" }}"#);
    let request = Request::post("/v1/topups")
        .header("authorization", format!("Bearer {}", shop.key))
        .header("content-type", "application/json; charset=utf-8")
        .header("idempotency-key", "order-number-1");
    let again = send(&shop.router, request.body(text.into()).unwrap()).await;
    assert_eq!(
        (again.is(200)["refid"].as_str(), &again.json["state"]),
        (Some(&*refid), &json!("success"))
    );
    assert_eq!(again.headers["location"], format!("/v1/topups/{refid}"));
    shop.pass_ms(80 * 24 * HOUR_MS);
    assert_eq!(shop.buy("order-number-1", &body).await.is(200)["refid"], refid);
    assert_eq!(shop.orders(PARTNER).await.len(), 1);
}

#[tokio::test]
async fn the_same_key_for_something_else_is_a_mistake() {
    let shop = Shop::open().await;
    shop.buy("order-number-1", &wanted(NUMBER)).await.is(202);
    let others = [
        wanted("081234567891"),
        json!({ "product": "P20", "destination": NUMBER }),
        json!({ "product": "S10", "destination": NUMBER, "reference": "" }),
        json!({ "product": "S10", "destination": NUMBER, "max_price": 10_500 }),
        json!({ "product": "S10", "destination": NUMBER, "allow_operator_mismatch": true }),
    ];
    for body in others {
        shop.buy("order-number-1", &body)
            .await
            .refused(409, "IDEMPOTENCY_KEY_REUSED");
    }
    assert_eq!(shop.orders(PARTNER).await.len(), 1);
}

#[tokio::test]
async fn a_key_is_its_partners_own() {
    let shop = Shop::open().await;
    shop.describe(partner("kios-2")).await;
    let other = shop.mint(&[Scope::Topups], Some("kios-2"), 9).await;
    let mine = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    let theirs = send(
        &shop.router,
        buying(&other, "order-number-1", &wanted("081234567891")),
    )
    .await;
    assert_ne!(theirs.is(202)["refid"], mine);
}

#[tokio::test]
async fn a_refusal_uses_up_no_key() {
    let shop = Shop::open().await;
    let first = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    shop.refuse(&first, Failure::NotProcessable).await;
    shop.buy("order-number-2", &wanted(NUMBER))
        .await
        .refused(409, "TOPUP_COOLING");
    shop.pass_ms(2 * MINUTE_MS);
    shop.buy("order-number-2", &wanted(NUMBER)).await.is(202);
}

#[tokio::test]
async fn requests_that_race_with_one_key_are_one_order() {
    let shop = Shop::open().await;
    for round in 0..4 {
        let key = format!("order-number-{round}");
        let body = wanted(&format!("08123456780{round}"));
        let race = (0..6).map(|_| {
            let (router, request) = (shop.other_router(), shop.buying(&key, &body));
            async move { send(&router, request).await }
        });
        let answers = futures::future::join_all(race).await;
        let first = answers[0].refid();
        for answer in &answers {
            assert_eq!(answer.is(202)["refid"], first);
        }
        assert_eq!(shop.orders(PARTNER).await.len(), round + 1);
    }
}

/// An order for a number of its own.
fn body(n: u64) -> Value {
    wanted(&format!("0812345678{n:02}"))
}

/// How many calls to the stores an order takes.
async fn calls_of_an_order(shop: &Shop) -> u64 {
    shop.world.faults.set(Plan::None);
    let buying = shop.buying("order-number-99", &body(99));
    send(&shop.faulty_router(), buying).await.is(202);
    shop.world.faults.calls()
}

#[tokio::test]
async fn a_request_that_its_repetition_overtakes_is_the_same_order() {
    let shop = Shop::open().await;
    for call in 0..calls_of_an_order(&shop).await {
        let key = format!("order-number-{call}");
        let router = shop.faulty_router();
        shop.world.faults.set(Plan::Hold(call));
        let first = send(&router, shop.buying(&key, &body(call)));
        let second = async {
            shop.world.faults.held().await;
            let second = shop.buy(&key, &body(call)).await;
            shop.world.faults.release();
            second
        };
        let (first, second) = tokio::join!(first, second);
        assert_eq!(first.is(202)["refid"], second.is(202)["refid"], "call {call}");
    }
}

#[tokio::test]
async fn different_keys_that_race_for_one_number_are_one_order() {
    let shop = Shop::open().await;
    let race = (0..6).map(|n| {
        let request = shop.buying(&format!("order-number-{n}"), &wanted(NUMBER));
        let router = shop.other_router();
        async move { send(&router, request).await }
    });
    let answers = futures::future::join_all(race).await;
    let taken = answers.iter().filter(|answer| answer.status == 202).count();
    assert_eq!((taken, shop.orders(PARTNER).await.len()), (1, 1));
    for answer in answers.iter().filter(|answer| answer.status != 202) {
        answer.refused(409, "TOPUP_ALREADY_OPEN");
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_anywhere_is_found_with_the_same_key() {
    let shop = Shop::open().await;
    let calls = calls_of_an_order(&shop).await;
    assert!(calls > 5, "{calls}");
    for lost in 0..calls {
        let key = format!("order-number-{lost}");
        shop.world.faults.set(Plan::LoseAnswer(lost));
        let first = send(&shop.faulty_router(), shop.buying(&key, &body(lost))).await;
        assert!(
            matches!(first.status.as_u16(), 202 | 503),
            "{lost}: {}",
            first.text
        );
        shop.world.faults.set(Plan::None);
        let again = shop.buy(&key, &body(lost)).await;
        let refid = again.is(202)["refid"].clone();
        if first.status == 202 {
            assert_eq!(refid, first.json["refid"]);
        }
        let orders = shop.orders(PARTNER).await;
        let same = orders
            .iter()
            .filter(|order| order.dest == body(lost)["destination"]);
        assert_eq!(same.count(), 1, "call {lost}");
    }
}

#[tokio::test]
async fn a_key_has_to_be_there_and_hard_to_repeat_by_accident() {
    let shop = Shop::open().await;
    let without = request("POST", "/v1/topups", &shop.key, Some(&wanted(NUMBER)));
    send(&shop.router, without)
        .await
        .refused(400, "IDEMPOTENCY_KEY_MISSING");
    for key in [
        "",
        "1234567",
        "with space",
        "order-number-1,order-number-2",
        "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
        &"x".repeat(129),
    ] {
        shop.buy(key, &wanted(NUMBER))
            .await
            .refused(400, "IDEMPOTENCY_KEY_INVALID");
    }
    assert_eq!(shop.orders(PARTNER).await.len(), 0);
}
