//! The whole dashboard, and a browser that signs in at the issuer of the one-machine run.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{Request, Response, StatusCode};
use reqwest::Url;
use serve_dashboard::{Deps, Settings, router};
use testkit::World;
use tower::ServiceExt;

/// A dashboard and its browser.
pub(crate) struct Browser {
    world: World,
    router: Router,
    issuer: reqwest::Client,
    /// Where the dashboard is.
    pub(crate) url: String,
    /// What the browser calls it.
    pub(crate) host: String,
    /// The `name=value` of the cookies that it holds.
    pub(crate) cookies: Vec<String>,
}

/// An answer, read.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) async fn open() -> Self {
        let world = World::start().await;
        let environment = std::fs::read_to_string(world.data().join("local.env")).unwrap();
        let url = environment
            .lines()
            .find_map(|line| line.strip_prefix("BASE_URL="))
            .unwrap();
        let settings = Settings {
            issuer: format!("{url}/_local/issuer"),
            client_id: "warung-oyako-dashboard".to_owned(),
            roles_claim: "roles".to_owned(),
            outlets_claim: "outlets".to_owned(),
            logout_url: None,
            public_url: url.to_owned(),
        };
        let deps = Deps::new(&world.clients, settings, Arc::new(lambda_edge::clock::now_ms));
        let issuer = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            world,
            router: router(deps),
            issuer: issuer.build().unwrap(),
            url: url.to_owned(),
            host: url.replace("http://", ""),
            cookies: Vec::new(),
        }
    }

    pub(crate) async fn close(self) {
        self.world.stop().await;
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), String::new()).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &str) -> Page {
        let request = Request::post(path)
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body.to_owned()).await
    }

    async fn send(&mut self, request: http::request::Builder, body: String) -> Page {
        let request = request
            .header(HOST, &self.host)
            .header(COOKIE, self.cookies.join("; "));
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        self.keep(&response);
        let (parts, body) = response.into_parts();
        let location = parts
            .headers
            .get(LOCATION)
            .map(|to| to.to_str().unwrap().to_owned());
        Page {
            status: parts.status,
            location: location.unwrap_or_default(),
            body: String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, response: &Response<Body>) {
        for set in response.headers().get_all(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            let name = pair.split_once('=').unwrap().0.to_owned();
            self.cookies
                .retain(|known| !known.starts_with(&format!("{name}=")));
            if !pair.ends_with('=') {
                self.cookies.push(pair);
            }
        }
    }

    /// Goes to the issuer, says there who it is, and answers the address that it is sent back to.
    pub(crate) async fn choose(&mut self, path: &str, person: &str) -> String {
        let sent = self.get(path).await;
        let sent = self.get(&sent.location).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        let url = Url::parse(&sent.location).unwrap();
        let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        form.push(("person".to_owned(), person.to_owned()));
        let request = self
            .issuer
            .post(format!("{}{}", url.origin().ascii_serialization(), url.path()));
        let back = request
            .header("sec-fetch-site", "same-origin")
            .form(&form)
            .send()
            .await
            .unwrap();
        let back = Url::parse(back.headers()["location"].to_str().unwrap()).unwrap();
        assert_eq!(back.path(), "/dashboard/callback");
        format!("{}?{}", back.path(), back.query().unwrap())
    }
}
