//! Top-ups in words: where they stand, what happened to them, and why somebody has to look.

use domain::topup::event::What;
use domain::topup::order::{Reason, Review};
use domain::topup::state::State;

use crate::parts::{Chip, Tone};
use crate::words::Words;

/// The name of an order's state.
pub(crate) fn state_name(state: State, w: Words) -> &'static str {
    match state {
        State::New => w.t("menunggu dikirim", "waits to be sent"),
        State::Sending => w.t("sedang dikirim", "being sent"),
        State::Pending => w.t("diproses pemasok", "with the supplier"),
        State::Unknown => w.t("belum diketahui", "not known yet"),
        State::Success => w.t("berhasil", "delivered"),
        State::Failed => w.t("gagal", "failed"),
        State::Manual => w.t("menunggu keputusan", "waits for a decision"),
        State::Reversed => w.t("ternyata gagal", "failed after all"),
        State::LateSuccess => w.t("ternyata berhasil", "delivered after all"),
    }
}

/// Where an order stands.
pub(crate) fn state_chip(state: State, w: Words) -> Chip {
    let (tone, sign) = match state {
        State::New | State::Sending | State::Pending => (Tone::Plain, "…"),
        State::Unknown => (Tone::Warn, "?"),
        State::Success | State::LateSuccess => (Tone::Good, "✓"),
        State::Failed | State::Reversed => (Tone::Plain, "✕"),
        State::Manual => (Tone::Bad, "!"),
    };
    Chip::new(tone, sign, state_name(state, w))
}

/// What happened.
pub(crate) fn event_name(what: What, w: Words) -> &'static str {
    match what {
        What::Taken => w.t("Pesanan diterima", "The order was taken"),
        What::Sending => w.t("Dikirim ke pemasok", "Sent to the supplier"),
        What::Asking => w.t("Ditanyakan ke pemasok", "Asked the supplier about it"),
        What::Replied => w.t("Pemasok menjawab", "The supplier answered"),
        What::NoReply => w.t("Tidak ada jawaban yang jelas", "No clear answer"),
        What::NotSent => w.t("Tidak dikirim ke pemasok", "Not sent to the supplier"),
        What::CutOff => w.t("Terputus sebelum ada jawaban", "Cut off before the answer"),
        What::Reported => w.t("Pemasok melapor sendiri", "The supplier reported by itself"),
        What::HandedOver => w.t("Diserahkan kepada orang", "Handed to a person"),
        What::Proposed => w.t("Keputusan diusulkan", "A decision was proposed"),
        What::Confirmed => w.t("Usulan disetujui", "The proposal was confirmed"),
        What::Rejected => w.t("Usulan ditolak", "The proposal was rejected"),
    }
}

/// The name of what happened in documents.
pub(crate) const fn event_code(what: What) -> &'static str {
    match what {
        What::Taken => "taken",
        What::Sending => "sending",
        What::Asking => "asking",
        What::Replied => "replied",
        What::NoReply => "no_reply",
        What::NotSent => "not_sent",
        What::CutOff => "cut_off",
        What::Reported => "reported",
        What::HandedOver => "handed_over",
        What::Proposed => "proposed",
        What::Confirmed => "confirmed",
        What::Rejected => "rejected",
    }
}

/// Why a person has to look at an order.
pub(crate) fn review_name(review: Review, w: Words) -> &'static str {
    match review {
        Review::NoAnswer => w.t(
            "Waktu untuk bertanya habis, dan pemasok tidak memberi jawaban yang jelas.",
            "The time for asking is over, and the supplier gave no clear answer.",
        ),
        Review::StillPending => w.t(
            "Pemasok masih berkata sedang diproses, padahal waktunya sudah lewat.",
            "The supplier still says that it is being done, and its time is over.",
        ),
        Review::FailureNotConfirmed => w.t(
            "Pemasok berkata gagal, tetapi saldo tidak membuktikannya.",
            "The supplier says that it failed, and the balance does not prove it.",
        ),
        Review::SiblingOpen => w.t(
            "Pemasok berkata produk ini sudah terisi, padahal pesanan sebelumnya untuk nomor yang sama belum selesai.",
            "The supplier says that the product is there already, while an earlier order for the number is open.",
        ),
        Review::BoughtBefore => w.t(
            "Pemasok berkata produk ini sudah pernah dibeli untuk nomor ini. Belum tentu oleh pesanan ini: tanyakan refid-nya.",
            "The supplier says that the product was bought for the number before. It may not have been by this order: ask for its refid.",
        ),
    }
}

/// The name of why a person has to look, in documents.
pub(crate) const fn review_code(review: Review) -> &'static str {
    match review {
        Review::NoAnswer => "no_answer",
        Review::StillPending => "still_pending",
        Review::FailureNotConfirmed => "failure_not_confirmed",
        Review::SiblingOpen => "sibling_open",
        Review::BoughtBefore => "bought_before",
    }
}

/// Why an order failed.
pub(crate) fn failure_name(reason: Reason, w: Words) -> &'static str {
    match reason {
        Reason::NotProcessable => w.t(
            "tidak bisa diproses operator",
            "the operator could not process it",
        ),
        Reason::CancelledByProvider => w.t("dibatalkan operator", "cancelled by the operator"),
        Reason::NumberBlocked => w.t("nomor diblokir pemasok", "the supplier has blocked the number"),
        Reason::ProductDown => w.t("produk sedang gangguan", "the product is down"),
        Reason::ProductInvalid => w.t(
            "kode produk tidak dikenal pemasok",
            "the supplier does not know the product",
        ),
        Reason::NumberInvalid => w.t("nomor salah", "the number is wrong"),
        Reason::DepositLow => w.t("deposit tidak cukup", "the deposit does not suffice"),
        Reason::PackageAlreadyActive => w.t("paket sudah aktif", "the package is active already"),
        Reason::NumberExpired => w.t("nomor kedaluwarsa", "the number has expired"),
        Reason::NumberInactive => w.t("nomor tidak aktif", "the number is not active"),
        Reason::Cutoff => w.t("jam tutup pemasok", "the supplier's nightly cutoff"),
        Reason::TimedOut => w.t(
            "kehabisan waktu, sudah dipastikan",
            "it timed out, and that is confirmed",
        ),
        Reason::DuplicateForeign => w.t(
            "sudah dibeli dengan nomor pesanan lain",
            "bought under another id",
        ),
        Reason::FailedBefore => w.t(
            "pemasok berkata gagal sebelumnya",
            "the supplier says that it failed before",
        ),
        Reason::NotSent => w.t("tidak dikirim ke pemasok", "it was not sent to the supplier"),
        Reason::DecidedByPerson => w.t("diputuskan dua orang", "two people decided so"),
        Reason::Other => w.t("alasan lain", "another reason"),
    }
}

/// What an unsigned report of the supplier says of an order that had ended.
pub(crate) fn report_name(delivered: bool, w: Words) -> &'static str {
    if delivered {
        w.t(
            "Pesanan ini tercatat gagal, lalu pemasok melapor bahwa berhasil.",
            "The order ended as failed, and then the supplier reported that it was delivered.",
        )
    } else {
        w.t(
            "Pesanan ini tercatat berhasil, lalu pemasok melapor bahwa gagal.",
            "The order ended as delivered, and then the supplier reported that it failed.",
        )
    }
}

/// How a person says that an order ended.
pub(crate) fn verdict_name(delivered: bool, w: Words) -> &'static str {
    if delivered {
        w.t("Berhasil terkirim", "Delivered")
    } else {
        w.t("Tidak terkirim, tidak ditagih", "Not delivered, not charged")
    }
}
