//! From a request to an order in the store: once for each key, and only where nothing stands against it.

use aws::StoreError;
use aws::topups::{KeyUse, Stop, Taken};
use domain::topup::intake::taken;
use domain::topup::order::Order;
use domain::topup::partner::Partner;
use domain::topup::refid;
use domain::topup::state::State;
use edge::http::Correlation;
use edge::problem::{Problem, STORE_BUSY};
use http::header::{HeaderValue, RETRY_AFTER};

use crate::Deps;
use crate::claim::{hash, reused};
use crate::look::Look;
use crate::orders::TopupRequest;
use crate::refusal::Told;

/// How often an order is judged anew because something that it was judged by has changed.
const TRIES: u32 = 6;
/// How often `send-topups` looks by which address the supplier sees us, in milliseconds.
const LOOK_MS: i64 = 15 * 60_000;

/// What a partner asks for, under its key.
pub(crate) struct Asked<'a> {
    pub(crate) partner: &'a Partner,
    pub(crate) request: &'a TopupRequest,
    pub(crate) key: &'a str,
    pub(crate) correlation: &'a Correlation,
}

/// What became of it.
pub(crate) enum Answered {
    /// It was taken by this request.
    Now(Box<Order>),
    /// It was taken by an earlier one, and stands like this.
    Before(Box<Order>),
}

impl Deps {
    /// Takes an order.
    pub(crate) async fn take(&self, asked: &Asked<'_>) -> Result<Answered, Problem> {
        let (key_hash, body_hash) = (hash(&[asked.key.as_bytes()]), asked.request.fingerprint());
        let used = KeyUse {
            partner: &asked.partner.id,
            key_hash: &key_hash,
            body_hash: &body_hash,
        };
        for _ in 0..TRIES {
            // First of all: what was taken is answered, whatever would stand against it by now.
            if let Some(answered) = self.taken_before(&used).await? {
                return Ok(answered);
            }
            match self.take_now(asked, &used).await {
                Ok(Some(answered)) => return Ok(answered),
                Ok(None) => {}
                // What stands against it may be its own order: the same request once more has overtaken this one.
                Err(problem) => return self.taken_before(&used).await?.ok_or(problem),
            }
        }
        Err(Problem::new(&STORE_BUSY)
            .detail(
                "Coba lagi dengan kunci yang sama.",
                "Try again with the same key.",
            )
            .header(RETRY_AFTER, HeaderValue::from_static("1"))
            .caused_by("the order was overtaken each time"))
    }

    /// What an earlier request with the key has taken.
    async fn taken_before(&self, used: &KeyUse<'_>) -> Result<Option<Answered>, Problem> {
        let Some((body, refid)) = self.topups.key(used.partner, used.key_hash).await? else {
            return Ok(None);
        };
        if body != used.body_hash {
            return Err(reused());
        }
        self.before(&refid).await.map(Some)
    }

    /// Judges and takes an order at this moment; `None` where something that it was judged by changed meanwhile.
    async fn take_now(&self, asked: &Asked<'_>, used: &KeyUse<'_>) -> Result<Option<Answered>, Problem> {
        let (partner, request, now_ms) = (asked.partner, asked.request, self.now_ms());
        self.may_order(partner, now_ms).await?;
        let look = match Look::at(self, partner, request, now_ms).await? {
            Ok(look) => look,
            Err(unfit) => return Err(Told::from(&unfit).problem(Vec::new(), now_ms)),
        };
        let mut refusals = look.refusals(self, partner, request).await?.into_iter();
        if let Some(first) = refusals.next() {
            return Err(first.problem(refusals.collect(), now_ms));
        }
        let random =
            lambda_edge::clock::random::<8>().map_err(|error| Problem::internal(error.to_string()))?;
        let change = taken(
            &look.wish(partner, request),
            refid(now_ms, random),
            request.reference.clone(),
            Some(asked.correlation.0.clone()),
        );
        match self.topups.take(&change, used, partner.daily_cap.get()).await {
            Ok(Taken::New) => {
                let order = change.order;
                let (refid, product) = (&*order.refid, &*order.product);
                tracing::info!(refid, product, partner = &*order.partner, "topup.taken");
                Ok(Some(Answered::Now(Box::new(order))))
            }
            Ok(Taken::Same(refid)) => self.before(&refid).await.map(Some),
            Ok(Taken::OtherBody) => Err(reused()),
            // Another order of the day was first: the next look says how much is left.
            Ok(Taken::CapReached) | Err(StoreError::Conflict) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Refuses whoever may order nothing at all.
    async fn may_order(&self, partner: &Partner, now_ms: i64) -> Result<(), Problem> {
        let closed = self.closed(partner, now_ms).await?;
        closed.map_or(Ok(()), |told| Err(told.problem(Vec::new(), now_ms)))
    }

    /// Why a partner may order nothing at all; `None` where it may.
    pub(crate) async fn closed(&self, partner: &Partner, now_ms: i64) -> Result<Option<Told>, Problem> {
        if !partner.active {
            return Ok(Some(Told::inactive()));
        }
        if !self.settings.is_on {
            return Ok(Some(Told::off()));
        }
        let stop = self.catalogue.stop(self.settings.address.as_deref(), now_ms);
        // What is taken now would not be sent, and fail for that before long.
        Ok(stop.await?.map(|stop| {
            Told::paused(match stop {
                Stop::Paused { until_ms } => until_ms,
                Stop::AddressDiffers => now_ms.saturating_add(LOOK_MS),
            })
        }))
    }

    /// The order that an earlier request took.
    async fn before(&self, refid: &str) -> Result<Answered, Problem> {
        let order = self.topups.get(refid).await?;
        // A key goes away before its order does.
        let order = order.ok_or_else(|| Problem::internal("a key of an order that there is not"))?;
        Ok(Answered::Before(Box::new(order)))
    }

    /// Waits a while for an order to end. Whatever goes wrong meanwhile, it was taken.
    pub(crate) async fn settled(&self, mut order: Order) -> Order {
        let patience = self.settings.patience;
        for _ in 0..patience.looks {
            // What waits for the morning or for a person does not end within seconds.
            if order.state.is_final() || order.state == State::Manual || order.holds {
                break;
            }
            tokio::time::sleep(patience.pause).await;
            match self.topups.get(&order.refid).await {
                Ok(Some(now)) => order = now,
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, refid = &*order.refid, "an order could not be looked at again");
                    break;
                }
            }
        }
        order
    }
}
