//! What nights find wrong with an outlet's days, told as stories of files that come in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod days;
mod faults;
mod files;
pub(crate) mod shop;
