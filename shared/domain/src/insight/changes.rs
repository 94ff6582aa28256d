//! Dishes that guests like more, or less, than before.
#![allow(
    clippy::float_arithmetic,
    clippy::disallowed_types,
    reason = "shares of guests are compared; no amount of money comes near"
)]

use super::Insight;
use crate::satisfaction::{self, Change, Share, Stars};

/// A dish of which more guests, or fewer, are satisfied than before.
#[derive(Clone, Debug, PartialEq)]
pub struct DishChange {
    /// Its name.
    pub menu: String,
    /// [`Change::Up`] or [`Change::Down`].
    pub change: Change,
    /// Satisfied guests of the earlier period.
    pub before: Share,
    /// Satisfied guests of the later one.
    pub after: Share,
}

impl DishChange {
    /// How much the share rose; negative where it fell.
    fn rise(&self) -> f64 {
        self.after.interval.value - self.before.interval.value
    }
}

/// What changed from one period to another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// How many dishes could be compared: those with enough ratings in both periods to be shown.
    pub compared: usize,
    /// Those that changed beyond chance: first those that fell, the deepest fall first, then those that rose,
    /// the highest rise first; equal ones by name.
    pub dishes: Vec<DishChange>,
}

/// The dishes that changed from one period to another, held to the limits of [`satisfaction::changes`].
#[must_use]
pub fn changes(before: &Insight, after: &Insight) -> Changes {
    let (names, pairs): (Vec<&String>, Vec<(Stars, Stars)>) = before
        .menus
        .iter()
        .filter_map(|(name, was)| Some((name, (was.stars, after.menus.get(name)?.stars))))
        .unzip();
    let verdicts = satisfaction::changes(&pairs);
    let compared = verdicts
        .iter()
        .filter(|verdict| **verdict != Change::TooFew)
        .count();
    let mut dishes: Vec<DishChange> = names
        .into_iter()
        .zip(pairs)
        .zip(verdicts)
        .filter(|(_, verdict)| matches!(verdict, Change::Up | Change::Down))
        .filter_map(|((name, (was, is)), change)| {
            Some(DishChange {
                menu: name.clone(),
                change,
                before: was.csat()?,
                after: is.csat()?,
            })
        })
        .collect();
    // Stable: what is equal stays in the order of names.
    dishes.sort_by(|a, b| {
        let falls = |dish: &DishChange| dish.change == Change::Down;
        let by_size = b.rise().abs().total_cmp(&a.rise().abs());
        falls(b).cmp(&falls(a)).then(by_size)
    });
    Changes { compared, dishes }
}
