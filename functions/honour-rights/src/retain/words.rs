//! What was said at each outlet longer ago than words are kept: by guests in answers, by the staff about findings.
//!
//! An outlet's history grows for ever, and a night must not. So each outlet has a mark: before its date nothing is left
//! that could still go, and the next pass begins there. Words can turn up behind it, when last year's exports are
//! loaded or a guest answers very late, so once in [`WHOLE_MS`] a pass begins at the beginning.

use aws::StoreError;
use domain::finding::Finding;
use domain::when::{BusinessDate, Zone, business_date};

use super::places::{Mark, Pass, WordPlace};
use super::{PAGE, Retained, Round, START, Troubles};
use crate::RETENTION;
use crate::failure::Failure;

/// The bookmark of the round.
const WORDS: &str = "retain-words";
/// How often an outlet is read from its beginning, in milliseconds: every 30 days.
const WHOLE_MS: i64 = 30 * 86_400_000;
/// How often a finding's notes are taken anew because somebody else changed it.
const TRIES_MAX: u32 = 4;

impl Round<'_> {
    /// Erases words that were said longer ago than words are kept. Answers whether the round came to its end.
    pub(super) async fn words(&self, done: &mut Retained, troubles: &mut Troubles) -> Result<bool, Failure> {
        let deps = self.deps;
        let noted = self.place(WORDS).await?;
        let mut place = noted.as_deref().and_then(WordPlace::parse).unwrap_or_default();
        while self.has_time() {
            let (outlet, mut pass) = match (&place.outlet, place.pass) {
                (Some(outlet), Some(pass)) => (outlet.clone(), pass),
                (before, _) => {
                    let next = deps.outlets.list(before.as_deref(), 1).await?;
                    let Some(outlet) = next.into_iter().next().map(|outlet| outlet.id) else {
                        deps.bookmarks.put(WORDS, START).await?;
                        return Ok(true);
                    };
                    let pass = self.begin(&outlet).await?;
                    (outlet, pass)
                }
            };
            let goes_on = self.answers(&outlet, &mut pass, (done, troubles)).await?;
            if !goes_on {
                self.findings(&outlet, &mut pass, (done, troubles)).await?;
                self.end(&outlet, &pass).await?;
            }
            place = WordPlace {
                outlet: Some(outlet),
                pass: goes_on.then_some(pass),
            };
            deps.bookmarks.put(WORDS, &place.to_string()).await?;
        }
        Ok(false)
    }

    /// A new pass through an outlet: from its mark, or from its beginning where that is due.
    async fn begin(&self, outlet: &str) -> Result<Pass, Failure> {
        let to = self.last_old_date();
        let mark = self.mark(outlet).await?;
        let known = mark.filter(|mark| self.started_ms.saturating_sub(mark.whole_ms) < WHOLE_MS);
        let beginning = BusinessDate::from_days(0).unwrap_or(to);
        Ok(Pass {
            from: known.map_or(beginning, |mark| mark.from.min(to)),
            to,
            whole_ms: known.map_or(self.started_ms, |mark| mark.whole_ms),
            kept: None,
            after: None,
        })
    }

    /// Notes before which date nothing is left.
    async fn end(&self, outlet: &str, pass: &Pass) -> Result<(), Failure> {
        let mark = Mark {
            from: pass.kept.unwrap_or(pass.to),
            whole_ms: pass.whole_ms,
        };
        // As it was found: where the pass began, unless that was at the beginning.
        let found = Mark {
            from: pass.from,
            whole_ms: pass.whole_ms,
        };
        if mark != found {
            let task = mark_of(outlet);
            self.deps.bookmarks.put(&task, &mark.to_string()).await?;
        }
        Ok(())
    }

    async fn mark(&self, outlet: &str) -> Result<Option<Mark>, Failure> {
        let noted = self.deps.bookmarks.read(&mark_of(outlet)).await?;
        Ok(noted.as_deref().and_then(Mark::parse))
    }

    /// A page of an outlet's answers. Answers whether there are more.
    async fn answers(
        &self,
        outlet: &str,
        pass: &mut Pass,
        (done, troubles): (&mut Retained, &mut Troubles),
    ) -> Result<bool, Failure> {
        let (deps, dates) = (self.deps, (pass.from, pass.to));
        let page = deps
            .feedback
            .readable_of_outlet(outlet, dates, pass.after.as_deref(), PAGE);
        let page = page.await?;
        troubles.damaged(&page.damaged);
        if !page.damaged.is_empty() {
            // To be told again every night, until somebody mends it.
            pass.keeps(pass.from);
        }
        for answer in page.items {
            let (date, worded) = (answer.place.date, answer.has_comments());
            let is_over = |answer: &_| deps.retention.ends_words(answer, self.started_ms);
            let gone = deps
                .people
                .erase_answer(answer, is_over, RETENTION, (deps.now_ms)());
            let gone = gone.await?;
            done.answers += u64::from(gone);
            if worded && !gone {
                pass.keeps(date);
            }
        }
        pass.after = page.next;
        Ok(pass.after.is_some())
    }

    /// All findings of an outlet's days of the pass: there are a handful where there are thousands of answers.
    async fn findings(
        &self,
        outlet: &str,
        pass: &mut Pass,
        (done, troubles): (&mut Retained, &mut Troubles),
    ) -> Result<(), Failure> {
        let found = match self.deps.findings.between(outlet, (pass.from, pass.to)).await {
            Ok(found) => found,
            Err(error @ StoreError::Damaged(_)) => {
                troubles.item(outlet, &error.into());
                pass.keeps(pass.from);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        for finding in found {
            let (date, noted) = (
                finding.date,
                finding.notes.iter().any(|note| !note.text.is_empty()),
            );
            let gone = self.erase_finding(finding).await?;
            done.findings += u64::from(gone);
            if noted && !gone {
                pass.keeps(date);
            }
        }
        Ok(())
    }

    /// Erases what was noted about a finding, if its time is over as it is stored by now. Answers whether that was done.
    async fn erase_finding(&self, mut finding: Finding) -> Result<bool, StoreError> {
        let deps = self.deps;
        for _ in 0..TRIES_MAX {
            let Some(without) = deps.retention.without_notes(&finding, self.started_ms) else {
                return Ok(false);
            };
            let now_ms = (deps.now_ms)();
            let erased = deps.findings.erase_notes(&finding, &without, RETENTION, now_ms);
            match erased.await {
                Ok(()) => return Ok(true),
                Err(StoreError::Conflict) => {
                    let place = (&finding.outlet, finding.date, finding.code);
                    match deps.findings.get(place.0, place.1, place.2).await? {
                        Some(stored) => finding = stored,
                        None => return Ok(false),
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Throttled)
    }

    /// The last date of sales of which something may have been said so long ago that it is over.
    fn last_old_date(&self) -> BusinessDate {
        let since_ms = self.deps.retention.words_since(self.started_ms);
        // The day after: what was said of a sale was said on its day or later, by whatever clock.
        let last = business_date(since_ms, &Zone::default(), 0);
        last.add_days(1).unwrap_or(last)
    }
}

/// The bookmark of an outlet's mark.
fn mark_of(outlet: &str) -> String {
    format!("{WORDS}/{outlet}")
}
