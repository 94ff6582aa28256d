//! One case: what was said, what was noted, and where it goes from here.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::api_key::Scope;
use domain::case::{Case, CaseError, CaseState, NOTE_MAX};
use domain::map::OutletRules;
use domain::rights::Barred;
use domain::when::Zone;
use edge::auth::Caller;
use edge::http_input::{PathParams, RawBody};
use edge::problem::{CASE_NOT_FOUND, CASE_SETTLED, FieldError, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::cases::CaseRow;
use super::comments::Comment;
use super::moment;
use crate::Deps;
use crate::frame::{Frame, Place};
use crate::parts::case_name;
use crate::visit::Visit;

/// What a person noted.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseNote)]
pub(crate) struct NoteRow {
    /// When, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) at: i64,
    /// Who: `staff:` and a subject, or `key:` and the id of an API key.
    pub(crate) by: String,
    /// In their words; empty where only the state changed.
    pub(crate) text: String,
    /// The state that the case was put into, or stayed in.
    pub(crate) state: &'static str,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) standing: CaseState,
}

/// A case with what the guest said and what was noted.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseDetails)]
pub(crate) struct CaseView {
    /// The case.
    #[serde(flatten)]
    pub(crate) case: CaseRow,
    /// What was noted, the oldest first.
    pub(crate) notes: Vec<NoteRow>,
    /// What the guest said; null where the answer is gone.
    pub(crate) said: Option<Comment>,
    /// The states that it can be put into.
    pub(crate) leads_to: Vec<&'static str>,
    /// Why the guest may not be contacted about it: `CONSENT_MISSING`, `CONSENT_WITHDRAWN`, `CONTACT_OBJECTED`,
    /// `CONTACT_RESTRICTED` or `CONTACT_ERASED`; null where they may be.
    pub(crate) contact_barred: Option<&'static str>,
    /// What a page draws that from.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) barred: Option<Barred>,
    /// The zone of the outlet's clocks.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) zone: Zone,
}

/// Finds a case that a caller may see.
///
/// # Errors
/// `CASE_NOT_FOUND`, `OUTLET_FORBIDDEN`, or the store's failure.
pub(crate) async fn find(deps: &Deps, caller: &Caller, (outlet, id): (&str, &str)) -> Result<Case, Problem> {
    caller.check_outlet(outlet)?;
    let case = deps.cases.get(outlet, id).await?;
    case.ok_or_else(|| Problem::new(&CASE_NOT_FOUND))
}

/// The case with what belongs to it.
///
/// # Errors
/// The store's failure.
pub(crate) async fn view(deps: &Deps, case: &Case) -> Result<CaseView, Problem> {
    let (answer, outlet) =
        tokio::try_join!(deps.feedback.get(&case.receipt), deps.outlets.get(&case.outlet))?;
    let barred = match &answer {
        Some(answer) => deps.people.contact(answer).await?.err(),
        // Whoever said nothing consented to nothing.
        None => Some(Barred::NoConsent),
    };
    let described = outlet.map(OutletRules::of);
    let name = described.as_ref().and_then(|rules| rules.outlet.name.clone());
    let mut row = CaseRow::from(case);
    let mut said = answer.as_ref().map(Comment::from);
    if let Some(said) = &mut said {
        said.outlet_name.clone_from(&name);
    }
    row.outlet_name = name;
    let notes = case.notes.iter().map(|note| NoteRow {
        at: note.at_ms,
        by: note.by.clone(),
        text: note.text.clone(),
        state: note.state.as_str(),
        standing: note.state,
    });
    Ok(CaseView {
        case: row,
        notes: notes.collect(),
        said,
        leads_to: onward(case.state).map(CaseState::as_str).collect(),
        contact_barred: barred.map(Barred::code),
        barred,
        zone: described.map(|rules| rules.zone).unwrap_or_default(),
    })
}

fn onward(state: CaseState) -> impl Iterator<Item = CaseState> {
    CaseState::ALL
        .into_iter()
        .filter(move |next| state.leads_to(*next))
}

/// Puts a case into a state, or notes something about it.
///
/// # Errors
/// `CASE_SETTLED`, `BODY_INVALID` with what is wrong with the note, `CHANGED_MEANWHILE`, or the store's
/// failure.
pub(crate) async fn decide(
    deps: &Deps,
    caller: &Caller,
    case: &Case,
    (state, note): (CaseState, &str),
) -> Result<Case, Problem> {
    let (actor, now_ms) = (caller.actor(), deps.now_ms());
    let next = case.move_to(state, &actor, note, now_ms).map_err(refused)?;
    deps.cases.change(case, &next, &actor, now_ms).await?;
    Ok(next)
}

fn refused(error: CaseError) -> Problem {
    let (indonesian, english) = match error {
        CaseError::Settled => {
            return Problem::new(&CASE_SETTLED).detail(
                "Pilih keadaan berikutnya, atau tulis catatan.",
                "Choose a later state, or write a note.",
            );
        }
        CaseError::NoteTooLong => (
            format!("catatan paling banyak {NOTE_MAX} karakter"),
            format!("a note has {NOTE_MAX} characters at most"),
        ),
        CaseError::TooManyNotes => (
            "catatan kasus ini sudah sebanyak yang bisa disimpan".to_owned(),
            "the case has as many notes as it can hold".to_owned(),
        ),
    };
    Problem::fields(vec![FieldError::at("/note", error.code(), indonesian, english)])
}

/// The state of a name.
///
/// # Errors
/// `BODY_INVALID`.
pub(crate) fn read_state(text: &str) -> Result<CaseState, Problem> {
    CaseState::parse(text).ok_or_else(|| {
        let known = CaseState::ALL.map(CaseState::as_str).join(", ");
        Problem::fields(vec![FieldError::at(
            "/state",
            "FIELD_INVALID",
            format!("keadaan adalah salah satu dari {known}"),
            format!("a state is one of {known}"),
        )])
    })
}

#[derive(Template)]
#[template(path = "case.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    view: CaseView,
    may_change: bool,
    /// Whether the person may see how the guest is reached, and the guest may be.
    may_reach: bool,
    /// The states to choose from, the next one first; the present one, for a note alone, last.
    choices: Vec<(&'static str, &'static str)>,
    back: String,
}

/// The page of a case.
pub(crate) async fn page(
    State(deps): State<Arc<Deps>>,
    PathParams((outlet, id)): PathParams<(String, String)>,
    visit: Visit,
) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::FeedbackRead)?;
    let case = find(&deps, &visit.caller, (&outlet, &id)).await?;
    let (w, view) = (visit.w, view(&deps, &case).await?);
    let stay = (
        case.state.as_str(),
        w.t("tetap, tulis catatan saja", "stays, only a note"),
    );
    let choices = onward(case.state).map(|state| (state.as_str(), case_name(state, w)));
    let mut choices: Vec<_> = choices.collect();
    choices.push(stay);
    let page = Page {
        frame: visit.frame(
            Place::Cases,
            Some(w.t("Kasus nilai rendah", "Low-score case").to_owned()),
            &visit.asked,
        ),
        zone: view.zone.clone(),
        may_reach: view.barred.is_none() && visit.caller.may_everywhere(Scope::PeopleWrite),
        view,
        may_change: visit.may(Scope::FeedbackWrite),
        choices,
        back: visit.asked.shared(Place::Cases.path(), &[]),
    };
    visit.page(page.render())
}

/// Changes a case.
pub(crate) async fn post(
    State(deps): State<Arc<Deps>>,
    PathParams((outlet, id)): PathParams<(String, String)>,
    visit: Visit,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::FeedbackWrite)?;
    let case = find(&deps, &visit.caller, (&outlet, &id)).await?;
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(&body);
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    };
    let state = read_state(&field("state").unwrap_or_default())?;
    let note = field("note").unwrap_or_default();
    decide(&deps, &visit.caller, &case, (state, note.trim())).await?;
    let here = visit.asked.shared(&CaseRow::from(&case).href(), &[]);
    Ok(Redirect::to(&here).into_response())
}
