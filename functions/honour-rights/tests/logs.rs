//! What the log of an erasure says, and what it never says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use domain::rights::Kind;
use support::record;
use support::search::Texts;
use support::traces::{NATIVE, shop_with_traces, traces};
use testkit::faults::Plan;
use tracing_subscriber::fmt::MakeWriter;

/// The lines of a log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_of_an_erasure_names_the_request_and_nobody() {
    let (shop, _, _) = shop_with_traces().await;
    let request = shop.ask(("erase", Kind::Erasure), &[NATIVE], None).await;
    let lines = Lines::default();
    let log = tracing_subscriber::fmt().json().with_writer(lines.clone());
    let log = log.with_max_level(tracing::Level::INFO).finish();
    let guard = tracing::subscriber::set_default(log);
    // Once with trouble: failures are logged too.
    shop.world.faults.set(Plan::CrashBefore(20));
    let cut_short = shop.deliver(&[record(&request)], &shop.faulty).await;
    assert!(cut_short.is_err());
    shop.carry_out(&request).await;
    drop(guard);
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for wanted in ["rights.carried_out", "req_erase", "will be carried out again"] {
        assert!(log.contains(wanted), "{wanted}: {log}");
    }
    let log = Texts::from([("log".to_owned(), log)]);
    assert_eq!(traces(&log), BTreeMap::new());
    shop.world.stop().await;
}
