//! Everything at once, from a partner's request to the message about its end. Requests break off, come twice and
//! overtake each other; the supplier delays, drops, garbles, repeats and reports falsely, and outsiders report too; the
//! partner's server refuses, hangs up and is away; stores fail and runs die; triggers come twice and two at a time. Some
//! storms cross the supplier's nightly cutoff, and in some there are numbers that several orders share. Time is the
//! test's own, and so is chance: each seed is another storm, and the same one each time.
//!
//! When it is over, each request has bought once at most, what was delivered is told as delivered and nothing else is,
//! each order has ended within its time or is a person's, the partner knows it by message, by answer and by statement,
//! our books are the supplier's, and what is secret stands nowhere.
//!
//! One thing this supplier never does: it does not take back an end that it has said for certain. What becomes of an
//! order then is in `reported.rs`; here nothing that was delivered may be told as failed.

mod ends;
mod front;
mod partner;
mod seen;
mod told;
mod weather;

use crate::support::front::{TOKEN, address};
use crate::support::{HOUR_MS, MINUTE_MS, MORNING_MS, SECOND_MS, Shop, go_on, look, record};
use domain::topup::order::Order;
use domain::topup::step::Check;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use sims::kios::{Route, Says, Style};
use sims::serve::Served;
use testkit::faults::Plan;
use testkit::log::{LevelFilter, Lines, Targets};

use front::Front;
use partner::Listener;
use seen::Seen;
use weather::{ENDINGS, fault, one_of, plan, report};

/// One storm each.
const SEEDS: std::ops::Range<u64> = 0..12;
/// What the partner wants in a storm, without what it wanted before.
const WANTED: usize = 18;
/// How much of it comes before midnight, in a storm at night.
const BEFORE_MIDNIGHT: usize = 10;
/// How long it storms; at night, before the cutoff and once more after it.
const STORM_MS: i64 = 12 * MINUTE_MS;
/// How long it takes after that until everything is over: an order may wait for half an hour, and is open for twenty
/// minutes.
const CALM_MS: i64 = 52 * MINUTE_MS;
/// How long before a storm its shop opens.
const BEFORE_MS: i64 = 15 * MINUTE_MS;
/// 23:13 in Jakarta: the storm blows into the cutoff, which begins at 23:25.
const NIGHT_MS: i64 = MORNING_MS + 15 * HOUR_MS + 13 * MINUTE_MS;
/// 00:30 in Jakarta, five minutes before orders are sent again.
const AFTER_MIDNIGHT_MS: i64 = MORNING_MS + 16 * HOUR_MS + 30 * MINUTE_MS;
/// What an outsider takes for the secret end of the supplier's address.
const FORGED: &str = "token-dari-orang-lain-987654";
/// What orders that somebody makes past this shop are called.
const BY_HAND: &str = "BYHAND";

/// Every third storm goes over two lanes.
const fn lanes(seed: u64) -> u32 {
    if seed % 3 == 2 { 2 } else { 1 }
}

/// In every fifth storm the supplier knows questions that buy nothing.
const fn check(seed: u64) -> Check {
    if seed % 5 == 1 { Check::Flag } else { Check::Resend }
}

/// Every fourth storm crosses midnight.
const fn is_at_night(seed: u64) -> bool {
    seed % 4 == 3
}

/// In every second storm some numbers are ordered for more than once.
const fn shares_numbers(seed: u64) -> bool {
    seed % 2 == 1
}

/// In most storms the supplier charges what is pending at once; in every third it charges what it delivers.
const fn charges_pending(seed: u64) -> bool {
    seed % 3 != 1
}

/// How the supplier reports.
fn style(seed: u64) -> Style {
    let styles = [Style::Plain, Style::Capitals, Style::Form, Style::Raw];
    styles[usize::try_from(seed / 3 % 4).unwrap()]
}

struct Storm {
    shop: Shop,
    /// An address at which nobody is.
    nobody: String,
    chance: SmallRng,
    /// Whether anything may happen.
    storms: bool,
    front: Front,
    /// Where the supplier's reports are taken, and how it reports.
    reports_at: Served,
    style: Style,
    listener: Listener,
    /// The orders that were taken, by id.
    orders: Vec<String>,
    /// What the partner wanted before it began.
    before: usize,
    /// Numbers for which there are several orders.
    shared: Vec<String>,
}

impl Storm {
    /// A stretch of storm, until this moment, in which the partner wants so much at most.
    async fn blows_until(&mut self, until_ms: i64, wanted_max: usize) {
        self.storms = true;
        while self.shop.now() < until_ms {
            self.blows(wanted_max).await;
        }
        self.storms = false;
        self.shop.kios.heal();
        self.listener.receiver.heal();
    }

    /// Twenty seconds in which anything may happen.
    async fn blows(&mut self, wanted_max: usize) {
        for _ in 0..self.chance.random_range(0..3) {
            if self.front.wanted.len() < self.before + wanted_max {
                self.wants_something().await;
            }
        }
        if self.chance.random_ratio(1, 2) {
            self.asks_again().await;
        }
        if self.chance.random_ratio(1, 10) {
            self.shop.puts_products_right().await;
        }
        if self.chance.random_ratio(1, 2) {
            let fault = fault(&mut self.chance);
            self.shop.kios.fault(Route::Trx, fault, 1);
        }
        self.reports_come().await;
        let event = match self.chance.random_range(0..8) {
            0 => look(),
            1..4 if !self.orders.is_empty() => record(&self.one_order().await),
            _ => go_on(),
        };
        self.runs(event).await;
        self.tells().await;
        self.shop.pass(20 * SECOND_MS);
    }

    /// Minutes in which nothing else goes wrong.
    async fn calms_until(&mut self, until_ms: i64) {
        while self.shop.now() < until_ms {
            self.shop.kios.report_due().await;
            self.shop.go_on().await;
            self.tell(go_on(), &self.shop.world.clients).await.unwrap();
            self.shop.pass(MINUTE_MS);
        }
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
            .set(if dies { plan(40, chance) } else { Plan::None });
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

    /// Something more that the partner wants, for a number of its own or for one that others have too.
    async fn wants_something(&mut self) {
        let Self {
            shop, chance, shared, ..
        } = self;
        if !shared.is_empty() && chance.random_ratio(1, 3) {
            let (dest, product) = (one_of(shared, chance), one_of(&["S10", "PLN20", "VGAME"], chance));
            return self.wants(product, &dest).await;
        }
        let ending = one_of(&ENDINGS, chance);
        let (product, dest) = match chance.random_range(0..6) {
            0 => (
                "PLN20",
                format!("0110{:03}{ending}", chance.random_range(0..1000)),
            ),
            1 => (
                "VGAME",
                format!("PLAYER{:03}{ending}", chance.random_range(0..1000)),
            ),
            _ => ("S10", shop.dest(ending)),
        };
        self.wants(product, &dest).await;
    }

    /// What the supplier reports, true or not, some of it while our stores are away; and what others do.
    async fn reports_come(&mut self) {
        if !self.orders.is_empty() && self.chance.random_ratio(1, 6) {
            self.outsider_reports().await;
        }
        let Self {
            shop, chance, orders, ..
        } = self;
        if !orders.is_empty() && chance.random_ratio(1, 4) {
            report(&shop.kios, &one_of(orders, chance), shop.now(), chance);
        }
        let fails = chance.random_ratio(1, 4);
        shop.world
            .faults
            .set(if fails { plan(12, chance) } else { Plan::None });
        shop.kios.report_due().await;
        shop.world.faults.set(Plan::None);
    }

    /// Who does not know the address is told what anybody is told, and changes nothing.
    async fn outsider_reports(&mut self) {
        let before = self.one_order().await;
        let says = one_of(&[Says::Delivered, Says::Failed], &mut self.chance);
        let kios = &self.shop.kios;
        kios.register(&address(&self.reports_at, FORGED), self.style);
        let status = kios.report(&before.refid, says).await.unwrap();
        kios.register(&address(&self.reports_at, TOKEN), self.style);
        assert_eq!((status, self.shop.stored(&before).await), (404, before));
    }

    /// An order that was taken, as it is now.
    async fn one_order(&mut self) -> Order {
        let refid = one_of(&self.orders, &mut self.chance);
        self.shop.topups.get(&refid).await.unwrap().unwrap()
    }

    /// Numbers that several orders share: one that has failed four times with us, one that the supplier has blocked
    /// because of orders that it had by hand, one that fails, and one that gets what is ordered.
    async fn shares_numbers(&mut self) {
        let [failing, blocked, fails, gets] =
            ["9004", "9005", "9010", "0007"].map(|ending| self.shop.dest(ending));
        for _ in 0..4 {
            self.wants("S10", &failing).await;
            self.shop.go_on().await;
            self.shop.pass(3 * MINUTE_MS);
        }
        for number in 0..5 {
            let refid = format!("{BY_HAND}00000000000{number:03}");
            let text = self.shop.by_hand("S10", &blocked, &refid).await;
            assert!(text.to_lowercase().contains("gagal"), "{text}");
        }
        self.wants("VGAME", &failing).await;
        let refusals = &self.front.refusals;
        assert!(refusals.contains_key("TOPUP_DESTINATION_FAILING"), "{refusals:?}");
        assert_eq!(self.orders.len(), 4);
        self.before = self.front.wanted.len();
        self.shared = vec![failing, blocked, fails, gets];
    }
}

/// A shop before a storm.
async fn before(seed: u64, at_ms: i64) -> Storm {
    let mut shop = Shop::open_at(at_ms).await;
    shop.settings.lanes = lanes(seed);
    shop.settings.supplier.as_mut().unwrap().check = check(seed);
    shop.kios.knows_check(check(seed) == Check::Flag);
    // The books are open before it begins.
    shop.run_with(look(), shop.deps()).await.unwrap();
    let (front, listener) = (Front::open(&shop).await, Listener::open(&shop).await);
    let reports_at = shop.serves(shop.front(&shop.world.faulty)).await;
    shop.kios.register(&address(&reports_at, TOKEN), style(seed));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    Storm {
        shop,
        nobody: format!("http://{}", nobody.local_addr().unwrap()),
        chance: SmallRng::seed_from_u64(seed),
        storms: false,
        front,
        reports_at,
        style: style(seed),
        listener,
        orders: Vec::new(),
        before: 0,
        shared: Vec::new(),
    }
}

/// A storm, and the calm after it.
async fn storm(seed: u64) -> Storm {
    let begins_ms = if is_at_night(seed) {
        NIGHT_MS
    } else {
        MORNING_MS + i64::try_from(seed % 12).unwrap() * 47 * MINUTE_MS
    };
    let mut storm = before(seed, begins_ms - BEFORE_MS).await;
    storm.shop.kios.charges_pending(charges_pending(seed));
    if shares_numbers(seed) {
        storm.shares_numbers().await;
    }
    storm.shop.set_clock(begins_ms);
    if let Some(blocked) = storm.shared.get(1).cloned() {
        storm.wants("S10", &blocked).await;
    }
    if is_at_night(seed) {
        storm.blows_until(begins_ms + STORM_MS, BEFORE_MIDNIGHT).await;
        // Taken while the supplier is closed, and held until it opens.
        storm.shop.puts_products_right().await;
        storm.wants_something().await;
        storm.calms_until(AFTER_MIDNIGHT_MS).await;
        storm.blows_until(AFTER_MIDNIGHT_MS + STORM_MS, WANTED).await;
    } else {
        storm.blows_until(begins_ms + STORM_MS, WANTED).await;
    }
    let over_ms = storm.shop.now() + CALM_MS;
    storm.calms_until(over_ms).await;
    storm.shop.run_with(look(), storm.shop.deps()).await.unwrap();
    storm.tells_the_rest().await;
    storm
}

/// Of our own crates everything, of others what the functions log of them.
fn levels() -> Targets {
    // With the colons: the SDK's own crates begin with the same letters.
    let ours = [
        "send_topups",
        "serve_topups",
        "tell_partners",
        "partners",
        "aws::",
        "domain",
        "edge",
        "lambda_edge",
    ];
    let targets = Targets::new().with_default(LevelFilter::WARN);
    targets.with_targets(ours.map(|name| (name, LevelFilter::TRACE)))
}

#[tokio::test(flavor = "multi_thread")]
async fn in_any_storm_a_request_buys_once_at_most_and_its_partner_is_told_the_truth() {
    let mut seen = Seen::default();
    for seed in SEEDS {
        let lines = Lines::default();
        let listening = lines.listen_to(levels());
        let storm = storm(seed).await;
        drop(listening);
        let mut ended = Vec::new();
        for refid in &storm.orders {
            let order = storm.shop.topups.get(refid).await.unwrap().unwrap();
            ends::ended_well(&storm.shop, &order, seed).await;
            told::is_told(&storm, &order, seed).await;
            ended.push(order);
        }
        ends::nothing_else_was_bought(&storm, seed);
        ends::numbers_are_spared(&storm.shop, &ended, seed);
        ends::totals_agree(&storm.shop, &ended, seed).await;
        ends::books_agree(&storm.shop, &ended, seed).await;
        told::lists_agree(&storm, &ended, seed).await;
        ends::nothing_leaked(&storm, &ended, &lines, seed).await;
        seen.add(&storm, &ended);
        storm.shop.world.stop().await;
    }
    assert!(seen.is_weather(), "{seen:?}");
}
