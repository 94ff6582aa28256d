//! DynamoDB: the embedded engine, its tables from the template, its upkeep.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use dynoxide::Database;
use dynoxide::actions::update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest};
use dynoxide::storage::TableMetadata;
use rusqlite::params;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::state::State;
use crate::stop::Stop;
use crate::template::Table;

/// The pause between two sweeps of expired items.
const SWEEP_PAUSE: Duration = Duration::from_secs(60);

/// Stream records that every reader is done with, removed in one statement.
const TRIM_ROWS: i64 = 500;

/// What the engine adds to a stored sequence number to make the public one of 21 digits.
const SEQUENCE_NUMBER_OFFSET: i128 = 100_000_000_000_000_000_000;

/// Opens the database file and creates the tables that are missing.
///
/// # Errors
/// The file is no database, or a table's definition is refused.
pub(crate) fn open(path: &Path, tables: &[Table]) -> anyhow::Result<Database> {
    let name = path.to_str().context("DATA_DIR must be a path in UTF-8")?;
    let database = Database::new(name).with_context(|| format!("cannot open {name}"))?;
    for table in tables {
        create(&database, table).with_context(|| format!("table {}", table.name))?;
    }
    Ok(database)
}

fn create(database: &Database, table: &Table) -> anyhow::Result<()> {
    match database.get_table_metadata(&table.name)? {
        None => drop(database.create_table(serde_json::from_value(table.create.clone())?)?),
        Some(known) => catch_up(database, table, &known)?,
    }
    if let Some(attribute) = &table.ttl_attribute {
        let specification = TimeToLiveSpecification {
            attribute_name: attribute.clone(),
            enabled: true,
        };
        let request = UpdateTimeToLiveRequest {
            table_name: table.name.clone(),
            time_to_live_specification: specification,
        };
        // Refused when it is enabled already, which is the usual case at a restart.
        if let Err(error) = database.update_time_to_live(request) {
            tracing::debug!(%error, table = table.name, "time to live was left as it is");
        }
    }
    Ok(())
}

/// Gives a table that is older than its stream or one of its indexes what it lacks, as CloudFormation would.
fn catch_up(database: &Database, table: &Table, known: &TableMetadata) -> anyhow::Result<()> {
    let mut updates = Vec::new();
    if !known.stream_enabled && table.create.get("StreamSpecification").is_some() {
        updates.push(json!({ "StreamSpecification": table.create["StreamSpecification"] }));
    }
    let indexes = known.gsi_definitions.as_deref().unwrap_or("[]");
    let indexes: Vec<Value> = serde_json::from_str(indexes)?;
    let is_known = |wanted: &Value| {
        indexes
            .iter()
            .any(|index| index["IndexName"] == wanted["IndexName"])
    };
    let wanted = table.create["GlobalSecondaryIndexes"].as_array();
    for index in wanted.into_iter().flatten().filter(|index| !is_known(index)) {
        updates.push(json!({
            "AttributeDefinitions": table.create["AttributeDefinitions"],
            "GlobalSecondaryIndexUpdates": [{ "Create": index }],
        }));
    }
    for mut update in updates {
        update["TableName"] = json!(table.name);
        database.update_table(serde_json::from_value(update)?)?;
    }
    Ok(())
}

/// Serves the engine's own HTTP interface until `stop`.
pub(crate) async fn serve(listener: TcpListener, database: Database, mut stop: Stop) {
    let stopped = async move { stop.stopped().await };
    if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, stopped).await {
        tracing::error!(error, "the DynamoDB engine stopped");
    }
}

/// Removes expired items and used-up stream records every minute until `stop`.
pub(crate) async fn upkeep(database: Database, path: std::path::PathBuf, state: State, mut stop: Stop) {
    while stop.sleep(SWEEP_PAUSE).await {
        let sweeper = database.clone();
        match tokio::task::spawn_blocking(move || sweeper.sweep_ttl()).await {
            Ok(Ok(deleted)) => tracing::debug!(deleted, "expired items removed"),
            Ok(Err(error)) => tracing::error!(%error, "expired items were not removed"),
            Err(_) => return,
        }
        match trim_streams(&path, &state).await {
            Ok(deleted) => tracing::debug!(deleted, "stream records removed"),
            Err(error) => tracing::error!(error = %format!("{error:#}"), "stream records were not removed"),
        }
    }
}

/// Removes stream records that every reader of their table is done with. The engine keeps them for ever and
/// looks through all of them on each write, where DynamoDB drops them after a day. The newest record of a
/// table stays, so that sequence numbers never go back.
async fn trim_streams(path: &Path, state: &State) -> anyhow::Result<usize> {
    let positions: Vec<(String, String)> = state
        .run(|c| {
            let mut statement = c.prepare(
                "SELECT table_name, MIN(sequence_number) FROM stream_position GROUP BY table_name",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
        .await?;
    let path = path.to_owned();
    let trim = move || -> anyhow::Result<usize> {
        let connection = rusqlite::Connection::open(path)?;
        let mut deleted = 0;
        for (table, position) in positions {
            let stored = i64::try_from(position.parse::<i128>()? - SEQUENCE_NUMBER_OFFSET)?;
            let sql = "DELETE FROM _stream_records WHERE id IN (
                           SELECT id FROM _stream_records WHERE table_name = ?1
                           AND CAST(sequence_number AS INTEGER) < ?2 LIMIT ?3)";
            loop {
                let rows = connection.execute(sql, params![table, stored, TRIM_ROWS])?;
                deleted += rows;
                if rows == 0 {
                    break;
                }
            }
        }
        Ok(deleted)
    };
    tokio::task::spawn_blocking(trim).await?
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::streams::read;

    #[test]
    fn a_table_that_is_older_than_its_stream_gets_it_and_keeps_its_items() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dynamodb.sqlite");
        let mut create = json!({
            "TableName": "Items", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        });
        let table = |create: &serde_json::Value| Table {
            name: "Items".into(),
            create: create.clone(),
            ttl_attribute: None,
        };
        let put = |database: &Database, pk: &str| {
            let put = json!({"TableName": "Items", "Item": {"pk": {"S": pk}}});
            database.put_item(serde_json::from_value(put).unwrap()).unwrap();
        };
        put(&open(&path, &[table(&create)]).unwrap(), "old");
        create["StreamSpecification"] = json!({"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"});
        for pk in ["new", "newer"] {
            put(&open(&path, &[table(&create)]).unwrap(), pk);
        }
        let database = open(&path, &[table(&create)]).unwrap();
        assert_eq!(read(&database, "Items", None).unwrap().len(), 2);
        let scan = serde_json::from_value(json!({"TableName": "Items"})).unwrap();
        assert_eq!(database.scan(scan).unwrap().count, 3);
    }

    #[test]
    fn a_table_that_is_older_than_an_index_gets_it_with_the_items_that_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dynamodb.sqlite");
        let attribute = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
        let index = |name: &str| {
            json!({
                "IndexName": format!("by_{name}"), "Projection": {"ProjectionType": "KEYS_ONLY"},
                "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
            })
        };
        let table = |names: &[&str]| {
            let attributes: Vec<Value> = ["pk"].iter().chain(names).map(|name| attribute(name)).collect();
            let indexes: Vec<Value> = names.iter().map(|name| index(name)).collect();
            let mut create = json!({
                "TableName": "Items", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": attributes,
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            });
            if !indexes.is_empty() {
                create["GlobalSecondaryIndexes"] = json!(indexes);
            }
            Table {
                name: "Items".into(),
                create,
                ttl_attribute: None,
            }
        };
        let database = open(&path, &[table(&[])]).unwrap();
        let put =
            json!({"TableName": "Items", "Item": {"pk": {"S": "old"}, "one": {"S": "1"}, "two": {"S": "2"}}});
        database.put_item(serde_json::from_value(put).unwrap()).unwrap();
        drop(database);
        // Once with a first index, once more with a second, and once with nothing new.
        for names in [&["one"][..], &["one", "two"], &["one", "two"]] {
            let database = open(&path, &[table(names)]).unwrap();
            for name in names {
                let scan = json!({"TableName": "Items", "IndexName": format!("by_{name}")});
                let found = database.scan(serde_json::from_value(scan).unwrap()).unwrap();
                assert_eq!(found.count, 1, "by_{name}");
            }
        }
    }

    #[tokio::test]
    async fn only_used_up_stream_records_are_trimmed_and_the_newest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dynamodb.sqlite");
        let create = json!({
            "TableName": "Items", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
        });
        let table = Table {
            name: "Items".into(),
            create,
            ttl_attribute: Some("expires_at".into()),
        };
        let database = open(&path, std::slice::from_ref(&table)).unwrap();
        for pk in ["a", "b", "c"] {
            let put = json!({"TableName": "Items", "Item": {"pk": {"S": pk}, "expires_at": {"N": "1"}}});
            database.put_item(serde_json::from_value(put).unwrap()).unwrap();
        }
        let state = State::open(&folder.path().join("local.sqlite")).unwrap();
        assert_eq!(
            trim_streams(&path, &state).await.unwrap(),
            0,
            "nobody has read them yet"
        );
        let second = read(&database, "Items", None).unwrap()[1].sequence_number.clone();
        let sql = "INSERT INTO stream_position VALUES ('F/S', 'Items', ?1)";
        state.run(move |c| c.execute(sql, [second])).await.unwrap();
        assert_eq!(trim_streams(&path, &state).await.unwrap(), 1);
        assert_eq!(read(&database, "Items", None).unwrap().len(), 2);
        // Opening again leaves tables and time to live as they are; expired items go.
        drop(database);
        let database = open(&path, &[table]).unwrap();
        assert_eq!(database.sweep_ttl().unwrap(), 3);
    }
}
