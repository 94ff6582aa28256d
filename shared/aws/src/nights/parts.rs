//! Parts of nights.

use domain::night::{Part, Phase};
use domain::when::BusinessDate;
use futures::{StreamExt, TryStreamExt, stream};

use super::Nights;
use crate::dynamo::{Condition, Item, at_version, key, number, put_action, read_document, text, versioned};
use crate::error::StoreError;
use crate::keys::{self, BY_WORK, EXPIRES_AT, KIND, STATE, WORK, WORK_AT};

/// What a part is called in the records of the table's stream.
pub const PART_KIND: &str = "part";

/// Parts that are put at the same time.
const PARALLEL: usize = 8;

impl Nights {
    /// Stores new parts, each of which is announced by that to whoever follows the table's stream. Answers the
    /// numbers that were taken: whoever wants to know by what reads again.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written; some of them may be there then.
    pub async fn put_parts(&self, parts: &[Part]) -> Result<Vec<u32>, StoreError> {
        let puts = parts.iter().map(|part| async move {
            let item = item(&next(part))?;
            match self
                .dynamo
                .put(&self.table, item, Some(Condition::absent()))
                .await
            {
                Ok(()) => Ok(None),
                Err(StoreError::Conflict) => Ok(Some(part.number)),
                Err(error) => Err(error),
            }
        });
        let taken = stream::iter(puts).buffered(PARALLEL);
        taken
            .try_filter_map(|taken| async move { Ok(taken) })
            .try_collect()
            .await
    }

    /// One part, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn part(
        &self,
        night: BusinessDate,
        phase: Phase,
        number: u32,
    ) -> Result<Option<Part>, StoreError> {
        let place = key(keys::night(night), keys::part(phase, number));
        let item = self.dynamo.get(&self.table, place).await?;
        item.as_ref().map(read_document).transpose()
    }

    /// All parts of a night's phase by their numbers, of every run of the night, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn parts(&self, night: BusinessDate, phase: Phase) -> Result<Vec<Part>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, &keys::night(night))
            .key_condition_expression("pk = :pk AND begins_with(sk, :parts)")
            .expression_attribute_values(":parts", text(keys::parts(phase)))
            .consistent_read(true);
        let items = self.dynamo.all(query).await?;
        items.iter().map(read_document).collect()
    }

    /// Parts of a night's phase by their numbers, those after one of them, and the number to go on after. For people
    /// who look on: a part may have changed a moment ago.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn parts_page(
        &self,
        night: BusinessDate,
        phase: Phase,
        after: Option<u32>,
        limit: i32,
    ) -> Result<(Vec<Part>, Option<u32>), StoreError> {
        let partition = keys::night(night);
        let query = self
            .dynamo
            .query(&self.table, &partition)
            .key_condition_expression("pk = :pk AND begins_with(sk, :parts)")
            .expression_attribute_values(":parts", text(keys::parts(phase)))
            .set_exclusive_start_key(after.map(|after| key(&partition, keys::part(phase, after))))
            .limit(limit);
        let (items, next) = self.dynamo.page(query).await?;
        let parts: Vec<Part> = items.iter().map(read_document).collect::<Result<_, _>>()?;
        let next = next.and(parts.last().map(|part| part.number));
        Ok((parts, next))
    }

    /// Whether parts of a night's phase are not over, as an index says that lags a moment behind: a `true` may be
    /// old, and before it is built upon, a `false` wants a look at [`Nights::parts`].
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn has_open_parts(&self, night: BusinessDate, phase: Phase) -> Result<bool, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, &open(night, phase))
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk")
            .expression_attribute_names("#work", WORK)
            .limit(1);
        let (items, _) = self.dynamo.page(query).await?;
        Ok(!items.is_empty())
    }

    /// Claims a part, as it was read, for `lease_ms` from now. Answers the part with its holder's token; `None` where
    /// somebody holds it, it is over, or somebody else was first.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be written. The part may be claimed then, for nobody: it is put back
    /// when the lease is over.
    pub async fn claim(&self, part: &Part, now_ms: i64, lease_ms: i64) -> Result<Option<Part>, StoreError> {
        let Ok(claimed) = part.claim(now_ms, lease_ms) else {
            return Ok(None);
        };
        let claimed = next(&claimed);
        let put = put_action(&self.table, item(&claimed)?, Some(at_version(part.version)))?;
        match self.dynamo.transact(vec![put]).await {
            Ok(()) => Ok(Some(claimed)),
            Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a part, made from the one of its version, as the next version; a claim is [`Nights::claim`]'s. Answers it
    /// as it is stored: also where exactly this was written before, by a try whose answer was lost or by
    /// somebody who put it back for the same reason.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the part is not as it was read any more: its worker has lost it.
    pub async fn write_part(&self, part: &Part) -> Result<Part, StoreError> {
        let next = next(part);
        let put = self
            .dynamo
            .put(&self.table, item(&next)?, Some(at_version(part.version)));
        match put.await {
            Ok(()) => Ok(next),
            Err(StoreError::Conflict) => match self.part(part.night, part.phase, part.number).await? {
                Some(stored) if stored == next => Ok(stored),
                _ => Err(StoreError::Conflict),
            },
            Err(error) => Err(error),
        }
    }
}

/// The part that stands under a key: its night, phase and number; `None` for the key of anything else. For the
/// records of the table's stream.
#[must_use]
pub fn part_of(pk: &str, sk: &str) -> Option<(BusinessDate, Phase, u32)> {
    let night = pk.strip_prefix("R#")?.parse().ok()?;
    let (phase, number) = sk.strip_prefix("W#")?.split_once('#')?;
    let (phase, number) = (Phase::parse(phase)?, number.parse().ok()?);
    (sk == keys::part(phase, number)).then_some((night, phase, number))
}

/// The partition of the work index that holds a phase's parts that are not over.
fn open(night: BusinessDate, phase: Phase) -> String {
    format!("part#{night}#{}", phase.as_str())
}

fn next(part: &Part) -> Part {
    Part {
        version: part.version.saturating_add(1),
        ..part.clone()
    }
}

fn item(part: &Part) -> Result<Item, StoreError> {
    let place = key(keys::night(part.night), keys::part(part.phase, part.number));
    let mut item = versioned(place, part, part.version)?;
    item.insert(KIND.to_owned(), text(PART_KIND));
    item.insert(STATE.to_owned(), text(part.state.as_str()));
    if let Some(look_ms) = part.look_ms() {
        item.insert(WORK.to_owned(), text(open(part.night, part.phase)));
        item.insert(WORK_AT.to_owned(), text(keys::instant(look_ms)));
    }
    if let Some(expires_ms) = part.expires_ms() {
        item.insert(EXPIRES_AT.to_owned(), number(expires_ms.div_euclid(1000)));
    }
    Ok(item)
}
