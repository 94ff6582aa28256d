//! The shop's decisions, and nothing else: no async, no AWS, no clock, no environment.
//!
//! Bytes of a POS export go in, facts come out; facts go in, figures come out. Time, ids and
//! randomness are arguments, so every function here gives the same answer twice.

pub mod api_key;
pub mod audit;
pub mod case;
pub mod code;
pub mod correlation;
pub mod customer;
pub mod dialect;
pub mod export;
pub mod feedback;
pub mod figures;
pub mod finding;
pub mod fingerprint;
pub mod guest_link;
pub mod habit;
pub mod insight;
pub mod kin;
pub mod mail;
pub mod map;
pub mod money;
pub mod name;
pub mod night;
pub mod outlet;
pub mod page;
pub mod phone;
pub mod quantity;
pub mod quarantine;
pub mod receipt;
pub mod receipt_id;
pub mod record;
pub mod redact;
pub mod rights;
pub mod satisfaction;
pub mod setup;
pub mod shape;
pub mod split;
pub mod staff;
pub mod summary;
pub mod topup;
mod uuid;
pub mod value;
pub mod when;
