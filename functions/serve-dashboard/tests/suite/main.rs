//! Everything that is asked of `serve-dashboard`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod access;
mod access_support;
mod api;
mod cost;
mod dishes;
mod findings;
mod links;
mod lists;
mod nights;
mod pages;
mod people;
mod rights;
mod rights_api;
mod rights_pages;
mod support;
mod sync;
mod topup_days;
mod topup_decisions;
mod topups;
