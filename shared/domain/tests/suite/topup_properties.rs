//! Orders under any sequence of answers, silences, reports and people. What has to hold after each step is checked by
//! [`crate::topup_world::Shop`].

use crate::topup_world::{HOUR, LEASE, MINUTE, SECOND, SN, Shop, reply_to, rupiah};
use domain::topup::change::Around;
use domain::topup::decide::{confirmed, proposed, rejected};
use domain::topup::guard::check;
use domain::topup::order::Verdict;
use domain::topup::reply::{Balance, DuplicateStatus, Failure, NotUnderstood, Outcome};
use domain::topup::state::State;
use domain::topup::step::{
    Answer, Check, Rules, Todo, answered, asking, failed_unsent, handed_over, lost, reported, sending, todo,
};
use proptest::prelude::*;

const FAILURES: [Failure; 13] = [
    Failure::NotProcessable,
    Failure::CancelledByProvider,
    Failure::NumberBlocked,
    Failure::ProductDownSupplier,
    Failure::ProductDownOperator,
    Failure::BadProduct,
    Failure::BadNumber,
    Failure::InsufficientBalance,
    Failure::PackageAlreadyActive,
    Failure::NumberExpired,
    Failure::NumberInactive,
    Failure::CutoffOrTimeout,
    Failure::Other,
];

/// What comes of a call; `None` where the run is cut off.
#[derive(Clone, Debug)]
enum Comes {
    CutOff,
    Lost,
    NotSent,
    NotUnderstood(NotUnderstood),
    Reply {
        outcome: Outcome,
        left: Option<i64>,
        ours: bool,
    },
}

/// What happens to one of the orders.
#[derive(Clone, Debug)]
enum Op {
    Take(usize),
    /// Whatever is to be done is done.
    Work(usize, Comes),
    /// An answer comes when nobody waits for it any more.
    Late(usize, Comes),
    Report(usize, u8, Option<bool>),
    Propose(usize, bool),
    Decide(usize, bool),
    Pass(i64),
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let duplicate = |status| Outcome::Duplicate {
        status,
        at: "12:01".to_owned(),
        sn: SN.to_owned(),
    };
    prop_oneof![
        2 => Just(Outcome::Success { sn: SN.to_owned() }),
        2 => Just(Outcome::Accepted),
        1 => Just(Outcome::InProcess),
        4 => prop::sample::select(FAILURES.to_vec()).prop_map(Outcome::Failed),
        2 => Just(Outcome::Failed(Failure::CutoffOrTimeout)),
        2 => prop::sample::select(vec![
            DuplicateStatus::Success,
            DuplicateStatus::Failed,
            DuplicateStatus::Other,
        ])
        .prop_map(duplicate),
    ]
}

fn comes() -> impl Strategy<Value = Comes> {
    let left = prop_oneof![3 => Just(None), 1 => (0..1_000_000_i64).prop_map(Some)];
    let reply = (outcome(), left, prop::bool::weighted(0.9));
    prop_oneof![
        1 => Just(Comes::CutOff),
        1 => Just(Comes::Lost),
        1 => Just(Comes::NotSent),
        1 => Just(Comes::NotUnderstood(NotUnderstood::AboutUs)),
        1 => Just(Comes::NotUnderstood(NotUnderstood::Page)),
        6 => reply.prop_map(|(outcome, left, ours)| Comes::Reply { outcome, left, ours }),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let order = || 0..8_usize;
    prop_oneof![
        2 => (0..3_usize).prop_map(Op::Take),
        6 => (order(), comes()).prop_map(|(order, comes)| Op::Work(order, comes)),
        1 => (order(), comes()).prop_map(|(order, comes)| Op::Late(order, comes)),
        1 => (order(), 0..4_u8, any::<Option<bool>>()).prop_map(|(order, print, says)| Op::Report(order, print, says)),
        1 => (order(), any::<bool>()).prop_map(|(order, delivered)| Op::Propose(order, delivered)),
        1 => (order(), any::<bool>()).prop_map(|(order, agrees)| Op::Decide(order, agrees)),
        2 => prop_oneof![1..30 * SECOND, MINUTE..20 * MINUTE, HOUR..13 * HOUR].prop_map(Op::Pass),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    prop::sample::select(vec![Check::Resend, Check::Flag, Check::Never]).prop_map(|check| Rules { check })
}

fn answer(around: &Around, comes: &Comes) -> Option<Answer> {
    match comes {
        Comes::CutOff => None,
        Comes::Lost => Some(Answer::Lost("timeout")),
        Comes::NotSent => Some(Answer::NotSent("refused")),
        Comes::NotUnderstood(why) => Some(Answer::NotUnderstood(*why, "Pin Salah".to_owned())),
        Comes::Reply { outcome, left, ours } => {
            let mut reply = reply_to(around, outcome.clone());
            if let Some(left) = left {
                reply.balance = Balance::Left(rupiah(*left));
            }
            if !ours {
                "01JANOTHER".clone_into(&mut reply.refid);
            }
            Some(Answer::Reply(reply))
        }
    }
}

/// Applies an answer, and checks who may end what.
fn answers(shop: &mut Shop, refid: &str, comes: &Comes, rules: &Rules) {
    let around = shop.around(refid);
    let Some(answer) = answer(&around, comes) else {
        return;
    };
    let change = answered(&around, &answer, None, rules, shop.now_ms);
    let (from, to) = (around.order.state, change.order.state);
    if matches!(from, State::New | State::Manual) || from.is_final() {
        assert_eq!(from, to, "an answer moved what is not the supplier's");
    }
    if to == State::Success && from != to {
        assert!(matches!(&answer, Answer::Reply(reply) if reply.refid == refid));
    }
    if to == State::Failed && from != to {
        let unsent = matches!(answer, Answer::NotSent(_)) && from == State::Sending;
        assert!(unsent || matches!(&answer, Answer::Reply(reply) if reply.refid == refid));
    }
    shop.apply(change);
}

/// Does what is to be done about an order.
fn works(shop: &mut Shop, refid: &str, comes: &Comes, rules: &Rules) -> Todo {
    let around = shop.around(refid);
    let now_ms = shop.now_ms;
    let next = todo(&around.order, now_ms, rules);
    match next {
        Todo::Send => {
            shop.apply(sending(&around, LEASE, now_ms).unwrap());
            answers(shop, refid, comes, rules);
        }
        Todo::Ask => {
            shop.apply(asking(&around, LEASE, now_ms).unwrap());
            answers(shop, refid, comes, rules);
        }
        Todo::Lost => shop.apply(lost(&around, now_ms).unwrap()),
        Todo::HandOver(review) => shop.apply(handed_over(&around, review, now_ms).unwrap()),
        Todo::Fail(reason) => shop.apply(failed_unsent(&around, reason, now_ms).unwrap()),
        Todo::Wait(until_ms) => assert!(until_ms > now_ms),
        Todo::Nothing => assert_eq!(around.order.next_ms, None),
    }
    next
}

fn decides(shop: &mut Shop, refid: &str, agrees: bool) {
    let around = shop.around(refid);
    assert!(confirmed(&around, "staff:ani", shop.now_ms).is_err());
    let result = if agrees {
        confirmed(&around, "staff:budi", shop.now_ms)
    } else {
        rejected(&around, "staff:budi", shop.now_ms)
    };
    if let Ok(change) = result {
        shop.apply(change);
    }
}

fn happens(shop: &mut Shop, op: &Op, rules: &Rules) {
    let nth = |shop: &Shop, order: usize| shop.orders.keys().nth(order).cloned();
    match op {
        Op::Take(dest) => {
            let dest = format!("08123456789{dest}");
            let refid = format!("01J{:05}", shop.orders.len());
            if check(&shop.counter(&dest).wish()).is_empty() {
                shop.take(&refid, &dest);
            }
        }
        Op::Pass(passes_ms) => shop.now_ms += passes_ms,
        Op::Work(order, comes) => {
            if let Some(refid) = nth(shop, *order) {
                works(shop, &refid, comes, rules);
            }
        }
        Op::Late(order, comes) => {
            if let Some(refid) = nth(shop, *order) {
                answers(shop, &refid, comes, rules);
            }
        }
        Op::Report(order, print, says) => {
            if let Some(refid) = nth(shop, *order) {
                let around = shop.around(&refid);
                let change = reported(&around, Some(&print.to_string()), *says, None, shop.now_ms, rules);
                if let Some(change) = change {
                    assert_eq!(change.order.state, around.order.state, "a report ended an order");
                    shop.apply(change);
                }
            }
        }
        Op::Propose(order, delivered) => {
            if let Some(refid) = nth(shop, *order) {
                let verdict = if *delivered {
                    Verdict::Delivered {
                        sn: Some(SN.to_owned()),
                    }
                } else {
                    Verdict::NotDelivered
                };
                if let Ok(change) = proposed(&shop.around(&refid), verdict, "ok", "staff:ani", shop.now_ms) {
                    shop.apply(change);
                }
            }
        }
        Op::Decide(order, agrees) => {
            if let Some(refid) = nth(shop, *order) {
                decides(shop, &refid, *agrees);
            }
        }
    }
}

/// Lets time pass in silence until nothing is to be done any more.
fn comes_to_rest(shop: &mut Shop, rules: &Rules) {
    let refids: Vec<String> = shop.orders.keys().cloned().collect();
    for _ in 0..1_000 {
        let mut next_ms = None;
        let mut busy = false;
        for refid in &refids {
            match works(shop, refid, &Comes::CutOff, rules) {
                Todo::Nothing => {}
                Todo::Wait(until_ms) => {
                    next_ms = Some(next_ms.map_or(until_ms, |next: i64| next.min(until_ms)))
                }
                _ => busy = true,
            }
        }
        match next_ms {
            _ if busy => {}
            Some(until_ms) => shop.now_ms = until_ms,
            None => return,
        }
    }
    panic!("never at rest: {:?}", shop.orders.values().collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn whatever_happens_every_step_is_legal_and_every_figure_follows(
        ops in prop::collection::vec(op(), 0..80),
        rules in rules(),
    ) {
        let mut shop = Shop::new(500_000);
        for op in &ops {
            happens(&mut shop, op, &rules);
        }
        comes_to_rest(&mut shop, &rules);
        for order in shop.orders.values() {
            prop_assert!(order.state.is_final() || order.state == State::Manual);
            let told = shop.told.iter().any(|id| id.contains(&order.refid));
            prop_assert!(told, "a partner is never left without an end");
        }
        prop_assert_eq!(shop.waiting, 0);
    }
}
