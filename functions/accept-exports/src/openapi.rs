//! The API's description, made from the routes themselves, and the answer that says "I am alive".

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use edge::problem::{Problem, ProblemDocument};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{OpenApi, ToSchema};

use crate::Deps;

/// The name of the one security scheme.
const SCHEME: &str = "api_key";
const PROBLEM_JSON: &str = "application/problem+json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Warung Oyako back office",
        description = "Sales exports go in; days, receipts, customers and quarantined records come out. \
            Amounts and quantities are exact decimals in strings. Every refusal is a problem document \
            (RFC 9457) with a stable `code`.",
    ),
    components(schemas(ProblemDocument))
)]
struct Head;

/// The description without its paths.
pub(crate) fn head() -> utoipa::openapi::OpenApi {
    let mut description = Head::openapi();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("oyk_<id>_<secret>")
        .description(Some(
            "An API key. Each operation names the scope that the key needs.",
        ))
        .build();
    let components = description.components.get_or_insert_default();
    components.add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    description
}

/// Writes down that an operation needs a key with a scope, and that it refuses with problem documents.
pub(crate) fn require(operation: &mut Operation, scope: &str) {
    operation.security = Some(vec![SecurityRequirement::new(SCHEME, [scope])]);
    let refusals = [
        (
            "401",
            "`UNAUTHORIZED`: no key, or one that is not in force".to_owned(),
        ),
        (
            "403",
            format!("`SCOPE_MISSING`: the key lacks the scope `{scope}`"),
        ),
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

/// `GET /openapi.json`, for anybody.
pub(crate) fn route(description: utoipa::openapi::OpenApi) -> Router<Arc<Deps>> {
    let document = serde_json::to_vec(&description)
        .map(Bytes::from)
        .map_err(|error| error.to_string());
    Router::new().route("/openapi.json", get(move || async move { describe(document) }))
}

fn describe(document: Result<Bytes, String>) -> Response {
    match document {
        Ok(document) => (
            [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            document,
        )
            .into_response(),
        Err(cause) => Problem::internal(cause).into_response(),
    }
}

/// That the function is alive.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Says that the function is alive. Looks at no store.
#[utoipa::path(get, path = "/v1/health", tag = "health", responses((status = 200, description = "OK", body = Health)))]
pub(crate) async fn health(State(_): State<Arc<Deps>>) -> Json<Health> {
    Json(Health { status: "ok" })
}
