//! A shop that sells top-ups, its supplier, and a clock that a test moves.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't be set up has failed; not every test uses every helper"
)]

pub(crate) mod door;
pub(crate) mod front;
pub(crate) mod orders;
pub(crate) mod tables;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use aws::Clients;
use aws::parameters::Parameters;
use aws::topups::{Catalogue, TOPUP_KIND, Topups};
use domain::topup::event::Event;
use domain::topup::number::Operator;
use domain::topup::order::Order;
use domain::topup::partner::{CutoffChoice, Partner};
use domain::topup::product::{Breaker, Kind, Product};
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;
use domain::topup::step::Check;
use lambda_edge::metrics::Metrics;
use lambda_edge::output::Output;
use partners::http::{RealWaits, Waits};
use partners::kios::{BalanceText, Sign, Times};
use send_topups::{AddressSettings, Deps, Failure, Outcome, Settings, SupplierSettings, handle};
use serde_json::{Value, json};
use sims::kios::{Account, Kios, Serial};
use sims::serve::{Served, serve};
use testkit::World;

use door::Door;

/// 2026-11-23T01:00:00Z: eight in the morning in Jakarta.
pub(crate) const MORNING_MS: i64 = 1_795_395_600_000;
pub(crate) const SECOND_MS: i64 = 1_000;
pub(crate) const MINUTE_MS: i64 = 60 * SECOND_MS;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
/// The longest a function runs.
const RUN_MS: i64 = 15 * MINUTE_MS;

/// What must be nowhere.
pub(crate) const PIN: &str = "73918264";
pub(crate) const PASSWORD: &str = "kunci rahasia/77+x?";
pub(crate) const WEBHOOK_KEY: &str = "kunci-dari-semua-kunci-0123456789";
pub(crate) const PARAMETERS: &str = "/shop/topups";
pub(crate) const PARTNER: &str = "kios-melati";
/// What the supplier charges for a pulsa, and what partners pay.
pub(crate) const COST: i64 = 10_500;
pub(crate) const PRICE: i64 = 11_000;
/// What is on deposit at first.
pub(crate) const DEPOSIT: i64 = 50_000_000;

tokio::task_local! {
    static CLOCK: Arc<AtomicI64>;
}

pub(crate) fn now_ms() -> i64 {
    CLOCK
        .try_with(|clock| clock.load(Ordering::SeqCst))
        .unwrap_or(MORNING_MS)
}

pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) kios: Kios,
    pub(crate) door: Door,
    pub(crate) output: Output,
    pub(crate) topups: Topups,
    pub(crate) catalogue: Catalogue,
    /// What the processes of this shop are told.
    pub(crate) settings: Settings,
    clock: Arc<AtomicI64>,
    number: AtomicU32,
    kios_at: Served,
}

impl Shop {
    /// A shop in the morning, with a deposit, three products and a partner.
    pub(crate) async fn open() -> Self {
        Self::open_at(MORNING_MS).await
    }

    pub(crate) async fn open_at(at_ms: i64) -> Self {
        let world = World::start().await;
        let clock = Arc::new(AtomicI64::new(at_ms));
        let kios = kios(&clock);
        let door = Door::default();
        let kios_at = serve(door.before(sims::kios::router(kios.clone())))
            .await
            .unwrap();
        let settings = settings(kios_at.base_url());
        let shop = Self {
            topups: Topups::new(&world.clients, 400),
            catalogue: Catalogue::new(&world.clients),
            world,
            kios,
            door,
            output: Output::memory(),
            settings,
            clock,
            number: AtomicU32::new(0),
            kios_at,
        };
        for (name, value) in [
            ("member-id", "OYAKO01"),
            ("pin", PIN),
            ("password", PASSWORD),
            ("report-tokens", front::TOKEN),
            ("webhook-key", WEBHOOK_KEY),
        ] {
            shop.parameter(name, value).await;
        }
        for product in products() {
            shop.catalogue.put_product(&product, "test", at_ms).await.unwrap();
        }
        shop.catalogue
            .put_partner(&partner(), "test", at_ms)
            .await
            .unwrap();
        shop
    }

    pub(crate) async fn parameter(&self, name: &str, value: &str) {
        let name = format!("{PARAMETERS}/{name}");
        Parameters::new(&self.world.clients)
            .put(&name, value)
            .await
            .unwrap();
    }

    /// A process of the function, with clients that know no faults.
    pub(crate) fn deps(&self) -> Deps {
        self.deps_with(&self.world.clients)
    }

    pub(crate) fn deps_with(&self, clients: &Clients) -> Deps {
        let metrics = self.metrics("send-topups");
        let deps = Deps::new(clients, self.settings.clone(), metrics, now_ms);
        Deps {
            waits: Arc::new(NoWaits),
            ..deps
        }
    }

    /// What a function counts.
    pub(crate) fn metrics(&self, function: &str) -> Metrics {
        let metrics = Metrics::new("Shop", [("function", function)]).unwrap();
        metrics.with_output(self.output.clone())
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
        let deadline_ms = u64::try_from(self.now() + RUN_MS).unwrap();
        self.run_until(event, deps, deadline_ms)
    }

    pub(crate) fn run_until(
        &self,
        event: Value,
        deps: Deps,
        deadline_ms: u64,
    ) -> impl Future<Output = Result<Outcome, Failure>> + use<> {
        self.in_time(async move {
            let outcome = handle(event, deadline_ms, &deps).await;
            deps.metrics.flush();
            outcome
        })
    }

    /// Something that has the clock of this shop.
    pub(crate) fn in_time<F: Future>(&self, happens: F) -> impl Future<Output = F::Output> + use<F> {
        CLOCK.scope(Arc::clone(&self.clock), Box::pin(happens))
    }

    pub(crate) async fn go_on(&self) -> Outcome {
        self.run_with(go_on(), self.deps()).await.unwrap()
    }

    /// Takes an order for a pulsa, for a number of its own with this ending.
    pub(crate) async fn order(&self, ending: &str) -> Order {
        self.order_of("S10", &self.dest(ending)).await
    }

    /// A mobile number that no other order has.
    pub(crate) fn dest(&self, ending: &str) -> String {
        let number = self.number.fetch_add(1, Ordering::SeqCst);
        format!("0812{number:04}{ending:0>4}")
    }

    pub(crate) async fn product(&self, code: &str) -> Product {
        self.catalogue.product(code).await.unwrap().unwrap()
    }

    /// The shop looks at what replies said of its products, and describes those anew.
    pub(crate) async fn puts_products_right(&self) {
        for product in self.catalogue.products().await.unwrap() {
            if product.breaker != Breaker::default() {
                let anew = Product {
                    breaker: Breaker::default(),
                    ..product
                };
                self.catalogue
                    .put_product(&anew, "test", self.now())
                    .await
                    .unwrap();
            }
        }
    }

    /// An order as it is stored.
    pub(crate) async fn stored(&self, order: &Order) -> Order {
        self.topups.get(&order.refid).await.unwrap().unwrap()
    }

    pub(crate) async fn events(&self, order: &Order) -> Vec<Event> {
        self.topups.events(&order.refid).await.unwrap()
    }

    /// Lets minutes pass until an order is over or a person's, and answers it.
    pub(crate) async fn finish(&self, order: &Order) -> Order {
        for _ in 0..40 {
            self.go_on().await;
            let order = self.stored(order).await;
            if order.state.is_final() || order.state == State::Manual {
                return order;
            }
            self.pass(MINUTE_MS);
        }
        panic!("the order does not end: {:?}", self.stored(order).await.state);
    }

    /// The lines of metrics that have one of this name.
    pub(crate) fn told(&self, name: &str) -> u64 {
        let text = self.output.text();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter_map(|line| line.get(name)?.as_u64()).sum()
    }
}

fn kios(clock: &Arc<AtomicI64>) -> Kios {
    let account = Account {
        member: "OYAKO01".to_owned(),
        pin: PIN.to_owned(),
        password: PASSWORD.to_owned(),
        sign: None,
    };
    let (reads, passes) = (Arc::clone(clock), Arc::clone(clock));
    let kios = Kios::new(account, move || reads.load(Ordering::SeqCst));
    kios.passes_time(move |time| {
        passes.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    });
    kios.deposit(DEPOSIT);
    for (code, price, serial) in [
        ("S10", COST, Serial::Pulsa),
        ("PLN20", 20_250, Serial::Pln),
        ("VGAME", 48_000, Serial::Voucher),
    ] {
        kios.product(code, price, serial);
    }
    kios
}

fn settings(url: &str) -> Settings {
    let supplier = SupplierSettings {
        url: url.to_owned(),
        parameters: PARAMETERS.to_owned(),
        sign: Sign::None,
        balance_text: BalanceText::default(),
        check: Check::Resend,
        proxy_url: None,
        times: Times {
            connect: Duration::from_secs(5),
            whole: Duration::from_secs(10),
        },
    };
    Settings {
        supplier: Some(supplier),
        lanes: 1,
        low_balance: Rupiah::new(500_000),
        address: None,
        keep_days: 400,
    }
}

fn products() -> [Product; 3] {
    let product = |code: &str, kind, operator, cost, price| Product {
        code: code.to_owned(),
        name: code.to_owned(),
        kind,
        operator,
        cost: Rupiah::new(cost),
        price: Rupiah::new(price),
        active: true,
        repeatable: false,
        breaker: domain::topup::product::Breaker::default(),
        version: 0,
    };
    [
        product("S10", Kind::Pulsa, Some(Operator::Telkomsel), COST, PRICE),
        product("PLN20", Kind::Pln, None, 20_250, 21_000),
        product("VGAME", Kind::Voucher, None, 48_000, 50_000),
    ]
}

pub(crate) fn partner() -> Partner {
    Partner {
        id: PARTNER.to_owned(),
        name: "Kios Melati".to_owned(),
        active: true,
        products: None,
        daily_cap: Rupiah::new(1_000_000_000),
        per_minute: 6_000,
        cutoff: CutoffChoice::Hold,
        webhook: None,
        secret: 0,
        signs_from: 0,
        secret_ms: 0,
        version: 0,
    }
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

pub(crate) fn address(expected: &str, echo_url: &str) -> AddressSettings {
    AddressSettings {
        expected: expected.to_owned(),
        echo_url: echo_url.to_owned(),
    }
}

pub(crate) fn go_on() -> Value {
    json!({ "task": "go-on", "at": "2026-11-23T01:00:00Z" })
}

pub(crate) fn look() -> Value {
    json!({ "task": "look", "at": "2026-11-23T01:00:00Z" })
}

/// The stream's record of an order that waits.
pub(crate) fn record(order: &Order) -> Value {
    let pk = format!("O#{}", order.refid);
    json!({ "Records": [{ "eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": {
        "SequenceNumber": format!("{}", order.version),
        "Keys": { "pk": { "S": pk }, "sk": { "S": "O" } },
        "NewImage": { "kind": { "S": TOPUP_KIND }, "state": { "S": "new" }, "wake": { "S": "now" } },
    }}]})
}
