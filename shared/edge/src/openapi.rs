//! The API's description: what every operation behind a gate says, and how the functions' parts
//! become one document.
//!
//! Each HTTP function describes its own routes. Its part is kept in a file beside its code, so that
//! the function which answers `/openapi.json` can put all of them together without building the others.

use std::path::Path;

use http::StatusCode;
use serde_json::{Map, Value};
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};

use crate::config::Config;
use crate::problem::{PROBLEM_JSON, ProblemDocument};

/// The security scheme of API keys.
const KEY_SCHEME: &str = "api_key";
/// The security scheme of people's tokens.
const STAFF_SCHEME: &str = "staff_token";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Warung Oyako back office",
        description = "Sales exports go in; days, receipts, customers and quarantined records come out, with what \
            guests say of them; partners order top-ups. Amounts and quantities are exact decimals in strings, those of \
            top-ups whole rupiah as integers. Every refusal is a problem document (RFC 9457) with a stable `code`.",
    ),
    components(schemas(ProblemDocument))
)]
struct Head;

/// A description without paths: the title, how callers say who they are, and the problem document.
#[must_use]
pub fn head() -> OpenApi {
    let mut description = Head::openapi();
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("oyk_<id>_<secret>")
        .description(Some(
            "An API key. Each operation names the scope that the key needs.",
        ));
    let staff = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A token of the issuer with which people log in. Their roles give the scope that the operation names.",
        ));
    let components = description.components.get_or_insert_default();
    components.add_security_scheme(KEY_SCHEME, SecurityScheme::Http(key.build()));
    components.add_security_scheme(STAFF_SCHEME, SecurityScheme::Http(staff.build()));
    description
}

/// Writes down that an operation needs a key with a scope, or where it `takes_staff` a person's token,
/// and that it refuses with problem documents.
pub fn require(operation: &mut Operation, scope: &str, takes_staff: bool) {
    let mut security = vec![SecurityRequirement::new(KEY_SCHEME, [scope])];
    if takes_staff {
        security.push(SecurityRequirement::new(STAFF_SCHEME, [scope]));
    }
    operation.security = Some(security);
    let forbidden = if takes_staff {
        format!(
            "`SCOPE_MISSING`: the caller lacks the scope `{scope}`; `OUTLET_FORBIDDEN`: the outlet is not theirs"
        )
    } else {
        format!("`SCOPE_MISSING`: the key lacks the scope `{scope}`")
    };
    let refusals = [
        (
            "401",
            "`UNAUTHORIZED`: no key, or one that is not in force".to_owned(),
        ),
        ("403", forbidden),
        ("default", "Any other refusal".to_owned()),
    ];
    let responses = &mut operation.responses.responses;
    for (status, description) in refusals {
        let refusal = ResponseBuilder::new().description(description).build();
        responses.entry(status.to_owned()).or_insert(RefOr::T(refusal));
    }
    for (status, response) in responses {
        let RefOr::T(response) = response else { continue };
        if !status.starts_with('2') {
            let schema = Ref::from_schema_name("Problem");
            let content = ContentBuilder::new().schema(Some(schema)).build();
            response
                .content
                .insert(PROBLEM_JSON.to_owned(), RefOr::T(content));
        } else if response.description.is_empty() {
            // The standard asks for one (OpenAPI 3.1 §4.8.17).
            let reason = StatusCode::from_bytes(status.as_bytes())
                .ok()
                .and_then(|status| status.canonical_reason());
            response.description = reason.unwrap_or(status).to_owned();
        }
    }
}

/// One document of a function's own description and the parts of others. Tags and components that
/// several parts have in common have to be the same in each; a path belongs to one of them.
///
/// # Errors
/// Says what two parts disagree about, or which part is no description.
pub fn merged(own: &OpenApi, parts: &[&str]) -> Result<Value, String> {
    let mut whole = serde_json::to_value(own).map_err(|error| error.to_string())?;
    for part in parts {
        let part: Value = serde_json::from_str(part).map_err(|error| error.to_string())?;
        for (path, item) in members(&part, "/paths") {
            let paths = object(&mut whole, &["paths"])?;
            if paths.insert(path.clone(), item.clone()).is_some() {
                return Err(format!("{path} is described twice"));
            }
        }
        for (kind, named) in members(&part, "/components") {
            for (name, component) in named.as_object().into_iter().flatten() {
                let known = object(&mut whole, &["components", kind])?;
                let first = known.entry(name.clone()).or_insert_with(|| component.clone());
                if first != component {
                    return Err(format!("two {kind} are called {name}"));
                }
            }
        }
        let tags = part.get("tags").and_then(Value::as_array);
        for tag in tags.into_iter().flatten() {
            let known = list(&mut whole, "tags")?;
            if !known.contains(tag) {
                known.push(tag.clone());
            }
        }
    }
    Ok(whole)
}

fn members<'a>(part: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    part.pointer(pointer)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// The object at a place, made where there is none.
fn object<'a>(whole: &'a mut Value, path: &[&str]) -> Result<&'a mut Map<String, Value>, String> {
    let mut at = whole.as_object_mut().ok_or("a description is no object")?;
    for name in path {
        let next = at.entry(*name).or_insert_with(|| Value::Object(Map::new()));
        at = next
            .as_object_mut()
            .ok_or_else(|| format!("{name} is no object"))?;
    }
    Ok(at)
}

/// The list of a name, made where there is none.
fn list<'a>(whole: &'a mut Value, name: &str) -> Result<&'a mut Vec<Value>, String> {
    let whole = object(whole, &[])?;
    let list = whole.entry(name).or_insert_with(|| Value::Array(Vec::new()));
    list.as_array_mut().ok_or_else(|| format!("{name} is no list"))
}

/// Compares a function's description with the file that keeps it, for a test of that function. With
/// `UPDATE_OPENAPI=1` in the environment it writes the file instead.
///
/// # Errors
/// Says that the file is not as the description, or can't be read or written.
pub fn write_or_check(description: &OpenApi, path: impl AsRef<Path>) -> Result<(), String> {
    let path = path.as_ref();
    let value = serde_json::to_value(description).map_err(|error| error.to_string())?;
    let text = serde_json::to_string_pretty(&value).map_err(|error| error.to_string())? + "\n";
    if Config::from_environment().updates_descriptions() {
        return std::fs::write(path, text).map_err(|error| named(path, &error));
    }
    check(path, &text)
}

fn named(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// Whether a file holds this text.
fn check(path: &Path, text: &str) -> Result<(), String> {
    if std::fs::read_to_string(path).map_err(|error| named(path, &error))? == text {
        return Ok(());
    }
    Err(format!(
        "{} is not what the routes say; run this test once with UPDATE_OPENAPI=1",
        path.display()
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(part: Value) -> Result<Value, String> {
        let first = json!({
            "paths": { "/a": { "get": {} } },
            "components": { "schemas": { "Dish": { "type": "string" } } },
            "tags": [{ "name": "menu" }],
        });
        merged(&head(), &[&first.to_string(), &part.to_string()])
    }

    #[test]
    fn parts_come_together_with_what_they_share() {
        let whole = with(json!({
            "paths": { "/b": { "post": {} } },
            "components": { "schemas": { "Dish": { "type": "string" }, "Guest": {} }, "responses": { "Gone": {} } },
            "tags": [{ "name": "menu" }, { "name": "guests" }],
        }))
        .unwrap();
        let names = |pointer: &str| -> Vec<String> {
            members(&whole, pointer).map(|(name, _)| name.clone()).collect()
        };
        assert_eq!(names("/paths"), ["/a", "/b"]);
        assert_eq!(
            names("/components/schemas"),
            ["Dish", "FieldError", "Guest", "Problem"]
        );
        assert_eq!(names("/components/securitySchemes"), [KEY_SCHEME, STAFF_SCHEME]);
        assert_eq!(names("/components/responses"), ["Gone"]);
        assert_eq!(whole["tags"], json!([{ "name": "menu" }, { "name": "guests" }]));
        assert_eq!(whole["info"]["title"], "Warung Oyako back office");
    }

    #[test]
    fn parts_that_disagree_are_an_error() {
        let table = [
            (json!({ "paths": { "/a": {} } }), "/a is described twice"),
            (
                json!({ "components": { "schemas": { "Dish": { "type": "integer" } } } }),
                "two schemas are called Dish",
            ),
            (
                json!({ "components": { "schemas": { "Problem": {} } } }),
                "two schemas are called Problem",
            ),
        ];
        for (part, error) in table {
            assert_eq!(with(part).unwrap_err(), error);
        }
        assert!(merged(&head(), &["no json"]).is_err());
    }

    #[test]
    fn a_file_that_lags_behind_is_told_from_one_that_is_current() {
        let folder = std::env::temp_dir().join(format!("edge-openapi-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("openapi.json");
        assert!(check(&path, "{}\n").is_err(), "no file");
        std::fs::write(&path, "{}\n").unwrap();
        check(&path, "{}\n").unwrap();
        let error = check(&path, "{ }\n").unwrap_err();
        assert!(error.contains("UPDATE_OPENAPI=1"), "{error}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
