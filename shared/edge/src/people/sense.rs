//! Whether what somebody asks for can come to anything.

use domain::rights::{Kind, Request};

use super::{People, PeopleError};

impl People {
    /// Refuses a request about these customers that could come to nothing: a correction of somebody who was erased or
    /// of whom an erasure is open, and the lifting of what does not stand. To be asked when a request is noted, and
    /// again before it is carried out.
    ///
    /// # Errors
    /// [`PeopleError::Erasure`], [`PeopleError::NothingToLift`], or as [`People::find`].
    pub async fn check_sense(&self, kind: Kind, ids: &[String]) -> Result<(), PeopleError> {
        if kind == Kind::Correction {
            return self.check_stays(ids).await;
        }
        let Some(lifted) = kind.lifts() else {
            return Ok(());
        };
        let rights = self.rights_of(ids).await?;
        let stands = rights
            .values()
            .any(|rights| lifted.stands_since(rights).is_some());
        stands.then_some(()).ok_or(PeopleError::NothingToLift)
    }

    /// Refuses customers who were all erased, and those of whom an erasure is open. Who was erased and came again is
    /// known by what was told since, and that can be corrected.
    async fn check_stays(&self, ids: &[String]) -> Result<(), PeopleError> {
        let known = self.customers.read(ids).await?;
        if !known.is_empty() && known.values().all(|stored| stored.customer.is_erased()) {
            return Err(PeopleError::Erasure);
        }
        let erases = |request: &Request| request.kind == Kind::Erasure && !request.is_over();
        for id in ids {
            if self.requests.of_customer(id).await?.iter().any(erases) {
                return Err(PeopleError::Erasure);
            }
        }
        Ok(())
    }
}
