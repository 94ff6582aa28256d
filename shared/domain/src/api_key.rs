//! API keys: shown once, stored as a hash, limited by scopes, revocable.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Send exports and see what became of them.
    #[serde(rename = "exports")]
    Exports,
    /// Read days, receipts and outlets, what nights did and what they found.
    #[serde(rename = "sales:read")]
    SalesRead,
    /// Read customers: personal data.
    #[serde(rename = "customers:read")]
    CustomersRead,
    /// See quarantined records.
    #[serde(rename = "quarantine:read")]
    QuarantineRead,
    /// Replay or discard quarantined records, say that a finding is fine.
    #[serde(rename = "quarantine:write")]
    QuarantineWrite,
    /// Read and verify the audit trail.
    #[serde(rename = "audit:read")]
    AuditRead,
    /// Read what guests say, the figures made from it, and the cases of unhappy guests.
    #[serde(rename = "feedback:read")]
    FeedbackRead,
    /// Work on cases, erase a guest's words.
    #[serde(rename = "feedback:write")]
    FeedbackWrite,
    /// Read the links and codes that lead guests to their page.
    #[serde(rename = "links:read")]
    LinksRead,
    /// See requests of people about their data, and the ids they are about. No names, numbers or addresses.
    #[serde(rename = "people:read")]
    PeopleRead,
    /// Work on such requests, see and hand out what is known of a person, join and part ids: personal data.
    #[serde(rename = "people:write")]
    PeopleWrite,
    /// Order top-ups for the key's own partner, and see them: a key with it has a partner.
    #[serde(rename = "topups")]
    Topups,
    /// Describe the products and the partners of top-ups, and see the deposit.
    #[serde(rename = "topups:manage")]
    TopupsManage,
    /// See every partner's top-ups, what waits for a person, and the books of the deposit.
    #[serde(rename = "topups:read")]
    TopupsRead,
    /// Say what became of a top-up of which nobody knows, and agree with who said so.
    #[serde(rename = "topups:decide")]
    TopupsDecide,
    /// Describe outlets, make and revoke keys.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 16] = [
        Self::Exports,
        Self::SalesRead,
        Self::CustomersRead,
        Self::QuarantineRead,
        Self::QuarantineWrite,
        Self::AuditRead,
        Self::FeedbackRead,
        Self::FeedbackWrite,
        Self::LinksRead,
        Self::PeopleRead,
        Self::PeopleWrite,
        Self::Topups,
        Self::TopupsManage,
        Self::TopupsRead,
        Self::TopupsDecide,
        Self::Admin,
    ];
}

/// A key as it is stored: enough to know it again, not enough to use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// The public part.
    pub id: String,
    /// What it is for, in people's words.
    pub name: String,
    /// SHA-256 of the secret part, in hexadecimal. The secret has 256 bits, so a fast hash is enough.
    pub secret_hash: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The partner for whom it orders top-ups; `None` for every other use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Unix milliseconds.
    pub created_ms: i64,
    /// Unix milliseconds of its revocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_ms: Option<i64>,
}

/// The text of a new key and the key as it is to be stored, of no partner.
#[must_use]
pub fn mint(random: [u8; 40], name: &str, scopes: Vec<Scope>, now_ms: i64) -> (String, ApiKey) {
    let encode = |bytes: &[u8]| data_encoding::BASE32_NOPAD.encode(bytes).to_lowercase();
    let (id, secret) = random.split_at(8);
    let (id, secret) = (encode(id), encode(secret));
    let text = format!("oyk_{id}_{secret}");
    let key = ApiKey {
        id,
        name: name.to_owned(),
        secret_hash: hash(&secret),
        scopes,
        partner: None,
        created_ms: now_ms,
        revoked_ms: None,
    };
    (text, key)
}

/// The id and the secret of a key's text, where it has the form of one.
#[must_use]
pub fn parse(text: &str) -> Option<(&str, &str)> {
    let (id, secret) = text.trim().strip_prefix("oyk_")?.split_once('_')?;
    let fits =
        |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_alphanumeric());
    (fits(id, 13) && fits(secret, 52)).then_some((id, secret))
}

impl ApiKey {
    /// Whether `secret` is this key's and the key is in force. Compares in constant time.
    #[must_use]
    pub fn admits(&self, secret: &str) -> bool {
        let given = hash(secret);
        let differing = given
            .bytes()
            .zip(self.secret_hash.bytes())
            .fold(0_u8, |differing, (a, b)| differing | (a ^ b));
        given.len() == self.secret_hash.len() && differing == 0 && self.revoked_ms.is_none()
    }
}

fn hash(secret: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(secret.as_bytes()))
}
