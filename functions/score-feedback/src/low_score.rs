//! A case and a mail for every low rating that is new or changed.

use aws::StoreError;
use domain::case::{Case, is_history, low_ratings};
use domain::feedback::Answer;
use domain::mail::{Mail, MailCause, MailState};
use domain::map::OutletRules;
use domain::outlet::Outlet;

use crate::Deps;
use crate::failure::Failure;

/// How often a case is opened anew because a person, or another run, was first.
const TRIES_MAX: u32 = 12;

/// Opens or renews the cases of an outlet's answers. What suspect words come with counts all the same: a guest
/// who leaves a number to be called back looks like an advertisement. What only an export says of a sale of long ago
/// opens none.
///
/// # Errors
/// [`Failure`] when a store does not do its part; another try does no harm.
pub(crate) async fn open(outlet: &str, answers: &[&Answer], deps: &Deps) -> Result<(), Failure> {
    if !answers.iter().any(|answer| answer.is_answered()) {
        return Ok(());
    }
    let known = deps.outlets.get(outlet).await?;
    let outlet = known.unwrap_or_else(|| Outlet::undescribed(outlet, None, None));
    let rules = OutletRules::of(outlet);
    let (now_ms, threshold) = ((deps.now_ms)(), rules.outlet.low_threshold());
    let is_low = |answer: &&&Answer| !low_ratings(&answer.effective(), threshold).is_empty();
    let (old, new): (Vec<&Answer>, Vec<&Answer>) = answers
        .iter()
        .filter(is_low)
        .partition(|answer| is_history(answer, &rules, now_ms));
    if !old.is_empty() {
        tracing::info!(outlet = %rules.outlet.id, answers = old.len(), "low ratings of old sales open no case");
    }
    for answer in new {
        open_one(answer, &rules.outlet, deps).await?;
    }
    Ok(())
}

async fn open_one(answer: &Answer, outlet: &Outlet, deps: &Deps) -> Result<(), Failure> {
    let (id, threshold) = (Case::id_of(&answer.place), outlet.low_threshold());
    for _ in 0..TRIES_MAX {
        let now_ms = (deps.now_ms)();
        let known = deps.cases.get(&answer.place.outlet, &id).await?;
        let told = match &known {
            Some(known) => known.renew(answer, threshold, now_ms),
            None => Case::open(answer, threshold, now_ms),
        };
        // The same ratings with the same words: the shop knows.
        let Some(case) = told else {
            return Ok(());
        };
        match deps
            .cases
            .open_with_mail(&case, &mail(&case, outlet, now_ms))
            .await
        {
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
            Ok(is_news) => {
                tracing::info!(
                    case.id = %case.id, outlet = %case.outlet, revision = case.revision, mailed = is_news, "case.opened"
                );
                return Ok(());
            }
        }
    }
    Err(StoreError::Throttled.into())
}

/// The mail about a case, which is also the reference that its log lines are found by.
fn mail(case: &Case, outlet: &Outlet, now_ms: i64) -> Mail {
    Mail {
        id: case.mail_id(),
        cause: MailCause::LowScore {
            outlet: case.outlet.clone(),
            outlet_name: outlet.name.clone(),
            receipt: case.receipt.to_string(),
            case: case.id.clone(),
            revision: case.revision,
        },
        state: MailState::Queued,
        attempts: 0,
        due_ms: now_ms,
        created_ms: now_ms,
        correlation: Some(case.id.clone()),
        outcome: None,
    }
}
