//! The audit trail: what was done, by whom, and whether the record of it is whole.

use std::sync::Arc;

use aws::StoreError;
use aws::audit::Position;
use axum::Json;
use axum::extract::State;
use domain::audit::{AuditBreak, AuditRecord, CHAINS, Verifier};
use domain::when::format_utc;
use edge::cursor;
use edge::http_input::{Params, page_size};
use edge::problem::{PARAMETER_INVALID, Problem};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::Deps;

/// How many records one request to the store brings while a chain is verified.
const VERIFY_PAGE: i32 = 500;
/// How many breaks of a chain are listed.
const BREAKS_MAX: usize = 100;

/// One integration action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditRecord)]
pub(crate) struct AuditDocument {
    /// Which chain.
    chain: u8,
    /// Its place in the chain, from 1, without gaps.
    number: u64,
    /// When, RFC 3339 in UTC.
    at: String,
    /// Who: a function's name, or `key:` and the id of an API key.
    actor: String,
    /// What was done, such as `export.ingested`.
    action: String,
    /// To what, such as an export's id.
    subject: String,
    /// Facts of the action.
    #[schema(value_type = Object)]
    facts: Value,
    /// The hash of the record before it; empty for the first.
    previous: String,
    /// SHA-256 over all of the above, in hexadecimal.
    hash: String,
}

impl From<AuditRecord> for AuditDocument {
    fn from(record: AuditRecord) -> Self {
        Self {
            chain: record.chain,
            number: record.number,
            at: format_utc(record.at_ms),
            actor: record.actor,
            action: record.action,
            subject: record.subject,
            facts: serde_json::from_str(&record.facts).unwrap_or(Value::String(record.facts)),
            previous: record.previous,
            hash: record.hash,
        }
    }
}

/// A page of audit records.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditPage {
    /// The records: newest first, or oldest first behind `after`.
    items: Vec<AuditDocument>,
    /// What to give as `before`, or as `after`, for the next page; null on the last.
    next: Option<String>,
}

/// Which audit records.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Of one chain only.
    #[param(value_type = Option<u8>, maximum = 7)]
    chain: Option<String>,
    /// Behind this record's number, oldest first; needs `chain`.
    after: Option<String>,
    /// Before this record's number in its chain, newest first; without `chain`, the `next` of the page before.
    before: Option<String>,
    /// How many records, 50 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

/// Lists audit records: of one chain in its order, or of all chains by time, the newest first.
#[utoipa::path(
    get, path = "/v1/audit", tag = "audit", params(AuditQuery), responses((status = 200, body = AuditPage)),
)]
pub(crate) async fn list_audit(
    State(deps): State<Arc<Deps>>,
    Params(query): Params<AuditQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let limit = page_size(query.limit.as_deref(), 50, 200)?;
    let page = match (&query.chain, &query.after) {
        (Some(chain), _) => of_chain(&deps, read_chain(chain)?, &query, limit).await?,
        (None, Some(_)) => {
            return Err(Problem::parameter(
                &PARAMETER_INVALID,
                "after",
                "perlu `chain`",
                "`chain` is needed with it",
            ));
        }
        (None, None) => of_all(&deps, query.before.as_deref(), limit).await?,
    };
    Ok(Json(page))
}

fn read_chain(text: &str) -> Result<u8, Problem> {
    text.parse().ok().filter(|chain| *chain < CHAINS).ok_or_else(|| {
        let last = CHAINS.saturating_sub(1);
        Problem::parameter(
            &PARAMETER_INVALID,
            "chain",
            format!("0 sampai {last}"),
            format!("0 to {last}"),
        )
    })
}

fn read_number(parameter: &str, text: &str) -> Result<u64, Problem> {
    let number = text.parse().ok().filter(|number| *number < NUMBERS_END);
    number.ok_or_else(|| {
        Problem::parameter(
            &PARAMETER_INVALID,
            parameter,
            "nomor catatan",
            "a record's number",
        )
    })
}

/// Behind every number that a chain's key can hold.
const NUMBERS_END: u64 = 1_000_000_000_000;

async fn of_chain(deps: &Deps, chain: u8, query: &AuditQuery, limit: i32) -> Result<AuditPage, Problem> {
    let from = match (&query.after, &query.before) {
        (Some(_), Some(_)) => {
            let (indonesian, english) = ("`after` atau `before`", "either `after` or `before`");
            return Err(Problem::parameter(
                &PARAMETER_INVALID,
                "before",
                indonesian,
                english,
            ));
        }
        (Some(after), None) => Position::After(read_number("after", after)?),
        (None, Some(before)) => Position::Before(read_number("before", before)?),
        (None, None) => Position::NEWEST,
    };
    let records = deps.audit.list(chain, from, limit).await?;
    let full = i32::try_from(records.len()).is_ok_and(|count| count >= limit);
    let next = records
        .last()
        .filter(|_| full)
        .map(|last| last.number.to_string());
    Ok(AuditPage {
        items: records.into_iter().map(Into::into).collect(),
        next,
    })
}

/// Merges the chains. Each keeps its own order, so that the position in each is one number.
async fn of_all(deps: &Deps, before: Option<&str>, limit: i32) -> Result<AuditPage, Problem> {
    let mut positions = match cursor::decode("before", before)? {
        Some(text) => read_positions(&text).ok_or_else(|| cursor::unusable("before"))?,
        None => vec![NUMBERS_END.saturating_sub(1); usize::from(CHAINS)],
    };
    let newest = (0..CHAINS)
        .zip(&positions)
        .map(|(chain, number)| deps.audit.list(chain, Position::Before(*number), limit));
    let mut chains: Vec<_> = try_join_all(newest)
        .await?
        .into_iter()
        .map(|list| list.into_iter().peekable())
        .collect();
    let mut items = Vec::new();
    let wanted = usize::try_from(limit).unwrap_or_default();
    while items.len() < wanted {
        let heads = chains
            .iter_mut()
            .enumerate()
            .filter_map(|(at, list)| Some((list.peek()?.at_ms, at)));
        let Some((_, at)) = heads.max() else { break };
        let Some(record) = chains.get_mut(at).and_then(Iterator::next) else {
            break;
        };
        if let Some(position) = positions.get_mut(at) {
            *position = record.number;
        }
        items.push(AuditDocument::from(record));
    }
    let more = items.len() == wanted;
    let positions: Vec<String> = positions.iter().map(u64::to_string).collect();
    Ok(AuditPage {
        items,
        next: more.then(|| cursor::encode(&positions.join("."))),
    })
}

fn read_positions(text: &str) -> Option<Vec<u64>> {
    let numbers: Option<Vec<u64>> = text.split('.').map(|number| number.parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() == usize::from(CHAINS) && numbers.iter().all(|n| *n < NUMBERS_END))
}

/// Whether the audit trail is whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Verification {
    /// Whether every record of every chain is there, unedited and linked to the one before it.
    ok: bool,
    /// How many records were checked.
    records: u64,
    /// What is wrong; at most 100 of each chain.
    breaks: Vec<BreakDocument>,
}

/// A break in a chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditBreak)]
pub(crate) struct BreakDocument {
    /// Which chain.
    chain: u8,
    /// The record at which it shows.
    number: u64,
    /// `gap`, `edited` or `unlinked`.
    kind: &'static str,
    /// What is wrong, in words.
    detail: String,
}

impl From<AuditBreak> for BreakDocument {
    fn from(found: AuditBreak) -> Self {
        let (chain, number, kind) = match found {
            AuditBreak::Gap { chain, found, .. } => (chain, found, "gap"),
            AuditBreak::Edited { chain, number } => (chain, number, "edited"),
            AuditBreak::Unlinked { chain, number } => (chain, number, "unlinked"),
        };
        Self {
            chain,
            number,
            kind,
            detail: found.to_string(),
        }
    }
}

/// Checks every record of every chain: nothing missing in between, nothing edited.
#[utoipa::path(get, path = "/v1/audit/verify", tag = "audit", responses((status = 200, body = Verification)))]
pub(crate) async fn verify_audit(State(deps): State<Arc<Deps>>) -> Result<Json<Verification>, Problem> {
    let checked = try_join_all((0..CHAINS).map(|chain| verify_chain(&deps, chain))).await?;
    let records = checked.iter().map(|(records, _)| records).sum();
    let breaks: Vec<BreakDocument> = checked.into_iter().flat_map(|(_, breaks)| breaks).collect();
    Ok(Json(Verification {
        ok: breaks.is_empty(),
        records,
        breaks,
    }))
}

async fn verify_chain(deps: &Deps, chain: u8) -> Result<(u64, Vec<BreakDocument>), StoreError> {
    let (mut verifier, mut records, mut breaks) = (Verifier::default(), 0_u64, Vec::new());
    loop {
        let page = deps
            .audit
            .list(chain, Position::After(verifier.last_number()), VERIFY_PAGE)
            .await?;
        if page.is_empty() {
            return Ok((records, breaks));
        }
        for record in &page {
            records = records.saturating_add(1);
            if let Err(found) = verifier.check(record)
                && breaks.len() < BREAKS_MAX
            {
                breaks.push(found.into());
            }
        }
    }
}
