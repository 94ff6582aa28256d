//! Tokens at the API.

use domain::staff::{Outlets, Role};
use serde_json::{Value, json};

use super::issuer::{CLIENT_ID, KID, key_pair, signed};
use super::shop::{Shop, URL};

/// What Cognito's access tokens say.
fn cognito(shop: &Shop) -> Value {
    json!({
        "iss": shop.issuer.url, "client_id": CLIENT_ID, "sub": "budi", "token_use": "access",
        "exp": shop.now_s() + 300, "roles": ["operator"],
    })
}

fn at_jwt() -> Value {
    json!({"alg": "ES256", "typ": "at+jwt", "kid": KID})
}

#[tokio::test]
async fn an_id_token_and_an_access_token_name_the_same_person() {
    let shop = Shop::open().await;
    let mut claims = shop.claims("any");
    claims["outlets"] = json!("moka-1, moka-2");
    let person = shop
        .access
        .staff_of_bearer(&shop.issuer.token(&claims))
        .await
        .unwrap();
    assert_eq!((&*person.subject, &*person.name), ("sari", "Ibu Sari"));
    assert_eq!(person.roles, [Role::Approver].into());
    assert_eq!(
        person.outlets,
        Outlets::Only(["moka-1".to_owned(), "moka-2".to_owned()].into())
    );

    let access = json!({
        "iss": shop.issuer.url, "aud": URL, "client_id": CLIENT_ID, "sub": "budi",
        "exp": shop.now_s() + 300, "roles": "operator viewer", "outlets": ["*"],
    });
    let token = shop.issuer.token_with(&at_jwt(), &access);
    let person = shop.access.staff_of_bearer(&token).await.unwrap();
    assert_eq!((&*person.name, person.outlets), ("budi", Outlets::All));
    shop.close().await;
}

#[tokio::test]
async fn outlets_are_all_only_where_the_token_says_so() {
    let shop = Shop::open().await;
    let table = [
        (json!("*"), Outlets::All),
        (json!(""), Outlets::Only([].into())),
        (json!([]), Outlets::Only([].into())),
        (json!("moka-1"), Outlets::Only(["moka-1".to_owned()].into())),
    ];
    for (claim, expected) in table {
        let mut claims = shop.claims("any");
        claims["outlets"] = claim.clone();
        let person = shop
            .access
            .staff_of_bearer(&shop.issuer.token(&claims))
            .await
            .unwrap();
        assert_eq!(person.outlets, expected, "{claim}");
    }
    // An attribute that was lost or misspelt opens nothing.
    for nothing in [Value::Null, json!(7)] {
        let mut claims = shop.claims("any");
        claims["outlets"] = nothing.clone();
        let token = shop.issuer.token(&claims);
        assert!(shop.access.staff_of_bearer(&token).await.is_none(), "{nothing}");
    }
    // Cognito leaves attributes out of access tokens, limits included.
    let token = shop.issuer.token(&cognito(&shop));
    assert!(shop.access.staff_of_bearer(&token).await.is_none());
    shop.close().await;
}

#[tokio::test]
async fn tokens_for_others_are_refused() {
    let shop = Shop::open().await;
    let mut good = cognito(&shop);
    good["outlets"] = json!("*");
    assert!(
        shop.access
            .staff_of_bearer(&shop.issuer.token(&good))
            .await
            .is_some()
    );
    let changes = [
        ("client_id", json!("another")),
        ("aud", json!("https://another.example")),
        ("exp", json!(shop.now_s() - 60)),
        ("iss", json!("https://another.example")),
        ("roles", json!([])),
    ];
    for (name, value) in changes {
        let mut claims = good.clone();
        claims[name] = value;
        let token = shop.issuer.token(&claims);
        assert!(shop.access.staff_of_bearer(&token).await.is_none(), "{name}");
    }
    for token in ["", "a", "a.b", "a.b.c", "..", &"x".repeat(10_000)] {
        assert!(shop.access.staff_of_bearer(token).await.is_none());
    }
    shop.close().await;
}

#[tokio::test]
async fn made_up_key_ids_make_the_issuer_answer_once_a_minute() {
    let shop = Shop::open().await;
    let claims = shop.claims("any");
    assert!(
        shop.access
            .staff_of_bearer(&shop.issuer.token(&claims))
            .await
            .is_some()
    );
    let new = key_pair();
    shop.issuer.publish("k2", &new);
    let token = signed(&new, &json!({"alg": "ES256", "kid": "k2"}), &claims);
    for _ in 0..3 {
        assert!(
            shop.access.staff_of_bearer(&token).await.is_none(),
            "the keys were read just now"
        );
    }
    assert_eq!(shop.issuer.asked("/jwks"), 1);
    shop.later(60_000);
    assert!(
        shop.access.staff_of_bearer(&token).await.is_some(),
        "a new key is found"
    );
    let unknown = signed(&new, &json!({"alg": "ES256", "kid": "k3"}), &claims);
    for _ in 0..3 {
        assert!(shop.access.staff_of_bearer(&unknown).await.is_none());
    }
    assert_eq!(shop.issuer.asked("/jwks"), 2);
    shop.close().await;
}
