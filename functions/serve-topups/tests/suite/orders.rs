//! Orders from the request to their end, as their partner sees them.

use std::time::Duration;

use crate::support::supplier::SERIAL;
use crate::support::{HOUR_MS, MINUTE_MS, NUMBER, PARTNER, Shop, buying, partner, send, wanted};
use domain::api_key::Scope;
use domain::topup::order::Reason;
use domain::topup::partner::{CutoffChoice, Partner};
use domain::topup::reply::{Failure, Outcome};
use serde_json::{Value, json};
use serve_topups::Patience;

#[tokio::test]
async fn an_order_is_written_down_as_it_was_asked_for() {
    let shop = Shop::open().await;
    let body = json!({
        "product": "S10", "destination": "+62 812-3456-7890", "reference": "nota 17", "max_price": 10_500,
    });
    let taken = shop.buy("order-number-1", &body).await;
    taken.is(202);
    let refid = taken.refid();
    assert_eq!(taken.headers["location"], format!("/v1/topups/{refid}"));
    assert_eq!(taken.retry_after(), 5);
    let expected = json!({
        "refid": refid, "reference": "nota 17", "product": "S10", "kind": "pulsa", "destination": NUMBER,
        "price": 10_500, "state": "new", "final": false, "reason": null, "retry": "wait",
        "serial_number": null, "electricity": null, "sends_at": null,
        "accepted_at": "2025-10-28T05:00:00.000Z", "state_at": "2025-10-28T05:00:00.000Z",
    });
    assert_eq!(taken.json, expected);
    let stored = shop.order(&refid).await;
    assert_eq!((stored.partner.as_str(), stored.cost.get()), (PARTNER, 10_100));
    assert_eq!(stored.next_ms, Some(shop.now_ms()), "it is sent at once");
    let correlation = taken.headers["x-correlation-id"].to_str().unwrap();
    assert_eq!(stored.correlation.as_deref(), Some(correlation));
    assert_eq!(shop.get(&format!("/v1/topups/{refid}")).await.is(200), &expected);
}

#[tokio::test]
async fn an_order_that_ends_while_its_partner_waits_is_answered_as_it_ended() {
    let shop = Shop::open().await;
    let patient = shop.under(|settings| {
        settings.patience = Patience {
            looks: 400,
            pause: Duration::from_millis(5),
        };
    });
    let body = wanted(NUMBER);
    let asked = send(&patient, shop.buying("order-number-1", &body));
    let supplied = async {
        let refid = loop {
            if let Some(order) = shop.orders(PARTNER).await.pop() {
                break order.refid;
            }
            tokio::task::yield_now().await;
        };
        shop.deliver(&refid).await;
    };
    let (answer, ()) = tokio::join!(asked, supplied);
    assert_eq!(answer.is(200)["state"], "success");
    assert_eq!(answer.json["serial_number"], SERIAL);
    assert_eq!(
        (&answer.json["final"], &answer.json["retry"]),
        (&json!(true), &json!("none"))
    );
    assert!(answer.headers.contains_key("location") && !answer.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn an_order_that_does_not_end_in_time_is_answered_as_it_stands() {
    let shop = Shop::open().await;
    let patient = shop.under(|settings| {
        settings.patience = Patience {
            looks: 2,
            pause: Duration::from_millis(1),
        };
    });
    let answer = send(&patient, shop.buying("order-number-1", &wanted(NUMBER))).await;
    assert_eq!(answer.is(202)["state"], "new");
}

#[tokio::test]
async fn a_partner_sees_every_state_and_what_to_do_next() {
    let shop = Shop::open().await;
    let numbered = |n: usize| format!("08123456780{n}");
    let mut refids = Vec::new();
    for n in 0..6 {
        let taken = shop
            .buy(&format!("order-number-{n}"), &wanted(&numbered(n)))
            .await;
        taken.is(202);
        refids.push(taken.refid());
    }
    shop.deliver(&refids[1]).await;
    shop.refuse(&refids[2], Failure::BadNumber).await;
    shop.accept(&refids[3]).await;
    shop.hand_over(&refids[3]).await;
    shop.sending(&refids[4]).await;
    shop.drop_unsent(&refids[5], Reason::NotSent).await;
    let expected = [
        ("new", Value::Null, "wait"),
        ("success", Value::Null, "none"),
        ("failed", json!("NUMBER_INVALID"), "never"),
        ("manual", Value::Null, "wait"),
        ("sending", Value::Null, "wait"),
        ("failed", json!("NOT_SENT"), "new_order"),
    ];
    for (refid, (state, reason, retry)) in refids.iter().zip(expected) {
        let shown = shop.get(&format!("/v1/topups/{refid}")).await;
        assert_eq!(shown.is(200)["state"], state);
        assert_eq!(
            (&shown.json["reason"], &shown.json["retry"]),
            (&reason, &json!(retry))
        );
        assert_eq!(shown.json["final"], matches!(state, "success" | "failed"));
    }
}

#[tokio::test]
async fn a_token_for_a_meter_is_told_apart() {
    let shop = Shop::open().await;
    let body = json!({ "product": "P20", "destination": "01109790426" });
    let refid = shop.buy("order-number-1", &body).await.refid();
    shop.sending(&refid).await;
    let sn = "2514-0000-1111-2222-2824/HASMALINDA/R1M/900VA/33,7".to_owned();
    shop.answered(&refid, Outcome::Success { sn: sn.clone() }).await;
    let shown = shop.get(&format!("/v1/topups/{refid}")).await;
    assert_eq!(shown.is(200)["serial_number"], sn);
    let electricity = &shown.json["electricity"];
    assert_eq!(electricity["token"], "25140000111122222824");
    assert_eq!(
        (&electricity["power"], &electricity["kwh"]),
        (&json!("900VA"), &json!("33.7"))
    );
    assert_eq!(
        shown.json["destination"], "01109790426",
        "a meter's number keeps its zero"
    );
}

#[tokio::test]
async fn during_the_cutoff_an_order_is_refused_or_held_as_its_partner_wants() {
    let shop = Shop::open().await;
    shop.pass_ms(11 * HOUR_MS + 40 * MINUTE_MS);
    let refused = shop.buy("order-number-1", &wanted(NUMBER)).await;
    refused.refused(409, "TOPUP_CUTOFF");
    assert_eq!(refused.retry_after(), 55 * 60);
    assert_eq!(shop.orders(PARTNER).await.len(), 0);
    shop.describe(Partner {
        cutoff: CutoffChoice::Hold,
        ..partner(PARTNER)
    })
    .await;
    let held = shop.buy("order-number-1", &wanted(NUMBER)).await;
    assert_eq!(held.is(202)["state"], "new");
    assert_eq!(held.json["sends_at"], "2025-10-28T17:35:00.000Z");
    assert!(shop.order(&held.refid()).await.holds);
}

#[tokio::test]
async fn orders_of_other_partners_are_as_unknown_as_any() {
    let shop = Shop::open().await;
    shop.describe(partner("kios-2")).await;
    let other = shop.mint(&[Scope::Topups], Some("kios-2"), 9).await;
    let mine = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    let path = format!("/v1/topups/{mine}");
    let ask = |key: String, path: String| {
        let router = shop.router.clone();
        async move { send(&router, crate::support::request("GET", &path, &key, None)).await }
    };
    ask(other.clone(), path.clone())
        .await
        .refused(404, "TOPUP_NOT_FOUND");
    ask(shop.key.clone(), path).await.is(200);
    for refid in ["01K8MZ3Q5V7WXYZ0ABCD", "x", "%2F", "O%23"] {
        shop.get(&format!("/v1/topups/{refid}"))
            .await
            .refused(404, "TOPUP_NOT_FOUND");
    }
    let listed = ask(other.clone(), "/v1/topups".to_owned()).await;
    assert_eq!(listed.is(200)["items"], json!([]));
    let day = ask(other.clone(), "/v1/statements/2025-10-28".to_owned()).await;
    assert_eq!(day.is(200)["taken"]["orders"], 0);
    // The same number, product and key: two partners know nothing of each other, and money is spent once.
    let also = send(&shop.router, buying(&other, "order-number-1", &wanted(NUMBER))).await;
    also.refused(409, "TOPUP_ALREADY_OPEN");
    assert!(!also.text.contains(&mine), "{}", also.text);
    shop.buy("order-number-2", &wanted(NUMBER))
        .await
        .refused(409, "TOPUP_ALREADY_OPEN");
}

#[tokio::test]
async fn a_check_says_what_an_order_would_and_buys_nothing() {
    let shop = Shop::open().await;
    let checked = shop.post("/v1/topups/check", &wanted("62812 3456 7890")).await;
    let expected = json!({
        "accepted": true, "destination": NUMBER, "price": 10_500, "refusals": [], "warnings": [],
    });
    assert_eq!(checked.is(200), &expected);
    let unsure = shop.post("/v1/topups/check", &wanted("089912345678901")).await;
    assert_eq!(unsure.is(200)["refusals"][0]["code"], "TOPUP_DESTINATION_INVALID");
    let doubtful = shop.post("/v1/topups/check", &wanted("085155512345")).await;
    assert_eq!(
        doubtful.is(200)["warnings"],
        json!(["OPERATOR_DOUBTFUL"]),
        "{}",
        doubtful.text
    );
    let body = json!({ "product": "S10", "destination": "087812345678", "max_price": 1 });
    let bad = shop.post("/v1/topups/check", &body).await;
    let codes: Vec<&str> = bad.is(200)["refusals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|refusal| refusal["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["TOPUP_PRICE_HIGHER", "TOPUP_OPERATOR_DIFFERS"]);
    assert_eq!(bad.json["accepted"], false);
    assert_eq!(shop.orders(PARTNER).await.len(), 0);
    assert_eq!(shop.topups().waiting().await.unwrap(), 0);
    assert_eq!(shop.topups().destination(NUMBER).await.unwrap().version, 0);
    shop.buy("order-number-1", &wanted(NUMBER)).await.is(202);
}

#[tokio::test]
async fn a_request_that_does_not_fit_says_where() {
    let shop = Shop::open().await;
    let table = [
        (json!({ "product": "", "destination": NUMBER }), "/product"),
        (json!({ "product": "S10", "destination": "" }), "/destination"),
        (
            json!({ "product": "S10", "destination": NUMBER, "max_price": 0 }),
            "/max_price",
        ),
        (
            json!({ "product": "S10", "destination": NUMBER, "reference": "x".repeat(65) }),
            "/reference",
        ),
        (
            json!({ "product": "S10", "destination": NUMBER, "price": 1 }),
            "/price",
        ),
        (json!({ "product": "S10" }), "/destination"),
    ];
    for (body, pointer) in table {
        let refused = shop.buy("order-number-1", &body).await;
        refused.refused(422, "BODY_INVALID");
        assert_eq!(refused.json["errors"][0]["pointer"], pointer, "{}", refused.text);
        assert!(!refused.text.contains(NUMBER), "{}", refused.text);
    }
    assert_eq!(shop.orders(PARTNER).await.len(), 0);
}
