//! The API's description: this function's part, and the whole that it answers with.

use std::collections::BTreeSet;

use crate::support::Api;
use domain::api_key::Scope;
use edge::openapi::write_or_check;
use serde_json::Value;

/// Every operation with its method and path.
fn operations(description: &Value) -> Vec<(String, &Value)> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((format!("{method} {path}"), operation));
        }
    }
    operations
}

/// Every `$ref` below a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_file_of_this_functions_part_is_current() {
    let api = Api::start().await;
    write_or_check(
        &api.own_description(),
        concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"),
    )
    .unwrap();
}

#[tokio::test]
async fn the_whole_description_is_sound() {
    let api = Api::start().await;
    let whole = api.whole_description().await;
    let mut found = BTreeSet::new();
    references(&whole, &mut found);
    assert!(found.len() > 10);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(whole.pointer(pointer).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&whole) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{name}: another operation is called {id}");
        for scheme in operation["security"].as_array().into_iter().flatten() {
            for (scheme, _) in scheme.as_object().unwrap() {
                assert!(
                    whole["components"]["securitySchemes"][scheme].is_object(),
                    "{name}: {scheme}"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_answer_in_the_whole_description_is_described() {
    let api = Api::start().await;
    let whole = api.whole_description().await;
    for (name, operation) in operations(&whole) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let described = response["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            assert!(described, "{name} {status}");
            // A refusal is a problem document, or a page where a guest asks.
            let told = ["application/problem+json", "text/html"]
                .iter()
                .any(|media| response["content"][media].is_object());
            assert!(status < &"400".to_owned() || told, "{name} {status}");
        }
    }
}

#[tokio::test]
async fn every_scope_opens_something() {
    let api = Api::start().await;
    let whole = api.whole_description().await;
    let named: BTreeSet<Scope> = operations(&whole)
        .into_iter()
        .flat_map(|(_, operation)| {
            operation["security"][0]["api_key"]
                .as_array()
                .into_iter()
                .flatten()
        })
        .map(|scope| serde_json::from_value(scope.clone()).unwrap())
        .collect();
    assert_eq!(named, BTreeSet::from(Scope::ALL));
}
