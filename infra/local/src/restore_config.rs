//! Settings put back from what a night wrote down of them: `config/<date>.json` in the bucket.
//!
//! Outlets go back through the API, as if a person described them, so that the audit trail says so. What the
//! document cannot bring back is listed: keys are kept as hashes and have to be made again.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::PathBuf;

use anyhow::Context as _;
use domain::outlet::Outlet;
use domain::setup::Setup;
use reqwest::Client;
use serde_json::{Map, Value, json};

use crate::args::Config;
use crate::env_file;
use crate::http::percent_encode;
use crate::say::say;
use crate::template::Template;
use crate::web_client::web_client;

/// What a person types to have it done.
const WORD: &str = "restore";

/// What is to be done to come back to a document.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    /// The outlets to describe again, with what differs, in words.
    put: Vec<(String, Value, Vec<String>)>,
    /// Outlets that are as they were.
    same: usize,
    /// Outlets that nobody had described, and that are not there: they come with their next sales.
    undescribed: Vec<String>,
    /// Outlets that came since. They stay.
    since: Vec<String>,
}

/// The set that runs, as its API answers.
struct Shop {
    base_url: String,
    key: String,
    client: Client,
}

/// Shows what has changed since the night of a date, asks, and puts the outlets back. `yes` is what the person has
/// said before, in place of being asked.
///
/// # Errors
/// There is no such document, nothing runs on the data folder, or an outlet was refused.
pub async fn ask(config: &Config, date: &str, yes: &str) -> anyhow::Result<()> {
    let file = document(config, date)?;
    let bytes = std::fs::read(&file).with_context(|| file.display().to_string())?;
    let setup = Setup::read(&bytes)?;
    let shop = Shop::of(config)?;
    let plan = plan(&setup, &shop.outlets().await?);
    show(&plan, &setup);
    if plan.put.is_empty() {
        say("Every outlet is as it was: nothing to put back.");
        return Ok(());
    }
    say(&format!("Type {WORD} to put back {} outlets:", plan.put.len()));
    if yes != WORD && !is_typed() {
        say("nothing was done");
        return Ok(());
    }
    let mut refused = 0;
    for (id, outlet, _) in &plan.put {
        if let Some(reason) = shop.describe(id, outlet).await? {
            say(&format!("  {id}: refused, {reason}"));
            refused += 1;
        }
    }
    say(&format!("{} outlets are as they were", plan.put.len() - refused));
    anyhow::ensure!(refused == 0, "{refused} outlets were refused");
    Ok(())
}

/// The place of a night's document: the date is a name of a file and nothing else.
fn document(config: &Config, date: &str) -> anyhow::Result<PathBuf> {
    let date: jiff::civil::Date = date.parse().ok().context("not a date; write it as 2026-11-21")?;
    let template = Template::read(&config.template)?;
    let bucket = template.buckets.first().context("the template has no bucket")?;
    let folder = config.data_dir.join("s3").join(&bucket.name).join("config");
    Ok(folder.join(format!("{date}.json")))
}

fn is_typed() -> bool {
    let mut line = String::new();
    // Nobody there to type is a no.
    std::io::stdin().lock().read_line(&mut line).is_ok() && line.trim() == WORD
}

/// What the API takes as a description of an outlet; `None` for one that nobody had described.
fn description(outlet: &Outlet) -> Option<Value> {
    Some(json!({
        "name": outlet.name.as_ref()?,
        "zone": outlet.zone,
        "cutoff_hour": outlet.cutoff_hour,
        "placeholder_phones": outlet.placeholder_phones,
        "low_score": outlet.low_threshold(),
        "link_days": outlet.link_lifetime(),
        "moka_id": outlet.moka_id,
    }))
}

/// Compares a document with the outlets that the API has, by id.
fn plan(setup: &Setup, now: &BTreeMap<String, Value>) -> Plan {
    let mut plan = Plan::default();
    for outlet in &setup.outlets {
        let known = now.get(&outlet.id);
        let Some(wanted) = description(outlet) else {
            if known.is_none() {
                plan.undescribed.push(outlet.id.clone());
            } else {
                plan.same += 1;
            }
            continue;
        };
        let changes = changes(&wanted, known);
        if changes.is_empty() {
            plan.same += 1;
        } else {
            plan.put.push((outlet.id.clone(), wanted, changes));
        }
    }
    let was = |id: &String| setup.outlets.iter().any(|outlet| outlet.id == *id);
    plan.since = now.keys().filter(|id| !was(id)).cloned().collect();
    plan
}

/// What putting an outlet back changes, a line each; empty for nothing.
fn changes(wanted: &Value, known: Option<&Value>) -> Vec<String> {
    let Some(known) = known else {
        return vec!["is not there any more".to_owned()];
    };
    let none = Map::new();
    let fields = wanted.as_object().unwrap_or(&none).iter();
    fields
        .filter(|(name, value)| &known[name.as_str()] != *value)
        .map(|(name, value)| format!("{name}: {} -> {value}", known[name.as_str()]))
        .collect()
}

fn show(plan: &Plan, setup: &Setup) {
    for (id, _, changes) in &plan.put {
        say(&format!("  {id}"));
        for change in changes {
            say(&format!("      {change}"));
        }
    }
    say(&format!("{} outlets are as they were", plan.same));
    for (ids, words) in [
        (&plan.since, "came since and stay"),
        (
            &plan.undescribed,
            "had no description: they come with their next sales",
        ),
    ] {
        if !ids.is_empty() {
            say(&format!("{} {words}: {}", ids.len(), ids.join(", ")));
        }
    }
    say("Not in the document, to be made again where they are gone:");
    for key in setup.keys_to_make() {
        let scopes: Vec<String> = key
            .scopes
            .iter()
            .map(|scope| json!(scope).as_str().unwrap_or_default().to_owned())
            .collect();
        say(&format!(
            "  API key \"{}\" ({}): {}",
            key.name,
            key.id,
            scopes.join(" ")
        ));
    }
    for key in &setup.link_keys {
        say(&format!(
            "  key {} of guests' links: without it, printed links are dead",
            key.kid
        ));
    }
}

impl Shop {
    fn of(config: &Config) -> anyhow::Result<Self> {
        let value = |name| env_file::value(&config.data_dir, name);
        let known = value("BASE_URL")?.zip(value("API_KEY")?);
        let (base_url, key) =
            known.context("there is no local.env in the data folder: start with `make run`")?;
        Ok(Self {
            base_url,
            key,
            client: web_client()?,
        })
    }

    /// Every outlet, by id.
    async fn outlets(&self) -> anyhow::Result<BTreeMap<String, Value>> {
        let mut outlets = BTreeMap::new();
        let mut after = String::new();
        loop {
            let url = format!("{}/v1/outlets?limit=200{after}", self.base_url);
            let reply = self.client.get(url).bearer_auth(&self.key).send().await;
            let reply = reply
                .with_context(|| format!("nothing answers at {}: start with `make run`", self.base_url))?;
            let page: Value = serde_json::from_slice(&reply.error_for_status()?.bytes().await?)?;
            for outlet in page["items"].as_array().into_iter().flatten() {
                let id = outlet["id"].as_str().unwrap_or_default();
                outlets.insert(id.to_owned(), outlet.clone());
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={}", percent_encode(next, false)),
                None => return Ok(outlets),
            }
        }
    }

    /// Describes an outlet; answers why it was refused.
    async fn describe(&self, id: &str, outlet: &Value) -> anyhow::Result<Option<String>> {
        let url = format!("{}/v1/outlets/{id}", self.base_url);
        let request = self.client.put(url).bearer_auth(&self.key).json(outlet);
        let reply = request.send().await?;
        if reply.status().is_success() {
            return Ok(None);
        }
        let status = reply.status();
        let problem: Value = serde_json::from_slice(&reply.bytes().await?).unwrap_or_default();
        Ok(Some(
            problem["code"].as_str().unwrap_or(status.as_str()).to_owned(),
        ))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn outlet(id: &str, name: Option<&str>) -> Outlet {
        Outlet::undescribed(id, name, None)
    }

    #[test]
    fn only_what_differs_is_put_back_and_what_came_since_stays() {
        let outlets = ["moka-1", "moka-2", "moka-3"].map(|id| outlet(id, Some("Warung")));
        let mut outlets = outlets.to_vec();
        outlets.push(outlet("pos-4", None));
        let setup = Setup::new(0, outlets.clone(), &[], &[], BTreeMap::new());
        let as_it_was = |at: usize| description(&outlets[at]).unwrap();
        let mut renamed = as_it_was(1);
        renamed["name"] = json!("Lain");
        let now = BTreeMap::from([
            ("moka-1".to_owned(), as_it_was(0)),
            ("moka-2".to_owned(), renamed),
            ("pos-9".to_owned(), as_it_was(0)),
        ]);
        let plan = plan(&setup, &now);
        assert_eq!(plan.same, 1);
        assert_eq!(plan.since, ["pos-9"]);
        assert_eq!(plan.undescribed, ["pos-4"]);
        let put: Vec<(&str, &str)> = plan
            .put
            .iter()
            .map(|(id, _, changes)| (id.as_str(), changes[0].as_str()))
            .collect();
        assert_eq!(
            put,
            [
                ("moka-2", "name: \"Lain\" -> \"Warung\""),
                ("moka-3", "is not there any more")
            ]
        );
        assert_eq!(plan.put[0].1, as_it_was(1));
    }
}
