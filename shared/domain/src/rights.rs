//! The rights of people over their data, as the Indonesian law on personal data protection gives them (UU
//! 27/2022, articles 5 to 13, with the times of articles 30, 32, 40 and 41), and what the shop owes without
//! being asked.
//!
//! A [`Request`] is a person's: checked, carried out and proved within three times 24 hours. [`may_contact`] is
//! the only gate before a guest's number or address is used. [`Retention`] says when data has served its
//! purpose. What a person asked for stands with the customer: [`crate::customer::Rights`].

mod apply;
mod consents;
mod contact;
mod correction;
mod request;
mod retention;
mod words;

pub use consents::{ConsentEntry, consent_for, consents};
pub use contact::{Barred, may_contact};
pub use correction::{Correction, CorrectionError};
pub use request::{Check, DUE_MS, Proof, REMIND_MS, Request, RequestError, Step, request_id};
pub use retention::{DAYS_MIN, Retention, TooShort};
pub use words::{Deed, Kind, Method, Refusal, State, UnknownWord};
