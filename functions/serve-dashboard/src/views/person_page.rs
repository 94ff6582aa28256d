//! The page of a person, and what an approver does there.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::api_key::Scope;
use domain::rights::Kind;
use domain::when::Zone;
use edge::http_input::{PathParams, RawBody};
use edge::problem::{FieldError, PERSON_NOT_FOUND, Problem};

use super::identity::sought;
use super::people::{Choices, fields, kinds, methods};
use super::person::{self, PersonView};
use super::request_deeds::check_may;
use super::rights_words::kind_name;
use crate::Deps;
use crate::fields::Fields;
use crate::frame::{Frame, Place};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "person.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    now_ms: i64,
    view: PersonView,
    back: String,
    /// Whom a new request is about.
    customer: Option<String>,
    kinds: Choices,
    fields: Choices,
    methods: Choices,
}

impl Page {
    /// What stands that the person can have ended: the kind of that request, what stands in words, and since when.
    fn standing(&self) -> Vec<(&'static str, &'static str, i64)> {
        let rights = self.view.members.iter().map(|member| &member.rights);
        let since = |lift: Kind| match lift {
            Kind::LiftRestriction => rights.clone().filter_map(|rights| rights.restricted_at).max(),
            _ => rights.clone().filter_map(|rights| rights.objected_at).max(),
        };
        let lifts = Kind::ALL.iter().filter_map(|lift| Some((*lift, lift.lifts()?)));
        let standing = lifts.filter_map(|(lift, stands)| {
            let name = kind_name(stands, self.frame.w);
            Some((lift.as_str(), name, since(lift)?))
        });
        standing.collect()
    }
}

/// The page of a person.
pub(crate) async fn page(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    let view = person::load(&deps, &visit.caller, &id).await?;
    let w = visit.w;
    // The title stays in the browser's history, so it names nobody.
    let title = w.t("Data satu orang", "A person's data").to_owned();
    let page = Page {
        frame: visit.frame(Place::People, Some(title), &visit.asked),
        zone: Zone::default(),
        now_ms: deps.now_ms(),
        view,
        back: visit.asked.shared(Place::People.path(), &[]),
        customer: Some(id),
        kinds: kinds(w),
        fields: fields(w),
        methods: methods(w),
    };
    visit.page(page.render())
}

#[derive(Template)]
#[template(path = "people_found.html")]
struct Found {
    frame: Frame,
    ids: Vec<(String, String)>,
    back: String,
}

/// Finds somebody: their page, or which ids there are where they are several people's.
pub(crate) async fn find(
    State(deps): State<Arc<Deps>>,
    visit: Visit,
    body: RawBody,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleWrite)?;
    let wanted = Fields::of(&body);
    let wanted = sought(wanted.text("q")).ok_or_else(|| {
        Problem::fields(vec![FieldError::at(
            "/q",
            "FIELD_INVALID",
            "isi nomor telepon, ID pelanggan (OYAKO_…), ID struk, atau outlet, tanggal, dan nomor struk",
            "give a phone number, a customer's id (OYAKO_…), a receipt's id, or a receipt's outlet, date and number",
        )])
    })?;
    let ids = person::find(&deps, &visit.caller, &wanted).await?;
    let Some(first) = ids.first() else {
        return Err(Problem::new(&PERSON_NOT_FOUND).detail(
            "Tidak ada data atas nomor atau ID itu.",
            "Nothing is known under that number or id.",
        ));
    };
    let group = deps.people.with_kin(std::slice::from_ref(first)).await?;
    if ids.iter().all(|id| group.contains(id)) {
        let there = visit.asked.shared(&person::href(first), &[]);
        return Ok(Redirect::to(&there).into_response());
    }
    let title = visit.w.t("Hasil pencarian", "Found").to_owned();
    let page = Found {
        frame: visit.frame(Place::People, Some(title), &visit.asked),
        ids: ids.into_iter().map(|id| (person::href(&id), id)).collect(),
        back: visit.asked.shared(Place::People.path(), &[]),
    };
    visit.page(page.render())
}

/// Parts an id from the person it was taken for.
pub(crate) async fn part(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
    visit: Visit,
    body: RawBody,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleWrite)?;
    let (actor, now_ms) = (visit.caller.actor(), deps.now_ms());
    deps.people.part(&id, &actor, now_ms).await?;
    let form = Fields::of(&body);
    let back = form.given("back").unwrap_or(&id);
    let there = visit.asked.shared(&person::href(back), &[]);
    Ok(Redirect::to(&there).into_response())
}

/// Takes two ids of one phone number for one person.
pub(crate) async fn reunite(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
    visit: Visit,
    body: RawBody,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleWrite)?;
    let (actor, now_ms) = (visit.caller.actor(), deps.now_ms());
    let form = Fields::of(&body);
    deps.people
        .reunite(&id, form.text("with"), &actor, now_ms)
        .await?;
    let there = visit.asked.shared(&person::href(&id), &[]);
    Ok(Redirect::to(&there).into_response())
}
