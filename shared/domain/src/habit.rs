//! What a customer likes: dishes and ratings by day, and the portrait made of them.
//!
//! Like every figure, a day is recounted from its receipts and never counted up, so that replay, refund and
//! correction leave it exact. A habit holds no personal data but the customer's id under which it is kept.

mod class;
mod pack;
mod portrait;

use std::collections::{BTreeMap, BTreeSet};

use crate::customer::OutletDay;
use crate::feedback::{Answer, Standing, dishes, standing};
use crate::page::Receipts;

pub use class::{RFM_DAYS, RFM_RULES, RfmClass, RfmRule};
pub use pack::HabitError;
pub use portrait::{FAVOURITES_MAX, Portrait};

/// How many days a habit remembers, the newest.
pub const DAYS_MAX: usize = 100;

/// How many dishes of a day are remembered: those on the most receipts, by name among equals.
pub const DISHES_MAX: usize = 40;

/// How many answers of a day are remembered: the first by the receipts' ids.
pub const ANSWERS_MAX: usize = 20;

/// What a customer said of one receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rated {
    /// The visit as a whole, one to five.
    pub overall: Option<u8>,
    /// Dishes that stayed bought, one to five, by the menu's name; variants of one menu stand beside each
    /// other.
    pub dishes: Vec<(String, u8)>,
}

/// What a customer ate and said at one outlet on one business date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HabitDay {
    /// The version of what this was counted from: of the page, with those of the day's answers added to it.
    pub page_version: u64,
    /// By dish, by the menu's name: on how many receipts.
    pub dishes: BTreeMap<String, u32>,
    /// What was said, in the order of the receipts' ids.
    pub said: Vec<Rated>,
}

/// The dishes and ratings of a customer's latest days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habit {
    /// By outlet and business date; at most [`DAYS_MAX`].
    pub days: BTreeMap<OutletDay, HabitDay>,
}

impl Habit {
    /// Sets a day, as counted from a version of the day's page. A count from an older version than the one
    /// known changes nothing; one from the same version does, for answers come without a new page. Returns
    /// whether anything changed.
    ///
    /// Of more than [`DAYS_MAX`] days the newest stay, whatever the order in which they are set. A day with
    /// nothing in it stays where there was one, so that an older count can't come back.
    pub fn set_day(&mut self, day: &OutletDay, counted: HabitDay) -> bool {
        match self.days.get(day) {
            Some(known) if known.page_version > counted.page_version => return false,
            Some(known) if known.says_the_same(&counted) => return false,
            None if counted.is_empty() => return false,
            _ => {}
        }
        self.days.insert(day.clone(), counted);
        if self.days.len() <= DAYS_MAX {
            return true;
        }
        let oldest = self.days.keys().min_by_key(|(outlet, date)| (*date, outlet));
        let Some(oldest) = oldest.cloned() else {
            return true;
        };
        self.days.remove(&oldest);
        oldest != *day
    }
}

impl HabitDay {
    /// Whether nothing was eaten or said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dishes.is_empty() && self.said.is_empty()
    }

    fn says_the_same(&self, other: &Self) -> bool {
        self.dishes == other.dishes && self.said == other.said
    }

    fn bound(&mut self) {
        self.said.truncate(ANSWERS_MAX);
        if self.dishes.len() <= DISHES_MAX {
            return;
        }
        let mut dishes: Vec<(String, u32)> = std::mem::take(&mut self.dishes).into_iter().collect();
        dishes.sort_by(|(a, times_a), (b, times_b)| times_b.cmp(times_a).then_with(|| a.cmp(b)));
        dishes.truncate(DISHES_MAX);
        self.dishes = dishes.into_iter().collect();
    }
}

/// What each customer named on a page ate and said that day. Dishes that were voided or wholly given back, and
/// receipts that can't be answered, count for nothing; a customer of whom nothing is left has an empty day, so
/// that an earlier count of it can be replaced.
#[must_use]
pub fn habit_days_of(
    receipts: &Receipts,
    answers: &[Answer],
    page_version: u64,
) -> BTreeMap<String, HabitDay> {
    let answers: BTreeMap<&str, &Answer> = answers
        .iter()
        .map(|answer| (answer.place.native.as_str(), answer))
        .collect();
    let mut days: BTreeMap<String, HabitDay> = BTreeMap::new();
    for (native, receipt) in receipts {
        let head = receipt.head.as_ref().map(|head| &head.value);
        let Some(customer) = head.and_then(|head| head.customer.as_ref()) else {
            continue;
        };
        let day = days.entry(customer.clone()).or_default();
        day.page_version = page_version;
        if standing(receipt) != Standing::Open {
            continue;
        }
        let bought = dishes(receipt);
        let menus: BTreeSet<&str> = bought.iter().map(|dish| dish.key.menu.as_str()).collect();
        for menu in menus {
            let times = day.dishes.entry(menu.to_owned()).or_default();
            *times = times.saturating_add(1);
        }
        let said = answers.get(native.as_str()).map(|answer| answer.effective());
        let said = said.unwrap_or_default();
        let stars = bought.iter().filter_map(|dish| {
            let stars = said.dishes.get(&dish.key)?;
            Some((dish.key.menu.clone(), *stars))
        });
        let mut rated = Rated {
            overall: said.overall,
            dishes: stars.collect(),
        };
        rated.dishes.sort();
        if rated != Rated::default() {
            day.said.push(rated);
        }
    }
    for day in days.values_mut() {
        day.bound();
    }
    days
}
