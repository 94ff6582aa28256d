//! Orders with a supplier that keeps its word, over a line that does not: what we call delivered was delivered, what we
//! call failed was not, and the books explain every rupiah.

use std::collections::BTreeMap;

use crate::topup_world::{LEASE, MINUTE, RESEND, SECOND, SN, Shop, rupiah};
use domain::topup::order::Order;
use domain::topup::reply::{Balance, DuplicateStatus, Failure, NotUnderstood, Outcome, Reply};
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;
use domain::topup::step::{Answer, Todo, answered, asking, failed_unsent, handed_over, lost, sending, todo};
use proptest::prelude::*;

const OPENING: i64 = 5_000_000;

/// What the supplier makes of an order.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Delivered,
    Fails(Failure),
    /// Pending for so long, then delivered or not; charged at once or at the end.
    Pending {
        for_ms: i64,
        delivers: bool,
        charged_at_once: bool,
    },
    /// It says that it timed out, and that is so.
    TimesOut,
    /// The same, and asked about it says that the order was there before and failed.
    TimesOutOnce,
    /// It says that it timed out, and delivers after so long.
    DeliversLate {
        for_ms: i64,
    },
    /// It says that it timed out, again and again, and has delivered.
    Lies,
}

/// What the line does to a call.
#[derive(Clone, Copy, Debug)]
enum Line {
    Works,
    NotSent,
    LostBefore,
    LostAfter,
    Garbled,
    CutOff,
}

/// What happens to the deposit beside our orders.
#[derive(Clone, Copy, Debug)]
enum Aside {
    PaidIn(i64),
    Charged(i64),
}

struct Known {
    fate: Fate,
    since_ms: i64,
    charged: bool,
}

struct Supplier {
    balance: i64,
    known: BTreeMap<String, Known>,
    fates: BTreeMap<String, Fate>,
}

impl Known {
    fn is_over(&self, now_ms: i64) -> bool {
        match self.fate {
            Fate::Pending { for_ms, .. } | Fate::DeliversLate { for_ms } => now_ms >= self.since_ms + for_ms,
            Fate::Delivered | Fate::Fails(_) | Fate::TimesOut | Fate::TimesOutOnce | Fate::Lies => true,
        }
    }

    fn delivers(&self) -> bool {
        matches!(
            self.fate,
            Fate::Delivered | Fate::DeliversLate { .. } | Fate::Lies | Fate::Pending { delivers: true, .. }
        )
    }

    /// Whether it is charged at this moment.
    fn is_charged(&self, now_ms: i64) -> bool {
        let early = matches!(
            self.fate,
            Fate::Pending {
                charged_at_once: true,
                ..
            }
        );
        if self.is_over(now_ms) {
            self.delivers()
        } else {
            early
        }
    }
}

impl Supplier {
    /// Does what is due by now.
    fn settle(&mut self, costs: &BTreeMap<String, Order>, now_ms: i64) {
        for (refid, known) in &mut self.known {
            let charged = known.is_charged(now_ms);
            let cost = costs[refid].cost.get();
            if charged && !known.charged {
                self.balance -= cost;
            }
            if !charged && known.charged {
                self.balance += cost;
            }
            known.charged = charged;
        }
    }

    /// Takes an order, or says what became of it.
    fn call(&mut self, orders: &BTreeMap<String, Order>, order: &Order, now_ms: i64) -> Reply {
        let first = !self.known.contains_key(&order.refid);
        if first {
            let known = Known {
                fate: self.fates[&order.refid],
                since_ms: now_ms,
                charged: false,
            };
            self.known.insert(order.refid.clone(), known);
        }
        let before = self.balance;
        self.settle(orders, now_ms);
        let known = &self.known[&order.refid];
        let outcome = if first {
            first_reply(known)
        } else {
            later_reply(known, now_ms)
        };
        let balance = match outcome {
            Outcome::Success { .. } => Balance::Charged {
                before: rupiah(before),
                price: order.cost,
                after: rupiah(self.balance),
            },
            _ => Balance::Left(rupiah(self.balance)),
        };
        Reply {
            trxid: "1".to_owned(),
            product: order.product.clone(),
            dest: order.dest.clone(),
            refid: order.refid.clone(),
            outcome,
            balance,
        }
    }
}

fn first_reply(known: &Known) -> Outcome {
    match known.fate {
        Fate::Delivered => Outcome::Success { sn: SN.to_owned() },
        Fate::Fails(failure) => Outcome::Failed(failure),
        Fate::Pending { .. } => Outcome::Accepted,
        Fate::TimesOut | Fate::TimesOutOnce | Fate::DeliversLate { .. } | Fate::Lies => {
            Outcome::Failed(Failure::CutoffOrTimeout)
        }
    }
}

fn later_reply(known: &Known, now_ms: i64) -> Outcome {
    let duplicate = |status| Outcome::Duplicate {
        status,
        at: "12.01".to_owned(),
        sn: if status == DuplicateStatus::Success {
            SN.to_owned()
        } else {
            String::new()
        },
    };
    match known.fate {
        Fate::TimesOut | Fate::Lies => Outcome::Failed(Failure::CutoffOrTimeout),
        _ if !known.is_over(now_ms) => Outcome::InProcess,
        _ if known.delivers() => duplicate(DuplicateStatus::Success),
        _ => duplicate(DuplicateStatus::Failed),
    }
}

/// A shop and its supplier, with what the line does to each call, in turn.
struct World {
    shop: Shop,
    supplier: Supplier,
    lines: Vec<Line>,
    aside: Vec<(i64, Aside)>,
    calls: usize,
}

impl World {
    /// Calls the supplier; `None` where the run is cut off.
    fn call(&mut self, refid: &str) -> Option<Answer> {
        let line = self.lines.get(self.calls).copied().unwrap_or(Line::Works);
        self.calls += 1;
        let arrives = !matches!(line, Line::NotSent | Line::LostBefore);
        let order = self.shop.orders[refid].clone();
        let reply = arrives.then(|| self.supplier.call(&self.shop.orders, &order, self.shop.now_ms));
        self.shop.now_ms += SECOND;
        match (line, reply) {
            (Line::Works, Some(reply)) => Some(Answer::Reply(reply)),
            (Line::NotSent, _) => Some(Answer::NotSent("refused")),
            (Line::Garbled, _) => Some(Answer::NotUnderstood(NotUnderstood::Other, "…".to_owned())),
            (Line::CutOff, _) => None,
            _ => Some(Answer::Lost("timeout")),
        }
    }

    /// Does what is to be done about an order; says until when there is nothing.
    fn work(&mut self, refid: &str) -> Option<Todo> {
        let around = self.shop.around(refid);
        let now_ms = self.shop.now_ms;
        let next = todo(&around.order, now_ms, &RESEND);
        let intent = match next {
            Todo::Send => sending(&around, LEASE, now_ms).unwrap(),
            Todo::Ask => asking(&around, LEASE, now_ms).unwrap(),
            Todo::Lost => lost(&around, now_ms).unwrap(),
            Todo::HandOver(review) => handed_over(&around, review, now_ms).unwrap(),
            Todo::Fail(reason) => failed_unsent(&around, reason, now_ms).unwrap(),
            Todo::Wait(_) | Todo::Nothing => return Some(next),
        };
        self.shop.apply(intent);
        if matches!(next, Todo::Send | Todo::Ask)
            && let Some(answer) = self.call(refid)
        {
            let around = self.shop.around(refid);
            let change = answered(&around, &answer, None, &RESEND, self.shop.now_ms);
            self.shop.apply(change);
        }
        None
    }

    fn run(&mut self) {
        let refids: Vec<String> = self.shop.orders.keys().cloned().collect();
        for _ in 0..2_000 {
            let mut next_ms: Option<i64> = None;
            let mut busy = false;
            for refid in &refids {
                match self.work(refid) {
                    None => busy = true,
                    Some(Todo::Wait(until_ms)) => {
                        next_ms = Some(next_ms.map_or(until_ms, |next| next.min(until_ms)));
                    }
                    Some(_) => {}
                }
                self.goes_on();
            }
            match next_ms {
                _ if busy => {}
                Some(until_ms) => self.shop.now_ms = until_ms.max(self.shop.now_ms),
                None => return,
            }
            self.goes_on();
        }
        panic!("never at rest");
    }

    /// What the supplier does by itself, and what happens to the deposit.
    fn goes_on(&mut self) {
        let now_ms = self.shop.now_ms;
        self.supplier.settle(&self.shop.orders, now_ms);
        let (due, later): (Vec<_>, Vec<_>) = self
            .aside
            .iter()
            .copied()
            .partition(|(at_ms, _)| *at_ms <= now_ms);
        self.aside = later;
        for (_, aside) in due {
            self.supplier.balance += match aside {
                Aside::PaidIn(amount) => amount,
                Aside::Charged(amount) => -amount,
            };
        }
    }

    fn is_delivered(&self, refid: &str) -> bool {
        self.supplier.known.get(refid).is_some_and(Known::delivers)
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    let pending = (MINUTE / 2..14 * MINUTE, any::<bool>(), any::<bool>());
    prop_oneof![
        2 => Just(Fate::Delivered),
        1 => prop::sample::select(vec![Failure::NotProcessable, Failure::BadNumber, Failure::InsufficientBalance])
            .prop_map(Fate::Fails),
        2 => pending.prop_map(|(for_ms, delivers, charged_at_once)| Fate::Pending { for_ms, delivers, charged_at_once }),
        1 => Just(Fate::TimesOut),
        1 => Just(Fate::TimesOutOnce),
        1 => (MINUTE..14 * MINUTE).prop_map(|for_ms| Fate::DeliversLate { for_ms }),
        1 => Just(Fate::Lies),
    ]
}

fn line() -> impl Strategy<Value = Line> {
    prop::sample::select(vec![
        Line::Works,
        Line::Works,
        Line::Works,
        Line::NotSent,
        Line::LostBefore,
        Line::LostAfter,
        Line::Garbled,
        Line::CutOff,
    ])
}

/// Amounts that no number of orders comes to.
fn aside() -> impl Strategy<Value = (i64, Aside)> {
    let what = prop::sample::select(vec![Aside::PaidIn(50_000), Aside::Charged(7_777)]);
    (0..20 * MINUTE, what)
}

proptest! {
    #[test]
    fn what_is_said_to_be_delivered_is_and_what_is_said_to_have_failed_is_not(
        fates in prop::collection::vec(fate(), 1..5),
        lines in prop::collection::vec(line(), 0..20),
        aside in prop::collection::vec(aside(), 0..3),
    ) {
        let mut shop = Shop::new(OPENING);
        let mut known_fates = BTreeMap::new();
        for (number, fate) in fates.iter().enumerate() {
            let refid = format!("01J{number}");
            shop.take(&refid, &format!("08123456789{number}"));
            known_fates.insert(refid, *fate);
        }
        let start_ms = shop.now_ms;
        let supplier = Supplier { balance: OPENING, known: BTreeMap::new(), fates: known_fates };
        let aside = aside.into_iter().map(|(after_ms, aside)| (start_ms + after_ms, aside)).collect();
        let mut world = World { shop, supplier, lines, aside, calls: 0 };
        world.run();
        for (refid, order) in &world.shop.orders {
            match order.state {
                State::Success => prop_assert!(world.is_delivered(refid)),
                State::Failed => prop_assert!(!world.is_delivered(refid)),
                state => prop_assert_eq!(state, State::Manual),
            }
        }
        // Every rupiah of the level is what was there, what came in, and what nobody can explain.
        let left = Balance::Left(rupiah(world.supplier.balance));
        let (books, entry) = world.shop.books.said(world.shop.now_ms, None, &left, Rupiah::ZERO);
        let entry = entry.unwrap();
        let paid_in = world.shop.paid_in + entry.paid_in.get();
        let unrecorded = world.shop.unrecorded + entry.unrecorded.get();
        prop_assert_eq!(books.level.unwrap().get(), OPENING + paid_in - unrecorded);
        if books.open.is_empty() {
            prop_assert_eq!(books.level.unwrap().get(), world.supplier.balance + books.charged.get());
        }
    }

    #[test]
    fn a_line_that_works_leaves_nothing_to_people(
        fates in prop::collection::vec(prop_oneof![
            Just(Fate::Delivered),
            Just(Fate::Fails(Failure::NotProcessable)),
            (MINUTE..14 * MINUTE, any::<bool>()).prop_map(|(for_ms, delivers)| Fate::Pending {
                for_ms,
                delivers,
                charged_at_once: true,
            }),
        ], 1..5),
    ) {
        let mut shop = Shop::new(OPENING);
        let mut known_fates = BTreeMap::new();
        for (number, fate) in fates.iter().enumerate() {
            let refid = format!("01J{number}");
            shop.take(&refid, &format!("08123456789{number}"));
            known_fates.insert(refid, *fate);
        }
        let supplier = Supplier { balance: OPENING, known: BTreeMap::new(), fates: known_fates };
        let mut world = World { shop, supplier, lines: Vec::new(), aside: Vec::new(), calls: 0 };
        world.run();
        for (refid, order) in &world.shop.orders {
            prop_assert!(order.state.is_final());
            prop_assert_eq!(order.state == State::Success, world.is_delivered(refid));
        }
        prop_assert_eq!((world.shop.paid_in, world.shop.unrecorded), (0, 0));
        prop_assert_eq!(world.shop.books.balance.unwrap().get(), world.supplier.balance);
    }
}
