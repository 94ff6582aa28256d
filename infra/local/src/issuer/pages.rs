//! The page where somebody says who they are.

use askama::Template;
use http::{HeaderMap, StatusCode, header};

use super::people::Person;
use crate::http::Answer;
use crate::pages::html;

/// Its form ends at the gateway's own address.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What a client asks with, and what goes back into the form.
const KEPT: [&str; 8] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

/// Parameters of a request.
pub(super) struct Asked(Vec<(String, String)>);

impl Asked {
    /// Decoded names and values.
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// A parameter's first value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(known, _)| known == name);
        pair.map(|(_, value)| &**value)
    }

    /// A parameter's first value, or nothing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "issuer.html")]
struct ChoosePage<'a> {
    people: &'a [Person],
    kept: Vec<(&'a str, &'a str)>,
    failed: bool,
}

impl Person {
    /// The person's roles in a line.
    fn roles_line(&self) -> String {
        let roles: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        roles.join(", ")
    }

    /// The person's outlets in a line; none for somebody who sees all.
    fn outlets_line(&self) -> Option<String> {
        let outlets: Vec<&str> = self.outlets.as_ref()?.iter().map(|outlet| &**outlet).collect();
        Some(outlets.join(", "))
    }
}

/// The page with everybody. `failed`: the last try was wrong.
pub(super) fn choose(people: &[Person], asked: &Asked, failed: bool) -> Answer {
    let kept = KEPT.iter().filter_map(|name| Some((*name, asked.get(name)?)));
    let page = ChoosePage {
        people,
        kept: kept.collect(),
        failed,
    };
    let status = if failed {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::OK
    };
    html(status, &page, POLICY)
}

/// Whether a form was sent from the page above: no web page elsewhere may sign anybody in.
pub(super) fn is_own_form(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => text(header::ORIGIN.as_str()) == Some(base_url),
    }
}
