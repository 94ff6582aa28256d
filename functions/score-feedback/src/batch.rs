//! A batch of records: each day that they speak of is counted once, whatever speaks of it how often.

use std::collections::{BTreeMap, BTreeSet};

use domain::customer::OutletDay;
use domain::receipt_id::ReceiptId;
use futures::{StreamExt, stream};
use lambda_edge::batch::{BatchResponse, ItemFailure, stream_records};
use serde_json::Value;

use crate::event::{Change, change};
use crate::failure::Failure;
use crate::{Deps, day, low_score};

/// Days that are counted at the same time.
const PARALLEL: usize = 4;

/// What a batch says of a day.
#[derive(Debug, Default)]
struct Touched {
    /// Receipts whose answers changed.
    answers: BTreeSet<ReceiptId>,
    /// The places in the batch of the records that say so.
    records: Vec<usize>,
}

/// Works off a batch. A day that fails takes down no other day, only the records that speak of it.
pub(crate) async fn work(event: &Value, deps: &Deps) -> Result<BatchResponse, Failure> {
    let records = stream_records(event)?;
    let (days, mut failed) = sort(&records);
    let jobs = days
        .iter()
        .map(|(day, touched)| async move { (day, touched, one(day, touched, deps).await) });
    let outcomes: Vec<_> = stream::iter(jobs).buffer_unordered(PARALLEL).collect().await;
    let mut counted = Vec::new();
    for (day, touched, outcome) in outcomes {
        match outcome {
            Ok(()) => counted.push(day.clone()),
            Err(failure) => {
                tell(&failure, day);
                failed.extend(&touched.records);
            }
        }
    }
    if let Err(error) = deps.insights.roll_up(&counted).await {
        tracing::warn!(days = counted.len(), error = %error, "figures will be added up again");
        let records = counted.iter().filter_map(|day| days.get(day));
        failed.extend(records.flat_map(|touched| &touched.records));
        counted.clear();
    }
    tracing::info!(
        records = records.len(),
        days = counted.len(),
        failed = failed.len(),
        "feedback.scored"
    );
    // Lambda counts a partial answer as a success, whatever is in it. A run that did nothing is a failure,
    // so that the alarm on errors sees it; the same records come again either way.
    if !failed.is_empty() && failed.len() == records.len() {
        return Err(Failure::NothingDone(records.len()));
    }
    Ok(from_first(&failed, &records))
}

/// The days that records speak of, and the places of the records that can't be read.
fn sort(records: &[(String, &Value)]) -> (BTreeMap<OutletDay, Touched>, BTreeSet<usize>) {
    let (mut days, mut unreadable) = (BTreeMap::<OutletDay, Touched>::new(), BTreeSet::new());
    for (place, (sequence, record)) in records.iter().enumerate() {
        match change(record) {
            Ok(Change::Other) => {}
            Ok(Change::Day(day)) => days.entry(day).or_default().records.push(place),
            Ok(Change::Answer(receipt)) => {
                let touched = days.entry((receipt.outlet.clone(), receipt.date)).or_default();
                touched.records.push(place);
                touched.answers.insert(receipt);
            }
            Err(failure) => {
                tracing::warn!(sequence_number = %sequence, error = %failure, "record will come again");
                unreadable.insert(place);
            }
        }
    }
    (days, unreadable)
}

/// Counts a day, and opens cases for what was said of it lately.
async fn one(day: &OutletDay, touched: &Touched, deps: &Deps) -> Result<(), Failure> {
    let answers = day::count(day, deps).await?;
    let lately: Vec<_> = answers
        .iter()
        .filter(|answer| touched.answers.contains(&answer.place))
        .collect();
    low_score::open(&day.0, &lately, deps).await
}

fn tell(failure: &Failure, (outlet, date): &OutletDay) {
    tracing::warn!(outlet = %outlet, date = %date, code = failure.code(), error = %failure, "day will be counted again");
}

/// The answer to a stream: it hands out everything from the first failed record on again.
fn from_first(failed: &BTreeSet<usize>, records: &[(String, &Value)]) -> BatchResponse {
    let first = failed.first().and_then(|place| records.get(*place));
    BatchResponse {
        batch_item_failures: first
            .map(|(sequence, _)| ItemFailure {
                item_identifier: sequence.clone(),
            })
            .into_iter()
            .collect(),
    }
}
