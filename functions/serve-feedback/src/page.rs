//! The pages as HTML. Whatever a guest or a point of sale has written goes through the templates' escaping.

use std::ops::RangeInclusive;

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::feedback::consent;
use domain::feedback::form::COMMENT_MAX;
use edge::problem::Problem;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};

use crate::words::{Language, Words};

/// The style sheet of every page.
const STYLE: &str = include_str!("../templates/style.css");
/// Where it is. Its content counts as its version, see [`style_address`].
const STYLE_PATH: &str = "/r/style.css";

/// What a guest has entered, or had entered before.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Entered {
    /// How satisfied overall.
    pub(crate) overall: Option<u8>,
    /// Each dish's rating, in the order of the dishes.
    pub(crate) dishes: Vec<Option<u8>>,
    /// How likely to recommend.
    pub(crate) recommend: Option<u8>,
    /// The comment as it was typed.
    pub(crate) comment: String,
    /// Whether the shop may get in touch.
    pub(crate) consent: bool,
}

/// A dish on the page.
#[derive(Debug)]
pub(crate) struct DishRow {
    /// The name of its field in the form.
    pub(crate) field: String,
    /// What people call it, with its variant.
    pub(crate) name: String,
    /// What was entered for it.
    pub(crate) rating: Option<u8>,
}

impl DishRow {
    fn choices(&self) -> Vec<Choice> {
        choices(1..=5, self.rating)
    }
}

/// One of the numbers to choose from.
#[derive(Debug)]
struct Choice {
    value: u8,
    is_chosen: bool,
}

fn choices(scale: RangeInclusive<u8>, chosen: Option<u8>) -> Vec<Choice> {
    let choice = |value| Choice {
        value,
        is_chosen: chosen == Some(value),
    };
    scale.map(choice).collect()
}

/// Something that has to be corrected.
#[derive(Debug)]
pub(crate) struct Wrong {
    /// The field, which is also the place on the page.
    pub(crate) field: String,
    /// What people call the field.
    pub(crate) label: String,
    /// What is wrong.
    pub(crate) text: &'static str,
}

/// The page that asks.
#[derive(Debug, Template)]
#[template(path = "form.html")]
pub(crate) struct Form {
    /// The guest's language.
    pub(crate) language: Language,
    /// The outlet's name, if it has one.
    pub(crate) outlet: Option<String>,
    /// The business date, written out.
    pub(crate) date: String,
    /// Whether there is an answer already, which this changes.
    pub(crate) changing: bool,
    /// The dishes that can be rated.
    pub(crate) dishes: Vec<DishRow>,
    /// Which dishes these are, to tell whether the page is still the receipt's when it is sent.
    pub(crate) mark: String,
    /// What was entered.
    pub(crate) entered: Entered,
    /// What has to be corrected.
    pub(crate) errors: Vec<Wrong>,
}

impl Form {
    /// The page as HTML.
    ///
    /// # Errors
    /// A problem when it can't be written.
    pub(crate) fn html(&self) -> Result<String, Problem> {
        rendered(self)
    }

    fn words(&self) -> &'static Words {
        self.language.words()
    }

    fn style(&self) -> String {
        style_address()
    }

    fn consent(&self) -> &'static str {
        consent::wording(self.language.tag())
    }

    fn consent_version(&self) -> &'static str {
        consent::VERSION
    }

    fn overall(&self) -> Vec<Choice> {
        choices(1..=5, self.entered.overall)
    }

    fn recommend(&self) -> Vec<Choice> {
        choices(0..=10, self.entered.recommend)
    }

    fn comment_max(&self) -> usize {
        COMMENT_MAX
    }

    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Vec<&'static str> {
        let here = self.errors.iter().filter(|error| error.field == field);
        here.map(|error| error.text).collect()
    }

    fn is_wrong(&self, field: &str) -> bool {
        !self.wrong(field).is_empty()
    }

    /// The rarer question shows from the start where it was answered, or has to be corrected.
    fn shows_recommend(&self) -> bool {
        self.entered.recommend.is_some() || self.is_wrong("recommend")
    }
}

/// A page that says something: thanks, or why there is nothing to answer.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub(crate) struct Message {
    /// The guest's language.
    pub(crate) language: Language,
    /// What it says first.
    pub(crate) heading: &'static str,
    /// What it says then.
    pub(crate) text: &'static str,
    /// The stable code of a refusal, or an empty text.
    pub(crate) code: &'static str,
    /// Whether the answer can still be changed.
    pub(crate) may_change: bool,
}

impl Message {
    /// The page as HTML.
    ///
    /// # Errors
    /// A problem when it can't be written.
    pub(crate) fn html(&self) -> Result<String, Problem> {
        rendered(self)
    }

    fn words(&self) -> &'static Words {
        self.language.words()
    }

    fn style(&self) -> String {
        style_address()
    }
}

fn rendered(template: &impl Template) -> Result<String, Problem> {
    template
        .render()
        .map_err(|error| Problem::internal(format!("a page can't be written: {error}")))
}

/// The answer with a page in it.
pub(crate) fn answer(status: StatusCode, html: String) -> Response {
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    (status, [(CONTENT_TYPE, kind)], html).into_response()
}

/// The style sheet's address: another one for another content, so that phones may keep it for good.
fn style_address() -> String {
    format!("{STYLE_PATH}?v={:08x}", fingerprint(STYLE.as_bytes()))
}

/// FNV-1a of 32 bits: tells versions of a text apart, and nobody gains by forging it.
pub(crate) const fn fingerprint(bytes: &[u8]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        hash = (hash ^ *byte as u32).wrapping_mul(0x0100_0193);
        rest = tail;
    }
    hash
}

/// The style sheet of the guest's pages.
#[utoipa::path(
    get, path = "/r/style.css", tag = "guests",
    params(("v" = Option<String>, Query, description = "Its version; any is taken")),
    responses((status = 200, description = "The style sheet", body = String, content_type = "text/css")),
)]
pub(crate) async fn style() -> Response {
    edge::http::immutable("text/css; charset=utf-8", STYLE)
}
