//! A guest's form, with any bytes: read within its bounds, or refused with a reason.

#![no_main]

#[path = "../../tests/suite/guest_support/mod.rs"]
#[allow(dead_code, reason = "the other parts are other targets'")]
mod guest_support;

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    guest_support::survive_form(body);
});
