//! What the nights did: a list of them, the newest first.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::night::{End, Night, Phase};
use domain::when::{BusinessDate, Zone};
use edge::auth::Caller;
use edge::cursor;
use edge::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::night_words::verdict;
use super::{moment, perhaps_moment};
use crate::Deps;
use crate::filter::Asked;
use crate::frame::{Frame, Place};
use crate::parts::Chip;
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::{NOTHING, Words};

/// How many nights a page has.
pub(crate) const PAGE: i32 = 31;

/// The night of a date.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Night)]
pub(crate) struct NightRow {
    /// The date, in the schedule's zone.
    pub(crate) date: String,
    /// How it ended: `complete`, `partial` or `failed`; null while it is under way.
    pub(crate) end: Option<&'static str>,
    /// What it is at: `pull`, `settle`, `reconcile`, `enrich`, `report` or `over`.
    pub(crate) phase: &'static str,
    /// When the schedule wanted it, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) due_at: i64,
    /// When it was started.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) started_at: i64,
    /// When it ended; null while it is under way.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) finished_at: Option<i64>,
    /// How many outlets there were.
    pub(crate) outlets: u64,
    /// How many things went wrong.
    pub(crate) troubles: u64,
    /// What it came to; null while it is under way.
    pub(crate) tally: Option<TallyRow>,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) standing: Option<End>,
    /// The same.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) at: Phase,
}

/// What a night came to.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = NightTally)]
pub(crate) struct TallyRow {
    /// Files that the central server listed.
    pub(crate) listed: u64,
    /// Files that it fetched.
    pub(crate) pulled: u64,
    /// Files that were there before.
    pub(crate) known: u64,
    /// Bytes of the files that it fetched.
    pub(crate) bytes: u64,
    /// Days of outlets that it looked at.
    pub(crate) days: u64,
    /// Findings that it opened.
    pub(crate) opened: u64,
    /// Findings whose reason is gone.
    pub(crate) resolved: u64,
    /// Profiles of customers brought up to date.
    pub(crate) people: u64,
    /// Ids that are one person's, as far as anybody can tell.
    pub(crate) joined: u64,
}

impl From<&Night> for NightRow {
    fn from(night: &Night) -> Self {
        let tally = night.tally;
        Self {
            date: night.date.to_string(),
            end: night.end.map(End::as_str),
            phase: night.phase.as_str(),
            due_at: night.due_ms,
            started_at: night.started_ms,
            finished_at: night.finished_ms,
            outlets: night.outlets,
            troubles: night.troubles_total,
            tally: night.end.map(|_| TallyRow {
                listed: tally.listed,
                pulled: tally.pulled,
                known: tally.known,
                bytes: tally.bytes,
                days: tally.days,
                opened: tally.opened,
                resolved: tally.resolved,
                people: tally.people,
                joined: tally.joined,
            }),
            standing: night.end,
            at: night.phase,
        }
    }
}

impl NightRow {
    /// The page of the night.
    pub(crate) fn href(&self) -> String {
        format!("{}/{}", Place::Nights.path(), self.date)
    }

    /// How it ended, or what it is at.
    pub(crate) fn chip(&self, w: Words) -> Chip {
        Chip::of_night(self.standing, self.at, w)
    }

    /// What that means.
    pub(crate) fn verdict(&self, w: Words) -> &'static str {
        verdict(self.standing, w)
    }

    /// How long it took.
    pub(crate) fn lasted(&self, w: Words) -> String {
        let finished = self.finished_at;
        let lasted = finished.map(|finished| w.lasted(finished.saturating_sub(self.started_at)));
        lasted.unwrap_or_else(|| NOTHING.to_owned())
    }

    /// A count of its tally, once there is one.
    pub(crate) fn count(&self, of: impl Fn(&TallyRow) -> u64, w: Words) -> String {
        let count = self.tally.as_ref().map(|tally| w.count(of(tally)));
        count.unwrap_or_else(|| NOTHING.to_owned())
    }

    fn files(&self, w: Words) -> String {
        self.count(|tally| tally.pulled.saturating_add(tally.known), w)
    }

    fn opened(&self, w: Words) -> String {
        self.count(|tally| tally.opened, w)
    }

    fn resolved(&self, w: Words) -> String {
        self.count(|tally| tally.resolved, w)
    }
}

/// A page of nights.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Nights)]
pub(crate) struct NightsView {
    /// The nights, the newest first.
    pub(crate) items: Vec<NightRow>,
    /// What to give as `after` for the next page; null on the last.
    pub(crate) next: Option<String>,
}

/// Reads a page of at most `limit` nights. A night is about all outlets, so it is for those who see all of them.
///
/// # Errors
/// `OUTLET_FORBIDDEN`, `PARAMETER_INVALID`, or the store's failure.
pub(crate) async fn load(
    deps: &Deps,
    caller: &Caller,
    asked: &Asked,
    limit: i32,
) -> Result<NightsView, Problem> {
    caller.check_all_outlets()?;
    let after = cursor::decode("after", asked.after.as_deref())?;
    let is_date = |after: &String| after.parse::<BusinessDate>().is_ok();
    if after.as_ref().is_some_and(|after| !is_date(after)) {
        return Err(cursor::unusable("after"));
    }
    let (nights, next) = deps.nights.list(after.as_deref(), limit).await?;
    Ok(NightsView {
        items: nights.iter().map(NightRow::from).collect(),
        next: next.as_deref().map(cursor::encode),
    })
}

/// The latest night, if there was one.
///
/// # Errors
/// The store's failure.
pub(crate) async fn latest(deps: &Deps) -> Result<Option<NightRow>, Problem> {
    let (nights, _) = deps.nights.list(None, 1).await?;
    Ok(nights.first().map(NightRow::from))
}

impl NightsView {
    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            w.t("Tanggal", "Date"),
            w.t("Hasil", "End"),
            w.t("Mulai", "Started at"),
            w.t("Selesai", "Finished at"),
            "Outlet",
            w.t("Berkas terdaftar", "Files listed"),
            w.t("Berkas diambil", "Files fetched"),
            w.t("Berkas sudah ada", "Files known"),
            w.t("Temuan dibuka", "Findings opened"),
            w.t("Temuan selesai", "Findings resolved"),
            w.t("Gangguan", "Troubles"),
        ];
        let rows = self.items.iter().map(|night| {
            let tally = night.tally;
            let finished = night.finished_at.map(domain::when::format_utc);
            vec![
                Cell::text(&night.date),
                Cell::text(night.end.unwrap_or(night.phase)),
                Cell::text(domain::when::format_utc(night.started_at)),
                finished.map_or(Cell::Empty, Cell::text),
                Cell::count(night.outlets),
                Cell::number(tally.map(|tally| tally.listed)),
                Cell::number(tally.map(|tally| tally.pulled)),
                Cell::number(tally.map(|tally| tally.known)),
                Cell::number(tally.map(|tally| tally.opened)),
                Cell::number(tally.map(|tally| tally.resolved)),
                Cell::count(night.troubles),
            ]
        });
        Sheet {
            name: w.t("malam", "nights").to_owned(),
            header,
            rows: rows.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "nights.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    view: NightsView,
    next: Option<String>,
    csv: String,
    json: String,
}

/// The nights.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::SalesRead)?;
    let (w, asked, path) = (visit.w, &visit.asked, Place::Nights.path());
    let view = load(&deps, &visit.caller, asked, PAGE).await?;
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let page = Page {
        frame: visit.frame(Place::Nights, None, asked),
        zone: Zone::default(),
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
