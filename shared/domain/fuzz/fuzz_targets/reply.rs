//! A supplier's reply, with any bytes: read or not understood, and nothing of it shown that must not be.

#![no_main]

#[path = "../../tests/suite/topup_support/mod.rs"]
#[allow(dead_code, reason = "the other half is another target's")]
mod topup_support;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    topup_support::survive_reply(bytes);
});
