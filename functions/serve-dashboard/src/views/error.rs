//! One record that could not be taken: why, and what to do about it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::api_key::Scope;
use domain::quarantine::{QuarantineState, Quarantined};
use domain::when::Zone;
use edge::decisions::{self, Decider};
use edge::http::Correlation;
use edge::http_input::{PathParams, RawBody};
use edge::problem::Problem;

use super::errors::{check_seen, hint, state_chip};
use crate::Deps;
use crate::frame::{Frame, Place};
use crate::parts::Chip;
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "error.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    id: String,
    piece: Quarantined,
    hint: &'static str,
    chip: Chip,
    back: String,
    /// Whether the person may decide, and there is something to decide.
    may_replay: bool,
    may_discard: bool,
}

/// The page of a refused record.
pub(crate) async fn page(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::QuarantineRead)?;
    let piece = decisions::find(&deps.quarantine, &id).await?;
    check_seen(&visit.caller, &piece)?;
    let (w, may_write) = (visit.w, visit.may(Scope::QuarantineWrite));
    let page = Page {
        frame: visit.frame(Place::Errors, Some(piece.code.clone()), &visit.asked),
        zone: Zone::default(),
        hint: hint(&piece.code, w),
        chip: state_chip(piece.state, w),
        back: visit.asked.shared(Place::Errors.path(), &[]),
        may_replay: may_write && piece.state != QuarantineState::Replayed,
        may_discard: may_write && piece.state == QuarantineState::Open,
        piece,
        id,
    };
    visit.page(page.render())
}

/// Has a record run again.
pub(crate) async fn replay(
    State(deps): State<Arc<Deps>>,
    correlation: Correlation,
    PathParams(id): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    decide(&deps, &visit, (&id, &correlation), None).await
}

/// Puts a record aside, with a reason.
pub(crate) async fn discard(
    State(deps): State<Arc<Deps>>,
    correlation: Correlation,
    PathParams(id): PathParams<String>,
    visit: Visit,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    let reason = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "reason")
        .map(|(_, reason)| reason.into_owned())
        .unwrap_or_default();
    decide(&deps, &visit, (&id, &correlation), Some(&reason)).await
}

async fn decide(
    deps: &Deps,
    visit: &Visit,
    (id, correlation): (&str, &Correlation),
    discarded_for: Option<&str>,
) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::QuarantineWrite)?;
    let piece = decisions::find(&deps.quarantine, id).await?;
    check_seen(&visit.caller, &piece)?;
    let actor = visit.caller.actor();
    let decider = Decider {
        quarantine: &deps.quarantine,
        ledger: &deps.ledger,
        actor: &actor,
        correlation: &correlation.0,
        now_ms: deps.now_ms(),
    };
    match discarded_for {
        Some(reason) => decider.discard(&piece, reason).await?,
        None => decider.replay(&piece).await?,
    };
    let here = visit.asked.shared(&format!("{}/{id}", Place::Errors.path()), &[]);
    Ok(Redirect::to(&here).into_response())
}
