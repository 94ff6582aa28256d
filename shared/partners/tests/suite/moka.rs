//! From page to page: what ends well, and everything that must not.

use std::collections::BTreeSet;

use crate::support::moka::{OUTLET, ids, limits, policy, world, world_over, world_with};
use crate::support::{LATER, client, day};
use domain::when::Zone;
use partners::moka::{CursorProblem, Limits, MokaError, Seen};
use serde_json::Value;
use sims::moka::{Fault, Moka as Server, Route, sample};
use sims::serve::serve;
use sims::transport::Transport;
use sims::{ALWAYS, moka};

#[tokio::test]
async fn every_payment_of_the_day_comes_once() {
    let world = world().await;
    let other_days = ["2026-11-20", "2026-11-22"]
        .map(|date| sample::day(OUTLET, date.parse().unwrap(), &Zone::default(), 3));
    world.server.add(OUTLET, other_days.concat());
    let (pages, end) = world.walked().await;
    assert_eq!(
        end,
        Ok(Seen {
            pages: 4,
            payments: 34,
            repeated: 0
        })
    );
    let counts: Vec<_> = pages.iter().map(|page| (page.number, page.payments)).collect();
    assert_eq!(counts, [(1, 10), (2, 10), (3, 10), (4, 4)]);
    let ids = ids(&pages);
    assert_eq!(ids.len(), 34);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 34);

    let asked = world.server.asked();
    let first = asked.iter().find(|asked| asked.route == Route::Page).unwrap();
    assert_eq!(first.path, "/v3/outlets/100818/reports/get_latest_transactions");
    // Midnight to midnight in Jakarta.
    assert_eq!(
        first.query,
        "per_page=10&since=1795194000&until=1795280400&time_filter=updated_at&reorder_type=ASC"
    );
    assert!(world.waits.millis().is_empty());
}

#[tokio::test]
async fn a_day_is_the_outlets_own() {
    let world = world().await;
    let jayapura = Zone::named("WIT").unwrap();
    let mut walk = world.moka.day(OUTLET, day(), &jayapura, LATER).unwrap();
    walk.next().await.unwrap();
    let asked = world.server.asked();
    assert!(
        asked
            .last()
            .unwrap()
            .query
            .contains("since=1795186800&until=1795273200")
    );
}

#[tokio::test]
async fn an_empty_day_is_one_page_without_payments() {
    let world = world().await;
    let mut walk = world.moka.day("7", day(), &Zone::default(), LATER).unwrap();
    assert_eq!(walk.next().await.unwrap().unwrap().payments, 0);
    assert_eq!(walk.next().await, Ok(None));
    assert_eq!(
        walk.seen(),
        Seen {
            pages: 1,
            payments: 0,
            repeated: 0
        }
    );
}

#[tokio::test]
async fn a_payment_that_changes_during_the_walk_comes_again_as_it_is_now() {
    let world = world().await;
    let mut walk = world.moka.day(OUTLET, day(), &Zone::default(), LATER).unwrap();
    let first = walk.next().await.unwrap().unwrap();
    let known: Value = serde_json::from_slice(&first.body).unwrap();
    let later = 1_795_270_000_000;
    world.server.add(
        OUTLET,
        vec![sample::changed(
            &known["data"]["payments"][0],
            later,
            &Zone::default(),
        )],
    );
    while walk.next().await.unwrap().is_some() {}
    assert_eq!(
        walk.seen(),
        Seen {
            pages: 4,
            payments: 35,
            repeated: 0
        }
    );
}

#[tokio::test]
async fn pages_of_one_moment_are_walked_too() {
    let world = world().await;
    let at = 1_795_230_000_000;
    let payments = sample::day("5", day(), &Zone::default(), 25);
    let payments = payments
        .iter()
        .map(|payment| sample::changed(payment, at, &Zone::default()))
        .collect();
    world.server.add("5", payments);
    let mut walk = world.moka.day("5", day(), &Zone::default(), LATER).unwrap();
    while walk.next().await.unwrap().is_some() {}
    assert_eq!(walk.seen().payments, 25);
}

#[tokio::test]
async fn a_broken_way_from_page_to_page_is_never_a_good_end() {
    let elsewhere = || "http://127.0.0.1:9".to_owned();
    // The fault, how many good pages come before it, how many pages are handed on, and what it is called.
    let table = [
        (Fault::RepeatedCursor, 0, 1, CursorProblem::Repeated),
        (Fault::RepeatedCursor, 2, 3, CursorProblem::Repeated),
        (Fault::MissingCursor, 0, 1, CursorProblem::Missing),
        (Fault::MissingCursor, 3, 4, CursorProblem::Missing),
        (Fault::WithoutCompleted, 0, 1, CursorProblem::Missing),
        (Fault::WithoutCompleted, 3, 4, CursorProblem::Missing),
        (Fault::FirstPage, 1, 1, CursorProblem::PageRepeated),
        (Fault::FirstPage, 3, 3, CursorProblem::PageRepeated),
        (Fault::JumpingCursor, 0, 1, CursorProblem::Jumps),
        (Fault::JumpingCursor, 1, 2, CursorProblem::Jumps),
        (
            Fault::ElsewhereCursor(elsewhere()),
            1,
            2,
            CursorProblem::Elsewhere,
        ),
    ];
    for (fault, before, handed_on, problem) in table {
        let world = world().await;
        let mut walk = world.moka.day(OUTLET, day(), &Zone::default(), LATER).unwrap();
        let mut pages = Vec::new();
        for _ in 0..before {
            pages.push(walk.next().await.unwrap().unwrap());
        }
        world.server.fault(Route::Page, fault.clone(), 1);
        let error = loop {
            match walk.next().await {
                Ok(Some(page)) => pages.push(page),
                Ok(None) => panic!("{fault:?} after {before} pages came to a good end"),
                Err(error) => break error,
            }
        };
        assert_eq!(error, MokaError::Cursor(problem), "{fault:?} after {before}");
        assert_eq!((error.code(), error.is_retryable()), ("MOKA_CURSOR", false));
        assert_eq!(pages.len(), handed_on, "{fault:?} after {before}");
    }
}

#[tokio::test]
async fn a_cursor_to_another_server_is_not_followed() {
    let world = world().await;
    let other = Server::new("CL1ENT", "CL1ENT-S3CRET", "x");
    let trap = serve(moka::router(other.clone())).await.unwrap();
    world
        .server
        .fault(Route::Page, Fault::ElsewhereCursor(trap.base_url().to_owned()), 1);
    assert_eq!(
        world.failed().await,
        (1, MokaError::Cursor(CursorProblem::Elsewhere))
    );
    assert_eq!(other.asked(), []);
}

#[tokio::test]
async fn pages_that_overlap_lose_nothing_and_are_counted() {
    let world = world().await;
    world.server.fault(Route::Page, Fault::Overlap, ALWAYS);
    let (pages, end) = world.walked().await;
    let seen = end.unwrap();
    assert_eq!((seen.payments, seen.repeated), (34, 3));
    assert_eq!(ids(&pages).into_iter().collect::<BTreeSet<_>>().len(), 34);
}

#[tokio::test]
async fn newest_first_is_as_good_an_order_as_any() {
    let world = world().await;
    world.server.fault(Route::Page, Fault::NewestFirst, ALWAYS);
    let (pages, end) = world.walked().await;
    assert_eq!(
        end,
        Ok(Seen {
            pages: 4,
            payments: 34,
            repeated: 0
        })
    );
    assert_eq!(ids(&pages).into_iter().collect::<BTreeSet<_>>().len(), 34);
}

#[tokio::test]
async fn a_good_end_means_that_everything_came_whatever_went_wrong_and_wherever() {
    let faults = [
        Fault::RepeatedCursor,
        Fault::MissingCursor,
        Fault::ElsewhereCursor("http://127.0.0.1:9".to_owned()),
        Fault::JumpingCursor,
        Fault::FirstPage,
        Fault::Overlap,
        Fault::NewestFirst,
        Fault::WithoutCompleted,
        Fault::ErrorInside,
        Fault::NotJson,
        Fault::Padded(64 << 10),
        Fault::OtherOutlet,
        Fault::Transport(Transport::Cut),
        Fault::Transport(Transport::Status(404)),
        Fault::Transport(Transport::Status(503)),
    ];
    // One client for all: making one reads the machine's certificates.
    let http = client(policy());
    for fault in faults {
        for (before, times) in (0..4).flat_map(|before| [(before, 1), (before, 2), (before, ALWAYS)]) {
            let world = world_over(http.clone(), limits()).await;
            let mut walk = world.moka.day(OUTLET, day(), &Zone::default(), LATER).unwrap();
            let mut pages = Vec::new();
            for _ in 0..before {
                pages.push(walk.next().await.unwrap().unwrap());
            }
            world.server.fault(Route::Page, fault.clone(), times);
            let end = loop {
                match walk.next().await {
                    Ok(Some(page)) => pages.push(page),
                    end => break end,
                }
            };
            let came: BTreeSet<_> = ids(&pages).into_iter().collect();
            assert!(
                end.is_err() || came.len() == 34,
                "{fault:?} x{times} after {before}: {} came",
                came.len()
            );
        }
    }
}

#[tokio::test]
async fn a_walk_without_an_end_is_given_up() {
    let world = world_with(policy(), Limits { pages: 3, ..limits() }).await;
    assert_eq!(
        world.failed().await,
        (3, MokaError::Cursor(CursorProblem::TooMany(3)))
    );
    assert_eq!(world.asked_for_pages(), 3);
}
