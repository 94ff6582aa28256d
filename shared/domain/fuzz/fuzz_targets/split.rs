//! The record splitter, with any bytes: the invariants are those of its tests.

#![no_main]

#[path = "../../tests/suite/split_support/mod.rs"]
mod split_support;

libfuzzer_sys::fuzz_target!(|file: &[u8]| split_support::survive(file));
