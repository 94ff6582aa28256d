//! Who is known under a phone number: an index that moves with the customer, and those who were there before it.

use std::collections::BTreeSet;

use aws::StoreError;
use aws::customers::{Customers, Indexing, StoredCustomer};
use aws::habits::{Habits, StoredHabit};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::customer::{Customer, Fact};
use testkit::{Engine, Stores};

use crate::differences::{Difference, agree};
use crate::support::{raw, text};

const NUMBER: &str = "+6281298765432";
const OTHER: &str = "+6281311112222";

/// Customers of a table that has the key of phone numbers.
async fn open(stores: &Stores) -> Customers {
    let customers = Customers::new(&stores.clients);
    customers.phone_key([7; 32]).await.unwrap();
    customers
}

/// A customer with a number, or without, to be written over a version.
fn known(number: Option<&str>, version: u64) -> StoredCustomer {
    let mut customer = Customer::default();
    customer.profile.phone = number.map(|number| Fact {
        told_ms: 1,
        value: number.to_owned(),
    });
    StoredCustomer { customer, version }
}

async fn write(customers: &Customers, id: &str, number: Option<&str>, version: u64) {
    let lost = customers.write(&[(id.to_owned(), known(number, version))]).await;
    assert_eq!(lost.unwrap(), [""; 0]);
}

async fn found(customers: &Customers, number: &str) -> Vec<String> {
    let found = customers.with_number(number, 100).await.unwrap();
    assert!(!found.has_more);
    found.ids
}

/// Has nothing left to bring into the index.
async fn indexed(customers: &Customers) {
    while !customers.index_phones(100).await.unwrap().is_over {}
}

async fn unlist(stores: &Stores, id: &str) {
    let update = raw(stores).update_item();
    let update = update.table_name(&stores.clients.names().customers);
    let update = update.key("pk", text(format!("C#{id}")));
    let update = update.update_expression("REMOVE phone_hash");
    update.send().await.unwrap();
}

#[tokio::test]
async fn a_customer_stands_under_their_number_from_the_write_that_gives_it_to_the_one_that_takes_it() {
    let stores = Stores::start().await;
    let customers = open(&stores).await;
    indexed(&customers).await;
    write(&customers, "a", Some(NUMBER), 0).await;
    write(&customers, "b", Some(NUMBER), 0).await;
    write(&customers, "c", None, 0).await;
    assert_eq!(found(&customers, NUMBER).await, ["a", "b"]);
    assert_eq!(found(&customers, OTHER).await, [""; 0]);
    write(&customers, "a", Some(NUMBER), 1).await;
    assert_eq!(found(&customers, NUMBER).await, ["a", "b"], "no news");
    write(&customers, "a", Some(OTHER), 2).await;
    write(&customers, "c", Some(OTHER), 1).await;
    assert_eq!(found(&customers, NUMBER).await, ["b"]);
    assert_eq!(found(&customers, OTHER).await, ["a", "c"]);
    let late = customers.write(&[("b".to_owned(), known(Some(OTHER), 0))]).await;
    assert_eq!(late.unwrap(), ["b"], "written meanwhile");
    assert_eq!(found(&customers, NUMBER).await, ["b"]);
    let mut erased = known(Some(OTHER), 3);
    assert!(erased.customer.erase(1));
    customers.write(&[("a".to_owned(), erased)]).await.unwrap();
    assert_eq!(found(&customers, OTHER).await, ["c"]);
    write(&customers, "c", None, 2).await;
    assert_eq!(found(&customers, OTHER).await, [""; 0]);
    stores.stop().await;
}

#[tokio::test]
async fn whatever_is_asked_for_and_whatever_number_it_is_the_customer_is_found() {
    let stores = Stores::start().await;
    let customers = open(&stores).await;
    indexed(&customers).await;
    let fancy = "+6281233333333";
    let mut restricted = known(Some(fancy), 0);
    restricted.customer.rights.restricted_ms = Some(1);
    restricted.customer.rights.objected_ms = Some(1);
    customers.write(&[("r".to_owned(), restricted)]).await.unwrap();
    assert_eq!(found(&customers, fancy).await, ["r"]);
    let many: Vec<_> = (0..70)
        .map(|n| (format!("m{n:02}"), known(Some(NUMBER), 0)))
        .collect();
    assert_eq!(customers.write(&many).await.unwrap(), [""; 0]);
    assert_eq!(found(&customers, NUMBER).await.len(), 70);
    let some = customers.with_number(NUMBER, 70).await.unwrap();
    assert!(!some.has_more);
    let some = customers.with_number(NUMBER, 69).await.unwrap();
    assert_eq!((some.ids.len(), some.has_more), (69, true), "and it says so");
    stores.stop().await;
}

#[tokio::test]
async fn the_index_is_written_only_when_a_number_is_new_or_changes() {
    let stores = Stores::start().await;
    let customers = open(&stores).await;
    let written = || stores.clients.meter().read().write_milli;
    let mut before = written();
    let mut cost = || {
        let cost = written() - before;
        before += cost;
        cost
    };
    let mut costs = Vec::new();
    for (version, number) in (0..).zip([Some(NUMBER), Some(NUMBER), Some(OTHER), None, None, Some(OTHER)]) {
        write(&customers, "a", number, version).await;
        costs.push(cost());
    }
    write(&customers, "b", None, 0).await;
    costs.push(cost());
    // Of its two differences each engine has one.
    let difference = match stores.engine {
        Engine::DynamoDbLocal => Difference::StatementsAreNotMetered,
        _ => Difference::IndexesOfStatementsAreNotMetered,
    };
    let units = [2_000, 1_000, 3_000, 2_000, 1_000, 2_000, 1_000];
    agree(&stores, difference, costs.as_slice(), &units);
    stores.stop().await;
}

#[tokio::test]
async fn customers_of_before_the_index_are_found_at_once_and_brought_in_some_at_a_time() {
    let stores = Stores::start().await;
    let customers = open(&stores).await;
    let many: Vec<_> = (0..30)
        .map(|n| (format!("m{n:02}"), known(Some(NUMBER), 0)))
        .collect();
    customers.write(&many).await.unwrap();
    write(&customers, "none", None, 0).await;
    let habit = ("m00".to_owned(), StoredHabit::default());
    Habits::new(&stores.clients).write(&[habit]).await.unwrap();
    let ids: Vec<String> = many.into_iter().map(|(id, _)| id).collect();
    for id in ids.iter().step_by(2) {
        unlist(&stores, id).await;
    }
    assert_eq!(
        found(&customers, NUMBER).await,
        ids,
        "the table was looked through"
    );
    let mut all = Indexing::default();
    let mut runs = 0;
    while !all.is_over {
        // Each run is a process of its own.
        let run = Customers::new(&stores.clients).index_phones(7).await.unwrap();
        all.looked += run.looked;
        all.listed += run.listed;
        all.is_over = run.is_over;
        runs += 1;
        assert!(runs < 20, "it comes to an end");
        assert_eq!(
            found(&Customers::new(&stores.clients), NUMBER).await,
            ids,
            "{runs}"
        );
    }
    assert!(runs > 3, "{runs}");
    assert_eq!((all.looked, all.listed), (31, 15));
    let versions = customers.read(&ids).await.unwrap();
    assert!(
        versions.values().all(|stored| stored.version == 1),
        "nobody is disturbed"
    );
    let before = stores.clients.meter().read();
    let over = customers.index_phones(7).await.unwrap();
    assert_eq!((over.looked, over.listed, over.is_over), (0, 0, true));
    customers.index_phones(7).await.unwrap();
    let since = stores.clients.meter().read().since(before);
    assert_eq!(
        (since.requests, since.write_milli),
        (1, 0),
        "and that is remembered"
    );
    stores.stop().await;
}

#[tokio::test]
async fn who_can_t_be_read_is_named_and_keeps_nobody_else_out() {
    let stores = Stores::start().await;
    let customers = open(&stores).await;
    for id in ["a", "b", "c"] {
        write(&customers, id, Some(NUMBER), 0).await;
        unlist(&stores, id).await;
    }
    let spoilt = raw(&stores).update_item();
    let spoilt = spoilt.table_name(&stores.clients.names().customers);
    let spoilt = spoilt.key("pk", text("C#b"));
    let spoilt = spoilt.update_expression("SET d = :d");
    let spoilt = spoilt.expression_attribute_values(":d", AttributeValue::B(Blob::new(*b"?")));
    spoilt.send().await.unwrap();
    let done = customers.index_phones(100).await.unwrap();
    assert_eq!(
        (done.looked, done.listed, done.damaged),
        (3, 2, vec!["b".to_owned()])
    );
    assert_eq!(found(&customers, NUMBER).await, ["a", "c"]);
    stores.stop().await;
}

#[tokio::test]
async fn runs_side_by_side_with_each_other_and_with_writers_come_to_the_same() {
    let stores = Stores::start().await;
    let customers = open(&stores).await;
    let many: Vec<_> = (0..40)
        .map(|n| (format!("m{n:02}"), known(Some(NUMBER), 0)))
        .collect();
    customers.write(&many).await.unwrap();
    for (id, _) in &many {
        unlist(&stores, id).await;
    }
    let runs = (0..3).map(|_| {
        let adapter = Customers::new(&stores.clients);
        tokio::spawn(async move { while !adapter.index_phones(5).await.unwrap().is_over {} })
    });
    let runs: Vec<_> = runs.collect();
    for (id, _) in many.iter().step_by(4) {
        write(&customers, id, Some(OTHER), 1).await;
    }
    for run in runs {
        run.await.unwrap();
    }
    let (moved, stayed): (Vec<_>, Vec<_>) = (0..40).partition(|n| n % 4 == 0);
    let ids = |numbers: Vec<i32>| {
        numbers
            .into_iter()
            .map(|n| format!("m{n:02}"))
            .collect::<BTreeSet<_>>()
    };
    let under = |found: Vec<String>| found.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(under(found(&customers, OTHER).await), ids(moved));
    assert_eq!(under(found(&customers, NUMBER).await), ids(stayed));
    stores.stop().await;
}

#[tokio::test]
async fn a_number_is_not_stored_where_nothing_can_hide_it_and_nobody_is_found_there() {
    let stores = Stores::start().await;
    let customers = Customers::new(&stores.clients);
    assert_eq!(found(&customers, NUMBER).await, [""; 0]);
    let refused = customers.write(&[("a".to_owned(), known(Some(NUMBER), 0))]).await;
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    assert!(customers.find("a").await.unwrap().is_none());
    write(&customers, "a", None, 0).await;
    stores.stop().await;
}
