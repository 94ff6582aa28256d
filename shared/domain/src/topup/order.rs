//! An order: one purchase of one product for one destination, under one id for ever.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::mask;
use super::product::Kind;
use super::rupiah::Rupiah;
use super::state::State;

/// An order as it is stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Our id, which the supplier knows it by too: see [`super::refid`].
    pub refid: String,
    /// The partner who ordered.
    pub partner: String,
    /// The partner's own reference, shown back and never looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The product's code.
    pub product: String,
    /// The kind of product, as the catalogue had it.
    pub kind: Kind,
    /// The destination as it is sent: personal data, in this table alone.
    pub dest: String,
    /// What the partner pays.
    pub price: Rupiah,
    /// What the supplier charges by the catalogue.
    pub cost: Rupiah,
    /// Where it stands.
    pub state: State,
    /// Since when, Unix milliseconds.
    pub state_ms: i64,
    /// When it was taken, Unix milliseconds.
    pub accepted_ms: i64,
    /// When something is to be done about it next, Unix milliseconds; for an order being sent or asked about, when the
    /// right to do so ends. `None` when nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_ms: Option<i64>,
    /// Whether it waits for the end of the supplier's nightly cutoff, where it would otherwise be refused.
    #[serde(default)]
    pub holds: bool,
    /// Whether its partner has it wait where a cutoff begins before it is sent, in place of an end.
    #[serde(default)]
    pub waits_out_cutoffs: bool,
    /// When the intent to send it was written, Unix milliseconds: before the first byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_ms: Option<i64>,
    /// When the last request began that may have been the purchase, Unix milliseconds: the first one, or a question that
    /// could be one, before the supplier ever spoke of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bought_by_ms: Option<i64>,
    /// When the intent of the last question was written, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_ms: Option<i64>,
    /// How often the supplier was asked about it after it was sent.
    #[serde(default)]
    pub asks: u32,
    /// How often it was certainly not sent, because there was no connection.
    #[serde(default)]
    pub unsent: u32,
    /// Whether a run is asking about it now.
    #[serde(default)]
    pub asking: bool,
    /// Whether the supplier ever said that it has it.
    #[serde(default)]
    pub was_pending: bool,
    /// The supplier's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trxid: Option<String>,
    /// The serial number: bearer value for tokens and vouchers, shown to its partner alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sn: Option<String>,
    /// What the supplier charged, where it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charged: Option<Rupiah>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Reason>,
    /// A failure that is not certain yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unconfirmed: Option<Unconfirmed>,
    /// Why a person has to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// What a person says became of it, waiting for a second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// A report, or a late answer, that contradicts how it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contradicted: Option<Contradiction>,
    /// The fingerprints of the reports that were taken: the same one again is nothing. Empty texts stand for those of which
    /// each counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<String>,
    /// How many events there are.
    #[serde(default)]
    pub events: u32,
    /// The correlation of the request that ordered it: see [`crate::correlation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// Counted with every change.
    #[serde(default)]
    pub version: u64,
}

/// Why an order failed, as partners are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// The operator could not process it.
    NotProcessable,
    /// The operator cancelled it.
    CancelledByProvider,
    /// The supplier has blocked the number.
    NumberBlocked,
    /// The product is down.
    ProductDown,
    /// The supplier does not know the product.
    ProductInvalid,
    /// The number is wrong.
    NumberInvalid,
    /// Our deposit does not suffice.
    DepositLow,
    /// The package is active already.
    PackageAlreadyActive,
    /// The number has expired.
    NumberExpired,
    /// The number is not active.
    NumberInactive,
    /// The supplier's nightly cutoff.
    Cutoff,
    /// It timed out, and that is confirmed.
    TimedOut,
    /// The same was bought under another id.
    DuplicateForeign,
    /// The supplier says that it failed before.
    FailedBefore,
    /// Nothing was sent: the supplier could not be reached in time, or people stopped the partner or the product.
    NotSent,
    /// A person found out.
    DecidedByPerson,
    /// The supplier gave a reason that nobody knows.
    Other,
}

impl Reason {
    /// The reason's code in the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotProcessable => "NOT_PROCESSABLE",
            Self::CancelledByProvider => "CANCELLED_BY_PROVIDER",
            Self::NumberBlocked => "NUMBER_BLOCKED",
            Self::ProductDown => "PRODUCT_DOWN",
            Self::ProductInvalid => "PRODUCT_INVALID",
            Self::NumberInvalid => "NUMBER_INVALID",
            Self::DepositLow => "DEPOSIT_LOW",
            Self::PackageAlreadyActive => "PACKAGE_ALREADY_ACTIVE",
            Self::NumberExpired => "NUMBER_EXPIRED",
            Self::NumberInactive => "NUMBER_INACTIVE",
            Self::Cutoff => "CUTOFF",
            Self::TimedOut => "TIMED_OUT",
            Self::DuplicateForeign => "DUPLICATE_FOREIGN",
            Self::FailedBefore => "FAILED_BEFORE",
            Self::NotSent => "NOT_SENT",
            Self::DecidedByPerson => "DECIDED_BY_PERSON",
            Self::Other => "OTHER",
        }
    }
}

/// A failure that a later reply and the balance have to confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unconfirmed {
    /// What was said.
    pub reason: Reason,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// Why a person has to look at an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// The time for asking is over, and nobody knows.
    NoAnswer,
    /// The supplier still says that it is being done.
    StillPending,
    /// It is said to have failed, and the balance does not agree or cannot tell.
    FailureNotConfirmed,
    /// The same product is said to be there already, while an earlier order for it is open.
    SiblingOpen,
    /// The same is said to have been bought before, and whether by this order nobody can tell.
    BoughtBefore,
}

impl Review {
    /// Whether nobody would have to look if the supplier said what became of the order.
    #[must_use]
    pub const fn ends_with_an_answer(self) -> bool {
        match self {
            Self::NoAnswer | Self::StillPending => true,
            Self::FailureNotConfirmed | Self::SiblingOpen | Self::BoughtBefore => false,
        }
    }
}

/// What somebody says became of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// How it is to end.
    pub verdict: Verdict,
    /// Why, in their words.
    pub reason: String,
    /// Who says so, as the audit trail names them.
    pub by: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// How a person ends an order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was delivered; the serial number where it is known.
    Delivered {
        /// The serial number.
        sn: Option<String>,
    },
    /// It was not delivered, and is not charged.
    NotDelivered,
}

/// A report against how an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// Whether it says that the order was delivered.
    pub delivered: bool,
    /// When it came, Unix milliseconds.
    pub at_ms: i64,
}

impl fmt::Debug for Order {
    /// With the destination and the serial number masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("refid", &self.refid)
            .field("partner", &self.partner)
            .field("product", &self.product)
            .field("dest", &mask::number(&self.dest))
            .field("state", &self.state)
            .field("next_ms", &self.next_ms)
            .field("sent_ms", &self.sent_ms)
            .field("asks", &self.asks)
            .field("asking", &self.asking)
            .field("sn", &self.sn.as_deref().map(mask::serial))
            .field("failure", &self.failure)
            .field("unconfirmed", &self.unconfirmed)
            .field("review", &self.review)
            .field("contradicted", &self.contradicted)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Verdict {
    /// With the serial number masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered { sn } => f
                .debug_struct("Delivered")
                .field("sn", &sn.as_deref().map(mask::serial))
                .finish(),
            Self::NotDelivered => f.write_str("NotDelivered"),
        }
    }
}
