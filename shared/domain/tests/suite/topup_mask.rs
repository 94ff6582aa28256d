//! What is shown of a text: canary numbers, names, PINs and passwords are put in wherever they fit, and have to be gone.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, HEXLOWER};
use domain::topup::event::TEXT_MAX;
use domain::topup::mask::{bytes, number, serial, text};
use proptest::prelude::*;

const PIN: &str = "471193";
const PASSWORD: &str = "Kenari-Rahasia7";
const NUMBER: &str = "081298765432";
const TOKEN: &str = "25140123456789012824";

/// Every writing of a secret that turns up in addresses, errors and echoes.
fn writings(secret: &str) -> Vec<String> {
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    vec![
        secret.to_owned(),
        percent.to_ascii_lowercase(),
        percent,
        BASE64.encode(secret.as_bytes()),
        BASE64_NOPAD.encode(secret.as_bytes()),
        BASE64URL.encode(secret.as_bytes()),
        HEXLOWER.encode(secret.as_bytes()),
    ]
}

#[test]
fn numbers_and_serial_numbers_keep_their_ends() {
    for (dest, wanted) in [
        ("081298765432", "****5432"),
        ("0812345678", "****5678"),
        ("01109790426", "****0426"),
        ("12345678", "****5678"),
        ("1234567", "****"),
        ("", "****"),
        ("ééééééééééé", "****éééé"),
    ] {
        assert_eq!(number(dest), wanted);
    }
    for (sn, wanted) in [
        ("0419032214553801", "****3801"),
        ("2514-0123-4567-8901-2824/SITI RAHMA/R1M/900VA/33.7", "****2824"),
        ("12345678", "****5678"),
        ("1234567", "****"),
        ("", ""),
        (" ", ""),
    ] {
        assert_eq!(serial(sn), wanted);
    }
}

#[test]
fn a_reply_is_shown_with_number_and_serial_number_masked() {
    let tail = "Saldo Rp.1,234,567#Reffid:1KJJK2NM0ABCDEFGHJKM";
    for (status, wanted) in [
        ("SUKSES#SN:0419032214553801", "SUKSES#SN:****3801"),
        (
            "SUKSES#SN:25140123456789012824/SITI #RAHMA/R1M/900VA/33.7",
            "SUKSES#SN:****2824",
        ),
        (
            "SUKSES; sudah pernah jam 12:01 SN/Ref: 0419032214553801.",
            "SUKSES; sudah pernah jam 12:01 SN/Ref: ****3801.",
        ),
        (
            "Menunggu; sudah pernah jam 12:01 SN/Ref: .",
            "Menunggu; sudah pernah jam 12:01 SN/Ref: .",
        ),
        ("akan diproses 12:01.", "akan diproses 12:01."),
        (
            "GAGAL; CutOff/ Timeout, silahkan ulangi beberapa saat kemudian.",
            "GAGAL; CutOff/ Timeout, silahkan ulangi beberapa saat kemudian.",
        ),
        ("GAGAL; Stok S10 kosong.", "GAGAL; Stok S10 kosong."),
        ("Menunggu Jawaban", "Menunggu Jawaban"),
        ("GAGAL; Nomor 081298765432 salah", "GAGAL; Nomor ****5432 salah"),
        ("Token SN: 25140123456789012824", "Token SN:…"),
    ] {
        let sisa = if wanted.starts_with("SUKSES#") {
            "Sisa saldo Rp.1,234,567#Reffid:1KJJK2NM0ABCDEFGHJKM"
        } else {
            tail
        };
        assert_eq!(
            text(&format!("#77120034#S10#ke:{NUMBER}#{status}#{tail} #")),
            format!("#77120034#S10#ke:****5432#{wanted}#{sisa}#"),
        );
    }
    // Ids that have the form of a number are not shown as ids.
    let odd = text(&format!(
        "#{NUMBER}#{NUMBER}#ke:{NUMBER}#akan diproses.#Saldo Rp.1#Reffid:{NUMBER} #"
    ));
    assert_eq!(
        odd,
        "#****5432#****5432#ke:****5432#akan diproses.#Saldo Rp.1#Reffid:****5432#"
    );
}

#[test]
fn a_text_that_is_no_reply_is_shown_as_far_as_it_is_harmless() {
    for (any, wanted) in [
        ("Pin Salah", "Pin Salah"),
        (
            "CS kiosAMPM lewat WhatsApp 12.01: sukses",
            "CS kiosAMPM lewat WhatsApp 12.01: sukses",
        ),
        ("Pin 4711 Salah", "Pin … Salah"),
        ("PIN anda: 4711", "PIN anda: …"),
        ("password rahasia salah", "password … salah"),
        ("IP 203.0.113.7 belum terdaftar", "IP ***.*.***.* belum terdaftar"),
        (
            "TIDAK ADA transaksi Tujuan 081298765432 pada tgl 22/11",
            "TIDAK ADA transaksi Tujuan ****5432 pada tgl 22/11",
        ),
        ("S10.081298765432.4711", "S**.************.****"),
        ("0812-9876-5432", "****-****-****"),
        ("Saldo Rp. 284.939", "Saldo Rp. 284.939"),
        ("Saldo Rp.1.284.939", "Saldo Rp.1.284.939"),
        ("kode 4711", "kode ****"),
        ("502 Bad Gateway", "502 Bad Gateway"),
        ("<html>502 Bad Gateway</html>", "<html>502 Bad Gateway</html>"),
        (
            "trx?memberid=AB1&dest=0812&product=S10&refid=A7&pin=1&password=b",
            "trx?memberid=…&dest=…&product=S10&refid=A7&pin=…&password=…",
        ),
        ("a\u{0}b\nc", "a b c"),
        ("", ""),
    ] {
        assert_eq!(text(any), wanted, "{any}");
    }
}

#[test]
fn no_secret_is_left_in_any_writing() {
    for (secret, least) in [(PIN, 4), (PASSWORD, 5)] {
        for writing in writings(secret) {
            for frame in [
                "http://36.37.85.130:9998/trx?memberid=AB1&dest=0812&product=S10&refid=A&pin=@&password=@",
                "trx?pin%3D@%26password%3D@",
                "Pin @ Salah",
                "Password: @",
                "PASSWORD '@' tidak sesuai, hubungi CS",
                "{\"pin\":\"@\",\"password\":\"@\"}",
                "pin=@; password=@; sign=@",
                "error for @ in request",
                "sign @ invalid",
                "#1#S10#ke:0812#Pin @ Salah#Saldo Rp.1#Reffid:A #",
                "#1#S10#ke:0812#GAGAL; password=@#Saldo Rp.1#Reffid:A #",
                "#1#S10#ke:@#SUKSES#SN:@#Saldo Rp.@#Reffid:A #",
            ] {
                let shown = text(&frame.replace('@', &writing));
                let signs: Vec<char> = writing.chars().collect();
                // No five signs of it that follow each other are there: the last four of a long one may be.
                for part in signs.windows(least + 1) {
                    let part: String = part.iter().collect();
                    assert!(!shown.contains(&part), "{shown} shows {part} of {writing}");
                }
            }
        }
    }
}

#[test]
fn bytes_are_shown_as_they_are_read() {
    assert_eq!(
        bytes(b"\xef\xbb\xbf#1#S10#ke:081298765432#SUKSES#SN:Jos\xe9 Siti Rahma# Sisa saldo Rp.3#Reffid:A#"),
        "#1#S10#ke:****5432#SUKSES#SN:****ahma#Sisa saldo Rp.3#Reffid:A#"
    );
}

#[test]
fn a_long_text_is_cut() {
    let shown = text(&"kata ".repeat(1_000));
    assert_eq!(shown.chars().count(), TEXT_MAX);
    assert!(shown.ends_with('…'));
}

proptest! {
    #[test]
    fn no_number_is_left(
        before in "[a-zA-Z#&=; .:]{0,20}", after in "[a-zA-Z#&=; .:]{0,20}", number in "08[0-9]{8,11}",
        parted in any::<bool>()
    ) {
        let written = if parted { format!("{}-{}-{}", &number[..4], &number[4..8], &number[8..]) } else { number.clone() };
        let shown = text(&format!("{before} {written} {after}"));
        prop_assert!(!shown.contains(&number[..8]) && !shown.contains(&number[4..9]), "{}", shown);
        prop_assert!(!shown.contains(&written[..9]), "{}", shown);
    }

    #[test]
    fn no_token_and_no_name_of_a_delivery_is_left(name in "[A-Z]{5,9}#[a-z]{5,9}", slashes in any::<bool>()) {
        let token = if slashes { "2514-0123-4567-8901-2824" } else { TOKEN };
        for status in ["SUKSES#SN:@", "SUKSES; sudah pernah jam 12:01 SN/Ref: @.", "Selesai SN: @", "Selesai sn=@"] {
            let status = status.replace('@', &format!("{token}/{name}/R1M/900VA/33.7"));
            for any in [
                format!("#1#S10#ke:0812#{status}#Saldo Rp.1#Reffid:A #"),
                // A text whose end is missing.
                format!("#1#S10#ke:0812#{status}"),
            ] {
                let shown = text(&any);
                prop_assert!(!shown.contains("0123") && !shown.contains(&name[..5]), "{}", shown);
            }
        }
    }

    #[test]
    fn any_text_is_survived(any in "\\PC{0,80}|[a-z0-9=&%#:. -]{0,80}") {
        let shown = text(&any);
        prop_assert!(shown.chars().count() <= TEXT_MAX);
    }
}
