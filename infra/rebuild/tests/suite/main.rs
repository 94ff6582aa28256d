//! Everything that is asked of `rebuild`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod killed;
mod refusals;
mod support;
mod tables;
