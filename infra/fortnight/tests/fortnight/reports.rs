//! How a night's report differs from that of an undisturbed one, in the words that people read.

use std::collections::BTreeMap;

use domain::code::explain;
use domain::finding::Code;

use crate::comparison;

/// An outlet's day: the outlet's id, and the day's number.
pub(crate) type Place = (&'static str, i32);

/// The lines that a night's report has more, and those that it lacks.
#[derive(Debug)]
pub(crate) struct Change {
    number: i32,
    more: Vec<String>,
    less: Vec<String>,
}

impl Change {
    /// The report of the night of a day, which differs in nothing yet.
    pub(crate) fn on(number: i32) -> Self {
        Self {
            number,
            more: Vec::new(),
            less: Vec::new(),
        }
    }

    /// The night did not do all of its work, for troubles of these codes, so many of each.
    pub(crate) fn partial(self, troubles: &[(&str, u32)]) -> Self {
        let title = |end: &str| format!("Laporan malam {}: {end}", written(self.number));
        let (was, is) = (title("lengkap"), title("sebagian"));
        let mut partial = self.instead(&was, &is).instead(
            "Semua pekerjaan malam ini selesai.",
            "Sebagian pekerjaan tidak selesai; sebabnya ada di bawah. Malam berikutnya mencoba lagi.",
        );
        partial.more.push("GANGGUAN".to_owned());
        for (code, times) in troubles {
            let advice = explain(code).unwrap().id;
            partial.more.push(format!("- {advice} ({code}, {times}×)"));
        }
        partial
    }

    /// What is known of the day's sales, of 36 receipts and Rp 1.680.000.
    pub(crate) fn sales(self, receipts: u32, net: &str) -> Self {
        let change = self.instead(
            "- Penjualan bersih: Rp 1.680.000",
            &format!("- Penjualan bersih: Rp {net}"),
        );
        match receipts {
            36 => change,
            _ => change.instead("- Struk hari itu: 36", &format!("- Struk hari itu: {receipts}")),
        }
    }

    /// Files fetched in place of nine.
    pub(crate) fn files(self, files: u32) -> Self {
        self.instead(
            "- Berkas diambil: 9 (sudah ada: 0)",
            &format!("- Berkas diambil: {files} (sudah ada: 0)"),
        )
    }

    /// Outlets' days looked at in place of nine: three for each, unless something is open or came for an older one.
    pub(crate) fn days(self, days: u32) -> Self {
        self.instead(
            "- Hari gerai diperiksa: 9",
            &format!("- Hari gerai diperiksa: {days}"),
        )
    }

    /// Findings opened and resolved.
    pub(crate) fn counted(self, opened: u32, resolved: u32) -> Self {
        self.instead(
            "- Temuan malam ini: 0 dibuka, 0 selesai",
            &format!("- Temuan malam ini: {opened} dibuka, {resolved} selesai"),
        )
    }

    /// Guests met on days that were new, in place of eleven.
    pub(crate) fn people(self, people: u32) -> Self {
        self.people_of(11, people)
    }

    /// Guests met on days that were new, in place of as many as an undisturbed night meets.
    pub(crate) fn people_of(self, undisturbed: u32, people: u32) -> Self {
        let line = |people| format!("- Profil diperbarui: {people}");
        self.instead(&line(undisturbed), &line(people))
    }

    /// Days whose sales are missing.
    pub(crate) fn missing(mut self, places: &[Place]) -> Self {
        self.more
            .push(format!("PENJUALAN BELUM MASUK ({})", places.len()));
        self.more.push(Code::SalesMissing.explain().id.to_owned());
        self.more
            .extend(places.iter().map(|place| format!("- {}", written_at(*place))));
        self
    }

    /// Other findings that are open, the newest first; a report names three places of a kind.
    pub(crate) fn others<const N: usize>(mut self, found: [(Code, Vec<Place>); N]) -> Self {
        self.more.push("TEMUAN LAIN YANG TERBUKA".to_owned());
        for (code, places) in found {
            let (name, advice) = (code.name().id, code.explain().id);
            let mut letters = name.chars();
            let first: String = letters.by_ref().take(1).flat_map(char::to_uppercase).collect();
            let name = format!("{first}{}", letters.as_str());
            self.more.push(format!("- {name} ({}): {advice}", places.len()));
            let mut named: Vec<String> = places.iter().take(3).map(|place| written_at(*place)).collect();
            if places.len() > named.len() {
                named.push(format!("dan {} lainnya", places.len() - named.len()));
            }
            self.more.push(format!("  Di: {}", named.join("; ")));
        }
        self
    }

    fn instead(mut self, less: &str, more: &str) -> Self {
        self.less.push(less.to_owned());
        self.more.push(more.to_owned());
        self
    }
}

/// The changes as [`comparison::changes`] finds them.
pub(crate) fn all<const N: usize>(changes: [Change; N]) -> BTreeMap<String, comparison::Change> {
    let found = changes.map(|Change { number, more, less }| {
        let lines = [more, less].map(|mut lines| {
            lines.sort();
            lines
        });
        (format!("Laporan malam {}", written(number)), lines.into())
    });
    found.into()
}

fn written_at((outlet, number): Place) -> String {
    format!("Gerai {outlet}, {}", written(number))
}

fn written(number: i32) -> String {
    // The first day is the third of November.
    format!("{} November 2025", number + 2)
}
