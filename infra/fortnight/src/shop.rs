//! The world of a fortnight: engines, servers of other people, and the functions over them.

use std::sync::Arc;
use std::time::Duration;

use aws::Clients;
use aws::outlets::Outlets;
use aws::parameters::Parameters;
use domain::outlet::Outlet;
use lambda_runtime::{Context, LambdaEvent};
use partners::http::{Policy, RealWaits, Waits};
use send_mail::letter::Addresses;
use serde_json::{Value, json};
use sims::central::Central;
use sims::moka::Moka;
use sims::serve::{Served, serve};
use sync_nightly::{CentralSettings, MokaSettings, Servers, Settings};
use testkit::World;

use crate::clock::{Clock, MINUTE_MS, now_ms};
use crate::story::{OUTLETS, day, due_ms};

const TOKEN_PARAMETER: &str = "/shop/central-token";
const MOKA_PARAMETERS: &str = "/shop/moka";
const TOKEN: &str = "files-token";
/// How long a run of a function may take.
const RUN_MS: i64 = 15 * MINUTE_MS;

/// The world.
#[derive(Debug)]
pub struct Shop {
    /// Engines, and the faults before them.
    pub world: World,
    /// The clock.
    pub clock: Clock,
    /// The central server.
    pub central: Central,
    /// Moka.
    pub moka: Moka,
    central_at: Served,
    moka_at: Served,
}

impl Shop {
    /// A shop whose outlets are described, on the morning of the first day.
    pub async fn open() -> Self {
        let world = World::start().await;
        let clock = Clock::default();
        clock.set(due_ms(day(1)) - 15 * 60 * MINUTE_MS);
        let central = Central::new(TOKEN);
        let moka = Moka::new("application", "app-secret", "refresh-0");
        let shop = Self {
            central_at: serve(sims::central::router(central.clone())).await.unwrap(),
            moka_at: serve(sims::moka::router(moka.clone())).await.unwrap(),
            world,
            clock,
            central,
            moka,
        };
        shop.keep(TOKEN_PARAMETER, TOKEN).await;
        shop.keep_moka("client-id", "application").await;
        shop.keep_moka("client-secret", "app-secret").await;
        shop.renew().await;
        let outlets = Outlets::new(&shop.world.clients);
        for (id, zone, moka) in OUTLETS {
            let outlet = Outlet {
                zone: zone.to_owned(),
                moka_id: moka.map(str::to_owned),
                ..Outlet::undescribed(id, Some(&format!("Gerai {id}")), None)
            };
            outlets.describe(&outlet, shop.clock.now(), "test").await.unwrap();
        }
        shop
    }

    async fn keep(&self, name: &str, value: &str) {
        Parameters::new(&self.world.clients)
            .put(name, value)
            .await
            .unwrap();
    }

    async fn keep_moka(&self, name: &str, value: &str) {
        self.keep(&format!("{MOKA_PARAMETERS}/{name}"), value).await;
    }

    /// Renews Moka's tokens for the whole fortnight. A renewal that is cut off before it is kept is lost for good
    /// (`docs/moka.md`), so none happens in it.
    async fn renew(&self) {
        let body = json!({
            "grant_type": "refresh_token", "client_id": "application", "client_secret": "app-secret",
            "refresh_token": self.moka.refresh_token(),
        });
        let url = format!("{}/oauth/token", self.moka_at.base_url());
        let answer = reqwest::Client::new().post(url).body(body.to_string());
        let answer = answer
            .header("content-type", "application/json")
            .send()
            .await
            .unwrap();
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let origin = partners::moka::origin(&self.moka.refresh_token());
        let token = answer["access_token"].as_str().unwrap();
        let access = format!("{origin} {} {token}", i64::MAX);
        self.keep_moka("access-token", &access).await;
        self.keep_moka("refresh-token", &self.moka.refresh_token()).await;
    }

    /// Runs a function, in a process of its own. Answers whether all of the event was worked off.
    ///
    /// # Panics
    /// When there is no such function here.
    pub async fn run(&self, function: &str, event: Value, clients: &Clients) -> bool {
        let deadline_ms = u64::try_from(self.clock.now() + RUN_MS).unwrap();
        let run = async {
            match function {
                "ingest-sales" => ingest(event, deadline_ms, clients).await,
                "score-feedback" => score(event, clients).await,
                "send-mail" => mail(event, deadline_ms, clients).await,
                "sync-nightly" => self.nightly(event, deadline_ms, clients).await,
                // Nobody asks for anything in this fortnight.
                "honour-rights" => Some(json!({})),
                _ => panic!("no function {function}"),
            }
        };
        let answer = Box::pin(self.clock.within(run)).await;
        answer.is_some_and(|answer| match answer["batchItemFailures"].as_array() {
            Some(failures) => failures.is_empty(),
            None => true,
        })
    }

    async fn nightly(&self, event: Value, deadline_ms: u64, clients: &Clients) -> Option<Value> {
        let settings = Settings {
            central: Some(CentralSettings {
                url: self.central_at.base_url().to_owned(),
                token_parameter: TOKEN_PARAMETER.to_owned(),
            }),
            moka: Some(MokaSettings {
                url: self.moka_at.base_url().to_owned(),
                parameters: MOKA_PARAMETERS.to_owned(),
            }),
            policy: Policy {
                wait_first: Duration::ZERO,
                wait_max: Duration::ZERO,
                retry_after_max: Duration::ZERO,
                ..Policy::default()
            },
            waits: Arc::new(NoWaits),
        };
        let deps = sync_nightly::Deps::new(clients, testkit::metrics(), now_ms);
        let deps = deps.with_servers(Servers::new(clients, settings, now_ms));
        let outcome = sync_nightly::handle(event, deadline_ms, &deps).await.ok()?;
        Some(json!(outcome))
    }
}

async fn ingest(event: Value, deadline_ms: u64, clients: &Clients) -> Option<Value> {
    let deps = ingest_sales::Deps::with_clients(clients.clone(), [7; 32], testkit::metrics());
    let deps = ingest_sales::Deps {
        now_ms,
        ..deps.await.ok()?
    };
    let answer = ingest_sales::handle(event, deadline_ms, &deps).await.ok()?;
    Some(json!(answer))
}

async fn score(event: Value, clients: &Clients) -> Option<Value> {
    let deps = score_feedback::Deps::new(clients.clone(), testkit::metrics(), now_ms);
    let answer = score_feedback::handle(event, &deps).await.ok()?;
    Some(json!(answer))
}

async fn mail(event: Value, deadline_ms: u64, clients: &Clients) -> Option<Value> {
    let deps = send_mail::Deps {
        outbox: aws::outbox::Outbox::new(clients),
        feedback: aws::feedback::Feedback::new(clients),
        outlets: Outlets::new(clients),
        nights: aws::nights::Nights::new(clients),
        findings: aws::findings::Findings::new(clients),
        insights: aws::insights::Insights::new(clients),
        cases: aws::cases::Cases::new(clients),
        requests: aws::requests::Requests::new(clients),
        mailer: aws::mailer::Mailer::new(clients),
        addresses: Addresses {
            from: "backoffice@oyako.example".to_owned(),
            to: "admin@oyako.example".to_owned(),
            public_url: "https://oyako.example".to_owned(),
        },
        now_ms: Box::new(now_ms),
        metrics: testkit::metrics(),
    };
    let mut context = Context::default();
    context.deadline = deadline_ms;
    send_mail::handle(LambdaEvent::new(event, context), &deps)
        .await
        .ok()
}

/// Chance as it is, and no waiting.
struct NoWaits;

impl Waits for NoWaits {
    fn wait(&self, _: Duration) -> futures::future::BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn between(&self, shortest: Duration, longest: Duration) -> Duration {
        RealWaits.between(shortest, longest)
    }
}
