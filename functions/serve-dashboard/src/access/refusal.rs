//! Why somebody is refused. Only the log tells.

use aws::StoreError;
use lambda_edge::clock::NoRandomness;

use super::fetch::FetchError;

/// Why a sign-in, a token or a form was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The browser has no sign-in under way, or began it too long ago, or one that is not ours.
    #[error("no sign-in is under way in this browser")]
    LoginUnknown,
    /// The browser has a session that was made up, has ended or expired.
    #[error("the session is none, or none any more")]
    SessionUnknown,
    /// The issuer's answer has a parameter twice, or one that is no text.
    #[error("the issuer's answer cannot be read")]
    AnswerUnreadable,
    /// The answer belongs to a sign-in of somebody else.
    #[error("the state is another sign-in's")]
    StateDiffers,
    /// The answer names another issuer (RFC 9207).
    #[error("the answer is of another issuer")]
    AnswerOfAnother,
    /// The issuer let nobody in. Its code, such as `access_denied`.
    #[error("the issuer refused: {0}")]
    IssuerRefused(String),
    /// The answer has neither a code nor an error.
    #[error("the answer has no code")]
    CodeMissing,
    /// The token is no JWT, or one with parts that must be understood and are not.
    #[error("the token is malformed")]
    Malformed,
    /// The token is signed in a way that is not allowed, `none` among them.
    #[error("the token's algorithm is not allowed")]
    Algorithm,
    /// The issuer publishes no such key.
    #[error("the token's key is not one of the issuer's")]
    KeyUnknown,
    /// The signature is not that of the key.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing, unreadable or another one than expected. Its name.
    #[error("the token's claim {0} does not fit")]
    Claim(&'static str),
    /// The token is past its time.
    #[error("the token has expired")]
    Expired,
    /// The token's time has not come.
    #[error("the token is not in force yet")]
    TooEarly,
    /// The person has none of the roles that count here.
    #[error("the person has no role")]
    NoRole,
    /// The form was sent from somewhere else.
    #[error("the form was not sent from a page of the dashboard")]
    FormFromElsewhere,
    /// The form is not of this session.
    #[error("the form's token is missing or another session's")]
    FormToken,
    /// The form is no form, or too large.
    #[error("the form cannot be read")]
    FormUnreadable,
    /// The issuer could not be asked.
    #[error(transparent)]
    Issuer(#[from] FetchError),
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The browser can't be given a sign-in to keep: there is no key to seal it with.
    #[error("a sign-in can't be sealed")]
    Unsealable,
    /// No randomness: no session can be made.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl Refusal {
    /// The stable code of the reason, for the log.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::LoginUnknown => "LOGIN_UNKNOWN",
            Self::SessionUnknown => "SESSION_UNKNOWN",
            Self::AnswerUnreadable => "ANSWER_UNREADABLE",
            Self::StateDiffers => "STATE_DIFFERS",
            Self::AnswerOfAnother => "ANSWER_OF_ANOTHER",
            Self::IssuerRefused(_) => "ISSUER_REFUSED",
            Self::CodeMissing => "CODE_MISSING",
            Self::Malformed => "TOKEN_MALFORMED",
            Self::Algorithm => "TOKEN_ALGORITHM",
            Self::KeyUnknown => "TOKEN_KEY_UNKNOWN",
            Self::Signature => "TOKEN_SIGNATURE",
            Self::Claim(_) => "TOKEN_CLAIM",
            Self::Expired => "TOKEN_EXPIRED",
            Self::TooEarly => "TOKEN_TOO_EARLY",
            Self::NoRole => "NO_ROLE",
            Self::FormFromElsewhere => "FORM_FROM_ELSEWHERE",
            Self::FormToken => "FORM_TOKEN",
            Self::FormUnreadable => "FORM_UNREADABLE",
            Self::Issuer(_) => "ISSUER_UNREACHABLE",
            Self::Store(_) => "STORE",
            Self::Unsealable => "UNSEALABLE",
            Self::Randomness(_) => "NO_RANDOMNESS",
        }
    }

    /// Whether it is our own or the issuer's trouble and not the person's.
    pub(super) const fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Issuer(_) | Self::Store(_) | Self::Unsealable | Self::Randomness(_)
        )
    }

    /// Writes the reason to the log.
    pub(super) fn log(&self, what: &'static str) {
        let reason = self.code();
        if self.is_outage() {
            tracing::error!(reason, cause = %self, "{what}");
        } else {
            tracing::warn!(reason, cause = %self, "{what}");
        }
    }
}

/// A foreign error code as it may stand in the log: a short word, or nothing.
pub(super) fn word(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_lowercase() || *c == '_';
    text.chars().filter(plain).take(40).collect()
}
