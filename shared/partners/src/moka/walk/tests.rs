//! Where a cursor may lead.

use proptest::prelude::*;

use super::*;

const ASKED_FOR: &str =
    "https://moka.example/v3/o?per_page=100&since=1000&until=2000&time_filter=updated_at&reorder_type=ASC";

fn follow(cursor: &str) -> Result<String, CursorProblem> {
    following(&Url::parse(ASKED_FOR).unwrap(), cursor).map(|url| url.query().unwrap_or_default().to_owned())
}

#[test]
fn a_cursor_is_completed_by_what_was_asked_for() {
    assert_eq!(
        follow("https://moka.example/v3/o?since=1500.5&per_page=50").as_deref(),
        Ok("since=1500.5&per_page=50&time_filter=updated_at&reorder_type=ASC&until=2000"),
    );
    assert_eq!(
        follow("/v3/o?page=2#x").as_deref(),
        Ok("page=2&time_filter=updated_at&reorder_type=ASC&per_page=100&since=1000&until=2000"),
    );
}

#[test]
fn a_cursor_that_goes_back_keeps_its_order() {
    assert_eq!(
        follow("?since=1000&until=1500&per_page=100").as_deref(),
        Ok("since=1000&until=1500&per_page=100&time_filter=updated_at"),
    );
    assert_eq!(
        follow("?until=1500&reorder_type=DESC").as_deref(),
        Ok("until=1500&reorder_type=DESC&time_filter=updated_at&per_page=100&since=1000"),
    );
}

#[test]
fn a_cursor_stays_where_it_was_asked_for() {
    let table = [
        (
            "https://elsewhere.example/v3/o?since=1500",
            CursorProblem::Elsewhere,
        ),
        ("http://moka.example/v3/o?since=1500", CursorProblem::Elsewhere),
        (
            "https://moka.example:8443/v3/o?since=1500",
            CursorProblem::Elsewhere,
        ),
        (
            "https://me@moka.example/v3/o?since=1500",
            CursorProblem::Elsewhere,
        ),
        ("//elsewhere.example/v3/o?since=1500", CursorProblem::Elsewhere),
        ("https://moka.example/v3/p?since=1500", CursorProblem::Elsewhere),
        (
            "https://moka.example/v3/o?since=1500&time_filter=created_at",
            CursorProblem::Changed,
        ),
        (
            "https://moka.example/v3/o?since=1500&reorder_type=DESC",
            CursorProblem::Changed,
        ),
    ];
    for (cursor, problem) in table {
        assert_eq!(follow(cursor), Err(problem), "{cursor}");
    }
}

#[test]
fn a_cursor_beyond_its_page_leaves_something_out() {
    let url = Url::parse(ASKED_FOR).unwrap();
    let jump = |cursor: &str| jumps(&url, &following(&url, cursor).unwrap(), (1_200_000, 1_500_000));
    assert!(!jump("?since=1500"));
    assert!(!jump("?since=1501.0"));
    assert!(jump("?since=1501.001"));
    assert!(!jump("?until=1200"));
    assert!(jump("?until=1198.9"));
    assert!(!jump("?page=2"));
    assert!(!jump("?since=opaque"));
}

proptest! {
    #[test]
    fn whatever_a_cursor_says_only_the_same_route_is_asked_and_for_the_same(cursor in any_cursor()) {
        let url = Url::parse(ASKED_FOR).unwrap();
        if let Ok(next) = following(&url, &cursor) {
            prop_assert_eq!((next.origin(), next.path()), (url.origin(), url.path()));
            prop_assert_eq!((next.username(), next.password(), next.fragment()), ("", None, None));
            for name in ["per_page", "since", "until", "time_filter"] {
                prop_assert!(value(&next, name).is_some(), "{} in {}", name, next);
            }
            prop_assert_eq!(value(&next, "time_filter"), value(&url, "time_filter"));
        }
    }

    #[test]
    fn a_moment_is_read_as_it_was_written(at_ms in 0..4_000_000_000_000_i64) {
        let text = format!("{}.{:03}", at_ms / 1_000, at_ms % 1_000);
        prop_assert_eq!(epoch_ms(&text), Some(at_ms));
    }

    #[test]
    fn any_text_at_all_is_a_moment_or_none(text in ".{0,30}") {
        if let Some(at_ms) = epoch_ms(&text) {
            prop_assert!(text.starts_with(|letter: char| letter.is_ascii_digit() || "+-".contains(letter)), "{} {}", text, at_ms);
        }
    }
}

/// Addresses that resemble the right one, and others.
fn any_cursor() -> impl Strategy<Value = String> {
    let place = prop::sample::select(vec![
        "",
        "/v3/o",
        "/v3/../v3/o",
        "//moka.example/v3/o",
        "//moka.example.elsewhere/v3/o",
        "https://moka.example/v3/o",
        "https://moka.example:443/v3/o",
        "https://moka.example\\@elsewhere/v3/o",
        "https://me:secret@moka.example/v3/o",
        "http://moka.example/v3/o",
        "file:///v3/o",
    ]);
    let query = prop::collection::vec(
        prop_oneof![
            (
                prop::sample::select(vec![
                    "since",
                    "until",
                    "per_page",
                    "time_filter",
                    "reorder_type",
                    "page"
                ]),
                "[0-9a-zA-Z_.%-]{0,8}"
            )
                .prop_map(|(name, value)| format!("{name}={value}")),
            ".{0,8}",
        ],
        0..5,
    );
    prop_oneof![
        (place, query).prop_map(|(place, query)| format!("{place}?{}", query.join("&"))),
        ".{0,40}",
    ]
}
