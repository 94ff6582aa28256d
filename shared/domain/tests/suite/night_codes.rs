//! What a night could not do is told in words, wherever its code comes from.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use domain::code::{ALL, NIGHT, explain};
use domain::finding::Code;

/// How codes of a night's troubles begin. Names in the settings do so too, but they are spelled elsewhere.
const KINDS: [&str; 10] = [
    "BACKUP_",
    "CENTRAL_",
    "CUSTOMER_",
    "DAY_",
    "INGEST_",
    "JOB",
    "MOKA_",
    "OUTLET_",
    "PART_GIVEN_UP",
    "STORE_",
];

#[test]
fn codes_of_nights_are_sorted_and_of_nobody_else() {
    assert!(NIGHT.windows(2).all(|pair| pair[0] < pair[1]), "{NIGHT:?}");
    for code in NIGHT {
        assert!(!ALL.contains(code) && Code::parse(code).is_none(), "{code}");
    }
}

#[test]
fn each_is_explained_in_both_languages_for_people() {
    let findings = Code::ALL.map(Code::as_str);
    for code in NIGHT.iter().chain(&findings) {
        let explanation = explain(code).unwrap();
        assert_ne!(explanation.id, explanation.en, "{code}");
        for words in [explanation.id, explanation.en] {
            assert!((20..=170).contains(&words.chars().count()), "{code}: {words}");
            assert!(
                words.ends_with('.') && !words.contains(['\n', '<', '>', '"']),
                "{code}: {words}"
            );
        }
    }
}

/// A new code is easily added and its words forgotten, or the other way round; this finds it where it is spelled.
#[test]
fn every_trouble_that_partners_and_nights_name_is_explained_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("src/night.rs")];
    for folder in ["src/night", "../partners/src", "../../functions/sync-nightly/src"] {
        collect(&root.join(folder), &mut files);
    }
    let mut spelled = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let codes = text.split('"').filter(|text| is_code(text));
        spelled.extend(codes.map(str::to_owned));
    }
    for code in &spelled {
        let is_trouble = KINDS.iter().any(|kind| code.starts_with(kind));
        assert!(!is_trouble || explain(code).is_some(), "{code} has no words");
    }
    for code in NIGHT {
        assert!(spelled.contains(*code), "{code} is nobody's");
    }
}

fn is_code(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    !text.is_empty() && !text.ends_with('_') && text.chars().all(letter)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
