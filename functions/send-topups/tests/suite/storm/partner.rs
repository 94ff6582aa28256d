//! The partner's server in a storm, and the runs of `tell-partners` that tell it what became of orders.

use super::Storm;
use super::weather::{ANSWERS, one_of, plan};
use crate::support::front::{request, send};
use crate::support::{HOUR_MS, MINUTE_MS, PARAMETERS, PARTNER, Shop, go_on, now_ms};
use aws::Clients;
use aws::topups::{WEBHOOK_KIND, Webhooks};
use domain::api_key::Scope;
use domain::topup::partner::Partner;
use domain::topup::webhook;
use partners::webhook::Webhooks as Http;
use rand::Rng;
use serde_json::{Value, json};
use sims::partner::{PATH, Receiver, router};
use sims::serve::{Served, serve};
use tell_partners::{Deps, Failure, Outcome, handle};
use testkit::faults::Plan;

/// The longest a run takes.
const RUN_MS: i64 = 5 * MINUTE_MS;
/// Longer than anything waits to be told.
const LONG_MS: i64 = 100 * HOUR_MS;
/// More runs than it takes until nothing does.
const RUNS: u32 = 40;

/// Who is told.
pub(super) struct Listener {
    pub(super) receiver: Receiver,
    /// What messages are signed with, as the partner was told it.
    pub(super) secret: String,
    pub(super) webhooks: Webhooks,
    served: Served,
    http: Http,
}

impl Listener {
    pub(super) async fn open(shop: &Shop) -> Self {
        let boss = shop.api_key(Scope::TopupsManage, None, 2).await;
        let path = format!("/v1/topup-partners/{PARTNER}/webhook-secret");
        let front = shop.front(&shop.world.clients);
        let made = send(&front, request("POST", &path, &boss, None)).await;
        let receiver = Receiver::default();
        let listener = Self {
            secret: made.text("secret").to_owned(),
            webhooks: Webhooks::new(&shop.world.clients),
            served: serve(router(receiver.clone())).await.unwrap(),
            http: Http::new(true).unwrap(),
            receiver,
        };
        assert!(listener.secret.starts_with("whs_"), "{made:?}");
        is_at(shop, listener.served.base_url()).await;
        listener
    }
}

/// Says where the partner's server is.
async fn is_at(shop: &Shop, base_url: &str) {
    let partner = Partner {
        webhook: Some(format!("{base_url}{PATH}")),
        ..shop.catalogue.partner(PARTNER).await.unwrap().unwrap()
    };
    shop.catalogue
        .put_partner(&partner, "test", shop.now())
        .await
        .unwrap();
}

impl Storm {
    /// The partner is told by one run or two at a time, of which one may die. What they answer does not count.
    pub(super) async fn tells(&mut self) {
        if self.chance.random_ratio(1, 3) {
            let (answer, times) = (one_of(&ANSWERS, &mut self.chance), self.chance.random_range(1..4));
            self.listener.receiver.fault(answer, times);
        }
        let is_away = self.chance.random_ratio(1, 8);
        if is_away {
            is_at(&self.shop, &self.nobody).await;
        }
        let event = self.news().await;
        let dies = self.chance.random_ratio(1, 2);
        let plan = if dies {
            plan(20, &mut self.chance)
        } else {
            Plan::None
        };
        self.shop.world.faults.set(plan);
        let first = self.tell(event.clone(), &self.shop.world.faulty);
        if self.chance.random_ratio(1, 3) {
            let second = self.tell(event, &self.shop.world.clients);
            drop(tokio::join!(first, second));
        } else {
            drop(first.await);
        }
        self.shop.world.faults.set(Plan::None);
        if is_away {
            is_at(&self.shop, self.listener.served.base_url()).await;
        }
    }

    /// What starts such a run: the clock, or the record of a message, which may have been told long ago.
    async fn news(&mut self) -> Value {
        if self.orders.is_empty() || self.chance.random_ratio(1, 2) {
            return go_on();
        }
        let order = self.one_order().await;
        let id = webhook::id(&order.refid, order.state);
        if self.listener.webhooks.get(&id).await.unwrap().is_none() {
            return go_on();
        }
        json!({ "Records": [{ "eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": {
            "SequenceNumber": id,
            "Keys": { "pk": { "S": format!("W#{id}") }, "sk": { "S": "W" } },
            "NewImage": { "kind": { "S": WEBHOOK_KIND }, "state": { "S": "queued" } },
        }}]})
    }

    /// A run of `tell-partners`.
    pub(super) fn tell(
        &self,
        event: Value,
        clients: &Clients,
    ) -> impl Future<Output = Result<Outcome, Failure>> + use<> {
        let metrics = self.shop.metrics("tell-partners");
        let deps = Deps::new(clients, PARAMETERS, self.listener.http.clone(), metrics, now_ms);
        let deadline_ms = u64::try_from(self.shop.now() + RUN_MS).unwrap();
        self.shop.in_time(async move {
            let outcome = handle(event, deadline_ms, &deps).await;
            deps.metrics.flush();
            outcome
        })
    }

    /// Hours in which nothing goes wrong, until there is nothing left to tell.
    pub(super) async fn tells_the_rest(&mut self) {
        for _ in 0..RUNS {
            self.tell(go_on(), &self.shop.world.clients).await.unwrap();
            let until_ms = self.shop.now() + LONG_MS;
            let (waiting, _) = self.listener.webhooks.due(until_ms, None, 200).await.unwrap();
            let Some(due_ms) = waiting.iter().map(|webhook| webhook.due_ms).min() else {
                return;
            };
            self.shop.set_clock(due_ms.max(self.shop.now()));
        }
        panic!("there is always something left to tell");
    }
}
