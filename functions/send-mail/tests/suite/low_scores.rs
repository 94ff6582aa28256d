//! What a mail about a low score says, and what it never says.

use domain::feedback::{Answer, Consent, DishKey, Said};
use domain::outlet::Outlet;
use domain::receipt_id::ReceiptId;
use proptest::prelude::*;
use send_mail::letter::Addresses;
use send_mail::letter::low_score::{Told, compose};

/// Noon (Jakarta) of 28 October 2025.
const NOON_MS: i64 = 1_761_627_600_000;
const MASKED: &str = "Yang mirip nomor atau alamat disamarkan (•); baca lengkapnya di dasbor.";
const HOSTILE: &str = "</td><script>alert(\"x\")</script>{{ 7*7 }}&amp;'";

fn outlet() -> Outlet {
    Outlet::undescribed(
        "moka-100818",
        Some("Warung Oyako Denpasar"),
        Some("Asia/Makassar"),
    )
}

fn place() -> ReceiptId {
    ReceiptId::parse("moka-100818_20251028_a1").unwrap()
}

fn said(overall: u8, dishes: &[(&str, &str, u8)], comment: Option<&str>) -> Said {
    let dishes = dishes.iter().map(|(menu, variant, stars)| {
        let key = DishKey {
            menu: (*menu).to_owned(),
            variant: (*variant).to_owned(),
        };
        (key, *stars)
    });
    Said {
        at_ms: NOON_MS + 1_800_000,
        told_ms: NOON_MS + 1_800_000,
        overall: Some(overall),
        dishes: dishes.collect(),
        comment: comment.map(str::to_owned),
        ..Said::default()
    }
}

fn answer(said: Said) -> Answer {
    let new = Answer::new(place(), Some("OYAKO_MOKA_7".to_owned()), NOON_MS);
    new.with_guest(said).unwrap()
}

fn letter(outlet: &Outlet, revision: u32, answer: Option<&Answer>) -> aws::mailer::Letter {
    let addresses = Addresses {
        from: "kasir@warung.example".to_owned(),
        to: "pengelola@warung.example".to_owned(),
        public_url: "https://oyako.example".to_owned(),
    };
    let told = Told {
        outlet,
        case: "case_abc234",
        revision,
        answer,
    };
    compose(&told, &addresses).unwrap()
}

fn complaint() -> Answer {
    let mut said = said(
        2,
        &[
            ("Soto Ayam", "Pedas", 1),
            ("Es Teh", "", 5),
            ("Nasi Goreng", "", 2),
        ],
        Some("Sotonya asin sekali.\nPelayan ramah 🙂"),
    );
    said.recommend = Some(3);
    said.consent = Some(Consent {
        given: true,
        wording: "Boleh kami hubungi?".to_owned(),
        wording_version: "1".to_owned(),
        language: "id".to_owned(),
    });
    answer(said)
}

#[test]
fn a_complaint_is_told_with_dishes_time_words_and_where_to_go_on() {
    let answer = complaint();
    let letter = letter(&outlet(), 1, Some(&answer));
    insta::assert_snapshot!("low_score_txt", format!("{}\n\n{}", letter.subject, letter.text));
    insta::assert_snapshot!("low_score_html", letter.html);
    for text in [&letter.subject, &letter.text, &letter.html] {
        assert!(!text.contains("OYAKO_MOKA_7"), "not who the guest is");
    }
    assert!(
        !letter.subject.contains("Soto"),
        "no word of the guest's or of the sale"
    );
}

#[test]
fn what_became_of_the_answer_meanwhile_is_told() {
    let complaint = complaint();
    let mut cases: Vec<(&str, u32, Option<Answer>, &str)> = vec![
        ("gone", 1, None, "Jawaban ini sudah tidak ada."),
        (
            "erased",
            1,
            Some(complaint.without_words()),
            "Komentar sudah dihapus.",
        ),
        ("changed", 2, Some(complaint.clone()), "Tamu mengubah nilai"),
        (
            "praise",
            1,
            Some(answer(said(5, &[], None))),
            "tidak ada lagi yang rendah",
        ),
        (
            "silent",
            1,
            Some(answer(said(1, &[], None))),
            "Tamu tidak menulis komentar.",
        ),
    ];
    let mut reversed = complaint.clone();
    reversed.reversed = true;
    cases.push(("reversed", 1, Some(reversed), "nilainya tidak dihitung"));
    for (what, revision, answer, words) in cases {
        let letter = letter(&outlet(), revision, answer.as_ref());
        assert!(letter.text.contains(words), "{what}: {}", letter.text);
        assert!(letter.html.contains(words), "{what}: {}", letter.html);
        let has_words = letter.text.contains("asin sekali");
        assert_eq!(has_words, matches!(what, "changed" | "reversed"), "{what}");
    }
}

#[test]
fn words_that_look_like_an_advertisement_stay_out() {
    let mut said = said(1, &[], Some("hubungi 0812-3456-7890"));
    said.suspect = true;
    let answer = answer(said);
    let letter = letter(&outlet(), 1, Some(&answer));
    for text in [&letter.text, &letter.html] {
        assert!(
            !text.contains("3456") && text.contains("baca di dasbor"),
            "{text}"
        );
    }
}

#[test]
fn numbers_and_addresses_in_a_comment_are_masked_in_the_mail() {
    let comment = "Asin sekali.\nTelepon saya 0812 3456\natau tulis siti@contoh.test";
    let answer = answer(said(1, &[], Some(comment)));
    let letter = letter(&outlet(), 1, Some(&answer));
    for body in [&letter.text, &letter.html] {
        assert!(body.contains("Asin sekali.") && body.contains(MASKED), "{body}");
        for trace in ["0812", "3456", "siti", "contoh.test"] {
            assert!(!body.contains(trace), "{trace}: {body}");
        }
    }
}

#[test]
fn a_rating_out_of_the_export_says_so() {
    let new = Answer::new(place(), None, NOON_MS);
    let answer = new.with_pos(said(1, &[("Soto", "", 1)], None));
    let letter = letter(&outlet(), 1, Some(&answer));
    assert!(
        letter.text.contains("Dinilai: melalui kasir (ekspor POS)"),
        "{}",
        letter.text
    );
}

#[test]
fn an_outlet_says_what_is_low() {
    let answer = answer(said(4, &[("Soto", "", 3), ("Es Teh", "", 5)], None));
    let outlet = Outlet {
        low_score: Some(3),
        ..outlet()
    };
    let letter = letter(&outlet, 1, Some(&answer));
    let low = letter.text.split("NILAI LAIN").next().unwrap();
    assert!(
        low.contains("- Soto: 3 dari 5") && !low.contains("Es Teh"),
        "{low}"
    );
}

#[test]
fn hostile_text_from_a_guest_or_a_menu_is_only_text() {
    let outlet = Outlet {
        name: Some(format!(
            "{HOSTILE}\r\nBcc: x@y.example\u{202E}{}",
            "k".repeat(300)
        )),
        ..outlet()
    };
    let comment = format!("{HOSTILE}\n.\n\nDari: saya\u{202E}");
    let answer = answer(said(1, &[(HOSTILE, HOSTILE, 1)], Some(&comment)));
    let letter = letter(&outlet, 1, Some(&answer));
    assert!(!letter.html.contains("<script"), "{}", letter.html);
    assert!(letter.subject.chars().count() <= 110 && !letter.subject.chars().any(char::is_control));
    assert!(
        letter
            .text
            .lines()
            .all(|line| line != "." && !line.starts_with("Dari")),
        "{}",
        letter.text
    );
}

proptest! {
    /// Whatever a guest writes or a menu is called, the mail keeps its shape.
    #[test]
    fn text_from_outside_never_changes_the_shape_of_a_mail(name in ".{1,40}", menu in ".{1,40}", comment in "[^\r\n]{1,80}") {
        let shape = |name: &str, menu: &str, comment: &str| {
            let outlet = Outlet { name: Some(name.to_owned()), ..outlet() };
            let answer = answer(said(1, &[(menu, "", 1)], Some(comment)));
            let letter = letter(&outlet, 1, Some(&answer));
            // What was masked is told in a line of its own, which is not the guest's.
            let text = letter.text.replace(&format!("\n\n{MASKED}"), "");
            let html: Vec<&str> = letter.html.lines().filter(|line| !line.contains(MASKED)).collect();
            let marks = html.concat().chars().filter(|letter| "<>\"".contains(*letter)).count();
            (marks, html.len(), text.lines().count(), letter.subject.lines().count())
        };
        prop_assert_eq!(shape(&name, &menu, &comment), shape("k", "C", "d"));
    }
}
