//! A search for values that must not be there, in every writing that they may have.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Texts by where they stand.
pub type Texts = BTreeMap<String, String>;

/// The places in which a value stands, in whatever writing, in capitals or not.
///
/// # Panics
///
/// Where the value is empty: that stands everywhere.
#[must_use]
pub fn found_in(all: &Texts, value: &str) -> Vec<String> {
    assert!(!value.is_empty(), "something to search for");
    let writings: Vec<String> = writings(value)
        .into_iter()
        .map(|text| text.to_lowercase())
        .collect();
    let holds = |text: &str| {
        let text = text.to_lowercase();
        writings.iter().any(|writing| text.contains(writing))
    };
    let found = all.iter().filter(|(key, text)| holds(key) || holds(text));
    found.map(|(key, _)| key.clone()).collect()
}

/// The value as it is, percent-encoded (both ways to write a space), and inside base64 at each of the three places
/// where it can begin.
fn writings(value: &str) -> Vec<String> {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    let percent: String = value.bytes().map(encode).collect();
    let mut all = vec![value.to_owned(), percent.replace("%20", "+"), percent];
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend(value.bytes());
        // Only whole groups of three: what stands before and after is not known. Of a short value no group may be left.
        let from = if shift == 0 { 0 } else { 4 };
        let to = bytes.len() / 3 * 4;
        if from < to {
            let encoded = [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD].map(|base64| base64.encode(&bytes));
            all.extend(encoded.map(|encoded| encoded[from..to].to_owned()));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_every_writing() {
        let (secret, mail) = ("kunci rahasia/77", "rahma.k@example.test");
        let hidden = [
            (secret, "x kunci rahasia/77 y".to_owned()),
            (secret, "password=kunci%20rahasia%2F77".to_owned()),
            (secret, "password=kunci+rahasia%2f77".to_owned()),
            (secret, STANDARD_NO_PAD.encode("kunci rahasia/77")),
            (secret, STANDARD_NO_PAD.encode("a=kunci rahasia/77")),
            (secret, URL_SAFE_NO_PAD.encode("ab=kunci rahasia/77")),
            (mail, "x rahma.k@example.test y".to_owned()),
            (mail, "mail=rahma.k%40example.test".to_owned()),
            (mail, "RAHMA.K@EXAMPLE.TEST".to_owned()),
            (
                mail,
                STANDARD_NO_PAD.encode("{\"mail\":\"rahma.k@example.test\"}"),
            ),
            (
                mail,
                STANDARD_NO_PAD.encode("{\"email\":\"rahma.k@example.test\"}"),
            ),
            (
                mail,
                URL_SAFE_NO_PAD.encode("{\"e-mail\":\"rahma.k@example.test\"}"),
            ),
        ];
        for (value, text) in hidden {
            let all = Texts::from([("key".to_owned(), text.clone())]);
            assert_eq!(found_in(&all, value), ["key"], "{text}");
            let all = Texts::from([(text.clone(), String::new())]);
            assert_eq!(found_in(&all, value), [text], "as the place itself");
        }
    }

    #[test]
    fn a_value_is_not_found_where_only_a_part_of_it_stands() {
        let all = Texts::from([("key".to_owned(), "rahma@example.test".to_owned())]);
        for value in [
            "rahma.k@example.test",
            "kunci rahasia/77",
            "#",
            "77",
            "SN:",
            "0812",
        ] {
            assert_eq!(found_in(&all, value), Vec::<String>::new(), "{value}");
        }
    }
}
