//! The texts in which tokens are kept. Each says which token, put by a person, it comes from.

use data_encoding::HEXLOWER;
use lambda_edge::redact::Secret;
use sha2::{Digest, Sha256};

use super::{Access, Held, Renewed};

/// How many hexadecimal digits of a token's SHA-256 stand for it.
const ORIGIN_DIGITS: usize = 16;

/// What stands for a refresh token that a person put: the beginning of its SHA-256, which is no secret.
#[must_use]
pub fn origin(put_by_hand: &str) -> String {
    let hash = HEXLOWER.encode(&Sha256::digest(put_by_hand));
    hash.get(..ORIGIN_DIGITS).unwrap_or_default().to_owned()
}

/// The text of an access token, to be kept: `<origin> <good until, Unix milliseconds> <token>`.
#[must_use]
pub fn access_text(origin: &str, access: &Access) -> Secret<String> {
    let Access { token, good_until_ms } = access;
    Secret::new(format!("{origin} {good_until_ms} {}", token.expose()))
}

impl Held {
    /// What a store holds, from the texts in it: the refresh token that a person put, and what
    /// [`Renewed::refresh_text`] and [`access_text`] made. What does not come from that token, or cannot be read,
    /// is passed over: a new one is fetched in its place.
    #[must_use]
    pub fn read(
        (client_id, client_secret): (Secret<String>, Secret<String>),
        put_by_hand: Secret<String>,
        renewed: Option<&str>,
        access: Option<&str>,
    ) -> Self {
        let origin = origin(put_by_hand.expose());
        let of_origin = |text: &'_ str| -> Option<String> {
            let (of, rest) = text.split_once(' ')?;
            (of == origin && !rest.is_empty()).then(|| rest.to_owned())
        };
        let renewed = renewed.and_then(of_origin).map(Secret::new);
        let access = access.and_then(of_origin).and_then(|text| read_access(&text));
        Self {
            client_id,
            client_secret,
            refresh_token: renewed.unwrap_or(put_by_hand),
            access,
            origin,
        }
    }
}

impl Renewed {
    /// The text of the new refresh token, to be kept, where there is one: `<origin> <token>`.
    #[must_use]
    pub fn refresh_text(&self) -> Option<Secret<String>> {
        let token = self.refresh_token.as_ref()?;
        Some(Secret::new(format!("{} {}", self.origin, token.expose())))
    }
}

fn read_access(text: &str) -> Option<Access> {
    let (good_until_ms, token) = text.split_once(' ')?;
    Some(Access {
        token: Secret::new(token.to_owned()),
        good_until_ms: good_until_ms.parse().ok()?,
    })
}
