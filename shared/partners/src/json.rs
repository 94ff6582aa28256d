//! JSON from outside.

use serde::Deserialize;

/// Reads an object; `None` for anything else. A derived reader by itself takes a list of values for the fields in
/// their order as well, which no partner means.
pub(crate) fn object<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let first = text.iter().find(|byte| !blank(byte))?;
    (*first == b'{').then(|| serde_json::from_slice(text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Two {
        a: u8,
        b: Option<u8>,
    }

    #[test]
    fn only_an_object_is_one() {
        for (text, expected) in [
            (r#"{"a":1}"#, Some(Two { a: 1, b: None })),
            (" \t\r\n{\"a\":1,\"b\":2} \n", Some(Two { a: 1, b: Some(2) })),
            ("[1,2]", None),
            ("", None),
            (" ", None),
            ("null", None),
            ("\u{feff}{\"a\":1}", None),
            (r#"{"a":1"#, None),
        ] {
            assert_eq!(object::<Two>(text.as_bytes()), expected, "{text:?}");
        }
    }
}
