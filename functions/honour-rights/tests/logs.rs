//! What the log of an erasure says, and what it never says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use domain::rights::Kind;
use support::record;
use support::traces::{NATIVE, shop_with_traces, traces};
use testkit::faults::Plan;
use testkit::log::Lines;

#[tokio::test]
async fn the_log_of_an_erasure_names_the_request_and_nobody() {
    let (shop, _, _) = shop_with_traces().await;
    let request = shop.ask(("erase", Kind::Erasure), &[NATIVE], None).await;
    let lines = Lines::default();
    let guard = lines.listen();
    // Once with trouble: failures are logged too.
    shop.world.faults.set(Plan::CrashBefore(20));
    let cut_short = shop.deliver(&[record(&request)], &shop.faulty).await;
    assert!(cut_short.is_err());
    shop.carry_out(&request).await;
    drop(guard);
    let log = lines.text();
    for wanted in ["rights.carried_out", "req_erase", "will be carried out again"] {
        assert!(log.contains(wanted), "{wanted}: {log}");
    }
    assert_eq!(traces(&lines.texts()), BTreeMap::new());
    shop.world.stop().await;
}
