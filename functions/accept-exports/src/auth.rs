//! Who asks, and whether they may.
//!
//! A key is sent as `Authorization: Bearer oyk_…`. Whatever is wrong with it, the answer is the same
//! 401, so that nobody learns which keys exist. Keys are remembered for [`KEY_LIFE_MS`], so a
//! revoked key may work that much longer in a process that has just seen it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws::StoreError;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use domain::api_key::{self, ApiKey, Scope};
use edge::http::CallerId;
use edge::http_input::parameter_names;
use edge::problem::{Problem, QUERY_UNKNOWN, SCOPE_MISSING, UNAUTHORIZED};
use http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use http::request::Parts;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{RefOr, path::Paths};
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt};

use crate::Deps;
use crate::openapi;

/// How long a key is remembered, in milliseconds.
const KEY_LIFE_MS: i64 = 30_000;
/// How many keys are remembered.
const KEYS_MAX: usize = 1000;

/// Who asks: an API key in force.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The key's public part.
    pub(crate) id: String,
    /// What it may do.
    pub(crate) scopes: Vec<Scope>,
}

impl Caller {
    /// The caller as the audit trail names it.
    pub(crate) fn actor(&self) -> String {
        format!("key:{}", self.id)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::internal("a route asks for its caller and has no gate"))
    }
}

/// Keys seen lately and when they were read. Unknown ids are not remembered: a new key works at once.
#[derive(Default)]
pub(crate) struct KeyCache(Mutex<HashMap<String, (Arc<ApiKey>, i64)>>);

impl KeyCache {
    fn get(&self, id: &str, now_ms: i64) -> Option<Arc<ApiKey>> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (key, read_ms) = keys.get(id)?;
        (now_ms.saturating_sub(*read_ms) < KEY_LIFE_MS).then(|| Arc::clone(key))
    }

    fn remember(&self, key: Arc<ApiKey>, now_ms: i64) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEYS_MAX {
            keys.clear();
        }
        keys.insert(key.id.clone(), (key, now_ms));
    }

    /// Forgets a key, so that its revocation holds at once in this process.
    pub(crate) fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// A scope's name, as it stands in a key.
pub(crate) fn scope_name(scope: Scope) -> String {
    let name = serde_json::to_value(scope).ok();
    name.as_ref()
        .and_then(|name| name.as_str())
        .unwrap_or_default()
        .to_owned()
}

/// What a route's gate checks.
struct Gate {
    deps: Arc<Deps>,
    scope: Scope,
    /// The parameters that the route's description names.
    parameters: Vec<String>,
}

/// Puts a gate in front of one route: a valid key, its scope, no unknown parameters. The same scope
/// goes into the route's description.
pub(crate) fn gated(
    deps: &Arc<Deps>,
    scope: Scope,
    (schemas, mut paths, methods): UtoipaMethodRouter<Arc<Deps>>,
) -> UtoipaMethodRouter<Arc<Deps>> {
    let mut parameters = Vec::new();
    for operation in operations(&mut paths) {
        parameters.extend(query_parameters(operation));
        openapi::require(operation, &scope_name(scope));
    }
    let gate = Arc::new(Gate {
        deps: Arc::clone(deps),
        scope,
        parameters,
    });
    (schemas, paths, methods).map(|methods| methods.route_layer(from_fn_with_state(gate, pass)))
}

fn operations(paths: &mut Paths) -> impl Iterator<Item = &mut Operation> {
    paths.paths.values_mut().flat_map(|item| {
        [&mut item.get, &mut item.post, &mut item.put, &mut item.delete]
            .into_iter()
            .filter_map(Option::as_mut)
    })
}

fn query_parameters(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter().flatten();
    let names = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter.name.clone()),
        _ => None,
    });
    names.collect()
}

async fn pass(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let secret = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(bearer);
    let id = secret.map(|(id, _)| CallerId(id.to_owned()));
    let mut response = match admit(&gate, secret, request.uri()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    };
    if let Some(id) = id {
        response.extensions_mut().insert(id);
    }
    response
}

/// The id and the secret of a bearer key. The scheme's name is of any case (RFC 9110 §11.1).
fn bearer(header: &str) -> Option<(&str, &str)> {
    let (scheme, key) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        api_key::parse(key)
    } else {
        None
    }
}

async fn admit(gate: &Gate, secret: Option<(&str, &str)>, uri: &http::Uri) -> Result<Caller, Problem> {
    let (id, secret) = secret.ok_or_else(unauthorized)?;
    let key = key(&gate.deps, id)
        .await?
        .filter(|key| key.admits(secret))
        .ok_or_else(unauthorized)?;
    if !key.scopes.contains(&gate.scope) {
        let scope = scope_name(gate.scope);
        return Err(Problem::new(&SCOPE_MISSING).detail(
            format!("Perlu izin `{scope}`."),
            format!("The scope `{scope}` is needed."),
        ));
    }
    for name in parameter_names(uri)? {
        if !gate.parameters.contains(&name) {
            let known = gate.parameters.join(", ");
            let name: String = name.chars().filter(|c| c.is_ascii_graphic()).take(64).collect();
            let (indonesian, english) = (format!("dikenal: {known}"), format!("expected: {known}"));
            return Err(Problem::parameter(&QUERY_UNKNOWN, &name, indonesian, english));
        }
    }
    Ok(Caller {
        id: key.id.clone(),
        scopes: key.scopes.clone(),
    })
}

async fn key(deps: &Deps, id: &str) -> Result<Option<Arc<ApiKey>>, StoreError> {
    let now_ms = deps.now_ms();
    if let Some(known) = deps.known_keys.get(id, now_ms) {
        return Ok(Some(known));
    }
    let Some(key) = deps.api_keys.get(id).await?.map(Arc::new) else {
        return Ok(None);
    };
    deps.known_keys.remember(Arc::clone(&key), now_ms);
    Ok(Some(key))
}

fn unauthorized() -> Problem {
    Problem::new(&UNAUTHORIZED)
        .detail(
            "Kirim kunci yang berlaku sebagai Authorization: Bearer oyk_…",
            "Send a valid key as Authorization: Bearer oyk_…",
        )
        .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}
