//! The way in, and everybody who does not get in.

use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use ring::hmac;
use serde_json::{Value, json};

use super::issuer::{CLIENT_ID, KID, TestIssuer, encoded, key_pair, signed};
use super::shop::{Answer, CALLBACK, PAGE, Shop};

#[tokio::test]
async fn somebody_signs_in_and_lands_where_they_wished() {
    let shop = Shop::open().await;
    let sent = shop.get("/dashboard/page?outlet=moka-1", "").await;
    assert_eq!(
        (sent.status, &*sent.location),
        (
            StatusCode::SEE_OTHER,
            "/dashboard/login?to=%2Fdashboard%2Fpage%3Foutlet%3Dmoka-1"
        )
    );
    let begun = shop.begin("?to=%2Fdashboard%2Fpage%3Foutlet%3Dmoka-1").await;
    let token = shop.issuer.token(&shop.claims(&begun.nonce));
    let back = shop.come_back(&begun, token).await;
    assert_eq!(
        (back.status, &*back.location),
        (StatusCode::SEE_OTHER, "/dashboard/page?outlet=moka-1"),
        "{}",
        back.cause
    );
    let session = back.cookie("__Host-session");
    assert!(
        back.cookies
            .contains(&"__Host-login=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0".to_owned())
    );
    let page = shop.get(PAGE, &session).await;
    assert!(page.body.starts_with("sari Ibu Sari "), "{}", page.body);
    shop.close().await;
}

#[tokio::test]
async fn a_wish_outside_the_dashboard_leads_to_the_first_page() {
    let shop = Shop::open().await;
    for wish in [
        "https://evil.example",
        "//evil.example/dashboard",
        "/dashboard/..\\x",
    ] {
        let wish: String = form_urlencoded::byte_serialize(wish.as_bytes()).collect();
        let begun = shop.begin(&format!("?to={wish}")).await;
        let token = shop.issuer.token(&shop.claims(&begun.nonce));
        assert_eq!(
            shop.come_back(&begun, token).await.location,
            "/dashboard",
            "{wish}"
        );
    }
    shop.close().await;
}

/// The one page of every refusal, which sets no session.
fn assert_refused(answer: &Answer, reason: &str, page: &mut Option<String>) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{reason}");
    assert!(
        answer.cause.starts_with(&format!("{reason}: ")),
        "{reason}: {}",
        answer.cause
    );
    assert!(answer.body.contains("LOGIN_FAILED") && !answer.body.contains(reason));
    assert!(
        !answer
            .cookies
            .iter()
            .any(|cookie| cookie.starts_with("__Host-session"))
    );
    assert_eq!(
        page.get_or_insert_with(|| answer.body.clone()),
        &answer.body,
        "{reason}"
    );
}

#[tokio::test]
async fn every_wrong_answer_of_the_issuer_is_refused_with_the_same_page() {
    let shop = Shop::open().await;
    let mut page = None;
    let table = [
        ("code=c0de&state=STATE", "", "LOGIN_UNKNOWN"),
        ("code=c0de&state=STATE", "__Host-login=x", "LOGIN_UNKNOWN"),
        ("code=c0de&state=STATE", "COOKIEAAAA", "LOGIN_UNKNOWN"),
        (
            "code=c0de&state=STATE",
            "__Host-login=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "LOGIN_UNKNOWN",
        ),
        ("code=c0de&state=other", "COOKIE", "STATE_DIFFERS"),
        ("code=c0de", "COOKIE", "STATE_DIFFERS"),
        ("code=c0de&state=STATE&state=STATE", "COOKIE", "ANSWER_UNREADABLE"),
        (
            "code=c0de&state=STATE&iss=https://other.example",
            "COOKIE",
            "ANSWER_OF_ANOTHER",
        ),
        ("error=access_denied&state=STATE", "COOKIE", "ISSUER_REFUSED"),
        ("state=STATE", "COOKIE", "CODE_MISSING"),
        ("code=unknown&state=STATE", "COOKIE", "ISSUER_REFUSED"),
    ];
    for (query, cookie, reason) in table {
        let begun = shop.begin("").await;
        let token = shop.issuer.token(&shop.claims(&begun.nonce));
        shop.issuer.promise("c0de", &begun.challenge, CALLBACK, token);
        let (query, cookie) = (
            query.replace("STATE", &begun.state),
            cookie.replace("COOKIE", &begun.cookie),
        );
        assert_refused(&shop.callback(&cookie, &query).await, reason, &mut page);
    }
    shop.close().await;
}

#[tokio::test]
async fn a_sign_in_is_good_once_and_for_ten_minutes() {
    let shop = Shop::open().await;
    let mut page = None;
    let begun = shop.begin("").await;
    let token = shop.issuer.token(&shop.claims(&begun.nonce));
    let first = shop.come_back(&begun, token).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER);
    assert_eq!(first.cookie("__Host-login"), "__Host-login=");
    // Whoever kept the cookie has no second code to it.
    let replayed = shop
        .callback(&begun.cookie, &format!("code=c0de&state={}", begun.state))
        .await;
    assert_refused(&replayed, "ISSUER_REFUSED", &mut page);

    let begun = shop.begin("").await;
    shop.later(10 * 60_000);
    let token = shop.issuer.token(&shop.claims(&begun.nonce));
    assert_refused(&shop.come_back(&begun, token).await, "LOGIN_UNKNOWN", &mut page);
    shop.close().await;
}

#[tokio::test]
async fn sign_ins_that_are_begun_and_never_ended_write_nothing() {
    let shop = Shop::open().await;
    // The shop's very first one makes the key.
    shop.begin("").await;
    let before = shop.written();
    for _ in 0..5 {
        let begun = shop.begin("?to=%2Fdashboard%2Fmenu").await;
        assert!(begun.cookie.len() < 1024, "{}", begun.cookie.len());
        assert!(!begun.cookie.contains(&begun.state) && !begun.cookie.contains(&begun.nonce));
    }
    shop.callback("", "code=c0de&state=x").await;
    assert_eq!(shop.written(), before);
    shop.close().await;
}

#[tokio::test]
async fn a_sign_in_outlives_a_new_key() {
    let shop = Shop::open().await;
    let begun = shop.begin("").await;
    shop.rotate_key().await;
    let token = shop.issuer.token(&shop.claims(&begun.nonce));
    let back = shop.come_back(&begun, token).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.cause);
    shop.close().await;
}

#[tokio::test]
async fn a_code_of_another_sign_in_is_refused() {
    let shop = Shop::open().await;
    let (theirs, ours) = (shop.begin("").await, shop.begin("").await);
    let token = shop.issuer.token(&shop.claims(&theirs.nonce));
    shop.issuer.promise("c0de", &theirs.challenge, CALLBACK, token);
    // An attacker's code with our state: the verifier is not the one of their challenge.
    let answer = shop
        .callback(&ours.cookie, &format!("code=c0de&state={}", ours.state))
        .await;
    assert_refused(&answer, "ISSUER_REFUSED", &mut None);
    shop.close().await;
}

/// The good claims with some replaced; null takes one away.
fn with(claims: &Value, changes: &Value) -> Value {
    let mut claims = claims.clone();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

#[tokio::test]
async fn every_wrong_claim_is_refused_with_the_same_page() {
    let shop = Shop::open().await;
    let now_s = shop.now_s();
    let table = [
        (json!({"aud": "another"}), "TOKEN_CLAIM"),
        (json!({"aud": null}), "TOKEN_CLAIM"),
        (json!({"aud": [CLIENT_ID, "another"]}), "TOKEN_CLAIM"),
        (json!({"azp": "another"}), "TOKEN_CLAIM"),
        (json!({"iss": "https://other.example"}), "TOKEN_CLAIM"),
        (json!({"iss": null}), "TOKEN_CLAIM"),
        (json!({"nonce": "another"}), "TOKEN_CLAIM"),
        (json!({"nonce": null}), "TOKEN_CLAIM"),
        (json!({"sub": null}), "TOKEN_CLAIM"),
        (json!({"sub": "sari\nadmin"}), "TOKEN_CLAIM"),
        (json!({"token_use": "access"}), "TOKEN_CLAIM"),
        (json!({"token_use": "refresh"}), "TOKEN_CLAIM"),
        (json!({"outlets": 7}), "TOKEN_CLAIM"),
        (json!({"exp": null}), "TOKEN_CLAIM"),
        (json!({"exp": "soon"}), "TOKEN_CLAIM"),
        (json!({"aud": 7}), "TOKEN_CLAIM"),
        (json!({"exp": now_s - 60}), "TOKEN_EXPIRED"),
        (json!({"nbf": now_s + 61}), "TOKEN_TOO_EARLY"),
        (json!({"iat": now_s + 61}), "TOKEN_TOO_EARLY"),
        (json!({"roles": null}), "NO_ROLE"),
        (json!({"roles": ["staff", "Viewer"]}), "NO_ROLE"),
        (json!({"roles": {"viewer": true}}), "NO_ROLE"),
    ];
    let mut page = None;
    for (changes, reason) in table {
        let begun = shop.begin("").await;
        let token = shop.issuer.token(&with(&shop.claims(&begun.nonce), &changes));
        assert_refused(&shop.come_back(&begun, token).await, reason, &mut page);
    }
    shop.close().await;
}

/// A token that only looks like one of the issuer's.
fn forged(how: &str, issuer: &TestIssuer, claims: &Value) -> String {
    let header = |alg: &str, kid: &str| json!({"alg": alg, "typ": "JWT", "kid": kid});
    let unsigned = |alg: &str| format!("{}.{}", encoded(&header(alg, KID)), encoded(claims));
    let token = issuer.token(claims);
    match how {
        "not signed" => format!("{}.", unsigned("none")),
        "the public key as a shared secret" => {
            let message = unsigned("HS256");
            let key = hmac::Key::new(hmac::HMAC_SHA256, issuer.public_key());
            let signature = hmac::sign(&key, message.as_bytes());
            format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
        }
        "another algorithm than the key's" => issuer.token_with(&header("EdDSA", KID), claims),
        "an algorithm of another family" => issuer.token_with(&header("RS256", KID), claims),
        "a key that is not published" => issuer.token_with(&header("ES256", "k9"), claims),
        "another's key by the issuer's id" => signed(&key_pair(), &header("ES256", KID), claims),
        "claims changed afterwards" => {
            let richer = encoded(&with(claims, &json!({"roles": ["auditor"]})));
            let parts: Vec<&str> = token.split('.').collect();
            [parts[0], &richer, parts[2]].join(".")
        }
        "cut" => token[..token.len() - 2].to_owned(),
        "something that must be understood" => {
            let mut header = header("ES256", KID);
            header["crit"] = json!(["b64"]);
            issuer.token_with(&header, claims)
        }
        _ => "no.token".to_owned(),
    }
}

#[tokio::test]
async fn every_wrong_signature_is_refused_with_the_same_page() {
    let shop = Shop::open().await;
    let table = [
        ("not signed", "TOKEN_MALFORMED"),
        ("the public key as a shared secret", "TOKEN_ALGORITHM"),
        ("another algorithm than the key's", "TOKEN_ALGORITHM"),
        ("an algorithm of another family", "TOKEN_ALGORITHM"),
        ("a key that is not published", "TOKEN_KEY_UNKNOWN"),
        ("another's key by the issuer's id", "TOKEN_SIGNATURE"),
        ("claims changed afterwards", "TOKEN_SIGNATURE"),
        ("cut", "TOKEN_SIGNATURE"),
        ("something that must be understood", "TOKEN_MALFORMED"),
        ("no token", "TOKEN_MALFORMED"),
    ];
    let mut page = None;
    for (how, reason) in table {
        let begun = shop.begin("").await;
        let token = forged(how, &shop.issuer, &shop.claims(&begun.nonce));
        assert_refused(&shop.come_back(&begun, token).await, reason, &mut page);
    }
    shop.close().await;
}

#[tokio::test]
async fn an_issuer_that_is_down_is_an_outage_and_not_a_refusal() {
    let shop = Shop::open().await;
    shop.issuer.set_down(true);
    let answer = shop.get("/dashboard/login", "").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        answer.cause.starts_with("ISSUER_UNREACHABLE: "),
        "{}",
        answer.cause
    );
    // It is left alone for a moment, then asked again.
    shop.issuer.set_down(false);
    assert_eq!(
        shop.get("/dashboard/login", "").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    shop.later(5_000);
    shop.sign_in().await;
    shop.close().await;
}

#[tokio::test]
async fn what_the_issuer_publishes_is_read_once_an_hour() {
    let shop = Shop::open().await;
    shop.sign_in().await;
    shop.sign_in().await;
    assert_eq!(
        (
            shop.issuer.asked("/.well-known/openid-configuration"),
            shop.issuer.asked("/jwks")
        ),
        (1, 1)
    );
    shop.later(3_600_000);
    shop.sign_in().await;
    assert_eq!(
        (
            shop.issuer.asked("/.well-known/openid-configuration"),
            shop.issuer.asked("/jwks")
        ),
        (2, 2)
    );
    shop.close().await;
}
