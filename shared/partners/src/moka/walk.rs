//! From page to page.

use std::collections::HashSet;
use std::fmt;

use bytes::Bytes;
use reqwest::Url;

use super::page::{self, Read, Telling};
use super::{Moka, MokaError, TokenStore};

/// How far a cursor may lie beyond the newest payment of its page: cursors are rounded.
const CURSOR_SLACK_MS: i64 = 1_000;
/// What a cursor may leave out and not change: it says where to go on, not what was asked for.
const KEPT: [&str; 2] = ["time_filter", "reorder_type"];
/// What a cursor may leave out and may change.
const MOVING: [&str; 3] = ["per_page", "since", "until"];

/// Why the way from page to page is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CursorProblem {
    /// Not the end, and no cursor. Or nothing says whether it is the end.
    #[error("the pages do not end, and there is no cursor")]
    Missing,
    /// A cursor that was followed already.
    #[error("a cursor comes again")]
    Repeated,
    /// A page with nothing new on it.
    #[error("a page comes again")]
    PageRepeated,
    /// A cursor that leads to another server, port or route. It is not followed.
    #[error("a cursor leads elsewhere")]
    Elsewhere,
    /// A cursor that asks for another order, or goes by another time.
    #[error("a cursor asks for something else")]
    Changed,
    /// A cursor that leaves out a time in which there may be payments.
    #[error("a cursor leaves something out")]
    Jumps,
    /// More pages than this.
    #[error("there are more than {0} pages")]
    TooMany(u32),
}

/// One page as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its number in the walk, from 1.
    pub number: u32,
    /// Its bytes, as Moka sent them.
    pub body: Bytes,
    /// How many payments are on it. None at all is how an empty day looks.
    pub payments: u64,
}

/// What a walk has come past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Pages.
    pub pages: u32,
    /// Payments, each state of one counted once.
    pub payments: u64,
    /// Payments that came again on a later page: neighbouring pages may overlap, which loses nothing.
    pub repeated: u64,
}

/// A walk over the pages of an outlet and day, one after the other.
pub struct Walk<S> {
    moka: Moka<S>,
    outlet: String,
    /// When the run ends, Unix milliseconds.
    deadline_ms: i64,
    state: State,
    followed: HashSet<String>,
    tellings: HashSet<Telling>,
    /// How many payments were on the page before.
    before: usize,
    seen: Seen,
}

// Without the address: a cursor is nobody's business.
impl<S> fmt::Debug for Walk<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("outlet", &self.outlet)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

enum State {
    At(Url),
    Over,
    Failed(MokaError),
}

impl<S: TokenStore> Walk<S> {
    pub(super) fn new(moka: Moka<S>, outlet: &str, first: Url, deadline_ms: i64) -> Self {
        Self {
            moka,
            outlet: outlet.to_owned(),
            deadline_ms,
            followed: HashSet::from([first.to_string()]),
            state: State::At(first),
            tellings: HashSet::new(),
            before: 0,
            seen: Seen::default(),
        }
    }

    /// The next page; `None` after the last one, and only then is the day whole. A page is handed on before it is
    /// known whether another one follows, so what was handed on before an error is right and may be kept.
    ///
    /// # Errors
    /// [`MokaError`]; the same one again from then on.
    pub async fn next(&mut self) -> Result<Option<Page>, MokaError> {
        let url = match &self.state {
            State::At(url) => url.clone(),
            State::Over => return Ok(None),
            State::Failed(error) => return Err(error.clone()),
        };
        let step = self.step(&url).await;
        match step {
            Ok((page, next)) => {
                self.state = next;
                Ok(Some(page))
            }
            Err(error) => {
                self.state = State::Failed(error.clone());
                Err(error)
            }
        }
    }

    /// What was come past so far.
    #[must_use]
    pub const fn seen(&self) -> Seen {
        self.seen
    }

    /// Fetches the page of an address. A broken way on is told with the next call: this page is good.
    async fn step(&mut self, url: &Url) -> Result<(Page, State), MokaError> {
        let pages_max = self.moka.0.limits.pages;
        if self.seen.pages >= pages_max {
            return Err(MokaError::Cursor(CursorProblem::TooMany(pages_max)));
        }
        let body = self.moka.page(url, self.deadline_ms).await?;
        let read = page::read(&body, &self.outlet).map_err(MokaError::Page)?;
        self.note(&read).map_err(MokaError::Cursor)?;
        let page = Page {
            number: self.seen.pages,
            payments: read.tellings.len() as u64,
            body: Bytes::from(body),
        };
        let next = match self.onward(url, &read) {
            Ok(Some(next)) => State::At(next),
            Ok(None) => State::Over,
            Err(problem) => State::Failed(MokaError::Cursor(problem)),
        };
        Ok((page, next))
    }

    /// Counts a page, and notices one that came before: whole, or without getting any further.
    fn note(&mut self, read: &Read) -> Result<(), CursorProblem> {
        let came = read.tellings.len();
        let mut repeated = 0;
        for telling in &read.tellings {
            repeated += usize::from(!self.tellings.insert(*telling));
        }
        let nothing_new = came > 0 && repeated == came;
        // The last page may hold what the one before ended with, but never as much as all of it.
        if nothing_new && (read.completed != Some(true) || came >= self.before) {
            return Err(CursorProblem::PageRepeated);
        }
        self.before = came;
        self.seen.pages += 1;
        self.seen.payments += (came - repeated) as u64;
        self.seen.repeated += repeated as u64;
        Ok(())
    }

    /// Where to go on; `None` at the end.
    fn onward(&mut self, url: &Url, read: &Read) -> Result<Option<Url>, CursorProblem> {
        if read.completed == Some(true) {
            return Ok(None);
        }
        let (Some(false), Some(cursor)) = (read.completed, &read.next_url) else {
            return Err(CursorProblem::Missing);
        };
        let next = following(url, cursor)?;
        if read.times.is_some_and(|times| jumps(url, &next, times)) {
            return Err(CursorProblem::Jumps);
        }
        if !self.followed.insert(next.to_string()) {
            return Err(CursorProblem::Repeated);
        }
        Ok(Some(next))
    }
}

/// The address that a cursor leads to: the same route of the same server, with what was asked for.
fn following(url: &Url, cursor: &str) -> Result<Url, CursorProblem> {
    let mut next = url.join(cursor).map_err(|_| CursorProblem::Elsewhere)?;
    let same = next.origin() == url.origin()
        && next.username().is_empty()
        && next.password().is_none()
        && next.path() == url.path();
    if !same {
        return Err(CursorProblem::Elsewhere);
    }
    next.set_fragment(None);
    // A server that goes back from the newest, whatever it was asked for, must go on doing so.
    let back = moved(url, &next, "until").is_some() && moved(url, &next, "since").is_none();
    for name in KEPT.into_iter().chain(MOVING) {
        if back && name == "reorder_type" {
            continue;
        }
        match (value(url, name), value(&next, name)) {
            (Some(asked), None) => {
                next.query_pairs_mut().append_pair(name, &asked);
            }
            (asked, told) if KEPT.contains(&name) && asked != told => return Err(CursorProblem::Changed),
            _ => {}
        }
    }
    Ok(next)
}

/// What a cursor says in another way than the address it came from.
fn moved(url: &Url, next: &Url, name: &str) -> Option<String> {
    value(next, name).filter(|told| value(url, name).as_ref() != Some(told))
}

/// Whether a cursor moves on beyond the newest payment of its page, or back beyond the oldest. Which of a payment's
/// times a cursor goes by is not documented, so the widest of them count.
fn jumps(url: &Url, next: &Url, (oldest, newest): (i64, i64)) -> bool {
    let to = |name| moved(url, next, name).as_deref().and_then(epoch_ms);
    let over = to("since").is_some_and(|since| since > newest.saturating_add(CURSOR_SLACK_MS));
    let under = to("until").is_some_and(|until| until < oldest.saturating_sub(CURSOR_SLACK_MS));
    over || under
}

fn value(url: &Url, name: &str) -> Option<String> {
    let pair = url.query_pairs().find(|(key, _)| key == name)?;
    Some(pair.1.into_owned())
}

/// Seconds with or without a fraction, in milliseconds; `None` for anything else.
fn epoch_ms(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let seconds: i64 = seconds.parse().ok()?;
    seconds.checked_mul(1_000)?.checked_add(thousandths.parse().ok()?)
}

#[cfg(test)]
mod tests;
