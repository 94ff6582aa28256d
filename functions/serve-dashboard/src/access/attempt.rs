//! A sign-in that is under way. The browser keeps it, sealed, in its cookie: so nobody fills the store by
//! beginning sign-ins and never ending them.
//!
//! It is sealed by AES-256-GCM with a key made from that of the guests' links, which is in the store already:
//! HMAC-SHA256 under a label of its own, so that nothing sealed for one use opens in the other. A sign-in is
//! good for ten minutes, and once: its code is (RFC 6749 §4.1.2).

use aws::link_keys::LinkKeysStore;
use data_encoding::BASE64URL_NOPAD;
use domain::guest_link::LinkKey;
use lambda_edge::clock::random;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// How long a sign-in may take, in milliseconds.
pub(super) const LOGIN_MS: i64 = 10 * 60_000;
/// What the key is made for.
const LABEL: &[u8] = b"dashboard sign-in under way, 1";
/// The longest cookie that is looked at, in characters: browsers keep no longer one (RFC 6265 §6.1).
const SEALED_MAX: usize = 4096;

/// A sign-in that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attempt {
    /// Comes back with the answer, so that the answer is this browser's.
    pub(super) state: String,
    /// Comes back in the token, so that the token is this sign-in's.
    pub(super) nonce: String,
    /// Proves at the issuer that the code is fetched by whoever began (RFC 7636).
    pub(super) verifier: String,
    /// Where the person wished to go.
    pub(super) to: String,
    /// Until when it is good, Unix milliseconds.
    pub(super) ends_ms: i64,
}

/// Seals sign-ins and opens them again.
pub(super) struct Attempts(LinkKeysStore);

impl Attempts {
    /// With the keys of this store.
    pub(super) fn new(keys: LinkKeysStore) -> Self {
        Self(keys)
    }

    /// The sign-in as text for a cookie. Nothing is stored, but for the shop's very first key.
    pub(super) async fn seal(&self, attempt: &Attempt, now_ms: i64) -> Result<String, Refusal> {
        let keys = self.0.load(now_ms, random()?).await?;
        let content = serde_json::to_vec(attempt).map_err(|_| Refusal::Unsealable)?;
        let newest = keys.newest().ok_or(Refusal::Unsealable)?;
        seal(newest, content).map(|sealed| BASE64URL_NOPAD.encode(&sealed))
    }

    /// The sign-in of a cookie, if it is one of ours and its time is not over.
    pub(super) async fn open(&self, sealed: &str, now_ms: i64) -> Result<Option<Attempt>, Refusal> {
        let sealed = Some(sealed).filter(|sealed| sealed.len() <= SEALED_MAX);
        let Some(sealed) = sealed.and_then(|sealed| BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()) else {
            return Ok(None);
        };
        let keys = self.0.load(now_ms, random()?).await?;
        let mut newest_first = keys.all().iter().rev();
        let content = newest_first.find_map(|key| open(key, &sealed));
        let attempt = content.and_then(|content| serde_json::from_slice::<Attempt>(&content).ok());
        Ok(attempt.filter(|attempt| now_ms < attempt.ends_ms))
    }
}

fn cipher(key: &LinkKey) -> Option<LessSafeKey> {
    let own = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.bytes()), LABEL);
    UnboundKey::new(&AES_256_GCM, own.as_ref())
        .ok()
        .map(LessSafeKey::new)
}

/// A random nonce, then the sealed content. Of 2^32 nonces under one key two are hardly ever the same (NIST SP
/// 800-38D §8.3); nobody signs in so often.
fn seal(key: &LinkKey, mut content: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let nonce = random::<NONCE_LEN>()?;
    let cipher = cipher(key).ok_or(Refusal::Unsealable)?;
    cipher
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut content)
        .map_err(|_| Refusal::Unsealable)?;
    Ok([nonce.as_slice(), &content].concat())
}

fn open(key: &LinkKey, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let (nonce, mut content) = (Nonce::assume_unique_for_key(*nonce), sealed.to_vec());
    let opened = cipher(key)?.open_in_place(nonce, Aad::empty(), &mut content);
    opened.ok().map(|content| content.to_vec())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_with_its_key_alone_and_unchanged_alone() {
        let (key, other) = (LinkKey::new(1, 0, [7; 32]), LinkKey::new(1, 0, [8; 32]));
        let sealed = seal(&key, b"content".to_vec()).unwrap();
        assert_eq!(open(&key, &sealed).unwrap(), b"content");
        assert_eq!(open(&other, &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(open(&key, &changed), None, "{at}");
            assert_eq!(open(&key, &sealed[..at]), None, "{at}");
        }
        assert_ne!(seal(&key, b"content".to_vec()).unwrap(), sealed);
    }
}
