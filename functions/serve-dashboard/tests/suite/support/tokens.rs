//! People who call the API with tokens of their own, from the issuer of the one-machine run.

use reqwest::{Client, Url};
use serde_json::Value;
use serve_dashboard::Settings;
use testkit::World;

use super::{NOON_MS, Shop, settings};

const CLIENT: &str = "warung-oyako-dashboard";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A shop whose staff come from an issuer.
pub struct Issued {
    pub shop: Shop,
    url: String,
    client: Client,
}

impl Issued {
    pub async fn start() -> Self {
        let world = World::start().await;
        let environment = std::fs::read_to_string(world.data().join("local.env")).unwrap();
        let mut lines = environment.lines();
        let url = lines
            .find_map(|line| line.strip_prefix("BASE_URL="))
            .unwrap()
            .to_owned();
        let settings = Settings {
            issuer: format!("{url}/_local/issuer"),
            client_id: CLIENT.to_owned(),
            ..settings()
        };
        let client = Client::builder().redirect(reqwest::redirect::Policy::none());
        let shop = Shop::over(world, settings).await;
        // Tokens are of today.
        shop.pass_ms(lambda_edge::clock::now_ms() - NOON_MS);
        Self {
            shop,
            url,
            client: client.build().unwrap(),
        }
    }

    /// The token of somebody who signs in, as a program of theirs gets it.
    pub async fn token(&self, person: &str) -> String {
        let callback = format!("{}/dashboard/callback", self.url);
        let form = [
            ("client_id", CLIENT),
            ("redirect_uri", &callback),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "a state"),
            ("nonce", "n0nce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("person", person),
            ("password", ""),
        ];
        let picked = self.client.post(format!("{}/_local/issuer/authorize", self.url));
        let picked = picked.header("sec-fetch-site", "same-origin").form(&form);
        let back = picked.send().await.unwrap().headers()["location"]
            .to_str()
            .unwrap()
            .to_owned();
        let back = Url::parse(&back).unwrap();
        let code = back
            .query_pairs()
            .find(|(name, _)| name == "code")
            .unwrap()
            .1
            .into_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT),
            ("redirect_uri", &callback),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ];
        let asked = self
            .client
            .post(format!("{}/_local/issuer/token", self.url))
            .form(&form);
        let answer: Value = asked.send().await.unwrap().json().await.unwrap();
        answer["id_token"].as_str().unwrap().to_owned()
    }
}
