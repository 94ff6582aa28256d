//! The size of an item: 400 KB with the names of its attributes, see the developer guide, "Constraints".

use aws::StoreError;
use aws::customers::{Customers, StoredCustomer};
use aws::outlets::Outlets;
use aws::quarantine::Quarantine;
use domain::customer::{Customer, Fact, Profile};
use domain::outlet::Outlet;
use testkit::Stores;

use crate::support::{NOW_MS, bytes, code, export, get, item, noise, operations, piece, raw};

/// The most that an item may come to, in bytes.
const ITEM_BYTES: usize = 400 << 10;

#[tokio::test]
async fn an_item_of_just_400_kb_is_taken_and_one_byte_more_is_not() {
    let stores = Stores::start().await;
    // pk + T#size, sk + <sk>, d.
    let fits = ITEM_BYTES - (2 + 6) - (2 + 1) - 1;
    for (sk, length, taken) in [("a", fits, true), ("b", fits + 1, false)] {
        let put = raw(&stores)
            .put_item()
            .table_name(operations(&stores))
            .set_item(Some(item("T#size", sk, [("d", bytes(vec![7; length]))])));
        match put.send().await {
            Ok(_) => assert!(taken, "{length} bytes were taken"),
            Err(error) => {
                assert!(!taken, "{length} bytes were refused");
                assert_eq!(code(&error), "ValidationException");
            }
        }
        let stored = get(&stores, operations(&stores), "T#size", sk).await;
        assert_eq!(stored.is_some(), taken);
    }
    stores.stop().await;
}

/// Every way in which adapters write: a put, a transaction, a batch, and single statements.
#[tokio::test]
async fn what_is_too_large_for_an_item_is_called_so_by_every_way_of_writing() {
    let stores = Stores::start().await;
    let large = noise(1, ITEM_BYTES);
    let (outlets, clients) = (Outlets::new(&stores.clients), &stores.clients);
    let outlet = Outlet::undescribed("1", Some(&large), None);
    let mut piece = piece(&export("a"), 0);
    piece.detail.clone_from(&large);
    let customer = StoredCustomer {
        customer: Customer {
            profile: Profile {
                name: Some(Fact {
                    told_ms: NOW_MS,
                    value: large.clone(),
                }),
                ..Profile::default()
            },
            ..Customer::default()
        },
        version: 0,
    };
    let put = outlets.get_or_register("1", Some(&large), None).await.map(drop);
    let transaction = outlets.describe(&outlet, NOW_MS, "test").await;
    let batch = Quarantine::new(clients).list(&[piece]).await;
    let statement = Customers::new(clients)
        .write(&[("OYAKO_1".to_owned(), customer)])
        .await
        .map(drop);
    for (way, outcome) in [
        ("put", put),
        ("transaction", transaction),
        ("batch", batch),
        ("statement", statement),
    ] {
        let error = outcome.expect_err(way);
        assert!(matches!(error, StoreError::TooLarge(_)), "{way}: {error:?}");
    }
    assert_eq!(outlets.get("1").await.unwrap(), None);
    stores.stop().await;
}
