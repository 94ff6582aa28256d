//! One dish: its variants, its ratings over time and its sales beside them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::insight::MenuInsight;
use domain::money::Money;
use domain::quantity::Quantity;
use domain::satisfaction::change;
use edge::http_input::PathParams;
use edge::problem::{MENU_NOT_FOUND, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::exact;
use super::menu::{DishRow, all_stars, stars_of};
use super::satisfaction::{histogram, label, why_empty};
use crate::bar::{Bar, between};
use crate::chart::{BarChart, Caption, LineChart, PartBar};
use crate::filter::Filter;
use crate::frame::{Frame, Place};
use crate::measure::Measure;
use crate::parts::Tile;
use crate::range::{Compared, Detail, Step};
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;
use crate::{Deps, menu_key};

/// What one variant of a dish sold and how it was rated.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SatisfactionVariant)]
pub(crate) struct VariantRow {
    /// The variant; empty for the dish without one.
    pub(crate) name: String,
    /// How many were sold.
    #[serde(serialize_with = "exact")]
    #[schema(value_type = String, example = "12")]
    pub(crate) qty: Quantity,
    /// After discount.
    #[serde(serialize_with = "exact")]
    #[schema(value_type = String, example = "456000")]
    pub(crate) net: Money,
    /// The share of four and five stars.
    pub(crate) csat: Measure,
    /// The mean of one to five stars.
    pub(crate) mean: Measure,
}

/// One step of a dish's time.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SatisfactionDishPoint)]
pub(crate) struct DishPoint {
    /// The step: `2025-10-28` or `2025-10`.
    pub(crate) at: String,
    /// How many were sold.
    #[serde(serialize_with = "exact")]
    #[schema(value_type = String, example = "3")]
    pub(crate) qty: Quantity,
    /// After discount.
    #[serde(serialize_with = "exact")]
    #[schema(value_type = String, example = "114000")]
    pub(crate) net: Money,
    /// The share of four and five stars.
    pub(crate) csat: Measure,
    /// The mean of one to five stars.
    pub(crate) mean: Measure,
}

/// One dish of a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SatisfactionDish)]
pub(crate) struct DishView {
    /// The outlet; null for all.
    pub(crate) outlet: Option<String>,
    /// The first business date.
    pub(crate) from: String,
    /// The last business date.
    pub(crate) to: String,
    /// How it is cut.
    pub(crate) step: Step,
    /// The dish.
    #[serde(flatten)]
    pub(crate) dish: DishRow,
    /// How often one to five stars were given; null below five ratings.
    #[schema(min_items = 5, max_items = 5)]
    pub(crate) stars: Option<[u64; 5]>,
    /// Its variants, by name.
    pub(crate) variants: Vec<VariantRow>,
    /// The period step by step, the earliest first.
    pub(crate) points: Vec<DishPoint>,
}

/// Reads the dish of a key.
///
/// # Errors
/// `MENU_NOT_FOUND` when no dish of the period or of the time before it has that key, or the store's failure.
pub(crate) async fn load(deps: &Deps, filter: &Filter, key: &str) -> Result<DishView, Problem> {
    let name = menu_key::read(key).ok_or_else(not_found)?;
    let range = &filter.range;
    let Compared {
        buckets,
        insight,
        earlier,
    } = range
        .compare(&deps.insights, &filter.scope, Detail::Dishes)
        .await?;
    let menu = match (insight.menus.get(&name), earlier.menus.get(&name)) {
        (Some(menu), _) => menu.clone(),
        // It is a dish, only not of these days: its page says so.
        (None, Some(known)) => MenuInsight {
            category: known.category.clone(),
            ..MenuInsight::default()
        },
        (None, None) => return Err(not_found()),
    };
    let before = stars_of(&earlier, &name);
    let verdict = change(&before, &menu.stars);
    let dish = DishRow::of(&name, &menu, (&before, verdict), &all_stars(&insight));
    let variants = menu.variants.iter().map(|(name, variant)| VariantRow {
        name: name.clone(),
        qty: variant.qty,
        net: variant.net,
        csat: Measure::csat(&variant.stars),
        mean: Measure::mean(&variant.stars),
    });
    let points = buckets.iter().map(|bucket| {
        let menu = bucket.insight.menus.get(&name).cloned().unwrap_or_default();
        DishPoint {
            at: bucket.at.clone(),
            qty: menu.qty,
            net: menu.net,
            csat: Measure::csat(&menu.stars),
            mean: Measure::mean(&menu.stars),
        }
    });
    Ok(DishView {
        outlet: filter.outlet_id().map(str::to_owned),
        from: range.from.to_string(),
        to: range.to.to_string(),
        step: range.step,
        stars: dish.csat.is_shown().then_some(menu.stars.counts),
        variants: variants.collect(),
        points: points.collect(),
        dish,
    })
}

fn not_found() -> Problem {
    Problem::new(&MENU_NOT_FOUND).detail(
        "Menu ini tidak terjual pada hari-hari yang dipilih. Pilih tanggal atau outlet lain.",
        "This dish was not sold on the chosen days. Choose other dates or another outlet.",
    )
}

impl DishView {
    fn is_sold(&self) -> bool {
        self.dish.qty != Quantity::ZERO
    }

    /// Whether the dish is liked more or less than before, in words.
    fn verdict(&self, w: Words) -> &'static str {
        match self.dish.change {
            "up" => w.t(
                "Naik: lebih banyak tamu puas daripada sebelumnya, di luar kebetulan.",
                "Up: more guests are satisfied than before, beyond chance.",
            ),
            "down" => w.t(
                "Turun: lebih sedikit tamu puas daripada sebelumnya, di luar kebetulan.",
                "Down: fewer guests are satisfied than before, beyond chance.",
            ),
            "within_noise" => w.t(
                "Tidak jelas naik atau turun: bedanya bisa saja kebetulan.",
                "Not clearly up or down: the difference may be chance.",
            ),
            _ => w.t(
                "Terlalu sedikit nilai untuk dibandingkan: perlu lima pada kedua masa.",
                "Too few ratings to compare: five are needed in both periods.",
            ),
        }
    }

    fn ratings(&self, w: Words) -> LineChart {
        let labels: Vec<String> = self.points.iter().map(|point| label(&point.at, w)).collect();
        let marks: Vec<_> = self.points.iter().map(|point| point.csat.mark()).collect();
        let shown = marks.iter().flatten().count();
        let caption = Caption {
            id: "dish-csat",
            title: w
                .t(
                    "Nilai empat dan lima bintang, dalam persen",
                    "Four and five stars, per cent",
                )
                .to_owned(),
            description: format!(
                "{} {} {} {}.",
                shown,
                w.t("dari", "of"),
                marks.len(),
                w.t("titik punya cukup nilai", "points have enough ratings"),
            ),
            nothing: why_empty(self.is_sold(), self.dish.csat.n, self.step, w),
            upward: ["100", "75", "50", "25", "0"]
                .map(|part| format!("{part}%"))
                .to_vec(),
        };
        LineChart::new(caption, &labels, &marks)
    }

    fn sales(&self, w: Words) -> BarChart {
        let labels: Vec<String> = self.points.iter().map(|point| label(&point.at, w)).collect();
        let amounts: Vec<i64> = self.points.iter().map(|point| point.net.raw()).collect();
        let most = self
            .points
            .iter()
            .map(|point| point.net)
            .max()
            .unwrap_or_default();
        let caption = Caption {
            id: "dish-sales",
            title: w.t("Penjualan bersih", "Net sales").to_owned(),
            description: format!("{} {}.", w.t("Tertinggi", "Highest"), w.rupiah(most)),
            nothing: if self.is_sold() {
                w.t(
                    "Terjual, tetapi tanpa nilai penjualan.",
                    "Sold, but for no money.",
                )
            } else {
                w.t(
                    "Tidak ada yang terjual pada hari-hari ini.",
                    "Nothing was sold on these days.",
                )
            },
            upward: vec![w.rupiah(most), "0".to_owned()],
        };
        BarChart::new(caption, &labels, &amounts)
    }

    fn tiles(&self, w: Words) -> Vec<Tile> {
        let basis = format!("{} {}", w.count(self.dish.csat.n), w.t("nilai", "ratings"));
        vec![
            Tile::percent(w.t("Puas", "Satisfied"), &self.dish.csat, basis.clone(), w),
            Tile::stars(w.t("Bintang rata-rata", "Mean stars"), &self.dish.mean, basis, w),
        ]
    }

    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            w.t("Tanggal", "Date"),
            w.t("Terjual", "Quantity"),
            w.t("Penjualan bersih (Rp)", "Net sales (Rp)"),
            w.t("Jumlah nilai", "Ratings"),
            "CSAT",
            w.t("CSAT batas bawah", "CSAT low"),
            w.t("CSAT batas atas", "CSAT high"),
            w.t("Rata-rata", "Mean"),
        ];
        let rows = self.points.iter().map(|point| {
            let (low, high) = point.csat.bounds();
            vec![
                Cell::text(&point.at),
                point.qty.into(),
                point.net.into(),
                Cell::count(point.csat.n),
                Cell::number(point.csat.value()),
                Cell::number(low),
                Cell::number(high),
                Cell::number(point.mean.value()),
            ]
        });
        Sheet {
            name: format!("menu-{}-{}", self.from, self.to),
            header,
            rows: rows.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "dish.html")]
struct Page {
    frame: Frame,
    bar: Bar,
    tiles: Vec<Tile>,
    ratings: LineChart,
    sales: BarChart,
    histogram: Vec<(usize, u64, PartBar)>,
    verdict: &'static str,
    /// The days before, in words; none before the beginning of time.
    compared_with: Option<String>,
    view: DishView,
    back: String,
    csv: String,
    json: String,
}

/// The page of a dish.
pub(crate) async fn page(
    State(deps): State<Arc<Deps>>,
    PathParams(key): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    let filter = visit.filter(&deps, Scope::FeedbackRead).await?;
    let view = load(&deps, &filter, &key).await?;
    let (w, asked) = (visit.w, &filter.asked);
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let path = format!("{}/{key}", Place::Menu.path());
    let page = Page {
        frame: visit.frame(Place::Menu, Some(view.dish.name.clone()), asked),
        bar: Bar::new(&deps, &visit.caller, &filter, w, (&path, Vec::new())).await?,
        tiles: view.tiles(w),
        ratings: view.ratings(w),
        sales: view.sales(w),
        histogram: histogram(view.stars),
        verdict: view.verdict(w),
        compared_with: filter
            .range
            .before()
            .map(|before| between(before.from, before.to, w)),
        back: asked.shared(Place::Menu.path(), &[]),
        csv: asked.address(&path, &[("format", "csv")]),
        json: asked.address(&path, &[("format", "json")]),
        view,
    };
    visit.page(page.render())
}
