//! Stores that fail in the middle, items that can't be read, and pages whose guests are not there yet.

use aws::StoreError;
use aws::customers::StoredCustomer;
use serde_json::Value;
use testkit::faults::Plan;

use super::guests::{PHONE, id, to, to_named};
use crate::enrich;
use crate::reconcile::tests::shop::{OUTLET, Shop, day, outlet_day, sale};

/// Two who are one person, and one who is not.
fn visit() -> Vec<Value> {
    vec![
        to_named(sale(1, day(0), "12:00"), 1, "Budi Santoso", PHONE),
        to_named(sale(2, day(0), "12:10"), 2, "Budi Santoso", PHONE),
        to(sale(3, day(0), "12:20"), 3),
    ]
}

/// A shop in whose night every call that fails is followed by another run. Answers how many runs failed.
async fn crashing(shop: &mut Shop) -> u64 {
    let night = shop.begin(day(0));
    let faulty = shop.faulty();
    for crashes in 0.. {
        let plan = if crashes % 2 == 0 {
            Plan::CrashBefore
        } else {
            Plan::CrashAfter
        };
        shop.world.faults.set(plan(crashes / 2));
        match enrich::outlet(OUTLET, day(0), &night, &faulty).await {
            Err(error) => assert!(matches!(error, StoreError::Unavailable { .. }), "{error}"),
            Ok((tally, troubles)) => {
                assert_eq!((tally.people, tally.joined), (3, 2));
                assert_eq!(troubles, []);
                return crashes;
            }
        }
    }
    0
}

#[tokio::test]
async fn a_crash_at_any_call_and_another_run_come_to_what_one_run_does() {
    let (mut calm, mut stormy) = (Shop::open().await, Shop::open().await);
    for shop in [&calm, &stormy] {
        shop.evening(day(0), &visit()).await;
    }
    let (tally, _) = calm.enriched(day(0)).await;
    assert_eq!((tally.people, tally.joined), (3, 2));
    let crashes = crashing(&mut stormy).await;
    assert!(crashes > 20, "{crashes}");
    for guest in 1..=3 {
        assert_eq!(stormy.habit(guest).await, calm.habit(guest).await, "{guest}");
    }
    assert_eq!(stormy.groups(PHONE).await, calm.groups(PHONE).await);
    assert_eq!(stormy.records("kin.joined").await.len(), 1);
}

#[tokio::test]
async fn two_workers_at_once_come_to_what_one_does() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &visit()).await;
    let night = shop.begin(day(0));
    let (one, other) = futures::join!(
        enrich::outlet(OUTLET, day(0), &night, &shop.deps),
        enrich::outlet(OUTLET, day(0), &night, &shop.deps),
    );
    for (tally, troubles) in [one.unwrap(), other.unwrap()] {
        assert_eq!((tally.people, tally.joined, troubles), (3, 2, vec![]));
    }
    assert_eq!(shop.groups(PHONE).await, [[id(1), id(2)]]);
    assert_eq!(shop.records("kin.joined").await.len(), 1);
    shop.enriched_by(&night, day(0)).await;
}

#[tokio::test]
async fn a_guest_who_can_t_be_read_is_their_own_trouble_until_they_can() {
    let mut shop = Shop::open().await;
    let sales = (1..=9).map(|guest| to(sale(guest, day(0), "12:00"), guest));
    shop.evening(day(0), &sales.collect::<Vec<_>>()).await;
    let four = shop.deps.customers.find(&id(4)).await.unwrap().unwrap();
    shop.spoil("CustomersTable", &format!("C#{}", id(4)), None).await;
    let (tally, troubles) = shop.enriched(day(0)).await;
    assert_eq!(tally.people, 8);
    let told: Vec<_> = troubles
        .iter()
        .map(|trouble| (&*trouble.source, &*trouble.code, &*trouble.detail))
        .collect();
    let detail = format!("{}: a customer can't be read", id(4));
    assert_eq!(told, [("enrich", "CUSTOMER_UNREADABLE", &*detail)]);
    assert_eq!((shop.ate(3, day(0)).await.len(), shop.habit(4).await), (1, None));
    let mended = StoredCustomer {
        customer: four,
        version: 1,
    };
    shop.deps.customers.write(&[(id(4), mended)]).await.unwrap();
    let (_, troubles) = shop.enriched(day(1)).await;
    assert_eq!(troubles, []);
    assert_eq!(
        shop.ate(4, day(0)).await.len(),
        1,
        "the day was not noted as taken"
    );
}

#[tokio::test]
async fn a_page_that_can_t_be_read_is_the_trouble_of_its_day() {
    let mut shop = Shop::open().await;
    shop.evening(day(-1), &[to(sale(1, day(-1), "12:00"), 1)]).await;
    shop.evening(day(0), &[to(sale(2, day(0), "12:00"), 2)]).await;
    shop.spoil(
        "SalesTable",
        &format!("O#{OUTLET}"),
        Some(&format!("P#{}", day(-1))),
    )
    .await;
    let (tally, troubles) = shop.enriched(day(0)).await;
    assert_eq!(tally.people, 1);
    assert_eq!(troubles.len(), 1);
    assert_eq!(troubles[0].code, "DAY_UNREADABLE");
    assert!(troubles[0].detail.starts_with("2026-11-21: "));
}

#[tokio::test]
async fn a_page_whose_guests_are_not_there_yet_is_taken_when_they_are() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &[to(sale(1, day(0), "12:00"), 1)]).await;
    // A run of ingestion that died between the page and its guests.
    let (today, other) = (outlet_day(day(0)), outlet_day(day(-1)));
    let mut page = shop.deps.sales.read_page(&today).await.unwrap().unwrap();
    page.version = 0;
    for receipt in page.receipts.values_mut() {
        receipt.head.as_mut().unwrap().value.customer = Some(id(2));
    }
    shop.deps.sales.write_page(&other, &page).await.unwrap();
    let night = shop.begin(day(0));
    let (tally, troubles) = enrich::outlet(OUTLET, day(0), &night, &shop.deps).await.unwrap();
    assert_eq!((tally.people, troubles), (1, vec![]));
    assert_eq!(shop.habit(2).await, None);
    let two = (id(2), StoredCustomer::default());
    shop.deps.customers.write(&[two]).await.unwrap();
    shop.enriched(day(1)).await;
    assert_eq!(shop.ate(2, day(-1)).await.len(), 1);
}

#[tokio::test]
async fn an_outlet_that_is_gone_is_said_to_be() {
    let mut shop = Shop::open().await;
    let night = shop.begin(day(0));
    let gone = enrich::outlet("moka-8", day(0), &night, &shop.deps).await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
}
