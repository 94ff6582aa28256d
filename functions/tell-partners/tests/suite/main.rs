//! Everything that is asked of `tell-partners`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod crash;
mod logs;
mod messages;
mod support;
mod tries;
