//! What destinations mean: the last four characters say what becomes of an order.

use std::time::Duration;

use domain::topup::reply::Failure;

use super::report::Says;
use super::{Fault, Garble};
use crate::transport::Transport;

/// An ending with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Magic {
    /// The last four characters of a destination.
    pub ending: &'static str,
    /// What becomes of an order for it.
    pub english: &'static str,
    /// The same in Indonesian.
    pub indonesian: &'static str,
}

const fn magic(ending: &'static str, english: &'static str, indonesian: &'static str) -> Magic {
    Magic {
        ending,
        english,
        indonesian,
    }
}

/// Every ending. Whatever ends otherwise is delivered at once.
pub const MAGIC: [Magic; 34] = [
    magic("9001", "delivered at once", "langsung terkirim"),
    magic(
        "9002",
        "pending, delivered after 40 seconds",
        "tertunda, terkirim setelah 40 detik",
    ),
    magic("9003", "pending for ever", "tertunda terus"),
    magic("9004", "fails: not processable", "gagal: tidak dapat diproses"),
    magic(
        "9005",
        "fails: cancelled by the operator",
        "gagal: dibatalkan provider",
    ),
    magic("9006", "fails: number blocked", "gagal: nomor diblokir"),
    magic(
        "9007",
        "fails: product down at the supplier",
        "gagal: produk gangguan",
    ),
    magic(
        "9008",
        "fails: product down at the operator",
        "gagal: produk gangguan pada operator",
    ),
    magic("9009", "fails: unknown product", "gagal: kode produk salah"),
    magic("9010", "fails: wrong number", "gagal: nomor salah"),
    magic(
        "9011",
        "fails: our deposit is too low",
        "gagal: saldo tidak cukup",
    ),
    magic(
        "9012",
        "already bought under somebody else's id",
        "sudah pernah, atas nama lain",
    ),
    magic(
        "9013",
        "fails: the package is active already",
        "gagal: paket sudah terisi",
    ),
    magic("9014", "fails: number expired", "gagal: nomor kedaluwarsa"),
    magic("9015", "fails: number not active", "gagal: nomor tidak aktif"),
    magic(
        "9016",
        "fails: timeout, and it stays so",
        "gagal: timeout, dan tetap",
    ),
    magic(
        "9017",
        "said to have timed out, and delivered",
        "katanya timeout, padahal terkirim",
    ),
    magic(
        "9018",
        "fails: timeout; asked about, it was there before and failed",
        "gagal: timeout; ditanya lagi, sudah pernah dan gagal",
    ),
    magic(
        "9019",
        "already bought under somebody else's id, which the answer names",
        "sudah pernah, dengan ID orang lain di jawabannya",
    ),
    magic(
        "9022",
        "pending, fails after 40 seconds",
        "tertunda, gagal setelah 40 detik",
    ),
    magic(
        "9023",
        "pending, delivered after 10 minutes",
        "tertunda, terkirim setelah 10 menit",
    ),
    magic(
        "9024",
        "a timeout whose answer is lost; asked about, it failed; delivered after 5 minutes",
        "timeout yang jawabannya hilang; ditanya lagi katanya gagal; terkirim setelah 5 menit",
    ),
    magic(
        "9031",
        "delivered, and the answer is lost",
        "terkirim, jawabannya hilang",
    ),
    magic(
        "9032",
        "lost before it arrived; the first question buys it",
        "hilang sebelum sampai; pertanyaan pertama membelinya",
    ),
    magic(
        "9033",
        "delivered, and the answer is a 503",
        "terkirim, jawabannya 503",
    ),
    magic(
        "9034",
        "delivered, and half of the answer comes",
        "terkirim, jawabannya separuh",
    ),
    magic(
        "9035",
        "delivered, and a web page comes",
        "terkirim, jawabannya halaman web",
    ),
    magic(
        "9036",
        "delivered, and the answer is about somebody else",
        "terkirim, jawabannya tentang orang lain",
    ),
    magic(
        "9037",
        "delivered, and the answer takes 20 seconds",
        "terkirim, jawabannya 20 detik kemudian",
    ),
    magic(
        "9038",
        "delivered, and no answer ever comes",
        "terkirim, jawabannya tidak pernah datang",
    ),
    magic(
        "9039",
        "delivered, and our PIN is said to be wrong: sending pauses",
        "terkirim, katanya PIN salah: pengiriman berhenti sebentar",
    ),
    magic(
        "9041",
        "pending, delivered after 40 seconds, reported twice, and then with older news",
        "tertunda, terkirim setelah 40 detik, dilaporkan dua kali, lalu dengan kabar lama",
    ),
    magic(
        "9042",
        "delivered, and falsely reported as failed",
        "terkirim, lalu laporan palsu bahwa gagal",
    ),
    magic(
        "9043",
        "fails, and is falsely reported as delivered",
        "gagal, lalu laporan palsu bahwa terkirim",
    ),
];

/// What becomes of one order.
#[derive(Clone, Debug, Default)]
pub(super) struct Script {
    pub(super) deed: Deed,
    pub(super) fault: Option<Fault>,
    /// What is reported besides, and how long after the order, in milliseconds.
    pub(super) reports: Vec<(Says, i64)>,
}

/// What the operator does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Deed {
    /// Delivers.
    #[default]
    Deliver,
    /// Says nothing for the usual time, then delivers.
    PendDeliver,
    /// Says nothing for so long, then delivers.
    PendLong(i64),
    /// Says nothing for the usual time, then fails.
    PendFail,
    /// Never says anything.
    PendForEver,
    /// Fails.
    Fail(Failure),
    /// Delivers, and the supplier has not waited for it.
    DeliverUnheard,
    /// Says nothing in the supplier's time, and delivers so many milliseconds after the order.
    DeliverLate(i64),
    /// Nothing: somebody else has bought it. Whether the answer names that one's id.
    Foreign(bool),
}

/// Whether a timeout for a destination is a failure like any other when somebody asks.
pub(super) fn forgets_timeout(dest: &str) -> bool {
    dest.ends_with("9018") || dest.ends_with("9024")
}

/// The script of a destination.
pub(super) fn script(dest: &str) -> Script {
    let ending = dest.len().checked_sub(4).and_then(|at| dest.get(at..));
    let (deed, fault) = of_ending(ending.unwrap_or_default());
    let reports = match ending {
        Some("9041") => vec![(Says::Truth, 45_000), (Says::Pending, 50_000)],
        Some("9042") => vec![(Says::Failed, 5_000)],
        Some("9043") => vec![(Says::Delivered, 5_000)],
        _ => Vec::new(),
    };
    Script { deed, fault, reports }
}

fn of_ending(ending: &str) -> (Deed, Option<Fault>) {
    let lost = |fault: Fault| (Deed::Deliver, Some(fault));
    let deed = match ending {
        "9002" | "9041" => Deed::PendDeliver,
        "9003" => Deed::PendForEver,
        "9004" | "9043" => Deed::Fail(Failure::NotProcessable),
        "9005" => Deed::Fail(Failure::CancelledByProvider),
        "9006" => Deed::Fail(Failure::NumberBlocked),
        "9007" => Deed::Fail(Failure::ProductDownSupplier),
        "9008" => Deed::Fail(Failure::ProductDownOperator),
        "9009" => Deed::Fail(Failure::BadProduct),
        "9010" => Deed::Fail(Failure::BadNumber),
        "9011" => Deed::Fail(Failure::InsufficientBalance),
        "9012" => Deed::Foreign(false),
        "9013" => Deed::Fail(Failure::PackageAlreadyActive),
        "9014" => Deed::Fail(Failure::NumberExpired),
        "9015" => Deed::Fail(Failure::NumberInactive),
        "9016" | "9018" => Deed::Fail(Failure::CutoffOrTimeout),
        "9017" => Deed::DeliverUnheard,
        "9019" => Deed::Foreign(true),
        "9022" => Deed::PendFail,
        "9023" => Deed::PendLong(600_000),
        "9024" => {
            let late = Deed::DeliverLate(300_000);
            return (late, Some(Fault::Transport(Transport::HangUp)));
        }
        "9031" => return lost(Fault::Transport(Transport::HangUp)),
        "9032" => return lost(Fault::Before(Transport::HangUp)),
        "9033" => return lost(Fault::Transport(Transport::Status(503))),
        "9034" => return lost(Fault::Garbled(Garble::Half)),
        "9035" => return lost(Fault::Garbled(Garble::Page)),
        "9036" => return lost(Fault::Garbled(Garble::OtherRefid)),
        "9037" => return lost(Fault::Late(Duration::from_secs(20))),
        "9038" => return lost(Fault::Transport(Transport::Silent)),
        "9039" => return lost(Fault::Garbled(Garble::AboutUs)),
        _ => Deed::Deliver,
    };
    (deed, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_that_is_told_means_something() {
        for magic in MAGIC.iter().filter(|magic| magic.ending != "9001") {
            let script = script(&format!("08129999{}", magic.ending));
            let means = script.deed != Deed::Deliver || script.fault.is_some() || !script.reports.is_empty();
            assert!(means, "{}", magic.ending);
        }
        assert_eq!(script("9").deed, Deed::Deliver);
        assert_eq!(script("08é04").deed, Deed::Deliver);
    }
}
