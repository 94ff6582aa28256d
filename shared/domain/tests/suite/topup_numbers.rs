//! Destinations as people write them, and whose numbers they are.

use crate::topup_support::survive_prefixes;
use domain::topup::number::{DestinationError, Fit, Operator, Prefixes, destination, fit, same};
use domain::topup::product::Kind;
use proptest::prelude::*;

#[test]
fn a_mobile_number_is_sent_with_its_zero_however_it_is_written() {
    for (text, wanted) in [
        ("081234567890", "081234567890"),
        ("+6281234567890", "081234567890"),
        ("6281234567890", "081234567890"),
        ("81234567890", "081234567890"),
        ("+62 812-3456-7890", "081234567890"),
        (" 0812.3456.7890\n", "081234567890"),
        ("0812\u{a0}345\u{a0}678", "0812345678"),
        ("0811123456", "0811123456"),
        ("0895123456789", "0895123456789"),
    ] {
        for kind in [Kind::Pulsa, Kind::Data] {
            assert_eq!(destination(kind, text).as_deref(), Ok(wanted), "{text}");
        }
    }
}

#[test]
fn a_destination_that_cannot_be_is_refused_with_its_reason() {
    use DestinationError::{Empty, NotDigits, NotMobile, TooLong, TooShort};
    for (kind, text, wanted) in [
        (Kind::Pulsa, "", Empty),
        (Kind::Pulsa, " - ", Empty),
        (Kind::Pulsa, "+", NotDigits),
        (Kind::Pulsa, "0812x4567890", NotDigits),
        (Kind::Pulsa, "++6281234567890", NotDigits),
        (Kind::Pulsa, "0812#4567890", NotDigits),
        (Kind::Pulsa, "０８１２３４５６７８９", NotDigits),
        (Kind::Pulsa, "081234567", TooShort),
        (Kind::Pulsa, "08", TooShort),
        (Kind::Pulsa, "0", TooShort),
        (Kind::Pulsa, "62", TooShort),
        (Kind::Pulsa, "08123456789012", TooLong),
        (Kind::Pulsa, "0841234567", NotMobile),
        (Kind::Pulsa, "0801234567", NotMobile),
        (Kind::Pulsa, "0217654321", NotMobile),
        (Kind::Pulsa, "+081234567890", NotMobile),
        (Kind::Pulsa, "+6591234567", NotMobile),
        (Kind::Pulsa, "006281234567890", NotMobile),
        (Kind::Data, "+62081234567890", NotMobile),
        (Kind::Pln, "", Empty),
        (Kind::Pln, "0110979042", TooShort),
        (Kind::Pln, "5301234567890", TooLong),
        (Kind::Pln, "+1109790426", NotDigits),
        (Kind::Voucher, "ab1", TooShort),
        (Kind::Voucher, "abcdefghijklmnopqrstu", TooLong),
        (Kind::Voucher, "abc&pin", NotDigits),
        (Kind::Voucher, "abc#1", NotDigits),
    ] {
        assert_eq!(destination(kind, text), Err(wanted), "{text:?}");
        assert!(wanted.code().starts_with("DESTINATION_"));
    }
}

#[test]
fn a_meters_number_keeps_its_zero_and_has_no_country() {
    for (text, wanted) in [
        ("07050071252", "07050071252"),
        ("01109790426", "01109790426"),
        ("62110979042", "62110979042"),
        ("5301 2345 6789", "530123456789"),
        ("86-123-456-789", "86123456789"),
    ] {
        assert_eq!(destination(Kind::Pln, text).as_deref(), Ok(wanted), "{text}");
    }
    assert_eq!(destination(Kind::Voucher, "Ab12").as_deref(), Ok("Ab12"));
}

#[test]
fn a_destination_is_known_again_in_another_writing() {
    assert!(same(Kind::Pulsa, "081234567890", "6281234567890"));
    assert!(same(Kind::Pulsa, "081234567890", " 081234567890 "));
    assert!(!same(Kind::Pulsa, "081234567890", "081234567891"));
    assert!(!same(Kind::Pulsa, "081234567890", ""));
    assert!(!same(Kind::Pln, "62110979042", "0110979042"));
    assert!(!same(Kind::Pulsa, "nothing", "else"));
}

/// Every row of the table: prefix, operator, whether it is certain, who else.
#[test]
fn every_prefix_is_there() {
    use Operator::{Axis, ByU, Indosat, Smartfren, Telkomsel, Three, Xl};
    let prefixes = Prefixes::built_in();
    let table: [(&str, Operator, bool, &[Operator]); 11] = [
        ("0811 0812 0813 0821 0822 0823 0852 0853", Telkomsel, true, &[]),
        ("0851", Telkomsel, true, &[ByU]),
        ("085155 085156 085157 085158", ByU, true, &[Telkomsel]),
        ("0814 0815 0816 0855 0856 0857 0858", Indosat, true, &[]),
        ("0895 0896 0897 0898 0899", Three, true, &[]),
        ("0817 0818 0819 0877 0878 0879", Xl, true, &[]),
        ("0859", Xl, true, &[Axis]),
        ("0831 0832 0833 0838", Axis, true, &[]),
        ("08591 08598", Axis, false, &[Xl]),
        ("0881 0882 0883 0887 0888 0889", Smartfren, true, &[]),
        ("0884 0885 0886", Smartfren, false, &[]),
    ];
    let mut rows = 0;
    for (list, operator, sure, also) in table {
        for prefix in list.split(' ') {
            let row = prefixes.find(&format!("{prefix}9999999")).unwrap();
            assert_eq!(
                (row.prefix.as_str(), row.operator, row.sure, row.also.as_slice()),
                (prefix, operator, sure, also)
            );
            assert!(!row.source.is_empty() && row.dated.starts_with("20"));
            rows += 1;
        }
    }
    assert_eq!(prefixes.rows().count(), rows);
}

#[test]
fn only_what_is_certain_is_another_operators() {
    use Operator::{Axis, ByU, Indosat, Smartfren, Telkomsel, Three, Xl};
    let prefixes = Prefixes::built_in();
    for (operator, number, wanted) in [
        (Telkomsel, "081234567890", Fit::Fits),
        (Indosat, "081234567890", Fit::Differs(Telkomsel)),
        (ByU, "081234567890", Fit::Differs(Telkomsel)),
        // by.U's numbers are Telkomsel's: neither is wrong for certain.
        (ByU, "085155123456", Fit::Fits),
        (Telkomsel, "085155123456", Fit::Doubtful),
        (Telkomsel, "085112345678", Fit::Fits),
        (ByU, "085112345678", Fit::Doubtful),
        (Xl, "085155123456", Fit::Differs(ByU)),
        (Axis, "085912345678", Fit::Fits),
        (Xl, "085912345678", Fit::Doubtful),
        (Axis, "085922345678", Fit::Doubtful),
        (Xl, "085922345678", Fit::Fits),
        (Indosat, "085912345678", Fit::Doubtful),
        (Indosat, "085922345678", Fit::Differs(Xl)),
        (Smartfren, "088412345678", Fit::Fits),
        (Xl, "088412345678", Fit::Doubtful),
        (Xl, "088112345678", Fit::Differs(Smartfren)),
        (Indosat, "089512345678", Fit::Differs(Three)),
        (Xl, "083412345678", Fit::Doubtful),
        (Xl, "", Fit::Doubtful),
        (Xl, "08é", Fit::Doubtful),
    ] {
        assert_eq!(fit(&prefixes, operator, number), wanted, "{operator:?} {number}");
    }
}

#[test]
fn a_table_is_refused_with_its_line() {
    let good =
        r#"    { prefix = "0812", operator = "telkomsel", sure = true, source = "s", dated = "2026" },"#;
    for (row, line, what) in [
        (good.to_owned(), 3, "twice"),
        (good.replace("0812", "0912"), 3, "begin with 08"),
        (good.replace("0812", "081"), 3, "4 to 8 digits"),
        (good.replace("0812", "08123456789"), 3, "4 to 8 digits"),
        (good.replace("0812", "08 2"), 3, "4 to 8 digits"),
        (good.replace("telkomsel", "telkom"), 3, "unknown variant"),
        (good.replace("\"s\"", "\" \""), 3, "source"),
        (good.replace("2026", "20\\n26"), 3, "one line"),
        (good.replace("sure", "shure"), 3, "unknown field"),
        (good.replace(", sure = true", ""), 3, "missing field"),
    ] {
        let error = Prefixes::read(&format!("prefix = [\n{good}\n{row}\n]\n")).unwrap_err();
        assert_eq!(error.line, line, "{row}: {error}");
        assert!(error.what.contains(what), "{row}: {error}");
    }
    for text in [
        "",
        "prefix = []",
        "prefix = [\n{",
        "rows = []",
        &"#".repeat(300_000),
    ] {
        assert!(Prefixes::read(text).is_err());
    }
}

proptest! {
    #[test]
    fn what_is_a_destination_stays_one(text in "[+0-9 .-]{0,18}|\\PC{0,20}") {
        for kind in Kind::ALL {
            if let Ok(dest) = destination(kind, &text) {
                prop_assert!(dest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
                prop_assert_eq!(destination(kind, &dest), Ok(dest.clone()));
                prop_assert!(same(kind, &dest, &text));
            }
        }
    }

    #[test]
    fn a_table_is_read_as_it_was_written(
        rows in prop::collection::btree_map("08[0-9]{2,6}", (0_usize..7, any::<bool>(), "\\PC{0,9}[!-~]"), 1..9)
    ) {
        let rows: String = rows.into_iter().map(|(prefix, (operator, sure, source))| format!(
            "[[prefix]]\nprefix = '{prefix}'\noperator = '{}'\nsure = {sure}\nsource = {source:?}\ndated = '2026'\n",
            Operator::ALL[operator].as_str()
        )).collect();
        // Rust's own escapes are not all TOML's: such a table is refused and not misread.
        survive_prefixes(&rows);
    }

    #[test]
    fn any_text_is_survived_as_a_table(text in "\\PC{0,60}") {
        survive_prefixes(&text);
    }
}
