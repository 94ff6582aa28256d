//! The mail about top-ups that need a person: what is wrong, what it means, and what to do now.
//!
//! It holds no number that was topped up and no serial number: those are seen by those who may, on the dashboard.

use askama::Template;
use aws::mailer::Letter;
use domain::topup::alert::{AlertKind, SUPPLIER};
use domain::topup::is_refid;

use crate::letter::Addresses;
use crate::words::{moment, one_line};

/// The longest code of a product or id of a partner, in characters.
const CODE_MAX: usize = 40;
/// What has more digits is no code: it may be somebody's number.
const DIGITS_MAX: usize = 7;

/// What an alert is made from.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What kind of trouble, as the mail's cause has it.
    pub alert: &'a str,
    /// Of what: an order's id, a product's code, a partner's id, or the supplier.
    pub subject: &'a str,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

/// Words an alert, ready to be sent.
///
/// # Errors
/// When a template can't be filled.
pub fn compose(told: &Told<'_>, addresses: &Addresses) -> Result<Letter, askama::Error> {
    let note = Note::of(told, &addresses.public_url);
    Ok(Letter {
        from: addresses.from.clone(),
        to: addresses.to.clone(),
        subject: note.title.clone(),
        text: TextBody { note: &note }.render()?,
        html: HtmlBody { note: &note }.render()?,
    })
}

#[derive(Template)]
#[template(path = "topup_alert.txt")]
struct TextBody<'a> {
    note: &'a Note,
}

#[derive(Template)]
#[template(path = "topup_alert.html")]
struct HtmlBody<'a> {
    note: &'a Note,
}

/// What both bodies say.
struct Note {
    title: String,
    facts: Vec<(&'static str, String)>,
    means: &'static str,
    task: &'static str,
    link: String,
}

impl Note {
    fn of(told: &Told<'_>, public_url: &str) -> Self {
        let kind = AlertKind::parse(told.alert);
        let words = kind.map_or(&UNKNOWN, words);
        let mut facts = vec![("Waktu", moment(told.at_ms))];
        facts.extend(about(kind, told.subject));
        let dashboard = format!("{public_url}/dashboard/topups");
        let link = match kind {
            _ if is_refid(told.subject) => format!("{dashboard}/{}", told.subject),
            Some(AlertKind::BalanceDiffers | AlertKind::DoesNotAddUp) => format!("{dashboard}/books"),
            _ => dashboard,
        };
        Self {
            title: format!("Isi ulang: {}", words.title),
            facts,
            means: words.means,
            task: words.task,
            link,
        }
    }
}

/// What an alert is about, with its label; `None` for the supplier as a whole, and for what may be a number.
fn about(kind: Option<AlertKind>, subject: &str) -> Option<(&'static str, String)> {
    if is_refid(subject) {
        return Some(("Pesanan", subject.to_owned()));
    }
    let digits = subject.chars().filter(char::is_ascii_digit).count();
    if subject == SUPPLIER || subject.is_empty() || digits > DIGITS_MAX {
        return None;
    }
    let label = match kind {
        Some(AlertKind::WebhookGivenUp) => "Mitra",
        _ => "Produk",
    };
    Some((label, one_line(subject, CODE_MAX)))
}

/// An alert in words.
struct Words {
    title: &'static str,
    means: &'static str,
    task: &'static str,
}

/// What is said of an alert that is newer than this program.
const UNKNOWN: Words = Words {
    title: "ada yang perlu dilihat",
    means: "Sistem menemukan sesuatu yang tidak biasa pada isi ulang.",
    task: "Buka dasbor dan lihat bagian Gangguan.",
};

const fn words(kind: AlertKind) -> &'static Words {
    match kind {
        AlertKind::ManualNeeded
        | AlertKind::Contradicted
        | AlertKind::ForeignReply
        | AlertKind::NotUnderstood
        | AlertKind::WebhookGivenUp => of_orders(kind),
        AlertKind::BalanceDiffers
        | AlertKind::BalanceCritical
        | AlertKind::BalanceForecast
        | AlertKind::DoesNotAddUp => of_deposit(kind),
        AlertKind::NumberBlocked
        | AlertKind::ProductDown
        | AlertKind::ProductInvalid
        | AlertKind::PriceDiffers => of_products(kind),
        AlertKind::AboutUs | AlertKind::AddressDiffers => of_access(kind),
    }
}

const fn of_orders(kind: AlertKind) -> &'static Words {
    match kind {
        AlertKind::ManualNeeded => &Words {
            title: "satu pesanan menunggu keputusan orang",
            means: "Pemasok tidak memberi jawaban yang jelas, jadi tidak diketahui apakah pesanan ini terkirim. Pesanan \
                    tidak dikirim ulang dan uangnya belum dikembalikan.",
            task: "Tanyakan kepada CS kiosAMPM dengan nomor pesanan di atas, lalu usulkan keputusan di dasbor. Penyetuju \
                   lain harus menyetujuinya.",
        },
        AlertKind::Contradicted => &Words {
            title: "pemasok melapor kebalikan dari hasil pesanan",
            means: "Pesanan ini sudah tercatat berhasil atau gagal, lalu datang laporan yang berkata sebaliknya. Laporan itu \
                    tidak bertanda tangan, jadi tidak ada yang berubah sendiri.",
            task: "Tanyakan kepada CS kiosAMPM mana yang benar, lalu usulkan keputusan di dasbor. Penyetuju lain harus \
                   menyetujuinya.",
        },
        AlertKind::ForeignReply => &Words {
            title: "jawaban pemasok mungkin tentang pembelian lain",
            means: "Jawaban untuk pesanan ini menyebut pesanan, produk atau nomor lain, atau pembelian yang sama yang sudah \
                    ada lebih dulu. Jawaban itu tidak dipercaya begitu saja.",
            task: "Lihat keadaannya di halaman pesanan. Bila nomornya atau pesanannya memang lain, beri tahu CS kiosAMPM \
                   bahwa jawaban mereka tertukar.",
        },
        AlertKind::WebhookGivenUp => &Words {
            title: "mitra tidak bisa diberi tahu",
            means: "Alamat pemberitahuan mitra tidak menjawab selama beberapa hari. Pesanannya sendiri tidak terganggu.",
            task: "Hubungi mitra. Setelah alamatnya menjawab lagi, mitra dapat meminta pemberitahuan dikirim ulang.",
        },
        _ => &Words {
            title: "jawaban pemasok tidak bisa dibaca",
            means: "Pemasok menjawab dengan teks yang tidak dikenal. Hasil pesanan dianggap belum diketahui dan ditanyakan \
                    lagi.",
            task: "Lihat jawabannya di dasbor. Bila datang lagi, kirim halaman itu kepada pengelola sistem.",
        },
    }
}

const fn of_deposit(kind: AlertKind) -> &'static Words {
    match kind {
        AlertKind::BalanceDiffers => &Words {
            title: "deposit berkurang tanpa pesanan",
            means: "Saldo di pemasok turun lebih banyak daripada yang dijelaskan oleh pesanan kita.",
            task: "Buka buku deposit, catat waktu dan jumlahnya, dan minta penjelasan CS kiosAMPM hari ini. Bila mereka \
                   tidak bisa menjelaskan, minta PIN dan kata sandi diganti.",
        },
        AlertKind::BalanceCritical => &Words {
            title: "deposit tidak cukup",
            means: "Pemasok menolak pesanan karena saldo deposit tidak cukup. Selama saldonya kurang, pesanan baru ditolak.",
            task: "Lihat saldonya di kiosAMPM sekarang dan isi deposit. Penjualan berjalan lagi sendiri dalam seperempat jam. \
                   Bila saldonya cukup, tanyakan CS kiosAMPM berapa yang harus tersisa.",
        },
        AlertKind::BalanceForecast => &Words {
            title: "deposit hampir habis",
            means: "Saldo bebas kurang dari batas, atau kurang dari pemakaian sehari terakhir.",
            task: "Isi deposit di kiosAMPM hari ini, cukup untuk satu hari.",
        },
        _ => &Words {
            title: "angka pada jawaban pemasok tidak cocok",
            means: "Saldo sebelum, harga, dan saldo sesudah pada jawaban pemasok tidak cocok satu sama lain.",
            task: "Buka buku deposit pada tanggal itu. Bila lebih dari satu, tanyakan kepada CS kiosAMPM.",
        },
    }
}

const fn of_products(kind: AlertKind) -> &'static Words {
    match kind {
        AlertKind::NumberBlocked => &Words {
            title: "pemasok memblokir satu nomor",
            means: "Nomor tujuan pesanan ini terlalu sering gagal, dan pemasok memblokirnya. Pesanan ini gagal dan tidak \
                    ditagih.",
            task: "Bila nomornya memang benar, minta CS kiosAMPM membuka blokirnya, lalu beri tahu pengelola sistem.",
        },
        AlertKind::ProductDown => &Words {
            title: "satu produk gangguan",
            means: "Pemasok menolak produk ini beberapa kali berturut-turut. Penjualannya dijeda dan dicoba lagi sendiri.",
            task: "Tidak ada yang harus dilakukan. Bila berlangsung lama, tanyakan kepada CS kiosAMPM.",
        },
        AlertKind::ProductInvalid => &Words {
            title: "pemasok tidak mengenal satu produk",
            means: "Kode produk di katalog kita tidak ada pada pemasok. Produk ini tidak dijual lagi sampai diperbaiki.",
            task: "Minta daftar harga terbaru dari kiosAMPM, lalu minta pengelola sistem memperbaiki katalog.",
        },
        _ => &Words {
            title: "harga pemasok berbeda dari katalog",
            means: "Pemasok menagih harga lain daripada yang ada di katalog. Produk ini tidak dijual lagi sampai diperiksa.",
            task: "Cocokkan dengan daftar harga kiosAMPM, lalu minta pengelola sistem memperbaiki katalog.",
        },
    }
}

const fn of_access(kind: AlertKind) -> &'static Words {
    match kind {
        AlertKind::AddressDiffers => &Words {
            title: "alamat internet kita berubah, penjualan berhenti",
            means: "Pemasok hanya menerima satu alamat internet, dan kita sekarang keluar dari alamat lain. Pesanan baru \
                    belum dikirim.",
            task: "Hubungi pengelola sistem sekarang: alamat lama harus kembali, atau alamat baru didaftarkan di kiosAMPM.",
        },
        _ => &Words {
            title: "pemasok menolak akses kita, penjualan berhenti",
            means: "Pemasok menolak PIN, kata sandi, atau alamat internet kita. Pengiriman dijeda lima menit setiap kali \
                    ditolak.",
            task: "Hubungi pengelola sistem sekarang. Jangan mencoba PIN lain: akun bisa terkunci.",
        },
    }
}
