//! The guest's link: one short text per receipt that only this shop can make and only this shop can read.
//!
//! A token is the key's number and, sealed with that key by AES-256-GCM-SIV (RFC 8452), the receipt's place and
//! the last day on which it can be answered. The nonce is always zero: this cipher stays safe without a fresh
//! one, and all that equal ciphertexts give away is that they are the same link, which they are meant to be. So
//! a link need not be stored: it follows from its receipt, and is the same whenever it is made.

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Key, KeyInit};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::receipt_id::ReceiptId;
use crate::uuid::{uuid_bytes, uuid_text};
use crate::when::BusinessDate;

/// The longest token that is looked at, in characters: longer than any that is made of a receipt.
pub const TOKEN_MAX: usize = 600;

/// A key that links are sealed with.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKey {
    /// The key's number, written in front of every token.
    pub kid: u32,
    /// When it was made, Unix milliseconds.
    pub created_ms: i64,
    key: [u8; 32],
}

impl LinkKey {
    /// A key from its random bytes.
    #[must_use]
    pub fn new(kid: u32, created_ms: i64, key: [u8; 32]) -> Self {
        Self { kid, created_ms, key }
    }

    /// The key itself, to be stored where only this shop reads.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(&Key::<Aes256GcmSiv>::from(self.key))
    }
}

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("LinkKey")
            .field("kid", &self.kid)
            .field("created_ms", &self.created_ms)
            .finish_non_exhaustive()
    }
}

/// There is no key to seal with yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no key to seal links with")]
pub struct NoKey;

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not a token of this shop. What is wrong with it is nobody's business.
    #[error("not a link of this shop")]
    Forged,
}

impl LinkError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Forged => "LINK_FORGED",
        }
    }
}

/// What a token leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The receipt's place.
    pub place: ReceiptId,
    /// The last day on which it can be answered.
    pub expires: BusinessDate,
}

impl Opened {
    /// Whether its last day is over.
    #[must_use]
    pub fn is_expired(&self, today: BusinessDate) -> bool {
        today > self.expires
    }
}

/// The keys of the shop. The newest seals; all of them open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkKeys(Vec<LinkKey>);

impl LinkKeys {
    /// These keys, in any order: the one of the highest number is the newest.
    #[must_use]
    pub fn new(mut keys: Vec<LinkKey>) -> Self {
        keys.sort_by_key(|key| key.kid);
        Self(keys)
    }

    /// The key that seals.
    #[must_use]
    pub fn newest(&self) -> Option<&LinkKey> {
        self.0.last()
    }

    /// Every key, the newest last.
    #[must_use]
    pub fn all(&self) -> &[LinkKey] {
        &self.0
    }

    /// The token of a receipt that can be answered until the end of `expires`: the same for the same receipt,
    /// day and key.
    ///
    /// # Errors
    /// [`NoKey`] before the first key is made.
    pub fn seal(&self, place: &ReceiptId, expires: BusinessDate) -> Result<String, NoKey> {
        let key = self.newest().ok_or(NoKey)?;
        // Neither fails: both write to memory, and a receipt's place is far below the cipher's limit.
        let mut token = postcard::to_stdvec(&key.kid).map_err(|_| NoKey)?;
        let content = postcard::to_stdvec(&Content::of(place, expires)).map_err(|_| NoKey)?;
        let payload = Payload {
            msg: &content,
            aad: &token,
        };
        let sealed = key.cipher().encrypt(&NONCE.into(), payload).map_err(|_| NoKey)?;
        token.extend_from_slice(&sealed);
        Ok(BASE64URL_NOPAD.encode(&token))
    }

    /// Reads a token, whether or not it is still in time: see [`Opened::is_expired`].
    ///
    /// # Errors
    /// [`LinkError::Forged`] for any text that [`LinkKeys::seal`] did not make with one of these keys.
    pub fn open(&self, token: &str) -> Result<Opened, LinkError> {
        self.read(token).ok_or(LinkError::Forged)
    }

    fn read(&self, token: &str) -> Option<Opened> {
        if token.len() > TOKEN_MAX {
            return None;
        }
        let token = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (kid, sealed) = postcard::take_from_bytes::<u32>(&token).ok()?;
        let key = self.0.iter().find(|key| key.kid == kid)?;
        // The number as it is written is authenticated too: one number has one writing.
        let (written, _) = token.split_at_checked(token.len().checked_sub(sealed.len())?)?;
        let payload = Payload {
            msg: sealed,
            aad: written,
        };
        let content = key.cipher().decrypt(&NONCE.into(), payload).ok()?;
        postcard::from_bytes::<Content<'_>>(&content).ok()?.opened()
    }
}

/// See the module: safe for this cipher, and what makes a link the same every time.
const NONCE: [u8; 12] = [0; 12];

/// What is sealed, as small as can be: a link is scanned from paper.
#[derive(Serialize, Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    outlet: &'a str,
    date: i32,
    /// Days from the business date to the last day.
    days: i32,
    #[serde(borrow)]
    native: Native<'a>,
}

#[derive(Serialize, Deserialize)]
enum Native<'a> {
    /// A UUID in lower case with its hyphens.
    Uuid([u8; 16]),
    Text(&'a str),
}

impl<'a> Content<'a> {
    fn of(place: &'a ReceiptId, expires: BusinessDate) -> Self {
        let date = place.date.days_since_epoch();
        let uuid = uuid_bytes(&place.native);
        Self {
            outlet: &place.outlet,
            date,
            days: expires.days_since_epoch().wrapping_sub(date),
            native: uuid.map_or(Native::Text(&place.native), Native::Uuid),
        }
    }

    fn opened(&self) -> Option<Opened> {
        let date = BusinessDate::from_days(self.date).ok()?;
        let native = match self.native {
            Native::Uuid(bytes) => uuid_text(&bytes),
            Native::Text(text) => text.to_owned(),
        };
        Some(Opened {
            expires: date.add_days(self.days)?,
            place: ReceiptId {
                outlet: self.outlet.to_owned(),
                date,
                native,
            },
        })
    }
}
