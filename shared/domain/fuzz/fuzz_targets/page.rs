//! A stored page, with any bytes: refused or read, never a panic, and what is read can be written again.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(receipts) = domain::page::unpack(bytes) {
        let packed = domain::page::pack(&receipts).unwrap();
        assert_eq!(domain::page::unpack(&packed).unwrap(), receipts);
    }
});
