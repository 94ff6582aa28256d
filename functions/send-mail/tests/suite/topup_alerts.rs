//! What mails about top-ups say: each kind in words of its own, what to do, and nobody's number.

use aws::mailer::Letter;
use domain::topup::alert::{AlertKind, SUPPLIER};
use send_mail::letter::Addresses;
use send_mail::letter::topup_alert::{Told, compose};

use crate::support::{MINUTE_MS, START_MS, World};

/// 2025-10-28T05:00:00Z, noon in Jakarta.
const NOON_MS: i64 = 1_761_627_600_000;

fn refid() -> String {
    domain::topup::refid(NOON_MS, [7; 8])
}

fn letter(alert: &str, subject: &str) -> Letter {
    let addresses = Addresses {
        from: "kasir@warung.example".to_owned(),
        to: "pengelola@warung.example".to_owned(),
        public_url: "https://oyako.example".to_owned(),
    };
    let told = Told {
        alert,
        subject,
        at_ms: NOON_MS,
    };
    compose(&told, &addresses).unwrap()
}

#[test]
fn an_order_that_waits_for_people_is_told_with_what_to_do_and_where() {
    let refid = refid();
    let letter = letter("manual_needed", &refid);
    assert_eq!(letter.subject, "Isi ulang: satu pesanan menunggu keputusan orang");
    let address = format!("https://oyako.example/dashboard/topups/{refid}");
    for text in [&letter.text, &letter.html] {
        for words in [
            "28 Oktober 2025 pukul 12.00 WIB",
            &refid,
            "Tanyakan kepada CS kiosAMPM",
            "Penyetuju lain harus menyetujuinya",
            "tidak dikirim ulang",
            &address,
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
    assert!(!letter.html.contains("<script") && letter.html.contains("lang=\"id\""));
}

#[test]
fn every_kind_has_its_own_words_and_says_what_to_do() {
    let mut subjects = std::collections::BTreeSet::new();
    let mut tasks = std::collections::BTreeSet::new();
    for kind in AlertKind::ALL
        .map(AlertKind::as_str)
        .into_iter()
        .chain(["new_kind"])
    {
        let letter = letter(kind, SUPPLIER);
        assert!(letter.subject.chars().count() <= 78, "{}", letter.subject);
        assert!(
            subjects.insert(letter.subject.clone()),
            "{kind}: {}",
            letter.subject
        );
        let task = letter
            .text
            .lines()
            .find(|line| line.starts_with("Yang perlu dilakukan: "));
        assert!(task.unwrap().ends_with('.'), "{kind}");
        assert!(tasks.insert((kind, task.unwrap().to_owned())));
        assert!(
            letter.html.contains("<h1") && !letter.text.contains(SUPPLIER),
            "{kind}"
        );
    }
}

#[test]
fn what_it_is_about_is_named_and_links_lead_there() {
    let refid = refid();
    let table = [
        ("product_down", "S10", Some("Produk: S10"), "/dashboard/topups\n"),
        ("price_differs", "S10", Some("Produk: S10"), "/dashboard/topups\n"),
        (
            "webhook_given_up",
            "kios-12",
            Some("Mitra: kios-12"),
            "/dashboard/topups\n",
        ),
        ("balance_critical", SUPPLIER, None, "/dashboard/topups\n"),
        ("balance_differs", SUPPLIER, None, "/dashboard/topups/books\n"),
        ("contradicted", &refid, Some(&*refid), &refid),
    ];
    for (kind, subject, named, link) in table {
        let text = letter(kind, subject).text;
        assert!(text.contains(link), "{kind}: {text}");
        assert_eq!(
            text.contains("Produk:"),
            named.is_some_and(|named| named.starts_with("Produk")),
            "{kind}"
        );
        assert!(named.is_none_or(|named| text.contains(named)), "{kind}: {text}");
    }
}

#[test]
fn no_number_gets_into_a_mail() {
    for hostile in [
        "081234567890",
        "2514-1234-5678-9012-2824",
        "x 0812-3456-7890",
        "<b>S10</b>\r\nBcc: x@y.example",
    ] {
        for kind in AlertKind::ALL {
            let letter = letter(kind.as_str(), hostile);
            for text in [&letter.subject, &letter.text, &letter.html] {
                assert!(!text.contains("3456"), "{kind}: {text}");
                assert!(!text.contains("2514"), "{kind}: {text}");
            }
            assert!(!letter.html.contains("<b>S10") && !letter.subject.contains("Bcc"));
            assert!(!letter.text.contains("\r\nBcc"), "{}", letter.text);
        }
    }
}

#[tokio::test]
async fn an_alert_of_the_outbox_is_sent_once() {
    let world = World::start().await;
    let cause = domain::mail::MailCause::TopupAlert {
        alert: "about_us".to_owned(),
        subject: SUPPLIER.to_owned(),
        at_ms: START_MS,
    };
    let mail = world.queue_for(7, cause).await;
    for _ in 0..2 {
        world.sweep().await.unwrap();
        world.wait_ms(MINUTE_MS);
    }
    let stored = world.stored(&mail).await;
    assert_eq!(
        (stored.state, stored.attempts),
        (domain::mail::MailState::Sent, 1)
    );
}
