//! Taking exports: as a request's body, or through an address to put a large file to.
//!
//! A caller's `Idempotency-Key` is claimed first and together with the object's key. So a request
//! that is repeated, after whatever failure, writes the same bytes to the same place or finds the
//! work done, and answers with the same id.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws::StoreError;
use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use domain::export::{Export, export_id};
use domain::map::is_outlet_id;
use domain::when::format_utc;
use edge::auth::Caller;
use edge::http::Correlation;
use edge::http_input::{JsonBody, Params, RawBody, media_type};
use edge::problem::{BODY_EMPTY, FieldError, PARAMETER_INVALID, Problem};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;
use crate::claims::{Claim, Place, claim, fingerprint, idempotency_key};
use crate::exports::Links;
use crate::media::{
    ending_of_bytes, ending_of_media, ending_of_name, known_media, plain_ending, unsupported,
};

/// How long an address to upload to is good.
const UPLOAD_LIFE: Duration = Duration::from_secs(3600);
/// The longest file name taken, in bytes.
const FILENAME_MAX: usize = 255;
/// What is known of a file that is sent as a body.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SendQuery {
    /// The file's name; its ending helps where the bytes don't tell.
    #[param(max_length = 255)]
    filename: Option<String>,
    /// The outlet of records that do not name one, such as `moka-100818`.
    #[param(pattern = "^(moka|majoo|pos)-[a-z0-9-]+$")]
    outlet: Option<String>,
}

/// The bytes of a file, for the description.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[allow(
    dead_code,
    reason = "bodies are read as bytes; the description needs a type with a name"
)]
pub(crate) struct FileBytes(Vec<u8>);

/// An export that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AcceptedExport)]
pub(crate) struct Accepted {
    /// The export's id.
    id: String,
    /// Where it stands: `accepted` until it is being read.
    state: &'static str,
    /// The object's key.
    key: String,
    /// Where to see what became of it.
    links: Links,
}

/// Takes an export as the request's body, plain or packed with gzip or zstd. The file is read in the
/// background; `links.self` says what became of it.
///
/// The same `Idempotency-Key` with the same content within seven days answers with the same export.
#[utoipa::path(
    post, path = "/v1/exports", tag = "exports",
    params(SendQuery, ("Idempotency-Key" = String, Header, description = "A text of the caller's, new for each file")),
    request_body(content(
        (FileBytes = "application/json"), (FileBytes = "application/x-ndjson"), (FileBytes = "application/gzip"),
        (FileBytes = "application/zstd"), (FileBytes = "application/octet-stream"),
    ), description = "The file's bytes, at most 6 MB with base64 around them"),
    responses(
        (status = 202, body = Accepted, headers(("Location" = String, description = "The export"))),
        (status = 409, description = "`IDEMPOTENCY_KEY_REUSED`: the key stands for other content"),
        (status = 413, description = "`BODY_TOO_LARGE`: use `POST /v1/exports/upload`"),
        (status = 415, description = "`MEDIA_TYPE_UNSUPPORTED`"),
    ),
)]
pub(crate) async fn send_export(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    correlation: Correlation,
    headers: HeaderMap,
    Params(query): Params<SendQuery>,
    RawBody(body): RawBody,
) -> Result<(StatusCode, HeaderMap, Json<Accepted>), Problem> {
    let idempotency_key = idempotency_key(&headers)?;
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media_type(media);
    let by_media = ending_of_media(&media).ok_or_else(unsupported)?;
    check_parameter("filename", query.filename.as_deref(), |name| {
        name.len() <= FILENAME_MAX
    })?;
    check_parameter("outlet", query.outlet.as_deref(), is_outlet_id)?;
    if body.is_empty() {
        return Err(Problem::new(&BODY_EMPTY).detail("Kirim isi berkas.", "Send the file's bytes."));
    }
    let ending = ending_of_bytes(&body)
        .or_else(|| plain_ending(query.filename.as_deref()))
        .unwrap_or(by_media);
    let fingerprint = fingerprint([b"body", text(&query.filename), text(&query.outlet), &body]);
    let place = Place {
        outlet: query.outlet.as_deref(),
        ending,
    };
    let claim = claim(&deps, &caller, idempotency_key, fingerprint, place).await?;
    let export = take(&deps, &claim, &media, correlation, body).await?;
    let accepted = Accepted {
        state: export.state.as_str(),
        links: Links::of(&export.id),
        key: claim.key,
        id: export.id,
    };
    let mut headers = HeaderMap::new();
    let location = format!("/v1/exports/{}", accepted.id);
    headers.insert(
        LOCATION,
        HeaderValue::try_from(location).map_err(|error| Problem::internal(error.to_string()))?,
    );
    Ok((StatusCode::ACCEPTED, headers, Json(accepted)))
}

/// Puts the object and notes that it came, unless a request before this one has done so.
async fn take(
    deps: &Deps,
    claim: &Claim,
    media: &str,
    Correlation(correlation): Correlation,
    body: Bytes,
) -> Result<Export, StoreError> {
    let id = export_id(deps.objects.bucket(), &claim.key);
    if !claim.fresh
        && let Some(known) = deps.ledger.latest(&id).await?
    {
        return Ok(known);
    }
    let media = if media.is_empty() {
        "application/octet-stream"
    } else {
        media
    };
    let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let etag = deps
        .objects
        .put(&claim.key, media, &correlation, body.into())
        .await?;
    let export = Export {
        correlation: Some(correlation),
        ..acceptance(deps, &claim.key, etag, size)
    };
    deps.ledger.accept(&export).await?;
    Ok(export)
}

fn acceptance(deps: &Deps, key: &str, etag: String, size: u64) -> Export {
    Export {
        id: export_id(deps.objects.bucket(), key),
        bucket: deps.objects.bucket().to_owned(),
        key: key.to_owned(),
        etag,
        size,
        received_ms: deps.now_ms(),
        ..Export::default()
    }
}

/// What is known of a file that will be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UploadRequest)]
pub(crate) struct UploadRequest {
    /// The file's name; its ending becomes the object's.
    #[schema(max_length = 255)]
    filename: Option<String>,
    /// The media type that the upload will carry; `application/octet-stream` if not given.
    content_type: Option<String>,
    /// The outlet of records that do not name one, such as `moka-100818`.
    #[schema(pattern = "^(moka|majoo|pos)-[a-z0-9-]+$")]
    outlet: Option<String>,
}

/// A place to put a large file to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UploadPlace)]
pub(crate) struct UploadPlace {
    /// The id that the export will have.
    id: String,
    /// The key that the object will have.
    key: String,
    /// The request that puts the file there.
    upload: UploadCall,
}

/// The request that puts a file into the bucket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UploadCall {
    /// Always `PUT`.
    method: &'static str,
    /// The signed address.
    url: String,
    /// Headers that the request must carry.
    headers: BTreeMap<String, String>,
    /// Until when the address is good.
    expires_at: String,
}

/// Makes an address to put a large file to, good for an hour. The file is read once it is there.
///
/// The same `Idempotency-Key` with the same content answers with a fresh address of the same object.
#[utoipa::path(
    post, path = "/v1/exports/upload", tag = "exports",
    params(("Idempotency-Key" = String, Header, description = "A text of the caller's, new for each file")),
    request_body = UploadRequest,
    responses(
        (status = 201, body = UploadPlace),
        (status = 409, description = "`IDEMPOTENCY_KEY_REUSED`: the key stands for other content"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
pub(crate) async fn begin_upload(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    Correlation(correlation): Correlation,
    headers: HeaderMap,
    JsonBody(request): JsonBody<UploadRequest>,
) -> Result<(StatusCode, Json<UploadPlace>), Problem> {
    let idempotency_key = idempotency_key(&headers)?;
    check_upload(&request)?;
    let media = media_type(
        request
            .content_type
            .as_deref()
            .or(Some("application/octet-stream")),
    );
    let ending = ending_of_name(request.filename.as_deref())
        .or_else(|| ending_of_media(&media))
        .unwrap_or("json");
    let parts = [
        b"upload".as_slice(),
        text(&request.filename),
        text(&request.outlet),
        media.as_bytes(),
    ];
    let place = Place {
        outlet: request.outlet.as_deref(),
        ending,
    };
    let claim = claim(&deps, &caller, idempotency_key, fingerprint(parts), place).await?;
    let id = export_id(deps.objects.bucket(), &claim.key);
    if claim.fresh || deps.ledger.latest(&id).await?.is_none() {
        let export = Export {
            correlation: Some(correlation.clone()),
            ..acceptance(&deps, &claim.key, String::new(), 0)
        };
        deps.ledger.accept(&export).await?;
    }
    let signed = deps
        .objects
        .presign_put(&claim.key, &media, &correlation, UPLOAD_LIFE)
        .await?;
    let life_ms = i64::try_from(UPLOAD_LIFE.as_millis()).unwrap_or_default();
    let upload = UploadCall {
        method: "PUT",
        url: signed.url,
        headers: signed.headers.into_iter().collect(),
        expires_at: format_utc(deps.now_ms().saturating_add(life_ms)),
    };
    Ok((
        StatusCode::CREATED,
        Json(UploadPlace {
            id,
            key: claim.key,
            upload,
        }),
    ))
}

fn check_upload(request: &UploadRequest) -> Result<(), Problem> {
    let mut errors = Vec::new();
    if request
        .filename
        .as_ref()
        .is_some_and(|name| name.len() > FILENAME_MAX)
    {
        let (indonesian, english) = (
            format!("paling panjang {FILENAME_MAX}"),
            format!("at most {FILENAME_MAX} bytes"),
        );
        errors.push(FieldError::at("/filename", "FIELD_INVALID", indonesian, english));
    }
    if request
        .outlet
        .as_deref()
        .is_some_and(|outlet| !is_outlet_id(outlet))
    {
        errors.push(FieldError::at(
            "/outlet",
            "FIELD_INVALID",
            "contoh: moka-100818",
            "for example moka-100818",
        ));
    }
    if request
        .content_type
        .as_deref()
        .is_some_and(|media| ending_of_media(&media_type(Some(media))).is_none())
    {
        let known = known_media();
        errors.push(FieldError::at(
            "/content_type",
            "FIELD_INVALID",
            format!("pilihan: {known}"),
            format!("one of {known}"),
        ));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::fields(errors))
    }
}

fn check_parameter(name: &str, value: Option<&str>, fits: impl Fn(&str) -> bool) -> Result<(), Problem> {
    match value {
        Some(value) if !fits(value) => Err(Problem::parameter(
            &PARAMETER_INVALID,
            name,
            "nilainya tidak sesuai",
            "the value does not fit",
        )),
        _ => Ok(()),
    }
}

fn text(value: &Option<String>) -> &[u8] {
    value.as_deref().unwrap_or_default().as_bytes()
}
