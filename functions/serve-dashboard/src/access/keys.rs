//! The issuer's public keys (JWK Set, RFC 7517).

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// A key set as it is published. Members that are not known are another's business.
#[derive(Deserialize)]
pub(super) struct KeySet {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// A key that signs tokens. The key, and not the token, says how.
#[derive(Clone)]
pub(super) struct Key {
    kid: Option<String>,
    /// The one algorithm that the key is used with.
    pub(super) algorithm: Algorithm,
    /// The public key.
    pub(super) key: DecodingKey,
}

/// The keys of a set that sign in a way that is allowed.
pub(super) struct Keys(Vec<Key>);

impl Keys {
    /// Leaves out what is not for signatures and what is of no allowed kind.
    pub(super) fn new(set: KeySet) -> Self {
        Self(set.keys.iter().filter_map(Jwk::key).collect())
    }

    /// The key of this id. A token without one can only mean the only key.
    pub(super) fn find(&self, kid: Option<&str>) -> Option<&Key> {
        match (kid, &*self.0) {
            (Some(kid), keys) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl Jwk {
    fn key(&self) -> Option<Key> {
        if self.usage.as_deref().is_some_and(|usage| usage != "sig") {
            return None;
        }
        let (algorithm, name, key) = match (&*self.kty, self.crv.as_deref()) {
            ("RSA", None) => {
                let (n, e) = (bytes(self.n.as_ref()?)?, bytes(self.e.as_ref()?)?);
                // Some issuers write a zero in front, which ring does not take.
                let key = DecodingKey::from_rsa_raw_components(significant(&n), significant(&e));
                (Algorithm::RS256, "RS256", key)
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (self.x.as_ref()?, self.y.as_ref()?);
                let key = DecodingKey::from_ec_components(x, y).ok()?;
                (Algorithm::ES256, "ES256", key)
            }
            ("OKP", Some("Ed25519")) => {
                let key = DecodingKey::from_ed_components(self.x.as_ref()?).ok()?;
                (Algorithm::EdDSA, "EdDSA", key)
            }
            _ => return None,
        };
        let named = self.alg.as_deref().is_none_or(|alg| alg == name);
        named.then(|| Key {
            kid: self.kid.clone(),
            algorithm,
            key,
        })
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}

fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn keys(keys: Value) -> Keys {
        Keys::new(serde_json::from_value(json!({ "keys": keys })).unwrap())
    }

    fn ed(kid: &str) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    }

    #[test]
    fn only_keys_of_allowed_kinds_for_signatures_count() {
        let mut encrypts = ed("b");
        encrypts["use"] = json!("enc");
        let mut other = ed("c");
        other["alg"] = json!("HS256");
        let secret = json!({"kty": "oct", "kid": "d", "k": "c2VjcmV0"});
        let curve = json!({"kty": "EC", "crv": "P-521", "kid": "e", "x": "AA", "y": "AA"});
        let half = json!({"kty": "RSA", "kid": "f", "n": "AQAB"});
        let keys = keys(json!([ed("a"), encrypts, other, secret, curve, half]));
        assert_eq!(keys.find(Some("a")).unwrap().algorithm, Algorithm::EdDSA);
        for kid in ["b", "c", "d", "e", "f", "g"] {
            assert!(keys.find(Some(kid)).is_none(), "{kid}");
        }
    }

    #[test]
    fn a_token_without_a_key_id_means_the_only_key() {
        assert!(keys(json!([ed("a")])).find(None).is_some());
        assert!(keys(json!([ed("a"), ed("b")])).find(None).is_none());
        assert!(keys(json!([])).find(None).is_none());
    }
}
