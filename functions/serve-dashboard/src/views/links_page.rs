//! The links of a day as codes to show and to print, and as a table.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::outlet::Outlet;
use domain::when::{BusinessDate, Zone};
use edge::guest_links::LinkState;
use edge::problem::Problem;
use edge::qr::Code;

use super::links::{LinkRow, LinksView, date_of, load, no_outlet};
use crate::Deps;
use crate::bar::Bar;
use crate::filter::{Asked, name_of};
use crate::frame::{Frame, Place};
use crate::parts::{Chip, Tone};
use crate::sheet::{Cell, Sheet};
use crate::visit::{Format, Visit};
use crate::words::Words;

/// Where a link stands, in words.
fn state_name(state: LinkState, w: Words) -> &'static str {
    match state {
        LinkState::Open => w.t("belum dinilai", "not rated yet"),
        LinkState::Answered => w.t("sudah dinilai", "rated"),
        LinkState::Spent => w.t("selesai dinilai", "rated for good"),
        LinkState::Expired => w.t("kedaluwarsa", "expired"),
        LinkState::Unpaid => w.t("belum dibayar", "unpaid"),
        LinkState::Incomplete => w.t("belum lengkap", "incomplete"),
        LinkState::Refunded => w.t("uang dikembalikan", "refunded"),
        LinkState::Voided => w.t("dibatalkan", "voided"),
    }
}

/// Where a link stands, in words with a sign.
fn state_chip(state: LinkState, w: Words) -> Chip {
    let (tone, sign) = match state {
        LinkState::Open => (Tone::Plain, "○"),
        LinkState::Answered | LinkState::Spent => (Tone::Good, "✓"),
        LinkState::Expired => (Tone::Warn, "◷"),
        LinkState::Unpaid | LinkState::Incomplete => (Tone::Warn, "…"),
        LinkState::Refunded | LinkState::Voided => (Tone::Bad, "✕"),
    };
    Chip::new(tone, sign, state_name(state, w))
}

/// A receipt with its code.
struct Ticket {
    row: LinkRow,
    /// The code as SVG, where the link is of use.
    code: Option<String>,
}

impl Ticket {
    fn of(row: LinkRow) -> Result<Self, Problem> {
        let url = row.url.as_deref().filter(|_| row.state.is_usable());
        let code = url.map(|url| Code::of(url).map(|code| code.svg())).transpose();
        let code = code.map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Self { row, code })
    }

    /// The receipt's number, or its id where it has none.
    fn label(&self) -> &str {
        self.row.no.as_deref().unwrap_or(&self.row.receipt)
    }

    fn time(&self, w: Words, zone: &Zone) -> Option<String> {
        Some(w.moment(self.row.at_ms?, zone))
    }

    fn chip(&self, w: Words) -> Chip {
        state_chip(self.row.state, w)
    }

    /// Whether it is left out on paper.
    fn is_done(&self) -> bool {
        !self.row.state.is_awaited()
    }
}

impl LinksView {
    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            w.t("Struk", "Receipt"),
            w.t("Nomor", "Number"),
            w.t("Waktu", "Time"),
            "Total (Rp)",
            w.t("Keadaan", "Standing"),
            w.t("Tautan", "Link"),
            w.t("Berlaku sampai", "Answered until"),
        ];
        let rows = self.items.iter().map(|row| {
            vec![
                Cell::text(&row.receipt),
                Cell::text(row.no.as_deref().unwrap_or_default()),
                Cell::text(row.at.as_deref().unwrap_or_default()),
                Cell::number(row.total),
                Cell::text(state_name(row.state, w)),
                Cell::text(row.url.as_deref().unwrap_or_default()),
                Cell::text(&row.expires),
            ]
        });
        Sheet {
            name: format!(
                "{}-{}-{}",
                w.t("kode-tamu", "guest-codes"),
                self.outlet,
                self.date
            ),
            header,
            rows: rows.collect(),
        }
    }
}

/// The day before or after.
struct OtherDay {
    href: String,
    name: String,
}

impl OtherDay {
    fn of(asked: &Asked, date: BusinessDate, days: i32, w: Words) -> Option<Self> {
        let other = date.add_days(days)?;
        Some(Self {
            href: asked.address(Place::Links.path(), &[("date", &other.to_string())]),
            name: w.date(other),
        })
    }
}

#[derive(Template)]
#[template(path = "links.html")]
struct Page {
    frame: Frame,
    bar: Bar,
    /// The outlet's name; none before one is chosen.
    outlet: Option<String>,
    day: String,
    zone: Zone,
    before: Option<OtherDay>,
    after: Option<OtherDay>,
    tickets: Vec<Ticket>,
    next: Option<String>,
    csv: String,
    json: String,
}

/// The codes of a day.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    let filter = visit.filter(&deps, Scope::LinksRead).await?;
    let date = date_of(&filter)?;
    let (w, asked, path) = (visit.w, &filter.asked, Place::Links.path());
    let view = match &filter.outlet {
        Some(outlet) => Some(load(&deps, outlet, (date, asked.after.as_deref())).await?),
        None if visit.format == Format::Page => None,
        None => return Err(no_outlet()),
    };
    if let Some(view) = &view
        && let Some(download) = visit.download(view, || view.sheet(w))?
    {
        return Ok(download);
    }
    let bar = Bar::new(&deps, &visit.caller, &filter, w, (path, Vec::new())).await?;
    let bar = bar.of_one_day(&filter, "date", &date.to_string());
    let (items, next) = view.map(|view| (view.items, view.next)).unwrap_or_default();
    let page = Page {
        frame: visit.frame(Place::Links, None, asked),
        bar: if filter.outlet.is_some() {
            bar
        } else {
            bar.unfolded()
        },
        outlet: filter
            .outlet
            .as_ref()
            .map(|outlet: &Outlet| name_of(outlet).to_owned()),
        day: w.date(date),
        zone: filter.zone.clone(),
        before: OtherDay::of(asked, date, -1, w),
        after: OtherDay::of(asked, date, 1, w).filter(|_| date < filter.today),
        tickets: items.into_iter().map(Ticket::of).collect::<Result<_, _>>()?,
        next: next.map(|next| asked.address(path, &[("after", &next)])),
        csv: asked.download(path, "csv"),
        json: asked.download(path, "json"),
    };
    visit.page(page.render())
}
