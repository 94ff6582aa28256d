//! A guest's link, with any text: forged, or ours in its one writing.

#![no_main]

#[path = "../../tests/suite/guest_support/mod.rs"]
#[allow(dead_code, reason = "the other parts are other targets'")]
mod guest_support;

libfuzzer_sys::fuzz_target!(|text: &str| {
    guest_support::survive_token(text);
});
