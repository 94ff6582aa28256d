//! Writing a step of an order with all that changes with it.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::mail::Mail;
use domain::topup::change::Change;
use domain::topup::destination::Destination;
use domain::topup::event::Event;
use domain::topup::mask;
use domain::topup::order::{Proposal, Verdict};
use serde_json::json;

use super::actions::{Actions, before, next_action};
use super::{Topups, expires, orders, webhooks};
use crate::audit::Action;
use crate::dynamo::{Condition, document, key, put_action, versioned};
use crate::error::StoreError;
use crate::keys::topups as keys;

impl Topups {
    /// Writes a step of an order: the order, what happened, and whatever else changes, with mails about it, all or
    /// nothing. Mails that are there already are left as they are. It stands only if all that it was decided on is
    /// as it was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not: read again, and decide again.
    pub async fn commit(&self, change: &Change, mails: &[Mail]) -> Result<(), StoreError> {
        self.write(&self.with_day(change)?, mails).await
    }

    /// As [`Topups::commit`], for a step that a person takes about a proposal: with its audit record, in which who
    /// proposed what and why stands, and neither the destination nor a serial number.
    ///
    /// # Errors
    /// As [`Topups::commit`].
    pub async fn decide(
        &self,
        change: &Change,
        mails: &[Mail],
        proposal: Option<&Proposal>,
        (actor, action): (&str, &str),
    ) -> Result<(), StoreError> {
        let order = &change.order;
        let action = Action {
            at_ms: change.event.at_ms,
            actor,
            action,
            subject: &order.refid,
        };
        let verdict = proposal.map(|proposal| match proposal.verdict {
            Verdict::Delivered { .. } => "delivered",
            Verdict::NotDelivered => "not_delivered",
        });
        let facts = json!({
            "partner": order.partner, "product": order.product, "rupiah": order.price,
            "state": order.state.as_str(), "proposed": verdict,
            "proposed_by": proposal.map(|proposal| &proposal.by),
            "reason": proposal.map(|proposal| mask::text(&proposal.reason)),
        });
        let mut actions = self.with_day(change)?;
        for mail in self.new_mails(mails).await? {
            actions.push(self.outbox.put_action(mail)?);
        }
        let changes = |_: &_| Ok(actions.list.clone());
        self.audit.commit(action, &facts, changes).await.map(drop)
    }

    fn with_day(&self, change: &Change) -> Result<Actions, StoreError> {
        let mut actions = self.actions(change)?;
        if !change.day.is_zero() {
            actions.push_shared(self.day_action(&change.order, &change.day, None)?);
        }
        Ok(actions)
    }

    /// All that a step changes but the partner's day.
    pub(super) fn actions(&self, change: &Change) -> Result<Actions, StoreError> {
        let (order, table) = (&change.order, self.table.as_str());
        let mut actions = Actions::default();
        let item = orders::item(order, change.event.at_ms, self.keep_s)?;
        actions.push(put_action(table, item, Some(before(order.version)?))?);
        actions.push(self.event_action(&order.refid, &change.event)?);
        if let Some(destination) = &change.destination {
            actions.push(self.destination_action(&order.dest, destination, change.event.at_ms)?);
        }
        if let Some(product) = &change.product {
            let place = key(keys::PRODUCTS, &product.code);
            actions.push(next_action(table, place, product, product.version)?);
        }
        if let Some(books) = &change.books {
            actions.push(self.books_action(books)?);
        }
        if let Some(entry) = &change.entry {
            actions.push(self.entry_action(entry)?);
        }
        if let Some(webhook) = &change.webhook {
            actions.push(webhooks::next_action(table, webhook)?);
        }
        if change.waiting != 0 {
            actions.push_shared(self.waiting_action(change.waiting)?);
        }
        Ok(actions)
    }

    fn event_action(&self, refid: &str, event: &Event) -> Result<TransactWriteItem, StoreError> {
        let mut item = document(key(keys::order(refid), keys::event(event.number)), event)?;
        expires(&mut item, event.at_ms, self.keep_s);
        put_action(&self.table, item, Some(Condition::absent()))
    }

    pub(super) fn destination_action(
        &self,
        dest: &str,
        destination: &Destination,
        at_ms: i64,
    ) -> Result<TransactWriteItem, StoreError> {
        let place = key(keys::destination(dest), keys::DESTINATION);
        let mut item = versioned(place, destination, destination.version)?;
        if let Some(expires_ms) = destination.expires_ms(at_ms) {
            expires(&mut item, expires_ms, 0);
        }
        put_action(&self.table, item, Some(before(destination.version)?))
    }
}
