//! People of the shop part ids and reunite them; who is erased leaves.

use aws::StoreError;
use domain::kin::{Evidence, Joining, KinError, Standing};

use super::{People, PeopleError, TRIES_MAX};

impl People {
    /// Parts an id from the others that it was taken for one person with, for good. Answers whether that is news.
    ///
    /// # Errors
    /// [`PeopleError::Kin`] for an id that is with no others or not known under its number, or the store's failure.
    pub async fn part(&self, customer: &str, actor: &str, now_ms: i64) -> Result<bool, PeopleError> {
        for _ in 0..TRIES_MAX {
            let hash = self.hash_of(customer).await?;
            let mut book = self.kin.read(&hash).await?;
            if matches!(book.members.get(customer), Some(Standing::Parted { .. })) {
                return Ok(false);
            }
            book.part(customer, actor, now_ms)?;
            match self.kin.part(&hash, &book, customer, actor, now_ms).await {
                Ok(_) => return Ok(true),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Throttled.into())
    }

    /// Joins two ids of one phone number and their groups, because a person says so. Answers whether that is news.
    ///
    /// # Errors
    /// [`PeopleError::Kin`] for an id that is not known under that number, or the store's failure.
    pub async fn reunite(
        &self,
        customer: &str,
        with: &str,
        actor: &str,
        now_ms: i64,
    ) -> Result<bool, PeopleError> {
        for _ in 0..TRIES_MAX {
            let hash = self.hash_of(customer).await?;
            let mut book = self.kin.read(&hash).await?;
            if book.group_of(customer).contains(with) {
                return Ok(false);
            }
            book.reunite(customer, with, now_ms)?;
            let root = book.group_of(customer).first().map(|id| (*id).to_owned());
            let joining = Joining {
                with: root.unwrap_or_default(),
                customer: customer.to_owned(),
                evidence: Evidence::Person,
            };
            match self.kin.join(&hash, &book, &[joining], actor, now_ms).await {
                Ok(_) => return Ok(true),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Throttled.into())
    }

    async fn hash_of(&self, customer: &str) -> Result<String, PeopleError> {
        let mut numbers = self.numbers(&[customer.to_owned()]).await?;
        Ok(numbers.remove(customer).ok_or(KinError::Unknown)?)
    }

    /// How many entries of these ids there are in these books.
    pub(super) async fn met(&self, books: &[(String, String)]) -> Result<u64, PeopleError> {
        let mut met = 0;
        for (id, hash) in books {
            let book = self.kin.read(hash).await?;
            met += u64::from(book.members.contains_key(id));
        }
        Ok(met)
    }

    /// Takes ids out of books. That is on record with what it is part of.
    pub(super) async fn leave(&self, books: &[(String, String)]) -> Result<(), PeopleError> {
        for (id, hash) in books {
            self.leave_one(id, hash).await?;
        }
        Ok(())
    }

    async fn leave_one(&self, id: &str, hash: &str) -> Result<(), StoreError> {
        for _ in 0..TRIES_MAX {
            let mut book = self.kin.read(hash).await?;
            if !book.forget(id) {
                return Ok(());
            }
            match self.kin.write(hash, &book).await {
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }
}
