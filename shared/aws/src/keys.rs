//! The only place that spells table keys. See `docs/storage.md` for the same as a table.
//!
//! | table | pk | sk | item |
//! |---|---|---|---|
//! | sales | `O#<outlet>` | `P#<date>` | page head; `P#<date>#<nn>` its further parts |
//! | sales | `O#<outlet>` | `S#<date>` | day summary, and when its sales came in |
//! | feedback | `O#<outlet>` | `A#<date>#<receipt>` | what a guest answered about a receipt |
//! | feedback | `O#<outlet>` | `X#<case>` | a low score and what became of it |
//! | feedback | `O#<outlet>` | `Y#<opened>#<case>` | the case's place in the outlet's list |
//! | feedback | `O#<outlet>` | `D#<date>`, `M#<month>` | figures of a day, of a month |
//! | feedback | `G#<nn>#<date>` | `<outlet>` | copy of the outlet's day in its group of outlets |
//! | feedback | `G#all#<date>` | `<nn>` | figures of a group's day |
//! | feedback | `G#all` | `D#<date>`, `M#<month>` | figures of all outlets |
//! | customers | `C#<customer>` | | profile and visits; in the index by the hash of the phone number |
//! | customers | `K#phone` | | the key of hashed phone numbers |
//! | customers | `E#<customer>` | | what a customer eats and says, day by day |
//! | customers | `H#<phone hash>` | | the customers known under a phone number |
//! | customers | `Z#<request>` | | what a person wants corrected, until it is |
//! | customers | `W#<task>` | | where a task of several runs goes on that is about people |
//! | operations | `E#<export>` | `A`, `V#<etag>` | acceptance over HTTPS; ledger entry by content |
//! | operations | `F#<export>` | `<etag>#<outlet>` | a further outlet's place of a file of several |
//! | operations | `Q#<export>` | `<byte start>-<piece>` | quarantined piece |
//! | operations | `A#<chain>` | `<number>` | audit record |
//! | operations | `M#<mail>` | `M` | outbox |
//! | operations | `K` | `<key id>` | API key |
//! | operations | `U` | `<outlet>` | outlet |
//! | operations | `I#<scope>` | `<key>` | idempotency record |
//! | operations | `L` | `<key id>` | key of guest links |
//! | operations | `N#<hash>` | `N` | session of a person of the staff |
//! | operations | `T#<what>#<hash>` | `<window>` | how often somebody did something |
//! | operations | `W#<task>` | `W` | where a task of several runs goes on |
//! | duties | `R#<date>` | `R` | a night |
//! | duties | `R#<date>` | `W#<phase>#<nnnnn>` | a part of it |
//! | duties | `R` | `<date>` | the night's place in the list of nights |
//! | duties | `F#<outlet>` | `<date>#<code>` | what a night found wrong with a day |
//! | duties | `Z#<request>` | `Z` | a person's request |
//! | duties | `Z` | `<received>#<request>` | the request's place in the list of requests |
//! | duties | `Y#<customer>` | `<received>#<request>` | the request's place in the list of a customer |
//! | duties | `T#<what>` | `T` | who alone may do something for a while |
//! | topups | | | all of it in [`topups`] |

pub(crate) mod kinds;
pub(crate) mod topups;

use domain::customer::OutletDay;
use domain::finding::Code;
use domain::insight::{Month, Period, Scope};
use domain::night::Phase;
use domain::when::BusinessDate;

pub(crate) const PK: &str = "pk";
pub(crate) const SK: &str = "sk";
/// What an operations item is, for the stream filters of the template.
pub(crate) const KIND: &str = "kind";
/// Where it stands, for the stream filters of the template.
pub(crate) const STATE: &str = "state";
/// That something is to be done at once, for the stream filters of the template: who puts it starts a function.
pub(crate) const WAKE: &str = "wake";
/// Partition of the sparse index over work to be done.
pub(crate) const WORK: &str = "work";
/// Order within the sparse index.
pub(crate) const WORK_AT: &str = "work_at";
/// The partition of the sparse index with what a function was asked to do and has not ended: files to go
/// on with, quarantined pieces to run again. Nothing reads it but `infra/operate` and people.
pub(crate) const STARTED: &str = "ingest";
/// The sparse index.
pub(crate) const BY_WORK: &str = "by_work";
/// Partition of the sparse index over what is listed for people.
pub(crate) const LIST: &str = "list";
/// Order within that index.
pub(crate) const LIST_AT: &str = "list_at";
/// The sparse index over what is listed for people.
pub(crate) const BY_LIST: &str = "by_list";
/// The hash of a customer's phone number: the partition of the sparse index over customers.
pub(crate) const PHONE_HASH: &str = "phone_hash";
/// The sparse index over customers who have a phone number.
pub(crate) const BY_PHONE: &str = "by_phone";
/// The domain entity as JSON.
pub(crate) const DOC: &str = "doc";
/// Optimistic version.
pub(crate) const VERSION: &str = "v";
/// Packed bytes.
pub(crate) const DATA: &str = "d";
/// The totals of packed figures, packed.
pub(crate) const TOTALS: &str = "t";
/// How many parts a page has.
pub(crate) const PARTS: &str = "n";
/// The file that a page was last written for.
pub(crate) const WRITER: &str = "w";
/// How many of that file's records were news.
pub(crate) const WRITER_STORED: &str = "s";
/// Customers that a page named until lately.
pub(crate) const GONE: &str = "x";
/// When sales of a day first came in.
pub(crate) const FIRST_RECEIVED: &str = "f";
/// When sales of a day last came in.
pub(crate) const LAST_RECEIVED: &str = "l";
/// The export that they last came in with.
pub(crate) const EXPORT: &str = "e";
/// When something was made.
pub(crate) const CREATED: &str = "t";
/// When something was retired.
pub(crate) const RETIRED: &str = "r";
/// How often something was done.
pub(crate) const COUNT: &str = "n";
/// Who holds a lease.
pub(crate) const HOLDER: &str = "h";
/// Until when.
pub(crate) const UNTIL: &str = "u";
/// Seconds after which an item may vanish.
pub(crate) const EXPIRES_AT: &str = "expires_at";

pub(crate) fn outlet(outlet: &str) -> String {
    format!("O#{outlet}")
}

pub(crate) fn page(date: BusinessDate) -> String {
    format!("P#{date}")
}

pub(crate) fn page_part(date: BusinessDate, part: u32) -> String {
    format!("P#{date}#{part:02}")
}

pub(crate) fn summary(date: BusinessDate) -> String {
    format!("S#{date}")
}

/// The day that a page's or a summary's key speaks of.
pub(crate) fn outlet_day(pk: &str, sk: &str) -> Option<OutletDay> {
    let date = sk.get(2..12)?.parse().ok()?;
    Some((pk.strip_prefix("O#")?.to_owned(), date))
}

pub(crate) fn customer(id: &str) -> String {
    format!("C#{id}")
}

pub(crate) const PHONE_KEY: &str = "K#phone";

pub(crate) fn export(id: &str) -> String {
    format!("E#{id}")
}

pub(crate) const ACCEPTANCE: &str = "A";

/// The partition of the sparse index with the files of an outlet that were read to their end.
pub(crate) fn files(outlet: &str) -> String {
    format!("files#{outlet}")
}

pub(crate) fn file_place(export: &str) -> String {
    format!("F#{export}")
}

pub(crate) fn file_place_of(etag: &str, outlet: &str) -> String {
    format!("{etag}#{outlet}")
}

/// The id and the entity tag of the file whose place stands under a key; `None` for the key of anything else.
pub(crate) fn placed_file<'a>(pk: &'a str, sk: &'a str) -> Option<(&'a str, &'a str)> {
    let (etag, _) = sk.rsplit_once('#')?;
    Some((pk.strip_prefix("F#")?, etag))
}

pub(crate) fn export_version(etag: &str) -> String {
    format!("V#{etag}")
}

pub(crate) fn quarantine(export_id: &str) -> String {
    format!("Q#{export_id}")
}

pub(crate) fn audit(chain: u8) -> String {
    format!("A#{chain}")
}

pub(crate) fn audit_number(number: u64) -> String {
    format!("{number:012}")
}

pub(crate) fn mail(id: &str) -> String {
    format!("M#{id}")
}

pub(crate) fn bookmark(task: &str) -> String {
    format!("W#{task}")
}

pub(crate) const BOOKMARK: &str = "W";
/// Where a bookmark lies.
pub(crate) const BOOKMARK_AT: &str = "at";
pub(crate) const MAIL: &str = "M";
pub(crate) const API_KEYS: &str = "K";
pub(crate) const OUTLETS: &str = "U";

pub(crate) fn idempotency(scope: &str) -> String {
    format!("I#{scope}")
}

/// All answers of an outlet begin with this.
pub(crate) const ANSWERS: &str = "A#";

/// The answers of a day begin with this.
pub(crate) fn answers(date: BusinessDate) -> String {
    format!("{ANSWERS}{date}#")
}

/// Comes after all answers of a day, and before those of the next.
pub(crate) fn answers_end(date: BusinessDate) -> String {
    // The character after `#`.
    format!("A#{date}$")
}

pub(crate) fn answer(date: BusinessDate, native: &str) -> String {
    format!("A#{date}#{native}")
}

pub(crate) fn case(id: &str) -> String {
    format!("X#{id}")
}

/// Every case's place in its outlet's list begins with this.
pub(crate) const CASE_PLACES: &str = "Y#";

pub(crate) fn case_place(opened_ms: i64, id: &str) -> String {
    format!("{CASE_PLACES}{}#{id}", instant(opened_ms))
}

pub(crate) fn figures_of_day(date: BusinessDate) -> String {
    format!("D#{date}")
}

pub(crate) fn figures_of_month(month: Month) -> String {
    format!("M#{month}")
}

/// The figures of all outlets.
pub(crate) const ALL_OUTLETS: &str = "G#all";

/// Whose figures of which period stand under a key; `None` for the key of anything else, of figures of groups too.
pub(crate) fn figures(pk: &str, sk: &str) -> Option<(Scope, Period)> {
    let scope = match pk.strip_prefix("O#") {
        Some(outlet) => Scope::Outlet(outlet.to_owned()),
        None if pk == ALL_OUTLETS => Scope::All,
        None => return None,
    };
    let period = match sk.split_once('#')? {
        ("D", date) => Period::Day(date.parse().ok()?),
        ("M", month) => Period::Month(month.parse().ok()?),
        _ => return None,
    };
    Some((scope, period))
}

pub(crate) fn groups(date: BusinessDate) -> String {
    format!("{ALL_OUTLETS}#{date}")
}

pub(crate) fn group(group: u8, date: BusinessDate) -> String {
    format!("G#{}#{date}", group_number(group))
}

pub(crate) fn group_number(group: u8) -> String {
    format!("{group:02}")
}

pub(crate) const LINK_KEYS: &str = "L";

/// Padded, so that the newest comes last.
pub(crate) fn link_key(kid: u32) -> String {
    format!("{kid:010}")
}

pub(crate) fn session(hash: &str) -> String {
    format!("N#{hash}")
}

pub(crate) const SESSION: &str = "N";

pub(crate) fn counter(what: &str, who: &str) -> String {
    format!("T#{what}#{who}")
}

pub(crate) fn habit(customer: &str) -> String {
    format!("E#{customer}")
}

pub(crate) fn kin(phone_hash: &str) -> String {
    format!("H#{phone_hash}")
}

pub(crate) fn correction(request: &str) -> String {
    format!("Z#{request}")
}

pub(crate) fn night(date: BusinessDate) -> String {
    format!("R#{date}")
}

pub(crate) const NIGHT: &str = "R";
/// The list of nights; its sort keys are dates.
pub(crate) const NIGHTS: &str = "R";

/// The parts of a phase begin with this.
pub(crate) fn parts(phase: Phase) -> String {
    format!("W#{}#", phase.as_str())
}

/// Padded, so that parts come in the order of their numbers.
pub(crate) fn part(phase: Phase, number: u32) -> String {
    format!("{}{number:05}", parts(phase))
}

pub(crate) fn findings(outlet: &str) -> String {
    format!("F#{outlet}")
}

/// The findings of a day begin with this.
pub(crate) fn findings_of_day(date: BusinessDate) -> String {
    format!("{date}#")
}

/// Comes after all findings of a day, and before those of the next.
pub(crate) fn findings_end(date: BusinessDate) -> String {
    // The character after `#`.
    format!("{date}$")
}

pub(crate) fn finding(date: BusinessDate, code: Code) -> String {
    format!("{date}#{}", code.as_str())
}

pub(crate) fn request(id: &str) -> String {
    format!("Z#{id}")
}

pub(crate) const REQUEST: &str = "Z";
/// The list of requests.
pub(crate) const REQUESTS: &str = "Z";

pub(crate) fn requests_of(customer: &str) -> String {
    format!("Y#{customer}")
}

pub(crate) fn request_place(received_ms: i64, id: &str) -> String {
    format!("{}#{id}", instant(received_ms))
}

pub(crate) fn lease(what: &str) -> String {
    format!("T#{what}")
}

pub(crate) const LEASE: &str = "T";

/// A moment in Unix milliseconds as text that sorts by time.
pub(crate) fn instant(at_ms: i64) -> String {
    format!("{at_ms:015}")
}
