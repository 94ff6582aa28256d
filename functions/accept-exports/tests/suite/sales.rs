//! Days and receipts.

use crate::support::day::{day, head, line, receipt, store, store_a_day};
use crate::support::{Answer, Api, NOON_MS};
use domain::receipt::Status;
use serde_json::{Value, json};

#[tokio::test]
async fn a_day_shows_its_figures_as_exact_decimals_and_its_dishes_by_net() {
    let api = Api::start().await;
    store_a_day(&api).await;
    let answer = api.get("/v1/outlets/moka-7/days/2025-10-28").await;
    let day = answer.is(200);
    for (name, value) in [
        ("outlet", json!("moka-7")),
        ("date", json!("2025-10-28")),
        ("receipts", json!(3)),
        ("voided", json!(1)),
        ("unpaid", json!(0)),
        ("refunded_receipts", json!(2)),
        ("identified", json!(1)),
        ("without_lines", json!(0)),
        ("unbalanced", json!(0)),
        ("gross", json!("80000")),
        ("discount", json!("10000")),
        ("net", json!("70000")),
        ("service", json!("1000")),
        ("tax", json!("2900.9")),
        ("rounding", json!("0")),
        ("total", json!("73900.9")),
        ("refunded", json!("9000")),
    ] {
        assert_eq!(day[name], value, "{name}");
    }
    let names: Vec<&Value> = day["menus"]
        .as_array()
        .unwrap()
        .iter()
        .map(|menu| &menu["name"])
        .collect();
    assert_eq!(names, ["Ramen", "Ayam", "Teh"], "equal sums stand by name");
    assert_eq!(
        day["menus"][0],
        json!({
            "name": "Ramen", "category": "Mie", "qty": "2", "refunded_qty": "0", "gross": "60000",
            "net": "50000", "receipts": 1, "variants": [{ "name": "Pedas", "qty": "2", "net": "50000" }],
            "ratings": [0, 0, 0, 0, 1],
        })
    );
}

#[tokio::test]
async fn days_are_listed_from_one_date_to_another() {
    let api = Api::start().await;
    for date in ["2025-10-27", "2025-10-28", "2025-11-02"] {
        let receipts = [(
            "r".to_owned(),
            receipt(head("1", NOON_MS, Status::Paid), vec![line("Teh", 1, 5000, 5000)]),
        )];
        store(&api, &day("pos-a", date), receipts.into()).await;
    }
    let dates = |answer: Answer| -> Vec<String> {
        let items = answer.is(200)["items"].as_array().unwrap().clone();
        assert!(
            items
                .iter()
                .all(|day| day["net"] == "5000" && day.get("menus").is_none())
        );
        items
            .iter()
            .map(|day| day["date"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = api
        .get("/v1/outlets/pos-a/days?from=2025-10-01&to=2025-11-30")
        .await;
    assert_eq!(dates(all), ["2025-10-27", "2025-10-28", "2025-11-02"]);
    let one = api
        .get("/v1/outlets/pos-a/days?from=2025-10-28&to=2025-10-28")
        .await;
    assert_eq!(dates(one), ["2025-10-28"]);
    assert!(
        dates(
            api.get("/v1/outlets/pos-b/days?from=2025-10-28&to=2025-10-28")
                .await
        )
        .is_empty()
    );
    assert_eq!(
        dates(
            api.get("/v1/outlets/pos-a/days?from=2025-01-01&to=2026-02-04")
                .await
        )
        .len(),
        3,
        "400 days"
    );
    for (query, code) in [
        ("", "PARAMETER_MISSING"),
        ("?from=2025-10-28", "PARAMETER_MISSING"),
        ("?from=2025-10-28&to=28-10-2025", "PARAMETER_INVALID"),
        ("?from=2025-10-28&to=2025-10-27", "PARAMETER_INVALID"),
        ("?from=2025-01-01&to=2026-02-05", "PARAMETER_INVALID"),
    ] {
        api.get(&format!("/v1/outlets/pos-a/days{query}"))
            .await
            .refused(400, code);
    }
}

#[tokio::test]
async fn what_was_not_sold_is_not_found() {
    let api = Api::start().await;
    api.get("/v1/outlets/pos-a/days/2025-10-28")
        .await
        .refused(404, "DAY_NOT_FOUND");
    api.get("/v1/outlets/pos-a/days/2025-10-28/receipts")
        .await
        .refused(404, "DAY_NOT_FOUND");
    api.get("/v1/outlets/pos-a/days/2025-10-32")
        .await
        .refused(400, "PARAMETER_INVALID");
    api.get("/v1/outlets/pos-a/days/kemarin/receipts")
        .await
        .refused(400, "PARAMETER_INVALID");
    store_a_day(&api).await;
    for id in [
        "moka-7_20251028_none",
        "moka-7_20251029_full",
        "full",
        "moka-7_20251028_given%20back",
    ] {
        api.get(&format!("/v1/receipts/{id}"))
            .await
            .refused(404, "RECEIPT_NOT_FOUND");
    }
}

#[tokio::test]
async fn receipts_are_listed_by_time_with_what_became_of_them() {
    let api = Api::start().await;
    store_a_day(&api).await;
    let answer = api.get("/v1/outlets/moka-7/days/2025-10-28/receipts").await;
    let items = answer.is(200)["items"].as_array().unwrap();
    let states: Vec<(&str, &str)> = items
        .iter()
        .map(|item| (item["id"].as_str().unwrap(), item["status"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        [
            ("moka-7_20251028_lines", "incomplete"),
            ("moka-7_20251028_full", "paid"),
            ("moka-7_20251028_partly", "partially_refunded"),
            ("moka-7_20251028_given.20back", "refunded"),
            ("moka-7_20251028_void", "voided"),
        ]
    );
    assert_eq!(
        items[1],
        json!({
            "id": "moka-7_20251028_full", "no": "A/1", "at": "2025-10-28T12:00:00.000+07:00", "status": "paid",
            "total": "58900.9", "net": "55000", "refunded": "0", "customer_id": "OYAKO_MOKA_17",
            "order_type": "dine_in", "lines": 2,
        })
    );
    assert_eq!(answer.json["next"], json!(null));
}

#[tokio::test]
async fn pages_of_receipts_hold_each_once_whatever_their_size() {
    let api = Api::start().await;
    store_a_day(&api).await;
    for limit in 1..=6 {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/v1/outlets/moka-7/days/2025-10-28/receipts?limit={limit}{after}");
            let page = api.get(&path).await.is(200).clone();
            let items = page["items"].as_array().unwrap();
            assert!(!items.is_empty() && items.len() <= limit);
            seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen.len(), 5, "{limit}: {seen:?}");
    }
    for query in ["limit=0", "limit=501", "after=nonsense!", "after=bm9uc2Vuc2U"] {
        let path = format!("/v1/outlets/moka-7/days/2025-10-28/receipts?{query}");
        api.get(&path).await.refused(400, "PARAMETER_INVALID");
    }
}

#[tokio::test]
async fn a_receipt_is_found_by_its_number_exactly_and_then_in_any_case() {
    let api = Api::start().await;
    store_a_day(&api).await;
    for (number, expected) in [
        ("A%2F1", vec!["moka-7_20251028_full"]),
        ("a/1", vec!["moka-7_20251028_partly"]),
        ("a2", vec!["moka-7_20251028_given.20back"]),
        ("A", vec![]),
    ] {
        let answer = api
            .get(&format!(
                "/v1/outlets/moka-7/days/2025-10-28/receipts?no={number}"
            ))
            .await;
        let items = answer.is(200)["items"].as_array().unwrap();
        let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{number}");
    }
}

#[tokio::test]
async fn a_receipt_shows_its_figures_lines_and_refunds() {
    let api = Api::start().await;
    store_a_day(&api).await;
    let full = api.get("/v1/receipts/moka-7_20251028_full").await;
    let expected = json!({
        "id": "moka-7_20251028_full", "outlet": "moka-7", "date": "2025-10-28", "no": "A/1",
        "at": "2025-10-28T12:00:00.000+07:00", "at_quality": "offset", "status": "paid", "order_type": "dine_in",
        "customer_id": "OYAKO_MOKA_17", "table": "12", "method": "QRIS", "gross": "65000", "discount": "10000",
        "net": "55000", "service": "1000", "tax": "2900.9", "rounding": "0", "total": "58900.9", "refunded": "0",
        "lines": [
            {
                "name": "Ramen", "variant": "Pedas", "category": "Mie", "menu_id": "m1", "variant_id": null,
                "sku": null, "qty": "2", "refunded_qty": "0", "gross": "60000", "discount": "10000",
                "net": "50000", "voided": false, "rateable": true, "rating": 5,
                "modifiers": [{ "group": "Topping", "name": "Telur", "qty": "1", "price": "5000" }],
            },
            {
                "name": "Teh", "variant": null, "category": null, "menu_id": null, "variant_id": null,
                "sku": null, "qty": "1", "refunded_qty": "0", "gross": "5000", "discount": "0",
                "net": "5000", "voided": false, "rateable": true, "rating": null, "modifiers": [],
            },
        ],
        "refunds": [],
    });
    assert_eq!(full.is(200), &expected);
    let given_back = api.get("/v1/receipts/moka-7_20251028_given.20back").await;
    let refund = json!([{ "id": "r/1", "at": "2025-10-28T12:00:03.000+07:00", "amount": "5000" }]);
    assert_eq!(given_back.is(200)["refunds"], refund);
    assert_eq!(given_back.json["status"], "refunded");
    let lines_only = api.get("/v1/receipts/moka-7_20251028_lines").await;
    assert_eq!(lines_only.is(200)["at"], json!(null));
}
