//! One line per outcome, and never an address or a guest's word.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[allow(dead_code, reason = "this file needs less of the world than the others")]
#[path = "suite/support/mod.rs"]
mod support;

use domain::feedback::Said;
use domain::mail::MailCause;
use domain::night::Night;
use domain::receipt_id::ReceiptId;
use serde_json::Value;
use support::ses::Answer;
use support::{ADDRESSES, MINUTE_MS, World, batch, record};
use testkit::log::{LevelFilter, Lines, Targets};

/// Level, outcome, mail, attempts and subject of each line about an outcome.
fn outcomes(lines: &Lines) -> Vec<[String; 5]> {
    let lines = lines.all().into_iter();
    let outcomes = lines.filter(|line| line["fields"].get("mail.outcome").is_some());
    let text = |value: &Value| value.to_string().replace('"', "");
    outcomes
        .map(|line| {
            let told = &line["fields"];
            let fields = ["mail.outcome", "mail.id", "mail.attempts"];
            let [outcome, mail, attempts] = fields.map(|field| text(&told[field]));
            // A mail is about one of them.
            let about = ["export.id", "case.id", "night.date", "request.id"];
            let about = about.iter().find_map(|field| told.get(*field));
            [
                text(&line["level"]),
                outcome,
                mail,
                attempts,
                text(about.unwrap()),
            ]
        })
        .collect()
}

#[tokio::test(flavor = "current_thread")]
async fn every_outcome_is_one_line_without_addresses_and_words() {
    let lines = Lines::default();
    let ours = ["send_mail", "edge", "aws"].map(|name| (name, LevelFilter::TRACE));
    let levels = Targets::new().with_default(LevelFilter::WARN);
    let guard = lines.listen_to(levels.with_targets(ours));

    let world = World::start().await;
    let answers = [Answer::Taken, Answer::Throttled, Answer::Rejected, Answer::Closed];
    for (number, answer) in (1..).zip(answers) {
        let mail = world.queue(number).await;
        world.ses.next(&[answer]);
        world.run(batch([record(&mail)])).await.unwrap();
    }
    world.wait_ms(2 * MINUTE_MS);
    world.sweep().await.unwrap();
    let receipt = ReceiptId::parse("moka-1_20251028_a").unwrap();
    let said = Said {
        overall: Some(1),
        comment: Some("asin sekali".to_owned()),
        ..Said::default()
    };
    let low = domain::feedback::Answer::new(receipt.clone(), None, 0).with_guest(said);
    let mail = world.queue_low_score(Some(&low.unwrap()), &receipt, None).await;
    world.run(batch([record(&mail)])).await.unwrap();
    let date = "2025-10-28".parse().unwrap();
    let night = Night::begin(date, support::START_MS, None, false, support::START_MS);
    world.deps.nights.begin(&night).await.unwrap();
    let due = MailCause::RightsDue {
        request: "req_abc".to_owned(),
        kind: "erasure".to_owned(),
        due_ms: support::START_MS,
    };
    let causes = [MailCause::NightDigest { date }, due];
    for (number, cause) in (10..).zip(causes) {
        let mail = world.queue_for(number, cause).await;
        world.run(batch([record(&mail)])).await.unwrap();
    }
    drop(guard);

    let expected = [
        ["INFO", "sent", "mail_1", "1", "exp_1"],
        ["INFO", "queued", "mail_2", "1", "exp_2"],
        ["ERROR", "failed", "mail_3", "1", "exp_3"],
        ["ERROR", "unknown", "mail_4", "1", "exp_4"],
        ["INFO", "sent", "mail_2", "2", "exp_2"],
        ["INFO", "sent", "mail_9", "1", "case_abc"],
        ["INFO", "sent", "mail_10", "1", "2025-10-28"],
        ["INFO", "sent", "mail_11", "1", "req_abc"],
    ];
    assert_eq!(outcomes(&lines), expected.map(|line| line.map(str::to_owned)));
    let text = lines.text();
    for address in ADDRESSES {
        assert!(!text.contains(address), "{text}");
    }
    // Traced, the SDK tells what it reads from the store; nobody turns that on where guests are.
    let ours: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains(r#""target":"aws_"#))
        .collect();
    assert!(
        !ours.is_empty() && !ours.iter().any(|line| line.contains("asin sekali")),
        "{ours:?}"
    );
}
