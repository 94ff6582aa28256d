//! A number that the supplier has blocked, or that failed too often, and how the shop releases it.

use crate::support::{NUMBER, PARTNER, Shop, wanted};
use aws::audit::{AuditTrail, Position};
use domain::audit::AuditRecord;
use domain::topup::reply::Failure;
use serde_json::{Value, json};

const PATH: &str = "/v1/topup-destinations/release";

async fn records(shop: &Shop) -> Vec<AuditRecord> {
    let trail = AuditTrail::new(&shop.world.clients);
    let mut found = Vec::new();
    for chain in 0..domain::audit::CHAINS {
        let records = trail.list(chain, Position::NEWEST, 100).await.unwrap();
        found.extend(
            records
                .into_iter()
                .filter(|record| record.action == "topup.destination_released"),
        );
    }
    found
}

/// What is answered about a number.
fn released(destination: &str, changed: bool) -> Value {
    json!({ "destination": destination, "blocked": false, "failures": 0, "changed": changed })
}

#[tokio::test]
async fn a_blocked_number_is_ordered_for_again_after_the_shop_has_released_it() {
    let shop = Shop::open().await;
    let refid = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    shop.refuse(&refid, Failure::NumberBlocked).await;
    shop.pass_ms(3 * 24 * crate::support::HOUR_MS);
    shop.buy("order-number-2", &wanted(NUMBER))
        .await
        .refused(409, "TOPUP_DESTINATION_BLOCKED");
    // As people write numbers.
    let body = json!({ "destination": "+62 812-3456-7890" });
    let answer = shop.manage("POST", PATH, Some(&body)).await;
    assert_eq!(answer.is(200), &released(NUMBER, true));
    shop.buy("order-number-2", &wanted(NUMBER)).await.is(202);
    let again = shop.manage("POST", PATH, Some(&body)).await;
    assert_eq!(again.is(200), &released(NUMBER, false));
    let records = records(&shop).await;
    assert_eq!(records.len(), 1, "what changes nothing is no change");
    let record = serde_json::to_string(&records[0]).unwrap();
    assert!(record.contains("****7890"), "{record}");
    assert!(!record.contains(NUMBER), "{record}");
    let boss = format!("key:{}", domain::api_key::parse(&shop.boss).unwrap().0);
    assert_eq!(records[0].actor, boss);
}

#[tokio::test]
async fn a_release_leaves_an_open_order_of_the_number_alone() {
    let shop = Shop::open().await;
    let failed = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    shop.refuse(&failed, Failure::BadNumber).await;
    shop.pass_ms(crate::support::HOUR_MS);
    let open = shop.buy("order-number-2", &wanted(NUMBER)).await.refid();
    let answer = shop
        .manage("POST", PATH, Some(&json!({ "destination": NUMBER })))
        .await;
    assert_eq!(answer.is(200), &released(NUMBER, true));
    shop.buy("order-number-3", &wanted(NUMBER))
        .await
        .refused(409, "TOPUP_ALREADY_OPEN");
    shop.deliver(&open).await;
    assert_eq!(shop.orders(PARTNER).await.len(), 2);
}

#[tokio::test]
async fn a_number_of_which_nothing_is_known_is_released_already() {
    let shop = Shop::open().await;
    let table = [
        (json!({ "destination": NUMBER }), NUMBER),
        (
            json!({ "destination": "01109790421", "kind": "pln" }),
            "01109790421",
        ),
    ];
    for (body, number) in table {
        let answer = shop.manage("POST", PATH, Some(&body)).await;
        assert_eq!(answer.is(200), &released(number, false));
        let known = shop.topups().destination(number).await.unwrap();
        assert_eq!(known.version, 0, "nothing is written");
    }
    assert!(records(&shop).await.is_empty());
}

#[tokio::test]
async fn what_is_no_number_is_not_released() {
    let shop = Shop::open().await;
    let table = [
        (json!({ "destination": "12" }), "TOPUP_DESTINATION_INVALID"),
        (json!({ "destination": "" }), "TOPUP_DESTINATION_INVALID"),
        (
            json!({ "destination": "01109790421" }),
            "TOPUP_DESTINATION_INVALID",
        ),
        (json!({ "destination": NUMBER, "kind": "gas" }), "BODY_INVALID"),
        (json!({ "number": NUMBER }), "BODY_INVALID"),
    ];
    for (body, code) in table {
        shop.manage("POST", PATH, Some(&body)).await.refused(422, code);
    }
}
