//! Reports and reminders are made from what is stored when they are sent.

use crate::support::{START_MS, World, batch, record};
#[allow(dead_code, reason = "this file needs less of the world than the others")]
use domain::finding::{Code, Finding, FindingState};
use domain::insight::Insight;
use domain::mail::{MailCause, MailState};
use domain::night::{End, Night, Phase};
use domain::rights::{Check, Kind, Method, Request};
use domain::satisfaction::Stars;
use domain::when::BusinessDate;

fn date(text: &str) -> BusinessDate {
    text.parse().unwrap()
}

async fn night(world: &World) {
    let mut night = Night::begin(date("2025-10-28"), START_MS, None, false, START_MS);
    (night.phase, night.end) = (Phase::Over, Some(End::Partial));
    night.outlets = 600;
    assert!(world.deps.nights.begin(&night).await.unwrap());
}

fn finding(number: u32, code: Code) -> Finding {
    Finding {
        outlet: format!("pos-{number:03}"),
        date: date("2025-10-28"),
        code,
        state: FindingState::Open,
        first_ms: START_MS,
        opened_ms: START_MS,
        last_ms: START_MS,
        facts: [].into(),
        notes: Vec::new(),
        version: 0,
    }
}

/// The text of the mail that was sent last, as the form field that it came in.
fn sent(world: &World) -> String {
    let request = world.ses.requests().pop().unwrap();
    let pairs = request.split('&').filter_map(|pair| pair.split_once('='));
    let decoded = pairs.map(|(name, value)| format!("{name}={}\n", unescaped(value)));
    decoded.collect()
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// More than one page of findings, each outlet's own, and one of another kind. The first was accepted.
async fn findings(world: &World) {
    let findings = &world.deps.findings;
    for number in 0..501 {
        let finding = finding(number, Code::SalesMissing);
        findings.write(&[finding]).await.unwrap();
    }
    let clock = finding(7, Code::ClockWrong);
    findings.write(&[clock]).await.unwrap();
    let stored = findings.get("pos-000", date("2025-10-28"), Code::SalesMissing);
    let stored = stored.await.unwrap().unwrap();
    let accepted = stored.accepted("staff:rina", "tutup", START_MS).unwrap();
    let accept = findings.accept(&stored, &accepted, "staff:rina", START_MS);
    accept.await.unwrap();
}

/// An outlet with a name, and what its guests said on two days.
async fn figures(world: &World) {
    let named = world
        .deps
        .outlets
        .get_or_register("pos-007", Some("Oyako Kemang"), None);
    named.await.unwrap();
    for (day, counts) in [("2025-10-28", [0, 0, 0, 4, 4]), ("2025-10-27", [0, 0, 0, 10, 15])] {
        let insight = Insight {
            receipts: 40,
            overall: Stars { counts },
            ..Insight::default()
        };
        let day = ("pos-007".to_owned(), date(day));
        world.deps.insights.write_day(&day, 1, &insight).await.unwrap();
        world.deps.insights.roll_up(&[day]).await.unwrap();
    }
}

/// A person's request as it was noted at a moment.
async fn request(world: &World, kind: Kind, at_ms: i64) -> Request {
    let customers = vec!["OYAKO_MOKA_7".to_owned()];
    let request = Request::receive("req_abc".to_owned(), kind, customers, None, ("staff:rina", at_ms));
    let requests = &world.deps.requests;
    let stored = requests.receive(&request.unwrap(), None, "staff:rina").await;
    stored.unwrap()
}

#[tokio::test]
async fn a_report_is_of_the_state_when_it_is_sent() {
    let world = World::start().await;
    night(&world).await;
    let cause = MailCause::NightDigest {
        date: date("2025-10-28"),
    };
    let mail = world.queue_for(1, cause).await;
    findings(&world).await;
    figures(&world).await;
    request(&world, Kind::Access, START_MS - 1).await;

    world.run(batch([record(&mail)])).await.unwrap();
    assert_eq!(world.stored(&mail).await.state, MailState::Sent);
    let text = sent(&world);
    for told in [
        "Laporan malam 28 Oktober 2025: sebagian",
        "PENJUALAN BELUM MASUK (500)",
        "dan 480 lainnya",
        "Jam kasir salah (1)",
        "Di: Oyako Kemang, 28 Oktober 2025",
        "28 Oktober 2025: 100,0% puas",
        "7 hari sebelumnya: 100,0% puas",
        "25 nilai",
        "Permintaan data pribadi: 1",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains("OYAKO_MOKA_7"), "{text}");
}

#[tokio::test]
async fn a_report_of_no_night_is_given_up_and_says_why() {
    let world = World::start().await;
    let mail = world
        .queue_for(
            1,
            MailCause::NightDigest {
                date: date("2025-10-28"),
            },
        )
        .await;
    world.run(batch([record(&mail)])).await.unwrap();
    let stored = world.stored(&mail).await;
    assert_eq!(stored.state, MailState::Failed);
    assert_eq!(
        stored.outcome.as_deref(),
        Some("no words for it: what it is about is gone")
    );
    assert!(world.ses.requests().is_empty());
}

#[tokio::test]
async fn a_report_waits_while_the_store_does_not_answer() {
    let world = World::start().await;
    night(&world).await;
    let mail = world
        .queue_for(
            1,
            MailCause::NightDigest {
                date: date("2025-10-28"),
            },
        )
        .await;
    world.wire.set_down(true);
    let again = world.run(batch([record(&mail)])).await.unwrap();
    assert_eq!(again["batchItemFailures"].as_array().unwrap().len(), 1);
    world.wire.set_down(false);
    world.sweep().await.unwrap();
    assert_eq!(world.stored(&mail).await.state, MailState::Sent);
}

#[tokio::test]
async fn a_reminder_tells_where_the_request_stands_when_it_is_sent() {
    let world = World::start().await;
    let request = request(&world, Kind::Erasure, START_MS).await;
    let cause = || MailCause::RightsDue {
        request: "req_abc".to_owned(),
        kind: "erasure".to_owned(),
        due_ms: request.due_ms,
    };
    let mail = world.queue_for(1, cause()).await;
    world.run(batch([record(&mail)])).await.unwrap();
    let text = sent(&world);
    assert!(
        text.contains("pemohon belum diperiksa") && text.contains("menghapus datanya"),
        "{text}"
    );
    let check = Check {
        method: Method::InPerson,
        matched: true,
        by: "staff:rina".to_owned(),
        at_ms: START_MS + 1,
    };
    let verified = request.checked(check).unwrap();
    let change = world
        .deps
        .requests
        .change(&request, &verified, None, "staff:rina", START_MS + 1);
    change.await.unwrap();
    let mail = world.queue_for(2, cause()).await;
    world.run(batch([record(&mail)])).await.unwrap();
    let text = sent(&world);
    assert!(text.contains("pemohon sudah diperiksa"), "{text}");
    assert!(!text.contains("OYAKO_MOKA_7"), "{text}");
}
