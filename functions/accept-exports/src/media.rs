//! What an export may be sent as, and the ending that its object gets.

use edge::problem::{MEDIA_TYPE_UNSUPPORTED, Problem};

/// What an export may be sent as, and the ending its object gets where the bytes don't tell.
const MEDIA_TYPES: [(&str, &str); 8] = [
    ("application/json", "json"),
    ("application/x-ndjson", "ndjson"),
    ("application/ndjson", "ndjson"),
    ("application/gzip", "gz"),
    ("application/x-gzip", "gz"),
    ("application/zstd", "zst"),
    ("application/octet-stream", "json"),
    // No header at all: bytes (RFC 9110 §8.3).
    ("", "json"),
];

/// The ending that packed bytes show by their first ones (RFC 1952 §2.3.1, RFC 8878 §3.1.1).
pub(crate) fn ending_of_bytes(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x1f, 0x8b, ..] => Some("gz"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zst"),
        _ => None,
    }
}

pub(crate) fn ending_of_name(name: Option<&str>) -> Option<&'static str> {
    let (_, ending) = name?.rsplit_once('.')?;
    ["json", "ndjson", "gz", "zst"]
        .into_iter()
        .find(|known| ending.eq_ignore_ascii_case(known))
}

/// The ending that a name gives to bytes which are not packed.
pub(crate) fn plain_ending(name: Option<&str>) -> Option<&'static str> {
    ending_of_name(name).filter(|ending| matches!(*ending, "json" | "ndjson"))
}

pub(crate) fn ending_of_media(media: &str) -> Option<&'static str> {
    MEDIA_TYPES
        .iter()
        .find(|(known, _)| *known == media)
        .map(|(_, ending)| *ending)
}

pub(crate) fn known_media() -> String {
    let known: Vec<&str> = MEDIA_TYPES
        .iter()
        .map(|(media, _)| *media)
        .filter(|media| !media.is_empty())
        .collect();
    known.join(", ")
}

pub(crate) fn unsupported() -> Problem {
    let known = known_media();
    Problem::new(&MEDIA_TYPE_UNSUPPORTED).detail(
        format!("Content-Type: {known}."),
        format!("Content-Type: one of {known}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_bytes_are_known_by_their_first_ones() {
        assert_eq!(ending_of_bytes(&[0x1f, 0x8b, 8]), Some("gz"));
        assert_eq!(ending_of_bytes(&[0x28, 0xb5, 0x2f, 0xfd, 0]), Some("zst"));
        for plain in [&b"{}"[..], b"[", &[0x1f], &[0x28, 0xb5, 0x2f], b""] {
            assert_eq!(ending_of_bytes(plain), None, "{plain:?}");
        }
    }

    #[test]
    fn a_name_gives_plain_bytes_a_plain_ending_only() {
        let table = [
            (None, None, None),
            (Some("moka.JSON"), Some("json"), Some("json")),
            (Some("moka.ndjson"), Some("ndjson"), Some("ndjson")),
            (Some("moka.json.gz"), Some("gz"), None),
            (Some("moka.zst"), Some("zst"), None),
            (Some("moka.xlsx"), None, None),
            (Some("moka"), None, None),
        ];
        for (name, ending, plain) in table {
            assert_eq!(ending_of_name(name), ending, "{name:?}");
            assert_eq!(plain_ending(name), plain, "{name:?}");
        }
    }
}
