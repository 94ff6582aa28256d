//! Everything that is asked of `send-topups`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod crash;
mod intents;
mod kinds;
mod lanes;
mod looks;
mod reported;
mod stopped;
mod storm;
mod support;
