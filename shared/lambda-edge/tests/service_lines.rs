//! What an invocation logs. A test by itself: a line whose place in the code was first reached by a test
//! without a log can be lost to one with a log that runs at the same moment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod lines_support;

use lambda_edge::output::Output;
use lambda_edge::redact::Redactor;
use lambda_edge::{Edge, EdgeSettings, correlation, log};
use lambda_runtime::tower::{Layer, Service};
use lambda_runtime::{Context, LambdaEvent, service_fn};
use lines_support::lines;

fn edge(output: &Output) -> Edge {
    let settings = EdgeSettings {
        function: "do-things",
        namespace: "Things",
        dimensions: &[],
        log: log::LogSettings::default(),
    };
    Edge::with_output(settings, output.clone(), Redactor::new()).unwrap()
}

fn event(request_id: &str) -> LambdaEvent<()> {
    let mut context = Context::default();
    context.request_id = request_id.to_owned();
    LambdaEvent::new((), context)
}

#[tokio::test]
async fn the_fields_of_an_invocation_are_on_its_error_even_when_only_errors_are_logged() {
    let (output, logged) = (Output::memory(), Output::memory());
    let settings = log::LogSettings {
        level: "error",
        crates: &[],
    };
    let subscriber = log::subscriber(settings, logged.clone(), Redactor::new(), || 0);
    let guard = tracing::subscriber::set_default(subscriber);
    let mut service = edge(&output).layer(service_fn(|_: LambdaEvent<()>| {
        correlation::set("order-7");
        std::future::ready(Err::<(), _>("broken"))
    }));
    service.call(event("1")).await.unwrap_err();
    tracing::error!("outside");
    drop(guard);
    let lines = lines(&logged);
    assert_eq!(lines.len(), 2, "{}", logged.text());
    assert_eq!(lines[0]["request_id"], "1");
    assert_eq!(lines[0]["correlation_id"], "order-7");
    assert_eq!(lines[1].get("request_id"), None);
}
