//! The steps of one message: claim, send, settle.

use std::collections::BTreeSet;

use aws::StoreError;
use domain::topup::alert::{Alert, AlertKind};
use domain::topup::order::Order;
use domain::topup::partner::Partner;
use domain::topup::webhook::{self, Message, Webhook, WebhookState};
use partners::webhook::Cause;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::{Deps, Failure};

/// How long a claim may stay unsettled, in milliseconds; several times the longest sending.
const SETTLE_MS: i64 = 60_000;
/// How long one delivery may take at worst, in milliseconds: the ten seconds that a partner has, and the store's calls.
/// With less than this left no message is claimed.
const DELIVERY_MS: i64 = 30_000;
/// Messages that one sweep tries, and reads at a time.
const SWEEP_MAX: i32 = 200;
/// How long a partner's server may take before the rest of its messages waits, in milliseconds.
const SLOW_MS: i64 = 3_000;

/// Partners that did not answer in this run, or took long: each has cost the others seconds, so the rest of theirs
/// waits for the next minute.
pub(crate) type Slow = Mutex<BTreeSet<String>>;

/// What a sweep came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Messages that were taken.
    pub delivered: u64,
    /// Messages that will be tried again.
    pub later: u64,
    /// Messages that will not.
    pub given_up: u64,
}

/// Takes messages that are due, one failure not keeping the next one waiting, nor one partner's messages another's:
/// however many a slow partner has, what stands behind them is read.
pub(crate) async fn sweep(deadline_ms: i64, deps: &Deps) -> Result<Told, Failure> {
    let (slow, since_ms) = (Slow::default(), deps.now());
    let (mut told, mut first_failure) = (Told::default(), None);
    let (mut after, mut left) = (None, SWEEP_MAX);
    while left > 0 && deadline_ms.saturating_sub(deps.now()) >= DELIVERY_MS {
        let (page, next) = deps.webhooks.due(since_ms, after.as_deref(), SWEEP_MAX).await?;
        for due in page {
            if left == 0 || slow.lock().await.contains(&due.partner) {
                continue;
            }
            left -= 1;
            match deliver(&due.id, deadline_ms, &slow, deps).await {
                Ok(Some(WebhookState::Delivered)) => told.delivered += 1,
                Ok(Some(WebhookState::Queued)) => told.later += 1,
                Ok(Some(WebhookState::GivenUp)) => told.given_up += 1,
                Ok(Some(WebhookState::NotWanted) | None) => {}
                Err(failure) => {
                    tracing::error!(webhook.id = %due.id, error = %failure, "webhook could not be swept");
                    first_failure.get_or_insert(failure);
                }
            }
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    first_failure.map_or(Ok(told), Err)
}

/// Sends a message if it is queued, due, and not somebody else's by then. Answers how it stands after that, `None` where
/// nothing was done about it.
pub(crate) async fn deliver(
    id: &str,
    deadline_ms: i64,
    slow: &Slow,
    deps: &Deps,
) -> Result<Option<WebhookState>, Failure> {
    let Some(webhook) = deps.webhooks.get(id).await? else {
        tracing::error!(webhook.id = %id, "webhook is not there");
        return Ok(None);
    };
    lambda_edge::correlation::set(webhook.correlation.as_deref().unwrap_or(&webhook.refid));
    let now_ms = deps.now();
    if webhook.state != WebhookState::Queued || webhook.due_ms > now_ms {
        return Ok(None);
    }
    if slow.lock().await.contains(&webhook.partner) || deadline_ms.saturating_sub(now_ms) < DELIVERY_MS {
        tracing::info!(webhook.id = %id, "webhook waits for the next sweep");
        return Ok(None);
    }
    let partner = deps.catalogue.partner(&webhook.partner).await?;
    let order = deps.topups.get(&webhook.refid).await?;
    let wanted = partner
        .as_ref()
        .and_then(|partner| Some((partner, partner.webhook.as_deref()?)));
    let (Some((partner, url)), Some(order)) = (wanted, order) else {
        // No address, no partner, or an order that is so old that it is gone: there is nobody to tell, or nothing.
        return settle(&webhook, WebhookState::NotWanted, "nobody to tell", deps).await;
    };
    let letter = Letter::write(&webhook, &order, partner, deps).await?;
    let claimed = Webhook {
        attempts: webhook.attempts.saturating_add(1),
        due_ms: now_ms.saturating_add(SETTLE_MS),
        ..webhook.clone()
    };
    let claimed = match deps.webhooks.change(&webhook, &claimed).await {
        Ok(claimed) => claimed,
        // Somebody else sends it.
        Err(StoreError::Conflict) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let headers = [
        ("Oyako-Signature", letter.signature.as_str()),
        ("Oyako-Event-Id", claimed.id.as_str()),
    ];
    let answer = deps.http.send(url, &headers, letter.body).await;
    if answer == Err(Cause::Timeout) || deps.now().saturating_sub(now_ms) > SLOW_MS {
        slow.lock().await.insert(claimed.partner.clone());
    }
    judge(&claimed, answer, deps).await
}

/// A message as it is sent.
struct Letter {
    body: Vec<u8>,
    signature: String,
}

impl Letter {
    /// Writes and signs a message. For a day after a partner's secret was changed the one before signs too.
    async fn write(
        webhook: &Webhook,
        order: &Order,
        partner: &Partner,
        deps: &Deps,
    ) -> Result<Self, Failure> {
        let (secrets, name) = &*deps.key;
        let master = secrets.get(name).await?;
        let master = master.expose().trim().as_bytes();
        let now_ms = deps.now();
        let message = Message::of(webhook, order);
        let body = serde_json::to_vec(&message).map_err(|_| Failure::Unwritten)?;
        let secrets: Vec<String> = partner
            .signing(now_ms)
            .into_iter()
            .map(|number| webhook::secret(master, &partner.id, number))
            .collect();
        let signature = webhook::signature_header(&secrets, now_ms.div_euclid(1000), &body);
        Ok(Self { body, signature })
    }
}

/// Decides what an answer means: taken, again after a pause, or never again.
async fn judge(
    claimed: &Webhook,
    answer: Result<u16, Cause>,
    deps: &Deps,
) -> Result<Option<WebhookState>, Failure> {
    let last = match answer {
        Ok(status @ 200..=299) => {
            return settle(claimed, WebhookState::Delivered, &status.to_string(), deps).await;
        }
        Ok(status) => status.to_string(),
        Err(cause) => cause.as_str().to_owned(),
    };
    if webhook::pause_ms(claimed.attempts).is_some() {
        return settle(claimed, WebhookState::Queued, &last, deps).await;
    }
    // Before the end is noted: a run that is cut off in between tries once more, and ends the same. The subject is the
    // partner, so that one that is away is one mail and not one for each message.
    let alert = Alert::new(AlertKind::WebhookGivenUp, &claimed.partner, deps.now());
    deps.outbox.put(&alert.mail()).await?;
    settle(claimed, WebhookState::GivenUp, &last, deps).await
}

/// Notes how a message stands after it was tried.
async fn settle(
    webhook: &Webhook,
    state: WebhookState,
    last: &str,
    deps: &Deps,
) -> Result<Option<WebhookState>, Failure> {
    let pause_ms = webhook::pause_ms(webhook.attempts).unwrap_or_default();
    let settled = Webhook {
        state,
        due_ms: deps.now().saturating_add(pause_ms),
        last: Some(last.to_owned()),
        ..webhook.clone()
    };
    let written = deps.webhooks.change(webhook, &settled).await;
    // First the line, then the error: the answer is worth knowing even when it could not be kept.
    say(&settled);
    match written {
        Ok(_) => Ok(Some(state)),
        // A write whose answer was lost, or somebody who sent it again by hand meanwhile.
        Err(StoreError::Conflict) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// One line per try, without the address: it may have a secret in it.
fn say(webhook: &Webhook) {
    let Webhook {
        id,
        refid,
        partner,
        attempts,
        ..
    } = webhook;
    let (state, last, about) = (
        webhook.state.as_str(),
        webhook.last.as_deref(),
        webhook.about.as_str(),
    );
    match webhook.state {
        WebhookState::Delivered | WebhookState::NotWanted => tracing::info!(
            webhook.id = %id, topup.refid = %refid, partner = %partner, webhook.about = about,
            webhook.state = state, webhook.last = last, webhook.attempts = attempts, "webhook"
        ),
        WebhookState::Queued | WebhookState::GivenUp => tracing::warn!(
            webhook.id = %id, topup.refid = %refid, partner = %partner, webhook.about = about,
            webhook.state = state, webhook.last = last, webhook.attempts = attempts, "webhook"
        ),
    }
}
