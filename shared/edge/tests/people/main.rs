//! What is done with what is known of people, over real stores.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod affected;
mod copy;
mod find;
mod kin;
mod shop;
