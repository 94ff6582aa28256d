//! Nights that take over what earlier ones could not fetch, and nights that are run again.

use crate::support;
use crate::support::{DUE_MS, HOUR_MS, MINUTE_MS, Shop, go_on, record, sync};
use domain::finding::{Code, Finding, FindingState};
use domain::night::{End, Night, Phase};
use domain::when::{BusinessDate, Zone};
use serde_json::{Value, json};
use sims::ALWAYS;
use sims::moka::sample;
use sims::transport::Transport;
use testkit::faults::{Plan, tried};

const DATE: &str = "2025-10-28";
const DAY_MS: i64 = 24 * HOUR_MS;

fn day(days: i32) -> BusinessDate {
    let date: BusinessDate = DATE.parse().unwrap();
    date.add_days(days).unwrap()
}

/// The start of the night so many days after the first.
fn sync_of(days: i32) -> Value {
    json!({ "task": "sync", "at": format!("{}T16:00:00Z", day(days)) })
}

fn again(days: i32) -> Value {
    let mut event = sync_of(days);
    event["again"] = json!(true);
    event
}

/// The night so many days after the first, from its start to its end.
async fn night(shop: &Shop, days: i32) -> Night {
    shop.set_clock(DUE_MS + i64::from(days) * DAY_MS);
    shop.run(sync_of(days)).await;
    shop.finish(&day(days).to_string()).await
}

/// A shop with a file of each day at the central server, and sales of each day at Moka.
async fn shop_of_days(days: std::ops::RangeInclusive<i32>) -> Shop {
    let shop = Shop::open().await;
    shop.outlet("moka-1", None).await;
    shop.outlet("moka-3", Some("3")).await;
    shop.with_access().await;
    let mut payments = Vec::new();
    for days in days {
        shop.file("1", &day(days).to_string(), 2);
        payments.extend(sample::day("3", day(days), &Zone::default(), 3));
    }
    shop.moka.add("3", payments);
    shop
}

/// Receipts of a day at the two outlets.
async fn receipts(shop: &Shop, days: i32) -> (u32, u32) {
    let read = async |outlet: &str| {
        let day = (outlet.to_owned(), day(days));
        let summary = shop.deps().sales.read_summary(&day).await.unwrap();
        summary.map_or(0, |summary| summary.receipts)
    };
    (read("moka-1").await, read("moka-3").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_were_away_for_five_nights_lose_no_day() {
    let shop = shop_of_days(0..=5).await;
    let away = || Transport::Status(503);
    shop.central.fault(
        sims::central::Route::Day,
        sims::central::Fault::Transport(away()),
        ALWAYS,
    );
    shop.moka.fault(
        sims::moka::Route::Page,
        sims::moka::Fault::Transport(away()),
        ALWAYS,
    );
    for days in 0..5 {
        assert_eq!(night(&shop, days).await.end, Some(End::Failed), "{days}");
    }
    shop.central.heal();
    shop.moka.heal();
    let night = night(&shop, 5).await;
    assert_eq!(night.end, Some(End::Complete), "{:?}", night.troubles);
    for days in 0..=5 {
        assert_eq!(receipts(&shop, days).await, (2, 3), "{days}");
    }
    let lists: Vec<BusinessDate> = night.lists.into_iter().collect();
    assert_eq!(lists, [-2, -1, 0, 1, 2].map(day));
}

#[tokio::test(flavor = "multi_thread")]
async fn days_on_which_there_was_no_night_are_fetched_by_the_next() {
    let shop = shop_of_days(0..=7).await;
    night(&shop, 0).await;
    let late = night(&shop, 7).await;
    assert_eq!(late.end, Some(End::Complete), "{:?}", late.troubles);
    for days in 0..=7 {
        assert_eq!(receipts(&shop, days).await, (2, 3), "{days}");
    }
    // What was had is not owed any more.
    let next = night(&shop, 8).await;
    assert!(next.lists.is_empty(), "{:?}", next.lists);
    assert_eq!(next.tally.listed, 2, "of three days");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_whose_sales_are_missing_is_asked_for_again() {
    let shop = shop_of_days(-9..=-9).await;
    let missing = Finding {
        outlet: "moka-3".to_owned(),
        date: day(-9),
        code: Code::SalesMissing,
        state: FindingState::Open,
        first_ms: DUE_MS - 9 * DAY_MS,
        opened_ms: DUE_MS - 9 * DAY_MS,
        last_ms: DUE_MS - 9 * DAY_MS,
        facts: [("usual".to_owned(), "3".to_owned())].into(),
        notes: Vec::new(),
        version: 0,
    };
    let findings = shop.deps().findings;
    findings.write(&[missing]).await.unwrap();
    assert_eq!(night(&shop, 0).await.end, Some(End::Complete));
    // The central server's list of that day came with it.
    assert_eq!(receipts(&shop, -9).await, (2, 3));
    let state = async |code| {
        let found = findings.get("moka-3", day(-9), code).await.unwrap();
        found.map(|found| found.state)
    };
    assert_eq!(state(Code::SalesMissing).await, Some(FindingState::Resolved));
    assert_eq!(state(Code::SalesLate).await, Some(FindingState::Open));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_that_is_over_runs_again_if_somebody_asks_for_it() {
    let shop = shop_of_days(0..=0).await;
    let first = night(&shop, 0).await;
    assert_eq!((first.round, first.tally.pulled), (0, 2));
    let (before, digest) = (receipts(&shop, 0).await, first.digest.unwrap());
    shop.run(sync()).await;
    assert_eq!(shop.night(DATE).await.phase, Phase::Over, "not by a start alone");

    shop.pass(HOUR_MS);
    let more = support::export("1", day(-1), 5);
    shop.central.put(day(0), "more.json", Some("moka-1"), more);
    for _ in 0..3 {
        shop.run(again(0)).await;
        assert_eq!(shop.night(DATE).await.round, 1, "not while it runs");
    }
    let second = shop.finish(DATE).await;
    assert_eq!((second.end, second.round), (Some(End::Complete), 1));
    assert_eq!(
        (second.tally.listed, second.tally.pulled + second.tally.known),
        (2, 3)
    );
    assert_ne!(second.digest, Some(digest));
    assert_eq!(
        (receipts(&shop, 0).await, receipts(&shop, -1).await.0),
        (before, 5)
    );
    assert_eq!((shop.digests().await, shop.told("NightsEnded").len()), (2, 2));
    // The next night goes on from there.
    assert_eq!(night(&shop, 1).await.end, Some(End::Complete));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_who_ask_at_once_have_it_run_again_once() {
    let shop = shop_of_days(0..=0).await;
    night(&shop, 0).await;
    let runs = (0..4).map(|_| shop.run_with(again(0), shop.deps()));
    for outcome in futures::future::join_all(runs).await {
        outcome.unwrap();
    }
    assert_eq!(shop.finish(DATE).await.round, 1);
    assert_eq!(shop.digests().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_while_it_begins_again_is_gone_on_with() {
    let calls = begun_again(Plan::None).await;
    assert!(calls > 10, "{calls} calls");
    for call in tried(calls, 8) {
        begun_again(Plan::CrashAfter(call)).await;
    }
}

/// A night that is begun again by a run of which becomes what the plan says. Answers how many calls that run made.
async fn begun_again(plan: Plan) -> u64 {
    let mut shop = shop_of_days(0..=0).await;
    shop.has = (true, false);
    night(&shop, 0).await;
    let before = receipts(&shop, 0).await;
    shop.world.faults.set(plan);
    let deps = shop.deps_with(&shop.world.faulty);
    let is_killed = shop.run_with(again(0), deps).await.is_err();
    let calls = shop.world.faults.calls();
    shop.world.faults.set(Plan::None);
    if is_killed {
        // Whoever asked tries again.
        shop.run(again(0)).await;
    }
    let night = shop.finish(DATE).await;
    assert_eq!((night.end, night.round), (Some(End::Complete), 1), "{plan:?}");
    let (digests, receipts) = (shop.digests().await, receipts(&shop, 0).await);
    assert_eq!((digests, receipts), (2, before), "{plan:?}");
    shop.world.stop().await;
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_put_back_or_ahead_in_the_middle_doubles_nothing() {
    for jump_ms in [-HOUR_MS, 2 * DAY_MS] {
        let shop = shop_of_days(0..=0).await;
        shop.run(sync()).await;
        let part = shop.waiting(DATE).await.remove(0);
        shop.run(record(&part)).await;
        shop.pass(jump_ms);
        shop.run(sync()).await;
        shop.run(go_on()).await;
        shop.run(record(&part)).await;
        let night = shop.finish(DATE).await;
        assert_eq!(
            (night.end, night.tally.pulled),
            (Some(End::Complete), 2),
            "{jump_ms}"
        );
        assert_eq!(receipts(&shop, 0).await, (2, 3), "{jump_ms}");
        assert_eq!((shop.digests().await, shop.told("NightsEnded").len()), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_begins_while_the_one_before_still_pulls_and_both_end() {
    let shop = shop_of_days(0..=1).await;
    shop.run(sync()).await;
    shop.set_clock(DUE_MS + DAY_MS);
    shop.run(sync_of(1)).await;
    shop.pass(MINUTE_MS);
    let second = shop.finish(&day(1).to_string()).await;
    let first = shop.finish(DATE).await;
    assert_eq!(
        (first.end, second.end),
        (Some(End::Complete), Some(End::Complete))
    );
    assert_eq!(
        (receipts(&shop, 0).await, receipts(&shop, 1).await),
        ((2, 3), (2, 3))
    );
    assert_eq!(shop.digests().await, 2);
}
