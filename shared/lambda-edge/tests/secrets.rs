//! How long a secret is believed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use lambda_edge::redact::{Redactor, Secret};
use lambda_edge::secrets::{SecretSettings, SecretSource, Secrets, SourceError};

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(0) };
}

fn now() -> i64 {
    NOW.get()
}

/// A source that says what the test tells it to, and counts.
#[derive(Clone)]
struct Told {
    answer: Arc<Mutex<Result<&'static str, SourceError>>>,
    asked: Arc<AtomicUsize>,
}

impl Told {
    fn new(answer: &'static str) -> Self {
        Self {
            answer: Arc::new(Mutex::new(Ok(answer))),
            asked: Arc::default(),
        }
    }

    fn says(&self, answer: Result<&'static str, SourceError>) {
        *self.answer.lock().unwrap() = answer;
    }

    fn fails(&self) {
        let code = "Throttled".to_owned();
        self.says(Err(SourceError::Unavailable { code }));
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl SecretSource for Told {
    async fn fetch(&self, _: &str) -> Result<Secret<String>, SourceError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        self.answer
            .lock()
            .unwrap()
            .clone()
            .map(|value| Secret::new(value.to_owned()))
    }
}

const SETTINGS: SecretSettings = SecretSettings {
    ttl_ms: 1_000,
    grace_ms: 500,
    retry_pause_ms: 100,
    refresh_pause_ms: 200,
};

fn secrets(source: &Told) -> Secrets<Told> {
    NOW.set(10_000);
    Secrets::new(source.clone())
        .with_settings(SETTINGS)
        .with_redactor(Redactor::new())
        .with_clock(now)
}

async fn shown(secrets: &Secrets<Told>) -> Result<String, &'static str> {
    let value = secrets.get("key").await.map_err(|error| error.code())?;
    Ok(value.expose().clone())
}

#[tokio::test]
async fn a_value_is_asked_for_again_only_when_it_is_no_longer_fresh() {
    let source = Told::new("one");
    let secrets = secrets(&source);
    assert_eq!(shown(&secrets).await.unwrap(), "one");
    source.says(Ok("two"));
    NOW.set(10_999);
    assert_eq!(
        (shown(&secrets).await.unwrap().as_str(), source.asked()),
        ("one", 1)
    );
    NOW.set(11_000);
    assert_eq!(
        (shown(&secrets).await.unwrap().as_str(), source.asked()),
        ("two", 2)
    );
}

#[tokio::test]
async fn an_old_value_outlives_its_source_by_the_grace_and_no_longer() {
    let source = Told::new("one");
    let secrets = secrets(&source);
    shown(&secrets).await.unwrap();
    source.fails();
    NOW.set(11_499);
    assert_eq!(shown(&secrets).await.unwrap(), "one");
    NOW.set(11_500);
    assert_eq!(
        shown(&secrets).await.unwrap_err(),
        "SECRET_UNAVAILABLE",
        "it fails closed"
    );
    source.says(Ok("two"));
    NOW.set(11_600);
    assert_eq!(shown(&secrets).await.unwrap(), "two");
}

#[tokio::test]
async fn a_failing_source_is_left_in_peace_between_attempts() {
    let source = Told::new("one");
    let secrets = secrets(&source);
    source.fails();
    shown(&secrets).await.unwrap_err();
    NOW.set(10_099);
    shown(&secrets).await.unwrap_err();
    assert_eq!(source.asked(), 1);
    NOW.set(10_100);
    shown(&secrets).await.unwrap_err();
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn a_secret_that_was_deleted_is_gone_at_once() {
    let source = Told::new("one");
    let secrets = secrets(&source);
    shown(&secrets).await.unwrap();
    source.says(Err(SourceError::Missing));
    NOW.set(11_000);
    assert_eq!(shown(&secrets).await.unwrap_err(), "SECRET_MISSING");
}

#[tokio::test]
async fn callers_at_a_time_share_one_fetch() {
    let source = Told::new("one");
    let secrets = secrets(&source);
    let (one, two, three) = tokio::join!(secrets.get("key"), secrets.get("key"), secrets.refresh("key"));
    assert!(Arc::ptr_eq(&one.unwrap(), &two.unwrap()));
    assert_eq!(three.unwrap().expose(), "one");
    assert_eq!(source.asked(), 1);
    secrets.get("other").await.unwrap();
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn a_refusal_leads_to_a_rotated_value_and_never_to_hammering() {
    let source = Told::new("one");
    let secrets = secrets(&source);
    let first = secrets.get("key").await.unwrap();
    NOW.set(10_199);
    source.says(Ok("two"));
    assert!(
        Arc::ptr_eq(&secrets.refresh("key").await.unwrap(), &first),
        "asked a moment ago"
    );
    NOW.set(10_200);
    assert_eq!(secrets.refresh("key").await.unwrap().expose(), "two");
    NOW.set(10_400);
    let again = secrets.refresh("key").await.unwrap();
    for _ in 0..100 {
        assert!(Arc::ptr_eq(&secrets.refresh("key").await.unwrap(), &again));
    }
    assert_eq!(source.asked(), 3);
}

#[tokio::test]
async fn a_refresh_that_fails_keeps_what_is_still_good() {
    let source = Told::new("one");
    let secrets = secrets(&source);
    let first = secrets.get("key").await.unwrap();
    source.fails();
    NOW.set(10_500);
    assert!(Arc::ptr_eq(&secrets.refresh("key").await.unwrap(), &first));
}

#[tokio::test]
async fn prefetched_values_are_not_fetched_again() {
    let source = Told::new("one");
    let secrets = secrets(&source);
    secrets.prefetch(&["key", "other"]).await.unwrap();
    assert_eq!(source.asked(), 2);
    shown(&secrets).await.unwrap();
    assert_eq!(source.asked(), 2);
    source.fails();
    let error = secrets.prefetch(&["third"]).await.unwrap_err();
    assert_eq!((error.code(), &*error.name), ("SECRET_UNAVAILABLE", "third"));
}

#[tokio::test]
async fn every_value_ever_fetched_is_masked() {
    let redactor = Redactor::new();
    let source = Told::new("first-value");
    let secrets = secrets(&source).with_redactor(redactor.clone());
    shown(&secrets).await.unwrap();
    source.says(Ok("second-value"));
    NOW.set(12_000);
    shown(&secrets).await.unwrap();
    assert_eq!(redactor.text("first-value second-value"), "[secret] [secret]");
    assert!(!format!("{:?}", secrets.get("key").await).contains("second-value"));
}
