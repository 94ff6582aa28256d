//! The first page of a shop that has no sales yet: how to begin.

use askama::Template;
use edge::problem::Problem;

use crate::Deps;
use crate::frame::Frame;

/// How to begin.
#[derive(Template)]
#[template(path = "begin.html")]
pub(crate) struct Page {
    /// What stands around it.
    pub(crate) frame: Frame,
    /// Where the API is reached.
    pub(crate) url: String,
}

/// Whether the shop knows no outlet yet: nothing has ever come in.
///
/// # Errors
/// The store's failure.
pub(crate) async fn is_due(deps: &Deps) -> Result<bool, Problem> {
    Ok(deps.outlets.list(None, 1).await?.is_empty())
}
