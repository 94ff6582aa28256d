//! A partner's day: the statement that the partner gets, with the orders that it is made of.

use std::sync::Arc;

use askama::Template;
use aws::topups::Filter;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::topup::partner::{DayTotals, Totals, is_id};
use domain::topup::state::State as OrderState;
use domain::topup::window::{wib_bounds, wib_date};
use domain::when::{BusinessDate, Zone, format_utc};
use edge::cursor;
use edge::http_input::{PathParams, one_of, read_date};
use edge::problem::{Problem, TOPUP_PARTNER_UNKNOWN};
use serde::Serialize;

use super::topup_reviews::{TopupRow, check_may, sees_numbers};
use super::topup_words::state_name;
use crate::Deps;
use crate::filter::Asked;
use crate::frame::{Frame, Place};
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;

/// How many orders a page has.
const PAGE: i32 = 100;

/// The page of a partner's day; of today, if nothing is said.
pub(crate) fn href(partner: &str) -> String {
    format!("{}/partners/{partner}", Place::Topups.path())
}

/// The parts of a day with their labels: how many orders, and what they come to.
pub(crate) fn parts(day: &DayTotals, w: Words) -> Vec<(&'static str, String)> {
    let told = |totals: Totals| {
        let orders = u64::try_from(totals.orders).unwrap_or_default();
        format!("{} · {}", w.count(orders), w.whole_rupiah(totals.rupiah))
    };
    vec![
        (w.t("Diterima", "Taken"), told(day.taken)),
        (w.t("Berhasil", "Delivered"), told(day.delivered)),
        (w.t("Gagal", "Failed"), told(day.failed)),
        (w.t("Ternyata gagal", "Failed after all"), told(day.reversed)),
        (w.t("Belum selesai", "Not over"), told(day.open())),
    ]
}

/// A partner's day with the figures that the partner is told, and a page of its orders. Amounts are whole rupiah.
#[derive(Debug, Serialize)]
struct DayView {
    /// The date in Jakarta on which the orders were taken.
    date: String,
    /// The partner.
    partner: String,
    /// Its name.
    name: String,
    /// Whether it may still change: the day is not over, or an order of it is open.
    provisional: bool,
    /// What the orders came to.
    #[serde(flatten)]
    totals: DayTotals,
    /// What is neither delivered nor failed nor taken back yet.
    open: Totals,
    /// The state of the orders below; null where they are of all states.
    state: Option<&'static str>,
    /// The orders, the latest first.
    items: Vec<TopupRow>,
    /// What to give as `after` for the next page; null on the last.
    next: Option<String>,
    /// Whether there are other pages of the same orders.
    #[serde(skip)]
    is_part: bool,
}

/// Which orders of which day are asked for.
struct Wanted {
    date: BusinessDate,
    state: Option<OrderState>,
    after: Option<String>,
}

impl Wanted {
    fn read(asked: &Asked, now_ms: i64) -> Result<Self, Problem> {
        let date = asked.date.as_deref().map(|date| read_date("date", date));
        Ok(Self {
            date: date.transpose()?.unwrap_or_else(|| wib_date(now_ms)),
            state: asked.state.as_deref().map(read_state).transpose()?,
            after: cursor::decode("after", asked.after.as_deref())?,
        })
    }
}

fn read_state(text: &str) -> Result<OrderState, Problem> {
    let all = OrderState::ALL.map(|state| (state.as_str(), state));
    one_of("state", text, &all)
}

async fn load(deps: &Deps, partner: &str, wanted: &Wanted, decides: bool) -> Result<DayView, Problem> {
    let (unknown, now_ms) = (|| Problem::new(&TOPUP_PARTNER_UNKNOWN), deps.now_ms());
    if !is_id(partner) {
        return Err(unknown());
    }
    let (from_ms, to_ms) = wib_bounds(wanted.date);
    let filter = Filter {
        from_ms,
        to_ms,
        state: wanted.state,
    };
    let (found, totals) = tokio::try_join!(
        deps.catalogue.partner(partner),
        deps.topups.day(partner, wanted.date)
    )?;
    let found = found.ok_or_else(unknown)?;
    let list = deps
        .topups
        .list(partner, &filter, wanted.after.as_deref(), PAGE)
        .await;
    let (orders, next) = list.map_err(cursor::refused)?;
    Ok(DayView {
        date: wanted.date.to_string(),
        partner: found.id,
        name: found.name,
        provisional: totals.is_provisional(wanted.date, now_ms),
        open: totals.open(),
        totals,
        state: wanted.state.map(OrderState::as_str),
        items: orders.iter().map(|order| TopupRow::of(order, decides)).collect(),
        is_part: wanted.after.is_some() || next.is_some(),
        next: next.as_deref().map(cursor::encode),
    })
}

impl DayView {
    /// The name of a download: which day and state, and whether it has a part of the orders only.
    fn file_name(&self, w: Words) -> String {
        let name = format!("{}-{}-{}", w.t("isi-ulang", "topups"), self.partner, self.date);
        let part = self.is_part.then(|| w.t("bagian", "part"));
        let words = self.state.into_iter().chain(part);
        words.fold(name, |name, word| format!("{name}-{word}"))
    }

    fn sheet(&self, w: Words) -> Sheet {
        let or_empty = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or_default());
        let rows = self.items.iter().map(|row| {
            vec![
                Cell::text(&row.refid),
                or_empty(&row.reference),
                Cell::text(format_utc(row.accepted_at)),
                Cell::text(&row.product),
                Cell::text(&row.destination),
                Cell::number(Some(row.price)),
                Cell::number(row.charged),
                Cell::text(state_name(row.standing.0, w)),
                Cell::text(row.failure.unwrap_or_default()),
            ]
        });
        Sheet {
            name: self.file_name(w),
            header: vec![
                w.t("Pesanan", "Order"),
                w.t("Catatan mitra", "Partner's reference"),
                w.t("Waktu", "Time"),
                w.t("Produk", "Product"),
                w.t("Nomor tujuan", "Destination"),
                w.t("Harga mitra", "Partner pays"),
                w.t("Ditagih pemasok", "Supplier charged"),
                w.t("Keadaan", "State"),
                w.t("Alasan gagal", "Failed because"),
            ],
            rows: rows.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "topup_day.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    view: DayView,
    day: String,
    parts: Vec<(&'static str, String)>,
    /// The states to choose from, with their names.
    states: Vec<(&'static str, &'static str)>,
    /// The state that was chosen.
    state: &'static str,
    next: Option<String>,
    back: String,
    /// Where its form goes.
    here: String,
    asked: Asked,
    csv: String,
    json: String,
}

impl Page {
    fn is_chosen(&self, state: &str) -> bool {
        self.state == state
    }
}

/// A partner's day.
pub(crate) async fn page(
    State(deps): State<Arc<Deps>>,
    PathParams(partner): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::TopupsRead)?;
    let (w, asked) = (visit.w, &visit.asked);
    let wanted = Wanted::read(asked, deps.now_ms())?;
    let view = load(&deps, &partner, &wanted, sees_numbers(&visit.caller)).await?;
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let here = href(&view.partner);
    // The page of today is downloaded as the page of that date, also after midnight.
    let shown = Asked {
        date: Some(view.date.clone()),
        ..asked.clone()
    };
    let states = OrderState::ALL.map(|state| (state.as_str(), state_name(state, w)));
    let page = Page {
        frame: visit.frame(Place::Topups, Some(view.name.clone()), asked),
        zone: Zone::default(),
        day: w.written_day(&view.date),
        parts: parts(&view.totals, w),
        states: states.to_vec(),
        state: wanted.state.map_or("", OrderState::as_str),
        next: view
            .next
            .as_ref()
            .map(|next| shown.address(&here, &[("after", next)])),
        back: asked.shared(Place::Topups.path(), &[]),
        asked: asked.clone(),
        csv: shown.download(&here, "csv"),
        json: shown.download(&here, "json"),
        here,
        view,
    };
    visit.page(page.render())
}
