//! The wording of mails: Bahasa Indonesia, each once as text and once as HTML.

pub mod export_trouble;
pub mod low_score;
pub mod night_digest;
pub mod rights_due;
pub mod share;
pub mod topup_alert;

/// The longest text from outside in a body, in characters.
const TEXT_MAX: usize = 200;

/// From whom a mail is, to whom, and where to read more.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The sender's address.
    pub from: String,
    /// The admin's address.
    pub to: String,
    /// Where the API is reached, without a slash at the end.
    pub public_url: String,
}
