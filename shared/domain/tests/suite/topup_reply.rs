//! What the supplier answers: every kind as the source document prints it, and every way in which it may differ.

use domain::topup::reply::{Balance, DuplicateStatus, Failure, NotUnderstood, Outcome, Reply};
use domain::topup::reply::{read, write};
use domain::topup::rupiah::Rupiah;

pub(crate) const REFID: &str = "1KJJK2NM0ABCDEFGHJKM";

pub(crate) fn left(rupiah: i64) -> Balance {
    Balance::Left(Rupiah::new(rupiah))
}

pub(crate) fn charged(before: i64, price: i64, after: i64) -> Balance {
    Balance::Charged {
        before: Rupiah::new(before),
        price: Rupiah::new(price),
        after: Rupiah::new(after),
    }
}

pub(crate) fn reply(outcome: Outcome, balance: Balance) -> Reply {
    Reply {
        trxid: "77120034".to_owned(),
        product: "S10".to_owned(),
        dest: "081234567890".to_owned(),
        refid: REFID.to_owned(),
        outcome,
        balance,
    }
}

pub(crate) fn success(sn: &str) -> Outcome {
    Outcome::Success { sn: sn.to_owned() }
}

pub(crate) fn duplicate(status: DuplicateStatus, at: &str, sn: &str) -> Outcome {
    Outcome::Duplicate {
        status,
        at: at.to_owned(),
        sn: sn.to_owned(),
    }
}

/// A text with the usual head and tail around a status.
pub(crate) fn around(status: &str) -> String {
    format!("#77120034#S10#ke:081234567890#{status}#Saldo Rp.1,234,567#Reffid:{REFID} #")
}

pub(crate) fn outcome(text: &str) -> Result<Outcome, NotUnderstood> {
    read(text.as_bytes()).map(|reply| reply.outcome)
}

/// Source document 002, "Format Balasan": the text between head and balance, and what it means.
pub(crate) fn kinds() -> Vec<(&'static str, Outcome)> {
    let failed = Outcome::Failed;
    vec![
        ("akan diproses 12:01.", Outcome::Accepted),
        (
            "masih dalam proses 12:01. Mohon ditunggu, lebih dari 15mnt Silahkan hubungi CS.",
            Outcome::InProcess,
        ),
        (
            "GAGAL; Transaksi tidak dapat diproses.",
            failed(Failure::NotProcessable),
        ),
        (
            "GAGAL; Dibatalkan provider.",
            failed(Failure::CancelledByProvider),
        ),
        (
            "GAGAL; Nomor tujuan tdk dpt di proses krn trx gagal berturut-turut (max 5x), Silahkan Hubungi CS.",
            failed(Failure::NumberBlocked),
        ),
        (
            "GAGAL; Produk Sedang Gangguan.",
            failed(Failure::ProductDownSupplier),
        ),
        (
            "GAGAL; Produk Sedang Gangguan Pada Operator.",
            failed(Failure::ProductDownOperator),
        ),
        (
            "GAGAL; Kode Produk Salah. Silahkan Hubungi CS, ketik PRODUK.",
            failed(Failure::BadProduct),
        ),
        (
            "GAGAL; Nomor tujuan salah, periksa kembali nomor anda.",
            failed(Failure::BadNumber),
        ),
        ("GAGAL; Saldo Tidak Cukup.", failed(Failure::InsufficientBalance)),
        (
            "SUKSES; sudah pernah jam 12:01 SN/Ref: 0419032214553801.",
            duplicate(DuplicateStatus::Success, "12:01", "0419032214553801"),
        ),
        (
            "GAGAL; Paket Data Sudah terisi.",
            failed(Failure::PackageAlreadyActive),
        ),
        ("GAGAL; Nomor Kadaluarsa.", failed(Failure::NumberExpired)),
        (
            "GAGAL; Nomor belum/ tidak aktif/ sudah tidak aktif.",
            failed(Failure::NumberInactive),
        ),
        (
            "GAGAL; CutOff/ Timeout, silahkan ulangi beberapa saat kemudian.",
            failed(Failure::CutoffOrTimeout),
        ),
    ]
}

#[test]
fn every_kind_is_read_and_written_as_the_document_prints_it() {
    let text = format!(
        "#77120034#S10#ke:081234567890#SUKSES#SN:0419032214553801# Sisa saldo \
         Rp.12,345,678-Rp. 123,456=Rp. 12,222,222#Reffid:{REFID}#"
    );
    let wanted = reply(
        success("0419032214553801"),
        charged(12_345_678, 123_456, 12_222_222),
    );
    assert_eq!(read(text.as_bytes()), Ok(wanted.clone()));
    assert_eq!(write(&wanted, ""), text);

    let kinds = kinds();
    assert_eq!(kinds.len(), 15);
    for (status, outcome) in kinds {
        let text = around(status);
        let wanted = reply(outcome, left(1_234_567));
        assert_eq!(read(text.as_bytes()), Ok(wanted.clone()), "{text}");
        assert_eq!(write(&wanted, "12:01"), text);
    }
}

#[test]
fn signs_of_the_frame_may_be_missing_or_spaced() {
    let head = "77120034#S10#ke:081234567890#";
    let wanted = reply(Outcome::Accepted, left(1_234));
    for text in [
        format!("#{head}akan diproses 12:01.#Saldo Rp.1,234#Reffid:{REFID} #"),
        format!("#{head}akan diproses 12:01.#Saldo Rp.1,234#Reffid:{REFID}#"),
        format!("#{head}akan diproses 12:01.#Saldo Rp.1,234#Reffid:{REFID}"),
        format!("{head}akan diproses 12:01.#Saldo Rp.1,234#Reffid:{REFID} # \r\n"),
        format!("  #{head} akan diproses # Saldo Rp. 1,234 # Reffid : {REFID} ##"),
        format!("#{head}AKAN DIPROSES#sisa SALDO rp1.234#REFID:{REFID}"),
        "# 77120034 # S10 # KE : 081234567890 #Akan  diproses#Saldo Rp.1234#Reffid: ".to_owned() + REFID,
    ] {
        assert_eq!(read(text.as_bytes()), Ok(wanted.clone()), "{text}");
    }
}

#[test]
fn a_refusal_may_have_no_id_of_the_suppliers() {
    for text in [
        format!("##S10#ke:0812#GAGAL; Saldo Tidak Cukup.#Saldo Rp.0#Reffid:{REFID} #"),
        format!("#S10#ke:0812#GAGAL; Saldo Tidak Cukup.#Saldo Rp.0#Reffid:{REFID} #"),
    ] {
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(
            (read.trxid.as_str(), read.product.as_str()),
            ("", "S10"),
            "{text}"
        );
    }
}

#[test]
fn a_serial_number_may_hold_anything() {
    for sn in [
        "",
        ".",
        "#",
        "##",
        "gagal",
        "GAGAL; Saldo Tidak Cukup.",
        "akan diproses",
        "R230512.1911.2100F1",
        "#Saldo Rp",
        "x#Saldo Rp.9,999#",
        "SUKSES#SN:1",
        "1; sudah pernah jam 1 SN/Ref: 2.",
        "2514-0123-4567-8901-2824/TG11~!@#$^``}?-&+D4Ta-#o00/R1M/900VA/33,7",
        "25140123456789012824/# Sisa saldo Rp.1-Rp. 2=Rp. 3/R1",
        "ke:0812",
        "José 🙂 العربية",
    ] {
        let one = reply(success(sn), charged(3, 1, 2));
        let twelve = reply(duplicate(DuplicateStatus::Success, "12.01", sn), left(2));
        for reply in [one, twelve] {
            let text = write(&reply, "");
            assert_eq!(read(text.as_bytes()), Ok(reply), "{text}");
        }
    }
}

#[test]
fn a_status_is_told_by_how_it_begins() {
    let failed = Outcome::Failed;
    for (status, wanted) in [
        ("SUKSES#SN:SITI GAGAL", success("SITI GAGAL")),
        ("sukses # sn : 1", success("1")),
        ("SUKSES. SN:1", success("1")),
        (
            "GAGAL; Dibatalkan provider. SUKSES",
            failed(Failure::CancelledByProvider),
        ),
        ("Gagal dibatalkan  PROVIDER", failed(Failure::CancelledByProvider)),
        ("GAGAL: Nomor Kadaluarsa", failed(Failure::NumberExpired)),
        (
            "GAGAL;Nomor belum/tidak aktif/sudah tidak aktif",
            failed(Failure::NumberInactive),
        ),
        ("GAGAL; Cutoff/Timeout", failed(Failure::CutoffOrTimeout)),
        (
            "GAGAL; Produk Sedang Gangguan Pada",
            failed(Failure::ProductDownSupplier),
        ),
        ("GAGAL; Saldo Tidak Cukupkan", failed(Failure::Other)),
        ("GAGAL; Stok kosong.", failed(Failure::Other)),
        ("GAGAL; SUKSES", failed(Failure::Other)),
        ("GAGAL", failed(Failure::Other)),
        ("masih dalam proses", Outcome::InProcess),
        ("akan diproses, bukan GAGAL", Outcome::Accepted),
    ] {
        assert_eq!(outcome(&around(status)), Ok(wanted), "{status}");
    }
    for status in [
        "",
        "SUKSES",
        "SUKSESI#SN:1",
        "SUKSES#TOKEN:1",
        "GAGALKAN",
        "tidak akan diproses",
        "Menunggu Jawaban",
        "Transaksi SUKSES#SN:1",
        "GAGAL; Nomor tujuan salah#SUKSES",
        "akan diproses#SN:1",
        "12#SUKSES#SN:1",
    ] {
        assert_eq!(outcome(&around(status)), Err(NotUnderstood::Other), "{status}");
    }
}

#[test]
fn a_repeated_order_says_what_became_of_it_before() {
    use DuplicateStatus::{Failed, Other, Success};
    for (status, wanted) in [
        (
            "GAGAL; sudah pernah jam 12:01 SN/Ref: .",
            duplicate(Failed, "12:01", ""),
        ),
        ("GAGAL; sudah pernah jam  SN/Ref: .", duplicate(Failed, "", "")),
        ("GAGAL; sudah pernah jam 12:01.", duplicate(Failed, "12:01", "")),
        (
            "sukses ;Sudah Pernah jam 12.01.07 sn/ref:A.B..",
            duplicate(Success, "12.01.07", "A.B."),
        ),
        (
            "SUKSES; sudah pernah jam 12:01 SN/Ref: A",
            duplicate(Success, "12:01", "A"),
        ),
        (
            "SUKSES; sudah pernah jam 12:01 SN/Ref: A SN/Ref: B.",
            duplicate(Success, "12:01", "A SN/Ref: B"),
        ),
        (
            "PENDING; sudah pernah jam 12:01 SN/Ref: .",
            duplicate(Other, "12:01", ""),
        ),
        (
            "masih dalam proses; sudah pernah jam 12:01 SN/Ref: .",
            duplicate(Other, "12:01", ""),
        ),
        (
            "SUKSESGAGAL; sudah pernah jam 1 SN/Ref: 2.",
            duplicate(Other, "1", "2"),
        ),
    ] {
        assert_eq!(outcome(&around(status)), Ok(wanted), "{status}");
    }
}

#[test]
fn an_amount_that_cannot_be_read_does_not_lose_the_outcome() {
    for balance in [
        "Saldo Rp.24.6\\950",
        "Saldo Rp.",
        "Saldo",
        "Sisa saldo Rp.a-Rp. b=Rp. c",
        "Sisa saldo Rp.1,000-Rp. 5",
        "Saldo Rp.99999999999999999999",
    ] {
        let text = format!("#1#S10#ke:0812#SUKSES#SN:7#{balance}#Reffid:{REFID}#");
        let read = read(text.as_bytes()).unwrap();
        assert_eq!(
            (read.outcome, read.balance),
            (success("7"), Balance::Unreadable),
            "{text}"
        );
    }
}

#[test]
fn a_balance_on_credit_is_negative() {
    let text = format!("#1#S10#ke:0812#SUKSES#SN:7# Sisa saldo Rp.-1,000-Rp. 500=Rp. -1,500#Reffid:{REFID}#");
    let read = read(text.as_bytes()).unwrap();
    assert_eq!(read.balance, charged(-1_000, 500, -1_500));
}

#[test]
fn the_bytes_may_be_of_another_time() {
    let text = around("akan diproses 12:01.");
    let wanted = read(text.as_bytes()).unwrap();
    let marked = [b"\xef\xbb\xbf", text.as_bytes(), b"\r\n"].concat();
    assert_eq!(read(&marked).as_ref(), Ok(&wanted));
    let spaced = text.replace(' ', "\u{a0}");
    assert_eq!(read(spaced.as_bytes()).as_ref(), Ok(&wanted));
    let latin: Vec<u8> = spaced
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    assert_eq!(read(&latin).as_ref(), Ok(&wanted));
    let name = [
        b"#1#PLN20#ke:01109790426#SUKSES#SN:Jos\xe9# Sisa saldo Rp.3-Rp. 1=Rp. 2#Reffid:".as_slice(),
        REFID.as_bytes(),
        b"#",
    ];
    assert_eq!(read(&name.concat()).unwrap().outcome, success("José"));
}

#[test]
fn what_comes_back_is_kept_as_it_came() {
    let text = "#1#xl5#ke:+62 812#akan diproses.#Saldo Rp.1#Reffid:other #";
    let read = read(text.as_bytes()).unwrap();
    assert_eq!(
        (read.product.as_str(), read.dest.as_str(), read.refid.as_str()),
        ("xl5", "+62 812", "other")
    );
}

#[test]
fn what_is_cut_or_glued_together_is_not_understood() {
    let whole = format!(
        "#77120034#S10#ke:081234567890#SUKSES#SN:0419032214553801# Sisa saldo \
         Rp.3-Rp. 1=Rp. 2#Reffid:{REFID}#"
    );
    let least = whole.find("Reffid:").unwrap() + "Reffid:".len();
    for end in 1..least {
        assert_eq!(
            outcome(&whole[..end]),
            Err(NotUnderstood::Other),
            "{}",
            &whole[..end]
        );
    }
    // Cut within our id: understood, and another id than ours.
    assert_ne!(read(&whole.as_bytes()[..least + 5]).unwrap().refid, REFID);
    let pending = around("akan diproses 12:01.");
    for glued in [
        format!("{pending}\n{whole}"),
        format!("{whole}{pending}"),
        format!("{whole}\n{whole}"),
    ] {
        assert_eq!(outcome(&glued), Err(NotUnderstood::Other), "{glued}");
    }
}
