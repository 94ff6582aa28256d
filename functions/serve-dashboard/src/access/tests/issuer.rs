//! An issuer that tells what a test wants it to tell.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The id of the issuer's key.
pub(super) const KID: &str = "k1";
/// What the issuer calls the dashboard.
pub(super) const CLIENT_ID: &str = "shop";

/// What a code is good for.
struct Code {
    challenge: String,
    redirect_uri: String,
    token: String,
}

#[derive(Default)]
struct Shared {
    keys: Vec<Value>,
    codes: HashMap<String, Code>,
    asked: Vec<String>,
    is_down: bool,
}

/// The issuer; it answers until the process ends.
#[derive(Clone)]
pub(super) struct TestIssuer {
    pub(super) url: String,
    shared: Arc<Mutex<Shared>>,
    key: Arc<EcdsaKeyPair>,
}

/// A new key.
pub(super) fn key_pair() -> EcdsaKeyPair {
    let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let made = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).unwrap()
}

pub(super) fn encoded(part: &Value) -> String {
    BASE64URL_NOPAD.encode(part.to_string().as_bytes())
}

/// A token of these parts, signed by a key with ES256 whatever the header says.
pub(super) fn signed(key: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature = key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
}

impl TestIssuer {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            shared: Arc::default(),
            key: Arc::new(key_pair()),
        };
        issuer.publish(KID, &issuer.key);
        let serving = issuer.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serving.serve(stream.unwrap());
            }
        });
        issuer
    }

    /// Adds a public key to what is published.
    pub(super) fn publish(&self, kid: &str, key: &EcdsaKeyPair) {
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (BASE64URL_NOPAD.encode(x), BASE64URL_NOPAD.encode(y));
        let key = json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": x, "y": y});
        self.shared.lock().unwrap().keys.push(key);
    }

    /// A token of the issuer.
    pub(super) fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({"alg": "ES256", "typ": "JWT", "kid": KID}), claims)
    }

    /// A token with a header of one's own, signed by the issuer's key.
    pub(super) fn token_with(&self, header: &Value, claims: &Value) -> String {
        signed(&self.key, header, claims)
    }

    /// The issuer's public key as it is published: what a forger has.
    pub(super) fn public_key(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    /// Remembers which token a code is good for.
    pub(super) fn promise(&self, code: &str, challenge: &str, redirect_uri: &str, token: String) {
        let promised = Code {
            challenge: challenge.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            token,
        };
        self.shared
            .lock()
            .unwrap()
            .codes
            .insert(code.to_owned(), promised);
    }

    /// How often a path was asked for.
    pub(super) fn asked(&self, path: &str) -> usize {
        let shared = self.shared.lock().unwrap();
        shared.asked.iter().filter(|asked| *asked == path).count()
    }

    /// Answers with errors, or not any more.
    pub(super) fn set_down(&self, is_down: bool) {
        self.shared.lock().unwrap().is_down = is_down;
    }

    fn serve(&self, mut stream: TcpStream) {
        let (head, body) = read(&mut stream);
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let (status, answer) = self.answer(&path, &body);
        let answer = answer.to_string();
        let length = answer.len();
        let head = format!("HTTP/1.1 {status} -\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(format!("{head}{answer}").as_bytes()).unwrap();
    }

    fn answer(&self, path: &str, body: &str) -> (u16, Value) {
        let mut shared = self.shared.lock().unwrap();
        shared.asked.push(path.to_owned());
        if shared.is_down {
            return (503, json!({}));
        }
        match path {
            "/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": self.url,
                    "authorization_endpoint": format!("{}/authorize?tenant=1", self.url),
                    "token_endpoint": format!("{}/token", self.url),
                    "jwks_uri": format!("{}/jwks", self.url),
                    "end_session_endpoint": format!("{}/out", self.url),
                }),
            ),
            "/jwks" => (200, json!({ "keys": shared.keys })),
            "/token" => {
                let form: HashMap<String, String> =
                    form_urlencoded::parse(body.as_bytes()).into_owned().collect();
                let code = shared.codes.remove(&form["code"]);
                let verifier = BASE64URL_NOPAD.encode(&Sha256::digest(&form["code_verifier"]));
                let fits = |code: &Code| {
                    form["client_id"] == CLIENT_ID
                        && form["grant_type"] == "authorization_code"
                        && code.redirect_uri == form["redirect_uri"]
                        && code.challenge == verifier
                };
                match code.filter(fits) {
                    Some(code) => (200, json!({"token_type": "Bearer", "id_token": code.token})),
                    None => (400, json!({"error": "invalid_grant"})),
                }
            }
            _ => (404, json!({})),
        }
    }
}

fn read(stream: &mut TcpStream) -> (String, String) {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut chunk).unwrap();
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return (head.to_owned(), body.to_owned());
            }
        }
        if count == 0 {
            return (text, String::new());
        }
    }
}
