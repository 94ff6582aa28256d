//! Whether a guest may be contacted.

use super::ConsentEntry;
use crate::customer::Rights;

/// Why a guest may not be contacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Barred {
    /// They were erased after they had consented.
    #[error("the person was erased")]
    Erased,
    /// Their data is only kept.
    #[error("the person's data is restricted")]
    Restricted,
    /// They objected to what is made of their data.
    #[error("the person objected")]
    Objected,
    /// They took their consent back.
    #[error("the consent was withdrawn")]
    Withdrawn,
    /// They never consented to this.
    #[error("no consent was given")]
    NoConsent,
}

impl Barred {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Erased => "CONTACT_ERASED",
            Self::Restricted => "CONTACT_RESTRICTED",
            Self::Objected => "CONTACT_OBJECTED",
            Self::Withdrawn => "CONSENT_WITHDRAWN",
            Self::NoConsent => "CONSENT_MISSING",
        }
    }
}

/// Whether a guest of these rights may be contacted about what they consented to. To be asked before a number
/// or an address is shown for that, and before any message is made.
///
/// A withdrawal takes back what was given at or before it; consent given later, on the page of another visit,
/// is new. So is consent of somebody who came back after an erasure. A restriction and an objection bar it as
/// long as they are noted.
///
/// # Errors
/// [`Barred`] with the first reason, the strongest first.
pub fn may_contact(rights: &Rights, consent: Option<&ConsentEntry>) -> Result<(), Barred> {
    let given_ms = consent
        .filter(|consent| consent.given)
        .map(|consent| consent.at_ms);
    // Nobody consented before anything that happened.
    let since =
        |at_ms: Option<i64>| at_ms.is_some_and(|at_ms| given_ms.is_none_or(|given_ms| given_ms <= at_ms));
    if since(rights.erased_ms) {
        Err(Barred::Erased)
    } else if rights.restricted_ms.is_some() {
        Err(Barred::Restricted)
    } else if rights.objected_ms.is_some() {
        Err(Barred::Objected)
    } else if since(rights.withdrawn_ms) {
        Err(Barred::Withdrawn)
    } else if given_ms.is_none() {
        Err(Barred::NoConsent)
    } else {
        Ok(())
    }
}
