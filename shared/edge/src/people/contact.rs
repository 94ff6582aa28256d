//! The only way to a guest's number or address.

use std::collections::{BTreeMap, BTreeSet};

use domain::customer::{Fact, Rights};
use domain::feedback::Answer;
use domain::rights::{Barred, consent_for, may_contact};

use super::{People, PeopleError};

/// How a guest who consented can be reached. Holds personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// The customer's id.
    pub customer: String,
    /// What they are called.
    pub name: Option<String>,
    /// Their phone number, E.164.
    pub phone: Option<String>,
    /// Their mail address.
    pub email: Option<String>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Contact")
            .field("customer", &self.customer)
            .finish_non_exhaustive()
    }
}

impl People {
    /// How the guest of an answer can be reached about it, or why they may not be. What was asked for under any of
    /// a person's ids counts, also under one that the answer's id was joined with after that.
    ///
    /// # Errors
    /// [`PeopleError::Store`] or [`PeopleError::NoRandomness`].
    pub async fn contact(&self, answer: &Answer) -> Result<Result<Contact, Barred>, PeopleError> {
        let consent = consent_for(answer);
        let Some(id) = &answer.customer else {
            return Ok(Err(Barred::NoConsent));
        };
        let customer = self.customers.find(id).await?.unwrap_or_default();
        let value = |fact: Option<Fact>| fact.map(|fact| fact.value);
        let rights = self.rights_of(std::slice::from_ref(id)).await?.remove(id);
        let allowed = may_contact(&rights.unwrap_or_default(), consent.as_ref());
        Ok(allowed.map(|()| Contact {
            customer: id.clone(),
            name: value(customer.profile.name),
            phone: value(customer.profile.phone),
            email: value(customer.profile.email),
        }))
    }
    /// What stands for each of these customers, whatever of their person's ids it was asked for under: to be asked
    /// before anybody is contacted or enriched. The strictest counts. Who is not stored is left out.
    ///
    /// # Errors
    /// As [`People::contact`].
    pub async fn rights_of(&self, ids: &[String]) -> Result<BTreeMap<String, Rights>, PeopleError> {
        let known = self.customers.read(ids).await?;
        // Without a key no number was ever told, and nobody stands in a book.
        let key = self.customers.known_phone_key().await?;
        let numbered = known.iter().filter_map(|(id, stored)| {
            let hash = key.as_ref()?.short_hash(stored.customer.number()?);
            Some((id, hash))
        });
        let hashes: BTreeMap<&String, String> = numbered.collect();
        let wanted: BTreeSet<String> = hashes.values().cloned().collect();
        let wanted: Vec<String> = wanted.into_iter().collect();
        let books = self.kin.read_many(&wanted).await?;
        let groups = hashes.iter().filter_map(|(id, hash)| {
            let group = books.get(hash)?.group_of(id);
            Some(((*id).clone(), group.into_iter().map(str::to_owned).collect()))
        });
        let groups: BTreeMap<String, Vec<String>> = groups.collect();
        let others: BTreeSet<&String> = groups.values().flatten().collect();
        let others = others.into_iter().filter(|id| !known.contains_key(*id));
        let others: Vec<String> = others.cloned().collect();
        let others = self.customers.read(&others).await?;
        let rights = |id: &String| Some(&known.get(id).or_else(|| others.get(id))?.customer.rights);
        let strictest = known.iter().map(|(id, stored)| {
            let group = groups.get(id).into_iter().flatten().filter_map(rights);
            let all = group.chain([&stored.customer.rights]);
            (id.clone(), Rights::strictest(all))
        });
        Ok(strictest.collect())
    }
}
