//! Receipt ids of the API: one text that carries a receipt's outlet, business date and id at the
//! point of sale, and stands in a path as it is.
//!
//! The form is `{outlet}_{yyyymmdd}_{native}`. Whatever a point of sale may use as an id, bytes
//! outside `A-Z a-z 0-9 -` are written as `.XX`, so that an underscore only ever separates.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::when::BusinessDate;

/// A receipt's place: where it was sold, on which business date, and its id at the point of sale.
/// Serialised as its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReceiptId {
    /// The outlet, such as `moka-100818`.
    pub outlet: String,
    /// The business date, from the years 0 to 9999.
    pub date: BusinessDate,
    /// The receipt's id at the point of sale.
    pub native: String,
}

impl ReceiptId {
    /// Reads exactly what `Display` writes; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (rest, native) = text.rsplit_once('_')?;
        let (outlet, date) = rest.rsplit_once('_')?;
        let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..)?);
        let date = format!("{year}-{month}-{day}").parse().ok()?;
        let id = Self {
            outlet: unescape(outlet)?,
            date,
            native: unescape(native)?,
        };
        // One receipt has one id: no other writing of it is taken.
        (id.to_string() == text).then_some(id)
    }
}

impl std::fmt::Display for ReceiptId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let date = self.date.to_string().replace('-', "");
        write!(out, "{}_{date}_{}", escape(&self.outlet), escape(&self.native))
    }
}

/// The text is no receipt's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a receipt's id")]
pub struct NoReceiptId;

impl TryFrom<String> for ReceiptId {
    type Error = NoReceiptId;

    fn try_from(text: String) -> Result<Self, NoReceiptId> {
        Self::parse(&text).ok_or(NoReceiptId)
    }
}

impl From<ReceiptId> for String {
    fn from(id: ReceiptId) -> Self {
        id.to_string()
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            escaped.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            write!(escaped, ".{byte:02X}").unwrap_or_default();
        }
    }
    escaped
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'.' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail.get(2..)?;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(outlet: &str, date: &str, native: &str) -> ReceiptId {
        ReceiptId {
            outlet: outlet.to_owned(),
            date: date.parse().unwrap(),
            native: native.to_owned(),
        }
    }

    #[test]
    fn ids_are_written_as_documented() {
        let table = [
            (
                id("moka-100818", "2025-10-28", "abc-123"),
                "moka-100818_20251028_abc-123",
            ),
            (
                id("pos-a", "2025-01-01", "INV/2025/01_7"),
                "pos-a_20250101_INV.2F2025.2F01.5F7",
            ),
            (
                id("majoo-pusat", "2025-12-31", "é."),
                "majoo-pusat_20251231_.C3.A9.2E",
            ),
            (id("pos-a", "2025-01-01", ""), "pos-a_20250101_"),
        ];
        for (id, text) in table {
            assert_eq!(id.to_string(), text);
            assert_eq!(ReceiptId::parse(text), Some(id));
        }
    }

    #[test]
    fn only_the_one_writing_of_an_id_is_taken() {
        for text in [
            "",
            "moka-1",
            "moka-1_20251028",
            "moka-1_2025102_x",
            "moka-1_20251301_x",
            "moka-1_2025-10-28_x",
            "moka-1_20251028_a.2f", // lower-case digits
            "moka-1_20251028_.41",  // an escaped letter
            "moka-1_20251028_a.2",  // a cut escape
            "moka-1_20251028_.+1",
            "moka-1_20251028_.FF", // not UTF-8
            "moka-1_20251028_a b",
            "moka 1_20251028_a",
            "moka-1_２０２５1028_a",
        ] {
            assert_eq!(ReceiptId::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_receipt_is_found_again_by_its_id(outlet: String, native: String, days in 0_i32..47_000) {
            let id = ReceiptId { outlet, date: BusinessDate::from_days(days).unwrap(), native };
            let text = id.to_string();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)), "{}", text);
            prop_assert_eq!(ReceiptId::parse(&text), Some(id));
        }

        #[test]
        fn whatever_is_taken_is_written_back_the_same(text in "[a-z._0-9A-F-]{0,12}_20251028_[a-z._0-9A-F-]{0,12}") {
            if let Some(id) = ReceiptId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
