//! Every stable code has its words, in both languages, and every word list stays in order.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use domain::code::{ALL, explain};
use domain::money::{MoneyError, MoneyNote};
use domain::phone::{PhoneNote, PhoneProblem};
use domain::quantity::{QuantityError, QuantityNote};
use domain::split::FaultCode;
use domain::when::WhenError;

#[test]
fn codes_are_sorted_and_unique() {
    assert!(ALL.windows(2).all(|pair| pair[0] < pair[1]), "{ALL:?}");
}

#[test]
fn every_code_is_explained_in_both_languages_for_people() {
    for code in ALL {
        let explanation = explain(code).unwrap();
        assert_ne!(explanation.id, explanation.en, "{code}");
        for words in [explanation.id, explanation.en] {
            assert!((20..=170).contains(&words.chars().count()), "{code}: {words}");
            assert!(words.ends_with('.'), "{code}: {words}");
            assert!(!words.contains(['\n', '<', '>', '"']), "{code}: {words}");
        }
    }
}

#[test]
fn unknown_codes_have_no_explanation() {
    for code in ["", "A", "FILE", "FILE_EMPTY ", "file_empty", "ZZZ", "FILE_EMPTY_"] {
        assert_eq!(explain(code), None, "{code}");
    }
}

#[test]
fn every_code_that_the_readers_give_is_explained() {
    let money = [MoneyError::Empty, MoneyError::NotANumber, MoneyError::OutOfRange].map(MoneyError::code);
    let money_notes = [MoneyNote::Ambiguous, MoneyNote::Rounded].map(MoneyNote::code);
    let quantity = [QuantityError::NotANumber, QuantityError::OutOfRange].map(QuantityError::code);
    let when = [WhenError::Invalid, WhenError::OutOfRange, WhenError::UnknownZone].map(WhenError::code);
    let phone = [
        PhoneProblem::Masked,
        PhoneProblem::Letters,
        PhoneProblem::TooShort,
        PhoneProblem::TooLong,
        PhoneProblem::NotAPhone,
        PhoneProblem::Inexact,
        PhoneProblem::Placeholder,
        PhoneProblem::Special,
    ]
    .map(PhoneProblem::code);
    let split = [
        FaultCode::NotJson,
        FaultCode::Truncated,
        FaultCode::Utf16,
        FaultCode::BomSkipped,
        FaultCode::RecordTooLarge,
        FaultCode::StringTooLong,
        FaultCode::TooDeep,
        FaultCode::RecordNotJson,
        FaultCode::EnvelopeTooLarge,
        FaultCode::NoRecords,
        FaultCode::TrailingGarbage,
        FaultCode::Empty,
        FaultCode::ElementNotObject,
    ]
    .map(FaultCode::as_str);
    let given: Vec<&str> = [&money[..], &money_notes, &quantity, &when, &phone, &split].concat();
    for code in given
        .into_iter()
        .chain([QuantityNote::Rounded.code(), PhoneNote::FirstOfTwo.code()])
    {
        assert!(explain(code).is_some(), "{code}");
    }
}

/// A new code is easily added and its words forgotten; this finds it where it is spelled.
#[test]
fn every_code_spelled_in_the_domain_and_in_ingest_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let kinds: BTreeSet<&str> = ALL.iter().filter_map(|code| code.split('_').next()).collect();
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    // What orders are refused for is told to partners by the API, and explained in its documents.
    files.retain(|file| !file.starts_with(root.join("src/topup")));
    collect(&root.join("../../functions/ingest-sales/src"), &mut files);
    let mut seen = 0;
    for file in files {
        for code in fs::read_to_string(&file)
            .unwrap()
            .split('"')
            .filter(|text| looks_like_a_code(text))
        {
            if code.split('_').next().is_some_and(|kind| kinds.contains(kind)) {
                assert!(explain(code).is_some(), "{code} in {}", file.display());
                seen += 1;
            }
        }
    }
    assert!(
        seen > ALL.len(),
        "the search found nothing beyond the table itself"
    );
}

fn looks_like_a_code(text: &str) -> bool {
    text.contains('_')
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
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
