//! Every word of the guest's page, in Bahasa Indonesia and in English.

use domain::when::BusinessDate;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// Bahasa Indonesia, unless the guest asks for the other.
    #[default]
    Indonesian,
    /// English.
    English,
}

/// A text in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Both {
    /// In Bahasa Indonesia.
    pub(crate) id: &'static str,
    /// In English.
    pub(crate) en: &'static str,
}

impl Language {
    /// The language's tag (RFC 5646).
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Indonesian => "id",
            Self::English => "en",
        }
    }

    /// The language of exactly this tag.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        [Self::Indonesian, Self::English]
            .into_iter()
            .find(|language| language.tag() == tag)
    }

    /// The language that an `Accept-Language` header prefers (RFC 9110 §12.5.4): English where it
    /// stands above Bahasa Indonesia, else Bahasa Indonesia.
    pub(crate) fn preferred(header: &str) -> Self {
        let weight = |wanted: &[&str]| {
            let ranges = header.split(',').map(weighted);
            let ours = ranges.filter(|(language, _)| wanted.contains(&language.as_str()));
            ours.map(|(_, weight)| weight).max().unwrap_or_default()
        };
        // `in` is what old phones call Bahasa Indonesia (RFC 5646 §2.2.1, replaced codes).
        if weight(&["en"]) > weight(&["id", "in"]) {
            Self::English
        } else {
            Self::Indonesian
        }
    }

    /// The other one, for the switch.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Indonesian => Self::English,
            Self::English => Self::Indonesian,
        }
    }

    /// The language's words.
    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::Indonesian => &INDONESIAN,
            Self::English => &ENGLISH,
        }
    }

    /// The text in this language.
    pub(crate) const fn of(self, text: Both) -> &'static str {
        match self {
            Self::Indonesian => text.id,
            Self::English => text.en,
        }
    }

    /// A date as people write it: `28 Oktober 2025`.
    pub(crate) fn date(self, date: BusinessDate) -> String {
        let iso = date.to_string();
        let mut parts = iso.rsplitn(3, '-');
        let day = parts.next().unwrap_or_default().trim_start_matches('0');
        let month = parts.next().and_then(|month| month.parse::<usize>().ok());
        let year = parts.next().unwrap_or_default();
        let month = month
            .and_then(|month| self.words().months.get(month.checked_sub(1)?))
            .copied()
            .unwrap_or_default();
        format!("{day} {month} {year}")
    }
}

/// The primary language of a range such as `en-US;q=0.8`, and its weight in thousandths.
fn weighted(range: &str) -> (String, u16) {
    let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
    let language = tag
        .trim()
        .split('-')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let weight = match parameters.trim().strip_prefix("q=") {
        None => 1000,
        Some(quality) => thousandths(quality.trim()),
    };
    (language, weight)
}

/// A weight of RFC 9110 §12.4.2, `0` to `1` with three decimals at most; anything else counts nothing.
fn thousandths(quality: &str) -> u16 {
    let (whole, fraction) = quality.split_once('.').unwrap_or((quality, ""));
    let number = format!("{whole}{fraction:0<3}");
    let digits = number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    number
        .parse::<u16>()
        .ok()
        .filter(|n| digits && *n <= 1000)
        .unwrap_or_default()
}

/// The words of the page.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) switch: &'static str,
    pub(crate) title: &'static str,
    pub(crate) title_wrong: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) changing: &'static str,
    pub(crate) overall: &'static str,
    pub(crate) scale: &'static str,
    pub(crate) low: &'static str,
    pub(crate) high: &'static str,
    pub(crate) dishes: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) recommend: &'static str,
    pub(crate) recommend_question: &'static str,
    pub(crate) recommend_low: &'static str,
    pub(crate) recommend_high: &'static str,
    pub(crate) comment: &'static str,
    pub(crate) optional: &'static str,
    pub(crate) consent: &'static str,
    pub(crate) consent_note: &'static str,
    pub(crate) honeypot: &'static str,
    pub(crate) send: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) thanks: &'static str,
    pub(crate) thanks_text: &'static str,
    pub(crate) change: &'static str,
    pub(crate) code: &'static str,
    months: [&'static str; 12],
}

const INDONESIAN: Words = Words {
    switch: "English",
    title: "Bagaimana makanannya?",
    title_wrong: "Ada yang perlu dibetulkan",
    wrong: "Belum terkirim. Mohon betulkan ini dulu:",
    changed: "Struk ini baru saja berubah. Nilai lagi hidangannya.",
    changing: "Jawaban Anda sudah kami terima. Di sini Anda bisa mengubahnya.",
    overall: "Seberapa puas Anda?",
    scale: "1 = sangat tidak puas, 5 = sangat puas",
    low: "Sangat tidak puas",
    high: "Sangat puas",
    dishes: "Hidangan Anda, boleh dilewati",
    skip: "Lewati",
    recommend: "Mau menyarankan kami?",
    recommend_question: "Seberapa mungkin Anda menyarankan kami kepada teman?",
    recommend_low: "0 = tidak mungkin",
    recommend_high: "10 = sangat mungkin",
    comment: "Komentar",
    optional: "opsional",
    consent: "Izin menghubungi",
    consent_note: "Izin bisa dicabut kapan saja lewat kasir.",
    honeypot: "Jangan diisi",
    send: "Kirim",
    purpose: "Jawaban Anda hanya dipakai Warung Oyako untuk memperbaiki masakan dan layanan.",
    thanks: "Terima kasih!",
    thanks_text: "Jawaban Anda sudah kami terima.",
    change: "Ubah jawaban",
    code: "Kode",
    months: [
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
    ],
};

const ENGLISH: Words = Words {
    switch: "Bahasa Indonesia",
    title: "How was your food?",
    title_wrong: "Something needs to be corrected",
    wrong: "Not sent yet. Please correct this first:",
    changed: "This receipt has just changed. Please rate its dishes again.",
    changing: "We have your answer. You can change it here.",
    overall: "How satisfied are you?",
    scale: "1 = very dissatisfied, 5 = very satisfied",
    low: "Very dissatisfied",
    high: "Very satisfied",
    dishes: "Your dishes, skip any you like",
    skip: "Skip",
    recommend: "Would you recommend us?",
    recommend_question: "How likely are you to recommend us to a friend?",
    recommend_low: "0 = not likely",
    recommend_high: "10 = very likely",
    comment: "Comment",
    optional: "optional",
    consent: "Consent",
    consent_note: "You can withdraw your consent at any time at the counter.",
    honeypot: "Leave this empty",
    send: "Send",
    purpose: "Warung Oyako uses your answer only to improve its food and service.",
    thanks: "Thank you!",
    thanks_text: "We have received your answer.",
    change: "Change my answer",
    code: "Code",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn english_is_taken_only_where_it_is_preferred() {
        let table = [
            ("", "id"),
            ("*", "id"),
            ("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "id"),
            ("en-US,en;q=0.9,id;q=0.8", "en"),
            ("en", "en"),
            ("EN-gb;q=0.001", "en"),
            ("in-ID,en;q=0.9", "id"),
            ("en;q=0.5, id;q=0.5", "id"),
            ("ja,en;q=0.5", "en"),
            ("ja,fr", "id"),
            ("en;q=0", "id"),
            ("en;q=2", "id"),
            ("en;q=-1,id;q=x", "id"),
            ("en;q=0.12345", "id"),
            ("en; q=1.000", "en"),
            (";;;,,,=,en", "en"),
        ];
        for (header, tag) in table {
            assert_eq!(Language::preferred(header).tag(), tag, "{header}");
        }
    }

    #[test]
    fn a_tag_names_its_language_and_nothing_else_does() {
        for language in [Language::Indonesian, Language::English] {
            assert_eq!(Language::of_tag(language.tag()), Some(language));
        }
        for tag in ["", "EN", "en-US", "ja", "<script>"] {
            assert_eq!(Language::of_tag(tag), None, "{tag}");
        }
    }

    #[test]
    fn dates_are_written_out() {
        let table = [
            ("2025-10-28", "28 Oktober 2025", "28 October 2025"),
            ("2026-01-05", "5 Januari 2026", "5 January 2026"),
            ("2026-12-31", "31 Desember 2026", "31 December 2026"),
        ];
        for (date, id, en) in table {
            let date = date.parse().unwrap();
            assert_eq!(Language::Indonesian.date(date), id);
            assert_eq!(Language::English.date(date), en);
        }
    }
}
