//! Words that guests type: what is kept of them, and what is marked.

use domain::feedback::{spam, words};
use proptest::prelude::*;

#[test]
fn words_are_kept_as_meant_and_cannot_steer() {
    let known = [
        (
            "  Enak   sekali! \r\n\r\n\tSambalnya\u{7}juara ",
            Some("Enak sekali!\nSambalnya juara"),
        ),
        ("\u{202E}kasir\u{202C} \u{2066}x\u{2069}", Some("kasir x")),
        (
            "👨\u{200D}👩\u{200D}👧 🇮🇩 ❤\u{FE0F}",
            Some("👨\u{200D}👩\u{200D}👧 🇮🇩 ❤\u{FE0F}"),
        ),
        ("a\u{200B}b\u{FEFF}c\u{E0041}", Some("abc")),
        ("satu\u{2028}dua", Some("satu\ndua")),
        (
            "<script>alert(1)</script> =1+1",
            Some("<script>alert(1)</script> =1+1"),
        ),
        (" \u{200D}\n\u{0}\u{FE0F}", None),
        ("", None),
    ];
    for (text, wanted) in known {
        assert_eq!(words::clean(text).as_deref(), wanted, "{text:?}");
    }
}

#[test]
fn a_line_of_a_file_is_shortened_to_what_a_comment_may_have() {
    let long = "é".repeat(words::COMMENT_MAX + 1);
    let (kept, shortened) = words::clean_line(&long).unwrap();
    assert_eq!((kept.chars().count(), shortened), (words::COMMENT_MAX, true));
    assert_eq!(words::clean_line("a\nb"), Some(("a b".to_owned(), false)));
}

#[test]
fn advertisements_and_noise_are_marked_and_praise_is_not() {
    let suspect = [
        "Cek https://promo.example/1",
        "WWW.PROMO",
        "promo-murah.com!",
        "lihat toko.xyz/ayo",
        "surel saya a@b.co.id",
        "hubungi 0812-3456-7890",
        "+62 812 3456 789",
        "aaaaaaaaaaaaaaaaa",
        "! ! ! ! ! ! ! ! ! ! ! !",
        "[url=x]y[/url]",
    ];
    for text in suspect {
        assert!(spam::is_suspect(text), "{text}");
    }
    let fine = [
        "Enak sekali, porsinya besar. Terima kasih!",
        "Ayamnya enaaaaak",
        "Nunggu 45 menit di meja 12, bayar Rp 125.000",
        "Sambal.id-nya... mantap",
        "Rasa 9/10. Idaman.",
        "jam 12.30 dan 13.45 tutup",
        "",
    ];
    for text in fine {
        assert!(!spam::is_suspect(text), "{text}");
    }
}

proptest! {
    #[test]
    fn clean_words_stay_as_they_are(text in "\\PC{0,60}|[\\x00-\\x20a-z\u{200B}-\u{2069}]{0,60}") {
        if let Some(clean) = words::clean(&text) {
            prop_assert_eq!(words::clean(&clean), Some(clean.clone()));
            prop_assert!(!clean.contains(|c: char| c != '\n' && c.is_control()));
        }
    }
}
