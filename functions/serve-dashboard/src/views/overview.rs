//! The overview: how guests feel now, what is loved, what is slipping, and whether last night's sync worked.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::insight::changes;
use domain::satisfaction::Change;
use domain::staff::Outlets;
use domain::when::Zone;
use edge::auth::Caller;
use edge::problem::Problem;
use serde::Serialize;

use super::begin;
use super::cases::{self, CaseRow};
use super::comments::{self, Comment};
use super::findings::{self, OpenFindings};
use super::menu::{DishRow, Sort, rows};
use super::names::Names;
use super::nights::{self, NightRow};
use super::satisfaction::{self, SatisfactionView};
use super::sync::{self, Standing, SyncRow};
use super::topup_reviews;
use crate::Deps;
use crate::bar::{Bar, between};
use crate::chart::LineChart;
use crate::filter::{Asked, Filter};
use crate::frame::{Frame, Place};
use crate::parts::{Chip, Tile, Tone};
use crate::range::{Compared, Detail};
use crate::sheet::{Cell, Sheet};
use crate::visit::{Format, Visit};
use crate::words::Words;

/// How many dishes, cases and comments are shown.
const FEW: usize = 5;
/// The same, for the stores.
const FEW_ITEMS: i32 = 5;
/// How many dishes that fell are shown: they matter most.
const FALLEN: usize = 10;

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

/// The dishes that guests like less, or more, than before: only what is beyond chance.
#[derive(Clone, Debug, Serialize)]
struct Moves {
    /// How many dishes have enough ratings in both periods.
    compared: usize,
    /// Those that fell, the deepest fall first.
    fell: Vec<DishRow>,
    /// Those that rose, the highest rise first.
    rose: Vec<DishRow>,
}

impl Moves {
    /// The moves among the dishes of a period, which come by name.
    fn of(Compared { insight, earlier, .. }: &Compared, dishes: &[DishRow]) -> Self {
        let changes = changes(earlier, insight);
        let all = |change: Change| {
            let moved = changes.dishes.iter().filter(|moved| moved.change == change);
            let place = |name: &str| dishes.binary_search_by(|row| row.name.as_str().cmp(name));
            let rows = moved.filter_map(|moved| dishes.get(place(&moved.menu).ok()?));
            rows.cloned().collect()
        };
        Self {
            compared: changes.compared,
            fell: all(Change::Down),
            rose: all(Change::Up),
        }
    }

    /// The dishes that fell, as many as are shown.
    fn fallen(&self) -> &[DishRow] {
        self.fell.get(..FALLEN).unwrap_or(&self.fell)
    }

    /// The dishes that rose, as many as are shown.
    fn risen(&self) -> &[DishRow] {
        self.rose.get(..FEW).unwrap_or(&self.rose)
    }

    /// How many moved that are not shown.
    fn more(&self) -> usize {
        let all = self.fell.len().saturating_add(self.rose.len());
        let shown = self.fallen().len().saturating_add(self.risen().len());
        all.saturating_sub(shown)
    }
}

/// What the overview tells.
#[derive(Clone, Debug, Serialize)]
struct Overview {
    #[serde(flatten)]
    satisfaction: SatisfactionView,
    /// The dishes that fell or rose.
    moves: Moves,
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
    /// The latest night; null before the first one, and for those who don't see every outlet.
    last_night: Option<NightRow>,
    /// How many findings wait for somebody; null for those who may not see them.
    findings: Option<OpenFindings>,
    /// How many top-ups wait for a decision; null for those who may not see them.
    topups: Option<OpenFindings>,
}

async fn load(deps: &Deps, caller: &Caller, filter: &Filter) -> Result<Overview, Problem> {
    // Last night is last night, whatever days the rest is about.
    let mut lately = filter.clone();
    lately.asked.to = None;
    let (satisfaction, mut cases, mut comments, night, (last_night, findings), topups) = tokio::try_join!(
        satisfaction::load(deps, filter, Detail::Dishes),
        cases::latest_open(deps, filter, FEW_ITEMS),
        comments::newest(deps, filter, FEW_ITEMS),
        sync::glance(deps, &lately),
        duties(deps, caller, filter),
        waiting_topups(deps, caller),
    )?;
    name_outlets(deps, filter, (&mut cases, &mut comments)).await?;
    let mut dishes = rows(&satisfaction.compared);
    let moves = Moves::of(&satisfaction.compared, &dishes);
    dishes.retain(|row| row.ranked.is_shown());
    let (best, worst) = ends(dishes);
    Ok(Overview {
        satisfaction: satisfaction.view,
        moves,
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
        last_night,
        findings,
        topups,
    })
}

/// How the latest night ended and how many findings are open, as far as the caller may know.
async fn duties(
    deps: &Deps,
    caller: &Caller,
    filter: &Filter,
) -> Result<(Option<NightRow>, Option<OpenFindings>), Problem> {
    if !caller.may(Scope::SalesRead) {
        return Ok((None, None));
    }
    let latest = async {
        match caller.outlets() {
            Outlets::All => nights::latest(deps).await,
            Outlets::Only(_) => Ok(None),
        }
    };
    let (latest, open) = tokio::try_join!(latest, findings::count_open(deps, filter))?;
    Ok((latest, Some(open)))
}

/// How many top-ups wait for a decision, as far as the caller may know.
async fn waiting_topups(deps: &Deps, caller: &Caller) -> Result<Option<OpenFindings>, Problem> {
    if !caller.may_everywhere(Scope::TopupsRead) {
        return Ok(None);
    }
    topup_reviews::count(deps).await.map(Some)
}

/// Names the outlets of cases and comments, with one read for both.
async fn name_outlets(
    deps: &Deps,
    filter: &Filter,
    (cases, comments): (&mut [CaseRow], &mut [Comment]),
) -> Result<(), Problem> {
    let cases_of = cases.iter().map(|case| case.outlet.as_str());
    let comments_of = comments.iter().map(|comment| comment.outlet.as_str());
    let names = Names::read(deps, filter, cases_of.chain(comments_of).collect()).await?;
    for case in cases {
        case.outlet_name = names.get(&case.outlet);
    }
    for comment in comments {
        comment.outlet_name = names.get(&comment.outlet);
    }
    Ok(())
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

impl OpenFindings {
    fn chip(self, w: Words) -> Chip {
        let more = if self.more { "+" } else { "" };
        match (self.open, self.more) {
            (0, false) => Chip::new(Tone::Good, "✓", w.t("tidak ada", "none")),
            (0, true) => Chip::new(Tone::Plain, "–", w.t("tidak ada yang baru", "no recent ones")),
            (open, _) => Chip::new(Tone::Bad, "!", format!("{open}{more} {}", w.t("terbuka", "open"))),
        }
    }
}

impl Night {
    fn chip(&self, w: Words) -> Chip {
        // The chip says what was looked at: the first outlets, where there are more.
        let outlets = match (self.more, self.outlets) {
            (false, all) => format!("{all} outlet"),
            (true, first) => w
                .t("{} outlet pertama", "the first {} outlets")
                .replace("{}", &first.to_string()),
        };
        let text = format!("{} {} {outlets}", self.received, w.t("dari", "of"));
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
    /// The days before, in words; none before the beginning of time.
    compared_with: Option<String>,
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

    /// The outlets that last night's sync has trouble with, among all of them.
    fn trouble(&self) -> String {
        let changes = [("status", "trouble"), ("from", ""), ("to", "")];
        self.asked.shared(Place::Sync.path(), &changes)
    }

    /// The menu table with the dishes that moved first.
    fn moved(&self) -> String {
        let path = Place::Menu.path();
        self.asked.shared(path, &[("sort", "change")])
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
    let view = load(&deps, &visit.caller, &filter).await?;
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
        compared_with: filter
            .range
            .before()
            .map(|before| between(before.from, before.to, w)),
        zone: filter.zone.clone(),
        asked: asked.clone(),
        csv: asked.address(path, &[("format", "csv")]),
        json: asked.address(path, &[("format", "json")]),
        view,
    };
    visit.page(page.render())
}
