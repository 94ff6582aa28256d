//! What the log says of a message, and what it never says.

use crate::support::{KEY, MINUTE_MS, Shop, records, secret_of};
use testkit::faults::Plan;
use testkit::log::Lines;
use testkit::search::found_in;

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_message_order_and_partner_and_neither_address_nor_number() {
    let shop = Shop::open().await;
    let (order, webhook) = shop.failed().await;
    let lines = Lines::default();
    let guard = lines.listen();
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
    let log = lines.text();
    for wanted in [
        webhook.id.as_str(),
        &order.refid,
        "kios-melati",
        "delivered",
        "queued",
    ] {
        assert!(log.contains(wanted), "{wanted}: {log}");
    }
    let log = lines.texts();
    for never in [
        order.dest.as_str(),
        KEY,
        &secret_of(1),
        "hooks/topup",
        "127.0.0.1",
    ] {
        assert_eq!(found_in(&log, never), Vec::<String>::new(), "{never}");
    }
    shop.world.stop().await;
}
