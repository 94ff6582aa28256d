//! What is known of a person under all of their ids.

use std::collections::BTreeMap;

use domain::customer::{Customer, Visit};
use domain::habit::{Habit, HabitDay, Portrait};
use domain::kin::Standing;
use domain::when::BusinessDate;

use super::{People, PeopleError};

/// What is known under one id.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Who it is and what they did.
    pub customer: Customer,
    /// What they like, as far as a night has found it out.
    pub habit: Habit,
}

/// A person: an id, and all that are the same person's. Holds personal data.
#[derive(Clone, Debug)]
pub struct Person {
    /// The id that was asked for.
    pub id: String,
    /// What is known under each of the person's ids, this one among them.
    pub members: BTreeMap<String, Known>,
    /// What they come to together.
    pub portrait: Portrait,
    /// How the id stands to the others of its phone number; `None` if no night has met it there.
    pub standing: Option<Standing>,
    /// The ids of the same phone number that are not taken for the same person.
    pub others: BTreeMap<String, Standing>,
}

impl Person {
    /// The person's ids, in order.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    /// All ids as one customer: of each fact the latest, every day, and of what was asked for the strictest.
    #[must_use]
    pub fn whole(&self) -> Customer {
        whole(self.members.values().map(|known| &known.customer))
    }
}

impl People {
    /// A person by one of their ids, as of a date; `None` if the id is not known.
    ///
    /// # Errors
    /// [`PeopleError::Store`] or [`PeopleError::NoRandomness`].
    pub async fn person(&self, id: &str, today: BusinessDate) -> Result<Option<Person>, PeopleError> {
        let Some(customer) = self.customers.find(id).await? else {
            return Ok(None);
        };
        let mut others = self.book_of(&customer).await?;
        let mut group: Vec<String> = others.group_of(id).into_iter().map(str::to_owned).collect();
        if group.is_empty() {
            group.push(id.to_owned());
        }
        let standing = others.members.get(id).cloned();
        others.members.retain(|other, _| !group.contains(other));
        let mut members = self.members(&group).await?;
        // Who has another number by now is not under this one any more, whatever its book says.
        members.retain(|_, known| known.customer.number() == customer.number());
        let customer = whole(members.values().map(|known| &known.customer));
        let habit = together(members.values().map(|known| &known.habit));
        Ok(Some(Person {
            id: id.to_owned(),
            portrait: Portrait::of(&customer, &habit, today),
            members,
            standing,
            others: others.members,
        }))
    }

    /// What is known under each of these ids; an id that is not stored is left out.
    pub(super) async fn members(&self, ids: &[String]) -> Result<BTreeMap<String, Known>, PeopleError> {
        let customers = self.customers.read(ids).await?;
        let mut habits = self.habits.read(ids).await?;
        let members = customers.into_iter().map(|(id, stored)| {
            let known = Known {
                customer: stored.customer,
                habit: habits.remove(&id).unwrap_or_default().habit,
            };
            (id, known)
        });
        Ok(members.collect())
    }
}

/// Customers as one: of each fact the latest, every day, and of what was asked for the strictest. They are erased
/// only if all of them are.
pub(super) fn whole<'a>(customers: impl Iterator<Item = &'a Customer>) -> Customer {
    let mut whole = Customer::default();
    let (mut erased, mut all_erased) = (None, true);
    for customer in customers {
        whole.profile.join(customer.profile.clone());
        for (day, visit) in &customer.days {
            let both = whole.days.entry(day.clone()).or_default();
            *both = added(*both, *visit);
        }
        let (rights, theirs) = (&mut whole.rights, &customer.rights);
        rights.restricted_ms = rights.restricted_ms.max(theirs.restricted_ms);
        rights.objected_ms = rights.objected_ms.max(theirs.objected_ms);
        rights.withdrawn_ms = rights.withdrawn_ms.max(theirs.withdrawn_ms);
        erased = erased.max(theirs.erased_ms);
        all_erased &= theirs.erased_ms.is_some();
    }
    whole.rights.erased_ms = erased.filter(|_| all_erased);
    whole
}

fn added(one: Visit, other: Visit) -> Visit {
    Visit {
        page_version: one.page_version.max(other.page_version),
        visits: one.visits.saturating_add(other.visits),
        // Each was within range on a page; the two of one day can't leave it.
        total: one.total.checked_add(other.total).unwrap_or(one.total),
    }
}

/// Habits as one: on a day of several ids, what was eaten and said under each of them.
pub(super) fn together<'a>(habits: impl Iterator<Item = &'a Habit>) -> Habit {
    let mut all = Habit::default();
    for (day, theirs) in habits.flat_map(|habit| &habit.days) {
        let both: &mut HabitDay = all.days.entry(day.clone()).or_default();
        both.page_version = both.page_version.max(theirs.page_version);
        both.said.extend(theirs.said.iter().cloned());
        for (dish, times) in &theirs.dishes {
            let known = both.dishes.entry(dish.clone()).or_default();
            *known = known.saturating_add(*times);
        }
    }
    all
}
