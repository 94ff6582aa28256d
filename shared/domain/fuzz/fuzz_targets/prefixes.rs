//! A table of prefixes, with any text: refused with its line, or read and written again.

#![no_main]

#[path = "../../tests/suite/topup_support/mod.rs"]
#[allow(dead_code, reason = "the other half is another target's")]
mod topup_support;

libfuzzer_sys::fuzz_target!(|text: &str| {
    topup_support::survive_prefixes(text);
});
