//! Fingerprints of answers, files and quarantined pieces: how often and when they were written does not show.

use std::collections::BTreeSet;

use crate::feedback_support::{answer, said};
use domain::export::{Counts, Export, ExportState};
use domain::fingerprint::{ItemHash, of_answer, of_export, of_piece};
use domain::money::Money;
use domain::quarantine::{QuarantineState, Quarantined};

/// All different.
fn differ<const N: usize>(hashes: [ItemHash; N]) {
    assert_eq!(BTreeSet::from(hashes).len(), N);
}

fn export() -> Export {
    Export {
        id: "exp_1".to_owned(),
        etag: "e".to_owned(),
        state: ExportState::Done,
        ..Export::default()
    }
}

#[test]
fn a_file_is_what_its_records_came_to() {
    let hash = |change: fn(&mut Export)| {
        let mut export = export();
        change(&mut export);
        of_export(&export).unwrap()
    };
    let again = hash(|export| {
        export.runs = 7;
        export.received_ms = 1;
        export.finished_ms = Some(2);
        export.audit = Some((1, 2));
        export.correlation = Some("c".to_owned());
    });
    assert_eq!(hash(|_| {}), again);
    differ([
        again,
        hash(|export| export.etag = "f".to_owned()),
        hash(|export| export.state = ExportState::Failed),
        hash(|export| {
            export.counts = Counts {
                stored: 1,
                ..Counts::default()
            }
        }),
        hash(|export| export.sums.total = Money::from_rupiah(1).unwrap()),
        hash(|export| export.days_total = 1),
        hash(|export| {
            export.rejected.insert("DATE_INVALID".to_owned(), 1);
        }),
    ]);
}

#[test]
fn a_piece_is_where_it_stands() {
    let hash = |change: fn(&mut Quarantined)| {
        let mut piece = Quarantined::of(&export(), 5);
        change(&mut piece);
        of_piece(&piece).unwrap()
    };
    let again = hash(|piece| {
        piece.attempts = 3;
        piece.last_seen_ms = 9;
        piece.correlation = Some("c".to_owned());
    });
    assert_eq!(hash(|_| {}), again);
    differ([
        again,
        hash(|piece| piece.byte_start = 1),
        hash(|piece| piece.state = QuarantineState::Discarded),
        hash(|piece| piece.code = "DATE_INVALID".to_owned()),
        hash(|piece| piece.reason = Some("a test".to_owned())),
    ]);
}

#[test]
fn an_answer_is_what_was_said_and_not_how_often_it_was_written() {
    let answered = answer("1").with_guest(said(1, 4, &[])).unwrap();
    let mut again = answered.clone();
    again.version = 9;
    assert_eq!(of_answer(&answered).unwrap(), of_answer(&again).unwrap());
    let mut reversed = answered.clone();
    reversed.reversed = true;
    let other = answer("1").with_guest(said(1, 5, &[])).unwrap();
    differ([&answered, &reversed, &other, &answer("2")].map(|answer| of_answer(answer).unwrap()));
}
