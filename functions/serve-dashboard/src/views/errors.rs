//! The error log: records that could not be taken. Whoever holds some outlets sees the records of these; a
//! record of which nobody knows whose it is is for those who see every outlet.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::quarantine::{QuarantineState, Quarantined};
use domain::when::Zone;
use edge::auth::Caller;
use edge::cursor;
use edge::decisions;
use edge::problem::{OUTLET_FORBIDDEN, Problem};
use serde::Serialize;

use super::moment;
use crate::Deps;
use crate::filter::{Asked, first_of};
use crate::frame::{Frame, Place};
use crate::parts::{Chip, Tone};
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;

/// How many records a page has.
const PAGE: i32 = 50;
/// How many requests a page takes, at most: a rare code is looked for in eight pages, and then from there.
const REQUESTS_MAX: u32 = 8;

/// A record that could not be taken.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ErrorRow {
    /// The id: `<export>.<place in the file>`.
    pub(crate) id: String,
    /// The export it came from.
    pub(crate) export: String,
    /// The object's key.
    pub(crate) key: String,
    /// The outlet, where it is known.
    pub(crate) outlet: Option<String>,
    /// The stable code of the reason.
    pub(crate) code: String,
    /// Where it stands in the document, as a JSON pointer.
    pub(crate) pointer: String,
    /// What exactly was wrong, without content of the file.
    pub(crate) detail: String,
    /// `open`, `replaying`, `replayed` or `discarded`.
    pub(crate) state: &'static str,
    /// How often it was run.
    pub(crate) attempts: u32,
    /// When it was first refused, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    pub(crate) first_seen: i64,
    /// What a page draws it from.
    #[serde(skip)]
    pub(crate) standing: QuarantineState,
}

impl From<&Quarantined> for ErrorRow {
    fn from(piece: &Quarantined) -> Self {
        Self {
            id: decisions::id_of(piece),
            export: piece.export_id.clone(),
            key: piece.key.clone(),
            outlet: piece.outlet.clone(),
            code: piece.code.clone(),
            pointer: piece.pointer.clone(),
            detail: piece.detail.clone(),
            state: piece.state.as_str(),
            attempts: piece.attempts,
            first_seen: piece.first_seen_ms,
            standing: piece.state,
        }
    }
}

impl ErrorRow {
    fn href(&self) -> String {
        format!("{}/{}", Place::Errors.path(), self.id)
    }

    fn chip(&self, w: Words) -> Chip {
        state_chip(self.standing, w)
    }

    fn hint(&self, w: Words) -> &'static str {
        hint(&self.code, w)
    }
}

/// Where a record stands.
pub(crate) fn state_chip(state: QuarantineState, w: Words) -> Chip {
    match state {
        QuarantineState::Open => Chip::new(Tone::Bad, "!", w.t("terbuka", "open")),
        QuarantineState::Replaying => Chip::new(Tone::Warn, "↻", w.t("sedang diulang", "being replayed")),
        QuarantineState::Replayed => Chip::new(Tone::Good, "✓", w.t("sudah masuk", "taken")),
        QuarantineState::Discarded => Chip::new(Tone::Plain, "–", w.t("disisihkan", "put aside")),
    }
}

/// What a code means and what to do; empty for one without words.
pub(crate) fn hint(code: &str, w: Words) -> &'static str {
    domain::code::explain(code).map_or("", |hint| w.t(hint.id, hint.en))
}

/// A page of the error log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ErrorsView {
    /// Of one export in the order of the file; of all exports the open ones, the longest waiting first.
    pub(crate) items: Vec<ErrorRow>,
    /// What to give as `after` for the next page; null on the last.
    pub(crate) next: Option<String>,
}

/// Refuses a record that is not one of the caller's outlets.
///
/// # Errors
/// `OUTLET_FORBIDDEN`.
pub(crate) fn check_seen(caller: &Caller, piece: &Quarantined) -> Result<(), Problem> {
    match &piece.outlet {
        Some(outlet) => caller.check_outlet(outlet),
        None => caller.check_all_outlets().map_err(|_| {
            Problem::new(&OUTLET_FORBIDDEN)
                .detail(
                    "Outlet catatan ini tidak diketahui; hanya pemegang semua outlet yang melihatnya.",
                    "The outlet of this record is not known; only who holds every outlet sees it.",
                )
                .caused_by("a record of no known outlet, by a person who holds some")
        }),
    }
}

/// Reads a page of the error log, as far as the caller may see it.
///
/// # Errors
/// `PARAMETER_INVALID`, `OUTLET_FORBIDDEN`, or the store's failure.
pub(crate) async fn load(deps: &Deps, caller: &Caller, asked: &Asked) -> Result<ErrorsView, Problem> {
    match &asked.outlet {
        Some(outlet) => caller.check_outlet(outlet)?,
        // Whoever holds none is told so.
        None => drop(first_of(caller.outlets())?),
    }
    let mut after = cursor::decode("after", asked.after.as_deref())?;
    let most = usize::try_from(PAGE).unwrap_or_default();
    let mut items: Vec<ErrorRow> = Vec::new();
    for _ in 0..REQUESTS_MAX {
        let left = i32::try_from(most.saturating_sub(items.len())).unwrap_or(PAGE);
        let pieces =
            decisions::read(&deps.quarantine, asked.export.as_deref(), after.as_deref(), left).await?;
        let wanted = |piece: &&Quarantined| {
            let is_outlets = asked.outlet.is_none() || asked.outlet == piece.outlet;
            let is_code = asked.code.as_ref().is_none_or(|code| *code == piece.code);
            is_outlets && is_code && check_seen(caller, piece).is_ok()
        };
        items.extend(pieces.items.iter().filter(wanted).map(ErrorRow::from));
        after = pieces.next;
        if after.is_none() || items.len() >= most {
            break;
        }
    }
    Ok(ErrorsView {
        items,
        next: after.as_deref().map(cursor::encode),
    })
}

impl ErrorsView {
    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            "Id",
            w.t("Berkas", "File"),
            "Outlet",
            w.t("Kode", "Code"),
            w.t("Arti", "Meaning"),
            w.t("Tempat", "Place"),
            w.t("Rincian", "Detail"),
            w.t("Keadaan", "State"),
            w.t("Percobaan", "Attempts"),
            w.t("Pertama ditolak", "First refused"),
        ];
        let rows = self.items.iter().map(|row| {
            vec![
                Cell::text(&row.id),
                Cell::text(&row.key),
                Cell::text(row.outlet.as_deref().unwrap_or_default()),
                Cell::text(&row.code),
                Cell::text(row.hint(w)),
                Cell::text(&row.pointer),
                Cell::text(&row.detail),
                Cell::text(row.state),
                Cell::count(row.attempts),
                Cell::text(domain::when::format_utc(row.first_seen)),
            ]
        });
        Sheet {
            name: w.t("data-ditolak", "error-log").to_owned(),
            header,
            rows: rows.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "errors.html")]
struct Page {
    frame: Frame,
    code: String,
    export: String,
    outlet: String,
    lang: Option<String>,
    zone: Zone,
    view: ErrorsView,
    next: Option<String>,
    csv: String,
    json: String,
}

/// The error log.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::QuarantineRead)?;
    let (w, asked, path) = (visit.w, &visit.asked, Place::Errors.path());
    let view = load(&deps, &visit.caller, asked).await?;
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let page = Page {
        frame: visit.frame(Place::Errors, None, asked),
        code: asked.code.clone().unwrap_or_default(),
        export: asked.export.clone().unwrap_or_default(),
        outlet: asked.outlet.clone().unwrap_or_default(),
        lang: asked.lang.clone(),
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
