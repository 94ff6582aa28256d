//! The keys of the table of top-ups.
//!
//! | pk | sk | item |
//! |---|---|---|
//! | `O#<order>` | `O` | an order |
//! | `O#<order>` | `E#<nnnn>` | what happened to it |
//! | `I#<partner>` | `<hash of a key>` | the order that a partner's idempotency key stands for |
//! | `G` | `<code>` | a product |
//! | `Q` | `<partner>` | a partner |
//! | `N#<destination>` | `N` | what is known of a destination |
//! | `B` | `B` | the end of the books |
//! | `B` | `W` | what waits to be sent |
//! | `B#<date>` | `<number>` | an entry of the books |
//! | `D#<partner>` | `<date>` | what a partner's orders of a day came to |
//! | `W#<message>` | `W` | a message to a partner |
//! | `S` | `<name>` | a setting |
//! | `T#<what>` | `T` | who alone may do something for a while |

use domain::when::BusinessDate;

pub(crate) fn order(refid: &str) -> String {
    format!("O#{refid}")
}

pub(crate) const ORDER: &str = "O";

/// All that happened to an order begins with this.
pub(crate) const EVENTS: &str = "E#";

/// Padded, so that events come in the order of their numbers.
pub(crate) fn event(number: u32) -> String {
    format!("{EVENTS}{number:04}")
}

pub(crate) fn used_keys(partner: &str) -> String {
    format!("I#{partner}")
}

pub(crate) const PRODUCTS: &str = "G";
pub(crate) const PARTNERS: &str = "Q";

pub(crate) fn destination(dest: &str) -> String {
    format!("N#{dest}")
}

pub(crate) const DESTINATION: &str = "N";
pub(crate) const BOOKS: &str = "B";
pub(crate) const WAITING: &str = "W";

/// The entries of a day.
pub(crate) fn entries(date: BusinessDate) -> String {
    format!("B#{date}")
}

/// Padded, so that entries come in the order of their numbers.
pub(crate) fn entry(number: u64) -> String {
    format!("{number:012}")
}

pub(crate) fn days(partner: &str) -> String {
    format!("D#{partner}")
}

pub(crate) fn webhook(id: &str) -> String {
    format!("W#{id}")
}

pub(crate) const WEBHOOK: &str = "W";
pub(crate) const SETTINGS: &str = "S";

/// The partition of the list index with the orders of a partner.
pub(crate) fn orders_of(partner: &str) -> String {
    format!("P#{partner}")
}

/// The partition of the list index with the messages to a partner that were given up.
pub(crate) fn given_up_of(partner: &str) -> String {
    format!("given-up#{partner}")
}
