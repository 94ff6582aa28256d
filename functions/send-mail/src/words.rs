//! Amounts, counts, dates and foreign text as an Indonesian reader expects them.

use domain::money::Money;
use domain::when::{BusinessDate, Zone, format_local};

const MONTHS: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

/// An amount as `Rp 1.234.567,50`: whole rupiah without decimals, all others with two at least and
/// never rounded.
#[must_use]
pub fn rupiah(amount: Money) -> String {
    let exact = amount.to_string();
    let (sign, digits) = exact
        .strip_prefix('-')
        .map_or(("", exact.as_str()), |digits| ("-", digits));
    match digits.split_once('.') {
        None => format!("{sign}Rp {}", grouped(digits)),
        Some((whole, decimals)) => format!("{sign}Rp {},{decimals:0<2}", grouped(whole)),
    }
}

/// A count as `1.234`.
#[must_use]
pub fn count(count: u64) -> String {
    grouped(&count.to_string())
}

/// Decimal digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.char_indices() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A day as `28 Oktober 2025`.
#[must_use]
pub fn day(date: BusinessDate) -> String {
    written_day(&date.to_string())
}

/// A moment as `28 Oktober 2025 pukul 22.55 WIB`: mails are read by the owner, in western Indonesia.
#[must_use]
pub fn moment(at_ms: i64) -> String {
    moment_in(at_ms, &Zone::default())
}

/// A moment as the clocks of a zone show it.
#[must_use]
pub fn moment_in(at_ms: i64, zone: &Zone) -> String {
    let local = format_local(at_ms, zone);
    let (date, time) = local.split_once('T').unwrap_or((&local, ""));
    format!(
        "{} pukul {} {}",
        written_day(date),
        time.get(..5).unwrap_or(time).replace(':', "."),
        zone_name(zone)
    )
}

/// What a zone is called in Indonesia; elsewhere by its own name.
fn zone_name(zone: &Zone) -> &str {
    match zone.name() {
        "Asia/Jakarta" | "Asia/Pontianak" => "WIB",
        "Asia/Makassar" | "Asia/Ujung_Pandang" => "WITA",
        "Asia/Jayapura" => "WIT",
        other => other,
    }
}

/// Stars as a picture of five.
#[must_use]
pub fn stars(stars: u8) -> &'static str {
    match stars {
        0 => "☆☆☆☆☆",
        1 => "★☆☆☆☆",
        2 => "★★☆☆☆",
        3 => "★★★☆☆",
        4 => "★★★★☆",
        _ => "★★★★★",
    }
}

/// `2025-10-28` in words; a date of another shape stays as it is.
fn written_day(iso: &str) -> String {
    let mut parts = iso.splitn(3, '-').map(str::parse::<usize>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) = (parts.next(), parts.next(), parts.next()) else {
        return iso.to_owned();
    };
    let name = month.checked_sub(1).and_then(|month| MONTHS.get(month));
    name.map_or_else(|| iso.to_owned(), |name| format!("{day} {name} {year}"))
}

/// Text from outside on one line, at most `max` characters: of a long one the end is kept, because
/// that is where a file's name or a field's name stands.
#[must_use]
pub fn one_line(text: &str, max: usize) -> String {
    let visible: Vec<char> = text.chars().filter(|letter| !is_steering(*letter)).collect();
    match visible.len().checked_sub(max) {
        None | Some(0) => visible.into_iter().collect(),
        Some(over) => std::iter::once('…')
            .chain(visible.into_iter().skip(over + 1))
            .collect(),
    }
}

/// Words as a sentence or a list begins with them.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Control characters, line ends of any kind, and marks that turn the direction of text or show
/// nothing: what would let a file's name look like another one, or like a header.
fn is_steering(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_written_the_indonesian_way() {
        let cases = [
            (0, "Rp 0"),
            (10_000, "Rp 1"),
            (9_990_000, "Rp 999"),
            (10_000_000, "Rp 1.000"),
            (832_000_000, "Rp 83.200"),
            (12_345_675_000, "Rp 1.234.567,50"),
            (459_009_000, "Rp 45.900,90"),
            (-7_550_125, "-Rp 755,0125"),
            (1, "Rp 0,0001"),
            (i64::MIN, "-Rp 922.337.203.685.477,5808"),
        ];
        for (raw, written) in cases {
            assert_eq!(rupiah(Money::from_raw(raw)), written);
        }
    }

    #[test]
    fn counts_and_times_are_written_the_indonesian_way() {
        assert_eq!(
            [count(7), count(1000), count(1_234_567)],
            ["7", "1.000", "1.234.567"]
        );
        assert_eq!(day("2025-10-28".parse().unwrap()), "28 Oktober 2025");
        assert_eq!(day("2026-05-01".parse().unwrap()), "1 Mei 2026");
        // 18:30 in UTC is the next day in Jakarta.
        let at_ms = 1_761_676_200_000;
        assert_eq!(moment(at_ms), "29 Oktober 2025 pukul 01.30 WIB");
        for (zone, written) in [
            ("Asia/Makassar", "29 Oktober 2025 pukul 02.30 WITA"),
            ("Asia/Jayapura", "29 Oktober 2025 pukul 03.30 WIT"),
            ("Asia/Singapore", "29 Oktober 2025 pukul 02.30 Asia/Singapore"),
        ] {
            assert_eq!(moment_in(at_ms, &Zone::named(zone).unwrap()), written);
        }
    }

    #[test]
    fn a_list_begins_with_a_capital() {
        let table = [
            ("", ""),
            ("jam kasir salah", "Jam kasir salah"),
            ("éclair", "Éclair"),
        ];
        for (text, written) in table {
            assert_eq!(capital(text), written);
        }
    }

    #[test]
    fn long_text_keeps_its_end_and_steering_characters_go() {
        assert_eq!(one_line("incoming/moka/a.json", 80), "incoming/moka/a.json");
        assert_eq!(one_line("abcdef", 6), "abcdef");
        assert_eq!(one_line("abcdefg", 6), "…cdefg");
        assert_eq!(one_line("a\r\nBcc: x\u{202E}\u{0}\u{2028}b", 80), "aBcc: xb");
    }

    proptest! {
        #[test]
        fn an_amount_loses_no_digit(raw: i64) {
            let money = Money::from_raw(raw);
            let back = rupiah(money).replace("Rp ", "").replace('.', "").replace(',', ".");
            let read = domain::money::parse(domain::money::Written::Number(&back)).unwrap().unwrap();
            prop_assert_eq!(read.value, money);
        }

        #[test]
        fn any_text_ends_as_one_short_line(text: String, max in 1_usize..90) {
            let line = one_line(&text, max);
            prop_assert!(line.chars().count() <= max);
            prop_assert!(!line.chars().any(char::is_control));
        }
    }
}
