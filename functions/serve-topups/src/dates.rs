//! The dates that partners ask for: days in Western Indonesian Time, as the supplier has them.

use domain::when::BusinessDate;
use edge::problem::{PARAMETER_INVALID, Problem};

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
