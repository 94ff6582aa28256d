//! What a night's report tells, read when it is sent: what was corrected, accepted or seen to in between is told as it
//! is by then.

use aws::StoreError;
use domain::case::CaseState;
use domain::insight::Scope;
use domain::night::Night;
use domain::rights::REMIND_MS;
use domain::satisfaction::Stars;
use domain::when::BusinessDate;

use crate::Deps;
use crate::letter::night_digest::{Counted, Findings, Requests, Told};

/// How many open findings one request reads.
const FINDINGS_PAGE: i32 = 500;
/// How many such requests there are at most: beyond twenty thousand open findings the rest is "more".
const FINDINGS_PAGES: u32 = 40;
/// The same for open cases: a thousand.
const CASES_PAGE: i32 = 200;
const CASES_PAGES: u32 = 5;
/// How many requests of people are counted.
const REQUESTS_PAGE: i32 = 100;
/// How many days a day is compared with.
const WEEK_DAYS: i32 = 7;

/// Reads what the report of a night tells; `None` where there is no such night.
pub(crate) async fn read(date: BusinessDate, deps: &Deps) -> Result<Option<Told>, StoreError> {
    let Some(night) = deps.nights.get(date).await? else {
        return Ok(None);
    };
    let findings = findings(deps).await?;
    let names = names(deps, &night, &findings).await?;
    let (sales, week) = figures(date, deps).await?;
    Ok(Some(Told {
        cases: cases(deps).await?,
        requests: requests(deps).await?,
        night,
        findings,
        names,
        sales,
        week,
    }))
}

async fn findings(deps: &Deps) -> Result<Findings, StoreError> {
    let (mut found, mut after) = (Findings::default(), None);
    for _ in 0..FINDINGS_PAGES {
        let (some, next) = deps.findings.open(after.as_ref(), FINDINGS_PAGE).await?;
        some.iter().for_each(|finding| found.add(finding));
        after = next;
        if after.is_none() {
            break;
        }
    }
    found.more = after.is_some();
    Ok(found)
}

async fn names(
    deps: &Deps,
    night: &Night,
    findings: &Findings,
) -> Result<std::collections::BTreeMap<String, String>, StoreError> {
    let ids = Told::named(night, findings);
    let outlets = deps
        .outlets
        .many(&ids.iter().map(String::as_str).collect())
        .await?;
    let named = outlets.into_iter();
    Ok(named
        .filter_map(|outlet| Some((outlet.id, outlet.name?)))
        .collect())
}

/// The figures of the day, and the stars of the days before it.
async fn figures(
    date: BusinessDate,
    deps: &Deps,
) -> Result<(Option<domain::insight::Insight>, Stars), StoreError> {
    let from = date.add_days(-WEEK_DAYS).unwrap_or(date);
    let (mut today, mut week) = (None, Stars::default());
    for (day, insight) in deps.insights.totals_days(&Scope::All, from, date).await? {
        if day == date {
            today = Some(insight);
        } else {
            week.merge(&insight.overall);
        }
    }
    Ok((today, week))
}

async fn cases(deps: &Deps) -> Result<Counted, StoreError> {
    let (mut counted, mut after) = (Counted::default(), None);
    for _ in 0..CASES_PAGES {
        let (some, next) = deps
            .cases
            .by_state(CaseState::Open, after.as_ref(), CASES_PAGE)
            .await?;
        counted.count = counted.count.saturating_add(wide(some.len()));
        after = next;
        if after.is_none() {
            break;
        }
    }
    counted.more = after.is_some();
    Ok(counted)
}

async fn requests(deps: &Deps) -> Result<Requests, StoreError> {
    let now_ms = (deps.now_ms)();
    // The soonest due come first, so whatever is urgent is among them.
    let (some, next) = deps.requests.unfinished(None, REQUESTS_PAGE).await?;
    let overdue = some.iter().filter(|request| request.is_overdue(now_ms)).count();
    let limit_ms = now_ms.saturating_add(REMIND_MS);
    let due = some.iter().filter(|request| request.due_ms <= limit_ms).count();
    Ok(Requests {
        open: Counted {
            count: wide(some.len()),
            more: next.is_some(),
        },
        soon: wide(due.saturating_sub(overdue)),
        overdue: wide(overdue),
    })
}

/// A count of things in memory.
fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
