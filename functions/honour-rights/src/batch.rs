//! A batch of records of the duties table's stream: requests that were ordered.

use std::collections::{BTreeMap, BTreeSet};

use aws::requests::{REQUEST_KIND, request_of};
use lambda_edge::batch::{BatchResponse, ItemFailure, stream_records};
use serde_json::Value;

use crate::failure::Failure;
use crate::{ACTOR, Deps};

/// The state in which a request is to be carried out.
const EXECUTING: &str = "executing";

/// Works off a batch. A request that fails takes down no other, only the records that speak of it.
pub(crate) async fn work(event: &Value, deadline_ms: i64, deps: &Deps) -> Result<BatchResponse, Failure> {
    let records = stream_records(event)?;
    let mut requests: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, (_, record)) in records.iter().enumerate() {
        if let Some(id) = ordered(record) {
            requests.entry(id).or_default().push(place);
        }
    }
    let mut failed: BTreeSet<usize> = BTreeSet::new();
    for (id, places) in &requests {
        if !deps.has_time(deadline_ms) {
            tracing::warn!(request.id = %id, "too little time left, the request comes again");
            failed.extend(places);
        } else if let Err(failure) = carry_out(id, deps).await {
            tell(id, &failure);
            failed.extend(places);
        }
    }
    // Lambda counts a partial answer as a success, whatever is in it. A run that did nothing is a failure,
    // so that the alarm on errors sees it; the same records come again either way.
    if !failed.is_empty() && failed.len() == records.len() {
        return Err(Failure::NothingDone(records.len()));
    }
    // A stream hands out everything from the first failed record on again.
    let first = failed.first().and_then(|place| records.get(*place));
    Ok(BatchResponse {
        batch_item_failures: first
            .map(|(sequence, _)| ItemFailure {
                item_identifier: sequence.clone(),
            })
            .into_iter()
            .collect(),
    })
}

/// Carries out one request, whatever its record said: it is read anew.
pub(crate) async fn carry_out(id: &str, deps: &Deps) -> Result<(), Failure> {
    let request = deps.people.carry_out(id, ACTOR, (deps.now_ms)()).await?;
    match request {
        Some(request) => {
            let (kind, state) = (request.kind.as_str(), request.state.as_str());
            tracing::info!(request.id = %id, kind, state, "rights.carried_out");
        }
        None => tracing::warn!(request.id = %id, "rights.unknown"),
    }
    Ok(())
}

pub(crate) fn tell(id: &str, failure: &Failure) {
    tracing::warn!(request.id = %id, code = failure.code(), error = %failure, "request will be carried out again");
}

/// The id of the request that a record says was ordered.
fn ordered(record: &Value) -> Option<&str> {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let is_request = text("/dynamodb/NewImage/kind/S") == Some(REQUEST_KIND);
    let is_ordered = text("/dynamodb/NewImage/state/S") == Some(EXECUTING);
    let id = request_of(text("/dynamodb/Keys/pk/S")?, text("/dynamodb/Keys/sk/S")?);
    id.filter(|_| is_request && is_ordered)
}
