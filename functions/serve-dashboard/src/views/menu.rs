//! The dishes: what sold and how it was rated, side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::insight::{Insight, MenuInsight};
use domain::money::Money;
use domain::quantity::Quantity;
use domain::satisfaction::{Change, Stars, changes};
use edge::problem::{PARAMETER_INVALID, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::exact;
use crate::bar::{Bar, Field};
use crate::filter::Filter;
use crate::frame::{Frame, Place};
use crate::measure::{Measure, change_name};
use crate::parts::Chip;
use crate::range::{Compared, Detail};
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;
use crate::{Deps, menu_key};

/// The dishes on one page. Documents and downloads have all.
const PAGE: usize = 100;

/// What a dish sold and how it was rated.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SatisfactionMenu)]
pub(crate) struct DishRow {
    /// The dish.
    pub(crate) name: String,
    /// The dish's name as it stands in addresses.
    #[schema(example = "Nasi.20Goreng")]
    pub(crate) key: String,
    /// Its category, where the source names one.
    pub(crate) category: Option<String>,
    /// On how many receipts.
    pub(crate) receipts: u64,
    /// How many were sold, given-back ones included.
    #[serde(serialize_with = "exact")]
    #[schema(value_type = String, example = "12")]
    pub(crate) qty: Quantity,
    /// How many of them were given back.
    #[serde(serialize_with = "exact")]
    #[schema(value_type = String, example = "0")]
    pub(crate) refunded_qty: Quantity,
    /// After discount.
    #[serde(serialize_with = "exact")]
    #[schema(value_type = String, example = "456000")]
    pub(crate) net: Money,
    /// The share of four and five stars.
    pub(crate) csat: Measure,
    /// The same share in as much time before.
    pub(crate) before: Measure,
    /// `up`, `down`, `within_noise` or `too_few`: whether the share changed beyond what chance does. In a list all
    /// dishes are judged together, so that at most one in twenty of the changes is there by chance; a dish by
    /// itself is judged alone (two-proportion test at 95 %).
    pub(crate) change: &'static str,
    /// The mean of one to five stars.
    pub(crate) mean: Measure,
    /// The mean drawn towards that of all dishes the more, the fewer its ratings (Bayesian, ten ratings of all
    /// dishes' mean): what dishes are ranked by.
    pub(crate) ranked: Measure,
}

impl DishRow {
    /// A dish among `all` ratings of dishes, with its ratings in the time before and the verdict on both.
    pub(crate) fn of(
        name: &str,
        menu: &MenuInsight,
        (before, change): (&Stars, Change),
        all: &Stars,
    ) -> Self {
        Self {
            name: name.to_owned(),
            key: menu_key::of(name),
            category: menu.category.clone(),
            receipts: menu.receipts,
            qty: menu.qty,
            refunded_qty: menu.refunded_qty,
            net: menu.net,
            csat: Measure::csat(&menu.stars),
            before: Measure::csat(before),
            change: change_name(change),
            mean: Measure::mean(&menu.stars),
            ranked: Measure::ranked(&menu.stars, all),
        }
    }

    /// Whether the dish is liked more or less than before.
    pub(crate) fn has_moved(&self) -> bool {
        self.change == change_name(Change::Up) || self.change == change_name(Change::Down)
    }

    /// How it differs from the time before.
    pub(crate) fn chip(&self, w: Words) -> Chip {
        Chip::of_change(self.change, w)
    }
}

/// The ratings of a dish in a period; none where the period does not know it.
pub(crate) fn stars_of(insight: &Insight, name: &str) -> Stars {
    insight
        .menus
        .get(name)
        .map_or_else(Stars::default, |menu| menu.stars)
}

/// The ratings of all dishes together.
pub(crate) fn all_stars(insight: &Insight) -> Stars {
    let mut all = Stars::default();
    for menu in insight.menus.values() {
        all.merge(&menu.stars);
    }
    all
}

/// Every dish of a period, by name, judged against the time before.
pub(crate) fn rows(Compared { insight, earlier, .. }: &Compared) -> Vec<DishRow> {
    let all = all_stars(insight);
    let menus = insight.menus.iter();
    let pairs: Vec<(Stars, Stars)> = menus
        .clone()
        .map(|(name, menu)| (stars_of(earlier, name), menu.stars))
        .collect();
    let judged = pairs.iter().zip(changes(&pairs));
    let rows = menus
        .zip(judged)
        .map(|((name, menu), ((before, _), change))| DishRow::of(name, menu, (before, change), &all));
    rows.collect()
}

/// What dishes are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MenuSort)]
pub(crate) enum Sort {
    /// What sold for most first.
    Net,
    /// What was sold most often first.
    Qty,
    /// What guests like best first.
    Best,
    /// What guests like least first.
    Worst,
    /// What fell first, then what rose; the rest by sales.
    Change,
    /// What was rated most often first.
    Ratings,
    /// By name.
    Name,
}

impl Sort {
    const ALL: [Self; 7] = [
        Self::Net,
        Self::Qty,
        Self::Best,
        Self::Worst,
        Self::Change,
        Self::Ratings,
        Self::Name,
    ];

    fn tag(self) -> &'static str {
        match self {
            Self::Net => "net",
            Self::Qty => "qty",
            Self::Best => "best",
            Self::Worst => "worst",
            Self::Change => "change",
            Self::Ratings => "ratings",
            Self::Name => "name",
        }
    }

    fn read(text: Option<&str>) -> Result<Self, Problem> {
        let Some(text) = text else { return Ok(Self::Net) };
        let known = Self::ALL.into_iter().find(|sort| sort.tag() == text);
        known.ok_or_else(|| {
            let known = Self::ALL.map(Self::tag).join(", ");
            let (indonesian, english) = (format!("salah satu dari {known}"), format!("one of {known}"));
            Problem::parameter(&PARAMETER_INVALID, "sort", indonesian, english)
        })
    }

    fn name(self, w: Words) -> &'static str {
        match self {
            Self::Net => w.t("Penjualan", "Sales"),
            Self::Qty => w.t("Jumlah terjual", "Quantity"),
            Self::Best => w.t("Paling disukai", "Best rated"),
            Self::Worst => w.t("Paling tidak disukai", "Worst rated"),
            Self::Change => w.t("Turun dan naik", "Fallen and risen"),
            Self::Ratings => w.t("Banyak nilai", "Number of ratings"),
            Self::Name => w.t("Nama", "Name"),
        }
    }

    /// Sorts dishes; equal ones by name. Dishes without enough ratings are neither best nor worst.
    pub(crate) fn apply(self, rows: &mut [DishRow]) {
        rows.sort_by(|a, b| {
            let order = match self {
                Self::Net => b.net.cmp(&a.net),
                Self::Qty => b.qty.cmp(&a.qty),
                Self::Best => b.ranked.order(&a.ranked),
                Self::Worst => {
                    (b.ranked.is_shown().cmp(&a.ranked.is_shown())).then_with(|| a.ranked.order(&b.ranked))
                }
                Self::Change => {
                    let turn = |row: &DishRow| match row.change {
                        "down" => 0,
                        "up" => 1,
                        _ => 2,
                    };
                    turn(a).cmp(&turn(b)).then_with(|| b.net.cmp(&a.net))
                }
                Self::Ratings => b.csat.n.cmp(&a.csat.n),
                Self::Name => std::cmp::Ordering::Equal,
            };
            order.then_with(|| a.name.cmp(&b.name))
        });
    }
}

/// The dishes of a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SatisfactionMenus)]
pub(crate) struct MenuView {
    /// The outlet; null for all.
    pub(crate) outlet: Option<String>,
    /// The first business date.
    pub(crate) from: String,
    /// The last business date.
    pub(crate) to: String,
    /// What they are sorted by.
    pub(crate) sort: Sort,
    /// The categories there are.
    pub(crate) categories: BTreeSet<String>,
    /// The mean of all ratings of dishes.
    pub(crate) mean: Measure,
    /// The dishes.
    pub(crate) items: Vec<DishRow>,
}

/// Reads the dishes of a filter.
///
/// # Errors
/// `PARAMETER_INVALID` for an unknown sorting, or the store's failure.
pub(crate) async fn load(deps: &Deps, filter: &Filter) -> Result<MenuView, Problem> {
    let sort = Sort::read(filter.asked.sort.as_deref())?;
    let range = &filter.range;
    let compared = range
        .compare(&deps.insights, &filter.scope, Detail::Dishes)
        .await?;
    let mut items = rows(&compared);
    let categories = items.iter().filter_map(|row| row.category.clone()).collect();
    let asked = &filter.asked;
    let wanted = asked.q.as_deref().map(str::to_lowercase);
    items.retain(|row| {
        let fits = asked.category.is_none() || asked.category == row.category;
        fits && wanted
            .as_ref()
            .is_none_or(|wanted| row.name.to_lowercase().contains(wanted))
    });
    sort.apply(&mut items);
    Ok(MenuView {
        outlet: filter.outlet_id().map(str::to_owned),
        from: range.from.to_string(),
        to: range.to.to_string(),
        sort,
        categories,
        mean: Measure::mean(&all_stars(&compared.insight)),
        items,
    })
}

impl MenuView {
    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            w.t("Menu", "Dish"),
            w.t("Kategori", "Category"),
            w.t("Struk", "Receipts"),
            w.t("Terjual", "Quantity"),
            w.t("Dikembalikan", "Refunded"),
            w.t("Penjualan bersih (Rp)", "Net sales (Rp)"),
            w.t("Jumlah nilai", "Ratings"),
            "CSAT",
            w.t("CSAT batas bawah", "CSAT low"),
            w.t("CSAT batas atas", "CSAT high"),
            w.t("Rata-rata", "Mean"),
            w.t("Peringkat (Bayes)", "Ranked (Bayesian)"),
            w.t("CSAT sebelumnya", "CSAT before"),
            w.t("Jumlah nilai sebelumnya", "Ratings before"),
            w.t("Perubahan", "Change"),
        ];
        let rows = self.items.iter().map(|row| {
            let (low, high) = row.csat.bounds();
            vec![
                Cell::text(&row.name),
                Cell::text(row.category.as_deref().unwrap_or_default()),
                Cell::count(row.receipts),
                row.qty.into(),
                row.refunded_qty.into(),
                row.net.into(),
                Cell::count(row.csat.n),
                Cell::number(row.csat.value()),
                Cell::number(low),
                Cell::number(high),
                Cell::number(row.mean.value()),
                Cell::number(row.ranked.value()),
                Cell::number(row.before.value()),
                Cell::count(row.before.n),
                Cell::text(row.chip(w).text),
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
#[template(path = "menu.html")]
struct Page {
    frame: Frame,
    bar: Bar,
    /// The dishes of this page, each with its page's address.
    shown: Vec<(DishRow, String)>,
    /// How many dishes there are in all.
    total: usize,
    next: Option<String>,
    csv: String,
    json: String,
}

/// The menu table.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    let filter = visit.filter(&deps, Scope::FeedbackRead).await?;
    let view = load(&deps, &filter).await?;
    let (w, asked, path) = (visit.w, &filter.asked, Place::Menu.path());
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let categories = view.categories.iter().map(|name| (name.clone(), name.clone()));
    let every = (String::new(), w.t("Semua", "All").to_owned());
    let sorts = Sort::ALL.map(|sort| (sort.tag().to_owned(), sort.name(w).to_owned()));
    let fields = vec![
        Field::words("q", w.t("Cari menu", "Find a dish"), asked.q.as_deref()),
        Field::choice(
            "category",
            w.t("Kategori", "Category"),
            asked.category.as_deref(),
            std::iter::once(every).chain(categories).collect(),
        ),
        Field::choice(
            "sort",
            w.t("Urutkan", "Sort by"),
            Some(view.sort.tag()),
            sorts.to_vec(),
        ),
    ];
    let bar = Bar::new(&deps, &visit.caller, &filter, w, (path, fields)).await?;
    let start: usize = asked
        .after
        .as_deref()
        .and_then(|after| after.parse().ok())
        .unwrap_or(0);
    let some = view.items.iter().skip(start).take(PAGE).cloned();
    let shown: Vec<(DishRow, String)> = some
        .map(|row| {
            let href = asked.shared(&format!("{path}/{}", row.key), &[]);
            (row, href)
        })
        .collect();
    let end = start.saturating_add(shown.len());
    let page = Page {
        frame: visit.frame(Place::Menu, None, asked),
        bar,
        shown,
        total: view.items.len(),
        next: (end < view.items.len()).then(|| asked.address(path, &[("after", &end.to_string())])),
        csv: asked.address(path, &[("format", "csv")]),
        json: asked.address(path, &[("format", "json")]),
    };
    visit.page(page.render())
}
