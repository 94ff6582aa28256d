//! Enriching the profiles of an outlet's guests: what they ate and said on its latest days, and which of them are
//! one person.
//!
//! Everything is counted anew from a day's page and answers, and set under a version, the sum of theirs, as figures have
//! it: days may come in any order and as often as they like. What was taken of a day is noted with that version, so
//! that a day that is as it was costs its reading alone.

mod days;
mod guests;
mod kin;
mod phones;
mod taken;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use aws::StoreError;
use aws::sales::StoredDay;
use domain::customer::OutletDay;
use domain::habit::{HabitDay, habit_days_of};
use domain::map::OutletRules;
use domain::night::{Night, Tally, Trouble};
use domain::when::BusinessDate;

use crate::Deps;
use crate::reconcile::{DAY_UNREADABLE, files};
use guests::{Guests, Known};
use taken::Taken;

/// Guests that are read and written together.
const GROUP: usize = 100;
/// How often a page is read that somebody writes meanwhile.
const READS_MAX: u32 = 5;
/// The code of a guest who can't be read.
const CUSTOMER_UNREADABLE: &str = "CUSTOMER_UNREADABLE";

/// Takes in what is new of an outlet's days. What can't be read is the trouble of its day, or of its guest, alone.
///
/// # Errors
/// [`StoreError`] when a store does not do its part; another try does no harm. [`StoreError::NotFound`] when there
/// is no such outlet.
pub(crate) async fn outlet(
    outlet: &str,
    tonight: BusinessDate,
    night: &Night,
    deps: &Deps,
) -> Result<(Tally, Vec<Trouble>), StoreError> {
    let described = deps.outlets.get(outlet).await?.ok_or(StoreError::NotFound)?;
    phones::index(deps).await?;
    let mut taken = Taken::read(outlet, deps).await?;
    let mut enriching = Enriching {
        rules: OutletRules::of(described),
        night,
        deps,
        met: Met::default(),
        troubles: Vec::new(),
    };
    let files = files::since(outlet, night, deps).await?;
    let (mut news, mut noted, mut open) = (BTreeMap::new(), Met::default(), Met::default());
    let days = days::to_take(&enriching.rules.outlet, tonight, &files, (night, deps)).await?;
    for date in days {
        let version = match enriching.day(date, taken.version_of(date)).await {
            Err(StoreError::Damaged(what)) => {
                enriching.tell(DAY_UNREADABLE, &format!("{date}: {what}"));
                None
            }
            version => version?,
        };
        let met = std::mem::take(&mut enriching.met);
        if let Some(version) = version {
            news.insert(date, version);
            noted.join(met);
        } else {
            open.join(met);
        }
    }
    let troubles = enriching.troubles;
    taken.add(night.date, news, &noted);
    taken.write(outlet, deps).await?;
    let (people, joined) = taken.counts_of(night.date);
    // Days that are not taken as a whole are counted whenever they are looked at, and never noted.
    let people = people.saturating_add(wide(open.people.len()));
    let joined = joined.saturating_add(wide(open.joined.len()));
    tracing::info!(outlet, date = %tonight, people, joined, "outlet.enriched");
    let tally = Tally {
        people,
        joined,
        ..Tally::default()
    };
    Ok((tally, troubles))
}

/// Guests of one outlet that a night met on days that were new to it. An id each.
#[derive(Debug, Default)]
struct Met {
    /// Those whose habits are known now.
    people: BTreeSet<String>,
    /// Those whom this night joined with others.
    joined: BTreeSet<String>,
}

impl Met {
    fn join(&mut self, other: Self) {
        self.people.extend(other.people);
        self.joined.extend(other.joined);
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// A night's work on an outlet.
struct Enriching<'a> {
    rules: OutletRules,
    night: &'a Night,
    deps: &'a Deps,
    met: Met,
    troubles: Vec<Trouble>,
}

impl Enriching<'_> {
    /// Takes in a day, and answers its version; `None` where there is nothing to note: it is as it was, or some of
    /// it has to be looked at again.
    async fn day(&mut self, date: BusinessDate, taken: Option<u64>) -> Result<Option<u64>, StoreError> {
        let day: OutletDay = (self.rules.outlet.id.clone(), date);
        let page = self.page(&day).await?;
        let answers = self.deps.feedback.of_day(&day).await?;
        let version = answers
            .iter()
            .fold(page.version, |sum, answer| sum.saturating_add(answer.version));
        if taken.unwrap_or_default() == version {
            return Ok(None);
        }
        let mut counted = habit_days_of(&page.receipts, &answers, version);
        // Who is not on the page any more ate nothing that day.
        for gone in page.gone {
            counted.entry(gone).or_insert(HabitDay {
                page_version: version,
                ..HabitDay::default()
            });
        }
        drop((page.receipts, answers));
        Ok(self.guests(&day, counted).await?.then_some(version))
    }

    async fn page(&self, day: &OutletDay) -> Result<StoredDay, StoreError> {
        for _ in 1..READS_MAX {
            match self.deps.sales.read_page(day).await {
                Err(StoreError::Conflict) => {}
                read => return Ok(read?.unwrap_or_default()),
            }
        }
        Ok(self.deps.sales.read_page(day).await?.unwrap_or_default())
    }

    /// Takes in a day's guests, some at a time. Answers whether all of them could be taken.
    async fn guests(
        &mut self,
        day: &OutletDay,
        counted: BTreeMap<String, HabitDay>,
    ) -> Result<bool, StoreError> {
        let mut all = true;
        let mut rest: Vec<Vec<(String, HabitDay)>> = Vec::new();
        let mut counted = counted.into_iter();
        loop {
            let group = match rest.pop() {
                Some(group) => group,
                None => counted.by_ref().take(GROUP).collect(),
            };
            if group.is_empty() {
                return Ok(all);
            }
            match self.group(day, &group).await {
                Ok(complete) => all &= complete,
                // One of them is: those who are not are found by halving.
                Err(StoreError::Damaged(_)) if group.len() > 1 => {
                    let (one, other) = group.split_at(group.len() / 2);
                    rest.extend([other.to_vec(), one.to_vec()]);
                }
                Err(StoreError::Damaged(what)) => {
                    let id = group.first().map_or("", |(id, _)| id);
                    self.tell(CUSTOMER_UNREADABLE, &format!("{id}: {what}"));
                    all = false;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn group(&mut self, day: &OutletDay, group: &[(String, HabitDay)]) -> Result<bool, StoreError> {
        let ids: Vec<String> = group.iter().map(|(id, _)| id.clone()).collect();
        let known = Known::read(&ids, self.deps).await?;
        kin::leave_former(&known.customers, self.deps).await?;
        // Who is one person with whom is settled first: what somebody asked for holds under all of their ids.
        let placeholders = &self.rules.outlet.placeholder_phones;
        let kin = kin::meet(&known.on(day), placeholders, (self.night, self.deps)).await?;
        let guests = Guests::take(day, group, known, &kin.groups, self.deps).await?;
        let habits = guests.new_habits.into_iter().map(|id| (id, None));
        let mut news: BTreeMap<String, Option<String>> = habits.collect();
        news.extend(kin.noted.into_iter().map(|(id, hash)| (id, Some(hash))));
        guests::undo(day, &news, &kin.groups, self.deps).await?;
        self.met.joined.extend(kin.joined);
        self.met.people.extend(guests.present);
        Ok(guests.missing == 0)
    }

    fn tell(&mut self, code: &str, detail: &str) {
        let outlet = Some(self.rules.outlet.id.as_str());
        self.troubles.push(Trouble::new(outlet, "enrich", code, detail));
    }
}
