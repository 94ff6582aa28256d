//! The issuer's signing key: made once, kept in the data folder, readable by its owner only.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use crate::env_file::write_private;

/// The file's name: a private key in PKCS #8.
const FILE: &str = "issuer.key";

/// A P-256 key that signs with ES256 (RFC 7518 §3.4).
#[derive(Debug)]
pub(super) struct SigningKey {
    pair: EcdsaKeyPair,
    kid: String,
    published: Value,
}

/// No signature could be made.
#[derive(Debug, thiserror::Error)]
#[error("no signature could be made")]
pub(super) struct NotSigned;

impl SigningKey {
    /// The key of a data folder.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds something else.
    pub(super) fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let file = data_dir.join(FILE);
        let context = || file.display().to_string();
        if !file.exists() {
            let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
            let made = made.map_err(|_| anyhow!("no key could be made"))?;
            write_private(&file, made.as_ref()).with_context(context)?;
        }
        let bytes = std::fs::read(&file).with_context(context)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &SystemRandom::new());
        let pair = pair.map_err(|_| anyhow!("{} is no key", file.display()))?;
        // An uncompressed point: 4, then both coordinates (SEC 1 §2.3.3).
        let point = pair.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at(point.len() / 2);
        let (x, y) = (BASE64.encode(x), BASE64.encode(y));
        // RFC 7638: a key names itself.
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let kid = BASE64.encode(digest::digest(&digest::SHA256, members.as_bytes()));
        let published = json!({"keys": [{
            "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "alg": "ES256", "use": "sig",
        }]});
        Ok(Self { pair, kid, published })
    }

    /// The public key as a key set (RFC 7517).
    pub(super) fn published(&self) -> Value {
        self.published.clone()
    }

    /// A signed token (RFC 7519) of a type.
    pub(super) fn sign(&self, kind: &str, claims: &Value) -> Result<String, NotSigned> {
        let header = json!({"alg": "ES256", "typ": kind, "kid": self.kid});
        let message = format!(
            "{}.{}",
            BASE64.encode(header.to_string()),
            BASE64.encode(claims.to_string())
        );
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes());
        let signature = signature.map_err(|_| NotSigned)?;
        Ok(format!("{message}.{}", BASE64.encode(signature)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_private_and_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let first = SigningKey::open(folder.path()).unwrap();
        let second = SigningKey::open(folder.path()).unwrap();
        assert_eq!(first.published(), second.published());
        let mode = folder.path().join(FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(folder.path().join(FILE), "no key").unwrap();
        assert!(
            SigningKey::open(folder.path())
                .unwrap_err()
                .to_string()
                .contains(FILE)
        );
    }
}
