//! A shop with the servers of other people, and a night in it.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't be set up has failed; not every test uses every helper"
)]

mod door;
mod tables;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws::Clients;
use aws::nights::PART_KIND;
use aws::outlets::Outlets;
use aws::parameters::Parameters;
use domain::night::{Night, Part, Phase};
use domain::outlet::Outlet;
use domain::when::{BusinessDate, Zone};
use lambda_edge::metrics::Metrics;
use lambda_edge::output::Output;
use partners::http::{Policy, RealWaits};
use serde_json::{Value, json};
use sims::central::Central;
use sims::moka::{Moka, sample};
use sims::serve::{Served, serve};
use sync_nightly::{CentralSettings, Deps, Failure, MokaSettings, Outcome, Servers, Settings, handle};
use testkit::World;

pub(crate) use door::Door;

/// 2025-10-28T16:00:00Z: eleven at night in Jakarta.
pub(crate) const DUE_MS: i64 = 1_761_667_200_000;
pub(crate) const DUE: &str = "2025-10-28T16:00:00Z";
pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
/// The longest a function runs.
pub(crate) const RUN_MS: i64 = 15 * MINUTE_MS;

const TOKEN_PARAMETER: &str = "/shop/central-token";
const MOKA_PARAMETERS: &str = "/shop/moka";

tokio::task_local! {
    static CLOCK: Arc<AtomicI64>;
}

fn now_ms() -> i64 {
    CLOCK
        .try_with(|clock| clock.load(Ordering::SeqCst))
        .unwrap_or(DUE_MS)
}

pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) central: Central,
    pub(crate) moka: Moka,
    pub(crate) door: Door,
    pub(crate) output: Output,
    /// Which servers the settings name.
    pub(crate) has: (bool, bool),
    clock: Arc<AtomicI64>,
    central_at: Served,
    moka_at: Served,
    ingest: ingest_sales::Deps,
}

impl Shop {
    /// A shop with both servers, on the evening of the night.
    pub(crate) async fn open() -> Self {
        let world = World::start().await;
        let clock = Arc::new(AtomicI64::new(DUE_MS));
        let (central, moka) = (
            Central::new("files-token"),
            Moka::new("application", "app-secret", "refresh-0"),
        );
        let door = Door::new(Arc::clone(&clock));
        let router = door.before(sims::central::router(central.clone()));
        let mut ingest = ingest_sales::Deps::with_clients(world.clients.clone(), [7; 32], testkit::metrics())
            .await
            .unwrap();
        ingest.now_ms = || DUE_MS;
        let shop = Self {
            central_at: serve(router).await.unwrap(),
            moka_at: serve(sims::moka::router(moka.clone())).await.unwrap(),
            world,
            central,
            moka,
            door,
            output: Output::memory(),
            has: (true, true),
            clock,
            ingest,
        };
        shop.parameter(TOKEN_PARAMETER, "files-token").await;
        for (name, value) in [("client-id", "application"), ("client-secret", "app-secret")] {
            shop.parameter(&format!("{MOKA_PARAMETERS}/{name}"), value).await;
        }
        shop.parameter(&format!("{MOKA_PARAMETERS}/refresh-token"), "refresh-0")
            .await;
        shop
    }

    async fn parameter(&self, name: &str, value: &str) {
        Parameters::new(&self.world.clients)
            .put(name, value)
            .await
            .unwrap();
    }

    /// A token for Moka as the shop keeps it.
    pub(crate) async fn kept(&self, name: &str) -> Option<String> {
        let name = format!("{MOKA_PARAMETERS}/{name}");
        let parameters = Parameters::new(&self.world.clients);
        let mut found = parameters.get_many(&[&name]).await.unwrap();
        found.remove(&name).map(|found| found.into_inner())
    }

    /// Renews the access token once, as a night before did: no call of this one has to.
    pub(crate) async fn with_access(&self) {
        let body = json!({ "grant_type": "refresh_token", "client_id": "application",
            "client_secret": "app-secret", "refresh_token": self.moka.refresh_token() });
        let url = format!("{}/oauth/token", self.moka_at.base_url());
        let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let origin = partners::moka::origin(&self.moka.refresh_token());
        let token = answer["access_token"].as_str().unwrap();
        let access = format!("{origin} {} {token}", i64::MAX);
        self.parameter(&format!("{MOKA_PARAMETERS}/access-token"), &access)
            .await;
        self.parameter(
            &format!("{MOKA_PARAMETERS}/refresh-token"),
            &self.moka.refresh_token(),
        )
        .await;
    }

    pub(crate) async fn outlet(&self, id: &str, moka: Option<&str>) {
        let outlet = Outlet {
            moka_id: moka.map(str::to_owned),
            ..Outlet::undescribed(id, Some("Warung"), None)
        };
        let outlets = Outlets::new(&self.world.clients);
        outlets.describe(&outlet, DUE_MS, "test").await.unwrap();
    }

    /// Lets the central server list an export of an outlet's day.
    pub(crate) fn file(&self, moka: &str, date: &str, receipts: u32) {
        let date: BusinessDate = date.parse().unwrap();
        let name = format!("moka-{moka}-{date}.json");
        self.central.put(
            date,
            &name,
            Some(&format!("moka-{moka}")),
            export(moka, date, receipts),
        );
    }

    /// A process of the function, with clients that know no faults.
    pub(crate) fn deps(&self) -> Deps {
        self.deps_with(&self.world.clients)
    }

    pub(crate) fn deps_with(&self, clients: &Clients) -> Deps {
        self.deps_over(clients, clients)
    }

    /// A process that reaches the secrets for servers of other people through other clients.
    pub(crate) fn deps_over(&self, clients: &Clients, secrets: &Clients) -> Deps {
        let metrics = Metrics::new("Shop", [("function", "sync-nightly")]).unwrap();
        let settings = Settings {
            central: self.has.0.then(|| CentralSettings {
                url: self.central_at.base_url().to_owned(),
                token_parameter: TOKEN_PARAMETER.to_owned(),
            }),
            moka: self.has.1.then(|| MokaSettings {
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
        let deps = Deps::new(clients, metrics.with_output(self.output.clone()), now_ms);
        deps.with_servers(Servers::new(secrets, settings, now_ms))
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub(crate) fn set_clock(&self, at_ms: i64) {
        self.clock.store(at_ms, Ordering::SeqCst);
    }

    pub(crate) fn pass(&self, time_ms: i64) {
        self.clock.fetch_add(time_ms, Ordering::SeqCst);
    }

    /// A run of the function.
    pub(crate) fn run_with(
        &self,
        event: Value,
        deps: Deps,
    ) -> impl Future<Output = Result<Outcome, Failure>> + use<> {
        let clock = Arc::clone(&self.clock);
        let deadline_ms = u64::try_from(self.now() + RUN_MS).unwrap();
        CLOCK.scope(
            clock,
            Box::pin(async move {
                let outcome = handle(event, deadline_ms, &deps).await;
                deps.metrics.flush();
                outcome
            }),
        )
    }

    pub(crate) async fn run(&self, event: Value) -> Outcome {
        self.run_with(event, self.deps()).await.unwrap()
    }

    pub(crate) async fn night(&self, date: &str) -> Night {
        let night = self.deps().nights.get(date.parse().unwrap()).await.unwrap();
        night.expect("the night has begun")
    }

    pub(crate) async fn parts(&self, date: &str, phase: Phase) -> Vec<Part> {
        let parts = self.deps().nights.parts(date.parse().unwrap(), phase).await;
        parts.unwrap()
    }

    /// Every part of a night that waits for a worker.
    pub(crate) async fn waiting(&self, date: &str) -> Vec<Part> {
        let mut waiting = Vec::new();
        for phase in [Phase::Pull, Phase::Reconcile, Phase::Enrich] {
            let parts = self.parts(date, phase).await;
            waiting.extend(parts.into_iter().filter(|part| part.state.as_str() == "todo"));
        }
        waiting
    }

    /// Reads what the bucket tells of and the ledger does not have yet, in the order of the keys.
    pub(crate) async fn ingest(&self) {
        for (key, etag, size) in self.objects().await {
            if key.starts_with("incoming/") {
                let message = testkit::world::message(&key, &etag, size);
                let read = ingest_sales::handle(message, u64::MAX, &self.ingest);
                Box::pin(read).await.unwrap();
            }
        }
    }

    /// The lines of metrics that have one of this name.
    pub(crate) fn told(&self, name: &str) -> Vec<Value> {
        let text = self.output.text();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line.get(name).is_some()).collect()
    }

    /// Lets a night go on until its end is told, as the platform would: hands out the parts that wait, reads files, and
    /// lets a minute pass.
    pub(crate) async fn finish(&self, date: &str) -> Night {
        for _ in 0..60 {
            for part in self.waiting(date).await {
                self.run(record(&part)).await;
            }
            self.ingest().await;
            if self.night(date).await.told {
                return self.night(date).await;
            }
            self.pass(MINUTE_MS);
            self.run(go_on()).await;
        }
        panic!("the night does not end: {:?}", self.night(date).await);
    }
}

/// Chance as it is, and no waiting.
struct NoWaits;

impl partners::http::Waits for NoWaits {
    fn wait(&self, _: Duration) -> futures::future::BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn between(&self, shortest: Duration, longest: Duration) -> Duration {
        RealWaits.between(shortest, longest)
    }
}

/// An export of an outlet's day, as Moka words it.
pub(crate) fn export(moka: &str, date: BusinessDate, receipts: u32) -> Vec<u8> {
    let payments = sample::day(moka, date, &Zone::default(), receipts);
    let page = json!({ "data": { "payments": payments, "completed": true } });
    page.to_string().into_bytes()
}

pub(crate) fn sync() -> Value {
    json!({ "task": "sync", "at": DUE })
}

pub(crate) fn go_on() -> Value {
    json!({ "task": "go-on", "at": "2025-10-28T16:01:00Z" })
}

/// The stream's record of a part that was announced.
pub(crate) fn record(part: &Part) -> Value {
    let Part {
        night, phase, number, ..
    } = part;
    let (pk, sk) = (format!("R#{night}"), format!("W#{}#{number:05}", phase.as_str()));
    json!({ "Records": [{ "eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": {
        "SequenceNumber": format!("{}", part.version),
        "Keys": { "pk": { "S": pk }, "sk": { "S": sk } },
        "NewImage": { "kind": { "S": PART_KIND }, "state": { "S": "todo" } },
    }}]})
}
