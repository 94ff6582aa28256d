//! Nights, their phases and parts in words.

use domain::mail::MailState;
use domain::night::{End, PartState, Phase};

use crate::parts::{Chip, Tone};
use crate::words::Words;

/// What a phase does.
pub(crate) fn phase_name(phase: Phase, w: Words) -> &'static str {
    match phase {
        Phase::Pull => w.t("mengambil berkas", "fetching files"),
        Phase::Settle => w.t("menunggu berkas dibaca", "waiting for files to be read"),
        Phase::Reconcile => w.t("mencocokkan", "reconciling"),
        Phase::Enrich => w.t("memperbarui profil", "updating profiles"),
        Phase::Report => w.t("melapor", "reporting"),
        Phase::Over => w.t("selesai", "over"),
    }
}

/// What it means that a night ended so; that it has not ended, where it has no end.
pub(crate) fn verdict(end: Option<End>, w: Words) -> &'static str {
    match end {
        Some(End::Complete) => w.t(
            "Semua pekerjaan malam ini selesai.",
            "Everything was done in this night.",
        ),
        Some(End::Partial) => w.t(
            "Sebagian pekerjaan tidak selesai; sebabnya ada di bawah. Yang sudah masuk tidak hilang.",
            "Some of the work was not done; the reasons are below. What came in is not lost.",
        ),
        Some(End::Failed) => w.t(
            "Tidak ada penjualan yang dapat diambil, atau tidak satu outlet pun dapat diperiksa. Yang sudah tersimpan tidak berubah.",
            "No sales could be fetched, or no outlet could be looked at. What was stored is unchanged.",
        ),
        None => w.t(
            "Malam ini masih berjalan. Muat ulang halaman ini untuk melihat kelanjutannya.",
            "This night is under way. Load this page again to see how it goes on.",
        ),
    }
}

/// Where a trouble arose.
pub(crate) fn source_name(source: &str, w: Words) -> Option<&'static str> {
    Some(match source {
        "central" => w.t("server pusat", "central server"),
        "moka" => "Moka",
        "ingest" => w.t("pembacaan berkas", "reading of files"),
        "reconcile" => w.t("pencocokan", "reconciliation"),
        "enrich" => w.t("profil", "profiles"),
        "night" => w.t("malam itu sendiri", "the night itself"),
        _ => return None,
    })
}

impl Chip {
    /// How a night ended, or what it is at.
    pub(crate) fn of_night(end: Option<End>, phase: Phase, w: Words) -> Self {
        match end {
            Some(End::Complete) => Self::new(Tone::Good, "✓", w.t("lengkap", "complete")),
            Some(End::Partial) => Self::new(Tone::Warn, "!", w.t("sebagian", "partial")),
            Some(End::Failed) => Self::new(Tone::Bad, "✕", w.t("gagal", "failed")),
            None => Self::new(Tone::Plain, "…", phase_name(phase, w)),
        }
    }

    /// Where a part of a night stands.
    pub(crate) fn of_part(state: PartState, w: Words) -> Self {
        match state {
            PartState::Todo => Self::new(Tone::Plain, "…", w.t("menunggu", "waiting")),
            PartState::Doing => Self::new(Tone::Plain, "↻", w.t("berjalan", "running")),
            PartState::Done => Self::new(Tone::Good, "✓", w.t("selesai", "done")),
            PartState::Failed => Self::new(Tone::Bad, "✕", w.t("ada yang gagal", "some failed")),
        }
    }

    /// Where the report's mail stands.
    pub(crate) fn of_mail(state: MailState, w: Words) -> Self {
        match state {
            MailState::Queued => Self::new(Tone::Plain, "…", w.t("menunggu dikirim", "waiting to be sent")),
            MailState::Sending => Self::new(Tone::Plain, "↻", w.t("sedang dikirim", "being sent")),
            MailState::Sent => Self::new(Tone::Good, "✓", w.t("terkirim", "sent")),
            MailState::Unknown => Self::new(
                Tone::Warn,
                "?",
                w.t(
                    "tidak diketahui sampai atau tidak",
                    "not known whether it was sent",
                ),
            ),
            MailState::Failed => Self::new(Tone::Bad, "✕", w.t("tidak terkirim", "not sent")),
        }
    }
}
