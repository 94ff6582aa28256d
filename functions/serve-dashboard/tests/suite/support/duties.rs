//! Nights, their parts and findings for a shop.

use aws::findings::Findings;
use aws::nights::Nights;
use aws::outbox::Outbox;
use domain::finding::{Code, Finding, FindingState};
use domain::mail::{Mail, MailCause, MailState};
use domain::night::{End, Job, Night, Outcome, Part, Phase, Trouble};

use super::seed::date;
use super::{NOON_MS, Shop};

/// 2025-10-27T16:00:00Z, eleven at night in Jakarta on the day before [`NOON_MS`].
pub const DUE_MS: i64 = NOON_MS - 46_800_000;
const MINUTE_MS: i64 = 60_000;

/// The night of a date as it ended, or under way. Each of its phases took a minute more than the one before.
pub fn night(on: &str, end: Option<End>) -> Night {
    let mut night = Night::begin(date(on), DUE_MS, None, true, DUE_MS);
    night.outlets = 2;
    night.parts = [(Phase::Pull, 1), (Phase::Reconcile, 1)].into();
    let over = if end.is_some() {
        Phase::Over
    } else {
        Phase::Reconcile
    };
    let mut at = DUE_MS;
    for (minutes, phase) in (0..).zip(Phase::ALL).take_while(|(_, phase)| *phase <= over) {
        at += minutes * MINUTE_MS;
        night.began.insert(phase, at);
        night.phase = phase;
    }
    (night.phase_ms, night.end) = (at, end);
    if end.is_some() {
        night.finished_ms = Some(at);
        night.digest = Some(format!("mail_{on}"));
        night.tally.listed = 3;
        night.tally.pulled = 2;
        night.tally.known = 1;
        night.tally.days = 6;
        night.tally.opened = 2;
        night.tally.resolved = 1;
        night.tally.people = 40;
    }
    night
}

pub async fn begin(shop: &Shop, night: &Night) {
    let nights = Nights::new(&shop.world.clients);
    assert!(nights.begin(night).await.unwrap());
}

/// A part of a phase with two jobs, one of which failed.
pub async fn part(shop: &Shop, on: &str, phase: Phase, number: u32) {
    let job = |outlet: &str| Job::Outlet {
        outlet: outlet.to_owned(),
        date: date(on),
    };
    let part = Part::todo(date(on), phase, number, vec![job("moka-7"), job("pos-9")], DUE_MS);
    let part = part.claim(DUE_MS, MINUTE_MS).unwrap();
    let trouble = Trouble::new(Some("pos-9"), "moka", "MOKA_CURSOR", "page 3 again");
    let outcomes = [Outcome::default(), Outcome::failed(trouble)];
    let part = part
        .progressed(part.token, &outcomes, DUE_MS + MINUTE_MS)
        .unwrap();
    let taken = Nights::new(&shop.world.clients).put_parts(&[part]).await.unwrap();
    assert!(taken.is_empty());
}

/// The report of a night by mail.
pub async fn digest(shop: &Shop, night: &Night, state: MailState) {
    let mail = Mail {
        id: night.digest.clone().unwrap(),
        cause: MailCause::NightDigest { date: night.date },
        state,
        attempts: 1,
        due_ms: DUE_MS,
        created_ms: DUE_MS,
        correlation: None,
        outcome: None,
    };
    assert!(Outbox::new(&shop.world.clients).put(&mail).await.unwrap());
}

/// An open finding with facts of its kind, opened some minutes after the night was due.
pub fn finding(outlet: &str, on: &str, code: Code, minutes: i64) -> Finding {
    let facts: &[(&str, &str)] = match code {
        Code::SalesMissing => &[("usual", "42")],
        Code::NumberGap => &[
            ("missing", "2"),
            ("numbers", "A-0042, A-0043"),
            ("sequences", "1"),
        ],
        Code::FileFailed => &[
            ("files", "1"),
            ("keys", "incoming/<b>.json"),
            ("received", "2025-10-27T16:30:00Z"),
            ("codes", "FILE_NOT_JSON"),
        ],
        _ => &[],
    };
    let facts = facts.iter();
    Finding {
        outlet: outlet.to_owned(),
        date: date(on),
        code,
        state: FindingState::Open,
        first_ms: DUE_MS + minutes * MINUTE_MS,
        opened_ms: DUE_MS + minutes * MINUTE_MS,
        last_ms: DUE_MS + minutes * MINUTE_MS,
        facts: facts
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        notes: Vec::new(),
        version: 0,
    }
}

pub async fn found(shop: &Shop, findings: &[Finding]) {
    let store = Findings::new(&shop.world.clients);
    for finding in findings {
        store.write(std::slice::from_ref(finding)).await.unwrap();
    }
}

/// Two nights, one of them partial, and findings of both outlets.
pub async fn all(shop: &Shop) {
    let mut partial = night("2025-10-27", Some(End::Partial));
    partial.trouble(Trouble::new(Some("pos-9"), "moka", "MOKA_CURSOR", "page 3 again"));
    partial.trouble(Trouble::new(None, "central", "CENTRAL_CHECKSUM", "<b>.json"));
    partial.trouble(Trouble::new(None, "night", "NEW_CODE", "x"));
    begin(shop, &partial).await;
    begin(shop, &night("2025-10-26", Some(End::Complete))).await;
    part(shop, "2025-10-27", Phase::Pull, 0).await;
    part(shop, "2025-10-27", Phase::Reconcile, 0).await;
    digest(shop, &partial, MailState::Sent).await;
    let mut resolved = finding("moka-7", "2025-10-25", Code::SalesMissing, 1);
    resolved.state = FindingState::Resolved;
    let findings = [
        resolved,
        finding("moka-7", "2025-10-27", Code::NumberGap, 2),
        finding("moka-7", "2025-10-27", Code::FileFailed, 3),
        finding("pos-9", "2025-10-27", Code::SalesMissing, 4),
    ];
    found(shop, &findings).await;
}
