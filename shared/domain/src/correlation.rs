//! Correlation: one short text that follows a piece of work from its trigger to its mail.
//!
//! It is on every log line, in the file ledger, in quarantined pieces and in mails, so that one search
//! shows everything that a file or a request led to. It never names a person.

/// The longest correlation, in bytes.
pub const BYTES_MAX: usize = 64;

/// How many digits a number of somebody has, of a phone or a meter.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;

/// A correlation as somebody else gave it, if it is one: 1 to 64 characters of `A-Z a-z 0-9 . _ : -`, and no part of it
/// between such marks a number that might be somebody's.
#[must_use]
pub fn accept(text: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    let is_number =
        |part: &str| NUMBER_DIGITS.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let good = (1..=BYTES_MAX).contains(&text.len()) && text.bytes().all(fits);
    let names_somebody = text.split(['.', '_', ':', '-']).any(is_number);
    (good && !names_somebody).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_break_a_log_line_or_a_header_is_no_correlation() {
        for good in ["a", "0a1b-2c.3d_4e:5", &"x".repeat(BYTES_MAX)] {
            assert_eq!(accept(good).as_deref(), Some(good));
        }
        for bad in ["", "a b", "a\nb", "\"", "é", &"x".repeat(BYTES_MAX + 1)] {
            assert_eq!(accept(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_number_that_might_be_somebodys_is_no_correlation() {
        for bad in [
            "081234567890",
            "order:6281234567890",
            "nota_14012345678",
            "a-081234567",
        ] {
            assert_eq!(accept(bad), None, "{bad:?}");
        }
        for good in [
            "20251028-17",
            "550e8400-e29b-41d4-a716-44665544000a",
            "nota-17",
            "1761627600123456",
        ] {
            assert_eq!(accept(good).as_deref(), Some(good));
        }
    }
}
