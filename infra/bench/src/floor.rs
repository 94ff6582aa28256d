//! The floor of the layout: what the stored bytes cost if each item is written exactly once.
//!
//! Worked out by hand from the rules of the service (an item's size is the sum of its attribute
//! names and values; a write is billed by started kilobyte; a transactional one twice), from the
//! items' contents and not from what the engine reported. A count above its floor is a write too many.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use aws::audit::{AuditTrail, Position};
use domain::customer::{OutletDay, pack, visits_of};
use domain::export::Export;
use domain::page;
use domain::summary::DaySummary;
use ingest_sales::Deps;
use serde::Serialize;

/// From this size on a file's ledger entry is also written when its reading begins, in bytes.
const ANNOUNCED_ABOVE: u64 = 4 << 20;

/// Write units by kind of item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Floor {
    /// Pages of receipts.
    pub pages: u64,
    /// Day summaries.
    pub summaries: u64,
    /// The file ledger, transactional, the copy of an entry in the index of files, and its places there under the
    /// further outlets that the file tells of.
    pub ledger: u64,
    /// The audit trail, transactional.
    pub audit: u64,
    /// Customers.
    pub customers: u64,
    /// Their places in the index of phone numbers, of customers who have one and were not known before.
    pub phones: u64,
    /// Bytes of all pages, for the average by receipt.
    pub page_bytes: u64,
}

impl Floor {
    /// Write units of all but the customers and the index of their numbers.
    #[must_use]
    pub fn sales(&self) -> u64 {
        self.pages + self.summaries + self.ledger + self.audit
    }

    /// Write units of everything.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.sales() + self.customers + self.phones
    }
}

/// Started kilobytes.
fn units(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX).div_ceil(1024)
}

/// Bytes of a whole number: one for each two digits, and one.
fn number(value: u64) -> usize {
    value.to_string().len().div_ceil(2) + 1
}

/// Bytes of the two key attributes, names included.
fn keys(pk: &str, sk: &str) -> usize {
    "pk".len() + pk.len() + "sk".len() + sk.len()
}

/// The floor of days just stored from files just taken.
///
/// # Errors
/// When the store can't be read, or does not hold what the days and files call for.
pub async fn of(deps: &Deps, days: &[OutletDay], exports: &[Export]) -> Result<Floor> {
    let mut floor = Floor::default();
    let mut customers = BTreeSet::new();
    for (day, stored) in days.iter().zip(deps.sales.read_days(days).await?) {
        let (pk, date) = (format!("O#{}", day.0), day.1);
        let packed = page::pack(&stored.receipts)?.len();
        let writer = "w".len() + stored.writer.file.len() + "s".len() + number(stored.writer.stored);
        let page = keys(&pk, &format!("P#{date}")) + "v".len() + number(stored.version);
        floor.pages += units(page + "n".len() + number(1) + "d".len() + packed + writer);
        floor.page_bytes += u64::try_from(packed)?;
        let summary = DaySummary::of(stored.receipts.values())
            .ok()
            .context("a day's sums are in range")?;
        let summary = zstd::bulk::compress(&postcard::to_stdvec(&summary)?, 9)?;
        let head = keys(&pk, &format!("S#{date}")) + "v".len() + number(stored.version);
        floor.summaries += units(head + "d".len() + summary.len());
        customers.extend(visits_of(&stored.receipts, 0).into_keys());
    }
    for export in exports {
        floor.ledger += ledger(export)?;
        floor.audit += audit(deps, export).await?;
    }
    (floor.customers, floor.phones) = customer_units(deps, customers.into_iter().collect()).await?;
    Ok(floor)
}

fn ledger(export: &Export) -> Result<u64> {
    let keys = keys(&format!("E#{}", export.id), &format!("V#{}", export.etag));
    let kind = "kind".len() + "export".len() + "state".len() + export.state.as_str().len();
    let outlet = export.days.first().map_or(0, |(outlet, _)| outlet.len());
    // Its place in the list of its outlet's files: the partition, and a moment of fifteen digits.
    let place = "work".len() + "files#".len() + outlet + "work_at".len() + 15;
    let closed = units(keys + kind + place + "doc".len() + serde_json::to_string(export)?.len());
    let outlets: BTreeSet<&str> = export.days.iter().map(|(outlet, _)| outlet.as_str()).collect();
    // An item of less than a kilobyte, and its copy in the list.
    let places = 2 * u64::try_from(outlets.len())?.saturating_sub(1);
    // The announcement says little: it stays within a kilobyte. The list has a copy of the entry.
    Ok(3 * closed + places + u64::from(export.size > ANNOUNCED_ABOVE))
}

async fn audit(deps: &Deps, export: &Export) -> Result<u64> {
    let (chain, at) = export.audit.context("a file that was read has an audit record")?;
    let trail = AuditTrail::new(&deps.clients);
    let records = trail
        .list(chain, Position::After(at.saturating_sub(1)), 1)
        .await?;
    let record = records.first().context("the audit record is there")?;
    let keys = keys(&format!("A#{chain}"), &format!("{at:012}"));
    Ok(2 * units(keys + "kind".len() + "audit".len() + "doc".len() + serde_json::to_string(record)?.len()))
}

/// Write units of customers who were written once, and of the index of their numbers.
async fn customer_units(deps: &Deps, ids: Vec<String>) -> Result<(u64, u64)> {
    /// Characters of a number's hash: 80 bits, five to a character.
    const HASH: usize = 16;
    let (mut items, mut places) = (0, 0);
    for (id, stored) in deps.customers.read(&ids).await? {
        let hash = stored.customer.number().map(|_| "phone_hash".len() + HASH);
        let key = "pk".len() + "C#".len() + id.len();
        let rest = "v".len() + number(stored.version) + "d".len() + pack(&stored.customer)?.len();
        items += units(key + rest + hash.unwrap_or_default());
        places += hash.map_or(0, |hash| units(key + hash));
    }
    Ok((items, places))
}
