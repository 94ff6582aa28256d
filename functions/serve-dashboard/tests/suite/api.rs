//! The API: the documents of the pages, for keys and tokens.

use crate::support::seed;
use crate::support::{NOON_MS, Shop, settings};
use domain::api_key::Scope;
use serde_json::json;
use serve_dashboard::{Deps, description};
use std::sync::Arc;
use testkit::World;

const READ: &[Scope] = &[Scope::FeedbackRead];

#[tokio::test]
async fn the_description_is_kept_beside_the_code() {
    let world = World::start().await;
    let deps = Deps::new(&world.clients, settings(), Arc::new(|| NOON_MS));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    edge::openapi::write_or_check(&description(deps), file).unwrap();
}

#[tokio::test]
async fn the_documents_are_those_of_the_pages() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let same = [
        (
            "/v1/satisfaction?outlet=moka-7",
            "/dashboard/satisfaction?outlet=moka-7&format=json",
        ),
        (
            "/v1/satisfaction/menus?sort=best",
            "/dashboard/menu?sort=best&format=json",
        ),
        (
            "/v1/satisfaction/menus/Ramen.20Ayam",
            "/dashboard/menu/Ramen.20Ayam?format=json",
        ),
        ("/v1/feedback?stars=1", "/dashboard/comments?stars=1&format=json"),
        (
            "/v1/cases?outlet=moka-7",
            "/dashboard/cases?outlet=moka-7&format=json",
        ),
    ];
    for (document, page) in same {
        let document = shop.call(READ, "GET", document, None).await;
        assert_eq!(
            document.is(200).json,
            shop.get("viewer", page).await.json,
            "{page}"
        );
    }
    let sync = shop.call(&[Scope::SalesRead], "GET", "/v1/sync", None).await;
    assert_eq!(
        sync.is(200).json,
        shop.get("viewer", "/dashboard/sync?format=json").await.json
    );
    insta::assert_json_snapshot!(
        "satisfaction-document",
        shop.call(
            READ,
            "GET",
            "/v1/satisfaction?from=2025-10-27&to=2025-10-27",
            None
        )
        .await
        .json
    );
    let case = format!("/v1/cases/moka-7/{}", seeded.case.id);
    insta::assert_json_snapshot!("case-document", shop.call(READ, "GET", &case, None).await.json);
}

#[tokio::test]
async fn each_route_needs_its_scope() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let case = format!("/v1/cases/moka-7/{}", seeded.case.id);
    let routes = [
        ("GET", "/v1/satisfaction"),
        ("GET", "/v1/satisfaction/menus"),
        ("GET", "/v1/satisfaction/menus/Ramen.20Ayam"),
        ("GET", "/v1/feedback"),
        ("DELETE", "/v1/feedback/moka-7_20251027_A2/words"),
        ("GET", "/v1/cases"),
        ("GET", &case),
        ("POST", &case),
        ("GET", "/v1/sync"),
    ];
    for (method, path) in routes {
        let answer = shop.call(&[Scope::Exports], method, path, Some(&json!({}))).await;
        answer.refused(403, "SCOPE_MISSING");
        // A browser's session is none of the API's business: no page of others can use it.
        if method == "GET" {
            shop.get("operator", path).await.refused(401, "UNAUTHORIZED");
        }
    }
}

#[tokio::test]
async fn a_case_is_changed_by_a_key() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let path = format!("/v1/cases/moka-7/{}", seeded.case.id);
    let scopes = [Scope::FeedbackRead, Scope::FeedbackWrite];
    let call = async |body| shop.call(&scopes, "POST", &path, Some(&body)).await;
    let done = call(json!({ "state": "resolved", "note": "Diganti baru" })).await;
    assert_eq!(done.is(200).json["state"], "resolved");
    assert_eq!(done.json["notes"][0]["text"], "Diganti baru");
    call(json!({ "state": "contacted" }))
        .await
        .refused(409, "CASE_SETTLED");
    call(json!({ "state": "gone" }))
        .await
        .refused(422, "BODY_INVALID");
    call(json!({ "state": "open", "nota": "x" }))
        .await
        .refused(422, "BODY_INVALID");
    let long = "x".repeat(1001);
    call(json!({ "state": "resolved", "note": long }))
        .await
        .refused(422, "BODY_INVALID");
    shop.call(&scopes, "GET", "/v1/cases/moka-7/case_x", None)
        .await
        .refused(404, "CASE_NOT_FOUND");
}

#[tokio::test]
async fn words_are_erased_by_a_key() {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    let path = "/v1/feedback/moka-7_20251027_A1/words";
    let call = async |path| shop.call(&[Scope::FeedbackWrite], "DELETE", path, None).await;
    for _ in 0..2 {
        call(path).await.is(204);
    }
    call("/v1/feedback/moka-7_20251027_A9/words")
        .await
        .refused(404, "FEEDBACK_NOT_FOUND");
    call("/v1/feedback/nonsense/words")
        .await
        .refused(404, "FEEDBACK_NOT_FOUND");
    let left = shop.call(READ, "GET", "/v1/feedback", None).await;
    assert!(!left.is(200).text.contains("gurih"), "{}", left.text);
}

#[tokio::test]
async fn listings_go_on_page_by_page() {
    let shop = Shop::start().await;
    seed::outlet(&shop, "moka-7", "Oyako Kemang").await;
    for number in 10..40 {
        let answer = seed::answer(&shop, "moka-7", &format!("R{number}"), 1, Some("Kurang hangat")).await;
        seed::case(&shop, &answer).await;
    }
    for path in [
        "/v1/feedback?",
        "/v1/feedback?outlet=moka-7&",
        "/v1/cases?",
        "/v1/cases?outlet=moka-7&",
    ] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = shop
                .call(READ, "GET", &format!("{path}limit=7{after}"), None)
                .await;
            let items = page.is(200).json["items"].as_array().unwrap().clone();
            assert!(items.len() <= 7);
            seen.extend(
                items
                    .iter()
                    .map(|item| item["receipt"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page.json["next"].as_str() else {
                break;
            };
            after = format!("&after={next}");
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 30, "{path}");
    }
    for after in ["*", "bm9uc2Vuc2U"] {
        for path in ["/v1/feedback", "/v1/cases"] {
            let page = shop
                .call(READ, "GET", &format!("{path}?after={after}"), None)
                .await;
            page.refused(400, "PARAMETER_INVALID");
        }
    }
}
