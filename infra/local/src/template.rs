//! The deployment template, read for what one machine needs: tables, buckets, queues, rules, functions
//! with their triggers, and routes. The template is the one truth about wiring, on AWS and here.
//!
//! A construct that matters for wiring and is not understood is an error that names the resource, never
//! something left out: a trigger that silently does not fire would look like a lost export.

mod functions;
mod intrinsics;
mod resources;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::pattern::Pattern;
use intrinsics::Scope;

/// Why a template was refused.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file could not be read.
    #[error("cannot be read")]
    Read(#[source] std::io::Error),
    /// The file is not YAML.
    #[error("not valid YAML: {0}")]
    Yaml(String),
    /// An intrinsic function that cannot be resolved on one machine.
    #[error("cannot resolve {0}")]
    Intrinsic(String),
    /// A resource with something the local run does not support.
    #[error("resource {resource}: {problem}")]
    Resource {
        /// Its logical id.
        resource: String,
        /// What is wrong, and where.
        problem: String,
    },
}

/// Everything of a template that the local run acts on.
#[derive(Debug, Default)]
pub struct Template {
    /// DynamoDB tables.
    pub tables: Vec<Table>,
    /// S3 buckets.
    pub buckets: Vec<Bucket>,
    /// SQS queues.
    pub queues: Vec<Queue>,
    /// EventBridge rules.
    pub rules: Vec<Rule>,
    /// Lambda functions.
    pub functions: Vec<Function>,
    /// HTTP API routes.
    pub routes: Vec<Route>,
}

/// A DynamoDB table.
#[derive(Debug)]
pub struct Table {
    /// Physical name: the logical id.
    pub name: String,
    /// The body of a `CreateTable` request.
    pub create: Value,
    /// The attribute with the expiry time, in seconds since the Unix epoch.
    pub ttl_attribute: Option<String>,
}

/// An S3 bucket.
#[derive(Debug)]
pub struct Bucket {
    /// Physical name: the logical id in lower case.
    pub name: String,
    /// Whether its object events go to EventBridge.
    pub event_bridge: bool,
}

/// An SQS queue.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Physical name: the logical id.
    pub name: String,
    /// Seconds a received message stays hidden.
    pub visibility_timeout_s: u32,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
}

/// A queue's redrive policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// Name of the dead-letter queue.
    pub dead_letter_queue: String,
    /// Receives after which a message is moved there.
    pub max_receive_count: u32,
}

/// An EventBridge rule with SQS queues as targets.
#[derive(Debug)]
pub struct Rule {
    /// Its logical id.
    pub name: String,
    /// Which events it takes.
    pub pattern: Pattern,
    /// Names of the target queues.
    pub queues: Vec<String>,
}

/// A Lambda function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Physical name: the logical id.
    pub name: String,
    /// File name of its program: the last part of `CodeUri`.
    pub binary: String,
    /// Seconds after which an invocation is stopped.
    pub timeout_s: u32,
    /// Memory in MB; told to the function, not enforced.
    pub memory_mb: u32,
    /// Its environment.
    pub environment: BTreeMap<String, String>,
    /// Retries of an asynchronous invocation that failed.
    pub async_retries: u32,
    /// Name of the queue told about asynchronous invocations that were given up.
    pub on_failure: Option<String>,
    /// What invokes it besides HTTP.
    pub sources: Vec<Source>,
}

/// A trigger of a function.
#[derive(Debug, Clone)]
pub enum Source {
    /// Messages of a queue.
    Queue(QueueSource),
    /// Changes of a table.
    Stream(StreamSource),
    /// The clock.
    Schedule(ScheduleSource),
}

/// An SQS event source.
#[derive(Debug, Clone)]
pub struct QueueSource {
    /// The queue's name.
    pub queue: String,
    /// Most messages in one invocation.
    pub batch_size: u32,
    /// Seconds to wait for a full batch.
    pub window_s: u32,
    /// Whether the function says which messages failed.
    pub partial_batches: bool,
}

/// A DynamoDB stream event source.
#[derive(Debug, Clone)]
pub struct StreamSource {
    /// The trigger's name in the template.
    pub name: String,
    /// The table's name.
    pub table: String,
    /// Most records in one invocation.
    pub batch_size: u32,
    /// Seconds to wait for a full batch.
    pub window_s: u32,
    /// A record is delivered when one of these matches, or when there are none.
    pub filters: Vec<Pattern>,
    /// Retries before a batch is given up; `None` retries for ever.
    pub max_retries: Option<u32>,
    /// Whether a failing batch is split in two to find the bad record.
    pub bisect: bool,
    /// Name of the queue told about records that were given up.
    pub on_failure: Option<String>,
    /// Whether the function says which record failed.
    pub partial_batches: bool,
    /// Whether to begin with records written from now on instead of the oldest kept.
    pub from_latest: bool,
}

/// A schedule.
#[derive(Debug, Clone)]
pub struct ScheduleSource {
    /// The trigger's name in the template.
    pub name: String,
    /// When it fires.
    pub schedule: crate::schedule::Schedule,
    /// The event given to the function instead of the usual one.
    pub input: Option<Value>,
}

/// An HTTP API route to a function.
#[derive(Debug, Clone)]
pub struct Route {
    /// The key as written: `ANY /v1/{proxy+}`.
    pub key: String,
    /// Name of the function.
    pub function: String,
}

impl Template {
    /// Reads the template at `path`.
    ///
    /// # Errors
    /// The file cannot be read, is not YAML, or has something the local run does not understand.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path).map_err(TemplateError::Read)?;
        Self::parse(&text)
    }

    /// Reads a template from its text.
    ///
    /// # Errors
    /// As [`Template::read`].
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let yaml: serde_norway::Value =
            serde_norway::from_str(text).map_err(|error| TemplateError::Yaml(error.to_string()))?;
        let document = intrinsics::to_json(&yaml)?;
        let scope = scope(&document);
        let mut template = Self::default();
        let mut integrations = BTreeMap::new();
        for (id, resource) in entries(&document["Resources"]) {
            let context = |error| with_resource(id, error);
            if let Some(condition) = resource["Condition"].as_str()
                && !scope.condition(condition).map_err(context)?
            {
                continue;
            }
            let reader = Reader {
                id,
                scope: &scope,
                properties: &resource["Properties"],
            };
            match resource["Type"].as_str().unwrap_or_default() {
                "AWS::DynamoDB::Table" => template.tables.push(reader.table().map_err(context)?),
                "AWS::S3::Bucket" => template.buckets.push(reader.bucket().map_err(context)?),
                "AWS::SQS::Queue" => template.queues.push(reader.queue().map_err(context)?),
                "AWS::Events::Rule" => template.rules.push(reader.rule().map_err(context)?),
                "AWS::Serverless::Function" => {
                    let globals = &document["Globals"]["Function"];
                    template
                        .functions
                        .push(reader.function(globals).map_err(context)?);
                }
                "AWS::ApiGatewayV2::Integration" => {
                    integrations.insert(id.to_owned(), reader.integration().map_err(context)?);
                }
                "AWS::ApiGatewayV2::Route" => template.routes.push(reader.route().map_err(context)?),
                "AWS::Serverless::HttpApi" | "AWS::Serverless::Api" | "AWS::Lambda::Function" => {
                    let problem = "this kind of resource is not run locally; write it out as the others are";
                    return Err(reader.problem(problem));
                }
                _ => {}
            }
        }
        template.link(&integrations)?;
        Ok(template)
    }

    /// Replaces each route's integration by its function, and checks that every name points at something.
    fn link(&mut self, integrations: &BTreeMap<String, String>) -> Result<(), TemplateError> {
        let missing = |resource: &str, kind: &str, name: &str| TemplateError::Resource {
            resource: resource.to_owned(),
            problem: format!("no such {kind}: {name}"),
        };
        for route in &mut self.routes {
            let function = integrations.get(&route.function);
            route.function = function
                .cloned()
                .ok_or_else(|| missing(&route.key, "integration", &route.function))?;
            if !self.functions.iter().any(|f| f.name == route.function) {
                return Err(missing(&route.key, "function", &route.function));
            }
        }
        let queues: Vec<&str> = self.queues.iter().map(|queue| queue.name.as_str()).collect();
        let targets = self
            .rules
            .iter()
            .flat_map(|rule| rule.queues.iter().map(|queue| (&rule.name, queue)));
        let redrives = self
            .queues
            .iter()
            .filter_map(|q| Some((&q.name, &q.redrive.as_ref()?.dead_letter_queue)));
        let sources = self
            .functions
            .iter()
            .flat_map(|f| f.sources.iter().map(move |source| (f, source)));
        let by_sources = sources.clone().filter_map(|(f, source)| match source {
            Source::Queue(source) => Some((&f.name, &source.queue)),
            Source::Stream(source) => Some((&f.name, source.on_failure.as_ref()?)),
            Source::Schedule(_) => None,
        });
        for (resource, queue) in targets.chain(redrives).chain(by_sources) {
            if !queues.contains(&queue.as_str()) {
                return Err(missing(resource, "queue", queue));
            }
        }
        for (function, source) in sources {
            if let Source::Stream(source) = source
                && !self.tables.iter().any(|table| table.name == source.table)
            {
                return Err(missing(&function.name, "table", &source.table));
            }
        }
        Ok(())
    }
}

/// One resource being read.
struct Reader<'a> {
    id: &'a str,
    scope: &'a Scope,
    properties: &'a Value,
}

impl Reader<'_> {
    /// The resolved value of a property, [`Value::Null`] when it is absent.
    fn get(&self, name: &str) -> Result<Value, TemplateError> {
        self.scope.resolve(&self.properties[name])
    }

    fn problem(&self, problem: impl Into<String>) -> TemplateError {
        TemplateError::Resource {
            resource: self.id.to_owned(),
            problem: problem.into(),
        }
    }
}

fn scope(document: &Value) -> Scope {
    let parameters = entries(&document["Parameters"])
        .map(|(name, p)| (name.to_owned(), p["Default"].clone()))
        .collect();
    let resource_types = entries(&document["Resources"])
        .map(|(id, resource)| {
            (
                id.to_owned(),
                resource["Type"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    Scope {
        parameters,
        conditions: document["Conditions"].as_object().cloned().unwrap_or_default(),
        resource_types,
    }
}

fn entries(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    object
        .as_object()
        .unwrap_or(&EMPTY)
        .iter()
        .map(|(key, value)| (key.as_str(), value))
}

fn with_resource(id: &str, error: TemplateError) -> TemplateError {
    match error {
        error @ TemplateError::Resource { .. } => error,
        other => TemplateError::Resource {
            resource: id.to_owned(),
            problem: other.to_string(),
        },
    }
}
