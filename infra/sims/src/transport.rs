//! What can go wrong below the protocol, the same for every partner.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use futures::{StreamExt, stream};

/// A fault of a server, a connection or somebody in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Another status, without a body worth reading.
    Status(u16),
    /// Another status, and in how many seconds to come again.
    RetryAfter(u16, u64),
    /// A redirect (302) to this address.
    Redirect(String),
    /// The connection breaks off in the middle of the answer.
    Cut,
    /// One byte at a time, with this pause before each.
    Drip(Duration),
    /// No answer, ever.
    Silent,
    /// The connection ends without a byte of an answer.
    HangUp,
    /// An answer without a body.
    Empty,
}

/// On an answer that is not to be sent: [`crate::serve`] ends the connection in its place. Elsewhere what is sent is
/// the head of an answer, and nothing behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HungUp;

impl Transport {
    /// What becomes of a good answer.
    pub(crate) async fn answer(self, body: Bytes) -> Response<Body> {
        match self {
            Self::Status(status) => plain(status),
            Self::RetryAfter(status, seconds) => {
                let mut answer = plain(status);
                answer
                    .headers_mut()
                    .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                answer
            }
            Self::Redirect(address) => {
                let mut answer = plain(302);
                if let Ok(address) = HeaderValue::from_str(&address) {
                    answer.headers_mut().insert(header::LOCATION, address);
                }
                answer
            }
            Self::Cut => {
                let half = body.slice(..body.len() / 2);
                let pieces = stream::iter([Ok(half), Err(io::Error::other("cut"))]);
                sized(body.len(), Body::from_stream(pieces))
            }
            Self::Drip(pause) => {
                let length = body.len();
                let bytes = stream::iter(0..length).then(move |at| {
                    let byte = body.slice(at..=at);
                    async move {
                        tokio::time::sleep(pause).await;
                        Ok::<_, Infallible>(byte)
                    }
                });
                sized(length, Body::from_stream(bytes))
            }
            Self::Silent => futures::future::pending().await,
            Self::HangUp => {
                let nothing = stream::iter([Err::<Bytes, _>(io::Error::other("hung up"))]);
                let mut answer = sized(1, Body::from_stream(nothing));
                answer.extensions_mut().insert(HungUp);
                answer
            }
            Self::Empty => Response::new(Body::empty()),
        }
    }
}

/// A body with the size in front.
fn sized(length: usize, body: Body) -> Response<Body> {
    let mut answer = Response::new(body);
    answer
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    answer
}

/// A status with a body that nobody may repeat: tests look for it in what is shown.
pub(crate) fn plain(status: u16) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, "BODY-OF-A-PARTNER").into_response()
}

/// The token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}
