//! Links and codes for whoever prints them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use crate::support;
use crate::support::day::{head, id, line, paid, receipt};
use crate::support::{NOON_MS, Shop, URL, deps, send};
use aws::audit::{AuditTrail, Position};
use axum::body::Body;
use domain::api_key::{Scope, mint};
use domain::audit::chain_of;
use domain::outlet::Outlet;
use domain::receipt::Status;
use http::Request;
use serde_json::json;

#[tokio::test]
async fn a_receipt_has_one_link_which_ends_as_its_outlet_says() {
    let shop = Shop::start().await;
    shop.open_outlet().await;
    let id = shop.sell("r/1", paid("A/1", &["Ramen"])).await;
    let reply = shop.api("GET", &format!("/v1/links/{id}")).await;
    let link = reply.is(200);
    let url = link["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{URL}/r/")), "{url}");
    let expected = json!({
        "receipt": "moka-7_20251028_r.2F1", "no": "A/1", "at": "2025-10-28T12:00:00.000+07:00",
        "standing": "open", "url": url, "expires": "2025-11-27",
        "qr": {
            "svg": format!("{URL}/v1/links/{id}/qr.svg"),
            "png": format!("{URL}/v1/links/{id}/qr.png"),
        },
    });
    assert_eq!(*link, expected);
    shop.pass_days(3);
    assert_eq!(shop.api("GET", &format!("/v1/links/{id}")).await.json, expected);
    let mut outlet = Outlet::undescribed("moka-7", None, None);
    outlet.link_days = Some(3);
    shop.describe(&outlet).await;
    let shorter = shop.api("GET", &format!("/v1/links/{id}")).await;
    assert_eq!(shorter.is(200)["expires"], "2025-10-31");
    assert_ne!(shorter.json["url"], expected["url"]);
}

#[tokio::test]
async fn what_has_no_link_is_told_by_its_code() {
    let shop = Shop::start().await;
    let voided = shop
        .sell("v", receipt(head("A/1", Status::Voided), vec![line("Ramen")]))
        .await;
    let table = [
        (voided.to_string(), 409, "RECEIPT_VOIDED"),
        (id("none").to_string(), 404, "RECEIPT_NOT_FOUND"),
        ("moka-8_20251028_x".to_owned(), 404, "RECEIPT_NOT_FOUND"),
        ("nonsense".to_owned(), 404, "RECEIPT_NOT_FOUND"),
    ];
    for (receipt, status, code) in table {
        for end in ["", "/qr.svg", "/qr.png"] {
            let reply = shop.api("GET", &format!("/v1/links/{receipt}{end}")).await;
            reply.is_problem(status, code);
        }
    }
    for query in ["", "?outlet=moka-7", "?date=2025-10-28"] {
        shop.api("GET", &format!("/v1/links{query}"))
            .await
            .is_problem(400, "PARAMETER_MISSING");
    }
    let day = "outlet=moka-7&date=2025-10-28";
    for query in ["&format=xml", "&limit=0", "&limit=501", "&after=_w"] {
        let reply = shop.api("GET", &format!("/v1/links?{day}{query}")).await;
        reply.is_problem(400, "PARAMETER_INVALID");
    }
    shop.api("GET", "/v1/links?outlet=moka-7&date=28-10-2025")
        .await
        .is_problem(400, "PARAMETER_INVALID");
    shop.api("GET", "/v1/links?outlet=moka-7&date=2025-10-29")
        .await
        .is_problem(404, "DAY_NOT_FOUND");
}

/// The rows of a table over all its pages, without their headings.
async fn rows(shop: &Shop, mut path: String) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let table = shop.api("GET", &path).await;
        table.is(200);
        assert!(
            table.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/csv")
        );
        let mut rows = table
            .text
            .split("\r\n")
            .filter(|row| !row.is_empty())
            .map(str::to_owned);
        assert_eq!(rows.next().unwrap(), "receipt,no,at,standing,url,expires");
        lines.extend(rows);
        let Some(next) = table.headers.get("link") else {
            return lines;
        };
        let next = next.to_str().unwrap();
        path = next
            .strip_prefix('<')
            .unwrap()
            .strip_suffix(">; rel=\"next\"")
            .unwrap()
            .to_owned();
    }
}

#[tokio::test]
async fn a_days_links_come_page_by_page_as_json_and_as_a_table() {
    let shop = Shop::start().await;
    let names = ["a", "b", "c", "d", "e"];
    for (minutes, name) in (0..).zip(names) {
        let mut sold = paid(&format!("={name}\"1"), &["Ramen"]);
        sold.head.as_mut().unwrap().value.at_ms = NOON_MS - minutes * 60_000;
        shop.sell(name, sold).await;
    }
    shop.sell("void", receipt(head("V", Status::Voided), vec![]))
        .await;
    shop.sell("unpaid", receipt(head("U", Status::Unpaid), vec![line("Ramen")]))
        .await;
    let day = "/v1/links?outlet=moka-7&date=2025-10-28";
    let whole = shop.api("GET", day).await;
    let order: Vec<&str> = whole.is(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["receipt"].as_str().unwrap())
        .collect();
    let expected = ["e", "d", "c", "b", "a", "unpaid"].map(|name| id(name).to_string());
    assert_eq!(order, expected);
    assert_eq!(whole.json["items"][5]["standing"], "unpaid");
    assert_eq!(whole.json["next"], json!(null));
    let (mut items, mut after) = (Vec::new(), String::new());
    loop {
        let page = shop.api("GET", &format!("{day}&limit=4{after}")).await;
        items.extend(page.is(200)["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page.json["next"].as_str() else {
            break;
        };
        after = format!("&after={next}");
    }
    assert_eq!(json!(items), whole.json["items"]);

    let lines = rows(&shop, format!("{day}&limit=4&format=csv")).await;
    assert_eq!(lines.len(), 6);
    let first = &whole.json["items"][0];
    let expected = format!(
        "{},\"'=e\"\"1\",{},open,{},2025-11-27",
        first["receipt"].as_str().unwrap(),
        first["at"].as_str().unwrap(),
        first["url"].as_str().unwrap(),
    );
    assert_eq!(lines[0], expected);
}

#[tokio::test]
async fn codes_are_drawn_the_same_every_time_and_as_large_as_asked() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let path = format!("/v1/links/{id}/qr");
    let svg = shop.api("GET", &format!("{path}.svg")).await;
    svg.is(200);
    assert_eq!(svg.headers["content-type"], "image/svg+xml");
    assert_eq!(shop.api("GET", &format!("{path}.svg")).await.bytes, svg.bytes);
    let side = svg.text.split("viewBox=\"0 0 ").nth(1).unwrap();
    let side: u32 = side.split(' ').next().unwrap().parse().unwrap();
    for (query, scale) in [("", 8), ("?scale=1", 1), ("?scale=32", 32)] {
        let png = shop.api("GET", &format!("{path}.png{query}")).await;
        png.is(200);
        assert_eq!(png.headers["content-type"], "image/png");
        // The width and the height are the first numbers of the header chunk (PNG, third edition, §11.2.1).
        assert_eq!(png.bytes[16..20], (side * scale).to_be_bytes());
        assert_eq!(png.bytes[20..24], (side * scale).to_be_bytes());
        assert_eq!(
            shop.api("GET", &format!("{path}.png{query}")).await.bytes,
            png.bytes
        );
    }
    for scale in ["0", "33", "-1", "big", ""] {
        let reply = shop.api("GET", &format!("{path}.png?scale={scale}")).await;
        reply.is_problem(400, "PARAMETER_INVALID");
    }
}

#[tokio::test]
async fn a_new_key_makes_new_links_and_the_old_ones_still_open() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let old = shop.link(&id).await;
    let elsewhere = shop.other_router();
    let open = |link: String| send(&elsewhere, support::browsing(&link).body(Body::empty()).unwrap());
    open(old.clone()).await.is_page(200);
    let made = shop.api("POST", "/v1/links/rotate").await;
    assert_eq!(
        *made.is(201),
        json!({ "kid": 2, "created_at": "2025-10-28T05:00:00.000Z" })
    );
    let new = shop.link(&id).await;
    assert_ne!(new, old);
    shop.get(&old).await.is_page(200);
    // Another process that has just read the keys looks again, though not at every guess.
    open(new.clone()).await.refuses(404, "LINK_FORGED");
    shop.pass_ms(10_000);
    open(new).await.is_page(200);
    open(old).await.is_page(200);
    let trail = AuditTrail::new(&shop.world.clients);
    let record = trail.last(chain_of("link-keys")).await.unwrap().unwrap();
    assert_eq!(record.action, "link_key.made");
    assert!(record.actor.starts_with("key:"), "{record:?}");
}

#[tokio::test]
async fn a_retired_keys_links_are_refused_like_forged_ones() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let leaked = shop.link(&id).await;
    let elsewhere = shop.other_router();
    let open = |link: &str| send(&elsewhere, support::browsing(link).body(Body::empty()).unwrap());
    open(&leaked).await.is_page(200);
    let retire = "/v1/links/keys/1/retire";
    let newest = shop.api("POST", retire).await;
    newest.is_problem(409, "LINK_KEY_NEWEST");
    assert!(newest.text.contains("POST /v1/links/rotate"), "{}", newest.text);
    shop.get(&leaked).await.is_page(200);
    for kid in ["7", "0", "-1", "4294967296", "one"] {
        let reply = shop.api("POST", &format!("/v1/links/keys/{kid}/retire")).await;
        reply.is_problem(404, "LINK_KEY_NOT_FOUND");
    }
    shop.api("POST", "/v1/links/rotate").await.is(201);
    for _ in 0..2 {
        let retired = shop.api("POST", retire).await;
        assert_eq!(
            *retired.is(200),
            json!({ "kid": 1, "retired_at": "2025-10-28T05:00:00.000Z" })
        );
        shop.pass_ms(1_000);
    }
    let forged = shop.get(&format!("{leaked}A")).await;
    assert_eq!(shop.get(&leaked).await.refuses(404, "LINK_FORGED"), forged.text);
    shop.get(&shop.link(&id).await).await.is_page(200);
    // Another process may have the keys as they were, for five minutes and no longer.
    open(&leaked).await.is_page(200);
    shop.pass_ms(300_000);
    open(&leaked).await.refuses(404, "LINK_FORGED");
    open(&shop.link(&id).await).await.is_page(200);
    assert_eq!(shop.api("POST", "/v1/links/rotate").await.is(201)["kid"], 3);
    let trail = AuditTrail::new(&shop.world.clients);
    let records = trail
        .list(chain_of("link-keys"), Position::After(0), 9)
        .await
        .unwrap();
    let told: Vec<(&str, &str)> = records
        .iter()
        .map(|record| (record.action.as_str(), record.facts.as_str()))
        .collect();
    let expected = [
        ("link_key.made", r#"{"kid":2}"#),
        ("link_key.retired", r#"{"kid":1}"#),
        ("link_key.made", r#"{"kid":3}"#),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_link_whose_last_day_is_over_is_listed_as_expired() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    shop.sell("unpaid", receipt(head("U", Status::Unpaid), vec![line("Ramen")]))
        .await;
    let link = shop.link(&id).await;
    let day = "/v1/links?outlet=moka-7&date=2025-10-28";
    let standings = async || -> Vec<String> {
        let page = shop.api("GET", day).await;
        let items = page.is(200)["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["standing"].as_str().unwrap().to_owned())
            .collect()
    };
    // The last day is 2025-11-27.
    shop.pass_days(30);
    assert_eq!(standings().await, ["open", "unpaid"]);
    shop.get(&link).await.is_page(200);
    shop.pass_days(1);
    assert_eq!(standings().await, ["expired", "expired"]);
    assert_eq!(
        shop.api("GET", &format!("/v1/links/{id}")).await.is(200)["standing"],
        "expired"
    );
    let rows = rows(&shop, format!("{day}&format=csv")).await;
    assert!(rows.iter().all(|row| row.contains(",expired,")), "{rows:?}");
    shop.get(&link).await.refuses(410, "LINK_EXPIRED");
}

#[tokio::test]
async fn whoever_sends_another_token_is_told_that_keys_alone_are_taken() {
    let shop = Shop::start().await;
    let request = Request::builder()
        .uri("/v1/links?outlet=moka-7&date=2025-10-28")
        .header("authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln");
    let reply = send(&shop.router, request.body(Body::empty()).unwrap()).await;
    reply.is_problem(401, "UNAUTHORIZED");
    let told = ["detail", "detail_en"].map(|field| reply.json[field].as_str().unwrap());
    assert!(told[0].contains("Authorization: Bearer oyk_") && told[0].contains("token staf tidak"));
    assert!(told[1].contains("API key") && told[1].contains("tokens of staff are not taken"));
}

#[tokio::test]
async fn every_route_of_the_shop_needs_its_scope() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let routes = [
        (
            "GET",
            "/v1/links?outlet=moka-7&date=2025-10-28".to_owned(),
            Scope::LinksRead,
        ),
        ("GET", format!("/v1/links/{id}"), Scope::LinksRead),
        ("GET", format!("/v1/links/{id}/qr.svg"), Scope::LinksRead),
        ("GET", format!("/v1/links/{id}/qr.png"), Scope::LinksRead),
        ("POST", "/v1/links/rotate".to_owned(), Scope::Admin),
        ("POST", "/v1/links/keys/1/retire".to_owned(), Scope::Admin),
    ];
    let keys = aws::api_keys::ApiKeys::new(&shop.world.clients);
    for (seed, scope) in (10..).zip(Scope::ALL) {
        let (key, stored) = mint([seed; 40], "test", vec![scope], NOON_MS);
        keys.create(&stored, "test").await.unwrap();
        for (method, path, needed) in &routes {
            let request = Request::builder().method(*method).uri(path);
            let request = request.header("authorization", format!("Bearer {key}"));
            let reply = send(&shop.router, request.body(Body::empty()).unwrap()).await;
            if scope == *needed {
                assert!(reply.status.is_success(), "{method} {path}: {}", reply.text);
            } else {
                reply.is_problem(403, "SCOPE_MISSING");
            }
        }
    }
    for (method, path, _) in &routes {
        let request = Request::builder().method(*method).uri(path);
        send(&shop.router, request.body(Body::empty()).unwrap())
            .await
            .is_problem(401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn the_description_is_what_the_routes_say() {
    let shop = Shop::start().await;
    let clock = Arc::new(AtomicI64::new(NOON_MS));
    let description = serve_feedback::description(deps(&shop.world.clients, &clock));
    let paths: BTreeSet<&str> = description.paths.paths.keys().map(String::as_str).collect();
    let expected = [
        "/r/style.css",
        "/r/{token}",
        "/v1/links",
        "/v1/links/keys/{kid}/retire",
        "/v1/links/rotate",
        "/v1/links/{receipt}",
        "/v1/links/{receipt}/qr.png",
        "/v1/links/{receipt}/qr.svg",
    ];
    assert_eq!(paths, BTreeSet::from(expected));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    edge::openapi::write_or_check(&description, file).unwrap();
}
