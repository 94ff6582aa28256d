//! A record, with any bytes: the invariants are those of its tests.

#![no_main]

#[path = "../../tests/suite/record_support/mod.rs"]
#[allow(dead_code, reason = "the other half is another target's")]
mod record_support;

libfuzzer_sys::fuzz_target!(|record: &[u8]| {
    record_support::survive_record(record);
});
