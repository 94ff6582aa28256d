//! Stored figures, with any bytes: refused or read, never a panic, and what is read can be written again.

#![no_main]

#[path = "../../tests/suite/guest_support/mod.rs"]
#[allow(dead_code, reason = "the other parts are other targets'")]
mod guest_support;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    guest_support::survive_insight(bytes);
});
