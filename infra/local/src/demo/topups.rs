//! Somebody to sell top-ups to: the catalogue of the simulated supplier, one partner, and a key for it.
//!
//! Everything is made through the API, as a shop does it. The key is shown once by the API, so it is kept in
//! `partner.env` of the data folder; without that file all of it is made again, which changes nothing but the key.

use std::path::PathBuf;

use anyhow::Context as _;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::env_file;
use crate::partners::PRODUCTS;
use crate::say::say;
use crate::start::Running;
use crate::web_client::web_client;

/// The partner.
const PARTNER: &str = "demo";
/// What its orders of a day may come to, and how many requests it may make in a minute.
const DAILY_CAP: i64 = 1_000_000;
const PER_MINUTE: u32 = 60;

impl Running {
    /// Makes the catalogue, the partner and its key, unless this data folder has them; where the key is. A folder
    /// whose own key is older than top-ups gets none.
    ///
    /// # Errors
    /// The API does not answer, or refuses; or the key can't be kept.
    pub async fn load_topups(&self) -> anyhow::Result<Option<PathBuf>> {
        let file = self.data_dir.join("partner.env");
        if file.is_file() {
            return Ok(Some(file));
        }
        let client = web_client()?;
        for product in PRODUCTS {
            let document = json!({
                "name": product.name, "kind": product.kind, "operator": product.operator,
                "cost": product.cost, "price": product.price, "active": true, "repeatable": false,
            });
            let path = format!("/v1/topup-products/{}", product.code);
            if self.tell(&client, Method::PUT, &path, &document).await?.is_none() {
                return Ok(None);
            }
        }
        let partner = json!({
            "name": "Kios Contoh", "active": true, "daily_cap": DAILY_CAP, "per_minute": PER_MINUTE,
            "cutoff": "hold",
        });
        let path = format!("/v1/topup-partners/{PARTNER}");
        let made = self.tell(&client, Method::PUT, &path, &partner).await?;
        let wanted = json!({"name": "Kios Contoh", "scopes": ["topups"], "partner": PARTNER});
        let key = self.tell(&client, Method::POST, "/v1/keys", &wanted).await?;
        let (Some(_), Some(key)) = (made, key) else {
            return Ok(None);
        };
        let key = key["key"].as_str().context("no key in the answer")?;
        let text = format!("PARTNER_KEY={key}\nBASE_URL={}\n", self.base_url);
        env_file::write_private(&file, text.as_bytes())?;
        say(&format!(
            "Demonstration: {} products of top-ups, and the partner {PARTNER}",
            PRODUCTS.len()
        ));
        Ok(Some(file))
    }

    /// Sends a document to the API; its answer, or `None` where our key may not.
    async fn tell(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        document: &Value,
    ) -> anyhow::Result<Option<Value>> {
        let request = client.request(method, format!("{}{path}", self.base_url));
        let answer = request.bearer_auth(&self.api_key).json(document).send().await?;
        let status = answer.status();
        if status == StatusCode::FORBIDDEN {
            return Ok(None);
        }
        anyhow::ensure!(status.is_success(), "{path}: status {}", status.as_u16());
        let body = answer.bytes().await?;
        Ok(Some(serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }
}
