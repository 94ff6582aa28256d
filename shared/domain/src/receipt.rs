//! A receipt as its sources tell it, and how two tellings of one receipt become one.
//!
//! Merging is a join: commutative and idempotent, and associative as long as no source goes back to an
//! earlier content under a new revision, so that any order, repetition or split of the same files ends
//! in the same receipt. Every part carries a [`Rank`]; the greater
//! rank wins a part, equal ranks are settled by content, and equal content is never a change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::quantity::Quantity;
use crate::when::TimeQuality;

/// How much a telling counts against another one of the same thing. Greater wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rank {
    /// 2: a full sales header; 1: a header with a revision of its own; 0: pieced together from product rows.
    pub authority: u8,
    /// When the source last revised it, in Unix milliseconds: the record's own time of change, or
    /// the time at which its file was made.
    pub revised_ms: i64,
}

/// A value and the rank of the telling it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranked<T> {
    /// The telling's rank.
    pub rank: Rank,
    /// What it says.
    pub value: T,
}

impl<T: Ord> Ranked<T> {
    /// Joins another telling into this one.
    ///
    /// Equal content keeps the earlier rank: the same receipt in a later file is no news.
    pub fn join(&mut self, other: Self) {
        if self.value == other.value {
            self.rank = self.rank.min(other.rank);
        } else if (other.rank, &other.value) > (self.rank, &self.value) {
            *self = other;
        }
    }
}

/// Where a sale stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Ordered and not yet paid.
    Unpaid,
    /// Paid.
    #[default]
    Paid,
    /// Cancelled or deleted: not a sale.
    Voided,
}

/// How the guest ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderType {
    /// Eaten at the table.
    DineIn,
    /// Taken away.
    Takeaway,
    /// Delivered by the shop.
    Delivery,
    /// Ordered through an app or a marketplace.
    Online,
    /// Anything else, or not said.
    #[default]
    Other,
}

/// A receipt without its lines. Amounts are `None` where the source is silent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Head {
    /// The number printed on the receipt.
    pub number: Option<String>,
    /// When it was sold, in Unix milliseconds.
    pub at_ms: i64,
    /// How far [`Head::at_ms`] can be trusted.
    pub quality: TimeQuality,
    /// Where the sale stands.
    pub status: Status,
    /// How the guest ordered.
    pub order_type: OrderType,
    /// The customer's id (`OYAKO_…`), never a name or a number; `None` for a walk-in.
    pub customer: Option<String>,
    /// The table, as the outlet calls it.
    pub table: Option<String>,
    /// How it was paid.
    pub method: Option<String>,
    /// Before any discount.
    pub gross: Option<Money>,
    /// After discounts, before service, tax and rounding.
    pub net: Option<Money>,
    /// Service charge or gratuity.
    pub service: Option<Money>,
    /// Tax on top.
    pub tax: Option<Money>,
    /// What rounding to coins added or took.
    pub rounding: Option<Money>,
    /// What the guest owed.
    pub total: Option<Money>,
    /// What the sale's own record says was given back.
    pub refunded: Money,
}

/// A modifier of a dish, such as a topping.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Modifier {
    /// The modifier's group, such as `Topping`.
    pub group: Option<String>,
    /// What was chosen, such as `Telur`.
    pub name: String,
    /// How many.
    pub qty: Quantity,
    /// Price for one.
    pub price: Money,
}

/// What a line sold: the part that many lines share.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Item {
    /// The menu's name.
    pub name: String,
    /// The variant, such as `Pedas`.
    pub variant: Option<String>,
    /// The menu's category.
    pub category: Option<String>,
    /// The POS's id of the menu.
    pub menu_id: Option<String>,
    /// The POS's id of the variant.
    pub variant_id: Option<String>,
    /// The stock-keeping unit.
    pub sku: Option<String>,
    /// Whether a guest can be asked about it: a custom amount has no dish behind it.
    pub rateable: bool,
}

/// One line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// What was sold.
    pub item: Item,
    /// How many; may be a fraction.
    pub qty: Quantity,
    /// How many of them were given back.
    pub refunded_qty: Quantity,
    /// Before discount.
    pub gross: Money,
    /// After discount.
    pub net: Money,
    /// Taken off the receipt.
    pub voided: bool,
    /// A rating of one to five that came with the sale.
    pub rating: Option<u8>,
    /// Modifiers in the order of the source.
    pub modifiers: Vec<Modifier>,
}

/// A receipt's lines, by how its source tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lines {
    /// Not told yet: a header that waits for its lines.
    #[default]
    Missing,
    /// Told row by row: rows of one product replace each other, rows of several add up.
    Rows(BTreeMap<String, Ranked<Vec<Line>>>),
    /// Told as one whole, inside the receipt's document.
    Whole(Ranked<Vec<Line>>),
}

impl Lines {
    /// Joins another telling into this one; a whole beats rows, anything beats nothing.
    pub fn join(&mut self, other: Self) {
        match (&mut *self, other) {
            (_, Self::Missing) | (Self::Whole(_), Self::Rows(_)) => {}
            (Self::Whole(mine), Self::Whole(theirs)) => mine.join(theirs),
            (Self::Rows(mine), Self::Rows(theirs)) => {
                for (key, lines) in theirs {
                    match mine.get_mut(&key) {
                        Some(known) => known.join(lines),
                        None => {
                            mine.insert(key, lines);
                        }
                    }
                }
            }
            (_, other) => *self = other,
        }
    }

    /// Every line, in a stable order.
    pub fn iter(&self) -> impl Iterator<Item = &Line> {
        let (rows, whole) = match self {
            Self::Missing => (None, None),
            Self::Rows(rows) => (Some(rows), None),
            Self::Whole(whole) => (None, Some(whole)),
        };
        let rows = rows
            .into_iter()
            .flat_map(BTreeMap::values)
            .flat_map(|group| &group.value);
        rows.chain(whole.into_iter().flat_map(|group| &group.value))
    }

    /// The lines that count: those that were not taken off the receipt.
    pub fn sold(&self) -> impl Iterator<Item = &Line> {
        self.iter().filter(|line| !line.voided)
    }
}

/// A refund that the POS keeps as a document of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Refund {
    /// When it was given, in Unix milliseconds.
    pub at_ms: i64,
    /// How much, as a positive amount.
    pub amount: Money,
}

/// One receipt, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// `None` while only its lines or a refund of it have arrived.
    pub head: Option<Ranked<Head>>,
    /// Its lines.
    pub lines: Lines,
    /// Refund documents by their own id.
    pub refunds: BTreeMap<String, Ranked<Refund>>,
}

/// What became of a telling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It said something new, which is now kept.
    Stored,
    /// All it said was known.
    Unchanged,
    /// A newer telling is already there.
    Stale,
}

impl Receipt {
    /// Joins another telling of the same receipt into this one and says what became of it.
    pub fn join(&mut self, other: Self) -> Fate {
        if *self == Self::default() && other != Self::default() {
            *self = other;
            return Fate::Stored;
        }
        let before = self.clone();
        let told = other.clone();
        join_option(&mut self.head, other.head);
        self.lines.join(other.lines);
        for (id, refund) in other.refunds {
            match self.refunds.get_mut(&id) {
                Some(known) => known.join(refund),
                None => {
                    self.refunds.insert(id, refund);
                }
            }
        }
        if !self.says_the_same(&before) {
            Fate::Stored
        } else if self.contains(&told) {
            Fate::Unchanged
        } else {
            Fate::Stale
        }
    }

    /// Adds further rows of the same file: two rows of one product are two lines, not two tellings of one.
    pub fn add_rows(&mut self, other: Self) {
        join_option(&mut self.head, other.head);
        let (Lines::Rows(mine), Lines::Rows(theirs)) = (&mut self.lines, other.lines) else {
            return;
        };
        for (key, group) in theirs {
            match mine.get_mut(&key) {
                Some(known) if known.rank == group.rank => {
                    known.value.extend(group.value);
                    known.value.sort();
                }
                Some(known) => known.join(group),
                None => drop(mine.insert(key, group)),
            }
        }
    }

    /// Whether both say the same, whatever their ranks.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.head.as_ref().map(|head| &head.value) == other.head.as_ref().map(|head| &head.value)
            && self.lines.iter().eq(other.lines.iter())
            && self.refunds.len() == other.refunds.len()
            && self
                .refunds
                .iter()
                .zip(&other.refunds)
                .all(|(a, b)| a.0 == b.0 && a.1.value == b.1.value)
    }

    /// Whether everything `told` says is what this receipt says.
    fn contains(&self, told: &Self) -> bool {
        let head = match (&self.head, &told.head) {
            (_, None) => true,
            (Some(mine), Some(theirs)) => mine.value == theirs.value,
            (None, Some(_)) => false,
        };
        let lines = match (&self.lines, &told.lines) {
            (_, Lines::Missing) => true,
            (Lines::Rows(mine), Lines::Rows(theirs)) => theirs
                .iter()
                .all(|(key, lines)| mine.get(key).is_some_and(|known| known.value == lines.value)),
            (mine, theirs) => mine.iter().eq(theirs.iter()),
        };
        let refunds = told.refunds.iter().all(|(id, refund)| {
            self.refunds
                .get(id)
                .is_some_and(|known| known.value == refund.value)
        });
        head && lines && refunds
    }
}

fn join_option<T: Ord>(mine: &mut Option<Ranked<T>>, theirs: Option<Ranked<T>>) {
    match (mine.as_mut(), theirs) {
        (_, None) => {}
        (Some(known), Some(told)) => known.join(told),
        (None, told) => *mine = told,
    }
}
