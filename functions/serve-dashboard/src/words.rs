//! Numbers, amounts and moments as people read them, in Bahasa Indonesia or English. The one place
//! where a figure becomes text.

use domain::money::Money;
use domain::quantity::Quantity;
use domain::when::{BusinessDate, Zone, format_local};

const MONTHS_ID: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des",
];
const MONTHS_EN: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// Ten-thousandths in one rupiah or one piece.
const UNITS: i64 = 10_000;
/// What stands where there is no figure.
pub(crate) const NOTHING: &str = "–";

/// The language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lang {
    /// Bahasa Indonesia.
    #[default]
    Id,
    /// English.
    En,
}

impl Lang {
    /// The language of a tag such as `en`; `None` for one that no page is written in.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        match tag {
            "id" => Some(Self::Id),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The language's tag (BCP 47).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }
}

/// Writes for readers of a language.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Words {
    /// The language.
    pub(crate) lang: Lang,
}

impl Words {
    /// One of two wordings.
    pub(crate) fn t(self, indonesian: &'static str, english: &'static str) -> &'static str {
        match self.lang {
            Lang::Id => indonesian,
            Lang::En => english,
        }
    }

    /// A count: `1.234`.
    pub(crate) fn count(self, count: impl Into<u64>) -> String {
        self.grouped(&count.into().to_string())
    }

    /// An amount in whole rupiah, halves away from zero: `Rp 1.234.567`. Exact amounts are in the
    /// downloads.
    pub(crate) fn rupiah(self, amount: Money) -> String {
        let raw = amount.raw();
        let whole = raw.unsigned_abs().saturating_add(UNITS.unsigned_abs() / 2) / UNITS.unsigned_abs();
        let sign = if raw < 0 && whole > 0 { "−" } else { "" };
        format!("{sign}Rp\u{a0}{}", self.grouped(&whole.to_string()))
    }

    /// An amount that is counted in whole rupiah.
    pub(crate) fn whole_rupiah(self, rupiah: i64) -> String {
        self.rupiah(Money::from_raw(rupiah.saturating_mul(UNITS)))
    }

    /// A quantity, exact: `2,5`.
    pub(crate) fn qty(self, quantity: Quantity) -> String {
        self.decimal(&quantity.to_string())
    }

    /// A day: `28 Okt 2025`.
    pub(crate) fn date(self, date: BusinessDate) -> String {
        self.written_day(&date.to_string())
    }

    /// A day without its year: `28 Okt`.
    pub(crate) fn short_date(self, date: BusinessDate) -> String {
        let written = self.date(date);
        written
            .rsplit_once(' ')
            .map_or(written.clone(), |(day, _)| day.to_owned())
    }

    /// A month given as `2025-10`: `Okt 2025`.
    pub(crate) fn month(self, month: &str) -> String {
        let (year, number) = month.split_once('-').unwrap_or((month, ""));
        self.month_name(number)
            .map_or_else(|| month.to_owned(), |name| format!("{name} {year}"))
    }

    /// A moment on an outlet's clock: `28 Okt 2025 19.30`.
    pub(crate) fn moment(self, at_ms: i64, zone: &Zone) -> String {
        let local = format_local(at_ms, zone);
        let (day, time) = local.split_once('T').unwrap_or((&local, ""));
        let time = time.get(..5).unwrap_or(time);
        match self.lang {
            Lang::Id => format!("{} {}", self.written_day(day), time.replace(':', ".")),
            Lang::En => format!("{}, {time}", self.written_day(day)),
        }
    }

    /// How long something took: `45 dtk`, `3 mnt`, `2 j 5 mnt`.
    pub(crate) fn lasted(self, ms: i64) -> String {
        let seconds = ms.max(0) / 1000;
        let (minutes, hours) = (seconds / 60, seconds / 3600);
        if minutes == 0 {
            format!("{seconds} {}", self.t("dtk", "s"))
        } else if hours == 0 {
            format!("{minutes} {}", self.t("mnt", "min"))
        } else {
            format!(
                "{hours} {} {} {}",
                self.t("j", "h"),
                minutes % 60,
                self.t("mnt", "min")
            )
        }
    }

    /// A number written with a decimal point, as this language writes it: `1234.5` is `1.234,5`.
    pub(crate) fn decimal(self, plain: &str) -> String {
        let (sign, digits) = plain
            .strip_prefix('-')
            .map_or(("", plain), |digits| ("−", digits));
        match digits.split_once('.') {
            None => format!("{sign}{}", self.grouped(digits)),
            Some((whole, decimals)) => {
                format!("{sign}{}{}{decimals}", self.grouped(whole), self.t(",", "."))
            }
        }
    }

    /// Decimal digits in groups of three.
    fn grouped(self, digits: &str) -> String {
        let mut text = String::with_capacity(digits.len().saturating_add(digits.len() / 3));
        for (position, digit) in digits.char_indices() {
            if position > 0 && digits.len().saturating_sub(position).is_multiple_of(3) {
                text.push_str(self.t(".", ","));
            }
            text.push(digit);
        }
        text
    }

    /// `2025-10-28` in words; a date of another shape stays as it is.
    pub(crate) fn written_day(self, iso: &str) -> String {
        let mut parts = iso.splitn(3, '-');
        let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
            return iso.to_owned();
        };
        let day = day.trim_start_matches('0');
        self.month_name(month)
            .map_or_else(|| iso.to_owned(), |name| format!("{day} {name} {year}"))
    }

    fn month_name(self, number: &str) -> Option<&'static str> {
        let at = number.parse::<usize>().ok()?.checked_sub(1)?;
        match self.lang {
            Lang::Id => MONTHS_ID.get(at).copied(),
            Lang::En => MONTHS_EN.get(at).copied(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const ID: Words = Words { lang: Lang::Id };
    const EN: Words = Words { lang: Lang::En };

    #[test]
    fn amounts_are_whole_rupiah_in_groups() {
        let table = [
            (0, "Rp\u{a0}0", "Rp\u{a0}0"),
            (12_345_670_000, "Rp\u{a0}1.234.567", "Rp\u{a0}1,234,567"),
            (-9_999, "−Rp\u{a0}1", "−Rp\u{a0}1"),
            (-4_999, "Rp\u{a0}0", "Rp\u{a0}0"),
            (5_000, "Rp\u{a0}1", "Rp\u{a0}1"),
            (
                i64::MIN,
                "−Rp\u{a0}922.337.203.685.478",
                "−Rp\u{a0}922,337,203,685,478",
            ),
        ];
        for (raw, indonesian, english) in table {
            let amount = Money::from_raw(raw);
            assert_eq!(ID.rupiah(amount), indonesian, "{raw}");
            assert_eq!(EN.rupiah(amount), english, "{raw}");
        }
    }

    #[test]
    fn counts_and_quantities_follow_the_language() {
        assert_eq!(ID.count(1_234_567_u64), "1.234.567");
        assert_eq!(EN.count(999_u32), "999");
        assert_eq!(ID.qty(Quantity::from_raw(12_345_000)), "1.234,5");
        assert_eq!(EN.qty(Quantity::from_raw(-15_000)), "−1.5");
    }

    #[test]
    fn days_and_moments_are_on_the_outlets_clock() {
        let jakarta = Zone::named("Asia/Jakarta").unwrap();
        let jayapura = Zone::named("Asia/Jayapura").unwrap();
        let late = 1_761_667_200_000; // 2025-10-28T16:00:00Z
        assert_eq!(ID.moment(late, &jakarta), "28 Okt 2025 23.00");
        assert_eq!(EN.moment(late, &jayapura), "29 Oct 2025, 01:00");
        let date = "2025-05-02".parse().unwrap();
        assert_eq!(ID.date(date), "2 Mei 2025");
        assert_eq!(EN.short_date(date), "2 May");
        assert_eq!(ID.month("2025-08"), "Agu 2025");
    }

    #[test]
    fn what_took_long_is_told_in_its_greatest_units() {
        let table = [
            (-1, "0 dtk"),
            (45_999, "45 dtk"),
            (60_000, "1 mnt"),
            (7_500_000, "2 j 5 mnt"),
        ];
        for (ms, written) in table {
            assert_eq!(ID.lasted(ms), written, "{ms}");
        }
    }
}
