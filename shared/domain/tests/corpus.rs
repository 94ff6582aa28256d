//! Every file of the fuzzer's committed corpus goes through what it was collected for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod split_support;

use split_support::survive;
use std::path::Path;

#[test]
fn every_corpus_file_is_survived() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/split");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        // Whole, in pieces of several sizes, byte by byte, and taken up again on the way.
        survive(&std::fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files >= 40, "only {files} files: is the corpus there?");
}
