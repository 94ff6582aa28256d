//! Functions of the template and what triggers them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::resources::number;
use super::{Function, QueueSource, Reader, ScheduleSource, Source, StreamSource, TemplateError, entries};
use crate::names;
use crate::pattern::Pattern;
use crate::schedule::Schedule;

/// Lambda's defaults: seconds and MB.
const DEFAULT_TIMEOUT_S: u32 = 3;
const DEFAULT_MEMORY_MB: u32 = 128;
/// Lambda's default for asynchronous invocations.
const ASYNC_RETRIES: u32 = 2;

impl Reader<'_> {
    pub(super) fn function(&self, globals: &Value) -> Result<Function, TemplateError> {
        let code = self.get("CodeUri")?;
        let code = code
            .as_str()
            .ok_or_else(|| self.problem("CodeUri must be a folder"))?;
        let binary = code
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        if binary.is_empty() || binary == "." || binary == ".." {
            return Err(self.problem(format!("CodeUri {code} does not end in the function's name")));
        }
        let globals = Reader {
            id: self.id,
            scope: self.scope,
            properties: globals,
        };
        let mut environment = BTreeMap::new();
        for level in [&globals, self] {
            for (name, value) in entries(&level.get("Environment")?["Variables"]) {
                if value.is_object() || value.is_array() {
                    return Err(self.problem(format!("environment variable {name} is not plain text")));
                }
                environment.insert(name.to_owned(), super::intrinsics::plain_text(value));
            }
        }
        let setting = |name: &str, default| -> Result<u32, TemplateError> {
            Ok(self.number(name)?.or(globals.number(name)?).unwrap_or(default))
        };
        let mut sources = Vec::new();
        for (name, event) in entries(&self.properties["Events"]) {
            sources.push(self.source(name, event)?);
        }
        let asynchronous = self.get("EventInvokeConfig")?;
        Ok(Function {
            async_retries: number(&asynchronous["MaximumRetryAttempts"]).unwrap_or(ASYNC_RETRIES),
            on_failure: self.on_failure("EventInvokeConfig", &asynchronous)?,
            name: self.id.to_owned(),
            binary,
            timeout_s: setting("Timeout", DEFAULT_TIMEOUT_S)?,
            memory_mb: setting("MemorySize", DEFAULT_MEMORY_MB)?,
            environment,
            sources,
        })
    }

    fn source(&self, name: &str, event: &Value) -> Result<Source, TemplateError> {
        let event = self.scope.resolve(event)?;
        let properties = &event["Properties"];
        match event["Type"].as_str().unwrap_or_default() {
            "SQS" => self.queue_source(name, properties).map(Source::Queue),
            "DynamoDB" => self.stream_source(name, properties).map(Source::Stream),
            "Schedule" | "ScheduleV2" => self.schedule_source(name, properties).map(Source::Schedule),
            other => Err(self.problem(format!("event {name}: type {other} is not run locally"))),
        }
    }

    fn queue_source(&self, name: &str, properties: &Value) -> Result<QueueSource, TemplateError> {
        let queue = properties["Queue"].as_str().and_then(names::name_of_arn);
        let queue =
            queue.ok_or_else(|| self.problem(format!("event {name}: Queue must be a queue's ARN")))?;
        if !properties["FilterCriteria"].is_null() {
            return Err(self.problem(format!(
                "event {name}: FilterCriteria of a queue is not run locally"
            )));
        }
        Ok(QueueSource {
            queue: queue.to_owned(),
            batch_size: number(&properties["BatchSize"]).unwrap_or(10).max(1),
            window_s: number(&properties["MaximumBatchingWindowInSeconds"]).unwrap_or(0),
            partial_batches: reports_failures(properties),
        })
    }

    fn stream_source(&self, name: &str, properties: &Value) -> Result<StreamSource, TemplateError> {
        let table = properties["Stream"].as_str().and_then(names::table_of_arn);
        let table =
            table.ok_or_else(|| self.problem(format!("event {name}: Stream must be a table's stream")))?;
        let mut filters = Vec::new();
        for filter in properties["FilterCriteria"]["Filters"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let text = filter["Pattern"].as_str().unwrap_or_default();
            let bad = |problem: String| self.problem(format!("event {name}: filter {text}: {problem}"));
            let pattern = serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
            filters.push(Pattern::compile(&pattern).map_err(|error| bad(error.to_string()))?);
        }
        Ok(StreamSource {
            name: name.to_owned(),
            table: table.to_owned(),
            batch_size: number(&properties["BatchSize"]).unwrap_or(100).clamp(1, 1000),
            window_s: number(&properties["MaximumBatchingWindowInSeconds"]).unwrap_or(0),
            filters,
            // -1, and no value, mean "until the record expires".
            max_retries: number(&properties["MaximumRetryAttempts"]),
            bisect: properties["BisectBatchOnFunctionError"] == json!(true),
            on_failure: self.on_failure(name, properties)?,
            partial_batches: reports_failures(properties),
            from_latest: properties["StartingPosition"] == "LATEST",
        })
    }

    /// The queue told about what the event source or the invocation `name` gave up.
    fn on_failure(&self, name: &str, properties: &Value) -> Result<Option<String>, TemplateError> {
        let destination = &properties["DestinationConfig"]["OnFailure"]["Destination"];
        match destination.as_str() {
            None => Ok(None),
            Some(arn) if arn.contains(":sqs:") => Ok(names::name_of_arn(arn).map(str::to_owned)),
            Some(arn) => Err(self.problem(format!("{name}: OnFailure {arn} is not a queue"))),
        }
    }

    fn schedule_source(&self, name: &str, properties: &Value) -> Result<ScheduleSource, TemplateError> {
        let bad = |problem: String| self.problem(format!("event {name}: {problem}"));
        let expression = ["ScheduleExpression", "Schedule"]
            .iter()
            .find_map(|key| properties[*key].as_str());
        let expression = expression.ok_or_else(|| bad("no schedule".into()))?;
        let zone = properties["ScheduleExpressionTimezone"].as_str().unwrap_or("UTC");
        let schedule = Schedule::parse(expression, zone).map_err(|error| bad(error.to_string()))?;
        let input = match properties["Input"].as_str() {
            None => None,
            Some(text) => Some(serde_json::from_str(text).map_err(|error| bad(format!("Input: {error}")))?),
        };
        Ok(ScheduleSource {
            name: name.to_owned(),
            schedule,
            input,
        })
    }
}

fn reports_failures(properties: &Value) -> bool {
    properties["FunctionResponseTypes"]
        .as_array()
        .is_some_and(|types| types.iter().any(|kind| kind == "ReportBatchItemFailures"))
}
