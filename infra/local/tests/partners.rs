//! The servers of other people, the secrets for them, and a night begun by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use serde_json::{Value, json};
use support::World;

/// A secret that the functions would find.
async fn parameter(world: &World, name: &str) -> String {
    let request = world.ssm().get_parameters().names(name).with_decryption(true);
    let found = request.send().await.unwrap();
    let first = found.parameters().first();
    first.unwrap().value().unwrap().to_owned()
}

/// A new access token for a refresh token; the answer of the server.
async fn renewed(world: &World, refresh_token: &str) -> (u16, Value) {
    let renewal = json!({
        "grant_type": "refresh_token", "refresh_token": refresh_token,
        "client_id": parameter(world, "/shop/moka/client-id").await,
        "client_secret": parameter(world, "/shop/moka/client-secret").await,
    });
    let url = format!("{}/oauth/token", world.setting("MOKA_URL"));
    let request = local::web_client().unwrap().post(url).json(&renewal);
    let reply = request.send().await.unwrap();
    let status = reply.status().as_u16();
    (status, reply.json().await.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_the_folder_of_a_day_is_listed_and_handed_out_for_the_token() {
    let world = World::start().await;
    let folder = world.folder.path().join("data/central/2026-11-21/moka-100818");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("sore.json"), "{}").unwrap();
    let (central, token) = (world.setting("CENTRAL_URL"), world.setting("CENTRAL_TOKEN"));
    assert_eq!(token, parameter(&world, "/shop/token").await);
    let client = local::web_client().unwrap();
    let day = format!("{central}/v1/days/2026-11-21");
    let refused = client.get(&day).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    let listing = client.get(&day).bearer_auth(&token).send().await.unwrap();
    let listing: Value = listing.json().await.unwrap();
    let file = &listing["files"][0];
    assert_eq!(
        (&file["name"], &file["outlet"]),
        (&json!("sore.json"), &json!("moka-100818"))
    );
    let file = client.get(format!("{central}/v1/files/sore.json"));
    let content = file.bearer_auth(&token).send().await.unwrap();
    assert_eq!(content.text().await.unwrap(), "{}");
}

#[tokio::test(flavor = "multi_thread")]
async fn moka_has_the_same_payments_each_time_and_goes_on_with_the_token_that_was_kept() {
    let mut world = World::start().await;
    let first = parameter(&world, "/shop/moka/refresh-token").await;
    let (status, renewal) = renewed(&world, &first).await;
    assert_eq!(status, 200);
    assert_eq!(
        renewed(&world, &first).await.0,
        401,
        "a refresh token is good once"
    );

    // As the night does: what came is kept before it is used.
    let kept = renewal["refresh_token"].as_str().unwrap();
    let put = world
        .ssm()
        .put_parameter()
        .name("/shop/moka/refresh-token")
        .value(kept);
    let put = put.r#type(aws_sdk_ssm::types::ParameterType::SecureString);
    assert_eq!(put.overwrite(true).send().await.unwrap().version(), 2);

    let access = renewal["access_token"].as_str().unwrap().to_owned();
    let mut bodies = Vec::new();
    let client = local::web_client().unwrap();
    for _ in 0..2 {
        let url = format!(
            "{}/v3/outlets/100818/reports/get_latest_transactions?per_page=100&since=0&until=9999999999&time_filter=updated_at&reorder_type=ASC",
            world.setting("MOKA_URL")
        );
        let page = client.get(url).bearer_auth(&access).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let page: Value = page.json().await.unwrap();
        bodies.push(page["data"]["payments"][0].clone());
    }
    assert_eq!(bodies[0]["outlet_id"], 100_818);
    assert_eq!(bodies[0], bodies[1]);

    world.restart().await;
    assert_eq!(renewed(&world, kept).await.0, 200);
    let stored = std::fs::read_to_string(world.folder.path().join("data/parameters.json")).unwrap();
    assert!(stored.contains(kept));
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_that_have_partners_are_told_where_they_are_and_the_others_not() {
    let world = World::start().await;
    let client = local::web_client().unwrap();
    let told = client.get(world.url("/v1/environment")).send().await.unwrap();
    let told: Value = told.json().await.unwrap();
    // The template tells this one of the central server, and not of Moka.
    assert_eq!(told["CENTRAL_URL"], world.url("/_local/central"));
    assert_eq!(told["MOKA_URL"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn top_ups_are_delivered_to_whoever_has_the_secrets_and_reported_to_the_address_with_the_token() {
    let mut world = World::start().await;
    let mut secrets = Vec::new();
    for name in ["member-id", "pin", "password"] {
        secrets.push(parameter(&world, &format!("/shop/topups/{name}")).await);
    }
    let token = parameter(&world, "/shop/topups/report-tokens").await;
    assert!(token.len() >= 64, "nobody guesses it");
    assert!(parameter(&world, "/shop/topups/webhook-key").await.len() >= 64);

    let client = local::web_client().unwrap();
    let order = |dest: &str, pin: &str| {
        let url = format!(
            "{}/trx?memberid={}&dest={dest}&product=S10&refid=R{dest}&pin={pin}&password={}",
            world.setting("TOPUP_URL"),
            secrets[0],
            secrets[2]
        );
        let request = client.get(url);
        async move { request.send().await.unwrap().text().await.unwrap() }
    };
    assert_eq!(order("081299990000", "wrong").await, "Pin Salah");
    let text = order("081299990000", &secrets[1]).await;
    let hour = text.contains("CutOff");
    assert!(text.contains("#SUKSES#") || hour, "{text}");
    let page = client.get(world.url("/_local/kiosampm")).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("R081299990000") || hour);
    assert!(page.contains("9038") && !page.contains(&token) && !page.contains(&secrets[2]));

    // 9042 is reported five seconds later, to the one route of these tests that takes everything.
    order("081299999042", &secrets[1]).await;
    support::eventually("a report", || async {
        let came = |event: &Value| event["rawPath"] == format!("/v1/reports/kiosampm/{token}");
        (hour || world.events("Pages").iter().any(came)).then_some(())
    })
    .await;
    world.restart().await;
    assert_eq!(parameter(&world, "/shop/topups/report-tokens").await, token);
}

#[tokio::test(flavor = "multi_thread")]
async fn their_pages_say_what_they_are_and_only_this_machine_reaches_them() {
    let world = World::start().await;
    let client = local::web_client().unwrap();
    for (path, word) in [
        ("/_local/central", "data/central"),
        ("/_local/moka", "moka_id"),
        ("/_local/kiosampm", "9002"),
    ] {
        let page = client.get(world.url(path)).send().await.unwrap();
        assert!(page.headers().contains_key("content-security-policy"));
        let text = page.text().await.unwrap();
        assert!(text.contains(word), "{path}");
        assert!(
            text.contains("make night") != path.ends_with("kiosampm"),
            "{path}"
        );
        let elsewhere = client.get(world.url(path)).header("Host", "shop.example");
        assert_eq!(elsewhere.send().await.unwrap().status(), 403, "{path}");
    }
    let page = client
        .get(world.url("/"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for path in ["/_local/central", "/_local/moka", "/_local/kiosampm"] {
        assert!(page.contains(path), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_is_begun_by_hand_as_it_was_last_due_or_as_of_a_day_gone_by() {
    let world = World::start().await;
    let client = local::web_client().unwrap();
    let begin = |query: &str| client.post(world.url(&format!("/_local/night{query}"))).send();
    let begun: Value = begin("?date=2026-10-05").await.unwrap().json().await.unwrap();
    assert_eq!(begun["at"], "2026-10-05T16:00:00Z");
    let last: Value = begin("").await.unwrap().json().await.unwrap();
    assert!(
        last["at"].as_str().unwrap().ends_with("T16:00:00Z"),
        "at eleven, and not now: {last}"
    );
    let events: Vec<Value> = world
        .events("Nights")
        .into_iter()
        .filter(|event| event["task"] == "sync")
        .collect();
    assert_eq!(events[0], json!({"task": "sync", "at": "2026-10-05T16:00:00Z"}));
    assert_eq!(events.len(), 2);
    assert_eq!(begin("?date=2026-10-05&again=true").await.unwrap().status(), 200);
    let once_more = json!({"task": "sync", "at": "2026-10-05T16:00:00Z", "again": true});
    assert!(world.events("Nights").contains(&once_more));

    for query in ["?date=9999-01-01", "?date=soon"] {
        let refused = begin(query).await.unwrap();
        assert_eq!(refused.status(), 422, "{query}");
        let problem: Value = refused.json().await.unwrap();
        assert!(problem["message"].is_string());
    }
    let from_a_page = client
        .post(world.url("/_local/night"))
        .header("Origin", "http://x");
    assert_eq!(from_a_page.send().await.unwrap().status(), 403);

    let data = world.folder.path().join("data");
    let wanted = |date: &str| local::night::Wanted {
        date: Some(date.to_owned()),
        again: false,
    };
    local::night::ask(&data, &wanted("2026-10-06")).await.unwrap();
    let refused = local::night::ask(&data, &wanted("soon")).await.unwrap_err();
    assert!(refused.to_string().contains("not a date"), "{refused}");
}
