//! A small OpenID Connect issuer, so that people can sign in to the dashboard on this machine.
//!
//! It speaks the part of the protocol that the dashboard uses: discovery, the authorization code flow
//! with PKCE for one public client, signed ID tokens, signing out. Who there is stands in
//! `people.json` of the data folder. It answers on loopback only, under the gateway's address: whoever
//! can reach it sits at this machine. A person without a password is picked from a list.

mod codes;
mod key;
mod pages;
mod people;
mod tokens;

use std::path::Path;
use std::sync::Arc;

use http::{Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use serde_json::json;

use crate::clock;
use crate::http::{self as web, Answer, Body};
use crate::pages::{is_local, text};
use codes::{Codes, Grant};
use key::SigningKey;
use pages::Asked;
use people::People;
use tokens::Token;

/// Where the issuer is, on the gateway.
const PATH: &str = "/_local/issuer";
/// What it calls the dashboard.
const CLIENT_ID: &str = "warung-oyako-dashboard";
/// The claims that name a person's roles and outlets.
const ROLES_CLAIM: &str = "roles";
const OUTLETS_CLAIM: &str = "outlets";
/// Where people go back to after signing in, and after signing out.
const CALLBACK: &str = "/dashboard/callback";
const SIGNED_OUT: &str = "/dashboard/logout";
/// The largest form, in bytes.
const FORM_BYTES_MAX: usize = 16 << 10;

/// What functions are told about this issuer, in place of what the template says.
pub(crate) fn environment(base_url: &str) -> [(&'static str, String); 5] {
    [
        ("OIDC_ISSUER", format!("{base_url}{PATH}")),
        ("OIDC_CLIENT_ID", CLIENT_ID.to_owned()),
        ("OIDC_ROLES_CLAIM", ROLES_CLAIM.to_owned()),
        ("OIDC_OUTLETS_CLAIM", OUTLETS_CLAIM.to_owned()),
        ("OIDC_LOGOUT_URL", String::new()),
    ]
}

/// The issuer; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Issuer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    base_url: String,
    people: People,
    key: SigningKey,
    codes: Codes,
}

impl Issuer {
    /// The issuer of a data folder. The first one makes its key and the file of people.
    ///
    /// # Errors
    /// The key or the file cannot be read or written, or the file says something that it cannot.
    pub(crate) fn open(data_dir: &Path, base_url: &str) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Inner {
            base_url: base_url.to_owned(),
            people: People::open(data_dir)?,
            key: SigningKey::open(data_dir)?,
            codes: Codes::default(),
        })))
    }

    /// Whether a path is the issuer's.
    pub(crate) fn has(path: &str) -> bool {
        path.strip_prefix(PATH).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Answers one request.
    pub(crate) async fn handle(&self, request: Request<Incoming>) -> Answer {
        if !is_local(&request) {
            return text(StatusCode::FORBIDDEN, "Only for this machine");
        }
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix(PATH).unwrap_or_default().to_owned();
        let query = web::form_pairs(parts.uri.query().unwrap_or_default());
        match (&parts.method, &*path) {
            (&Method::GET, "/.well-known/openid-configuration") => self.describe(),
            (&Method::GET, "/jwks.json") => web::json(StatusCode::OK, &self.0.key.published()),
            (&Method::GET, "/authorize") => self.ask(Asked::new(query)).await,
            (&Method::GET, "/end-session") => self.sign_out(&query),
            (&Method::POST, "/authorize" | "/token") => {
                let Ok(body) = web::read(body, FORM_BYTES_MAX).await else {
                    return text(StatusCode::PAYLOAD_TOO_LARGE, "Terlalu besar");
                };
                let form = web::form_pairs(&String::from_utf8_lossy(&body));
                if path == "/token" {
                    return self.exchange(&form);
                }
                if !pages::is_own_form(&parts.headers, &self.0.base_url) {
                    return text(StatusCode::FORBIDDEN, "Only from the page of this issuer");
                }
                self.let_in(Asked::new(form)).await
            }
            _ => text(StatusCode::NOT_FOUND, "Tidak ditemukan"),
        }
    }

    fn address(&self, path: &str) -> String {
        format!("{}{PATH}{path}", self.0.base_url)
    }

    /// OpenID Connect Discovery 1.0 §3.
    fn describe(&self) -> Answer {
        let description = json!({
            "issuer": self.address(""),
            "authorization_endpoint": self.address("/authorize"),
            "token_endpoint": self.address("/token"),
            "jwks_uri": self.address("/jwks.json"),
            "end_session_endpoint": self.address("/end-session"),
            "scopes_supported": ["openid", "profile"],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        web::json(StatusCode::OK, &description)
    }

    /// Shows who there is, or sends the browser back with what is wrong.
    async fn ask(&self, asked: Asked) -> Answer {
        if let Some(answer) = self.objection(&asked) {
            return answer;
        }
        match self.0.people.list().await {
            Ok(people) => pages::choose(&people, &asked, false),
            Err(error) => unreadable(&error),
        }
    }

    /// Sends a person back with a code.
    async fn let_in(&self, asked: Asked) -> Answer {
        if let Some(answer) = self.objection(&asked) {
            return answer;
        }
        let people = match self.0.people.list().await {
            Ok(people) => people,
            Err(error) => return unreadable(&error),
        };
        let Some(person) = people
            .iter()
            .find(|person| person.subject == asked.text("person"))
        else {
            return pages::choose(&people, &asked, true);
        };
        if !person.admits(asked.text("password")).await {
            tracing::warn!(subject = person.subject, "a wrong password at the local issuer");
            return pages::choose(&people, &asked, true);
        }
        let grant = Grant {
            person: person.clone(),
            nonce: asked.get("nonce").map(str::to_owned),
            challenge: asked.text("code_challenge").to_owned(),
        };
        let Ok(code) = self.0.codes.give(grant, clock::now_ms()) else {
            return text(StatusCode::INTERNAL_SERVER_ERROR, "Coba lagi");
        };
        self.send_back(&asked, ("code", &code))
    }

    /// What is wrong with what is asked, if anything (RFC 6749 §4.1.2.1): an unknown client or address gets a page and
    /// no redirect, anything else goes back to the client as an error.
    fn objection(&self, asked: &Asked) -> Option<Answer> {
        let callback = format!("{}{CALLBACK}", self.0.base_url);
        if asked.text("client_id") != CLIENT_ID || asked.text("redirect_uri") != callback {
            return Some(text(StatusCode::BAD_REQUEST, "Aplikasi ini tidak dikenal"));
        }
        let scoped = asked.text("scope").split(' ').any(|scope| scope == "openid");
        let proved =
            asked.text("code_challenge_method") == "S256" && asked.text("code_challenge").len() == 43;
        let error = match (asked.text("response_type"), scoped, proved) {
            ("code", true, true) => return None,
            ("code", false, _) => "invalid_scope",
            ("code", true, false) => "invalid_request",
            _ => "unsupported_response_type",
        };
        Some(self.send_back(asked, ("error", error)))
    }

    fn send_back(&self, asked: &Asked, (name, value): (&str, &str)) -> Answer {
        let issuer = self.address("");
        let given = [(name, value), ("state", asked.text("state")), ("iss", &issuer)];
        let query: Vec<String> = given
            .into_iter()
            .map(|(name, value)| format!("{name}={}", web::percent_encode(value, false)))
            .collect();
        redirect(&format!("{}{CALLBACK}?{}", self.0.base_url, query.join("&")))
    }

    /// RFC 6749 §4.1.3 with RFC 7636 §4.6.
    fn exchange(&self, form: &[(String, String)]) -> Answer {
        let asked = Asked::new(form.to_vec());
        if asked.text("grant_type") != "authorization_code" {
            return refuse("unsupported_grant_type");
        }
        // Taken before anything is compared: a code that somebody else tries is good for nobody.
        let now_ms = clock::now_ms();
        let grant = self.0.codes.take(asked.text("code"), now_ms);
        if asked.text("client_id") != CLIENT_ID {
            return refuse("invalid_client");
        }
        let callback = format!("{}{CALLBACK}", self.0.base_url);
        let grant = grant.filter(|grant| {
            asked.text("redirect_uri") == callback && grant.is_proved_by(asked.text("code_verifier"))
        });
        let Some(grant) = grant else {
            return refuse("invalid_grant");
        };
        let token = Token {
            issuer: &self.address(""),
            audience: &self.0.base_url,
            person: &grant.person,
            now_s: now_ms.div_euclid(1000),
        };
        let (Ok(identity), Ok(access)) = (
            self.0.key.sign("JWT", &token.identity(grant.nonce.as_deref())),
            self.0.key.sign("at+jwt", &token.access()),
        ) else {
            return refuse("server_error");
        };
        secret(web::json(
            StatusCode::OK,
            &json!({
                "token_type": "Bearer",
                "expires_in": tokens::LIFE_S,
                "id_token": identity,
                "access_token": access,
            }),
        ))
    }

    /// OpenID Connect RP-Initiated Logout 1.0 §3. There is no session here to end.
    fn sign_out(&self, query: &[(String, String)]) -> Answer {
        let place = format!("{}{SIGNED_OUT}", self.0.base_url);
        let asked = Asked::new(query.to_vec());
        if asked.text("post_logout_redirect_uri") == place {
            redirect(&place)
        } else {
            text(StatusCode::OK, "Anda sudah keluar")
        }
    }
}

fn redirect(to: &str) -> Answer {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(to) = header::HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    secret(response)
}

/// RFC 6749 §5.2.
fn refuse(error: &str) -> Answer {
    secret(web::json(StatusCode::BAD_REQUEST, &json!({ "error": error })))
}

/// An answer with a code or a token in it: nobody may keep it.
fn secret(mut answer: Answer) -> Answer {
    let never = header::HeaderValue::from_static("no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, never);
    answer
}

fn unreadable(error: &anyhow::Error) -> Answer {
    tracing::error!(error = format!("{error:#}"), "nobody can sign in");
    text(
        StatusCode::INTERNAL_SERVER_ERROR,
        "people.json tidak dapat dibaca",
    )
}
