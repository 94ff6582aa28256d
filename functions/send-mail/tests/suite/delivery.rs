//! What becomes of a mail: sent once, kept while it can't be sent, and never guessed about.

use std::sync::Arc;

use crate::support;
use crate::support::ses::Answer;
use crate::support::{MINUTE_MS, World, all_done, batch, image, mail, record};
use domain::feedback::Said;
use domain::mail::MailState;
use domain::outlet::Outlet;
use domain::receipt_id::ReceiptId;
use send_mail::{Failure, handle};
use serde_json::json;

#[tokio::test]
async fn a_queued_mail_is_sent_once_however_often_its_record_comes() {
    let world = World::start().await;
    let mail = world.queue(1).await;
    for _ in 0..3 {
        assert_eq!(
            world.run(batch([record(&mail), record(&mail)])).await.unwrap(),
            all_done()
        );
        world.sweep().await.unwrap();
    }
    let sent = world.stored(&mail).await;
    assert_eq!(
        (sent.state, sent.attempts, sent.outcome.as_deref()),
        (MailState::Sent, 1, Some("message-1"))
    );
    let requests = world.ses.requests();
    assert_eq!(requests.len(), 1);
    for part in [
        "Action=SendEmail",
        "pengelola%40warung.example",
        "Ekspor%20POS%3A%201%20catatan%20ditolak",
    ] {
        assert!(requests[0].contains(part), "{part} in {}", requests[0]);
    }
}

#[tokio::test]
async fn every_record_of_a_batch_has_its_turn() {
    let world = World::start().await;
    let mails = [world.queue(1).await, world.queue(2).await, world.queue(3).await];
    let mut records: Vec<_> = mails.iter().map(record).collect();
    records.insert(1, image("x", "export", "continue", "{}"));
    records.insert(
        2,
        image("y", "mail", "sent", &serde_json::to_string(&mail(9)).unwrap()),
    );
    records.insert(3, record(&mail(8))); // not in the outbox
    assert_eq!(world.run(batch(records)).await.unwrap(), all_done());
    assert_eq!(world.ses.requests().len(), 3);
    for mail in &mails {
        assert_eq!(world.stored(mail).await.state, MailState::Sent);
    }
}

#[tokio::test]
async fn anything_without_records_sweeps_the_outbox() {
    let events = [
        json!({"source": "aws.scheduler", "detail-type": "Scheduled Event"}),
        json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}),
        json!({}),
        json!(null),
    ];
    for event in events {
        let world = World::start().await;
        let mail = world.queue(1).await;
        assert_eq!(world.run(event.clone()).await.unwrap(), json!(null));
        assert_eq!(world.stored(&mail).await.state, MailState::Sent, "{event}");
    }
}

#[tokio::test]
async fn a_throttled_mail_waits_and_is_sent_by_a_later_sweep() {
    let world = World::start().await;
    let mail = world.queue(1).await;
    world.ses.next(&[Answer::Throttled]);
    assert_eq!(world.run(batch([record(&mail)])).await.unwrap(), all_done());
    let waiting = world.stored(&mail).await;
    assert_eq!(
        (waiting.state, waiting.attempts, waiting.outcome.as_deref()),
        (MailState::Queued, 1, Some("Throttling"))
    );
    let pause_ms = domain::mail::pause_ms(1);
    assert_eq!(waiting.due_ms, support::START_MS + pause_ms);

    world.wait_ms(pause_ms - 1);
    world.run(batch([record(&waiting)])).await.unwrap();
    world.sweep().await.unwrap();
    assert_eq!(world.ses.requests().len(), 1, "before its time");
    world.wait_ms(1);
    world.sweep().await.unwrap();
    let sent = world.stored(&mail).await;
    assert_eq!((sent.state, sent.attempts), (MailState::Sent, 2));
    assert_eq!(world.ses.requests().len(), 2);
}

#[tokio::test]
async fn a_mail_service_that_is_away_loses_no_mail_and_fails_no_batch() {
    let world = World::without_mail_service().await;
    let mail = world.queue(1).await;
    assert_eq!(world.run(batch([record(&mail)])).await.unwrap(), all_done());
    assert_eq!(world.stored(&mail).await.state, MailState::Queued);
}

#[tokio::test]
async fn a_mail_is_given_up_after_the_last_attempt() {
    for (attempts, state) in [(38, MailState::Queued), (39, MailState::Failed)] {
        let world = World::start().await;
        let mail = domain::mail::Mail { attempts, ..mail(1) };
        world.deps.outbox.put(&mail).await.unwrap();
        world.ses.next(&[Answer::Throttled]);
        world.sweep().await.unwrap();
        assert_eq!(
            world.stored(&mail).await.state,
            state,
            "after {attempts} attempts"
        );
    }
}

#[tokio::test]
async fn a_refused_mail_failed_and_is_not_tried_again() {
    let world = World::start().await;
    let mail = world.queue(1).await;
    world.ses.next(&[Answer::Rejected]);
    assert_eq!(world.run(batch([record(&mail)])).await.unwrap(), all_done());
    let failed = world.stored(&mail).await;
    assert_eq!(
        (failed.state, failed.outcome.as_deref()),
        (MailState::Failed, Some("MessageRejected"))
    );
    world.wait_ms(600 * MINUTE_MS);
    world.sweep().await.unwrap();
    assert_eq!(world.ses.requests().len(), 1);
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_leaves_the_mail_unknown() {
    let world = World::start().await;
    let mail = world.queue(1).await;
    world.ses.next(&[Answer::Closed]);
    assert_eq!(world.run(batch([record(&mail)])).await.unwrap(), all_done());
    assert_eq!(world.stored(&mail).await.state, MailState::Unknown);
    world.wait_ms(600 * MINUTE_MS);
    world.sweep().await.unwrap();
    assert_eq!(world.ses.requests().len(), 1);
}

#[tokio::test]
async fn silence_leaves_the_mail_unknown_and_not_sent_again() {
    let world = World::start().await;
    let mail = world.queue(1).await;
    world.ses.next(&[Answer::Silent]);
    let timeout = async {
        world.ses.heard(1).await;
        world.lose_patience();
    };
    let (answer, ()) = tokio::join!(world.run(batch([record(&mail)])), timeout);
    assert_eq!(answer.unwrap(), all_done());
    assert_eq!(world.stored(&mail).await.state, MailState::Unknown);
    world.wait_ms(600 * MINUTE_MS);
    world.sweep().await.unwrap();
    assert_eq!(world.ses.requests().len(), 1);
}

#[tokio::test]
async fn a_sender_that_dies_in_the_middle_leaves_the_mail_unknown_after_its_time() {
    let world = World::start().await;
    let mail = world.queue(1).await;
    world.ses.next(&[Answer::Silent]);
    let (deps, event) = (
        Arc::clone(&world.deps),
        world.event(batch([record(&mail)]), MINUTE_MS),
    );
    let sender = tokio::spawn(async move { handle(event, &deps).await });
    world.ses.heard(1).await;
    sender.abort();
    assert!(sender.await.unwrap_err().is_cancelled());

    world.wait_ms(10 * MINUTE_MS - 1);
    world.sweep().await.unwrap();
    assert_eq!(
        world.stored(&mail).await.state,
        MailState::Sending,
        "the sender may still come back"
    );
    world.wait_ms(1);
    world.sweep().await.unwrap();
    assert_eq!(world.stored(&mail).await.state, MailState::Unknown);
    world.sweep().await.unwrap();
    assert_eq!(world.ses.requests().len(), 1);
}

#[tokio::test]
async fn two_deliveries_at_once_are_one_mail() {
    let world = World::start().await;
    let mail = world.queue(1).await;
    world.wire.let_two_readers_meet();
    let (one, two) = tokio::join!(
        world.run(batch([record(&mail)])),
        world.run(batch([record(&mail)]))
    );
    assert_eq!((one.unwrap(), two.unwrap()), (all_done(), all_done()));
    assert_eq!(world.ses.requests().len(), 1);
    assert_eq!(world.stored(&mail).await.state, MailState::Sent);
}

#[tokio::test]
async fn a_lost_reply_to_the_claim_or_the_settlement_is_no_conflict() {
    for writes_before in [0, 1] {
        let world = World::start().await;
        let mail = world.queue(1).await;
        world.wire.lose_answer_to_write(writes_before);
        assert_eq!(world.run(batch([record(&mail)])).await.unwrap(), all_done());
        assert_eq!(
            world.stored(&mail).await.state,
            MailState::Sent,
            "{writes_before}"
        );
        assert_eq!(world.ses.requests().len(), 1, "{writes_before}");
    }
}

#[tokio::test]
async fn with_too_little_time_left_a_mail_is_not_claimed() {
    let world = World::start().await;
    let mail = world.queue(1).await;
    for (left_ms, state) in [(29_999, MailState::Queued), (30_000, MailState::Sent)] {
        let event = world.event(batch([record(&mail)]), left_ms);
        assert_eq!(handle(event, &world.deps).await.unwrap(), all_done());
        assert_eq!(world.stored(&mail).await.state, state, "{left_ms} ms left");
    }
}

#[tokio::test]
async fn a_store_that_is_away_brings_the_batch_back_from_its_first_record() {
    let world = World::start().await;
    let mails = [world.queue(1).await, world.queue(2).await];
    world.wire.set_down(true);
    let answer = world.run(batch(mails.iter().map(record))).await.unwrap();
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "mail_1"}]})
    );
    assert!(matches!(world.sweep().await, Err(Failure::Store(_))));
    world.wire.set_down(false);
    assert_eq!(
        world.run(batch(mails.iter().map(record))).await.unwrap(),
        all_done()
    );
    assert_eq!(world.ses.requests().len(), 2);
}

#[tokio::test]
async fn a_mail_that_can_not_be_read_comes_again_and_not_silently_away() {
    let world = World::start().await;
    let answer = world
        .run(batch([image("7", "mail", "queued", "{\"id\":1}")]))
        .await
        .unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "7"}]}));
}

#[tokio::test]
async fn a_low_score_is_mailed_as_the_answer_stands_when_it_is_sent() {
    let receipt = ReceiptId::parse("moka-1_20251028_a").unwrap();
    let said = Said {
        overall: Some(1),
        comment: Some("asin sekali".to_owned()),
        ..Said::default()
    };
    let new = domain::feedback::Answer::new(receipt.clone(), None, support::START_MS);
    let mut answer = new.with_guest(said).unwrap();
    answer.version = 1;
    for erased in [false, true] {
        let world = World::start().await;
        let outlet = Outlet {
            name: Some("Warung Pusat".to_owned()),
            ..Outlet::undescribed("moka-1", None, None)
        };
        let described = world
            .deps
            .outlets
            .describe(&outlet, support::START_MS, "key:test");
        described.await.unwrap();
        let mail = world.queue_low_score(Some(&answer), &receipt, None).await;
        if erased {
            let mut without = answer.without_words();
            without.version = 2;
            world.deps.feedback.put(&without, 1).await.unwrap();
        }
        world.run(batch([record(&mail)])).await.unwrap();
        assert_eq!(world.stored(&mail).await.state, MailState::Sent);
        let request = &world.ses.requests()[0];
        assert!(
            request.contains("Nilai%20rendah%20di%20Warung%20Pusat"),
            "{request}"
        );
        assert_eq!(request.contains("asin%20sekali"), !erased);
    }
}

/// The outlet's name as it is known, the one in the mail, and what the letter calls it.
#[tokio::test]
async fn a_letter_names_the_outlet_by_whatever_name_is_known() {
    let receipt = ReceiptId::parse("moka-1_20251028_a").unwrap();
    for (known, mailed, expected) in [
        (Some(Some("Baru")), Some("Lama"), "Baru"),
        (Some(None), Some("Lama"), "Lama"),
        (None, Some("Lama"), "Lama"),
        (Some(None), None, "moka-1"),
        (None, None, "moka-1"),
    ] {
        let world = World::start().await;
        if let Some(name) = known {
            let outlets = &world.deps.outlets;
            outlets.get_or_register("moka-1", name, None).await.unwrap();
        }
        world.queue_low_score(None, &receipt, mailed).await;
        world.sweep().await.unwrap();
        let request = &world.ses.requests()[0];
        let subject = format!("Nilai%20rendah%20di%20{expected}%3A");
        assert!(request.contains(&subject), "{known:?} {mailed:?}: {request}");
    }
}

#[tokio::test]
async fn a_low_score_whose_answer_is_gone_is_mailed_and_says_so() {
    let world = World::start().await;
    let receipt = ReceiptId::parse("moka-1_20251028_a").unwrap();
    let mail = world.queue_low_score(None, &receipt, None).await;
    world.run(batch([record(&mail)])).await.unwrap();
    assert_eq!(world.stored(&mail).await.state, MailState::Sent);
    assert!(world.ses.requests()[0].contains("sudah%20tidak%20ada"));
}

#[tokio::test]
async fn a_low_score_waits_while_its_answer_can_not_be_read() {
    let world = World::start().await;
    let receipt = ReceiptId::parse("moka-1_20251028_a").unwrap();
    let mail = world.queue_low_score(None, &receipt, None).await;
    world.wire.set_down(true);
    let again = world.run(batch([record(&mail)])).await.unwrap();
    assert_eq!(again["batchItemFailures"].as_array().unwrap().len(), 1);
    world.wire.set_down(false);
    assert_eq!(world.stored(&mail).await.state, MailState::Queued);
    world.sweep().await.unwrap();
    assert_eq!(world.stored(&mail).await.state, MailState::Sent);
}
