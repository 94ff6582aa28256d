//! A shop with a recent past, for somebody who looks for the first time.
//!
//! The sample exports are of one week long ago: a guest's link to them has expired, and a dashboard that shows
//! the last weeks would be empty. So one day of the samples is told again for each day of the last eight weeks,
//! half of them to compare the other half with, and invented guests answer through their pages as real ones do.
//! It happens once for a data folder, at its first start with samples; samples/README.md says so, and
//! `make clean-data` forgets it.

mod guests;
mod topups;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::{Span, ToSpan as _};
use serde_json::{Value, json};

use crate::clock;
use crate::samples;
use crate::say::say;
use crate::start::Running;
use crate::web_client::web_client;

/// The sample that is told again, the date in it, and its outlet.
const SAMPLE: &str = "moka-2025-10-26.json";
const SAMPLE_DATE: &str = "2025-10-26";
const OUTLET: &str = "moka-100818";
const OUTLET_NAME: &str = "Warung Oyako Menteng";
/// Its number at Moka, so that a night has somebody to ask for.
const MOKA_ID: &str = "100818";

/// Where the outlet's clocks run.
const ZONE: &str = "Asia/Jakarta";

/// How many days are made, and for how long guests can answer: all of them answer today.
const DAYS: i64 = 56;
const LINK_DAYS: i64 = 60;

/// The key that the days are put under.
const KEY: &str = "incoming/samples/contoh-delapan-minggu.json";

/// How far a data folder has come with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Progress {
    /// The last of the days.
    last: Date,
    /// Whether the guests have answered.
    done: bool,
}

impl Progress {
    fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("demo")
    }

    /// What an earlier start noted. Anything else than a note of ours counts as none.
    fn read(data_dir: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(Self::path(data_dir)).ok()?;
        let (date, state) = text.trim().split_once(' ')?;
        Some(Self {
            last: date.parse().ok()?,
            done: state == "done",
        })
    }

    fn write(self, data_dir: &Path) -> std::io::Result<()> {
        let state = if self.done { "done" } else { "begun" };
        std::fs::write(Self::path(data_dir), format!("{} {state}\n", self.last))
    }
}

impl Running {
    /// Makes the recent past, if this data folder has none yet, and answers the address of a guest's page that
    /// nobody has answered. Without the sample it is made from there is nothing to do.
    ///
    /// # Errors
    /// A file cannot be read or written, or the functions do not answer.
    pub async fn load_demo(&self, folder: &Path) -> anyhow::Result<Option<String>> {
        let sample = folder.join(SAMPLE);
        if !sample.is_file() {
            return Ok(None);
        }
        let known = Progress::read(&self.data_dir);
        let today = clock::now().in_tz(ZONE)?.date();
        let progress = match known {
            Some(progress) => progress,
            None => Progress {
                last: today.checked_sub(1.day())?,
                done: false,
            },
        };
        if !progress.done {
            progress.write(&self.data_dir)?;
            self.load_days(&std::fs::read_to_string(&sample)?, progress.last)
                .await?;
            self.describe_outlet().await?;
            self.let_guests_answer(&days(progress.last)).await?;
            let done = Progress {
                done: true,
                ..progress
            };
            done.write(&self.data_dir)?;
        }
        self.unanswered(progress.last).await
    }

    /// From now on the first page of this program leads to this page of a guest.
    pub fn show_guest_page(&self, url: String) {
        self.gateway.pages().show_guest_page(url);
    }

    /// Puts the days into the bucket as one export, and waits until it was read.
    async fn load_days(&self, sample: &str, last: Date) -> anyhow::Result<()> {
        let file = self.data_dir.join("demo.json");
        std::fs::write(&file, export(sample, last)?)?;
        let put = self.store.put_file(&self.bucket, KEY, &file).await;
        std::fs::remove_file(&file)?;
        put?;
        let client = web_client()?;
        let outcome = self.outcome(&client, KEY).await;
        let export = outcome.context("the days of the demonstration were not read in time")?;
        say(&format!(
            "Demonstration: {} receipts of the {DAYS} days up to {last}",
            export["received"]
        ));
        Ok(())
    }

    /// Gives the outlet a name, its guests time and the night its number at Moka, unless somebody has named it.
    async fn describe_outlet(&self) -> anyhow::Result<()> {
        let path = format!("/v1/outlets/{OUTLET}");
        let mut outlet = samples::get(self, &path).await?;
        if outlet["name"].is_string() {
            return Ok(());
        }
        outlet["name"] = json!(OUTLET_NAME);
        outlet["link_days"] = json!(LINK_DAYS);
        outlet["moka_id"] = json!(MOKA_ID);
        if let Some(outlet) = outlet.as_object_mut() {
            outlet.remove("id");
        }
        let client = web_client()?;
        let url = format!("{}{path}", self.base_url);
        let request = client.put(url).bearer_auth(&self.api_key).json(&outlet);
        request.send().await?.error_for_status()?;
        Ok(())
    }
}

/// The days up to `last`, oldest first.
fn days(last: Date) -> Vec<Date> {
    let back = |age: i64| last.checked_sub(Span::new().days(age)).ok();
    (0..DAYS).rev().filter_map(back).collect()
}

/// One export with all the days: on each, some of the sample's receipts under new ids.
fn export(sample: &str, last: Date) -> anyhow::Result<Vec<u8>> {
    let mut payments = Vec::new();
    for (number, day) in (1..).zip(days(last)) {
        let text = sample.replace(SAMPLE_DATE, &day.to_string());
        let mut page: Value = serde_json::from_str(&text).context(SAMPLE)?;
        let told = page["data"]["payments"].as_array_mut().context(SAMPLE)?;
        // A weekend is busier.
        let weekday = u32::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
        for (place, mut payment) in (0..).zip(told.drain(..)) {
            if dice([number, place, 0]) % 100 < 50 + 7 * weekday {
                renew(&mut payment, number);
                payments.push(payment);
            }
        }
    }
    Ok(serde_json::to_vec(&json!({ "data": { "payments": payments } }))?)
}

/// Makes other ids of all ids, the same from the same.
fn renew(value: &mut Value, number: u32) {
    match value {
        Value::String(text) if is_uuid(text) => {
            if let Ok(head) = u32::from_str_radix(&text[..8], 16) {
                text.replace_range(..8, &format!("{:08x}", head ^ dice([number])));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| renew(item, number)),
        Value::Object(fields) => fields.values_mut().for_each(|field| renew(field, number)),
        _ => {}
    }
}

fn is_uuid(text: &str) -> bool {
    let mut bytes = text.bytes().enumerate();
    text.len() == 36
        && bytes.all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A number that looks thrown and is the same each time: FNV-1a of the throw's name, mixed as MurmurHash3 ends.
fn dice<const N: usize>(name: [u32; N]) -> u32 {
    let bytes = name.iter().flat_map(|part| part.to_le_bytes());
    let mut hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash ^= hash >> 16;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    hash
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn sample() -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
        std::fs::read_to_string(root.join(SAMPLE)).unwrap()
    }

    fn payments(last: &str) -> Vec<Value> {
        let export = export(&sample(), last.parse().unwrap()).unwrap();
        let mut page: Value = serde_json::from_slice(&export).unwrap();
        page["data"]["payments"]
            .as_array_mut()
            .unwrap()
            .drain(..)
            .collect()
    }

    #[test]
    fn every_day_has_receipts_of_its_own_and_none_is_of_another_day() {
        let payments = payments("2026-03-01");
        let ids: BTreeSet<&str> = payments.iter().map(|p| p["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), payments.len(), "no id comes twice");
        let days: BTreeSet<&str> = payments
            .iter()
            .map(|p| &p["created_at"].as_str().unwrap()[..10])
            .collect();
        assert_eq!(days.len(), 56);
        assert_eq!(
            (days.first(), days.last()),
            (Some(&"2026-01-05"), Some(&"2026-03-01"))
        );
        for payment in &payments {
            assert!(!payment.to_string().contains(SAMPLE_DATE));
            let own = payment["id"].as_str().unwrap();
            let named = payment["checkouts"][0]["payment_uuid"].as_str();
            assert!(
                named.is_none_or(|named| named == own),
                "what named an id names the new one"
            );
        }
    }

    #[test]
    fn the_same_days_are_the_same_bytes() {
        let last = "2026-11-21".parse().unwrap();
        assert_eq!(export(&sample(), last).unwrap(), export(&sample(), last).unwrap());
    }

    #[test]
    fn what_was_begun_goes_on_with_the_same_days() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Progress::read(folder.path()), None);
        for done in [false, true] {
            let progress = Progress {
                last: "2026-11-21".parse().unwrap(),
                done,
            };
            progress.write(folder.path()).unwrap();
            assert_eq!(Progress::read(folder.path()), Some(progress));
        }
        std::fs::write(Progress::path(folder.path()), "half").unwrap();
        assert_eq!(Progress::read(folder.path()), None);
    }
}
