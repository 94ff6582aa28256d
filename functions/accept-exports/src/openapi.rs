//! The API's description, made from the routes themselves and from the parts of the other functions,
//! and the answer that says "I am alive".

use std::sync::{Arc, OnceLock};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;
use edge::openapi::merged;
use edge::problem::Problem;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;

use crate::Deps;

/// What the other HTTP functions answer. Each keeps its file current with a test of its own.
const PARTS: [&str; 3] = [
    include_str!("../../serve-feedback/openapi.json"),
    include_str!("../../serve-dashboard/openapi.json"),
    include_str!("../../serve-topups/openapi.json"),
];

/// `GET /openapi.json`, for anybody. The document is put together when it is first asked for: a
/// process that starts to take an export has better things to do.
pub(crate) fn route(description: OpenApi) -> Router<Arc<Deps>> {
    let (own, document) = (Arc::new(description), Arc::new(OnceLock::new()));
    let answer = move || async move { describe(document.get_or_init(|| written(&own))) };
    Router::new().route("/openapi.json", get(answer))
}

/// The whole document as JSON.
fn written(own: &OpenApi) -> Result<Bytes, String> {
    let whole = merged(own, &PARTS)?;
    let bytes = serde_json::to_vec(&whole).map_err(|error| error.to_string())?;
    Ok(Bytes::from(bytes))
}

fn describe(document: &Result<Bytes, String>) -> Response {
    match document {
        Ok(document) => (
            [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            document.clone(),
        )
            .into_response(),
        Err(cause) => Problem::internal(cause.as_str()).into_response(),
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
