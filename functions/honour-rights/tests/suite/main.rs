//! Everything that is asked of `honour-rights`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod crash;
mod erasure;
mod meanwhile;
mod remind;
mod requests;
mod retention;
mod retention_rounds;
mod support;
mod together;
