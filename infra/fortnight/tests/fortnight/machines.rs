//! What goes wrong between the functions leaves no trace.

use fortnight::ending::Ending;
use fortnight::live;
use fortnight::story::Story;
use fortnight::unrest::Unrest;

use crate::comparison::{assert_same_reports, assert_same_tables, files};
use crate::undisturbed;

/// Both ended the same, in everything that anybody can see, but for the time it took.
fn assert_same(ending: &Ending, wanted: &Ending) {
    assert_same_tables(ending, wanted);
    assert_same_reports(ending, wanted);
    assert_eq!(files(ending), files(wanted));
    assert_eq!(ending.found(), []);
    for (night, other) in ending.nights.iter().zip(&wanted.nights) {
        let came_to = (night.end, night.tally, night.troubles_total);
        assert_eq!(came_to, (other.end, other.tally, 0), "{}", night.date);
    }
    assert_eq!(ending.mails.len(), wanted.mails.len());
}

#[test]
fn functions_that_die_at_every_step_two_schedulers_and_triggers_twice_in_any_order_leave_no_trace() {
    let unrest = Unrest::seeded(1).crashes(5).two_schedulers().repeats().disorder();
    let ending = live(Story::undisturbed(), unrest);
    for kind in [
        "ingest-sales records",
        "score-feedback records",
        "sync-nightly records",
        "sync-nightly go-on",
    ] {
        assert!(ending.deaths[kind] >= 5, "{:?}", ending.deaths);
    }
    assert_same(&ending, undisturbed());
}
