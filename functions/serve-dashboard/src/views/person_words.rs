//! What the page of a person says: what kind of a customer they are, and what speaks for ids being one person.

use domain::habit::RfmClass;
use domain::satisfaction::Stars;

use super::person::{MemberRow, PortraitRow, StandingRow};
use crate::parts::{Chip, Tone};
use crate::words::{NOTHING, Words};

/// What kind of a customer somebody is, with what that means.
fn class_name(class: RfmClass, w: Words) -> &'static str {
    match class {
        RfmClass::Loyal => w.t(
            "Setia: sering datang, baru saja datang, belanja banyak",
            "Loyal: comes often, came lately, spends well",
        ),
        RfmClass::Regular => w.t(
            "Langganan: sering datang dan baru saja datang",
            "Regular: comes often and came lately",
        ),
        RfmClass::New => w.t(
            "Baru: pertama kali datang belum lama",
            "New: came for the first time lately",
        ),
        RfmClass::AtRisk => w.t(
            "Mulai menjauh: dulu sering, belakangan tidak datang",
            "At risk: came often, and has stayed away for a while",
        ),
        RfmClass::Occasional => w.t("Sesekali: datang sekali-sekali", "Occasional: comes now and then"),
        RfmClass::Lost => w.t("Lama tidak datang", "Lost: has stayed away for long"),
    }
}

impl PortraitRow {
    /// What kind of a customer it is, in words; why there is none where there is none.
    pub(crate) fn class_words(&self, w: Words) -> &'static str {
        match self.rfm {
            Some(class) => class_name(class, w),
            None if self.visits == 0 => NOTHING,
            None => w.t(
                "tidak digolongkan, atas permintaan orangnya",
                "not classified, as the person asked",
            ),
        }
    }

    /// What they spent, in words.
    pub(crate) fn spent(&self, w: Words) -> String {
        self.money
            .map_or_else(|| NOTHING.to_owned(), |money| w.rupiah(money))
    }

    /// The mean of their stars, in words: to one place, halves up.
    pub(crate) fn mean(&self, w: Words) -> String {
        let stars = Stars { counts: self.stars };
        let tenths = stars.sum().saturating_mul(10).saturating_add(stars.n() / 2);
        match tenths.checked_div(stars.n()) {
            Some(tenths) => format!("{} ★", w.decimal(&format!("{}.{}", tenths / 10, tenths % 10))),
            None => NOTHING.to_owned(),
        }
    }

    /// A business date in words.
    pub(crate) fn day(&self, date: &Option<String>, w: Words) -> String {
        let day = date.as_ref().map(|date| w.written_day(date));
        day.unwrap_or_else(|| NOTHING.to_owned())
    }
}

impl MemberRow {
    /// What to call them on their page.
    pub(crate) fn called(&self, w: Words) -> &str {
        let erased = self.rights.erased_at.is_some();
        self.name.as_deref().unwrap_or(if erased {
            w.t("Sudah dihapus", "Erased")
        } else {
            w.t("Tanpa nama", "No name")
        })
    }

    /// Whether anything stands against it.
    pub(crate) fn has_chips(&self) -> bool {
        !self.chips(Words::default()).is_empty()
    }

    /// What stands against it.
    pub(crate) fn chips(&self, w: Words) -> Vec<Chip> {
        let rights = &self.rights;
        let some = [
            (rights.erased_at.is_some(), w.t("identitas dihapus", "erased")),
            (rights.restricted_at.is_some(), w.t("dibatasi", "restricted")),
            (rights.objected_at.is_some(), w.t("keberatan", "objected")),
            (
                rights.withdrawn_at.is_some(),
                w.t("persetujuan ditarik", "consent withdrawn"),
            ),
            (
                !rights.corrected.is_empty(),
                w.t("pernah diperbaiki", "corrected"),
            ),
        ];
        let some = some.into_iter().filter(|(stands, _)| *stands);
        some.map(|(_, text)| Chip::new(Tone::Warn, "!", text)).collect()
    }
}

impl StandingRow {
    /// How it stands to the others, in words.
    pub(crate) fn words(&self, w: Words) -> &'static str {
        match (self.state, self.evidence) {
            ("joined", Some("same_email")) => w.t(
                "digabung: telepon dan email sama",
                "joined: same phone and mail address",
            ),
            ("joined", Some("person")) => w.t("digabung oleh rekan toko", "joined by a person of the shop"),
            ("joined", _) => w.t(
                "digabung: telepon sama, nama serupa",
                "joined: same phone, similar name",
            ),
            ("parted", _) => w.t("dipisah oleh rekan toko", "parted by a person of the shop"),
            _ => w.t(
                "telepon sama, tanpa bukti lain",
                "same phone, no further evidence",
            ),
        }
    }
}
