//! A night begun by hand: the schedule's task as it was last due, or as it was due on a day gone by; or once more, when
//! it is over. Tonight's is the schedule's until its time has come.

use std::path::Path;

use anyhow::Context as _;
use bytes::Bytes;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::clock;
use crate::env_file;
use crate::http::{form_pairs, percent_encode};
use crate::invoke::Functions;
use crate::say::say;
use crate::template::{Function, ScheduleSource, Source};
use crate::timer;
use crate::web_client::web_client;

/// The task that begins a night.
const TASK: &str = "sync";
/// What asks for a night that is over to be done once more.
pub const AGAIN: &str = "--again";
/// Where nights are where the template says no zone.
const ZONE: &str = "Asia/Jakarta";

/// Which night a person asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its date; the last one that was due if there is none.
    pub date: Option<String>,
    /// Whether a night that is over is done once more.
    pub again: bool,
}

impl Wanted {
    /// Reads the arguments of a command: a date, `--again`, both or neither, in any order.
    ///
    /// # Errors
    /// The argument that is neither.
    pub fn read(arguments: impl IntoIterator<Item = String>) -> anyhow::Result<Self> {
        let mut wanted = Self::default();
        for argument in arguments {
            if argument == AGAIN {
                wanted.again = true;
            } else if wanted.date.is_none() && !argument.starts_with('-') {
                wanted.date = Some(argument);
            } else {
                anyhow::bail!("unknown argument {argument}; try --help");
            }
        }
        Ok(wanted)
    }

    /// Reads the query of a request.
    pub(crate) fn of_query(query: &str) -> Self {
        let mut wanted = Self::default();
        for (name, value) in form_pairs(query) {
            match name.as_str() {
                "date" => wanted.date = Some(value),
                "again" => wanted.again = value == "true",
                _ => {}
            }
        }
        wanted
    }

    fn query(&self) -> String {
        let date = self
            .date
            .as_deref()
            .map(|date| format!("&date={}", percent_encode(date, false)));
        format!("?again={}{}", self.again, date.unwrap_or_default())
    }
}

/// Gives the function what its schedule would have at the last moment it was due; with a date, at the moment it was due
/// on that day. Waits for its answer.
///
/// # Errors
/// In words for a person: no schedule begins a night, the date is none or still to come, or the function failed.
pub(crate) async fn begin(functions: &Functions, wanted: &Wanted) -> anyhow::Result<Value> {
    let (function, schedule) = functions
        .list()
        .find_map(|function| Some((function, of_night(function)?)))
        .context("no schedule of the template begins a night")?;
    let now = clock::now();
    let due = match &wanted.date {
        None => last_due(now, function, schedule)?,
        Some(date) => {
            let date: Option<Date> = date.parse().ok();
            let date = date.context("not a date; write it as 2026-11-21")?;
            due_on(date, function, schedule)?
        }
    };
    anyhow::ensure!(due <= now, "the night of that day has not begun yet");
    let input = schedule.input.as_ref().context("the schedule has no input")?;
    let mut event = timer::filled(input, due);
    if wanted.again {
        event["again"] = json!(true);
    }
    let answer = functions
        .invoke(&function.name, Bytes::from(event.to_string()))
        .await?;
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    Ok(json!({ "at": event["at"], "answer": answer }))
}

/// The schedule of a function that begins a night, if it has it.
fn of_night(function: &Function) -> Option<&ScheduleSource> {
    function.sources.iter().find_map(|source| match source {
        Source::Schedule(schedule) if schedule.input.as_ref()?["task"] == TASK => Some(schedule),
        _ => None,
    })
}

/// Where the function's nights are.
fn zone_of(function: &Function) -> anyhow::Result<TimeZone> {
    let zone = function.environment.get("TIMEZONE").map_or(ZONE, String::as_str);
    Ok(TimeZone::get(zone)?)
}

/// When a schedule was last due: today, if its time has come, or the day before.
fn last_due(now: Timestamp, function: &Function, schedule: &ScheduleSource) -> anyhow::Result<Timestamp> {
    let today = now.to_zoned(zone_of(function)?).date();
    let due = due_on(today, function, schedule)?;
    if due <= now {
        return Ok(due);
    }
    due_on(today.yesterday()?, function, schedule)
}

/// When a schedule was due on a date where the function's nights are.
fn due_on(date: Date, function: &Function, schedule: &ScheduleSource) -> anyhow::Result<Timestamp> {
    let midnight = date.to_zoned(zone_of(function)?)?.timestamp();
    let due = schedule
        .schedule
        .next_after(midnight - SignedDuration::from_secs(1));
    due.context("the schedule does not come to that day")
}

/// Asks the set that runs on `data_dir` to begin a night, and says where to look.
///
/// # Errors
/// Nothing runs on the folder, or it says why it did not begin one.
pub async fn ask(data_dir: &Path, wanted: &Wanted) -> anyhow::Result<()> {
    let base_url = env_file::value(data_dir, "BASE_URL")?;
    let base_url = base_url.context("there is no local.env in the data folder: start with `make run`")?;
    let reply = web_client()?
        .post(format!("{base_url}/_local/night{}", wanted.query()))
        .send()
        .await
        .with_context(|| format!("nothing answers at {base_url}: start with `make run`"))?;
    let is_begun = reply.status().is_success();
    let told: Value = serde_json::from_slice(&reply.bytes().await?)?;
    anyhow::ensure!(
        is_begun,
        "{}",
        told["message"].as_str().unwrap_or("the night was not begun")
    );
    say(&format!(
        "The night due at {} was begun.",
        told["at"].as_str().unwrap_or("?")
    ));
    say(&format!("How far it is: {base_url}/dashboard/nights"));
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::template::Template;

    #[test]
    fn the_projects_night_of_a_day_was_due_at_eleven_in_the_evening() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
        let template = Template::read(&path).unwrap();
        let found = template.functions.iter().find_map(|f| Some((f, of_night(f)?)));
        let (function, schedule) = found.unwrap();
        assert_eq!(function.binary, "sync-nightly");
        let due = due_on("2026-11-21".parse().unwrap(), function, schedule).unwrap();
        assert_eq!(due.to_string(), "2026-11-21T16:00:00Z");
        for (now, last) in [
            ("2026-11-21T15:59:59Z", "2026-11-20T16:00:00Z"),
            ("2026-11-21T16:00:00Z", "2026-11-21T16:00:00Z"),
            ("2026-11-22T02:00:00Z", "2026-11-21T16:00:00Z"),
        ] {
            let found = last_due(now.parse().unwrap(), function, schedule).unwrap();
            assert_eq!(found.to_string(), last, "{now}");
        }
    }

    #[test]
    fn a_command_names_a_night_and_says_whether_it_is_to_be_done_once_more() {
        let read = |arguments: &[&str]| Wanted::read(arguments.iter().map(ToString::to_string));
        let wanted = |date: Option<&str>, again| Wanted {
            date: date.map(str::to_owned),
            again,
        };
        let table: [(&[&str], Wanted); 4] = [
            (&[], wanted(None, false)),
            (&["2026-11-21"], wanted(Some("2026-11-21"), false)),
            (&["--again"], wanted(None, true)),
            (&["2026-11-21", "--again"], wanted(Some("2026-11-21"), true)),
        ];
        for (arguments, expected) in table {
            assert_eq!(read(arguments).unwrap(), expected, "{arguments:?}");
            assert_eq!(
                Wanted::of_query(expected.query().trim_start_matches('?')),
                expected
            );
        }
        assert!(read(&["--twice"]).is_err());
        assert!(read(&["2026-11-21", "2026-11-22"]).is_err());
    }
}
