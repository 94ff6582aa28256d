//! How names are cleaned and turned into identifiers.

use domain::name::{NAME_MAX_CHARS, SLUG_MAX_LEN, clean_name, outlet_id, slug};
use proptest::prelude::*;

#[test]
fn a_name_keeps_its_words_and_loses_the_rest() {
    let rows = [
        ("Budi", Some("Budi")),
        ("  Siti   Nur\tAisyah\r\n", Some("Siti Nur Aisyah")),
        ("Bu\u{200b}di\u{feff}", Some("Budi")),
        ("Budi\u{0}Santoso", Some("Budi Santoso")),
        ("\u{202e}Budi", Some("Budi")),
        ("Ayu\u{a0}Dewi", Some("Ayu Dewi")),
        ("José D'Souza-Lie", Some("José D'Souza-Lie")),
        ("東京", Some("東京")),
        ("", None),
        (" \u{200b} ", None),
        ("-", None),
        (" \u{2014} ", None),
        ("- -", Some("- -")),
        ("null", None),
        ("NULL", None),
        ("None", None),
        ("undefined", None),
        ("n/a", None),
        ("Nullah", Some("Nullah")),
    ];
    for (text, expected) in rows {
        assert_eq!(clean_name(text).as_deref(), expected, "{text:?}");
    }
}

#[test]
fn a_long_name_is_cut_between_characters() {
    let name = clean_name(&"é".repeat(500)).unwrap();
    assert_eq!(name, "é".repeat(NAME_MAX_CHARS));
    let cut_at_a_space = format!("{} {}", "a".repeat(NAME_MAX_CHARS - 1), "b");
    assert_eq!(
        clean_name(&cut_at_a_space).unwrap(),
        "a".repeat(NAME_MAX_CHARS - 1)
    );
}

#[test]
fn a_slug_spells_the_name_in_ascii() {
    let rows = [
        ("Warung Oyako Pusat", "warung-oyako-pusat"),
        ("  Warung -- Oyako / Pusat! ", "warung-oyako-pusat"),
        ("Café Crème", "cafe-creme"),
        ("Cafe\u{301} Cre\u{300}me", "cafe-creme"),
        ("Straße Łódź Ærø", "strasse-lodz-aero"),
        ("D'Oyako \u{2019}78", "doyako-78"),
        ("ＯＹＡＫＯ１", "oyako1"),
        ("İstanbul", "istanbul"),
        ("東京", "tanpa-nama"),
        ("", "tanpa-nama"),
        ("---", "tanpa-nama"),
    ];
    for (text, expected) in rows {
        assert_eq!(slug(text), expected, "{text:?}");
    }
    let long = format!("{} tail", "a".repeat(SLUG_MAX_LEN - 1));
    assert_eq!(
        slug(&long),
        "a".repeat(SLUG_MAX_LEN - 1),
        "no hyphen is left at the cut"
    );
}

#[test]
fn an_outlet_is_named_after_its_system() {
    assert_eq!(outlet_id("moka", "100818"), "moka-100818");
    assert_eq!(
        outlet_id("majoo", "Warung Oyako Pusat"),
        "majoo-warung-oyako-pusat"
    );
}

proptest! {
    #[test]
    fn a_clean_name_is_clean_already(text in any::<String>()) {
        if let Some(name) = clean_name(&text) {
            prop_assert!(!name.is_empty() && name.chars().count() <= NAME_MAX_CHARS);
            prop_assert!(!name.chars().any(char::is_control) && !name.contains("  ") && name.trim() == name);
            prop_assert_eq!(clean_name(&name), Some(name));
        }
    }

    #[test]
    fn a_slug_is_a_slug_already(text in any::<String>()) {
        let made = slug(&text);
        prop_assert!((1..=SLUG_MAX_LEN).contains(&made.len()));
        prop_assert!(made.split('-').all(|word| !word.is_empty()
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())));
        prop_assert_eq!(slug(&made), made);
    }
}
