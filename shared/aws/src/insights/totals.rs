//! Figures without those of single dishes, for whoever shows none.
//!
//! They are kept a second time in the same item, as an attribute of their own, so that a reader can ask for it alone:
//! less than a hundred bytes, where a day of 200 dishes of three variants packs into six thousand. Amazon bills and
//! pages by the whole item whatever is asked for: what this saves is the way of the bytes and the unpacking, of half
//! a megabyte for a page of 92 days. An item of their own would save read units too, and cost another write for
//! each node, and moments in which the two differ.

use std::collections::HashMap;
use std::str::FromStr;

use domain::insight::{Insight, Month, Scope};
use domain::when::BusinessDate;

use super::{Insights, insight, partition, told};
use crate::dynamo::{Item, key, read_bytes, read_text};
use crate::error::StoreError;
use crate::keys::{self, PK, SK, TOTALS};

impl Insights {
    /// As [`Insights::range_days`], with no dish named: for pages that show totals. The same read units are billed.
    ///
    /// # Errors
    /// As [`Insights::read`].
    pub async fn totals_days(
        &self,
        scope: &Scope,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<Vec<(BusinessDate, Insight)>, StoreError> {
        let (from, to) = (keys::figures_of_day(from), keys::figures_of_day(to));
        self.totals(&partition(scope), from, to).await
    }

    /// As [`Insights::totals_days`], by month.
    ///
    /// # Errors
    /// As [`Insights::read`].
    pub async fn totals_months(
        &self,
        scope: &Scope,
        from: Month,
        to: Month,
    ) -> Result<Vec<(Month, Insight)>, StoreError> {
        let (from, to) = (keys::figures_of_month(from), keys::figures_of_month(to));
        self.totals(&partition(scope), from, to).await
    }

    async fn totals<T: FromStr>(
        &self,
        partition: &str,
        from: String,
        to: String,
    ) -> Result<Vec<(T, Insight)>, StoreError> {
        let asked = [PK, SK, TOTALS].join(", ");
        let query = self.range(partition, from, to).projection_expression(asked);
        let items = self.dynamo.all(query).await?;
        let whole = self.written_without(partition, &items).await?;
        let totals = items.iter().map(|item| {
            let totals = match item.contains_key(TOTALS) {
                true => Insight::unpack(read_bytes(item, TOTALS)?)?,
                // Nothing takes figures away.
                false => whole
                    .get(read_text(item, SK)?)
                    .ok_or(StoreError::Damaged("figures that went away"))?
                    .totals(),
            };
            Ok((told(item)?, totals))
        });
        totals.collect()
    }

    /// The figures, by sort key, of those items that were written before there were totals.
    async fn written_without(
        &self,
        partition: &str,
        items: &[Item],
    ) -> Result<HashMap<String, Insight>, StoreError> {
        let mut wanted = Vec::new();
        for item in items.iter().filter(|item| !item.contains_key(TOTALS)) {
            wanted.push(key(partition, read_text(item, SK)?));
        }
        let whole = self.dynamo.get_many(&self.table, wanted).await?;
        whole
            .iter()
            .map(|item| Ok((read_text(item, SK)?.to_owned(), insight(item)?)))
            .collect()
    }
}
