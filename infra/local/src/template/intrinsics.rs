//! CloudFormation's YAML: short-form tags to their long form, and the functions that values are made of.
//!
//! The rules are those of the AWS CloudFormation user guide, "Intrinsic function reference". Only what a
//! one-machine run can know is resolved; anything else is an error that names the function.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

use super::TemplateError;
use crate::names;

/// Turns YAML with CloudFormation tags into JSON in the long form: `!Ref X` becomes `{"Ref": "X"}`,
/// `!GetAtt A.B` becomes `{"Fn::GetAtt": ["A", "B"]}`, any other `!F v` becomes `{"Fn::F": v}`.
pub(super) fn to_json(yaml: &Yaml) -> Result<Value, TemplateError> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => json!(flag),
        Yaml::Number(number) => {
            serde_json::to_value(number).map_err(|e| TemplateError::Yaml(e.to_string()))?
        }
        Yaml::String(text) => json!(text),
        Yaml::Sequence(items) => Value::Array(items.iter().map(to_json).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let key = match key {
                    Yaml::String(text) => text.clone(),
                    Yaml::Number(number) => number.to_string(),
                    Yaml::Bool(flag) => flag.to_string(),
                    other => return Err(TemplateError::Yaml(format!("a key that is not text: {other:?}"))),
                };
                object.insert(key, to_json(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let name = tagged.tag.to_string();
            let name = name.trim_start_matches('!');
            let value = to_json(&tagged.value)?;
            match (name, value) {
                ("Ref" | "Condition", value) => json!({ name: value }),
                ("GetAtt", Value::String(path)) => {
                    let (id, attribute) = path.split_once('.').unwrap_or((&path, ""));
                    json!({ "Fn::GetAtt": [id, attribute] })
                }
                (_, value) => json!({ format!("Fn::{name}"): value }),
            }
        }
    })
}

/// What references may point at: parameters with their defaults, named conditions, resources by type.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) conditions: Map<String, Value>,
    pub(super) resource_types: BTreeMap<String, String>,
}

/// The value that removes its property, as `AWS::NoValue` does.
fn no_value() -> Value {
    json!({ "Ref": "AWS::NoValue" })
}

impl Scope {
    /// The concrete value of `value`.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value, TemplateError> {
        match value {
            Value::Array(items) => {
                let mut resolved = Vec::with_capacity(items.len());
                for item in items {
                    let item = self.resolve(item)?;
                    if item != no_value() {
                        resolved.push(item);
                    }
                }
                Ok(Value::Array(resolved))
            }
            Value::Object(object) => {
                if let Some((name, argument)) = single_function(object) {
                    return self.call(name, argument);
                }
                let mut resolved = Map::new();
                for (key, item) in object {
                    let item = self.resolve(item)?;
                    if item != no_value() {
                        resolved.insert(key.clone(), item);
                    }
                }
                Ok(Value::Object(resolved))
            }
            plain => Ok(plain.clone()),
        }
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Value, TemplateError> {
        match name {
            "Ref" => self.reference(text(argument, name)?),
            "Fn::GetAtt" => {
                let parts = self.resolve(argument)?;
                match (
                    parts.get(0).and_then(Value::as_str),
                    parts.get(1).and_then(Value::as_str),
                ) {
                    (Some(id), Some(attribute)) => self.attribute(id, attribute),
                    _ => Err(TemplateError::Intrinsic(format!("Fn::GetAtt of {argument}"))),
                }
            }
            "Fn::Sub" => self.substitute(argument),
            "Fn::If" => {
                let condition = text(argument.get(0).unwrap_or(&Value::Null), name)?;
                let branch = if self.condition(condition)? { 1 } else { 2 };
                self.resolve(argument.get(branch).unwrap_or(&Value::Null))
            }
            "Fn::Join" => {
                let separator = text(argument.get(0).unwrap_or(&Value::Null), name)?;
                let parts = self.resolve(argument.get(1).unwrap_or(&Value::Null))?;
                let parts: Vec<String> = parts.as_array().into_iter().flatten().map(plain_text).collect();
                Ok(json!(parts.join(separator)))
            }
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" | "Condition" => {
                Ok(json!(self.test(name, argument)?))
            }
            other => Err(TemplateError::Intrinsic(other.to_owned())),
        }
    }

    /// Whether the named condition holds with the parameters' defaults.
    pub(super) fn condition(&self, name: &str) -> Result<bool, TemplateError> {
        let expression = self
            .conditions
            .get(name)
            .ok_or_else(|| TemplateError::Intrinsic(format!("condition {name}")))?;
        match expression.as_object().and_then(single_function) {
            Some((function, argument)) => self.test(function, argument),
            None => Err(TemplateError::Intrinsic(format!("condition {name}"))),
        }
    }

    fn test(&self, function: &str, argument: &Value) -> Result<bool, TemplateError> {
        let operands = || argument.as_array().map(Vec::as_slice).unwrap_or_default();
        let one = |operand: &Value| match operand.as_object().and_then(single_function) {
            Some((name, inner)) => self.test(name, inner),
            None => Err(TemplateError::Intrinsic(format!("{function} of {operand}"))),
        };
        match function {
            "Condition" => self.condition(text(argument, function)?),
            "Fn::Equals" => {
                let sides = self.resolve(argument)?;
                Ok(sides.get(0).map(plain_text) == sides.get(1).map(plain_text))
            }
            "Fn::Not" => Ok(!one(operands().first().unwrap_or(&Value::Null))?),
            "Fn::And" => operands()
                .iter()
                .try_fold(true, |all, operand| Ok(all & one(operand)?)),
            "Fn::Or" => operands()
                .iter()
                .try_fold(false, |any, operand| Ok(any | one(operand)?)),
            other => Err(TemplateError::Intrinsic(other.to_owned())),
        }
    }

    fn reference(&self, id: &str) -> Result<Value, TemplateError> {
        if let Some(value) = self.parameters.get(id) {
            return Ok(value.clone());
        }
        if let Some(kind) = self.resource_types.get(id) {
            return Ok(json!(match kind.as_str() {
                "AWS::S3::Bucket" => names::bucket_name(id),
                "AWS::SQS::Queue" => format!(
                    "https://sqs.{}.amazonaws.com/{}/{id}",
                    names::REGION,
                    names::ACCOUNT
                ),
                _ => id.to_owned(),
            }));
        }
        Ok(match id {
            "AWS::Region" => json!(names::REGION),
            "AWS::AccountId" => json!(names::ACCOUNT),
            "AWS::Partition" => json!("aws"),
            "AWS::URLSuffix" => json!("amazonaws.com"),
            "AWS::StackName" | "AWS::StackId" => json!("local"),
            "AWS::NoValue" => no_value(),
            _ => {
                return Err(TemplateError::Intrinsic(format!(
                    "Ref {id}: no such parameter or resource"
                )));
            }
        })
    }

    fn attribute(&self, id: &str, attribute: &str) -> Result<Value, TemplateError> {
        let kind = self.resource_types.get(id).ok_or_else(|| {
            TemplateError::Intrinsic(format!("Fn::GetAtt {id}.{attribute}: no such resource"))
        })?;
        Ok(json!(match (kind.as_str(), attribute) {
            ("AWS::Serverless::Function", "Arn") => names::function_arn(id),
            ("AWS::SQS::Queue", "Arn") => names::queue_arn(id),
            ("AWS::DynamoDB::Table", "Arn") => names::table_arn(id),
            ("AWS::DynamoDB::Table", "StreamArn") => names::stream_arn(id),
            ("AWS::S3::Bucket", "Arn") => names::bucket_arn(&names::bucket_name(id)),
            ("AWS::SQS::Queue", "QueueName") => id.to_owned(),
            // Of no meaning on one machine, yet present in values that are not used here.
            _ => format!("{id}.{attribute}"),
        }))
    }

    fn substitute(&self, argument: &Value) -> Result<Value, TemplateError> {
        let (pattern, locals) = match argument {
            Value::String(pattern) => (pattern.as_str(), Value::Null),
            Value::Array(parts) => (
                text(parts.first().unwrap_or(&Value::Null), "Fn::Sub")?,
                self.resolve(parts.get(1).unwrap_or(&Value::Null))?,
            ),
            other => return Err(TemplateError::Intrinsic(format!("Fn::Sub of {other}"))),
        };
        let mut text = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            text.push_str(before);
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| TemplateError::Intrinsic(format!("Fn::Sub {pattern}")))?;
            let value = match (name.strip_prefix('!'), locals.get(name), name.split_once('.')) {
                (Some(literal), ..) => json!(format!("${{{literal}}}")),
                (None, Some(local), _) => local.clone(),
                (None, None, Some((id, attribute))) => self.attribute(id, attribute)?,
                (None, None, None) => self.reference(name)?,
            };
            text.push_str(&plain_text(&value));
            rest = after;
        }
        text.push_str(rest);
        Ok(json!(text))
    }
}

fn single_function(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = object.iter().next()?;
    let is_function =
        name == "Ref" || name == "Condition" && argument.is_string() || name.starts_with("Fn::");
    (object.len() == 1 && is_function).then_some((name.as_str(), argument))
}

fn text<'a>(value: &'a Value, function: &str) -> Result<&'a str, TemplateError> {
    value
        .as_str()
        .ok_or_else(|| TemplateError::Intrinsic(format!("{function} of {value}")))
}

/// A scalar as the text CloudFormation would put in its place.
pub(super) fn plain_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
