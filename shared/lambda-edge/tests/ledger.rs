//! The ledger's contract, on every store it has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use lambda_edge::idempotency::{Begin, Claim, Ledger, LedgerError, MemoryStore, RecordId, State, Store};

const DAY_MS: i64 = 86_400_000;

async fn begin<S: Store + Clone + Sync>(ledger: &Ledger<S>, now_ms: i64) -> Begin<S> {
    ledger
        .begin("orders", "key", "print", now_ms + 1_000, now_ms)
        .await
        .unwrap()
}

fn fresh<S: std::fmt::Debug>(begin: Begin<S>) -> Claim<S> {
    match begin {
        Begin::Fresh(claim) => claim,
        other => panic!("{other:?}"),
    }
}

fn interrupted<S: std::fmt::Debug>(begin: Begin<S>) -> Claim<S> {
    match begin {
        Begin::Interrupted(claim) => claim,
        other => panic!("{other:?}"),
    }
}

async fn an_answer_is_given_to_everybody_who_asks_the_same(
    store: impl Store + Clone + Sync + std::fmt::Debug,
) {
    let ledger = Ledger::new(store);
    let mut claim = fresh(begin(&ledger, 0).await);
    assert!(matches!(
        begin(&ledger, 999).await,
        Begin::Running { until_ms: 1_000 }
    ));
    claim.note("about to").await.unwrap();
    claim.finish("done \"é\"", DAY_MS).await.unwrap();
    for now_ms in [1, 1_000, DAY_MS - 1] {
        assert!(matches!(begin(&ledger, now_ms).await, Begin::Finished(answer) if answer == "done \"é\""));
    }
    let other_print = ledger.begin("orders", "key", "other", 10, 1).await.unwrap();
    assert!(matches!(other_print, Begin::Mismatch));
    drop(fresh(ledger.begin("other", "key", "other", 10, 1).await.unwrap()));
    drop(fresh(
        ledger.begin("orders", "other", "other", 10, 1).await.unwrap(),
    ));
}

async fn a_finished_key_is_free_again_when_its_time_is_over(
    store: impl Store + Clone + Sync + std::fmt::Debug,
) {
    let ledger = Ledger::new(store);
    fresh(begin(&ledger, 0).await).finish("one", 5_500).await.unwrap();
    let mut again = fresh(
        ledger
            .begin("orders", "key", "other print", 9_000, 5_500)
            .await
            .unwrap(),
    );
    assert_eq!((again.attempt(), again.notes().len()), (1, 0));
    again.finish("two", DAY_MS).await.unwrap();
    let answer = ledger
        .begin("orders", "key", "other print", 9_000, 6_000)
        .await
        .unwrap();
    assert!(matches!(answer, Begin::Finished(answer) if answer == "two"));
}

async fn an_interrupted_key_is_handed_on_with_its_notes_however_late(
    store: impl Store + Clone + Sync + std::fmt::Debug,
) {
    let ledger = Ledger::new(store);
    let mut first = fresh(begin(&ledger, 0).await);
    first.note("asking for P-77").await.unwrap();
    drop(first);
    let mut second = interrupted(begin(&ledger, 100 * DAY_MS).await);
    assert_eq!(second.attempt(), 2);
    second.note("P-77 is unknown there").await.unwrap();
    drop(second);
    let third = interrupted(begin(&ledger, 200 * DAY_MS).await);
    let notes: Vec<(u32, &str)> = third
        .notes()
        .iter()
        .map(|note| (note.attempt, &*note.text))
        .collect();
    assert_eq!(notes, [(1, "asking for P-77"), (2, "P-77 is unknown there")]);
    let mismatch = ledger
        .begin("orders", "key", "other", i64::MAX, 300 * DAY_MS)
        .await
        .unwrap();
    assert!(matches!(mismatch, Begin::Mismatch));
}

async fn an_owner_who_was_taken_over_can_write_nothing_any_more(
    store: impl Store + Clone + Sync + std::fmt::Debug,
) {
    let ledger = Ledger::new(store);
    let mut slow = fresh(begin(&ledger, 0).await);
    let mut owner = interrupted(begin(&ledger, 1_000).await);
    owner.note("one").await.unwrap();
    owner.note("two").await.unwrap();
    assert_eq!(slow.note("late").await, Err(LedgerError::Lost));
    assert_eq!(slow.extend(DAY_MS).await, Err(LedgerError::Lost));
    assert_eq!(slow.finish("late", DAY_MS).await, Err(LedgerError::Lost));
    assert_eq!(slow.release().await, Err(LedgerError::Lost));
    owner.finish("by the owner", DAY_MS).await.unwrap();
    assert!(matches!(begin(&ledger, 1_001).await, Begin::Finished(answer) if answer == "by the owner"));
}

async fn a_released_key_is_free_at_once(store: impl Store + Clone + Sync + std::fmt::Debug) {
    let ledger = Ledger::new(store);
    let mut claim = fresh(begin(&ledger, 0).await);
    claim.note("nothing came of it").await.unwrap();
    claim.release().await.unwrap();
    let again = fresh(begin(&ledger, 1).await);
    assert_eq!((again.attempt(), again.notes().len()), (1, 0));
}

async fn a_lease_can_be_made_longer(store: impl Store + Clone + Sync + std::fmt::Debug) {
    let ledger = Ledger::new(store);
    let mut claim = fresh(begin(&ledger, 0).await);
    claim.extend(5_000).await.unwrap();
    assert!(matches!(
        begin(&ledger, 4_999).await,
        Begin::Running { until_ms: 5_000 }
    ));
    drop(interrupted(begin(&ledger, 5_000).await));
}

async fn a_finished_claim_takes_the_same_answer_again_and_nothing_else(
    store: impl Store + Clone + Sync + std::fmt::Debug,
) {
    let ledger = Ledger::new(store);
    let mut claim = fresh(begin(&ledger, 0).await);
    claim.finish("one", DAY_MS).await.unwrap();
    claim.finish("one", DAY_MS).await.unwrap();
    assert_eq!(claim.finish("two", DAY_MS).await, Err(LedgerError::Finished));
    assert_eq!(claim.note("after all").await, Err(LedgerError::Finished));
}

async fn of_many_who_begin_at_once_one_gets_it(store: impl Store + Clone + Sync + std::fmt::Debug) {
    let ledger = Ledger::new(store);
    for (now_ms, owners) in [(0, 1), (10_000, 1)] {
        let begins = (0..8).map(|_| begin(&ledger, now_ms));
        let begins = futures::future::join_all(begins).await;
        let got = begins
            .iter()
            .filter(|begin| !matches!(begin, Begin::Running { .. }))
            .count();
        assert_eq!(got, owners, "{begins:?}");
    }
}

async fn what_cannot_be_stored_is_refused(store: impl Store + Clone + Sync + std::fmt::Debug) {
    let ledger = Ledger::new(store);
    let long = "x".repeat(RecordId::LONGEST + 1);
    for (scope, key) in [("", "key"), ("scope", ""), (&*long, "key"), ("scope", &*long)] {
        assert_eq!(
            ledger.begin(scope, key, "print", 1, 0).await.unwrap_err().code(),
            "LEDGER_KEY"
        );
    }
    let longest = "\u{e9}".repeat(RecordId::LONGEST / 2);
    drop(fresh(
        ledger.begin(&longest, &longest, "print", 1, 0).await.unwrap(),
    ));
    let mut claim = fresh(begin(&ledger, 0).await);
    assert_eq!(claim.note(&"x".repeat(1_025)).await, Err(LedgerError::Notes));
    for _ in 0..64 {
        claim.note("x").await.unwrap();
    }
    assert_eq!(claim.note("x").await, Err(LedgerError::Notes));
    claim.finish("done", DAY_MS).await.unwrap();
}

async fn a_write_names_the_version_it_replaces(store: impl Store + Clone + Sync + std::fmt::Debug) {
    let ledger = Ledger::new(store.clone());
    let mut claim = fresh(begin(&ledger, 0).await);
    let id = RecordId::new("orders", "key").unwrap();
    let first = store.get(&id).await.unwrap().unwrap();
    claim.note("on").await.unwrap();
    let second = store.get(&id).await.unwrap().unwrap();
    assert!(
        !store.put(&id, &first, &first.version).await.unwrap(),
        "the state has moved on"
    );
    assert!(!store.delete(&id, &first.version).await.unwrap());
    assert!(
        !store.put_new(&id, &first, i64::MAX).await.unwrap(),
        "a claim never expires"
    );
    assert_eq!(store.get(&id).await.unwrap(), Some(second.clone()));
    assert!(matches!(
        second.state,
        State::Claimed {
            lease_until_ms: 1_000
        }
    ));
    assert!(store.delete(&id, &second.version).await.unwrap());
    assert_eq!(store.get(&id).await.unwrap(), None);
    assert!(
        !store.put(&id, &first, &second.version).await.unwrap(),
        "nothing to replace"
    );
}

/// Every part of the contract as a test on one store.
macro_rules! contract {
    ($store:expr; $($part:ident)*) => { $(
        #[tokio::test]
        async fn $part() {
            crate::$part($store.await).await;
        }
    )* };
    ($store:expr) => {
        contract! { $store;
            an_answer_is_given_to_everybody_who_asks_the_same
            a_finished_key_is_free_again_when_its_time_is_over
            an_interrupted_key_is_handed_on_with_its_notes_however_late
            an_owner_who_was_taken_over_can_write_nothing_any_more
            a_released_key_is_free_at_once
            a_lease_can_be_made_longer
            a_finished_claim_takes_the_same_answer_again_and_nothing_else
            of_many_who_begin_at_once_one_gets_it
            what_cannot_be_stored_is_refused
            a_write_names_the_version_it_replaces
        }
    };
}

mod memory {
    contract!(async { super::MemoryStore::default() });
}

#[cfg(feature = "dynamodb")]
mod dynamodb {
    use aws_sdk_dynamodb::Client;
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    use lambda_edge::idempotency::Ledger;
    use lambda_edge::idempotency::dynamodb::{Attributes, Table};
    use tokio::net::TcpListener;

    /// A table with this partition key and sort key on an engine of its own.
    pub(super) async fn table(partition_key: &str, sort_key: Option<&str>) -> (Client, Table) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let database = dynoxide::Database::memory().unwrap();
        tokio::spawn(dynoxide::server::serve_with_shutdown(
            listener,
            database,
            std::future::pending(),
        ));
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-southeast-3"))
            .credentials_provider(Credentials::new("id", "key", None, None, "test"))
            .endpoint_url(format!("http://{address}"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let client = Client::from_conf(config);
        let keys = [
            Some((partition_key, KeyType::Hash)),
            sort_key.map(|name| (name, KeyType::Range)),
        ];
        let mut request = client
            .create_table()
            .table_name("ledger")
            .billing_mode(BillingMode::PayPerRequest);
        for (name, kind) in keys.into_iter().flatten() {
            let definition = AttributeDefinition::builder().attribute_name(name);
            let element = KeySchemaElement::builder().attribute_name(name).key_type(kind);
            request = request
                .attribute_definitions(definition.attribute_type(ScalarAttributeType::S).build().unwrap())
                .key_schema(element.build().unwrap());
        }
        request.send().await.unwrap();
        let attributes = Attributes {
            partition_key: partition_key.to_owned(),
            sort_key: sort_key.map(str::to_owned),
            ..Attributes::default()
        };
        (client.clone(), Table::new(client, "ledger", attributes))
    }

    mod with_a_sort_key {
        contract!(async { super::table("pk", Some("sk")).await.1 });
    }

    mod without_a_sort_key {
        // A name that is a reserved word of DynamoDB.
        contract!(async { super::table("name", None).await.1 });
    }

    #[tokio::test]
    async fn only_a_finished_record_has_a_time_to_live() {
        let (client, store) = table("pk", Some("sk")).await;
        let ledger = Ledger::new(store);
        let item = async || {
            let items = client
                .scan()
                .table_name("ledger")
                .send()
                .await
                .unwrap()
                .items
                .unwrap();
            items.into_iter().next().unwrap()
        };
        let mut claim = super::fresh(super::begin(&ledger, 0).await);
        claim.note("on").await.unwrap();
        assert_eq!(item().await.get("expires_at"), None);
        claim.finish("done", 7_000).await.unwrap();
        let finished = item().await;
        assert_eq!(finished["pk"], AttributeValue::S("idempotency#orders".to_owned()));
        assert_eq!(finished["sk"], AttributeValue::S("key".to_owned()));
        assert_eq!(finished["expires_at"], AttributeValue::N("8".to_owned()));
        drop(super::fresh(super::begin(&ledger, 9_000).await));
        assert_eq!(
            item().await.get("expires_at"),
            None,
            "the new claim does not expire"
        );
    }

    #[tokio::test]
    async fn ids_that_only_look_alike_are_kept_apart_without_a_sort_key() {
        let (_, store) = table("pk", None).await;
        let ledger = Ledger::new(store);
        drop(super::fresh(
            ledger.begin("a", "b#c", "print", 1, 0).await.unwrap(),
        ));
        drop(super::fresh(
            ledger.begin("a#b", "c", "print", 1, 0).await.unwrap(),
        ));
    }

    #[tokio::test]
    async fn a_table_that_is_not_there_is_an_error_with_its_code() {
        let (client, _) = table("pk", None).await;
        let ledger = Ledger::new(Table::new(client, "other", Attributes::default()));
        let error = ledger.begin("a", "b", "print", 1, 0).await.unwrap_err();
        assert_eq!(error.code(), "LEDGER_STORE_UNAVAILABLE");
        assert!(error.to_string().contains("ResourceNotFoundException"), "{error}");
    }

    #[test]
    fn a_begin_can_be_awaited_on_any_thread() {
        fn is_send(_: &(impl Send + ?Sized)) {}
        let begin = |ledger: &Ledger<Table>| is_send(&ledger.begin("a", "b", "c", 1, 0));
        let _checked_when_compiled = begin;
    }
}
