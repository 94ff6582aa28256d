//! What a mail says, and that nothing from a file can say anything else.

use domain::code::{ALL, explain};
use domain::export::{Control, Counts, Export, ExportState, Sums, TouchedDays};
use domain::mail::DigestReason;
use domain::money::Money;
use proptest::prelude::*;
use send_mail::letter::Addresses;
use send_mail::letter::export_trouble::compose;

fn letter(export: Export, reasons: Vec<DigestReason>) -> aws::mailer::Letter {
    let [from, to, public_url] = [
        "kasir@warung.example",
        "pengelola@warung.example",
        "https://oyako.example",
    ];
    let addresses = Addresses {
        from: from.to_owned(),
        to: to.to_owned(),
        public_url: public_url.to_owned(),
    };
    compose(&export, &reasons, &addresses).unwrap()
}

fn reason(code: &str, pointer: &str, byte_start: u64, detail: &str) -> DigestReason {
    DigestReason {
        code: code.to_owned(),
        pointer: pointer.to_owned(),
        byte_start,
        detail: detail.to_owned(),
    }
}

fn partly_taken() -> Export {
    let day = |date: &str| ("majoo-warung-oyako-pusat".to_owned(), date.parse().unwrap());
    Export {
        id: "exp_abc234".to_owned(),
        key: "incoming/majoo/detail penjualan + é.json".to_owned(),
        state: ExportState::Done,
        counts: Counts {
            received: 1250,
            stored: 1200,
            unchanged: 30,
            stale: 8,
            quarantined: 12,
        },
        sums: Sums {
            total: Money::from_raw(1_234_567_500_000),
            not_sold: Money::from_raw(450_000_000),
            refunded: Money::from_raw(459_009_000),
        },
        control: Some(Control {
            count: Some(1250),
            sum: Money::from_rupiah(123_501_750),
            matches: "all".to_owned(),
        }),
        rejected: [("DATE_INVALID".to_owned(), 11), ("NEW_CODE".to_owned(), 1)].into(),
        days: vec![day("2025-10-27"), day("2025-10-28")],
        days_total: 2,
        received_ms: 1_761_667_200_000,
        ..Export::default()
    }
}

fn failed() -> Export {
    Export {
        id: "exp_abc234".to_owned(),
        key: "incoming/laporan.xlsx".to_owned(),
        state: ExportState::Failed,
        failure: Some("FILE_NOT_JSON".to_owned()),
        received_ms: 1_761_667_200_000,
        ..Export::default()
    }
}

const HOSTILE: &str = "</td><script>alert(\"x\")</script>{{ 7*7 }}&amp;'";

#[test]
fn a_partly_taken_file_is_told_with_counts_causes_and_places() {
    let reasons = vec![
        reason(
            "DATE_INVALID",
            "/rows/17/Waktu Bayar",
            1_234_567,
            "not a date or time",
        ),
        reason("NEW_CODE", "", 99, "a code without words"),
    ];
    let letter = letter(partly_taken(), reasons);
    insta::assert_snapshot!(
        "partly_taken_txt",
        format!("{}\n\n{}", letter.subject, letter.text)
    );
    insta::assert_snapshot!("partly_taken_html", letter.html);
}

#[test]
fn a_file_that_failed_as_a_whole_is_told_with_its_reason() {
    let letter = letter(failed(), Vec::new());
    insta::assert_snapshot!("failed_txt", format!("{}\n\n{}", letter.subject, letter.text));
    insta::assert_snapshot!("failed_html", letter.html);
}

#[test]
fn hostile_text_from_a_file_is_only_text() {
    let export = Export {
        key: format!(
            "incoming/{}{HOSTILE}\r\nBcc: x@y.example\u{202E}",
            "k".repeat(300)
        ),
        failure: Some(HOSTILE.to_owned()),
        rejected: [(HOSTILE.to_owned(), 1)].into(),
        days: vec![(HOSTILE.to_owned(), "2025-10-28".parse().unwrap())],
        days_total: 900,
        ..partly_taken()
    };
    let letter = letter(
        export,
        vec![reason(
            HOSTILE,
            HOSTILE,
            1,
            &format!("{HOSTILE}\u{0}\n\nDari: saya"),
        )],
    );
    insta::assert_snapshot!("hostile_txt", format!("{}\n\n{}", letter.subject, letter.text));
    insta::assert_snapshot!("hostile_html", letter.html);
    assert!(!letter.html.contains("<script"));
    assert!(letter.subject.chars().count() <= 130 && !letter.subject.chars().any(char::is_control));
}

#[test]
fn the_subject_names_no_file() {
    let key = "incoming/Siti Rahma 0812-3456-7890.json".to_owned();
    let day = |outlet: &str| (outlet.to_owned(), "2025-10-28".parse().unwrap());
    let named = |export: Export| Export {
        key: key.clone(),
        ..export
    };
    let cases = [
        (named(failed()), "exp_abc234"),
        (
            Export {
                days: vec![day("moka-1")],
                days_total: 1,
                ..named(partly_taken())
            },
            "moka-1 28 Oktober 2025",
        ),
        (
            Export {
                days_total: 22,
                ..named(partly_taken())
            },
            "majoo-warung-oyako-pusat 27 Oktober 2025, dan 21 hari lainnya",
        ),
    ];
    for (export, about) in cases {
        let letter = letter(export, Vec::new());
        assert!(
            letter.subject.ends_with(&format!(" - {about}")),
            "{}",
            letter.subject
        );
        assert!(
            letter.text.contains("Siti Rahma"),
            "the mail itself says which file"
        );
    }
}

#[test]
fn as_many_days_as_are_told_apart_may_be_more() {
    let export = Export {
        days_total: TouchedDays::MAX as u64,
        ..partly_taken()
    };
    let text = letter(export, Vec::new()).text;
    assert!(
        text.contains("28 Oktober 2025, dan sedikitnya 19.998 hari lainnya\n"),
        "{text}"
    );
}

#[test]
fn every_code_is_told_with_what_to_do() {
    for code in ALL {
        let export = Export {
            rejected: [((*code).to_owned(), 1)].into(),
            ..partly_taken()
        };
        let text = letter(export, Vec::new()).text;
        assert!(
            text.contains(&format!("- {code} (1): {}", explain(code).unwrap().id)),
            "{code}"
        );
    }
}

#[test]
fn control_totals_say_whether_they_agree() {
    let cases = [
        ("all", "cocok, termasuk yang batal"),
        ("sold", "cocok, tanpa yang batal"),
        ("none", "tidak cocok"),
    ];
    for (matches, words) in cases {
        let control = Some(Control {
            count: None,
            sum: None,
            matches: matches.to_owned(),
        });
        let text = letter(
            Export {
                control,
                ..partly_taken()
            },
            Vec::new(),
        )
        .text;
        assert!(
            text.contains(&format!("- Menurut berkas: -\n- Pencocokan: {words}\n")),
            "{text}"
        );
    }
}

proptest! {
    /// Whatever a file brings, the mail keeps its shape: as many tags and lines as with harmless text.
    #[test]
    fn text_from_a_file_never_changes_the_shape_of_a_mail(key: String, code: String, pointer in ".{1,40}", detail: String) {
        let shape = |key: &str, code: &str, pointer: &str, detail: &str| {
            let export = Export { key: key.to_owned(), rejected: [(code.to_owned(), 1)].into(), ..partly_taken() };
            let letter = letter(export, vec![reason(code, pointer, 1, detail)]);
            let marks = letter.html.chars().filter(|letter| "<>\"".contains(*letter)).count();
            (marks, letter.html.lines().count(), letter.text.lines().count(), letter.subject.lines().count())
        };
        prop_assert_eq!(shape(&key, &code, &pointer, &detail), shape("k", "C", "/p", "d"));
    }
}
