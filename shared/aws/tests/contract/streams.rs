//! The streams of the tables: changes of state are the messages that start functions. Their records must say
//! what the filters of `template.yaml` look at.

use std::collections::BTreeMap;

use aws::cases::Cases;
use aws::feedback::Feedback;
use aws::insights::Insights;
use aws::ledger::Ledger;
use aws::outbox::Outbox;
use aws::quarantine::Quarantine;
use aws::sales::{Arrival, Sales, StoredDay};
use domain::case::Case;
use domain::insight::Insight;
use domain::mail::{Mail, MailState};
use domain::quarantine::{QuarantineState, Quarantined};
use domain::summary::DaySummary;
use serde_json::{Value, json};
use testkit::Stores;
use testkit::stores::stream_triggers;

use crate::differences::{Difference, agree};
use crate::support::{
    NOW_MS, answer, day, export, item, mail, number, operations, piece, place, put, raw, receipts,
};

/// Records of the operations table's stream from its beginning, in the order of each key.
async fn records(stores: &Stores) -> Vec<Value> {
    records_of(stores, operations(stores)).await
}

/// Records of a table's stream from its beginning, in the order of each key.
pub(crate) async fn records_of(stores: &Stores, table: &str) -> Vec<Value> {
    let call = async |operation: &str, body: Value| {
        let target = format!("DynamoDBStreams_20120810.{operation}");
        stores.must(&target, &body).await
    };
    let table = json!({ "TableName": table });
    let streams = call("ListStreams", table).await;
    let stream = streams["Streams"][0]["StreamArn"].clone();
    let described = call("DescribeStream", json!({ "StreamArn": stream })).await;
    let mut records = Vec::new();
    for shard in described["StreamDescription"]["Shards"].as_array().unwrap() {
        let from = json!({
            "StreamArn": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON",
        });
        let mut iterator = call("GetShardIterator", from).await["ShardIterator"].clone();
        // An open shard has a next iterator for ever; an answer without records is its end for now.
        while iterator.is_string() {
            let answer = call("GetRecords", json!({ "ShardIterator": iterator })).await;
            let some = answer["Records"].as_array().unwrap();
            if some.is_empty() {
                break;
            }
            records.extend(some.iter().cloned());
            iterator = answer["NextShardIterator"].clone();
        }
    }
    records
}

/// The functions that a record of the operations table starts.
fn started(record: &Value) -> Vec<String> {
    started_by("OperationsTable", record)
}

/// The functions that a record of a table starts, which is called so in `template.yaml`.
pub(crate) fn started_by(table: &str, record: &Value) -> Vec<String> {
    let triggers = stream_triggers().into_iter();
    let of_table = triggers.filter(|(_, trigger)| trigger.table == table);
    let takes = of_table.filter(|(_, trigger)| trigger.filters.iter().any(|filter| filter.matches(record)));
    takes.map(|(function, _)| function).collect()
}

/// What the records of a table start, by the first letter of their sort key, in their order.
fn starts(table: &str, records: &[Value]) -> BTreeMap<char, Vec<Vec<String>>> {
    let mut starts: BTreeMap<char, Vec<_>> = BTreeMap::new();
    for record in records {
        let sk = record["dynamodb"]["Keys"]["sk"]["S"].as_str().unwrap();
        let letter = sk.chars().next().unwrap();
        starts.entry(letter).or_default().push(started_by(table, record));
    }
    starts
}

/// For each partition, what its records are and what they start, in their order.
fn told(records: &[Value]) -> BTreeMap<String, Vec<(String, String, Vec<String>)>> {
    let mut told: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for record in records {
        let change = &record["dynamodb"];
        let partition = change["Keys"]["pk"]["S"].as_str().unwrap().to_owned();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let state = text(&change["NewImage"]["state"]["S"]);
        let entry = (text(&record["eventName"]), state, started(record));
        told.entry(partition).or_default().push(entry);
    }
    told
}

fn entry(event: &str, state: &str, starts: &[&str]) -> (String, String, Vec<String>) {
    let starts = starts.iter().map(|function| (*function).to_owned());
    (event.to_owned(), state.to_owned(), starts.collect())
}

#[tokio::test]
async fn each_change_of_state_starts_just_the_function_that_waits_for_it() {
    let stores = Stores::start().await;
    let (ledger, outbox) = (Ledger::new(&stores.clients), Outbox::new(&stores.clients));
    let quarantine = Quarantine::new(&stores.clients);

    let queued = mail("m", NOW_MS);
    outbox.put(&queued).await.unwrap();
    let in_state = |mail: &Mail, state| Mail {
        state,
        ..mail.clone()
    };
    let sending = in_state(&queued, MailState::Sending);
    outbox.advance(&queued, &sending).await.unwrap();
    outbox
        .advance(&sending, &in_state(&sending, MailState::Sent))
        .await
        .unwrap();

    let file = export("a");
    ledger.progress(&file).await.unwrap();
    ledger.hand_over(&file).await.unwrap();

    let open = piece(&file, 0);
    quarantine.list(std::slice::from_ref(&open)).await.unwrap();
    let replaying = Quarantined {
        state: QuarantineState::Replaying,
        ..open.clone()
    };
    quarantine.decide(&open, &replaying, "key:1").await.unwrap();

    let mut told = told(&records(&stores).await);
    assert_eq!(
        told.remove("M#m").unwrap(),
        [
            entry("INSERT", "queued", &["send-mail"]),
            entry("MODIFY", "sending", &[]),
            entry("MODIFY", "sent", &[]),
        ]
    );
    assert_eq!(
        told.remove(&format!("E#{}", file.id)).unwrap(),
        [
            entry("INSERT", "processing", &[]),
            entry("MODIFY", "continue", &["ingest-sales"]),
        ]
    );
    assert_eq!(
        told.remove(&format!("Q#{}", file.id)).unwrap(),
        [
            entry("INSERT", "open", &[]),
            entry("MODIFY", "replaying", &["ingest-sales"]),
        ]
    );
    let audit = told.into_values().flatten().collect::<Vec<_>>();
    assert_eq!(audit, [entry("INSERT", "", &[])], "the record of the decision");
    stores.stop().await;
}

#[tokio::test]
async fn each_answer_starts_the_counting_and_what_is_counted_starts_nothing() {
    let stores = Stores::start().await;
    let (feedback, cases) = (Feedback::new(&stores.clients), Cases::new(&stores.clients));
    let insights = Insights::new(&stores.clients);
    let day = day("1", "2025-10-28");
    let said = answer(&place("1", "2025-10-28", "R-1"), NOW_MS, Some("dingin"));
    feedback.put(&said, 0).await.unwrap();
    feedback.put(&said.without_words(), 1).await.unwrap();
    let case = Case::open(&said, 2, NOW_MS).unwrap();
    cases
        .open_with_mail(&case, &mail(&case.mail_id(), NOW_MS))
        .await
        .unwrap();
    insights.write_day(&day, 1, &Insight::default()).await.unwrap();
    insights.roll_up(std::slice::from_ref(&day)).await.unwrap();
    let records = records_of(&stores, &stores.clients.names().feedback).await;
    let mut starts = starts("FeedbackTable", &records);
    let counting = vec!["score-feedback".to_owned()];
    assert_eq!(starts.remove(&'A').unwrap(), [counting.clone(), counting]);
    let others: usize = starts.values().map(Vec::len).sum();
    assert_eq!(others, 2 + 6, "a case with its place, and six figures");
    assert!(starts.values().flatten().all(Vec::is_empty), "{starts:?}");
    stores.stop().await;
}

#[tokio::test]
async fn each_new_summary_starts_the_counting_and_a_page_does_not() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let day = day("1", "2025-10-28");
    for version in 1..=2 {
        let mut next = StoredDay::default();
        next.version = version - 1;
        next.receipts = receipts(version, 20);
        sales.write_page(&day, &next).await.unwrap();
        for _ in 0..2 {
            sales
                .write_summary(&day, version, &DaySummary::default(), &Arrival::default())
                .await
                .unwrap();
        }
    }
    let records = records_of(&stores, &stores.clients.names().sales).await;
    let counting = vec!["score-feedback".to_owned()];
    let expected = [('P', vec![Vec::new(); 2]), ('S', vec![counting; 2])];
    assert_eq!(starts("SalesTable", &records), expected.into());
    stores.stop().await;
}

#[tokio::test]
async fn a_record_has_the_item_as_it_is_now_and_no_more() {
    let stores = Stores::start().await;
    put(&stores, item("T#1", "a", [("n", number(1))])).await;
    put(&stores, item("T#1", "a", [("n", number(2))])).await;
    let delete = raw(&stores)
        .delete_item()
        .table_name(operations(&stores))
        .set_key(Some(item("T#1", "a", [])));
    delete.send().await.unwrap();
    let records = records(&stores).await;
    let key = json!({ "pk": { "S": "T#1" }, "sk": { "S": "a" } });
    let image = |n: &str| json!({ "pk": { "S": "T#1" }, "sk": { "S": "a" }, "n": { "N": n } });
    for (record, (event, image)) in records.iter().zip([
        ("INSERT", image("1")),
        ("MODIFY", image("2")),
        ("REMOVE", Value::Null),
    ]) {
        let change = &record["dynamodb"];
        assert_eq!(record["eventName"], event);
        assert_eq!((&change["Keys"], &change["NewImage"]), (&key, &image), "{event}");
        assert_eq!(change["OldImage"], Value::Null);
        assert_eq!(change["StreamViewType"], "NEW_IMAGE");
        assert_eq!(started(record), [""; 0], "{event}");
    }
    assert_eq!(records.len(), 3);
    let numbers: Vec<&str> = records
        .iter()
        .map(|record| record["dynamodb"]["SequenceNumber"].as_str().unwrap())
        .collect();
    let number = |text: &&str| text.parse::<u128>().unwrap();
    assert!(numbers.is_sorted_by_key(number), "{numbers:?}");
    stores.stop().await;
}

/// The developer guide, "Change data capture for DynamoDB Streams": an update that changes no data writes no
/// record.
#[tokio::test]
async fn a_put_that_changes_nothing_tells_nobody() {
    let stores = Stores::start().await;
    let quarantine = Quarantine::new(&stores.clients);
    let open = piece(&export("a"), 0);
    for _ in 0..3 {
        quarantine.list(std::slice::from_ref(&open)).await.unwrap();
    }
    let told = records(&stores).await.len();
    agree(&stores, Difference::UnchangedItemsAreTold, told, 1);
    stores.stop().await;
}

#[tokio::test]
async fn what_was_refused_is_not_told() {
    let stores = Stores::start().await;
    let ledger = Ledger::new(&stores.clients);
    let outbox = Outbox::new(&stores.clients);
    let queued = mail("m", NOW_MS);
    outbox.put(&queued).await.unwrap();
    assert!(!outbox.put(&queued).await.unwrap());
    let file = export("a");
    let (closed, late) = (closed(&file), mail("late", NOW_MS));
    ledger.finish(&closed, "ingest-sales", None).await.unwrap();
    let again = ledger.finish(&closed, "ingest-sales", Some(&late)).await;
    again.unwrap_err();
    let told = told(&records(&stores).await);
    assert_eq!(told["M#m"].len(), 1);
    assert_eq!(told[&format!("E#{}", file.id)].len(), 1);
    assert!(!told.contains_key("M#late"));
    assert_eq!(told.values().flatten().count(), 3, "mail, entry and audit record");
    stores.stop().await;
}

fn closed(file: &domain::export::Export) -> domain::export::Export {
    domain::export::Export {
        state: domain::export::ExportState::Done,
        ..file.clone()
    }
}
