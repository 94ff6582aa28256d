//! This function's part of the API's description.

use crate::support::Shop;
use edge::openapi::write_or_check;

#[tokio::test]
async fn the_file_of_this_functions_part_is_current() {
    let shop = Shop::open().await;
    write_or_check(
        &shop.description(),
        concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"),
    )
    .unwrap();
}

#[tokio::test]
async fn the_suppliers_address_is_in_no_description() {
    let shop = Shop::open().await;
    let text = serde_json::to_string(&shop.description()).unwrap();
    assert!(!text.contains("reports"), "{text}");
}
