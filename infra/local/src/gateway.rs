//! The HTTP API: requests to functions as API Gateway's HTTP APIs pass them on (payload format 2.0), and this
//! program's own pages.

mod payload;
mod routes;

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use crate::http::{self as web, Answer, BodyError, Peer};
use crate::invoke::Functions;
use crate::issuer::Issuer;
use crate::pages::Pages;
use crate::partners::Partners;
use routes::Routes;

/// API Gateway's largest request.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// The longest an HTTP API waits for a function.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The HTTP port; clones share what is behind it.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    routes: Routes,
    functions: Functions,
    pages: Pages,
    issuer: Option<Issuer>,
    partners: Partners,
}

impl Gateway {
    /// Serves `routes`, `pages`, the servers of other people and, where there is one, the issuer of this machine.
    pub(crate) fn new(
        routes: &[crate::template::Route],
        functions: Functions,
        pages: Pages,
        issuer: Option<Issuer>,
        partners: Partners,
    ) -> Self {
        Self {
            routes: Routes::new(routes),
            functions,
            pages,
            issuer,
            partners,
        }
    }

    /// This program's own pages.
    pub(crate) fn pages(&self) -> &Pages {
        &self.pages
    }

    /// Answers one request.
    pub(crate) async fn handle(self, request: Request<Incoming>) -> Answer {
        if let Some(issuer) = &self.issuer
            && Issuer::has(request.uri().path())
        {
            return issuer.handle(request).await;
        }
        if Partners::has(request.uri().path()) {
            return self.partners.handle(request).await;
        }
        if let Some(answer) = self.pages.handle(&request).await {
            return answer;
        }
        let (parts, body) = request.into_parts();
        let body = match web::read(body, MAX_BODY_BYTES).await {
            Ok(body) => body,
            Err(BodyError::TooLarge(_)) => return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long"),
            Err(BodyError::Cut) => return message(StatusCode::BAD_REQUEST, "Bad Request"),
        };
        // The connection's own address: what a header says of it anybody can write.
        let source = parts.extensions.get::<Peer>().map(|peer| peer.0.to_string());
        self.forward(&parts, &body, &source.unwrap_or_default()).await
    }

    /// Gives a request from the address `source` to its function.
    pub(crate) async fn forward(&self, parts: &Parts, body: &Bytes, source: &str) -> Answer {
        let Some(target) = self.routes.find(&parts.method, parts.uri.path()) else {
            return message(StatusCode::NOT_FOUND, "Not Found");
        };
        let event = payload::event(parts, body, &target, source);
        let invocation = self
            .functions
            .invoke(&target.function, Bytes::from(event.to_string()));
        match tokio::time::timeout(TIMEOUT, invocation).await {
            Err(_) => message(StatusCode::GATEWAY_TIMEOUT, "Gateway Timeout"),
            Ok(Err(_)) => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Ok(Ok(response)) => payload::response(&response).unwrap_or_else(|problem| {
                tracing::error!(
                    function = target.function,
                    problem,
                    "the response of a function is not one of HTTP"
                );
                message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }),
        }
    }
}

fn message(status: StatusCode, text: &str) -> Response<web::Body> {
    web::json(status, &json!({ "message": text }))
}
