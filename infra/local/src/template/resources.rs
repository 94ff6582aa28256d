//! Tables, buckets, queues, rules, integrations and routes of the template.

use serde_json::{Map, Value, json};

use super::{Bucket, Queue, Reader, Redrive, Route, Rule, Table, TemplateError};
use crate::names;
use crate::pattern::Pattern;

/// The default visibility timeout of SQS, in seconds.
const DEFAULT_VISIBILITY_TIMEOUT_S: u32 = 30;

impl Reader<'_> {
    pub(super) fn table(&self) -> Result<Table, TemplateError> {
        let mut create = Map::new();
        create.insert("TableName".into(), json!(self.id));
        for property in [
            "AttributeDefinitions",
            "KeySchema",
            "GlobalSecondaryIndexes",
            "LocalSecondaryIndexes",
        ] {
            match self.get(property)? {
                Value::Null => {}
                value => drop(create.insert(property.into(), value)),
            }
        }
        if create.get("KeySchema").is_none() {
            return Err(self.problem("a table without KeySchema"));
        }
        create.insert("BillingMode".into(), json!("PAY_PER_REQUEST"));
        let view = self.get("StreamSpecification")?["StreamViewType"].clone();
        if view.is_string() {
            create.insert(
                "StreamSpecification".into(),
                json!({"StreamEnabled": true, "StreamViewType": view}),
            );
        }
        let ttl = self.get("TimeToLiveSpecification")?;
        // CloudFormation gives a boolean, or the text of one.
        let enabled = matches!(&ttl["Enabled"], Value::Bool(true)) || ttl["Enabled"] == "true";
        let ttl_attribute = ttl["AttributeName"]
            .as_str()
            .filter(|_| enabled)
            .map(str::to_owned);
        Ok(Table {
            name: self.id.to_owned(),
            create: Value::Object(create),
            ttl_attribute,
        })
    }

    pub(super) fn bucket(&self) -> Result<Bucket, TemplateError> {
        let notifications = self.get("NotificationConfiguration")?;
        for direct in [
            "LambdaConfigurations",
            "QueueConfigurations",
            "TopicConfigurations",
        ] {
            if !notifications[direct].is_null() {
                return Err(self.problem(format!(
                    "{direct}: only EventBridge notifications are run locally"
                )));
            }
        }
        let event_bridge = match &notifications["EventBridgeConfiguration"] {
            Value::Null => false,
            configuration => configuration["EventBridgeEnabled"] != json!(false),
        };
        Ok(Bucket {
            name: names::bucket_name(self.id),
            event_bridge,
        })
    }

    pub(super) fn queue(&self) -> Result<Queue, TemplateError> {
        if self.get("FifoQueue")? == json!(true) {
            return Err(self.problem("FIFO queues are not run locally"));
        }
        let visibility_timeout_s = self
            .number("VisibilityTimeout")?
            .unwrap_or(DEFAULT_VISIBILITY_TIMEOUT_S);
        let policy = self.get("RedrivePolicy")?;
        let redrive = if policy.is_null() {
            None
        } else {
            let arn = policy["deadLetterTargetArn"]
                .as_str()
                .and_then(names::name_of_arn);
            let count = number(&policy["maxReceiveCount"]);
            match (arn, count) {
                (Some(queue), Some(max_receive_count)) if max_receive_count > 0 => Some(Redrive {
                    dead_letter_queue: queue.to_owned(),
                    max_receive_count,
                }),
                _ => return Err(self.problem("RedrivePolicy needs deadLetterTargetArn and maxReceiveCount")),
            }
        };
        Ok(Queue {
            name: self.id.to_owned(),
            visibility_timeout_s,
            redrive,
        })
    }

    pub(super) fn rule(&self) -> Result<Rule, TemplateError> {
        if !self.get("ScheduleExpression")?.is_null() {
            return Err(self.problem("ScheduleExpression: write the schedule as an event of its function"));
        }
        let pattern = Pattern::compile(&self.get("EventPattern")?)
            .map_err(|error| self.problem(format!("EventPattern: {error}")))?;
        let mut queues = Vec::new();
        for target in self.get("Targets")?.as_array().into_iter().flatten() {
            let arn = target["Arn"].as_str().unwrap_or_default();
            if !arn.contains(":sqs:") {
                return Err(self.problem(format!("target {arn}: only SQS queues are targets locally")));
            }
            for changed in ["InputTransformer", "Input", "InputPath"] {
                if !target[changed].is_null() {
                    return Err(self.problem(format!("target {arn}: {changed} is not run locally")));
                }
            }
            queues.extend(names::name_of_arn(arn).map(str::to_owned));
        }
        Ok(Rule {
            name: self.id.to_owned(),
            pattern,
            queues,
        })
    }

    /// The name of the function that an integration calls.
    pub(super) fn integration(&self) -> Result<String, TemplateError> {
        let version = self.get("PayloadFormatVersion")?;
        if super::intrinsics::plain_text(&version) != "2.0" {
            return Err(self.problem("PayloadFormatVersion must be '2.0'"));
        }
        let uri = self.get("IntegrationUri")?;
        let uri = uri.as_str().unwrap_or_default();
        // Either the function's ARN, or the longer form of API Gateway that contains it.
        uri.split_once(":function:")
            .map(|(_, rest)| rest.trim_end_matches("/invocations").to_owned())
            .ok_or_else(|| self.problem(format!("IntegrationUri {uri} is not a function's ARN")))
    }

    /// A route, with the logical id of its integration in place of the function.
    pub(super) fn route(&self) -> Result<Route, TemplateError> {
        let key = self.get("RouteKey")?;
        let key = key
            .as_str()
            .ok_or_else(|| self.problem("a route without RouteKey"))?;
        let target = self.get("Target")?;
        let integration = target
            .as_str()
            .and_then(|target| target.strip_prefix("integrations/"));
        let integration =
            integration.ok_or_else(|| self.problem("Target must be integrations/${Integration}"))?;
        if key != "$default" && key.split_once(' ').is_none_or(|(_, path)| !path.starts_with('/')) {
            return Err(self.problem(format!("RouteKey {key} is neither $default nor METHOD /path")));
        }
        Ok(Route {
            key: key.to_owned(),
            function: integration.to_owned(),
        })
    }

    /// A property that is a whole number, given as a number or as text.
    pub(super) fn number(&self, property: &str) -> Result<Option<u32>, TemplateError> {
        match self.get(property)? {
            Value::Null => Ok(None),
            value => number(&value)
                .map(Some)
                .ok_or_else(|| self.problem(format!("{property} must be a number"))),
        }
    }
}

/// A whole number given as a number or as text.
pub(super) fn number(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64().and_then(|number| u32::try_from(number).ok()),
    }
}
