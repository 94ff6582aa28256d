//! How the ending of one fortnight is compared with that of another.

use std::collections::{BTreeMap, BTreeSet};

use aws::whole::Kind;
use domain::audit::Verifier;
use domain::case::Case;
use domain::export::{ExportState, Sums};
use domain::finding::{Code, FindingState};
use domain::night::End;
use domain::when::BusinessDate;
use fortnight::ending::{Ending, Sent};
use fortnight::story::{DAYS, day};
use rebuild::fingerprint::How;

/// Kinds of items that are the same in every fortnight, whatever went wrong on the way.
const SAME: [Kind; 17] = [
    Kind::Page,
    Kind::Summary,
    Kind::Customer,
    Kind::PhoneKey,
    Kind::Habit,
    Kind::KinBook,
    Kind::Correction,
    Kind::ApiKey,
    Kind::Outlet,
    Kind::LinkKey,
    Kind::Answer,
    Kind::Figures,
    Kind::GroupFigures,
    Kind::NightPlace,
    Kind::Request,
    Kind::RequestPlace,
    Kind::CustomerRequest,
];

/// Kinds of which some items tell when something came, or what went wrong: tests say how these differ, by what an
/// [`Ending`] has of them.
const TOLD_ELSEWHERE: [Kind; 11] = [
    // The files, by what each held; what of it was news depends on what came before.
    Kind::Export,
    Kind::FilePlace,
    Kind::Acceptance,
    Kind::Piece,
    // The mails, as they were sent.
    Kind::Mail,
    // The cases, without when each was opened.
    Kind::Case,
    Kind::CasePlace,
    // The nights, by how each ended and what it came to.
    Kind::Night,
    Kind::Part,
    Kind::Finding,
    // The records, by what was done how often.
    Kind::Audit,
];

/// Every kind is compared one way or the other, but for those that come and go by themselves.
#[test]
fn no_kind_of_item_is_forgotten() {
    let compared: BTreeSet<Kind> = SAME.into_iter().chain(TOLD_ELSEWHERE).collect();
    assert_eq!(compared.len(), SAME.len() + TOLD_ELSEWHERE.len());
    let left: Vec<Kind> = Kind::all()
        .filter(|kind| How::of(*kind) != How::Counted && !compared.contains(kind))
        .collect();
    assert_eq!(left, [Kind::Unknown], "of which there are none");
}

/// Everything that is known of sales and guests is the same, and so is what guests' low scores led to.
pub(crate) fn assert_same_tables(ending: &Ending, wanted: &Ending) {
    for kind in SAME {
        let (these, those) = (&ending.tables.0[kind.name()], &wanted.tables.0[kind.name()]);
        assert_eq!(these, those, "{}", kind.name());
    }
    assert_eq!(ending.tables.0[Kind::Unknown.name()].count, 0);
    assert_eq!(cases(ending), cases(wanted));
    let low_scores = |ending: &Ending| -> Vec<Sent> {
        let mails = ending.other_mails().into_iter();
        mails.filter(|mail| is_of_low_score(mail)).cloned().collect()
    };
    assert_eq!(low_scores(ending), low_scores(wanted));
    assert_audit(ending);
}

/// Cases without when each was opened.
fn cases(ending: &Ending) -> Vec<Case> {
    let untimed = |case: &Case| Case {
        opened_ms: 0,
        changed_ms: 0,
        version: 0,
        ..case.clone()
    };
    ending.cases.iter().map(untimed).collect()
}

/// Whether a mail is about a guest who rated low.
pub(crate) fn is_of_low_score(mail: &Sent) -> bool {
    mail.subject.starts_with("Nilai rendah")
}

/// The chains are whole, and every night has one record.
fn assert_audit(ending: &Ending) {
    let mut chains: BTreeMap<u8, Verifier> = BTreeMap::new();
    for record in &ending.audit {
        let chain = chains.entry(record.chain).or_default();
        chain.check(record).unwrap();
    }
    let ended = ending
        .audit
        .iter()
        .filter(|record| record.action == "night.ended");
    let mut ended: Vec<&str> = ended.map(|record| record.subject.as_str()).collect();
    ended.sort_unstable();
    let dates = (1..=DAYS).map(|number| day(number).to_string());
    assert_eq!(ended, dates.collect::<Vec<_>>(), "one record a night");
}

/// What each file held, by key and content; of one that could not be read as a whole, nothing.
pub(crate) fn files(ending: &Ending) -> BTreeMap<&str, (ExportState, u64, Sums)> {
    let exports = ending.exports.iter();
    exports
        .map(|(name, export)| {
            let held = (export.state, export.counts.received, export.sums);
            (name.as_str(), held)
        })
        .collect()
}

/// The keys of the files that only the first of the two has, without their folders' dates; it has all of the other's.
pub(crate) fn more_files(ending: &Ending, wanted: &Ending) -> Vec<String> {
    let (these, those) = (files(ending), files(wanted));
    let more = these.keys().filter(|name| !those.contains_key(*name));
    more.map(|name| name.split(' ').next().unwrap().to_owned())
        .collect()
}

/// The findings, by outlet, day and code, as [`Ending::found`] tells them.
pub(crate) fn found<const N: usize>(
    found: [(&str, i32, Code, FindingState); N],
) -> Vec<(String, BusinessDate, &'static str, &'static str)> {
    found
        .map(|(outlet, number, code, state)| (outlet.to_owned(), day(number), code.as_str(), state.as_str()))
        .to_vec()
}

/// How the nights ended.
pub(crate) fn ends(ending: &Ending) -> Vec<Option<End>> {
    ending.nights.iter().map(|night| night.end).collect()
}

/// The lines of a report without how long its night took: one that was disturbed takes longer.
fn untimed(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .filter(|line| !line.starts_with("- Lamanya:") && !line.contains(">Lamanya</th>"))
        .collect()
}

/// Every report is the same, as text and in colour, but for how long its night took.
pub(crate) fn assert_same_reports(ending: &Ending, wanted: &Ending) {
    let (these, those) = (ending.digests(), wanted.digests());
    assert_eq!(
        these.keys().collect::<Vec<_>>(),
        those.keys().collect::<Vec<_>>(),
        "one mail a night, whoever comes how often"
    );
    for (subject, digest) in these {
        assert_eq!(untimed(&digest.text), untimed(&those[subject].text), "{subject}");
        assert_eq!(untimed(&digest.html), untimed(&those[subject].html), "{subject}");
    }
}

/// Lines that a report has more than the undisturbed night's, and lines that it lacks; both sorted.
pub(crate) type Change = (Vec<String>, Vec<String>);

/// How reports differ from those of undisturbed nights, by the beginning of their subjects, up to the date.
fn changes(ending: &Ending, wanted: &Ending) -> BTreeMap<String, Change> {
    let date = |subject: &str| subject.split(':').next().unwrap().to_owned();
    let more = |these: &[&str], than: &[&str]| -> Vec<String> {
        let more = these.iter().filter(|line| !than.contains(line));
        let mut more: Vec<String> = more.map(|line| (*line).to_owned()).collect();
        more.sort();
        more
    };
    let others = wanted.digests();
    let others: BTreeMap<String, &Sent> = others
        .into_iter()
        .map(|(subject, digest)| (date(subject), digest))
        .collect();
    assert_eq!(ending.digests().len(), others.len(), "one mail a night");
    let mut changes = BTreeMap::new();
    for (subject, digest) in ending.digests() {
        let (these, those) = (untimed(&digest.text), untimed(&others[&date(subject)].text));
        if these != those {
            changes.insert(date(subject), (more(&these, &those), more(&those, &these)));
        }
    }
    changes
}

/// Reports differ from those of undisturbed nights in what is expected, and in nothing else.
pub(crate) fn assert_same_changes(ending: &Ending, wanted: &Ending, expected: &BTreeMap<String, Change>) {
    let changes = changes(ending, wanted);
    let dates: BTreeSet<&String> = changes.keys().chain(expected.keys()).collect();
    let wrong: Vec<_> = dates
        .into_iter()
        .map(|date| (date, changes.get(date), expected.get(date)))
        .filter(|(_, change, expected)| change != expected)
        .collect();
    assert!(
        wrong.is_empty(),
        "date, what differs, what is expected: {wrong:#?}"
    );
}
