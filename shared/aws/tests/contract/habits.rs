//! Habits: written many at a time, each over the version that was read, and deleted when they have to go.

use std::collections::BTreeMap;

use aws::customers::{Customers, StoredCustomer};
use aws::habits::{Habits, StoredHabit};
use domain::habit::{Habit, HabitDay, Rated};
use testkit::Stores;

use crate::support::day;

/// A habit of one dish, to be written over a version.
fn habit(dish: &str, version: u64) -> StoredHabit {
    let rated = Rated {
        overall: Some(5),
        dishes: vec![(dish.to_owned(), 4)],
    };
    let on_day = HabitDay {
        page_version: 3,
        dishes: BTreeMap::from([(dish.to_owned(), 2)]),
        said: vec![rated],
    };
    let days = BTreeMap::from([(day("1", "2025-10-28"), on_day)]);
    StoredHabit {
        habit: Habit { days },
        version,
    }
}

fn one(id: &str, stored: StoredHabit) -> Vec<(String, StoredHabit)> {
    vec![(id.to_owned(), stored)]
}

#[tokio::test]
async fn of_many_habits_those_that_came_too_late_are_named_and_the_others_are_written() {
    let stores = Stores::start().await;
    let habits = Habits::new(&stores.clients);
    let many: Vec<_> = (0..60)
        .map(|n| (format!("OYAKO_{n}"), habit("Oyakodon", 0)))
        .collect();
    assert_eq!(habits.write(&many).await.unwrap(), [""; 0]);
    let mut next = many.clone();
    for (n, (_, stored)) in next.iter_mut().enumerate() {
        *stored = habit("Katsudon", u64::from(n % 10 != 0));
    }
    let lost = habits.write(&next).await.unwrap();
    assert_eq!(
        lost,
        [
            "OYAKO_0", "OYAKO_10", "OYAKO_20", "OYAKO_30", "OYAKO_40", "OYAKO_50"
        ]
    );
    let mut ids: Vec<String> = many.iter().map(|(id, _)| id.clone()).collect();
    ids.push("nobody".to_owned());
    let stored = habits.read(&ids).await.unwrap();
    assert_eq!(stored.len(), 60);
    for (id, was) in &many {
        let expected = if lost.contains(id) {
            (&was.habit, 1)
        } else {
            (&habit("Katsudon", 0).habit, 2)
        };
        assert_eq!((&stored[id].habit, stored[id].version), expected, "{id}");
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_deleted_habit_is_gone_and_nobody_who_read_it_before_brings_it_back() {
    let stores = Stores::start().await;
    let (habits, customers) = (Habits::new(&stores.clients), Customers::new(&stores.clients));
    let customer = ("a".to_owned(), StoredCustomer::default());
    customers.write(&[customer]).await.unwrap();
    habits.write(&one("a", habit("Oyakodon", 0))).await.unwrap();
    assert!(habits.delete("a").await.unwrap());
    assert!(!habits.delete("a").await.unwrap());
    let late = habits.write(&one("a", habit("Katsudon", 1))).await.unwrap();
    assert_eq!(late, ["a"]);
    assert_eq!(habits.find("a").await.unwrap(), None);
    assert!(customers.find("a").await.unwrap().is_some(), "who they are stays");
    stores.stop().await;
}
