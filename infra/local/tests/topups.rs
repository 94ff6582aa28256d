//! A top-up as a partner orders it: the real programs, the simulated supplier, and a look for secrets and numbers in
//! everything that was written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/shop.rs"]
mod shop;

use std::path::Path;

use serde_json::{Value, json};
use shop::{Shop, eventually};

/// A meter's number, so that the serial number is worth money to whoever reads it.
const METER: &str = "01108877001";
/// What the simulator's tokens begin with.
const TOKEN: &str = "2514-7093";

/// Every byte of every file below a folder.
fn all_bytes(folder: &Path, into: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_bytes(&path, into);
        } else {
            into.extend(std::fs::read(path).unwrap());
        }
    }
}

/// A parameter of this machine.
fn parameter(data: &Path, name: &str) -> String {
    let text = std::fs::read_to_string(data.join("parameters.json")).unwrap();
    let kept: Value = serde_json::from_str(&text).unwrap();
    let found = kept
        .as_object()
        .unwrap()
        .iter()
        .find(|(key, _)| key.ends_with(name));
    found.unwrap().1["value"].as_str().unwrap().to_owned()
}

/// A partner that may order electricity; its key.
async fn partner(shop: &Shop) -> String {
    let product = json!({
        "name": "Token PLN 20.000", "kind": "pln", "operator": null, "cost": 20_250, "price": 22_000,
        "active": true, "repeatable": false,
    });
    let status = shop.put("/v1/topup-products/PLN20", &product).await;
    assert!((200..300).contains(&status), "{status}");
    let partner = json!({
        "name": "Kios", "active": true, "daily_cap": 100_000, "per_minute": 60, "cutoff": "refuse",
    });
    let status = shop.put("/v1/topup-partners/kios", &partner).await;
    assert!((200..300).contains(&status), "{status}");
    let wanted = json!({"name": "Kios", "scopes": ["topups"], "partner": "kios"});
    let (status, key) = shop.post("/v1/keys", &wanted).await;
    assert_eq!(status, 201, "{key}");
    key["key"].as_str().unwrap().to_owned()
}

/// What the simulated supplier's page says: its deposit, and what was bought.
async fn supplier_says(shop: &Shop) -> String {
    let page = shop.client.get(format!("{}/_local/kiosampm", shop.base));
    let page = page.send().await.unwrap().text().await.unwrap();
    page.replace(&shop.base, "")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_top_up_is_delivered_once_and_nothing_of_it_is_in_a_log_or_a_mail() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::start(&folder.path().join("data")).await;
    let key = partner(&shop).await;
    let order = || {
        let request = shop.client.post(format!("{}/v1/topups", shop.base));
        let request = request.bearer_auth(&key).header("Idempotency-Key", "whole-set-1");
        let request = request.json(&json!({"product": "PLN20", "destination": METER}));
        async move {
            let reply = request.send().await.unwrap();
            let status = reply.status().as_u16();
            (status, reply.json::<Value>().await.unwrap_or_default())
        }
    };
    let taken = eventually("an order that is taken", || async {
        let (status, taken) = order().await;
        let closed = taken["code"] == "TOPUP_CUTOFF";
        (closed || matches!(status, 200 | 202)).then_some(taken)
    })
    .await;
    if taken["code"] == "TOPUP_CUTOFF" {
        // Between 23:25 and 00:35 in Jakarta there is nothing to see.
        shop.kill();
        return;
    }
    let refid = taken["refid"].as_str().unwrap().to_owned();
    let url = format!("{}/v1/topups/{refid}", shop.base);
    let delivered = eventually("the delivery", || async {
        let reply = shop.client.get(&url).bearer_auth(&key).send().await.unwrap();
        let now: Value = reply.json().await.unwrap();
        (now["state"] == "success").then_some(now)
    })
    .await;
    assert!(delivered["serial_number"].as_str().unwrap().starts_with(TOKEN));
    let again = order().await;
    assert_eq!((again.0, again.1["refid"].as_str()), (200, Some(refid.as_str())));
    assert_eq!(
        supplier_says(&shop).await.matches(&refid).count(),
        1,
        "bought once"
    );

    let mut written = Vec::new();
    all_bytes(&shop.data.join("logs"), &mut written);
    all_bytes(&shop.data.join("mail"), &mut written);
    let written = String::from_utf8_lossy(&written);
    assert!(written.contains(&refid), "the logs are there");
    let secrets =
        ["/pin", "/password", "/report-tokens", "/webhook-key"].map(|name| parameter(&shop.data, name));
    for secret in secrets.iter().map(String::as_str).chain([METER, TOKEN, &key]) {
        assert!(!written.contains(secret), "{secret} stands where it must not");
    }
    // The supplier does not forget either: what it was asked once more would be a purchase.
    let (data, said) = (shop.data.clone(), supplier_says(&shop).await);
    shop.kill();
    let shop = Shop::start(&data).await;
    assert_eq!(supplier_says(&shop).await, said);
    shop.kill();
}
