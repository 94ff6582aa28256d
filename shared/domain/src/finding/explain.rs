//! What findings mean to people. Wording may change; codes don't.

use super::Code;
use crate::code::Explanation;

impl Code {
    /// What it is, in a few words: the name of a row or a chip.
    #[must_use]
    pub const fn name(self) -> Explanation {
        let (id, en) = match self {
            Self::SalesMissing => ("penjualan belum masuk", "sales missing"),
            Self::SalesLate => ("penjualan terlambat masuk", "sales came late"),
            Self::FileRepeated => ("berkas terkirim dua kali", "file sent twice"),
            Self::NumberGap => ("nomor struk terlewati", "receipt numbers left out"),
            Self::ClockWrong => ("jam kasir salah", "till's clock is wrong"),
            Self::TotalsDiffer => ("total berkas tidak cocok", "file's totals differ"),
            Self::UnusuallyFew => ("struk sangat sedikit", "unusually few receipts"),
            Self::UnusuallyMany => ("struk sangat banyak", "unusually many receipts"),
            Self::FiguresDiffer => ("ringkasan tidak cocok", "summary differs"),
            Self::EmptyAgain => ("berkas kosong dikirim", "empty file sent"),
            Self::FileFailed => ("berkas tidak terbaca", "file can't be read"),
        };
        Explanation { id, en }
    }

    /// What it means and what to do about it, for the owner.
    #[must_use]
    pub const fn explain(self) -> Explanation {
        let (id, en) = match self {
            Self::SalesMissing => (
                "Belum ada penjualan yang masuk, padahal gerai biasanya berjualan pada hari ini. Kirim ekspornya, atau terima temuan ini bila gerai tutup.",
                "No sales have come in, though the outlet usually sells on this weekday. Send the export, or accept this if it was closed.",
            ),
            Self::SalesLate => (
                "Penjualan baru masuk setelah pagi hari berikutnya. Periksa mengapa ekspornya terlambat.",
                "Sales came in after the following morning only. Check why the export was late.",
            ),
            Self::FileRepeated => (
                "Berkas yang sama dikirim lagi; tidak ada yang dihitung dua kali. Periksa apakah berkas lain yang seharusnya dikirim.",
                "The same file was sent again; nothing counts twice. Check whether another file was meant.",
            ),
            Self::NumberGap => (
                "Ada nomor struk yang terlewati. Periksa di kasir apakah struk itu dibatalkan atau belum ikut diekspor.",
                "Receipt numbers are left out. Check at the till whether they were cancelled or not exported.",
            ),
            Self::ClockWrong => (
                "Ada struk dengan waktu yang tidak mungkin. Periksa jam dan zona waktu perangkat kasir.",
                "Some receipts have times that can't be. Check the clock and the time zone of the till.",
            ),
            Self::TotalsDiffer => (
                "Jumlah atau total di kepala berkas tidak sama dengan isinya. Ekspor ulang hari itu, lalu kirim lagi.",
                "A file's own count or sum differs from its records. Export that day again and send it.",
            ),
            Self::UnusuallyFew => (
                "Struk kurang dari setengah yang biasa. Periksa apakah ekspornya lengkap, atau terima temuan ini bila memang sepi.",
                "Fewer than half of the usual receipts. Check that the export is complete, or accept this if the day was quiet.",
            ),
            Self::UnusuallyMany => (
                "Struk lebih dari dua kali yang biasa. Periksa apakah hari atau gerai lain ikut terekspor, atau terima temuan ini bila memang ramai.",
                "More than double the usual receipts. Check whether another day or outlet was exported too, or accept this if the day was busy.",
            ),
            Self::FiguresDiffer => (
                "Ringkasan hari itu tidak sama dengan struknya. Kirim ulang ekspor hari itu; bila tetap begini, hubungi pengelola sistem.",
                "The day's summary is not what its receipts come to. Send that day's export again; if this stays, tell the operator.",
            ),
            Self::EmptyAgain => (
                "Ada berkas kosong untuk hari yang sudah berisi penjualan; penjualannya tetap disimpan. Periksa ekspornya.",
                "An empty file came for a day that has sales; they stay. Check the export.",
            ),
            Self::FileFailed => (
                "Ada berkas yang tidak dapat dibaca. Lihat alasannya pada daftar berkas, perbaiki, lalu kirim ulang.",
                "A file could not be read. See the reason in the list of files, correct it and send it again.",
            ),
        };
        Explanation { id, en }
    }
}
