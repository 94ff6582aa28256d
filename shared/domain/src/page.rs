//! A page: all receipts of one outlet and business date, as one compressed item.
//!
//! A database that bills per started kilobyte per item makes the layout the cost. So a page is
//! columnar: equal things side by side, what can be derived left out (a line's amounts from its
//! item's usual price, a total from its parts), identifiers in binary, then zstd. The bytes depend on
//! the receipts alone: equal pages are equal bytes, whatever the order in which files came.

mod column;
mod heads;
mod lines;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::receipt::{Ranked, Receipt, Refund};
use column::{Ids, Millis, Scaled, Texts};
use heads::Heads;
use lines::LineColumns;

/// The format's version, the first byte of a page. A reader refuses one that it does not know.
const FORMAT: u8 = 1;

/// The most a page may come to when it is unpacked, in bytes: a bound on what a reader can be made to allocate.
const UNPACKED_BYTES_MAX: usize = 256 << 20;

/// The receipts of one outlet and business date by their id at the point of sale.
pub type Receipts = BTreeMap<String, Receipt>;

/// Why a page could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Written by a newer version of this program.
    #[error("page format {0} is not known to this version")]
    UnknownFormat(u8),
    /// The bytes are not those of a page.
    #[error("the page is damaged: {0}")]
    Damaged(&'static str),
    /// It could not be compressed or expanded.
    #[error("the page could not be packed or unpacked")]
    Compression(#[source] std::io::Error),
    /// It could not be written as bytes or read from them.
    #[error("the page's columns could not be coded")]
    Columns(#[from] postcard::Error),
}

#[derive(Serialize, Deserialize)]
struct Columns {
    ids: Ids,
    heads: Heads,
    lines: LineColumns,
    refund_counts: Vec<u32>,
    refund_ids: Texts,
    refund_authority: Vec<u8>,
    refund_revised: Millis,
    refund_at: Millis,
    refund_amount: Scaled,
}

/// Packs receipts into the bytes of a page.
///
/// # Errors
/// [`PageError::Compression`] or [`PageError::Columns`]; neither happens on receipts that fit in memory.
pub fn pack(receipts: &Receipts) -> Result<Vec<u8>, PageError> {
    let columns = postcard::to_stdvec(&Columns::of(receipts))?;
    let mut packed = zstd::bulk::compress(&columns, ZSTD_LEVEL).map_err(PageError::Compression)?;
    packed.insert(0, FORMAT);
    Ok(packed)
}

/// Chosen by measurement: higher levels save under one percent of bytes and cost several times the work.
const ZSTD_LEVEL: i32 = 9;

/// Unpacks the receipts of a page.
///
/// # Errors
/// [`PageError`] when the bytes are not a page of a known format.
pub fn unpack(bytes: &[u8]) -> Result<Receipts, PageError> {
    let (format, packed) = bytes.split_first().ok_or(PageError::Damaged("empty"))?;
    if *format != FORMAT {
        return Err(PageError::UnknownFormat(*format));
    }
    let size = zstd::zstd_safe::get_frame_content_size(packed)
        .ok()
        .flatten()
        .and_then(|size| usize::try_from(size).ok())
        .filter(|size| *size <= UNPACKED_BYTES_MAX)
        .ok_or(PageError::Damaged("no believable size"))?;
    let columns = zstd::bulk::decompress(packed, size).map_err(PageError::Compression)?;
    postcard::from_bytes::<Columns>(&columns)?.receipts()
}

impl Columns {
    fn of(receipts: &Receipts) -> Self {
        // By time, so that neighbours differ little; the id settles equal times.
        let mut order: Vec<(&String, &Receipt)> = receipts.iter().collect();
        order.sort_by_key(|(id, receipt)| (receipt.head.as_ref().map(|head| head.value.at_ms), *id));
        let refunds = || order.iter().flat_map(|(_, receipt)| &receipt.refunds);
        Self {
            ids: Ids::of(order.iter().map(|(id, _)| id.as_str())),
            heads: Heads::of(order.iter().map(|(_, receipt)| *receipt)),
            lines: LineColumns::of(order.iter().map(|(_, receipt)| *receipt)),
            refund_counts: order
                .iter()
                .map(|(_, receipt)| small(receipt.refunds.len()))
                .collect(),
            refund_ids: Texts::of(refunds().map(|(id, _)| Some(id.as_str()))),
            refund_authority: refunds().map(|(_, refund)| refund.rank.authority).collect(),
            refund_revised: Millis::of(refunds().map(|(_, refund)| refund.rank.revised_ms)),
            refund_at: Millis::of(refunds().map(|(_, refund)| refund.value.at_ms)),
            refund_amount: Scaled::of(refunds().map(|(_, refund)| refund.value.amount.raw())),
        }
    }

    fn receipts(self) -> Result<Receipts, PageError> {
        let ids = self.ids.all()?;
        let count = ids.len();
        let lines = self.lines.all(count)?;
        let heads = self.heads.all(&lines)?;
        let mut refunds = refunds(
            self.refund_counts,
            &self.refund_ids,
            &self.refund_authority,
            &self.refund_revised,
            &self.refund_at,
            &self.refund_amount,
        )?;
        if heads.len() != count || refunds.len() != count {
            return Err(PageError::Damaged("columns of unequal length"));
        }
        let mut receipts = Receipts::new();
        let rows = ids.into_iter().zip(heads).zip(lines).zip(refunds.drain(..));
        for (((id, head), lines), refunds) in rows {
            let mut receipt = Receipt { head, lines, refunds };
            lines::settle(&mut receipt);
            receipts.insert(id, receipt);
        }
        Ok(receipts)
    }
}

fn refunds(
    counts: Vec<u32>,
    ids: &Texts,
    authority: &[u8],
    revised: &Millis,
    at: &Millis,
    amounts: &Scaled,
) -> Result<Vec<BTreeMap<String, Ranked<Refund>>>, PageError> {
    let short = PageError::Damaged("refunds cut short");
    let (ids, revised, at, amounts) = (ids.all()?, revised.all()?, at.all()?, amounts.all()?);
    let mut rows = ids
        .into_iter()
        .zip(authority)
        .zip(revised)
        .zip(at)
        .zip(amounts)
        .map(|((((id, authority), revised_ms), at_ms), amount)| {
            let rank = crate::receipt::Rank {
                authority: *authority,
                revised_ms,
            };
            let refund = Refund {
                at_ms,
                amount: crate::money::Money::from_raw(amount),
            };
            Some((id?, Ranked { rank, value: refund }))
        });
    let mut all = Vec::new();
    for count in counts {
        let mut of_receipt = BTreeMap::new();
        for _ in 0..count {
            let Some(Some((id, refund))) = rows.next() else {
                return Err(short);
            };
            of_receipt.insert(id, refund);
        }
        all.push(of_receipt);
    }
    Ok(all)
}

/// A count that is small by construction: a page's columns are bounded by the size of an item.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
