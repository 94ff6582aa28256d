//! A search for values that must not be there, in every writing that they may have.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Texts by where they stand.
pub(crate) type Texts = BTreeMap<String, String>;

/// The places in which a value stands, in whatever writing.
pub(crate) fn found_in(all: &Texts, value: &str) -> Vec<String> {
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
        // Only whole groups of three: what stands before and after is not known.
        let from = if shift == 0 { 0 } else { 4 };
        let to = bytes.len() / 3 * 4;
        for base64 in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            all.push(base64.encode(&bytes)[from..to].to_owned());
        }
    }
    all
}

#[test]
fn a_value_is_found_in_every_writing() {
    let hidden = [
        "x kunci rahasia/77 y".to_owned(),
        "password=kunci%20rahasia%2F77".to_owned(),
        "password=kunci+rahasia%2F77".to_owned(),
        STANDARD_NO_PAD.encode("kunci rahasia/77"),
        STANDARD_NO_PAD.encode("a=kunci rahasia/77"),
        URL_SAFE_NO_PAD.encode("ab=kunci rahasia/77"),
    ];
    for text in hidden {
        let all = Texts::from([("key".to_owned(), text.clone())]);
        assert_eq!(found_in(&all, "kunci rahasia/77"), ["key"], "{text}");
    }
}
