//! What the report of a night says, and what it never says.

use aws::mailer::Letter;
use domain::finding::{Code, Finding, FindingState};
use domain::insight::Insight;
use domain::money::Money;
use domain::night::{End, Night, Phase, TROUBLES_MAX, Trouble};
use domain::satisfaction::Stars;
use proptest::prelude::*;
use send_mail::letter::Addresses;
use send_mail::letter::night_digest::{Counted, Findings, MISSING_MAX, Requests, Told, compose};

/// 2025-10-28T16:00:00Z, eleven at night in Jakarta.
const DUE_MS: i64 = 1_761_667_200_000;
const HOSTILE: &str = "</td><script>alert(\"x\")</script>{{ 7*7 }}&amp;'";

fn night(end: Option<End>) -> Night {
    let mut night = Night::begin("2025-10-28".parse().unwrap(), DUE_MS, None, true, DUE_MS);
    night.end = end;
    night.phase = Phase::Over;
    night.finished_ms = end.map(|_| DUE_MS + 725_000);
    night
}

fn empty() -> Told {
    Told {
        night: night(Some(End::Complete)),
        findings: Findings::default(),
        names: [].into(),
        sales: None,
        week: Stars::default(),
        cases: Counted::default(),
        requests: Requests::default(),
    }
}

fn finding(outlet: &str, date: &str, code: Code) -> Finding {
    Finding {
        outlet: outlet.to_owned(),
        date: date.parse().unwrap(),
        code,
        state: FindingState::Open,
        first_ms: DUE_MS,
        opened_ms: DUE_MS,
        last_ms: DUE_MS,
        facts: [("keys".to_owned(), "incoming/budi-0812.json".to_owned())].into(),
        notes: Vec::new(),
        version: 1,
    }
}

fn busy() -> Told {
    let mut told = empty();
    told.night = night(Some(End::Partial));
    told.night.outlets = 12;
    told.night.tally.pulled = 1_240;
    told.night.tally.known = 3;
    told.night.tally.days = 36;
    told.night.tally.opened = 4;
    told.night.tally.resolved = 1;
    told.night.tally.people = 120;
    for outlet in ["moka-1", "moka-2", "moka-3", "moka-4"] {
        told.night
            .trouble(Trouble::new(Some(outlet), "moka", "MOKA_CURSOR", "page 3 again"));
    }
    let central = Trouble::new(None, "central", "CENTRAL_UNREACHABLE", "timed out");
    told.night.trouble(central);
    told.night.trouble(Trouble::new(
        None,
        "ingest",
        "INGEST_LATE",
        "incoming/budi-0812.json",
    ));
    told.night.trouble(Trouble::new(None, "night", "NEW_CODE", "x"));
    for (outlet, date, code) in [
        ("moka-1", "2025-10-28", Code::SalesMissing),
        ("pos-9", "2025-10-28", Code::SalesMissing),
        ("pos-9", "2025-10-27", Code::SalesMissing),
        ("moka-2", "2025-10-28", Code::UnusuallyFew),
        ("moka-2", "2025-10-27", Code::FileRepeated),
    ] {
        told.findings.add(&finding(outlet, date, code));
    }
    told.names = [("moka-1", "Oyako Kemang"), ("pos-9", "Oyako Blok M")]
        .map(|(id, name)| (id.to_owned(), name.to_owned()))
        .into();
    told.sales = Some(Insight {
        receipts: 1_234,
        net: Money::from_rupiah(45_600_500).unwrap(),
        overall: Stars {
            counts: [1, 1, 1, 9, 12],
        },
        ..Insight::default()
    });
    told.week = Stars {
        counts: [4, 6, 20, 60, 70],
    };
    told.cases = Counted {
        count: 1_000,
        more: true,
    };
    told.requests = Requests {
        open: Counted {
            count: 5,
            more: false,
        },
        soon: 2,
        overdue: 1,
    };
    told
}

fn letter(told: &Told) -> Letter {
    let addresses = Addresses {
        from: "kasir@warung.example".to_owned(),
        to: "pengelola@warung.example".to_owned(),
        public_url: "https://oyako.example".to_owned(),
    };
    compose(told, &addresses).unwrap()
}

#[test]
fn a_partial_night_is_told_with_what_came_what_is_missing_and_what_failed() {
    let letter = letter(&busy());
    insta::assert_snapshot!("partial_txt", format!("{}\n\n{}", letter.subject, letter.text));
    insta::assert_snapshot!("partial_html", letter.html);
    for text in [&letter.subject, &letter.text, &letter.html] {
        assert!(
            !text.contains("budi") && !text.contains("0812"),
            "no name of a file: {text}"
        );
        assert!(!text.contains("timed out"), "no detail: {text}");
    }
}

#[test]
fn an_empty_shop_has_a_short_report() {
    let letter = letter(&empty());
    insta::assert_snapshot!("empty_txt", format!("{}\n\n{}", letter.subject, letter.text));
    insta::assert_snapshot!("empty_html", letter.html);
}

#[test]
fn a_failed_night_says_so_first() {
    let mut told = empty();
    told.night = night(Some(End::Failed));
    told.night.outlets = 2;
    let trouble = Trouble::new(None, "central", "CENTRAL_UNREACHABLE", "no connection");
    told.night.trouble(trouble);
    let letter = letter(&told);
    insta::assert_snapshot!("failed_txt", format!("{}\n\n{}", letter.subject, letter.text));
    insta::assert_snapshot!("failed_html", letter.html);
}

#[test]
fn the_end_is_in_the_subject() {
    let table = [
        (Some(End::Complete), "Laporan malam 28 Oktober 2025: lengkap"),
        (Some(End::Partial), "Laporan malam 28 Oktober 2025: sebagian"),
        (Some(End::Failed), "Laporan malam 28 Oktober 2025: gagal"),
        (None, "Laporan malam 28 Oktober 2025: belum selesai"),
    ];
    for (end, subject) in table {
        let told = Told {
            night: night(end),
            ..empty()
        };
        assert_eq!(letter(&told).subject, subject);
    }
}

#[test]
fn how_long_it_took_is_told_in_minutes() {
    for (ms, lasted) in [
        (59_999, "kurang dari satu menit"),
        (60_000, "1 menit"),
        (4_500_000, "75 menit"),
    ] {
        let mut told = empty();
        told.night.finished_ms = Some(DUE_MS + ms);
        let text = letter(&told).text;
        assert!(text.contains(&format!("- Lamanya: {lasted}\n")), "{text}");
    }
}

#[test]
fn of_ten_thousand_missing_outlets_twenty_are_named_and_the_rest_is_counted() {
    let mut told = empty();
    told.night.outlets = 10_000;
    for number in 0..10_000 {
        let outlet = format!("pos-{number:05}");
        told.findings
            .add(&finding(&outlet, "2025-10-28", Code::SalesMissing));
        let trouble = Trouble::new(Some(&outlet), "moka", "MOKA_UNREACHABLE", "x");
        told.night.trouble(trouble);
    }
    assert_eq!(Told::named(&told.night, &told.findings).len(), TROUBLES_MAX);
    let letter = letter(&told);
    for text in [&letter.text, &letter.html] {
        let named = (0..10_000).filter(|number| text.contains(&format!("pos-{number:05}, 28")));
        assert_eq!(named.count(), MISSING_MAX, "{text}");
        assert!(
            text.contains("(10.000)") && text.contains("dan 9.980 lainnya"),
            "{text}"
        );
        assert!(text.contains("dan 9.950 gangguan lainnya"), "{text}");
        assert!(text.len() < 12_000, "{}", text.len());
    }
    told.findings.more = true;
    let more = self::letter(&told).text;
    assert!(more.contains("BELUM MASUK (sedikitnya 10.000)"), "{more}");
}

#[test]
fn hostile_names_and_codes_are_only_text() {
    let mut told = busy();
    told.names.insert(
        "moka-1".to_owned(),
        format!("{HOSTILE}\r\nBcc: x@y.example\u{202E}"),
    );
    told.night.trouble(Trouble::new(None, HOSTILE, HOSTILE, HOSTILE));
    let letter = letter(&told);
    assert!(!letter.html.contains("<script"), "{}", letter.html);
    assert!(
        letter.text.lines().all(|line| !line.starts_with("Bcc")),
        "{}",
        letter.text
    );
    assert!(!letter.subject.contains("alert"));
}

proptest! {
    /// Whatever an outlet is called, the mail keeps its shape.
    #[test]
    fn a_name_never_changes_the_shape_of_a_mail(name in ".{1,40}") {
        let shape = |name: &str| {
            let mut told = busy();
            told.names.insert("moka-1".to_owned(), name.to_owned());
            let letter = letter(&told);
            let marks = letter.html.chars().filter(|letter| "<>\"".contains(*letter)).count();
            (marks, letter.html.lines().count(), letter.text.lines().count(), letter.subject)
        };
        prop_assert_eq!(shape(&name), shape("k"));
    }
}
