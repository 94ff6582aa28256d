//! What the log says of a message, and what it never says.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::support::{KEY, MINUTE_MS, Shop, records, secret_of};
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

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_message_order_and_partner_and_neither_address_nor_number() {
    let shop = Shop::open().await;
    let (order, webhook) = shop.failed().await;
    let lines = Lines::default();
    // A place that logs for the first time in another test's thread asks who listens there, and where nobody does it
    // falls silent everywhere.
    let nowhere = tracing_subscriber::fmt().json().with_writer(std::io::sink);
    tracing::subscriber::set_global_default(nowhere.with_max_level(tracing::Level::INFO).finish()).unwrap();
    let log = tracing_subscriber::fmt().json().with_writer(lines.clone());
    let log = log.with_max_level(tracing::Level::INFO).finish();
    let guard = tracing::subscriber::set_default(log);
    // Once with trouble of our own, once with theirs, and then well.
    shop.world.faults.set(Plan::CrashBefore(5));
    drop(
        shop.run_with(records(&[&webhook]), shop.deps_with(&shop.world.faulty, true))
            .await,
    );
    shop.world.faults.set(Plan::None);
    shop.receiver.answers(&[500]);
    shop.pass(MINUTE_MS);
    shop.go_on().await;
    shop.pass(MINUTE_MS);
    shop.go_on().await;
    drop(guard);
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for wanted in [
        webhook.id.as_str(),
        &order.refid,
        "kios-melati",
        "delivered",
        "queued",
    ] {
        assert!(log.contains(wanted), "{wanted}: {log}");
    }
    for never in [
        order.dest.as_str(),
        KEY,
        &secret_of(1),
        "hooks/topup",
        "127.0.0.1",
    ] {
        assert!(!log.contains(never), "{never}: {log}");
    }
    shop.world.stop().await;
}
