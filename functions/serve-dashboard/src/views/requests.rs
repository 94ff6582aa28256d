//! What people ask for about their data: the requests by due time. Ids, codes and times, and nothing of a person.

use std::collections::BTreeMap;

use aws::position::ListPosition;
use domain::rights::{Check, Proof, Request, Step};
use edge::cursor;
use edge::problem::{PARAMETER_INVALID, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::moment;
use super::rights_words::{kind_name, state_chip};
use crate::Deps;
use crate::frame::Place;
use crate::parts::Chip;
use crate::words::Words;

/// How many requests a page has.
pub(crate) const PAGE: i32 = 25;

/// How it was checked who asks. What the person told for it is kept nowhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RightsCheck)]
pub(crate) struct CheckRow {
    /// `receipt_shown`, `called_back` or `in_person`.
    pub(crate) method: &'static str,
    /// Whether what the person told is what is known.
    pub(crate) matched: bool,
    /// Who checked: `staff:` and a subject, or `key:` and the id of an API key.
    pub(crate) by: String,
    /// When, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) at: i64,
}

impl From<&Check> for CheckRow {
    fn from(check: &Check) -> Self {
        Self {
            method: check.method.as_str(),
            matched: check.matched,
            by: check.by.clone(),
            at: check.at_ms,
        }
    }
}

/// One step of a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RightsStep)]
pub(crate) struct StepRow {
    /// When, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) at: i64,
    /// Who: `staff:` and a subject, `key:` and the id of an API key, or a function's name.
    pub(crate) by: String,
    /// `received`, `mismatched`, `verified`, `executing`, `done`, `refused` or `reminded`.
    pub(crate) what: &'static str,
}

impl From<&Step> for StepRow {
    fn from(step: &Step) -> Self {
        Self {
            at: step.at_ms,
            by: step.by.clone(),
            what: step.what.as_str(),
        }
    }
}

/// What was done, for whoever asks later.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RightsProof)]
pub(crate) struct ProofRow {
    /// When, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) at: i64,
    /// What was touched, by kind, such as `profiles` or `answers`.
    pub(crate) counts: BTreeMap<String, u64>,
    /// The audit record: chain and number, such as `3/1207`.
    pub(crate) audit: Option<String>,
}

impl From<&Proof> for ProofRow {
    fn from(proof: &Proof) -> Self {
        Self {
            at: proof.at_ms,
            counts: proof.counts.clone(),
            audit: proof.audit.map(|(chain, number)| format!("{chain}/{number}")),
        }
    }
}

/// A person's request about their data.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RightsRequest)]
pub(crate) struct RequestRow {
    /// The id.
    pub(crate) id: String,
    /// `access`, `correction`, `erasure`, `withdrawal`, `restriction`, `objection`, `lift_restriction` or
    /// `lift_objection`.
    pub(crate) kind: &'static str,
    /// What a correction is about: `name`, `phone` or `email`. The new value is not told.
    pub(crate) field: Option<&'static str>,
    /// The customers that it is about, by id.
    pub(crate) customers: Vec<String>,
    /// `received`, `verified`, `executing`, `done` or `refused`.
    pub(crate) state: &'static str,
    /// When it came, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) received_at: i64,
    /// When it must be answered, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) due_at: i64,
    /// Whether that time is over and the request is not.
    pub(crate) overdue: bool,
    /// The last check of who asks; null before the first.
    pub(crate) check: Option<CheckRow>,
    /// Why it was refused: `identity_not_shown`, `nothing_known`, `kept_by_law`, `taken_back` or `repeated`.
    pub(crate) refusal: Option<&'static str>,
    /// What happened, the oldest first.
    pub(crate) steps: Vec<StepRow>,
    /// What was done; null until then.
    pub(crate) proof: Option<ProofRow>,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) request: Request,
}

impl RequestRow {
    /// A request as it stands at a moment.
    pub(crate) fn of(request: Request, now_ms: i64) -> Self {
        Self {
            id: request.id.clone(),
            kind: request.kind.as_str(),
            field: request.field.map(|field| field.as_str()),
            customers: request.customers.clone(),
            state: request.state.as_str(),
            received_at: request.received_ms,
            due_at: request.due_ms,
            overdue: request.is_overdue(now_ms),
            check: request.check.as_ref().map(CheckRow::from),
            refusal: request.refusal.map(|refusal| refusal.as_str()),
            steps: request.steps.iter().map(StepRow::from).collect(),
            proof: request.proof.as_ref().map(ProofRow::from),
            request,
        }
    }

    /// The page of the request.
    pub(crate) fn href(&self) -> String {
        href(&self.id)
    }

    /// What is asked for, in words.
    pub(crate) fn kind_name(&self, w: Words) -> &'static str {
        kind_name(self.request.kind, w)
    }

    /// Where it stands.
    pub(crate) fn chip(&self, now_ms: i64, w: Words) -> Chip {
        state_chip(&self.request, now_ms, w)
    }

    /// Whether it is not over: its due time matters.
    pub(crate) fn is_open(&self) -> bool {
        !self.request.is_over()
    }
}

/// The page of a request.
pub(crate) fn href(id: &str) -> String {
    format!("{}/requests/{id}", Place::People.path())
}

/// A page of requests.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RightsRequests)]
pub(crate) struct RequestsView {
    /// Open ones: the one that is due first before the others. All: the latest received first.
    pub(crate) items: Vec<RequestRow>,
    /// What to give as `after` for the next page; null on the last.
    pub(crate) next: Option<String>,
}

/// Which requests are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that are not over, the soonest due first.
    Open,
    /// Every one, the latest received first.
    All,
}

impl Which {
    /// Reads `open` or `all`; open ones if nothing is said.
    ///
    /// # Errors
    /// `PARAMETER_INVALID`.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, Problem> {
        match text {
            None | Some("open") => Ok(Self::Open),
            Some("all") => Ok(Self::All),
            Some(_) => {
                let (indonesian, english) = ("open atau all", "open or all");
                Err(Problem::parameter(
                    &PARAMETER_INVALID,
                    "state",
                    indonesian,
                    english,
                ))
            }
        }
    }
}

/// Reads a page of at most `limit` requests.
///
/// # Errors
/// `PARAMETER_INVALID` for a position that no page gave, or the store's failure.
pub(crate) async fn load(
    deps: &Deps,
    which: Which,
    after: Option<&str>,
    limit: i32,
) -> Result<RequestsView, Problem> {
    let after = cursor::decode("after", after)?;
    let (requests, next) = match which {
        Which::Open => {
            let after =
                after.map(|after| ListPosition::parse(&after).ok_or_else(|| cursor::unusable("after")));
            let (requests, next) = deps
                .requests
                .unfinished(after.transpose()?.as_ref(), limit)
                .await?;
            (requests, next.map(|next| next.to_string()))
        }
        Which::All => deps.requests.list(after.as_deref(), limit).await?,
    };
    let now_ms = deps.now_ms();
    Ok(RequestsView {
        items: requests
            .into_iter()
            .map(|request| RequestRow::of(request, now_ms))
            .collect(),
        next: next.as_deref().map(cursor::encode),
    })
}
