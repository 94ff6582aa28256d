//! The clock that fires schedules.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock;
use crate::id;
use crate::invoke::Functions;
use crate::names;
use crate::state::{State, StateError};
use crate::stop::Stop;
use crate::template::ScheduleSource;

/// The longest sleep, so that a clock that was set or a machine that slept is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);

/// Pauses before the two retries of an asynchronous invocation. Lambda waits one and two minutes; a schedule
/// of every minute would overtake that, so they are short here.
const RETRIES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

/// Fires one schedule until `stop`. The first fire ever comes one period after the first start. Fires that
/// were missed while the program was not running are made up for by a single one.
pub(crate) async fn run(
    source: ScheduleSource,
    function: String,
    functions: Functions,
    state: State,
    mut stop: Stop,
) {
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
        fire(&source, &function, &functions, next, &mut stop).await;
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
    function: &str,
    functions: &Functions,
    time: Timestamp,
    stop: &mut Stop,
) {
    let payload = Bytes::from(
        source
            .input
            .clone()
            .unwrap_or_else(|| event(&source.name, time))
            .to_string(),
    );
    let mut pauses = RETRIES.into_iter();
    while functions.invoke(function, payload.clone()).await.is_err() {
        match pauses.next() {
            Some(pause) if stop.sleep(pause).await => {}
            Some(_) => return,
            None => {
                tracing::error!(function, schedule = source.name, "a scheduled run was given up");
                return;
            }
        }
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
    fn the_event_carries_the_time_it_was_due() {
        let event = event("Tick", "2026-11-21T16:00:00Z".parse().unwrap());
        assert_eq!(event["time"], "2026-11-21T16:00:00Z");
        assert_eq!(event["detail-type"], "Scheduled Event");
    }
}
