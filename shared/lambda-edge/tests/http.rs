//! The edge around an HTTP handler, which this crate does not depend on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::convert::Infallible;

use lambda_edge::log::LogSettings;
use lambda_edge::metrics::Unit;
use lambda_edge::output::Output;
use lambda_edge::redact::Redactor;
use lambda_edge::{Edge, EdgeSettings, Invocation};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Body, Request, Response};
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Context, LambdaEvent, service_fn};
use serde_json::{Value, json};

fn edge(output: &Output) -> Edge {
    let settings = EdgeSettings {
        function: "serve-parcels",
        namespace: "Parcels",
        dimensions: &[],
        log: LogSettings::default(),
    };
    Edge::with_output(settings, output.clone(), Redactor::new()).unwrap()
}

fn request() -> LambdaRequest {
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/parcels", "rawQueryString": "", "headers": {"host": "x"},
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "x", "domainPrefix": "x", "requestId": "r", "stage": "$default",
            "routeKey": "$default", "time": "12/Mar/2020:19:03:58 +0000", "timeEpoch": 1_583_348_638_390_u64,
            "http": {"method": "GET", "path": "/parcels", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "a"},
        },
        "isBase64Encoded": false,
    });
    serde_json::from_value(event).unwrap()
}

#[tokio::test]
async fn an_http_handler_has_its_invocation_and_its_metrics() {
    let output = Output::memory();
    let edge = edge(&output);
    let metrics = edge.metrics().clone();
    let handler = service_fn(move |request: Request| {
        metrics.add("Requests", Unit::Count, 1);
        let id = Invocation::current().unwrap().request_id().to_owned();
        let path = request.uri().path().to_owned();
        async move { Ok::<_, Infallible>(Response::new(Body::from(format!("{path} for {id}")))) }
    });
    let mut context = Context::default();
    context.request_id = "1".to_owned();
    let mut service = edge.layer(Adapter::from(handler));
    let answer = service.call(LambdaEvent::new(request(), context)).await.unwrap();
    let answer: Value = serde_json::to_value(answer).unwrap();
    assert_eq!(answer["body"], "/parcels for 1");
    let line: Value = serde_json::from_str(output.text().trim()).unwrap();
    assert_eq!((&line["Requests"], &line["request_id"]), (&1.into(), &"1".into()));
}

#[test]
fn an_http_adapter_is_a_handler_that_can_be_run() {
    let run = |edge: Edge| {
        edge.run(Adapter::from(service_fn(|_: Request| async {
            Ok::<_, Infallible>(Response::new(Body::Empty))
        })))
    };
    let _checked_when_compiled = run;
}
