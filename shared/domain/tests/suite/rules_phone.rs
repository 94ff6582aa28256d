//! How phone numbers are read: every spelling met in exports, and what must hold for any text.

use domain::phone::PhoneKind::{Fixed, Foreign, Mobile, TollFree};
use domain::phone::PhoneProblem::{
    Inexact, Letters, Masked, NotAPhone, Placeholder, Special, TooLong, TooShort,
};
use domain::phone::{PhoneKind, PhoneNote, PhoneProblem, PhoneReading, read_phone};
use proptest::prelude::*;

fn valid(e164: &str, kind: PhoneKind) -> PhoneReading {
    PhoneReading::Valid {
        e164: e164.to_owned(),
        kind,
        note: None,
    }
}

#[test]
fn every_known_spelling_gives_its_number() {
    let rows = [
        // Without a plus, 62 is the country code and never an area.
        ("62812456789", "+62812456789", Mobile),
        ("62816640000", "+62816640000", Mobile),
        ("62361234567", "+62361234567", Fixed),
        ("62274555123", "+62274555123", Fixed),
        ("62 21 5551234", "+62215551234", Fixed),
        ("006281234567890", "+6281234567890", Mobile),
        ("001 62 81234567890", "+6281234567890", Mobile),
        ("007 62 81234567890", "+6281234567890", Mobile),
        ("008 62 81234567890", "+6281234567890", Mobile),
        ("009 62 081234567890", "+6281234567890", Mobile),
        ("01017 62 81234567890", "+6281234567890", Mobile),
        ("81234567890.0", "+6281234567890", Mobile),
        ("81234567890,00", "+6281234567890", Mobile),
        ("8.1234567890e10", "+6281234567890", Mobile),
        ("8.1234567890E+10", "+6281234567890", Mobile),
        ("6.281234567890e12", "+6281234567890", Mobile),
        ("081234567890", "+6281234567890", Mobile),
        ("0812-3456-7890", "+6281234567890", Mobile),
        ("+62 812 3456 7890", "+6281234567890", Mobile),
        ("6281234567890", "+6281234567890", Mobile),
        ("81234567890", "+6281234567890", Mobile),
        ("+620812345678", "+62812345678", Mobile),
        ("62081234567890", "+6281234567890", Mobile),
        ("(+62) 0812 3456 7890", "+6281234567890", Mobile),
        ("０８１２３４５６７８９０", "+6281234567890", Mobile),
        ("'081234567890", "+6281234567890", Mobile),
        (
            "\u{200e}+62\u{a0}812\u{2011}3456\u{2011}7890",
            "+6281234567890",
            Mobile,
        ),
        ("021 5551234 ext 5", "+62215551234", Fixed),
        ("(021) 5551234 pes. 12", "+62215551234", Fixed),
        ("081234567890 ext 5", "+6281234567890", Mobile),
        ("021/5551234", "+62215551234", Fixed),
        ("085842667006", "+6285842667006", Mobile),
        // With a zero, 062x is an area of Sumatra.
        ("0622 123456", "+62622123456", Fixed),
        ("0361 234567", "+62361234567", Fixed),
        ("0800 1234567", "+628001234567", TollFree),
        ("+65 9123 4567", "+6591234567", Foreign),
        ("0065 9123 4567", "+6591234567", Foreign),
        ("00962 7 9012 3456", "+962790123456", Foreign),
        ("+1 415 555 2671", "+14155552671", Foreign),
    ];
    for (text, e164, kind) in rows {
        assert_eq!(read_phone(text, &[]), valid(e164, kind), "{text:?}");
    }
}

#[test]
fn no_number_is_no_problem() {
    for text in [
        "",
        " ",
        "-",
        "--",
        "0",
        "0000000000",
        "0.0",
        "+",
        "null",
        "NULL",
        "None",
        "'",
        "n/a",
    ] {
        assert_eq!(read_phone(text, &[]), PhoneReading::None, "{text:?}");
    }
}

#[test]
fn what_could_reach_a_stranger_is_rejected_with_its_reason() {
    let rows = [
        ("62896xxxx1234", Masked),
        ("0812****7890", Masked),
        ("0812....7890", Masked),
        ("0812\u{2022}\u{2022}\u{2022}\u{2022}7890", Masked),
        ("+628123456789O", Letters),
        ("0812FLOWERS", Letters),
        ("Budi 0812", Letters),
        ("8.12346E+10", Inexact),
        ("8.1e99999999999999999999", Inexact),
        ("8.12345678905e10", NotAPhone),
        ("81234567890.5", NotAPhone),
        ("08123456", TooShort),
        ("+62", TooShort),
        ("0211234", TooShort),
        ("555123", TooShort),
        ("+65123", TooShort),
        ("08123456789012", TooLong),
        ("021123456789", TooLong),
        ("+1234123412341234", TooLong),
        ("215551234", NotAPhone),
        ("0841234567", NotAPhone),
        ("0801234567", NotAPhone),
        ("+081234567890", NotAPhone),
        ("0812+34567890", NotAPhone),
        ("0812=34567890", NotAPhone),
        ("0123456789", NotAPhone),
        ("000812345678", NotAPhone),
        ("14022", Special),
        ("1500123", Special),
        ("+62 1500 123", Special),
        ("110", Special),
        ("0804 1 234567", Special),
        ("08071234567", Special),
        ("08091234567", Special),
        ("08123456789", Placeholder),
        ("+62 812-3456-789", Placeholder),
        ("8123456789", Placeholder),
        ("08888888888", Placeholder),
        ("0811111111", Placeholder),
        ("0987654321", Placeholder),
        ("+1234567890", Placeholder),
    ];
    for (text, problem) in rows {
        assert_eq!(read_phone(text, &[]), PhoneReading::Rejected(problem), "{text:?}");
    }
}

#[test]
fn of_two_numbers_the_first_valid_one_is_taken() {
    let first = PhoneReading::Valid {
        e164: "+6281234567890".to_owned(),
        kind: Mobile,
        note: Some(PhoneNote::FirstOfTwo),
    };
    let fields = [
        "081234567890/081398765432",
        "081234567890, 081398765432",
        "08xxxxxx7890 / 0812-3456-7890",
        "081234567890;0215551234 ext 5",
    ];
    for text in fields {
        assert_eq!(read_phone(text, &[]), first, "{text:?}");
    }
    let neither = read_phone("08xxxxxx7890/0841234567", &[]);
    assert_eq!(
        neither,
        PhoneReading::Rejected(Masked),
        "the first problem is the one reported"
    );
}

#[test]
fn the_outlets_own_number_is_a_placeholder_in_any_spelling() {
    for own in ["+62215551234", "021-555 1234", "62 21 5551234"] {
        let own = [own.to_owned()];
        assert_eq!(
            read_phone("(021) 5551234", &own),
            PhoneReading::Rejected(Placeholder),
            "{own:?}"
        );
        assert_eq!(read_phone("021 5551235", &own), valid("+62215551235", Fixed));
    }
    let unreadable = ["-".to_owned(), "call us".to_owned()];
    assert_eq!(
        read_phone("021 5551234", &unreadable),
        valid("+62215551234", Fixed)
    );
}

#[test]
fn codes_are_stable() {
    let codes = [
        (Masked, "PHONE_MASKED"),
        (Letters, "PHONE_LETTERS"),
        (TooShort, "PHONE_TOO_SHORT"),
        (TooLong, "PHONE_TOO_LONG"),
        (NotAPhone, "PHONE_INVALID"),
        (Inexact, "PHONE_INEXACT"),
        (Placeholder, "PHONE_PLACEHOLDER"),
        (Special, "PHONE_SPECIAL"),
    ];
    for (problem, code) in codes {
        assert_eq!(PhoneProblem::code(problem), code);
    }
    assert_eq!(PhoneNote::FirstOfTwo.code(), "PHONE_FIRST_OF_TWO");
}

/// The digits cut into groups of four with the separators between them.
fn spaced(digits: &str, separator: &str) -> String {
    let groups: Vec<String> = digits
        .as_bytes()
        .chunks(4)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    groups.join(separator)
}

/// Whether a text is `+`, a digit but zero, and 6 to 14 more digits.
fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

proptest! {
    #[test]
    fn every_spelling_of_a_mobile_number_gives_one_e164(
        national in "8[1235-9][0-9]{7,10}",
        prefix in prop::sample::select(vec!["0", "62", "+62", "620", "+620", "(+62)", "(0)", "0062", ""]),
        separator in prop::sample::select(vec!["", " ", "-", ".", " - "]),
    ) {
        let expected = read_phone(&format!("+62{national}"), &[]);
        let text = format!("{prefix}{separator}{}", spaced(&national, separator));
        prop_assert_eq!(read_phone(&text, &[]), expected.clone(), "{}", text);
        if let PhoneReading::Valid { e164, kind, .. } = expected {
            prop_assert_eq!((e164, kind), (format!("+62{national}"), Mobile));
        } else {
            prop_assert_eq!(expected, PhoneReading::Rejected(Placeholder));
        }
    }

    #[test]
    fn any_result_is_e164_and_reads_as_itself(
        text in "\\PC{0,40}|[-+0-9./,() exE']{0,25}|(\\+|00|0|62)?[0-9]{5,16}",
    ) {
        if let PhoneReading::Valid { e164, kind, .. } = read_phone(&text, &[]) {
            prop_assert!(is_e164(&e164), "{} gave {}", text, e164);
            prop_assert_eq!(read_phone(&e164, &[]), valid(&e164, kind));
            prop_assert_eq!(read_phone(&text, &[e164]), PhoneReading::Rejected(Placeholder));
        }
    }
}
