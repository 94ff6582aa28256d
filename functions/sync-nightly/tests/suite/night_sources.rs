//! Servers that are away, wrong or slow.

use crate::support;
use crate::support::{MINUTE_MS, Shop, export, go_on, record, sync};
use domain::night::{End, Night, Phase, WAITS_MAX};
use domain::when::{BusinessDate, Zone};
use sims::ALWAYS;
use sims::central::{Fault, Route};
use sims::moka::sample;
use sims::transport::Transport;

const DATE: &str = "2025-10-28";

fn date() -> BusinessDate {
    DATE.parse().unwrap()
}

async fn shop_with_a_file() -> Shop {
    let shop = Shop::open().await;
    shop.outlet("moka-1", None).await;
    shop.file("1", DATE, 2);
    shop
}

fn codes(night: &Night) -> Vec<&str> {
    let troubles = night.troubles.iter();
    troubles.map(|trouble| trouble.code.as_str()).collect()
}

async fn finished(shop: &Shop) -> Night {
    shop.run(sync()).await;
    shop.finish(DATE).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_only_source_a_night_fails_and_says_why() {
    let shop = shop_with_a_file().await;
    let away = Fault::Transport(Transport::Status(503));
    shop.central.fault(Route::Day, away, ALWAYS);
    let night = finished(&shop).await;
    assert_eq!(
        (night.end, codes(&night)),
        (Some(End::Failed), vec!["CENTRAL_UNREACHABLE"])
    );
    assert_eq!(shop.told("NightTroubles")[0]["NightTroubles"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_source_that_is_away_leaves_the_other_one_s_part_of_the_night() {
    let shop = shop_with_a_file().await;
    shop.outlet("moka-3", Some("3")).await;
    shop.moka.add("3", sample::day("3", date(), &Zone::default(), 3));
    let away = Fault::Transport(Transport::Cut);
    shop.central.fault(Route::Day, away, ALWAYS);
    let night = finished(&shop).await;
    assert_eq!(
        (night.end, codes(&night)),
        (Some(End::Partial), vec!["CENTRAL_UNREACHABLE"])
    );
    assert_eq!(night.tally.pulled, 1, "the page of the day");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_comes_while_the_night_waits_is_no_trouble() {
    let shop = shop_with_a_file().await;
    let away = Fault::Transport(Transport::Status(503));
    shop.central.fault(Route::Day, away, ALWAYS);
    shop.run(sync()).await;
    for _ in 0..3 {
        shop.pass(MINUTE_MS);
        shop.run(go_on()).await;
    }
    assert_eq!(shop.night(DATE).await.phase, Phase::Settle);
    shop.central.heal();
    let night = shop.finish(DATE).await;
    assert_eq!((night.end, codes(&night)), (Some(End::Complete), vec![]));
    assert_eq!((night.tally.listed, night.tally.pulled), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_missing_does_not_hide_those_of_the_days_before() {
    let shop = Shop::open().await;
    shop.outlet("moka-1", None).await;
    shop.file("1", "2025-10-27", 2);
    shop.central
        .fault(Route::Day, Fault::Transport(Transport::Status(404)), 1);
    shop.run(sync()).await;
    assert_eq!(shop.waiting(DATE).await.len(), 1, "yesterday's file is fetched");
    let night = shop.finish(DATE).await;
    assert_eq!((night.end, night.tally.pulled), (Some(End::Complete), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_what_its_listing_says_never_becomes_an_object() {
    let tables = [
        (Route::Day, Fault::WrongChecksum, "CENTRAL_CHECKSUM"),
        (Route::File, Fault::Changed, "CENTRAL_CHECKSUM"),
        (Route::File, Fault::Longer, "CENTRAL_SIZE"),
        (Route::File, Fault::Shorter, "CENTRAL_SIZE"),
        (
            Route::File,
            Fault::Transport(Transport::Cut),
            "CENTRAL_UNREACHABLE",
        ),
    ];
    for (route, fault, code) in tables {
        let shop = shop_with_a_file().await;
        shop.central.fault(route, fault.clone(), ALWAYS);
        let night = finished(&shop).await;
        assert_eq!(
            (night.end, codes(&night)),
            (Some(End::Failed), vec![code]),
            "{fault:?}"
        );
        assert_eq!(shop.keys().await, Vec::<String>::new(), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_being_replaced_is_fetched_at_the_second_try() {
    let shop = shop_with_a_file().await;
    shop.central.fault(Route::File, Fault::Changed, 1);
    let night = finished(&shop).await;
    assert_eq!((night.end, night.tally.pulled), (Some(End::Complete), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_breaks_a_rule_is_told_and_the_others_are_fetched() {
    let shop = shop_with_a_file().await;
    shop.central
        .fault(Route::Day, Fault::Named("../etc/passwd".to_owned()), 1);
    let night = finished(&shop).await;
    assert_eq!(
        (night.end, codes(&night)),
        (Some(End::Partial), vec!["CENTRAL_ENTRY_NAME"])
    );
    assert_eq!(night.tally.pulled, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_away_is_not_asked_for_every_file() {
    let shop = shop_with_a_file().await;
    for number in 0..20 {
        let content = export("1", date(), number + 3);
        let name = format!("{number}.json");
        shop.central.put(date(), &name, Some("moka-1"), content);
    }
    shop.central
        .fault(Route::File, Fault::Transport(Transport::Status(401)), ALWAYS);
    let night = finished(&shop).await;
    assert_eq!((night.end, night.troubles_total), (Some(End::Failed), 21));
    let codes = codes(&night);
    let count = |code: &str| codes.iter().filter(|found| **found == code).count();
    assert_eq!((count("CENTRAL_UNAUTHORISED"), count("PART_GIVEN_UP")), (7, 14));
    let asked = shop.central.asked();
    let files = asked.iter().filter(|asked| asked.route == Route::File);
    assert_eq!(files.count(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_now_and_then_is_asked_again_at_once() {
    let shop = shop_with_a_file().await;
    for route in [Route::Day, Route::File] {
        let failed = Fault::Transport(Transport::Status(500));
        shop.central.fault(route, failed, 1);
    }
    let night = finished(&shop).await;
    assert_eq!((night.end, codes(&night)), (Some(End::Complete), vec![]));
    assert_eq!(night.tally.pulled, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_outlet_nobody_names_goes_into_no_outlets_folder() {
    let shop = Shop::open().await;
    shop.outlet("moka-1", None).await;
    shop.central.put(date(), "all.json", None, export("1", date(), 2));
    assert_eq!(finished(&shop).await.end, Some(End::Complete));
    let keys = shop.keys().await;
    assert!(
        keys[0].starts_with("incoming/central/2025-10-28/") && keys[0].ends_with("-all.json"),
        "{keys:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_never_read_is_waited_for_and_then_told() {
    let shop = shop_with_a_file().await;
    shop.run(sync()).await;
    for part in shop.waiting(DATE).await {
        shop.run(record(&part)).await;
    }
    for look in 1..WAITS_MAX {
        assert_eq!(shop.night(DATE).await.phase, Phase::Settle, "look {look}");
        shop.pass(MINUTE_MS);
        shop.run(go_on()).await;
    }
    let night = shop.night(DATE).await;
    assert_eq!(
        (night.phase, codes(&night)),
        (Phase::Reconcile, vec!["INGEST_LATE"])
    );
    assert!(
        night.troubles[0].detail.starts_with("incoming/moka-1/central/"),
        "{night:?}"
    );
    let night = shop.finish(DATE).await;
    assert_eq!(night.end, Some(End::Partial));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_looks_within_a_minute_count_as_one() {
    let shop = shop_with_a_file().await;
    shop.run(sync()).await;
    for part in shop.waiting(DATE).await {
        shop.run(record(&part)).await;
    }
    let before = shop.tables().await;
    for _ in 0..3 {
        shop.run(go_on()).await;
    }
    assert_eq!(shop.tables().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_t_be_read_and_is_no_known_outlets_is_a_trouble_of_the_night() {
    let broken = "<html>not a file</html>";
    let cases = [
        (None, broken, Some(End::Partial), vec!["FILE_FAILED"]),
        (Some("pos-77"), broken, Some(End::Partial), vec!["FILE_FAILED"]),
        // Its outlet's own finding tells of it, and one with nothing in it lacks nothing.
        (Some("moka-1"), broken, Some(End::Complete), vec![]),
        (None, r#"{"data":{"payments":[]}}"#, Some(End::Complete), vec![]),
    ];
    for (outlet, content, end, told) in cases {
        let shop = shop_with_a_file().await;
        shop.central.put(date(), "odd.json", outlet, content);
        let night = finished(&shop).await;
        assert_eq!((night.end, codes(&night)), (end, told), "{outlet:?} {content}");
        if let Some(trouble) = night.troubles.first() {
            assert_eq!((&*trouble.source, trouble.outlet.as_deref()), ("ingest", None));
            assert!(trouble.detail.contains("-odd.json: FILE_"), "{trouble:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outlet_that_no_restore_would_take_is_told_and_left_out_of_the_backup() {
    let shop = shop_with_a_file().await;
    shop.outlet("Warung Pusat", None).await;
    let night = finished(&shop).await;
    assert_eq!(
        (night.end, codes(&night)),
        (Some(End::Partial), vec!["BACKUP_INCOMPLETE"])
    );
    let setup = shop.deps().setups.get(date()).await.unwrap().unwrap();
    let outlets: Vec<&str> = setup.outlets.iter().map(|outlet| outlet.id.as_str()).collect();
    assert_eq!(outlets, ["moka-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_outlet_with_many_days_to_fetch_does_not_speak_for_the_others() {
    let mut shop = Shop::open().await;
    shop.has = (false, true);
    shop.with_access().await;
    for (outlet, moka) in [("moka-3", "3"), ("moka-4", "4")] {
        shop.outlet(outlet, Some(moka)).await;
    }
    // A night long ago: each outlet has its three days and twelve more.
    shop.set_clock(support::DUE_MS - 20 * 24 * support::HOUR_MS);
    shop.run(serde_json::json!({ "task": "sync", "at": "2025-10-08T16:00:00Z" }))
        .await;
    shop.finish("2025-10-08").await;
    shop.set_clock(support::DUE_MS);
    // Seven days of the first outlet fail, ten calls each; then Moka is well again.
    let away = sims::moka::Fault::Transport(Transport::Status(503));
    shop.moka.fault(sims::moka::Route::Page, away, 70);
    let night = finished(&shop).await;
    assert_eq!(night.end, Some(End::Partial));
    let codes = codes(&night);
    let count = |code: &str| codes.iter().filter(|found| **found == code).count();
    assert_eq!((count("MOKA_UNREACHABLE"), count("PART_GIVEN_UP")), (7, 8));
    assert!(
        night
            .troubles
            .iter()
            .all(|trouble| trouble.outlet.as_deref() == Some("moka-3"))
    );
    let asked = shop.moka.asked();
    let others = asked.iter().filter(|asked| asked.path.contains("/outlets/4/"));
    assert_eq!(others.count(), 3 + 15, "the other one's days, in both nights");
}
