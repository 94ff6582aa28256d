//! What every HTTP answer has in common: security headers, one log line, problem documents that
//! name the path, and refusals for what no route takes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use domain::correlation;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{Method, StatusCode, Uri};

use crate::http_input::media_type;
use crate::problem::{METHOD_NOT_ALLOWED, PROBLEM_JSON, Problem, ROUTE_NOT_FOUND};

/// Who asked, for the log: `key:<id>` or `staff:<subject>`. Whatever checks credentials puts it into
/// the response's extensions.
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

/// Headers of every answer, unless the route has set them itself.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000"),
    ),
];
/// What a browser may do with data: nothing.
const DATA_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// No other window keeps a hold on a page.
const OPENER_POLICY: (HeaderName, HeaderValue) = (
    HeaderName::from_static("cross-origin-opener-policy"),
    HeaderValue::from_static("same-origin"),
);
/// How long a browser may keep what never changes under its address.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// What a browser may do with the pages of a function: style sheets, pictures and forms of its own
/// origin, no script at all, no frame around it.
#[derive(Clone, Debug)]
pub struct PagePolicy(HeaderValue);

impl PagePolicy {
    /// The policy with forms that may end at the origins of these addresses too: where logging out
    /// sends a browser on, for one.
    ///
    /// # Errors
    /// When one is no absolute address of a plain host.
    pub fn with_forms_to(addresses: &[&str]) -> Result<Self, NoOrigin> {
        let mut forms = String::new();
        for address in addresses {
            let address: Uri = address.parse().map_err(|_| NoOrigin)?;
            let (Some(scheme), Some(host)) = (address.scheme_str(), address.authority()) else {
                return Err(NoOrigin);
            };
            // Anything else could begin another directive.
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
            if !host.as_str().bytes().all(is_plain) {
                return Err(NoOrigin);
            }
            forms = format!("{forms} {scheme}://{host}");
        }
        HeaderValue::try_from(format!(
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'{forms}; \
             base-uri 'none'; frame-ancestors 'none'"
        ))
        .map(Self)
        .map_err(|_| NoOrigin)
    }
}

/// An address that names no origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOrigin;

impl std::fmt::Display for NoOrigin {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("not an absolute address")
    }
}

impl std::error::Error for NoOrigin {}

impl Default for PagePolicy {
    fn default() -> Self {
        Self(HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
        ))
    }
}

/// An answer that never changes under its address, such as a style sheet with a hash in its name.
/// Browsers keep it.
pub fn immutable(content_type: &'static str, body: impl Into<Body>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CACHE_CONTROL, FOREVER),
    ];
    (headers, body.into()).into_response()
}

/// Finishes an answer. The outermost layer of a router.
///
/// Pages are told from data by their content type, and may do what [`PagePolicy::default`] says.
pub async fn finish(request: Request, next: Next) -> Response {
    finished(request, next, &PagePolicy::default()).await
}

/// Finishes an answer like [`finish`], with a policy of its own for pages.
pub async fn finish_page(State(policy): State<Arc<PagePolicy>>, request: Request, next: Next) -> Response {
    finished(request, next, &policy).await
}

/// The log names the route and not the path: a path may hold the id of a person, or a guest's link.
async fn finished(mut request: Request, next: Next, policy: &PagePolicy) -> Response {
    let correlation = Correlation::of(&request);
    lambda_edge::correlation::set(&*correlation.0);
    request.extensions_mut().insert(correlation.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    let problem = response.extensions_mut().remove::<Problem>();
    // A page that tells people of a problem stays a page; the log names its code.
    if let Some(problem) = problem.as_ref().filter(|_| is(&response, PROBLEM_JSON)) {
        response = naming(response, problem, &method, &path);
    }
    secure(&mut response, policy);
    if let Ok(value) = HeaderValue::from_str(&correlation.0) {
        response.headers_mut().insert(CORRELATION_HEADER, value);
    }
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    log(&method, route, &response, problem.as_ref());
    response
}

/// Adds the security headers that the route has not set itself.
fn secure(response: &mut Response, policy: &PagePolicy) {
    let is_page = is(response, "text/html");
    let policy = if is_page { policy.0.clone() } else { DATA_POLICY };
    let headers = response.headers_mut();
    let page = is_page.then_some(OPENER_POLICY);
    for (name, value) in HEADERS
        .into_iter()
        .chain([(CONTENT_SECURITY_POLICY, policy)])
        .chain(page)
    {
        headers.entry(name).or_insert(value);
    }
}

fn is(response: &Response, media: &str) -> bool {
    let header = response.headers().get(CONTENT_TYPE);
    media_type(header.and_then(|value| value.to_str().ok())) == media
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

/// Answers to callers who may not do what they asked, or not so often.
const REFUSALS: [StatusCode; 3] = [
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::TOO_MANY_REQUESTS,
];

fn log(method: &Method, route: &str, response: &Response, problem: Option<&Problem>) {
    let status = response.status().as_u16();
    let code = problem.map_or("", |problem| problem.kind().code);
    let cause = problem.and_then(Problem::cause).unwrap_or_default();
    let caller = response
        .extensions()
        .get::<CallerId>()
        .map_or("", |caller| caller.0.as_str());
    if response.status().is_server_error() {
        tracing::error!(%method, route, status, caller, code, cause, "request failed");
    } else if REFUSALS.contains(&response.status()) {
        tracing::warn!(%method, route, status, caller, code, cause, "request refused");
    } else {
        tracing::info!(%method, route, status, caller, code, cause, "request answered");
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
