//! A fortnight of nights, undisturbed and disturbed in every way: at its end there are the same tables and mails, but
//! for what says what went wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod comparison;
mod deliveries;
mod machines;
mod outage;
mod reports;
mod undisturbed;

use std::sync::LazyLock;

use fortnight::clock::HOUR_MS;
use fortnight::ending::Ending;
use fortnight::live_and;
use fortnight::shop::Shop;
use fortnight::story::{DAYS, Story, day, due_ms};
use fortnight::unrest::Unrest;
use rebuild::{Order, Report, Tools};

/// The fortnight in which nothing goes wrong, lived through once: its ending, and what came of making its tables anew.
static UNDISTURBED: LazyLock<(Ending, Report)> =
    LazyLock::new(|| live_and(Story::undisturbed(), Unrest::none(), rebuilt));

/// Makes the tables anew, on the morning after.
async fn rebuilt(shop: &Shop) -> Report {
    let morning: fn() -> i64 = || due_ms(day(DAYS)) + 10 * HOUR_MS;
    let named = ("test".to_owned(), morning);
    let tools = Tools::new(&shop.world.clients, testkit::metrics(), named, |_| {}).await;
    let report = rebuild::rebuild(Order::default(), |_| true, &tools.unwrap()).await;
    report.unwrap()
}

/// The ending of the fortnight in which nothing goes wrong.
fn undisturbed() -> &'static Ending {
    &UNDISTURBED.0
}
