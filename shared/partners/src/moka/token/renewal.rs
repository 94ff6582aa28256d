//! The one question that must not be asked twice in vain: new tokens for a refresh token (RFC 6749 §6).

use std::time::Duration;

use lambda_edge::redact::Secret;
use serde::Deserialize;
use serde_json::Value;

use super::{Access, Held, MokaError, Renewed};
use crate::http::{Base, Cause, Http, HttpError, Policy};
use crate::json;

/// How often it is asked at most, where it cannot have been heard.
const TRIES: u32 = 2;
/// The longest time of one try, and the longest wait between two.
const TRY: Duration = Duration::from_secs(25);
const WAIT: Duration = Duration::from_secs(5);
/// The largest answer, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// The longest token that is taken, in bytes: a parameter of the store holds 4,096, and what is noted beside it.
const TOKEN_BYTES_MAX: usize = 4_000;

/// Why it is not known whether a renewal happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unknown {
    /// It was heard, perhaps, and no answer came, or half of one.
    #[error("{0}")]
    NoAnswer(Cause),
    /// The server failed over it. Its status.
    #[error("status {0}")]
    Status(u16),
    /// It was answered, with something that holds no tokens.
    #[error("the answer holds no tokens")]
    Unreadable,
}

/// The policy that a renewal is under, where pages are under `usual`: at most two tries, and less than a minute in all.
#[must_use]
pub fn renewal_policy(usual: &Policy) -> Policy {
    Policy {
        tries: usual.tries.min(TRIES),
        whole: usual.whole.min(TRY),
        wait_first: usual.wait_first.min(WAIT),
        wait_max: usual.wait_max.min(WAIT),
        retry_after_max: usual.retry_after_max.min(WAIT),
        ..usual.clone()
    }
}

/// Asks for new tokens. `now_ms` is the clock's, Unix milliseconds.
pub(super) async fn renew(http: &Http, base: &Base, held: &Held, now_ms: i64) -> Result<Renewed, MokaError> {
    let url = base.route(&["oauth", "token"])?;
    let body = serde_json::json!({
        "grant_type": "refresh_token",
        "client_id": held.client_id.expose(),
        "client_secret": held.client_secret.expose(),
        "refresh_token": held.refresh_token.expose(),
    });
    let policy = renewal_policy(http.policy());
    let answer = http.post(&url, &body, &policy).await.map_err(unheard)?;
    match answer.status() {
        200 | 201 => {}
        // RFC 6749 §5.2: `invalid_grant` is a 400, `invalid_client` a 401.
        400 | 401 | 403 => return Err(MokaError::Unauthorised),
        status @ 500.. => return Err(MokaError::RenewalUnknown(Unknown::Status(status))),
        status => return Err(MokaError::Refused(status)),
    }
    let body = answer.body(ANSWER_BYTES_MAX).await.map_err(|error| {
        MokaError::RenewalUnknown(match error {
            HttpError::Away(cause) => Unknown::NoAnswer(cause),
            _ => Unknown::Unreadable,
        })
    })?;
    let answer = read(&body).ok_or(MokaError::RenewalUnknown(Unknown::Unreadable))?;
    let lasts_ms = answer.expires_in().map(|seconds| seconds.saturating_mul(1_000));
    Ok(Renewed {
        origin: held.origin.clone(),
        made_from: held.refresh_token.clone(),
        refresh_token: answer.refresh_token.map(Secret::new),
        access: Access {
            token: Secret::new(answer.access_token),
            good_until_ms: lasts_ms.map_or(i64::MAX, |lasts| now_ms.saturating_add(lasts)),
        },
    })
}

/// What it means that there is no answer: without a connection, or refused unheard (429), nothing has happened.
fn unheard(error: HttpError) -> MokaError {
    match error {
        HttpError::Away(cause @ (Cause::Timeout | Cause::Broken)) => {
            MokaError::RenewalUnknown(Unknown::NoAnswer(cause))
        }
        error => error.into(),
    }
}

#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) access_token: String,
    pub(super) refresh_token: Option<String>,
    /// Of any type: an answer with new tokens is not thrown away because it says oddly how long they last.
    #[serde(default)]
    expires_in: Value,
}

impl Answer {
    /// For how many seconds the access token is good, where that is said and more than none.
    pub(super) fn expires_in(&self) -> Option<i64> {
        let text = match &self.expires_in {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => return None,
        };
        let seconds = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole);
        seconds.trim().parse().ok().filter(|seconds| *seconds > 0)
    }
}

/// Reads an answer; `None` unless it holds tokens that can be sent and kept.
pub(super) fn read(body: &[u8]) -> Option<Answer> {
    let answer: Answer = json::object(body)?;
    let refresh = answer.refresh_token.as_deref();
    (is_token(&answer.access_token) && refresh.is_none_or(is_token)).then_some(answer)
}

/// Whether a text can be sent as a token and kept.
fn is_token(text: &str) -> bool {
    (1..=TOKEN_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
