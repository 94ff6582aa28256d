//! The writer of replies: each kind exactly as the source document prints it. The simulator answers with it, and it is
//! what the reader is measured by.

use super::super::rupiah::Rupiah;
use super::{Balance, DuplicateStatus, Failure, Outcome, Reply};

/// The text of a reply. `at` stands where the document has `[waktu]`, in the two kinds that are pending; it is not
/// part of what is read, and may be empty.
///
/// [`super::read`] reads it back, as long as nothing but the serial number has a `#` in it, nothing begins or ends with
/// white space, and the serial number does not have the tail of a reply in it.
#[must_use]
pub fn write(reply: &Reply, at: &str) -> String {
    let Reply {
        trxid,
        product,
        dest,
        refid,
        ..
    } = reply;
    let status = status_text(&reply.outcome, at);
    // Kind 1 has a space of its own in two places.
    let (before, after) = match reply.outcome {
        Outcome::Success { .. } => (" ", ""),
        _ => ("", " "),
    };
    let balance = balance_text(&reply.balance, matches!(reply.outcome, Outcome::Success { .. }));
    format!("#{trxid}#{product}#ke:{dest}#{status}#{before}{balance}#Reffid:{refid}{after}#")
}

fn status_text(outcome: &Outcome, at: &str) -> String {
    let at = if at.is_empty() {
        String::new()
    } else {
        format!(" {at}")
    };
    match outcome {
        Outcome::Success { sn } => format!("SUKSES#SN:{sn}"),
        Outcome::Accepted => format!("akan diproses{at}."),
        Outcome::InProcess => {
            format!("masih dalam proses{at}. Mohon ditunggu, lebih dari 15mnt Silahkan hubungi CS.")
        }
        Outcome::Failed(failure) => format!("GAGAL; {}.", reason_text(*failure)),
        Outcome::Duplicate { status, at, sn } => {
            let status = match status {
                DuplicateStatus::Success => "SUKSES",
                DuplicateStatus::Failed => "GAGAL",
                DuplicateStatus::Other => "PENDING",
            };
            format!("{status}; sudah pernah jam {at} SN/Ref: {sn}.")
        }
    }
}

/// The reason without its last dot.
const fn reason_text(failure: Failure) -> &'static str {
    match failure {
        Failure::NotProcessable => "Transaksi tidak dapat diproses",
        Failure::CancelledByProvider => "Dibatalkan provider",
        Failure::NumberBlocked => {
            "Nomor tujuan tdk dpt di proses krn trx gagal berturut-turut (max 5x), Silahkan Hubungi CS"
        }
        Failure::ProductDownSupplier => "Produk Sedang Gangguan",
        Failure::ProductDownOperator => "Produk Sedang Gangguan Pada Operator",
        Failure::BadProduct => "Kode Produk Salah. Silahkan Hubungi CS, ketik PRODUK",
        Failure::BadNumber => "Nomor tujuan salah, periksa kembali nomor anda",
        Failure::InsufficientBalance => "Saldo Tidak Cukup",
        Failure::PackageAlreadyActive => "Paket Data Sudah terisi",
        Failure::NumberExpired => "Nomor Kadaluarsa",
        Failure::NumberInactive => "Nomor belum/ tidak aktif/ sudah tidak aktif",
        Failure::CutoffOrTimeout => "CutOff/ Timeout, silahkan ulangi beberapa saat kemudian",
        Failure::Other => "Alasan lain",
    }
}

/// What is left. `rest` says whether it is called so.
pub(in super::super) fn balance_text(balance: &Balance, rest: bool) -> String {
    let label = if rest { "Sisa saldo" } else { "Saldo" };
    match balance {
        Balance::Left(left) => format!("{label} Rp.{}", grouped(*left)),
        Balance::Charged { before, price, after } => {
            let (before, price, after) = (grouped(*before), grouped(*price), grouped(*after));
            format!("{label} Rp.{before}-Rp. {price}=Rp. {after}")
        }
        Balance::Unreadable => format!("{label} Rp.?"),
    }
}

/// An amount in groups of three, with commas between them.
fn grouped(amount: Rupiah) -> String {
    amount.to_string().replace("Rp", "").replace('.', ",")
}
