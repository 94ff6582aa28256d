//! What a message says.

use serde::Serialize;

use super::Webhook;
use crate::topup::order::{Order, Reason};
use crate::topup::product::Kind;
use crate::topup::retry::Retry;
use crate::topup::rupiah::Rupiah;
use crate::topup::serial::{PlnToken, pln};
use crate::topup::state::State;
use crate::when::format_utc;

/// The document that a partner receives.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The message's id: the same one again is the same message.
    pub id: String,
    /// What happened, such as `topup.success`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened, UTC.
    pub created_at: String,
    /// The order as it stands now, which may be further than what the message tells of.
    pub topup: Told,
}

/// An order as its partner is told of it. It goes to its partner alone, so number and serial number are whole.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Our id.
    pub refid: String,
    /// The partner's own reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The product's code.
    pub product: String,
    /// The kind of product.
    pub kind: Kind,
    /// The destination.
    pub destination: String,
    /// What the partner pays, whole rupiah.
    pub price: Rupiah,
    /// Where it stands.
    pub state: State,
    /// Whether nothing more happens by itself.
    #[serde(rename = "final")]
    pub is_final: bool,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What the partner may do.
    pub retry: Retry,
    /// The serial number, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial_number: Option<String>,
    /// The token for a meter, where the serial number is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub electricity: Option<PlnToken>,
    /// When it was taken, UTC.
    pub accepted_at: String,
    /// Since when it stands there, UTC.
    pub state_at: String,
}

impl Message {
    /// What a message says of its order.
    #[must_use]
    pub fn of(webhook: &Webhook, order: &Order) -> Self {
        Self {
            id: webhook.id.clone(),
            kind: format!("topup.{}", webhook.about.as_str()),
            created_at: format_utc(webhook.at_ms),
            topup: Told::of(order),
        }
    }
}

impl Told {
    /// What a partner is told of an order. A reason or a serial number is told of orders alone that stand where it
    /// belongs.
    #[must_use]
    pub fn of(order: &Order) -> Self {
        let delivered = matches!(order.state, State::Success | State::LateSuccess);
        let sn = order.sn.clone().filter(|sn| delivered && !sn.is_empty());
        let electricity = sn.as_deref().filter(|_| order.kind == Kind::Pln).and_then(pln);
        Self {
            refid: order.refid.clone(),
            reference: order.reference.clone(),
            product: order.product.clone(),
            kind: order.kind,
            destination: order.dest.clone(),
            price: order.price,
            state: order.state,
            is_final: order.state.is_final(),
            reason: order.failure.filter(|_| order.state == State::Failed),
            retry: Retry::of(order),
            serial_number: sn,
            electricity,
            accepted_at: format_utc(order.accepted_ms),
            state_at: format_utc(order.state_ms),
        }
    }
}
