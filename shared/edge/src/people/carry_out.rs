//! What was ordered is done.

use aws::StoreError;
use aws::idempotency::IdempotencyRecord;
use domain::customer::{Customer, ProfileField};
use domain::rights::{Correction, Kind, Proof, Refusal, Request, State};

use super::erase::Counts;
use super::{People, PeopleError, TRIES_MAX};

/// Under what name the counts of a request are kept while it is being carried out.
const COUNTS: &str = "rights";
/// For how long: far longer than a request can take, in milliseconds.
const COUNTS_KEPT_MS: i64 = 400 * 86_400_000;

impl People {
    /// Carries out a request that was ordered, and answers it as it is then; `None` if there is none of that id. A
    /// request that is not being carried out is answered as it is.
    ///
    /// Everything is done as of the time of the order and under the versions that were read. What there is to do is
    /// counted before anything is done, and the count is kept, so that the proof is the same whichever run comes to
    /// the end.
    ///
    /// # Errors
    /// The store's failure: another try goes on.
    pub async fn carry_out(
        &self,
        id: &str,
        actor: &str,
        now_ms: i64,
    ) -> Result<Option<Request>, PeopleError> {
        for _ in 0..TRIES_MAX {
            let Some(request) = self.requests.get(id).await? else {
                return Ok(None);
            };
            if request.state != State::Executing {
                return Ok(Some(request));
            }
            match self.carry_out_as_read(request, actor, now_ms).await {
                // Somebody else does the same, or noted something about it: look again.
                Err(PeopleError::Store(StoreError::Conflict)) => {}
                done => return done.map(Some),
            }
        }
        Err(StoreError::Throttled.into())
    }

    async fn carry_out_as_read(
        &self,
        request: Request,
        actor: &str,
        now_ms: i64,
    ) -> Result<Request, PeopleError> {
        let request = self.extended(request, actor, now_ms).await?;
        if request.kind == Kind::Correction && self.is_pointless(&request).await? {
            let ended = request.pointless(actor, now_ms)?;
            let change = self.requests.change(&request, &ended, None, actor, now_ms);
            return Ok(change.await?);
        }
        let counts = self.execute(&request, actor, now_ms).await?;
        let proof = Proof {
            at_ms: now_ms,
            counts,
            audit: None,
        };
        let done = request.carried_out(proof, actor)?;
        let change = self.requests.change(&request, &done, None, actor, now_ms);
        Ok(change.await?)
    }

    /// The request about everybody who is one person with somebody it is about. That is stored first: once profiles
    /// are gone, nobody can tell any more.
    async fn extended(&self, request: Request, actor: &str, now_ms: i64) -> Result<Request, PeopleError> {
        let all = self.with_kin(&request.customers).await?;
        match request.with_kin(all.iter().map(String::as_str)) {
            None => Ok(request),
            Some(longer) => {
                let change = self.requests.change(&request, &longer, None, actor, now_ms);
                Ok(change.await?)
            }
        }
    }

    /// Whether a correction has nothing to correct any more: everybody it is about was erased, or its value is gone.
    async fn is_pointless(&self, request: &Request) -> Result<bool, PeopleError> {
        let known = self.customers.read(&request.customers).await?;
        let all_erased = !known.is_empty() && known.values().all(|stored| stored.customer.is_erased());
        Ok(all_erased || self.requests.correction(&request.id).await?.is_none())
    }

    async fn execute(&self, request: &Request, actor: &str, now_ms: i64) -> Result<Counts, PeopleError> {
        let ids = &request.customers;
        match request.kind {
            Kind::Erasure => {
                self.remember_numbers(ids).await?;
                let found = self.belongings(ids).await?;
                let counts = self.kept(request, self.count(&found).await?, now_ms).await?;
                self.take(&found, actor, now_ms).await?;
                self.apply(request, None).await?;
                self.take_the_rest(ids, actor, now_ms).await?;
                self.close_corrections(ids, actor, now_ms).await?;
                Ok(counts)
            }
            Kind::Objection => {
                let mut counts = self.count_customers(ids).await?;
                let habits = self.habits.read(ids).await?.len();
                counts.insert("habits".to_owned(), u64::try_from(habits).unwrap_or(u64::MAX));
                let counts = self.kept(request, counts, now_ms).await?;
                // Before its habit goes: from here on no night makes a new one.
                self.apply(request, None).await?;
                self.delete_habits(ids).await?;
                Ok(counts)
            }
            Kind::Correction => {
                let correction = self.requests.correction(&request.id).await?;
                let correction = correction.ok_or(StoreError::Damaged("a correction without its value"))?;
                self.apply(request, Some(&correction)).await?;
                self.leave_old_numbers(ids, &correction).await?;
                self.count_customers(ids).await
            }
            Kind::Withdrawal | Kind::Restriction | Kind::LiftRestriction | Kind::LiftObjection => {
                self.apply(request, None).await?;
                self.count_customers(ids).await
            }
            Kind::Access => {
                let days = self.places(ids).await?.len();
                let mut counts = self.count_customers(ids).await?;
                counts.insert("days".to_owned(), u64::try_from(days).unwrap_or(u64::MAX));
                Ok(counts)
            }
        }
    }

    async fn apply(&self, request: &Request, correction: Option<&Correction>) -> Result<(), PeopleError> {
        let key = self.phone_key().await?;
        let apply = |customer: &mut Customer| {
            let before = customer.number().map(str::to_owned);
            let changed = request.apply(customer, correction);
            // Who is erased remembers their numbers already, or has left their books.
            let renumbered = !customer.is_erased() && customer.remember_number(before.as_deref(), &key);
            changed || renumbered
        };
        self.change(&request.customers, apply).await
    }

    /// Refuses the corrections that wait for somebody who was erased: what was to be put right is gone, and so must be
    /// what it was to be replaced with. One that was ordered already ends by itself: see
    /// [`Request::pointless`].
    async fn close_corrections(&self, ids: &[String], actor: &str, now_ms: i64) -> Result<(), PeopleError> {
        for id in ids {
            for request in self.requests.of_customer(id).await? {
                let waits = matches!(request.state, State::Received | State::Verified);
                if request.kind == Kind::Correction && waits {
                    let refused = request.refused(Refusal::NothingKnown, actor, now_ms)?;
                    let change = self.requests.change(&request, &refused, None, actor, now_ms);
                    change.await?;
                }
            }
        }
        Ok(())
    }

    /// Takes ids out of the books of numbers that are not theirs any more. The night puts them into that of the new
    /// one.
    async fn leave_old_numbers(&self, ids: &[String], correction: &Correction) -> Result<(), PeopleError> {
        if correction.field != ProfileField::Phone {
            return Ok(());
        }
        let now = self.numbers(ids).await?;
        let mut books = self.books(ids).await?;
        books.retain(|(id, hash)| now.get(id) != Some(hash));
        self.leave(&books).await
    }

    /// How many of these ids are stored. Nothing that a request does changes that.
    async fn count_customers(&self, ids: &[String]) -> Result<Counts, PeopleError> {
        let known = self.customers.read(ids).await?.len();
        let known = u64::try_from(known).unwrap_or(u64::MAX);
        Ok(Counts::from([("customers".to_owned(), known)]))
    }

    /// The counts of the run that counted first: what a later one finds is what the first one left.
    async fn kept(&self, request: &Request, counts: Counts, now_ms: i64) -> Result<Counts, PeopleError> {
        let outcome = serde_json::to_string(&counts).map_err(|_| StoreError::Damaged("counts"))?;
        let record = IdempotencyRecord {
            fingerprint: request.kind.as_str().to_owned(),
            outcome,
            expires_ms: now_ms.saturating_add(COUNTS_KEPT_MS),
        };
        let held = self.claims.claim(COUNTS, &request.id, record, now_ms).await?;
        let counts = serde_json::from_str(&held.outcome);
        Ok(counts.map_err(|_| StoreError::Damaged("the counts of a request"))?)
    }
}
