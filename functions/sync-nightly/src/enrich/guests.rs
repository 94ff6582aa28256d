//! Some guests of a day: what they ate and said becomes part of their habits, as far as what they asked for leaves
//! it, under whichever of their ids they did.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws::StoreError;
use aws::customers::StoredCustomer;
use aws::habits::StoredHabit;
use domain::customer::{Customer, OutletDay, Rights};
use domain::habit::{Habit, HabitDay};

use crate::{ACTOR, Deps};

/// How often habits are set anew because another writer was first.
const TRIES_MAX: u32 = 12;

/// By id: all ids of the same person. Who is in no group is alone.
pub(super) type Groups = BTreeMap<String, BTreeSet<String>>;

/// What is stored of some guests, and of those who are one person with one of them.
#[derive(Debug)]
pub(super) struct Known {
    habits: HashMap<String, StoredHabit>,
    pub(super) customers: HashMap<String, StoredCustomer>,
}

impl Known {
    pub(super) async fn read(ids: &[String], deps: &Deps) -> Result<Self, StoreError> {
        // Habits come first: who is erased after this has none any more, and writing over what was read fails.
        let habits = deps.habits.read(ids).await?;
        let customers = deps.customers.read(ids).await?;
        Ok(Self { habits, customers })
    }

    /// The guests who are not erased as far as a day is concerned.
    pub(super) fn on(&self, day: &OutletDay) -> BTreeMap<&str, &Customer> {
        let customers = self.customers.iter();
        let guests = customers.map(|(id, stored)| (id.as_str(), &stored.customer));
        guests
            .filter(|(_, customer)| !customer.rights.is_erased_on(day.1))
            .collect()
    }

    /// Adds the others of the guests' groups, as they are stored by now.
    async fn add_kin(&mut self, groups: &Groups, deps: &Deps) -> Result<(), StoreError> {
        let kin = self.customers.keys().filter_map(|id| groups.get(id)).flatten();
        let others: BTreeSet<&String> = kin.filter(|id| !self.customers.contains_key(*id)).collect();
        let others: Vec<String> = others.into_iter().cloned().collect();
        self.customers.extend(deps.customers.read(&others).await?);
        Ok(())
    }

    /// What stands for a guest: whatever was asked for under any of their ids.
    fn rights_of(&self, id: &str, groups: &Groups) -> Rights {
        let others = groups.get(id).into_iter().flatten().map(String::as_str);
        let ids = others.chain([id]);
        Rights::strictest(ids.filter_map(|id| Some(&self.customers.get(id)?.customer.rights)))
    }
}

/// What became of some guests.
#[derive(Debug, Default)]
pub(super) struct Guests {
    /// Those whose habits have the day now.
    pub(super) present: BTreeSet<String>,
    /// Those among them who had no habits before.
    pub(super) new_habits: BTreeSet<String>,
    /// How many are not stored yet: whoever wrote the page has yet to write them.
    pub(super) missing: usize,
}

impl Guests {
    /// Sets a day in the habits of guests who may be enriched. Who is erased keeps nothing of it; who objected has no
    /// habits at all, under any id; and who restricted their data keeps the habits there are, and gets nothing new.
    pub(super) async fn take(
        day: &OutletDay,
        group: &[(String, HabitDay)],
        mut known: Known,
        groups: &Groups,
        deps: &Deps,
    ) -> Result<Self, StoreError> {
        let mut counted: BTreeMap<&str, &HabitDay> =
            group.iter().map(|(id, counted)| (id.as_str(), counted)).collect();
        let mut guests = Self::default();
        for _ in 0..TRIES_MAX {
            known.add_kin(groups, deps).await?;
            let lost = guests.take_once(day, &counted, known, groups, deps).await?;
            if lost.is_empty() {
                return Ok(guests);
            }
            counted.retain(|id, _| lost.contains(*id));
            let ids: Vec<String> = lost.into_iter().collect();
            known = Known::read(&ids, deps).await?;
        }
        Err(StoreError::Throttled)
    }

    /// Answers the guests whose habits another writer changed first.
    async fn take_once(
        &mut self,
        day: &OutletDay,
        counted: &BTreeMap<&str, &HabitDay>,
        mut known: Known,
        groups: &Groups,
        deps: &Deps,
    ) -> Result<BTreeSet<String>, StoreError> {
        let (mut changed, mut barred) = (Vec::new(), BTreeSet::new());
        for (id, counted) in counted {
            self.present.remove(*id);
            if !known.customers.contains_key(*id) {
                self.missing = self.missing.saturating_add(usize::from(!counted.is_empty()));
                continue;
            }
            let rights = known.rights_of(id, groups);
            let mut habit = known.habits.remove(*id).unwrap_or_default();
            if rights.objected_ms.is_some() {
                if habit.version > 0 {
                    deps.habits.delete(id).await?;
                }
                barred.extend(groups.get(*id).into_iter().flatten());
                continue;
            }
            let erased = without_erased(&mut habit.habit, &rights);
            let welcome = rights.allow_enrichment() && !rights.is_erased_on(day.1);
            if habit.habit.days.is_empty() && erased && !welcome {
                deps.habits.delete(id).await?;
                continue;
            }
            let set = welcome && habit.habit.set_day(day, (*counted).clone());
            if welcome {
                self.present.insert((*id).to_owned());
            }
            if erased || set {
                changed.push(((*id).to_owned(), habit));
            }
        }
        // What their other ids had before they were known to be one person.
        let barred = barred.into_iter().filter(|id| !counted.contains_key(id.as_str()));
        forget_habits(barred.cloned().collect(), deps).await?;
        let lost: BTreeSet<String> = deps.habits.write(&changed).await?.into_iter().collect();
        let is_new = |(id, habit): &(String, StoredHabit)| {
            (habit.version == 0 && !lost.contains(id)).then(|| id.clone())
        };
        self.new_habits.extend(changed.iter().filter_map(is_new));
        Ok(lost)
    }
}

async fn forget_habits(ids: Vec<String>, deps: &Deps) -> Result<(), StoreError> {
    for id in deps.habits.read(&ids).await?.into_keys() {
        deps.habits.delete(&id).await?;
    }
    Ok(())
}

/// Takes days out of a habit that are of the person who was erased. Answers whether there were any.
fn without_erased(habit: &mut Habit, rights: &Rights) -> bool {
    let before = habit.days.len();
    habit.days.retain(|(_, date), _| !rights.is_erased_on(*date));
    habit.days.len() < before
}

/// Looks once more at guests of whom something was noted for the first time, under a number's hash perhaps: who was
/// erased or has objected in that very moment keeps nothing of it, and who got another number in it is not under this
/// one. Who restricted their data in it keeps what was noted a moment before. What others had before was under a
/// version that an erasure ends.
pub(super) async fn undo(
    day: &OutletDay,
    news: &BTreeMap<String, Option<String>>,
    groups: &Groups,
    deps: &Deps,
) -> Result<(), StoreError> {
    let ids: Vec<String> = news.keys().cloned().collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut known = Known {
        habits: HashMap::new(),
        customers: deps.customers.read(&ids).await?,
    };
    known.add_kin(groups, deps).await?;
    for (id, noted) in news {
        let Some(stored) = known.customers.get(id) else {
            continue;
        };
        if let Some(noted) = noted
            && super::kin::hash_of(&stored.customer, deps).await?.as_ref() != Some(noted)
        {
            super::kin::forget(noted, id, deps).await?;
            tracing::info!(actor = ACTOR, customer = id, "renumbered while it was enriched");
        }
        let rights = known.rights_of(id, groups);
        if rights.is_erased_on(day.1) || rights.objected_ms.is_some() {
            forget_habits(vec![id.clone()], deps).await?;
            tracing::info!(actor = ACTOR, customer = id, "barred while it was enriched");
        }
    }
    Ok(())
}
