//! What logs, events and mails may show of a text: destinations and serial numbers down to their last four signs, and
//! nothing of what proves who we are.
//!
//! A reply is told apart by its structure, and each part is shown by a rule of its own. Any other text is shown word
//! by word, and only words of a form that no secret has: what is not known to be harmless is left out.

mod words;

use super::event::TEXT_MAX;
use super::id::is_refid;
use super::number::destination;
use super::product::Kind;
use super::reply::{self, DuplicateStatus, Outcome, Parts};
use super::serial::pln;

/// What stands for what is left out.
const HIDDEN: &str = "…";
/// What stands before the last signs of a number.
const STARS: &str = "****";

/// A text of the supplier as it may be kept and shown: at most [`TEXT_MAX`] characters.
#[must_use]
pub fn text(any: &str) -> String {
    let shown = reply::parts(any).map_or_else(|| words::shown(any), |parts| of_reply(&parts));
    let shown = shown.replace(char::is_control, " ");
    if shown.chars().nth(TEXT_MAX).is_none() {
        return shown;
    }
    let mut cut: String = shown.chars().take(TEXT_MAX - 1).collect();
    cut.push_str(HIDDEN);
    cut
}

/// What the supplier sent, in the same way.
#[must_use]
pub fn bytes(any: &[u8]) -> String {
    text(&reply::decoded(any))
}

/// A destination: the last four signs; of a short one, nothing. With the first ones too, a short number would leave a
/// hundred others.
#[must_use]
pub fn number(dest: &str) -> String {
    let signs: Vec<char> = dest.trim().chars().collect();
    if signs.len() >= 8 {
        format!("{STARS}{}", last_four(&signs))
    } else {
        STARS.to_owned()
    }
}

/// A partner's own reference: as it is, but for numbers that could lead to somebody.
#[must_use]
pub fn reference(text: &str) -> String {
    words::without_numbers(text)
}

/// A serial number: the last four signs, of a token's digits where it is one; of a short one, nothing.
#[must_use]
pub fn serial(sn: &str) -> String {
    let sn = sn.trim();
    if sn.is_empty() {
        return String::new();
    }
    let token = pln(sn).map(|token| token.token);
    let signs: Vec<char> = token.as_deref().unwrap_or(sn).chars().collect();
    if signs.len() >= 8 {
        format!("{STARS}{}", last_four(&signs))
    } else {
        STARS.to_owned()
    }
}

fn last_four(signs: &[char]) -> String {
    signs.iter().skip(signs.len().saturating_sub(4)).collect()
}

fn of_reply(parts: &Parts<'_>) -> String {
    let outcome = reply::outcome(parts.status);
    let delivered = matches!(outcome, Some(Outcome::Success { .. }));
    let status = match outcome {
        Some(Outcome::Success { sn }) => format!("SUKSES#SN:{}", serial(&sn)),
        Some(Outcome::Duplicate { status, at, sn }) => {
            let status = match status {
                DuplicateStatus::Success => "SUKSES".to_owned(),
                DuplicateStatus::Failed => "GAGAL".to_owned(),
                DuplicateStatus::Other => words::shown(parts.status.split(';').next().unwrap_or_default()),
            };
            format!(
                "{status}; sudah pernah jam {} SN/Ref: {}.",
                words::shown(&at),
                serial(&sn)
            )
        }
        Some(Outcome::Accepted | Outcome::InProcess | Outcome::Failed(_)) | None => {
            words::shown(parts.status)
        }
    };
    format!(
        "#{}#{}#ke:{}#{status}#{}#Reffid:{}#",
        id(parts.trxid),
        id(parts.product),
        number(parts.dest),
        reply::balance_text(&parts.balance, delivered),
        id(parts.refid),
    )
}

/// An id, so that one can search for it: unless it has the form of a telephone number, or other signs than ids have.
fn id(text: &str) -> String {
    let plain = text.len() <= 20
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if is_refid(text) || (plain && destination(Kind::Pulsa, text).is_err()) {
        text.to_owned()
    } else {
        words::shown(text)
    }
}
