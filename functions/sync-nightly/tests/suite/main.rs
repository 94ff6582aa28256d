//! Everything that is asked of `sync-nightly`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod arrivals;
mod moka_days;
mod night;
mod night_again;
mod night_faults;
mod night_sources;
mod recoveries;
mod support;
