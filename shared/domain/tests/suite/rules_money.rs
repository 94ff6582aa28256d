//! How amounts and quantities are read and written.

use domain::money::{Money, MoneyError, MoneyNote, Parsed, Written, parse, sum};
use domain::quantity::{self, Quantity, QuantityError, QuantityNote};
use proptest::prelude::*;

/// What the reader should say: the amount as it is written out, and the note.
type Expected = (&'static str, Option<MoneyNote>);
const AMBIGUOUS: Option<MoneyNote> = Some(MoneyNote::Ambiguous);
const ROUNDED: Option<MoneyNote> = Some(MoneyNote::Rounded);

fn check(written: Written<'_>, (amount, note): Expected) {
    let parsed = parse(written)
        .unwrap_or_else(|e| panic!("{written:?}: {e}"))
        .expect("an amount");
    assert_eq!(
        (parsed.value.to_string().as_str(), parsed.note),
        (amount, note),
        "{written:?}"
    );
}

#[test]
fn a_json_number_has_a_decimal_point_and_nothing_else() {
    let rows: &[(&str, Expected)] = &[
        ("84000", ("84000", None)),
        ("1.500", ("1.5", None)),
        ("45900.9", ("45900.9", None)),
        ("45000.0", ("45000", None)),
        ("-755.0125", ("-755.0125", None)),
        ("4.5e4", ("45000", None)),
        ("4.5E+4", ("45000", None)),
        ("45e-1", ("4.5", None)),
        ("-0", ("0", None)),
        ("0e999999999999999999999", ("0", None)),
        ("1.1499999999999999", ("1.15", ROUNDED)),
        ("0.00005", ("0", ROUNDED)),
        ("0.00015", ("0.0002", ROUNDED)),
        ("0.00025", ("0.0002", ROUNDED)),
        ("-0.00025", ("-0.0002", ROUNDED)),
        (
            "0.000250000000000000000000000000000000000001",
            ("0.0003", ROUNDED),
        ),
        ("0.000049999999999999999999999999999999999999", ("0", ROUNDED)),
        ("1e-400", ("0", ROUNDED)),
        ("922337203685477.5807", ("922337203685477.5807", None)),
        ("-922337203685477.5808", ("-922337203685477.5808", None)),
        ("1.000000000000000000000000000000000000000000", ("1", None)),
    ];
    for (token, expected) in rows {
        check(Written::Number(token), *expected);
    }
}

#[test]
fn a_text_follows_the_indonesian_or_the_english_writing() {
    let rows: &[(&str, Expected)] = &[
        ("45000", ("45000", None)),
        ("45.000", ("45000", AMBIGUOUS)),
        ("45,000", ("45000", AMBIGUOUS)),
        ("1.500", ("1500", AMBIGUOUS)),
        ("1,500", ("1500", AMBIGUOUS)),
        ("45.000,50", ("45000.5", None)),
        ("45,000.50", ("45000.5", None)),
        ("1.234.567", ("1234567", None)),
        ("1.234.567,8901", ("1234567.8901", None)),
        ("45000.00", ("45000", None)),
        ("45000,5", ("45000.5", None)),
        ("45000.000", ("45000", None)),
        ("0.500", ("0.5", None)),
        ("-0,500", ("-0.5", None)),
        (".5", ("0.5", None)),
        ("12.5", ("12.5", None)),
        ("1.2345", ("1.2345", None)),
        ("1,23456", ("1.2346", ROUNDED)),
        ("Rp 45.000,-", ("45000", None)),
        ("Rp45.000,00", ("45000", None)),
        ("Rp. 45.000,50", ("45000.5", None)),
        ("rp45000", ("45000", None)),
        ("IDR 45,000.50", ("45000.5", None)),
        ("45000 IDR", ("45000", None)),
        ("45000,-", ("45000", None)),
        ("45,000.-", ("45000", None)),
        ("Rp\u{a0}45\u{202f}000", ("45000", None)),
        ("45'000", ("45000", None)),
        ("1 234 567,5", ("1234567.5", None)),
        ("'45000", ("45000", None)),
        ("４５．０００，５０", ("45000.5", None)),
        ("+45000", ("45000", None)),
        ("-45.000,50", ("-45000.5", None)),
        ("\u{2212}45000", ("-45000", None)),
        ("45.000,50-", ("-45000.5", None)),
        ("45000-", ("-45000", None)),
        ("(1.000)", ("-1000", AMBIGUOUS)),
        ("(Rp 1.000,00)", ("-1000", None)),
        ("Rp (45000)", ("-45000", None)),
        ("Rp -45000", ("-45000", None)),
        ("-Rp 45.000,-", ("-45000", None)),
    ];
    for (text, expected) in rows {
        check(Written::Text(text), *expected);
    }
}

#[test]
fn nothing_written_is_no_amount_and_no_error() {
    for text in [
        "", " ", "-", "--", "\u{2013}", "null", "NULL", "n/a", "None", "Rp -", "Rp-", "\u{feff}",
    ] {
        assert_eq!(parse(Written::Text(text)), Ok(None), "{text:?}");
    }
}

#[test]
fn what_is_no_amount_has_a_stable_code() {
    let texts = [
        "abc",
        "12abc",
        "NaN",
        "Infinity",
        "-Infinity",
        "1.23.45",
        "1.2.345",
        "0.500.000",
        "045.000",
        "12 34",
        "1.234 567",
        "1 234'567.5",
        "1,234,56",
        "45000.",
        "45.000,",
        "4.5e4",
        "--5",
        "-5-",
        "(-5)",
        "5%",
        "1..5",
        "Rp Rp 5",
        ",",
        ".",
        "0x10",
        "١٢",
    ];
    for text in texts {
        let error = parse(Written::Text(text)).expect_err(text);
        assert_eq!(
            (error, error.code()),
            (MoneyError::NotANumber, "MONEY_INVALID"),
            "{text:?}"
        );
    }
    for token in [
        "", "-", "1.", ".5", "01", "+1", "1e", "1e+", "NaN", "1,5", "0x1", "1 2", "1.-5", "--1",
    ] {
        assert_eq!(
            parse(Written::Number(token)),
            Err(MoneyError::NotANumber),
            "{token:?}"
        );
    }
    for text in ["Rp", "IDR ", "()", "+"] {
        let error = parse(Written::Text(text)).expect_err(text);
        assert_eq!(
            (error, error.code()),
            (MoneyError::Empty, "MONEY_INVALID"),
            "{text:?}"
        );
    }
    let far = "9".repeat(400_000);
    for token in [
        "1e400",
        "-1e400",
        "922337203685477.5808",
        "1e15",
        "1e99999999999999999999",
        &far,
    ] {
        let error = parse(Written::Number(token)).expect_err("out of range");
        assert_eq!(
            (error, error.code()),
            (MoneyError::OutOfRange, "MONEY_OUT_OF_RANGE")
        );
    }
    assert_eq!(MoneyNote::Ambiguous.code(), "MONEY_AMBIGUOUS");
    assert_eq!(MoneyNote::Rounded.code(), "MONEY_ROUNDED");
}

#[test]
fn arithmetic_refuses_to_overflow() {
    let (one, most) = (Money::from_raw(1), Money::from_raw(i64::MAX));
    let least = Money::from_raw(i64::MIN);
    assert_eq!(most.checked_add(one), None);
    assert_eq!(least.checked_sub(one), None);
    assert_eq!((least.checked_neg(), least.checked_abs()), (None, None));
    assert_eq!(sum([most, one]), None);
    assert_eq!(
        sum([most, one.checked_neg().unwrap()]),
        Some(Money::from_raw(i64::MAX - 1))
    );
    assert_eq!(sum([]), Some(Money::ZERO));
    assert_eq!(Money::from_rupiah(3), Some(Money::from_raw(30_000)));
    assert_eq!(Money::from_rupiah(i64::MAX / 10_000 + 1), None);
    assert_eq!(Money::from_raw(-5).checked_abs(), Some(Money::from_raw(5)));
    assert!(least.is_negative() && !Money::ZERO.is_negative() && Money::ZERO.is_zero() && !one.is_zero());
}

#[test]
fn an_amount_is_stored_as_its_integer() {
    assert_eq!(
        serde_json::to_string(&Money::from_raw(459_009_000)).unwrap(),
        "459009000"
    );
    assert_eq!(
        serde_json::from_str::<Quantity>("5000").unwrap(),
        Quantity::from_raw(5000)
    );
}

#[test]
fn a_quantity_never_has_thousands() {
    let read = |written| quantity::parse(written).map(|q| q.map(|q| (q.value.to_string(), q.note)));
    let rows = [
        (Written::Number("2"), "2"),
        (Written::Number("0.25"), "0.25"),
        (Written::Number("1e0"), "1"),
        (Written::Text("1.500"), "1.5"),
        (Written::Text("1,500"), "1.5"),
        (Written::Text("-2"), "-2"),
        (Written::Text("+3"), "3"),
        (Written::Text("１，５"), "1.5"),
        (Written::Text("'2"), "2"),
    ];
    for (written, expected) in rows {
        assert_eq!(
            read(written),
            Ok(Some((expected.to_owned(), None))),
            "{written:?}"
        );
    }
    let rounded = Some(("0.3333".to_owned(), Some(QuantityNote::Rounded)));
    assert_eq!(read(Written::Text("0,33333")), Ok(rounded));
    for text in ["", "-", "null"] {
        assert_eq!(read(Written::Text(text)), Ok(None));
    }
    for text in ["1.000,5", "2x", "2 pcs", "1.", ",", "NaN", "1 000", "--1"] {
        assert_eq!(
            read(Written::Text(text)),
            Err(QuantityError::NotANumber),
            "{text:?}"
        );
    }
    assert_eq!(read(Written::Number("1e300")), Err(QuantityError::OutOfRange));
    assert_eq!(Quantity::from_pieces(1), Some(Quantity::ONE));
    assert_eq!(QuantityError::NotANumber.code(), "QUANTITY_INVALID");
    assert_eq!(QuantityError::OutOfRange.code(), "QUANTITY_OUT_OF_RANGE");
    assert_eq!(QuantityNote::Rounded.code(), "QUANTITY_ROUNDED");
}

/// Writes an integer with a mark between its thousands.
fn grouped(digits: &str, mark: char) -> String {
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}

proptest! {
    #[test]
    fn what_is_written_out_reads_back(raw: i64) {
        let money = Money::from_raw(raw);
        let text = money.to_string();
        prop_assert!(!text.contains(['e', 'E', ',']));
        prop_assert_eq!(parse(Written::Number(&text)), Ok(Some(Parsed { value: money, note: None })));
        let quantity = Quantity::from_raw(raw).to_string();
        prop_assert_eq!(quantity::parse(Written::Text(&quantity)).unwrap().unwrap().value.raw(), raw);
    }

    #[test]
    fn grouping_never_changes_an_integer(rupiah in 0..=922_337_203_685_477_i64, mark in prop::sample::select(vec!['.', ',', ' ', '\''])) {
        let text = grouped(&rupiah.to_string(), mark);
        let parsed = parse(Written::Text(&text)).unwrap().unwrap();
        prop_assert_eq!(Some(parsed.value), Money::from_rupiah(rupiah));
        let one_mark = (1_000..1_000_000).contains(&rupiah) && matches!(mark, '.' | ',');
        prop_assert_eq!(parsed.note, one_mark.then_some(MoneyNote::Ambiguous));
    }

    #[test]
    fn both_writings_of_a_fraction_agree(whole in 0..=900_000_000_000_000_i64, cents in 0..100_i64) {
        let digits = whole.to_string();
        let indonesian = format!("Rp {},{cents:02}", grouped(&digits, '.'));
        let english = format!("IDR {}.{cents:02}", grouped(&digits, ','));
        let expected = Money::from_raw(whole * 10_000 + cents * 100);
        prop_assert_eq!(parse(Written::Text(&indonesian)).unwrap().unwrap().value, expected);
        prop_assert_eq!(parse(Written::Text(&english)).unwrap().unwrap().value, expected);
    }

    #[test]
    fn a_negative_writing_is_the_negative_of_the_positive_one(text in "[0-9]{1,3}([.,][0-9]{3}){0,3}([.,][0-9]{1,2})?") {
        let plain = parse(Written::Text(&text));
        let turned = plain.map(|p| p.map(|p| Parsed { value: p.value.checked_neg().unwrap(), ..p }));
        for negative in [format!("-{text}"), format!("{text}-"), format!("({text})"), format!("Rp -{text}")] {
            prop_assert_eq!(parse(Written::Text(&negative)), turned, "{}", negative);
        }
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "\\PC{0,30}|[-+0-9.,eE ()Rp']{0,30}") {
        for written in [Written::Number(&text), Written::Text(&text)] {
            let (_, _) = (parse(written), quantity::parse(written));
        }
    }
}
