//! Walks through whole tables.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use super::{Dynamo, Item};
use crate::error::{StoreError, sort};
use crate::meter::Direction;

impl Dynamo {
    /// Reads on in a whole table, in no order and strongly consistent: as much as one request reads, and where the
    /// next one begins. With `only`, items have no more than these attributes; what is billed is the same.
    pub(crate) async fn walk(
        &self,
        table: &str,
        only: Option<&str>,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let reply = self
            .client
            .scan()
            .table_name(table)
            .consistent_read(true)
            .set_projection_expression(only.map(str::to_owned))
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(sort("Scan"))?;
        self.meter.count(Direction::Read, reply.consumed_capacity());
        Ok((reply.items.unwrap_or_default(), reply.last_evaluated_key))
    }
}
