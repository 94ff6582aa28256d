//! What goes wrong with files and servers is found and told, and mended by the nights that follow.

use std::collections::BTreeMap;

use domain::finding::Code;
use domain::finding::FindingState::{Open, Resolved};
use domain::night::End;
use domain::when::BusinessDate;
use fortnight::clock::{HOUR_MS, MINUTE_MS};
use fortnight::ending::Ending;
use fortnight::live;
use fortnight::story::{BY_CENTRAL, BY_PUSH, Story};
use fortnight::unrest::Unrest;

use crate::comparison::{assert_same_changes, assert_same_tables, ends, found, more_files};
use crate::reports::Change;
use crate::{comparison, reports, undisturbed};

/// Everything that can go wrong with deliveries, from the second week on: before, nobody knows what is usual.
fn disturbed() -> Story {
    Story::undisturbed()
        .paid_wrong_first(8, 12 * HOUR_MS)
        .filed_late(8, 20 * HOUR_MS)
        .pushed_late(9, 13 * HOUR_MS)
        .central_dead(10, 1)
        .pushed_twice(11, 30 * MINUTE_MS)
        .pushed_wrong_first(11, 20 * MINUTE_MS)
        .pushed_late(12, 40 * HOUR_MS)
}

/// The findings. All but the last night's news are settled by the night after.
fn findings() -> Vec<(String, BusinessDate, &'static str, &'static str)> {
    found([
        (BY_CENTRAL, 8, Code::SalesLate, Resolved),
        (BY_CENTRAL, 8, Code::SalesMissing, Resolved),
        (BY_CENTRAL, 10, Code::SalesLate, Resolved),
        (BY_CENTRAL, 10, Code::SalesMissing, Resolved),
        (BY_PUSH, 9, Code::SalesLate, Resolved),
        (BY_PUSH, 9, Code::SalesMissing, Resolved),
        (BY_PUSH, 11, Code::FileRepeated, Resolved),
        (BY_PUSH, 12, Code::SalesLate, Open),
        (BY_PUSH, 12, Code::SalesMissing, Resolved),
    ])
}

/// What the reports say of all this: derived by hand from the story, night by night.
fn reports() -> BTreeMap<String, comparison::Change> {
    let late = |place| (Code::SalesLate, vec![place]);
    reports::all([
        // The central server has no files yet, and one of Moka's payments is too cheap.
        Change::on(8)
            .sales(24, "1.309.000")
            .files(7)
            .counted(1, 0)
            .people(8)
            .missing(&[(BY_CENTRAL, 8)]),
        // Now it has; the pushed file is not there.
        Change::on(9)
            .sales(24, "984.000")
            .counted(2, 1)
            .people(7)
            .missing(&[(BY_PUSH, 9)])
            .others([late((BY_CENTRAL, 8))]),
        // It came in the morning; the central server is dead. Moka's page of the eighth day was read anew last night,
        // and it tells of a refund of the seventh.
        Change::on(10)
            .partial(&[("CENTRAL_UNREACHABLE", 1)])
            .sales(24, "1.392.000")
            .files(3)
            .days(10)
            .counted(2, 2)
            .people(8)
            .missing(&[(BY_CENTRAL, 10)])
            .others([late((BY_PUSH, 9))]),
        // It lives again; a file was pushed twice. The one that was corrected in time is not worth a word.
        // Its files of the oldest day that the dead night had asked for are asked for once more.
        Change::on(11)
            .files(11)
            .counted(2, 2)
            .others([late((BY_CENTRAL, 10)), (Code::FileRepeated, vec![(BY_PUSH, 11)])]),
        // A file that does not come for two nights.
        Change::on(12)
            .sales(24, "984.000")
            .counted(1, 2)
            .people(7)
            .missing(&[(BY_PUSH, 12)]),
        Change::on(13).missing(&[(BY_PUSH, 12)]),
        Change::on(14).counted(1, 1).others([late((BY_PUSH, 12))]),
    ])
}

/// The bucket has what the undisturbed one has, the file that came twice, and the versions that were wrong.
fn assert_files(ending: &Ending, wanted: &Ending) {
    assert_eq!(more_files(wanted, ending), [""; 0], "nothing was lost");
    let more = more_files(ending, wanted);
    let mut folders: Vec<&str> = more.iter().map(|key| key.split('/').nth(1).unwrap()).collect();
    folders.sort_unstable();
    // Moka's page of the day with the wrong payment.
    assert_eq!(folders, ["moka-1", BY_PUSH, BY_PUSH], "{more:?}");
}

/// All of it, while every machine fails too: what is told is what went wrong with deliveries, and nothing else.
#[test]
fn late_missing_doubled_and_wrong_files_and_a_dead_server_are_told_and_mended_though_all_machines_fail() {
    let unrest = Unrest::seeded(4).crashes(7).repeats().disorder().two_schedulers();
    let (ending, wanted) = (live(disturbed(), unrest), undisturbed());
    assert!(ending.deaths.values().sum::<u64>() >= 30, "{:?}", ending.deaths);
    assert_same_tables(&ending, wanted);
    assert_files(&ending, wanted);
    let mut expected = [Some(End::Complete); 14];
    // The night without the central server.
    expected[9] = Some(End::Partial);
    assert_eq!(ends(&ending), expected);
    let troubles = ending.nights.iter().flat_map(|night| &night.troubles);
    let troubles: Vec<_> = troubles
        .map(|trouble| (&*trouble.source, &*trouble.code))
        .collect();
    assert_eq!(troubles, [("central", "CENTRAL_UNREACHABLE")]);
    assert_eq!(ending.found(), findings());
    assert_same_changes(&ending, wanted, &reports());
}
