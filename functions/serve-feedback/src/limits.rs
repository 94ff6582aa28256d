//! How often somebody may send an answer.
//!
//! What is stored is a hash. An address is hashed together with the day and the newest key of guest
//! links: without that key nobody finds out by trying which address it was, and the next day it is
//! another hash.

use std::net::IpAddr;

use data_encoding::HEXLOWER;
use domain::guest_link::LinkKeys;
use edge::auth::AuthSource;
use edge::problem::{Problem, TOO_MANY_REQUESTS};
use http::Extensions;
use http::header::{HeaderValue, RETRY_AFTER};
use lambda_http::request::RequestContext;
use sha2::{Digest, Sha256};

use crate::Deps;

/// A limit: at most so many within so long.
#[derive(Clone, Copy, Debug)]
struct Limit {
    what: &'static str,
    window_secs: u32,
    max: u32,
}

/// Answers from one network. A shop's guests often share one address (its own network, or a phone
/// company's), so it is generous.
const BY_SOURCE: Limit = Limit {
    what: "answers_by_source",
    window_secs: 600,
    max: 60,
};
/// Answers to one receipt. Whoever changes their mind does so a few times.
const BY_LINK: Limit = Limit {
    what: "answers_by_link",
    window_secs: 3600,
    max: 12,
};

const DAY_MS: i64 = 86_400_000;
/// Bytes of a hash that are kept: enough that two sources never share one by accident.
const HASH_BYTES: usize = 16;

/// Where a request comes from, as API Gateway saw it. A header could say anything.
pub(crate) fn source(extensions: &Extensions) -> Option<IpAddr> {
    match extensions.get::<RequestContext>()? {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_deref()?.parse().ok(),
        _ => None,
    }
}

impl Deps {
    /// Counts an answer from a source, and refuses it beyond the limit. Sources that are not known
    /// share one count.
    pub(crate) async fn count_source(&self, source: Option<IpAddr>) -> Result<(), Problem> {
        let now_ms = self.now_ms();
        let keys = self.guest_links.keys(now_ms).await?;
        let day = now_ms.div_euclid(DAY_MS);
        self.count(BY_SOURCE, &hash_of_source(&keys, day, source)).await
    }

    /// Counts an answer to a link, and refuses it beyond the limit.
    pub(crate) async fn count_link(&self, token: &str) -> Result<(), Problem> {
        self.count(BY_LINK, &hash(&[token.as_bytes()])).await
    }

    async fn count(&self, limit: Limit, who: &str) -> Result<(), Problem> {
        let now_ms = self.now_ms();
        let Limit {
            what,
            window_secs,
            max,
        } = limit;
        if self.limits.take(what, who, window_secs, max, now_ms).await? {
            return Ok(());
        }
        Err(Problem::new(&TOO_MANY_REQUESTS)
            .header(RETRY_AFTER, HeaderValue::from(window_secs))
            .caused_by(what))
    }
}

fn hash_of_source(keys: &LinkKeys, day: i64, source: Option<IpAddr>) -> String {
    let salt = keys
        .newest()
        .map(|key| key.bytes().as_slice())
        .unwrap_or_default();
    let source = source.map(network).unwrap_or_default();
    hash(&[b"source", salt, &day.to_be_bytes(), &source])
}

/// The network that counts as one source: an IPv4 address, or the half of an IPv6 address that one
/// connection gets for itself (RFC 6177 §2).
fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().into_iter().take(8).collect(),
    }
}

/// A hash of parts, each with its length, so that no two lists of parts are one text.
fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    HEXLOWER.encode(hasher.finalize().get(..HASH_BYTES).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use domain::guest_link::LinkKey;

    use super::*;

    fn keys(byte: u8) -> LinkKeys {
        LinkKeys::new(vec![LinkKey::new(1, 0, [byte; 32])])
    }

    #[test]
    fn one_network_is_one_source_for_a_day() {
        let of = |address: &str| hash_of_source(&keys(1), 7, Some(address.parse().unwrap()));
        let same = [
            ("36.68.1.2", "::ffff:36.68.1.2"),
            ("2001:448a:1:2::1", "2001:448a:1:2:ffff::9"),
        ];
        for (one, other) in same {
            assert_eq!(of(one), of(other), "{one} {other}");
        }
        let others = ["36.68.1.2", "36.68.1.3", "2001:448a:1:2::1", "2001:448a:1:3::1"];
        let hashes: std::collections::BTreeSet<String> = others.map(of).into();
        assert_eq!(hashes.len(), others.len());
    }

    #[test]
    fn a_source_is_another_the_next_day_and_under_another_key() {
        let address = Some("36.68.1.2".parse().unwrap());
        let today = hash_of_source(&keys(1), 7, address);
        assert_ne!(today, hash_of_source(&keys(1), 8, address));
        assert_ne!(today, hash_of_source(&keys(2), 7, address));
        assert_ne!(today, hash_of_source(&keys(1), 7, None));
        assert_eq!(today.len(), 2 * HASH_BYTES);
    }
}
