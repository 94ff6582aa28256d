//! Everything that is asked of `accept-exports`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![recursion_limit = "256"]

mod access;
mod customer_documents;
mod description;
mod exports;
mod mails;
mod outlets;
mod quarantine;
mod sales;
mod support;
mod trail;
mod uploads;
