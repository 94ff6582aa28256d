//! What nights learn about an outlet's guests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod faults;
mod guests;
mod habits;
mod joins;
mod phones;
mod rights;
