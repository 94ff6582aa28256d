//! One request: where it stands, what happened, and what can be done next.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::api_key::Scope;
use domain::rights::{Kind, Refusal, Request, State as Standing};
use domain::when::Zone;
use edge::http_input::{PathParams, RawBody};
use edge::problem::Problem;

use super::identity::Claim;
use super::people::{Choices, methods};
use super::request_deeds::{self, check_may, find};
use super::requests::RequestRow;
use super::rights_words::{deed_name, field_name, kind_effect, method_name, refusal_name};
use crate::Deps;
use crate::fields::Fields;
use crate::frame::{Frame, Place};
use crate::visit::Visit;
use crate::words::Words;

/// What a person of the shop can do next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Next {
    check: bool,
    copy: bool,
    execute: bool,
    refuse: bool,
}

impl Next {
    fn of(request: &Request, may_write: bool) -> Self {
        if !may_write {
            return Self::default();
        }
        let state = request.state;
        Self {
            check: state == Standing::Received,
            // Nobody gets a copy before it is known that it is theirs.
            copy: request.kind == Kind::Access && !matches!(state, Standing::Received | Standing::Refused),
            execute: state == Standing::Verified,
            refuse: matches!(state, Standing::Received | Standing::Verified),
        }
    }

    fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

#[derive(Template)]
#[template(path = "request.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    now_ms: i64,
    row: RequestRow,
    may_write: bool,
    next: Next,
    effect: &'static str,
    methods: Choices,
    refusals: Choices,
    back: String,
    /// Where its forms go.
    here: String,
}

impl Page {
    /// What is corrected, in words.
    fn field(&self) -> Option<&'static str> {
        let field = self.row.request.field?;
        Some(field_name(field, self.frame.w))
    }

    /// What happened: when, what and who, the oldest first.
    fn steps(&self) -> Vec<(i64, &'static str, &str)> {
        let steps = self.row.request.steps.iter();
        steps
            .map(|step| (step.at_ms, deed_name(step.what, self.frame.w), step.by.as_str()))
            .collect()
    }

    /// How the last check was made, and whether it succeeded.
    fn check(&self) -> Option<(&'static str, bool)> {
        let check = self.row.request.check.as_ref()?;
        Some((method_name(check.method, self.frame.w), check.matched))
    }

    /// Why it was refused.
    fn refusal(&self) -> Option<&'static str> {
        let refusal = self.row.request.refusal?;
        Some(refusal_name(refusal, self.frame.w))
    }

    fn is_executing(&self) -> bool {
        self.row.request.state == Standing::Executing
    }

    fn is_over(&self) -> bool {
        self.row.request.is_over()
    }

    fn is_erased(&self) -> bool {
        (self.row.request.kind, self.row.request.state) == (Kind::Erasure, Standing::Done)
    }
}

fn refusals(w: Words) -> Choices {
    let all = Refusal::ALL.iter();
    all.map(|why| (why.as_str(), refusal_name(*why, w))).collect()
}

/// The page of a request.
pub(crate) async fn page(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleRead)?;
    let request = find(&deps, &id).await?;
    let (w, may_write, now_ms) = (visit.w, visit.may(Scope::PeopleWrite), deps.now_ms());
    let (next, effect) = (Next::of(&request, may_write), kind_effect(request.kind, w));
    let row = RequestRow::of(request, now_ms);
    let title = row.kind_name(w).to_owned();
    let page = Page {
        frame: visit.frame(Place::People, Some(title), &visit.asked),
        zone: Zone::default(),
        now_ms,
        may_write,
        next,
        effect,
        methods: methods(w),
        refusals: refusals(w),
        back: visit.asked.shared(Place::People.path(), &[]),
        here: row.href(),
        row,
    };
    visit.page(page.render())
}

/// Notes a check of who asks.
pub(crate) async fn check(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
    visit: Visit,
    body: RawBody,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleWrite)?;
    let form = Fields::of(&body);
    let claim = Claim::read(form.text("method"), form.text("told"))?;
    let request = find(&deps, &id).await?;
    let changed = request_deeds::check(&deps, &visit.caller, &request, &claim).await?;
    Ok(back_to(&visit, changed))
}

/// Orders it to be carried out.
pub(crate) async fn execute(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleWrite)?;
    let request = find(&deps, &id).await?;
    let changed = request_deeds::execute(&deps, &visit.caller, &request).await?;
    Ok(back_to(&visit, changed))
}

/// Refuses it.
pub(crate) async fn refuse(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
    visit: Visit,
    body: RawBody,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleWrite)?;
    let request = find(&deps, &id).await?;
    let reason = Fields::of(&body);
    let changed = request_deeds::refuse(&deps, &visit.caller, &request, reason.text("reason")).await?;
    Ok(back_to(&visit, changed))
}

fn back_to(visit: &Visit, request: Request) -> Response {
    let here = visit.asked.shared(&super::requests::href(&request.id), &[]);
    Redirect::to(&here).into_response()
}
