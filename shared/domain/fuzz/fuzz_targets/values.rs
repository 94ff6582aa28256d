//! Single values, with any text: amounts, quantities, phone numbers, dates, names.

#![no_main]

#[path = "../../tests/suite/record_support/mod.rs"]
#[allow(dead_code, reason = "the other half is another target's")]
mod record_support;

libfuzzer_sys::fuzz_target!(|text: &str| record_support::survive_value(text));
