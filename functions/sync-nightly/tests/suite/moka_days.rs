//! Days without payments at Moka, and the tokens for it: over the stores that hold both.

use crate::support::{DUE_MS, HOUR_MS, MINUTE_MS, Shop, go_on, record, sync};
use aws::leases::Leases;
use aws::parameters::Parameters;
use aws::sales::Sales;
use domain::finding::Code;
use domain::night::{End, Night, Part, PartState, Phase};
use domain::when::{BusinessDate, Zone};
use partners::moka::{RENEWAL_LEASE_MS, origin};
use serde_json::{Value, json};
use sims::moka::{Fault, Route, sample};
use sims::transport::Transport;
use testkit::faults::Plan;

const DATE: &str = "2025-10-28";
const NEXT: &str = "2025-10-29";
/// What the lease of whoever renews is called.
const LEASE: &str = "moka";

fn date() -> BusinessDate {
    DATE.parse().unwrap()
}

/// A shop whose only outlet is at Moka, with so many payments on the day.
async fn shop_at_moka(payments: u32) -> Shop {
    let mut shop = Shop::open().await;
    shop.has = (false, true);
    shop.outlet("moka-3", Some("3")).await;
    shop.moka
        .add("3", sample::day("3", date(), &Zone::default(), payments));
    shop
}

async fn night(shop: &Shop) -> Night {
    shop.run(sync()).await;
    shop.finish(DATE).await
}

async fn next_night(shop: &Shop) -> Night {
    shop.set_clock(DUE_MS + 24 * HOUR_MS);
    shop.run(json!({ "task": "sync", "at": format!("{NEXT}T16:00:00Z") }))
        .await;
    shop.finish(NEXT).await
}

fn codes(night: &Night) -> Vec<&str> {
    let troubles = night.troubles.iter();
    troubles.map(|trouble| trouble.code.as_str()).collect()
}

/// How often Moka was asked for this.
fn asked(shop: &Shop, route: Route) -> usize {
    let asked = shop.moka.asked();
    asked.iter().filter(|asked| asked.route == route).count()
}

/// The causes of every mail there is.
async fn mails(shop: &Shop) -> Vec<String> {
    let tables = shop.tables().await;
    let mails = tables.values().filter(|item| item["kind"] == "mail");
    mails.map(|mail| mail["doc"]["cause"].to_string()).collect()
}

async fn part(shop: &Shop) -> Part {
    let mut parts = shop.parts(DATE, Phase::Pull).await;
    assert_eq!(parts.len(), 1, "{parts:?}");
    parts.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_payments_is_nothing_to_read_and_nothing_to_write_about() {
    let shop = shop_at_moka(0).await;
    let night = night(&shop).await;
    assert_eq!((night.end, codes(&night)), (Some(End::Complete), vec![]));
    assert_eq!(asked(&shop, Route::Page), 3, "each day was asked for");
    assert_eq!(shop.keys().await, Vec::<String>::new());
    assert_eq!(mails(&shop).await.len(), 1, "the mail about the night");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_has_sales_keeps_them_when_nothing_of_it_is_told_any_more() {
    let shop = shop_at_moka(3).await;
    assert_eq!(night(&shop).await.end, Some(End::Complete));
    // All of them were changed the next day, so Moka tells of them under that day alone.
    let noon = DUE_MS + 13 * HOUR_MS;
    let payments = sample::day("3", date(), &Zone::default(), 3);
    let changed = payments
        .iter()
        .map(|payment| sample::changed(payment, noon, &Zone::default()));
    shop.moka.add("3", changed.collect());
    let keys = shop.keys().await;
    let next = next_night(&shop).await;
    assert_eq!((next.end, codes(&next)), (Some(End::Complete), vec![]));
    let sales = Sales::new(&shop.world.clients);
    let day = ("moka-3".to_owned(), date());
    assert_eq!(sales.read_summary(&day).await.unwrap().unwrap().receipts, 3);
    assert_eq!(
        shop.keys().await.len(),
        keys.len() + 1,
        "the page of the next day"
    );
    let found = shop.deps().findings.between("moka-3", (date(), date())).await;
    let found: Vec<Code> = found.unwrap().iter().map(|finding| finding.code).collect();
    assert!(!found.contains(&Code::EmptyAgain), "{found:?}");
    assert_eq!(mails(&shop).await.len(), 2, "one about each night");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_a_person_puts_wins_over_what_renewals_brought() {
    let shop = shop_at_moka(2).await;
    assert_eq!(night(&shop).await.end, Some(End::Complete));
    let before = shop.kept("renewed-token").await.unwrap();
    assert_eq!(
        before,
        format!("{} {}", origin("refresh-0"), shop.moka.refresh_token())
    );

    shop.moka.connect("refresh-of-the-owner");
    let parameters = Parameters::new(&shop.world.clients);
    let put = parameters.put("/shop/moka/refresh-token", "refresh-of-the-owner");
    put.await.unwrap();
    let next = next_night(&shop).await;
    assert_eq!((next.end, codes(&next)), (Some(End::Complete), vec![]));
    assert_eq!(
        shop.kept("refresh-token").await.unwrap(),
        "refresh-of-the-owner",
        "what a person puts is never written over"
    );
    let after = shop.kept("renewed-token").await.unwrap();
    let owners = origin("refresh-of-the-owner");
    assert_eq!(after, format!("{owners} {}", shop.moka.refresh_token()));
    assert!(shop.kept("access-token").await.unwrap().starts_with(&owners));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_too_little_time_renews_nothing_and_puts_its_part_back() {
    let shop = shop_at_moka(2).await;
    shop.run(sync()).await;
    // Time enough for a page, and not for a renewal that has to be kept.
    let deadline_ms = u64::try_from(DUE_MS + RENEWAL_LEASE_MS + 59_999).unwrap();
    let event = record(&part(&shop).await);
    sync_nightly::handle(event, deadline_ms, &shop.deps())
        .await
        .unwrap();
    assert_eq!(shop.moka.asked(), []);
    let put_back = part(&shop).await;
    assert_eq!((put_back.state, put_back.done), (PartState::Todo, 0));
    let night = shop.finish(DATE).await;
    assert_eq!((night.end, codes(&night)), (Some(End::Complete), vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_of_an_unknown_end_has_a_code_of_its_own_and_is_not_repeated_at_once() {
    let shop = shop_at_moka(2).await;
    // Moka renews, and its answer is lost.
    shop.moka
        .fault(Route::Token, Fault::Transport(Transport::Status(503)), 1);
    let night = night(&shop).await;
    let codes = codes(&night);
    assert_eq!(
        codes,
        ["MOKA_RENEWAL_UNKNOWN", "MOKA_TOKEN_STORE", "MOKA_TOKEN_STORE"]
    );
    assert_eq!((asked(&shop, Route::Token), asked(&shop, Route::Page)), (1, 0));
    let leases = Leases::new(&shop.world.clients);
    let take = async |now_ms| leases.take(LEASE, "x", now_ms, 1).await.unwrap();
    assert!(
        !take(DUE_MS + RENEWAL_LEASE_MS - 1).await,
        "it runs out by itself"
    );
    assert!(take(DUE_MS + RENEWAL_LEASE_MS).await);

    let next = next_night(&shop).await;
    assert_eq!(next.troubles[0].code, "MOKA_UNAUTHORISED", "and then it is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_another_process_renews_nobody_does() {
    let shop = shop_at_moka(2).await;
    let leases = Leases::new(&shop.world.clients);
    let taken = leases.take(LEASE, "another", DUE_MS, 24 * HOUR_MS).await;
    assert!(taken.unwrap());
    let night = night(&shop).await;
    assert_eq!(codes(&night), ["MOKA_TOKEN_STORE"; 3]);
    assert_eq!(shop.moka.asked(), []);
    assert_eq!(next_night(&shop).await.end, Some(End::Complete));
}

/// The sources of a shop, each alone.
const SOURCES: [(bool, bool); 2] = [(true, false), (false, true)];

#[tokio::test(flavor = "multi_thread")]
async fn a_part_whose_secrets_cannot_be_read_rests_and_is_done_by_the_same_process_later() {
    for has in SOURCES {
        let mut shop = shop_at_moka(2).await;
        shop.file("3", DATE, 2);
        shop.has = has;
        shop.run(sync()).await;
        // Only the way to the secrets is broken.
        let deps = shop.deps_over(&shop.world.clients, &shop.world.faulty);
        shop.world.faults.set(Plan::CrashBefore(0));
        let event: Value = record(&part(&shop).await);
        shop.run_with(event.clone(), deps.clone()).await.unwrap();
        let rests = part(&shop).await;
        assert_eq!((rests.state, rests.tries), (PartState::Doing, 1), "{has:?}");
        assert_eq!((rests.done, rests.troubles_total), (0, 0), "{has:?}");

        // Nobody takes it before its rest is over, whatever comes.
        for again in [event, go_on()] {
            shop.run(again).await;
            assert_eq!(part(&shop).await, rests, "{has:?}");
        }
        shop.world.faults.set(Plan::None);
        shop.pass(MINUTE_MS);
        shop.run(go_on()).await;
        let put_back = part(&shop).await;
        assert_eq!((put_back.state, put_back.tries), (PartState::Todo, 1), "{has:?}");
        shop.run_with(record(&put_back), deps).await.unwrap();
        let done = part(&shop).await;
        assert_eq!((done.state, done.failed), (PartState::Done, 0), "{has:?}");
        let night = shop.finish(DATE).await;
        assert_eq!(
            (night.end, codes(&night)),
            (Some(End::Complete), vec![]),
            "{has:?}"
        );
    }
}
