//! The figures of a period as a document.

use domain::insight::Insight;
use domain::money::Money;
use domain::satisfaction::{Confidence, confidence};
use serde::Serialize;
use utoipa::ToSchema;

use super::exact;
use crate::measure::Measure;

/// The figures of a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Figures {
    /// Sales.
    pub(crate) receipts: u64,
    /// Sales that can be answered: paid, neither voided nor wholly refunded.
    pub(crate) answerable: u64,
    /// Of these, those whose guest has seen the page.
    pub(crate) opened: u64,
    /// Of these, those of which anything was said: on the page or through the export.
    pub(crate) answered: u64,
    /// Of these, those that the guest answered on the page.
    pub(crate) by_guest: u64,
    /// Answers that don't count: their sale was voided or refunded.
    pub(crate) reversed: u64,
    /// Answers with words.
    pub(crate) comments: u64,
    /// Answers with a low rating; null below five answers.
    pub(crate) low: Option<u64>,
    /// What the sales came to after discounts.
    #[serde(serialize_with = "exact")]
    #[schema(value_type = String, example = "1250000")]
    pub(crate) net: Money,
    /// What was given back.
    #[serde(serialize_with = "exact")]
    #[schema(value_type = String, example = "0")]
    pub(crate) refunded: Money,
    /// How often one to five stars were given to the visit as a whole; null below five answers.
    #[schema(min_items = 5, max_items = 5)]
    pub(crate) stars: Option<[u64; 5]>,
    /// The share of satisfied guests (four and five of five stars), 0 to 1, with Wilson's interval.
    pub(crate) csat: Measure,
    /// The mean of one to five stars.
    pub(crate) mean: Measure,
    /// The net promoter score, -100 to 100, with the adjusted Wald interval.
    pub(crate) nps: Measure,
    /// Guests' answers by sales that can be answered, 0 to 1.
    pub(crate) response: Measure,
    /// Guests' answers by pages seen, 0 to 1.
    pub(crate) completion: Measure,
}

impl From<&Insight> for Figures {
    fn from(insight: &Insight) -> Self {
        let csat = Measure::csat(&insight.overall);
        Self {
            receipts: insight.receipts,
            answerable: insight.answerable,
            opened: insight.opened,
            answered: insight.answered,
            by_guest: insight.by_guest,
            reversed: insight.reversed,
            comments: insight.comments,
            low: (confidence(insight.answered) != Confidence::Hidden).then_some(insight.low),
            net: insight.net,
            refunded: insight.refunded,
            stars: csat.is_shown().then_some(insight.overall.counts),
            csat,
            mean: Measure::mean(&insight.overall),
            nps: Measure::nps(&insight.recommend),
            response: Measure::rate(insight.response_rate()),
            completion: Measure::rate(insight.completion_rate()),
        }
    }
}
