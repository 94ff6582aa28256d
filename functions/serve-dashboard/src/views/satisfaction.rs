//! Satisfaction over time: the share of satisfied guests with its interval, step by step.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::satisfaction::change;
use edge::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::figures::Figures;
use crate::Deps;
use crate::bar::Bar;
use crate::chart::{Caption, LineChart, PartBar};
use crate::filter::Filter;
use crate::frame::{Frame, Place};
use crate::measure::change_name;
use crate::parts::{Chip, Tile};
use crate::range::{Bucket, Compared, Detail, Step};
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;

/// One step of the time.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SatisfactionPoint)]
pub(crate) struct Point {
    /// The step: `2025-10-28` or `2025-10`.
    pub(crate) at: String,
    /// Its figures.
    #[serde(flatten)]
    pub(crate) figures: Figures,
}

/// Satisfaction of a period, and as much time before it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Satisfaction)]
pub(crate) struct SatisfactionView {
    /// The outlet; null for all.
    pub(crate) outlet: Option<String>,
    /// The first business date.
    pub(crate) from: String,
    /// The last business date.
    pub(crate) to: String,
    /// How it is cut.
    pub(crate) step: Step,
    /// The period as a whole.
    pub(crate) figures: Figures,
    /// As much time before it.
    pub(crate) before: Figures,
    /// `up`, `down`, `within_noise` or `too_few`: whether the share of satisfied guests changed beyond what
    /// chance does (two-proportion test at 95 %).
    pub(crate) change: &'static str,
    /// The period step by step, the earliest first.
    pub(crate) points: Vec<Point>,
}

/// What was read for a period.
pub(crate) struct Loaded {
    /// The period and the time before it, as they are told.
    pub(crate) view: SatisfactionView,
    /// The figures of both.
    pub(crate) compared: Compared,
}

/// Reads the satisfaction of a filter, with or without the dishes.
///
/// # Errors
/// The store's failure.
pub(crate) async fn load(deps: &Deps, filter: &Filter, detail: Detail) -> Result<Loaded, Problem> {
    let range = &filter.range;
    let compared = range.compare(&deps.insights, &filter.scope, detail).await?;
    let (insight, earlier) = (&compared.insight, &compared.earlier);
    let view = SatisfactionView {
        outlet: filter.outlet_id().map(str::to_owned),
        from: range.from.to_string(),
        to: range.to.to_string(),
        step: range.step,
        figures: Figures::from(insight),
        before: Figures::from(earlier),
        change: change_name(change(&earlier.overall, &insight.overall)),
        points: compared.buckets.iter().map(Point::from).collect(),
    };
    Ok(Loaded { view, compared })
}

impl From<&Bucket> for Point {
    fn from(bucket: &Bucket) -> Self {
        Self {
            at: bucket.at.clone(),
            figures: Figures::from(&bucket.insight),
        }
    }
}

impl SatisfactionView {
    /// The chart of the period.
    pub(crate) fn chart(&self, w: Words) -> LineChart {
        let labels: Vec<String> = self.points.iter().map(|point| label(&point.at, w)).collect();
        let marks: Vec<_> = self
            .points
            .iter()
            .map(|point| point.figures.csat.mark())
            .collect();
        let shown = self.points.iter().filter(|point| point.figures.csat.is_shown());
        let best = shown.clone().max_by(|a, b| a.figures.csat.order(&b.figures.csat));
        let worst = shown.clone().min_by(|a, b| a.figures.csat.order(&b.figures.csat));
        let described = match (best, worst) {
            (Some(best), Some(worst)) => format!(
                "{} {} ({}); {} {} ({}).",
                w.t("Tertinggi", "Highest"),
                best.figures.csat.percent(w),
                label(&best.at, w),
                w.t("terendah", "lowest"),
                worst.figures.csat.percent(w),
                label(&worst.at, w),
            ),
            _ => String::new(),
        };
        let caption = Caption {
            id: "csat",
            title: w
                .t("Tamu yang puas, dalam persen", "Satisfied guests, per cent")
                .to_owned(),
            description: described,
            nothing: why_empty(self.figures.receipts > 0, self.figures.csat.n, self.step, w),
            upward: ["100", "75", "50", "25", "0"]
                .map(|part| format!("{part}%"))
                .to_vec(),
        };
        LineChart::new(caption, &labels, &marks)
    }

    /// The four figures that matter, as tiles.
    pub(crate) fn tiles(&self, w: Words) -> Vec<Tile> {
        let figures = &self.figures;
        let of = |n: u64, what: &str| format!("{} {what}", w.count(n));
        let csat = Tile::percent(
            w.t("Tamu puas (CSAT)", "Satisfied guests (CSAT)"),
            &figures.csat,
            of(figures.csat.n, w.t("jawaban", "answers")),
            w,
        );
        let nps = Tile::points(
            w.t("Rekomendasi tamu (NPS)", "Would recommend (NPS)"),
            &figures.nps,
            of(figures.nps.n, w.t("jawaban", "answers")),
            w,
        );
        let mean = Tile::stars(
            w.t("Bintang rata-rata", "Mean stars"),
            &figures.mean,
            of(figures.mean.n, w.t("jawaban", "answers")),
            w,
        );
        let by_page = format!(
            "{} {}; {} {}",
            w.t("dari", "of"),
            of(figures.answerable, w.t("struk", "receipts")),
            figures.completion.percent(w),
            w.t("dari yang membuka halaman", "of those who opened the page"),
        );
        let response = Tile::percent(
            w.t("Yang menjawab", "Response rate"),
            &figures.response,
            by_page,
            w,
        );
        let change = Chip::of_change(self.change, w);
        vec![csat.changed(change), nps, mean, response]
    }

    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            w.t("Tanggal", "Date"),
            w.t("Struk", "Receipts"),
            w.t("Penjualan bersih (Rp)", "Net sales (Rp)"),
            w.t("Jawaban", "Answers"),
            "CSAT",
            w.t("CSAT batas bawah", "CSAT low"),
            w.t("CSAT batas atas", "CSAT high"),
            w.t("Rata-rata", "Mean"),
            "NPS",
            w.t("Jawaban NPS", "NPS answers"),
            w.t("Tingkat respons", "Response rate"),
        ];
        let rows = self.points.iter().map(|Point { at, figures }| {
            let (low, high) = figures.csat.bounds();
            vec![
                Cell::text(at),
                Cell::count(figures.receipts),
                figures.net.into(),
                Cell::count(figures.csat.n),
                Cell::number(figures.csat.value()),
                Cell::number(low),
                Cell::number(high),
                Cell::number(figures.mean.value()),
                Cell::number(figures.nps.value()),
                Cell::count(figures.nps.n),
                Cell::number(figures.response.value()),
            ]
        });
        Sheet {
            name: format!("{}-{}-{}", w.t("kepuasan", "satisfaction"), self.from, self.to),
            header,
            rows: rows.collect(),
        }
    }
}

/// A step in words: a day without its year, or a month.
pub(crate) fn label(at: &str, w: Words) -> String {
    at.parse().map_or_else(|_| w.month(at), |date| w.short_date(date))
}

/// Why a chart of ratings has nothing to draw.
pub(crate) fn why_empty(is_sold: bool, n: u64, step: Step, w: Words) -> &'static str {
    match (is_sold, n, step) {
        (false, 0, _) => w.t(
            "Tidak ada yang terjual pada hari-hari ini.",
            "Nothing was sold on these days.",
        ),
        (true, 0, _) => w.t(
            "Belum ada tamu yang memberi nilai pada hari-hari ini.",
            "No guest has rated on these days yet.",
        ),
        (_, _, Step::Day) => w.t(
            "Tidak ada hari dengan lima nilai atau lebih. Kurang dari lima tidak ditampilkan.",
            "No day has five ratings or more. Fewer than five are not shown.",
        ),
        (_, _, Step::Month) => w.t(
            "Tidak ada bulan dengan lima nilai atau lebih. Kurang dari lima tidak ditampilkan.",
            "No month has five ratings or more. Fewer than five are not shown.",
        ),
    }
}

/// How often each number of stars was given, five first, as a bar each.
pub(crate) fn histogram(stars: Option<[u64; 5]>) -> Vec<(usize, u64, PartBar)> {
    let Some(counts) = stars else { return Vec::new() };
    let all = counts
        .iter()
        .fold(0, |sum: u64, count| sum.saturating_add(*count));
    let rows = (1..).zip(counts);
    let mut rows: Vec<_> = rows
        .map(|(stars, count)| (stars, count, PartBar::new(count, all)))
        .collect();
    rows.reverse();
    rows
}

#[derive(Template)]
#[template(path = "satisfaction.html")]
struct Page {
    frame: Frame,
    bar: Bar,
    tiles: Vec<Tile>,
    chart: LineChart,
    histogram: Vec<(usize, u64, PartBar)>,
    view: SatisfactionView,
    csv: String,
    json: String,
}

/// Satisfaction over time.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    let filter = visit.filter(&deps, Scope::FeedbackRead).await?;
    let Loaded { view, .. } = load(&deps, &filter, Detail::Totals).await?;
    let (w, asked, path) = (visit.w, &filter.asked, Place::Satisfaction.path());
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let page = Page {
        frame: visit.frame(Place::Satisfaction, None, asked),
        bar: Bar::new(&deps, &visit.caller, &filter, w, (path, Vec::new())).await?,
        tiles: view.tiles(w),
        chart: view.chart(w),
        histogram: histogram(view.figures.stars),
        csv: asked.address(path, &[("format", "csv")]),
        json: asked.address(path, &[("format", "json")]),
        view,
    };
    visit.page(page.render())
}
