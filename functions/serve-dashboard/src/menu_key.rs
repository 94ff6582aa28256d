//! Names of dishes in paths: whatever a menu is called, its key is letters, digits, hyphens and dots,
//! so that a gateway which decodes paths changes nothing. Bytes outside `A-Z a-z 0-9 -` are `.XX`, as
//! in the ids of receipts.

use std::fmt::Write as _;

/// The key of a dish's name.
pub(crate) fn of(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            key.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            write!(key, ".{byte:02X}").unwrap_or_default();
        }
    }
    key
}

/// The name that a key stands for; `None` for what no dish has as its key.
pub(crate) fn read(key: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'.' {
            let digits = [rest.next()?, rest.next()?];
            bytes.extend(data_encoding::HEXUPPER.decode(&digits).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().filter(|name| of(name) == key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_can_be_read_by_people_too() {
        assert_eq!(of("Es Teh/Manis"), "Es.20Teh.2FManis");
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in ".{0,40}") {
            let key = of(&name);
            prop_assert!(key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.'));
            prop_assert_eq!(read(&key), Some(name));
        }

        #[test]
        fn only_one_writing_is_taken(key in "[A-Za-z0-9.%/ -]{0,20}") {
            if let Some(name) = read(&key) {
                prop_assert_eq!(of(&name), key);
            }
        }
    }
}
