//! The edge around a handler, without a platform.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod lines_support;

use std::convert::Infallible;

use lambda_edge::metrics::Unit;
use lambda_edge::output::Output;
use lambda_edge::redact::Redactor;
use lambda_edge::{Edge, EdgeSettings, Invocation, batch, correlation, log};
use lambda_runtime::tower::{Layer, Service, ServiceExt};
use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use lines_support::lines;

fn edge(output: &Output) -> Edge {
    let settings = EdgeSettings {
        function: "do-things",
        namespace: "Things",
        dimensions: &[&["function"]],
        log: log::LogSettings::default(),
    };
    Edge::with_output(settings, output.clone(), Redactor::new()).unwrap()
}

fn event(request_id: &str) -> LambdaEvent<()> {
    let mut context = Context::default();
    context.request_id = request_id.to_owned();
    context.deadline = 1_795_310_473_123;
    context.xray_trace_id = Some("Sampled=1;Root=1-abc".to_owned());
    LambdaEvent::new((), context)
}

#[tokio::test]
async fn a_handler_sees_its_invocation_and_nothing_of_it_stays() {
    let output = Output::memory();
    let mut service = edge(&output).layer(service_fn(|_: LambdaEvent<()>| {
        // Also before the future is polled.
        let before = Invocation::current().unwrap();
        async move {
            tokio::task::yield_now().await;
            assert_eq!(Invocation::current().unwrap(), before);
            assert_eq!(correlation::get(), None);
            correlation::set("c");
            assert_eq!(correlation::get().as_deref(), Some("c"));
            Ok::<_, Infallible>((
                before.request_id().to_owned(),
                before.is_cold(),
                before.deadline_ms(),
            ))
        }
    }));
    let first = service.ready().await.unwrap().call(event("1")).await;
    assert_eq!(first.unwrap(), ("1".to_owned(), true, 1_795_310_473_123));
    assert_eq!(Invocation::current(), None);
    assert_eq!(correlation::get(), None);
    let second = service.ready().await.unwrap().call(event("2")).await;
    assert_eq!(second.unwrap(), ("2".to_owned(), false, 1_795_310_473_123));
}

#[tokio::test]
async fn metrics_are_written_before_the_answer_is_given() {
    let output = Output::memory();
    let edge = edge(&output);
    let metrics = edge.metrics().clone();
    let mut service = edge.layer(service_fn(|_: LambdaEvent<()>| {
        metrics.add("Done", Unit::Count, 1);
        std::future::ready(Err::<(), _>("broken"))
    }));
    let mut invocation = std::pin::pin!(service.call(event("1")));
    let answer: Result<(), Diagnostic> = invocation.as_mut().await;
    assert_eq!(answer.unwrap_err().error_message, "broken");
    // The invocation is still there: nothing waits for it to be cleared away.
    let lines = lines(&output);
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (&lines[0]["Done"], &lines[0]["trace_id"]),
        (&1.into(), &"1-abc".into())
    );
    assert_eq!(
        lines[0]["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0][0],
        "function"
    );
}

#[tokio::test]
async fn an_invocation_that_counts_nothing_writes_nothing() {
    let output = Output::memory();
    let mut service = edge(&output).layer(service_fn(|_: LambdaEvent<()>| {
        std::future::ready(Ok::<_, Infallible>(()))
    }));
    service.call(event("1")).await.unwrap();
    service.call(event("2")).await.unwrap();
    assert_eq!(lines(&output).len(), 1, "the cold start alone");
}

#[tokio::test]
async fn a_message_has_the_correlation_of_its_invocation_until_it_has_its_own() {
    let output = Output::memory();
    let mut service = edge(&output).layer(service_fn(async |_: LambdaEvent<()>| {
        correlation::set("whole");
        let messages = vec![("1".to_owned(), ()), ("2".to_owned(), ())];
        let answer = batch::each(messages, async |()| {
            assert_eq!(correlation::get().as_deref(), Some("whole"));
            correlation::set("own");
            assert_eq!(correlation::get().as_deref(), Some("own"));
            Ok::<_, Infallible>(())
        });
        assert_eq!(answer.await, batch::BatchResponse::default());
        assert_eq!(correlation::get().as_deref(), Some("whole"));
        Ok::<_, Infallible>(())
    }));
    service.call(event("1")).await.unwrap();
    assert_eq!(lines(&output)[0]["correlation_id"], "whole");
}
