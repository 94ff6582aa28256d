//! Killed at any call, fenced off, out of time: a night ends the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use crate::support::{MINUTE_MS, Shop, go_on, record, sync};
use domain::night::{End, Part, PartState, Phase};
use domain::when::{BusinessDate, Zone};
use futures::{StreamExt, stream};
use serde_json::Value;
use sims::central::Route;
use sims::moka::sample;
use testkit::faults::{Plan, tried};

const DATE: &str = "2025-10-28";
/// Worlds that are tried at the same time.
const PARALLEL: usize = 6;

/// An outlet with a file at the central server, and one at Moka.
async fn shop_of_two() -> Shop {
    let shop = Shop::open().await;
    shop.outlet("moka-1", None).await;
    shop.outlet("moka-3", Some("3")).await;
    shop.file("1", DATE, 2);
    let date: BusinessDate = DATE.parse().unwrap();
    shop.moka.add("3", sample::day("3", date, &Zone::default(), 2));
    // What is lost between a renewal and its keeping is lost: see docs/moka.md. No other call is like that.
    shop.with_access().await;
    shop
}

/// How processes that died have left things: the time, the tables and the bucket.
type Left = Mutex<BTreeSet<String>>;

/// A night whose process dies as the plan says, and is gone on with by others. Answers the calls that were made
/// before it died or ended; `None` where another left just the same, as one that dies after it has only read does.
async fn night(shop: &Shop, plan: Plan, left: &Left) -> Option<u64> {
    shop.world.faults.set(plan);
    let killed = until_death(shop).await.is_none();
    let calls = shop.world.faults.calls();
    shop.world.faults.set(Plan::None);
    if killed {
        let stands = (shop.now(), shop.tables().await, shop.objects().await);
        if !left.lock().unwrap().insert(format!("{stands:?}")) {
            return None;
        }
        // Whoever was killed holds what it had claimed until its lease is over. The schedule tries a start again.
        shop.run(sync()).await;
        shop.pass(17 * MINUTE_MS);
        shop.run(go_on()).await;
    }
    let night = shop.finish(DATE).await;
    assert_eq!(night.end, Some(End::Complete), "{plan:?}: {:?}", night.troubles);
    Some(calls)
}

/// One process after another, until one dies: `None`.
async fn until_death(shop: &Shop) -> Option<()> {
    let alive = |event| async move {
        let deps = shop.deps_with(&shop.world.faulty);
        shop.run_with(event, deps).await.ok()
    };
    alive(sync()).await?;
    loop {
        while let Some(part) = shop.waiting(DATE).await.first() {
            alive(record(part)).await?;
        }
        shop.ingest().await;
        if shop.night(DATE).await.told {
            return Some(());
        }
        shop.pass(MINUTE_MS);
        alive(go_on()).await?;
    }
}

/// The outlet whose file the central server has, alone: what is done for one source is done for another.
async fn shop_of_one() -> Shop {
    let mut shop = Shop::open().await;
    shop.has = (true, false);
    shop.outlet("moka-1", None).await;
    shop.file("1", DATE, 2);
    shop
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_killed_at_any_call_ends_like_one_that_was_not() {
    let shop = shop_of_one().await;
    let left = Left::default();
    let calls = night(&shop, Plan::None, &left).await.unwrap();
    let (wanted, objects) = (shop.meaning().await, contents(&shop).await);
    assert!(calls > 50, "{calls} calls");
    shop.world.stop().await;
    // A process that died before a call left what one left that died after the call before.
    let nights = tried(calls, 24).into_iter().map(Plan::CrashAfter).map(|plan| {
        let (wanted, objects, left) = (&wanted, &objects, &left);
        async move {
            let shop = shop_of_one().await;
            if night(&shop, plan, left).await.is_some() {
                same(&shop.meaning().await, wanted, plan);
                assert_eq!(&contents(&shop).await, objects, "{plan:?}");
                // Whoever was killed between saying it and noting that says it again.
                let told = shop.told("NightsEnded").len();
                assert!((1..=2).contains(&told), "{plan:?}: {told}");
                assert_eq!(shop.digests().await, 1, "{plan:?}");
            }
            shop.world.stop().await;
        }
    });
    stream::iter(nights)
        .buffer_unordered(PARALLEL)
        .collect::<Vec<()>>()
        .await;
    let left = left.into_inner().unwrap().len();
    assert!(left > 6, "{left} ways to be left by {calls} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_fetches_from_moka_is_killed_at_any_call_and_fetched_once() {
    let mut wanted = None;
    for call in (0..).map(|call: u64| call.wrapping_sub(1)) {
        let mut shop = shop_of_two().await;
        shop.has = (false, true);
        shop.run(sync()).await;
        let part = only(shop.waiting(DATE).await);
        // First a night in which nobody dies.
        let plan = if call == u64::MAX {
            Plan::None
        } else {
            Plan::CrashAfter(call)
        };
        shop.world.faults.set(plan);
        let outcome = shop
            .run_with(record(&part), shop.deps_with(&shop.world.faulty))
            .await;
        let was_reached = shop.world.faults.calls() > call;
        shop.world.faults.set(Plan::None);
        shop.pass(17 * MINUTE_MS);
        shop.run(go_on()).await;
        let night = shop.finish(DATE).await;
        assert_eq!(
            (night.end, night.tally.pulled),
            (Some(End::Complete), 1),
            "{plan:?}: {outcome:?}"
        );
        let meaning = shop.meaning().await;
        same(&meaning, wanted.get_or_insert_with(|| meaning.clone()), plan);
        shop.world.stop().await;
        if call != u64::MAX && !was_reached {
            assert!(call > 5, "{call} calls");
            break;
        }
    }
}

/// What is in the bucket. A backup says when it was made: of it, the length.
async fn contents(shop: &Shop) -> Vec<(String, String)> {
    let objects = shop.objects().await.into_iter();
    let told = objects.map(|(key, etag, size)| match key.starts_with("config/") {
        true => (key, size.to_string()),
        false => (key, etag),
    });
    told.collect()
}

fn same(found: &BTreeMap<String, Value>, wanted: &BTreeMap<String, Value>, plan: Plan) {
    for (key, item) in wanted {
        assert_eq!(found.get(key), Some(item), "{plan:?}: {key}");
    }
    let more: Vec<_> = found.keys().filter(|key| !wanted.contains_key(*key)).collect();
    assert!(more.is_empty(), "{plan:?}: {more:?}");
}

/// A part of three files whose worker hangs in the second one, and the time of its lease passes. `backwards`: its
/// clock does not know.
async fn lost_part(backwards: bool) {
    let mut shop = Shop::open().await;
    shop.has = (true, false);
    shop.outlet("moka-1", None).await;
    for day in ["2025-10-26", "2025-10-27", DATE] {
        shop.file("1", day, 2);
    }
    shop.run(sync()).await;
    let begun_ms = shop.now();
    let part = shop.waiting(DATE).await.remove(0);
    shop.door.close_for("moka-1-2025-10-27.json");
    let first = shop.run_with(record(&part), shop.deps());
    let others = async {
        shop.door.somebody_waits().await;
        shop.pass(17 * MINUTE_MS);
        shop.run(go_on()).await;
        let part = shop.waiting(DATE).await.remove(0);
        assert_eq!((part.done, part.tries), (0, 1));
        shop.run(record(&part)).await;
        let done = shop.parts(DATE, Phase::Pull).await.remove(0);
        assert_eq!((done.state, done.token, done.done), (PartState::Done, 2, 3));
        let then = (shop.tables().await, shop.objects().await);
        if backwards {
            shop.set_clock(begun_ms + MINUTE_MS);
        }
        shop.door.open();
        then
    };
    let (outcome, then) = tokio::join!(first, others);
    outcome.unwrap();
    assert_eq!((shop.tables().await, shop.objects().await), then);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_writes_nothing_more() {
    lost_part(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_clock_is_slow_is_fenced_off_by_the_store() {
    lost_part(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_goes_on_in_the_next_run_where_the_time_ended() {
    let mut shop = Shop::open().await;
    shop.has = (true, false);
    shop.outlet("moka-1", None).await;
    let date: BusinessDate = DATE.parse().unwrap();
    for number in 0..8 {
        let name = format!("{number}.json");
        let content = format!("{{\"data\":{{\"payments\":[],\"n\":{number}}}}}");
        shop.central.put(date, &name, Some("moka-1"), content);
    }
    shop.run(sync()).await;
    // A run has fifteen minutes, and each file takes nearly three.
    shop.door.takes(170_000);
    let part = only(shop.waiting(DATE).await);
    shop.run(record(&part)).await;
    let part = only(shop.parts(DATE, Phase::Pull).await);
    assert_eq!((part.state, part.done, part.tries), (PartState::Todo, 5, 0));
    assert_eq!(part.exports.len(), 5);
    shop.run(record(&part)).await;
    let part = only(shop.parts(DATE, Phase::Pull).await);
    assert_eq!((part.state, part.done, part.failed), (PartState::Done, 8, 0));
    assert_eq!((part.token, part.tally.pulled), (2, 8));
    let asked = shop.central.asked();
    let files = asked.iter().filter(|asked| asked.route == Route::File);
    assert_eq!(files.count(), 8, "nothing was fetched twice");
}

/// A night in which one answer is lost while one of the two parts that pull is worked on. Answers how many calls the
/// part takes if none is.
async fn with_lost_answer(part: usize, call: u64) -> u64 {
    let shop = shop_of_two().await;
    shop.run(sync()).await;
    let part = shop.waiting(DATE).await.remove(part);
    shop.world.faults.set(Plan::LoseAnswer(call));
    let deps = shop.deps_with(&shop.world.faulty);
    let outcome = shop.run_with(record(&part), deps).await;
    let calls = shop.world.faults.calls();
    shop.world.faults.set(Plan::None);
    assert!(call < calls || outcome.is_ok(), "nothing was lost");
    let night = shop.finish(DATE).await;
    assert_eq!(
        night.end,
        Some(End::Complete),
        "call {call}: {:?}",
        night.troubles
    );
    assert_eq!(night.tally.pulled, 2, "call {call}");
    shop.world.stop().await;
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_whose_store_once_does_not_answer_is_done_at_the_next_try() {
    for part in [0, 1] {
        let calls = with_lost_answer(part, u64::MAX).await;
        assert!(calls > 5, "{calls} calls");
        let nights = tried(calls, 8)
            .into_iter()
            .map(|call| with_lost_answer(part, call));
        stream::iter(nights)
            .buffer_unordered(PARALLEL)
            .collect::<Vec<u64>>()
            .await;
    }
}

fn only(mut parts: Vec<Part>) -> Part {
    assert_eq!(parts.len(), 1, "{parts:?}");
    parts.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_kills_its_worker_is_given_up_and_the_others_are_done() {
    let mut shop = Shop::open().await;
    shop.has = (true, false);
    shop.outlet("moka-1", None).await;
    shop.file("1", "2025-10-27", 2);
    shop.file("1", DATE, 2);
    shop.run(sync()).await;
    for _ in 0..5 {
        let part = only(shop.waiting(DATE).await);
        shop.door.close_for("moka-1-2025-10-27.json");
        // The process is killed while it waits for the file.
        tokio::select! {
            outcome = shop.run_with(record(&part), shop.deps()) => panic!("{outcome:?}"),
            () = shop.door.somebody_waits() => {}
        }
        shop.pass(17 * MINUTE_MS);
        shop.run(go_on()).await;
    }
    let night = shop.finish(DATE).await;
    assert_eq!(night.end, Some(End::Partial));
    let codes: Vec<_> = night.troubles.iter().map(|trouble| &*trouble.code).collect();
    assert_eq!((codes, night.tally.pulled), (vec!["LEASE_LOST"], 1));
}
