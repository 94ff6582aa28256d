//! Everything that is asked of `serve-feedback`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answers;
mod links;
mod pages;
mod support;
