//! The codes of what a night could not do, sorted by code.

use super::Explanation;

explanations! {
    "BACKUP_FAILED":
        "Cadangan pengaturan malam ini tidak tersimpan. Cadangan malam sebelumnya masih ada; periksa izin tulis ke ember ekspor.",
        "Tonight's backup of the settings was not stored. The one of the night before is there; check the right to write to the bucket.";
    "BACKUP_INCOMPLETE":
        "Satu gerai tidak ikut dicadangkan karena id atau zona waktunya tidak sah. Perbaiki gerai itu di pengaturan.",
        "One outlet is not in tonight's backup, because its id or its time zone is not valid. Correct it in the settings.";
    "CENTRAL_ADDRESS":
        "Alamat server pusat di pengaturan tidak ada lagi atau tidak diterima. Gunakan alamat https tanpa nama pengguna dan kata kunci.",
        "The central server's address in the settings is gone or refused. Use an https address without a user or a password.";
    "CENTRAL_CHECKSUM":
        "Isi berkas dari server pusat tidak sama dengan daftarnya, jadi tidak disimpan. Periksa apakah berkasnya sedang ditulis ulang.",
        "A file of the central server is not what its listing says, so it was not kept. Check whether it was being rewritten.";
    "CENTRAL_ENTRY_CHECKSUM":
        "Satu baris daftar server pusat tidak mempunyai SHA-256 yang sah. Perbaiki daftar itu; berkas lain tetap diambil.",
        "One entry of the central listing has no valid SHA-256. Correct the listing; the other files were fetched.";
    "CENTRAL_ENTRY_FORM":
        "Satu baris daftar server pusat tidak berbentuk seperti seharusnya. Perbaiki daftar itu; berkas lain tetap diambil.",
        "One entry of the central listing does not have the form it should have. Correct it; the other files were fetched.";
    "CENTRAL_ENTRY_MODIFIED":
        "Waktu ubah di satu baris daftar server pusat tidak dapat dibaca. Perbaiki daftar itu; berkas lain tetap diambil.",
        "The time of change in one entry of the central listing can't be read. Correct it; the other files were fetched.";
    "CENTRAL_ENTRY_NAME":
        "Nama berkas di satu baris daftar server pusat tidak diterima. Pakai huruf, angka, titik, _ dan - saja, tanpa spasi; berkas lain tetap diambil.",
        "The file name in one entry of the central listing is refused. Use letters, digits, dots, _ and - only; the others were fetched.";
    "CENTRAL_ENTRY_OUTLET":
        "Nama gerai di satu baris daftar server pusat tidak sah. Pakai id gerai yang terdaftar; berkas lain tetap diambil.",
        "The outlet in one entry of the central listing is not valid. Use the id of a known outlet; the others were fetched.";
    "CENTRAL_ENTRY_SIZE":
        "Ukuran berkas di satu baris daftar server pusat tidak sah atau terlalu besar. Perbaiki daftar itu; berkas lain tetap diambil.",
        "The size in one entry of the central listing is not valid or too large. Correct it; the other files were fetched.";
    "CENTRAL_ENTRY_TWICE":
        "Satu nama berkas muncul dua kali dengan isi berbeda di daftar server pusat. Beri tiap berkas namanya sendiri.",
        "One file name stands twice in the central listing, with different contents. Give each file a name of its own.";
    "CENTRAL_FILE_MISSING":
        "Berkas ada di daftar server pusat, tetapi tidak dapat diambil. Letakkan berkas itu di server; malam berikutnya mengambilnya lagi.",
        "The central server lists a file that it does not have. Put the file there; the next night fetches it.";
    "CENTRAL_LISTING":
        "Daftar berkas dari server pusat tidak dapat dipakai. Periksa program yang menulis daftar itu.",
        "The central server's listing can't be used. Check the program that writes it.";
    "CENTRAL_NO_LISTING":
        "Server pusat belum mempunyai daftar berkas untuk hari ini. Periksa apakah ekspor di server itu sudah berjalan.",
        "The central server has no listing of this day yet. Check whether the export there has run.";
    "CENTRAL_REFUSED":
        "Server pusat menolak permintaan. Periksa alamat dan pengaturannya; pengalihan ke alamat lain tidak diikuti.",
        "The central server refused the request. Check its address and settings; no redirect is followed.";
    "CENTRAL_SIZE":
        "Ukuran berkas dari server pusat tidak sama dengan daftarnya, jadi tidak disimpan. Periksa apakah berkasnya terpotong.",
        "A file of the central server is not as long as its listing says, so it was not kept. Check whether it is cut off.";
    "CENTRAL_TOKEN":
        "Token server pusat tidak ada, tidak terbaca, atau berisi huruf yang tidak boleh dikirim. Simpan ulang tokennya di parameter.",
        "The central server's token is missing, can't be read, or has characters that can't be sent. Store it again.";
    "CENTRAL_UNAUTHORISED":
        "Server pusat tidak menerima token kami. Perbarui token di pengaturan, atau izinkan token itu di server.",
        "The central server does not take our token. Renew it in the settings, or allow it at the server.";
    "CENTRAL_UNREACHABLE":
        "Server pusat tidak menjawab. Periksa apakah server itu hidup dan terhubung; malam berikutnya mencoba lagi.",
        "The central server does not answer. Check that it is up and connected; the next night tries again.";
    "CUSTOMER_UNREADABLE":
        "Data satu pelanggan gerai ini tidak dapat dibaca, jadi profilnya tidak diperbarui. Hubungi pengelola sistem.",
        "What is stored of one of this outlet's customers can't be read, so the profile was not updated. Tell the operator.";
    "DAY_UNREADABLE":
        "Penjualan yang tersimpan dari satu hari gerai ini tidak dapat dibaca. Kirim ulang ekspor hari itu, lalu hubungi pengelola sistem.",
        "What is stored of one of this outlet's days can't be read. Send that day's export again and tell the operator.";
    "INGEST_LATE":
        "Berkas sudah diambil, tetapi belum selesai dibaca ketika malam ini dilanjutkan. Lihat hasilnya di halaman Sinkronisasi.",
        "A file was fetched but not read to its end when the night went on. See what became of it on the sync page.";
    "JOBS_UNFINISHED":
        "Beberapa pekerjaan datang terlambat untuk malam ini. Tidak ada yang hilang: malam berikutnya mengerjakannya.",
        "Some jobs came too late for this night. Nothing is lost: the next night does them.";
    "JOB_TOO_LONG":
        "Satu pekerjaan tidak selesai dalam waktu yang ada, lima kali berturut-turut. Lihat gerainya, lalu hubungi pengelola sistem.",
        "One job did not end in the time there is, five times in a row. Look at its outlet and tell the operator.";
    "LEASE_LOST":
        "Pekerjaan berhenti di tengah jalan lima kali, lalu dilewati. Malam berikutnya mencoba lagi; bila berulang, hubungi pengelola sistem.",
        "A job broke off five times and was passed over. The next night tries again; if this stays, tell the operator.";
    "MOKA_ADDRESS":
        "Alamat Moka atau nomor outlet Moka di pengaturan tidak ada atau tidak diterima. Periksa keduanya, lalu simpan lagi.",
        "Moka's address or an outlet's Moka number in the settings is gone or refused. Check both and store them again.";
    "MOKA_CURSOR":
        "Moka mengirim halaman yang sama berulang atau berhenti di tengah, jadi harinya tidak disimpan. Malam berikutnya mencoba lagi.",
        "Moka sent a page twice or broke off, so the day was not kept. The next night tries again.";
    "MOKA_DAY":
        "Hari itu tidak dapat diminta dari Moka, misalnya karena zona waktu gerai. Periksa zona waktu gerai.",
        "That day can't be asked of Moka, for instance because of the outlet's zone. Check the outlet's zone.";
    "MOKA_OUT_OF_TIME":
        "Sisa waktu tidak cukup untuk memperbarui token Moka dengan aman, jadi tidak dimulai. Malam berikutnya membaca ulang tiga hari terakhir.",
        "Too little time was left to renew Moka's tokens safely, so it was not begun. The next night reads the last three days again.";
    "MOKA_PAGE":
        "Jawaban Moka bukan daftar pembayaran dari gerai itu. Periksa nomor outlet Moka di pengaturan gerai.",
        "Moka's answer is no list of that outlet's payments. Check the outlet's Moka number in its settings.";
    "MOKA_REFUSED":
        "Moka menolak permintaan. Periksa izin aplikasi di Moka dan nomor outlet Moka di pengaturan gerai.",
        "Moka refused the request. Check the app's rights at Moka and the outlet's Moka number.";
    "MOKA_RENEWAL_UNKNOWN":
        "Moka tidak menjawab dengan jelas saat token diperbarui. Malam ini atau berikutnya mencoba lagi; bila lalu MOKA_UNAUTHORISED, hubungkan ulang.",
        "Moka gave no clear answer when tokens were renewed. It is tried again later; if MOKA_UNAUTHORISED follows, connect anew.";
    "MOKA_TOKEN_NOT_KEPT":
        "Token Moka yang baru tidak dapat disimpan, jadi tidak dipakai. Periksa izin tulis ke penyimpanan parameter.",
        "Moka's new token could not be stored, so it was not used. Check the right to write to the parameter store.";
    "MOKA_TOKEN_STORE":
        "Token Moka tidak dapat dibaca dari penyimpanan parameter. Periksa apakah ketiga parameternya ada dan boleh dibaca.",
        "Moka's token can't be read from the parameter store. Check that the three parameters exist and may be read.";
    "MOKA_UNAUTHORISED":
        "Moka tidak menerima token kami lagi. Hubungkan ulang aplikasi Moka seperti di panduan, lalu simpan token barunya.",
        "Moka does not take our token any more. Connect the app anew as the guide says and store the new token.";
    "MOKA_UNREACHABLE":
        "Moka tidak menjawab. Biasanya pulih sendiri; malam berikutnya membaca ulang tiga hari terakhir.",
        "Moka does not answer. It mends itself as a rule; the next night reads the last three days again.";
    "PART_GIVEN_UP":
        "Pekerjaan ini dilewati karena terlalu banyak pekerjaan sebelumnya gagal. Lihat gangguan lain malam ini, lalu perbaiki sebabnya.",
        "This job was passed over because too many before it failed. See the night's other troubles and mend their cause.";
    "SYNC_STORE_FAILED":
        "Penyimpanan tidak menjawab saat pekerjaan ini berjalan. Malam berikutnya mencoba lagi; bila berulang, hubungi pengelola sistem.",
        "The store did not answer while this job ran. The next night tries again; if this stays, tell the operator.";
}
