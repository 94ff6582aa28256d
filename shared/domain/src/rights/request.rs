//! A person's request: how it moves, when it is due, and how it is proved.
//!
//! A request holds ids, codes and times and nothing that anybody typed: it is kept as proof after an erasure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Deed, Kind, Method, Refusal, State};
use crate::customer::ProfileField;

/// Within what time a request is to be answered: three times 24 hours, in milliseconds (UU 27/2022, articles
/// 30, 32, 40 and 41; the others are held to the same).
pub const DUE_MS: i64 = 72 * 3_600_000;

/// How long before that the shop is reminded: 24 hours, in milliseconds.
pub const REMIND_MS: i64 = 24 * 3_600_000;

/// A check of who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// How.
    pub method: Method,
    /// Whether they are who the request is about.
    pub matched: bool,
    /// Who checked: `staff:` and a subject.
    pub by: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// One step of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Who: `staff:` and a subject, or a function's name.
    pub by: String,
    /// What.
    pub what: Deed,
}

/// What was done, for whoever asks later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// What was touched, by kind, such as `profiles` or `answers`.
    pub counts: BTreeMap<String, u64>,
    /// The audit record: chain and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<(u8, u64)>,
}

/// A person's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// See [`request_id`].
    pub id: String,
    /// What is asked for.
    pub kind: Kind,
    /// The ids it is about, in order; more are found as long as it is open.
    pub customers: Vec<String>,
    /// When it came, Unix milliseconds.
    pub received_ms: i64,
    /// When it must be answered, Unix milliseconds.
    pub due_ms: i64,
    /// Where it stands.
    pub state: State,
    /// The last check of who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// What a correction is about. The value itself waits beside the customers: [`super::Correction`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<ProfileField>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// What happened, the oldest first.
    pub steps: Vec<Step>,
    /// What was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Whether the shop was reminded.
    #[serde(default)]
    pub reminded: bool,
    /// The version of the document in the store; zero before it is stored.
    pub version: u64,
}

/// Why a request can't be made or moved as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Nobody is named.
    #[error("a request is about at least one customer")]
    NoCustomer,
    /// A correction names no field, or another kind names one.
    #[error("a correction, and no other request, names a field")]
    Field,
    /// It does not stand where that could follow.
    #[error("the request has moved on")]
    Settled,
    /// The person who asks has not been checked.
    #[error("it has not been checked who asks")]
    Unchecked,
}

impl RequestError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoCustomer => "RIGHTS_NO_CUSTOMER",
            Self::Field => "RIGHTS_FIELD",
            Self::Settled => "RIGHTS_SETTLED",
            Self::Unchecked => "RIGHTS_UNCHECKED",
        }
    }
}

/// The id of a new request: `req_` and random letters and digits.
#[must_use]
pub fn request_id(random: [u8; 10]) -> String {
    let text = data_encoding::BASE32_NOPAD.encode(&random);
    format!("req_{}", text.to_lowercase())
}

impl Request {
    /// Notes a request.
    ///
    /// # Errors
    /// [`RequestError::NoCustomer`] or [`RequestError::Field`].
    pub fn receive(
        id: String,
        kind: Kind,
        customers: impl IntoIterator<Item = String>,
        field: Option<ProfileField>,
        (by, now_ms): (&str, i64),
    ) -> Result<Self, RequestError> {
        let customers: BTreeSet<String> = customers.into_iter().collect();
        if customers.is_empty() {
            return Err(RequestError::NoCustomer);
        }
        if field.is_some() != (kind == Kind::Correction) {
            return Err(RequestError::Field);
        }
        let request = Self {
            id,
            kind,
            customers: customers.into_iter().collect(),
            received_ms: now_ms,
            due_ms: now_ms.saturating_add(DUE_MS),
            state: State::Received,
            check: None,
            field,
            refusal: None,
            steps: Vec::new(),
            proof: None,
            reminded: false,
            version: 0,
        };
        Ok(request.stepped(State::Received, Deed::Received, by, now_ms))
    }

    fn stepped(mut self, state: State, what: Deed, by: &str, at_ms: i64) -> Self {
        self.state = state;
        self.steps.push(Step {
            at_ms,
            by: by.to_owned(),
            what,
        });
        self
    }

    /// The request with a check of who asks. One that fails leaves it where it is, and another may follow.
    ///
    /// # Errors
    /// [`RequestError::Settled`] when it was checked already, or is over.
    pub fn checked(&self, check: Check) -> Result<Self, RequestError> {
        if self.state != State::Received {
            return Err(RequestError::Settled);
        }
        let (state, what) = if check.matched {
            (State::Verified, Deed::Verified)
        } else {
            (State::Received, Deed::Mismatched)
        };
        let (by, at_ms) = (check.by.clone(), check.at_ms);
        let mut next = self.clone();
        next.check = Some(check);
        Ok(next.stepped(state, what, &by, at_ms))
    }

    /// The request, ordered to be carried out.
    ///
    /// # Errors
    /// [`RequestError::Unchecked`] before a check has succeeded, [`RequestError::Settled`] after the order.
    pub fn ordered(&self, by: &str, now_ms: i64) -> Result<Self, RequestError> {
        match self.state {
            State::Received => Err(RequestError::Unchecked),
            State::Verified => Ok(self
                .clone()
                .stepped(State::Executing, Deed::Executing, by, now_ms)),
            State::Executing | State::Done | State::Refused => Err(RequestError::Settled),
        }
    }

    /// The request, carried out.
    ///
    /// # Errors
    /// [`RequestError::Settled`] unless it was being carried out.
    pub fn carried_out(&self, proof: Proof, by: &str) -> Result<Self, RequestError> {
        if self.state != State::Executing {
            return Err(RequestError::Settled);
        }
        let at_ms = proof.at_ms;
        let mut next = self.clone();
        next.proof = Some(proof);
        Ok(next.stepped(State::Done, Deed::Done, by, at_ms))
    }

    /// The request, refused. One that is being carried out can't be: half of it is done. For a correction that turns
    /// out to have nothing to correct, see [`Request::pointless`].
    ///
    /// # Errors
    /// [`RequestError::Settled`] when it is being carried out, or over.
    pub fn refused(&self, why: Refusal, by: &str, now_ms: i64) -> Result<Self, RequestError> {
        if !matches!(self.state, State::Received | State::Verified) {
            return Err(RequestError::Settled);
        }
        let mut next = self.clone();
        next.refusal = Some(why);
        Ok(next.stepped(State::Refused, Deed::Refused, by, now_ms))
    }

    /// The correction, ended without having changed anything while it was being carried out: who it is about was
    /// erased, or its value is gone.
    ///
    /// # Errors
    /// [`RequestError::Settled`] when it is no correction that is being carried out.
    pub fn pointless(&self, by: &str, now_ms: i64) -> Result<Self, RequestError> {
        if (self.kind, self.state) != (Kind::Correction, State::Executing) {
            return Err(RequestError::Settled);
        }
        let mut next = self.clone();
        next.refusal = Some(Refusal::NothingKnown);
        Ok(next.stepped(State::Refused, Deed::Refused, by, now_ms))
    }

    /// The request about these customers too: ids that are the same person's. `None` if that is no news or it
    /// is over.
    #[must_use]
    pub fn with_kin<'a>(&'a self, kin: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut all: BTreeSet<&str> = self.customers.iter().map(String::as_str).collect();
        all.extend(kin);
        if all.len() == self.customers.len() || self.is_over() {
            return None;
        }
        let mut next = self.clone();
        next.customers = all.into_iter().map(str::to_owned).collect();
        Some(next)
    }

    /// The request, of which the shop was reminded; `None` if it is not time for that, or was done.
    #[must_use]
    pub fn reminded(&self, by: &str, now_ms: i64) -> Option<Self> {
        let due = !self.is_over() && !self.reminded && now_ms >= self.remind_ms();
        due.then(|| {
            let mut next = self.clone();
            next.reminded = true;
            next.stepped(self.state, Deed::Reminded, by, now_ms)
        })
    }

    /// When the shop is reminded, Unix milliseconds.
    #[must_use]
    pub fn remind_ms(&self) -> i64 {
        self.due_ms.saturating_sub(REMIND_MS)
    }

    /// Whether the time is over and the request is not.
    #[must_use]
    pub fn is_overdue(&self, now_ms: i64) -> bool {
        !self.is_over() && now_ms >= self.due_ms
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Done | State::Refused)
    }

    /// When it was ordered to be carried out, Unix milliseconds. To be used as the time of whatever is done, so
    /// that doing it twice is doing it once.
    #[must_use]
    pub fn ordered_ms(&self) -> Option<i64> {
        let ordered = self.steps.iter().find(|step| step.what == Deed::Executing);
        ordered.map(|step| step.at_ms)
    }
}
