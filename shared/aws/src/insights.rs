//! Figures of satisfaction, for each outlet and for all of them, by day and by month.
//!
//! Figures are a tree: days of outlets are added up in groups of outlets, the groups to all outlets, and days
//! to months. Every node is made anew from what is below it, as one version: that of a day of an outlet is the sum of
//! the versions of its page and its answers, that of any other node the sum of the versions below it. What
//! is below only grows in version, so two nodes of one version have the same figures, and a node is
//! replaced by a newer one only. A node is written before the one above it is made: of two writers side by
//! side, the later one sees what both wrote. Order, repetition and crashes leave no trace.

mod fitted;
mod totals;

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use domain::customer::OutletDay;
use domain::insight::{Insight, Month, Period, Scope, group_of};
use domain::when::BusinessDate;
use futures::{StreamExt, TryStreamExt, stream};

use crate::Clients;
use crate::dynamo::{Condition, Dynamo, Item, bytes, key, number, read_bytes, read_number, read_text, text};
use crate::error::StoreError;
use crate::keys::{self, ALL_OUTLETS, DATA, PK, SK, TOTALS, VERSION};
use fitted::{FIGURES_BYTES, fitted};

/// Nodes that are made at the same time.
const PARALLEL: usize = 8;

/// The figures in the feedback table.
#[derive(Clone, Debug)]
pub struct Insights {
    dynamo: Dynamo,
    table: String,
}

/// A node of the tree above the days of outlets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    GroupDay(u8, BusinessDate),
    AllDay(BusinessDate),
    OutletMonth(String, Month),
    AllMonth(Month),
}

impl Insights {
    /// The figures of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().feedback.clone(),
        }
    }

    /// The figures of a period; `None` when nothing came in for it. Those of several outlets or days name the
    /// 2,000 dishes with most ratings, or fewer where these are too large for an item; their totals
    /// are of all dishes.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or holds what can't be understood.
    pub async fn read(&self, scope: &Scope, period: &Period) -> Result<Option<Insight>, StoreError> {
        let sk = match period {
            Period::Day(date) => keys::figures_of_day(*date),
            Period::Month(month) => keys::figures_of_month(*month),
        };
        let item = self.dynamo.get(&self.table, key(partition(scope), sk)).await?;
        item.as_ref().map(insight).transpose()
    }

    /// The figures of the days from one to another, both included, the oldest first; days for which nothing came
    /// in are not in the answer.
    ///
    /// # Errors
    /// As [`Insights::read`].
    pub async fn range_days(
        &self,
        scope: &Scope,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<Vec<(BusinessDate, Insight)>, StoreError> {
        let query = self.range(
            &partition(scope),
            keys::figures_of_day(from),
            keys::figures_of_day(to),
        );
        let items = self.dynamo.all(query).await?;
        items
            .iter()
            .map(|item| Ok((told(item)?, insight(item)?)))
            .collect()
    }

    /// As [`Insights::range_days`], by month.
    ///
    /// # Errors
    /// As [`Insights::read`].
    pub async fn range_months(
        &self,
        scope: &Scope,
        from: Month,
        to: Month,
    ) -> Result<Vec<(Month, Insight)>, StoreError> {
        let query = self.range(
            &partition(scope),
            keys::figures_of_month(from),
            keys::figures_of_month(to),
        );
        let items = self.dynamo.all(query).await?;
        items
            .iter()
            .map(|item| Ok((told(item)?, insight(item)?)))
            .collect()
    }

    fn range(&self, partition: &str, from: String, to: String) -> QueryFluentBuilder {
        self.dynamo
            .query(&self.table, partition)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
    }

    /// The figures of many days of outlets, a hundred to a request, in the order of `days`.
    ///
    /// # Errors
    /// As [`Insights::read`].
    pub async fn many(&self, days: &[OutletDay]) -> Result<Vec<Option<Insight>>, StoreError> {
        let mut found = HashMap::new();
        for item in self.days(days).await? {
            let day = keys::outlet_day(read_text(&item, PK)?, read_text(&item, SK)?);
            let day = day.ok_or(StoreError::Damaged("a key of no day"))?;
            found.insert(day, insight(&item)?);
        }
        Ok(days.iter().map(|day| found.get(day).cloned()).collect())
    }

    /// Writes the figures of an outlet's day, unless newer ones are there. `version` is the sum of the
    /// versions of the page and the answers that they were made from; zero is a day without either, of which
    /// nothing is kept. Answers whether they were news.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] when the day has more dishes than an item can name.
    pub async fn write_day(
        &self,
        (outlet, date): &OutletDay,
        version: u64,
        insight: &Insight,
    ) -> Result<bool, StoreError> {
        if version == 0 {
            return Ok(false);
        }
        let data = insight.pack()?;
        if data.len() > FIGURES_BYTES {
            return Err(StoreError::TooLarge("a day's figures"));
        }
        let place = key(keys::outlet(outlet), keys::figures_of_day(*date));
        let totals = insight.totals().pack()?;
        self.replace(place, version, data, Some(totals)).await
    }

    /// Brings all that is above these days up to them, each node once.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or written; doing it again mends it.
    pub async fn roll_up(&self, days: &[OutletDay]) -> Result<(), StoreError> {
        self.copy_to_groups(days).await?;
        let dates: BTreeSet<BusinessDate> = days.iter().map(|(_, date)| *date).collect();
        let groups = days
            .iter()
            .map(|(outlet, date)| Node::GroupDay(group_of(outlet), *date));
        let months = days
            .iter()
            .map(|(outlet, date)| Node::OutletMonth(outlet.clone(), Month::of(*date)));
        self.make(groups.chain(months).collect()).await?;
        self.make(dates.iter().copied().map(Node::AllDay).collect())
            .await?;
        let months = dates.into_iter().map(|date| Node::AllMonth(Month::of(date)));
        self.make(months.collect()).await
    }

    async fn make(&self, nodes: BTreeSet<Node>) -> Result<(), StoreError> {
        stream::iter(nodes)
            .map(|node| self.make_node(node))
            .buffer_unordered(PARALLEL)
            .try_collect()
            .await
    }

    /// Copies days of outlets to where those of their group stand together.
    async fn copy_to_groups(&self, days: &[OutletDay]) -> Result<(), StoreError> {
        let copies = self.days(days).await?.into_iter().map(|item| async move {
            let day = keys::outlet_day(read_text(&item, PK)?, read_text(&item, SK)?);
            let (outlet, date) = day.ok_or(StoreError::Damaged("a key of no day"))?;
            let place = key(keys::group(group_of(&outlet), date), outlet);
            let data = read_bytes(&item, DATA)?.to_vec();
            self.replace(place, read_number(&item, VERSION)?, data, None)
                .await
                .map(drop)
        });
        stream::iter(copies)
            .buffer_unordered(PARALLEL)
            .try_collect()
            .await
    }

    /// Makes a node from what is below it.
    async fn make_node(&self, node: Node) -> Result<(), StoreError> {
        let below = self.dynamo.all(self.below(&node).consistent_read(true)).await?;
        let (mut version, mut whole) = (0_u64, Insight::default());
        for item in &below {
            version = version.saturating_add(read_number(item, VERSION)?);
            whole
                .merge(&insight(item)?)
                .map_err(|_| StoreError::TooLarge("a sum of figures"))?;
        }
        if version == 0 {
            return Ok(());
        }
        // A group's day is only added up further.
        let totals = match node {
            Node::GroupDay(..) => None,
            _ => Some(whole.totals().pack()?),
        };
        self.replace(node.place(), version, fitted(whole)?, totals)
            .await
            .map(drop)
    }

    /// Asks for what is below a node.
    fn below(&self, node: &Node) -> QueryFluentBuilder {
        let of_month = |partition: &str, month: Month| {
            let days = (month.first(), month.last());
            self.range(
                partition,
                keys::figures_of_day(days.0),
                keys::figures_of_day(days.1),
            )
        };
        match node {
            Node::GroupDay(group, date) => self.dynamo.query(&self.table, &keys::group(*group, *date)),
            Node::AllDay(date) => self.dynamo.query(&self.table, &keys::groups(*date)),
            Node::OutletMonth(outlet, month) => of_month(&keys::outlet(outlet), *month),
            Node::AllMonth(month) => of_month(ALL_OUTLETS, *month),
        }
    }

    /// The items of days of outlets, strongly consistent, in no order.
    async fn days(&self, days: &[OutletDay]) -> Result<Vec<Item>, StoreError> {
        // One request must not name an item twice.
        let days: BTreeSet<&OutletDay> = days.iter().collect();
        let wanted = days
            .into_iter()
            .map(|(outlet, date)| key(keys::outlet(outlet), keys::figures_of_day(*date)));
        self.dynamo.get_many(&self.table, wanted.collect()).await
    }

    /// Puts figures where older ones or none are, or others of the same version: those were made by other rules.
    /// Answers whether it did. Totals follow from the figures, so that they need no comparing.
    async fn replace(
        &self,
        place: Item,
        version: u64,
        data: Vec<u8>,
        totals: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        let mut item = place;
        item.insert(VERSION.to_owned(), number(version));
        let older = Condition::that(
            "attribute_not_exists(pk) OR v < :v OR (v = :v AND d <> :d)",
            [(":v", number(version)), (":d", bytes(data.clone()))],
        );
        if let Some(totals) = totals {
            item.insert(TOTALS.to_owned(), bytes(totals));
        }
        item.insert(DATA.to_owned(), bytes(data));
        match self.dynamo.put(&self.table, item, Some(older)).await {
            Ok(()) => Ok(true),
            // Newer figures are of what these are of, too.
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Node {
    fn place(&self) -> Item {
        match self {
            Self::GroupDay(group, date) => key(keys::groups(*date), keys::group_number(*group)),
            Self::AllDay(date) => key(ALL_OUTLETS, keys::figures_of_day(*date)),
            Self::OutletMonth(outlet, month) => key(keys::outlet(outlet), keys::figures_of_month(*month)),
            Self::AllMonth(month) => key(ALL_OUTLETS, keys::figures_of_month(*month)),
        }
    }
}

fn partition(scope: &Scope) -> String {
    match scope {
        Scope::Outlet(outlet) => keys::outlet(outlet),
        Scope::All => ALL_OUTLETS.to_owned(),
    }
}

pub(crate) fn insight(item: &Item) -> Result<Insight, StoreError> {
    Ok(Insight::unpack(read_bytes(item, DATA)?)?)
}

/// The day or month that figures are of.
fn told<T: std::str::FromStr>(item: &Item) -> Result<T, StoreError> {
    let told = read_text(item, SK)?.get(2..).and_then(|told| told.parse().ok());
    told.ok_or(StoreError::Damaged("a key of no period"))
}
