//! A customer as their receipts and answers show them: computed when it is read, stored nowhere.

use std::collections::BTreeMap;

use super::class::{Measures, RFM_DAYS, RfmClass, class_of};
use super::{Habit, HabitDay};
use crate::customer::{Customer, Visit};
use crate::money::{Money, sum};
use crate::satisfaction::Stars;
use crate::when::BusinessDate;

/// How many favourite dishes a portrait has.
pub const FAVOURITES_MAX: usize = 5;

/// A customer's habits at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portrait {
    /// How many sales in all.
    pub visits: u64,
    /// What they came to, less what was given back; `None` when it leaves the range of [`Money`].
    pub spend: Option<Money>,
    /// The business date of the first visit.
    pub first_visit: Option<BusinessDate>,
    /// The business date of the last visit.
    pub last_visit: Option<BusinessDate>,
    /// Days since the last visit; never less than zero.
    pub recency_days: Option<i32>,
    /// The dishes on the most receipts of the days remembered, with how many; by name among equals.
    pub favourites: Vec<(String, u32)>,
    /// Ratings of visits as a whole, of the days remembered. Their mean is [`Stars::mean`].
    pub said: Stars,
    /// How many receipts of the days remembered were rated, as a whole or by dish.
    pub answers: u32,
    /// What kind of customer it is; `None` without a visit, and for who objected to being classified or had
    /// their data restricted.
    pub class: Option<RfmClass>,
}

impl Portrait {
    /// The portrait of a customer as of a date. A day of the habit counts as long as the customer's own days
    /// have a visit on it. Who may not be enriched has no favourites, ratings or class.
    #[must_use]
    pub fn of(customer: &Customer, habit: &Habit, today: BusinessDate) -> Self {
        let visited = || customer.days.iter().filter(|(_, visit)| visit.visits > 0);
        let dates = || visited().map(|((_, date), _)| *date);
        let (first_visit, last_visit) = (dates().min(), dates().max());
        let mut portrait = Self {
            visits: customer.visits(),
            spend: customer.total(),
            first_visit,
            last_visit,
            recency_days: last_visit.map(|last| days_between(last, today)),
            favourites: Vec::new(),
            said: Stars::default(),
            answers: 0,
            class: None,
        };
        if !customer.rights.allow_enrichment() {
            return portrait;
        }
        let days = habit.days.iter();
        let counted = days.filter(|(day, _)| customer.days.get(*day).is_some_and(|visit| visit.visits > 0));
        portrait.add_habit(counted.map(|(_, day)| day));
        if let (Some(first), Some(last)) = (first_visit, last_visit) {
            let lately = || {
                visited()
                    .filter(|((_, date), _)| days_between(*date, last) < RFM_DAYS)
                    .map(|(_, visit): (_, &Visit)| visit)
            };
            portrait.class = Some(class_of(&Measures {
                days_since: days_between(last, today),
                days_known: days_between(first, today),
                visits: lately().map(|visit| u64::from(visit.visits)).sum(),
                spend: sum(lately().map(|visit| visit.total)),
            }));
        }
        portrait
    }

    fn add_habit<'a>(&mut self, days: impl Iterator<Item = &'a HabitDay>) {
        let mut times: BTreeMap<&str, u32> = BTreeMap::new();
        for day in days {
            for (dish, more) in &day.dishes {
                let known = times.entry(dish).or_default();
                *known = known.saturating_add(*more);
            }
            for rated in &day.said {
                self.answers = self.answers.saturating_add(1);
                if let Some(overall) = rated.overall {
                    self.said.add(overall);
                }
            }
        }
        let mut favourites: Vec<(&str, u32)> = times.into_iter().collect();
        // Stable: equal counts stay in the order of names.
        favourites.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        favourites.truncate(FAVOURITES_MAX);
        self.favourites = favourites
            .into_iter()
            .map(|(dish, times)| (dish.to_owned(), times))
            .collect();
    }
}

/// Days from one date to another; zero where a clock ran ahead.
fn days_between(from: BusinessDate, to: BusinessDate) -> i32 {
    to.days_since_epoch()
        .saturating_sub(from.days_since_epoch())
        .max(0)
}
