//! What was counted since the last flush, and the lines it becomes.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{MOST, Settings, Unit};

/// What one metric came to.
#[derive(Clone, Debug)]
enum Amount {
    Sum(u64),
    Values(Vec<u64>),
}

#[derive(Clone, Debug)]
struct Entry {
    name: &'static str,
    unit: Unit,
    amount: Amount,
}

/// What was counted, in the order of the first count.
#[derive(Debug, Default)]
pub(super) struct Buffer(Vec<Entry>);

impl Buffer {
    pub(super) fn add(&mut self, name: &'static str, unit: Unit, count: u64) {
        let same = self
            .0
            .iter_mut()
            .filter(|entry| entry.name == name && entry.unit == unit);
        for entry in same {
            if let Amount::Sum(sum) = &mut entry.amount {
                *sum = sum.saturating_add(count);
                return;
            }
        }
        self.put(name, unit, Amount::Sum(count));
    }

    pub(super) fn record(&mut self, name: &'static str, unit: Unit, value: u64) {
        let same = self
            .0
            .iter_mut()
            .filter(|entry| entry.name == name && entry.unit == unit);
        for entry in same {
            if let Amount::Values(values) = &mut entry.amount
                && values.len() < MOST
            {
                values.push(value);
                return;
            }
        }
        self.put(name, unit, Amount::Values(vec![value]));
    }

    fn put(&mut self, name: &'static str, unit: Unit, amount: Amount) {
        self.0.push(Entry { name, unit, amount });
    }

    /// Everything counted, as lines of at most a hundred metrics in which no name stands twice.
    pub(super) fn take(&mut self) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for entry in std::mem::take(&mut self.0) {
            let has_room = |line: &&mut Line| {
                line.0.len() < MOST && !line.0.iter().any(|other| other.name == entry.name)
            };
            match lines.iter_mut().find(has_room) {
                Some(line) => line.0.push(entry),
                None => lines.push(Line(vec![entry])),
            }
        }
        lines
    }
}

/// The metrics of one line.
#[derive(Debug)]
pub(super) struct Line(Vec<Entry>);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'a str,
    dimensions: &'a [Vec<String>],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    timestamp: i64,
    cloud_watch_metrics: [Directive<'a>; 1],
}

impl Line {
    /// The line as JSON. Properties are masked; names and numbers are the program's own.
    pub(super) fn json(
        &self,
        settings: &Settings,
        invocation: &BTreeMap<String, Value>,
        timestamp: i64,
    ) -> Vec<u8> {
        let metrics = self.0.iter().map(|entry| Definition {
            name: entry.name,
            unit: entry.unit.as_str(),
        });
        let metadata = Metadata {
            timestamp,
            cloud_watch_metrics: [Directive {
                namespace: &settings.namespace,
                dimensions: &settings.dimensions,
                metrics: metrics.collect(),
            }],
        };
        let mut json = br#"{"_aws":"#.to_vec();
        crate::log::write_json(&mut json, &metadata);
        let mut properties = settings.properties.clone();
        properties.extend(
            invocation
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        // Where a metric and a property share a name, the line is the metric's.
        properties.retain(|name, _| !self.0.iter().any(|entry| entry.name == name));
        let mut masked = Vec::new();
        crate::log::write_json(&mut masked, &properties);
        let masked = settings.redactor.line(&masked);
        let inner = masked.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
        if let Some(inner) = inner.filter(|inner| !inner.is_empty()) {
            json.push(b',');
            json.extend_from_slice(inner);
        }
        for entry in &self.0 {
            json.push(b',');
            crate::log::write_json(&mut json, entry.name);
            json.push(b':');
            match &entry.amount {
                Amount::Sum(sum) => crate::log::write_json(&mut json, sum),
                Amount::Values(values) => crate::log::write_json(&mut json, values),
            }
        }
        json.push(b'}');
        json
    }
}
