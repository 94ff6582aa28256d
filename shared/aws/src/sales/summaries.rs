//! Day summaries, and how the sales they sum up came in.

use std::collections::{BTreeSet, HashMap};

use domain::customer::OutletDay;
use domain::summary::DaySummary;
use domain::when::BusinessDate;

use super::{PART_BYTES, Sales};
use crate::dynamo::{Condition, Item, bytes, key, number, read_bytes, read_number, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, DATA, EXPORT, FIRST_RECEIVED, LAST_RECEIVED, PK, SK, VERSION};

/// A file's coming in with sales of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// When the file was received, Unix milliseconds.
    pub received_ms: i64,
    /// The export's id.
    pub export_id: String,
    /// The entity tag of the content that was read.
    pub etag: String,
}

/// A day's summary and how its sales came in. What came in before this was noted has none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayArrival {
    /// The summary.
    pub summary: DaySummary,
    /// The version of the page that it was made from.
    pub version: u64,
    /// When the file was received that first brought sales of the day, Unix milliseconds.
    pub first_received_ms: Option<i64>,
    /// When the file was received that last changed them.
    pub last_received_ms: Option<i64>,
    /// The id and entity tag of that file.
    pub export: Option<(String, String)>,
}

impl Sales {
    /// Writes a day's summary as made from a version of its page, unless a newer one is there, and the
    /// arrival that it was made after. When sales of the day first came in is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn write_summary(
        &self,
        day: &OutletDay,
        version: u64,
        summary: &DaySummary,
        arrival: &Arrival,
    ) -> Result<(), StoreError> {
        let values = [
            (":v", number(version)),
            (":d", bytes(pack_summary(&flatten(summary)?)?)),
            (":l", number(arrival.received_ms)),
            (":e", text(format!("{} {}", arrival.export_id, arrival.etag))),
        ];
        let older = Condition::that("attribute_not_exists(pk) OR v < :v", values);
        let change = "SET v = :v, d = :d, l = :l, e = :e, f = if_not_exists(f, :l)";
        let place = key(keys::outlet(&day.0), keys::summary(day.1));
        match self.dynamo.update(&self.table, place, change, older).await {
            // A newer summary speaks for this version too.
            Err(StoreError::Conflict) => Ok(()),
            done => done,
        }
    }

    /// Takes a day's summary away, where its page is to be told anew.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn forget_summary(&self, day: &OutletDay) -> Result<(), StoreError> {
        let place = key(keys::outlet(&day.0), keys::summary(day.1));
        self.dynamo.delete(&self.table, place).await
    }

    /// The summary of one day, with the page version it was made from.
    ///
    /// # Errors
    /// As [`Sales::read_days`].
    pub async fn read_summary(&self, day: &OutletDay) -> Result<Option<DaySummary>, StoreError> {
        let item = self
            .dynamo
            .get(&self.table, key(keys::outlet(&day.0), keys::summary(day.1)))
            .await?;
        item.map(|item| unpack_summary(&item)).transpose()
    }

    /// Which of these days have a summary: sales have come in for them.
    ///
    /// # Errors
    /// As [`Sales::read_days`].
    pub async fn summarised(&self, days: &[OutletDay]) -> Result<BTreeSet<OutletDay>, StoreError> {
        let wanted = days
            .iter()
            .map(|(outlet, date)| key(keys::outlet(outlet), keys::summary(*date)));
        let items = self.dynamo.get_many(&self.table, wanted.collect()).await?;
        items.iter().map(day_of).collect()
    }

    /// The summaries of many days with how their sales came in, a hundred to a request, strongly
    /// consistent. Answers in the order of `days`.
    ///
    /// # Errors
    /// As [`Sales::read_days`].
    pub async fn arrivals(&self, days: &[OutletDay]) -> Result<Vec<Option<DayArrival>>, StoreError> {
        // One request must not name an item twice.
        let wanted = days.iter().collect::<BTreeSet<_>>().into_iter();
        let wanted = wanted.map(|(outlet, date)| key(keys::outlet(outlet), keys::summary(*date)));
        let mut found = HashMap::new();
        for item in self.dynamo.get_many(&self.table, wanted.collect()).await? {
            found.insert(day_of(&item)?, arrival(&item)?);
        }
        Ok(days.iter().map(|day| found.get(day).cloned()).collect())
    }

    /// The summaries of an outlet from one date to another, both included, oldest first.
    ///
    /// # Errors
    /// As [`Sales::read_days`].
    pub async fn summaries(
        &self,
        outlet: &str,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<Vec<(BusinessDate, DaySummary)>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, &keys::outlet(outlet))
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":from", text(keys::summary(from)))
            .expression_attribute_values(":to", text(keys::summary(to)));
        let items = self.dynamo.all(query).await?;
        let read = |item: &Item| Ok((day_of(item)?.1, unpack_summary(item)?));
        items.iter().map(read).collect()
    }
}

/// The day whose summary stands under a key; `None` for the key of anything else. For the records of the
/// table's stream.
#[must_use]
pub fn summarised_day(pk: &str, sk: &str) -> Option<OutletDay> {
    let day = keys::outlet_day(pk, sk)?;
    (sk == keys::summary(day.1)).then_some(day)
}

/// The key under which a day's summary stands: the other way round. For records that say that it has changed.
#[must_use]
pub fn summary_place((outlet, date): &OutletDay) -> (String, String) {
    (keys::outlet(outlet), keys::summary(*date))
}

/// The day that an item is of.
fn day_of(item: &Item) -> Result<OutletDay, StoreError> {
    let day = keys::outlet_day(read_text(item, PK)?, read_text(item, SK)?);
    day.ok_or(StoreError::Damaged("a key of no day"))
}

fn arrival(item: &Item) -> Result<DayArrival, StoreError> {
    let moment = |name| {
        item.contains_key(name)
            .then(|| read_number(item, name))
            .transpose()
    };
    let export = read_text(item, EXPORT)
        .ok()
        .and_then(|export| export.split_once(' '));
    Ok(DayArrival {
        summary: unpack_summary(item)?,
        version: read_number(item, VERSION)?,
        first_received_ms: moment(FIRST_RECEIVED)?,
        last_received_ms: moment(LAST_RECEIVED)?,
        export: export.map(|(id, etag)| (id.to_owned(), etag.to_owned())),
    })
}

/// Whether a day's summary fits into its item. One of some thousand dishes does.
///
/// # Errors
/// [`StoreError::TooLarge`] when it does not.
pub fn check_summary(summary: &DaySummary) -> Result<(), StoreError> {
    let flat = flatten(summary)?;
    // Packing is dear, and what fits as it is need not be packed to be sure.
    if flat.len() <= PART_BYTES || pack_summary(&flat)?.len() <= PART_BYTES {
        Ok(())
    } else {
        Err(StoreError::TooLarge("a day's summary"))
    }
}

fn flatten(summary: &DaySummary) -> Result<Vec<u8>, StoreError> {
    postcard::to_stdvec(summary).map_err(|_| StoreError::Damaged("a summary can't be written"))
}

fn pack_summary(flat: &[u8]) -> Result<Vec<u8>, StoreError> {
    zstd::bulk::compress(flat, 9).map_err(|_| StoreError::Damaged("a summary can't be packed"))
}

/// More than a summary can come to when it is unpacked.
const SUMMARY_BYTES_MAX: usize = 16 << 20;

fn unpack_summary(item: &Item) -> Result<DaySummary, StoreError> {
    let packed = zstd::bulk::decompress(read_bytes(item, DATA)?, SUMMARY_BYTES_MAX);
    let packed = packed.map_err(|_| StoreError::Damaged("a summary can't be unpacked"))?;
    postcard::from_bytes(&packed).map_err(|_| StoreError::Damaged("a summary can't be read"))
}
