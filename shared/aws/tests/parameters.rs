//! The Parameter Store as it speaks on the wire. The other engines of the contract have none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws::parameters::Parameters;
use aws::{Clients, Names, StoreError};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ssm::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use serde_json::{Value, json};

/// A store of parameters by name, each with its version and value.
#[derive(Clone, Debug, Default)]
struct Service {
    kept: Arc<Mutex<BTreeMap<String, (u64, String)>>>,
}

impl Service {
    fn answer(&self, target: &str, asked: &Value) -> (u16, Value) {
        let mut kept = self.kept.lock().unwrap();
        match target {
            "AmazonSSM.GetParameters" => {
                assert_eq!(asked["WithDecryption"], true);
                let names: Vec<&str> = asked["Names"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|name| name.as_str().unwrap())
                    .collect();
                assert!(names.len() <= 10, "the service refuses more");
                if names.iter().any(|name| name.contains("denied")) {
                    return (400, json!({ "__type": "AccessDeniedException" }));
                }
                if names.iter().any(|name| name.contains("throttled")) {
                    return (400, json!({ "__type": "ThrottlingException" }));
                }
                let (there, missing): (Vec<&str>, Vec<&str>) =
                    names.into_iter().partition(|name| kept.contains_key(*name));
                // In an order of its own.
                let found = there.iter().rev().map(|name| {
                    let (version, value) = &kept[*name];
                    json!({ "Name": name, "Type": "SecureString", "Value": value, "Version": version })
                });
                let found: Vec<Value> = found.collect();
                (200, json!({ "Parameters": found, "InvalidParameters": missing }))
            }
            "AmazonSSM.PutParameter" => {
                assert_eq!(
                    (&asked["Type"], &asked["Overwrite"]),
                    (&json!("SecureString"), &json!(true))
                );
                let text = |name: &str| asked[name].as_str().unwrap().to_owned();
                let entry = kept.entry(text("Name")).or_default();
                *entry = (entry.0 + 1, text("Value"));
                (200, json!({ "Version": entry.0, "Tier": "Standard" }))
            }
            other => panic!("{other}"),
        }
    }
}

impl HttpClient for Service {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap().to_owned();
        let asked = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let (status, body) = self.answer(&target, &asked);
        let body = SdkBody::from(body.to_string());
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body)))
    }
}

fn parameters() -> Parameters {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-southeast-3"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(Service::default())
        .build();
    Parameters::new(&Clients::with_config(config, Names::default()))
}

#[tokio::test]
async fn what_was_put_last_is_read_and_has_the_greatest_version() {
    let parameters = parameters();
    assert_eq!(parameters.put("/shop/a", "one").await.unwrap(), 1);
    assert_eq!(parameters.put("/shop/a", "two").await.unwrap(), 2);
    let read = parameters.get_many(&["/shop/a", "/shop/missing"]).await.unwrap();
    assert_eq!(read.len(), 1, "what is missing is not in the answer");
    let read = &read["/shop/a"];
    assert_eq!((read.expose(), read.version()), ("two", 2));
    assert_eq!(read.clone().into_inner(), "two");
    assert!(!format!("{read:?}").contains("two"));
}

#[tokio::test]
async fn more_names_than_one_call_takes_are_asked_for_in_several() {
    let parameters = parameters();
    let names: Vec<String> = (0..23).map(|n| format!("/shop/{n}")).collect();
    for name in &names {
        parameters.put(name, &format!("value of {name}")).await.unwrap();
    }
    let wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    let read = parameters.get_many(&wanted).await.unwrap();
    assert_eq!(read.len(), 23);
    for (name, parameter) in read {
        assert_eq!(parameter.into_inner(), format!("value of {name}"));
    }
    assert_eq!(parameters.get_many(&[]).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code_and_not_taken_for_a_missing_parameter() {
    let refused = parameters().get_many(&["/shop/denied"]).await;
    match refused {
        Err(StoreError::Unavailable { operation, code, .. }) => {
            assert_eq!((operation, &*code), ("GetParameters", "AccessDeniedException"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_store_that_asks_for_patience_is_told_from_one_that_refuses() {
    let busy = parameters().get_many(&["/shop/throttled"]).await;
    assert!(matches!(busy, Err(StoreError::Throttled)), "{busy:?}");
}
