//! Customers' classes by recency, frequency and money, from one table of fixed thresholds.
//!
//! Thresholds and not quintiles: a customer's class changes by what they do, never by what others do.

use serde::{Deserialize, Serialize};

use crate::money::Money;

/// How many days are counted for frequency and money: those up to the customer's last visit, so that a habit
/// shows as what it was when the customer stays away.
pub const RFM_DAYS: i32 = 180;

/// What kind of a customer somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RfmClass {
    /// Comes often, came lately, and spends well.
    Loyal,
    /// Comes often and came lately.
    Regular,
    /// Came for the first time lately.
    New,
    /// Came often, and has stayed away for a while.
    AtRisk,
    /// Comes now and then.
    Occasional,
    /// Has stayed away for long.
    Lost,
}

impl RfmClass {
    /// The class's name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loyal => "loyal",
            Self::Regular => "regular",
            Self::New => "new",
            Self::AtRisk => "at_risk",
            Self::Occasional => "occasional",
            Self::Lost => "lost",
        }
    }
}

/// Whom a class takes in: whoever fits every bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RfmRule {
    /// The class.
    pub class: RfmClass,
    /// Days since the last visit, at most; `None` for any.
    pub days_since_max: Option<i32>,
    /// Days since the first visit, at most; `None` for any.
    pub days_known_max: Option<i32>,
    /// Sales in [`RFM_DAYS`], at least.
    pub visits_min: u64,
    /// Rupiah spent in [`RFM_DAYS`], at least.
    pub rupiah_min: i64,
}

/// The classes: the first that fits is the customer's. The last takes in everybody.
pub const RFM_RULES: [RfmRule; 6] = [
    rule(RfmClass::Loyal, Some(30), None, 10, 500_000),
    rule(RfmClass::Regular, Some(60), None, 4, 0),
    rule(RfmClass::New, Some(30), Some(30), 0, 0),
    rule(RfmClass::AtRisk, Some(180), None, 4, 0),
    rule(RfmClass::Occasional, Some(180), None, 0, 0),
    rule(RfmClass::Lost, None, None, 0, 0),
];

const fn rule(
    class: RfmClass,
    days_since_max: Option<i32>,
    days_known_max: Option<i32>,
    visits_min: u64,
    rupiah_min: i64,
) -> RfmRule {
    RfmRule {
        class,
        days_since_max,
        days_known_max,
        visits_min,
        rupiah_min,
    }
}

/// What a class is chosen by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measures {
    pub(super) days_since: i32,
    pub(super) days_known: i32,
    pub(super) visits: u64,
    /// `None` where it leaves the range of amounts: more than any threshold.
    pub(super) spend: Option<Money>,
}

/// The first class of the table that fits.
pub(super) fn class_of(measures: &Measures) -> RfmClass {
    let within = |days: i32, most: Option<i32>| most.is_none_or(|most| days <= most);
    let fits = |rule: &&RfmRule| {
        let spent = Money::from_rupiah(rule.rupiah_min)
            .is_none_or(|least| measures.spend.is_none_or(|spend| spend >= least));
        within(measures.days_since, rule.days_since_max)
            && within(measures.days_known, rule.days_known_max)
            && measures.visits >= rule.visits_min
            // What was given back can exceed what was paid: no class but the first asks for money.
            && (rule.rupiah_min == 0 || spent)
    };
    RFM_RULES
        .iter()
        .find(fits)
        .map_or(RfmClass::Lost, |rule| rule.class)
}
