//! The codes of files, records and notes on them, sorted by code.

use super::Explanation;

explanations! {
    "CONTROL_TOTAL_MISMATCH":
        "Jumlah atau total di kepala berkas tidak sama dengan isinya. Ekspor ulang hari itu, lalu bandingkan dengan laporan kasir.",
        "The file's own count or sum differs from its records. Export that day again and compare it with the till's report.";
    "CUSTOM_AMOUNT":
        "Ada baris dengan nominal bebas tanpa menu. Nilainya dihitung, tetapi tidak masuk peringkat menu.",
        "A line with a free amount and no menu behind it. Its value counts, but no menu can be rated for it.";
    "DATE_INVALID":
        "Tanggal transaksi tidak dapat dibaca atau tidak ada di kalender. Perbaiki tanggalnya di ekspor, lalu kirim ulang.",
        "The date can't be read or does not exist. Correct it in the export and send it again.";
    "DATE_MISSING":
        "Transaksi tidak mempunyai tanggal. Sertakan kolom tanggal saat mengekspor, lalu kirim ulang.",
        "The record has no date. Include the date column in the export and send it again.";
    "DATE_OUT_OF_RANGE":
        "Tahun transaksi di luar rentang yang diterima (2000 sampai 2100). Periksa jam dan tanggal mesin kasir, lalu kirim ulang.",
        "The year is outside 2000 to 2100. Check the till's clock and send the record again.";
    "DAY_FULL":
        "Hari ini di gerai ini sudah mencapai batas jumlah struk yang dapat disimpan. Hubungi pengelola sistem.",
        "This outlet day already holds as many receipts as it can. Tell the operator.";
    "DUPLICATE_KEY":
        "Satu nama kolom muncul dua kali dalam catatan yang sama sehingga nilainya tidak pasti. Perbaiki ekspornya, lalu kirim ulang.",
        "One field name occurs twice in the record, so its value is uncertain. Correct the export and send it again.";
    "EMAIL_INVALID":
        "Alamat email pelanggan tidak sah dan tidak disimpan; transaksinya tetap disimpan. Perbaiki data pelanggan di kasir.",
        "The customer's mail address is not valid and was left out; the receipt is stored. Correct the customer at the till.";
    "ENVELOPE_TOO_LARGE":
        "Bagian kepala berkas terlalu besar. Ekspor ulang tanpa data tambahan di luar daftar transaksi.",
        "What stands around the records is too large. Export again without data other than the records.";
    "FEEDBACK_TEXT_LEFT":
        "Isi laporan pelanggan di berkas belum ikut disimpan oleh versi lama sistem ini; transaksinya tetap disimpan.",
        "An earlier version of this system did not take over the guest's words in the file; the receipt is stored.";
    "FIELD_INVALID":
        "Isian formulir tamu tidak dapat dibaca. Minta tamu memuat ulang halamannya, lalu memilih lagi.",
        "A field of the guest's form can't be read. Ask the guest to reload the page and choose again.";
    "FIELD_MISSING":
        "Kolom wajib tidak ada dalam catatan. Sertakan kolom itu saat mengekspor, lalu kirim ulang.",
        "A required field is missing. Include it in the export and send the record again.";
    "FIELD_TOO_LONG":
        "Isian terlalu panjang: komentar atau catatan paling banyak 1.000 huruf. Singkatkan, lalu kirim lagi.",
        "The text is too long: a comment or a note has at most 1,000 characters. Shorten it and send it again.";
    "FIELD_TYPE":
        "Isi sebuah kolom bukan jenis yang seharusnya, misalnya teks di tempat daftar. Perbaiki ekspornya, lalu kirim ulang.",
        "A field holds the wrong kind of value, such as text in place of a list. Correct the export and send it again.";
    "FIELD_UNKNOWN":
        "Formulir tamu berisi kolom yang tidak ada di halamannya. Minta tamu memuat ulang halamannya, lalu mengisi lagi.",
        "The guest's form has a field that its page doesn't have. Ask the guest to reload the page and fill it in again.";
    "FILE_BOM":
        "Berkas diawali tanda BOM; tanda itu dilewati dan berkas tetap dibaca. Tidak ada yang perlu dilakukan.",
        "The file begins with a byte order mark, which was skipped. Nothing needs to be done.";
    "FILE_BOMB":
        "Berkas terkompresi ini mengembang secara tidak wajar dan tidak dibaca. Kirim ulang ekspor aslinya.",
        "The packed file grows beyond reason when unpacked and was not read. Send the original export again.";
    "FILE_CHANGED":
        "Berkas diganti ketika sedang dibaca. Isi yang baru diproses tersendiri; periksa hasilnya beberapa menit lagi.",
        "The file was replaced while it was read. Its new content is processed by itself; look again in a few minutes.";
    "FILE_COMPRESSION_BROKEN":
        "Berkas gzip atau zstd rusak atau terpotong. Kemas ulang atau unggah ulang berkas tersebut.",
        "The gzip or zstd data is damaged or cut off. Pack or upload the file again.";
    "FILE_EMPTY":
        "Berkas kosong. Periksa apakah ekspor sudah selesai, lalu kirim ulang.",
        "The file is empty. Check that the export had finished and send it again.";
    "FILE_GONE":
        "Berkas sudah dihapus sebelum sempat dibaca. Unggah kembali bila masih diperlukan.",
        "The file was deleted before it could be read. Upload it again if it is still needed.";
    "FILE_NOT_JSON":
        "Berkas bukan JSON, mungkin Excel, CSV, atau halaman web. Ekspor dalam bentuk JSON atau NDJSON, lalu kirim ulang.",
        "The file is not JSON; perhaps a spreadsheet, a CSV table or a web page. Export JSON or NDJSON and send it again.";
    "FILE_TOO_LARGE":
        "Berkas melebihi ukuran yang diterima. Bagi ekspor per hari atau per gerai, lalu kirim ulang.",
        "The file is larger than what is taken. Split the export by day or outlet and send it again.";
    "FILE_TRAILING_GARBAGE":
        "Ada isi lain setelah akhir dokumen; bagian itu tidak dibaca. Periksa apakah dua ekspor tergabung, lalu kirim sisanya tersendiri.",
        "Something follows the end of the document and was not read. Check whether two exports were joined and send the rest by itself.";
    "FILE_TRUNCATED":
        "Berkas terpotong sebelum selesai; catatan yang utuh tetap disimpan. Kirim ulang ekspor yang lengkap, catatan yang sama tidak akan dihitung dua kali.",
        "The file ends too early; its whole records are stored. Send the complete export again: no record counts twice.";
    "FILE_UNKNOWN_DIALECT":
        "Susunan berkas tidak dikenali. Gunakan ekspor Moka atau Majoo, atau format baku di panduan format berkas.",
        "The layout is not known. Use a Moka or Majoo export, or the canonical format of the file format guide.";
    "FILE_UTF16":
        "Berkas disimpan dalam UTF-16. Simpan ulang sebagai UTF-8, lalu kirim ulang.",
        "The file is UTF-16. Save it as UTF-8 and send it again.";
    "FILE_WINDOW_TOO_LARGE":
        "Berkas zstd dikemas dengan jendela memori terlalu besar. Kemas ulang tanpa opsi --long atau --ultra.",
        "The zstd data needs too large a window. Pack it again without --long or --ultra.";
    "FILE_WITHOUT_RECORDS":
        "Berkas tidak berisi transaksi. Periksa tanggal dan gerai yang dipilih saat mengekspor.",
        "The file holds no records. Check the dates and the outlet chosen for the export.";
    "FILE_WRONG_OUTLET":
        "Isi berkas berasal dari gerai lain, bukan gerai pada nama foldernya. Pindahkan ke folder gerai yang benar.",
        "The file is of another outlet than its folder says. Put it into the folder of its own outlet.";
    "INVALID_UTF8":
        "Ada huruf rusak (bukan UTF-8) dalam catatan. Ekspor ulang dengan pengodean UTF-8.",
        "The record holds bytes that are not UTF-8. Export it again as UTF-8.";
    "LINE_AMOUNT_UNKNOWN":
        "Harga sebuah baris menu tidak ada di berkas. Struknya tetap disimpan, tetapi nilai menu itu tidak dihitung.",
        "The amount of a menu line is not in the file. The receipt is stored, but that menu's value is not counted.";
    "MONEY_AMBIGUOUS":
        "Nominal seperti 1.500 dibaca sebagai seribu lima ratus rupiah. Periksa bila maksudnya lain.",
        "An amount such as 1.500 was read as one thousand five hundred rupiah. Check it if something else was meant.";
    "MONEY_INVALID":
        "Nominal uang tidak dapat dibaca sebagai angka. Perbaiki nominalnya di ekspor, lalu kirim ulang.",
        "An amount can't be read as a number. Correct it in the export and send the record again.";
    "MONEY_NEGATIVE":
        "Nominal negatif di tempat yang tidak semestinya. Catat pengembalian dana sebagai refund di kasir, lalu ekspor ulang.",
        "An amount is negative where it can't be. Book money given back as a refund at the till and export again.";
    "MONEY_OUT_OF_RANGE":
        "Nominal uang terlalu besar untuk sebuah struk. Periksa apakah ada angka yang salah ketik, lalu kirim ulang.",
        "An amount is too large for a receipt. Check it for a typing error and send the record again.";
    "MONEY_ROUNDED":
        "Nominal dengan lebih dari empat desimal dibulatkan ke empat desimal. Tidak ada yang perlu dilakukan.",
        "An amount with more than four decimals was rounded to four. Nothing needs to be done.";
    "NAME_WITHOUT_IDENTITY":
        "Ada nama pelanggan tanpa nomor telepon atau ID, sehingga struk dihitung sebagai tamu umum. Catat nomor telepon pelanggan di kasir.",
        "A customer's name came without phone or id, so the receipt counts as a walk-in. Take the customer's phone at the till.";
    "NUMBER_NOT_FINITE":
        "Ada NaN atau Infinity di tempat angka. Perbaiki ekspornya, lalu kirim ulang.",
        "There is NaN or Infinity in place of a number. Correct the export and send it again.";
    "OUTLET_ASSUMED":
        "Berkas tidak menyebut gerai, jadi gerai diambil dari nama folder atau nilai bawaan. Periksa apakah gerainya benar.",
        "The file names no outlet, so the folder's or the default one was taken. Check that it is the right one.";
    "PHONE_FIRST_OF_TWO":
        "Ada dua nomor telepon dalam satu kolom; nomor sah yang pertama dipakai. Periksa data pelanggan di kasir.",
        "Two phone numbers stand in one field; the first valid one was taken. Check the customer at the till.";
    "PHONE_INEXACT":
        "Nomor telepon berubah menjadi angka ilmiah dan sebagian angkanya hilang, jadi tidak disimpan. Format kolom telepon sebagai teks sebelum mengekspor.",
        "A spreadsheet turned the phone into scientific notation and lost digits, so it was left out. Make the column text before exporting.";
    "PHONE_INVALID":
        "Isi kolom telepon bukan nomor yang dikenal dan tidak disimpan; transaksinya tetap disimpan. Perbaiki data pelanggan di kasir.",
        "The phone field holds no known kind of number and was left out; the receipt is stored. Correct the customer at the till.";
    "PHONE_LETTERS":
        "Nomor telepon berisi huruf dan tidak disimpan; transaksinya tetap disimpan. Perbaiki data pelanggan di kasir.",
        "The phone number holds letters and was left out; the receipt is stored. Correct the customer at the till.";
    "PHONE_MASKED":
        "Nomor telepon disamarkan, biasanya oleh aplikasi antar, dan tidak disimpan; transaksinya tetap disimpan.",
        "The phone number is masked, as delivery apps do, and was left out; the receipt is stored.";
    "PHONE_PLACEHOLDER":
        "Nomor telepon ini nomor karangan atau nomor gerai sendiri dan tidak disimpan. Kosongkan saja bila pelanggan tidak memberi nomor.",
        "The phone number is made up or the outlet's own and was left out. Leave it empty when a guest gives none.";
    "PHONE_SPECIAL":
        "Nomor ini nomor layanan, bukan milik pelanggan, dan tidak disimpan. Perbaiki data pelanggan di kasir.",
        "This is a service number that belongs to no guest and was left out. Correct the customer at the till.";
    "PHONE_TOO_LONG":
        "Nomor telepon terlalu panjang dan tidak disimpan; transaksinya tetap disimpan. Perbaiki data pelanggan di kasir.",
        "The phone number is too long and was left out; the receipt is stored. Correct the customer at the till.";
    "PHONE_TOO_SHORT":
        "Nomor telepon terlalu pendek dan tidak disimpan; transaksinya tetap disimpan. Perbaiki data pelanggan di kasir.",
        "The phone number is too short and was left out; the receipt is stored. Correct the customer at the till.";
    "QUANTITY_INVALID":
        "Jumlah barang tidak dapat dibaca sebagai angka. Perbaiki jumlahnya di ekspor, lalu kirim ulang.",
        "A quantity can't be read as a number. Correct it in the export and send the record again.";
    "QUANTITY_OUT_OF_RANGE":
        "Jumlah barang terlalu besar untuk sebuah struk. Periksa apakah ada angka yang salah ketik, lalu kirim ulang.",
        "A quantity is too large for a receipt. Check it for a typing error and send the record again.";
    "QUANTITY_ROUNDED":
        "Jumlah barang dengan lebih dari empat desimal dibulatkan ke empat desimal. Tidak ada yang perlu dilakukan.",
        "A quantity with more than four decimals was rounded to four. Nothing needs to be done.";
    "RECEIPT_ID_MISSING":
        "Transaksi tidak mempunyai nomor atau ID struk sehingga tidak dapat dibedakan. Sertakan kolom nomor transaksi, lalu kirim ulang.",
        "The record has neither id nor receipt number, so it can't be told apart. Include that column and send it again.";
    "RECORD_NOT_JSON":
        "Catatan rusak dan tidak dapat dibaca sebagai JSON; catatan lain tetap disimpan. Ekspor ulang hari itu, lalu kirim ulang.",
        "The record is damaged and can't be read as JSON; the others are stored. Export that day and send it again.";
    "RECORD_NOT_OBJECT":
        "Ada isi yang bukan catatan transaksi di dalam daftar, misalnya teks atau null. Periksa ekspornya, lalu kirim ulang.",
        "Something in the list is no record, such as a text or null. Check the export and send it again.";
    "RECORD_TOO_DEEP":
        "Susunan catatan bertingkat terlalu dalam. Ekspor ulang dari aplikasi kasir tanpa mengubah berkasnya.",
        "The record nests too deeply. Export it again from the till without changing the file.";
    "RECORD_TOO_LARGE":
        "Satu catatan terlalu besar untuk sebuah struk. Periksa apakah beberapa transaksi tergabung, lalu ekspor ulang.",
        "One record is too large for a receipt. Check whether several were joined and export again.";
    "RECORD_UNKNOWN_SHAPE":
        "Catatan ini bukan bentuk transaksi yang dikenal. Gunakan ekspor Moka atau Majoo, atau format baku.",
        "The record has no known shape. Use a Moka or Majoo export, or the canonical format.";
    "REFUND_EXCEEDS_TOTAL":
        "Dana yang dikembalikan lebih besar daripada nilai struk. Periksa refund di kasir, lalu ekspor ulang.",
        "More was given back than the receipt came to. Check the refund at the till and export again.";
    "RULES_FAILED":
        "Sistem gagal mengolah catatan ini; datanya aman dan dapat diproses ulang. Hubungi pengelola sistem.",
        "The program failed on this record; its data is safe and can be replayed. Tell the operator.";
    "STRING_TOO_LONG":
        "Sebuah teks dalam catatan terlalu panjang. Pendekkan catatan atau nama itu di kasir, lalu ekspor ulang.",
        "A text in the record is too long. Shorten that note or name at the till and export again.";
    "SUM_MISMATCH":
        "Rincian struk tidak sama dengan totalnya; angka dari kasir disimpan apa adanya. Bandingkan dengan struk aslinya.",
        "The receipt's parts do not add up to its total; the till's figures are stored as they are. Compare them with the receipt.";
    "TEXT_SHORTENED":
        "Teks yang terlalu panjang dipotong; transaksinya tetap disimpan. Tidak ada yang perlu dilakukan.",
        "A text that was too long was shortened; the receipt is stored. Nothing needs to be done.";
    "TIME_ASSUMED_ZONE":
        "Waktu ditulis tanpa zona, jadi zona waktu gerai yang dipakai. Periksa pengaturan zona waktu gerai bila jamnya bergeser.",
        "The time came without a zone, so the outlet's was taken. Check the outlet's zone if hours look shifted.";
    "TIME_DATE_ONLY":
        "Hanya tanggal yang tersedia, tanpa jam; struk tetap dihitung pada tanggal itu. Sertakan jam saat mengekspor bila ada.",
        "Only a date is given, no time; the receipt counts on that date. Include the time in the export if there is one.";
    "TOO_MANY_LINES":
        "Satu struk berisi terlalu banyak baris menu. Periksa apakah beberapa transaksi tergabung, lalu ekspor ulang.",
        "One receipt has too many lines. Check whether several were joined and export again.";
    "UNKNOWN_FIELD":
        "Ada kolom yang belum dikenal; isinya dilewati dan transaksinya tetap disimpan. Beri tahu pengelola sistem bila kolom itu penting.",
        "There is a field nobody knows yet; it was skipped and the receipt is stored. Tell the operator if it matters.";
    "WRONG_OUTLET":
        "Transaksi ini milik gerai lain, bukan gerai pada berkasnya. Kirim lewat folder gerai yang benar.",
        "The record belongs to another outlet than the file. Send it in the folder of its own outlet.";
    "ZONE_UNKNOWN":
        "Nama zona waktu tidak dikenal. Gunakan WIB, WITA, WIT, atau nama IANA seperti Asia/Jakarta.",
        "The time zone's name is not known. Use WIB, WITA, WIT or an IANA name such as Asia/Jakarta.";
}
