//! The rules by which the files of a day are found wrong.

use crate::finding_support::{DAY, DUE, Day, broken, controlled, counts, file, sold};
use domain::export::{Control, Counts, Export, ExportState};
use domain::finding::{Code, FACT_MAX, FileFact};

#[test]
fn a_file_is_repeated_if_it_brought_nothing_new() {
    let twin = FileFact {
        etag: "etag of a".to_owned(),
        ..file("z", counts(5, 0, 0, 0))
    };
    let table = [
        (vec![file("a", counts(0, 5, 0, 0))], Some("a")),
        (vec![file("a", counts(0, 5, 0, 2))], Some("a")),
        (vec![file("a", counts(5, 0, 0, 0)), twin], Some("z")),
        (vec![file("a", counts(1, 4, 0, 0))], None), // a correction
        (vec![file("a", counts(0, 4, 1, 0))], None), // older than what is known, which is no repetition
        (vec![file("a", counts(0, 0, 0, 3))], None),
        (
            vec![file(
                "incoming/moka-1/moka/2026-11-22/00.json",
                counts(0, 5, 0, 0),
            )],
            None,
        ),
        (
            vec![FileFact {
                received_ms: DUE - DAY,
                ..file("a", counts(0, 5, 0, 0))
            }],
            None,
        ), // told before
    ];
    for (files, key) in table {
        let judged = Day::of(sold(5)).with_files(files.clone()).judged();
        let facts = judged.found.get(&Code::FileRepeated);
        assert_eq!(
            facts.and_then(|facts| facts.get("keys")).map(|keys| &**keys),
            key,
            "{files:?}"
        );
    }
}

#[test]
fn an_empty_file_for_a_day_with_sales_is_told_and_one_for_a_day_without_is_not() {
    for file in [
        file("a", Counts::default()),
        broken("a", "FILE_WITHOUT_RECORDS"),
        broken("a", "FILE_EMPTY"),
    ] {
        assert_eq!(
            Day::of(sold(3)).with_files(vec![file.clone()]).codes(),
            [Code::EmptyAgain]
        );
        assert_eq!(Day::silent(&[]).with_files(vec![file.clone()]).codes(), []);
        assert_eq!(
            Day::silent(&[9]).with_files(vec![file]).codes(),
            [Code::SalesMissing]
        );
    }
}

#[test]
fn a_file_that_failed_stays_until_one_comes_in_its_place() {
    let good = FileFact {
        received_ms: DUE,
        ..file("b", counts(5, 0, 0, 0))
    };
    let bad = broken("a", "FILE_NOT_JSON");
    let day = |files| Day::of(sold(3)).with_files(files);
    let facts = day(vec![bad.clone()]).facts(Code::FileFailed);
    assert_eq!((&*facts["codes"], &*facts["keys"]), ("FILE_NOT_JSON", "a"));
    assert_eq!(day(vec![bad.clone(), good.clone()]).codes(), []);
    let worse = FileFact {
        received_ms: DUE + 1,
        ..bad
    };
    assert_eq!(day(vec![good.clone(), worse]).codes(), [Code::FileFailed]);
    // Without a good file nothing is known to be repaired.
    for (files, unsaid) in [
        (vec![], true),
        (vec![file("c", Counts::default())], true),
        (vec![good], false),
    ] {
        assert_eq!(day(files).judged().unsaid.contains(&Code::FileFailed), unsaid);
    }
}

#[test]
fn control_totals_that_agree_with_nothing_are_told_until_a_file_agrees() {
    let day = |matches: &[&str]| {
        let files = (0..).zip(matches);
        Day::of(sold(3)).with_files(
            files
                .map(|(n, matches): (u8, _)| controlled(&n.to_string(), matches))
                .collect(),
        )
    };
    assert_eq!(day(&["none"]).codes(), [Code::TotalsDiffer]);
    assert_eq!(day(&["none", "none"]).fact("files"), "2");
    for agree in [&["all"][..], &["sold"], &["none", "all"]] {
        let judged = day(agree).judged();
        assert!(
            !judged.found.contains_key(&Code::TotalsDiffer) && !judged.unsaid.contains(&Code::TotalsDiffer)
        );
    }
    let uncontrolled = Day::of(sold(3)).with_files(vec![file("a", counts(5, 0, 0, 0))]);
    assert!(uncontrolled.judged().unsaid.contains(&Code::TotalsDiffer));
}

#[test]
fn what_a_finding_rests_on_is_bounded() {
    let long = |n: u8| file(&format!("{n}{}", "k".repeat(1_000)), counts(0, 5, 0, 0));
    let facts = Day::of(sold(1))
        .with_files((0..99).map(long).collect())
        .facts(Code::FileRepeated);
    assert_eq!(facts["files"], "99");
    assert!(facts.len() <= 12 && facts.values().all(|value| value.chars().count() <= FACT_MAX));
}

#[test]
fn a_ledger_entry_says_what_a_file_was_once_it_was_read() {
    let mut export = Export {
        key: "k".to_owned(),
        received_ms: 7,
        control: Some(Control {
            count: None,
            sum: None,
            matches: "none".to_owned(),
        }),
        ..Export::default()
    };
    assert_eq!(FileFact::of(&export), None);
    export.state = ExportState::Done;
    let done = FileFact::of(&export).unwrap();
    assert_eq!(
        (done.failure, done.matches.as_deref(), done.received_ms),
        (None, Some("none"), 7)
    );
    export.state = ExportState::Failed;
    assert_eq!(
        FileFact::of(&export).unwrap().failure.as_deref(),
        Some("FILE_FAILED")
    );
    export.failure = Some("FILE_NOT_JSON".to_owned());
    assert_eq!(
        FileFact::of(&export).unwrap().failure.as_deref(),
        Some("FILE_NOT_JSON")
    );
}
