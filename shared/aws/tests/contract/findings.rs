//! Findings: one of a code for each day of an outlet, written together, and listed while they are open.

use std::collections::BTreeMap;

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::findings::Findings;
use aws::position::ListPosition;
use domain::audit::chain_of;
use domain::finding::{Code, Finding, FindingState};
use testkit::Stores;

use crate::support::{NOW_MS, get};

/// An open finding that is not stored yet.
fn finding(outlet: &str, date: &str, code: Code, opened_ms: i64) -> Finding {
    Finding {
        outlet: outlet.to_owned(),
        date: date.parse().unwrap(),
        code,
        state: FindingState::Open,
        first_ms: opened_ms,
        opened_ms,
        last_ms: opened_ms,
        facts: BTreeMap::from([("usual".to_owned(), "120".to_owned())]),
        notes: Vec::new(),
        version: 0,
    }
}

fn at(finding: &Finding, version: u64) -> Finding {
    Finding {
        version,
        ..finding.clone()
    }
}

fn resolved(finding: &Finding) -> Finding {
    Finding {
        state: FindingState::Resolved,
        ..finding.clone()
    }
}

async fn stored(findings: &Findings, finding: &Finding) -> Option<Finding> {
    let found = findings.get(&finding.outlet, finding.date, finding.code).await;
    found.unwrap()
}

/// Outlet, date and code of each.
fn told(findings: &[Finding]) -> Vec<(&str, String, Code)> {
    findings
        .iter()
        .map(|finding| (&*finding.outlet, finding.date.to_string(), finding.code))
        .collect()
}

#[tokio::test]
async fn the_findings_of_some_days_are_those_of_the_first_and_the_last_too() {
    let stores = Stores::start().await;
    let findings = Findings::new(&stores.clients);
    let of = |date, code| finding("1|kopi", date, code, NOW_MS);
    let all = [
        of("2025-10-08", Code::SalesLate),
        of("2025-10-09", Code::NumberGap),
        of("2025-10-09", Code::SalesLate),
        of("2025-10-10", Code::UnusuallyFew),
        of("2025-10-11", Code::FileFailed),
    ];
    findings.write(&all).await.unwrap();
    let elsewhere = finding("1", "2025-10-09", Code::NumberGap, NOW_MS);
    findings.write(&[elsewhere]).await.unwrap();
    let between = async |outlet: &str, from: &str, to: &str| {
        let days = (from.parse().unwrap(), to.parse().unwrap());
        findings.between(outlet, days).await.unwrap()
    };
    let found = between("1|kopi", "2025-10-09", "2025-10-10").await;
    assert_eq!(found, all[1..4].iter().map(|new| at(new, 1)).collect::<Vec<_>>());
    assert_eq!(between("1|kopi", "2025-10-10", "2025-10-09").await, []);
    assert_eq!(between("2", "2025-10-01", "2025-10-31").await, []);
    stores.stop().await;
}

#[tokio::test]
async fn of_findings_written_together_none_is_written_when_one_came_too_late() {
    let stores = Stores::start().await;
    let findings = Findings::new(&stores.clients);
    let known = finding("1", "2025-10-28", Code::NumberGap, NOW_MS);
    let new = finding("1", "2025-10-28", Code::ClockWrong, NOW_MS);
    findings.write(std::slice::from_ref(&known)).await.unwrap();
    for stale in [&known, &at(&resolved(&known), 2)] {
        let refused = findings.write(&[new.clone(), stale.clone()]).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
        assert_eq!(stored(&findings, &new).await, None);
        assert_eq!(stored(&findings, &known).await, Some(at(&known, 1)));
    }
    let both = [new.clone(), at(&resolved(&known), 1)];
    findings.write(&both).await.unwrap();
    assert_eq!(stored(&findings, &new).await, Some(at(&new, 1)));
    assert_eq!(stored(&findings, &known).await, Some(at(&resolved(&known), 2)));
    stores.stop().await;
}

#[tokio::test]
async fn open_findings_are_listed_page_by_page_the_latest_opened_first() {
    let stores = Stores::start().await;
    let findings = Findings::new(&stores.clients);
    let date = "2025-10-28";
    // Two hundred and more: more than one transaction takes.
    let many: Vec<Finding> = (0..205)
        .map(|n| finding(&format!("{n:03}"), date, Code::SalesMissing, NOW_MS + n))
        .collect();
    findings.write(&many).await.unwrap();
    let settled = [resolved(&at(&many[204], 1)), resolved(&at(&many[0], 1))];
    findings.write(&settled).await.unwrap();
    let (mut read, mut after) = (Vec::new(), None::<ListPosition>);
    loop {
        let (some, next) = findings.open(after.as_ref(), 100).await.unwrap();
        read.extend(some);
        let Some(next) = next else { break };
        after = ListPosition::parse(&next.to_string());
    }
    let expected: Vec<Finding> = many[1..204].iter().rev().map(|new| at(new, 1)).collect();
    assert_eq!(told(&read), told(&expected));
    assert_eq!(read, expected);
    stores.stop().await;
}

#[tokio::test]
async fn an_outlets_findings_come_page_by_page_the_latest_date_first_in_any_state() {
    let stores = Stores::start().await;
    let findings = Findings::new(&stores.clients);
    let all = [
        finding("1", "2025-09-30", Code::SalesLate, NOW_MS),
        resolved(&finding("1", "2025-10-09", Code::SalesLate, NOW_MS)),
        finding("1", "2025-10-10", Code::NumberGap, NOW_MS),
    ];
    findings.write(&all).await.unwrap();
    let (first, next) = findings.of_outlet("1", None, 2).await.unwrap();
    assert_eq!(first, [at(&all[2], 1), at(&all[1], 1)]);
    let (second, next) = findings.of_outlet("1", next.as_deref(), 2).await.unwrap();
    assert_eq!((second, next), (vec![at(&all[0], 1)], None));
    let (again, _) = findings.of_outlet("1", Some(""), 9).await.unwrap();
    assert_eq!(again.len(), 3, "what is no position is the beginning");
    stores.stop().await;
}

#[tokio::test]
async fn a_persons_word_about_a_finding_is_on_record_and_counts_once() {
    let stores = Stores::start().await;
    let findings = Findings::new(&stores.clients);
    let new = finding("1", "2025-10-28", Code::SalesMissing, NOW_MS);
    findings.write(std::slice::from_ref(&new)).await.unwrap();
    let open = at(&new, 1);
    let accepted = open.accepted("staff:1", "tutup", NOW_MS + 1).unwrap();
    findings
        .accept(&open, &accepted, "staff:1", NOW_MS + 1)
        .await
        .unwrap();
    let late = open.accepted("staff:2", "", NOW_MS + 2).unwrap();
    let late = findings.accept(&open, &late, "staff:2", NOW_MS + 2).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(stored(&findings, &new).await, Some(at(&accepted, 2)));
    assert_eq!(findings.open(None, 9).await.unwrap(), (Vec::new(), None));

    let subject = "1/2025-10-28/SALES_MISSING";
    let audit = AuditTrail::new(&stores.clients);
    let records = audit.list(chain_of(subject), Position::NEWEST, 9).await.unwrap();
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!((&*record.action, &*record.actor), ("finding.accepted", "staff:1"));
    assert_eq!(record.subject, subject);
    assert!(!record.facts.contains("tutup"), "words may name somebody");
    stores.stop().await;
}

#[tokio::test]
async fn a_finding_is_kept_while_it_is_open_and_then_for_four_hundred_days() {
    let stores = Stores::start().await;
    let findings = Findings::new(&stores.clients);
    let open = finding("pos-1", "2025-10-28", Code::NumberGap, NOW_MS);
    let expires = async || {
        let table = stores.clients.names().duties.as_str();
        let item = get(&stores, table, "F#pos-1", "2025-10-28#NUMBER_GAP").await;
        let expires = item.unwrap().remove("expires_at");
        expires.map(|at| at.as_n().unwrap().clone())
    };
    findings.write(std::slice::from_ref(&open)).await.unwrap();
    assert_eq!(expires().await, None);
    findings.write(&[resolved(&at(&open, 1))]).await.unwrap();
    let ends_s = NOW_MS.div_euclid(1000) + 400 * 24 * 3_600;
    assert_eq!(expires().await, Some(ends_s.to_string()));
    findings.write(&[at(&open, 2)]).await.unwrap();
    assert_eq!(expires().await, None, "it is open again");
    stores.stop().await;
}
