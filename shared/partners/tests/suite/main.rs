//! Everything that is asked of `partners`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod central;
mod central_away;
mod kios;
mod kios_away;
mod kios_proxy;
mod moka;
mod moka_away;
mod moka_renewal;
mod moka_tokens;
mod support;
mod webhook;
