//! What the supplier answers (source document 002, "Format Balasan"): sixteen kinds of text, read from both ends.
//!
//! A text's head (`#trxid#product#ke:dest#`) and its tail (`#Saldo …#Reffid:…#`) are matched first, because what lies
//! between them may hold anything: serial numbers and names have `#`, dots and whole sentences in them.

use serde::{Deserialize, Serialize};

use super::rupiah::Rupiah;

mod about;
mod amount;
mod grammar;
mod write;

pub use grammar::{read, read_balance};
pub use write::write;

pub(super) use grammar::{Parts, decoded, outcome, parts};
pub(super) use write::balance_text;

/// A reply that was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The supplier's id of the transaction; may be empty on a refusal.
    pub trxid: String,
    /// The product, as it came back.
    pub product: String,
    /// The destination, as it came back.
    pub dest: String,
    /// Our id, as it came back.
    pub refid: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What is left, as far as it could be read.
    pub balance: Balance,
}

/// What a reply says of our balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    /// So much is left.
    Left(Rupiah),
    /// Before, the price, after: as kind 1 prints them, whether they add up or not.
    Charged {
        /// Before.
        before: Rupiah,
        /// The price.
        price: Rupiah,
        /// After.
        after: Rupiah,
    },
    /// It is there and cannot be read; the outcome is as good as any.
    Unreadable,
}

impl Balance {
    /// What is left, where it could be read.
    #[must_use]
    pub const fn left(self) -> Option<Rupiah> {
        match self {
            Self::Left(left) => Some(left),
            Self::Charged { after, .. } => Some(after),
            Self::Unreadable => None,
        }
    }
}

/// What a reply says became of an order. The numbers are those of the source document's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 1: delivered, with the serial number.
    Success {
        /// The serial number, or whatever stands in its place.
        sn: String,
    },
    /// 2: will be done.
    Accepted,
    /// 3: is being done.
    InProcess,
    /// 4 to 11 and 13 to 16: not delivered.
    Failed(Failure),
    /// 12: was there before, under this id or another.
    Duplicate {
        /// What became of that.
        status: DuplicateStatus,
        /// When, as it stands there.
        at: String,
        /// Its serial number; may be empty.
        sn: String,
    },
}

/// What a repeated order is said to have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateStatus {
    /// Delivered.
    Success,
    /// Not delivered.
    Failed,
    /// Another word: not done yet, as far as one can tell.
    Other,
}

/// Why an order is said to have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// 4.
    NotProcessable,
    /// 5.
    CancelledByProvider,
    /// 6: five failures in a row; only the supplier's people lift it.
    NumberBlocked,
    /// 7.
    ProductDownSupplier,
    /// 8.
    ProductDownOperator,
    /// 9.
    BadProduct,
    /// 10.
    BadNumber,
    /// 11.
    InsufficientBalance,
    /// 13.
    PackageAlreadyActive,
    /// 14.
    NumberExpired,
    /// 15.
    NumberInactive,
    /// 16: two things in one text. During the nightly cutoff it was not sent on; else its end is not certain.
    CutoffOrTimeout,
    /// A reason that the source document does not have.
    Other,
}

/// Why a text was not understood. None of these says whether anything was bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NotUnderstood {
    /// Nothing but white space.
    #[error("the reply is empty")]
    Empty,
    /// A page of a web server.
    #[error("the reply is a web page")]
    Page,
    /// A word about PIN, password, address or member: everything sent now would meet the same.
    #[error("the reply speaks of who we are")]
    AboutUs,
    /// Anything else.
    #[error("the reply is none of the kinds there are")]
    Other,
}
