//! One dish: its variants, its ratings over time and its sales beside them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::money::Money;
use domain::quantity::Quantity;
use edge::http_input::PathParams;
use edge::problem::{MENU_NOT_FOUND, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::exact;
use super::menu::{DishRow, all_stars};
use super::satisfaction::{histogram, label};
use crate::bar::Bar;
use crate::chart::{BarChart, Caption, LineChart, PartBar};
use crate::filter::Filter;
use crate::frame::{Frame, Place};
use crate::measure::Measure;
use crate::parts::Tile;
use crate::range::{Step, total};
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
/// `MENU_NOT_FOUND` when no dish of the period has that key, or the store's failure.
pub(crate) async fn load(deps: &Deps, filter: &Filter, key: &str) -> Result<DishView, Problem> {
    let not_found = || Problem::new(&MENU_NOT_FOUND);
    let name = menu_key::read(key).ok_or_else(not_found)?;
    let buckets = filter.range.read_from(&deps.insights, &filter.scope).await?;
    let insight = total(&buckets)?;
    let menu = insight.menus.get(&name).ok_or_else(not_found)?;
    let dish = DishRow::of(&name, menu, &all_stars(&insight));
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
        from: filter.range.from.to_string(),
        to: filter.range.to.to_string(),
        step: filter.range.step,
        stars: dish.csat.is_shown().then_some(menu.stars.counts),
        variants: variants.collect(),
        points: points.collect(),
        dish,
    })
}

impl DishView {
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
        back: asked.shared(Place::Menu.path(), &[]),
        csv: asked.address(&path, &[("format", "csv")]),
        json: asked.address(&path, &[("format", "json")]),
        view,
    };
    visit.page(page.render())
}
