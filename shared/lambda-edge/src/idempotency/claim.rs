//! A key that is the caller's to work on.

use super::{LedgerError, Note, Record, RecordId, State, Store};

/// The right to do what a key stands for, until the lease runs out or somebody takes over.
///
/// Dropping it leaves the record as it is: once the lease runs out, the key counts as interrupted.
#[derive(Debug)]
#[must_use = "a claim that is dropped blocks its key until the lease runs out"]
pub struct Claim<S> {
    store: S,
    id: RecordId,
    /// The record as the last write left it that is known to have happened.
    record: Record,
}

impl<S: Store + Sync> Claim<S> {
    pub(super) const fn new(store: S, id: RecordId, record: Record) -> Self {
        Self { store, id, record }
    }

    /// What this attempt and all before it left behind.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.record.notes
    }

    /// Which attempt this is, from 1. It grows with every takeover, so it can be handed to another
    /// system that refuses whoever comes with a smaller one.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.record.attempt
    }

    /// Writes down what is about to be done. To be called before every step that must not happen twice;
    /// only when it is written may the step be done.
    ///
    /// # Errors
    /// [`LedgerError`]: don't do the step. After [`LedgerError::Store`] it is not known whether the note
    /// was written; the claim can still be used.
    pub async fn note(&mut self, progress: &str) -> Result<(), LedgerError> {
        let progress = progress.to_owned();
        self.write(move |record| record.noted(&progress).ok_or(LedgerError::Notes))
            .await
    }

    /// Makes the lease end later.
    ///
    /// # Errors
    /// [`LedgerError`]: count on the old lease.
    pub async fn extend(&mut self, lease_until_ms: i64) -> Result<(), LedgerError> {
        self.write(move |record| Ok(record.next(State::Claimed { lease_until_ms })))
            .await
    }

    /// Writes down the answer, which everybody gets who begins the same until `keep_until_ms`.
    ///
    /// # Errors
    /// [`LedgerError::Lost`] when somebody took over. After [`LedgerError::Store`], try again while the
    /// lease lasts; otherwise the key ends up interrupted.
    pub async fn finish(&mut self, answer: &str, keep_until_ms: i64) -> Result<(), LedgerError> {
        let answer = answer.to_owned();
        let finished = State::Finished {
            answer,
            keep_until_ms,
        };
        let given = finished.clone();
        match self.write(move |record| Ok(record.next(finished.clone()))).await {
            // An earlier try at the same got through after all.
            Err(LedgerError::Finished) if self.record.state == given => Ok(()),
            result => result,
        }
    }

    /// Gives the key back: it is certain that nothing happened, and somebody may begin afresh.
    ///
    /// # Errors
    /// [`LedgerError::Lost`] when somebody took over. After [`LedgerError::Store`] it is not known
    /// whether it was given back.
    pub async fn release(mut self) -> Result<(), LedgerError> {
        loop {
            if self.store.delete(&self.id, &self.record.version).await? {
                return Ok(());
            }
            match self.store.get(&self.id).await? {
                // The first try got through and only its answer got lost.
                None => return Ok(()),
                Some(found) => self.follow(found)?,
            }
        }
    }

    /// Writes the state that comes after the known one.
    async fn write(
        &mut self,
        next: impl Fn(&Record) -> Result<Record, LedgerError> + Send,
    ) -> Result<(), LedgerError> {
        loop {
            if matches!(self.record.state, State::Finished { .. }) {
                return Err(LedgerError::Finished);
            }
            let next = next(&self.record)?;
            let written = self.store.put(&self.id, &next, &self.record.version).await;
            if matches!(written, Ok(true)) {
                self.record = next;
                return Ok(());
            }
            // Refused, or nobody knows: what the record is like now tells.
            let found = self.store.get(&self.id).await?.ok_or(LedgerError::Lost)?;
            if found == next {
                self.record = next;
                return Ok(());
            }
            let unchanged = found.version == self.record.version;
            match written {
                Err(error) if unchanged => return Err(error.into()),
                _ => self.follow(found)?,
            }
        }
    }

    /// Goes on from an own earlier write that was not known to have happened.
    fn follow(&mut self, found: Record) -> Result<(), LedgerError> {
        let ours = found.version.owner == self.record.version.owner;
        if !ours || found.version.revision <= self.record.version.revision {
            return Err(LedgerError::Lost);
        }
        self.record = found;
        Ok(())
    }
}
