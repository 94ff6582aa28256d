//! The views: one loader each, whose result is a page, a table and a document alike.

pub(crate) mod audit;
pub(crate) mod begin;
pub(crate) mod case;
pub(crate) mod case_contact;
pub(crate) mod cases;
pub(crate) mod comments;
pub(crate) mod dish;
pub(crate) mod erase;
pub(crate) mod error;
pub(crate) mod errors;
pub(crate) mod figures;
pub(crate) mod finding;
pub(crate) mod finding_words;
pub(crate) mod findings;
pub(crate) mod identity;
pub(crate) mod links;
pub(crate) mod links_page;
pub(crate) mod menu;
pub(crate) mod names;
pub(crate) mod night;
pub(crate) mod night_words;
pub(crate) mod nights;
pub(crate) mod overview;
pub(crate) mod people;
pub(crate) mod people_files;
pub(crate) mod person;
mod person_consents;
pub(crate) mod person_page;
mod person_words;
pub(crate) mod request;
pub(crate) mod request_deeds;
pub(crate) mod requests;
pub(crate) mod rights_words;
pub(crate) mod satisfaction;
pub(crate) mod sync;
pub(crate) mod sync_filter;
pub(crate) mod sync_page;
mod sync_walk;
pub(crate) mod topup;
pub(crate) mod topup_books;
pub(crate) mod topup_day;
pub(crate) mod topup_deeds;
pub(crate) mod topup_reviews;
pub(crate) mod topup_words;
pub(crate) mod topups;

use serde::Serializer;

/// Writes an amount, a quantity or a date as its exact text.
///
/// # Errors
/// The serializer's.
pub(crate) fn exact<S: Serializer>(
    value: &(impl std::fmt::Display + Copy),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Writes a moment as RFC 3339 in UTC.
///
/// # Errors
/// The serializer's.
pub(crate) fn moment<S: Serializer>(at_ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&domain::when::format_utc(*at_ms))
}

/// Writes a moment, if there is one, as RFC 3339 in UTC.
///
/// # Errors
/// The serializer's.
pub(crate) fn perhaps_moment<S: Serializer>(at_ms: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match at_ms {
        Some(at_ms) => moment(at_ms, serializer),
        None => serializer.serialize_none(),
    }
}
