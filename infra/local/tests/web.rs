//! The HTTP API, mail and this program's own pages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use aws_sdk_ses::types::{Body, Content, Destination, Message};
use serde_json::{Value, json};
use support::{World, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_reaches_its_function_and_the_answer_comes_back() {
    let world = World::start().await;
    let client = local::web_client().unwrap();
    let answer = client
        .post(world.url("/v1/echo/a%20b?x=1&x=2"))
        .header("X-A", "z")
        .body("hello")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["x-a"], "1");
    assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 2);
    let event: Value = answer.json().await.unwrap();
    assert_eq!(
        (&event["version"], &event["routeKey"]),
        (&json!("2.0"), &json!("ANY /v1/{proxy+}"))
    );
    assert_eq!(
        (&event["rawPath"], &event["body"]),
        (&json!("/v1/echo/a b"), &json!("hello"))
    );
    assert_eq!(event["queryStringParameters"]["x"], "1,2");
    assert_eq!(event["pathParameters"]["proxy"], "echo/a b");
    assert_eq!(event["headers"]["x-a"], "z");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_is_told_the_address_of_the_connection_and_no_header_changes_it() {
    let world = World::start().await;
    // It also says, once for the process, whose cryptography a client uses.
    local::web_client().unwrap();
    for address in ["127.0.0.1", "127.0.0.7"] {
        let client = reqwest::Client::builder()
            .no_proxy()
            .local_address(address.parse::<std::net::IpAddr>().unwrap())
            .build()
            .unwrap();
        let request = client
            .get(world.url("/v1/echo"))
            .header("X-Forwarded-For", "203.0.113.9");
        let event: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(event["requestContext"]["http"]["sourceIp"], address);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_those_of_api_gateway() {
    let world = World::start().await;
    let client = local::web_client().unwrap();
    let get = |path: &str| client.get(world.url(path)).send();
    assert_eq!(get("/nowhere").await.unwrap().status(), 404);
    let failed = get("/v1/error").await.unwrap();
    assert_eq!(failed.status(), 500);
    assert_eq!(
        failed.json::<Value>().await.unwrap(),
        json!({"message": "Internal Server Error"})
    );
    assert_eq!(
        get("/v1/echo").await.unwrap().status(),
        201,
        "a failed invocation leaves the function usable"
    );
    let large = vec![b'x'; 10 * 1024 * 1024 + 1];
    assert_eq!(
        client
            .post(world.url("/v1/echo"))
            .body(large)
            .send()
            .await
            .unwrap()
            .status(),
        413
    );
}

/// On Lambda each request has a process of its own; here a few have.
#[tokio::test(flavor = "multi_thread")]
async fn requests_that_wait_hold_up_no_others() {
    let world = World::start().await;
    let client = local::web_client().unwrap();
    let waiting = (0..7).map(|_| tokio::spawn(client.get(world.url("/v1/until-mended")).send()));
    let waiting: Vec<_> = waiting.collect();
    let all_wait = || async { (world.events("Pages").len() == 7).then_some(()) };
    eventually("seven requests are with their functions", all_wait).await;
    let answer = client.get(world.url("/v1/echo")).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    world.mend();
    for request in waiting {
        assert_eq!(request.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_sees_lambdas_environment_and_nothing_else() {
    let world = World::start().await;
    let answer = reqwest::get(world.url("/v1/environment")).await.unwrap();
    let seen: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(seen["AWS_ENDPOINT_URL"], world.running().aws_url);
    assert_eq!(seen["PUBLIC_URL"], world.running().base_url);
    assert_eq!(
        (&seen["AWS_REGION"], &seen["TABLE"]),
        (&json!("ap-southeast-3"), &json!("Items"))
    );
    assert_eq!((&seen["BUCKET"], &seen["HOME"]), (&json!("exports"), &json!("")));
}

fn content(text: &str) -> Content {
    Content::builder().data(text).charset("UTF-8").build().unwrap()
}

async fn send(world: &World, subject: &str) -> Result<String, String> {
    let body = Body::builder()
        .text(content("teks & <b>"))
        .html(content("<h1>Halo</h1><script>1</script>"))
        .build();
    let message = Message::builder().subject(content(subject)).body(body).build();
    let to = Destination::builder().to_addresses("admin@example.com").build();
    let request = world
        .ses()
        .send_email()
        .source("kasir@example.com")
        .destination(to)
        .message(message);
    match request.send().await {
        Ok(sent) => Ok(sent.message_id().to_owned()),
        Err(error) => Err(error
            .into_service_error()
            .meta()
            .code()
            .unwrap_or_default()
            .to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_kept_and_shown_without_rights() {
    let mut world = World::start().await;
    send(&world, "Laporan <1>").await.unwrap();
    world.restart().await;
    send(&world, "Laporan 2").await.unwrap();
    let get = async |path: &str| {
        let answer = reqwest::get(world.url(path)).await.unwrap();
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        (policy, answer.text().await.unwrap())
    };
    let (policy, list) = get("/_local/mail").await;
    assert!(policy.starts_with("default-src 'none'"));
    assert!(
        list.find("Laporan 2").unwrap() < list.find("Laporan &#60;1&#62;").unwrap(),
        "newest first, escaped: {list}"
    );
    let (_, mail) = get("/_local/mail/1").await;
    assert!(
        mail.contains("<iframe sandbox ") && mail.contains("teks &#38; &#60;b&#62;"),
        "{mail}"
    );
    let (policy, html) = get("/_local/mail/1/html").await;
    assert_eq!(html, "<h1>Halo</h1><script>1</script>");
    assert!(policy.contains("sandbox") && !policy.contains("script-src"));
    assert_eq!(
        reqwest::get(world.url("/_local/mail/3")).await.unwrap().status(),
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_can_be_made_to_fail() {
    let world = World::start().await;
    let fault = world.running().data_dir.join("ses.fail");
    std::fs::write(&fault, "").unwrap();
    assert_eq!(send(&world, "x").await.unwrap_err(), "InternalFailure");
    std::fs::write(&fault, "Throttling").unwrap();
    assert_eq!(send(&world, "x").await.unwrap_err(), "Throttling");
    std::fs::remove_file(&fault).unwrap();
    send(&world, "x").await.unwrap();
    assert_eq!(
        std::fs::read_dir(world.running().data_dir.join("mail"))
            .unwrap()
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn web_pages_elsewhere_reach_neither_the_pages_nor_the_data() {
    let world = World::start().await;
    let client = local::web_client().unwrap();
    assert_eq!(client.get(world.url("/")).send().await.unwrap().status(), 200);
    let renamed = client
        .get(world.url("/_local/mail"))
        .header("Host", "evil.example:8080")
        .send()
        .await
        .unwrap();
    assert_eq!(renamed.status(), 403);
    let aws = &world.running().aws_url;
    let call = client
        .post(aws)
        .header("X-Amz-Target", "DynamoDB_20120810.ListTables")
        .header("Origin", "http://evil.example");
    assert_eq!(call.body("{}").send().await.unwrap().status(), 403);
    let form = client
        .post(format!("{aws}/"))
        .header("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(
        form.header("Origin", "null")
            .body("Action=SendEmail")
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    assert_eq!(
        client
            .get(format!("{aws}/exports?list-type=2"))
            .send()
            .await
            .unwrap()
            .status(),
        403,
        "unsigned"
    );
}
