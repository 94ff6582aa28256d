//! Products, partners and settings, each change on record; messages to partners; and who alone may do something.

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::leases::Leases;
use aws::topups::{Catalogue, WEBHOOK_KIND, Webhooks};
use domain::audit::{AuditRecord, chain_of};
use domain::topup::partner::Partner;
use domain::topup::product::Product;
use domain::topup::rupiah::Rupiah;
use domain::topup::webhook::{Webhook, WebhookState};
use serde_json::{Value, json};
use testkit::Stores;

use crate::support::{get, text};
use crate::topups::{SOON_MS, change, next, order, product, table, take, topups, webhook};
use domain::topup::event::What;
use domain::topup::state::State;

fn partner(id: &str) -> Partner {
    let partner = json!({
        "id": id, "name": "Kios Melati", "active": true, "daily_cap": 1_000_000, "per_minute": 60,
        "webhook": "https://kios.example/hook?token=abc",
    });
    serde_json::from_value(partner).unwrap()
}

async fn records(stores: &Stores, subject: &str) -> Vec<AuditRecord> {
    let audit = AuditTrail::new(&stores.clients);
    let mut records = audit
        .list(chain_of(subject), Position::After(0), 20)
        .await
        .unwrap();
    records.retain(|record| record.subject == subject);
    records
}

#[tokio::test]
async fn a_product_is_changed_by_whoever_read_it_last_and_each_change_is_on_record() {
    let stores = Stores::start().await;
    let catalogue = Catalogue::new(&stores.clients);
    let put = async |product: &Product| catalogue.put_product(product, "key:1", SOON_MS).await;
    assert_eq!(catalogue.product("S10").await.unwrap(), None);
    assert_eq!(catalogue.product("").await.unwrap(), None);
    let first = put(&product("S10")).await.unwrap();
    assert_eq!(first.version, 1);
    let dearer = Product {
        price: Rupiah::new(11_000),
        ..first.clone()
    };
    let second = put(&dearer).await.unwrap();
    assert_eq!((second.version, second.price), (2, Rupiah::new(11_000)));
    for late in [product("S10"), dearer] {
        let outcome = put(&late).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    }
    put(&product("PLN20")).await.unwrap();
    assert_eq!(catalogue.product("S10").await.unwrap().as_ref(), Some(&second));
    let codes: Vec<String> = catalogue
        .products()
        .await
        .unwrap()
        .into_iter()
        .map(|p| p.code)
        .collect();
    assert_eq!(codes, ["PLN20", "S10"]);
    let records = records(&stores, "S10").await;
    let told = |record: &AuditRecord| {
        let facts: Value = serde_json::from_str(&record.facts).unwrap();
        (
            record.action.clone(),
            record.actor.clone(),
            facts["price"].clone(),
        )
    };
    let told: Vec<_> = records.iter().map(told).collect();
    let expected = [10_500, 11_000].map(|price| {
        (
            "topup.product_changed".to_owned(),
            "key:1".to_owned(),
            json!(price),
        )
    });
    assert_eq!(told, expected);
    stores.stop().await;
}

#[tokio::test]
async fn partners_are_kept_and_their_addresses_are_on_no_record() {
    let stores = Stores::start().await;
    let catalogue = Catalogue::new(&stores.clients);
    let stored = catalogue
        .put_partner(&partner("kiosk-2"), "key:1", SOON_MS)
        .await
        .unwrap();
    catalogue
        .put_partner(&partner("kiosk-1"), "key:1", SOON_MS)
        .await
        .unwrap();
    assert_eq!(catalogue.partner("kiosk-2").await.unwrap(), Some(stored.clone()));
    assert_eq!(catalogue.partner("kiosk-3").await.unwrap(), None);
    let ids: Vec<String> = catalogue
        .partners()
        .await
        .unwrap()
        .into_iter()
        .map(|p| p.id)
        .collect();
    assert_eq!(ids, ["kiosk-1", "kiosk-2"]);
    let late = catalogue.put_partner(&partner("kiosk-2"), "key:1", SOON_MS).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let records = records(&stores, "kiosk-2").await;
    assert_eq!(
        (records.len(), records[0].action.as_str()),
        (1, "topup.partner_changed")
    );
    assert!(!records[0].facts.contains("kios.example"), "{}", records[0].facts);
    stores.stop().await;
}

#[tokio::test]
async fn a_setting_is_replaced_and_taken_away() {
    let stores = Stores::start().await;
    let catalogue = Catalogue::new(&stores.clients);
    let put = async |value| {
        catalogue
            .put_setting("prefixes", value, "key:1", SOON_MS)
            .await
            .unwrap()
    };
    assert_eq!(catalogue.setting("prefixes").await.unwrap(), None);
    for value in [Some("[[prefix]]"), Some("x = 1"), None, None] {
        put(value).await;
        assert_eq!(catalogue.setting("prefixes").await.unwrap().as_deref(), value);
    }
    let facts = records(&stores, "prefixes").await;
    let facts: Vec<&str> = facts.iter().map(|record| record.facts.as_str()).collect();
    assert_eq!(
        facts,
        [
            r#"{"bytes":10}"#,
            r#"{"bytes":5}"#,
            r#"{"bytes":null}"#,
            r#"{"bytes":null}"#
        ]
    );
    stores.stop().await;
}

/// A message that an order's end has put there.
async fn queued(stores: &Stores, number: i64) -> Webhook {
    let refid = format!("R{number}");
    let order = order(&refid, "kiosk-1", &refid);
    take(stores, &order).await;
    let told = Webhook {
        at_ms: SOON_MS + number,
        due_ms: SOON_MS + number,
        ..webhook(&format!("whk_{number}"), &refid)
    };
    let mut step = change(&next(&order, State::Success), What::Replied);
    step.webhook = Some(told.clone());
    topups(stores).commit(&step, &[]).await.unwrap();
    told
}

fn ids(webhooks: &[Webhook]) -> Vec<&str> {
    webhooks.iter().map(|webhook| webhook.id.as_str()).collect()
}

#[tokio::test]
async fn a_message_is_due_until_it_is_delivered_and_one_who_takes_it_has_it_alone() {
    let stores = Stores::start().await;
    let webhooks = Webhooks::new(&stores.clients);
    let (late, early) = (queued(&stores, 2).await, queued(&stores, 1).await);
    let due = async |now_ms| webhooks.due(now_ms, None, 10).await.unwrap().0;
    assert_eq!(due(SOON_MS).await, []);
    assert_eq!(ids(&due(SOON_MS + 2).await), ["whk_1", "whk_2"]);
    assert_eq!(webhooks.get("whk_2").await.unwrap(), Some(late));
    let wakes = async |id: &str| {
        let item = get(&stores, table(&stores), &format!("W#{id}"), "W")
            .await
            .unwrap();
        assert_eq!(item["kind"], text(WEBHOOK_KIND));
        item.contains_key("wake")
    };
    assert!(wakes("whk_1").await);
    let claimed = Webhook {
        due_ms: SOON_MS + 60_000,
        attempts: 1,
        ..early.clone()
    };
    let claimed = webhooks.change(&early, &claimed).await.unwrap();
    assert_eq!(claimed.version, 2);
    let second = webhooks.change(&early, &claimed).await;
    assert!(matches!(second, Err(StoreError::Conflict)), "{second:?}");
    assert!(!wakes("whk_1").await, "a claim starts nobody");
    assert_eq!(ids(&due(SOON_MS + 2).await), ["whk_2"]);
    let delivered = Webhook {
        state: WebhookState::Delivered,
        ..claimed.clone()
    };
    webhooks.change(&claimed, &delivered).await.unwrap();
    assert_eq!(ids(&due(SOON_MS + 99_999).await), ["whk_2"]);
    assert_eq!(webhooks.get("whk_3").await.unwrap(), None);
    stores.stop().await;
}

#[tokio::test]
async fn messages_that_were_given_up_are_listed_and_sent_again_on_record() {
    let stores = Stores::start().await;
    let webhooks = Webhooks::new(&stores.clients);
    for number in 1..=3 {
        let from = queued(&stores, number).await;
        let to = Webhook {
            state: WebhookState::GivenUp,
            attempts: 10,
            ..from.clone()
        };
        webhooks.change(&from, &to).await.unwrap();
    }
    let (first, after) = webhooks.given_up(None, 2).await.unwrap();
    assert_eq!(ids(&first), ["whk_1", "whk_2"]);
    let (rest, end) = webhooks.given_up(after.as_deref(), 2).await.unwrap();
    assert_eq!((ids(&rest), end), (vec!["whk_3"], None));
    let (own, after) = webhooks.given_up_of("kiosk-1", None, 2).await.unwrap();
    assert_eq!(ids(&own), ["whk_1", "whk_2"]);
    let (own, _) = webhooks
        .given_up_of("kiosk-1", after.as_deref(), 2)
        .await
        .unwrap();
    assert_eq!(ids(&own), ["whk_3"]);
    assert_eq!(
        webhooks.given_up_of("kiosk-2", None, 2).await.unwrap(),
        (vec![], None)
    );

    let again = webhooks.resend(&first[0], SOON_MS + 50, "key:1").await.unwrap();
    assert_eq!(
        (again.state, again.attempts, again.due_ms),
        (WebhookState::Queued, 0, SOON_MS + 50)
    );
    let twice = webhooks.resend(&first[0], SOON_MS + 50, "key:1").await;
    assert!(matches!(twice, Err(StoreError::Conflict)), "{twice:?}");
    assert_eq!(webhooks.due(SOON_MS + 50, None, 10).await.unwrap().0, [again]);
    let item = get(&stores, table(&stores), "W#whk_1", "W").await.unwrap();
    assert_eq!(
        (item.get("wake"), item.get("expires_at")),
        (Some(&text("now")), None)
    );
    let (left, _) = webhooks.given_up_of("kiosk-1", None, 9).await.unwrap();
    assert_eq!(ids(&left), ["whk_2", "whk_3"]);
    let records = records(&stores, "R1").await;
    let actions: Vec<&str> = records.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(actions, ["topup.webhook_resent"]);
    stores.stop().await;
}

#[tokio::test]
async fn leases_of_top_ups_are_their_own() {
    let stores = Stores::start().await;
    let (own, duties) = (Leases::topups(&stores.clients), Leases::new(&stores.clients));
    assert!(own.take("topup-lane-1", "a", SOON_MS, 1_000).await.unwrap());
    assert!(!own.take("topup-lane-1", "b", SOON_MS, 1_000).await.unwrap());
    assert!(duties.take("topup-lane-1", "b", SOON_MS, 1_000).await.unwrap());
    own.give_back("topup-lane-1", "a").await.unwrap();
    assert!(own.take("topup-lane-1", "b", SOON_MS, 1_000).await.unwrap());
    stores.stop().await;
}
