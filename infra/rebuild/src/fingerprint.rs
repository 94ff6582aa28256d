//! What every kind of item comes to, as one line each.

use std::collections::{BTreeMap, BTreeSet};

use aws::whole::{Kind, Next, Step, Stored, Table};
use domain::customer::OutletDay;
use domain::fingerprint::{
    ItemHash, of_answer, of_book, of_customer, of_export, of_group, of_habit, of_insight, of_mail, of_page,
    of_piece, of_stored, of_summary, of_table,
};
use serde::{Deserialize, Serialize};

use crate::{Stop, Tools};

/// Days read with one request.
const DAYS: usize = 50;
/// What expires within this time is left out: longer than a rebuild takes, in milliseconds.
const SOON_MS: i64 = 7 * 24 * 3_600_000;
/// What people are told of [`How`].
const LEGEND: &str = "By meaning: what items say, whichever version says it. As stored: every attribute. Only counted: \
                      they come and go by themselves.";

/// How items of a kind are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// By what they say, without versions, writers and times of writing: what is made anew, and what is told of it.
    Meaning,
    /// As they are stored, every attribute: what nothing makes anew, and nothing may touch.
    Stored,
    /// Not at all: they come and go by themselves, so that only their number is told.
    Counted,
}

impl How {
    /// How items of a kind are compared.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Page
            | Kind::Summary
            | Kind::Customer
            | Kind::Habit
            | Kind::KinBook
            | Kind::Export
            | Kind::Piece
            | Kind::Mail
            | Kind::Answer
            | Kind::Figures
            | Kind::GroupFigures => Self::Meaning,
            // Each ends at its time; a bookmark moves with its task, this program's too.
            Kind::Idempotency
            | Kind::Session
            | Kind::Counter
            | Kind::Lease
            | Kind::Bookmark
            | Kind::PeopleBookmark => Self::Counted,
            Kind::PhoneKey
            | Kind::Correction
            | Kind::Acceptance
            | Kind::FilePlace
            | Kind::Audit
            | Kind::ApiKey
            | Kind::Outlet
            | Kind::LinkKey
            | Kind::Case
            | Kind::CasePlace
            | Kind::Night
            | Kind::Part
            | Kind::NightPlace
            | Kind::Finding
            | Kind::Request
            | Kind::RequestPlace
            | Kind::CustomerRequest
            | Kind::Unknown => Self::Stored,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Meaning => "by meaning",
            Self::Stored => "as stored",
            Self::Counted => "only counted",
        }
    }
}

/// What items of one kind come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Items {
    /// How they are compared.
    pub how: How,
    /// How many there are.
    pub count: u64,
    /// The hash of them, in hexadecimal; empty where they are only counted.
    pub hash: String,
}

/// What the tables hold, by the names of the kinds of items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(pub BTreeMap<String, Items>);

impl Fingerprint {
    fn add(&mut self, kind: Kind, items: Vec<ItemHash>) {
        let (how, count) = (How::of(kind), items.len() as u64);
        let hash = match how {
            How::Counted => String::new(),
            How::Meaning | How::Stored => of_table(items),
        };
        self.0.insert(kind.name().to_owned(), Items { how, count, hash });
    }

    /// The kinds of items that differ in the other one, in the way in which they are compared.
    #[must_use]
    pub fn differs_in(&self, other: &Self) -> Vec<String> {
        let kinds: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let compared = |fingerprint: &Self, kind: &String| {
            let items = fingerprint.0.get(kind);
            items.filter(|items| items.how != How::Counted).cloned()
        };
        let differ = kinds
            .into_iter()
            .filter(|kind| compared(self, kind) != compared(other, kind));
        differ.cloned().collect()
    }

    /// A line for people on how kinds are compared, and one for each: name, number of items, how, hash.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |(name, items): (&String, &Items)| {
            let Items { how, count, hash } = items;
            let line = format!("{name:<22} {count:>10}  {:<12} {hash}", how.words());
            line.trim_end().to_owned()
        };
        [LEGEND.to_owned()]
            .into_iter()
            .chain(self.0.iter().map(line))
            .collect()
    }
}

/// Reads every table and tells what it holds at this moment. It reads all of them, and costs what that costs.
///
/// # Errors
/// [`Stop`] when a table can't be read.
pub async fn fingerprint(tools: &Tools) -> Result<Fingerprint, Stop> {
    as_of((tools.now_ms)(), tools).await
}

/// As [`fingerprint`], to be compared with one of the same moment, Unix milliseconds: what expires soon after it is
/// left out, for it may vanish before the other one is made.
pub(crate) async fn as_of(at_ms: i64, tools: &Tools) -> Result<Fingerprint, Stop> {
    let mut hashes: BTreeMap<Kind, Vec<ItemHash>> = Kind::all().map(|kind| (kind, Vec::new())).collect();
    sales(&mut hashes, tools).await?;
    let stays_until_ms = at_ms.saturating_add(SOON_MS);
    for table in Table::ALL {
        // A page may have several items: days are read one by one.
        if table == Table::Sales {
            continue;
        }
        each(
            |at| tools.whole.items(table, at),
            |stored| {
                let stays = stored.expires_ms().is_none_or(|at_ms| at_ms > stays_until_ms);
                if stays || How::of(stored.kind) == How::Counted {
                    hashes.entry(stored.kind).or_default().extend(hash(&stored)?);
                }
                Ok(())
            },
        )
        .await?;
    }
    let mut whole = Fingerprint::default();
    for (kind, items) in hashes {
        whole.add(kind, items);
    }
    Ok(whole)
}

/// The hash of an item; `None` for one that is as good as none.
fn hash(stored: &Stored) -> Result<Option<ItemHash>, Stop> {
    let hash = match stored.kind {
        Kind::Customer => {
            let (id, known) = stored.customer()?;
            of_customer(&id, &known.customer)?
        }
        Kind::Habit => {
            let (id, habit) = stored.habit()?;
            return Ok(of_habit(&id, &habit)?);
        }
        Kind::KinBook => of_book(stored.book_of()?, &stored.document()?)?,
        Kind::Export => of_export(&stored.document()?)?,
        Kind::Piece => of_piece(&stored.document()?)?,
        Kind::Mail => of_mail(&stored.document()?)?,
        Kind::Answer => of_answer(&stored.document()?)?,
        Kind::Figures => {
            let (scope, period, insight) = stored.figures()?;
            of_insight(&scope, period, &insight)?
        }
        Kind::GroupFigures => of_group(stored.key()?, &stored.group_figures()?)?,
        kind => of_stored(kind.name(), &stored.attributes()?)?,
    };
    Ok(Some(hash))
}

async fn sales(hashes: &mut BTreeMap<Kind, Vec<ItemHash>>, tools: &Tools) -> Result<(), Stop> {
    let days: Vec<OutletDay> = days(tools).await?.into_iter().collect();
    let (mut pages, mut summaries) = (Vec::new(), Vec::new());
    for days in days.chunks(DAYS) {
        for (day, stored) in days.iter().zip(tools.sales.read_days(days).await?) {
            pages.extend(of_page(day, &stored.receipts)?);
        }
        for (day, arrival) in days.iter().zip(tools.sales.arrivals(days).await?) {
            if let Some(arrival) = arrival {
                summaries.push(of_summary(day, &arrival.summary)?);
            }
        }
    }
    hashes.insert(Kind::Page, pages);
    hashes.insert(Kind::Summary, summaries);
    Ok(())
}

/// Every day that has a page or a summary.
pub(crate) async fn days(tools: &Tools) -> Result<BTreeSet<OutletDay>, Stop> {
    let mut days = BTreeSet::new();
    each(
        |at| tools.whole.days(at),
        |day| {
            days.insert(day);
            Ok(())
        },
    )
    .await?;
    Ok(days)
}

/// Does something with every item of a walk.
pub(crate) async fn each<T, F>(
    walk: impl Fn(Option<Next>) -> F,
    mut with: impl FnMut(T) -> Result<(), Stop>,
) -> Result<(), Stop>
where
    F: Future<Output = Step<T>>,
{
    let mut at = None;
    loop {
        let (found, next) = walk(at).await?;
        found.into_iter().try_for_each(&mut with)?;
        if next.is_none() {
            return Ok(());
        }
        at = next;
    }
}
