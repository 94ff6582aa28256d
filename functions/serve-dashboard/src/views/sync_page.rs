//! The sync status as a page and as a table.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use edge::problem::Problem;

use super::sync::{Standing, SyncExport, SyncRow, SyncView, load};
use super::sync_filter::Wanted;
use crate::Deps;
use crate::bar::Bar;
use crate::filter::{Asked, name_of};
use crate::frame::{Frame, Place};
use crate::parts::{Chip, Tone};
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;

impl Standing {
    /// In words.
    pub(crate) fn name(self, w: Words) -> &'static str {
        match self {
            Self::Received => w.t("masuk", "received"),
            Self::Late => w.t("terlambat", "late"),
            Self::Expected => w.t("ditunggu", "expected"),
            Self::Missing => w.t("belum ada", "missing"),
        }
    }

    /// In words, with a sign.
    pub(crate) fn chip(self, w: Words) -> Chip {
        let (tone, sign) = match self {
            Self::Received => (Tone::Good, "✓"),
            Self::Late => (Tone::Warn, "◷"),
            Self::Expected => (Tone::Plain, "…"),
            Self::Missing => (Tone::Bad, "✕"),
        };
        Chip::new(tone, sign, self.name(w))
    }
}

impl SyncExport {
    fn control_chip(&self, w: Words) -> Option<Chip> {
        let matches = self.control_matches.as_deref()?;
        Some(if matches == "none" {
            Chip::new(Tone::Bad, "✕", w.t("total tidak cocok", "totals differ"))
        } else {
            Chip::new(Tone::Good, "✓", w.t("total cocok", "totals agree"))
        })
    }
}

impl SyncRow {
    fn chip(&self, w: Words) -> Chip {
        self.status.chip(w)
    }

    /// The outlet's name for people.
    pub(crate) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.outlet)
    }

    fn received(&self, w: Words) -> Option<String> {
        Some(w.moment(self.last_received_at?, &self.zone))
    }

    /// Flaws of the day's sales, in words.
    fn flaws(&self, w: Words) -> Vec<String> {
        let some = [
            (self.without_lines, w.t("tanpa isi", "without lines")),
            (self.unbalanced, w.t("tidak seimbang", "unbalanced")),
        ];
        let some = some.into_iter().filter(|(count, _)| *count > 0);
        some.map(|(count, what)| format!("{} {what}", w.count(count)))
            .collect()
    }
}

impl SyncView {
    /// How many outlets or days stand how, as far as there are any.
    fn chips(&self, w: Words) -> Vec<Chip> {
        let all = [
            Standing::Received,
            Standing::Late,
            Standing::Expected,
            Standing::Missing,
        ];
        let some = all.into_iter().filter(|standing| self.count(*standing) > 0);
        let some = some.map(|standing| {
            let chip = standing.chip(w);
            let text = format!("{} {}", self.count(standing), chip.text);
            Chip { text, ..chip }
        });
        some.collect()
    }

    /// How far a search came, in words: `3 dari 2.000 outlet yang dilihat`.
    fn searched(&self, is_outlet: bool, w: Words) -> String {
        let found = w.count(u64::try_from(self.items.len()).unwrap_or_default());
        let looked = w.count(self.looked_through);
        if is_outlet {
            format!("{found} {} {looked} {}", w.t("dari", "of"), w.t("hari", "days"))
        } else {
            let (of, outlets) = (w.t("dari", "of"), w.t("outlet yang dilihat", "outlets looked at"));
            format!("{found} {of} {looked} {outlets}")
        }
    }

    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            "Outlet",
            w.t("Tanggal", "Date"),
            w.t("Keadaan", "Status"),
            w.t("Pertama masuk", "First received"),
            w.t("Terakhir masuk", "Last received"),
            w.t("Struk", "Receipts"),
            w.t("Dibatalkan", "Voided"),
            "Refund",
            w.t("Tanpa isi", "Without lines"),
            w.t("Tidak seimbang", "Unbalanced"),
            "Total (Rp)",
            w.t("Ekspor", "Export"),
            w.t("Ditolak", "Quarantined"),
            w.t("Total berkas: jumlah", "Control count"),
            w.t("Total berkas: nilai (Rp)", "Control sum (Rp)"),
            w.t("Total berkas: cocok dengan", "Control matches"),
            w.t("Lama proses (md)", "Lag (ms)"),
        ];
        let moment = |at: Option<i64>| at.map_or(Cell::Empty, |at| Cell::text(domain::when::format_utc(at)));
        let rows = self.items.iter().map(|row| {
            let export = row.export.as_ref();
            vec![
                Cell::text(&row.outlet),
                Cell::text(&row.date),
                Cell::text(row.status.name(w)),
                moment(row.first_received_at),
                moment(row.last_received_at),
                Cell::count(row.receipts),
                Cell::count(row.voided),
                Cell::count(row.refunded),
                Cell::count(row.without_lines),
                Cell::count(row.unbalanced),
                row.total.into(),
                Cell::text(export.map(|export| export.key.as_str()).unwrap_or_default()),
                Cell::number(export.map(|export| export.quarantined)),
                Cell::number(export.and_then(|export| export.control_count)),
                Cell::number(export.and_then(|export| export.control_sum.as_ref())),
                Cell::text(
                    export
                        .and_then(|export| export.control_matches.as_deref())
                        .unwrap_or_default(),
                ),
                Cell::number(export.and_then(|export| export.lag_ms)),
            ]
        });
        Sheet {
            name: format!("{}-{}", w.t("sinkronisasi", "sync"), self.date),
            header,
            rows: rows.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "sync.html")]
struct Page {
    frame: Frame,
    bar: Bar,
    is_outlet: bool,
    title: String,
    /// What is told of a search: how many were looked through.
    searched: Option<String>,
    view: SyncView,
    /// Each row's outlet, for a closer look.
    links: Vec<String>,
    /// Each row's findings.
    findings: Vec<String>,
    next: Option<String>,
    csv: String,
    json: String,
}

/// What was found wrong with a row's day.
fn findings_of(asked: &Asked, row: &SyncRow) -> String {
    let day = [
        ("outlet", &*row.outlet),
        ("date", &row.date),
        ("from", ""),
        ("to", ""),
    ];
    asked.shared(Place::Findings.path(), &day)
}

/// The sync status.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    let filter = visit.filter(&deps, Scope::SalesRead).await?;
    let view = load(&deps, &filter).await?;
    let (w, asked, path) = (visit.w, &filter.asked, Place::Sync.path());
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let wanted = Wanted::read(asked.status.as_deref())?;
    let fields = vec![wanted.field(w)];
    let bar = Bar::new(&deps, &visit.caller, &filter, w, (path, fields)).await?;
    let date = view
        .date
        .parse()
        .map_or_else(|_| view.date.clone(), |date| w.date(date));
    let page = Page {
        frame: visit.frame(Place::Sync, None, asked),
        bar: bar.of_one_day(&filter, "to", &view.date),
        is_outlet: filter.outlet_id().is_some(),
        title: filter
            .outlet
            .as_ref()
            .map_or(date, |outlet| name_of(outlet).to_owned()),
        searched: (wanted != Wanted::All).then(|| view.searched(filter.outlet.is_some(), w)),
        links: view
            .items
            .iter()
            .map(|row| asked.address(path, &[("outlet", &row.outlet), ("status", "")]))
            .collect(),
        findings: view.items.iter().map(|row| findings_of(asked, row)).collect(),
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
