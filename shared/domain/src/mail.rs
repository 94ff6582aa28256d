//! Mails to people of the shop, as facts; their wording is made when they are sent.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::export::Export;
use crate::when::BusinessDate;

/// Where a mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// Waits to be sent, now or after a pause.
    Queued,
    /// Handed to the mail service; the answer is not known yet.
    Sending,
    /// Taken by the mail service.
    Sent,
    /// Whether the mail service took it is not known: never sent again by itself.
    Unknown,
    /// Refused for good.
    Failed,
}

impl MailState {
    /// The state's name in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }
}

/// One reason among those a digest names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestReason {
    /// The stable code.
    pub code: String,
    /// Where in the document.
    pub pointer: String,
    /// Where in the file.
    pub byte_start: u64,
    /// What exactly was wrong; no content of the file.
    pub detail: String,
}

/// What a mail is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum MailCause {
    /// Records of an export could not be taken, or the export as a whole.
    ExportTrouble {
        /// The ledger entry.
        export: Box<Export>,
        /// The first reasons.
        reasons: Vec<DigestReason>,
    },
    /// A guest rated low. Neither words nor scores are in here: they are read when the mail is sent, so that
    /// what was corrected or erased in between is not mailed.
    LowScore {
        /// The outlet's id.
        outlet: String,
        /// The outlet's name for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outlet_name: Option<String>,
        /// The receipt's id in the API.
        receipt: String,
        /// The id of the case.
        case: String,
        /// Which telling of the case this is, from 1.
        revision: u32,
    },
    /// A night is over. Its figures and findings are read when the mail is sent.
    NightDigest {
        /// The night's date.
        date: BusinessDate,
    },
    /// A person's request is due soon. Names nobody.
    RightsDue {
        /// The request's id.
        request: String,
        /// What was asked for, such as `erasure`.
        kind: String,
        /// When it must be done, Unix milliseconds.
        due_ms: i64,
    },
    /// Something about top-ups needs a person. Names no number and no serial number.
    TopupAlert {
        /// What kind of trouble: see [`crate::topup::alert::AlertKind`].
        alert: String,
        /// Of what: an order's id, a product's code, or the supplier.
        subject: String,
        /// When, Unix milliseconds.
        at_ms: i64,
    },
}

/// A mail that waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// One per cause and what caused it: see [`mail_id`].
    pub id: String,
    /// What it is about.
    pub cause: MailCause,
    /// Where it stands.
    pub state: MailState,
    /// How often it was tried.
    pub attempts: u32,
    /// When to try next, Unix milliseconds.
    pub due_ms: i64,
    /// When it was put here, Unix milliseconds.
    pub created_ms: i64,
    /// The correlation of what it is about: see [`crate::correlation`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// The mail service's id of it, once sent; or its last complaint, without addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// How many reasons a digest names.
pub const REASONS_MAX: usize = 10;

/// The id of the mail for a cause, what it is about, and that thing's content: the same for every retry.
/// A file is told by its export id and entity tag, a low rating by its receipt and fingerprint, a night by its
/// date and, where it is run again, which time it is.
#[must_use]
pub fn mail_id(cause: &str, subject: &str, content: &str) -> String {
    let hash = Sha256::new()
        .chain_update(cause)
        .chain_update([0])
        .chain_update(subject)
        .chain_update([0]);
    let hash = hash.chain_update(content).finalize();
    format!(
        "mail_{}",
        data_encoding::BASE32_NOPAD
            .encode(hash.get(..15).unwrap_or_default())
            .to_lowercase()
    )
}

/// How long to wait before the next try: one minute, doubled each time, at most six hours.
#[must_use]
pub fn pause_ms(attempts: u32) -> i64 {
    const MINUTE_MS: i64 = 60_000;
    MINUTE_MS
        .saturating_mul(1_i64 << attempts.min(9))
        .min(MINUTE_MS * 360)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn causes_are_stored_under_names_that_stay() {
        let table = [
            (
                MailCause::NightDigest {
                    date: "2026-11-22".parse().unwrap(),
                },
                r#"{"cause":"night_digest","date":"2026-11-22"}"#,
            ),
            (
                MailCause::RightsDue {
                    request: "req_1".to_owned(),
                    kind: "erasure".to_owned(),
                    due_ms: 7,
                },
                r#"{"cause":"rights_due","request":"req_1","kind":"erasure","due_ms":7}"#,
            ),
            (
                MailCause::TopupAlert {
                    alert: "manual_needed".to_owned(),
                    subject: "01J".to_owned(),
                    at_ms: 7,
                },
                r#"{"cause":"topup_alert","alert":"manual_needed","subject":"01J","at_ms":7}"#,
            ),
        ];
        for (cause, text) in table {
            assert_eq!(serde_json::to_string(&cause).unwrap(), text);
            assert_eq!(serde_json::from_str::<MailCause>(text).unwrap(), cause);
        }
    }
}
