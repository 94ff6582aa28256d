//! Signing in and out at an issuer on loopback, which tells what a test wants it to tell.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod bearers;
mod forms;
mod issuer;
mod sessions;
mod shop;
mod sign_in;
