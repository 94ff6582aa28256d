//! One finding: what it rests on, what was noted, and a person's word that it is fine.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::api_key::Scope;
use domain::finding::{Code, Finding, FindingError, FindingState, NOTE_MAX, NOTES_MAX};
use domain::map::OutletRules;
use domain::when::{BusinessDate, Zone};
use edge::auth::Caller;
use edge::http_input::{PathParams, RawBody};
use edge::problem::{FINDING_NOT_FOUND, FINDING_NOT_OPEN, FieldError, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::findings::FindingRow;
use super::moment;
use crate::Deps;
use crate::frame::{Frame, Place};
use crate::visit::Visit;

/// The shortest reason, in characters.
const REASON_MIN: usize = 3;

/// What a person noted.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FindingNote)]
pub(crate) struct NoteRow {
    /// When, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) at: i64,
    /// Who: `staff:` and a subject, or `key:` and the id of an API key.
    pub(crate) by: String,
    /// In their words.
    pub(crate) text: String,
}

/// A finding with what was noted.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FindingDetails)]
pub(crate) struct FindingView {
    /// The finding.
    #[serde(flatten)]
    pub(crate) finding: FindingRow,
    /// What was noted, the oldest first.
    pub(crate) notes: Vec<NoteRow>,
    /// The zone of the outlet's clocks.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) zone: Zone,
}

/// Finds a finding that a caller may see.
///
/// # Errors
/// `FINDING_NOT_FOUND`, `OUTLET_FORBIDDEN`, or the store's failure.
pub(crate) async fn find(
    deps: &Deps,
    caller: &Caller,
    (outlet, date, code): (&str, &str, &str),
) -> Result<Finding, Problem> {
    caller.check_outlet(outlet)?;
    let none = || Problem::new(&FINDING_NOT_FOUND);
    let date: BusinessDate = date.parse().map_err(|_| none())?;
    let code = Code::parse(code).ok_or_else(none)?;
    let finding = deps.findings.get(outlet, date, code).await?;
    finding.ok_or_else(none)
}

/// The finding with what belongs to it.
///
/// # Errors
/// The store's failure.
pub(crate) async fn view(deps: &Deps, finding: &Finding) -> Result<FindingView, Problem> {
    let outlet = deps.outlets.get(&finding.outlet).await?.map(OutletRules::of);
    let mut row = FindingRow::from(finding);
    row.outlet_name = outlet.as_ref().and_then(|rules| rules.outlet.name.clone());
    let notes = finding.notes.iter().map(|note| NoteRow {
        at: note.at_ms,
        by: note.by.clone(),
        text: note.text.clone(),
    });
    Ok(FindingView {
        finding: row,
        notes: notes.collect(),
        zone: outlet.map(|rules| rules.zone).unwrap_or_default(),
    })
}

/// Writes down that somebody says it is fine, and why. The same once more changes nothing.
///
/// # Errors
/// `BODY_INVALID` with what is wrong with the reason, `FINDING_NOT_OPEN`, `CHANGED_MEANWHILE`, or the store's
/// failure.
pub(crate) async fn accept(
    deps: &Deps,
    caller: &Caller,
    finding: &Finding,
    reason: &str,
) -> Result<Finding, Problem> {
    let (actor, now_ms, reason) = (caller.actor(), deps.now_ms(), reason.trim());
    if reason.chars().count() < REASON_MIN {
        return Err(bad_reason(
            "FIELD_INVALID",
            format!("alasan terdiri dari {REASON_MIN} sampai {NOTE_MAX} karakter"),
            format!("a reason has {REASON_MIN} to {NOTE_MAX} characters"),
        ));
    }
    let is_said = |(by, text): (&str, &str)| by == actor && text == reason;
    let last = finding.notes.last().map(|note| (&*note.by, &*note.text));
    if finding.state == FindingState::Accepted && last.is_some_and(is_said) {
        return Ok(finding.clone());
    }
    let next = finding.accepted(&actor, reason, now_ms).map_err(refused)?;
    deps.findings.accept(finding, &next, &actor, now_ms).await?;
    Ok(next)
}

fn refused(error: FindingError) -> Problem {
    match error {
        FindingError::NotOpen => Problem::new(&FINDING_NOT_OPEN).detail(
            "Temuan ini sudah diterima, atau sebabnya sudah hilang.",
            "This finding was accepted, or its reason is gone.",
        ),
        FindingError::NoteTooLong => bad_reason(
            error.code(),
            format!("alasan paling banyak {NOTE_MAX} karakter"),
            format!("a reason has {NOTE_MAX} characters at most"),
        ),
        FindingError::TooManyNotes => bad_reason(
            error.code(),
            format!("temuan ini sudah mempunyai {NOTES_MAX} catatan"),
            format!("the finding has {NOTES_MAX} notes already"),
        ),
    }
}

fn bad_reason(code: &'static str, indonesian: String, english: String) -> Problem {
    Problem::fields(vec![FieldError::at("/reason", code, indonesian, english)])
}

#[derive(Template)]
#[template(path = "finding.html")]
struct Page {
    frame: Frame,
    view: FindingView,
    facts: Vec<(String, String)>,
    may_accept: bool,
    back: String,
    /// The sync status of the outlet up to that day.
    sync: String,
}

/// The page of a finding.
pub(crate) async fn page(
    State(deps): State<Arc<Deps>>,
    PathParams((outlet, date, code)): PathParams<(String, String, String)>,
    visit: Visit,
) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::SalesRead)?;
    let finding = find(&deps, &visit.caller, (&outlet, &date, &code)).await?;
    let (w, view) = (visit.w, view(&deps, &finding).await?);
    let asked = &visit.asked;
    let page = Page {
        frame: visit.frame(Place::Findings, Some(view.finding.name(w).to_owned()), asked),
        facts: view.finding.said(&view.zone, w),
        may_accept: visit.may(Scope::QuarantineWrite) && finding.state == FindingState::Open,
        back: asked.shared(Place::Findings.path(), &[]),
        sync: asked.shared(
            Place::Sync.path(),
            &[("outlet", &outlet), ("from", ""), ("to", &date)],
        ),
        view,
    };
    visit.page(page.render())
}

/// Accepts a finding, with a reason.
pub(crate) async fn post(
    State(deps): State<Arc<Deps>>,
    PathParams((outlet, date, code)): PathParams<(String, String, String)>,
    visit: Visit,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::QuarantineWrite)?;
    let finding = find(&deps, &visit.caller, (&outlet, &date, &code)).await?;
    let reason = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "reason")
        .map(|(_, reason)| reason.into_owned())
        .unwrap_or_default();
    accept(&deps, &visit.caller, &finding, &reason).await?;
    let here = visit.asked.shared(&FindingRow::from(&finding).href(), &[]);
    Ok(Redirect::to(&here).into_response())
}
