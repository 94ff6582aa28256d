//! What partners are told without asking: a signed message about an order that has ended or needs a person.

use serde::{Deserialize, Serialize};

use super::order::Order;
use super::state::State;

mod message;
mod sign;

pub use message::{Message, Told};
pub use sign::{secret, signature, signature_header};

/// A message to a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its id: of the order and the state, so that there is one for each.
    pub id: String,
    /// The order.
    pub refid: String,
    /// The partner.
    pub partner: String,
    /// The state it tells of.
    pub about: State,
    /// When that was, Unix milliseconds.
    pub at_ms: i64,
    /// Where the message stands.
    pub state: WebhookState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, Unix milliseconds; for one being sent, when the right to do so ends.
    pub due_ms: i64,
    /// The last answer's status, or a word for why there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// The correlation of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// Counted with every change.
    #[serde(default)]
    pub version: u64,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// Waits to be sent, now or after a pause.
    Queued,
    /// Taken with a status from 200 to 299.
    Delivered,
    /// Tried for as long as it is tried.
    GivenUp,
    /// The partner names no address.
    NotWanted,
}

impl WebhookState {
    /// The state's name in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
            Self::NotWanted => "not_wanted",
        }
    }
}

/// The id of the message that tells of an order in a state.
#[must_use]
pub fn id(refid: &str, about: State) -> String {
    format!("whk_{refid}_{}", about.as_str())
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// The pauses after the first attempt and each that follows, in milliseconds: two days in all.
const PAUSES_MS: [i64; 9] = [
    10_000,
    MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    24 * HOUR_MS,
];

/// How long to wait after so many attempts, in milliseconds; `None` when it is given up.
#[must_use]
pub fn pause_ms(attempts: u32) -> Option<i64> {
    let Some(failed) = attempts.checked_sub(1) else {
        return Some(0);
    };
    PAUSES_MS.get(usize::try_from(failed).ok()?).copied()
}

impl Webhook {
    /// The message about where an order stands, due at once; `wanted` says whether the partner names an address.
    #[must_use]
    pub fn new(order: &Order, at_ms: i64, wanted: bool) -> Self {
        Self {
            id: id(&order.refid, order.state),
            refid: order.refid.clone(),
            partner: order.partner.clone(),
            about: order.state,
            at_ms,
            state: if wanted {
                WebhookState::Queued
            } else {
                WebhookState::NotWanted
            },
            attempts: 0,
            due_ms: at_ms,
            last: None,
            correlation: order.correlation.clone(),
            version: 1,
        }
    }
}
