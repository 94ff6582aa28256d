//! The records of the ledger.

use domain::topup::reply::Failure;
use serde::{Deserialize, Serialize};

use super::time::{clock, date};

/// What a product's serial numbers look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serial {
    /// An operator's reference, with dots in it.
    Pulsa,
    /// A token for electricity with a name, a tariff, a power and an energy. The name has a `#` in it.
    Pln,
    /// The code of a voucher.
    Voucher,
}

/// Whether a product is to be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    #[default]
    Open,
    /// Not at the moment, because of the supplier.
    Down,
    /// Not at the moment, because of the operator.
    DownAtOperator,
    /// Not any more.
    Gone,
}

/// A transaction: an order that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// The server's own id.
    pub trxid: String,
    /// The member's id.
    pub refid: String,
    /// The product.
    pub product: String,
    /// The destination.
    pub dest: String,
    /// When it was taken, Unix milliseconds.
    pub at_ms: i64,
    /// What it costs.
    pub price: i64,
    /// Where it stands.
    pub status: Status,
    /// Its serial number, once it is delivered.
    pub sn: String,
    /// Whether its price is out of the deposit.
    pub charged: bool,
    /// When it is over, Unix milliseconds, and whether it is delivered then; `None` where time changes nothing.
    pub(in super::super) settles: Option<(i64, bool)>,
}

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Not over.
    Pending,
    /// Delivered.
    Delivered,
    /// Not delivered, and charged no more.
    Failed(Failure),
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// The member's id of the order.
    pub refid: String,
    /// What.
    pub what: What,
}

/// What happens to orders here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// Taken as a new one.
    Taken,
    /// Asked about.
    Asked,
    /// Refused before it became anything.
    Refused(Failure),
    /// Delivered.
    Delivered,
    /// Not delivered.
    Failed(Failure),
}

/// A serial number, the same again for the same arguments.
pub(super) fn sn(serial: Serial, place: usize, at_ms: i64) -> String {
    let number = place + 1;
    match serial {
        Serial::Pulsa => format!(
            "R{}.{}.{number:04}F1",
            date(at_ms).replace('/', ""),
            clock(at_ms).replace(':', "")
        ),
        Serial::Pln => format!(
            "2514-7093-1146-{:04}-{number:04}/WARUNG #1/R1M/900VA/33,7",
            number % 10_000
        ),
        Serial::Voucher => format!("VCR{number:05}-7731-9920"),
    }
}
