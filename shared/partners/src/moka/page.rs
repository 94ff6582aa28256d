//! One page of payments, as far as the walk has to understand it. The payments themselves are read where
//! every other export is read.

use domain::when::{Zone, read_moment};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::json;

/// Why an answer of Moka cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageProblem {
    /// More bytes than this.
    #[error("it is larger than {0} bytes")]
    TooLarge(usize),
    /// Not JSON, or without the list of payments.
    #[error("it is not a page of payments")]
    Form,
    /// Status 200 around an error.
    #[error("it says itself that it is an error")]
    Error,
    /// Payments of an outlet that was not asked for.
    #[error("it holds payments of another outlet")]
    Outlet,
}

/// What a payment is recognised by, in one telling of it.
pub(super) type Telling = [u8; 16];

/// What the walk needs of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// In the page's order.
    pub(super) tellings: Vec<Telling>,
    /// The oldest and the newest time of any kind on the page, in Unix milliseconds.
    pub(super) times: Option<(i64, i64)>,
    pub(super) next_url: Option<String>,
    pub(super) completed: Option<bool>,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    payments: Vec<&'a RawValue>,
    next_url: Option<String>,
    completed: Option<bool>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    code: Value,
    #[serde(default)]
    errors: Value,
}

/// A payment; the types in Moka's own clients contradict each other, so nothing is expected of them here.
#[derive(Deserialize)]
struct Payment {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    outlet_id: Value,
    #[serde(default)]
    created_at: Value,
    #[serde(default)]
    updated_at: Value,
    #[serde(default)]
    synchronized_at: Value,
}

/// Reads a page of an outlet.
pub(super) fn read(body: &[u8], outlet: &str) -> Result<Read, PageProblem> {
    let document: Document<'_> = json::object(body).ok_or(PageProblem::Form)?;
    let data: Data<'_> = json::object(document.data.get().as_bytes()).ok_or(PageProblem::Form)?;
    if document.meta.is_some_and(|meta| meta.is_error()) {
        return Err(PageProblem::Error);
    }
    let mut read = Read {
        tellings: Vec::with_capacity(data.payments.len()),
        times: None,
        next_url: data.next_url.filter(|url| !url.is_empty()),
        completed: data.completed,
    };
    for raw in data.payments {
        let payment: Payment = json::object(raw.get().as_bytes()).ok_or(PageProblem::Form)?;
        if word(&payment.outlet_id).is_some_and(|told| told != outlet) {
            return Err(PageProblem::Outlet);
        }
        read.tellings.push(payment.telling(raw));
        for time in [&payment.created_at, &payment.updated_at, &payment.synchronized_at] {
            if let Some(at_ms) = moment(time) {
                let (oldest, newest) = read.times.unwrap_or((at_ms, at_ms));
                read.times = Some((oldest.min(at_ms), newest.max(at_ms)));
            }
        }
    }
    Ok(read)
}

impl Meta {
    fn is_error(&self) -> bool {
        let failed = self.code.as_i64().is_some_and(|code| code != 200);
        let errors = match &self.errors {
            Value::Null => false,
            Value::Array(list) => !list.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            _ => true,
        };
        failed || errors
    }
}

impl Payment {
    /// A payment that was changed since is told anew: the id alone would make that a repeat. One without an id is
    /// recognised by its text.
    fn telling(&self, raw: &RawValue) -> Telling {
        let hash = match word(&self.id) {
            Some(id) => Sha256::new()
                .chain_update(id)
                .chain_update([0])
                .chain_update(self.updated_at.to_string()),
            None => Sha256::new().chain_update(raw.get()),
        };
        let mut telling = Telling::default();
        for (to, from) in telling.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        telling
    }
}

/// An id, whether it is written as a number or as a text.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn moment(value: &Value) -> Option<i64> {
    let moment = read_moment(value.as_str()?, &Zone::default()).ok()??;
    Some(moment.at_ms)
}

#[cfg(test)]
mod tests;
