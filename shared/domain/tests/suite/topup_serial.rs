//! The serial numbers of electricity, as sellers' own pages show them.

use domain::topup::serial::{PlnToken, pln};
use proptest::prelude::*;

fn token(token: &str, fields: [Option<&str>; 4]) -> Option<PlnToken> {
    let [name, tariff, power, kwh] = fields.map(|field| field.map(str::to_owned));
    Some(PlnToken {
        token: token.to_owned(),
        name,
        tariff,
        power,
        kwh,
    })
}

#[test]
fn tokens_are_read_with_whatever_stands_beside_them() {
    let digits = "25140123456789012824";
    let table = [
        // klikoo, scriptwebpulsa.com, konterpulsamurah.blogspot.com
        (
            "2514-0123-4567-8901-2824/HASMALINDA/R1M/900VA/33.7",
            [Some("HASMALINDA"), Some("R1M"), Some("900VA"), Some("33.7")],
        ),
        (
            "2514-0123-4567-8901-2824/YAPHEHE/R1M/900VA/36,0",
            [Some("YAPHEHE"), Some("R1M"), Some("900VA"), Some("36.0")],
        ),
        (
            "25140123456789012824/RUDIPRAYITNO/R1/900VA/71,3",
            [Some("RUDIPRAYITNO"), Some("R1"), Some("900VA"), Some("71.3")],
        ),
        // IAK: the power behind the tariff, filled up.
        (
            "2514 0123 4567 8901 2824/SITI/R1 /000001300/10kWh",
            [Some("SITI"), Some("R1"), Some("1300VA"), Some("10")],
        ),
        // rajasoft.co.id
        (
            "25140123456789012824/TG11~!@#$^``}?-&+D4Ta-#o00/R1/1300 VA/5.5 KWH",
            [
                Some("TG11~!@#$^``}?-&+D4Ta-#o00"),
                Some("R1"),
                Some("1300VA"),
                Some("5.5"),
            ],
        ),
        (
            "25140123456789012824/CV A/B JAYA/B1/2200VA/120",
            [Some("CV A/B JAYA"), Some("B1"), Some("2200VA"), Some("120")],
        ),
        (
            "25140123456789012824/SITI/R1M/900VA",
            [Some("SITI"), Some("R1M"), Some("900VA"), None],
        ),
        ("25140123456789012824/SITI", [Some("SITI"), None, None, None]),
        ("25140123456789012824/", [None; 4]),
        (" 2514-0123-4567-8901-2824 ", [None; 4]),
    ];
    for (sn, fields) in table {
        assert_eq!(pln(sn), token(digits, fields), "{sn}");
    }
}

#[test]
fn anything_else_is_no_token() {
    for sn in [
        "",
        "R230512.1911.2100F1",
        "2514012345678901282",
        "251401234567890128245",
        "2514-0123-4567-8901-2824x",
        "x2514-0123-4567-8901-2824",
        "2514.0123.4567.8901.2824/SITI/R1/900VA/1.0",
        "SITI/R1/900VA/1.0",
        &format!("25140123456789012824/{}", "x".repeat(1_000)),
    ] {
        assert_eq!(pln(sn), None, "{sn}");
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(sn in "\\PC{0,60}|[0-9-]{18,30}(/[A-Za-z0-9 .,]{0,9}){0,5}") {
        if let Some(read) = pln(&sn) {
            prop_assert_eq!(read.token.len(), 20);
            let digits: String = sn.chars().filter(char::is_ascii_digit).take(20).collect();
            prop_assert_eq!(read.token, digits);
        }
    }

    #[test]
    fn the_usual_form_is_taken_apart(
        token in "[0-9]{20}", name in "[A-Z][A-Z .#-]{0,18}[A-Z]", watts in 1_u32..99_999, kwh in "[0-9]{1,4}[.,][0-9]{1,2}"
    ) {
        let read = pln(&format!("{token}/{name}/R1M/{watts}VA/{kwh}")).unwrap();
        prop_assert_eq!(read.token, token);
        prop_assert_eq!(read.name, Some(name));
        prop_assert_eq!(read.tariff.as_deref(), Some("R1M"));
        prop_assert_eq!(read.power, Some(format!("{watts}VA")));
        prop_assert_eq!(read.kwh, Some(kwh.replace(',', ".")));
    }
}
