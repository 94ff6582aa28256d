//! Who asks, and whether they may.
//!
//! An API key is sent as `Authorization: Bearer oyk_…`; where a function takes people's tokens too,
//! any other bearer is one. Whatever is wrong with it, the answer is the same 401, so that nobody
//! learns which keys and people exist; the log says what was wrong. Keys are remembered for half a
//! minute, so a revoked key may work that much longer in a process that has just seen it.
//!
//! A person may hold some outlets only. The gate looks at the `outlet` and the `receipt` that a request
//! names; a route that names neither is one over all outlets, and not for such a person.

mod cache;
mod caller;

use std::sync::Arc;

use aws::StoreError;
use aws::api_keys::ApiKeys;
use axum::RequestPartsExt;
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use domain::api_key::{self, ApiKey, Scope};
use domain::receipt_id::ReceiptId;
use domain::staff::{Outlets, Person};
use http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderMap, Uri};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, ParameterIn, Paths};
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt};

pub use cache::KeyCache;
pub use caller::{Caller, scope_name};

use crate::http::CallerId;
use crate::http_input::parameters;
use crate::openapi;
use crate::problem::{Problem, QUERY_UNKNOWN, UNAUTHORIZED};

/// The longest token that is looked at, in bytes. API Gateway takes 10 KB of headers in all.
const TOKEN_BYTES_MAX: usize = 8 << 10;

/// Where a gate finds who asks: what a function's routes work with.
pub trait AuthSource: Send + Sync + 'static {
    /// Whether people's tokens are taken. The API's description says so too.
    const TAKES_STAFF: bool = false;

    /// The stored API keys.
    fn api_keys(&self) -> &ApiKeys;

    /// The keys that this process has seen lately.
    fn known_keys(&self) -> &KeyCache;

    /// Now, in Unix milliseconds.
    fn now_ms(&self) -> i64;

    /// The person of a token, if it is one in force. Only asked where [`AuthSource::TAKES_STAFF`].
    fn staff(&self, _token: &str) -> impl Future<Output = Option<Person>> + Send {
        async { None }
    }
}

/// What a route's gate checks.
struct Gate<S> {
    source: Arc<S>,
    scope: Scope,
    /// The parameters that the route's description names.
    parameters: Vec<String>,
}

/// Puts a gate in front of one route: a valid key or token, its scope, no unknown parameters, no
/// outlet of others. The same scope goes into the route's description.
pub fn gated<S: AuthSource>(
    source: &Arc<S>,
    scope: Scope,
    (schemas, mut paths, methods): UtoipaMethodRouter<Arc<S>>,
) -> UtoipaMethodRouter<Arc<S>> {
    let mut parameters = Vec::new();
    for operation in operations(&mut paths) {
        parameters.extend(query_parameters(operation));
        openapi::require(operation, &scope_name(scope), S::TAKES_STAFF);
    }
    let gate = Arc::new(Gate {
        source: Arc::clone(source),
        scope,
        parameters,
    });
    (schemas, paths, methods).map(|methods| methods.route_layer(from_fn_with_state(gate, pass::<S>)))
}

fn operations(paths: &mut Paths) -> impl Iterator<Item = &mut Operation> {
    paths.paths.values_mut().flat_map(|item| {
        [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ]
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

async fn pass<S: AuthSource>(State(gate): State<Arc<Gate<S>>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // A route's variables are there once the router has found it; a path that is not UTF-8 has none.
    let named = parts.extract::<RawPathParams>().await;
    let named: Vec<(String, String)> = named.map_or_else(
        |_| Vec::new(),
        |named| {
            named
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        },
    );
    let bearer = bearer(&parts.headers);
    // The id of a key is no secret, and helps to find whose requests are refused.
    let mut who = bearer
        .and_then(api_key::parse)
        .map(|(id, _)| caller::key_actor(id));
    let mut response = match identify(&*gate.source, bearer).await {
        Ok(caller) => {
            who = Some(caller.actor());
            match gate.admit(&caller, &parts.uri, named) {
                Ok(()) => {
                    parts.extensions.insert(caller);
                    next.run(Request::from_parts(parts, body)).await
                }
                Err(problem) => problem.into_response(),
            }
        }
        Err(problem) => problem.into_response(),
    };
    if let Some(who) = who {
        response.extensions_mut().insert(CallerId(who));
    }
    response
}

/// The credential of a request. The scheme's name is of any case (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credential) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(credential)
}

/// Who sends this credential.
async fn identify<S: AuthSource>(source: &S, bearer: Option<&str>) -> Result<Caller, Problem> {
    let bearer = bearer.ok_or_else(|| unauthorized::<S>("no bearer"))?;
    let Some((id, secret)) = api_key::parse(bearer) else {
        if !S::TAKES_STAFF || bearer.len() > TOKEN_BYTES_MAX {
            return Err(unauthorized::<S>("no key"));
        }
        let person = source.staff(bearer).await;
        return person
            .map(Caller::Staff)
            .ok_or_else(|| unauthorized::<S>("a token that is not in force"));
    };
    let Some(key) = key(source, id).await? else {
        return Err(unauthorized::<S>("an unknown key"));
    };
    if key.admits(secret) {
        return Ok(Caller::from(&*key));
    }
    let revoked = key.revoked_ms.is_some();
    Err(unauthorized::<S>(if revoked {
        "a revoked key"
    } else {
        "another secret"
    }))
}

async fn key<S: AuthSource>(source: &S, id: &str) -> Result<Option<Arc<ApiKey>>, StoreError> {
    let now_ms = source.now_ms();
    if let Some(known) = source.known_keys().get(id, now_ms) {
        return Ok(Some(known));
    }
    let Some(key) = source.api_keys().get(id).await?.map(Arc::new) else {
        return Ok(None);
    };
    source.known_keys().remember(Arc::clone(&key), now_ms);
    Ok(Some(key))
}

/// The one refusal of whoever can't say who they are. The reason goes to the log alone.
fn unauthorized<S: AuthSource>(reason: &str) -> Problem {
    let (indonesian, english) = if S::TAKES_STAFF {
        (
            "Kirim kunci API (oyk_…) atau token staf yang berlaku di header Authorization: Bearer …",
            "Send a valid API key (oyk_…) or token of staff in the header Authorization: Bearer …",
        )
    } else {
        (
            "Kirim kunci API yang berlaku di header Authorization: Bearer oyk_…; token staf tidak diterima di sini.",
            "Send a valid API key in the header Authorization: Bearer oyk_…; tokens of staff are not taken here.",
        )
    };
    Problem::new(&UNAUTHORIZED)
        .detail(indonesian, english)
        .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
        .caused_by(reason)
}

impl<S> Gate<S> {
    /// Whether a known caller may ask this. `named` are the variables of the path.
    fn admit(&self, caller: &Caller, uri: &Uri, named: Vec<(String, String)>) -> Result<(), Problem> {
        caller.check_scope(self.scope)?;
        let asked = parameters(uri)?;
        for (name, _) in &asked {
            if !self.parameters.contains(name) {
                return Err(self.unknown(name));
            }
        }
        if *caller.outlets() == Outlets::All || names_own(caller, named.into_iter().chain(asked))? {
            return Ok(());
        }
        if self.parameters.iter().any(|name| name == "outlet") {
            return caller.check_all_outlets();
        }
        caller.check_everywhere(
            self.scope,
            "Ini tidak milik satu outlet, jadi hanya akun yang memegang semua outlet yang boleh.",
            "This belongs to no single outlet, so only accounts that hold all outlets may.",
        )
    }

    fn unknown(&self, name: &str) -> Problem {
        let known = self.parameters.join(", ");
        let name: String = name.chars().filter(|c| c.is_ascii_graphic()).take(64).collect();
        let (indonesian, english) = (format!("yang dikenal: {known}"), format!("expected: {known}"));
        Problem::parameter(&QUERY_UNKNOWN, &name, indonesian, english)
    }
}

/// Whether an outlet of the caller's is named, and none of others.
fn names_own(caller: &Caller, parameters: impl Iterator<Item = (String, String)>) -> Result<bool, Problem> {
    let mut named = false;
    for (name, value) in parameters {
        match name.as_str() {
            "outlet" => caller.check_outlet(&value)?,
            "receipt" => {
                // What is no receipt's id is of no outlet: the route refuses it.
                if let Some(receipt) = ReceiptId::parse(&value) {
                    caller.check_outlet(&receipt.outlet)?;
                }
            }
            _ => continue,
        }
        named = true;
    }
    Ok(named)
}
