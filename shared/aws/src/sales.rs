//! Pages and day summaries.

mod summaries;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::customer::OutletDay;
use domain::page::{self, Receipts};

use crate::Clients;
use crate::dynamo::{
    Condition, Dynamo, Item, bytes, delete_action, key, number, put_action, read_bytes, read_number,
    read_text, text,
};
use crate::error::StoreError;
use crate::keys::{self, DATA, GONE, PARTS, PK, SK, VERSION, WRITER, WRITER_STORED};

pub use summaries::{Arrival, DayArrival, check_summary, summarised_day, summary_place};

/// What fits in one item beside its key, under the limit of 400 KB.
const PART_BYTES: usize = 380 << 10;
/// Parts of one page: as many as one transaction of 4 MB takes.
const PARTS_MAX: usize = 10;

/// The receipts of a day and the version they were read at.
#[derive(Debug, Default)]
pub struct StoredDay {
    /// The receipts by their id at the point of sale.
    pub receipts: Receipts,
    /// The page's version; zero when there is none.
    pub version: u64,
    /// The version that the day's summary was made from; zero when there is none.
    pub summarised: u64,
    /// Who wrote the page last.
    pub writer: Writer,
    /// Customers that the page named until lately: what they did that day may still have to be taken back.
    pub gone: Vec<String>,
    parts: u32,
}

/// The file that a page was last written for, and how many of its records that file brought in: after
/// a crash the file's next run can tell its own work from what was there before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writer {
    /// A short mark of the file's content.
    pub file: String,
    /// Records of the file that were news to the page.
    pub stored: u64,
}

/// The sales table.
#[derive(Clone, Debug)]
pub struct Sales {
    dynamo: Dynamo,
    table: String,
}

impl Sales {
    /// The sales table of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().sales.clone(),
        }
    }

    /// Reads days with the versions of their summaries, strongly consistent, fifty to a request.
    /// Answers in the order of `days`.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or holds what can't be understood.
    pub async fn read_days(&self, days: &[OutletDay]) -> Result<Vec<StoredDay>, StoreError> {
        let wanted = days.iter().flat_map(|(outlet, date)| {
            [keys::page(*date), keys::summary(*date)].map(|sk| key(keys::outlet(outlet), sk))
        });
        let mut found: HashMap<OutletDay, StoredDay> = HashMap::new();
        for item in self.dynamo.get_many(&self.table, wanted.collect()).await? {
            let (pk, sk) = (read_text(&item, PK)?, read_text(&item, SK)?);
            let day = keys::outlet_day(pk, sk).ok_or(StoreError::Damaged("a key of no day"))?;
            let is_page = sk.starts_with("P#");
            let stored = found.entry(day.clone()).or_default();
            if is_page {
                let summarised = stored.summarised;
                *stored = StoredDay {
                    summarised,
                    ..self.page_of(&day, item).await?
                };
            } else {
                stored.summarised = read_number(&item, VERSION)?;
            }
        }
        Ok(days
            .iter()
            .map(|day| found.remove(day).unwrap_or_default())
            .collect())
    }

    /// Reads the receipts of one day; `None` where there are none.
    ///
    /// # Errors
    /// As [`Sales::read_days`].
    pub async fn read_page(&self, day: &OutletDay) -> Result<Option<StoredDay>, StoreError> {
        let head = self
            .dynamo
            .get(&self.table, key(keys::outlet(&day.0), keys::page(day.1)))
            .await?;
        match head {
            Some(head) => self.page_of(day, head).await.map(Some),
            None => Ok(None),
        }
    }

    async fn page_of(&self, day: &OutletDay, head: Item) -> Result<StoredDay, StoreError> {
        let (version, parts) = (read_number(&head, VERSION)?, read_number(&head, PARTS)?);
        let receipts = if parts == 1 {
            page::unpack(read_bytes(&head, DATA)?)?
        } else {
            page::unpack(&self.gather(day, version, parts).await?)?
        };
        let writer = match read_text(&head, WRITER) {
            Ok(file) => Writer {
                file: file.to_owned(),
                stored: read_number(&head, WRITER_STORED)?,
            },
            Err(_) => Writer::default(),
        };
        let gone = head
            .get(GONE)
            .and_then(|gone| gone.as_ss().ok())
            .cloned()
            .unwrap_or_default();
        Ok(StoredDay {
            receipts,
            version,
            summarised: 0,
            writer,
            gone,
            parts,
        })
    }

    /// Puts together a page of several parts. A part of another version means that the page was
    /// written in between: the caller reads again.
    async fn gather(
        &self,
        (outlet, date): &OutletDay,
        version: u64,
        parts: u32,
    ) -> Result<Vec<u8>, StoreError> {
        let wanted = (0..parts).map(|part| {
            if part == 0 {
                keys::page(*date)
            } else {
                keys::page_part(*date, part)
            }
        });
        let wanted = wanted.map(|sk| key(keys::outlet(outlet), sk)).collect();
        let mut items = self.dynamo.get_many(&self.table, wanted).await?;
        items.sort_by(|a, b| {
            read_text(a, SK)
                .unwrap_or_default()
                .cmp(read_text(b, SK).unwrap_or_default())
        });
        let mut data = Vec::new();
        for item in &items {
            if read_number::<u64>(item, VERSION)? != version {
                return Err(StoreError::Conflict);
            }
            data.extend_from_slice(read_bytes(item, DATA)?);
        }
        if u32::try_from(items.len()).ok() == Some(parts) {
            Ok(data)
        } else {
            Err(StoreError::Conflict)
        }
    }

    /// Writes a day as it is to be, if its page still has the version of `to`. Answers the new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another writer was first, [`StoreError::TooLarge`] when a day has
    /// more receipts than a page can hold.
    pub async fn write_page(&self, day: &OutletDay, to: &StoredDay) -> Result<u64, StoreError> {
        let data = page::pack(&to.receipts)?;
        let version = to.version.saturating_add(1);
        let condition = match to.version {
            0 => Condition::absent(),
            version => Condition::that("v = :v", [(":v", number(version))]),
        };
        if data.len() <= PART_BYTES && to.parts <= 1 {
            let mut item = part(day, version, 0, 1, data);
            remark(&mut item, to);
            self.dynamo.put(&self.table, item, Some(condition)).await?;
        } else {
            self.write_parts(day, version, to, &data, condition).await?;
        }
        Ok(version)
    }

    async fn write_parts(
        &self,
        day: &OutletDay,
        version: u64,
        to: &StoredDay,
        data: &[u8],
        condition: Condition,
    ) -> Result<(), StoreError> {
        let chunks: Vec<&[u8]> = data.chunks(PART_BYTES).collect();
        if chunks.len() > PARTS_MAX {
            return Err(StoreError::TooLarge("a day's receipts"));
        }
        let parts = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        let mut actions = Vec::new();
        for (index, chunk) in (0_u32..).zip(chunks) {
            let mut item = part(day, version, index, parts, chunk.to_vec());
            if index == 0 {
                remark(&mut item, to);
            }
            let condition = (index == 0).then(|| condition.clone());
            actions.push(put_action(&self.table, item, condition)?);
        }
        for surplus in parts..to.parts {
            let surplus = key(keys::outlet(&day.0), keys::page_part(day.1, surplus));
            actions.push(delete_action(&self.table, surplus, None)?);
        }
        self.dynamo.transact(actions).await
    }

    /// Whether an outlet has any sales.
    ///
    /// # Errors
    /// As [`Sales::read_days`].
    pub async fn any(&self, outlet: &str) -> Result<bool, StoreError> {
        let (items, _) = self
            .dynamo
            .page(self.dynamo.query(&self.table, &keys::outlet(outlet)).limit(1))
            .await?;
        Ok(!items.is_empty())
    }
}

/// Notes on a page's head what its receipts do not tell.
fn remark(head: &mut Item, day: &StoredDay) {
    if !day.writer.file.is_empty() {
        head.insert(WRITER.to_owned(), text(&day.writer.file));
        head.insert(WRITER_STORED.to_owned(), number(day.writer.stored));
    }
    if !day.gone.is_empty() {
        head.insert(GONE.to_owned(), AttributeValue::Ss(day.gone.clone()));
    }
}

fn part(day: &OutletDay, version: u64, index: u32, parts: u32, data: Vec<u8>) -> Item {
    let sk = if index == 0 {
        keys::page(day.1)
    } else {
        keys::page_part(day.1, index)
    };
    let mut item = key(keys::outlet(&day.0), sk);
    let attributes: [(&str, AttributeValue); 3] = [
        (VERSION, number(version)),
        (PARTS, number(parts)),
        (DATA, bytes(data)),
    ];
    item.extend(attributes.map(|(name, value)| (name.to_owned(), value)));
    item
}
