//! What every HTTP answer has in common: security headers, one log line, problem documents that
//! name the path, and refusals for what no route takes.

use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use domain::correlation;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, StatusCode};

use crate::problem::{METHOD_NOT_ALLOWED, Problem, ROUTE_NOT_FOUND};

/// Who asked, for the log. Whatever checks credentials puts it into the response's extensions.
#[derive(Clone, Debug)]
pub struct CallerId(pub String);

/// The header with which a caller may name its request, and in which every answer names it.
pub const CORRELATION_HEADER: HeaderName = HeaderName::from_static("x-correlation-id");

/// What ties together the log lines of a request and of everything that it starts. Routes find it
/// among the request's extensions.
#[derive(Clone, Debug)]
pub struct Correlation(pub String);

impl Correlation {
    /// The caller's own, if it is one, or a new one.
    fn of(request: &Request) -> Self {
        let given = request.headers().get(CORRELATION_HEADER);
        let given = given
            .and_then(|value| value.to_str().ok())
            .and_then(correlation::accept);
        Self(given.unwrap_or_else(|| {
            // Without randomness the request is still served; its lines are only harder to find.
            lambda_edge::clock::random::<12>().map_or_else(
                |_| "none".to_owned(),
                |bytes| format!("req_{}", HEXLOWER.encode(&bytes)),
            )
        }))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Correlation {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let known = parts.extensions.get::<Self>().cloned();
        known.ok_or_else(|| Problem::internal("a route asks for its correlation and has no finish"))
    }
}

/// Headers of every answer: it is data, not a page, and nobody may keep it.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        http::header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        http::header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        http::header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000"),
    ),
];

/// Finishes an answer. The outermost layer of a router.
///
/// The log names the route and not the path: a path may hold the id of a person.
pub async fn finish(mut request: Request, next: Next) -> Response {
    let correlation = Correlation::of(&request);
    lambda_edge::correlation::set(&*correlation.0);
    request.extensions_mut().insert(correlation.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = &problem {
        response = naming(response, problem, &method, &path);
    }
    response.headers_mut().extend(HEADERS);
    if let Ok(value) = HeaderValue::from_str(&correlation.0) {
        response.headers_mut().insert(CORRELATION_HEADER, value);
    }
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    log(&method, route, &response, problem.as_ref());
    response
}

/// The same answer with the request's path in its document.
fn naming(response: Response, problem: &Problem, method: &Method, path: &str) -> Response {
    let (mut head, body) = response.into_parts();
    if method == Method::HEAD {
        return Response::from_parts(head, body);
    }
    head.headers.remove(CONTENT_LENGTH);
    match serde_json::to_vec(&problem.document(Some(path))) {
        Ok(document) => Response::from_parts(head, document.into()),
        Err(_) => Response::from_parts(head, body),
    }
}

fn log(method: &Method, route: &str, response: &Response, problem: Option<&Problem>) {
    let status = response.status().as_u16();
    let code = problem.map_or("", |problem| problem.kind().code);
    let cause = problem.and_then(Problem::cause).unwrap_or_default();
    let key_id = response
        .extensions()
        .get::<CallerId>()
        .map_or("", |caller| caller.0.as_str());
    if response.status().is_server_error() {
        tracing::error!(%method, route, status, key_id, code, cause, "request failed");
    } else if response.status() == StatusCode::UNAUTHORIZED || response.status() == StatusCode::FORBIDDEN {
        tracing::warn!(%method, route, status, key_id, code, "request refused");
    } else {
        tracing::info!(%method, route, status, key_id, code, "request answered");
    }
}

/// The answer where there is no route.
pub async fn no_route() -> Response {
    Problem::new(&ROUTE_NOT_FOUND)
        .detail(
            "Daftar alamat ada di /openapi.json.",
            "See /openapi.json for the addresses there are.",
        )
        .into_response()
}

/// The answer where a route does not take the method. The router adds the `Allow` header.
pub async fn no_method() -> Response {
    Problem::new(&METHOD_NOT_ALLOWED)
        .detail(
            "Lihat header Allow.",
            "See the Allow header for the methods there are.",
        )
        .into_response()
}
