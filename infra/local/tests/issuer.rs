//! Signing in at the issuer of this machine, as a client does it: over HTTP, step by step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use reqwest::{Client, Response, Url};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};
use support::World;

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client of the issuer, and the set that runs it.
struct Issuer {
    world: World,
    client: Client,
    description: Value,
}

type Pairs = Vec<(&'static str, String)>;

impl Issuer {
    async fn start() -> Self {
        let world = World::start().await;
        // Makes the TLS provider known that every client needs.
        drop(local::web_client().unwrap());
        let builder = Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = builder.build().unwrap();
        let address = world.url("/_local/issuer/.well-known/openid-configuration");
        let description = client.get(address).send().await.unwrap().json().await.unwrap();
        Self {
            world,
            client,
            description,
        }
    }

    async fn stop(mut self) {
        self.world.stop().await;
    }

    fn endpoint(&self, name: &str) -> String {
        self.description[name].as_str().unwrap().to_owned()
    }

    fn callback(&self) -> String {
        self.world.url("/dashboard/callback")
    }

    /// What the dashboard asks with.
    fn asked(&self) -> Pairs {
        [
            ("client_id", "warung-oyako-dashboard"),
            ("redirect_uri", &self.callback()),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "a state"),
            ("nonce", "n0nce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into()
    }

    async fn ask(&self, asked: &Pairs) -> Response {
        let url = Url::parse_with_params(&self.endpoint("authorization_endpoint"), asked).unwrap();
        self.client.get(url).send().await.unwrap()
    }

    /// Picks a person on the issuer's page.
    async fn pick(&self, mut form: Pairs, person: &str, password: &str) -> Response {
        form.extend([("person", person.to_owned()), ("password", password.to_owned())]);
        let request = self.client.post(self.endpoint("authorization_endpoint"));
        request
            .header("sec-fetch-site", "same-origin")
            .form(&form)
            .send()
            .await
            .unwrap()
    }

    /// The code of somebody who is let in.
    async fn code(&self, person: &str) -> String {
        let answer = self.pick(self.asked(), person, "").await;
        answered(&answer, "code").unwrap()
    }

    async fn exchange(&self, changes: &[(&'static str, &str)], code: &str) -> (u16, Value) {
        let callback = self.callback();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", "warung-oyako-dashboard"),
            ("redirect_uri", &*callback),
            ("code", code),
            ("code_verifier", VERIFIER),
        ];
        form.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        form.extend(changes);
        let answer = self
            .client
            .post(self.endpoint("token_endpoint"))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["cache-control"], "no-store");
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// The claims of a token, once its signature is proved with the published key.
    async fn proved(&self, token: &Value) -> (Value, Value) {
        let set: Value = self
            .client
            .get(self.endpoint("jwks_uri"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let key = &set["keys"][0];
        let (message, signature) = token.as_str().unwrap().rsplit_once('.').unwrap();
        let (header, claims) = message.split_once('.').unwrap();
        let decoded = |text: &str| BASE64.decode(text).unwrap();
        let mut point = vec![4];
        point.extend(decoded(key["x"].as_str().unwrap()));
        point.extend(decoded(key["y"].as_str().unwrap()));
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(message.as_bytes(), &decoded(signature))
            .unwrap();
        let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
        assert_eq!((&header["alg"], &header["kid"]), (&json!("ES256"), &key["kid"]));
        (header, serde_json::from_slice(&decoded(claims)).unwrap())
    }
}

/// A parameter of the address that an answer leads to.
fn answered(answer: &Response, name: &str) -> Option<String> {
    let url = Url::parse(answer.headers().get("location")?.to_str().unwrap()).unwrap();
    let pair = url.query_pairs().find(|(known, _)| known == name)?.1.into_owned();
    Some(pair)
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_picked_and_comes_back_with_tokens() {
    let issuer = Issuer::start().await;
    let page = issuer.ask(&issuer.asked()).await;
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"));
    let page = page.text().await.unwrap();
    for shown in [
        "Ibu Sari",
        "Budi",
        "Rina",
        "Pak Anton",
        "Pak Hasan",
        "moka-100818",
        "komputer ini",
        "a state",
    ] {
        assert!(page.contains(shown), "{shown}");
    }

    let back = issuer.pick(issuer.asked(), "sari", "").await;
    assert_eq!(back.status(), 303);
    assert!(
        back.headers()["location"]
            .to_str()
            .unwrap()
            .starts_with(&issuer.callback())
    );
    assert_eq!(answered(&back, "state").unwrap(), "a state");
    assert_eq!(answered(&back, "iss").unwrap(), issuer.endpoint("issuer"));
    let code = answered(&back, "code").unwrap();

    let (status, tokens) = issuer.exchange(&[], &code).await;
    assert_eq!(status, 200, "{tokens}");
    let (header, claims) = issuer.proved(&tokens["id_token"]).await;
    assert_eq!(header["typ"], "JWT");
    assert_eq!(claims["iss"], issuer.endpoint("issuer"));
    assert_eq!(claims["aud"], "warung-oyako-dashboard");
    assert_eq!(
        (&claims["sub"], &claims["name"]),
        (&json!("sari"), &json!("Ibu Sari"))
    );
    assert_eq!(claims["nonce"], "n0nce");
    assert_eq!(claims["roles"], json!(["operator", "approver", "auditor"]));
    assert_eq!(claims["outlets"], json!(["*"]));
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3600
    );

    let (status, again) = issuer.exchange(&[], &code).await;
    assert_eq!(
        (status, &again["error"]),
        (400, &json!("invalid_grant")),
        "a code is good once"
    );
    issuer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_always_says_which_outlets() {
    let issuer = Issuer::start().await;
    for (person, outlets) in [("budi", json!(["moka-100818"])), ("rina", json!(["*"]))] {
        let (_, tokens) = issuer.exchange(&[], &issuer.code(person).await).await;
        let (header, claims) = issuer.proved(&tokens["access_token"]).await;
        assert_eq!(header["typ"], "at+jwt");
        assert_eq!((&claims["sub"], &claims["outlets"]), (&json!(person), &outlets));
        assert_eq!(claims["client_id"], "warung-oyako-dashboard");
        assert_eq!(claims["aud"], issuer.world.url(""));
    }
    issuer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_for_the_client_that_asked_for_it() {
    let issuer = Issuer::start().await;
    let elsewhere = issuer.world.url("/elsewhere");
    let wrong: [(&[(&str, &str)], &str); 5] = [
        (&[("code_verifier", CHALLENGE)], "invalid_grant"),
        (&[("code_verifier", "")], "invalid_grant"),
        (&[("redirect_uri", &elsewhere)], "invalid_grant"),
        (&[("client_id", "another")], "invalid_client"),
        (&[("grant_type", "password")], "unsupported_grant_type"),
    ];
    for (changes, error) in wrong {
        let code = issuer.code("rina").await;
        let (status, answer) = issuer.exchange(changes, &code).await;
        assert_eq!((status, &answer["error"]), (400, &json!(error)), "{changes:?}");
    }
    let code = issuer.code("rina").await;
    issuer.exchange(&[("code_verifier", CHALLENGE)], &code).await;
    assert_eq!(issuer.exchange(&[], &code).await.0, 400, "a tried code is spent");
    issuer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_wrongly_gets_no_code() {
    let issuer = Issuer::start().await;
    let callback = "redirect_uri";
    // What cannot be trusted to be the dashboard is not sent anywhere; its mistakes go back to it.
    let table = [
        ("client_id", "another", None),
        (callback, "https://evil.example/dashboard/callback", None),
        (callback, "", None),
        ("response_type", "token", Some("unsupported_response_type")),
        ("scope", "profile", Some("invalid_scope")),
        ("code_challenge_method", "plain", Some("invalid_request")),
        ("code_challenge", "short", Some("invalid_request")),
    ];
    for (name, value, error) in table {
        let mut asked = issuer.asked();
        asked.iter_mut().find(|(known, _)| *known == name).unwrap().1 = value.to_owned();
        for answer in [
            issuer.ask(&asked).await,
            issuer.pick(asked.clone(), "sari", "").await,
        ] {
            assert_eq!(answered(&answer, "error").as_deref(), error, "{name}={value}");
            assert_eq!(answered(&answer, "code"), None);
            assert_eq!(answer.headers().contains_key("location"), error.is_some());
        }
    }
    assert_eq!(issuer.pick(issuer.asked(), "nobody", "").await.status(), 403);
    issuer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_and_other_names_of_this_machine_get_nothing() {
    let issuer = Issuer::start().await;
    let mut form = issuer.asked();
    form.push(("person", "sari".to_owned()));
    let post = || {
        issuer
            .client
            .post(issuer.endpoint("authorization_endpoint"))
            .form(&form)
    };
    let here = issuer.world.url("");
    let table = [
        (post().header("origin", "https://evil.example"), 403),
        (
            post()
                .header("origin", &here)
                .header("sec-fetch-site", "cross-site"),
            403,
        ),
        (post(), 403),
        (post().header("origin", &here), 303),
        (post().header("origin", &here).header("host", "shop.example"), 403),
    ];
    for (number, (request, status)) in table.into_iter().enumerate() {
        assert_eq!(request.send().await.unwrap().status(), status, "{number}");
    }
    let discovery = issuer
        .world
        .url("/_local/issuer/.well-known/openid-configuration");
    let renamed = issuer
        .client
        .get(discovery)
        .header("host", "rebound.example")
        .send()
        .await
        .unwrap();
    assert_eq!(renamed.status(), 403);
    issuer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_a_password_is_asked_for_it() {
    let issuer = Issuer::start().await;
    let file = issuer.world.folder.path().join("data/people.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let subject = "\"subject\": \"sari\"";
    let written = text.replacen(subject, &format!("{subject}, \"password\": \"soto ayam\""), 1);
    std::fs::write(&file, written).unwrap();

    let page = issuer.ask(&issuer.asked()).await.text().await.unwrap();
    assert_eq!(page.matches("type=\"password\"").count(), 1);
    assert!(!std::fs::read_to_string(&file).unwrap().contains("soto"));
    for wrong in ["", "soto"] {
        let answer = issuer.pick(issuer.asked(), "sari", wrong).await;
        assert_eq!(answer.status(), 403);
        assert!(answer.text().await.unwrap().contains("role=\"alert\""));
    }
    let answer = issuer.pick(issuer.asked(), "sari", "soto ayam").await;
    assert!(answered(&answer, "code").is_some());
    assert!(answered(&issuer.pick(issuer.asked(), "budi", "").await, "code").is_some());
    issuer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_and_the_people_survive_a_restart() {
    let mut issuer = Issuer::start().await;
    let keys = |issuer: &Issuer| {
        let address = issuer.world.url("/_local/issuer/jwks.json");
        let client = issuer.client.clone();
        async move { client.get(address).send().await.unwrap().text().await.unwrap() }
    };
    let before = keys(&issuer).await;
    let file = issuer.world.folder.path().join("data/people.json");
    let renamed = std::fs::read_to_string(&file)
        .unwrap()
        .replace("Ibu Sari", "Ibu Sari Dewi");
    std::fs::write(&file, renamed).unwrap();
    issuer.world.restart().await;
    assert_eq!(keys(&issuer).await, before);
    assert!(std::fs::read_to_string(&file).unwrap().contains("Ibu Sari Dewi"));
    issuer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_leads_back_to_the_dashboard_and_nowhere_else() {
    let issuer = Issuer::start().await;
    let place = issuer.world.url("/dashboard/logout");
    for (address, status) in [(&*place, 303), ("https://evil.example", 200)] {
        let asked = [("post_logout_redirect_uri", address)];
        let url = Url::parse_with_params(&issuer.endpoint("end_session_endpoint"), &asked).unwrap();
        let answer = issuer.client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), status);
        let led = answer
            .headers()
            .get("location")
            .map(|to| to.to_str().unwrap().to_owned());
        assert_eq!(led.as_deref(), (status == 303).then_some(&*place));
    }
    issuer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_are_told_of_the_issuer() {
    let issuer = Issuer::start().await;
    let answer = issuer
        .client
        .get(issuer.world.url("/v1/environment"))
        .send()
        .await
        .unwrap();
    let seen: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(seen["OIDC_ISSUER"], issuer.description["issuer"]);
    issuer.stop().await;
}
