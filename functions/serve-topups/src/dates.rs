//! The dates that partners ask for: days in Western Indonesian Time, as the supplier has them.

use domain::when::BusinessDate;
use edge::problem::{PARAMETER_INVALID, Problem};

const DAY_MS: i64 = 86_400_000;
/// Western Indonesian Time is so much ahead of UTC, all year.
const AHEAD_MS: i64 = 7 * 3_600_000;

/// The first and the last millisecond of a date.
pub(crate) fn bounds(date: BusinessDate) -> (i64, i64) {
    let begins = i64::from(date.days_since_epoch()) * DAY_MS - AHEAD_MS;
    (begins, begins + DAY_MS - 1)
}

/// The date that a parameter names.
pub(crate) fn date(parameter: &str, text: &str) -> Result<BusinessDate, Problem> {
    text.parse().map_err(|_| {
        Problem::parameter(
            &PARAMETER_INVALID,
            parameter,
            "tanggal seperti 2025-10-28",
            "a date such as 2025-10-28",
        )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use domain::topup::window::wib_date;

    use super::*;

    #[test]
    fn a_date_holds_the_moments_that_are_its_own() {
        let date = date("date", "2025-10-28").unwrap();
        let (first, last) = bounds(date);
        assert_eq!((wib_date(first), wib_date(last)), (date, date));
        assert_eq!(wib_date(first - 1), date.add_days(-1).unwrap());
        assert_eq!(wib_date(last + 1), date.add_days(1).unwrap());
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "28-10-2025", "2025-13-01", "2025-1-1", "today"] {
            assert_eq!(
                super::date("from", text).unwrap_err().kind().code,
                "PARAMETER_INVALID"
            );
        }
    }
}
