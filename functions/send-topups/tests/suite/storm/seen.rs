//! What happened in all storms together: with little of it nothing would be shown.

use std::collections::BTreeMap;

use super::Storm;
use domain::topup::order::{Order, Reason};
use domain::topup::state::State;

/// What the storms came to, all together.
#[derive(Debug, Default)]
pub(super) struct Seen {
    orders: usize,
    delivered: usize,
    failed: usize,
    for_people: usize,
    /// Refused by the supplier, because it has blocked the number.
    blocked: usize,
    /// Taken during the cutoff.
    held: usize,
    /// Requests that were refused, by code.
    refused: BTreeMap<String, usize>,
    /// Requests that were not answered.
    unanswered: usize,
    /// Messages that came more than once.
    repeated: usize,
}

impl Seen {
    pub(super) fn add(&mut self, storm: &Storm, ended: &[Order]) {
        let count = |of: &dyn Fn(&Order) -> bool| ended.iter().filter(|order| of(order)).count();
        self.orders += ended.len();
        self.delivered += count(&|order| order.state == State::Success);
        self.failed += count(&|order| order.state == State::Failed);
        self.for_people += count(&|order| order.state == State::Manual);
        if !storm.shared.is_empty() {
            let by_block = |order: &Order| order.failure == Some(Reason::NumberBlocked);
            self.blocked += count(&|order| by_block(order) && order.dest.ends_with("9005"));
        }
        self.held += storm.front.held;
        for (code, count) in &storm.front.refusals {
            *self.refused.entry(code.clone()).or_default() += count;
        }
        self.unanswered += storm.front.unanswered;
        self.repeated += storm.listener.receiver.received().len() - ended.len();
    }

    /// Whether there was weather in which something could have gone wrong: where little is ordered or delivered, nobody
    /// is needed or no block is met, nothing is shown.
    pub(super) fn is_weather(&self) -> bool {
        self.orders > 100
            && self.delivered > 40
            && self.failed > 20
            && self.refused.len() > 3
            && self.unanswered > 20
            && self.repeated > 40
            && [self.for_people, self.blocked, self.held]
                .iter()
                .all(|count| *count > 0)
    }
}
