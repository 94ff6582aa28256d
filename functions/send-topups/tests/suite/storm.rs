//! Everything at once: a supplier that delays, drops, garbles, repeats and reports falsely, stores that fail and runs
//! that die, triggers that come twice and two at a time. Time is the test's own, and so is chance: each seed is another
//! storm, and the same one each time.

use std::time::Duration;

use crate::support::log::Lines;
use crate::support::search::{Texts, found_in};
use crate::support::{MINUTE_MS, MORNING_MS, PARTNER, PASSWORD, PIN, SECOND_MS, Shop, go_on, look, record};
use domain::topup::order::Order;
use domain::topup::partner::Totals;
use domain::topup::reply::{Failure, Outcome};
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;
use domain::topup::window::wib_date;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use sims::kios::{Fault, Garble, Kios, Route, Says, Status, Style};
use sims::transport::Transport;
use testkit::faults::Plan;

/// One storm each.
const SEEDS: std::ops::Range<u64> = 0..12;
/// Orders of a storm.
const ORDERS: usize = 16;
/// How long it storms.
const STORM_MS: i64 = 12 * MINUTE_MS;
/// How long it takes after that until everything is over: an order may wait for half an hour, and is open for twenty
/// minutes.
const CALM_MS: i64 = 52 * MINUTE_MS;
/// The longest that an order is open after it was sent.
const OPEN_MS: i64 = 20 * MINUTE_MS;

/// What becomes of orders, by the endings of their destinations (`docs/kiosampm.md`), and some that are delivered at
/// once. Not the one that somebody else has bought: with the first request lost nobody could tell that from ours.
const ENDINGS: [&str; 31] = [
    "0001", "0002", "0003", "0004", "0005", "9002", "9003", "9004", "9005", "9006", "9007", "9008", "9009",
    "9010", "9011", "9013", "9014", "9015", "9016", "9017", "9022", "9023", "9031", "9032", "9033", "9034",
    "9035", "9036", "9037", "9041", "9042",
];
const GARBLES: [Garble; 13] = [
    Garble::Half,
    Garble::Page,
    Garble::Blank,
    Garble::OtherRefid,
    Garble::OtherProduct,
    Garble::OtherDest,
    Garble::Amounts,
    Garble::Dots,
    Garble::NoMarks,
    Garble::Small,
    Garble::Marked,
    Garble::Latin1,
    Garble::AboutUs,
];

fn one_of<T: Clone>(of: &[T], chance: &mut SmallRng) -> T {
    of[chance.random_range(0..of.len())].clone()
}

/// Something that goes wrong with a request.
fn fault(chance: &mut SmallRng) -> Fault {
    let below = [
        Transport::Status(500),
        Transport::Status(404),
        Transport::Redirect("http://127.0.0.1:9/trx".to_owned()),
        Transport::Cut,
        Transport::HangUp,
        Transport::Empty,
    ];
    let said = [
        Outcome::InProcess,
        Outcome::Failed(Failure::CutoffOrTimeout),
        Outcome::Failed(Failure::ProductDownOperator),
        Outcome::Failed(Failure::InsufficientBalance),
    ];
    match chance.random_range(0..5) {
        0 => Fault::Transport(one_of(&below, chance)),
        1 => Fault::Before(one_of(&below, chance)),
        2 => Fault::Late(Duration::from_secs(chance.random_range(1..70))),
        3 => Fault::Garbled(one_of(&GARBLES, chance)),
        _ => Fault::Says(one_of(&said, chance)),
    }
}

/// Something that goes wrong with the stores of a run.
fn plan(chance: &mut SmallRng) -> Plan {
    let call = chance.random_range(0..40);
    match chance.random_range(0..3) {
        0 => Plan::CrashBefore(call),
        1 => Plan::CrashAfter(call),
        _ => Plan::LoseAnswer(call),
    }
}

struct Storm {
    shop: Shop,
    /// An address at which nobody is.
    nobody: String,
    chance: SmallRng,
    orders: Vec<Order>,
}

impl Storm {
    /// A stretch of twenty seconds in which anything may happen.
    async fn blows(&mut self) {
        let Self {
            shop, chance, orders, ..
        } = self;
        let kios = &shop.kios;
        for _ in 0..chance.random_range(0..4) {
            if orders.len() < ORDERS {
                orders.push(order(shop, chance).await);
            }
        }
        if chance.random_ratio(1, 2) {
            kios.fault(Route::Trx, fault(chance), 1);
        }
        if !orders.is_empty() && chance.random_ratio(1, 4) {
            report(kios, &one_of(orders, chance).refid, shop.now(), chance);
        }
        kios.report_due().await;
        let event = match chance.random_range(0..8) {
            0 => look(),
            1..4 if !orders.is_empty() => record(&one_of(orders, chance)),
            _ => go_on(),
        };
        self.runs(event).await;
        self.shop.pass(20 * SECOND_MS);
    }

    /// One run or two at a time, of which one may die. What they answer does not count.
    async fn runs(&mut self, event: Value) {
        let Self {
            shop, chance, nobody, ..
        } = self;
        let usual = shop.settings.clone();
        if chance.random_ratio(1, 10)
            && let Some(supplier) = &mut shop.settings.supplier
        {
            supplier.url.clone_from(nobody);
        }
        let dies = chance.random_ratio(1, 2);
        shop.world
            .faults
            .set(if dies { plan(chance) } else { Plan::None });
        let first = shop.run_with(event.clone(), shop.deps_with(&shop.world.faulty));
        if chance.random_ratio(1, 3) {
            let second = shop.run_with(event, shop.deps());
            drop(tokio::join!(first, second));
        } else {
            drop(first.await);
        }
        shop.world.faults.set(Plan::None);
        shop.settings = usual;
    }
}

async fn order(shop: &Shop, chance: &mut SmallRng) -> Order {
    let ending = one_of(&ENDINGS, chance);
    match chance.random_range(0..6) {
        0 => {
            let meter = format!("0110{:03}{ending}", chance.random_range(0..1000));
            shop.order_of("PLN20", &meter).await
        }
        1 => {
            let customer = format!("PLAYER{:03}{ending}", chance.random_range(0..1000));
            shop.order_of("VGAME", &customer).await
        }
        _ => shop.order(ending).await,
    }
}

/// A report, true or not, now or later.
fn report(kios: &Kios, refid: &str, now_ms: i64, chance: &mut SmallRng) {
    let says = [
        Says::Truth,
        Says::Truth,
        Says::Delivered,
        Says::Failed,
        Says::Pending,
        Says::Nothing,
        Says::Text("#1#S10#ke:".to_owned()),
    ];
    let due_ms = now_ms + chance.random_range(0..120) * SECOND_MS;
    kios.report_at(refid, one_of(&says, chance), due_ms);
}

/// A storm, and the calm after it.
async fn storm(seed: u64) -> Storm {
    let chance = SmallRng::seed_from_u64(seed);
    let mut shop = Shop::open_at(MORNING_MS + i64::try_from(seed).unwrap() * 47 * MINUTE_MS).await;
    shop.settings.lanes = lanes(seed);
    // The books are open before it begins.
    shop.run_with(look(), shop.deps()).await.unwrap();
    let _door = shop.hears_reports(Style::Plain).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut storm = Storm {
        shop,
        nobody: format!("http://{}", nobody.local_addr().unwrap()),
        chance,
        orders: Vec::new(),
    };
    drop(nobody);
    let began_ms = storm.shop.now();
    while storm.shop.now() < began_ms + STORM_MS {
        storm.blows().await;
    }
    storm.shop.kios.heal();
    while storm.shop.now() < began_ms + STORM_MS + CALM_MS {
        storm.shop.kios.report_due().await;
        storm.shop.go_on().await;
        storm.shop.pass(MINUTE_MS);
    }
    storm.shop.run_with(look(), storm.shop.deps()).await.unwrap();
    storm
}

/// Every third storm goes over two lanes.
const fn lanes(seed: u64) -> u32 {
    if seed % 3 == 2 { 2 } else { 1 }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_any_storm_an_order_is_bought_at_most_once_and_none_is_lost() {
    let (mut delivered, mut for_people) = (0, 0);
    for seed in SEEDS {
        let lines = Lines::default();
        let listening = lines.listen();
        let Storm { shop, orders, .. } = storm(seed).await;
        drop(listening);
        assert_eq!(orders.len(), ORDERS, "seed {seed}");
        let mut ended = Vec::new();
        for order in &orders {
            let order = shop.stored(order).await;
            ended_well(&shop, &order, seed).await;
            ended.push(order);
        }
        totals_agree(&shop, &ended, seed).await;
        books_agree(&shop, &ended, seed).await;
        nothing_leaked(&shop, &ended, &lines, seed).await;
        delivered += ended.iter().filter(|order| order.state == State::Success).count();
        for_people += ended.iter().filter(|order| order.state == State::Manual).count();
        shop.world.stop().await;
    }
    // Weather in which nothing is delivered, or nobody is needed, would show nothing.
    assert!(delivered > 60 && for_people > 0, "{delivered}, {for_people}");
}

/// One order: what is said of it is true, or a person looks.
async fn ended_well(shop: &Shop, order: &Order, seed: u64) {
    let refid = &order.refid;
    let what = format!("seed {seed}, {refid}: {:?}", order.state);
    let transactions = shop.kios.transactions();
    let own: Vec<_> = transactions.iter().filter(|one| one.refid == *refid).collect();
    assert!(own.len() <= 1, "{what}: {own:?}");
    assert!(shop.kios.purchases(refid) <= 1, "{what}");
    let bought = own.iter().any(|one| one.status == Status::Delivered);
    match order.state {
        State::Success => assert!(bought, "{what}, and was not"),
        State::Failed => {
            let says_otherwise = order.contradicted.is_some_and(|report| report.delivered);
            assert!(!bought || says_otherwise, "{what}, and was delivered: {order:?}");
        }
        State::Manual => assert!(shop.is_alerted("manual_needed", refid).await, "{what}"),
        _ => panic!("{what} is no end"),
    }
    if let Some(sent_ms) = order.sent_ms {
        let took_ms = order.state_ms - sent_ms;
        assert!(took_ms <= OPEN_MS, "{what} after {took_ms} ms");
    }
    assert_eq!(order.next_ms, None, "{what}");
    let events = shop.events(order).await;
    let numbers: Vec<u32> = events.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (1..=order.events).collect::<Vec<_>>(), "{what}");
    let webhook = domain::topup::webhook::id(refid, order.state);
    let webhooks = aws::topups::Webhooks::new(&shop.world.clients);
    assert!(webhooks.get(&webhook).await.unwrap().is_some(), "{what}");
}

/// What is counted for the partner's day is what its orders come to.
async fn totals_agree(shop: &Shop, orders: &[Order], seed: u64) {
    let sum = |of: &dyn Fn(&Order) -> bool| {
        let of: Vec<_> = orders.iter().filter(|order| of(order)).collect();
        Totals {
            orders: i64::try_from(of.len()).unwrap(),
            rupiah: of.iter().map(|order| order.price.get()).sum(),
        }
    };
    let date = wib_date(orders[0].accepted_ms);
    let day = shop.topups.day(PARTNER, date).await.unwrap();
    assert_eq!(day.taken, sum(&|_| true), "seed {seed}");
    assert_eq!(
        day.delivered,
        sum(&|order| order.state == State::Success),
        "seed {seed}"
    );
    assert_eq!(
        day.failed,
        sum(&|order| order.state == State::Failed),
        "seed {seed}"
    );
    assert_eq!(day.reversed, Totals::default(), "seed {seed}");
    assert_eq!(shop.topups.waiting().await.unwrap(), 0, "seed {seed}");
}

/// The books say what the supplier says, and every rupiah that went out is an order's.
async fn books_agree(shop: &Shop, orders: &[Order], seed: u64) {
    let books = shop.topups.books().await.unwrap();
    assert_eq!(
        books.balance.map(Rupiah::get),
        Some(shop.kios.balance()),
        "seed {seed}"
    );
    let charged: i64 = orders
        .iter()
        .filter_map(|order| order.charged)
        .map(Rupiah::get)
        .sum();
    assert_eq!(books.charged.get(), charged, "seed {seed}");
    let for_people = orders.iter().filter(|order| order.state == State::Manual);
    let mut open: Vec<_> = for_people.map(|order| order.refid.clone()).collect();
    open.sort();
    assert_eq!(books.open.into_keys().collect::<Vec<_>>(), open, "seed {seed}");
    let entries = shop
        .topups
        .entries(wib_date(shop.now()), None, 10_000)
        .await
        .unwrap();
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, (1..=books.entries).collect::<Vec<_>>(), "seed {seed}");
    // Over two lanes answers overtake each other, and the balance in one may be older than the one before.
    if lanes(seed) == 1 {
        let moved: Vec<_> = entries
            .iter()
            .filter(|entry| entry.unrecorded != Rupiah::ZERO || entry.paid_in != Rupiah::ZERO)
            .collect();
        assert!(moved.is_empty(), "seed {seed}: {moved:?}");
    }
}

/// Neither secrets nor numbers anywhere but in the order itself.
async fn nothing_leaked(shop: &Shop, orders: &[Order], lines: &Lines, seed: u64) {
    let mut all: Texts = shop.everything_else().await;
    let log = lines.text();
    assert!(log.contains("\"topup\""), "seed {seed}: nothing was logged");
    all.insert("log".to_owned(), log);
    all.insert("metrics".to_owned(), shop.output.text());
    let mut secrets = vec![PIN.to_owned(), PASSWORD.to_owned()];
    for order in orders {
        secrets.push(order.dest.clone());
        let Some(sn) = &order.sn else { continue };
        secrets.push(sn.clone());
        if let Some(token) = domain::topup::serial::pln(sn) {
            secrets.push(token.token);
            secrets.push(sn.split('/').next().unwrap().to_owned());
        }
    }
    for secret in secrets {
        assert_eq!(
            found_in(&all, &secret),
            Vec::<String>::new(),
            "seed {seed}: {secret}"
        );
    }
}
