//! Which ids are somebody's.

use std::collections::{BTreeMap, BTreeSet};

use aws::customers::StoredCustomer;
use domain::customer::{Customer, OutletDay, PhoneKey, id_from_phone};
use domain::kin::KinBook;
use domain::phone::{PhoneReading, read_phone};
use domain::receipt_id::ReceiptId;
use lambda_edge::clock::random;

use super::{People, PeopleError};

/// The points of sale that are told apart in an id made of a phone number; `None` is one that nobody names.
const SYSTEMS: [Option<&str>; 3] = [None, Some("moka"), Some("majoo")];
/// The most people of one number that a search names: more are nobody that could be asked about.
const NUMBERED_MAX: usize = 500;
/// What every customer's id begins with.
const ID_PREFIX: &str = "OYAKO_";

/// What is known of somebody who is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// The customer's id.
    Customer(String),
    /// The phone number, E.164.
    Phone(String),
    /// A receipt of theirs.
    Receipt(ReceiptId),
    /// A receipt of theirs by what is printed on it.
    Printed {
        /// Where it was bought, and on which business date.
        day: OutletDay,
        /// Its number.
        number: String,
    },
}

impl Sought {
    /// Reads what a person typed: a customer's id, a receipt's id, or a phone number in any spelling. `None` if it
    /// is none of them.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with(ID_PREFIX) {
            return Some(Self::Customer(text.to_owned()));
        }
        if let Some(receipt) = ReceiptId::parse(text) {
            return Some(Self::Receipt(receipt));
        }
        match read_phone(text, &[]) {
            PhoneReading::Valid { e164, .. } => Some(Self::Phone(e164)),
            PhoneReading::Rejected(_) | PhoneReading::None => None,
        }
    }
}

impl People {
    /// The ids of somebody, in order; none if nobody is known. By a phone number, it finds everybody who has it,
    /// whatever they asked for; who was erased is not found by a number any more.
    ///
    /// # Errors
    /// [`PeopleError::TooMany`] where not all who have a number can be named, [`PeopleError::Store`] or
    /// [`PeopleError::NoRandomness`].
    pub async fn find(&self, sought: &Sought) -> Result<Vec<String>, PeopleError> {
        match sought {
            Sought::Customer(id) => {
                let known = self.customers.read(std::slice::from_ref(id)).await?;
                Ok(known.into_keys().collect())
            }
            Sought::Phone(number) => self.find_by_phone(number).await,
            Sought::Receipt(receipt) => {
                let day = (receipt.outlet.clone(), receipt.date);
                self.buyers(&day, |native, _| native == receipt.native).await
            }
            Sought::Printed { day, number } => {
                let number = number.trim();
                self.buyers(day, |_, printed| printed == Some(number)).await
            }
        }
    }

    async fn find_by_phone(&self, number: &str) -> Result<Vec<String>, PeopleError> {
        let key = self.phone_key().await?;
        let made_of_it = SYSTEMS.map(|system| id_from_phone(system, number, &key));
        let book = self.kin.read(&key.short_hash(number)).await?;
        let numbered = self.customers.with_number(number, NUMBERED_MAX).await?;
        if numbered.has_more {
            return Err(PeopleError::TooMany);
        }
        // The index may be a moment behind; ids made of the number, and those that a night has met, are not.
        let ids: BTreeSet<String> = made_of_it.into_iter().chain(book.members.into_keys()).collect();
        let ids: BTreeSet<String> = ids.into_iter().chain(numbered.ids).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let has_number = |known: &StoredCustomer| known.customer.number() == Some(number);
        let mut found = self.customers.read(&ids).await?;
        found.retain(|_, known| has_number(known));
        Ok(found.into_keys().collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// The customers of the receipts of a day that are wanted, told by their id at the point of sale and the number
    /// on them.
    async fn buyers(
        &self,
        day: &OutletDay,
        wanted: impl Fn(&str, Option<&str>) -> bool,
    ) -> Result<Vec<String>, PeopleError> {
        let page = self.sales.read_page(day).await?.unwrap_or_default();
        let heads = page.receipts.iter().filter_map(|(native, receipt)| {
            let head = &receipt.head.as_ref()?.value;
            wanted(native, head.number.as_deref()).then(|| head.customer.clone())?
        });
        let ids: Vec<String> = heads.collect::<BTreeSet<_>>().into_iter().collect();
        if ids.is_empty() {
            return Ok(ids);
        }
        let known = self.customers.read(&ids).await?;
        Ok(ids.into_iter().filter(|id| known.contains_key(id)).collect())
    }

    /// These ids and all that are one person with one of them, in order: what a request is about.
    ///
    /// # Errors
    /// As [`People::find`].
    pub async fn with_kin(&self, ids: &[String]) -> Result<Vec<String>, PeopleError> {
        let mut all: BTreeSet<String> = ids.iter().cloned().collect();
        let key = self.phone_key().await?;
        for (id, hash) in self.numbers(ids).await? {
            let book = self.kin.read(&hash).await?;
            let group: Vec<String> = book.group_of(&id).into_iter().map(str::to_owned).collect();
            // Who has another number by now is not under this one any more, whatever its book says.
            let mut kin = self.customers.read(&group).await?;
            let hash_of = |customer: &Customer| customer.number().map(|number| key.short_hash(number));
            kin.retain(|_, known| hash_of(&known.customer).as_ref() == Some(&hash));
            all.extend(kin.into_keys());
        }
        Ok(all.into_iter().collect())
    }

    /// The book of a customer's phone number; an empty one for who has no number.
    pub(super) async fn book_of(&self, customer: &Customer) -> Result<KinBook, PeopleError> {
        let Some(number) = customer.number() else {
            return Ok(KinBook::default());
        };
        let hash = self.phone_key().await?.short_hash(number);
        Ok(self.kin.read(&hash).await?)
    }

    /// The hashes of the phone numbers of those of these customers who have one, by their ids.
    pub(super) async fn numbers(&self, ids: &[String]) -> Result<BTreeMap<String, String>, PeopleError> {
        let key = self.phone_key().await?;
        let known = self.customers.read(ids).await?;
        let hashes = known.into_iter().filter_map(|(id, stored)| {
            let hash = key.short_hash(stored.customer.number()?);
            Some((id, hash))
        });
        Ok(hashes.collect())
    }

    /// The books in which these customers may be, each with the customer: of the numbers that they have, and of
    /// those that they had.
    pub(super) async fn books(&self, ids: &[String]) -> Result<Vec<(String, String)>, PeopleError> {
        let key = self.phone_key().await?;
        let known = self.customers.read(ids).await?;
        let books = known.into_iter().flat_map(|(id, stored)| {
            let now = stored.customer.number().map(|number| key.short_hash(number));
            let mut hashes = stored.customer.former_numbers;
            hashes.extend(now);
            hashes.into_iter().map(move |hash| (id.clone(), hash))
        });
        let books: BTreeSet<(String, String)> = books.collect();
        Ok(books.into_iter().collect())
    }

    pub(super) async fn phone_key(&self) -> Result<PhoneKey, PeopleError> {
        Ok(self.customers.phone_key(random()?).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_names_somebody_is_read_as_what_it_is() {
        let receipt = ReceiptId::parse("moka-1_20251028_a-1");
        let table = [
            (
                " OYAKO_MOKA_17 ",
                Some(Sought::Customer("OYAKO_MOKA_17".to_owned())),
            ),
            ("moka-1_20251028_a-1", receipt.map(Sought::Receipt)),
            ("0812-3456-7890", Some(Sought::Phone("+6281234567890".to_owned()))),
            (
                "+62 812 3456 7890",
                Some(Sought::Phone("+6281234567890".to_owned())),
            ),
            ("Budi", None),
            ("", None),
        ];
        for (text, sought) in table {
            assert_eq!(Sought::read(text), sought, "{text}");
        }
    }
}
