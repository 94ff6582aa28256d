//! Cursors: where the next page of a listing begins, as a text that callers hand back unread.

use aws::StoreError;
use data_encoding::BASE64URL_NOPAD;

use crate::problem::{PARAMETER_INVALID, Problem};

/// A position as a cursor.
#[must_use]
pub fn encode(position: &str) -> String {
    BASE64URL_NOPAD.encode(position.as_bytes())
}

/// The position that the cursor in `parameter` stands for; `None` where there is no cursor.
///
/// # Errors
/// A problem when the cursor is one that [`encode`] never made.
pub fn decode(parameter: &str, cursor: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok();
    let position = bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|position| !position.is_empty());
    position.map(Some).ok_or_else(|| unusable(parameter))
}

/// The refusal of a cursor that no answer of ours contained.
#[must_use]
pub fn unusable(parameter: &str) -> Problem {
    Problem::parameter(
        &PARAMETER_INVALID,
        parameter,
        "pakai nilai `next` dari jawaban sebelumnya",
        "use the value of `next` from the answer before",
    )
}

/// What a caller hears when a page could not be read: a position that the store did not make is the caller's mistake.
#[must_use]
pub fn refused(error: StoreError) -> Problem {
    match error {
        StoreError::NotFound => unusable("after"),
        error => error.into(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_brings_its_position_back() {
        for position in ["moka-1", "1761658250748|a/b c", "é"] {
            let cursor = encode(position);
            assert!(
                cursor
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)),
                "{cursor}"
            );
            assert_eq!(decode("after", Some(&cursor)).unwrap().as_deref(), Some(position));
        }
        assert_eq!(decode("after", None).unwrap(), None);
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for cursor in ["", "*", "a", "moka=", "_w"] {
            assert_eq!(
                decode("after", Some(cursor)).unwrap_err().kind().code,
                "PARAMETER_INVALID",
                "{cursor}"
            );
        }
    }
}
