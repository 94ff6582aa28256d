//! Habits: what a day counts, what is remembered, and the portrait made of it.

use crate::feedback_support::{answer, dish, line, paid, pieces, rupiah, said, told, with_head};
use domain::customer::{Customer, Visit};
use domain::feedback::{Answer, Said};
use domain::habit::{
    ANSWERS_MAX, DAYS_MAX, DISHES_MAX, Habit, HabitDay, HabitError, Portrait, RFM_RULES, Rated, RfmClass,
    habit_days_of,
};
use domain::page::Receipts;
use domain::receipt::{Line, Receipt, Status};
use domain::when::BusinessDate;
use proptest::prelude::*;

const SITI: &str = "OYAKO_MOKA_1";

fn date(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

fn bought(by: &str, lines: Vec<Line>) -> Receipt {
    with_head(paid(lines), |head| head.customer = Some(by.to_owned()))
}

fn page(receipts: &[(&str, Receipt)]) -> Receipts {
    let receipts = receipts.iter();
    receipts
        .map(|(id, receipt)| ((*id).to_owned(), receipt.clone()))
        .collect()
}

fn guest(native: &str, said: Said) -> Answer {
    answer(native).with_guest(said).unwrap()
}

fn ate(page_version: u64, dishes: &[(&str, u32)]) -> HabitDay {
    HabitDay {
        page_version,
        dishes: dishes
            .iter()
            .map(|(name, times)| ((*name).to_owned(), *times))
            .collect(),
        said: Vec::new(),
    }
}

#[test]
fn a_day_holds_what_each_customer_ate_and_said() {
    let receipts = page(&[
        (
            "1",
            bought(
                SITI,
                vec![line("Sate", "", 5), line("Nasi", "Pedas", 1), line("Nasi", "", 1)],
            ),
        ),
        ("2", bought(SITI, vec![line("Nasi", "", 2)])),
        ("3", bought("OYAKO_MOKA_2", vec![line("Es Teh", "", 1)])),
        ("4", paid(vec![line("Sate", "", 1)])),
    ]);
    let rated = Said {
        dishes: [
            (dish("Nasi", "Pedas"), 2),
            (dish("Nasi", ""), 4),
            (dish("Soto", ""), 1),
        ]
        .into(),
        ..said(1, 5, &[])
    };
    let answers = [
        guest("1", rated),
        answer("2").with_pos(told(0, &[("Nasi", 3)], None)),
        guest("4", said(1, 1, &[])),
        guest("9", said(1, 1, &[])),
    ];
    let days = habit_days_of(&receipts, &answers, 7);
    assert_eq!(days.keys().collect::<Vec<_>>(), [SITI, "OYAKO_MOKA_2"]);
    let wanted = HabitDay {
        said: vec![
            Rated {
                overall: Some(5),
                dishes: vec![("Nasi".to_owned(), 2), ("Nasi".to_owned(), 4)],
            },
            Rated {
                overall: None,
                dishes: vec![("Nasi".to_owned(), 3)],
            },
        ],
        ..ate(7, &[("Nasi", 2), ("Sate", 1)])
    };
    assert_eq!(days[SITI], wanted);
    assert_eq!(days["OYAKO_MOKA_2"], ate(7, &[("Es Teh", 1)]));
}

#[test]
fn what_was_voided_or_given_back_counts_for_nothing() {
    let two = || vec![line("Sate", "", 1), line("Nasi", "", 1)];
    let voided = Line {
        voided: true,
        ..line("Sate", "", 1)
    };
    let given_back = Line {
        refunded_qty: pieces(1),
        ..line("Sate", "", 1)
    };
    let cases = [
        (bought(SITI, two()), vec![("Nasi", 1), ("Sate", 1)]),
        (bought(SITI, vec![voided, line("Nasi", "", 1)]), vec![("Nasi", 1)]),
        (
            bought(SITI, vec![given_back, line("Nasi", "", 1)]),
            vec![("Nasi", 1)],
        ),
        (
            with_head(bought(SITI, two()), |head| head.refunded = rupiah(20_000)),
            vec![],
        ),
        (
            with_head(bought(SITI, two()), |head| head.status = Status::Voided),
            vec![],
        ),
        (
            with_head(bought(SITI, two()), |head| head.status = Status::Unpaid),
            vec![],
        ),
    ];
    for (receipt, dishes) in cases {
        let answers = [guest("1", said(1, 1, &[("Sate", 1)]))];
        let days = habit_days_of(&page(&[("1", receipt)]), &answers, 1);
        let counted: Vec<(&str, u32)> = days[SITI]
            .dishes
            .iter()
            .map(|(name, n)| (name.as_str(), *n))
            .collect();
        assert_eq!(counted, dishes, "an empty day replaces an earlier count");
        assert_eq!(days[SITI].said.is_empty(), dishes.is_empty());
        let sate = days[SITI].said.iter().any(|rated| !rated.dishes.is_empty());
        assert_eq!(
            sate,
            dishes.contains(&("Sate", 1)),
            "a dish that was given back is not rated"
        );
    }
}

#[test]
fn a_day_is_bounded() {
    let receipts: Receipts = (0..60)
        .map(|n| {
            let mut lines = vec![line("Tiap Kali", "", 1)];
            lines.extend(
                (0..60)
                    .map(|dish| line(&format!("Menu {dish:02}"), "", 1))
                    .filter(|_| n == 0),
            );
            (format!("{n:02}"), bought(SITI, lines))
        })
        .collect();
    let answers: Vec<Answer> = (0..60)
        .map(|n| guest(&format!("{n:02}"), said(1, 4, &[])))
        .collect();
    let day = &habit_days_of(&receipts, &answers, 1)[SITI];
    assert_eq!((day.dishes.len(), day.said.len()), (DISHES_MAX, ANSWERS_MAX));
    assert_eq!(day.dishes["Tiap Kali"], 60);
    assert!(day.dishes.contains_key("Menu 38") && !day.dishes.contains_key("Menu 39"));
}

#[test]
fn an_older_count_of_a_day_changes_nothing() {
    let day = ("moka-1".to_owned(), date("2026-11-01"));
    let mut habit = Habit::default();
    assert!(!habit.set_day(&day, ate(1, &[])), "nothing where nothing was");
    assert!(habit.set_day(&day, ate(3, &[("Sate", 1)])));
    assert!(!habit.set_day(&day, ate(2, &[("Nasi", 1)])), "older");
    assert!(!habit.set_day(&day, ate(4, &[("Sate", 1)])), "the same");
    let answered = HabitDay {
        said: vec![Rated {
            overall: Some(4),
            dishes: vec![],
        }],
        ..ate(3, &[("Sate", 1)])
    };
    assert!(habit.set_day(&day, answered), "an answer makes no new page");
    assert!(habit.set_day(&day, ate(5, &[])), "all given back");
    assert!(!habit.set_day(&day, ate(4, &[("Sate", 1)])), "and not back again");
    assert!(habit.days[&day].is_empty());
}

fn customer(visits: &[(i32, u32, i64)], today: BusinessDate) -> Customer {
    let days = visits.iter().map(|(days_ago, visits, rupiahs)| {
        let visit = Visit {
            page_version: 1,
            visits: *visits,
            total: rupiah(*rupiahs),
        };
        (("moka-1".to_owned(), today.add_days(-days_ago).unwrap()), visit)
    });
    Customer {
        days: days.collect(),
        ..Customer::default()
    }
}

#[test]
fn the_class_follows_from_the_published_thresholds() {
    use RfmClass::{AtRisk, Lost, Loyal, New, Occasional, Regular};
    let today = date("2026-11-22");
    // Days ago, visits, rupiah; and the class.
    type Known<'a> = (&'a [(i32, u32, i64)], Option<RfmClass>);
    let known: [Known<'_>; 18] = [
        (&[], None),
        (&[(3, 0, 0)], None),
        (&[(0, 1, 50_000)], Some(New)),
        (&[(30, 3, 50_000)], Some(New)),
        (&[(30, 4, 50_000)], Some(Regular)),
        (&[(31, 3, 50_000)], Some(Occasional)),
        (&[(5, 1, 50_000), (31, 1, 50_000)], Some(Occasional)),
        (&[(30, 10, 500_000)], Some(Loyal)),
        (&[(30, 10, 499_999)], Some(Regular)),
        (&[(30, 9, 5_000_000)], Some(Regular)),
        (&[(31, 10, 500_000)], Some(Regular)),
        (&[(60, 4, 0)], Some(Regular)),
        (&[(61, 4, 0)], Some(AtRisk)),
        (&[(180, 4, 0)], Some(AtRisk)),
        (&[(180, 3, 0)], Some(Occasional)),
        (&[(181, 40, 9_000_000)], Some(Lost)),
        // Visits count up to the last one, for half a year.
        (&[(100, 1, 0), (279, 3, 0)], Some(AtRisk)),
        (&[(100, 1, 0), (280, 3, 0)], Some(Occasional)),
    ];
    for (visits, class) in known {
        let portrait = Portrait::of(&customer(visits, today), &Habit::default(), today);
        assert_eq!(portrait.class, class, "{visits:?}");
    }
    let ahead = Portrait::of(&customer(&[(-2, 1, 0)], today), &Habit::default(), today);
    assert_eq!(
        (ahead.class, ahead.recency_days),
        (Some(New), Some(0)),
        "a clock ran ahead"
    );
    let last = RFM_RULES.last().unwrap();
    assert_eq!(
        (
            last.days_since_max,
            last.days_known_max,
            last.visits_min,
            last.rupiah_min
        ),
        (None, None, 0, 0)
    );
}

#[test]
fn a_portrait_shows_what_is_still_true() {
    let today = date("2026-11-22");
    let mut customer = customer(&[(40, 1, 20_000), (10, 2, 70_000), (1, 0, 0)], today);
    let on = |days_ago: i32| ("moka-1".to_owned(), today.add_days(-days_ago).unwrap());
    let mut habit = Habit::default();
    let rated = |overall| Rated {
        overall,
        dishes: vec![("Sate".to_owned(), 5)],
    };
    let days = [
        (
            40,
            &[
                ("Sate", 1),
                ("Bakso", 1),
                ("Ayam", 1),
                ("Gule", 1),
                ("Es", 1),
                ("Teh", 1),
            ][..],
        ),
        (10, &[("Sate", 2), ("Teh", 1)]),
        (1, &[("Given Back", 9)]),
    ];
    for (days_ago, dishes) in days {
        let day = HabitDay {
            said: vec![rated(Some(4)), rated(None)],
            ..ate(1, dishes)
        };
        habit.set_day(&on(days_ago), day);
    }
    let portrait = Portrait::of(&customer, &habit, today);
    assert_eq!((portrait.visits, portrait.spend), (3, Some(rupiah(90_000))));
    assert_eq!(
        (portrait.first_visit, portrait.last_visit),
        (Some(on(40).1), Some(on(10).1))
    );
    assert_eq!(portrait.recency_days, Some(10));
    let favourites: Vec<(&str, u32)> = portrait
        .favourites
        .iter()
        .map(|(dish, n)| (dish.as_str(), *n))
        .collect();
    assert_eq!(
        favourites,
        [("Sate", 3), ("Teh", 2), ("Ayam", 1), ("Bakso", 1), ("Es", 1)]
    );
    assert_eq!((portrait.answers, portrait.said.counts), (4, [0, 0, 0, 2, 0]));
    for objects in [true, false] {
        customer.rights.objected_ms = objects.then_some(1);
        customer.rights.restricted_ms = (!objects).then_some(1);
        let bare = Portrait::of(&customer, &habit, today);
        assert_eq!(
            (bare.class, bare.answers, bare.favourites.len(), bare.visits),
            (None, 0, 0, 3)
        );
    }
}

#[test]
fn a_habit_of_another_format_is_refused() {
    let packed = Habit::default().pack().unwrap();
    assert_eq!(Habit::unpack(&packed).unwrap(), Habit::default());
    assert!(matches!(Habit::unpack(&[]), Err(HabitError::Damaged(_))));
    assert!(matches!(
        Habit::unpack(&[2, 0, 0, 0]),
        Err(HabitError::UnknownFormat(2))
    ));
    let more = [packed.clone(), vec![0]].concat();
    assert!(matches!(Habit::unpack(&more), Err(HabitError::Damaged(_))));
    assert!(matches!(Habit::unpack(&packed[..2]), Err(HabitError::Coding(_))));
    // One day at an outlet that has no name.
    let nameless = [1, 0, 0, 1, 0, 0, 0, 0, 0];
    assert!(matches!(Habit::unpack(&nameless), Err(HabitError::Damaged(_))));
}

fn any_day() -> impl Strategy<Value = HabitDay> {
    let rated = (
        proptest::option::of(1_u8..6),
        prop::collection::vec(("[A-E]", 1_u8..6), 0..3),
    );
    let rated = rated.prop_map(|(overall, dishes)| Rated { overall, dishes });
    let dishes = prop::collection::btree_map("[A-H]", 1_u32..9, 1..4);
    (0_u64..5, dishes, prop::collection::vec(rated, 0..3)).prop_map(|(page_version, dishes, said)| HabitDay {
        page_version,
        dishes,
        said,
    })
}

proptest! {
    #[test]
    fn the_newest_days_stay_in_whatever_order_they_come(
        days in prop::collection::btree_map((0_u8..3, 0_i32..60), any_day(), 0..150), seed: u64,
    ) {
        let all: Vec<_> = days
            .into_iter()
            .map(|((outlet, on), day)| ((format!("moka-{outlet}"), date("2026-01-01").add_days(on).unwrap()), day))
            .collect();
        let set = |days: &[_]| {
            let mut habit = Habit::default();
            for (day, counted) in days {
                habit.set_day(day, HabitDay::clone(counted));
            }
            habit
        };
        let habit = set(&all);
        let mut newest = all.clone();
        newest.sort_by_key(|((outlet, on), _)| std::cmp::Reverse((*on, outlet.clone())));
        newest.truncate(DAYS_MAX);
        prop_assert_eq!(&habit.days, &newest.into_iter().collect());
        let mut shuffled = all;
        let mixed = |on: BusinessDate| (u64::from(on.days_since_epoch() as u32) * 7919) ^ seed;
        shuffled.sort_by_key(|((outlet, on), _)| (mixed(*on), outlet.clone()));
        prop_assert_eq!(&set(&shuffled), &habit);
        let packed = habit.pack().unwrap();
        prop_assert_eq!(Habit::unpack(&packed).unwrap(), habit);
    }

    #[test]
    fn any_bytes_are_a_habit_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(habit) = Habit::unpack(&[vec![1], bytes].concat()) {
            prop_assert_eq!(Habit::unpack(&habit.pack().unwrap()).unwrap(), habit);
        }
    }
}
