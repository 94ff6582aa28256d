//! Findings and their facts in words.

use std::collections::BTreeMap;

use domain::finding::FindingState;
use domain::when::{Zone, read_moment};

use crate::parts::{Chip, Tone};
use crate::words::Words;

/// The name of a finding's state.
pub(crate) fn state_name(state: FindingState, w: Words) -> &'static str {
    match state {
        FindingState::Open => w.t("terbuka", "open"),
        FindingState::Accepted => w.t("diterima", "accepted"),
        FindingState::Resolved => w.t("selesai", "resolved"),
    }
}

impl Chip {
    /// Where a finding stands.
    pub(crate) fn of_finding(state: FindingState, w: Words) -> Self {
        let (tone, sign) = match state {
            FindingState::Open => (Tone::Bad, "!"),
            FindingState::Accepted => (Tone::Plain, "✓"),
            FindingState::Resolved => (Tone::Good, "✓"),
        };
        Self::new(tone, sign, state_name(state, w))
    }
}

/// The facts of a finding for people, as labels and values, the most telling first, on the clocks of a zone. One that
/// nobody knows yet is told as it stands.
pub(crate) fn said(facts: &BTreeMap<String, String>, zone: &Zone, w: Words) -> Vec<(String, String)> {
    let known = KNOWN.iter().filter_map(|fact| {
        let value = facts.get(fact.name)?;
        Some((
            w.t(fact.id, fact.en).to_owned(),
            (fact.write)(value, zone, w).unwrap_or_else(|| value.clone()),
        ))
    });
    let is_new = |name: &str| KNOWN.iter().all(|fact| fact.name != name);
    let new = facts.iter().filter(|(name, _)| is_new(name));
    known
        .chain(new.map(|(name, value)| (name.clone(), value.clone())))
        .collect()
}

/// A fact by the name that the night's rules give it.
struct Fact {
    name: &'static str,
    id: &'static str,
    en: &'static str,
    /// Its value in words; `None` where it is not as expected, to be shown as it is.
    write: fn(&str, &Zone, Words) -> Option<String>,
}

const fn fact(
    name: &'static str,
    (id, en): (&'static str, &'static str),
    write: fn(&str, &Zone, Words) -> Option<String>,
) -> Fact {
    Fact { name, id, en, write }
}

/// Every fact, in the order in which they are told.
const KNOWN: [Fact; 15] = [
    fact("receipts", ("Struk", "Receipts"), count),
    fact("usual", ("Struk, biasanya", "Receipts, usually"), count),
    fact("due", ("Ditunggu sampai", "Expected by"), instant),
    fact("missing", ("Nomor yang tidak ada", "Numbers left out"), count),
    fact("numbers", ("Di antaranya", "Among them"), same),
    fact("sequences", ("Urutan nomor", "Sequences"), count),
    fact("first", ("Waktu paling awal", "Earliest time"), instant),
    fact("last", ("Waktu paling akhir", "Latest time"), instant),
    fact("computed", ("Menurut struk", "By its receipts"), figures),
    fact("stored", ("Yang tersimpan", "As stored"), figures),
    fact("differs", ("Yang berbeda", "What differs"), parts),
    fact("files", ("Berkas", "Files"), count),
    fact("keys", ("Nama berkas", "Names of files"), same),
    fact("codes", ("Alasan", "Reasons"), same),
    fact("received", ("Masuk", "Received"), instant),
];

fn same(value: &str, _: &Zone, _: Words) -> Option<String> {
    Some(value.to_owned())
}

fn count(value: &str, _: &Zone, w: Words) -> Option<String> {
    value.parse::<u64>().ok().map(|count| w.count(count))
}

/// A moment, as RFC 3339 has it.
fn instant(value: &str, zone: &Zone, w: Words) -> Option<String> {
    let moment = read_moment(value, zone).ok().flatten()?;
    Some(w.moment(moment.at_ms, zone))
}

/// How many receipts, and what they come to.
fn figures(value: &str, zone: &Zone, w: Words) -> Option<String> {
    let (receipts, total) = value.split_once(' ')?;
    let receipts = count(receipts, zone, w)?;
    Some(format!(
        "{receipts} {}, Rp\u{a0}{}",
        w.t("struk", "receipts"),
        w.decimal(total)
    ))
}

fn parts(value: &str, _: &Zone, w: Words) -> Option<String> {
    let name = |part| match part {
        "receipts" => w.t("jumlah struk", "number of receipts").to_owned(),
        "figures" => w.t("angka penjualan", "sales figures").to_owned(),
        "menus" => w.t("angka per menu", "figures by dish").to_owned(),
        other => other.to_owned(),
    };
    let parts: Vec<String> = value.split(", ").map(name).collect();
    Some(parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    #[test]
    fn facts_are_told_in_words_and_unknown_ones_as_they_are() {
        let table = [
            ("usual", "1234", "Struk, biasanya", "1.234"),
            (
                "due",
                "2025-10-28T23:30:00+07:00",
                "Ditunggu sampai",
                "28 Okt 2025 23.30",
            ),
            ("received", "2025-10-28T16:30:00Z", "Masuk", "28 Okt 2025 23.30"),
            (
                "stored",
                "41 1387500.5",
                "Yang tersimpan",
                "41 struk, Rp\u{a0}1.387.500,5",
            ),
            ("computed", "OVERFLOW", "Menurut struk", "OVERFLOW"),
            (
                "differs",
                "receipts, menus",
                "Yang berbeda",
                "jumlah struk, angka per menu",
            ),
            ("numbers", "A-0042, A-0043", "Di antaranya", "A-0042, A-0043"),
            ("due", "kemarin", "Ditunggu sampai", "kemarin"),
            ("colour", "red", "colour", "red"),
        ];
        for (name, value, label, written) in table {
            let facts = [(name.to_owned(), value.to_owned())].into();
            let told = said(&facts, &Zone::default(), Words { lang: Lang::Id });
            assert_eq!(told, [(label.to_owned(), written.to_owned())], "{name}");
        }
    }

    #[test]
    fn the_most_telling_fact_comes_first() {
        let names = ["usual", "zone", "receipts"].map(|name| (name.to_owned(), "1".to_owned()));
        let told = said(&names.into(), &Zone::default(), Words { lang: Lang::En });
        let labels: Vec<_> = told.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels, ["Receipts", "Receipts, usually", "zone"]);
    }
}
