//! What a reminder of a person's request says, and that it names nobody.

use aws::mailer::Letter;
use domain::rights::{Check, DUE_MS, Kind, Method, Request};
use send_mail::letter::Addresses;
use send_mail::letter::rights_due::{Told, compose};

/// 2025-10-28T05:00:00Z, noon in Jakarta.
const NOON_MS: i64 = 1_761_627_600_000;

fn request(kind: Kind) -> Request {
    let customers = vec!["OYAKO_MOKA_7".to_owned()];
    Request::receive(
        "req_abc".to_owned(),
        kind,
        customers,
        None,
        ("staff:rina", NOON_MS),
    )
    .unwrap()
}

fn letter(request: Option<&Request>, kind: &str, now_ms: i64) -> Letter {
    let addresses = Addresses {
        from: "kasir@warung.example".to_owned(),
        to: "pengelola@warung.example".to_owned(),
        public_url: "https://oyako.example".to_owned(),
    };
    let told = Told {
        id: "req_abc",
        kind,
        due_ms: NOON_MS + DUE_MS,
        request,
        now_ms,
    };
    compose(&told, &addresses).unwrap()
}

#[test]
fn a_request_that_is_due_is_told_with_what_to_do() {
    let request = request(Kind::Erasure);
    let letter = letter(Some(&request), "erasure", NOON_MS + DUE_MS - 86_400_000);
    insta::assert_snapshot!("reminder_txt", format!("{}\n\n{}", letter.subject, letter.text));
    insta::assert_snapshot!("reminder_html", letter.html);
    for text in [&letter.subject, &letter.text, &letter.html] {
        assert!(!text.contains("OYAKO_MOKA_7") && !text.contains("rina"), "{text}");
    }
}

#[test]
fn what_became_of_the_request_meanwhile_is_told() {
    let received = request(Kind::Access);
    let check = Check {
        method: Method::InPerson,
        matched: true,
        by: "staff:rina".to_owned(),
        at_ms: NOON_MS + 1,
    };
    let verified = received.checked(check).unwrap();
    let executing = verified.ordered("staff:rina", NOON_MS + 2).unwrap();
    let refused = received.refused(domain::rights::Refusal::ALL[0], "staff:rina", NOON_MS + 3);
    let refused = refused.unwrap();
    let (early, late) = (NOON_MS + 9, NOON_MS + DUE_MS + 1);
    let table = [
        (
            Some(&received),
            early,
            "jawab sebelum 31 Oktober 2025 pukul 12.00 WIB",
            "Periksa siapa",
        ),
        (
            Some(&verified),
            early,
            "jawab sebelum",
            "Laksanakan permintaannya",
        ),
        (
            Some(&executing),
            late,
            "LEWAT BATAS WAKTU",
            "hubungi pengelola sistem",
        ),
        (
            Some(&refused),
            late,
            "tidak ada lagi yang perlu dijawab",
            "sudah dijawab",
        ),
        (
            None,
            early,
            "tidak ada lagi yang perlu dijawab",
            "sudah tidak ada",
        ),
    ];
    for (request, now_ms, subject, task) in table {
        let letter = letter(request, "access", now_ms);
        assert!(letter.subject.contains(subject), "{}", letter.subject);
        for text in [&letter.text, &letter.html] {
            assert!(text.contains(task), "{text}");
            assert!(text.contains("melihat dan menyalin datanya"), "{text}");
        }
    }
}

#[test]
fn every_kind_has_its_words() {
    let mut told = std::collections::BTreeSet::new();
    for kind in Kind::ALL.iter().map(|kind| kind.as_str()).chain(["new"]) {
        let letter = letter(None, kind, NOON_MS);
        let line = letter
            .text
            .lines()
            .find(|line| line.starts_with("Yang diminta: "));
        assert!(told.insert(line.unwrap().to_owned()), "{kind}");
    }
}
