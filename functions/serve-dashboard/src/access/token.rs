//! Whether a token is the issuer's, for us and in force, and which person it names.
//!
//! Rules: OpenID Connect Core 1.0 §3.1.3.7 for ID tokens, RFC 9068 §4 for access tokens, RFC 8725 for
//! both. The time is compared here and not by the JWT library, which has a clock of its own.

use std::collections::BTreeSet;

use domain::staff::{Outlets, Person, Role};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Header, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::crypto;
use super::issuer::Issuer;
use super::keys::Key;
use super::refusal::Refusal;
use super::settings::Settings;

/// How far two clocks may be apart, in seconds.
const LEEWAY_S: i64 = 60;
/// The longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 8 << 10;
/// The longest subject (Core §2).
const SUBJECT_MAX: usize = 255;
/// The longest name that is shown, in characters.
const NAME_MAX: usize = 80;
/// In place of outlets: every one.
const ALL_OUTLETS: &str = "*";

/// What a token is shown for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Use<'a> {
    /// To sign in; the nonce that the sign-in was begun with.
    Login(&'a str),
    /// As a bearer at the API.
    Api,
}

/// What a token says.
struct Claims(Map<String, Value>);

/// The person that a token names.
pub(super) async fn person(
    issuer: &Issuer,
    settings: &Settings,
    token: &str,
    shown_for: Use<'_>,
    now_ms: i64,
) -> Result<Person, Refusal> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Refusal::Malformed);
    }
    let header = decode_header(token).map_err(refusal)?;
    if header.crit.is_some() {
        return Err(Refusal::Malformed);
    }
    let key = issuer.key(header.kid.as_deref(), now_ms).await?;
    let claims = verified(token, &key)?;
    let is_access = is_access_token(&header, &claims)?;
    claims.check(settings, shown_for, is_access, now_ms.div_euclid(1000))?;
    claims.person(settings)
}

/// The claims of a token that this key has signed.
fn verified(token: &str, key: &Key) -> Result<Claims, Refusal> {
    crypto::install();
    let mut validation = Validation::new(key.algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let verified = decode(token, &key.key, &validation);
    Ok(Claims(verified.map_err(refusal)?.claims))
}

fn refusal(error: jsonwebtoken::errors::Error) -> Refusal {
    match error.kind() {
        // An algorithm that the library has no name for, `none` among them, fails as JSON.
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Refusal::Algorithm,
        ErrorKind::InvalidSignature => Refusal::Signature,
        _ => Refusal::Malformed,
    }
}

/// An access token says so in its type (RFC 9068 §2.1), or as Cognito's in `token_use`.
fn is_access_token(header: &Header, claims: &Claims) -> Result<bool, Refusal> {
    let kind = header.typ.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_typed = kind.trim_start_matches("application/") == "at+jwt";
    Ok(is_typed || claims.text("token_use")? == Some("access"))
}

impl Claims {
    /// A claim that is a text, if it is there.
    fn text(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        let claim = self.0.get(name);
        claim
            .map(|claim| claim.as_str().ok_or(Refusal::Claim(name)))
            .transpose()
    }

    /// A claim that is a time, in whole Unix seconds, if it is there.
    fn time(&self, name: &'static str) -> Result<Option<i64>, Refusal> {
        let claim = self.0.get(name);
        claim
            .map(|claim| seconds(claim).ok_or(Refusal::Claim(name)))
            .transpose()
    }

    /// For whom the token is, if it says so: one text or several (RFC 7519 §4.1.3).
    fn audience(&self) -> Result<Option<Vec<&str>>, Refusal> {
        let audience = match self.0.get("aud") {
            None => return Ok(None),
            Some(Value::String(one)) => Some(vec![&**one]),
            Some(Value::Array(several)) => several.iter().map(Value::as_str).collect(),
            Some(_) => None,
        };
        audience.map(Some).ok_or(Refusal::Claim("aud"))
    }

    fn check(
        &self,
        settings: &Settings,
        shown_for: Use<'_>,
        is_access: bool,
        now_s: i64,
    ) -> Result<(), Refusal> {
        if self.text("iss")? != Some(&settings.issuer) {
            return Err(Refusal::Claim("iss"));
        }
        let expires = self.time("exp")?.ok_or(Refusal::Claim("exp"))?;
        if expires.saturating_add(LEEWAY_S) <= now_s {
            return Err(Refusal::Expired);
        }
        for name in ["nbf", "iat"] {
            let begins = self.time(name)?;
            if begins.is_some_and(|begins| begins > now_s.saturating_add(LEEWAY_S)) {
                return Err(Refusal::TooEarly);
            }
        }
        match shown_for {
            Use::Login(nonce) if self.text("nonce")? != Some(nonce) => Err(Refusal::Claim("nonce")),
            Use::Login(_) if is_access => Err(Refusal::Claim("token_use")),
            Use::Api if is_access => self.check_access(settings),
            Use::Login(_) | Use::Api => self.check_identity(settings),
        }
    }

    /// An ID token is for those whom it names as its audience.
    fn check_identity(&self, settings: &Settings) -> Result<(), Refusal> {
        let us = &*settings.client_id;
        let audience = self.audience()?.unwrap_or_default();
        if !audience.contains(&us) {
            return Err(Refusal::Claim("aud"));
        }
        let asked_by = self.text("azp")?;
        if asked_by.is_some_and(|azp| azp != us) || audience.len() > 1 && asked_by.is_none() {
            return Err(Refusal::Claim("azp"));
        }
        if self.text("token_use")?.is_some_and(|token_use| token_use != "id") {
            return Err(Refusal::Claim("token_use"));
        }
        Ok(())
    }

    /// An access token names who asked for it, and may name where it is good. Cognito's names no place.
    fn check_access(&self, settings: &Settings) -> Result<(), Refusal> {
        if self.text("client_id")? != Some(&settings.client_id) {
            return Err(Refusal::Claim("client_id"));
        }
        let ours = |place: &&str| *place == settings.client_id || *place == settings.public_url;
        match self.audience()? {
            Some(audience) if !audience.iter().any(ours) => Err(Refusal::Claim("aud")),
            _ => Ok(()),
        }
    }

    fn person(&self, settings: &Settings) -> Result<Person, Refusal> {
        let subject = self.text("sub")?.unwrap_or_default();
        if !(1..=SUBJECT_MAX).contains(&subject.len()) || !subject.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Refusal::Claim("sub"));
        }
        let roles = words(self.0.get(&settings.roles_claim)).unwrap_or_default();
        let roles: BTreeSet<Role> = roles.iter().filter_map(|role| role.parse().ok()).collect();
        if roles.is_empty() {
            return Err(Refusal::NoRole);
        }
        // That nothing is said does not mean that nothing is limited: an attribute can be lost, misspelt, or left
        // out, as Cognito leaves all of them out of access tokens. Who may see every outlet is told so, by `*`.
        let outlets = words(self.0.get(&settings.outlets_claim)).ok_or(Refusal::Claim("outlets"))?;
        let outlets = outlets_of(outlets);
        let name = self.text("name")?.unwrap_or_default();
        let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
        let name = name.trim();
        Ok(Person {
            name: if name.is_empty() { subject } else { name }.to_owned(),
            subject: subject.to_owned(),
            roles,
            outlets,
        })
    }
}

fn outlets_of(words: Vec<String>) -> Outlets {
    if words.iter().any(|word| word == ALL_OUTLETS) {
        Outlets::All
    } else {
        Outlets::Only(words.into_iter().collect())
    }
}

/// The words of a claim: an array of texts, or one text with spaces or commas. None: neither.
fn words(claim: Option<&Value>) -> Option<Vec<String>> {
    match claim? {
        Value::String(text) => {
            let words = text.split([' ', ',']).filter(|word| !word.is_empty());
            Some(words.map(str::to_owned).collect())
        }
        Value::Array(words) => {
            let words = words.iter().map(|word| word.as_str().map(str::to_owned));
            words.collect()
        }
        _ => None,
    }
}

/// A NumericDate (RFC 7519 §2) in whole seconds; a fraction is dropped.
fn seconds(date: &Value) -> Option<i64> {
    let whole = date.is_number().then(|| date.to_string())?;
    date.as_i64().or_else(|| whole.split_once('.')?.0.parse().ok())
}
