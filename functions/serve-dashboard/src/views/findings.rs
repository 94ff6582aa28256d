//! What nights found wrong with outlets' days: the open ones of all outlets, or those of one outlet.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use aws::position::ListPosition;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::finding::{Code, Finding, FindingState};
use domain::insight::Scope as Whose;
use domain::when::{BusinessDate, Zone};
use edge::cursor;
use edge::http_input::read_date;
use edge::problem::{PARAMETER_INVALID, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::finding_words::{said, state_name};
use super::moment;
use super::names::Names;
use crate::Deps;
use crate::bar::{Bar, Field};
use crate::filter::{Asked, Filter};
use crate::frame::{Frame, Place};
use crate::parts::Chip;
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;

/// How many findings a page has.
pub(crate) const PAGE: i32 = 25;
/// How many requests a page takes, at most: what is rare is looked for in eight pages, and then from there.
const REQUESTS_MAX: u32 = 8;
/// How many open findings are counted before it is "and more".
const COUNTED_MAX: i32 = 50;
/// How many facts a row has.
const FACTS_MAX: usize = 2;
/// The longest fact in a row, in characters.
const BRIEF_MAX: usize = 60;

/// Something wrong with an outlet's day.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingRow {
    /// The outlet.
    pub(crate) outlet: String,
    /// The outlet's name, where it has one.
    pub(crate) outlet_name: Option<String>,
    /// The business date.
    pub(crate) date: String,
    /// The stable code of what is wrong.
    pub(crate) code: &'static str,
    /// `open`, `accepted` (a person says that it is fine) or `resolved` (the reason is gone).
    pub(crate) state: &'static str,
    /// What it means and what to do, in Bahasa Indonesia.
    pub(crate) hint_id: &'static str,
    /// What it means and what to do, in English.
    pub(crate) hint_en: &'static str,
    /// What it rests on: numbers, times and names of files.
    pub(crate) facts: BTreeMap<String, String>,
    /// When it was first found, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) first_at: i64,
    /// When it was last opened: the same, unless it came again.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) opened_at: i64,
    /// When a night last changed it.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) changed_at: i64,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) kind: (Code, FindingState),
}

impl From<&Finding> for FindingRow {
    fn from(finding: &Finding) -> Self {
        let hint = finding.code.explain();
        Self {
            outlet: finding.outlet.clone(),
            outlet_name: None,
            date: finding.date.to_string(),
            code: finding.code.as_str(),
            state: finding.state.as_str(),
            hint_id: hint.id,
            hint_en: hint.en,
            facts: finding.facts.clone(),
            first_at: finding.first_ms,
            opened_at: finding.opened_ms,
            changed_at: finding.last_ms,
            kind: (finding.code, finding.state),
        }
    }
}

impl FindingRow {
    /// The outlet for people: its name, or else its id.
    pub(crate) fn outlet_label(&self) -> &str {
        self.outlet_name.as_deref().unwrap_or(&self.outlet)
    }

    /// The page of the finding.
    pub(crate) fn href(&self) -> String {
        format!(
            "{}/{}/{}/{}",
            Place::Findings.path(),
            self.outlet,
            self.date,
            self.code
        )
    }

    /// What it is, in a few words.
    pub(crate) fn name(&self, w: Words) -> &'static str {
        let name = self.kind.0.name();
        w.t(name.id, name.en)
    }

    /// What it means and what to do.
    pub(crate) fn hint(&self, w: Words) -> &'static str {
        w.t(self.hint_id, self.hint_en)
    }

    /// Where it stands.
    pub(crate) fn chip(&self, w: Words) -> Chip {
        Chip::of_finding(self.kind.1, w)
    }

    /// The most telling of it, as far as it fits into a row.
    pub(crate) fn brief(&self, zone: &Zone, w: Words) -> Vec<(String, String)> {
        let mut brief = self.said(zone, w);
        brief.retain(|(_, value)| value.chars().count() <= BRIEF_MAX);
        brief.truncate(FACTS_MAX);
        brief
    }

    /// What it rests on, as labels and values.
    pub(crate) fn said(&self, zone: &Zone, w: Words) -> Vec<(String, String)> {
        said(&self.facts, zone, w)
    }
}

/// A page of findings.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Findings)]
pub(crate) struct FindingsView {
    /// Of all outlets the open ones, the latest opened first; of one outlet the latest date first, or those of one
    /// day by code.
    pub(crate) items: Vec<FindingRow>,
    /// What to give as `after` for the next page; null on the last. A page may have fewer items than fit, and more may
    /// follow all the same: it looks through a bounded number of findings.
    pub(crate) next: Option<String>,
}

/// Which findings.
struct Wanted {
    state: Option<FindingState>,
    code: Option<Code>,
    date: Option<BusinessDate>,
}

impl Wanted {
    fn read(filter: &Filter) -> Result<Self, Problem> {
        let Asked {
            state, code, date, ..
        } = &filter.asked;
        let state = match state.as_deref().filter(|text| *text != "all") {
            None => None,
            Some(text) => Some(known("state", FindingState::parse(text), || {
                FindingState::ALL.map(FindingState::as_str).join(", ")
            })?),
        };
        let code = match code.as_deref() {
            None => None,
            Some(text) => Some(known("code", Code::parse(text), || {
                Code::ALL.map(Code::as_str).join(", ")
            })?),
        };
        if filter.scope == Whose::All && state.is_some_and(|state| state != FindingState::Open) {
            let indonesian = "untuk semua outlet hanya open; sebutkan satu outlet untuk keadaan lain";
            let english = "of all outlets open only; name an outlet for other states";
            return Err(Problem::parameter(
                &PARAMETER_INVALID,
                "state",
                indonesian,
                english,
            ));
        }
        let date = date.as_deref().map(|date| read_date("date", date));
        Ok(Self {
            state,
            code,
            date: date.transpose()?,
        })
    }

    fn takes(&self, finding: &Finding) -> bool {
        self.state.is_none_or(|state| finding.state == state)
            && self.code.is_none_or(|code| finding.code == code)
            && self.date.is_none_or(|date| finding.date == date)
    }
}

fn known<T>(name: &str, value: Option<T>, all: impl Fn() -> String) -> Result<T, Problem> {
    value.ok_or_else(|| {
        let (indonesian, english) = (format!("salah satu dari {}", all()), format!("one of {}", all()));
        Problem::parameter(&PARAMETER_INVALID, name, indonesian, english)
    })
}

/// Reads a page of at most `limit` findings.
///
/// # Errors
/// `PARAMETER_INVALID`, or the store's failure.
pub(crate) async fn load(deps: &Deps, filter: &Filter, limit: i32) -> Result<FindingsView, Problem> {
    let wanted = Wanted::read(filter)?;
    let after = cursor::decode("after", filter.asked.after.as_deref())?;
    let (found, next) = match (&filter.scope, wanted.date) {
        (Whose::Outlet(outlet), Some(date)) => {
            let mut day = deps.findings.between(outlet, (date, date)).await?;
            day.retain(|finding| wanted.takes(finding));
            (day, None)
        }
        _ => walk(deps, filter, (&wanted, after), limit).await?,
    };
    let mut items: Vec<FindingRow> = found.iter().map(FindingRow::from).collect();
    let outlets = items.iter().map(|finding| finding.outlet.as_str());
    let names = Names::read(deps, filter, outlets.collect()).await?;
    for finding in &mut items {
        finding.outlet_name = names.get(&finding.outlet);
    }
    Ok(FindingsView {
        items,
        next: next.as_deref().map(cursor::encode),
    })
}

/// Reads until the page is full, a bounded number of times.
async fn walk(
    deps: &Deps,
    filter: &Filter,
    (wanted, mut after): (&Wanted, Option<String>),
    limit: i32,
) -> Result<(Vec<Finding>, Option<String>), Problem> {
    let most = usize::try_from(limit).unwrap_or_default();
    let mut items: Vec<Finding> = Vec::new();
    for _ in 0..REQUESTS_MAX {
        let left = i32::try_from(most.saturating_sub(items.len())).unwrap_or(limit);
        let (some, next) = page_of(deps, &filter.scope, after.as_deref(), left).await?;
        items.extend(some.into_iter().filter(|finding| wanted.takes(finding)));
        after = next;
        if after.is_none() || items.len() >= most {
            break;
        }
    }
    Ok((items, after))
}

async fn page_of(
    deps: &Deps,
    scope: &Whose,
    after: Option<&str>,
    limit: i32,
) -> Result<(Vec<Finding>, Option<String>), Problem> {
    match scope {
        Whose::Outlet(outlet) => Ok(deps.findings.of_outlet(outlet, after, limit).await?),
        Whose::All => {
            let after =
                after.map(|after| ListPosition::parse(after).ok_or_else(|| cursor::unusable("after")));
            let (some, next) = deps.findings.open(after.transpose()?.as_ref(), limit).await?;
            Ok((some, next.map(|next| next.to_string())))
        }
    }
}

/// How many findings, or top-ups, wait for somebody.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct OpenFindings {
    /// How many are open; of one outlet, among its latest.
    pub(crate) open: usize,
    /// Whether there may be more than were counted.
    pub(crate) more: bool,
}

/// Counts open findings with one read, up to a few.
///
/// # Errors
/// The store's failure.
pub(crate) async fn count_open(deps: &Deps, filter: &Filter) -> Result<OpenFindings, Problem> {
    let (some, next) = page_of(deps, &filter.scope, None, COUNTED_MAX).await?;
    let open = some.iter().filter(|finding| finding.state == FindingState::Open);
    Ok(OpenFindings {
        open: open.count(),
        more: next.is_some(),
    })
}

impl FindingsView {
    fn sheet(&self, zone: &Zone, w: Words) -> Sheet {
        let header = vec![
            "Outlet",
            w.t("Nama outlet", "Outlet name"),
            w.t("Tanggal", "Date"),
            w.t("Kode", "Code"),
            w.t("Arti", "Meaning"),
            w.t("Keadaan", "State"),
            w.t("Rincian", "Facts"),
            w.t("Dibuka", "Opened at"),
            w.t("Pertama ditemukan", "First found"),
        ];
        let rows = self.items.iter().map(|row| {
            let facts = row.said(zone, w).into_iter();
            let facts: Vec<String> = facts.map(|(label, value)| format!("{label}: {value}")).collect();
            vec![
                Cell::text(&row.outlet),
                Cell::text(row.outlet_name.as_deref().unwrap_or_default()),
                Cell::text(&row.date),
                Cell::text(row.code),
                Cell::text(row.hint(w)),
                Cell::text(state_name(row.kind.1, w)),
                Cell::text(facts.join("; ")),
                Cell::text(domain::when::format_utc(row.opened_at)),
                Cell::text(domain::when::format_utc(row.first_at)),
            ]
        });
        Sheet {
            name: w.t("temuan", "findings").to_owned(),
            header,
            rows: rows.collect(),
        }
    }
}

/// The page's own fields of the form.
fn fields(filter: &Filter, w: Words) -> Vec<Field> {
    let any = || (String::new(), w.t("Semua", "All").to_owned());
    let codes = Code::ALL.map(|code| {
        let name = code.name();
        (code.as_str().to_owned(), w.t(name.id, name.en).to_owned())
    });
    let codes = std::iter::once(any()).chain(codes).collect();
    let code = Field::choice("code", w.t("Jenis", "Kind"), filter.asked.code.as_deref(), codes);
    // The list of all outlets is of open ones; only an outlet's own can be looked at as a whole.
    if filter.scope == Whose::All {
        return vec![code];
    }
    let states = FindingState::ALL.map(|state| (state.as_str().to_owned(), state_name(state, w).to_owned()));
    let states = std::iter::once(any()).chain(states).collect();
    let state = Field::choice(
        "state",
        w.t("Keadaan", "State"),
        filter.asked.state.as_deref(),
        states,
    );
    vec![code, state]
}

#[derive(Template)]
#[template(path = "findings.html")]
struct Page {
    frame: Frame,
    bar: Bar,
    zone: Zone,
    view: FindingsView,
    next: Option<String>,
    csv: String,
    json: String,
}

/// The findings.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    let filter = visit.filter(&deps, Scope::SalesRead).await?;
    let view = load(&deps, &filter, PAGE).await?;
    let (w, asked, path) = (visit.w, &filter.asked, Place::Findings.path());
    if let Some(download) = visit.download(&view, || view.sheet(&filter.zone, w))? {
        return Ok(download);
    }
    let bar = Bar::new(&deps, &visit.caller, &filter, w, (path, fields(&filter, w))).await?;
    let date = asked.date.as_deref().unwrap_or_default();
    let page = Page {
        frame: visit.frame(Place::Findings, None, asked),
        bar: bar.of_one_day(&filter, "date", date),
        zone: filter.zone.clone(),
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
