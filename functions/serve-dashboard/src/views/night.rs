//! One night: how long its phases took, their parts, what went wrong and what to do about it, and its report.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::mail::MailState;
use domain::night::{Night, Part, PartState, Phase, Trouble};
use domain::when::{BusinessDate, Zone};
use edge::auth::Caller;
use edge::cursor;
use edge::http_input::PathParams;
use edge::problem::{NIGHT_NOT_FOUND, PARAMETER_INVALID, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::names::Names;
use super::night_words::{phase_name, source_name};
use super::nights::NightRow;
use super::{moment, perhaps_moment};
use crate::Deps;
use crate::filter::Asked;
use crate::frame::{Frame, Place};
use crate::parts::Chip;
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;

/// How many parts a page has.
const PAGE: i32 = 25;
/// The phases that are cut into parts.
const IN_PARTS: [Phase; 3] = [Phase::Pull, Phase::Reconcile, Phase::Enrich];

/// One phase of a night.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NightPhase)]
pub(crate) struct PhaseRow {
    /// `pull`, `settle`, `reconcile`, `enrich` or `report`.
    pub(crate) phase: &'static str,
    /// When it began, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) began_at: i64,
    /// How long it took, in milliseconds; null while it is under way.
    pub(crate) lasted_ms: Option<i64>,
    /// How many parts it was cut into; null where it is not.
    pub(crate) parts: Option<u32>,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    kind: Phase,
}

impl PhaseRow {
    fn name(&self, w: Words) -> &'static str {
        phase_name(self.kind, w)
    }
}

/// Something that went wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NightTrouble)]
pub(crate) struct TroubleRow {
    /// The outlet, where it is about one.
    pub(crate) outlet: Option<String>,
    /// The outlet's name, where it has one.
    pub(crate) outlet_name: Option<String>,
    /// Where it arose: `central`, `moka`, `ingest`, `reconcile`, `enrich` or `night`.
    pub(crate) source: String,
    /// The stable code.
    pub(crate) code: String,
    /// What exactly, in English.
    pub(crate) detail: String,
    /// What it means and what to do, in Bahasa Indonesia; null for a code without words.
    pub(crate) hint_id: Option<&'static str>,
    /// What it means and what to do, in English.
    pub(crate) hint_en: Option<&'static str>,
}

impl TroubleRow {
    fn of(trouble: &Trouble, names: &Names) -> Self {
        let hint = domain::code::explain(&trouble.code);
        Self {
            outlet_name: trouble.outlet.as_deref().and_then(|outlet| names.get(outlet)),
            outlet: trouble.outlet.clone(),
            source: trouble.source.clone(),
            code: trouble.code.clone(),
            detail: trouble.detail.clone(),
            hint_id: hint.map(|hint| hint.id),
            hint_en: hint.map(|hint| hint.en),
        }
    }

    /// The outlet for people, where it is about one.
    fn outlet_label(&self) -> Option<&str> {
        self.outlet_name.as_deref().or(self.outlet.as_deref())
    }

    /// What it means and what to do.
    fn hint(&self, w: Words) -> &'static str {
        match (self.hint_id, self.hint_en) {
            (Some(indonesian), Some(english)) => w.t(indonesian, english),
            _ => w.t(
                "Kode ini belum mempunyai penjelasan. Hubungi pengelola sistem.",
                "This code has no words yet. Tell the operator.",
            ),
        }
    }

    fn source_label(&self, w: Words) -> &str {
        source_name(&self.source, w).unwrap_or(&self.source)
    }
}

/// A part of a phase.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NightPart)]
pub(crate) struct PartRow {
    /// Its number in the phase, from 0.
    pub(crate) number: u32,
    /// `todo`, `doing`, `done` or `failed` (something was given up).
    pub(crate) state: &'static str,
    /// How many jobs it has.
    pub(crate) jobs: usize,
    /// How many of them ended, well or not.
    pub(crate) done: usize,
    /// How many of those failed.
    pub(crate) failed: usize,
    /// How often the next job was tried in vain.
    pub(crate) tries: u32,
    /// How many things went wrong in it.
    pub(crate) troubles: u64,
    /// When its last job ended, RFC 3339 in UTC.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) finished_at: Option<i64>,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    standing: PartState,
}

impl From<&Part> for PartRow {
    fn from(part: &Part) -> Self {
        Self {
            number: part.number,
            state: part.state.as_str(),
            jobs: part.jobs.len(),
            done: part.done,
            failed: part.failed,
            tries: part.tries,
            troubles: part.troubles_total,
            finished_at: part.finished_ms,
            standing: part.state,
        }
    }
}

impl PartRow {
    fn chip(&self, w: Words) -> Chip {
        Chip::of_part(self.standing, w)
    }
}

/// The night's report by mail.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NightDigest)]
pub(crate) struct DigestRow {
    /// The mail's id.
    pub(crate) mail: String,
    /// `queued`, `sending`, `sent`, `unknown` (nobody knows whether it was taken) or `failed`; null where the mail
    /// is gone.
    pub(crate) state: Option<&'static str>,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    standing: Option<MailState>,
}

/// A night with what belongs to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NightDetails)]
pub(crate) struct NightView {
    /// The night.
    #[serde(flatten)]
    pub(crate) night: NightRow,
    /// Its phases so far, in order.
    pub(crate) phases: Vec<PhaseRow>,
    /// The first fifty things that went wrong.
    pub(crate) first_troubles: Vec<TroubleRow>,
    /// The report by mail; null while there is none.
    pub(crate) digest: Option<DigestRow>,
    /// The phase that `parts` are of.
    pub(crate) parts_of: &'static str,
    /// Parts of that phase, by number.
    pub(crate) parts: Vec<PartRow>,
    /// What to give as `after` for further parts; null on the last page.
    pub(crate) next: Option<String>,
}

/// Reads a night and a page of its parts: those of the phase asked for, or else of the one that it is at.
///
/// # Errors
/// `OUTLET_FORBIDDEN`, `NIGHT_NOT_FOUND`, `PARAMETER_INVALID`, or the store's failure.
pub(crate) async fn load(
    deps: &Deps,
    caller: &Caller,
    date: &str,
    asked: &Asked,
) -> Result<NightView, Problem> {
    caller.check_all_outlets()?;
    let none = || Problem::new(&NIGHT_NOT_FOUND);
    let date: BusinessDate = date.parse().map_err(|_| none())?;
    let after = cursor::decode("after", asked.after.as_deref())?;
    let after = after.map(|after| after.parse::<u32>().map_err(|_| cursor::unusable("after")));
    let (wanted, after) = (read_phase(asked.phase.as_deref())?, after.transpose()?);
    let night = deps.nights.get(date).await?.ok_or_else(none)?;
    let phase = wanted.or(night.phase.parts_of()).unwrap_or(Phase::Reconcile);
    let outlets = night
        .troubles
        .iter()
        .filter_map(|trouble| trouble.outlet.as_deref());
    let outlets = outlets.collect();
    let mail = async {
        match &night.digest {
            Some(id) => deps.outbox.get(id).await,
            None => Ok(None),
        }
    };
    let (outlets, (parts, next), mail) = tokio::try_join!(
        deps.outlets.many(&outlets),
        deps.nights.parts_page(date, phase, after, PAGE),
        mail
    )?;
    let names = Names::of(outlets);
    let state = mail.map(|mail| mail.state);
    Ok(NightView {
        night: NightRow::from(&night),
        phases: phases(&night),
        first_troubles: night
            .troubles
            .iter()
            .map(|trouble| TroubleRow::of(trouble, &names))
            .collect(),
        digest: night.digest.clone().map(|mail| DigestRow {
            mail,
            state: state.map(MailState::as_str),
            standing: state,
        }),
        parts_of: phase.as_str(),
        parts: parts.iter().map(PartRow::from).collect(),
        next: next.map(|next| cursor::encode(&next.to_string())),
    })
}

fn read_phase(text: Option<&str>) -> Result<Option<Phase>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let phase = IN_PARTS.into_iter().find(|phase| phase.as_str() == text);
    phase.map(Some).ok_or_else(|| {
        let known = IN_PARTS.map(Phase::as_str).join(", ");
        let (indonesian, english) = (format!("salah satu dari {known}"), format!("one of {known}"));
        Problem::parameter(&PARAMETER_INVALID, "phase", indonesian, english)
    })
}

/// The phases that have begun, each until the next one began.
fn phases(night: &Night) -> Vec<PhaseRow> {
    let began: Vec<(Phase, i64)> = night.began.iter().map(|(phase, at)| (*phase, *at)).collect();
    let ends = began.iter().skip(1).map(|(_, at)| Some(*at));
    let ends = ends.chain(std::iter::once(None));
    let rows = began
        .iter()
        .zip(ends)
        .filter(|((phase, _), _)| *phase != Phase::Over);
    rows.map(|((phase, at), end)| PhaseRow {
        phase: phase.as_str(),
        began_at: *at,
        lasted_ms: end.map(|end| end.saturating_sub(*at)),
        parts: IN_PARTS
            .contains(phase)
            .then(|| night.parts.get(phase).copied().unwrap_or_default()),
        kind: *phase,
    })
    .collect()
}

impl NightView {
    /// The troubles by code, with what to do about each.
    fn by_code(&self) -> Vec<(&TroubleRow, Vec<&TroubleRow>)> {
        let mut groups: BTreeMap<&str, Vec<&TroubleRow>> = BTreeMap::new();
        for trouble in &self.first_troubles {
            groups.entry(&trouble.code).or_default().push(trouble);
        }
        let groups = groups.into_values();
        groups
            .filter_map(|group| Some((*group.first()?, group)))
            .collect()
    }

    /// How many troubles are not among the first.
    fn further(&self) -> u64 {
        let shown = u64::try_from(self.first_troubles.len()).unwrap_or(u64::MAX);
        self.night.troubles.saturating_sub(shown)
    }

    /// What went wrong.
    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            w.t("Kode", "Code"),
            w.t("Arti", "Meaning"),
            w.t("Sumber", "Source"),
            "Outlet",
            w.t("Nama outlet", "Outlet name"),
            w.t("Rincian", "Detail"),
        ];
        let rows = self.first_troubles.iter().map(|trouble| {
            vec![
                Cell::text(&trouble.code),
                Cell::text(trouble.hint(w)),
                Cell::text(trouble.source_label(w)),
                Cell::text(trouble.outlet.as_deref().unwrap_or_default()),
                Cell::text(trouble.outlet_name.as_deref().unwrap_or_default()),
                Cell::text(&trouble.detail),
            ]
        });
        Sheet {
            name: format!("{}-{}", w.t("malam", "night"), self.night.date),
            header,
            rows: rows.collect(),
        }
    }

    fn mail_chip(&self, w: Words) -> Option<Chip> {
        let state = self.digest.as_ref()?.standing?;
        Some(Chip::of_mail(state, w))
    }
}

/// A phase whose parts can be looked at.
struct Tab {
    href: String,
    name: &'static str,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "night.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    view: NightView,
    tabs: Vec<Tab>,
    /// Whether the phases and parts are unfolded: somebody asked for some of them.
    is_open: bool,
    back: String,
    /// The findings of all outlets.
    findings: String,
    next: Option<String>,
    csv: String,
    json: String,
}

/// The page of a night.
pub(crate) async fn page(
    State(deps): State<Arc<Deps>>,
    PathParams(date): PathParams<String>,
    visit: Visit,
) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::SalesRead)?;
    let view = load(&deps, &visit.caller, &date, &visit.asked).await?;
    let (w, asked, path) = (visit.w, &visit.asked, view.night.href());
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let tabs = IN_PARTS.map(|phase| Tab {
        href: format!("{}#parts", asked.address(&path, &[("phase", phase.as_str())])),
        name: phase_name(phase, w),
        is_here: phase.as_str() == view.parts_of,
    });
    let title = format!("{} {}", w.t("Malam", "Night of"), w.written_day(&view.night.date));
    let page = Page {
        frame: visit.frame(Place::Nights, Some(title), asked),
        zone: Zone::default(),
        tabs: tabs.into(),
        is_open: asked.phase.is_some() || asked.after.is_some(),
        back: asked.shared(Place::Nights.path(), &[]),
        findings: asked.shared(Place::Findings.path(), &[]),
        next: view.next.as_ref().map(|next| {
            let further = [("phase", view.parts_of), ("after", next.as_str())];
            format!("{}#parts", asked.address(&path, &further))
        }),
        csv: asked.download(&path, "csv"),
        json: asked.download(&path, "json"),
        view,
    };
    visit.page(page.render())
}
