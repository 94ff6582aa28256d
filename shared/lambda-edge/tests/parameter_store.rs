//! Parameter Store as it speaks on the wire.
#![cfg(feature = "ssm")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[allow(dead_code, reason = "this file needs less of it than the others")]
mod support;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use lambda_edge::redact::Redactor;
use lambda_edge::secrets::Secrets;
use lambda_edge::secrets::ssm::ParameterStore;
use serde_json::{Value, json};
use support::{Answer, Request, Server};

/// Answers like the service: every parameter exists whose name has no `missing` in it.
fn service(request: &Request) -> Answer {
    let asked: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(asked["WithDecryption"], true);
    let parameter = |name: &str| {
        let (name, selector) = name
            .split_once(':')
            .map_or((name, String::new()), |(name, label)| (name, format!(":{label}")));
        json!({"Name": name, "Type": "SecureString", "Value": format!("value of {name}{selector}"), "Selector": selector})
    };
    let refused = |code: &str| {
        Some((
            400,
            String::new(),
            json!({"__type": code, "message": "text with value of /a"}).to_string(),
        ))
    };
    match request.header("x-amz-target").unwrap() {
        "AmazonSSM.GetParameter" => {
            let name = asked["Name"].as_str().unwrap();
            match name {
                _ if name.contains("missing") => refused("ParameterNotFound"),
                _ if name.contains("denied") => refused("AccessDeniedException"),
                _ if name.contains("gone") => None,
                _ => Some((
                    200,
                    String::new(),
                    json!({"Parameter": parameter(name)}).to_string(),
                )),
            }
        }
        "AmazonSSM.GetParameters" => {
            let names: Vec<&str> = asked["Names"]
                .as_array()
                .unwrap()
                .iter()
                .map(|name| name.as_str().unwrap())
                .collect();
            assert!(names.len() <= 10);
            // In an order of its own.
            let found = names.iter().rev().filter(|name| !name.contains("missing"));
            let found: Vec<Value> = found.map(|name| parameter(name)).collect();
            Some((
                200,
                String::new(),
                json!({"Parameters": found, "InvalidParameters": []}).to_string(),
            ))
        }
        other => panic!("{other}"),
    }
}

async fn secrets() -> (Secrets<ParameterStore>, Server) {
    let server = Server::start(service).await;
    let config = aws_sdk_ssm::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-southeast-3"))
        .credentials_provider(Credentials::new("id", "key", None, None, "test"))
        .endpoint_url(format!("http://{}", server.address))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let source = ParameterStore::new(Client::from_conf(config));
    (Secrets::new(source).with_redactor(Redactor::new()), server)
}

#[tokio::test]
async fn a_parameter_is_fetched_decrypted() {
    let (secrets, server) = secrets().await;
    assert_eq!(
        secrets.get("/mail/key").await.unwrap().expose(),
        "value of /mail/key"
    );
    assert_eq!(
        secrets.get("/mail/key:3").await.unwrap().expose(),
        "value of /mail/key:3"
    );
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn what_is_missing_is_told_from_what_cannot_be_asked() {
    let (secrets, _server) = secrets().await;
    assert_eq!(
        secrets.get("/missing").await.unwrap_err().code(),
        "SECRET_MISSING"
    );
    let denied = secrets.get("/denied").await.unwrap_err();
    assert_eq!(
        denied.to_string(),
        "the secret /denied: the source of secrets is not available: AccessDeniedException"
    );
    assert_eq!(
        secrets.get("/gone").await.unwrap_err().code(),
        "SECRET_UNAVAILABLE"
    );
}

#[tokio::test]
async fn many_are_fetched_ten_to_a_call_and_not_mixed_up() {
    let (secrets, server) = secrets().await;
    let names: Vec<String> = (0..23).map(|number| format!("/key/{number}:live")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    secrets.prefetch(&names).await.unwrap();
    assert_eq!(server.requests().len(), 3);
    for name in names {
        assert_eq!(
            secrets.get(name).await.unwrap().expose(),
            &format!("value of {name}")
        );
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_missing_one_of_many_is_named() {
    let (secrets, _server) = secrets().await;
    let error = secrets.prefetch(&["/a", "/missing", "/b"]).await.unwrap_err();
    assert_eq!((error.code(), &*error.name), ("SECRET_MISSING", "/missing"));
}
