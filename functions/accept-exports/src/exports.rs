//! What became of an export.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::export::{Export, INCOMING, export_id};
use domain::when::format_utc;
use edge::http_input::{Params, PathParams};
use edge::problem::{EXPORT_NOT_FOUND, PARAMETER_INVALID, PARAMETER_MISSING, Problem};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;

/// An export: counts, sums and what went wrong. `received = stored + unchanged + stale + quarantined`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Export)]
pub(crate) struct ExportDocument {
    /// The id: of the place that the object has in the bucket.
    id: String,
    /// The object's key.
    key: String,
    /// The bucket.
    bucket: String,
    /// The object's entity tag; null until the object was seen.
    etag: Option<String>,
    /// The object's size in bytes.
    size: u64,
    /// `accepted`, `processing`, `done` or `failed`.
    #[schema(example = "done")]
    state: &'static str,
    /// The dialect it is written in, such as `moka.v3`; null until it is known.
    dialect: Option<String>,
    /// Records found.
    received: u64,
    /// Records that said something new.
    stored: u64,
    /// Records that said what was known.
    unchanged: u64,
    /// Records older than what was known.
    stale: u64,
    /// Records that could not be taken.
    quarantined: u64,
    /// Sums of the records.
    sums: SumsDocument,
    /// The file's own control totals; null where it has none.
    control: Option<ControlDocument>,
    /// Rejections by code.
    rejected: BTreeMap<String, u64>,
    /// Things taken in spite of a flaw, by code.
    notes: BTreeMap<String, u64>,
    /// Fields that no dialect knows, with how often they came.
    unknown_fields: BTreeMap<String, u64>,
    /// Outlet days touched, the first of them.
    days: Vec<TouchedDay>,
    /// How many different outlet days were touched, counted up to 20,000.
    days_total: u64,
    /// Why the whole file failed: a code; null where it did not.
    failure: Option<String>,
    /// When it was first seen, RFC 3339 in UTC.
    received_at: String,
    /// When it was read to its end; null until then.
    finished_at: Option<String>,
    /// What ties it to the log lines about it.
    correlation: Option<String>,
    /// How many runs it took.
    runs: u32,
    /// Where to go on.
    links: Links,
}

/// Sums of a file's records, as exact decimals.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportSums)]
pub(crate) struct SumsDocument {
    /// Totals of sales.
    total: String,
    /// Totals of cancelled or unpaid records.
    not_sold: String,
    /// Given back.
    refunded: String,
}

/// A file's own control totals.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ControlTotals)]
pub(crate) struct ControlDocument {
    /// How many records the file says it has.
    count: Option<u64>,
    /// What the file says they come to.
    sum: Option<String>,
    /// Which reading of the records agrees: `all` (cancelled ones included), `sold` or `none`.
    matches: String,
}

/// An outlet day that a file touched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TouchedDay {
    /// The outlet.
    outlet: String,
    /// The business date.
    date: String,
    /// Where the links are with which the day's guests say what they think.
    guest_links: String,
}

/// Where to go on from an export.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExportLinks)]
pub(crate) struct Links {
    /// The export itself.
    #[serde(rename = "self")]
    itself: String,
    /// What could not be taken.
    quarantine: String,
}

impl Links {
    pub(crate) fn of(id: &str) -> Self {
        Self {
            itself: format!("/v1/exports/{id}"),
            quarantine: format!("/v1/quarantine?export={id}"),
        }
    }
}

impl From<Export> for ExportDocument {
    fn from(export: Export) -> Self {
        let (counts, sums) = (export.counts, export.sums);
        let control = export.control.map(|control| ControlDocument {
            count: control.count,
            sum: control.sum.map(|sum| sum.to_string()),
            matches: control.matches,
        });
        // An outlet's id holds nothing that an address has to escape.
        let days = export.days.into_iter().map(|(outlet, date)| TouchedDay {
            guest_links: format!("/v1/links?outlet={outlet}&date={date}"),
            outlet,
            date: date.to_string(),
        });
        Self {
            links: Links::of(&export.id),
            id: export.id,
            key: export.key,
            bucket: export.bucket,
            etag: Some(export.etag).filter(|etag| !etag.is_empty()),
            size: export.size,
            state: export.state.as_str(),
            dialect: export.dialect,
            received: counts.received,
            stored: counts.stored,
            unchanged: counts.unchanged,
            stale: counts.stale,
            quarantined: counts.quarantined,
            sums: SumsDocument {
                total: sums.total.to_string(),
                not_sold: sums.not_sold.to_string(),
                refunded: sums.refunded.to_string(),
            },
            control,
            rejected: export.rejected,
            notes: export.notes,
            unknown_fields: export.unknown_fields,
            days: days.collect(),
            days_total: export.days_total,
            failure: export.failure,
            received_at: format_utc(export.received_ms),
            finished_at: export.finished_ms.map(format_utc),
            correlation: export.correlation,
            runs: export.runs,
        }
    }
}

/// Says what became of an export.
#[utoipa::path(
    get, path = "/v1/exports/{id}", tag = "exports",
    params(("id" = String, Path, description = "The export's id")),
    responses((status = 200, body = ExportDocument)),
)]
pub(crate) async fn get_export(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
) -> Result<Json<ExportDocument>, Problem> {
    document(&deps, &id).await
}

/// How an export is found by its object.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FindQuery {
    /// The object's key in the bucket, such as `incoming/moka/2025-10-28.json`.
    #[param(value_type = String, required = true)]
    key: Option<String>,
}

/// Says what became of the export at a place in the bucket.
#[utoipa::path(
    get, path = "/v1/exports", tag = "exports",
    params(FindQuery),
    responses((status = 200, body = ExportDocument)),
)]
pub(crate) async fn find_export(
    State(deps): State<Arc<Deps>>,
    Params(query): Params<FindQuery>,
) -> Result<Json<ExportDocument>, Problem> {
    let key = query.key.ok_or_else(|| {
        Problem::parameter(
            &PARAMETER_MISSING,
            "key",
            "isi dengan kunci objek",
            "give the object's key",
        )
    })?;
    if !key.starts_with(INCOMING) {
        let (indonesian, english) = (
            format!("harus diawali {INCOMING}"),
            format!("must begin with {INCOMING}"),
        );
        return Err(Problem::parameter(&PARAMETER_INVALID, "key", indonesian, english));
    }
    document(&deps, &export_id(deps.objects.bucket(), &key)).await
}

async fn document(deps: &Deps, id: &str) -> Result<Json<ExportDocument>, Problem> {
    let export = deps.ledger.latest(id).await?.ok_or_else(not_found)?;
    Ok(Json(export.into()))
}

pub(crate) fn not_found() -> Problem {
    Problem::new(&EXPORT_NOT_FOUND).detail(
        "Berkas di bucket terlihat beberapa detik setelah diunggah; periksa id atau key lalu coba lagi.",
        "An object in the bucket is seen a few seconds after it was put there; check the id or the key and try again.",
    )
}
