//! Erasing a person: who they were and what they said goes; what was sold stays.

use std::collections::BTreeMap;

use aws::StoreError;
use aws::audit::Action;
use aws::customers::StoredCustomer;
use domain::case::Case;
use domain::customer::{Customer, Rights};
use domain::feedback::Answer;
use serde_json::json;

use super::traces::DAYS;
use super::{People, PeopleError, TRIES_MAX};

/// How much of what was touched, by kind, for a proof.
pub type Counts = BTreeMap<String, u64>;

/// What there is to take away from people beside their profiles.
#[derive(Clone, Debug)]
pub(super) struct Belongings {
    /// The people.
    ids: Vec<String>,
    /// The books of phone numbers that they may be in.
    books: Vec<(String, String)>,
    /// Answers with words in them.
    answers: Vec<Answer>,
    /// Cases with words in their notes.
    cases: Vec<Case>,
}

impl People {
    /// Erases a customer whose time is over, the same way as a request does it. `is_over` is asked before anything
    /// is done, and again of the profile that goes. Answers what was found; `None` if the time is not over. What the
    /// customer asked for goes on to stand for the others who are one person with them.
    ///
    /// The audit record `person.erased` is written before the profile goes: cut short between the two, there are two
    /// records of one erasure, and never none.
    ///
    /// # Errors
    /// The store's failure; another try goes on.
    pub async fn let_go(
        &self,
        id: &str,
        is_over: impl Fn(&Customer) -> bool,
        actor: &str,
        now_ms: i64,
    ) -> Result<Option<Counts>, PeopleError> {
        let known = self.customers.find(id).await?;
        let Some(known) = known.filter(&is_over) else {
            return Ok(None);
        };
        let ids = [id.to_owned()];
        self.hand_on(&ids, &known.rights, actor, now_ms).await?;
        self.remember_numbers(&ids).await?;
        let found = self.belongings(&ids).await?;
        let counts = self.count(&found).await?;
        self.take(&found, actor, now_ms).await?;
        let action = Action {
            at_ms: now_ms,
            actor,
            action: "person.erased",
            subject: id,
        };
        self.audit.record(action, &json!({ "counts": counts })).await?;
        let erase =
            |customer: &mut Customer| is_over(customer) && !customer.is_erased() && customer.erase(now_ms);
        self.change(&ids, erase).await?;
        self.take_the_rest(&ids, actor, now_ms).await?;
        Ok(Some(counts))
    }

    /// Notes what a customer asked for with the others who are one person with them. It stands until the person asks
    /// for its end, and once the customer has left the number's book nothing says any more that it is the others' wish
    /// too. On record before it is done.
    async fn hand_on(
        &self,
        customer: &[String; 1],
        rights: &Rights,
        actor: &str,
        now_ms: i64,
    ) -> Result<(), PeopleError> {
        // Who asked for nothing has nothing that would be news to anybody.
        if !Rights::default().take_over(rights) {
            return Ok(());
        }
        let [id] = customer;
        let mut others = self.with_kin(customer).await?;
        others.retain(|other| other != id);
        let known = self.customers.read(&others).await?;
        let is_news = |stored: &StoredCustomer| stored.customer.rights.clone().take_over(rights);
        others.retain(|other| known.get(other).is_some_and(is_news));
        if others.is_empty() {
            return Ok(());
        }
        let action = Action {
            at_ms: now_ms,
            actor,
            action: "rights.handed_on",
            subject: id,
        };
        self.audit.record(action, &json!({ "customers": others })).await?;
        let take_over = |customer: &mut Customer| customer.rights.take_over(rights);
        self.change(&others, take_over).await
    }

    /// Has these customers remember their numbers. Once their profiles are gone nobody else knows which books they are
    /// in, and a run that was cut short must still find them.
    pub(super) async fn remember_numbers(&self, ids: &[String]) -> Result<(), PeopleError> {
        let key = self.phone_key().await?;
        let remember = |customer: &mut Customer| match customer.number().map(|number| key.short_hash(number))
        {
            Some(hash) => customer.former_numbers.insert(hash),
            None => false,
        };
        self.change(ids, remember).await
    }

    /// Takes away what was written while an erasure was under way, by a guest on their page, an export, or a night,
    /// until there is nothing more, and then the memory of the numbers. To be done after the profiles are gone: from
    /// then on neither an export nor a night writes anything of these customers.
    pub(super) async fn take_the_rest(
        &self,
        ids: &[String],
        actor: &str,
        now_ms: i64,
    ) -> Result<(), PeopleError> {
        for _ in 0..TRIES_MAX {
            let found = self.belongings(ids).await?;
            self.take(&found, actor, now_ms).await?;
            if found.answers.is_empty() && found.cases.is_empty() {
                let forget = |customer: &mut Customer| {
                    let known = !customer.former_numbers.is_empty();
                    customer.former_numbers.clear();
                    known
                };
                return self.change(ids, forget).await;
            }
        }
        Err(StoreError::Throttled.into())
    }

    /// What there is to take away from people.
    pub(super) async fn belongings(&self, ids: &[String]) -> Result<Belongings, PeopleError> {
        let books = self.books(ids).await?;
        let (mut answers, mut cases) = (Vec::new(), Vec::new());
        for places in self.places(ids).await?.chunks(DAYS) {
            for trace in self.traces(places).await? {
                answers.extend(trace.answers.into_iter().filter(Answer::has_words));
                cases.extend(trace.cases.into_iter().filter(Case::has_words));
            }
        }
        Ok(Belongings {
            ids: ids.to_vec(),
            books,
            answers,
            cases,
        })
    }

    /// How much an erasure finds.
    pub(super) async fn count(&self, found: &Belongings) -> Result<Counts, PeopleError> {
        let known = self.customers.read(&found.ids).await?;
        let named = known
            .values()
            .filter(|stored| !stored.customer.profile.is_empty());
        let habits = self.habits.read(&found.ids).await?;
        let counts = [
            ("customers", known.len()),
            ("profiles", named.count()),
            ("habits", habits.len()),
            ("answers", found.answers.len()),
            ("cases", found.cases.len()),
        ];
        let mut counts: Counts = counts
            .into_iter()
            .map(|(what, count)| (what.to_owned(), u64::try_from(count).unwrap_or(u64::MAX)))
            .collect();
        counts.insert("kin".to_owned(), self.met(&found.books).await?);
        Ok(counts)
    }

    /// Takes away everything but the profiles.
    pub(super) async fn take(&self, found: &Belongings, actor: &str, now_ms: i64) -> Result<(), PeopleError> {
        self.leave(&found.books).await?;
        self.delete_habits(&found.ids).await?;
        for answer in &found.answers {
            let without = |answer: &Answer| answer.has_words().then(|| answer.without_words());
            self.rewrite_answer(answer.clone(), without, actor, now_ms)
                .await?;
        }
        for case in &found.cases {
            self.erase_notes(case.clone(), |_| true, actor, now_ms).await?;
        }
        Ok(())
    }

    pub(super) async fn delete_habits(&self, ids: &[String]) -> Result<(), PeopleError> {
        for id in ids {
            self.habits.delete(id).await?;
        }
        Ok(())
    }

    /// Erases the comments of an answer, those of earlier tellings included, if their time is over as it is stored by
    /// now. What was consented to stays. Answers whether that was done.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn erase_answer(
        &self,
        answer: Answer,
        is_over: impl Fn(&Answer) -> bool,
        actor: &str,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let without = |answer: &Answer| {
            let over = answer.has_comments() && is_over(answer);
            over.then(|| answer.without_comments())
        };
        self.rewrite_answer(answer, without, actor, now_ms).await
    }

    /// Stores an answer `without` its words, made from it as it is stored by now; `None` leaves it. Answers whether
    /// that was done.
    async fn rewrite_answer(
        &self,
        mut answer: Answer,
        without: impl Fn(&Answer) -> Option<Answer>,
        actor: &str,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        for _ in 0..TRIES_MAX {
            let Some(without) = without(&answer) else {
                return Ok(false);
            };
            let erased = self.feedback.erase_words(&answer, &without, actor, now_ms);
            match erased.await {
                Ok(()) => return Ok(true),
                Err(StoreError::Conflict) => match self.feedback.get(&answer.place).await? {
                    Some(stored) => answer = stored,
                    None => return Ok(false),
                },
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Erases what was noted about a case, if it is `wanted` as it is stored by now. Answers whether that was done.
    ///
    /// # Errors
    /// The store's failure.
    pub async fn erase_notes(
        &self,
        case: Case,
        wanted: impl Fn(&Case) -> bool,
        actor: &str,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let mut case = case;
        for _ in 0..TRIES_MAX {
            if !case.has_words() || !wanted(&case) {
                return Ok(false);
            }
            let without = case.without_words(now_ms);
            let erased = self.cases.erase_words(&case, &without, actor, now_ms);
            match erased.await {
                Ok(()) => return Ok(true),
                Err(StoreError::Conflict) => match self.cases.get(&case.outlet, &case.id).await? {
                    Some(stored) => case = stored,
                    None => return Ok(false),
                },
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }

    /// Changes customers, each as it is stored by now. `change` says whether it changed anything.
    pub(super) async fn change(
        &self,
        ids: &[String],
        change: impl Fn(&mut Customer) -> bool,
    ) -> Result<(), PeopleError> {
        let mut ids = ids.to_vec();
        for _ in 0..TRIES_MAX {
            let mut changed = Vec::new();
            for (id, mut stored) in self.customers.read(&ids).await? {
                if change(&mut stored.customer) {
                    changed.push((id, stored));
                }
            }
            if changed.is_empty() {
                return Ok(());
            }
            ids = self.customers.overwrite(&changed).await?;
            if ids.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Throttled.into())
    }
}
