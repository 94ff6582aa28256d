//! A night from its beginning to its end.

use crate::support::{DUE_MS, HOUR_MS, MINUTE_MS, Shop, go_on, record, sync};
use aws::audit::{AuditTrail, Position};
use aws::outbox::Outbox;
use aws::sales::Sales;
use domain::audit::chain_of;
use domain::mail::{MailCause, MailState};
use domain::night::{End, Night, Phase};
use domain::when::{BusinessDate, Zone};
use serde_json::{Value, json};
use sims::moka::{Fault, Route, sample};
use sims::transport::Transport;
use sync_nightly::Outcome;

const DATE: &str = "2025-10-28";

fn date() -> BusinessDate {
    DATE.parse().unwrap()
}

/// Three outlets: two whose files the central server has, one at Moka.
async fn shop_of_three() -> Shop {
    let shop = Shop::open().await;
    shop.outlet("moka-1", None).await;
    shop.outlet("moka-2", None).await;
    shop.outlet("moka-3", Some("3")).await;
    shop.file("1", DATE, 4);
    shop.file("1", "2025-10-27", 3);
    shop.file("2", DATE, 5);
    shop.moka
        .add("3", sample::day("3", date(), &Zone::default(), 120));
    shop
}

fn codes(night: &Night) -> Vec<&str> {
    night
        .troubles
        .iter()
        .map(|trouble| trouble.code.as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_of_three_outlets_ends_complete() {
    let shop = shop_of_three().await;
    let begun = shop.run(sync()).await;
    assert_eq!(
        json!(begun),
        json!({ "nights": [{ "date": DATE, "phase": "pull", "end": null }] })
    );
    let night = shop.finish(DATE).await;
    assert_eq!((night.end, codes(&night)), (Some(End::Complete), vec![]));
    let tally = night.tally;
    // From Moka two pages of 100 payments and 20, and none of the days without any.
    assert_eq!((tally.listed, tally.pulled, tally.known), (3, 5, 0));
    assert_eq!((night.outlets, night.troubles_total), (3, 0));
    let sales = Sales::new(&shop.world.clients);
    for (outlet, day, receipts) in [
        ("moka-1", DATE, 4),
        ("moka-1", "2025-10-27", 3),
        ("moka-2", DATE, 5),
        ("moka-3", DATE, 120),
    ] {
        let day = (outlet.to_owned(), day.parse().unwrap());
        let summary = sales.read_summary(&day).await.unwrap().unwrap();
        assert_eq!(summary.receipts, receipts, "{day:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_is_told_in_one_mail_one_record_and_four_figures() {
    let shop = shop_of_three().await;
    shop.run(sync()).await;
    let night = shop.finish(DATE).await;
    let outbox = Outbox::new(&shop.world.clients);
    let mail = outbox
        .get(night.digest.as_deref().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (&mail.cause, mail.state),
        (&MailCause::NightDigest { date: date() }, MailState::Queued)
    );
    assert_eq!(mail.correlation.as_deref(), Some("night-2025-10-28"));
    let trail = AuditTrail::new(&shop.world.clients);
    let records = trail.list(chain_of(DATE), Position::NEWEST, 100).await.unwrap();
    let ended = records.iter().filter(|record| record.action == "night.ended");
    let ended: Vec<_> = ended.map(|record| (&*record.actor, &*record.subject)).collect();
    assert_eq!(ended, [("sync-nightly", DATE)]);
    let setup = shop.deps().setups.get(date()).await.unwrap().unwrap();
    let outlets: Vec<&str> = setup.outlets.iter().map(|outlet| outlet.id.as_str()).collect();
    assert_eq!(outlets, ["moka-1", "moka-2", "moka-3"]);
    let told = shop.told("NightsEnded");
    assert_eq!(told.len(), 1, "once");
    assert_eq!(
        (&told[0]["NightTroubles"], &told[0]["FilesPulled"]),
        (&json!(0), &json!(5))
    );
    assert!(told[0]["FindingsOpen"].is_u64());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_and_repeated_records_change_nothing() {
    let shop = shop_of_three().await;
    shop.run(sync()).await;
    let before = shop.tables().await;
    for event in [sync(), go_on(), sync()] {
        shop.run(event).await;
        assert_eq!(shop.tables().await, before, "while parts wait");
    }
    let mut records = Vec::new();
    for part in shop.waiting(DATE).await {
        records.push(record(&part));
        shop.run(record(&part)).await;
        let before = shop.tables().await;
        shop.run(record(&part)).await;
        assert_eq!(shop.tables().await, before, "a record told twice");
    }
    shop.finish(DATE).await;
    let (tables, objects) = (shop.tables().await, shop.objects().await);
    for event in records.into_iter().chain([sync(), go_on()]) {
        shop.run(event).await;
    }
    assert_eq!(shop.tables().await, tables, "after the end");
    assert_eq!(shop.objects().await, objects);
    assert_eq!(shop.told("NightsEnded").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_starts_at_once_begin_one_night() {
    let shop = shop_of_three().await;
    let runs = (0..4).map(|_| shop.run_with(sync(), shop.deps()));
    for outcome in futures::future::join_all(runs).await {
        outcome.unwrap();
    }
    let jobs: Vec<_> = shop
        .waiting(DATE)
        .await
        .into_iter()
        .flat_map(|part| part.jobs)
        .collect();
    assert_eq!(jobs.len(), 6, "three files and three days: {jobs:?}");
    assert_eq!(shop.finish(DATE).await.end, Some(End::Complete));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_without_outlets_and_servers_has_a_night_too() {
    let mut shop = Shop::open().await;
    shop.has = (false, false);
    let Outcome::Nights { nights } = shop.run(sync()).await else {
        panic!("another task's outcome");
    };
    assert_eq!(
        (nights[0].phase, nights[0].end),
        (Phase::Over, Some(End::Complete))
    );
    assert!(shop.moka.asked().is_empty() && shop.central.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_are_put_once_whatever_night_they_come_in() {
    let shop = shop_of_three().await;
    // Ahead of the bucket's own clock, so that what was put before is seen to be older than the second night.
    let ahead = |day: u32| json!({ "task": "sync", "at": format!("2099-06-0{day}T16:00:00Z") });
    let first: BusinessDate = "2099-06-01".parse().unwrap();
    shop.file("1", "2099-06-01", 2);
    shop.moka.add("3", sample::day("3", first, &Zone::default(), 3));
    shop.set_clock(4_084_012_800_000 + HOUR_MS);
    shop.run(ahead(1)).await;
    let night = shop.finish("2099-06-01").await;
    assert_eq!((night.tally.pulled, night.tally.known), (2, 0));
    let keys = shop.keys().await;
    let hash = |key: &String| key.rsplit('/').next().unwrap().len() > 16;
    assert!(
        keys[0].starts_with("incoming/moka-1/central/2099-06-01/") && hash(&keys[0]),
        "{keys:?}"
    );
    assert!(
        keys[1].starts_with("incoming/moka-3/moka/2099-06-01/") && hash(&keys[1]),
        "{keys:?}"
    );
    let fetched = shop.central.asked().len();

    shop.pass(24 * HOUR_MS);
    shop.run(ahead(2)).await;
    let night = shop.finish("2099-06-02").await;
    assert_eq!((night.tally.pulled, night.tally.known), (0, 2));
    assert_eq!(shop.keys().await, keys);
    assert_eq!(shop.central.asked().len(), fetched + 3, "three lists, no file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_that_comes_late_is_still_the_one_that_was_due() {
    let shop = shop_of_three().await;
    // The machine slept from before the start until the next morning, and again in the middle.
    shop.pass(9 * HOUR_MS);
    shop.run(sync()).await;
    shop.pass(8 * HOUR_MS);
    shop.run(go_on()).await;
    let night = shop.finish(DATE).await;
    assert_eq!((night.end, night.due_ms), (Some(End::Complete), DUE_MS));
    assert_eq!(night.tally.pulled, 5);
    assert!(night.finished_ms.unwrap() >= DUE_MS + 17 * HOUR_MS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_started_by_hand_is_the_last_that_was_due() {
    for (at_ms, date) in [
        (DUE_MS + 30 * MINUTE_MS, DATE),
        (DUE_MS, DATE),
        (DUE_MS + 10 * HOUR_MS, DATE),
        (DUE_MS + 23 * HOUR_MS, DATE),
        (DUE_MS - 6 * HOUR_MS, "2025-10-27"),
        (DUE_MS - 4 * HOUR_MS, "2025-10-27"),
        (DUE_MS - 1, "2025-10-27"),
    ] {
        let mut shop = Shop::open().await;
        shop.has = (false, false);
        shop.set_clock(at_ms);
        shop.run(json!({ "task": "sync" })).await;
        let night = shop.night(date).await;
        assert_eq!((night.due_ms - DUE_MS) % (24 * HOUR_MS), 0, "at eleven");
        assert!(night.due_ms <= at_ms, "{date} was not due yet");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_in_the_future_is_refused() {
    let mut shop = Shop::open().await;
    shop.has = (false, false);
    // An hour before the evening's night is as much too early as a day.
    for before_ms in [HOUR_MS, 6 * MINUTE_MS] {
        shop.set_clock(DUE_MS - before_ms);
        let failure = shop.run_with(sync(), shop.deps()).await.unwrap_err();
        assert_eq!(failure.code(), "SYNC_NOT_DUE");
        assert_eq!(shop.run(go_on()).await, Outcome::Nights { nights: vec![] });
    }
    // The scheduler's clock may be a little ahead.
    shop.set_clock(DUE_MS - MINUTE_MS);
    shop.run(sync()).await;
    assert_eq!(shop.night(DATE).await.due_ms, DUE_MS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moment_that_cannot_be_read_does_no_other_night_again() {
    let mut shop = Shop::open().await;
    shop.has = (false, false);
    shop.run(sync()).await;
    for at in [json!("besok"), json!("<aws.scheduler.scheduled-time>"), json!(7)] {
        let event = json!({ "task": "sync", "at": at, "again": true });
        let failure = shop.run_with(event, shop.deps()).await.unwrap_err();
        assert_eq!(failure.code(), "SYNC_AT_UNREADABLE");
    }
    let night = shop.night(DATE).await;
    assert_eq!((night.phase, night.round), (Phase::Over, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_token_is_kept_and_taken_by_the_next_process() {
    let shop = Shop::open().await;
    shop.outlet("moka-3", Some("3")).await;
    shop.moka.add("3", sample::day("3", date(), &Zone::default(), 2));
    shop.run(sync()).await;
    assert_eq!(shop.finish(DATE).await.end, Some(End::Complete));
    let renewals = |shop: &Shop| {
        let asked = shop.moka.asked();
        asked.iter().filter(|asked| asked.route == Route::Token).count()
    };
    assert_eq!(renewals(&shop), 1);
    let kept = shop.kept("renewed-token").await.unwrap();
    assert!(kept.ends_with(&format!(" {}", shop.moka.refresh_token())));
    assert_eq!(shop.kept("refresh-token").await.unwrap(), "refresh-0");
    shop.moka.expire_access();
    shop.pass(24 * HOUR_MS);
    shop.run(json!({ "task": "sync", "at": "2025-10-29T16:00:00Z" }))
        .await;
    assert_eq!(shop.finish("2025-10-29").await.end, Some(End::Complete));
    assert_eq!(renewals(&shop), 2);
    let kept = shop.kept("renewed-token").await.unwrap();
    assert!(kept.ends_with(&format!(" {}", shop.moka.refresh_token())));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outlet_that_fails_at_moka_keeps_nobody_else_from_it() {
    let shop = shop_of_three().await;
    shop.outlet("moka-4", Some("4")).await;
    // Five tries, and the same once more: the first outlet's first day.
    shop.moka
        .fault(Route::Page, Fault::Transport(Transport::Status(503)), 10);
    shop.run(sync()).await;
    let night = shop.finish(DATE).await;
    assert_eq!(night.end, Some(End::Partial));
    let troubles: Vec<_> = night
        .troubles
        .iter()
        .map(|trouble| (trouble.outlet.as_deref(), trouble.code.as_str()))
        .collect();
    assert_eq!(troubles, [(Some("moka-3"), "MOKA_UNREACHABLE")]);
    assert_eq!(night.tally.pulled, 5, "its other days, and everybody else's");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_record_of_a_part_that_waits_is_passed_over() {
    let shop = shop_of_three().await;
    shop.run(sync()).await;
    let before = shop.tables().await;
    let part = &shop.waiting(DATE).await[0];
    let mut of_another = record(part);
    of_another["Records"][0]["dynamodb"]["NewImage"]["kind"]["S"] = json!("rights");
    let mut held = record(part);
    held["Records"][0]["dynamodb"]["NewImage"]["state"]["S"] = json!("doing");
    let mut gone = record(part);
    gone["Records"][0]["dynamodb"]["Keys"]["sk"]["S"] = json!("W#pull#00077");
    for event in [of_another, held, gone] {
        let outcome = shop.run(event).await;
        assert_eq!(json!(outcome), json!({ "batchItemFailures": [] }));
    }
    assert_eq!(shop.tables().await, before);
    let mut unreadable = record(part);
    unreadable["Records"][0]["dynamodb"]["Keys"]["sk"]["S"] = Value::Null;
    let failure = shop.run_with(unreadable, shop.deps()).await.unwrap_err();
    assert_eq!(failure.code(), "SYNC_NOTHING_DONE");
}
