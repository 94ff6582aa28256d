//! Keys: any text, in the order of its bytes, within limits.

use aws::outlets::Outlets;
use testkit::Stores;

use crate::support::{code, get, item, operations, put, raw, text};

/// Keys that are easy to get wrong: quotes, separators of ours, text outside of the first plane.
const ODD: [&str; 7] = [
    "Warung \"Ibu\" #1",
    "warung 'ibu'",
    "kedai/kopi|1%20",
    "e\u{301}",
    "é",
    "食堂",
    "🍜",
];

#[tokio::test]
async fn any_text_is_a_key_of_its_own() {
    let stores = Stores::start().await;
    let outlets = Outlets::new(&stores.clients);
    for id in ODD {
        outlets
            .get_or_register(id, Some(id), None)
            .await
            .unwrap_or_else(|error| panic!("{id}: {error}"));
    }
    for id in ODD {
        let known = outlets.get(id).await.unwrap().unwrap();
        assert_eq!(known.name.as_deref(), Some(id));
    }
    assert_eq!(outlets.list(None, 100).await.unwrap().len(), ODD.len());
    stores.stop().await;
}

/// The developer guide, "Query": text is ordered by its UTF-8 bytes. UTF-16 would put the last two the
/// other way round.
#[tokio::test]
async fn sort_keys_are_in_the_order_of_their_bytes() {
    let stores = Stores::start().await;
    let ordered = ["A", "Z", "a", "a ", "a!", "aa", "é", "\u{ffff}", "\u{1f35c}"];
    for sk in ordered.iter().rev() {
        put(&stores, item("T#order", sk, [])).await;
    }
    let query = raw(&stores)
        .query()
        .table_name(operations(&stores))
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text("T#order"));
    let reply = query.send().await.unwrap();
    let read: Vec<&str> = reply
        .items()
        .iter()
        .map(|item| item["sk"].as_s().unwrap().as_str())
        .collect();
    assert_eq!(read, ordered);
    stores.stop().await;
}

/// The developer guide, "Constraints": 1 to 2,048 bytes for a partition key, 1 to 1,024 for a sort key.
#[tokio::test]
async fn a_key_has_a_length_within_the_limits() {
    let stores = Stores::start().await;
    let (longest_pk, longest_sk) = ("p".repeat(2048), "s".repeat(1024));
    put(&stores, item(&longest_pk, &longest_sk, [])).await;
    assert!(
        get(&stores, operations(&stores), &longest_pk, &longest_sk)
            .await
            .is_some()
    );
    let refused = [
        ("", "s".to_owned(), "an empty partition key"),
        ("p", String::new(), "an empty sort key"),
        ("p", "s".repeat(1025), "a long sort key"),
        ("p", "é".repeat(513), "a sort key long in bytes"),
    ];
    for (pk, sk, what) in refused {
        let put = raw(&stores)
            .put_item()
            .table_name(operations(&stores))
            .set_item(Some(item(pk, &sk, [])));
        let error = put.send().await.expect_err(what);
        assert_eq!(code(&error), "ValidationException", "{what}");
    }
    stores.stop().await;
}
