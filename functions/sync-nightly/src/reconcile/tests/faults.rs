//! Stores that fail in the middle, and others who are first.

use aws::StoreError;
use domain::finding::Code;
use testkit::faults::Plan;

use super::shop::{OUTLET, Shop, day, file, sales};
use crate::reconcile;

/// A shop in whose evening three things went wrong.
async fn evening() -> Shop {
    let shop = Shop::open().await;
    shop.evening(day(-1), &sales(day(-1), [1, 2, 3, 6])).await;
    shop.evening(day(0), &sales(day(0), [1, 2, 3, 5])).await;
    shop.at("2026-11-22T21:00");
    shop.take("incoming/moka-7/again.json", file(&sales(day(0), [1, 2, 3, 5])))
        .await;
    shop
}

#[tokio::test]
async fn a_crash_at_any_call_and_another_run_come_to_what_one_run_does() {
    let mut shop = evening().await;
    let night = shop.begin(day(0));
    let faulty = shop.faulty();
    let mut crashes = 0;
    loop {
        let plan = if crashes % 2 == 0 {
            Plan::CrashBefore
        } else {
            Plan::CrashAfter
        };
        shop.world.faults.set(plan(crashes / 2));
        match reconcile::outlet(OUTLET, day(0), &night, &faulty).await {
            Err(error) => assert!(matches!(error, StoreError::Unavailable { .. }), "{error}"),
            Ok((tally, troubles)) => {
                // Findings are stored before the run that is let through: it counts them all the same.
                assert_eq!((tally.days, tally.opened, tally.resolved), (3, 3, 0));
                assert_eq!(troubles, []);
                break;
            }
        }
        crashes += 1;
    }
    assert!(crashes > 10, "{crashes}");
    assert_eq!(shop.open_codes(day(-1)).await, [Code::NumberGap]);
    let open = shop.findings(day(0)).await;
    let told: Vec<_> = open
        .iter()
        .map(|finding| (finding.code, finding.version))
        .collect();
    assert_eq!(told, [(Code::FileRepeated, 1), (Code::NumberGap, 1)]);
}

#[tokio::test]
async fn two_workers_at_once_open_each_finding_once() {
    let mut shop = evening().await;
    let night = shop.begin(day(0));
    let (one, other) = futures::join!(
        reconcile::outlet(OUTLET, day(0), &night, &shop.deps),
        reconcile::outlet(OUTLET, day(0), &night, &shop.deps),
    );
    assert_eq!((one.unwrap().0.opened, other.unwrap().0.opened), (3, 3));
    for finding in shop.findings(day(0)).await {
        assert_eq!(finding.version, 1, "{finding:?}");
    }
}

#[tokio::test]
async fn an_outlet_that_is_gone_is_said_to_be() {
    let mut shop = Shop::open().await;
    let night = shop.begin(day(0));
    let gone = reconcile::outlet("moka-8", day(0), &night, &shop.deps).await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
}
