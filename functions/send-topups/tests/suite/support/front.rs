//! The front: `serve-topups`, as partners and the supplier reach it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use aws::Clients;
use aws::api_keys::ApiKeys;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use domain::api_key::{ApiKey, Scope, mint};
use domain::topup::step::Check;
use serde_json::Value;
use serve_topups::{Deps, Patience, Settings, router};
use sims::kios::Style;
use sims::serve::{Served, serve};
use tower::ServiceExt;
use tracing::dispatcher::get_default;
use tracing::instrument::WithSubscriber;

use super::{PARAMETERS, Shop};

/// The secret end of the supplier's address.
pub(crate) const TOKEN: &str = "token-dari-laporan-0123456789";

/// What the front says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl Answer {
    /// What is said under a name, where it is a text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }
}

impl Shop {
    /// A process of the front, over these clients. Nobody waits for an order to end.
    pub(crate) fn front(&self, clients: &Clients) -> Router {
        let clock = Arc::clone(&self.clock);
        let clock = Arc::new(move || clock.load(Ordering::SeqCst));
        let supplier = self.settings.supplier.as_ref();
        let settings = Settings {
            is_on: supplier.is_some(),
            parameters: Some(PARAMETERS.to_owned()),
            check: supplier.map_or(Check::Never, |supplier| supplier.check),
            patience: Patience {
                looks: 0,
                pause: Duration::ZERO,
            },
            ..Settings::default()
        };
        router(Deps::new(clients, settings, clock))
    }

    /// Serves a process of the front, and tells the supplier where reports are taken there.
    pub(crate) async fn hears_reports(&self, style: Style) -> Served {
        let served = self.serves(self.front(&self.world.clients)).await;
        self.kios.register(&address(&served, TOKEN), style);
        served
    }

    /// Serves a process of the front. Who hears this test's log hears that of its requests too.
    pub(crate) async fn serves(&self, front: Router) -> Served {
        let listener = get_default(Clone::clone);
        let heard =
            from_fn(move |request: Request, next: Next| next.run(request).with_subscriber(listener.clone()));
        serve(front.layer(heard)).await.unwrap()
    }

    /// A key for the front; `seed` makes it another one.
    pub(crate) async fn api_key(&self, scope: Scope, partner: Option<&str>, seed: u8) -> String {
        let (text, key) = mint([seed; 40], "test", vec![scope], self.now());
        let key = ApiKey {
            partner: partner.map(str::to_owned),
            ..key
        };
        let keys = ApiKeys::new(&self.world.clients);
        keys.create(&key, "test").await.unwrap();
        text
    }
}

/// Where the supplier's reports are taken.
pub(crate) fn address(front: &Served, token: &str) -> String {
    format!("{}/v1/reports/kiosampm/{token}", front.base_url())
}

/// A request of whoever has a key, under a key of its own where it orders something.
pub(crate) fn request(method: &str, path: &str, key: &str, orders: Option<(&str, &Value)>) -> Request {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {key}"));
    let Some((own_key, body)) = orders else {
        return request.body(Body::empty()).unwrap();
    };
    let request = request
        .header("content-type", "application/json")
        .header("idempotency-key", own_key);
    request.body(Body::from(body.to_string())).unwrap()
}

/// Sends a request to a process of the front.
pub(crate) async fn send(front: &Router, request: Request) -> Answer {
    let response = front.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Answer {
        status,
        json: serde_json::from_slice(&bytes).unwrap_or_default(),
    }
}
