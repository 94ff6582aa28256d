//! What a caller hears when the store fails.

use aws::StoreError;
use http::header::{HeaderValue, RETRY_AFTER};

use super::{CHANGED_MEANWHILE, INTERNAL, NOT_FOUND, Problem, STORE_BUSY, STORE_UNAVAILABLE};

/// How long a caller should wait when the store is busy, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("2");

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let cause = error.to_string();
        let problem = match &error {
            StoreError::Conflict => Self::new(&CHANGED_MEANWHILE).detail(
                "Baca lagi lalu ulangi permintaan.",
                "Read it again, then repeat the request.",
            ),
            StoreError::NotFound => Self::new(&NOT_FOUND),
            StoreError::Throttled => Self::new(&STORE_BUSY)
                .detail("Coba lagi sebentar lagi.", "Try again in a moment.")
                .header(RETRY_AFTER, RETRY_AFTER_SECONDS),
            StoreError::Unavailable { .. } => Self::new(&STORE_UNAVAILABLE)
                .detail("Coba lagi sebentar lagi.", "Try again in a moment.")
                .header(RETRY_AFTER, RETRY_AFTER_SECONDS),
            StoreError::Damaged(_) | StoreError::TooLarge(_) => Self::new(&INTERNAL),
        };
        problem.caused_by(cause)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use axum::response::IntoResponse;
    use http::header::CONTENT_TYPE;

    use super::*;

    #[test]
    fn store_errors_have_their_answers() {
        let unavailable = StoreError::Unavailable {
            operation: "Query",
            code: "Timeout".to_owned(),
            source: "slow".into(),
        };
        let table = [
            (StoreError::Conflict, 409, "CHANGED_MEANWHILE", false),
            (StoreError::NotFound, 404, "NOT_FOUND", false),
            (StoreError::Throttled, 503, "STORE_BUSY", true),
            (unavailable, 503, "STORE_UNAVAILABLE", true),
            (StoreError::Damaged("a page"), 500, "INTERNAL", false),
            (StoreError::TooLarge("a page"), 500, "INTERNAL", false),
        ];
        for (error, status, code, retry) in table {
            let problem = Problem::from(error);
            assert!(problem.cause().is_some(), "{code}");
            assert_eq!(problem.kind().code, code);
            let response = problem.into_response();
            assert_eq!(response.status().as_u16(), status, "{code}");
            assert_eq!(response.headers().contains_key(RETRY_AFTER), retry, "{code}");
            assert_eq!(
                response.headers()[CONTENT_TYPE],
                "application/problem+json",
                "{code}"
            );
        }
    }
}
