//! Days to look at, for tests of the rules.
#![allow(dead_code, reason = "each test file uses its part")]

use domain::export::Counts;
use domain::finding::{Code, Facts, FileFact, Finding, Judgement, Look, of_day};
use domain::map::OutletRules;
use domain::money::Money;
use domain::outlet::Outlet;
use domain::page::Receipts;
use domain::receipt::{Head, Lines, OrderType, Rank, Ranked, Receipt, Status};
use domain::summary::DaySummary;
use domain::when::{BusinessDate, TimeQuality};

/// 2026-11-22 at 23:00 in Jakarta.
pub(crate) const DUE: i64 = 1_795_363_200_000;
pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: i64 = 24 * HOUR;
pub(crate) const NOON: i64 = DUE - 11 * HOUR;

pub(crate) fn date() -> BusinessDate {
    "2026-11-22".parse().unwrap()
}

pub(crate) fn receipt(number: Option<&str>, at_ms: i64) -> Receipt {
    let head = Head {
        number: number.map(str::to_owned),
        at_ms,
        quality: TimeQuality::Offset,
        status: Status::Paid,
        order_type: OrderType::DineIn,
        customer: None,
        table: None,
        method: None,
        gross: None,
        net: None,
        service: None,
        tax: None,
        rounding: None,
        total: Some(Money::from_raw(10_000)),
        refunded: Money::ZERO,
    };
    Receipt {
        head: Some(Ranked {
            rank: Rank::default(),
            value: head,
        }),
        lines: Lines::Missing,
        ..Receipt::default()
    }
}

pub(crate) fn page(receipts: impl IntoIterator<Item = Receipt>) -> Receipts {
    let numbered = (0..).zip(receipts);
    numbered
        .map(|(id, receipt): (u32, _)| (id.to_string(), receipt))
        .collect()
}

pub(crate) fn sold(count: usize) -> Receipts {
    page((0..count).map(|_| receipt(None, NOON)))
}

/// A day to look at: what differs from a good, ordinary one is changed by each test.
pub(crate) struct Day {
    pub(crate) rules: OutletRules,
    pub(crate) tonight: BusinessDate,
    pub(crate) first: BusinessDate,
    pub(crate) due_ms: i64,
    pub(crate) first_received_ms: Option<i64>,
    pub(crate) last_received_ms: Option<i64>,
    pub(crate) last_change: Option<Counts>,
    pub(crate) known: Vec<Finding>,
    pub(crate) page: Option<Receipts>,
    pub(crate) summary: Option<DaySummary>,
    pub(crate) usual: Vec<u32>,
    pub(crate) files: Vec<FileFact>,
}

impl Day {
    pub(crate) fn of(page: Receipts) -> Self {
        Self {
            rules: OutletRules::of(Outlet::undescribed("pos-1", None, None)),
            tonight: date(),
            first: date(),
            due_ms: DUE,
            first_received_ms: Some(DUE - HOUR),
            last_received_ms: Some(DUE - HOUR),
            last_change: None,
            known: Vec::new(),
            summary: Some(DaySummary::of(page.values()).unwrap()),
            page: Some(page),
            usual: Vec::new(),
            files: Vec::new(),
        }
    }

    pub(crate) fn silent(usual: &[u32]) -> Self {
        Self {
            page: None,
            summary: None,
            first_received_ms: None,
            last_received_ms: None,
            usual: usual.to_vec(),
            ..Self::of(Receipts::new())
        }
    }

    pub(crate) fn with_files(self, files: Vec<FileFact>) -> Self {
        Self { files, ..self }
    }

    pub(crate) fn judged(&self) -> Judgement {
        of_day(&Look {
            date: date(),
            rules: &self.rules,
            tonight: self.tonight,
            first: self.first,
            due_ms: self.due_ms,
            since_ms: self.due_ms - DAY,
            started_ms: self.due_ms,
            known: &self.known,
            first_received_ms: self.first_received_ms,
            last_received_ms: self.last_received_ms,
            last_change: self.last_change,
            page: self.page.as_ref(),
            summary: self.summary.as_ref(),
            usual: &self.usual,
            files: &self.files,
        })
    }

    pub(crate) fn codes(&self) -> Vec<Code> {
        self.judged().found.into_keys().collect()
    }

    /// A fact of the only finding.
    pub(crate) fn fact(&self, name: &str) -> String {
        let found = self.judged().found;
        assert_eq!(found.len(), 1);
        found.into_values().next().unwrap().remove(name).unwrap()
    }

    pub(crate) fn facts(&self, code: Code) -> Facts {
        self.judged().found.remove(&code).unwrap()
    }
}

pub(crate) fn counts(stored: u64, unchanged: u64, stale: u64, quarantined: u64) -> Counts {
    Counts {
        received: stored + unchanged + stale + quarantined,
        stored,
        unchanged,
        stale,
        quarantined,
    }
}

pub(crate) fn file(key: &str, counts: Counts) -> FileFact {
    FileFact {
        key: key.to_owned(),
        etag: format!("etag of {key}"),
        received_ms: DUE - HOUR,
        counts,
        ..FileFact::default()
    }
}

pub(crate) fn broken(key: &str, code: &str) -> FileFact {
    FileFact {
        failure: Some(code.to_owned()),
        ..file(key, Counts::default())
    }
}

pub(crate) fn controlled(key: &str, matches: &str) -> FileFact {
    FileFact {
        matches: Some(matches.to_owned()),
        ..file(key, counts(5, 0, 0, 0))
    }
}
