//! An order, as its partner sees it: the same names as in webhooks, and what to do next.

use domain::topup::order::{Order, Reason};
use domain::topup::serial::PlnToken;
use domain::topup::state::State;
use domain::topup::webhook::Told;
use domain::when::format_utc;
use serde::Serialize;
use utoipa::ToSchema;

/// A top-up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Topup)]
pub(crate) struct TopupDocument {
    /// Its id.
    #[schema(example = "01K8MZ3Q5V7WXYZ0ABCD")]
    refid: String,
    /// The partner's own reference, as it was given.
    reference: Option<String>,
    /// The product's code.
    product: String,
    /// `pulsa`, `data`, `pln` or `voucher`.
    kind: &'static str,
    /// The destination, as it is sent to the supplier.
    destination: String,
    /// What the partner pays, whole rupiah.
    price: i64,
    /// `new`, `sending`, `pending`, `unknown` and `manual` are open; `success`, `failed`, `reversed` and
    /// `late_success` are final.
    state: &'static str,
    /// Whether nothing more happens by itself.
    #[serde(rename = "final")]
    is_final: bool,
    /// Why it failed; null unless it did.
    reason: Option<&'static str>,
    /// `wait`: it is open, order nothing in its place. `none`: it is delivered. `new_order`: ordering anew under a new
    /// key may help, `later` after a while, `tomorrow` on another day. `never`: the same can't be delivered.
    retry: &'static str,
    /// The serial number; null unless it is delivered and there is one.
    serial_number: Option<String>,
    /// The token for a meter, where the serial number is one.
    electricity: Option<Electricity>,
    /// When it is sent, where it waits for the end of the supplier's nightly cutoff.
    sends_at: Option<String>,
    /// When it was taken.
    accepted_at: String,
    /// Since when it stands there.
    state_at: String,
}

/// A token for a prepaid meter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Electricity {
    /// The twenty digits that are typed into the meter.
    token: String,
    /// Whose meter it is.
    name: Option<String>,
    /// The tariff.
    tariff: Option<String>,
    /// The power, such as `900VA`.
    power: Option<String>,
    /// How much was bought, in kilowatt-hours.
    kwh: Option<String>,
}

impl From<PlnToken> for Electricity {
    fn from(pln: PlnToken) -> Self {
        Self {
            token: pln.token,
            name: pln.name,
            tariff: pln.tariff,
            power: pln.power,
            kwh: pln.kwh,
        }
    }
}

impl From<&Order> for TopupDocument {
    fn from(order: &Order) -> Self {
        let told = Told::of(order);
        let waits = order.holds && order.state == State::New;
        Self {
            refid: told.refid,
            reference: told.reference,
            product: told.product,
            kind: told.kind.as_str(),
            destination: told.destination,
            price: told.price.get(),
            state: told.state.as_str(),
            is_final: told.is_final,
            reason: told.reason.map(Reason::code),
            retry: told.retry.as_str(),
            serial_number: told.serial_number,
            electricity: told.electricity.map(Into::into),
            sends_at: order.next_ms.filter(|_| waits).map(format_utc),
            accepted_at: told.accepted_at,
            state_at: told.state_at,
        }
    }
}
