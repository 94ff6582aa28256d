//! Who was stored before there was an index of phone numbers.

use aws_sdk_dynamodb::types::AttributeValue;

use super::guests::{PHONE, id, to_named};
use crate::reconcile::tests::shop::{Shop, day, sale};

impl Shop {
    fn raw(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(self.world.clients.config())
    }

    /// Takes a guest out of the index, as if an earlier version had stored them.
    async fn unlist(&self, guest: u32) {
        let key = AttributeValue::S(format!("C#{}", id(guest)));
        let update = self.raw().update_item().table_name("CustomersTable");
        let update = update.key("pk", key).update_expression("REMOVE phone_hash");
        update.send().await.unwrap();
    }

    /// Whom the number is known to be of, by a process that has just begun.
    async fn found(&self) -> Vec<String> {
        let fresh = aws::customers::Customers::new(&self.world.clients);
        let found = fresh.with_number(PHONE, 9).await.unwrap();
        assert!(!found.has_more);
        found.ids
    }
}

#[tokio::test]
async fn a_night_brings_in_whom_the_index_does_not_know_and_no_later_one_looks_again() {
    let mut shop = Shop::open().await;
    let sales = [1, 2].map(|guest| to_named(sale(guest, day(0), "12:00"), guest, "Budi", PHONE));
    shop.evening(day(0), &sales).await;
    shop.unlist(1).await;
    assert_eq!(shop.found().await, [id(1), id(2)], "the table was looked through");
    shop.enriched(day(0)).await;
    assert_eq!(shop.found().await, [id(1), id(2)]);
    shop.unlist(1).await;
    assert_eq!(shop.found().await, [id(2)], "the index alone was asked");
    shop.enriched(day(1)).await;
    assert_eq!(shop.found().await, [id(2)]);
}
