//! The audit trail: who did what, the newest first. For auditors.

use std::sync::Arc;

use askama::Template;
use aws::audit::Position;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::audit::{AuditRecord, CHAINS};
use domain::money::Money;
use domain::when::Zone;
use edge::cursor;
use edge::problem::Problem;
use futures::future::try_join_all;
use serde::Serialize;

use super::moment;
use crate::Deps;
use crate::filter::Asked;
use crate::frame::{Frame, Place};
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;

/// How many records a page has.
const PAGE: i32 = 50;
/// Behind every number that a chain's key can hold.
const NUMBERS_END: u64 = 999_999_999_999;

/// What somebody did.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AuditRow {
    /// Which chain.
    pub(crate) chain: u8,
    /// Its place in the chain.
    pub(crate) number: u64,
    /// When, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    pub(crate) at: i64,
    /// Who: a function's name, `staff:` and a subject, or `key:` and the id of an API key.
    pub(crate) actor: String,
    /// What was done, such as `quarantine.replay_asked`.
    pub(crate) action: String,
    /// To what.
    pub(crate) subject: String,
    /// Facts of the action as JSON, to the letter as the hash is over them: amounts in ten-thousandths of a rupiah.
    pub(crate) facts: String,
    /// SHA-256 over all of the above and the record before it.
    pub(crate) hash: String,
}

/// The facts that are amounts.
const AMOUNTS: [&str; 1] = ["total"];

impl AuditRow {
    /// The facts for readers of a page, amounts in rupiah.
    fn told(&self, w: Words) -> String {
        self.facts_with(|amount| w.rupiah(amount))
    }

    /// The facts with each amount as `write` writes it.
    fn facts_with(&self, write: impl Fn(Money) -> String) -> String {
        let Ok(mut facts) = serde_json::from_str::<serde_json::Map<_, _>>(&self.facts) else {
            return self.facts.clone();
        };
        for name in AMOUNTS {
            if let Some(amount) = facts.get_mut(name)
                && let Some(raw) = amount.as_i64()
            {
                *amount = write(Money::from_raw(raw)).into();
            }
        }
        serde_json::Value::Object(facts).to_string()
    }
}

impl From<AuditRecord> for AuditRow {
    fn from(record: AuditRecord) -> Self {
        Self {
            chain: record.chain,
            number: record.number,
            at: record.at_ms,
            actor: record.actor,
            action: record.action,
            subject: record.subject,
            facts: record.facts,
            hash: record.hash,
        }
    }
}

/// A page of the audit trail.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AuditView {
    /// The records, the newest first.
    pub(crate) items: Vec<AuditRow>,
    /// What to give as `after` for the next page; null on the last.
    pub(crate) next: Option<String>,
}

/// Reads a page of all chains, merged by time. Each chain keeps its own order, so the position in each is
/// one number, and no record is told twice or left out.
///
/// # Errors
/// `PARAMETER_INVALID` for a position that no page gave, or the store's failure.
pub(crate) async fn load(deps: &Deps, asked: &Asked) -> Result<AuditView, Problem> {
    let mut positions = match cursor::decode("after", asked.after.as_deref())? {
        Some(text) => read_positions(&text).ok_or_else(|| cursor::unusable("after"))?,
        None => vec![NUMBERS_END; usize::from(CHAINS)],
    };
    let reads = (0..CHAINS)
        .zip(&positions)
        .map(|(chain, number)| deps.audit.list(chain, Position::Before(*number), PAGE));
    let read = try_join_all(reads).await?.into_iter();
    let mut chains: Vec<_> = read.map(|records| records.into_iter().peekable()).collect();
    let most = usize::try_from(PAGE).unwrap_or_default();
    let mut records = Vec::new();
    while records.len() < most {
        let heads = chains.iter_mut().enumerate();
        let heads = heads.filter_map(|(at, chain)| Some((chain.peek()?.at_ms, at)));
        let Some((_, at)) = heads.max() else { break };
        let Some(record) = chains.get_mut(at).and_then(Iterator::next) else {
            break;
        };
        if let Some(position) = positions.get_mut(at) {
            *position = record.number;
        }
        records.push(record);
    }
    let is_more = chains.iter_mut().any(|chain| chain.peek().is_some());
    let positions: Vec<String> = positions.iter().map(u64::to_string).collect();
    Ok(AuditView {
        items: records.into_iter().map(AuditRow::from).collect(),
        next: is_more.then(|| cursor::encode(&positions.join("."))),
    })
}

fn read_positions(text: &str) -> Option<Vec<u64>> {
    let numbers: Option<Vec<u64>> = text.split('.').map(|number| number.parse().ok()).collect();
    numbers
        .filter(|numbers| numbers.len() == usize::from(CHAINS) && numbers.iter().all(|n| *n <= NUMBERS_END))
}

impl AuditView {
    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            w.t("Waktu", "Time"),
            w.t("Siapa", "Who"),
            w.t("Tindakan", "Action"),
            w.t("Terhadap", "Subject"),
            w.t("Fakta", "Facts"),
            w.t("Rantai", "Chain"),
            w.t("Nomor", "Number"),
            "SHA-256",
        ];
        let rows = self.items.iter().map(|row| {
            vec![
                Cell::text(domain::when::format_utc(row.at)),
                Cell::text(&row.actor),
                Cell::text(&row.action),
                Cell::text(&row.subject),
                Cell::text(row.facts_with(|amount| format!("Rp {amount}"))),
                Cell::count(row.chain),
                Cell::count(row.number),
                Cell::text(&row.hash),
            ]
        });
        Sheet {
            name: w.t("jejak-audit", "audit-trail").to_owned(),
            header,
            rows: rows.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    view: AuditView,
    next: Option<String>,
    csv: String,
    json: String,
}

/// The audit trail.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    visit.caller.check_scope(Scope::AuditRead)?;
    visit.caller.check_all_outlets()?;
    let (w, asked, path) = (visit.w, &visit.asked, Place::Audit.path());
    let view = load(&deps, asked).await?;
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let page = Page {
        frame: visit.frame(Place::Audit, None, asked),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    #[test]
    fn amounts_among_the_facts_are_told_in_rupiah() {
        let row = |facts: &str| AuditRow {
            chain: 0,
            number: 1,
            at: 0,
            actor: "ingest-sales".to_owned(),
            action: "export.ingested".to_owned(),
            subject: "exp_a".to_owned(),
            facts: facts.to_owned(),
            hash: String::new(),
        };
        let w = Words { lang: Lang::Id };
        let table = [
            (
                r#"{"counts":{"stored":20000},"total":13875000000}"#,
                "{\"counts\":{\"stored\":20000},\"total\":\"Rp\u{a0}1.387.500\"}",
            ),
            (r#"{"kid":10000}"#, r#"{"kid":10000}"#),
            (r#"{"total":"?"}"#, r#"{"total":"?"}"#),
            ("no JSON", "no JSON"),
        ];
        for (facts, told) in table {
            assert_eq!(row(facts).told(w), told);
        }
        let exact = AuditView {
            items: vec![row(r#"{"total":13875005000}"#)],
            next: None,
        };
        let sheet = exact.sheet(w).csv();
        assert!(sheet.is_ok_and(|csv| String::from_utf8_lossy(&csv).contains("Rp 1387500.5")));
    }
}
