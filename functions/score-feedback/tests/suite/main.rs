//! Everything that is asked of `score-feedback`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod faults;
mod figures;
mod low_scores;
mod support;
