//! Leases: one holder at a time, until it gives the right back or its time is over.

use aws::leases::Leases;
use testkit::Stores;

use crate::support::NOW_MS;

const LEASE_MS: i64 = 120_000;

#[tokio::test]
async fn of_several_who_want_to_do_something_alone_one_may() {
    let stores = Stores::start().await;
    let leases = Leases::new(&stores.clients);
    let callers = (0..4).map(|caller| {
        let leases = leases.clone();
        tokio::spawn(async move {
            let holder = format!("h{caller}");
            leases.take("moka", &holder, NOW_MS, LEASE_MS).await.unwrap()
        })
    });
    let mut holders = 0;
    for caller in callers.collect::<Vec<_>>() {
        holders += u32::from(caller.await.unwrap());
    }
    assert_eq!(holders, 1);
    assert!(leases.take("other", "x", NOW_MS, LEASE_MS).await.unwrap());
    stores.stop().await;
}

#[tokio::test]
async fn a_right_is_its_holders_until_it_is_given_back_or_over() {
    let stores = Stores::start().await;
    let leases = Leases::new(&stores.clients);
    let take = async |holder: &str, now_ms| leases.take("moka", holder, now_ms, LEASE_MS).await.unwrap();
    assert!(take("a", NOW_MS).await);
    assert!(!take("b", NOW_MS + LEASE_MS - 1).await);
    assert!(take("a", NOW_MS + 10).await, "its holder has it anew");
    assert!(!take("b", NOW_MS + LEASE_MS).await);
    leases.give_back("moka", "b").await.unwrap();
    assert!(
        !take("b", NOW_MS + LEASE_MS).await,
        "nobody gives back for another"
    );
    assert!(take("b", NOW_MS + LEASE_MS + 10).await, "it is over");
    leases.give_back("moka", "a").await.unwrap();
    assert!(!take("c", NOW_MS + LEASE_MS + 10).await);
    leases.give_back("moka", "b").await.unwrap();
    leases.give_back("moka", "b").await.unwrap();
    assert!(take("c", NOW_MS).await);
    stores.stop().await;
}
