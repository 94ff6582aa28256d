//! Everything that is asked of `serve-topups`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![recursion_limit = "256"]

mod access;
mod description;
mod destinations;
mod idempotency;
mod manage;
mod orders;
mod reading;
mod refusals;
mod reports;
mod stops;
mod support;
