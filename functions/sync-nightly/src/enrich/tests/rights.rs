//! What a person asked for stands against the night.

use std::collections::{BTreeMap, BTreeSet};

use domain::customer::Customer;
use domain::habit::HabitDay;
use serde_json::Value;

use super::guests::{PHONE, changed, id, to, to_named};
use crate::enrich::guests::{Groups, Guests, Known, undo};
use crate::reconcile::tests::shop::{OUTLET, Shop, day, file, moment, outlet_day, sale};

fn visit(guest: u32, days: i32) -> Value {
    to(sale(guest, day(days), "12:00"), guest)
}

fn erase(customer: &mut Customer) {
    assert!(customer.erase(moment("2026-11-23T09:00")));
}

#[tokio::test]
async fn who_restricted_or_objected_is_passed_over() {
    let mut shop = Shop::open().await;
    let sales: Vec<Value> = (1..=3).map(|guest| visit(guest, 0)).collect();
    shop.evening(day(0), &sales).await;
    shop.change(1, |customer| customer.rights.restricted_ms = Some(1))
        .await;
    shop.change(2, |customer| customer.rights.objected_ms = Some(1))
        .await;
    let (tally, _) = shop.enriched(day(0)).await;
    assert_eq!(tally.people, 1);
    assert_eq!((shop.habit(1).await, shop.habit(2).await), (None, None));
    assert_eq!(shop.ate(3, day(0)).await.len(), 1);
}

#[tokio::test]
async fn an_erased_guest_stays_erased_whatever_changes_on_their_days() {
    let mut shop = Shop::open().await;
    let sales = [visit(1, 0), visit(2, 0)];
    shop.evening(day(0), &sales).await;
    shop.enriched(day(0)).await;
    shop.change(1, erase).await;
    assert!(shop.deps.habits.delete(&id(1)).await.unwrap());
    shop.at("2026-11-23T10:00");
    let at = "2026-11-23T09:30:00.000+07:00";
    let revised = changed(sales[0].clone(), at, "payment_no", "B-1");
    shop.take(
        "incoming/moka-7/b.json",
        file(&[revised, to(sale(3, day(0), "13:00"), 1)]),
    )
    .await;
    let (tally, _) = shop.enriched(day(1)).await;
    assert_eq!((tally.people, shop.habit(1).await), (1, None));
}

#[tokio::test]
async fn habits_that_an_erasure_left_behind_are_gone_after_the_night() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &[visit(1, 0)]).await;
    shop.enriched(day(0)).await;
    shop.change(1, erase).await;
    shop.evening(day(1), &[visit(1, 1)]).await;
    shop.enriched(day(1)).await;
    assert_eq!(shop.habit(1).await, None, "the twenty-third had begun");
    // Who comes again later is known by that visit alone.
    shop.evening(day(3), &[visit(1, 3)]).await;
    shop.enriched(day(3)).await;
    let habit = shop.habit(1).await.unwrap();
    let days: Vec<_> = habit.days.into_keys().collect();
    assert_eq!(days, [(OUTLET.to_owned(), day(3))]);
}

/// Budi and another id of his, on a day.
fn budi(days: i32, guests: impl IntoIterator<Item = u32>) -> Vec<Value> {
    let sale = |guest| to_named(sale(guest, day(days), "12:00"), guest, "Budi Santoso", PHONE);
    guests.into_iter().map(sale).collect()
}

#[tokio::test]
async fn what_was_asked_for_reaches_an_id_that_joins_later() {
    type Asked = fn(&mut Customer);
    let asked: [Asked; 2] = [
        |customer| customer.rights.restricted_ms = Some(1),
        |customer| customer.rights.objected_ms = Some(1),
    ];
    for ask in asked {
        let mut shop = Shop::open().await;
        shop.evening(day(0), &budi(0, [1])).await;
        // Before a night has met them, and they come once more.
        shop.change(1, ask).await;
        let (tally, _) = shop.enriched(day(0)).await;
        assert_eq!(tally.people, 0);
        shop.evening(day(1), &budi(1, [2])).await;
        let (tally, _) = shop.enriched(day(1)).await;
        assert_eq!((tally.people, tally.joined), (0, 1));
        assert_eq!(shop.groups(PHONE).await, [[id(1), id(2)]]);
        assert_eq!((shop.habit(1).await, shop.habit(2).await), (None, None));
        let people = edge::people::People::new(&shop.world.clients);
        let rights = people.rights_of(&[id(2)]).await.unwrap();
        assert!(!rights[&id(2)].allow_enrichment(), "no contact, by the same rule");
        let person = people.person(&id(2), day(1)).await.unwrap().unwrap();
        assert_eq!(person.portrait.class, None);
    }
}

#[tokio::test]
async fn habits_of_any_id_go_when_somebody_objected_under_one_of_them() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &[visit(3, 0)]).await;
    shop.evening(day(1), &budi(1, [1, 2])).await;
    shop.enriched(day(1)).await;
    assert!(shop.habit(1).await.is_some() && shop.habit(2).await.is_some());
    shop.change(2, |customer| customer.rights.objected_ms = Some(1))
        .await;
    // The one without a wish of their own comes again.
    shop.evening(day(2), &budi(2, [1])).await;
    shop.enriched(day(2)).await;
    assert_eq!((shop.habit(1).await, shop.habit(2).await), (None, None));
    assert!(shop.habit(3).await.is_some());
}

#[tokio::test]
async fn who_restricted_keeps_their_habits_under_every_id_and_gets_nothing_new() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &budi(0, [1, 2])).await;
    shop.enriched(day(0)).await;
    let before = (shop.habit(1).await, shop.habit(2).await);
    assert!(before.0.is_some() && before.1.is_some());
    shop.change(2, |customer| customer.rights.restricted_ms = Some(1))
        .await;
    // The one without a wish of their own comes again, and so does the other.
    shop.evening(day(1), &budi(1, [1, 2])).await;
    let (tally, _) = shop.enriched(day(1)).await;
    assert_eq!(tally.people, 0);
    assert_eq!((shop.habit(1).await, shop.habit(2).await), before);
    shop.change(2, |customer| customer.rights.restricted_ms = None)
        .await;
    shop.evening(day(2), &budi(2, [1])).await;
    shop.enriched(day(2)).await;
    let days: Vec<_> = shop.habit(1).await.unwrap().days.into_keys().collect();
    let wanted = [0, 2].map(|days| (OUTLET.to_owned(), day(days)));
    assert_eq!(days, wanted, "what was is there, and what is new comes to it");
}

#[tokio::test]
async fn a_restriction_keeps_nothing_that_an_erasure_ends() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &[visit(1, 0)]).await;
    shop.enriched(day(0)).await;
    shop.change(1, erase).await;
    shop.change(1, |customer| customer.rights.restricted_ms = Some(1))
        .await;
    shop.evening(day(3), &[visit(1, 3)]).await;
    shop.enriched(day(3)).await;
    assert_eq!(shop.habit(1).await, None);
}

/// What a night knows of guests on a day before it writes.
async fn read(shop: &Shop, guests: [u32; 2]) -> (Vec<(String, HabitDay)>, Known) {
    let counted = guests.map(|guest| {
        let dishes = BTreeMap::from([("Soto".to_owned(), guest)]);
        let eaten = HabitDay {
            page_version: 9,
            dishes,
            ..HabitDay::default()
        };
        (id(guest), eaten)
    });
    let known = Known::read(&guests.map(id), &shop.deps).await.unwrap();
    (counted.into(), known)
}

#[tokio::test]
async fn an_erasure_between_the_reading_and_the_writing_leaves_no_habit() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &[visit(1, 0)]).await;
    shop.enriched(day(0)).await;
    shop.evening(day(1), &[visit(1, 1), visit(2, 1)]).await;
    // The first has habits, the second would get them now.
    let (counted, known) = read(&shop, [1, 2]).await;
    for guest in [1, 2] {
        shop.change(guest, |customer| {
            assert!(customer.erase(moment("2026-11-24T09:00")));
        })
        .await;
        shop.deps.habits.delete(&id(guest)).await.unwrap();
    }
    let (on, groups) = (outlet_day(day(1)), Groups::new());
    let taken = Guests::take(&on, &counted, known, &groups, &shop.deps)
        .await
        .unwrap();
    assert_eq!(shop.habit(1).await, None, "its version was gone");
    assert_eq!(taken.new_habits, BTreeSet::from([id(2)]));
    let news = BTreeMap::from([(id(2), None)]);
    undo(&on, &news, &groups, &shop.deps).await.unwrap();
    assert_eq!(shop.habit(2).await, None);
}

#[tokio::test]
async fn who_is_erased_or_renumbered_or_objects_in_the_very_moment_keeps_nothing() {
    let mut shop = Shop::open().await;
    let mut sales = budi(0, [1, 2]);
    sales.extend([3, 4, 5].map(|guest| {
        let name = format!("Tamu {guest}");
        to_named(sale(guest, day(0), "12:00"), guest, &name, PHONE)
    }));
    shop.evening(day(0), &sales).await;
    shop.enriched(day(0)).await;
    shop.change(1, erase).await;
    shop.change(3, |customer| {
        customer.profile.phone.as_mut().unwrap().value = "+6281387654029".to_owned();
    })
    .await;
    shop.change(4, |customer| customer.rights.objected_ms = Some(1))
        .await;
    shop.change(5, |customer| customer.rights.restricted_ms = Some(1))
        .await;
    let hash = shop.deps.phone_key().await.unwrap().short_hash(PHONE);
    let news = (1..=5).map(|guest| (id(guest), Some(hash.clone())));
    let news: BTreeMap<String, Option<String>> = news.collect();
    for _ in 0..2 {
        let done = undo(&outlet_day(day(0)), &news, &Groups::new(), &shop.deps).await;
        done.unwrap();
        assert_eq!((shop.habit(1).await, shop.habit(4).await), (None, None));
        assert!(shop.habit(2).await.is_some() && shop.habit(3).await.is_some());
        assert!(shop.habit(5).await.is_some(), "what was noted before is kept");
        let members: BTreeSet<String> = shop.book(PHONE).await.members.into_keys().collect();
        assert_eq!(members, BTreeSet::from([id(2), id(4), id(5)]));
    }
}
