//! The steps of one mail: claim, send, settle.

use aws::StoreError;
use aws::mailer::{Letter, MailError};
use domain::mail::{Mail, MailCause, MailState, pause_ms};
use domain::outlet::Outlet;
use domain::receipt_id::ReceiptId;
use lambda_edge::metrics::Unit;

use crate::letter::{export_trouble, low_score, night_digest, rights_due, topup_alert};
use crate::{Deps, Failure, night_report};

/// How long a claim may stay unsettled, in milliseconds; ten times the function's longest run.
const SETTLE_MS: i64 = 600_000;
/// How long one delivery may take at worst, in milliseconds: the mail service's timeout and the
/// store's calls. With less than this left no mail is claimed, because a run that ends between claim
/// and settlement makes a mail unknown.
const DELIVERY_MS: i64 = 30_000;
/// Attempts after which a mail is given up, a little over a week.
const ATTEMPTS_MAX: u32 = 40;

/// Takes every mail that is due, one failure not keeping the next one waiting.
pub(crate) async fn sweep(deps: &Deps, deadline_ms: i64) -> Result<(), Failure> {
    let mut first_failure = None;
    for mail in deps.outbox.due((deps.now_ms)()).await? {
        lambda_edge::correlation::set(mail.correlation.clone().unwrap_or_else(|| mail.id.clone()));
        let swept = match mail.state {
            MailState::Sending => abandon(deps, &mail).await,
            _ => deliver(deps, &mail.id, deadline_ms).await,
        };
        if let Err(failure) = swept {
            tracing::error!(mail.id = %mail.id, error = %failure, "mail could not be swept");
            first_failure.get_or_insert(failure);
        }
    }
    first_failure.map_or(Ok(()), Err)
}

/// Sends a mail if it is queued, due, and not somebody else's by then.
pub(crate) async fn deliver(deps: &Deps, id: &str, deadline_ms: i64) -> Result<(), Failure> {
    let Some(mail) = deps.outbox.get(id).await? else {
        tracing::error!(mail.id = %id, "mail is not in the outbox");
        return Ok(());
    };
    if let Some(correlation) = &mail.correlation {
        lambda_edge::correlation::set(correlation.as_str());
    }
    let now_ms = (deps.now_ms)();
    if mail.state != MailState::Queued || mail.due_ms > now_ms {
        return Ok(());
    }
    let letter = match compose(&mail, deps).await? {
        Ok(letter) => letter,
        Err(error) => return unworded(deps, &mail, &error).await,
    };
    // A report of many outlets takes its time to read; what counts is what is left after that.
    let now_ms = (deps.now_ms)();
    if deadline_ms.saturating_sub(now_ms) < DELIVERY_MS {
        tracing::info!(mail.id = %id, "mail waits for the next sweep: too little time is left");
        return Ok(());
    }
    let claimed = Mail {
        state: MailState::Sending,
        attempts: mail.attempts.saturating_add(1),
        due_ms: now_ms.saturating_add(SETTLE_MS),
        outcome: Some(claim()?),
        ..mail.clone()
    };
    if !advance(deps, &mail, &claimed).await? {
        return Ok(());
    }
    let verdict = deps.mailer.send(&letter).await;
    settle(deps, &claimed, verdict).await
}

/// Why a mail has no words.
#[derive(Debug, thiserror::Error)]
enum Unworded {
    /// A template can't be filled.
    #[error(transparent)]
    Template(#[from] askama::Error),
    /// What it is about is not there.
    #[error("what it is about is gone")]
    Gone,
}

/// Words a mail. What it is about is read now where it may have changed since the mail was put here.
async fn compose(mail: &Mail, deps: &Deps) -> Result<Result<Letter, Unworded>, StoreError> {
    let letter = match &mail.cause {
        MailCause::ExportTrouble { export, reasons } => {
            export_trouble::compose(export, reasons, &deps.addresses)
        }
        MailCause::NightDigest { date } => match night_report::read(*date, deps).await? {
            Some(told) => night_digest::compose(&told, &deps.addresses),
            None => return Ok(Err(Unworded::Gone)),
        },
        MailCause::RightsDue {
            request: id,
            kind,
            due_ms,
        } => {
            let request = deps.requests.get(id).await?;
            let told = rights_due::Told {
                id,
                kind,
                due_ms: *due_ms,
                request: request.as_ref(),
                now_ms: (deps.now_ms)(),
            };
            rights_due::compose(&told, &deps.addresses)
        }
        MailCause::TopupAlert {
            alert,
            subject,
            at_ms,
        } => {
            let told = topup_alert::Told {
                alert,
                subject,
                at_ms: *at_ms,
            };
            topup_alert::compose(&told, &deps.addresses)
        }
        MailCause::LowScore {
            outlet,
            outlet_name,
            receipt,
            case,
            revision,
        } => {
            let answer = match ReceiptId::parse(receipt) {
                Some(receipt) => deps.feedback.get(&receipt).await?,
                None => None,
            };
            let known = deps.outlets.get(outlet).await?;
            let mut outlet = known.unwrap_or_else(|| Outlet::undescribed(outlet, None, None));
            // The name of today, or else the one when the mail was put here.
            outlet.name = outlet.name.or_else(|| outlet_name.clone());
            let told = low_score::Told {
                outlet: &outlet,
                case,
                revision: *revision,
                answer: answer.as_ref(),
            };
            low_score::compose(&told, &deps.addresses)
        }
    };
    Ok(letter.map_err(Unworded::from))
}

/// Writes down what the mail service answered.
async fn settle(deps: &Deps, claimed: &Mail, verdict: Result<String, MailError>) -> Result<(), Failure> {
    let (state, outcome) = match verdict {
        Ok(message_id) => (MailState::Sent, message_id),
        Err(MailError::NotNow(code)) if claimed.attempts < ATTEMPTS_MAX => (MailState::Queued, code),
        Err(MailError::NotNow(code) | MailError::Refused(code)) => (MailState::Failed, code),
        Err(MailError::Unknown(code)) => (MailState::Unknown, code),
    };
    let due_ms = (deps.now_ms)().saturating_add(pause_ms(claimed.attempts));
    let settled = Mail {
        state,
        due_ms,
        outcome: Some(outcome),
        ..claimed.clone()
    };
    let written = advance(deps, claimed, &settled).await;
    // First the line, then the error: the answer is worth knowing even when it could not be kept.
    say(&settled);
    count(&settled, deps);
    if !written? {
        tracing::error!(mail.id = %settled.id, "mail was settled by somebody else meanwhile");
    }
    Ok(())
}

/// Ends a mail that can't be worded: it would not be the next minute either.
async fn unworded(deps: &Deps, mail: &Mail, error: &Unworded) -> Result<(), Failure> {
    let failed = Mail {
        state: MailState::Failed,
        outcome: Some(format!("no words for it: {error}")),
        ..mail.clone()
    };
    if advance(deps, mail, &failed).await? {
        say(&failed);
        count(&failed, deps);
    }
    Ok(())
}

/// Ends a claim whose sender never came back.
async fn abandon(deps: &Deps, claimed: &Mail) -> Result<(), Failure> {
    let outcome = Some("the sender did not come back".to_owned());
    let abandoned = Mail {
        state: MailState::Unknown,
        outcome,
        ..claimed.clone()
    };
    if advance(deps, claimed, &abandoned).await? {
        say(&abandoned);
        count(&abandoned, deps);
    }
    Ok(())
}

/// Counts what was settled; a mail that waits for its next try is not.
fn count(mail: &Mail, deps: &Deps) {
    match mail.state {
        MailState::Sent => deps.metrics.add("MailsSent", Unit::Count, 1),
        MailState::Unknown | MailState::Failed => deps.metrics.add("MailsNotSent", Unit::Count, 1),
        MailState::Queued | MailState::Sending => {}
    }
}

/// One line per outcome, without addresses.
fn say(mail: &Mail) {
    let (mut export, mut case, mut night, mut request, mut topup) = (None, None, None, None, None);
    match &mail.cause {
        MailCause::ExportTrouble { export: about, .. } => export = Some(about.id.as_str()),
        MailCause::LowScore { case: about, .. } => case = Some(about.as_str()),
        MailCause::NightDigest { date } => night = Some(date.to_string()),
        MailCause::RightsDue { request: about, .. } => request = Some(about.as_str()),
        MailCause::TopupAlert { alert: about, .. } => topup = Some(about.as_str()),
    }
    let night = night.as_deref();
    let (state, detail) = (mail.state.as_str(), mail.outcome.as_deref());
    match mail.state {
        MailState::Sent | MailState::Queued | MailState::Sending => tracing::info!(
            mail.outcome = state, mail.detail = detail, mail.id = %mail.id, mail.attempts = mail.attempts,
            export.id = export, case.id = case, night.date = night, request.id = request,
            topup.alert = topup, "mail"
        ),
        MailState::Unknown | MailState::Failed => tracing::error!(
            mail.outcome = state, mail.detail = detail, mail.id = %mail.id, mail.attempts = mail.attempts,
            export.id = export, case.id = case, night.date = night, request.id = request,
            topup.alert = topup, "mail"
        ),
    }
}

/// Moves a mail on, and answers whether it was this call that did.
///
/// A write whose reply was lost is repeated by the client and then meets its own change. That is
/// told from somebody else's change by the claim, which no two senders share.
async fn advance(deps: &Deps, from: &Mail, to: &Mail) -> Result<bool, StoreError> {
    let Err(error) = deps.outbox.advance(from, to).await else {
        return Ok(true);
    };
    let stored = deps.outbox.get(&to.id).await?;
    match error {
        _ if stored.as_ref() == Some(to) => Ok(true),
        StoreError::Conflict => Ok(false),
        error => Err(error),
    }
}

/// What marks a mail as this sender's while it is being sent; its outcome takes the place.
fn claim() -> Result<String, Failure> {
    let random =
        lambda_edge::clock::random::<15>().map_err(|error| Failure::Randomness(error.to_string()))?;
    Ok(format!(
        "claim {}",
        data_encoding::BASE32_NOPAD.encode(&random).to_lowercase()
    ))
}
