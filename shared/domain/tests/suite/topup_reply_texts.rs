//! What the supplier may answer besides: texts that are no reply, replies with anything in them, and any bytes.

use std::path::Path;

use crate::topup_reply::{around, charged, kinds, left, outcome, reply};
use crate::topup_support::{survive_prefixes, survive_reply};
use domain::topup::reply::{Balance, DuplicateStatus, Failure, NotUnderstood, Outcome, Reply};
use domain::topup::reply::{read, read_balance, write};
use domain::topup::rupiah::Rupiah;
use proptest::prelude::*;

#[test]
fn what_is_no_reply_is_told_apart() {
    use NotUnderstood::{AboutUs, Empty, Other, Page};
    for (text, wanted) in [
        ("", Empty),
        (" \r\n\t\u{a0}", Empty),
        ("\u{feff}", Empty),
        ("<html><body>502 Bad Gateway</body></html>", Page),
        ("  <!DOCTYPE html>", Page),
        ("HTTP error <HTML>", Page),
        ("Pin Salah", AboutUs),
        ("R#0 S10.081234567890 GAGAL. Pin Salah", AboutUs),
        ("IP anda belum terdaftar", AboutUs),
        ("Password salah", AboutUs),
        ("MemberID tidak terdaftar.", AboutUs),
        ("invalid sign", AboutUs),
        (&around("Pin Salah"), AboutUs),
        // Other suppliers' texts.
        (
            "TRX S1.087800001230 BERHASIL, HRG:1.500 SN:0812 SISA SALDO:98.500",
            Other,
        ),
        (
            "T#1 R#2 Telkomsel S10.081234567890 akan diproses. Saldo 10.000 - 1.000 = 9.000 @12:01",
            Other,
        ),
        (
            "TIDAK ADA transaksi Tujuan 081234567890 pada tgl 01/03/2026",
            Other,
        ),
        (
            "Mhn tunggu trx sblmnya selesai: T#1 S10.081234567890 status Menunggu Jawaban",
            Other,
        ),
        ("{\"message\":\"Internal Server Error\"}", Other),
        ("Saldo Rp. 284.939", Other),
        ("SUKSES", Other),
        ("#", Other),
        ("########", Other),
        ("PINTAR SALAHUDDIN", Other),
        ("#1#S10#0812#akan diproses.#Saldo Rp.1#Reffid:A #", Other),
        ("#1#S10#ke:0812#akan diproses.#Reffid:A #", Other),
        ("#1#S10#ke:0812#akan diproses.#Pulsa Rp.1#Reffid:A #", Other),
        ("#1#S10#ke:0812#akan diproses.#Saldo Rp.1#Ref:A #", Other),
    ] {
        assert_eq!(outcome(text), Err(wanted), "{text:?}");
    }
}

#[test]
fn the_answer_about_the_balance_is_an_amount_and_nothing_else() {
    for (text, wanted) in [
        ("Saldo 284.939", Ok(284_939)),
        ("Saldo Rp.10000", Ok(10_000)),
        ("Sisa saldo Rp. 1.234.567", Ok(1_234_567)),
        ("#Saldo Rp.1,234,567#", Ok(1_234_567)),
        ("saldo: Rp -500\r\n", Ok(-500)),
        ("Pin Salah", Err(NotUnderstood::AboutUs)),
        ("", Err(NotUnderstood::Empty)),
        ("<html>", Err(NotUnderstood::Page)),
        ("Saldo Rp.1,23,4", Err(NotUnderstood::Other)),
        ("Saldo Rp.1 dan bonus 2", Err(NotUnderstood::Other)),
        ("10000", Err(NotUnderstood::Other)),
    ] {
        assert_eq!(read_balance(text.as_bytes()), wanted.map(Rupiah::new), "{text:?}");
    }
}

#[test]
fn long_texts_of_any_one_sign_are_done_with_at_once() {
    // Were any of these gone through again for each of its signs, this test would not end.
    for piece in [
        "#",
        " ",
        "##ke:",
        "#Reffid:",
        "# ",
        "Saldo Rp.",
        "SN:",
        "SN/Ref:",
        "; ",
        "1",
        "1 ",
        "1.",
        "GAGAL;",
        "\u{a0}",
        "é",
        "sn ",
        "pin=1&",
        "=",
        "%",
        "-",
    ] {
        let long = piece.repeat((1 << 18) / piece.len());
        survive_reply(long.as_bytes());
        survive_reply(around(&format!("SUKSES#SN:{long}")).as_bytes());
        survive_reply(around(&long).as_bytes());
    }
}

fn corpus(target: &str, survive: impl Fn(&[u8]) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let read = survive(&std::fs::read(entry.path()).unwrap());
        assert_eq!(read, name.starts_with("good-"), "{target}/{name}");
        files += 1;
    }
    assert!(files >= 12, "{target}: is the corpus there?");
}

#[test]
fn every_reply_of_the_corpus_is_read_or_refused() {
    corpus("reply", survive_reply);
}

#[test]
fn every_table_of_the_corpus_is_read_or_refused() {
    corpus("prefixes", |bytes| {
        survive_prefixes(std::str::from_utf8(bytes).unwrap())
    });
}

/// A serial number with everything in it that a reader trips over, but not the tail of a reply.
fn sn() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,12}",
        "[#.;:/ -]{0,6}",
        "[0-9]{4}-[0-9]{4}",
        prop::sample::select(vec![
            "#Saldo Rp",
            "# Sisa saldo Rp.1,000-Rp. 5=Rp. 995",
            "gagal",
            "GAGAL; ",
            "SUKSES#SN:",
            "; sudah pernah jam 1 SN/Ref: 2.",
            "akan diproses",
            "ke:",
            "Reffid",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..5)
        .prop_map(|pieces| pieces.concat().trim().to_owned())
        .prop_filter("the tail of a reply", |sn| {
            let sn: String = sn.chars().filter(|c| !c.is_whitespace()).collect();
            !sn.to_ascii_lowercase().contains("#reffid:") && !sn.to_ascii_lowercase().contains("#refid:")
        })
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let failed = kinds().into_iter().map(|(_, outcome)| outcome);
    let others = [
        Outcome::Failed(Failure::Other),
        Outcome::Accepted,
        Outcome::InProcess,
    ];
    let plain: Vec<Outcome> = failed
        .filter(|outcome| matches!(outcome, Outcome::Failed(_)))
        .chain(others)
        .collect();
    let status = prop::sample::select(vec![
        DuplicateStatus::Success,
        DuplicateStatus::Failed,
        DuplicateStatus::Other,
    ]);
    prop_oneof![
        prop::sample::select(plain),
        sn().prop_map(|sn| Outcome::Success { sn }),
        (status, "[0-9:.]{0,8}", sn()).prop_map(|(status, at, sn)| Outcome::Duplicate { status, at, sn }),
    ]
}

fn any_balance() -> impl Strategy<Value = Balance> {
    prop_oneof![
        Just(Balance::Unreadable),
        any::<i64>().prop_map(left),
        (any::<i64>(), any::<i64>(), any::<i64>())
            .prop_map(|(before, price, after)| charged(before, price, after)),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        trxid in "[0-9A-Z]{0,12}", product in "[0-9A-Za-z]{1,8}", dest in "[0-9]{4,13}", refid in "[0-9A-Z]{0,20}",
        outcome in any_outcome(), balance in any_balance(), at in "[0-9:.]{0,8}",
    ) {
        let reply = Reply { trxid, product, dest, refid, outcome, balance };
        let text = write(&reply, &at);
        prop_assert_eq!(read(text.as_bytes()), Ok(reply), "{}", text);
        survive_reply(text.as_bytes());
    }

    /// Whatever is cut off, added or changed: read or not, and never another outcome that says more.
    #[test]
    fn a_spoilt_reply_is_survived(
        outcome in any_outcome(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = write(&reply(outcome, charged(3, 1, 2)), "12:01").into_bytes();
        for (at, to) in changes {
            let at = at.index(bytes.len());
            bytes[at] = to;
        }
        survive_reply(&bytes);
        survive_reply(&bytes[..end.index(bytes.len())]);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survive_reply(&bytes);
    }

    #[test]
    fn any_text_of_its_pieces_is_survived(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "#", " ", "ke:", "0812", "SUKSES", "SN:", "GAGAL", ";", "Saldo", "Rp.", "1,000", "-", "=", "Reffid:", "A",
                "sudah pernah jam", "SN/Ref:", ".", "akan diproses", "S10", "\u{a0}", "é",
            ]),
            0..24,
        )
    ) {
        survive_reply(pieces.concat().as_bytes());
    }
}
