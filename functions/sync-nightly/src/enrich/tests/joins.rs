//! Guests of one phone number.

use domain::kin::Standing;
use serde_json::Value;

use super::guests::{PHONE, id, to_named};
use crate::enrich;
use crate::reconcile::tests::shop::{OUTLET, Shop, day, file, moment, sale};

/// A visit of guests with one phone number, by their names.
fn visit(days: i32, guests: &[(u32, &str)]) -> Vec<Value> {
    let guests = guests.iter();
    guests
        .map(|(guest, name)| to_named(sale(*guest, day(days), "12:00"), *guest, name, PHONE))
        .collect()
}

#[tokio::test]
async fn a_number_and_a_name_join_and_a_number_alone_does_not() {
    let mut shop = Shop::open().await;
    let guests = [(1, "Budi Santoso"), (2, "Siti Rahma"), (3, "Pak Budi Santoso")];
    shop.evening(day(0), &visit(0, &guests)).await;
    let (tally, _) = shop.enriched(day(0)).await;
    assert_eq!((tally.people, tally.joined), (3, 2));
    assert_eq!(shop.groups(PHONE).await, [[id(1), id(3)]]);
    let book = shop.book(PHONE).await;
    assert_eq!(book.members[&id(2)], Standing::Alone);
    let records = shop.records("kin.joined").await;
    assert_eq!(records.len(), 1);
    assert_eq!(
        (&*records[0].actor, &*records[0].subject),
        ("sync-nightly", &*id(1))
    );
    assert!(records[0].facts.contains(&id(3)) && records[0].facts.contains("similar_name"));
    for told in ["Budi", "Siti", "8765", "6281"] {
        assert!(!records[0].facts.contains(told), "{told}");
    }
}

#[tokio::test]
async fn guests_who_come_on_different_days_and_to_different_outlets_are_joined() {
    let mut shop = Shop::open().await;
    shop.deps
        .outlets
        .get_or_register("moka-8", None, None)
        .await
        .unwrap();
    shop.evening(day(0), &visit(0, &[(2, "Budi Santoso")])).await;
    let (tally, _) = shop.enriched(day(0)).await;
    assert_eq!(tally.joined, 0);
    let mut elsewhere = visit(1, &[(1, "BUDI SANTOSO")]);
    elsewhere[0]["outlet_id"] = 8.into();
    shop.at("2026-11-23T20:00");
    shop.take("incoming/moka-8/a.json", file(&elsewhere)).await;
    let night = shop.begin(day(1));
    let (tally, _) = enrich::outlet("moka-8", day(1), &night, &shop.deps)
        .await
        .unwrap();
    assert_eq!((tally.people, tally.joined), (1, 1));
    assert_eq!(shop.groups(PHONE).await, [[id(1), id(2)]]);
}

#[tokio::test]
async fn a_parted_pair_stays_parted() {
    let mut shop = Shop::open().await;
    let guests = [(1, "Budi Santoso"), (2, "Budi Santoso")];
    shop.evening(day(0), &visit(0, &guests)).await;
    shop.enriched(day(0)).await;
    let mut book = shop.book(PHONE).await;
    book.part(&id(2), "staff:ani", moment("2026-11-23T09:00"))
        .unwrap();
    let hash = shop.deps.phone_key().await.unwrap().short_hash(PHONE);
    let parted = shop.deps.kin.part(&hash, &book, &id(2), "staff:ani", 1).await;
    parted.unwrap();
    shop.evening(day(1), &visit(1, &guests)).await;
    let (tally, _) = shop.enriched(day(1)).await;
    assert_eq!((tally.people, tally.joined), (2, 0));
    assert_eq!(shop.groups(PHONE).await, [[""; 0]; 0]);
    assert_eq!(shop.records("kin.joined").await.len(), 1);
}

#[tokio::test]
async fn a_number_that_stands_for_none_joins_nobody() {
    let mut shop = Shop::open().await;
    let guests = [(1, "Budi Santoso"), (2, "Budi Santoso")];
    shop.evening(day(0), &visit(0, &guests)).await;
    // It turns out to be the outlet's own after its guests were taken with it.
    let mut outlet = shop.deps.outlets.get(OUTLET).await.unwrap().unwrap();
    outlet.placeholder_phones = vec!["0812-8765-4021".to_owned()];
    shop.deps.outlets.describe(&outlet, 1, "key:test").await.unwrap();
    let (tally, _) = shop.enriched(day(0)).await;
    assert_eq!((tally.people, tally.joined), (2, 0));
    assert_eq!(shop.book(PHONE).await, domain::kin::KinBook::default());
}

#[tokio::test]
async fn who_has_another_number_by_now_is_joined_with_nobody() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &visit(0, &[(2, "Rina Wati")])).await;
    shop.enriched(day(0)).await;
    shop.change(2, |customer| {
        let phone = customer.profile.phone.as_mut().unwrap();
        phone.value = "+6281387654029".to_owned();
    })
    .await;
    shop.evening(day(1), &visit(1, &[(4, "Rina Wati")])).await;
    let (tally, _) = shop.enriched(day(1)).await;
    assert_eq!((tally.people, tally.joined), (1, 0));
    assert_eq!(shop.book(PHONE).await.members.len(), 2);
}

#[tokio::test]
async fn a_number_that_a_till_replaces_is_left_with_its_group_and_forgotten() {
    let mut shop = Shop::open().await;
    let guests = [(1, "Budi Santoso"), (2, "Budi Santoso")];
    shop.evening(day(0), &visit(0, &guests)).await;
    shop.enriched(day(0)).await;
    assert_eq!(shop.groups(PHONE).await, [[id(1), id(2)]]);
    let new = "+6281387654029";
    let moved = to_named(sale(1, day(1), "12:00"), 2, "Budi Santoso", new);
    shop.evening(day(1), &[moved]).await;
    let two = shop.deps.customers.find(&id(2)).await.unwrap().unwrap();
    assert_eq!(two.former_numbers.len(), 1);
    shop.enriched(day(1)).await;
    assert_eq!(
        shop.book(PHONE).await.members.into_keys().collect::<Vec<_>>(),
        [id(1)]
    );
    assert_eq!(
        shop.book(new).await.members.into_keys().collect::<Vec<_>>(),
        [id(2)]
    );
    let two = shop.deps.customers.find(&id(2)).await.unwrap().unwrap();
    assert!(two.former_numbers.is_empty());
    let numbered = |e164| shop.deps.customers.with_number(e164, 9);
    assert_eq!(numbered(PHONE).await.unwrap().ids, [id(1)]);
    assert_eq!(numbered(new).await.unwrap().ids, [id(2)]);
}

#[tokio::test]
async fn what_an_erasure_goes_by_is_not_forgotten_for_it() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &visit(0, &[(1, "Budi Santoso"), (2, "Siti Rahma")]))
        .await;
    let key = shop.deps.phone_key().await.unwrap().clone();
    let own = key.short_hash(PHONE);
    // An erasure has begun with one, and come as far as the profile with the other.
    shop.change(1, |customer| assert!(customer.former_numbers.insert(own.clone())))
        .await;
    shop.change(2, |customer| {
        customer.former_numbers.insert(own.clone());
        assert!(customer.erase(moment("2026-11-23T09:00")));
    })
    .await;
    shop.enriched(day(0)).await;
    for guest in [1, 2] {
        let customer = shop.deps.customers.find(&id(guest)).await.unwrap().unwrap();
        assert_eq!(customer.former_numbers.len(), 1, "{guest}");
    }
}

#[tokio::test]
async fn an_erased_guest_whom_a_dead_night_left_in_a_book_is_out_of_it_when_somebody_looks() {
    let mut shop = Shop::open().await;
    let guests = [(1, "Budi Santoso"), (2, "Siti Rahma")];
    shop.evening(day(0), &visit(0, &guests)).await;
    shop.enriched(day(0)).await;
    shop.change(1, |customer| assert!(customer.erase(moment("2026-11-23T09:00"))))
        .await;
    shop.evening(day(1), &visit(1, &[(2, "Siti Rahma")])).await;
    shop.enriched(day(1)).await;
    assert_eq!(
        shop.book(PHONE).await.members.into_keys().collect::<Vec<_>>(),
        [id(2)]
    );
}

#[tokio::test]
async fn of_a_number_that_very_many_have_all_are_found_and_some_compared() {
    let mut shop = Shop::open().await;
    let many: Vec<Value> = (1..=60)
        .map(|guest| {
            let name = format!("Tamu ke-{guest}");
            to_named(sale(guest, day(0), "12:00"), guest, &name, PHONE)
        })
        .collect();
    shop.evening(day(0), &many).await;
    let (tally, troubles) = shop.enriched(day(0)).await;
    assert_eq!((tally.people, troubles), (60, vec![]));
    let book = shop.book(PHONE).await;
    assert!(book.is_full());
    assert_eq!(book.members.len(), domain::kin::MEMBERS_MAX);
    let found = shop.deps.customers.with_number(PHONE, 60).await.unwrap();
    assert_eq!((found.ids.len(), found.has_more), (60, false));
    let found = shop.deps.customers.with_number(PHONE, 59).await.unwrap();
    assert_eq!((found.ids.len(), found.has_more), (59, true));
}

#[tokio::test]
async fn joining_moves_no_total_and_no_receipt() {
    let mut shop = Shop::open().await;
    let guests = [(1, "Budi Santoso"), (2, "Budi Santoso")];
    shop.evening(day(0), &visit(0, &guests)).await;
    let before = [
        shop.deps.customers.find(&id(1)).await.unwrap(),
        shop.deps.customers.find(&id(2)).await.unwrap(),
    ];
    shop.enriched(day(0)).await;
    assert_eq!(shop.groups(PHONE).await.len(), 1);
    let after = [
        shop.deps.customers.find(&id(1)).await.unwrap(),
        shop.deps.customers.find(&id(2)).await.unwrap(),
    ];
    assert_eq!(after, before);
}
