//! The ids known under one phone number, and who of them is one person.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Evidence, Likeness, NAMES_MAX, evidence, likeness, names};
use crate::customer::Profile;

/// The most ids of one number that are compared with each other: more are nobody's. All of them are found by the
/// number all the same; that does not depend on the book.
pub const MEMBERS_MAX: usize = 50;

/// How an id stands to the others of its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standing {
    /// Nothing speaks for its being one of the others.
    Alone,
    /// One person with others.
    Joined {
        /// The smallest id of the group: the same for all of them, the smallest itself included.
        with: String,
        /// What spoke for it.
        evidence: Evidence,
        /// When, Unix milliseconds.
        at_ms: i64,
    },
    /// Parted from the others by a person: only a person joins it again.
    Parted {
        /// Who: `staff:` and a subject, or `key:` and the id of an API key.
        by: String,
        /// When, Unix milliseconds.
        at_ms: i64,
    },
}

/// Two ids that are one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joining {
    /// The smallest id of the group.
    pub with: String,
    /// The id that joins it.
    pub customer: String,
    /// What speaks for it.
    pub evidence: Evidence,
}

/// Why a person can't join or part ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KinError {
    /// The id is not known under this number.
    #[error("the id is not known under this number")]
    Unknown,
    /// It stands like that already.
    #[error("the ids stand like that already")]
    Settled,
}

impl KinError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "KIN_UNKNOWN",
            Self::Settled => "KIN_SETTLED",
        }
    }
}

/// The ids known under one phone number: the document in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KinBook {
    /// By customer's id; at most [`MEMBERS_MAX`].
    pub members: BTreeMap<String, Standing>,
    /// The version of the document in the store; zero before it is stored.
    pub version: u64,
}

impl KinBook {
    /// Notes that an id is known under the number. Returns whether that is news; in a full book
    /// ([`KinBook::is_full`]) it is not noted.
    pub fn meet(&mut self, customer: &str) -> bool {
        if self.members.contains_key(customer) || self.is_full() {
            return false;
        }
        self.members.insert(customer.to_owned(), Standing::Alone);
        true
    }

    /// Whether there is no room for another id.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.members.len() >= MEMBERS_MAX
    }

    /// The ids that are one person with this one, itself included; none for an id that is not in the book.
    #[must_use]
    pub fn group_of(&self, customer: &str) -> BTreeSet<&str> {
        let Some((id, standing)) = self.members.get_key_value(customer) else {
            return BTreeSet::new();
        };
        let root = self.root(id, standing);
        let group = self
            .members
            .iter()
            .filter(|(id, standing)| self.root(id, standing) == root);
        group.map(|(id, _)| id.as_str()).collect()
    }

    fn root<'a>(&self, id: &'a str, standing: &'a Standing) -> &'a str {
        match standing {
            Standing::Joined { with, .. } => with,
            Standing::Alone | Standing::Parted { .. } => id,
        }
    }

    /// What the profiles speak for: groups that could be joined, by the smallest id. Nothing that a person has
    /// parted, and nothing at all where there are more than [`NAMES_MAX`] different names. An id without a
    /// profile stays as it is.
    ///
    /// The same name or mail address joins at once. A name that is merely alike joins only if every one of
    /// those it would bring together is like every other: `Budi` under one number with `Budi Santoso` and `Budi
    /// Hartono` is either. The outcome depends on who is in the book and not on the order in which they came;
    /// what was joined before stays joined.
    #[must_use]
    pub fn joins(&self, people: &BTreeMap<String, Profile>) -> Vec<Joining> {
        let called = people.iter().filter(|(id, _)| self.members.contains_key(*id));
        let called = called.filter_map(|(_, profile)| names::read(&profile.name.as_ref()?.value));
        let called: Vec<names::Name> = called.collect();
        let different: BTreeSet<Vec<&str>> = called.iter().map(names::Name::key).collect();
        if different.len() > NAMES_MAX {
            return Vec::new();
        }
        let same = |a: &Profile, b: &Profile| match likeness(a, b) {
            Some(Likeness::Same(evidence)) => Some(evidence),
            _ => None,
        };
        let before = self.open_groups();
        let groups = merged(before.clone(), people, &same, false);
        let groups = merged(groups, people, &evidence, true);
        let joinings = before.iter().flatten().filter_map(|customer| {
            let (was, is) = (of(&before, customer)?, of(&groups, customer)?);
            let with = is.first()?;
            // The smallest id is who the others join; and who was with it before is no news.
            if customer == with || was.contains(with) {
                return None;
            }
            let others = is.difference(was);
            let found = others.filter_map(|other| tie(customer, other, people, &evidence));
            Some(Joining {
                with: with.clone(),
                customer: customer.clone(),
                // Who comes along with their group has no evidence of their own but the group's.
                evidence: found.min().unwrap_or(Evidence::SimilarName),
            })
        });
        joinings.collect()
    }

    /// The groups that evidence may join: all but parted ids.
    fn open_groups(&self) -> Vec<Group> {
        let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
        for (id, standing) in &self.members {
            if !matches!(standing, Standing::Parted { .. }) {
                let group = groups.entry(self.root(id, standing)).or_default();
                group.insert(id.clone());
            }
        }
        groups.into_values().collect()
    }

    /// Joins ids on evidence. One that has been parted meanwhile, or left the book, stays out.
    pub fn join(&mut self, joinings: &[Joining], at_ms: i64) {
        for joining in joinings {
            let open = |id: &str| {
                let standing = self.members.get(id);
                standing.is_some_and(|standing| !matches!(standing, Standing::Parted { .. }))
            };
            if open(&joining.with) && open(&joining.customer) {
                self.unite(&joining.with, &joining.customer, joining.evidence, at_ms);
            }
        }
    }

    /// Parts an id from its group, for good: the others stay together.
    ///
    /// # Errors
    /// [`KinError`] when the id is not in the book, or in no group.
    pub fn part(&mut self, customer: &str, by: &str, at_ms: i64) -> Result<(), KinError> {
        let standing = self.members.get_mut(customer).ok_or(KinError::Unknown)?;
        let Standing::Joined { with, .. } = standing else {
            return Err(KinError::Settled);
        };
        let with = with.clone();
        *standing = Standing::Parted {
            by: by.to_owned(),
            at_ms,
        };
        self.settle(&with);
        Ok(())
    }

    /// Joins two ids and their groups because a person says so, parted ones too.
    ///
    /// # Errors
    /// [`KinError`] when an id is not in the book, or both are of one group.
    pub fn reunite(&mut self, customer: &str, with: &str, at_ms: i64) -> Result<(), KinError> {
        if !self.members.contains_key(customer) || !self.members.contains_key(with) {
            return Err(KinError::Unknown);
        }
        if self.group_of(customer).contains(with) {
            return Err(KinError::Settled);
        }
        self.unite(with, customer, Evidence::Person, at_ms);
        Ok(())
    }

    /// Takes an id out of the book, as an erasure does. Returns whether it was there.
    pub fn forget(&mut self, customer: &str) -> bool {
        let Some(standing) = self.members.remove(customer) else {
            return false;
        };
        if let Standing::Joined { with, .. } = standing {
            self.settle(&with);
        }
        true
    }

    /// Makes two groups one. Those who were in a group keep what spoke for it.
    fn unite(&mut self, one: &str, other: &str, evidence: Evidence, at_ms: i64) {
        let both: BTreeSet<String> = [one, other]
            .into_iter()
            .flat_map(|id| self.group_of(id))
            .map(str::to_owned)
            .collect();
        let Some(root) = both.first() else {
            return;
        };
        for id in &both {
            match self.members.get_mut(id) {
                Some(Standing::Joined { with, .. }) => with.clone_from(root),
                Some(standing) => {
                    *standing = Standing::Joined {
                        with: root.clone(),
                        evidence,
                        at_ms,
                    };
                }
                None => {}
            }
        }
    }

    /// Puts right what is left of a group after somebody left it: a new smallest id, or nobody to be joined
    /// with.
    fn settle(&mut self, root: &str) {
        let left = self
            .members
            .iter_mut()
            .filter_map(|(id, standing)| match standing {
                Standing::Joined { with, .. } if with == root => Some((id.clone(), standing)),
                _ => None,
            });
        let mut left: Vec<(String, &mut Standing)> = left.collect();
        if let [(_, only)] = left.as_mut_slice() {
            **only = Standing::Alone;
            return;
        }
        let smallest = left.first().map(|(id, _)| id.clone());
        for (_, standing) in left {
            if let (Standing::Joined { with, .. }, Some(smallest)) = (standing, &smallest) {
                with.clone_from(smallest);
            }
        }
    }
}

type Group = BTreeSet<String>;
type People = BTreeMap<String, Profile>;
type Rule<'a> = &'a dyn Fn(&Profile, &Profile) -> Option<Evidence>;

/// The groups, with those made one between which there is evidence.
///
/// With `all`, groups that evidence ties together become one only if each member of each has evidence with
/// every member of every other; else a tie between any two members is enough.
fn merged(groups: Vec<Group>, people: &People, rule: Rule<'_>, all: bool) -> Vec<Group> {
    let found = |a: &Group, b: &Group| -> Vec<bool> {
        let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
        pairs.map(|(a, b)| tie(a, b, people, rule).is_some()).collect()
    };
    let mut done: Vec<Group> = Vec::new();
    let mut rest = groups;
    while !rest.is_empty() {
        // All that is tied together, starting with the first.
        let mut tied = vec![rest.remove(0)];
        let mut at = 0_usize;
        while let Some(group) = tied.get(at).cloned() {
            let (near, far): (Vec<_>, Vec<_>) = rest
                .into_iter()
                .partition(|other| found(&group, other).contains(&true));
            tied.extend(near);
            rest = far;
            at = at.saturating_add(1);
        }
        let after = |place: usize| tied.iter().skip(place.saturating_add(1));
        let mut pairs = tied
            .iter()
            .enumerate()
            .flat_map(|(place, group)| after(place).map(move |other| (group, other)));
        if !all || pairs.all(|(a, b)| !found(a, b).contains(&false)) {
            done.push(tied.into_iter().flatten().collect());
        } else {
            done.extend(tied);
        }
    }
    done
}

fn tie(a: &str, b: &str, people: &People, rule: Rule<'_>) -> Option<Evidence> {
    rule(people.get(a)?, people.get(b)?)
}

/// The group of an id.
fn of<'a>(groups: &'a [Group], id: &str) -> Option<&'a Group> {
    groups.iter().find(|group| group.contains(id))
}
