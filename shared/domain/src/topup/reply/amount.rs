//! Amounts as the supplier prints them.

use super::super::rupiah::Rupiah;
use super::Balance;
use super::grammar::{strip_word, trim, trim_start};

/// What a reply says of the balance: `Saldo Rp.a`, or `Sisa saldo Rp.a-Rp. p=Rp. b`. `None` where it speaks of
/// something else.
pub(super) fn balance(text: &str) -> Option<Balance> {
    let text = trim(text);
    let text = strip_word(text, "sisa").map_or(text, trim_start);
    let text = strip_word(text, "saldo")?;
    Some(
        charged(text)
            .or_else(|| left(text))
            .unwrap_or(Balance::Unreadable),
    )
}

fn left(text: &str) -> Option<Balance> {
    let (left, rest) = amount(text)?;
    // `Rp 1.000,-` is how people write whole rupiah.
    matches!(trim(rest), "" | "-" | ",-" | ".-").then_some(Balance::Left(left))
}

fn charged(text: &str) -> Option<Balance> {
    let (before, rest) = amount(text)?;
    let (price, rest) = amount(trim_start(rest).strip_prefix('-')?)?;
    let (after, rest) = amount(trim_start(rest).strip_prefix('=')?)?;
    trim(rest)
        .is_empty()
        .then_some(Balance::Charged { before, price, after })
}

/// An amount at the beginning of a text, and what comes after it: `Rp.1,234`, `Rp. -1.234`, `-Rp 1234`, `1234`. A
/// colon may stand before it.
fn amount(text: &str) -> Option<(Rupiah, &str)> {
    let text = trim_start(text);
    let text = text.strip_prefix(':').map_or(text, trim_start);
    let (negative, text) = sign(text);
    let text = strip_word(text, "rp").map_or(text, |text| text.strip_prefix('.').unwrap_or(text));
    let (negative, text) = if negative {
        (true, trim_start(text))
    } else {
        sign(trim_start(text))
    };
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
        .unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    Some((rupiah(number, negative)?, rest))
}

fn sign(text: &str) -> (bool, &str) {
    text.strip_prefix('-')
        .map_or((false, text), |text| (true, trim_start(text)))
}

/// Whole rupiah. Groups of three are thousands, and a last group of one or two digits is decimals, which are always
/// zero and dropped: `1.234` is 1234 and never a fraction. Whatever else there is can't be read.
fn rupiah(number: &str, negative: bool) -> Option<Rupiah> {
    // A sentence may end here.
    let number = number.strip_suffix(['.', ',']).unwrap_or(number);
    let whole = match number.rfind(['.', ',']) {
        None => number.to_owned(),
        Some(last) => {
            let (front, tail) = number.split_at_checked(last)?;
            let mark = tail.chars().next()?;
            match tail.len() - 1 {
                1 | 2 if !front.contains(mark) => thousands(front)?,
                3 => thousands(number)?,
                _ => return None,
            }
        }
    };
    let sign = if negative { "-" } else { "" };
    format!("{sign}{whole}").parse().ok().map(Rupiah::new)
}

/// The digits of a number with one mark between groups of three, or with none.
fn thousands(number: &str) -> Option<String> {
    let Some(mark) = number.chars().find(|c| !c.is_ascii_digit()) else {
        return (!number.is_empty()).then(|| number.to_owned());
    };
    let mut groups = number.split(mark);
    let first = groups.next()?;
    let whole = (1..=3).contains(&first.len())
        && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()));
    whole.then(|| number.chars().filter(char::is_ascii_digit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_whole_rupiah_however_they_are_grouped() {
        let table = [
            ("Rp.1,234,567", Some(1_234_567)),
            ("Rp. 1.234.567", Some(1_234_567)),
            ("Rp1.234", Some(1_234)),
            ("Rp 1,234.00", Some(1_234)),
            ("Rp 1.234,5", Some(1_234)),
            ("Rp.10000", Some(10_000)),
            ("10000.00", Some(10_000)),
            ("284.939", Some(284_939)),
            (": Rp. 0", Some(0)),
            ("Rp.-1,500", Some(-1_500)),
            ("-Rp. 1,500", Some(-1_500)),
            ("Rp. - 500.", Some(-500)),
            ("rp.\u{a0}1,000,-", Some(1_000)),
            ("Rp.9223372036854775807", Some(i64::MAX)),
            ("Rp.-9,223,372,036,854,775,808", Some(i64::MIN)),
            ("Rp.9223372036854775808", None),
            ("Rp.1,2345", None),
            ("Rp.1234,567", None),
            ("Rp.1,234,56", None),
            ("Rp.1,234.567", None),
            ("Rp.,500", None),
            ("Rp.24.6\\950", None),
            ("Rp.", None),
            ("Rp.--1", None),
            ("Rp.[xx,xxx]", None),
            ("", None),
        ];
        for (text, wanted) in table {
            let wanted = wanted.map_or(Balance::Unreadable, |wanted| Balance::Left(Rupiah::new(wanted)));
            assert_eq!(balance(&format!("Saldo {text}")), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_minus_between_two_amounts_is_not_a_sign() {
        let table = [
            ("Rp.10,000-Rp. 500=Rp. 9,500", (10_000, 500, 9_500)),
            ("Rp.-10,000-Rp. 500=Rp. -10,500", (-10_000, 500, -10_500)),
            ("Rp 10.000 - Rp -500 = -Rp 9.500", (10_000, -500, -9_500)),
            ("10.000-500=9.500", (10_000, 500, 9_500)),
        ];
        for (text, (before, price, after)) in table {
            let wanted = Balance::Charged {
                before: Rupiah::new(before),
                price: Rupiah::new(price),
                after: Rupiah::new(after),
            };
            assert_eq!(balance(&format!(" Sisa saldo {text}")), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_part_of_a_sum_is_no_balance() {
        for text in ["Rp.1-Rp.2", "Rp.1-Rp.2=", "Rp.1=Rp.2", "Rp.1-Rp.2=Rp.3=Rp.4"] {
            assert_eq!(
                balance(&format!("Saldo {text}")),
                Some(Balance::Unreadable),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_about_the_balance_is_none() {
        for text in ["", "Sisa", "Sisa pulsa Rp.1", "Rp.1,000", "Saldomu Rp.1"] {
            assert_eq!(balance(text), None, "{text}");
        }
    }
}
