//! API keys: made, listed and revoked by whoever has the scope `admin`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::api_key::{ApiKey, Scope, mint};
use domain::topup::partner;
use domain::when::format_utc;
use edge::auth::{Caller, scope_name};
use edge::http_input::{JsonBody, PathParams};
use edge::problem::{FieldError, KEY_IN_USE, KEY_NOT_FOUND, Problem, SCOPE_NOT_HELD};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Deps;

/// The longest name of a key, in characters.
const NAME_MAX: usize = 100;

/// An API key without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct KeyDocument {
    /// The public part.
    id: String,
    /// What it is for.
    name: String,
    /// What it may do.
    scopes: Vec<String>,
    /// The partner for whom it orders top-ups; null where it orders none.
    partner: Option<String>,
    /// When it was made.
    created_at: String,
    /// When it was revoked; null while it is in force.
    revoked_at: Option<String>,
}

impl From<ApiKey> for KeyDocument {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            scopes: key.scopes.into_iter().map(scope_name).collect(),
            partner: key.partner,
            created_at: format_utc(key.created_ms),
            revoked_at: key.revoked_ms.map(format_utc),
        }
    }
}

/// All API keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyList {
    /// The keys, revoked ones included.
    items: Vec<KeyDocument>,
}

/// Lists the API keys, without their secrets.
#[utoipa::path(get, path = "/v1/keys", tag = "keys", responses((status = 200, body = KeyList)))]
pub(crate) async fn list_keys(State(deps): State<Arc<Deps>>) -> Result<Json<KeyList>, Problem> {
    let mut keys = deps.api_keys.all().await?;
    keys.sort_by(|a, b| (a.created_ms, &a.id).cmp(&(b.created_ms, &b.id)));
    Ok(Json(KeyList {
        items: keys.into_iter().map(Into::into).collect(),
    }))
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KeyRequest)]
pub(crate) struct KeyRequest {
    /// What it is for, in people's words.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// What it may do: `exports`, `sales:read`, `customers:read`, `quarantine:read`,
    /// `quarantine:write`, `audit:read`, `feedback:read`, `feedback:write`, `links:read`, `people:read`,
    /// `people:write`, `topups`, `topups:manage`, `topups:read`, `topups:decide`, `admin`.
    #[schema(value_type = Vec<String>, min_items = 1)]
    scopes: Vec<Scope>,
    /// The partner for whom it orders top-ups: needed with the scope `topups`, and of no use without it. Lower case
    /// letters, digits and `-`.
    #[serde(default)]
    #[schema(pattern = "^[a-z0-9-]{1,40}$", example = "kios-12")]
    partner: Option<String>,
}

impl KeyRequest {
    /// What is wrong with it.
    fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: &str, indonesian: &str, english: &str| {
            errors.push(FieldError::at(pointer, "FIELD_INVALID", indonesian, english));
        };
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX {
            refuse("/name", "1 sampai 100 karakter", "1 to 100 characters");
        }
        if self.scopes.is_empty() {
            refuse("/scopes", "paling sedikit satu", "at least one");
        }
        match (&self.partner, self.scopes.contains(&Scope::Topups)) {
            (None, true) => refuse(
                "/partner",
                "izin `topups` perlu mitra",
                "the scope `topups` needs a partner",
            ),
            (Some(_), false) => refuse(
                "/partner",
                "hanya dengan izin `topups`",
                "only with the scope `topups`",
            ),
            (Some(id), true) if !partner::is_id(id) => refuse(
                "/partner",
                "1 sampai 40 huruf kecil, angka atau `-`",
                "1 to 40 lower case letters, digits or `-`",
            ),
            _ => {}
        }
        errors
    }
}

/// A new API key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewKey {
    /// The key in full. It is shown here and never again.
    key: String,
    /// What is stored of it.
    #[serde(flatten)]
    stored: KeyDocument,
}

/// Makes an API key. The answer is the only place where the key is ever shown.
#[utoipa::path(
    post, path = "/v1/keys", tag = "keys", request_body = KeyRequest,
    responses(
        (status = 201, body = NewKey),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
pub(crate) async fn create_key(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    JsonBody(request): JsonBody<KeyRequest>,
) -> Result<(StatusCode, Json<NewKey>), Problem> {
    let errors = request.errors();
    if !errors.is_empty() {
        return Err(Problem::fields(errors));
    }
    let mut scopes = request.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    if let Some(scope) = scopes.iter().find(|scope| !caller.may(**scope)) {
        let scope = scope_name(*scope);
        return Err(Problem::new(&SCOPE_NOT_HELD).detail(
            format!("Kunci Anda tidak punya izin `{scope}`."),
            format!("Your key does not have the scope `{scope}`."),
        ));
    }
    let random = lambda_edge::clock::random::<40>().map_err(|error| Problem::internal(error.to_string()))?;
    let (key, minted) = mint(random, request.name.trim(), scopes, deps.now_ms());
    let stored = ApiKey {
        partner: request.partner,
        ..minted
    };
    deps.api_keys.create(&stored, &caller.actor()).await?;
    Ok((
        StatusCode::CREATED,
        Json(NewKey {
            key,
            stored: stored.into(),
        }),
    ))
}

/// Revokes an API key; one that is revoked already stays so. A process that has just seen the key may
/// take it for up to 30 seconds more.
///
/// A key can't revoke itself, so that there is always one left to make another.
#[utoipa::path(
    delete, path = "/v1/keys/{id}", tag = "keys",
    params(("id" = String, Path, description = "The key's public part")),
    responses(
        (status = 200, body = KeyDocument),
        (status = 409, description = "`KEY_IN_USE`: it is the key that asks"),
    ),
)]
pub(crate) async fn revoke_key(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
) -> Result<Json<KeyDocument>, Problem> {
    if caller.key_id() == Some(&*id) {
        return Err(Problem::new(&KEY_IN_USE).detail(
            "Buat kunci lain lebih dulu, lalu cabut kunci ini dengannya.",
            "Make another key first and revoke this one with it.",
        ));
    }
    if deps.api_keys.get(&id).await?.is_none() {
        return Err(Problem::new(&KEY_NOT_FOUND));
    }
    let revoked = deps.api_keys.revoke(&id, deps.now_ms(), &caller.actor()).await?;
    deps.known_keys.forget(&id);
    Ok(Json(revoked.into()))
}
