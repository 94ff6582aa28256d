//! The people that a breach concerns (UU 27/2022, article 46).

use aws::audit::Action;
use domain::customer::{Customer, Fact};
use domain::when::BusinessDate;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{People, PeopleError};
use crate::cursor;
use crate::sheet::harmless;

/// Customers that are read with one request.
const PAGE: i32 = 500;
/// Requests of one answer.
const PAGES_MAX: usize = 4;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// What stands beside a customer whose data can't be read.
const DAMAGED: &str = "CUSTOMER_DAMAGED";
/// What tells a spreadsheet that the text is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What a breach is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first business date.
    pub from: BusinessDate,
    /// The last business date.
    pub to: BusinessDate,
    /// The one outlet that it is about; `None` for all.
    pub outlet: Option<String>,
}

/// Somebody whom a breach concerns. Holds personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AffectedPerson)]
pub struct Affected {
    /// The customer's id.
    pub customer: String,
    /// What they are called.
    pub name: Option<String>,
    /// Their phone number, E.164.
    pub phone: Option<String>,
    /// Their mail address.
    pub email: Option<String>,
    /// How many sales in the window.
    pub visits: u64,
    /// The business date of the last sale in the window.
    pub last_visit: Option<String>,
}

/// A part of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AffectedPeople)]
pub struct AffectedPage {
    /// People, in no order. May be empty and not the last part.
    pub people: Vec<Affected>,
    /// Customers, by id, of whom it can't be said: what is stored of them is damaged.
    pub unreadable: Vec<String>,
    /// Where the next part begins; `None` in the last.
    pub next: Option<String>,
    /// Whether it is the first part.
    #[serde(skip)]
    pub is_first: bool,
}

impl People {
    /// Whom a breach concerns, part by part: who has a sale in the window, and, where it is about all outlets, of
    /// whom something was told in it. Who was erased is not named: nothing of them was there to be seen. Whose data
    /// can't be read stops nothing, and is named by id. The table is read as a whole, so this costs what it costs. Each
    /// part leaves a line in the log and an audit record.
    ///
    /// # Errors
    /// [`PeopleError::NoPlace`] for an `after` that no part named, or the store's failure.
    pub async fn affected(
        &self,
        window: &Window,
        after: Option<&str>,
        actor: &str,
        now_ms: i64,
    ) -> Result<AffectedPage, PeopleError> {
        let is_first = after.is_none();
        let mut next = cursor::decode("after", after).map_err(|_| PeopleError::NoPlace)?;
        let (mut people, mut unreadable) = (Vec::new(), Vec::new());
        for _ in 0..PAGES_MAX {
            let page = self.customers.readable_page(next.as_deref(), PAGE).await?;
            let known = page.customers.iter();
            people.extend(known.filter_map(|(id, stored)| window.concerns(id, &stored.customer)));
            unreadable.extend(page.damaged);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        let action = Action {
            at_ms: now_ms,
            actor,
            action: "people.affected_listed",
            subject: "people",
        };
        let facts = json!({
            "from": window.from, "to": window.to, "outlet": window.outlet, "people": people.len(),
            "unreadable": unreadable, "first": is_first, "last": next.is_none(),
        });
        self.audit.record(action, &facts).await?;
        let count = people.len();
        tracing::info!(
            caller = actor,
            action = action.action,
            people = count,
            "personal data was read"
        );
        for id in &unreadable {
            tracing::warn!(customer_id = %id, code = DAMAGED, "a customer can't be read");
        }
        Ok(AffectedPage {
            people,
            unreadable,
            next: next.as_deref().map(cursor::encode),
            is_first,
        })
    }
}

impl Window {
    /// The customer as somebody whom the breach concerns; `None` if it does not.
    fn concerns(&self, id: &str, customer: &Customer) -> Option<Affected> {
        if customer.profile.is_empty() && customer.rights.erased_ms.is_some() {
            return None;
        }
        let days = customer.days.iter().filter(|((outlet, date), visit)| {
            let here = self.outlet.as_ref().is_none_or(|wanted| wanted == outlet);
            here && visit.visits > 0 && (self.from..=self.to).contains(date)
        });
        let (mut visits, mut last) = (0_u64, None);
        for ((_, date), visit) in days {
            visits = visits.saturating_add(u64::from(visit.visits));
            last = last.max(Some(*date));
        }
        if visits == 0 && !self.told_of(customer) {
            return None;
        }
        let value = |fact: &Option<Fact>| fact.as_ref().map(|fact| fact.value.clone());
        Some(Affected {
            customer: id.to_owned(),
            name: value(&customer.profile.name),
            phone: value(&customer.profile.phone),
            email: value(&customer.profile.email),
            visits,
            last_visit: last.map(|date| date.to_string()),
        })
    }

    /// Whether something was told of the customer in the window or on a day beside it: what is a day differs from
    /// outlet to outlet, and one too many is better than one too few. No telling says at which outlet.
    fn told_of(&self, customer: &Customer) -> bool {
        let profile = &customer.profile;
        let facts = [&profile.name, &profile.phone, &profile.email];
        let (from, to) = (self.from.days_since_epoch(), self.to.days_since_epoch());
        let days = i64::from(from).saturating_sub(1)..=i64::from(to).saturating_add(1);
        self.outlet.is_none()
            && facts
                .into_iter()
                .flatten()
                .any(|fact| days.contains(&fact.told_ms.div_euclid(DAY_MS)))
    }
}

impl AffectedPage {
    /// The part as a table, with the names of the columns in the first part alone: the parts are one file, one after
    /// the other.
    ///
    /// # Errors
    /// None on rows of this kind; the type is the writer's.
    pub fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let start = if self.is_first { BYTE_ORDER_MARK } else { b"" };
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(start.to_vec());
        if self.is_first {
            writer.write_record([
                "customer",
                "name",
                "phone",
                "email",
                "visits",
                "last_visit",
                "problem",
            ])?;
        }
        for person in &self.people {
            let text = |text: &Option<String>| harmless(text.as_deref().unwrap_or_default());
            writer.write_record([
                harmless(&person.customer),
                text(&person.name),
                text(&person.phone),
                text(&person.email),
                person.visits.to_string(),
                person.last_visit.clone().unwrap_or_default(),
                String::new(),
            ])?;
        }
        for id in &self.unreadable {
            let id = harmless(id);
            writer.write_record([id.as_str(), "", "", "", "", "", DAMAGED])?;
        }
        writer
            .into_inner()
            .map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
    }
}
