//! Every file of the fuzzers' committed corpora goes through what it was collected for.

use std::path::Path;

use crate::guest_support::{survive_form, survive_insight, survive_token};
use crate::record_support::{survive_record, survive_value};
use crate::split_support::survive;
use proptest::prelude::*;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn every_file_is_split() {
    let files = corpus("split");
    assert!(
        files.len() >= 40,
        "only {} files: is the corpus there?",
        files.len()
    );
    // Whole, in pieces of several sizes, byte by byte, and taken up again on the way.
    files.iter().for_each(|file| survive(file));
}

#[test]
fn every_record_is_taken_by_its_dialect() {
    let records = corpus("record");
    assert!(
        records.len() >= 8,
        "only {} records: is the corpus there?",
        records.len()
    );
    for record in records {
        assert!(
            survive_record(&record) > 0,
            "{}",
            String::from_utf8_lossy(&record)
        );
    }
}

#[test]
fn every_value_is_survived() {
    let values = corpus("values");
    assert!(
        values.len() >= 9,
        "only {} values: is the corpus there?",
        values.len()
    );
    values
        .iter()
        .for_each(|value| survive_value(std::str::from_utf8(value).unwrap()));
}

/// Files whose name begins with `good-` are what the rest was made of by damage.
fn every_good_file_is_read(target: &str, survive: impl Fn(&[u8]) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let (mut good, mut others) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let wanted = name.starts_with("good-");
        assert_eq!(
            survive(&std::fs::read(entry.path()).unwrap()),
            wanted,
            "{target}/{name}"
        );
        *(if wanted { &mut good } else { &mut others }) += 1;
    }
    assert!(good >= 1 && others >= 2, "{target}: is the corpus there?");
}

#[test]
fn every_link_is_opened_or_forged() {
    every_good_file_is_read("token", |bytes| {
        survive_token(std::str::from_utf8(bytes).unwrap())
    });
}

#[test]
fn every_form_is_read_or_refused() {
    every_good_file_is_read("form", survive_form);
}

#[test]
fn all_figures_are_read_or_refused() {
    every_good_file_is_read("insight", survive_insight);
}

proptest! {
    /// A real record with a few of its bytes changed: refused or taken, never a panic.
    #[test]
    fn a_spoilt_record_is_refused_or_taken(
        which: prop::sample::Index,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let records = corpus("record");
        let mut record = records[which.index(records.len())].clone();
        for (at, to) in changes {
            let at = at.index(record.len());
            record[at] = to;
        }
        survive_record(&record);
    }

    #[test]
    fn any_text_is_survived_as_a_value(text in "\\PC{0,40}|[0-9.,:/ Rp+-]{0,24}") {
        survive_value(&text);
    }
}
