//! Orders as they are stored, and the lists that they stand in.

use domain::topup::order::Order;
use domain::topup::state::State;

use super::{TOPUP_KIND, Topups, expires, lists};
use crate::dynamo::{Item, key, text, versioned};
use crate::error::StoreError;
use crate::keys::topups as keys;
use crate::keys::{BY_LIST, BY_WORK, KIND, LIST, LIST_AT, STATE, WAKE, WORK, WORK_AT, instant};
use crate::position::{LIST_INDEX, WORK_INDEX};

/// The partition of the work index with orders that something is to be done about, but those that wait to be sent.
const DUE: &str = "topups";
/// The partition with orders that wait to be sent: however many there are, the others are seen to.
const UNSENT: &str = "topups-unsent";
/// The partition with orders that a person has to decide about.
const REVIEWS: &str = "topups-review";
/// The last moment that sorts as text, Unix milliseconds.
const LAST_MS: i64 = 999_999_999_999_999;

/// Which of a partner's orders are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Taken at this moment or later, Unix milliseconds.
    pub from_ms: i64,
    /// Taken at this moment or earlier, Unix milliseconds.
    pub to_ms: i64,
    /// Only those in this state.
    pub state: Option<State>,
}

impl Filter {
    /// All of them.
    pub const ALL: Self = Self {
        from_ms: 0,
        to_ms: i64::MAX,
        state: None,
    };
}

impl Topups {
    /// Orders that something is to be done about: at most `limit` of those that wait to be sent, after at most as many
    /// others; the longest due first of each. What the index has may be a moment behind: read the order again before
    /// anything is done. One that can't be read is logged and left out.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn due(&self, now_ms: i64, limit: i32) -> Result<Vec<Order>, StoreError> {
        let (others, unsent) = (
            self.due_in(DUE, now_ms, limit),
            self.due_in(UNSENT, now_ms, limit),
        );
        let (mut due, unsent) = futures::try_join!(others, unsent)?;
        due.extend(unsent);
        Ok(due)
    }

    async fn due_in(&self, work: &str, now_ms: i64, limit: i32) -> Result<Vec<Order>, StoreError> {
        let query = self
            .dynamo
            .query(&self.table, work)
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk AND work_at <= :now")
            .expression_attribute_names("#work", WORK)
            .expression_attribute_values(":now", text(instant(now_ms)));
        let (orders, _) = lists::page(&self.dynamo, query, (WORK_INDEX, false), limit).await?;
        Ok(orders)
    }

    /// A partner's orders, the latest taken first, and where the next page begins. With a state in the filter, a page
    /// may have fewer than `limit` and still a next one. One that can't be read is logged and left out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when `after` is nothing that this answered.
    pub async fn list(
        &self,
        partner: &str,
        filter: &Filter,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Order>, Option<String>), StoreError> {
        let after = lists::position(after)?;
        let (first, last) = (filter.from_ms.clamp(0, LAST_MS), filter.to_ms.clamp(0, LAST_MS));
        // The character after `#`.
        let (first, last) = (instant(first), format!("{}$", instant(last)));
        // A page may not begin outside of what is asked for.
        let after = after.filter(|after| !after.is_from(&last));
        if first > last || after.as_ref().is_some_and(|after| !after.is_from(&first)) {
            return Ok((Vec::new(), None));
        }
        let list = keys::orders_of(partner);
        let mut query = self
            .dynamo
            .query(&self.table, &list)
            .index_name(BY_LIST)
            .key_condition_expression("#list = :pk AND list_at BETWEEN :first AND :last")
            .expression_attribute_names("#list", LIST)
            .expression_attribute_values(":first", text(first))
            .expression_attribute_values(":last", text(last))
            .set_exclusive_start_key(after.map(|after| after.key(LIST_INDEX, &list)))
            .scan_index_forward(false);
        if let Some(state) = filter.state {
            query = query
                .filter_expression("#state = :state")
                .expression_attribute_names("#state", STATE)
                .expression_attribute_values(":state", text(state.as_str()));
        }
        let filters = filter.state.is_some();
        lists::page(&self.dynamo, query, (LIST_INDEX, filters), limit).await
    }

    /// Orders of all partners that a person has to decide about, the longest waiting first, and where the next page
    /// begins. One that can't be read is logged and left out.
    ///
    /// # Errors
    /// As [`Topups::list`].
    pub async fn reviews(
        &self,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Order>, Option<String>), StoreError> {
        let after = lists::position(after)?;
        let query = self
            .dynamo
            .query(&self.table, REVIEWS)
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk")
            .expression_attribute_names("#work", WORK)
            .set_exclusive_start_key(after.map(|after| after.key(WORK_INDEX, REVIEWS)));
        lists::page(&self.dynamo, query, (WORK_INDEX, false), limit).await
    }
}

/// An order as it is stored by a step of this moment.
pub(super) fn item(order: &Order, at_ms: i64, keep_s: i64) -> Result<Item, StoreError> {
    let place = key(keys::order(&order.refid), keys::ORDER);
    let mut item = versioned(place, order, order.version)?;
    let mut set = |name: &str, value: String| item.insert(name.to_owned(), text(value));
    set(KIND, TOPUP_KIND.to_owned());
    set(STATE, order.state.as_str().to_owned());
    set(LIST, keys::orders_of(&order.partner));
    set(LIST_AT, format!("{}#{}", instant(order.accepted_ms), order.refid));
    if let Some(next_ms) = order.next_ms {
        let unsent = order.state == State::New;
        set(WORK, if unsent { UNSENT } else { DUE }.to_owned());
        set(WORK_AT, instant(next_ms));
        if next_ms <= at_ms {
            set(WAKE, "now".to_owned());
        }
    } else if needs_person(order) {
        set(WORK, REVIEWS.to_owned());
        set(WORK_AT, instant(waits_since(order)));
    } else if order.state.is_final() {
        expires(&mut item, order.state_ms.max(at_ms), keep_s);
    }
    Ok(item)
}

/// Whether a person has to decide about an order: nobody knows how it ended, a report says that it ended otherwise, or
/// somebody does.
fn needs_person(order: &Order) -> bool {
    match (order.state, order.contradicted) {
        (State::Manual, _) => true,
        (State::Success | State::Failed, _) if order.proposal.is_some() => true,
        (State::Success, Some(report)) => !report.delivered,
        (State::Failed, Some(report)) => report.delivered,
        _ => false,
    }
}

/// Since when it does.
fn waits_since(order: &Order) -> i64 {
    match (order.contradicted, &order.proposal) {
        (Some(report), _) if order.state.is_final() => report.at_ms,
        (None, Some(said)) if order.state.is_final() => said.at_ms,
        _ => order.state_ms,
    }
}
