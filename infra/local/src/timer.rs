//! The clock that fires schedules.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock;
use crate::id;
use crate::invoke::{Functions, InvokeError};
use crate::names;
use crate::queue::Queues;
use crate::state::{State, StateError};
use crate::stop::Stop;
use crate::template::{Function, ScheduleSource};

/// The longest sleep, so that a clock that was set or a machine that slept is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);

/// What a schedule's input calls the moment that it is due.
const SCHEDULED_TIME: &str = "<aws.scheduler.scheduled-time>";

/// Pauses before the retries of an asynchronous invocation. Lambda waits one and two minutes; a schedule
/// of every minute would overtake that, so they are short here.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

/// Fires one schedule until `stop`. The first fire ever comes one period after the first start. Fires that
/// were missed while the program was not running are made up for by a single one.
pub(crate) async fn run(
    source: ScheduleSource,
    function: String,
    functions: Functions,
    queues: Queues,
    mut stop: Stop,
) {
    let state = queues.state().clone();
    let name = format!("{function}/{}", source.name);
    let mut last = match first_fire(&state, &name).await {
        Ok(last) => last,
        Err(error) => {
            tracing::error!(schedule = name, %error, "the schedule cannot be read and will not fire");
            return;
        }
    };
    while let Some(next) = source.schedule.next_after(last) {
        let wait = next.duration_since(clock::now());
        if wait.is_positive() {
            let wait = Duration::try_from(wait)
                .unwrap_or(LONGEST_SLEEP)
                .min(LONGEST_SLEEP);
            if !stop.sleep(wait).await {
                return;
            }
            continue;
        }
        last = clock::now();
        fire(&source, &function, (&functions, &queues), next, &mut stop).await;
        // Recorded after the fire: one that a kill cut short is made up for at the next start.
        if let Err(error) = state.set_last_fire(name.clone(), last.as_millisecond()).await {
            tracing::error!(schedule = name, %error, "a fire was not recorded");
        }
        if stop.is_stopped() {
            return;
        }
    }
}

async fn first_fire(state: &State, name: &str) -> Result<Timestamp, StateError> {
    let recorded = state.last_fire(name.to_owned()).await?;
    let last = recorded.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    if let Some(last) = last {
        return Ok(last);
    }
    let now = clock::now();
    state.set_last_fire(name.to_owned(), now.as_millisecond()).await?;
    Ok(now)
}

async fn fire(
    source: &ScheduleSource,
    name: &str,
    (functions, queues): (&Functions, &Queues),
    time: Timestamp,
    stop: &mut Stop,
) {
    let Some(function) = functions.list().find(|function| function.name == name) else {
        return;
    };
    let event = match &source.input {
        Some(input) => filled(input, time),
        None => event(&source.name, time),
    };
    let payload = Bytes::from(event.to_string());
    let retries = usize::try_from(function.async_retries).unwrap_or(PAUSES.len());
    let mut pauses = PAUSES.into_iter().take(retries);
    let mut invocations: u32 = 1;
    while let Err(error) = functions.invoke(name, payload.clone()).await {
        match pauses.next() {
            Some(pause) if stop.sleep(pause).await => invocations += 1,
            Some(_) => return,
            None if matches!(error, InvokeError::Stopping) => return,
            None => {
                tracing::error!(
                    function = name,
                    schedule = source.name,
                    "a scheduled run was given up"
                );
                give_up(function, event, invocations, queues).await;
                return;
            }
        }
    }
}

/// The input with the moment that the schedule was due in place of its name (EventBridge Scheduler user guide,
/// "Adding context attributes").
pub(crate) fn filled(input: &Value, time: Timestamp) -> Value {
    match input {
        Value::String(text) if text == SCHEDULED_TIME => clock::iso_seconds(time.as_millisecond()).into(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, time)))
            .collect(),
        other => other.clone(),
    }
}

/// Tells the function's on-failure queue, in the form of the Lambda developer guide, "Retaining records of
/// asynchronous invocations".
async fn give_up(function: &Function, event: Value, invocations: u32, queues: &Queues) {
    let Some(queue) = &function.on_failure else { return };
    let report = json!({
        "version": "1.0",
        "timestamp": clock::iso_seconds(clock::now_ms()),
        "requestContext": {
            "requestId": id::uuid(),
            "functionArn": names::function_arn(&function.name),
            "condition": "RetriesExhausted",
            "approximateInvokeCount": invocations,
        },
        "requestPayload": event,
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
    });
    if let Err(error) = queues.send(queue, report.to_string()).await {
        tracing::error!(function = function.name, %error, "a dead letter was not kept");
    }
}

/// The event, in the form of the EventBridge user guide, "Scheduled events".
fn event(name: &str, time: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": id::uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": names::ACCOUNT,
        "time": clock::iso_seconds(time.as_millisecond()),
        "region": names::REGION,
        "resources": [format!("arn:aws:scheduler:{}:{}:schedule/default/{name}", names::REGION, names::ACCOUNT)],
        "detail": "{}",
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_told_when_it_was_due() {
        let input = json!({ "task": "watch", "at": SCHEDULED_TIME, "more": { "n": 1 } });
        let time = "2026-11-21T16:30:00Z".parse().unwrap();
        let expected = json!({ "task": "watch", "at": "2026-11-21T16:30:00Z", "more": { "n": 1 } });
        assert_eq!(filled(&input, time), expected);
    }

    #[test]
    fn the_event_carries_the_time_it_was_due() {
        let event = event("Tick", "2026-11-21T16:00:00Z".parse().unwrap());
        assert_eq!(event["time"], "2026-11-21T16:00:00Z");
        assert_eq!(event["detail-type"], "Scheduled Event");
    }
}
