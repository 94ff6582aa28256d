//! The AWS endpoint: one port for DynamoDB, SES, Systems Manager and S3, told apart as their protocols differ.

use http::{HeaderMap, Method, Request, StatusCode, header};
use hyper::body::Incoming;
use s3s::service::S3Service;
use serde_json::json;

use crate::http::{self as web, Answer, Body, BodyError};
use crate::ses::{self, Ses};
use crate::ssm::{self, Parameters};

/// DynamoDB's largest request.
const MAX_DYNAMODB_BYTES: usize = 16 * 1024 * 1024;

/// The services behind the port.
#[derive(Debug, Clone)]
pub(crate) struct AwsEndpoint {
    /// Address of the DynamoDB engine.
    pub(crate) dynamodb_url: String,
    /// The client that calls it.
    pub(crate) client: reqwest::Client,
    /// The mail service.
    pub(crate) ses: Ses,
    /// The parameters.
    pub(crate) parameters: Parameters,
    /// The object store.
    pub s3: S3Service,
}

impl AwsEndpoint {
    /// Answers one request.
    pub(crate) async fn handle(self, request: Request<Incoming>) -> Answer {
        let headers = request.headers();
        let target = text(headers, "x-amz-target");
        let is_dynamodb = target.starts_with("DynamoDB");
        let parameters = target.strip_prefix(ssm::TARGET).map(str::to_owned);
        let is_form = request.method() == Method::POST
            && request.uri().path() == "/"
            && text(headers, header::CONTENT_TYPE.as_str()).starts_with("application/x-www-form-urlencoded");
        if (is_dynamodb || is_form || parameters.is_some()) && headers.contains_key(header::ORIGIN) {
            // These check no signature, so a page in a browser must not reach them.
            let body = json!({"__type": "AccessDeniedException", "message": "not from a web page"});
            return web::json(StatusCode::FORBIDDEN, &body);
        }
        if is_dynamodb {
            self.dynamodb(request).await
        } else if let Some(operation) = parameters {
            self.parameters(&operation, request).await
        } else if is_form {
            self.form(request).await
        } else {
            self.s3(request).await
        }
    }

    async fn dynamodb(self, request: Request<Incoming>) -> Answer {
        let (parts, body) = request.into_parts();
        let body = match web::read(body, MAX_DYNAMODB_BYTES).await {
            Ok(body) => body,
            Err(error) => return unreadable(&error),
        };
        let mut headers = parts.headers;
        // They belong to the connection, not to the request.
        for name in [
            header::HOST,
            header::CONNECTION,
            header::TRANSFER_ENCODING,
            header::CONTENT_LENGTH,
        ] {
            headers.remove(name);
        }
        let forwarded = self
            .client
            .post(&self.dynamodb_url)
            .headers(headers)
            .body(body)
            .send()
            .await;
        match forwarded {
            Ok(response) => {
                let (status, headers) = (response.status(), response.headers().clone());
                match response.bytes().await {
                    Ok(body) => {
                        let mut answer = Answer::new(Body::from(body));
                        *answer.status_mut() = status;
                        *answer.headers_mut() = headers;
                        answer.headers_mut().remove(header::TRANSFER_ENCODING);
                        answer
                    }
                    Err(error) => unavailable(&error),
                }
            }
            Err(error) => unavailable(&error),
        }
    }

    async fn parameters(self, operation: &str, request: Request<Incoming>) -> Answer {
        match web::read(request.into_body(), ssm::MAX_BODY_BYTES).await {
            Ok(body) => self.parameters.handle(operation, &body).await,
            Err(error) => unreadable(&error),
        }
    }

    async fn form(self, request: Request<Incoming>) -> Answer {
        match web::read(request.into_body(), ses::MAX_BODY_BYTES).await {
            Ok(body) => {
                let pairs = web::form_pairs(&String::from_utf8_lossy(&body));
                self.ses.handle(pairs).await
            }
            Err(error) => unreadable(&error),
        }
    }

    async fn s3(self, request: Request<Incoming>) -> Answer {
        match self.s3.call(request.map(Body::from)).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(error = ?error, "an S3 request was not answered");
                web::answer(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "application/xml",
                    "<Error><Code>InternalError</Code></Error>",
                )
            }
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

fn unreadable(error: &BodyError) -> Answer {
    let status = match error {
        BodyError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        BodyError::Cut => StatusCode::BAD_REQUEST,
    };
    web::json(
        status,
        &json!({"__type": "ValidationException", "message": error.to_string()}),
    )
}

fn unavailable(error: &reqwest::Error) -> Answer {
    tracing::error!(%error, "the DynamoDB engine did not answer");
    web::json(
        StatusCode::INTERNAL_SERVER_ERROR,
        &json!({"__type": "InternalServerError", "message": "no answer"}),
    )
}
