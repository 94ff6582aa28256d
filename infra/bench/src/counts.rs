//! Exact counts of what ingestion costs, through the real handler on a real engine.
//!
//! The engine reports the capacity of every call as the service would; the handler's own meter adds
//! it up. Outlets are known beforehand, as they are on every day but an outlet's first.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use aws::meter::Reading;
use domain::customer::{OutletDay, visits_of};
use domain::export::{Export, export_id};
use ingest_sales::Deps;
use serde::Serialize;
use serde_json::Value;
use testkit::World;

use crate::anatomy::{self, Share};
use crate::floor::{self, Floor};
use crate::generator::{DATE, Plan};

/// A deadline that never comes.
const NEVER: u64 = u64::MAX;

/// What a case came to. Units are in thousandths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    /// What was done.
    pub name: &'static str,
    /// Receipts taken.
    pub receipts: u64,
    /// Outlet-days they fell on.
    pub outlet_days: u64,
    /// Files they came in.
    pub files: u64,
    /// Distinct customers among them, by outlet-day.
    pub customers: u64,
    /// Calls to the database.
    pub requests: u64,
    /// Write units, in thousandths.
    pub write_milli: u64,
    /// Read units, in thousandths.
    pub read_milli: u64,
    /// What the layout can't go below.
    pub floor: Floor,
}

impl Case {
    /// Write units of pages, summaries, ledger and audit, in thousandths: what is left when the
    /// customers' own items and places in the index, which the floor gives exactly, are taken off.
    #[must_use]
    pub fn sales_write_milli(&self) -> u64 {
        self.write_milli
            .saturating_sub((self.floor.customers + self.floor.phones).saturating_mul(1000))
    }

    /// [`Case::sales_write_milli`] by receipt, in millionths of a unit.
    #[must_use]
    pub fn sales_write_micro_per_receipt(&self) -> u64 {
        per(self.sales_write_milli().saturating_mul(1000), self.receipts)
    }

    /// Calls by a thousand receipts, in thousandths, rounded up.
    #[must_use]
    pub fn requests_milli_per_thousand(&self) -> u64 {
        self.requests
            .saturating_mul(1_000_000)
            .div_ceil(self.receipts.max(1))
    }
}

/// A quotient, rounded up; zero by zero.
fn per(amount: u64, by: u64) -> u64 {
    amount.div_ceil(by.max(1))
}

/// A shop whose costs are measured.
struct Shop {
    world: World,
    deps: Deps,
}

impl Shop {
    /// Opens with a plan's outlets known.
    async fn open(plan: Plan) -> Result<Self> {
        let world = World::start().await;
        let deps = Deps::with_clients(world.clients.clone(), [7; 32], testkit::metrics()).await?;
        for outlet in 0..plan.outlets() {
            deps.outlets
                .get_or_register(&plan.outlet_id(outlet), None, None)
                .await?;
        }
        Ok(Self { world, deps })
    }

    /// Delivers a message and answers what that cost.
    async fn deliver(&self, message: &Value) -> Result<Reading> {
        let before = self.deps.clients.meter().read();
        let answer = ingest_sales::handle(message.clone(), NEVER, &self.deps).await;
        let answer = answer.map_err(|error| anyhow::anyhow!("the handler failed: {error}"))?;
        ensure!(
            answer.batch_item_failures.is_empty(),
            "the message was not worked off"
        );
        let after = self.deps.clients.meter().read();
        Ok(Reading {
            requests: after.requests.saturating_sub(before.requests),
            write_milli: after.write_milli.saturating_sub(before.write_milli),
            read_milli: after.read_milli.saturating_sub(before.read_milli),
        })
    }

    async fn export(&self, key: &str) -> Result<Export> {
        let export = self.deps.ledger.latest(&export_id("exports", key)).await?;
        export.context("the ledger has an entry of every file")
    }
}

fn sum(readings: &[Reading]) -> Reading {
    let total = |part: fn(&Reading) -> u64| readings.iter().map(part).sum();
    Reading {
        requests: total(|reading| reading.requests),
        write_milli: total(|reading| reading.write_milli),
        read_milli: total(|reading| reading.read_milli),
    }
}

/// Takes a plan's day in the files given, and counts.
///
/// # Errors
/// When the engine fails, or a receipt is not taken.
async fn first_time(name: &'static str, plan: Plan, files: &[Plan]) -> Result<Case> {
    let shop = Shop::open(plan).await?;
    let (mut readings, mut exports) = (Vec::new(), Vec::new());
    for (number, file) in files.iter().enumerate() {
        let key = key(number);
        let message = shop.world.put_and_announce(&key, file.bytes()?).await;
        readings.push(shop.deliver(&message).await?);
        let export = shop.export(&key).await?;
        ensure!(
            export.counts.stored == file.receipts,
            "all is stored: {:?}",
            export.counts
        );
        ensure!(
            export.unknown_fields.is_empty(),
            "all is known: {:?}",
            export.unknown_fields
        );
        exports.push(export);
    }
    let days = outlet_days(plan)?;
    let floor = floor::of(&shop.deps, &days, &exports).await?;
    let case = case(
        name,
        plan,
        files.len(),
        customers(&shop.deps, &days).await?,
        sum(&readings),
        floor,
    );
    shop.world.stop().await;
    Ok(case)
}

fn case(name: &'static str, plan: Plan, files: usize, customers: u64, cost: Reading, floor: Floor) -> Case {
    Case {
        name,
        receipts: plan.receipts,
        outlet_days: plan.outlets(),
        files: u64::try_from(files).unwrap_or(u64::MAX),
        customers,
        requests: cost.requests,
        write_milli: cost.write_milli,
        read_milli: cost.read_milli,
        floor,
    }
}

fn key(number: usize) -> String {
    format!("incoming/moka/{DATE}-{number:04}.json")
}

fn outlet_days(plan: Plan) -> Result<Vec<OutletDay>> {
    let date = DATE.parse().map_err(|_| anyhow::anyhow!("the date is one"))?;
    Ok((0..plan.outlets())
        .map(|outlet| (plan.outlet_id(outlet), date))
        .collect())
}

async fn customers(deps: &Deps, days: &[OutletDay]) -> Result<u64> {
    let mut ids = BTreeSet::new();
    for day in deps.sales.read_days(days).await? {
        ids.extend(visits_of(&day.receipts, 0).into_keys());
    }
    Ok(u64::try_from(ids.len())?)
}

/// A chain's day, one file for each outlet: what a point of sale exports by itself.
///
/// # Errors
/// As every case: when the engine fails or a receipt is not taken.
pub async fn chain_by_outlet(plan: Plan) -> Result<Case> {
    first_time(
        "chain, a file an outlet-day",
        plan,
        &plan.outlet_by_outlet().collect::<Vec<_>>(),
    )
    .await
}

/// A chain's day in one file: what a central server exports.
///
/// # Errors
/// As [`chain_by_outlet`].
pub async fn chain_in_one(plan: Plan) -> Result<Case> {
    first_time("chain, one file", plan, &[plan]).await
}

/// One warung's day in one file.
///
/// # Errors
/// As [`chain_by_outlet`].
pub async fn warung(plan: Plan) -> Result<Case> {
    first_time("warung, a day of 500", plan, &[plan]).await
}

/// The message of a file already taken, once more.
///
/// # Errors
/// As [`chain_by_outlet`].
pub async fn redelivery(plan: Plan) -> Result<Case> {
    let shop = Shop::open(plan).await?;
    let message = shop.world.put_and_announce(&key(0), plan.bytes()?).await;
    shop.deliver(&message).await?;
    let cost = shop.deliver(&message).await?;
    shop.world.stop().await;
    Ok(case(
        "redelivery of a file taken",
        plan,
        1,
        0,
        cost,
        Floor::default(),
    ))
}

/// The receipts of a file already taken, in another file.
///
/// # Errors
/// As [`chain_by_outlet`].
pub async fn same_receipts_again(plan: Plan) -> Result<Case> {
    let shop = Shop::open(plan).await?;
    for number in [0, 1] {
        let message = shop.world.put_and_announce(&key(number), plan.bytes()?).await;
        let cost = shop.deliver(&message).await?;
        if number == 0 {
            continue;
        }
        let export = shop.export(&key(number)).await?;
        ensure!(
            export.counts.unchanged == plan.receipts,
            "all is known: {:?}",
            export.counts
        );
        let floor = floor::of(&shop.deps, &[], &[export]).await?;
        shop.world.stop().await;
        return Ok(case("the same receipts in another file", plan, 1, 0, cost, floor));
    }
    anyhow::bail!("two files were to be taken")
}

/// What the bytes of a plan's first page are.
///
/// # Errors
/// As [`chain_by_outlet`].
pub async fn anatomy(plan: Plan) -> Result<Vec<Share>> {
    let shop = Shop::open(plan).await?;
    let message = shop.world.put_and_announce(&key(0), plan.bytes()?).await;
    shop.deliver(&message).await?;
    let day = outlet_days(plan)?
        .into_iter()
        .next()
        .context("a plan has a day")?;
    let page = shop
        .deps
        .sales
        .read_page(&day)
        .await?
        .context("the day has a page")?;
    shop.world.stop().await;
    anatomy::of(&page.receipts)
}

/// Every case, in the order of the report; `progress` is told before each.
///
/// # Errors
/// As [`chain_by_outlet`].
pub async fn all(mut progress: impl FnMut(&str)) -> Result<Vec<Case>> {
    let (chain, day) = (Plan::chain(6_000), Plan::warung());
    let mut cases = Vec::new();
    progress("counting: chain, a file an outlet-day");
    cases.push(chain_by_outlet(chain).await?);
    progress("counting: chain, one file");
    cases.push(chain_in_one(chain).await?);
    progress("counting: one warung's day, redelivery, another file");
    cases.push(warung(day).await?);
    cases.push(redelivery(day).await?);
    cases.push(same_receipts_again(day).await?);
    Ok(cases)
}
