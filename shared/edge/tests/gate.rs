//! The gate in front of a route: who gets through, and who learns what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::sync::Arc;

use aws::api_keys::ApiKeys;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::middleware::from_fn;
use domain::api_key::{Scope, mint};
use domain::staff::{Outlets, Person, Role};
use edge::auth::{AuthSource, Caller, KeyCache, gated};
use edge::problem::Problem;
use http::Request;
use serde_json::Value;
use testkit::World;
use testkit::log::Lines;
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const NOW_MS: i64 = 1_761_627_600_000;

/// A function that takes keys and, if `STAFF`, people's tokens: a token is the name of a person below.
struct Source<const STAFF: bool> {
    api_keys: ApiKeys,
    known_keys: KeyCache,
}

impl<const STAFF: bool> AuthSource for Source<STAFF> {
    const TAKES_STAFF: bool = STAFF;

    fn api_keys(&self) -> &ApiKeys {
        &self.api_keys
    }

    fn known_keys(&self) -> &KeyCache {
        &self.known_keys
    }

    fn now_ms(&self) -> i64 {
        NOW_MS
    }

    async fn staff(&self, token: &str) -> Option<Person> {
        let (role, outlets) = match token {
            "owner" => (Role::Operator, Outlets::All),
            "rina" => (Role::Viewer, Outlets::All),
            "budi" => (Role::Operator, only(&["moka-7", "moka-8"])),
            "nobody" => (Role::Operator, only(&[])),
            _ => return None,
        };
        Some(Person {
            subject: format!("sub-{token}"),
            name: "Sinta Penanda".to_owned(),
            roles: BTreeSet::from([role]),
            outlets,
        })
    }
}

fn only(outlets: &[&str]) -> Outlets {
    Outlets::Only(outlets.iter().map(|outlet| (*outlet).to_owned()).collect())
}

#[utoipa::path(get, path = "/of/{outlet}", params(("outlet" = String, Path)), responses((status = 200, body = String)))]
async fn of_outlet(caller: Caller) -> Result<String, Problem> {
    Ok(caller.actor())
}

#[utoipa::path(
    get, path = "/by-outlet", params(("outlet" = Option<String>, Query), ("q" = Option<String>, Query)),
    responses((status = 200, body = String)),
)]
async fn by_outlet(caller: Caller) -> String {
    caller.actor()
}

#[utoipa::path(get, path = "/receipts/{receipt}", params(("receipt" = String, Path)), responses((status = 200, body = String)))]
async fn of_receipt(caller: Caller) -> String {
    caller.actor()
}

#[utoipa::path(get, path = "/all", responses((status = 200, body = String)))]
async fn all(caller: Caller) -> String {
    caller.actor()
}

struct Gated {
    router: Router,
    description: Value,
    key: String,
    _world: World,
}

impl Gated {
    async fn start<const STAFF: bool>() -> Self {
        let world = World::start().await;
        let api_keys = ApiKeys::new(&world.clients);
        let (key, stored) = mint([1; 40], "test", vec![Scope::FeedbackWrite], NOW_MS);
        api_keys.create(&stored, "test").await.unwrap();
        let (revoked, stored) = mint([2; 40], "test", vec![Scope::FeedbackWrite], NOW_MS);
        api_keys.create(&stored, "test").await.unwrap();
        api_keys.revoke(&stored.id, NOW_MS, "test").await.unwrap();
        assert!(revoked.starts_with("oyk_"));
        let source = Arc::new(Source::<STAFF> {
            api_keys,
            known_keys: KeyCache::default(),
        });
        let gate = |routes| gated(&source, Scope::FeedbackWrite, routes);
        let (routes, description) = OpenApiRouter::new()
            .routes(gate(routes!(of_outlet)))
            .routes(gate(routes!(by_outlet)))
            .routes(gate(routes!(of_receipt)))
            .routes(gate(routes!(all)))
            .split_for_parts();
        Self {
            router: routes.layer(from_fn(edge::http::finish)).with_state(source),
            description: serde_json::to_value(description).unwrap(),
            key,
            _world: world,
        }
    }

    async fn ask(&self, token: &str, path: &str) -> (u16, String) {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        let response = self
            .router
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        (status, json["code"].as_str().map_or(text, str::to_owned))
    }
}

#[tokio::test]
async fn a_person_reaches_the_outlets_they_hold_and_no_other() {
    let gated = Gated::start::<true>().await;
    let table = [
        ("owner", "/of/moka-9", 200),
        ("owner", "/by-outlet", 200),
        ("owner", "/all", 200),
        ("owner", "/receipts/moka-9_20251028_a", 200),
        ("budi", "/of/moka-7", 200),
        ("budi", "/of/moka%2D7", 200),
        ("budi", "/of/moka-9", 403),
        ("budi", "/by-outlet?outlet=moka-8&q=a", 200),
        ("budi", "/by-outlet?outlet=moka-9", 403),
        ("budi", "/by-outlet?outlet=moka-7&outlet=moka-9", 403),
        ("budi", "/by-outlet?outlet=", 403),
        ("budi", "/by-outlet?q=moka-7", 403),
        ("budi", "/by-outlet", 403),
        ("budi", "/all", 403),
        ("budi", "/receipts/moka-7_20251028_a", 200),
        ("budi", "/receipts/moka-9_20251028_a", 403),
        ("nobody", "/of/moka-7", 403),
        ("nobody", "/all", 403),
    ];
    for (token, path, status) in table {
        let (found, text) = gated.ask(token, path).await;
        assert_eq!(found, status, "{token} {path}: {text}");
        let expected = if status == 200 {
            format!("staff:sub-{token}")
        } else {
            "OUTLET_FORBIDDEN".to_owned()
        };
        assert_eq!(text, expected, "{token} {path}");
    }
    // What is no receipt's id is left to the route, which knows no such receipt.
    assert_eq!(gated.ask("budi", "/receipts/moka-9").await.0, 200);
}

#[tokio::test]
async fn a_role_gives_its_scopes_and_a_key_its_own() {
    let gated = Gated::start::<true>().await;
    assert_eq!(gated.ask("rina", "/all").await, (403, "SCOPE_MISSING".to_owned()));
    let (status, actor) = gated.ask(&gated.key, "/all").await;
    assert_eq!((status, actor.split(':').next().unwrap()), (200, "key"));
    assert_eq!(
        gated.ask("owner", "/all?colour=red").await,
        (400, "QUERY_UNKNOWN".to_owned())
    );
}

#[tokio::test]
async fn tokens_of_people_are_taken_where_the_function_says_so() {
    let keys_only = Gated::start::<false>().await;
    assert_eq!(
        keys_only.ask("owner", "/all").await,
        (401, "UNAUTHORIZED".to_owned())
    );
    assert_eq!(keys_only.ask(&keys_only.key, "/all").await.0, 200);
    let both = Gated::start::<true>().await;
    let long = "a".repeat(9000);
    assert_eq!(both.ask(&long, "/all").await, (401, "UNAUTHORIZED".to_owned()));
    let schemes = |gated: &Gated| -> Vec<String> {
        let security = gated.description["paths"]["/all"]["get"]["security"].clone();
        let schemes = security.as_array().unwrap().iter();
        schemes
            .flat_map(|one| one.as_object().unwrap().keys().cloned())
            .collect()
    };
    assert_eq!(schemes(&keys_only), ["api_key"]);
    assert_eq!(schemes(&both), ["api_key", "staff_token"]);
}

#[tokio::test]
async fn each_refusal_is_a_warning_with_its_reason_and_no_secret() {
    let gated = Gated::start::<true>().await;
    let other_secret = format!("{}b", &gated.key[..gated.key.len() - 1]);
    let (revoked, _) = mint([2; 40], "test", Vec::new(), NOW_MS);
    let (unknown, _) = mint([3; 40], "test", Vec::new(), NOW_MS);
    let key = format!("key:{}", gated.key.split('_').nth(1).unwrap());
    let table = [
        (other_secret.as_str(), "/all", "another secret", key.as_str()),
        (&revoked, "/all", "a revoked key", ""),
        (&unknown, "/all", "an unknown key", ""),
        ("stranger", "/all", "a token that is not in force", ""),
        (
            "budi",
            "/of/moka-9",
            "an outlet that the person does not hold",
            "staff:sub-budi",
        ),
        (
            "budi",
            "/all",
            "what belongs to no single outlet, by a person who holds some",
            "staff:sub-budi",
        ),
    ];
    for (token, path, cause, caller) in table {
        let lines = Lines::default();
        let guard = lines.listen();
        gated.ask(token, path).await;
        drop(guard);
        let (all, text) = (lines.all(), lines.text());
        let line = all.last().unwrap();
        let told = &line["fields"];
        assert_eq!(
            (&line["level"], &told["message"]),
            (&"WARN".into(), &"request refused".into())
        );
        assert_eq!(told["cause"], cause);
        if !caller.is_empty() {
            assert_eq!(told["caller"], caller);
        }
        let secret = token.rsplit('_').next().unwrap();
        assert!(token == "budi" || !text.contains(secret), "{text}");
        assert!(!text.contains("Penanda"), "{text}");
    }
}
