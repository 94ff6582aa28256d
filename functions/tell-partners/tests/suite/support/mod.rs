//! A shop with orders that are over, a partner who wants to hear of it, and a clock that a test moves.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't be set up has failed; not every test uses every helper"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use aws::Clients;
use aws::parameters::Parameters;
use aws::topups::{Catalogue, KeyUse, Taken, Topups, WEBHOOK_KIND, Webhooks};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use domain::topup::books::Books;
use domain::topup::destination::Destination;
use domain::topup::intake::{Wish, taken};
use domain::topup::number::Prefixes;
use domain::topup::order::{Order, Reason};
use domain::topup::partner::{CutoffChoice, Partner};
use domain::topup::product::{Breaker, Kind, Product};
use domain::topup::refid;
use domain::topup::rupiah::Rupiah;
use domain::topup::step;
use domain::topup::webhook::{Webhook, id, secret};
use partners::webhook::Webhooks as Http;
use serde_json::{Value, json};
use sims::partner::{self, Receiver};
use sims::serve::{Served, serve};
use tell_partners::{Deps, Failure, Outcome, Told, handle};
use testkit::World;

/// 2026-11-23T05:00:00Z.
pub(crate) const NOW_MS: i64 = 1_795_410_000_000;
pub(crate) const SECOND_MS: i64 = 1_000;
pub(crate) const MINUTE_MS: i64 = 60 * SECOND_MS;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
/// The longest a function runs.
const RUN_MS: i64 = 5 * MINUTE_MS;

pub(crate) const PARAMETERS: &str = "/shop/topups";
pub(crate) const KEY: &str = "kunci-dari-semua-kunci-0123456789";
pub(crate) const PARTNER: &str = "kios-melati";
pub(crate) const DEST: &str = "081277776666";

tokio::task_local! {
    static CLOCK: Arc<AtomicI64>;
}

fn now_ms() -> i64 {
    CLOCK
        .try_with(|clock| clock.load(Ordering::SeqCst))
        .unwrap_or(NOW_MS)
}

pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) receiver: Receiver,
    pub(crate) topups: Topups,
    pub(crate) catalogue: Catalogue,
    pub(crate) webhooks: Webhooks,
    clock: Arc<AtomicI64>,
    number: AtomicU32,
    received_at: Served,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let world = World::start().await;
        let receiver = Receiver::default();
        let shop = Self {
            topups: Topups::new(&world.clients, 400),
            catalogue: Catalogue::new(&world.clients),
            webhooks: Webhooks::new(&world.clients),
            received_at: serve(partner::router(receiver.clone())).await.unwrap(),
            clock: Arc::new(AtomicI64::new(NOW_MS)),
            receiver,
            world,
            number: AtomicU32::new(0),
        };
        let key = format!("{PARAMETERS}/webhook-key");
        Parameters::new(&shop.world.clients).put(&key, KEY).await.unwrap();
        shop.catalogue
            .put_product(&product(), "test", NOW_MS)
            .await
            .unwrap();
        let hook = hook(&shop.received_at);
        shop.partner(|partner| partner.webhook = hook).await;
        shop
    }

    /// Changes the partner.
    pub(crate) async fn partner(&self, change: impl FnOnce(&mut Partner)) {
        self.partner_of(PARTNER, change).await;
    }

    /// Changes a partner.
    pub(crate) async fn partner_of(&self, id: &str, change: impl FnOnce(&mut Partner)) {
        let known = self.catalogue.partner(id).await.unwrap();
        let mut partner = known.unwrap_or_else(|| partner(id));
        change(&mut partner);
        self.catalogue
            .put_partner(&partner, "test", self.now())
            .await
            .unwrap();
    }

    /// The address of the partners' server.
    pub(crate) fn hook(&self) -> Option<String> {
        hook(&self.received_at)
    }

    /// Another way to it, which takes four seconds.
    pub(crate) async fn slow_way(&self) -> Served {
        let clock = Arc::clone(&self.clock);
        let slowly = from_fn(move |request: Request, next: Next| {
            clock.fetch_add(4 * SECOND_MS, Ordering::SeqCst);
            next.run(request)
        });
        let router = partner::router(self.receiver.clone());
        serve(router.layer(slowly)).await.unwrap()
    }

    /// An address that nobody listens at.
    pub(crate) async fn partner_is_away(&self) {
        let closed = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        self.partner(|partner| partner.webhook = Some(format!("http://{closed}/")))
            .await;
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, time_ms: i64) {
        self.clock.fetch_add(time_ms, Ordering::SeqCst);
    }

    pub(crate) fn deps(&self) -> Deps {
        self.deps_with(&self.world.clients, true)
    }

    pub(crate) fn deps_with(&self, clients: &Clients, allow_local: bool) -> Deps {
        let http = Http::new(allow_local).unwrap();
        Deps::new(clients, PARAMETERS, http, testkit::metrics(), now_ms)
    }

    pub(crate) fn run_with(
        &self,
        event: Value,
        deps: Deps,
    ) -> impl Future<Output = Result<Outcome, Failure>> + use<> {
        let deadline_ms = u64::try_from(self.now() + RUN_MS).unwrap();
        self.run_until(event, deps, deadline_ms)
    }

    pub(crate) fn run_until(
        &self,
        event: Value,
        deps: Deps,
        deadline_ms: u64,
    ) -> impl Future<Output = Result<Outcome, Failure>> + use<> {
        let clock = Arc::clone(&self.clock);
        CLOCK.scope(
            clock,
            Box::pin(async move { handle(event, deadline_ms, &deps).await }),
        )
    }

    pub(crate) async fn go_on(&self) -> Told {
        match self
            .run_with(json!({"task": "go-on"}), self.deps())
            .await
            .unwrap()
        {
            Outcome::Told(told) => told,
            other => panic!("another outcome: {other:?}"),
        }
    }

    /// Delivers the records of messages, and answers those that are to come again.
    pub(crate) async fn deliver(&self, webhooks: &[&Webhook]) -> Vec<String> {
        match self.run_with(records(webhooks), self.deps()).await.unwrap() {
            Outcome::Records(answer) => {
                let again = answer.batch_item_failures.into_iter();
                again.map(|failure| failure.item_identifier).collect()
            }
            other => panic!("another outcome: {other:?}"),
        }
    }

    /// An order that failed before it was sent, and the message about that.
    pub(crate) async fn failed(&self) -> (Order, Webhook) {
        self.failed_of(PARTNER).await
    }

    /// As [`Shop::failed`], an order of a partner.
    pub(crate) async fn failed_of(&self, of: &str) -> (Order, Webhook) {
        let number = self.number.fetch_add(1, Ordering::SeqCst);
        let (product, partner, prefixes) = (product(), partner(of), Prefixes::built_in());
        let dest = format!("{}{number:04}", &DEST[..8]);
        let destination = self.topups.destination(&dest).await.unwrap();
        let id_of = refid(self.now(), lambda_edge::clock::random().unwrap());
        let wish = Wish {
            partner: &partner,
            product: &Product {
                version: 1,
                ..product
            },
            destination: &Destination { ..destination },
            dest,
            books: &Books::default(),
            waiting: 0,
            used_today: 0,
            prefixes: &prefixes,
            force_operator: false,
            max_price: None,
            deposit_min: Rupiah::ZERO,
            now_ms: self.now(),
        };
        let reference = Some(format!("nota {number}"));
        let change = taken(&wish, id_of.clone(), reference, Some(format!("cor-{number}")));
        let used = KeyUse {
            partner: of,
            key_hash: &id_of,
            body_hash: "body",
        };
        let outcome = self.topups.take(&change, &used, i64::MAX / 4).await.unwrap();
        assert_eq!(outcome, Taken::New);
        let around = self.topups.around(&id_of).await.unwrap().unwrap();
        let change = step::failed_unsent(&around, Reason::NotSent, self.now()).unwrap();
        self.topups.commit(&change, &[]).await.unwrap();
        let webhook = self.webhook(&id(&id_of, change.order.state)).await;
        (change.order, webhook)
    }

    pub(crate) async fn webhook(&self, id: &str) -> Webhook {
        self.webhooks.get(id).await.unwrap().unwrap()
    }

    /// The mails about partners that could not be told.
    pub(crate) async fn given_up_mails(&self, at_ms: i64) -> usize {
        use domain::topup::alert::{Alert, AlertKind};
        let outbox = aws::outbox::Outbox::new(&self.world.clients);
        let mail = Alert::new(AlertKind::WebhookGivenUp, PARTNER, at_ms).mail();
        let due = outbox.due(999_999_999_999_999).await.unwrap();
        due.iter().filter(|found| found.id == mail.id).count()
    }
}

/// The address at which a partner's server takes messages.
pub(crate) fn hook(served: &Served) -> Option<String> {
    Some(format!("{}{}", served.base_url(), partner::PATH))
}

/// The partner's secret of this number.
pub(crate) fn secret_of(number: u32) -> String {
    secret(KEY.as_bytes(), PARTNER, number)
}

fn product() -> Product {
    Product {
        code: "S10".to_owned(),
        name: "Pulsa 10.000".to_owned(),
        kind: Kind::Pulsa,
        operator: None,
        cost: Rupiah::new(10_500),
        price: Rupiah::new(11_000),
        active: true,
        repeatable: false,
        breaker: Breaker::default(),
        version: 0,
    }
}

fn partner(id: &str) -> Partner {
    Partner {
        id: id.to_owned(),
        name: "Kios Melati".to_owned(),
        active: true,
        products: None,
        daily_cap: Rupiah::new(1_000_000_000),
        per_minute: 60,
        cutoff: CutoffChoice::Refuse,
        webhook: None,
        secret: 1,
        signs_from: 0,
        secret_ms: NOW_MS - 30 * HOUR_MS,
        version: 0,
    }
}

/// The stream's records of messages that wait.
pub(crate) fn records(webhooks: &[&Webhook]) -> Value {
    let record = |webhook: &&Webhook| {
        json!({ "eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": {
            "SequenceNumber": webhook.id,
            "Keys": { "pk": { "S": format!("W#{}", webhook.id) }, "sk": { "S": "W" } },
            "NewImage": { "kind": { "S": WEBHOOK_KIND }, "state": { "S": webhook.state.as_str() } },
        }})
    };
    json!({ "Records": webhooks.iter().map(record).collect::<Vec<_>>() })
}
