//! Pages and day summaries.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};
use domain::customer::OutletDay;
use domain::page::{self, Receipts};
use domain::summary::DaySummary;
use domain::when::BusinessDate;

use crate::Clients;
use crate::dynamo::{
    Condition, Dynamo, Item, bytes, key, number, put_action, read_bytes, read_number, read_text, text,
};
use crate::error::StoreError;
use crate::keys::{self, DATA, GONE, PARTS, PK, SK, VERSION, WRITER, WRITER_STORED};

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
            let delete = Delete::builder()
                .table_name(&self.table)
                .set_key(Some(key(keys::outlet(&day.0), keys::page_part(day.1, surplus))))
                .build()
                .map_err(|_| StoreError::Damaged("nothing to delete"))?;
            actions.push(TransactWriteItem::builder().delete(delete).build());
        }
        self.dynamo.transact(actions).await
    }

    /// Writes a day's summary as made from a version of its page, unless a newer one is there.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written.
    pub async fn write_summary(
        &self,
        day: &OutletDay,
        version: u64,
        summary: &DaySummary,
    ) -> Result<(), StoreError> {
        let mut item = key(keys::outlet(&day.0), keys::summary(day.1));
        let packed = pack_summary(&flatten(summary)?)?;
        item.insert(VERSION.to_owned(), number(version));
        item.insert(DATA.to_owned(), bytes(packed));
        let condition = Condition::that("attribute_not_exists(pk) OR v < :v", [(":v", number(version))]);
        match self.dynamo.put(&self.table, item, Some(condition)).await {
            // A newer summary speaks for this version too.
            Err(StoreError::Conflict) => Ok(()),
            done => done,
        }
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
        let day = |item: &Item| {
            let day = keys::outlet_day(read_text(item, PK)?, read_text(item, SK)?);
            day.ok_or(StoreError::Damaged("a key of no day"))
        };
        items.iter().map(day).collect()
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
        let read = |item: &Item| {
            let day = keys::outlet_day(read_text(item, PK)?, read_text(item, SK)?);
            Ok((
                day.ok_or(StoreError::Damaged("a key of no day"))?.1,
                unpack_summary(item)?,
            ))
        };
        items.iter().map(read).collect()
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
