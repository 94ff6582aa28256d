//! A central server that is away for five nights, and what is delivered in ways of its own: a file of two outlets, one
//! that nobody can read, an access token that has expired.

use std::collections::BTreeMap;

use domain::export::ExportState;
use domain::finding::Code;
use domain::finding::FindingState::Resolved;
use domain::night::End;
use fortnight::clock::{DAY_MS, HOUR_MS, MINUTE_MS};
use fortnight::ending::Ending;
use fortnight::live;
use fortnight::story::{BY_CENTRAL, DAYS, Story, UNREADABLE};
use fortnight::unrest::Unrest;

use crate::comparison::{
    assert_same_changes, assert_same_tables, ends, files, found, is_of_low_score, more_files,
};
use crate::reports::Change;
use crate::{comparison, reports, undisturbed};

/// The first day on which Moka's access token has expired.
const EXPIRED: i32 = 3;
/// The night on which the central server dies, and for how many nights.
const DEAD: (i32, i32) = (8, 5);

fn away() -> Story {
    Story::undisturbed()
        .token_expired(EXPIRED)
        .filed_unreadable(5)
        .central_dead(DEAD.0, DEAD.1)
        // Four days later: when that day is none that a night looks at by itself any more.
        .pushed_wrong_and_righted_with_another(9, 3 * DAY_MS + 12 * HOUR_MS)
        .pushed_with_another(10, 65 * MINUTE_MS)
}

/// What the reports say of all this: derived by hand from the story, night by night.
fn reports() -> BTreeMap<String, comparison::Change> {
    let central = |number| (BY_CENTRAL, number);
    let unreadable = |number| Change::on(number).partial(&[("FILE_FAILED", 1)]).files(10);
    let dead = |number| {
        let change = Change::on(number).partial(&[("CENTRAL_UNREACHABLE", 1)]);
        change.files(3).counted(1, 0)
    };
    reports::all([
        // Three nights meet the file that nobody can read.
        unreadable(5),
        unreadable(6),
        unreadable(7),
        dead(8).people(8).sales(24, "1.392.000").missing(&[central(8)]),
        // One of the pushed payments is too cheap.
        dead(9)
            .people(8)
            .sales(24, "1.309.000")
            .missing(&[central(8), central(9)]),
        dead(10)
            .people(8)
            .sales(24, "1.392.000")
            .missing(&[central(8), central(9), central(10)]),
        dead(11)
            .people_of(12, 9)
            .sales(24, "1.392.000")
            .days(10)
            .missing(&[central(8), central(9), central(10), central(11)]),
        dead(12).people(8).sales(24, "1.392.000").days(11).missing(&[
            central(8),
            central(9),
            central(10),
            central(11),
            central(12),
        ]),
        // Everything comes at once; and what two outlets sold on the ninth day is looked at again.
        Change::on(13)
            .files(19)
            .days(14)
            .counted(5, 5)
            .people(12)
            .others([(
                Code::SalesLate,
                vec![central(12), central(11), central(10), central(9), central(8)],
            )]),
        Change::on(14).days(13).counted(0, 5),
    ])
}

/// The bucket has what the undisturbed one has, with what two outlets sold in a file of both.
fn assert_files(ending: &Ending, wanted: &Ending) {
    let more = more_files(ending, wanted);
    let names: Vec<&str> = more.iter().map(|key| key.rsplit('/').next().unwrap()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    let held = files(ending);
    let failed: Vec<&&str> = held
        .iter()
        .filter(|(_, (state, ..))| *state == ExportState::Failed)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].contains(UNREADABLE), "{failed:?}");
    // The files of both outlets lie where the outlet's own would.
    assert_eq!(more_files(wanted, ending).len(), 2);
}

#[test]
fn five_nights_without_the_central_server_lose_nothing() {
    let (ending, wanted) = (live(away(), Unrest::none()), undisturbed());
    assert_same_tables(&ending, wanted);
    assert_files(&ending, wanted);
    let mut expected = [Some(End::Complete); 14];
    for night in 5..=12 {
        expected[night - 1] = Some(End::Partial);
    }
    assert_eq!(ends(&ending), expected);
    let days = [8, 9, 10, 11, 12];
    let found_of = |code| days.map(|number| (BY_CENTRAL, number, code, Resolved));
    let mut wanted_findings = found(found_of(Code::SalesLate));
    wanted_findings.extend(found(found_of(Code::SalesMissing)));
    wanted_findings.sort();
    assert_eq!(ending.found(), wanted_findings);
    assert_same_changes(&ending, wanted, &reports());
    let others = ending
        .other_mails()
        .into_iter()
        .filter(|mail| !is_of_low_score(mail));
    let others: Vec<&str> = others.map(|mail| mail.subject.as_str()).collect();
    assert_eq!(others.len(), 1, "of the file that nobody can read: {others:?}");
    // The shop's own at the beginning; then each night, for what a night was given is over by the next.
    let nights = usize::try_from(DAYS - EXPIRED + 1).unwrap();
    assert_eq!(ending.renewals, 1 + nights);
}
