//! Erasing a guest's words: asked once more, then done for good. The scores stay.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::api_key::Scope;
use domain::feedback::Answer;
use domain::receipt_id::ReceiptId;
use domain::when::Zone;
use edge::auth::Caller;
use edge::http_input::PathParams;
use edge::problem::{FEEDBACK_NOT_FOUND, Problem};

use super::comments::Comment;
use crate::Deps;
use crate::frame::{Frame, Place};
use crate::visit::Visit;

/// The answer to a receipt that a caller may change.
///
/// # Errors
/// `FEEDBACK_NOT_FOUND`, `OUTLET_FORBIDDEN`, or the store's failure.
pub(crate) async fn find(deps: &Deps, caller: &Caller, receipt: &str) -> Result<Answer, Problem> {
    let not_found = || Problem::new(&FEEDBACK_NOT_FOUND);
    let receipt = ReceiptId::parse(receipt).ok_or_else(not_found)?;
    caller.check_outlet(&receipt.outlet)?;
    let answer = deps.feedback.get(&receipt).await?.ok_or_else(not_found)?;
    if answer.is_answered() {
        Ok(answer)
    } else {
        Err(not_found())
    }
}

/// Erases the words of an answer. Once more changes nothing.
///
/// # Errors
/// As [`find`], or `CHANGED_MEANWHILE` when the guest revised it at the same moment.
pub(crate) async fn erase(deps: &Deps, caller: &Caller, receipt: &str) -> Result<(), Problem> {
    let answer = find(deps, caller, receipt).await?;
    let without = answer.without_words();
    if without == answer {
        return Ok(());
    }
    let (actor, now_ms) = (caller.actor(), deps.now_ms());
    Ok(deps
        .feedback
        .erase_words(&answer, &without, &actor, now_ms)
        .await?)
}

#[derive(Template)]
#[template(path = "erase.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    comment: Comment,
}

/// Asks once more.
pub(crate) async fn page(
    State(deps): State<Arc<Deps>>,
    PathParams(receipt): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::FeedbackWrite)?;
    let answer = find(&deps, &visit.caller, &receipt).await?;
    let title = visit.w.t("Hapus kata-kata tamu", "Erase a guest's words");
    let page = Page {
        frame: visit.frame(Place::Comments, Some(title.to_owned()), &visit.asked),
        zone: Zone::default(),
        comment: Comment::from(&answer),
    };
    visit.page(page.render())
}

/// Does it.
pub(crate) async fn post(
    State(deps): State<Arc<Deps>>,
    PathParams(receipt): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::FeedbackWrite)?;
    erase(&deps, &visit.caller, &receipt).await?;
    let outlet = ReceiptId::parse(&receipt)
        .map(|receipt| receipt.outlet)
        .unwrap_or_default();
    let back = visit.asked.shared(Place::Comments.path(), &[("outlet", &outlet)]);
    Ok(Redirect::to(&back).into_response())
}
