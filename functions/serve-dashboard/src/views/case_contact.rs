//! How the guest of a case is reached: shown to an approver, where the guest consented and nothing stands against it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use edge::http_input::PathParams;
use edge::people::Contact;
use edge::problem::{CONTACT_BARRED, FEEDBACK_NOT_FOUND, Problem};
use serde_json::json;

use super::cases::CaseRow;
use super::person::record;
use super::request_deeds::check_may;
use super::rights_words::barred_name;
use super::{case, person};
use crate::Deps;
use crate::frame::{Frame, Place};
use crate::visit::Visit;
use crate::words::{Lang, Words};

#[derive(Template)]
#[template(path = "case_contact.html")]
struct Page {
    frame: Frame,
    contact: Contact,
    person: String,
    back: String,
}

/// Shows how the guest of a case is reached. Asked for by a form, so that nothing but a person's hand asks for it.
pub(crate) async fn post(
    State(deps): State<Arc<Deps>>,
    PathParams((outlet, id)): PathParams<(String, String)>,
    visit: Visit,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleWrite)?;
    let case = case::find(&deps, &visit.caller, (&outlet, &id)).await?;
    let answer = deps.feedback.get(&case.receipt).await?;
    let answer = answer.ok_or_else(|| Problem::new(&FEEDBACK_NOT_FOUND))?;
    let contact = deps.people.contact(&answer).await?.map_err(|barred| {
        let told = |lang| format!("{}.", barred_name(barred, Words { lang }));
        Problem::new(&CONTACT_BARRED).detail(told(Lang::Id), told(Lang::En))
    })?;
    let shown = ("person.contact_shown", contact.customer.as_str());
    record(&deps, &visit.caller, shown, &json!({ "case": case.id })).await?;
    let title = visit.w.t("Kontak tamu", "The guest's contact data").to_owned();
    let page = Page {
        frame: visit.frame(Place::Cases, Some(title), &visit.asked),
        person: person::href(&contact.customer),
        contact,
        back: visit.asked.shared(&CaseRow::from(&case).href(), &[]),
    };
    visit.page(page.render())
}
