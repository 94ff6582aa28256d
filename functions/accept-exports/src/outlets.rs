//! Outlets: how their days are cut, and what people call them.

use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::map::is_outlet_id;
use domain::name::outlet_id;
use domain::outlet::{Outlet, is_moka_id};
use domain::phone::{PhoneReading, read_phone};
use domain::when::Zone;
use edge::auth::Caller;
use edge::cursor;
use edge::http_input::{JsonBody, Params, PathParams, page_size};
use edge::problem::{FieldError, OUTLET_HAS_SALES, OUTLET_NOT_FOUND, PARAMETER_INVALID, Problem};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Deps;

/// The longest name of an outlet, in characters.
const NAME_MAX: usize = 200;
/// The most placeholder numbers of an outlet.
const PLACEHOLDERS_MAX: usize = 20;
/// The highest rating that can count as a low one: a guest gives 1 to 5.
const LOW_SCORE_MAX: u8 = 5;
/// For how many days a guest's link can hold.
const LINK_DAYS: RangeInclusive<u16> = 1..=365;
/// The latest hour at which a business date may begin.
const CUTOFF_HOUR_MAX: u8 = 12;

/// An outlet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Outlet)]
pub(crate) struct OutletDocument {
    /// The id, such as `moka-100818`.
    id: String,
    /// The name for people; null until somebody or an export gave one.
    name: Option<String>,
    /// The IANA time zone in which the outlet's clocks run.
    zone: String,
    /// The hour at which a new business date begins: sales before it belong to the day before.
    cutoff_hour: u8,
    /// Numbers that cashiers enter to get past a mandatory field, as E.164.
    placeholder_phones: Vec<String>,
    /// Ratings up to this one, of five, open a case and are mailed; 0: none is.
    low_score: u8,
    /// How many days after the business date guests can answer by their link.
    link_days: u16,
    /// Moka's own id of the outlet, whose sales are then fetched from Moka every night; null where they are not.
    moka_id: Option<String>,
}

impl From<Outlet> for OutletDocument {
    fn from(outlet: Outlet) -> Self {
        let (low_score, link_days) = (outlet.low_threshold(), outlet.link_lifetime());
        let Outlet {
            id,
            name,
            zone,
            cutoff_hour,
            placeholder_phones,
            moka_id,
            ..
        } = outlet;
        Self {
            id,
            name,
            zone,
            cutoff_hour,
            placeholder_phones,
            low_score,
            link_days,
            moka_id,
        }
    }
}

/// A page of outlets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutletPage {
    /// The outlets by id.
    items: Vec<OutletDocument>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
}

/// Which page of a listing.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many items, 100 if not given.
    #[param(value_type = Option<i32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

/// Lists the outlets.
#[utoipa::path(
    get, path = "/v1/outlets", tag = "outlets", params(PageQuery), responses((status = 200, body = OutletPage)),
)]
pub(crate) async fn list_outlets(
    State(deps): State<Arc<Deps>>,
    Params(query): Params<PageQuery>,
) -> Result<Json<OutletPage>, Problem> {
    let limit = page_size(query.limit.as_deref(), 100, 200)?;
    let after = cursor::decode("after", query.after.as_deref())?;
    let outlets = deps.outlets.list(after.as_deref(), limit).await?;
    let full = i32::try_from(outlets.len()).is_ok_and(|count| count >= limit);
    let next = outlets
        .last()
        .filter(|_| full)
        .map(|last| cursor::encode(&last.id));
    Ok(Json(OutletPage {
        items: outlets.into_iter().map(Into::into).collect(),
        next,
    }))
}

/// Describes one outlet.
#[utoipa::path(
    get, path = "/v1/outlets/{outlet}", tag = "outlets",
    params(("outlet" = String, Path, description = "The outlet's id")),
    responses((status = 200, body = OutletDocument)),
)]
pub(crate) async fn get_outlet(
    State(deps): State<Arc<Deps>>,
    PathParams(id): PathParams<String>,
) -> Result<Json<OutletDocument>, Problem> {
    let outlet = deps
        .outlets
        .get(&id)
        .await?
        .ok_or_else(|| Problem::new(&OUTLET_NOT_FOUND))?;
    Ok(Json(outlet.into()))
}

/// How an outlet is to be described.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OutletDescription)]
pub(crate) struct OutletRequest {
    /// The name for people.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The IANA time zone, or WIB, WITA or WIT.
    #[schema(example = "Asia/Jakarta")]
    zone: String,
    /// The hour at which a new business date begins.
    #[schema(maximum = 12)]
    cutoff_hour: u8,
    /// Numbers that cashiers enter to get past a mandatory field; stored as E.164.
    #[serde(default)]
    #[schema(max_items = 20)]
    placeholder_phones: Vec<String>,
    /// Ratings up to this one, of five, open a case and are mailed: 2 if not given, 0 for none.
    #[serde(default)]
    #[schema(maximum = 5)]
    low_score: Option<u8>,
    /// How many days after the business date guests can answer by their link: 30 if not given. Links
    /// that are printed already keep their day.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 365)]
    link_days: Option<u16>,
    /// Moka's own id of the outlet, 1 to 19 digits, where its sales are to be fetched from Moka every night. They are
    /// those of the outlet `moka-` and this number, so no other outlet can have it.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{1,19}$", example = "100818")]
    moka_id: Option<String>,
}

/// Describes an outlet: its name, zone and cut-off hour, and how its guests' answers are taken. The zone and the hour decide which day a
/// sale belongs to, so they stay as they are once there are sales.
#[utoipa::path(
    put, path = "/v1/outlets/{outlet}", tag = "outlets",
    params(("outlet" = String, Path, description = "The outlet's id")),
    request_body = OutletRequest,
    responses(
        (status = 200, body = OutletDocument),
        (status = 409, description = "`OUTLET_HAS_SALES`: zone and cut-off hour can't change any more"),
        (status = 422, description = "`BODY_INVALID`"),
    ),
)]
pub(crate) async fn describe_outlet(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
    JsonBody(request): JsonBody<OutletRequest>,
) -> Result<Json<OutletDocument>, Problem> {
    if !is_outlet_id(&id) {
        let english = "moka-, majoo- or pos-, then a-z, 0-9 and -";
        return Err(Problem::parameter(
            &PARAMETER_INVALID,
            "outlet",
            "contoh: moka-100818",
            english,
        ));
    }
    let wanted = checked(&id, request).map_err(Problem::fields)?;
    let known = deps
        .outlets
        .get(&id)
        .await?
        .unwrap_or_else(|| Outlet::undescribed(&id, None, None));
    let cut_differs = known.zone != wanted.zone || known.cutoff_hour != wanted.cutoff_hour;
    if cut_differs && deps.sales.any(&id).await? {
        return Err(Problem::new(&OUTLET_HAS_SALES).detail(
            "Zona waktu dan jam tutup hari tidak bisa diubah setelah ada penjualan.",
            "The zone and the cut-off hour can't change once there are sales.",
        ));
    }
    deps.outlets
        .describe(&wanted, deps.now_ms(), &caller.actor())
        .await?;
    Ok(Json(wanted.into()))
}

fn checked(id: &str, request: OutletRequest) -> Result<Outlet, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut refuse = |pointer: &str, indonesian: &str, english: &str| {
        errors.push(FieldError::at(pointer, "FIELD_INVALID", indonesian, english));
    };
    let name = request.name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        refuse("/name", "1 sampai 200 karakter", "1 to 200 characters");
    }
    let zone = Zone::named(&request.zone);
    if zone.is_err() {
        refuse(
            "/zone",
            "contoh: Asia/Jakarta, WIB, WITA, WIT",
            "for example Asia/Jakarta, WIB, WITA, WIT",
        );
    }
    if request.cutoff_hour > CUTOFF_HOUR_MAX {
        refuse("/cutoff_hour", "0 sampai 12", "0 to 12");
    }
    if request.low_score.is_some_and(|score| score > LOW_SCORE_MAX) {
        refuse("/low_score", "0 sampai 5", "0 to 5");
    }
    if request.link_days.is_some_and(|days| !LINK_DAYS.contains(&days)) {
        refuse("/link_days", "1 sampai 365", "1 to 365");
    }
    let moka_id = request.moka_id.as_deref();
    if let Some((indonesian, english)) = moka_id.and_then(|moka| wrong_moka_id(id, moka)) {
        refuse("/moka_id", indonesian, english);
    }
    if request.placeholder_phones.len() > PLACEHOLDERS_MAX {
        refuse("/placeholder_phones", "paling banyak 20", "at most 20");
    }
    let mut placeholder_phones = Vec::new();
    for (at, phone) in request
        .placeholder_phones
        .iter()
        .enumerate()
        .take(PLACEHOLDERS_MAX)
    {
        match read_phone(phone, &[]) {
            PhoneReading::Valid { e164, .. } => placeholder_phones.push(e164),
            _ => refuse(
                &format!("/placeholder_phones/{at}"),
                "bukan nomor telepon",
                "not a phone number",
            ),
        }
    }
    let (Ok(zone), true) = (zone, errors.is_empty()) else {
        return Err(errors);
    };
    let zone = zone.name().to_owned();
    let name = Some(name.to_owned());
    Ok(Outlet {
        id: id.to_owned(),
        name,
        zone,
        cutoff_hour: request.cutoff_hour,
        placeholder_phones,
        low_score: request.low_score,
        link_days: request.link_days,
        moka_id: request.moka_id,
    })
}

/// What is wrong with Moka's id of an outlet, in Bahasa Indonesia and in English; `None` if nothing is.
fn wrong_moka_id(outlet: &str, moka: &str) -> Option<(&'static str, &'static str)> {
    if !is_moka_id(moka) {
        return Some(("1 sampai 19 angka", "1 to 19 digits"));
    }
    // Moka's payments say whose they are, and are refused at any other outlet.
    (outlet != outlet_id("moka", moka)).then_some((
        "hanya untuk outlet moka- dan nomor itu, misalnya 100818 untuk moka-100818",
        "only for the outlet moka- and that number, such as 100818 for moka-100818",
    ))
}
