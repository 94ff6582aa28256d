//! Every refusal of an order: its code, when it ends, and that it bought nothing.

use crate::support::{
    Answer, HOUR_MS, MINUTE_MS, NUMBER, PARTNER, Shop, partner, product, request, send, wanted,
};
use domain::api_key::Scope;
use domain::topup::partner::Partner;
use domain::topup::product::{Breaker, Product};
use domain::topup::reply::Failure;
use domain::topup::rupiah::Rupiah;
use serde_json::json;

async fn refused(shop: &Shop, status: u16, code: &str) -> Answer {
    let before = shop.orders(PARTNER).await.len();
    let answer = shop.buy("refused-order", &wanted(NUMBER)).await;
    answer.refused(status, code);
    assert_eq!(answer.json["errors"][0]["code"], code);
    assert_eq!(shop.orders(PARTNER).await.len(), before);
    answer
}

#[tokio::test]
async fn a_product_has_to_be_one_that_this_partner_may_buy_now() {
    let shop = Shop::open().await;
    let body = json!({ "product": "S99", "destination": NUMBER });
    let unknown = shop.buy("refused-order", &body).await;
    unknown.refused(422, "TOPUP_PRODUCT_UNKNOWN");
    assert_eq!(unknown.json["errors"][0]["pointer"], "/product");
    let sold = product("S10", 10_500);
    shop.sell(&Product {
        active: false,
        ..sold.clone()
    })
    .await;
    refused(&shop, 422, "TOPUP_PRODUCT_OFF").await;
    let broken = |breaker: Breaker| Product {
        breaker,
        ..sold.clone()
    };
    shop.sell(&broken(Breaker {
        code_unknown: true,
        ..Breaker::default()
    }))
    .await;
    refused(&shop, 422, "TOPUP_PRODUCT_OFF").await;
    shop.sell(&broken(Breaker {
        price_differs: true,
        ..Breaker::default()
    }))
    .await;
    refused(&shop, 409, "TOPUP_PRODUCT_PRICE_DIFFERS").await;
    shop.sell(&broken(Breaker {
        until_ms: Some(shop.now_ms() + 10 * MINUTE_MS),
        ..Breaker::default()
    }))
    .await;
    let down = refused(&shop, 409, "TOPUP_PRODUCT_DOWN").await;
    assert_eq!(down.retry_after(), 600);
    shop.sell(&sold).await;
    shop.describe(Partner {
        products: Some(["P20".to_owned()].into()),
        ..partner(PARTNER)
    })
    .await;
    refused(&shop, 403, "TOPUP_PRODUCT_NOT_ALLOWED").await;
}

#[tokio::test]
async fn a_price_above_the_partners_limit_is_refused_with_the_price() {
    let shop = Shop::open().await;
    let body = json!({ "product": "S10", "destination": NUMBER, "max_price": 10_499 });
    let higher = shop.buy("refused-order", &body).await;
    higher.refused(409, "TOPUP_PRICE_HIGHER");
    assert!(higher.text.contains("Rp10.500"), "{}", higher.text);
}

#[tokio::test]
async fn a_destination_has_to_fit_its_product() {
    let shop = Shop::open().await;
    let table = [
        ("S10", "12", "DESTINATION_NOT_MOBILE"),
        ("S10", "0812abc", "DESTINATION_NOT_DIGITS"),
        ("S10", "0812345", "DESTINATION_TOO_SHORT"),
        ("S10", "08123456789012", "DESTINATION_TOO_LONG"),
        ("P20", NUMBER, ""),
        ("P20", "0110979042", "DESTINATION_TOO_SHORT"),
    ];
    for (product, destination, code) in table {
        let body = json!({ "product": product, "destination": destination });
        let answer = shop.buy(&format!("order-{product}-{destination}"), &body).await;
        if code.is_empty() {
            answer.is(202);
        } else {
            answer.refused(422, "TOPUP_DESTINATION_INVALID");
            assert_eq!(answer.json["errors"][0]["code"], code);
            assert_eq!(answer.json["errors"][0]["pointer"], "/destination");
        }
    }
}

#[tokio::test]
async fn a_number_of_another_operator_is_refused_unless_its_partner_knows_better() {
    let shop = Shop::open().await;
    let mut body = wanted("087812345678");
    let differs = shop.buy("refused-order", &body).await;
    differs.refused(422, "TOPUP_OPERATOR_DIFFERS");
    assert!(
        differs.json["detail_en"].as_str().unwrap().contains("XL"),
        "{}",
        differs.text
    );
    body["allow_operator_mismatch"] = json!(true);
    shop.buy("refused-order", &body).await.is(202);
}

#[tokio::test]
async fn the_same_again_waits_until_the_first_has_ended() {
    let shop = Shop::open().await;
    let first = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    let open = refused(&shop, 409, "TOPUP_ALREADY_OPEN").await;
    assert!(
        open.text.contains(&first),
        "its own order is named: {}",
        open.text
    );
    shop.refuse(&first, Failure::NotProcessable).await;
    let cooling = refused(&shop, 409, "TOPUP_COOLING").await;
    assert_eq!(cooling.retry_after(), 120);
    shop.pass_ms(2 * MINUTE_MS);
    let second = shop.buy("order-number-2", &wanted(NUMBER)).await.refid();
    shop.deliver(&second).await;
    let cooling = refused(&shop, 409, "TOPUP_COOLING").await;
    // Two minutes past noon; until midnight.
    assert_eq!(cooling.retry_after(), 12 * 3600 - 120);
    shop.sell(&Product {
        repeatable: true,
        ..product("S10", 10_500)
    })
    .await;
    shop.buy("order-number-3", &wanted(NUMBER)).await.is(202);
}

#[tokio::test]
async fn a_number_is_left_alone_before_the_supplier_blocks_it() {
    let shop = Shop::open().await;
    for n in 0..4 {
        let taken = shop.buy(&format!("order-number-{n}"), &wanted(NUMBER)).await;
        taken.is(202);
        shop.refuse(&taken.refid(), Failure::NotProcessable).await;
        shop.pass_ms(3 * MINUTE_MS);
    }
    let failing = refused(&shop, 409, "TOPUP_DESTINATION_FAILING").await;
    assert_eq!(
        failing.retry_after(),
        24 * 3600 - 180,
        "a day after the last failure"
    );
    shop.pass_ms(25 * HOUR_MS);
    let fifth = shop.buy("order-number-5", &wanted(NUMBER)).await.refid();
    shop.refuse(&fifth, Failure::NumberBlocked).await;
    shop.pass_ms(3 * MINUTE_MS);
    refused(&shop, 409, "TOPUP_DESTINATION_BLOCKED").await;
}

#[tokio::test]
async fn a_number_with_open_orders_that_may_all_fail_waits_for_them_and_for_no_time() {
    let shop = Shop::open().await;
    let mut last = String::new();
    for n in 0..4 {
        let code = format!("T{n}");
        shop.sell(&product(&code, 10_500)).await;
        let order = json!({ "product": code, "destination": NUMBER });
        last = shop.buy(&format!("order-number-{n}"), &order).await.refid();
    }
    let waits = refused(&shop, 409, "TOPUP_DESTINATION_FAILING").await;
    assert!(!waits.headers.contains_key("retry-after"));
    assert!(waits.text.contains("open orders"), "{}", waits.text);
    shop.deliver(&last).await;
    shop.buy("order-number-9", &wanted(NUMBER)).await.is(202);
}

#[tokio::test]
async fn what_failed_is_given_back_to_the_cap_of_the_day() {
    let shop = Shop::open().await;
    shop.describe(Partner {
        daily_cap: Rupiah::new(21_000),
        ..partner(PARTNER)
    })
    .await;
    let numbered = |n: u32| wanted(&format!("08123456780{n}"));
    let first = shop.buy("order-number-1", &numbered(1)).await.refid();
    shop.buy("order-number-2", &numbered(2)).await.is(202);
    let full = shop.buy("order-number-3", &numbered(3)).await;
    full.refused(429, "TOPUP_CAP_REACHED");
    assert_eq!(full.retry_after(), 12 * 3600, "from noon to midnight");
    shop.refuse(&first, Failure::NotProcessable).await;
    shop.buy("order-number-3", &numbered(3)).await.is(202);
    shop.pass_ms(24 * HOUR_MS);
    shop.buy("order-number-4", &numbered(4)).await.is(202);
}

#[tokio::test]
async fn orders_that_race_never_go_above_the_cap() {
    let shop = Shop::open().await;
    shop.describe(Partner {
        daily_cap: Rupiah::new(31_500),
        ..partner(PARTNER)
    })
    .await;
    let race = (0..8).map(|n| {
        let request = shop.buying(&format!("order-number-{n}"), &wanted(&format!("08123456780{n}")));
        let router = shop.other_router();
        async move { send(&router, request).await }
    });
    let answers = futures::future::join_all(race).await;
    let taken = answers.iter().filter(|answer| answer.status == 202).count();
    for answer in answers.iter().filter(|answer| answer.status != 202) {
        assert!(
            matches!(answer.code(), "TOPUP_CAP_REACHED" | "STORE_BUSY"),
            "{}",
            answer.text
        );
    }
    assert!((1..=3).contains(&taken), "{taken}");
    assert_eq!(shop.orders(PARTNER).await.len(), taken);
}

#[tokio::test]
async fn nothing_is_taken_that_the_deposit_does_not_pay_for() {
    let shop = Shop::open().await;
    shop.deposit(20_000).await;
    let first = shop.buy("order-number-1", &wanted("081234567801")).await;
    first.is(202);
    let low = refused(&shop, 409, "TOPUP_BALANCE_LOW").await;
    assert!(
        !low.text.contains("20000") && !low.text.contains("20.000"),
        "{}",
        low.text
    );
    shop.refuse(&first.refid(), Failure::NotProcessable).await;
    shop.buy("order-number-2", &wanted(NUMBER)).await.is(202);
}

#[tokio::test]
async fn who_may_not_order_still_sees_what_became_of_orders() {
    let shop = Shop::open().await;
    let refid = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    shop.describe(Partner {
        active: false,
        ..partner(PARTNER)
    })
    .await;
    refused(&shop, 403, "TOPUP_PARTNER_INACTIVE").await;
    shop.get(&format!("/v1/topups/{refid}")).await.is(200);
    let again = shop.buy("order-number-1", &wanted(NUMBER)).await;
    assert_eq!(again.is(202)["refid"], refid, "nor is the order forgotten");
}

#[tokio::test]
async fn without_a_supplier_nothing_is_taken() {
    let shop = Shop::open().await;
    let off = shop.under(|settings| settings.is_on = false);
    send(&off, shop.buying("order-number-1", &wanted(NUMBER)))
        .await
        .refused(409, "TOPUP_OFF");
    let checked = request("POST", "/v1/topups/check", &shop.key, Some(&wanted(NUMBER)));
    let checked = send(&off, checked).await;
    assert_eq!(checked.is(200)["refusals"][0]["code"], "TOPUP_OFF");
    assert_eq!(shop.orders(PARTNER).await.len(), 0);
}

#[tokio::test]
async fn a_key_orders_for_its_own_partner_alone() {
    let shop = Shop::open().await;
    let without = shop.mint(&[Scope::Topups], None, 7).await;
    let nobodys = shop.mint(&[Scope::Topups], Some("nobody"), 8).await;
    for (key, code) in [
        (without, "TOPUP_PARTNER_MISSING"),
        (nobodys, "TOPUP_PARTNER_INACTIVE"),
    ] {
        for path in ["/v1/topups", "/v1/products", "/v1/balance", "/v1/webhooks"] {
            send(&shop.router, request("GET", path, &key, None))
                .await
                .refused(403, code);
        }
        let order = crate::support::buying(&key, "order-number-1", &wanted(NUMBER));
        send(&shop.router, order).await.refused(403, code);
    }
}

#[tokio::test]
async fn a_partner_that_asks_too_often_waits_for_the_next_minute() {
    let shop = Shop::open().await;
    shop.describe(Partner {
        per_minute: 3,
        ..partner(PARTNER)
    })
    .await;
    shop.pass_ms(20_000);
    for _ in 0..3 {
        shop.get("/v1/products").await.is(200);
    }
    for answer in [
        shop.get("/v1/products").await,
        shop.buy("order-number-1", &wanted(NUMBER)).await,
    ] {
        answer.refused(429, "TOO_MANY_REQUESTS");
        assert_eq!(answer.retry_after(), 40);
    }
    shop.pass_ms(40_000);
    shop.buy("order-number-1", &wanted(NUMBER)).await.is(202);
}
