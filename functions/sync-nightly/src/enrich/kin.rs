//! Guests known under one phone number: noted in the number's book, and joined where more than the number speaks
//! for their being one person.
//!
//! Those who restricted their data or objected are joined like everybody else: only so does what they asked for reach
//! an id that the till makes of them later.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws::StoreError;
use aws::customers::StoredCustomer;
use domain::customer::{Customer, Profile};
use domain::kin::{Evidence, KinBook, Standing, is_nobodys};
use domain::night::Night;

use super::guests::Groups;
use crate::{ACTOR, Deps};

/// How often a book is written anew because another writer was first.
const TRIES_MAX: u32 = 12;

/// What became of some guests' kin.
#[derive(Debug, Default)]
pub(super) struct Kin {
    /// Those who were noted under a number for the first time, with the number's hash.
    pub(super) noted: BTreeMap<String, String>,
    /// Those who are joined with others since the night began.
    pub(super) joined: BTreeSet<String>,
    /// Those who are one person with others, whenever they were joined.
    pub(super) groups: Groups,
}

/// The guests of one phone number.
struct Number<'a> {
    e164: &'a str,
    hash: String,
    /// By id.
    guests: BTreeMap<&'a str, &'a Profile>,
}

/// What is known of the members of a book.
#[derive(Default)]
struct Members {
    /// Those who still have its number.
    people: BTreeMap<String, Profile>,
    /// Those who were erased: a night that died may have noted them in the very moment.
    erased: Vec<String>,
}

/// Notes guests under their phone numbers, and joins those who are one person. Under numbers that are nobody's, at
/// this outlet or anywhere, nobody is noted.
pub(super) async fn meet(
    guests: &BTreeMap<&str, &Customer>,
    placeholders: &[String],
    (night, deps): (&Night, &Deps),
) -> Result<Kin, StoreError> {
    let mut kin = Kin::default();
    let mut numbers: BTreeMap<&str, BTreeMap<&str, &Profile>> = BTreeMap::new();
    for (id, customer) in guests {
        if let Some(number) = customer.number() {
            numbers.entry(number).or_default().insert(id, &customer.profile);
        }
    }
    if numbers.is_empty() {
        return Ok(kin);
    }
    let key = deps.phone_key().await?;
    let numbers = numbers.into_iter().map(|(e164, guests)| Number {
        e164,
        hash: key.short_hash(e164),
        guests,
    });
    let numbers: Vec<Number<'_>> = numbers.collect();
    let hashes: Vec<String> = numbers.iter().map(|number| number.hash.clone()).collect();
    let mut books = deps.kin.read_many(&hashes).await?;
    for number in &numbers {
        let book = books.remove(&number.hash).unwrap_or_default();
        if is_nobodys(number.e164, placeholders) {
            // Another outlet may take it for somebody's, and people may have joined ids by hand.
            kin.see(number, &book, night);
        } else {
            kin.number(number, book, (night, deps)).await?;
        }
    }
    Ok(kin)
}

impl Kin {
    async fn number(
        &mut self,
        number: &Number<'_>,
        mut book: KinBook,
        (night, deps): (&Night, &Deps),
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES_MAX {
            let mut next = book.clone();
            let met = number.guests.keys().filter(|id| next.meet(id));
            let met: Vec<&str> = met.copied().collect();
            let members = members(&next, number, deps).await?;
            let gone = members.erased.iter().filter(|id| next.forget(id)).count();
            let joins = next.joins(&members.people);
            let now_ms = deps.now();
            next.join(&joins, now_ms);
            let written = match (met.is_empty() && gone == 0, joins.is_empty()) {
                (true, true) => Ok(next),
                (false, true) => deps.kin.write(&number.hash, &next).await,
                _ => deps.kin.join(&number.hash, &next, &joins, ACTOR, now_ms).await,
            };
            match written {
                Ok(book) => {
                    let met = met.iter().map(|id| ((*id).to_owned(), number.hash.clone()));
                    self.noted.extend(met);
                    self.see(number, &book, night);
                    return Ok(());
                }
                // Another outlet's guests have the number too, or a person parts some of them this minute.
                Err(StoreError::Conflict) => book = deps.kin.read(&number.hash).await?,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Takes in how the guests of a number stand in its book.
    fn see(&mut self, number: &Number<'_>, book: &KinBook, night: &Night) {
        let strangers = number.guests.keys().filter(|id| !book.members.contains_key(**id));
        if book.is_full() && strangers.count() > 0 {
            tracing::info!(members = book.members.len(), "kin.book_full");
        }
        for id in number.guests.keys() {
            if is_joined_since(book, id, night.started_ms) {
                self.joined.insert((*id).to_owned());
            }
            let group = book.group_of(id);
            if group.len() > 1 {
                let group = group.into_iter().map(str::to_owned).collect();
                self.groups.insert((*id).to_owned(), group);
            }
        }
    }
}

/// What is known of a book's members. Alone, nobody can be joined.
async fn members(book: &KinBook, number: &Number<'_>, deps: &Deps) -> Result<Members, StoreError> {
    let mut members = Members::default();
    if book.members.len() < 2 {
        return Ok(members);
    }
    let known = number.guests.iter();
    members.people = known
        .map(|(id, profile)| ((*id).to_owned(), (*profile).clone()))
        .collect();
    let others = book.members.keys().filter(|id| !members.people.contains_key(*id));
    let others: Vec<String> = others.cloned().collect();
    for (id, stored) in deps.customers.read(&others).await? {
        let customer = stored.customer;
        if customer.number() == Some(number.e164) {
            members.people.insert(id, customer.profile);
        } else if customer.is_erased() {
            members.erased.push(id);
        }
    }
    Ok(members)
}

/// Whether evidence has joined an id with others since a moment.
fn is_joined_since(book: &KinBook, id: &str, since_ms: i64) -> bool {
    match book.members.get(id) {
        Some(Standing::Joined { evidence, at_ms, .. }) => *evidence != Evidence::Person && *at_ms >= since_ms,
        _ => false,
    }
}

/// Takes guests out of the books of numbers that are not theirs any more, and has them forget these numbers. An
/// erasure does this for those whom it erases, and goes by what they remember.
pub(super) async fn leave_former(
    customers: &HashMap<String, StoredCustomer>,
    deps: &Deps,
) -> Result<(), StoreError> {
    let mut left = Vec::new();
    for (id, stored) in customers {
        let former = &stored.customer.former_numbers;
        if former.is_empty() || stored.customer.is_erased() {
            continue;
        }
        // One that is theirs again is a number to remember: an erasure that has begun notes it so.
        let now = hash_of(&stored.customer, deps).await?;
        let (kept, gone): (BTreeSet<_>, BTreeSet<_>) = former
            .iter()
            .cloned()
            .partition(|hash| Some(hash) == now.as_ref());
        for hash in &gone {
            forget(hash, id, deps).await?;
        }
        if !gone.is_empty() {
            let mut stored = stored.clone();
            stored.customer.former_numbers = kept;
            left.push((id.clone(), stored));
        }
    }
    // Who was changed meanwhile remembers, and the next night comes to it.
    deps.customers.overwrite(&left).await.map(drop)
}

/// The hash of a customer's number.
pub(super) async fn hash_of(customer: &Customer, deps: &Deps) -> Result<Option<String>, StoreError> {
    let Some(number) = customer.number() else {
        return Ok(None);
    };
    Ok(Some(deps.phone_key().await?.short_hash(number)))
}

/// Takes an id out of a number's book.
pub(super) async fn forget(hash: &str, id: &str, deps: &Deps) -> Result<(), StoreError> {
    for _ in 0..TRIES_MAX {
        let mut book = deps.kin.read(hash).await?;
        if !book.forget(id) {
            return Ok(());
        }
        match deps.kin.write(hash, &book).await {
            Err(StoreError::Conflict) => {}
            written => return written.map(drop),
        }
    }
    Err(StoreError::Throttled)
}
