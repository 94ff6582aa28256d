//! Nothing goes wrong.

use domain::kin::KinBook;
use domain::night::End;
use rebuild::Comparison;

use crate::comparison::{assert_same_reports, assert_same_tables, ends, is_of_low_score};
use crate::{UNDISTURBED, undisturbed};

#[test]
fn every_night_ends_complete_with_one_mail_and_nothing_found() {
    let ending = undisturbed();
    assert_eq!(ends(ending), [Some(End::Complete); 14]);
    for night in &ending.nights {
        assert_eq!((night.troubles_total, night.outlets), (0, 3), "{night:?}");
        assert!(
            night.finished_ms.unwrap() - night.due_ms < 30 * 60_000,
            "{night:?}"
        );
    }
    assert_eq!(ending.found(), []);
    assert_same_tables(ending, ending);
    assert_same_reports(ending, ending);
    let subjects: Vec<&str> = ending.digests().into_keys().collect();
    assert_eq!(subjects.len(), 14);
    assert!(
        subjects.iter().all(|subject| subject.ends_with("lengkap")),
        "{subjects:?}"
    );
    // Every third day an unhappy guest, from the third on.
    let others = ending.other_mails();
    assert_eq!((others.len(), ending.cases.len()), (4, 4), "{others:?}");
    assert!(others.iter().all(|mail| is_of_low_score(mail)), "{others:?}");
}

#[test]
fn there_is_something_to_compare() {
    let ending = undisturbed();
    for (kind, least) in [
        ("sales.pages", 42),
        ("sales.summaries", 42),
        ("customers", 9),
        ("customers.habits", 9),
        ("customers.books", 3),
        ("feedback.answers", 26),
        ("feedback.figures", 60),
        ("feedback.groups", 60),
        ("operations.exports", 56),
        ("operations.audit", 60),
        ("operations.mails", 18),
        ("duties.parts", 42),
    ] {
        assert!(
            ending.tables.0[kind].count >= least,
            "{kind}: {:?}",
            ending.tables
        );
    }
    let reports = ending.digests();
    assert!(
        reports
            .values()
            .all(|report| report.html.contains("Kepuasan tamu"))
    );
    assert_eq!(ending.tables.0["operations.refused"].count, 0);
    let is_joined = |book: &&KinBook| book.members.keys().any(|id| book.group_of(id).len() == 2);
    let joined = ending.books.iter().filter(is_joined);
    assert_eq!(
        joined.count(),
        3,
        "three people are known to two systems: {:?}",
        ending.books
    );
}

#[test]
fn its_tables_can_be_made_anew_from_the_bucket() {
    let (ending, report) = &*UNDISTURBED;
    let differ = report.before.differs_in(&report.after);
    assert_eq!(report.comparison, Comparison::Same, "{differ:?}");
    assert_eq!(report.before.differs_in(&ending.tables), [""; 0]);
}
