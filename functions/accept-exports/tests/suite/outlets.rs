//! Outlets.

use crate::support::day::store_a_day;
use crate::support::{Answer, Api};
use serde_json::{Value, json};

fn description(zone: &str, cutoff_hour: u8) -> Value {
    json!({ "name": "Pusat", "zone": zone, "cutoff_hour": cutoff_hour, "placeholder_phones": ["0812-9999-1234"] })
}

#[tokio::test]
async fn an_outlet_is_described_and_its_clock_is_that_of_its_receipts() {
    let api = Api::start().await;
    api.get("/v1/outlets/moka-7")
        .await
        .refused(404, "OUTLET_NOT_FOUND");
    let answer = api
        .call("PUT", "/v1/outlets/moka-7", &description("WITA", 4))
        .await;
    let expected = json!({
        "id": "moka-7", "name": "Pusat", "zone": "Asia/Makassar", "cutoff_hour": 4,
        "placeholder_phones": ["+6281299991234"], "low_score": 2, "link_days": 30, "moka_id": null,
    });
    assert_eq!(answer.is(200), &expected);
    assert_eq!(api.get("/v1/outlets/moka-7").await.is(200), &expected);
    store_a_day(&api).await;
    let receipt = api.get("/v1/receipts/moka-7_20251028_full").await;
    assert_eq!(receipt.is(200)["at"], "2025-10-28T13:00:00.000+08:00");
}

#[tokio::test]
async fn how_guests_are_asked_is_described_and_has_defaults() {
    let api = Api::start().await;
    let mut body = description("WIB", 0);
    for (given, shown) in [
        (json!([0, 1]), json!([0, 1])),
        (json!([5, 365]), json!([5, 365])),
        (json!([null, null]), json!([2, 30])),
    ] {
        (body["low_score"], body["link_days"]) = (given[0].clone(), given[1].clone());
        let answer = api.call("PUT", "/v1/outlets/moka-7", &body).await;
        assert_eq!(
            json!([answer.is(200)["low_score"], answer.json["link_days"]]),
            shown
        );
        assert_eq!(api.get("/v1/outlets/moka-7").await.is(200), &answer.json);
    }
    for (score, days, pointer) in [
        (6, 30, "/low_score"),
        (2, 0, "/link_days"),
        (2, 366, "/link_days"),
    ] {
        (body["low_score"], body["link_days"]) = (json!(score), json!(days));
        let answer = api.call("PUT", "/v1/outlets/moka-7", &body).await;
        answer.refused(422, "BODY_INVALID");
        assert_eq!(answer.json["errors"][0]["pointer"], pointer);
    }
}

#[tokio::test]
async fn the_id_at_moka_is_taken_as_digits_and_nothing_else() {
    let api = Api::start().await;
    let mut body = description("WIB", 0);
    body["moka_id"] = json!("7");
    let answer = api.call("PUT", "/v1/outlets/moka-7", &body).await;
    assert_eq!(answer.is(200)["moka_id"], "7");
    let known = api.get("/v1/outlets/moka-7").await;
    assert_eq!(known.is(200)["moka_id"], "7");
    for id in ["", "1/../2", "12345678901234567890", "１"] {
        body["moka_id"] = json!(id);
        let answer = api.call("PUT", "/v1/outlets/moka-7", &body).await;
        answer.refused(422, "BODY_INVALID");
        assert_eq!(answer.json["errors"][0]["pointer"], "/moka_id");
    }
    // Describing an outlet without the id says that it has none.
    let answer = api
        .call("PUT", "/v1/outlets/moka-7", &description("WIB", 0))
        .await;
    assert_eq!(answer.is(200)["moka_id"], Value::Null);
}

#[tokio::test]
async fn the_id_at_moka_of_another_outlet_is_refused() {
    let api = Api::start().await;
    let mut body = description("WIB", 0);
    // What the night fetched would be refused, record by record: it says whose it is.
    for (outlet, id) in [
        ("moka-7", "100818"),
        ("moka-7", "07"),
        ("pos-7", "7"),
        ("moka-warung-oyako", "7"),
    ] {
        body["moka_id"] = json!(id);
        let path = format!("/v1/outlets/{outlet}");
        let answer = api.call("PUT", &path, &body).await;
        answer.refused(422, "BODY_INVALID");
        assert_eq!(answer.json["errors"][0]["pointer"], "/moka_id", "{outlet} {id}");
        api.get(&path).await.refused(404, "OUTLET_NOT_FOUND");
    }
}

#[tokio::test]
async fn how_a_day_is_cut_stays_once_there_are_sales() {
    let api = Api::start().await;
    store_a_day(&api).await;
    for (zone, cutoff_hour) in [("Asia/Makassar", 0), ("Asia/Jakarta", 4)] {
        let answer = api
            .call("PUT", "/v1/outlets/moka-7", &description(zone, cutoff_hour))
            .await;
        answer.refused(409, "OUTLET_HAS_SALES");
    }
    api.call("PUT", "/v1/outlets/moka-7", &description("WIB", 0))
        .await
        .is(200);
    api.call("PUT", "/v1/outlets/moka-8", &description("Asia/Makassar", 4))
        .await
        .is(200);
}

#[tokio::test]
async fn an_outlet_that_does_not_fit_is_refused_field_by_field() {
    let api = Api::start().await;
    let body =
        json!({ "name": " ", "zone": "Asia/Nowhere", "cutoff_hour": 13, "placeholder_phones": ["12"] });
    let answer = api.call("PUT", "/v1/outlets/pos-a", &body).await;
    answer.refused(422, "BODY_INVALID");
    let pointers: Vec<&str> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        pointers,
        ["/name", "/zone", "/cutoff_hour", "/placeholder_phones/0"]
    );
    for id in ["gobiz-1", "pos-", "pos-A", "pos-a_b", "pos"] {
        api.call("PUT", &format!("/v1/outlets/{id}"), &description("WIB", 0))
            .await
            .refused(400, "PARAMETER_INVALID");
    }
    api.get("/v1/outlets/pos-a")
        .await
        .refused(404, "OUTLET_NOT_FOUND");
}

#[tokio::test]
async fn outlets_are_listed_page_by_page() {
    let api = Api::start().await;
    for id in ["pos-b", "moka-7", "pos-a"] {
        api.call("PUT", &format!("/v1/outlets/{id}"), &description("WIB", 0))
            .await
            .is(200);
    }
    let first = api.get("/v1/outlets?limit=2").await;
    let ids = |answer: &Answer| -> Vec<String> {
        let items = answer.is(200)["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&first), ["moka-7", "pos-a"]);
    let next = first.json["next"].as_str().unwrap();
    let second = api.get(&format!("/v1/outlets?limit=2&after={next}")).await;
    assert_eq!(ids(&second), ["pos-b"]);
    assert_eq!(second.json["next"], json!(null));
    api.get("/v1/outlets?after=***")
        .await
        .refused(400, "PARAMETER_INVALID");
}
