//! One top-up: where it stands, what happened, and how two people end it where nobody knows.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::api_key::Scope;
use domain::topup::decide::{is_to_correct, is_to_decide};
use domain::topup::event::{Event, What};
use domain::topup::order::{Order, Verdict};
use domain::topup::state;
use domain::topup::window::wib_date;
use domain::when::Zone;
use edge::auth::Caller;
use edge::http_input::{PathParams, RawBody};
use edge::problem::{FieldError, Problem, ROUTE_NOT_FOUND};
use serde::Serialize;
use utoipa::ToSchema;

use super::moment;
use super::topup_day;
use super::topup_deeds::{Deed, decide};
use super::topup_reviews::{TopupRow, check_may, find, href, sees_numbers};
use super::topup_words::{event_code, event_name, failure_name, state_name, verdict_name};
use crate::Deps;
use crate::fields::Fields;
use crate::frame::{Frame, Place};
use crate::visit::Visit;
use crate::words::{NOTHING, Words};

/// One thing that happened to an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TopupEvent)]
pub(crate) struct EventRow {
    /// When, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) at: i64,
    /// `taken`, `sending`, `asking`, `replied`, `no_reply`, `not_sent`, `cut_off`, `reported`, `handed_over`, `proposed`,
    /// `confirmed` or `rejected`.
    pub(crate) what: &'static str,
    /// Where the order stood afterwards.
    pub(crate) state: &'static str,
    /// What the supplier or a person said, masked; or why there is nothing.
    pub(crate) text: Option<String>,
    /// Who did it, where a person did.
    pub(crate) by: Option<String>,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) kind: (What, state::State),
    /// Whether it moved the order on: where it stood before is not said again.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) moved: bool,
}

impl EventRow {
    fn after(before: Option<state::State>, event: Event) -> Self {
        Self {
            moved: before != Some(event.state),
            at: event.at_ms,
            what: event_code(event.what),
            state: event.state.as_str(),
            text: event.text,
            by: event.by,
            kind: (event.what, event.state),
        }
    }

    fn name(&self, w: Words) -> &'static str {
        event_name(self.kind.0, w)
    }

    fn stood(&self, w: Words) -> &'static str {
        state_name(self.kind.1, w)
    }
}

/// A top-up with what happened to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TopupReviewDetails)]
pub(crate) struct TopupView {
    /// The order.
    #[serde(flatten)]
    pub(crate) order: TopupRow,
    /// What happened, the oldest first.
    pub(crate) events: Vec<EventRow>,
}

/// The order with what happened to it, as a caller may see it.
///
/// # Errors
/// The store's failure.
pub(crate) async fn view(deps: &Deps, caller: &Caller, order: &Order) -> Result<TopupView, Problem> {
    let mut before = None;
    let events = deps.topups.events(&order.refid).await?.into_iter().map(|event| {
        let was = before.replace(event.state);
        EventRow::after(was, event)
    });
    Ok(TopupView {
        order: TopupRow::of(order, sees_numbers(caller)),
        events: events.collect(),
    })
}

#[derive(Template)]
#[template(path = "topup.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    view: TopupView,
    facts: Vec<(&'static str, String)>,
    /// Whether the person may decide.
    may_decide: bool,
    /// What the person may say of an order that is over: whether it was delivered after all.
    correction: Option<bool>,
    /// Whether the proposal is the person's own.
    is_own: bool,
    back: String,
    /// The partner's orders of the same date.
    day: String,
    /// Where its forms go.
    here: String,
}

impl Page {
    fn verdict(&self, delivered: bool) -> &'static str {
        verdict_name(delivered, self.frame.w)
    }
}

/// What an order is about, as labels and values.
fn facts(order: &Order, row: &TopupRow, zone: &Zone, w: Words) -> Vec<(&'static str, String)> {
    let nothing = || NOTHING.to_owned();
    let amount = |rupiah: Option<i64>| rupiah.map_or_else(nothing, |rupiah| w.whole_rupiah(rupiah));
    let at = |at_ms: Option<i64>| at_ms.map_or_else(nothing, |at_ms| w.moment(at_ms, zone));
    let mut facts = vec![
        (w.t("Mitra", "Partner"), row.partner.clone()),
        (w.t("Produk", "Product"), row.product.clone()),
        (w.t("Nomor tujuan", "Destination"), row.destination.clone()),
        (w.t("Harga mitra", "Partner pays"), row.paid(w)),
        (
            w.t("Harga pemasok (katalog)", "Supplier's price (catalogue)"),
            w.whole_rupiah(row.cost),
        ),
        (w.t("Ditagih pemasok", "Supplier charged"), amount(row.charged)),
        (w.t("Diterima", "Taken"), at(Some(row.accepted_at))),
        (w.t("Dikirim", "Sent"), at(row.sent_at)),
    ];
    let more = [
        (w.t("Catatan mitra", "Partner's reference"), row.reference.clone()),
        (w.t("Nomor di pemasok", "Supplier's id"), row.supplier_id.clone()),
        (
            w.t("Nomor seri, disamarkan", "Serial number, masked"),
            row.serial_number.clone(),
        ),
        (
            w.t("Alasan gagal", "Failed because"),
            order.failure.map(|failure| failure_name(failure, w).to_owned()),
        ),
    ];
    facts.extend(
        more.into_iter()
            .filter_map(|(label, value)| Some((label, value?))),
    );
    facts
}

/// How an order that is over, and that nothing contradicts, may have ended instead.
fn correction(order: &Order) -> Option<bool> {
    if is_to_decide(order) {
        None
    } else if is_to_correct(order, &Verdict::NotDelivered) {
        Some(false)
    } else {
        is_to_correct(order, &Verdict::Delivered { sn: None }).then_some(true)
    }
}

/// The page of an order.
pub(crate) async fn page(
    State(deps): State<Arc<Deps>>,
    PathParams(refid): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::TopupsRead)?;
    let order = find(&deps, &refid).await?;
    let view = view(&deps, &visit.caller, &order).await?;
    let (w, zone, actor) = (visit.w, Zone::default(), visit.caller.actor());
    let title = format!("{} {}", w.t("Isi ulang", "Top-up"), view.order.refid);
    let page = Page {
        frame: visit.frame(Place::Topups, Some(title), &visit.asked),
        facts: facts(&order, &view.order, &zone, w),
        zone,
        correction: correction(&order).filter(|_| visit.may(Scope::TopupsDecide)),
        may_decide: visit.may(Scope::TopupsDecide),
        is_own: order.proposal.is_some_and(|said| said.by == actor),
        back: visit.asked.shared(Place::Topups.path(), &[]),
        day: visit.asked.shared(
            &topup_day::href(&order.partner),
            &[("date", &wib_date(order.accepted_ms).to_string())],
        ),
        here: view.order.href(),
        view,
    };
    visit.page(page.render())
}

/// Proposes, confirms or rejects what became of an order.
pub(crate) async fn post(
    State(deps): State<Arc<Deps>>,
    PathParams((refid, deed)): PathParams<(String, String)>,
    visit: Visit,
    body: RawBody,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::TopupsDecide)?;
    let form = Fields::of(&body);
    let deed = match deed.as_str() {
        "propose" => {
            let delivered = is_delivered(form.text("verdict"))?;
            Deed::propose(delivered, form.given("sn"), form.text("reason"))
        }
        "confirm" => Deed::Confirm,
        "reject" => Deed::Reject,
        _ => return Err(Problem::new(&ROUTE_NOT_FOUND)),
    };
    // A form without it is none of ours, and no order has this version.
    let version = form.text("version").parse().unwrap_or(0);
    decide(&deps, &visit.caller, &refid, (&deed, Some(version))).await?;
    Ok(Redirect::to(&visit.asked.shared(&href(&refid), &[])).into_response())
}

/// What a form says became of an order. Nothing is taken for granted: it is about money.
fn is_delivered(verdict: &str) -> Result<bool, Problem> {
    match verdict {
        "delivered" => Ok(true),
        "not_delivered" => Ok(false),
        _ => Err(Problem::fields(vec![FieldError::at(
            "/verdict",
            "FIELD_INVALID",
            "pilih apa yang terjadi dengan pesanan ini",
            "choose what became of the order",
        )])),
    }
}
