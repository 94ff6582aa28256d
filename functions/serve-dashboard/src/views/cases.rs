//! Low scores that somebody has to see to: by state of all outlets, or all of one outlet.

use std::sync::Arc;

use askama::Template;
use aws::position::ListPosition;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::case::{Case, CaseState};
use domain::insight::Scope as Whose;
use domain::when::Zone;
use edge::cursor;
use edge::problem::{PARAMETER_INVALID, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::comments::{DishStars, named};
use super::moment;
use super::names::Names;
use crate::Deps;
use crate::bar::{Bar, Field};
use crate::filter::Filter;
use crate::frame::{Frame, Place};
use crate::parts::{Chip, case_name};
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;

/// How many cases a page has.
pub(crate) const PAGE: i32 = 25;
/// How many requests a page takes, at most.
const REQUESTS_MAX: u32 = 8;

/// A low score and where it stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Case)]
pub(crate) struct CaseRow {
    /// The id.
    pub(crate) id: String,
    /// The outlet.
    pub(crate) outlet: String,
    /// The outlet's name, where it has one.
    pub(crate) outlet_name: Option<String>,
    /// The receipt's id.
    pub(crate) receipt: String,
    /// The business date of the receipt.
    pub(crate) date: String,
    /// `open`, `contacted` or `resolved`.
    pub(crate) state: &'static str,
    /// When the low score was given, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) opened_at: i64,
    /// When it was last changed, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) changed_at: i64,
    /// The stars for the visit as a whole, where those are low.
    pub(crate) stars: Option<u8>,
    /// The dishes that were rated low.
    pub(crate) dishes: Vec<DishStars>,
    /// The customer's id, where the receipt has one; never a name or a number.
    pub(crate) customer: Option<String>,
    /// Within how many days the guest came back: 30, 60 or 90; null where they did not.
    pub(crate) recovered_days: Option<u16>,
    /// The day of that visit.
    pub(crate) recovered_on: Option<String>,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) standing: CaseState,
}

impl From<&Case> for CaseRow {
    fn from(case: &Case) -> Self {
        let dishes = case.low.iter().filter_map(|(dish, stars)| {
            let dish = dish.as_ref()?;
            Some(DishStars {
                menu: dish.menu.clone(),
                variant: dish.variant.clone(),
                stars: *stars,
            })
        });
        let visit = case.low.iter().find(|(dish, _)| dish.is_none());
        Self {
            id: case.id.clone(),
            outlet: case.outlet.clone(),
            outlet_name: None,
            receipt: case.receipt.to_string(),
            date: case.receipt.date.to_string(),
            state: case.state.as_str(),
            opened_at: case.opened_ms,
            changed_at: case.changed_ms,
            stars: visit.map(|(_, stars)| *stars),
            dishes: dishes.collect(),
            customer: case.customer.clone(),
            recovered_days: case.recovered.map(|recovered| recovered.days),
            recovered_on: case.recovered.map(|recovered| recovered.on.to_string()),
            standing: case.state,
        }
    }
}

impl CaseRow {
    /// The outlet for people: its name, or else its id.
    pub(crate) fn outlet_label(&self) -> &str {
        self.outlet_name.as_deref().unwrap_or(&self.outlet)
    }

    /// The page of the case.
    pub(crate) fn href(&self) -> String {
        format!("{}/{}/{}", Place::Cases.path(), self.outlet, self.id)
    }

    /// Where it stands.
    pub(crate) fn chip(&self, w: Words) -> Chip {
        Chip::of_case(self.standing, w)
    }

    /// What was rated low, in words.
    pub(crate) fn low(&self, w: Words) -> String {
        let visit = self
            .stars
            .map(|stars| format!("{} {stars} ★", w.t("Kunjungan", "Visit")));
        let dishes = self
            .dishes
            .iter()
            .map(|dish| format!("{} {} ★", named(dish), dish.stars));
        let all: Vec<String> = visit.into_iter().chain(dishes).collect();
        all.join(", ")
    }
}

/// A page of cases.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Cases)]
pub(crate) struct CasesView {
    /// The cases, the latest opened first.
    pub(crate) items: Vec<CaseRow>,
    /// What to give as `after` for the next page; null on the last.
    pub(crate) next: Option<String>,
}

fn read_state(text: Option<&str>) -> Result<Option<CaseState>, Problem> {
    let Some(text) = text.filter(|text| *text != "all") else {
        return Ok(None);
    };
    let state = CaseState::parse(text).map(Some);
    state.ok_or_else(|| {
        let known = CaseState::ALL.map(CaseState::as_str).join(", ");
        let (indonesian, english) = (format!("salah satu dari {known}"), format!("one of {known}"));
        Problem::parameter(&PARAMETER_INVALID, "state", indonesian, english)
    })
}

/// Reads a page of at most `limit` cases: of all outlets those of a state, open ones if none is named;
/// of one outlet those of a state, or all.
///
/// # Errors
/// `PARAMETER_INVALID`, or the store's failure.
pub(crate) async fn load(deps: &Deps, filter: &Filter, limit: i32) -> Result<CasesView, Problem> {
    let mut view = gather(deps, filter, limit, limit).await?;
    let outlets = view.items.iter().map(|case| case.outlet.as_str());
    let names = Names::read(deps, filter, outlets.collect()).await?;
    for case in &mut view.items {
        case.outlet_name = names.get(&case.outlet);
    }
    Ok(view)
}

/// Reads a few of the latest open cases, whose outlets the caller names.
///
/// # Errors
/// The store's failure.
pub(crate) async fn latest_open(deps: &Deps, filter: &Filter, few: i32) -> Result<Vec<CaseRow>, Problem> {
    let mut open = filter.clone();
    open.asked.state = Some(CaseState::Open.as_str().to_owned());
    let mut latest = gather(deps, &open, PAGE, few).await?.items;
    latest.truncate(usize::try_from(few).unwrap_or_default());
    Ok(latest)
}

/// Reads until there are `enough` cases, `limit` at most.
async fn gather(deps: &Deps, filter: &Filter, limit: i32, enough: i32) -> Result<CasesView, Problem> {
    let state = read_state(filter.asked.state.as_deref())?;
    let after = cursor::decode("after", filter.asked.after.as_deref())?;
    let (cases, next) = match &filter.scope {
        Whose::Outlet(outlet) => of_outlet(deps, (outlet, state), after, (limit, enough)).await?,
        Whose::All => {
            let after =
                after.map(|after| ListPosition::parse(&after).ok_or_else(|| cursor::unusable("after")));
            let state = state.unwrap_or(CaseState::Open);
            let (cases, next) = deps
                .cases
                .by_state(state, after.transpose()?.as_ref(), enough)
                .await?;
            (cases, next.map(|next| next.to_string()))
        }
    };
    Ok(CasesView {
        items: cases.iter().map(CaseRow::from).collect(),
        next: next.as_deref().map(cursor::encode),
    })
}

async fn of_outlet(
    deps: &Deps,
    (outlet, state): (&str, Option<CaseState>),
    mut after: Option<String>,
    (limit, enough): (i32, i32),
) -> Result<(Vec<Case>, Option<String>), Problem> {
    let (most, enough) = (usize::try_from(limit), usize::try_from(enough));
    let (most, enough) = (most.unwrap_or_default(), enough.unwrap_or_default());
    let mut items: Vec<Case> = Vec::new();
    for _ in 0..REQUESTS_MAX {
        let left = i32::try_from(most.saturating_sub(items.len())).unwrap_or(limit);
        let (cases, next) = deps.cases.of_outlet(outlet, after.as_deref(), left).await?;
        items.extend(
            cases
                .into_iter()
                .filter(|case| state.is_none_or(|state| case.state == state)),
        );
        after = next;
        if after.is_none() || items.len() >= enough {
            break;
        }
    }
    Ok((items, after))
}

impl CasesView {
    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            w.t("Kasus", "Case"),
            "Outlet",
            w.t("Nama outlet", "Outlet name"),
            w.t("Struk", "Receipt"),
            w.t("Tanggal", "Date"),
            w.t("Keadaan", "State"),
            w.t("Dibuka", "Opened at"),
            w.t("Nilai rendah", "Low ratings"),
            w.t("Kembali dalam hari", "Back within days"),
        ];
        let rows = self.items.iter().map(|case| {
            vec![
                Cell::text(&case.id),
                Cell::text(&case.outlet),
                Cell::text(case.outlet_name.as_deref().unwrap_or_default()),
                Cell::text(&case.receipt),
                Cell::text(&case.date),
                Cell::text(case_name(case.standing, w)),
                Cell::text(domain::when::format_utc(case.opened_at)),
                Cell::text(case.low(w)),
                Cell::number(case.recovered_days),
            ]
        });
        Sheet {
            name: w.t("kasus", "cases").to_owned(),
            header,
            rows: rows.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "cases.html")]
struct Page {
    frame: Frame,
    bar: Bar,
    zone: Zone,
    view: CasesView,
    next: Option<String>,
    csv: String,
    json: String,
}

/// The cases.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    let filter = visit.filter(&deps, Scope::FeedbackRead).await?;
    let view = load(&deps, &filter, PAGE).await?;
    let (w, asked, path) = (visit.w, &filter.asked, Place::Cases.path());
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let states = CaseState::ALL.map(|state| (state.as_str().to_owned(), case_name(state, w).to_owned()));
    // The list of all outlets is kept by state; only an outlet's own can be looked at as a whole.
    let every =
        matches!(filter.scope, Whose::Outlet(_)).then(|| (String::new(), w.t("Semua", "All").to_owned()));
    let fields = vec![Field::choice(
        "state",
        w.t("Keadaan", "State"),
        asked.state.as_deref(),
        every.into_iter().chain(states).collect(),
    )];
    let bar = Bar::new(&deps, &visit.caller, &filter, w, (path, fields)).await?;
    let page = Page {
        frame: visit.frame(Place::Cases, None, asked),
        bar: bar.without_range(&filter),
        zone: filter.zone.clone(),
        next: view
            .next
            .as_ref()
            .map(|next| asked.address(path, &[("after", next)])),
        csv: asked.download(path, "csv"),
        json: asked.download(path, "json"),
        view,
    };
    visit.page(page.render())
}
