//! Guests of the shop of `reconcile`'s stories, and nights that enrich them.

use std::collections::BTreeMap;

use aws::audit::{AuditTrail, Position};
use aws::feedback::Feedback;
use domain::audit::AuditRecord;
use domain::customer::Customer;
use domain::feedback::{Answer, Said};
use domain::habit::Habit;
use domain::kin::KinBook;
use domain::night::{Night, Tally, Trouble};
use domain::receipt_id::ReceiptId;
use domain::when::BusinessDate;
use serde_json::Value;

use crate::enrich;
use crate::reconcile::tests::shop::{OUTLET, Shop, now};

/// A number that nobody made up.
pub(super) const PHONE: &str = "+6281287654021";

pub(super) fn id(number: u32) -> String {
    format!("OYAKO_MOKA_{number}")
}

/// A sale to a guest whose phone number is their own.
pub(super) fn to(mut sale: Value, guest: u32) -> Value {
    sale["customer_id"] = guest.into();
    sale["customer_name"] = format!("Tamu {guest}").into();
    sale["customer_phone"] = format!("+62812876{:05}", 10_007 + guest * 91).into();
    sale
}

/// A sale to a guest of a name and a phone number.
pub(super) fn to_named(sale: Value, guest: u32, name: &str, phone: &str) -> Value {
    let mut sale = to(sale, guest);
    (sale["customer_name"], sale["customer_phone"]) = (name.into(), phone.into());
    sale
}

/// A sale of another dish.
pub(super) fn of_dish(mut sale: Value, dish: &str) -> Value {
    sale["checkouts"][0]["item_name"] = dish.into();
    sale
}

/// The sale as it was changed some time later.
pub(super) fn changed(mut sale: Value, at: &str, field: &str, value: impl Into<Value>) -> Value {
    sale["updated_at"] = at.into();
    sale[field] = value.into();
    sale
}

impl Shop {
    /// A night enriches, and does it again, which must write nothing and come to the same.
    pub(super) async fn enriched(&mut self, on: BusinessDate) -> (Tally, Vec<Trouble>) {
        let night = self.begin(on);
        self.enriched_by(&night, on).await
    }

    pub(super) async fn enriched_by(&self, night: &Night, on: BusinessDate) -> (Tally, Vec<Trouble>) {
        let first = enrich::outlet(OUTLET, on, night, &self.deps).await.unwrap();
        let written = self.written();
        let again = enrich::outlet(OUTLET, on, night, &self.deps).await.unwrap();
        assert_eq!(again, first, "the second time");
        assert_eq!(self.written(), written, "the second time writes nothing");
        first
    }

    pub(super) async fn habit(&self, guest: u32) -> Option<Habit> {
        self.deps.habits.find(&id(guest)).await.unwrap()
    }

    /// What a guest ate on a day, by dish.
    pub(super) async fn ate(&self, guest: u32, on: BusinessDate) -> BTreeMap<String, u32> {
        let habit = self.habit(guest).await.unwrap_or_default();
        let day = habit.days.get(&(OUTLET.to_owned(), on));
        day.map(|day| day.dishes.clone()).unwrap_or_default()
    }

    /// What a guest said of days as a whole.
    pub(super) async fn stars(&self, guest: u32) -> Vec<u8> {
        let habit = self.habit(guest).await.unwrap_or_default();
        let said = habit.days.values().flat_map(|day| &day.said);
        said.filter_map(|rated| rated.overall).collect()
    }

    /// A guest rates a sale, now.
    pub(super) async fn rates(&self, sale: &Value, on: BusinessDate, stars: u8) {
        let place = ReceiptId {
            outlet: OUTLET.to_owned(),
            date: on,
            native: sale["id"].as_str().unwrap().to_owned(),
        };
        let feedback = Feedback::new(&self.world.clients);
        let known = feedback.get(&place).await.unwrap();
        let known = known.unwrap_or_else(|| Answer::new(place, None, now()));
        let said = Said {
            at_ms: now(),
            told_ms: now(),
            overall: Some(stars),
            ..Said::default()
        };
        let answer = known.with_guest(said).unwrap();
        feedback.put(&answer, known.version).await.unwrap();
    }

    /// Changes a customer as a request of theirs does.
    pub(super) async fn change(&self, guest: u32, how: impl FnOnce(&mut Customer)) {
        let mut known = self.deps.customers.read(&[id(guest)]).await.unwrap();
        let mut stored = known.remove(&id(guest)).unwrap();
        how(&mut stored.customer);
        let lost = self.deps.customers.write(&[(id(guest), stored)]).await;
        assert_eq!(lost.unwrap(), [""; 0]);
    }

    pub(super) async fn book(&self, e164: &str) -> KinBook {
        let hash = self.deps.phone_key().await.unwrap().short_hash(e164);
        self.deps.kin.read(&hash).await.unwrap()
    }

    /// The groups of a number's book that have more than one member.
    pub(super) async fn groups(&self, e164: &str) -> Vec<Vec<String>> {
        let book = self.book(e164).await;
        let groups = book.members.keys().map(|id| book.group_of(id));
        let groups = groups.filter(|group| group.len() > 1);
        let mut groups: Vec<Vec<String>> = groups
            .map(|group| group.into_iter().map(str::to_owned).collect())
            .collect();
        groups.sort();
        groups.dedup();
        groups
    }

    /// What is on record of an action.
    pub(super) async fn records(&self, action: &str) -> Vec<AuditRecord> {
        let trail = AuditTrail::new(&self.world.clients);
        let mut records = Vec::new();
        for chain in 0..8 {
            let chain = trail.list(chain, Position::After(0), 1_000).await.unwrap();
            records.extend(chain.into_iter().filter(|record| record.action == action));
        }
        records.sort_by_key(|record| record.at_ms);
        records
    }
}
