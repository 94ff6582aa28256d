//! What a guest can be asked about: the dishes that were bought and stayed bought.

use serde::{Deserialize, Serialize};

use crate::figures::of_receipt;
use crate::money::Money;
use crate::quantity::Quantity;
use crate::receipt::{Line, Receipt, Status};

/// A dish by name and variant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DishKey {
    /// The menu's name.
    pub menu: String,
    /// The variant, such as `Pedas`; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
}

impl DishKey {
    /// The dish that a line sold.
    #[must_use]
    pub fn of(line: &Line) -> Self {
        Self {
            menu: line.item.name.clone(),
            variant: line.item.variant.clone().unwrap_or_default(),
        }
    }
}

/// A dish on a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dish {
    /// Which dish.
    pub key: DishKey,
    /// The menu's category, where the source names one.
    pub category: Option<String>,
    /// How many were bought and not given back.
    pub qty: Quantity,
}

/// Whether a receipt can be answered, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Open,
    /// All the money or every dish was given back.
    Refunded,
    /// Cancelled: not a sale.
    Voided,
    /// Not paid yet.
    Unpaid,
    /// The sale itself has not arrived, only lines or a refund of it.
    Incomplete,
}

/// Whether a receipt can be answered. One whose lines have not arrived can: the visit as a whole is asked about.
#[must_use]
pub fn standing(receipt: &Receipt) -> Standing {
    let Some(head) = &receipt.head else {
        return Standing::Incomplete;
    };
    match head.value.status {
        Status::Voided => return Standing::Voided,
        Status::Unpaid => return Standing::Unpaid,
        Status::Paid => {}
    }
    if receipt.lines.iter().next().is_some() && receipt.lines.sold().next().is_none() {
        return Standing::Voided;
    }
    // Sums out of range were refused when the receipt was taken.
    let money_back = of_receipt(receipt)
        .is_ok_and(|figures| figures.refunded > Money::ZERO && figures.refunded >= figures.total);
    if money_back || all_given_back(receipt) {
        Standing::Refunded
    } else {
        Standing::Open
    }
}

/// Whether everything that was bought was given back. Only what has a dish behind it counts, unless nothing has.
fn all_given_back(receipt: &Receipt) -> bool {
    let rateable = receipt.lines.sold().any(|line| line.item.rateable);
    let mut counting = receipt
        .lines
        .sold()
        .filter(|line| line.item.rateable == rateable && line.qty > Quantity::ZERO)
        .peekable();
    counting.peek().is_some() && counting.all(|line| remaining(line) <= Quantity::ZERO)
}

fn remaining(line: &Line) -> Quantity {
    // Quantities of a receipt are far from the limit; one at the limit has nothing left to rate.
    line.qty.checked_sub(line.refunded_qty).unwrap_or_default()
}

/// The dishes of a receipt that a guest can rate: paid, neither voided nor wholly given back; each once, in the
/// order of the receipt. None if the receipt can't be answered.
#[must_use]
pub fn dishes(receipt: &Receipt) -> Vec<Dish> {
    let mut dishes: Vec<Dish> = Vec::new();
    if standing(receipt) != Standing::Open {
        return dishes;
    }
    for line in receipt.lines.sold().filter(|line| line.item.rateable) {
        let (key, qty) = (DishKey::of(line), remaining(line));
        match dishes.iter_mut().find(|dish| dish.key == key) {
            Some(dish) => dish.qty = dish.qty.checked_add(qty).unwrap_or(dish.qty),
            None => dishes.push(Dish {
                key,
                category: line.item.category.clone(),
                qty,
            }),
        }
    }
    dishes.retain(|dish| dish.qty > Quantity::ZERO);
    dishes
}

/// Ratings by dish, written as a list: JSON has no keys of two parts.
pub(super) mod rating_list {
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::DishKey;

    #[derive(Serialize, Deserialize)]
    struct Rating<'a> {
        menu: Cow<'a, str>,
        #[serde(default, skip_serializing_if = "str::is_empty")]
        variant: Cow<'a, str>,
        stars: u8,
    }

    pub(in super::super) fn serialize<S: Serializer>(
        ratings: &BTreeMap<DishKey, u8>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(ratings.iter().map(|(dish, stars)| Rating {
            menu: Cow::Borrowed(&dish.menu),
            variant: Cow::Borrowed(&dish.variant),
            stars: *stars,
        }))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<DishKey, u8>, D::Error> {
        let ratings = Vec::<Rating<'_>>::deserialize(deserializer)?.into_iter();
        let rating = |rating: Rating<'_>| {
            let dish = DishKey {
                menu: rating.menu.into_owned(),
                variant: rating.variant.into_owned(),
            };
            (dish, rating.stars)
        };
        Ok(ratings.map(rating).collect())
    }
}
