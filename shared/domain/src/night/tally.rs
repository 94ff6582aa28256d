//! What a night came to: counts, troubles, and the end that follows from them.
//!
//! Nothing is counted up in the night itself. Every part carries its own counts, and the night's are
//! their sum, made anew whenever somebody asks: doing a piece of work again can't count it twice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Listing, Night, Part, Phase};

/// How many troubles are kept with a night or a part; further ones are counted.
pub const TROUBLES_MAX: usize = 50;
/// The longest detail of a trouble, in characters.
const DETAIL_MAX: usize = 200;

/// How a night ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Everything was done.
    Complete,
    /// Some things were not done; the troubles say which and why.
    Partial,
    /// Nothing could be fetched from any source that was asked, or not one outlet could be looked at.
    Failed,
}

impl End {
    /// The end's name in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The outlet concerned, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlet: Option<String>,
    /// Where it arose: `central`, `moka`, `ingest`, `reconcile`, `enrich`, `night`.
    pub source: String,
    /// The stable code.
    pub code: String,
    /// What exactly, in English; no personal data. At most 200 characters.
    pub detail: String,
}

impl Trouble {
    /// A trouble; a longer detail is cut.
    #[must_use]
    pub fn new(outlet: Option<&str>, source: &str, code: &str, detail: &str) -> Self {
        Self {
            outlet: outlet.map(str::to_owned),
            source: source.to_owned(),
            code: code.to_owned(),
            detail: detail.chars().take(DETAIL_MAX).collect(),
        }
    }
}

/// Keeps a trouble while there is room, and counts it in any case.
pub(super) fn note(troubles: &mut Vec<Trouble>, total: &mut u64, trouble: Trouble) {
    *total = total.saturating_add(1);
    if troubles.len() < TROUBLES_MAX {
        troubles.push(trouble);
    }
}

/// Counts of a piece of work. Sums saturate: no night comes near.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    /// Files that the central server listed.
    pub listed: u64,
    /// Objects put into the bucket by this night.
    pub pulled: u64,
    /// Files that the bucket had before this night.
    pub known: u64,
    /// Bytes of the objects put.
    pub bytes: u64,
    /// Outlet days looked at.
    pub days: u64,
    /// Findings opened.
    pub opened: u64,
    /// Findings whose reason is gone.
    pub resolved: u64,
    /// Profiles enriched.
    pub people: u64,
    /// Ids joined as one person.
    pub joined: u64,
}

impl Tally {
    /// Adds the counts of other work.
    pub fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.listed, other.listed),
            (&mut self.pulled, other.pulled),
            (&mut self.known, other.known),
            (&mut self.bytes, other.bytes),
            (&mut self.days, other.days),
            (&mut self.opened, other.opened),
            (&mut self.resolved, other.resolved),
            (&mut self.people, other.people),
            (&mut self.joined, other.joined),
        ];
        for (mine, theirs) in pairs {
            *mine = mine.saturating_add(theirs);
        }
    }
}

/// How the jobs of a phase ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// All of them.
    pub jobs: u64,
    /// Those that ended, well or not.
    pub ended: u64,
    /// Those of them that failed.
    pub failed: u64,
}

/// The sum over a night's parts. Parts are added one by one, so that nobody has to hold all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Their counts.
    pub tally: Tally,
    /// The first of their troubles, in the order in which parts were added; at most [`TROUBLES_MAX`].
    pub troubles: Vec<Trouble>,
    /// How many troubles they have.
    pub troubles_total: u64,
    /// Their jobs, by phase.
    pub jobs: BTreeMap<Phase, JobCounts>,
}

impl Sum {
    /// The sum over these parts.
    #[must_use]
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Self {
        let mut sum = Self::default();
        parts.into_iter().for_each(|part| sum.add(part));
        sum
    }

    /// Adds a part. Each must be added once.
    pub fn add(&mut self, part: &Part) {
        self.tally.add(&part.tally);
        let room = TROUBLES_MAX.saturating_sub(self.troubles.len());
        self.troubles.extend(part.troubles.iter().take(room).cloned());
        self.troubles_total = self.troubles_total.saturating_add(part.troubles_total);
        let counts = self.jobs.entry(part.phase).or_default();
        let add = |count: &mut u64, more: usize| *count = count.saturating_add(wide(more));
        add(&mut counts.jobs, part.jobs.len());
        add(&mut counts.ended, part.done);
        add(&mut counts.failed, part.failed);
    }

    /// Jobs of parts that never ended.
    #[must_use]
    pub fn unfinished(&self) -> u64 {
        let open = |counts: &JobCounts| counts.jobs.saturating_sub(counts.ended);
        self.jobs.values().map(open).sum()
    }

    /// Whether there were jobs in the phase and none ended well.
    fn came_to_nothing(&self, phase: Phase) -> bool {
        self.jobs
            .get(&phase)
            .is_some_and(|counts| counts.jobs > 0 && counts.ended == counts.failed)
    }
}

/// How a night ended, from what its parts came to and the troubles of its own.
///
/// Without any trouble it is complete. It failed if it asked for sales and got none, by whatever way, or if
/// there are outlets and it could look at none of them. A server that answers and has nothing is no failure.
#[must_use]
pub fn end_of(night: &Night, sum: &Sum) -> End {
    let jobs = |phase| sum.jobs.get(&phase).map_or(0, |counts| counts.jobs);
    let no_list = matches!(night.listing, Listing::Wanted { .. });
    let no_sales = sum.came_to_nothing(Phase::Pull) || (no_list && jobs(Phase::Pull) == 0);
    if no_sales || sum.came_to_nothing(Phase::Reconcile) {
        End::Failed
    } else if no_list || night.troubles_total > 0 || sum.troubles_total > 0 || sum.unfinished() > 0 {
        End::Partial
    } else {
        End::Complete
    }
}

/// A count of things in memory.
fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
