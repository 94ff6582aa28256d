//! Backups of the configuration: one document for each date, beside the exports.

use std::collections::BTreeMap;

use aws::StoreError;
use aws::objects::Objects;
use aws::setups::Setups;
use domain::outlet::Outlet;
use domain::setup::Setup;

use crate::objects::{JSON, stores_with_objects};
use crate::support::NOW_MS;

fn setup(outlet: &str) -> Setup {
    let outlets = vec![Outlet::undescribed(outlet, None, None)];
    let settings = BTreeMap::from([("night".to_owned(), "23:00".to_owned())]);
    Setup::new(NOW_MS, outlets, &[], &[], settings)
}

#[tokio::test]
async fn a_document_is_read_as_it_was_put_last() {
    let Some(stores) = stores_with_objects().await else {
        return;
    };
    let setups = Setups::new(&stores.clients);
    let date = |text: &str| text.parse().unwrap();
    assert_eq!(setups.list().await.unwrap(), []);
    assert_eq!(setups.get(date("2025-10-28")).await.unwrap(), None);
    for (day, outlet) in [
        ("2025-10-28", "moka-1"),
        ("2025-09-30", "moka-2"),
        ("2025-10-28", "moka-3"),
    ] {
        let key = setups.put(date(day), &setup(outlet), "c-1").await.unwrap();
        assert_eq!(key, format!("config/{day}.json"));
    }
    let objects = Objects::new(&stores.clients);
    objects
        .put("config/notes.json", JSON, "c", b"[]".to_vec())
        .await
        .unwrap();
    objects
        .put("incoming/2025-10-29.json", JSON, "c", b"[]".to_vec())
        .await
        .unwrap();
    assert_eq!(
        setups.get(date("2025-10-28")).await.unwrap(),
        Some(setup("moka-3"))
    );
    assert_eq!(
        setups.get(date("2025-09-30")).await.unwrap(),
        Some(setup("moka-2"))
    );
    let dates = setups.list().await.unwrap();
    assert_eq!(dates, [date("2025-10-28"), date("2025-09-30")]);
    stores.stop().await;
}

#[tokio::test]
async fn nothing_else_is_taken_for_a_document() {
    let Some(stores) = stores_with_objects().await else {
        return;
    };
    let (setups, objects) = (Setups::new(&stores.clients), Objects::new(&stores.clients));
    for (date, bytes) in [
        ("2025-10-28", b"[]".to_vec()),
        ("2025-10-29", br#"{"schema":"oyako.setup/9"}"#.to_vec()),
    ] {
        let key = format!("config/{date}.json");
        objects.put(&key, JSON, "c", bytes).await.unwrap();
        let read = setups.get(date.parse().unwrap()).await;
        assert!(matches!(read, Err(StoreError::Damaged(_))), "{read:?}");
    }
    stores.stop().await;
}
