//! Nights: one for each date, moved on under its version, and closed together with its digest.

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::nights::Nights;
use aws::outbox::Outbox;
use domain::audit::chain_of;
use domain::night::{End, Night, Phase, Trouble};
use testkit::Stores;
use testkit::faults::Plan;

use crate::support::{NOW_MS, mail};

/// A night that begins now and was due an hour ago.
pub(crate) fn night(date: &str) -> Night {
    Night::begin(date.parse().unwrap(), NOW_MS - 3_600_000, None, true, NOW_MS)
}

fn at(night: &Night, version: u64) -> Night {
    Night {
        version,
        ..night.clone()
    }
}

/// The night after something went wrong.
fn troubled(night: &Night, code: &str) -> Night {
    let mut next = night.clone();
    next.trouble(Trouble::new(None, "central", code, ""));
    next
}

/// The night as it ended.
fn over(night: &Night) -> Night {
    Night {
        phase: Phase::Over,
        end: Some(End::Partial),
        finished_ms: Some(NOW_MS + 5),
        digest: Some("digest".to_owned()),
        ..night.clone()
    }
}

async fn stored(nights: &Nights, night: &Night) -> Option<Night> {
    nights.get(night.date).await.unwrap()
}

fn dates(nights: &[Night]) -> Vec<String> {
    nights.iter().map(|night| night.date.to_string()).collect()
}

#[tokio::test]
async fn a_night_begins_once_however_many_start_it() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    let new = night("2025-10-28");
    assert_eq!(stored(&nights, &new).await, None);
    let starters = (0..4).map(|starter| {
        let (nights, mine) = (nights.clone(), troubled(&new, &format!("T{starter}")));
        tokio::spawn(async move {
            loop {
                match nights.begin(&mine).await {
                    Ok(began) => return (began, mine),
                    Err(StoreError::Conflict) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    let mut began = Vec::new();
    for starter in starters.collect::<Vec<_>>() {
        let (is_first, mine) = starter.await.unwrap();
        began.extend(is_first.then_some(mine));
    }
    assert_eq!(began.len(), 1);
    assert_eq!(stored(&nights, &new).await, Some(at(&began[0], 1)));
    assert_eq!(dates(&nights.list(None, 9).await.unwrap().0), ["2025-10-28"]);
    stores.stop().await;
}

#[tokio::test]
async fn a_night_is_written_over_the_version_that_was_read_and_no_other() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    let new = night("2025-10-28");
    let nowhere = nights.write(&at(&new, 1)).await;
    assert!(matches!(nowhere, Err(StoreError::Conflict)), "{nowhere:?}");
    nights.begin(&new).await.unwrap();
    let first = at(&new, 1);
    let second = nights.write(&troubled(&first, "A")).await.unwrap();
    assert_eq!(second, at(&troubled(&first, "A"), 2));
    let late = nights.write(&troubled(&first, "B")).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    assert_eq!(stored(&nights, &new).await, Some(second));
    stores.stop().await;
}

#[tokio::test]
async fn who_did_just_the_same_has_written_too_but_the_version_rises_once() {
    let stores = Stores::start().await;
    let (faulty, nights) = (Nights::new(&stores.faulty), Nights::new(&stores.clients));
    let new = night("2025-10-28");
    nights.begin(&new).await.unwrap();
    let next = troubled(&at(&new, 1), "A");
    stores.faults.set(Plan::LoseAnswer(0));
    faulty.write(&next).await.unwrap_err();
    stores.faults.set(Plan::None);
    for _ in 0..2 {
        assert_eq!(nights.write(&next).await.unwrap(), at(&next, 2));
    }
    assert_eq!(stored(&nights, &new).await, Some(at(&next, 2)));
    stores.stop().await;
}

#[tokio::test]
async fn nights_are_listed_page_by_page_the_newest_first() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    for date in ["2025-09-30", "2025-10-10", "2024-12-31", "2025-10-09"] {
        nights.begin(&night(date)).await.unwrap();
    }
    let expected = ["2025-10-10", "2025-10-09", "2025-09-30", "2024-12-31"];
    let (mut read, mut after) = (Vec::new(), None::<String>);
    loop {
        let (some, next) = nights.list(after.as_deref(), 3).await.unwrap();
        read.extend(some);
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(dates(&read), expected);
    for nonsense in ["", "no date", "2025-10-32"] {
        let (some, _) = nights.list(Some(nonsense), 9).await.unwrap();
        assert_eq!(
            dates(&some),
            expected,
            "what is no position is the beginning: {nonsense}"
        );
    }
    for (date, before) in [
        ("2025-10-11", Some("2025-10-10")),
        ("2025-10-10", Some("2025-10-09")),
        ("2025-10-01", Some("2025-09-30")),
        ("2024-12-31", None),
    ] {
        let found = nights.before(date.parse().unwrap()).await.unwrap();
        let found = found.map(|night| night.date.to_string());
        assert_eq!(found.as_deref(), before, "before {date}");
    }
    stores.stop().await;
}

#[tokio::test]
async fn nights_that_are_not_over_are_found_the_first_due_before_the_others() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    for (date, due_ms) in [("2025-10-28", 30), ("2025-10-27", 20), ("2025-10-26", 40)] {
        let new = Night {
            due_ms,
            ..night(date)
        };
        nights.begin(&new).await.unwrap();
    }
    let open = nights.unfinished().await.unwrap();
    assert_eq!(dates(&open), ["2025-10-27", "2025-10-28", "2025-10-26"]);
    nights.write(&over(&open[1]).told().unwrap()).await.unwrap();
    let open = nights.unfinished().await.unwrap();
    assert_eq!(dates(&open), ["2025-10-27", "2025-10-26"]);
    stores.stop().await;
}

#[tokio::test]
async fn a_lost_answer_leaves_a_closed_night_with_its_digest_and_record_or_none_of_them() {
    let stores = Stores::start().await;
    let (faulty, nights) = (Nights::new(&stores.faulty), Nights::new(&stores.clients));
    let (outbox, audit) = (Outbox::new(&stores.clients), AuditTrail::new(&stores.clients));
    // Three calls: whether the mail is there, the end of the chain, and the transaction.
    for (plan, date, is_there) in [
        (Plan::CrashBefore(2), "2025-10-27", false),
        (Plan::CrashAfter(2), "2025-10-28", true),
    ] {
        let new = night(date);
        nights.begin(&new).await.unwrap();
        let (closed, digest) = (over(&at(&new, 1)), mail(date, NOW_MS));
        stores.faults.set(plan);
        faulty.close(&closed, "sync-nightly", &digest).await.unwrap_err();
        stores.faults.set(Plan::None);
        let records = async || audit.list(chain_of(date), Position::NEWEST, 9).await.unwrap();
        let ended = |record: &&domain::audit::AuditRecord| {
            (&*record.action, &*record.subject) == ("night.ended", date)
        };
        assert_eq!(stored(&nights, &new).await.unwrap().end.is_some(), is_there);
        assert_eq!(outbox.get(date).await.unwrap().is_some(), is_there, "{plan:?}");
        assert_eq!(records().await.iter().filter(ended).count() == 1, is_there);

        let again = nights.close(&closed, "sync-nightly", &digest).await;
        match again {
            Ok(night) => assert_eq!((night, is_there), (at(&closed, 2), false)),
            Err(error) => assert!(matches!(error, StoreError::Conflict) && is_there, "{error}"),
        }
        assert_eq!(stored(&nights, &new).await, Some(at(&closed, 2)), "{plan:?}");
        assert_eq!(outbox.get(date).await.unwrap(), Some(digest));
        let records = records().await;
        let record = records.iter().find(ended).unwrap();
        assert_eq!((&*record.actor, record.at_ms), ("sync-nightly", NOW_MS + 5));
        assert!(record.facts.contains(r#""end":"partial""#), "{}", record.facts);
        assert_eq!(records.iter().filter(ended).count(), 1);
    }
    // Until their end was told, somebody has to look at them.
    let untold = nights.unfinished().await.unwrap();
    assert_eq!(dates(&untold), ["2025-10-27", "2025-10-28"]);
    for night in untold {
        nights.write(&night.told().unwrap()).await.unwrap();
    }
    assert_eq!(nights.unfinished().await.unwrap(), []);
    stores.stop().await;
}

#[tokio::test]
async fn a_digest_that_is_in_the_outbox_does_not_keep_a_night_open() {
    let stores = Stores::start().await;
    let (nights, outbox) = (Nights::new(&stores.clients), Outbox::new(&stores.clients));
    let (new, digest) = (night("2025-10-28"), mail("digest", NOW_MS));
    outbox.put(&digest).await.unwrap();
    nights.begin(&new).await.unwrap();
    let other = mail("digest", NOW_MS + 1);
    nights.close(&over(&at(&new, 1)), "test", &other).await.unwrap();
    assert_eq!(outbox.get("digest").await.unwrap(), Some(digest));
    stores.stop().await;
}

#[tokio::test]
async fn a_night_begins_again_once_and_that_is_on_record() {
    let stores = Stores::start().await;
    let (nights, audit) = (Nights::new(&stores.clients), AuditTrail::new(&stores.clients));
    nights.begin(&night("2025-10-28")).await.unwrap();
    let ended = over(&at(&night("2025-10-28"), 1)).told().unwrap();
    let ended = nights.write(&ended).await.unwrap();
    let again = ended.again(NOW_MS, false, NOW_MS + 9).unwrap();
    let stored = nights.again(&again, "sync-nightly").await.unwrap();
    assert_eq!(stored, at(&again, 3));
    assert_eq!(nights.unfinished().await.unwrap(), [stored]);
    let late = nights.again(&again, "sync-nightly").await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let records = audit
        .list(chain_of("2025-10-28"), Position::NEWEST, 9)
        .await
        .unwrap();
    let told: Vec<_> = records
        .iter()
        .filter(|record| record.subject == "2025-10-28")
        .map(|record| (&*record.action, &*record.facts, record.at_ms))
        .collect();
    assert_eq!(told, [("night.begun_again", r#"{"round":1}"#, NOW_MS + 9)]);
    stores.stop().await;
}
