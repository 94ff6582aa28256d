//! What the bytes of a page are: each part is made to say nothing, and what that saves is its share.
//!
//! Shares do not add up to the page: zstd shares its dictionary among columns.

use std::mem;

use anyhow::Result;
use domain::page::{self, Receipts};
use domain::receipt::{Head, Line, Lines, OrderType, Receipt};
use serde::Serialize;

/// A part of a page and what it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The part.
    pub part: &'static str,
    /// Bytes by receipt, in hundredths.
    pub centibytes_per_receipt: u64,
}

/// Makes one part of a receipt say nothing; told the receipt's place in the day.
type Silence = fn(&mut Receipt, i64);

const PARTS: [(&str, Silence); 9] = [
    ("receipt numbers", |receipt, _| {
        head(receipt, |head| head.number = None)
    }),
    ("times of sale", |receipt, place| {
        set_times(receipt, |at, revised| {
            (place * 60_000, place * 60_000 + revised - at)
        })
    }),
    ("milliseconds of sale and change", |receipt, _| {
        set_times(receipt, |at, revised| {
            (at / 1000 * 1000, at / 1000 * 1000 + (revised - at) / 1000 * 1000)
        });
    }),
    ("times of change", |receipt, _| {
        set_times(receipt, |at, _| (at, at))
    }),
    ("customers", |receipt, _| {
        head(receipt, |head| head.customer = None)
    }),
    ("tables, methods, ways to order", |receipt, _| {
        head(receipt, |head| {
            (head.table, head.method, head.order_type) = (None, None, OrderType::Other)
        });
    }),
    ("tax, rounding, total", |receipt, _| {
        head(receipt, |head| {
            (head.tax, head.rounding, head.total) = (None, None, None)
        });
    }),
    ("quantities and amounts of lines", |receipt, _| {
        lines(receipt, |line| {
            (line.qty, line.gross, line.net) = (Default::default(), Default::default(), Default::default());
        });
    }),
    ("lines and what follows from them", |receipt, _| {
        receipt.lines = Lines::Missing;
        head(receipt, |head| {
            (head.gross, head.net, head.tax, head.rounding, head.total) = (None, None, None, None, None);
        });
    }),
];

fn head(receipt: &mut Receipt, silence: impl FnOnce(&mut Head)) {
    if let Some(head) = &mut receipt.head {
        silence(&mut head.value);
    }
}

fn lines(receipt: &mut Receipt, silence: impl FnMut(&mut Line)) {
    if let Lines::Whole(lines) = &mut receipt.lines {
        lines.value.iter_mut().for_each(silence);
    }
}

/// Gives a receipt another time of sale and of change, in Unix milliseconds.
fn set_times(receipt: &mut Receipt, times: impl FnOnce(i64, i64) -> (i64, i64)) {
    let Some(head) = &mut receipt.head else { return };
    let revised;
    (head.value.at_ms, revised) = times(head.value.at_ms, head.rank.revised_ms);
    head.rank.revised_ms = revised;
    if let Lines::Whole(lines) = &mut receipt.lines {
        lines.rank.revised_ms = revised;
    }
}

/// What a page takes by receipt, whole and part by part.
///
/// # Errors
/// When a page can't be packed, which happens on none that fits in memory.
pub fn of(receipts: &Receipts) -> Result<Vec<Share>> {
    let whole = page::pack(receipts)?.len();
    let share = |part, without: usize| Share {
        part,
        centibytes_per_receipt: by_receipt(whole.saturating_sub(without), receipts),
    };
    let mut shares = vec![
        share("the page", 0),
        share("ids", page::pack(&numbered(receipts))?.len()),
    ];
    for (part, silence) in PARTS {
        let mut silenced = receipts.clone();
        let mut in_time: Vec<&mut Receipt> = silenced.values_mut().collect();
        in_time.sort_by_key(|receipt| receipt.head.as_ref().map(|head| head.value.at_ms));
        for (place, receipt) in (0..).zip(in_time) {
            silence(receipt, place);
        }
        shares.push(share(part, page::pack(&silenced)?.len()));
    }
    Ok(shares)
}

fn by_receipt(bytes: usize, receipts: &Receipts) -> u64 {
    let hundredths = bytes
        .saturating_mul(100)
        .checked_div(receipts.len())
        .unwrap_or_default();
    u64::try_from(hundredths).unwrap_or(u64::MAX)
}

/// The same receipts under ids that say nothing.
fn numbered(receipts: &Receipts) -> Receipts {
    let mut in_time: Vec<Receipt> = receipts.values().cloned().collect();
    in_time.sort_by_key(|receipt| receipt.head.as_ref().map(|head| head.value.at_ms));
    let id = |place: u32| format!("00000000-0000-4000-8000-{place:012x}");
    (0..).map(id).zip(mem::take(&mut in_time)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crate::counts;
    use crate::generator::Plan;

    #[tokio::test(flavor = "multi_thread")]
    async fn no_part_is_larger_than_the_page() {
        let shares = counts::anatomy(Plan::chain(300)).await.unwrap();
        let whole = shares.first().unwrap().centibytes_per_receipt;
        assert!(shares.iter().all(|share| share.centibytes_per_receipt <= whole));
        // A random id has 122 bits that nothing compresses away.
        let ids = shares.iter().find(|share| share.part == "ids").unwrap();
        assert!(
            (1_450..=1_700).contains(&ids.centibytes_per_receipt),
            "{shares:?}"
        );
    }
}
