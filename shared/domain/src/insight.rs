//! The figures of a period: what was sold, who was asked, what they said. Recomputed from receipts and answers,
//! and added up from smaller periods; never counted on.
//!
//! An overall rating belongs to the visit and never to its dishes; a dish's rating belongs to that dish, as far as
//! it was neither voided nor given back. An answer to a sale that was voided or wholly refunded does not count.

mod changes;
mod month;
mod pack;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::feedback::{Answer, Effective, Standing, dishes, standing};
use crate::figures::Overflow;
use crate::money::Money;
use crate::outlet::LOW_SCORE;
use crate::page::Receipts;
use crate::quantity::Quantity;
use crate::receipt::Receipt;
use crate::satisfaction::{Recommend, Share, Stars};
use crate::summary::DaySummary;
use crate::when::BusinessDate;

pub use changes::{Changes, DishChange, changes};
pub use month::{Month, MonthError};
pub use pack::InsightError;

/// A day or a month of trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// One business date.
    Day(BusinessDate),
    /// One month of business dates.
    Month(Month),
}

impl std::fmt::Display for Period {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(date) => date.fmt(out),
            Self::Month(month) => month.fmt(out),
        }
    }
}

/// Whose figures they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One outlet's, by its id.
    Outlet(String),
    /// All outlets' together.
    All,
}

/// How many groups the outlets fall into on the way to the figures of all of them.
pub const GROUPS: u8 = 100;

/// The group of an outlet: the same for ever, and as good as any other.
#[must_use]
pub fn group_of(outlet: &str) -> u8 {
    // Two bytes, for one byte would favour the low groups by half.
    let hash = Sha256::digest(outlet.as_bytes());
    let number = match hash.as_slice() {
        [high, low, ..] => u16::from_be_bytes([*high, *low]) % u16::from(GROUPS),
        _ => 0,
    };
    u8::try_from(number).unwrap_or_default()
}

/// What one variant of a dish sold, and how it was rated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantInsight {
    /// How many were sold, given-back ones included.
    pub qty: Quantity,
    /// After discount.
    pub net: Money,
    /// Its ratings.
    pub stars: Stars,
}

/// What one dish sold, and how it was rated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuInsight {
    /// The menu's category, where the source names one.
    pub category: Option<String>,
    /// On how many receipts.
    pub receipts: u64,
    /// How many were sold, given-back ones included.
    pub qty: Quantity,
    /// How many of them were given back.
    pub refunded_qty: Quantity,
    /// After discount.
    pub net: Money,
    /// Its ratings, those of every variant.
    pub stars: Stars,
    /// By variant; the dish without a variant is `""`.
    pub variants: BTreeMap<String, VariantInsight>,
}

/// The figures of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insight {
    /// Sales.
    pub receipts: u64,
    /// Sales that can be answered: paid, neither voided nor wholly refunded.
    pub answerable: u64,
    /// Of these, those whose guest has seen the page.
    pub opened: u64,
    /// Of these, those of which anything was said: on the page or through the export.
    pub answered: u64,
    /// Of these, those that the guest answered on the page.
    pub by_guest: u64,
    /// Answers that don't count: their sale was voided or refunded, or is not known.
    pub reversed: u64,
    /// What the sales came to after discounts, before service, tax and rounding.
    pub net: Money,
    /// What was given back.
    pub refunded: Money,
    /// Ratings of the visit as a whole.
    pub overall: Stars,
    /// Whether guests would recommend the shop.
    pub recommend: Recommend,
    /// Answers with words.
    pub comments: u64,
    /// Answers with an overall or a dish's rating of at most [`LOW_SCORE`], whatever an outlet's own threshold.
    pub low: u64,
    /// By dish, by name.
    pub menus: BTreeMap<String, MenuInsight>,
    /// Whether dishes with few ratings are missing from `menus`, or are there with a part of their figures, because
    /// there were too many to keep. All other figures are of every dish.
    pub menus_cut: bool,
}

impl Insight {
    /// The figures of one outlet's day, from its receipts and the answers to them.
    ///
    /// # Errors
    /// [`Overflow`] when a sum leaves its range.
    pub fn of_day(receipts: &Receipts, answers: &[Answer]) -> Result<Self, Overflow> {
        let sales = DaySummary::of(receipts.values())?;
        let mut day = Self {
            receipts: u64::from(sales.receipts),
            net: sales.figures.net,
            refunded: sales.figures.refunded,
            ..Self::default()
        };
        for (name, menu) in sales.menus {
            let variants = menu.variants.into_iter().map(|(name, variant)| {
                let sold = VariantInsight {
                    qty: variant.qty,
                    net: variant.net,
                    stars: Stars::default(),
                };
                (name, sold)
            });
            let menu = MenuInsight {
                category: menu.category,
                receipts: u64::from(menu.receipts),
                qty: menu.qty,
                refunded_qty: menu.refunded_qty,
                net: menu.net,
                stars: Stars::default(),
                variants: variants.collect(),
            };
            day.menus.insert(name, menu);
        }
        let open = receipts
            .values()
            .filter(|receipt| standing(receipt) == Standing::Open);
        count(
            &mut day.answerable,
            u64::try_from(open.count()).unwrap_or(u64::MAX),
        );
        // One receipt has one answer, should two ever be told.
        let answers: BTreeMap<&str, &Answer> = answers
            .iter()
            .map(|answer| (answer.place.native.as_str(), answer))
            .collect();
        for (native, answer) in answers {
            day.count_answer(receipts.get(native), answer);
        }
        Ok(day)
    }

    fn count_answer(&mut self, receipt: Option<&Receipt>, answer: &Answer) {
        // What the receipt says now counts, not what was noted of it: the note follows.
        let Some(receipt) = receipt.filter(|receipt| standing(receipt) == Standing::Open) else {
            count(&mut self.reversed, u64::from(answer.is_answered()));
            return;
        };
        count(&mut self.opened, u64::from(answer.opened_ms.is_some()));
        if !answer.is_answered() {
            return;
        }
        count(&mut self.answered, 1);
        count(&mut self.by_guest, u64::from(answer.is_finished()));
        let said = answer.effective();
        if let Some(overall) = said.overall {
            self.overall.add(overall);
        }
        if let Some(recommend) = said.recommend {
            self.recommend.add(recommend);
        }
        count(&mut self.comments, u64::from(said.comment.is_some()));
        let low_dish = self.count_dishes(receipt, &said);
        let low = low_dish || said.overall.is_some_and(|overall| overall <= LOW_SCORE);
        count(&mut self.low, u64::from(low));
    }

    /// Counts the ratings of dishes that were bought and stayed bought, and says whether one of them is low.
    fn count_dishes(&mut self, receipt: &Receipt, said: &Effective) -> bool {
        let mut low = false;
        for dish in dishes(receipt) {
            let Some(stars) = said.dishes.get(&dish.key) else {
                continue;
            };
            low |= *stars <= LOW_SCORE;
            let menu = self.menus.entry(dish.key.menu).or_default();
            menu.stars.add(*stars);
            menu.variants
                .entry(dish.key.variant)
                .or_default()
                .stars
                .add(*stars);
        }
        low
    }

    /// Adds another outlet's or period's figures to these, in any order.
    ///
    /// # Errors
    /// [`Overflow`] when a sum leaves its range; these figures are then not to be used.
    pub fn merge(&mut self, other: &Self) -> Result<(), Overflow> {
        count(&mut self.receipts, other.receipts);
        count(&mut self.answerable, other.answerable);
        count(&mut self.opened, other.opened);
        count(&mut self.answered, other.answered);
        count(&mut self.by_guest, other.by_guest);
        count(&mut self.reversed, other.reversed);
        count(&mut self.comments, other.comments);
        count(&mut self.low, other.low);
        self.net = self.net.checked_add(other.net).ok_or(Overflow)?;
        self.refunded = self.refunded.checked_add(other.refunded).ok_or(Overflow)?;
        self.overall.merge(&other.overall);
        self.recommend.merge(&other.recommend);
        self.menus_cut |= other.menus_cut;
        for (name, menu) in &other.menus {
            match self.menus.get_mut(name) {
                Some(known) => known.merge(menu)?,
                None => drop(self.menus.insert(name.clone(), menu.clone())),
            }
        }
        Ok(())
    }

    /// The figures without those of single dishes.
    #[must_use]
    pub fn totals(&self) -> Self {
        Self {
            menus: BTreeMap::new(),
            ..*self
        }
    }

    /// Whether there is nothing to tell: no sales, no answers, nothing given back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many of the guests who could answer did, on their page; `None` where nobody could.
    #[must_use]
    pub fn response_rate(&self) -> Option<Share> {
        Share::of(self.by_guest, self.answerable)
    }

    /// How many of the guests who saw the page answered; `None` where nobody saw it.
    #[must_use]
    pub fn completion_rate(&self) -> Option<Share> {
        Share::of(self.by_guest, self.opened)
    }
}

impl MenuInsight {
    /// Adds another outlet's or period's figures of the same dish to these.
    ///
    /// # Errors
    /// [`Overflow`] when a sum leaves its range.
    pub fn merge(&mut self, other: &Self) -> Result<(), Overflow> {
        // The smallest name, so that the order cannot show.
        if let Some(category) = &other.category
            && self.category.as_ref().is_none_or(|known| category < known)
        {
            self.category = Some(category.clone());
        }
        count(&mut self.receipts, other.receipts);
        self.qty = self.qty.checked_add(other.qty).ok_or(Overflow)?;
        self.refunded_qty = self
            .refunded_qty
            .checked_add(other.refunded_qty)
            .ok_or(Overflow)?;
        self.net = self.net.checked_add(other.net).ok_or(Overflow)?;
        self.stars.merge(&other.stars);
        for (name, variant) in &other.variants {
            let known = match self.variants.get_mut(name) {
                Some(known) => known,
                None => self.variants.entry(name.clone()).or_default(),
            };
            known.qty = known.qty.checked_add(variant.qty).ok_or(Overflow)?;
            known.net = known.net.checked_add(variant.net).ok_or(Overflow)?;
            known.stars.merge(&variant.stars);
        }
        Ok(())
    }
}

/// Counts are far from their limit; one that reached it would stay there whatever the order.
fn count(counter: &mut u64, more: u64) {
    *counter = counter.saturating_add(more);
}
