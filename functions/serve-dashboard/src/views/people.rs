//! The page of people and their requests: how to find somebody, what is asked for and until when, a new request,
//! and whom a breach concerns. It lists no people.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::api_key::Scope;
use domain::customer::ProfileField;
use domain::rights::{Kind, Method};
use domain::when::Zone;
use edge::http_input::RawBody;
use edge::problem::Problem;

use super::identity::Claim;
use super::request_deeds::{self, Wish, check_may};
use super::requests::{self, RequestsView, Which};
use super::rights_words::{field_name, kind_name, method_name};
use crate::Deps;
use crate::fields::Fields;
use crate::frame::{Frame, Place};
use crate::visit::Visit;
use crate::words::Words;

/// Words to choose from, by their names in forms.
pub(crate) type Choices = Vec<(&'static str, &'static str)>;

/// What a new request can be about. What ends a restriction or an objection has a button where one stands.
pub(crate) fn kinds(w: Words) -> Choices {
    let kinds = Kind::ALL.iter().filter(|kind| kind.lifts().is_none());
    kinds.map(|kind| (kind.as_str(), kind_name(*kind, w))).collect()
}

/// What can be corrected.
pub(crate) fn fields(w: Words) -> Choices {
    let fields = ProfileField::ALL.into_iter();
    fields
        .map(|field| (field.as_str(), field_name(field, w)))
        .collect()
}

/// How it can be checked who asks.
pub(crate) fn methods(w: Words) -> Choices {
    let methods = Method::ALL.iter();
    methods
        .map(|method| (method.as_str(), method_name(*method, w)))
        .collect()
}

#[derive(Template)]
#[template(path = "people.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    now_ms: i64,
    view: RequestsView,
    which: Which,
    open: String,
    all: String,
    next: Option<String>,
    may_write: bool,
    /// Of whom the new request is; nobody, until somebody is named.
    customer: Option<String>,
    kinds: Choices,
    fields: Choices,
    methods: Choices,
}

impl Page {
    fn is_open(&self) -> bool {
        self.which == Which::Open
    }
}

/// The page.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleRead)?;
    let (w, asked, path) = (visit.w, &visit.asked, Place::People.path());
    let which = Which::read(asked.state.as_deref())?;
    let view = requests::load(&deps, which, asked.after.as_deref(), requests::PAGE).await?;
    let page = Page {
        frame: visit.frame(Place::People, None, asked),
        zone: Zone::default(),
        now_ms: deps.now_ms(),
        which,
        open: asked.address(path, &[("state", "")]),
        all: asked.address(path, &[("state", "all")]),
        next: view
            .next
            .as_ref()
            .map(|next| asked.address(path, &[("after", next)])),
        view,
        may_write: visit.may(Scope::PeopleWrite),
        customer: None,
        kinds: kinds(w),
        fields: fields(w),
        methods: methods(w),
    };
    visit.page(page.render())
}

/// Notes a new request, and a check of who asks where one was made already.
pub(crate) async fn post(
    State(deps): State<Arc<Deps>>,
    visit: Visit,
    body: RawBody,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleWrite)?;
    let form = Fields::of(&body);
    let wish = Wish::read(form.text("kind"), form.given("field"), form.text("value"))?;
    // What can't be read is refused before anything is noted.
    let claim = match form.given("method") {
        Some(method) => Some(Claim::read(method, form.text("told"))?),
        None => None,
    };
    let mut request = request_deeds::receive(&deps, &visit.caller, form.text("customer"), &wish).await?;
    if let Some(claim) = claim
        && request.state == domain::rights::State::Received
    {
        request = request_deeds::check(&deps, &visit.caller, &request, &claim).await?;
    }
    let there = visit.asked.shared(&requests::href(&request.id), &[]);
    Ok(Redirect::to(&there).into_response())
}
