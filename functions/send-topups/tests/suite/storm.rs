//! Everything at once: a supplier that delays, drops, garbles, repeats and reports falsely, stores that fail and runs
//! that die, triggers that come twice and two at a time. Some storms cross the supplier's nightly cutoff, and in some
//! there are numbers that several orders share. Time is the test's own, and so is chance: each seed is another storm,
//! and the same one each time.
//!
//! One thing this supplier never does: it does not take back an end that it has said for certain. What becomes of an
//! order then is in `reported.rs`; here nothing that was delivered may be told as failed.

mod ends;
mod weather;

use crate::support::log::Lines;
use crate::support::{HOUR_MS, MINUTE_MS, MORNING_MS, SECOND_MS, Shop, go_on, look, record};
use domain::topup::guard::Refusal;
use domain::topup::order::{Order, Reason};
use domain::topup::state::State;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use sims::kios::{Route, Style};
use testkit::faults::Plan;

use weather::{ENDINGS, fault, one_of, plan, report};

/// One storm each.
const SEEDS: std::ops::Range<u64> = 0..12;
/// Orders of a storm, without those that were there before.
const ORDERS: usize = 16;
/// How many of them come before midnight, in a storm at night.
const BEFORE_MIDNIGHT: usize = 9;
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

/// Every third storm goes over two lanes.
const fn lanes(seed: u64) -> u32 {
    if seed % 3 == 2 { 2 } else { 1 }
}

/// Every fourth storm crosses midnight.
const fn is_at_night(seed: u64) -> bool {
    seed % 4 == 3
}

/// In every second storm some numbers are ordered for more than once.
const fn shares_numbers(seed: u64) -> bool {
    seed % 2 == 1
}

struct Storm {
    shop: Shop,
    /// An address at which nobody is.
    nobody: String,
    chance: SmallRng,
    orders: Vec<Order>,
    /// Orders that were there before it began.
    before: usize,
    /// Numbers for which there are several orders.
    shared: Vec<String>,
    /// Why orders for these were not taken.
    refusals: Vec<Refusal>,
}

impl Storm {
    /// A stretch of storm, until this moment, with so many orders at most.
    async fn blows_until(&mut self, until_ms: i64, orders_max: usize) {
        while self.shop.now() < until_ms {
            self.blows(orders_max).await;
        }
        self.shop.kios.heal();
    }

    /// Twenty seconds in which anything may happen.
    async fn blows(&mut self, orders_max: usize) {
        for _ in 0..self.chance.random_range(0..4) {
            if self.orders.len() < self.before + orders_max {
                self.order().await;
            }
        }
        let Self {
            shop, chance, orders, ..
        } = self;
        let kios = &shop.kios;
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

    /// Minutes in which nothing else goes wrong.
    async fn calms_until(&mut self, until_ms: i64) {
        while self.shop.now() < until_ms {
            self.shop.kios.report_due().await;
            self.shop.go_on().await;
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

    /// One more order, for a number of its own or for one that others have too.
    async fn order(&mut self) {
        let Self {
            shop, chance, shared, ..
        } = self;
        if !shared.is_empty() && chance.random_ratio(1, 4) {
            let (dest, product) = (one_of(shared, chance), one_of(&["S10", "PLN20", "VGAME"], chance));
            return self.order_for(product, &dest).await;
        }
        let ending = one_of(&ENDINGS, chance);
        let order = match chance.random_range(0..6) {
            0 => {
                let meter = format!("0110{:03}{ending}", chance.random_range(0..1000));
                shop.order_of("PLN20", &meter).await
            }
            1 => {
                let customer = format!("PLAYER{:03}{ending}", chance.random_range(0..1000));
                shop.order_of("VGAME", &customer).await
            }
            _ => shop.order(ending).await,
        };
        self.orders.push(order);
    }

    /// An order for a number that others have too, where the shop takes it.
    async fn order_for(&mut self, product: &str, dest: &str) {
        match self.shop.order_unless_refused(product, dest).await {
            Ok(order) => self.orders.push(order),
            Err(refusals) => self.refusals.extend(refusals),
        }
    }

    /// Numbers that several orders share: one that has failed four times with us, one that the supplier has blocked
    /// because of orders that it had by hand, one that fails, and one that gets what is ordered.
    async fn shares_numbers(&mut self) {
        let [failing, blocked, fails, gets] =
            ["9004", "9005", "9010", "0007"].map(|ending| self.shop.dest(ending));
        for _ in 0..4 {
            self.order_for("S10", &failing).await;
            self.shop.go_on().await;
            self.shop.pass(3 * MINUTE_MS);
        }
        for number in 0..5 {
            let refid = format!("BYHAND00000000000{number:03}");
            let text = self.shop.by_hand("S10", &blocked, &refid).await;
            assert!(text.to_lowercase().contains("gagal"), "{text}");
        }
        self.order_for("VGAME", &failing).await;
        assert!(
            self.refusals.contains(&Refusal::DestinationFailing),
            "{:?}",
            self.refusals
        );
        assert_eq!(self.orders.len(), 4);
        self.before = self.orders.len();
        self.shared = vec![failing, blocked, fails, gets];
    }
}

/// A storm, and the calm after it.
async fn storm(seed: u64) -> Storm {
    let begins_ms = if is_at_night(seed) {
        NIGHT_MS
    } else {
        MORNING_MS + i64::try_from(seed).unwrap() * 47 * MINUTE_MS
    };
    let mut shop = Shop::open_at(begins_ms - BEFORE_MS).await;
    shop.settings.lanes = lanes(seed);
    // The books are open before it begins.
    shop.run_with(look(), shop.deps()).await.unwrap();
    let _door = shop.hears_reports(Style::Plain).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut storm = Storm {
        shop,
        nobody: format!("http://{}", nobody.local_addr().unwrap()),
        chance: SmallRng::seed_from_u64(seed),
        orders: Vec::new(),
        before: 0,
        shared: Vec::new(),
        refusals: Vec::new(),
    };
    drop(nobody);
    if shares_numbers(seed) {
        storm.shares_numbers().await;
    }
    storm.shop.set_clock(begins_ms);
    if let Some(blocked) = storm.shared.get(1).cloned() {
        storm.order_for("S10", &blocked).await;
    }
    if is_at_night(seed) {
        storm.blows_until(begins_ms + STORM_MS, BEFORE_MIDNIGHT).await;
        // Taken while the supplier is closed, and held until it opens.
        storm.order().await;
        storm.calms_until(AFTER_MIDNIGHT_MS).await;
        storm.blows_until(AFTER_MIDNIGHT_MS + STORM_MS, ORDERS).await;
    } else {
        storm.blows_until(begins_ms + STORM_MS, ORDERS).await;
    }
    let over_ms = storm.shop.now() + CALM_MS;
    storm.calms_until(over_ms).await;
    storm.shop.run_with(look(), storm.shop.deps()).await.unwrap();
    storm
}

#[tokio::test(flavor = "multi_thread")]
async fn in_any_storm_an_order_is_bought_at_most_once_and_none_is_lost() {
    let (mut delivered, mut for_people, mut blocked) = (0, 0, 0);
    for seed in SEEDS {
        let lines = Lines::default();
        let listening = lines.listen();
        let Storm {
            shop, orders, before, ..
        } = storm(seed).await;
        drop(listening);
        assert_eq!(orders.len(), before + ORDERS, "seed {seed}");
        let mut ended = Vec::new();
        for order in &orders {
            let order = shop.stored(order).await;
            ends::ended_well(&shop, &order, seed).await;
            ended.push(order);
        }
        ends::numbers_are_spared(&shop, &ended, seed);
        ends::totals_agree(&shop, &ended, seed).await;
        ends::books_agree(&shop, &ended, seed).await;
        ends::nothing_leaked(&shop, &ended, &lines, seed).await;
        let count = |of: &dyn Fn(&Order) -> bool| ended.iter().filter(|order| of(order)).count();
        delivered += count(&|order| order.state == State::Success);
        for_people += count(&|order| order.state == State::Manual);
        if shares_numbers(seed) {
            let by_block = |order: &Order| order.failure == Some(Reason::NumberBlocked);
            blocked += count(&|order| by_block(order) && order.dest.ends_with("9005"));
        }
        shop.world.stop().await;
    }
    // Weather in which nothing is delivered, nobody is needed or no block is met would show nothing.
    assert!(
        delivered > 40 && for_people > 0 && blocked > 0,
        "{delivered}, {for_people}, {blocked}"
    );
}
