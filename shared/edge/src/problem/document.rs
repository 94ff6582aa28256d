//! What a problem document says, member by member.

use serde::Serialize;
use utoipa::ToSchema;

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where in the request's JSON, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which parameter of the address, or which header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// The stable code of what is wrong.
    pub code: &'static str,
    /// What is wrong, in Bahasa Indonesia.
    pub detail: String,
    /// What is wrong, in English.
    pub detail_en: String,
}

/// A problem document as it goes over the wire, `application/problem+json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument<'a> {
    /// What kind of problem it is, as a URI reference.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// The kind in words, in Bahasa Indonesia.
    pub title: &'static str,
    /// What to know or do about this one, in Bahasa Indonesia.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'a str>,
    /// The kind in words, in English.
    pub title_en: &'static str,
    /// What to know or do about this one, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail_en: Option<&'a str>,
    /// The HTTP status.
    pub status: u16,
    /// The stable code of the kind: what a program should look at.
    pub code: &'static str,
    /// The path that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<&'a str>,
    /// What is wrong with the request, item by item.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub errors: &'a [FieldError],
}

impl FieldError {
    /// Something wrong at a place in the request's JSON.
    #[must_use]
    pub fn at(
        pointer: &str,
        code: &'static str,
        indonesian: impl Into<String>,
        english: impl Into<String>,
    ) -> Self {
        let (detail, detail_en) = (indonesian.into(), english.into());
        Self {
            pointer: Some(pointer.to_owned()),
            parameter: None,
            code,
            detail,
            detail_en,
        }
    }

    /// A text about it, with where it is.
    pub(super) fn told(&self, text: &str) -> String {
        match self.pointer.as_deref().filter(|pointer| !pointer.is_empty()) {
            Some(pointer) => format!("{pointer}: {text}"),
            None => text.to_owned(),
        }
    }
}
