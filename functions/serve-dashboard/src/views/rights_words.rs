//! What pages say of people's requests: each word of `domain::rights` in Bahasa Indonesia and in English.

use domain::customer::ProfileField;
use domain::rights::{Barred, Deed, Kind, Method, Refusal, Request, State};

use crate::parts::{Chip, Tone};
use crate::words::Words;

/// What is asked for.
pub(crate) fn kind_name(kind: Kind, w: Words) -> &'static str {
    match kind {
        Kind::Access => w.t("Akses dan salinan data", "Access and copy"),
        Kind::Correction => w.t("Perbaikan data", "Correction"),
        Kind::Erasure => w.t("Penghapusan data", "Erasure"),
        Kind::Withdrawal => w.t("Penarikan persetujuan", "Withdrawal of consent"),
        Kind::Restriction => w.t("Pembatasan pemrosesan", "Restriction"),
        Kind::Objection => w.t("Keberatan atas penilaian otomatis", "Objection to profiling"),
        Kind::LiftRestriction => w.t("Pencabutan pembatasan", "End of the restriction"),
        Kind::LiftObjection => w.t("Pencabutan keberatan", "End of the objection"),
    }
}

/// What carrying it out does, before somebody presses the button.
pub(crate) fn kind_effect(kind: Kind, w: Words) -> &'static str {
    match kind {
        Kind::Access => w.t(
            "Unduh salinannya, serahkan kepada orangnya, lalu tekan tombol ini sebagai bukti bahwa permintaan sudah dijawab.",
            "Download the copy, hand it to the person, then press this button as proof that the request was answered.",
        ),
        Kind::Correction => w.t(
            "Nilai baru menggantikan yang lama. Nilai yang salah tidak akan kembali, walau ekspor lama dibaca ulang.",
            "The new value takes the old one's place. The wrong value does not come back, even when old exports are read again.",
        ),
        Kind::Erasure => w.t(
            "Nama, telepon, email, kebiasaan, dan kata-kata tamu dihapus untuk selamanya. Struk dan angka penjualan tetap ada tanpa identitas.",
            "Name, phone, mail, habits and the guest's words are erased for good. Receipts and sales figures stay, without identity.",
        ),
        Kind::Withdrawal => w.t(
            "Semua persetujuan yang diberikan sampai sekarang tidak berlaku lagi; tamu tidak dihubungi.",
            "Every consent given until now ends; the guest is not contacted.",
        ),
        Kind::Restriction => w.t(
            "Data hanya disimpan: tidak dihubungi, tidak diolah menjadi kebiasaan atau golongan.",
            "The data is only kept: no contact, no habits, no class.",
        ),
        Kind::Objection => w.t(
            "Tamu tidak lagi digolongkan oleh mesin, dan tidak dihubungi.",
            "The guest is no longer classified by a machine, and is not contacted.",
        ),
        Kind::LiftRestriction => w.t(
            "Data boleh diolah lagi. Tamu dihubungi hanya bila persetujuannya masih berlaku.",
            "The data may be worked with again. The guest is contacted only where their consent still holds.",
        ),
        Kind::LiftObjection => w.t(
            "Tamu digolongkan lagi mulai malam berikutnya. Dihubungi hanya bila persetujuannya masih berlaku.",
            "The guest is classified again from the next night on, and contacted only where their consent still holds.",
        ),
    }
}

/// Where a request stands, with what is too late marked.
pub(crate) fn state_chip(request: &Request, now_ms: i64, w: Words) -> Chip {
    let (tone, sign) = match request.state {
        State::Received => (Tone::Warn, "?"),
        State::Verified => (Tone::Warn, "…"),
        State::Executing => (Tone::Plain, "↻"),
        State::Done => (Tone::Good, "✓"),
        State::Refused => (Tone::Plain, "✕"),
    };
    let name = state_name(request.state, w);
    if request.is_overdue(now_ms) {
        let late = w.t("lewat batas waktu", "overdue");
        return Chip::new(Tone::Bad, "!", format!("{late} · {name}"));
    }
    Chip::new(tone, sign, name)
}

/// The name of a state.
pub(crate) fn state_name(state: State, w: Words) -> &'static str {
    match state {
        State::Received => w.t("identitas belum dicek", "identity not checked"),
        State::Verified => w.t("siap dijalankan", "ready to be carried out"),
        State::Executing => w.t("sedang dijalankan", "being carried out"),
        State::Done => w.t("selesai", "done"),
        State::Refused => w.t("ditolak", "refused"),
    }
}

/// How it is checked who asks.
pub(crate) fn method_name(method: Method, w: Words) -> &'static str {
    match method {
        Method::ReceiptShown => w.t("Menunjukkan struk", "Showed a receipt"),
        Method::CalledBack => w.t(
            "Ditelepon balik ke nomor yang tercatat",
            "Called back under the known number",
        ),
        Method::InPerson => w.t("Datang sendiri ke outlet", "Came in person"),
    }
}

/// Why a request is refused.
pub(crate) fn refusal_name(refusal: Refusal, w: Words) -> &'static str {
    match refusal {
        Refusal::IdentityNotShown => w.t("Identitas tidak bisa dibuktikan", "Identity could not be shown"),
        Refusal::NothingKnown => w.t(
            "Tidak ada data tentang orang ini",
            "Nothing is known of the person",
        ),
        Refusal::KeptByLaw => w.t("Wajib disimpan menurut hukum", "The law demands that it is kept"),
        Refusal::TakenBack => w.t("Dibatalkan oleh orangnya", "Taken back by the person"),
        Refusal::Repeated => w.t("Sudah pernah diminta dan dijawab", "Asked and answered before"),
    }
}

/// What happened.
pub(crate) fn deed_name(deed: Deed, w: Words) -> &'static str {
    match deed {
        Deed::Received => w.t("Permintaan dicatat", "Noted"),
        Deed::Mismatched => w.t("Identitas dicek: tidak cocok", "Identity checked: no match"),
        Deed::Verified => w.t("Identitas dicek: cocok", "Identity checked: match"),
        Deed::Executing => w.t("Disetujui untuk dijalankan", "Ordered to be carried out"),
        Deed::Done => w.t("Selesai dijalankan", "Carried out"),
        Deed::Refused => w.t("Ditolak", "Refused"),
        Deed::Reminded => w.t("Pengingat dikirim", "Reminder sent"),
    }
}

/// What a proof counts. A word that is not known here stays as it is.
pub(crate) fn count_name(what: &str, w: Words) -> &str {
    match what {
        "customers" => w.t("ID pelanggan", "Customers' ids"),
        "profiles" => w.t("Nama dan kontak", "Names and contact data"),
        "habits" => w.t("Kebiasaan", "Habits"),
        "kin" => w.t("Kaitan dengan ID lain", "Links to other ids"),
        "answers" => w.t("Jawaban tamu dengan kata-kata", "Answers with words"),
        "cases" => w.t("Kasus dengan catatan", "Cases with notes"),
        "days" => w.t("Hari kunjungan", "Days of visits"),
        other => other,
    }
}

/// A part of a profile.
pub(crate) fn field_name(field: ProfileField, w: Words) -> &'static str {
    match field {
        ProfileField::Name => w.t("Nama", "Name"),
        ProfileField::Phone => w.t("Telepon", "Phone"),
        ProfileField::Email => "Email",
    }
}

/// Why a guest may not be contacted.
pub(crate) fn barred_name(barred: Barred, w: Words) -> &'static str {
    match barred {
        Barred::Erased => w.t("data orang ini sudah dihapus", "the person was erased"),
        Barred::Restricted => w.t("pemrosesan data dibatasi", "processing is restricted"),
        Barred::Objected => w.t("tamu mengajukan keberatan", "the guest objected"),
        Barred::Withdrawn => w.t("persetujuan sudah ditarik", "the consent was withdrawn"),
        Barred::NoConsent => w.t(
            "tidak ada persetujuan untuk penilaian ini",
            "no consent was given for this answer",
        ),
    }
}
