//! Mails that were not sent: listed for a person, and sent again by a decision that is on record.

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::outbox::Outbox;
use aws::position::ListPosition;
use domain::audit::chain_of;
use domain::mail::{Mail, MailState};
use testkit::Stores;

use crate::support::{NOW_MS, mail};

fn in_state(mail: &Mail, state: MailState) -> Mail {
    Mail {
        state,
        ..mail.clone()
    }
}

/// Queues a mail and brings it to a state.
async fn mail_in(outbox: &Outbox, id: &str, created_ms: i64, state: MailState) -> Mail {
    let queued = mail(id, created_ms);
    outbox.put(&queued).await.unwrap();
    let mail = in_state(&queued, state);
    if state != MailState::Queued {
        outbox.advance(&queued, &mail).await.unwrap();
    }
    mail
}

#[tokio::test]
async fn mails_that_were_not_sent_are_listed_page_by_page_the_oldest_first() {
    let stores = Stores::start().await;
    let outbox = Outbox::new(&stores.clients);
    let mut expected = Vec::new();
    for (id, created_ms, state, listed) in [
        ("a", 5, MailState::Failed, true),
        ("b", 4, MailState::Unknown, true),
        ("c", 3, MailState::Sent, false),
        // One file may be the cause of mails of one moment.
        ("d", 4, MailState::Failed, true),
        ("e", 1, MailState::Queued, false),
        ("f", 2, MailState::Sending, false),
        ("g", 4, MailState::Failed, true),
    ] {
        let mail = mail_in(&outbox, id, created_ms, state).await;
        expected.extend(listed.then_some(mail));
    }
    let (mut read, mut after): (Vec<Mail>, Option<ListPosition>) = (Vec::new(), None);
    for count in [3, 1] {
        let (some, next) = outbox.not_sent(after.as_ref(), 3).await.unwrap();
        assert_eq!(some.len(), count);
        read.extend(some);
        // As a caller hands it back.
        after = next.map(|next| ListPosition::parse(&next.to_string()).unwrap());
    }
    assert_eq!(after, None);
    assert!(read.is_sorted_by_key(|mail| mail.created_ms));
    read.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(read, expected);
    stores.stop().await;
}

#[tokio::test]
async fn a_mail_is_sent_again_by_one_decision_which_is_on_record() {
    let stores = Stores::start().await;
    let outbox = Outbox::new(&stores.clients);
    let unknown = mail_in(&outbox, "m", NOW_MS, MailState::Unknown).await;
    let again = Mail {
        state: MailState::Queued,
        due_ms: NOW_MS + 1,
        ..unknown.clone()
    };
    let (first, second) = tokio::join!(
        outbox.send_again(&unknown, &again, "key:1"),
        outbox.send_again(&unknown, &again, "key:2"),
    );
    let actor = match (first, second) {
        (Ok(()), Err(StoreError::Conflict)) => "key:1",
        (Err(StoreError::Conflict), Ok(())) => "key:2",
        other => panic!("{other:?}"),
    };
    assert_eq!(outbox.not_sent(None, 10).await.unwrap(), (Vec::new(), None));
    assert_eq!(outbox.due(NOW_MS).await.unwrap(), Vec::new());
    assert_eq!(outbox.due(NOW_MS + 1).await.unwrap(), [again]);
    let trail = AuditTrail::new(&stores.clients);
    let records = trail.list(chain_of("m"), Position::After(0), 10).await.unwrap();
    let actors: Vec<&str> = records.iter().map(|record| record.actor.as_str()).collect();
    assert_eq!(actors, [actor]);
    stores.stop().await;
}
