//! Counting the figures of days anew.

use std::collections::BTreeSet;

use aws::sales::summary_place;
use domain::customer::OutletDay;
use domain::when::BusinessDate;
use serde_json::{Value, json};

use crate::{Stop, Tools, fingerprint};

/// Days that are counted together: their figures are added up once.
const AT_ONCE: usize = 100;

/// Has every day counted. Answers how many there are.
///
/// # Errors
/// [`Stop`] when a day could not be counted; counting all of them again mends it.
pub(crate) async fn count(tools: &Tools) -> Result<usize, Stop> {
    // By date: days that are added up together are counted together.
    let days = fingerprint::days(tools).await?;
    let days: BTreeSet<(BusinessDate, String)> =
        days.into_iter().map(|(outlet, date)| (date, outlet)).collect();
    let days: Vec<OutletDay> = days.into_iter().map(|(date, outlet)| (outlet, date)).collect();
    for some in days.chunks(AT_ONCE) {
        let records: Vec<Value> = some.iter().enumerate().map(changed).collect();
        let counted = score_feedback::handle(json!({ "Records": records }), &tools.score).await;
        if !counted.is_ok_and(|answer| answer.batch_item_failures.is_empty()) {
            return Err(Stop::NotCounted(some.len()));
        }
    }
    Ok(days.len())
}

/// A record of the stream that says that a day's summary has changed.
fn changed((number, day): (usize, &OutletDay)) -> Value {
    let (pk, sk) = summary_place(day);
    json!({
        "eventID": number.to_string(), "eventName": "MODIFY", "eventSource": "aws:dynamodb",
        "dynamodb": { "Keys": { "pk": { "S": pk }, "sk": { "S": sk } }, "SequenceNumber": number.to_string() },
    })
}
