//! Habits follow pages and answers.

use std::collections::BTreeMap;

use domain::feedback::Answer;
use domain::habit::Portrait;
use domain::outlet::Outlet;
use domain::when::BusinessDate;
use serde_json::Value;

use super::guests::{changed, id, of_dish, to};
use crate::enrich;
use crate::reconcile::tests::shop::{OUTLET, Shop, day, file, sale};

fn dishes(dishes: &[(&str, u32)]) -> BTreeMap<String, u32> {
    let dishes = dishes.iter();
    dishes.map(|(dish, times)| ((*dish).to_owned(), *times)).collect()
}

/// Lunch of guest 7, twice soto, and of guest 8.
fn lunch(on: BusinessDate) -> Vec<Value> {
    vec![
        to(of_dish(sale(1, on, "12:01"), "Soto Ayam"), 7),
        to(of_dish(sale(2, on, "12:02"), "Soto Ayam"), 7),
        to(of_dish(sale(3, on, "12:03"), "Es Teh"), 8),
        sale(4, on, "12:04"),
    ]
}

#[tokio::test]
async fn what_guests_ate_and_said_is_known_after_the_night() {
    let mut shop = Shop::open().await;
    let sales = lunch(day(0));
    shop.evening(day(0), &sales).await;
    shop.rates(&sales[0], day(0), 4).await;
    let (tally, troubles) = shop.enriched(day(0)).await;
    assert_eq!((tally.people, tally.joined, troubles), (2, 0, vec![]));
    assert_eq!(shop.ate(7, day(0)).await, dishes(&[("Soto Ayam", 2)]));
    assert_eq!(shop.ate(8, day(0)).await, dishes(&[("Es Teh", 1)]));
    assert_eq!(shop.stars(7).await, [4]);
    let customer = shop.deps.customers.find(&id(7)).await.unwrap().unwrap();
    let portrait = Portrait::of(&customer, &shop.habit(7).await.unwrap(), day(1));
    assert_eq!(portrait.favourites, [("Soto Ayam".to_owned(), 2)]);
    assert_eq!(
        (portrait.visits, portrait.answers, portrait.recency_days),
        (2, 1, Some(1))
    );
}

#[tokio::test]
async fn a_night_with_nothing_new_writes_nothing_and_counts_nobody() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &lunch(day(0))).await;
    shop.enriched(day(0)).await;
    let written = shop.written();
    let (tally, _) = shop.enriched(day(1)).await;
    assert_eq!((tally.people, shop.written()), (0, written));
}

#[tokio::test]
async fn a_refund_and_a_void_are_seen_the_next_night_and_later_ones_too() {
    let mut shop = Shop::open().await;
    let sales = lunch(day(0));
    shop.evening(day(0), &sales).await;
    shop.enriched(day(0)).await;
    shop.at("2026-11-23T10:00");
    let at = "2026-11-23T09:00:00.000+07:00";
    let voided = changed(sales[0].clone(), at, "is_deleted", true);
    shop.take("incoming/moka-7/void.json", file(&[voided])).await;
    let (tally, _) = shop.enriched(day(1)).await;
    assert_eq!(tally.people, 2, "guests of the day that changed");
    assert_eq!(shop.ate(7, day(0)).await, dishes(&[("Soto Ayam", 1)]));
    for night in 2..9 {
        shop.enriched(day(night)).await;
    }
    shop.at("2026-12-01T10:00");
    let late = "2026-12-01T09:00:00.000+07:00";
    let mut given_back = changed(sales[1].clone(), late, "is_refunded", true);
    given_back["refund_amount"] = 20_000.into();
    shop.take("incoming/moka-7/refund.json", file(&[given_back]))
        .await;
    shop.enriched(day(9)).await;
    assert_eq!(shop.ate(7, day(0)).await, dishes(&[]));
    assert_eq!(shop.ate(8, day(0)).await, dishes(&[("Es Teh", 1)]));
}

#[tokio::test]
async fn an_answer_is_seen_the_next_night_though_no_page_has_changed() {
    let mut shop = Shop::open().await;
    let sales = lunch(day(0));
    shop.evening(day(0), &sales).await;
    shop.enriched(day(0)).await;
    shop.at("2026-11-23T10:00");
    shop.rates(&sales[0], day(0), 2).await;
    shop.enriched(day(1)).await;
    assert_eq!(shop.stars(7).await, [2]);
    shop.at("2026-11-24T10:00");
    shop.rates(&sales[0], day(0), 5).await;
    shop.enriched(day(2)).await;
    assert_eq!(shop.stars(7).await, [5], "revised");
    for night in 3..20 {
        shop.enriched(day(night)).await;
    }
    // Long after the day, by a link of thirty days.
    shop.at("2026-12-12T10:00");
    shop.rates(&sales[1], day(0), 3).await;
    shop.enriched(day(20)).await;
    assert_eq!(shop.stars(7).await, [5, 3]);
}

#[tokio::test]
async fn an_answer_by_a_link_that_holds_for_long_is_seen_too() {
    let mut shop = Shop::open().await;
    let described = Outlet {
        link_days: Some(60),
        ..Outlet::undescribed(OUTLET, None, None)
    };
    let described = shop.deps.outlets.describe(&described, 1, "test").await;
    described.unwrap();
    let sales = lunch(day(0));
    shop.evening(day(0), &sales).await;
    shop.enriched(day(0)).await;
    shop.at("2027-01-19T10:00");
    shop.rates(&sales[0], day(0), 2).await;
    shop.enriched(day(58)).await;
    assert_eq!(shop.stars(7).await, [2]);
}

#[tokio::test]
async fn who_is_not_on_the_page_any_more_ate_nothing_that_day() {
    let mut shop = Shop::open().await;
    let sales = lunch(day(0));
    shop.evening(day(0), &sales).await;
    shop.enriched(day(0)).await;
    shop.at("2026-11-23T10:00");
    // It was guest 9, and not 8.
    let at = "2026-11-23T09:00:00.000+07:00";
    let other = changed(to(sales[2].clone(), 9), at, "customer_id", 9);
    shop.take("incoming/moka-7/other.json", file(&[other])).await;
    shop.enriched(day(1)).await;
    assert_eq!(shop.ate(8, day(0)).await, dishes(&[]));
    assert_eq!(shop.ate(9, day(0)).await, dishes(&[("Es Teh", 1)]));
}

/// The habits of both guests after nights in some order.
async fn habits_after(nights: &[i32]) -> Vec<domain::habit::Habit> {
    let mut shop = Shop::open().await;
    for back in -2..=0 {
        shop.evening(day(back), &lunch(day(back))).await;
        let first = &lunch(day(back))[0];
        shop.rates(first, day(back), u8::try_from(back + 4).unwrap())
            .await;
    }
    for night in nights {
        let night = shop.begin(day(*night));
        // What was taken is forgotten: every day is taken again.
        shop.deps
            .bookmarks
            .put(&format!("enrich#{OUTLET}"), "{}")
            .await
            .unwrap();
        enrich::outlet(OUTLET, night.date, &night, &shop.deps)
            .await
            .unwrap();
    }
    let mut habits = Vec::new();
    for guest in [7, 8] {
        habits.push(shop.habit(guest).await.unwrap());
    }
    habits
}

#[tokio::test]
async fn nights_in_any_order_and_again_come_to_the_same() {
    let expected = habits_after(&[0]).await;
    assert_eq!(expected[0].days.len(), 3);
    for nights in [&[-2, -1, 0][..], &[0, -1, -2], &[-1, 0, 0, -2, 0]] {
        assert_eq!(habits_after(nights).await, expected, "{nights:?}");
    }
}

#[tokio::test]
async fn a_first_file_of_many_weeks_is_taken_as_a_whole() {
    let mut shop = Shop::open().await;
    let weeks = (-60..=0).flat_map(|back| lunch(day(back)));
    let all: Vec<Value> = weeks.collect();
    shop.at("2026-11-22T20:00");
    let export = shop.take("incoming/moka-7/all.json", file(&all)).await;
    assert!(
        export.days_total > 60 && export.days.len() < 60,
        "it names only some"
    );
    shop.enriched(day(0)).await;
    assert_eq!(shop.habit(7).await.unwrap().days.len(), 61);
}

#[tokio::test]
async fn a_day_of_many_guests_is_taken_in_groups() {
    let mut shop = Shop::open().await;
    let guests = 1..=430_u32;
    let sales = guests.map(|guest| {
        let time = format!("{}:{:02}", 10 + guest / 60, guest % 60);
        to(sale(guest, day(0), &time), guest)
    });
    shop.evening(day(0), &sales.collect::<Vec<_>>()).await;
    let before = shop.world.clients.meter().read().requests;
    let (tally, _) = shop.enriched(day(0)).await;
    assert_eq!(tally.people, 430);
    for guest in [1, 100, 101, 430] {
        assert_eq!(shop.ate(guest, day(0)).await.len(), 1, "{guest}");
    }
    let requests = shop.world.clients.meter().read().requests - before;
    // A book of its own for each number, and not a request more for each guest.
    assert!((430..520).contains(&requests), "{requests}");
}

#[tokio::test]
async fn an_answer_about_nothing_that_is_known_changes_no_habit() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &lunch(day(0))).await;
    shop.rates(&sale(99, day(0), "12:00"), day(0), 1).await;
    let (tally, troubles) = shop.enriched(day(0)).await;
    assert_eq!((tally.people, troubles), (2, vec![]));
    assert_eq!(shop.stars(7).await, [0_u8; 0]);
    let answers: Vec<Answer> = shop
        .deps
        .feedback
        .of_day(&(OUTLET.to_owned(), day(0)))
        .await
        .unwrap();
    assert_eq!(answers.len(), 1);
}
