//! The rules of one day.

use std::collections::BTreeSet;

use super::{Code, FACT_MAX, Facts, Finding, FindingState, Judgement, Usual, gaps, median};
use crate::export::{Counts, Export, ExportState};
use crate::map::OutletRules;
use crate::page::Receipts;
use crate::receipt::Head;
use crate::summary::DaySummary;
use crate::when::{BusinessDate, Moment, format_local, format_utc};

/// How long after the night of their own day was due sales are in time, in milliseconds: for the morning. It
/// is longer than a night takes, so that what the night itself fetches is never late.
pub const LATE_MS: i64 = 6 * 3_600_000;
/// By how much a sale may be later than its file was received, in milliseconds: tills' clocks drift.
const AHEAD_MS: i64 = 10 * 60_000;
/// How many days a sale's own date may be off the business date it is booked under.
const DAYS_OFF_MAX: u32 = 1;
/// How many files or receipts a fact names.
const NAMED_MAX: usize = 5;
const DAY_MS: i64 = 24 * 3_600_000;

/// Objects in this folder of an outlet's are made by the night itself, which reads days again on purpose.
const OWN_FOLDER: &str = "moka";

/// What a file's ledger entry says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFact {
    /// The object's key.
    pub key: String,
    /// Its entity tag.
    pub etag: String,
    /// When it was received, Unix milliseconds.
    pub received_ms: i64,
    /// Counts of its records.
    pub counts: Counts,
    /// Why it could not be read as a whole: the stable code.
    pub failure: Option<String>,
    /// Which reading of its records agrees with its control totals; see [`crate::export::Control`].
    pub matches: Option<String>,
}

impl FileFact {
    /// What a ledger entry says; `None` while the file is being read.
    #[must_use]
    pub fn of(export: &Export) -> Option<Self> {
        let unnamed = || "FILE_FAILED".to_owned();
        let failed = export.state == ExportState::Failed;
        export.is_final().then(|| Self {
            key: export.key.clone(),
            etag: export.etag.clone(),
            received_ms: export.received_ms,
            counts: export.counts,
            failure: failed.then(|| export.failure.clone().unwrap_or_else(unnamed)),
            matches: export.control.as_ref().map(|control| control.matches.clone()),
        })
    }

    fn is_empty(&self) -> bool {
        let empty = matches!(
            self.failure.as_deref(),
            None | Some("FILE_EMPTY" | "FILE_WITHOUT_RECORDS")
        );
        empty && self.counts.received == 0
    }

    fn came_well(&self) -> bool {
        self.failure.is_none() && self.counts.received > 0
    }

    fn brought_nothing_new(&self) -> bool {
        let counts = &self.counts;
        counts.unchanged > 0 && counts.stored == 0 && counts.stale == 0
    }
}

/// What there is to see of an outlet's day.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The business date.
    pub date: BusinessDate,
    /// The outlet and how its days are cut.
    pub rules: &'a OutletRules,
    /// The outlet's date of the night that looks; `date` is this one or an earlier one.
    pub tonight: BusinessDate,
    /// The date of the first night there was: [`crate::night::Night::first`].
    pub first: BusinessDate,
    /// When the night that looks was due, Unix milliseconds.
    pub due_ms: i64,
    /// Since when things may be news to it: [`crate::night::Night::since_ms`].
    pub since_ms: i64,
    /// When it was started, Unix milliseconds: what findings of before name is no news.
    pub started_ms: i64,
    /// What is known of the day.
    pub known: &'a [Finding],
    /// When sales of the day first came in, Unix milliseconds, where that is known.
    pub first_received_ms: Option<i64>,
    /// When they last changed, Unix milliseconds.
    pub last_received_ms: Option<i64>,
    /// The counts of the file that changed them last, where it is known and tells of this day alone.
    pub last_change: Option<Counts>,
    /// Its receipts, where there are any.
    pub page: Option<&'a Receipts>,
    /// Its stored summary, made of that page; read both again while their versions differ.
    pub summary: Option<&'a DaySummary>,
    /// Receipts on the same weekday of the four weeks before `date`; days without sales may be left out or zero.
    pub usual: &'a [u32],
    /// Files of the day that came in lately: those which touch it, and those without records whose key names it.
    pub files: &'a [FileFact],
}

/// Looks at a day.
///
/// An outlet that never sold on this weekday in four weeks, be it closed or new, misses nothing.
#[must_use]
pub fn of_day(look: &Look<'_>) -> Judgement {
    let mut judgement = Judgement::default();
    let rules = [
        (Code::SalesMissing, look.missing()),
        (Code::SalesLate, look.late()),
        (Code::NumberGap, look.number_gap()),
        (Code::ClockWrong, look.clock_wrong()),
        (Code::FiguresDiffer, look.figures_differ()),
        (Code::FileRepeated, look.news(Code::FileRepeated, repeated)),
        (
            Code::EmptyAgain,
            look.news(Code::EmptyAgain, |files| look.empty_again(files)),
        ),
        (Code::TotalsDiffer, look.news(Code::TotalsDiffer, totals_differ)),
        (Code::FileFailed, look.news(Code::FileFailed, failed)),
    ];
    let found = rules.into_iter().filter_map(|(code, facts)| Some((code, facts?)));
    judgement.found.extend(found);
    look.compare_with_usual(&mut judgement);
    // A file that was wrong stays wrong until another one comes in its place.
    let is_controlled = |file: &&FileFact| file.matches.is_some();
    if !look.untold(Code::TotalsDiffer).iter().any(is_controlled) {
        judgement.unsaid.insert(Code::TotalsDiffer);
    }
    if !look.untold(Code::FileFailed).iter().any(|file| file.came_well()) {
        judgement.unsaid.insert(Code::FileFailed);
    }
    judgement
}

impl Look<'_> {
    /// Whether anything is stored of the day: sales, or receipts that were cancelled or are not paid yet.
    fn has_receipts(&self) -> bool {
        let in_summary = self
            .summary
            .is_some_and(|day| day.receipts > 0 || day.voided > 0 || day.unpaid > 0);
        in_summary || self.page.is_some_and(|page| !page.is_empty())
    }

    fn heads(&self) -> impl Iterator<Item = &Head> {
        let receipts = self.page.into_iter().flat_map(|page| page.values());
        receipts.filter_map(|receipt| receipt.head.as_ref().map(|head| &head.value))
    }

    /// The files that may be news to this night, as they came.
    fn new_files(&self) -> Vec<&FileFact> {
        let new = |file: &&FileFact| file.received_ms > self.since_ms;
        let mut files: Vec<&FileFact> = self.files.iter().filter(new).collect();
        files.sort_by_key(|file| (file.received_ms, &file.key));
        files
    }

    /// Those of them that no finding of this code has told of: nights overlap a little.
    fn untold(&self, code: Code) -> Vec<&FileFact> {
        let told = self.told(code);
        let is_told = |file: &&FileFact| told.is_some_and(|told| names(told, file));
        let files = self.new_files().into_iter();
        files.filter(|file| !is_told(file)).collect()
    }

    /// What a rule finds in the files, if there is news in it; then it names the others as well, so that looking again
    /// comes to the same.
    fn news(&self, code: Code, rule: impl Fn(&[&FileFact]) -> Option<Facts>) -> Option<Facts> {
        rule(&self.untold(code)).and_then(|_| rule(&self.new_files()))
    }

    /// What was told of a code before this night, be it open or not. What this night has resolved, it has not told.
    fn told(&self, code: Code) -> Option<&Facts> {
        let mut known = self.known.iter();
        let told = known.find(|known| known.code == code && known.date == self.date)?;
        let is_earlier = told.last_ms < self.started_ms || told.state == FindingState::Resolved;
        is_earlier.then_some(&told.facts)
    }

    fn missing(&self) -> Option<Facts> {
        let usual = median(self.usual)?;
        (!self.has_receipts()).then(|| facts([("usual", usual.to_string())]))
    }

    /// Sales that came when their day's night was long over: the first of them, or some that changed the day later,
    /// by a file that was mostly news. One that only corrects what is known is not late, and nor is the history that a
    /// shop brings along: nobody waited for it.
    fn late(&self) -> Option<Facts> {
        if self.date < self.first && self.told(Code::SalesMissing).is_none() {
            return None;
        }
        let (tonight, date) = (self.tonight.days_since_epoch(), self.date.days_since_epoch());
        let since_ms = i64::from(tonight.saturating_sub(date)).saturating_mul(DAY_MS);
        let own_due_ms = self.due_ms.saturating_sub(since_ms);
        let local = |at_ms| format_local(at_ms, &self.rules.zone);
        let told = self.told(Code::SalesLate).and_then(|told| told.get("received"));
        let is_late = |at_ms: &i64| {
            let after_ms = self.since_ms.max(own_due_ms.saturating_add(LATE_MS));
            *at_ms > after_ms && told != Some(&local(*at_ms))
        };
        let corrected = self.revised_after(own_due_ms.saturating_add(LATE_MS));
        let is_news = |counts: &Counts| {
            let added = counts.stored.saturating_sub(corrected);
            added > counts.unchanged.saturating_add(counts.stale)
        };
        let last_ms = self
            .last_received_ms
            .filter(|_| self.last_change.as_ref().is_some_and(is_news));
        let late_ms = self
            .first_received_ms
            .filter(is_late)
            .or(last_ms.filter(is_late))?;
        Some(facts([("due", local(own_due_ms)), ("received", local(late_ms))]))
    }

    /// How many receipts their source has revised after a moment.
    fn revised_after(&self, at_ms: i64) -> u64 {
        let receipts = self.page.into_iter().flat_map(|page| page.values());
        let heads = receipts.filter_map(|receipt| receipt.head.as_ref());
        let revised = heads.filter(|head| head.rank.revised_ms > at_ms).count();
        u64::try_from(revised).unwrap_or(u64::MAX)
    }

    fn number_gap(&self) -> Option<Facts> {
        let gaps = gaps(self.heads().filter_map(|head| head.number.as_deref()));
        (gaps.total > 0).then(|| {
            facts([
                ("missing", gaps.total.to_string()),
                ("numbers", gaps.named.join(", ")),
                ("sequences", gaps.sequences.to_string()),
            ])
        })
    }

    fn clock_wrong(&self) -> Option<Facts> {
        let ahead = |head: &Head| {
            let received_ms = self.last_received_ms;
            received_ms.is_some_and(|received_ms| head.at_ms > received_ms.saturating_add(AHEAD_MS))
        };
        let elsewhere = |head: &Head| {
            let moment = Moment {
                at_ms: head.at_ms,
                quality: head.quality,
            };
            let own = moment.business_date(&self.rules.zone, self.rules.outlet.cutoff_hour);
            own.days_since_epoch().abs_diff(self.date.days_since_epoch()) > DAYS_OFF_MAX
        };
        let wrong = || self.heads().filter(|head| ahead(head) || elsewhere(head));
        let times: BTreeSet<i64> = wrong().map(|head| head.at_ms).collect();
        let (first, last) = (times.first()?, times.last()?);
        Some(facts([
            ("receipts", wrong().count().to_string()),
            ("first", format_local(*first, &self.rules.zone)),
            ("last", format_local(*last, &self.rules.zone)),
        ]))
    }

    fn figures_differ(&self) -> Option<Facts> {
        let receipts = self.page.into_iter().flat_map(|page| page.values());
        let Ok(computed) = DaySummary::of(receipts) else {
            return Some(facts([("computed", "OVERFLOW".to_owned())]));
        };
        let none = DaySummary::default();
        let stored = self.summary.unwrap_or(&none);
        let parts = [
            ("receipts", computed.receipts != stored.receipts),
            ("figures", computed.figures != stored.figures),
            ("menus", computed.menus != stored.menus),
        ];
        let parts: Vec<&str> = parts.iter().filter(|part| part.1).map(|part| part.0).collect();
        let say = |day: &DaySummary| format!("{} {}", day.receipts, day.figures.total);
        (computed != *stored).then(|| {
            facts([
                ("computed", say(&computed)),
                ("stored", say(stored)),
                ("differs", parts.join(", ")),
            ])
        })
    }

    fn empty_again(&self, files: &[&FileFact]) -> Option<Facts> {
        let empty = files.iter().filter(|file| file.is_empty());
        name(empty.filter(|_| self.has_receipts()))
    }

    fn compare_with_usual(&self, judgement: &mut Judgement) {
        let receipts = self.summary.map_or(0, |day| day.receipts);
        // Trade that goes on after midnight has not ended when the night looks.
        let goes_on = self.date == self.tonight && self.rules.outlet.cutoff_hour > 0;
        let both = [Code::UnusuallyFew, Code::UnusuallyMany];
        match Usual::of(receipts, self.usual) {
            Usual::Unknown => judgement.unsaid.extend(both),
            Usual::Usual => {}
            // That nothing came at all has a finding of its own.
            Usual::Few if !self.has_receipts() => {}
            Usual::Few if goes_on => judgement.unsaid.extend(both),
            Usual::Few => drop(
                judgement
                    .found
                    .insert(Code::UnusuallyFew, self.compared(receipts)),
            ),
            Usual::Many => drop(
                judgement
                    .found
                    .insert(Code::UnusuallyMany, self.compared(receipts)),
            ),
        }
    }

    fn compared(&self, receipts: u32) -> Facts {
        let usual = median(self.usual).unwrap_or_default();
        facts([("receipts", receipts.to_string()), ("usual", usual.to_string())])
    }
}

/// Files with the content of an earlier one, or with nothing that was not known. What the night reads again on
/// purpose is none.
fn repeated(files: &[&FileFact]) -> Option<Facts> {
    let mut seen = BTreeSet::new();
    let repeats = files
        .iter()
        .filter(|file| file.key.split('/').nth(2) != Some(OWN_FOLDER) && file.counts.received > 0)
        .filter(|file| !seen.insert(&file.etag) || file.brought_nothing_new());
    name(repeats)
}

fn totals_differ(files: &[&FileFact]) -> Option<Facts> {
    let differs = |file: &FileFact| file.matches.as_deref() == Some("none");
    let agrees = |file: &FileFact| file.matches.is_some() && !differs(file);
    name(after_last(files, agrees).iter().filter(|file| differs(file)))
}

fn failed(files: &[&FileFact]) -> Option<Facts> {
    let files = after_last(files, FileFact::came_well);
    let broken = || {
        files
            .iter()
            .filter(|file| file.failure.is_some() && !file.is_empty())
    };
    let mut facts = name(broken())?;
    let codes: BTreeSet<&str> = broken().filter_map(|file| file.failure.as_deref()).collect();
    let codes: Vec<&str> = codes.into_iter().take(NAMED_MAX).collect();
    facts.insert("codes".to_owned(), short(codes.join(", ")));
    Some(facts)
}

/// The files after the last good one, which came in place of those before it.
fn after_last<'a, 'b>(files: &'b [&'a FileFact], good: impl Fn(&FileFact) -> bool) -> &'b [&'a FileFact] {
    let start = files
        .iter()
        .rposition(|file| good(file))
        .map_or(0, |last| last + 1);
    files.get(start..).unwrap_or_default()
}

/// Whether facts made by [`name()`] tell of this file: it had come by then, and they name it or leave out some.
fn names(facts: &Facts, file: &FileFact) -> bool {
    let fact = |name: &str| facts.get(name).map_or("", String::as_str);
    let is_named = || fact("keys").split(", ").any(|key| key == file.key);
    let is_cut = || fact("keys").chars().count() >= FACT_MAX;
    let are_more = || fact("files").parse().is_ok_and(|files: usize| files > NAMED_MAX);
    *format_utc(file.received_ms) <= *fact("received") && (is_named() || is_cut() || are_more())
}

/// How many files, when the last of them came, and the first names; `None` without any.
fn name<'a>(files: impl Iterator<Item = &'a &'a FileFact>) -> Option<Facts> {
    let files: Vec<&FileFact> = files.copied().collect();
    let last_ms = files.iter().map(|file| file.received_ms).max()?;
    let keys: Vec<&str> = files.iter().take(NAMED_MAX).map(|file| &*file.key).collect();
    Some(facts([
        ("files", files.len().to_string()),
        ("keys", keys.join(", ")),
        ("received", format_utc(last_ms)),
    ]))
}

fn facts<const N: usize>(pairs: [(&str, String); N]) -> Facts {
    let pairs = pairs.into_iter();
    pairs
        .map(|(name, value)| (name.to_owned(), short(value)))
        .collect()
}

fn short(value: String) -> String {
    if value.chars().count() <= FACT_MAX {
        return value;
    }
    value.chars().take(FACT_MAX).collect()
}
