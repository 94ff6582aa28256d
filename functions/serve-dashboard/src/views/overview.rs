//! The overview: how guests feel now, what is loved, what is slipping, and whether last night's sync worked.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::when::Zone;
use edge::problem::Problem;
use serde::Serialize;

use super::begin;
use super::cases::{self, CaseRow};
use super::comments::{self, Comment};
use super::menu::{DishRow, Sort, rows};
use super::satisfaction::{self, SatisfactionView};
use super::sync::{self, Standing, SyncRow};
use crate::Deps;
use crate::bar::Bar;
use crate::chart::LineChart;
use crate::filter::{Asked, Filter};
use crate::frame::{Frame, Place};
use crate::parts::{Chip, Tile, Tone};
use crate::sheet::{Cell, Sheet};
use crate::visit::{Format, Visit};
use crate::words::Words;

/// How many dishes, cases and comments are shown.
const FEW: usize = 5;
/// The same, for the stores.
const FEW_ITEMS: i32 = 5;

/// How last night's sync went, over the first outlets.
#[derive(Clone, Debug, Serialize)]
struct Night {
    /// The business date.
    date: String,
    /// Outlets whose sales came in, late ones among them.
    received: usize,
    /// Outlets looked at.
    outlets: usize,
    /// Whether there are more outlets than were looked at.
    more: bool,
    /// The outlets whose sales are missing.
    missing: Vec<String>,
}

/// What the overview tells.
#[derive(Clone, Debug, Serialize)]
struct Overview {
    #[serde(flatten)]
    satisfaction: SatisfactionView,
    /// The dishes that guests like best.
    best: Vec<DishRow>,
    /// The dishes that guests like least.
    worst: Vec<DishRow>,
    /// The latest open cases.
    cases: Vec<CaseRow>,
    /// The latest comments.
    comments: Vec<Comment>,
    /// How last night's sync went.
    sync: Night,
}

async fn load(deps: &Deps, filter: &Filter) -> Result<Overview, Problem> {
    // Last night is last night, whatever days the rest is about.
    let mut lately = filter.clone();
    lately.asked.to = None;
    let (satisfaction, cases, comments, night) = tokio::try_join!(
        satisfaction::load(deps, filter),
        cases::latest_open(deps, filter, FEW_ITEMS),
        comments::newest(deps, filter, FEW_ITEMS),
        sync::glance(deps, &lately),
    )?;
    let rated: Vec<DishRow> = rows(&satisfaction.insight)
        .into_iter()
        .filter(|row| row.ranked.is_shown())
        .collect();
    let (best, worst) = ends(rated);
    Ok(Overview {
        satisfaction: satisfaction.view,
        best,
        worst,
        cases,
        comments,
        sync: Night {
            received: night
                .count(Standing::Received)
                .saturating_add(night.count(Standing::Late)),
            outlets: night.items.len(),
            more: night.next.is_some(),
            missing: named(&night.items, Standing::Missing),
            date: night.date,
        },
    })
}

fn named(rows: &[SyncRow], standing: Standing) -> Vec<String> {
    let some = rows.iter().filter(|row| row.status == standing).take(FEW);
    some.map(|row| row.label().to_owned()).collect()
}

/// The best and the worst dishes; none is both.
fn ends(mut rated: Vec<DishRow>) -> (Vec<DishRow>, Vec<DishRow>) {
    Sort::Best.apply(&mut rated);
    let half = rated.len().div_ceil(2).min(FEW);
    let mut worst = rated.split_off(half);
    Sort::Worst.apply(&mut worst);
    worst.truncate(FEW);
    (rated, worst)
}

impl Overview {
    fn sheet(&self, w: Words) -> Sheet {
        let figures = &self.satisfaction.figures;
        let shares = [
            ("CSAT", &figures.csat),
            ("NPS", &figures.nps),
            (w.t("Rata-rata bintang", "Mean stars"), &figures.mean),
            (
                w.t("Respons per struk", "Response by receipts"),
                &figures.response,
            ),
            (
                w.t("Respons per halaman", "Response by pages opened"),
                &figures.completion,
            ),
        ];
        let rows = shares.map(|(name, measure)| {
            let (low, high) = measure.bounds();
            vec![
                Cell::text(name),
                Cell::number(measure.value()),
                Cell::number(low),
                Cell::number(high),
                Cell::count(measure.n),
            ]
        });
        let (from, to) = (&self.satisfaction.from, &self.satisfaction.to);
        Sheet {
            name: format!("{}-{from}-{to}", w.t("ringkasan", "overview")),
            header: vec![
                w.t("Ukuran", "Measure"),
                w.t("Nilai", "Value"),
                w.t("Batas bawah", "Low"),
                w.t("Batas atas", "High"),
                "n",
            ],
            rows: rows.to_vec(),
        }
    }
}

impl Night {
    fn chip(&self, w: Words) -> Chip {
        let text = format!("{} {} {} outlet", self.received, w.t("dari", "of"), self.outlets);
        if self.missing.is_empty() && self.more {
            // What was not looked at is not good.
            Chip::new(Tone::Plain, "…", text)
        } else if self.missing.is_empty() {
            Chip::new(Tone::Good, "✓", text)
        } else {
            Chip::new(Tone::Bad, "✕", text)
        }
    }
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    frame: Frame,
    bar: Bar,
    tiles: Vec<Tile>,
    chart: LineChart,
    night: Chip,
    night_date: String,
    zone: Zone,
    view: Overview,
    asked: Asked,
    csv: String,
    json: String,
}

impl Page {
    fn to(&self, path: &str) -> String {
        self.asked.shared(path, &[])
    }

    fn dish(&self, row: &DishRow) -> String {
        self.to(&format!("{}/{}", Place::Menu.path(), row.key))
    }
}

/// The overview, or how to begin.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::FeedbackRead)?;
    if visit.format == Format::Page && begin::is_due(&deps).await? {
        let begin = begin::Page {
            frame: visit.frame(Place::Overview, None, &visit.asked),
            url: deps.public_url().to_owned(),
        };
        return visit.page(begin.render());
    }
    let filter = visit.filter(&deps, Scope::FeedbackRead).await?;
    let view = load(&deps, &filter).await?;
    let (w, asked, path) = (visit.w, &filter.asked, Place::Overview.path());
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let date = &view.sync.date;
    let page = Page {
        frame: visit.frame(Place::Overview, None, asked),
        bar: Bar::new(&deps, &visit.caller, &filter, w, (path, Vec::new())).await?,
        tiles: view.satisfaction.tiles(w),
        chart: view.satisfaction.chart(w),
        night: view.sync.chip(w),
        night_date: date.parse().map_or_else(|_| date.clone(), |date| w.date(date)),
        zone: filter.zone.clone(),
        asked: asked.clone(),
        csv: asked.address(path, &[("format", "csv")]),
        json: asked.address(path, &[("format", "json")]),
        view,
    };
    visit.page(page.render())
}
