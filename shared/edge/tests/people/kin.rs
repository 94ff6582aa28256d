//! People of the shop part ids and reunite them.

use domain::kin::KinError;
use edge::people::PeopleError;
use testkit::faults::Plan;

use crate::shop::{ACTOR, NOW_MS, Shop};

const NUMBER: &str = "+6281298765432";

/// Two ids under one number, joined, and one that no book knows.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    for id in ["OYAKO_A", "OYAKO_B", "OYAKO_C"] {
        shop.customer(id, ("Rina", NUMBER), &[]).await;
    }
    let hash = shop.key.short_hash(NUMBER);
    let mut book = shop.kin.read(&hash).await.unwrap();
    for id in ["OYAKO_A", "OYAKO_B"] {
        book.meet(id);
    }
    book.reunite("OYAKO_B", "OYAKO_A", 1).unwrap();
    shop.kin.write(&hash, &book).await.unwrap();
    shop
}

async fn group(shop: &Shop) -> Vec<String> {
    let book = shop.kin.read(&shop.key.short_hash(NUMBER)).await.unwrap();
    book.group_of("OYAKO_A").into_iter().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_parted_and_reunited_once_each_and_on_record() {
    let shop = shop().await;
    let people = &shop.people;
    for news in [true, false] {
        assert_eq!(people.part("OYAKO_B", ACTOR, NOW_MS).await.unwrap(), news);
        assert_eq!(group(&shop).await, ["OYAKO_A"]);
    }
    for news in [true, false] {
        let reunited = people.reunite("OYAKO_B", "OYAKO_A", ACTOR, NOW_MS).await;
        assert_eq!(reunited.unwrap(), news);
        assert_eq!(group(&shop).await, ["OYAKO_A", "OYAKO_B"]);
    }
    let mut actions: Vec<String> = shop
        .trail()
        .await
        .into_iter()
        .map(|(action, ..)| action)
        .collect();
    actions.sort();
    assert_eq!(actions, ["kin.joined", "kin.parted"]);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_known_under_the_number_can_t_be_parted_or_reunited() {
    let shop = shop().await;
    shop.customer("OYAKO_D", ("Rina", ""), &[]).await;
    for id in ["OYAKO_C", "OYAKO_D", "OYAKO_404"] {
        let parted = shop.people.part(id, ACTOR, NOW_MS).await;
        assert!(
            matches!(parted, Err(PeopleError::Kin(KinError::Unknown))),
            "{id}: {parted:?}"
        );
        let reunited = shop.people.reunite("OYAKO_A", id, ACTOR, NOW_MS).await;
        assert!(
            matches!(reunited, Err(PeopleError::Kin(KinError::Unknown))),
            "{id}: {reunited:?}"
        );
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parting_killed_at_any_call_is_done_by_asking_again() {
    let shop = shop().await;
    let faulty = edge::people::People::new(&shop.world.faulty);
    shop.world.faults.set(Plan::None);
    assert!(faulty.part("OYAKO_B", ACTOR, NOW_MS).await.unwrap());
    let calls = shop.world.faults.calls();
    let plans = (0..calls).flat_map(|n| [Plan::CrashBefore(n), Plan::CrashAfter(n), Plan::LoseAnswer(n)]);
    for plan in plans {
        let before = shop.trail().await.len();
        assert!(
            shop.people
                .reunite("OYAKO_B", "OYAKO_A", ACTOR, NOW_MS)
                .await
                .unwrap()
        );
        shop.world.faults.set(plan);
        drop(faulty.part("OYAKO_B", ACTOR, NOW_MS).await);
        shop.people.part("OYAKO_B", ACTOR, NOW_MS).await.unwrap();
        assert_eq!(group(&shop).await, ["OYAKO_A"], "{plan:?}");
        // One record of each.
        assert_eq!(shop.trail().await.len(), before + 2, "{plan:?}");
    }
    shop.world.stop().await;
}
