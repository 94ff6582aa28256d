//! What tables mean, as one short text: equal fingerprints are equal content.
//!
//! Of what is made anew from exports the meaning is hashed: what it says of the shop, and not which version it is, who
//! wrote it, or when it was written or told. What nothing makes anew is hashed as it is stored ([`of_stored`]). A
//! table's fingerprint is a hash of its items' hashes in order, so the order in which items are read does not show.
//! So a table can be compared with one that was made again from the exports.

mod people;

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::customer::OutletDay;
use crate::export::Export;
use crate::feedback::Answer;
use crate::insight::{Insight, Period, Scope};
use crate::mail::Mail;
use crate::page::Receipts;
use crate::quarantine::Quarantined;
use crate::receipt::{Head, Line, Refund};
use crate::summary::DaySummary;

pub use people::{of_book, of_customer, of_habit};

/// The hash of what one item means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemHash([u8; 32]);

/// An item can't be written as JSON, which happens on none that fits in memory.
#[derive(Debug, thiserror::Error)]
#[error("an item could not be written for its fingerprint")]
pub struct FingerprintError(#[from] serde_json::Error);

/// A part of the tables, so that equal content of two of them differs.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Table {
    Page,
    Summary,
    Customer,
    Habit,
    Book,
    Insight,
    Group,
    Answer,
    Export,
    Piece,
    Mail,
    Stored,
}

/// A receipt without the ranks of its tellings.
#[derive(Serialize)]
struct ReceiptMeaning<'a> {
    head: Option<&'a Head>,
    lines: Vec<&'a Line>,
    refunds: BTreeMap<&'a str, &'a Refund>,
}

/// What a page of receipts means; `None` if it holds none, which is the same as no page. Lines count in their
/// order, whether they were told as a whole or row by row.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_page(day: &OutletDay, receipts: &Receipts) -> Result<Option<ItemHash>, FingerprintError> {
    if receipts.is_empty() {
        return Ok(None);
    }
    let meaning: BTreeMap<&str, ReceiptMeaning<'_>> = receipts
        .iter()
        .map(|(native, receipt)| {
            let refunds = receipt.refunds.iter();
            let meaning = ReceiptMeaning {
                head: receipt.head.as_ref().map(|head| &head.value),
                lines: receipt.lines.iter().collect(),
                refunds: refunds.map(|(id, refund)| (id.as_str(), &refund.value)).collect(),
            };
            (native.as_str(), meaning)
        })
        .collect();
    item(&Table::Page, day, &meaning).map(Some)
}

/// What the figures of an outlet's day mean.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_summary(day: &OutletDay, summary: &DaySummary) -> Result<ItemHash, FingerprintError> {
    item(&Table::Summary, day, summary)
}

/// What the figures of a period mean.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_insight(scope: &Scope, period: Period, insight: &Insight) -> Result<ItemHash, FingerprintError> {
    let outlet = match scope {
        Scope::Outlet(outlet) => Some(outlet),
        Scope::All => None,
    };
    item(&Table::Insight, &(outlet, period.to_string()), insight)
}

/// What figures of a day in a group of outlets mean: the group's, or those of an outlet in it. `place` tells them
/// apart, as it stands in the table.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_group(place: (&str, &str), insight: &Insight) -> Result<ItemHash, FingerprintError> {
    item(&Table::Group, &place, insight)
}

/// What is said of a receipt, whichever version of the answer says it.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_answer(answer: &Answer) -> Result<ItemHash, FingerprintError> {
    let unversioned = Answer {
        version: 0,
        ..answer.clone()
    };
    item(&Table::Answer, &answer.place, &unversioned)
}

/// What became of a file: how its records were counted, whenever and in however many runs they were.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_export(export: &Export) -> Result<ItemHash, FingerprintError> {
    let key = (&export.id, &export.etag);
    let records = (&export.counts, &export.sums, &export.control, &export.rejected);
    let meaning = (
        export.state,
        &export.dialect,
        &export.failure,
        export.days_total,
        records,
    );
    item(&Table::Export, &key, &meaning)
}

/// Where a quarantined piece stands and why.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_piece(piece: &Quarantined) -> Result<ItemHash, FingerprintError> {
    let key = (&piece.export_id, &piece.etag, piece.local_id());
    let meaning = (
        piece.state,
        &piece.code,
        &piece.pointer,
        &piece.outlet,
        &piece.reason,
    );
    item(&Table::Piece, &key, &meaning)
}

/// What a mail is about. Whether it was sent is not its meaning: it goes out while others look.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_mail(mail: &Mail) -> Result<ItemHash, FingerprintError> {
    item(&Table::Mail, &mail.id, &mail.cause)
}

/// An item as it is stored: its kind, and all of its attributes with their values, the key among them.
///
/// # Errors
/// [`FingerprintError`]
pub fn of_stored(kind: &str, attributes: &impl Serialize) -> Result<ItemHash, FingerprintError> {
    item(&Table::Stored, &kind, attributes)
}

/// A table's fingerprint, in hexadecimal, from its items in any order.
#[must_use]
pub fn of_table(items: impl IntoIterator<Item = ItemHash>) -> String {
    let mut items: Vec<ItemHash> = items.into_iter().collect();
    items.sort_unstable();
    let mut hash = Sha256::new();
    for ItemHash(item) in items {
        hash.update(item);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

/// The hash of one item: of its table, its key and its meaning. As one JSON document, no two of them run
/// together, and every map in it is in the order of its keys.
fn item(table: &Table, key: &impl Serialize, meaning: &impl Serialize) -> Result<ItemHash, FingerprintError> {
    let document = serde_json::to_vec(&(table, key, meaning))?;
    Ok(ItemHash(Sha256::digest(&document).into()))
}
