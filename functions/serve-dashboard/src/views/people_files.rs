//! What is handed out about people: somebody's copy of their data, and the list of those whom a breach concerns.
//! Every part of both is on record.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::api_key::Scope;
use domain::rights::{Kind, Request, State as Standing};
use domain::when::BusinessDate;
use edge::auth::Caller;
use edge::http_input::{PathParams, RawBody};
use edge::people::{Copy, Window};
use edge::problem::{
    OUTLET_NOT_FOUND, PARAMETER_INVALID, PARAMETER_MISSING, Problem, RIGHTS_SETTLED, RIGHTS_UNCHECKED,
};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue};

use super::request_deeds::{check_may, find};
use crate::Deps;
use crate::fields::Fields;
use crate::visit::Visit;

/// One file is put together until it has so many bytes: with one more part it stays below the 6 MB that an answer
/// may have.
const FILE_BYTES: usize = 3 << 20;
/// One file is put together for so long, in milliseconds: the gateway waits for 29 seconds.
const FILE_MS: i64 = 15_000;

/// What a file is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileFormat {
    /// A document.
    Json,
    /// A table.
    Csv,
}

impl FileFormat {
    /// Reads `json` or `csv`; a document if nothing is said.
    ///
    /// # Errors
    /// `PARAMETER_INVALID`.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, Problem> {
        match text {
            None | Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some(_) => {
                let (indonesian, english) = ("csv atau json", "csv or json");
                Err(Problem::parameter(
                    &PARAMETER_INVALID,
                    "format",
                    indonesian,
                    english,
                ))
            }
        }
    }
}

/// Where the `next` of a table stands: a table has no place for it.
const NEXT: HeaderName = HeaderName::from_static("next-after");

/// A part of somebody's copy, or all of it.
///
/// # Errors
/// A failure of the server when it can't be written.
pub(crate) fn copy_file(copy: &Copy, format: FileFormat) -> Result<Response, Problem> {
    let failed = |error: String| Problem::internal(error);
    match format {
        FileFormat::Json => {
            let bytes = serde_json::to_vec(copy).map_err(|error| failed(error.to_string()))?;
            Ok(file("application/json", "salinan-data.json", bytes, None))
        }
        FileFormat::Csv => {
            let bytes = copy.csv().map_err(|error| failed(error.to_string()))?;
            let next = copy.next.as_deref();
            Ok(file("text/csv; charset=utf-8", "salinan-data.csv", bytes, next))
        }
    }
}

/// A part of the list of those whom a breach concerns, as a table.
pub(crate) fn affected_file(bytes: Vec<u8>, next: Option<&str>) -> Response {
    file("text/csv; charset=utf-8", "orang-terdampak.csv", bytes, next)
}

/// Bytes to keep. The name of the file names nobody.
fn file(kind: &'static str, name: &'static str, bytes: Vec<u8>, next: Option<&str>) -> Response {
    let mut response = ([(CONTENT_TYPE, HeaderValue::from_static(kind))], bytes).into_response();
    let attachment = Some(format!("attachment; filename=\"{name}\""));
    for (name, value) in [(CONTENT_DISPOSITION, attachment), (NEXT, next.map(str::to_owned))] {
        // Both are of letters, digits and marks alone.
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Hands out the copy that a request asks for: as much of it as one file takes, which is all but for somebody with
/// years of visits. What is left begins at the copy's `next`, for the API.
pub(crate) async fn copy(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
    visit: Visit,
    body: RawBody,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::PeopleWrite)?;
    let format = FileFormat::read(Fields::of(&body).given("format"))?;
    let request = find(&deps, &id).await?;
    check_copies(&request)?;
    let (actor, began_ms) = (visit.caller.actor(), deps.now_ms());
    let ids = &request.customers;
    let mut whole = deps.people.copy(ids, None, &actor, began_ms).await?;
    let mut size = size_of(&whole)?;
    while let Some(next) = whole.next.take() {
        let now_ms = deps.now_ms();
        if size >= FILE_BYTES || now_ms.saturating_sub(began_ms) >= FILE_MS {
            whole.next = Some(next);
            break;
        }
        let part = deps.people.copy(ids, Some(&next), &actor, now_ms).await?;
        size = size.saturating_add(size_of(&part)?);
        whole.days.extend(part.days);
        whole.next = part.next;
    }
    copy_file(&whole, format)
}

fn size_of(copy: &Copy) -> Result<usize, Problem> {
    let bytes = serde_json::to_vec(copy).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(bytes.len())
}

/// Refuses a copy to whom the request is not, or not yet, an answer.
fn check_copies(request: &Request) -> Result<(), Problem> {
    match request.state {
        Standing::Received => Err(Problem::new(&RIGHTS_UNCHECKED).detail(
            "Salinan hanya diberikan setelah identitasnya cocok.",
            "A copy is handed out only after the identity matched.",
        )),
        _ if request.kind != Kind::Access => Err(Problem::new(&RIGHTS_SETTLED).detail(
            "Permintaan ini bukan permintaan akses.",
            "This is no request for access.",
        )),
        Standing::Refused => Err(Problem::new(&RIGHTS_SETTLED)),
        Standing::Verified | Standing::Executing | Standing::Done => Ok(()),
    }
}

/// Reads which time and outlet a breach is about. An outlet that there is not is refused: an empty list would say that
/// nobody is concerned.
///
/// # Errors
/// `PARAMETER_MISSING`, `PARAMETER_INVALID`, `OUTLET_FORBIDDEN` for who does not see everybody, `OUTLET_NOT_FOUND`, or
/// the store's failure.
pub(crate) async fn window(
    deps: &Deps,
    caller: &Caller,
    (from, to): (Option<&str>, Option<&str>),
    outlet: Option<&str>,
) -> Result<Window, Problem> {
    check_may(caller, Scope::PeopleWrite)?;
    let (from, to) = (day("from", from)?, day("to", to)?);
    if from > to {
        let (indonesian, english) = ("sebelum `from`", "before `from`");
        return Err(Problem::parameter(&PARAMETER_INVALID, "to", indonesian, english));
    }
    if let Some(outlet) = outlet
        && (outlet.is_empty() || deps.outlets.get(outlet).await?.is_none())
    {
        return Err(Problem::new(&OUTLET_NOT_FOUND));
    }
    Ok(Window {
        from,
        to,
        outlet: outlet.map(str::to_owned),
    })
}

fn day(name: &str, text: Option<&str>) -> Result<BusinessDate, Problem> {
    let text = text.ok_or_else(|| {
        Problem::parameter(
            &PARAMETER_MISSING,
            name,
            "isi tanggal seperti 2026-11-22",
            "give a date such as 2026-11-22",
        )
    })?;
    text.parse().map_err(|_| {
        Problem::parameter(
            &PARAMETER_INVALID,
            name,
            "bukan tanggal seperti 2026-11-22",
            "not a date such as 2026-11-22",
        )
    })
}

/// Hands out the list of those whom a breach concerns. Where it is longer than one file takes, its last row holds
/// the code that the form goes on from.
pub(crate) async fn affected(
    State(deps): State<Arc<Deps>>,
    visit: Visit,
    body: RawBody,
) -> Result<Response, Problem> {
    let form = Fields::of(&body);
    let days = (form.given("from"), form.given("to"));
    let window = window(&deps, &visit.caller, days, form.given("outlet")).await?;
    let (actor, began_ms) = (visit.caller.actor(), deps.now_ms());
    let mut after = form.given("after").map(str::to_owned);
    let mut bytes = Vec::new();
    loop {
        let now_ms = deps.now_ms();
        let part = deps
            .people
            .affected(&window, after.as_deref(), &actor, now_ms)
            .await?;
        let csv = part.csv().map_err(|error| Problem::internal(error.to_string()))?;
        bytes.extend(csv);
        after = part.next;
        let is_full = bytes.len() >= FILE_BYTES || now_ms.saturating_sub(began_ms) >= FILE_MS;
        if after.is_none() || is_full {
            break;
        }
    }
    if let Some(after) = after {
        let goes_on = visit
            .w
            .t("BELUM LENGKAP; lanjutkan dari", "NOT COMPLETE; go on from");
        bytes.extend(format!("{goes_on},{after},,,,,\r\n").into_bytes());
    }
    Ok(affected_file(bytes, None))
}
