//! Answers with tokens, the texts in which they are kept, and how the times of a renewal fit into one another.

use std::time::Duration;

use lambda_edge::redact::Secret;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::renewal::read;
use super::*;
use crate::http::Policy;
use crate::moka::{access_text, origin};

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn held(by_hand: &str, renewed: Option<&str>, access: Option<&str>) -> Held {
    Held::read((secret("id"), secret("s")), secret(by_hand), renewed, access)
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap()
}

#[test]
fn a_renewal_ends_within_a_minute_and_the_right_to_it_lasts_longer() {
    let policy = renewal_policy(&Policy::default());
    assert_eq!(policy.tries, 2);
    assert!(
        policy.longest() <= Duration::from_secs(60),
        "{:?}",
        policy.longest()
    );
    assert!(millis(policy.longest()) <= RENEWAL_MS);
    // Five tries of ten seconds at the store and the waits between them, before it and again at keeping.
    let store_ms = 65_000;
    assert!(store_ms + RENEWAL_MS < RENEWAL_LEASE_MS);
    // A renewal that begins at the last moment has its result before nobody waits for the right to keep it.
    let wanted = Wanted {
        stale: None,
        deadline_ms: 900_000,
    };
    assert_eq!(
        wanted.begin_by_ms(),
        900_000 - RENEWAL_LEASE_MS - RENEWAL_MARGIN_MS
    );
    assert!(wanted.begin_by_ms() + RENEWAL_MS + store_ms < wanted.keep_by_ms());
}

#[test]
fn a_renewal_is_never_more_patient_than_other_questions() {
    let hasty = Policy {
        tries: 1,
        whole: Duration::from_millis(3),
        wait_max: Duration::from_millis(2),
        ..Policy::default()
    };
    let policy = renewal_policy(&hasty);
    assert_eq!(
        (policy.tries, policy.whole, policy.wait_max),
        (1, hasty.whole, hasty.wait_max)
    );
}

#[test]
fn an_answer_is_read_however_it_says_how_long_it_is_good() {
    for (lasts, expected) in [
        (json!(7_200), Some(7_200)),
        (json!("7200"), Some(7_200)),
        (json!(7_200.9), Some(7_200)),
        (json!("7200.0"), Some(7_200)),
        (json!(null), None),
        (json!(0), None),
        (json!(-1), None),
        (json!("soon"), None),
        (json!({"seconds": 5}), None),
        (json!(u64::MAX), None),
    ] {
        let answer = json!({"access_token": "a", "refresh_token": "r", "expires_in": lasts});
        let answer = read(answer.to_string().as_bytes()).unwrap();
        assert_eq!(answer.expires_in(), expected, "{lasts}");
    }
    let least = read(br#"{"access_token":"a"}"#).unwrap();
    assert_eq!((least.refresh_token, least.access_token.as_str()), (None, "a"));
}

#[test]
fn an_answer_whose_tokens_cannot_be_sent_or_kept_is_none() {
    let long = "x".repeat(4_001);
    for (access, refresh) in [
        (json!(""), json!("r")),
        (json!("a"), json!("")),
        (json!("a b"), json!("r")),
        (json!("a"), json!("r\n")),
        (json!("á"), json!("r")),
        (json!(long), json!("r")),
        (json!("a"), json!(long)),
        (json!(5), json!("r")),
        (json!("a"), json!(5)),
        (Value::Null, json!("r")),
    ] {
        let answer = json!({"access_token": access, "refresh_token": refresh}).to_string();
        assert!(read(answer.as_bytes()).is_none(), "{answer}");
    }
    for body in ["", "{}", "[]", "null", "<html>", r#"{"refresh_token":"r"}"#] {
        assert!(read(body.as_bytes()).is_none(), "{body}");
    }
}

#[test]
fn what_was_kept_counts_as_long_as_the_token_that_it_comes_from_is_there() {
    let of = origin("by-hand");
    let (renewed, access) = (format!("{of} next"), format!("{of} 5 good"));
    let same = held("by-hand", Some(&renewed), Some(&access));
    assert_eq!(same.refresh_token.expose(), "next");
    let kept = same.access.unwrap();
    assert_eq!((kept.token.expose().as_str(), kept.good_until_ms), ("good", 5));

    let other = held("newly-put", Some(&renewed), Some(&access));
    assert_eq!(other.refresh_token.expose(), "newly-put");
    assert!(other.access.is_none());
}

#[test]
fn what_cannot_be_read_of_what_was_kept_is_passed_over() {
    let of = origin("by-hand");
    for text in [
        String::new(),
        "next".to_owned(),
        of.clone(),
        format!("{of} "),
        format!(" {of} next"),
    ] {
        assert_eq!(
            held("by-hand", Some(&text), None).refresh_token.expose(),
            "by-hand",
            "{text:?}"
        );
    }
    for text in [
        format!("{of} good"),
        format!("{of} soon good"),
        format!("{of} "),
        "5 good".to_owned(),
    ] {
        assert!(held("by-hand", None, Some(&text)).access.is_none(), "{text:?}");
    }
}

#[test]
fn a_renewal_takes_the_place_of_what_it_was_made_from_and_of_nothing_else() {
    let renewed = |refresh: Option<&str>| Renewed {
        origin: origin("by-hand"),
        made_from: secret("old"),
        refresh_token: refresh.map(secret),
        access: Access {
            token: secret("a"),
            good_until_ms: 5,
        },
    };
    let of = origin("by-hand");
    let holds = |token: &str| held("by-hand", Some(&format!("{of} {token}")), None);
    assert!(renewed(Some("new")).follows(&holds("old")));
    assert!(
        renewed(Some("new")).follows(&holds("new")),
        "kept at a try before"
    );
    assert!(!renewed(Some("new")).follows(&holds("another")));
    assert!(!renewed(None).follows(&holds("another")));
    assert!(
        !renewed(Some("new")).follows(&held("old", None, None)),
        "put anew by hand"
    );
}

proptest! {
    #[test]
    fn what_is_kept_is_read_as_it_was_written(by_hand in "[!-~]{1,40}", refresh in "[!-~]{1,40}", token in "[!-~]{1,40}", good_until_ms in any::<i64>()) {
        let of = origin(&by_hand);
        let access = Access { token: secret(&token), good_until_ms };
        let text = access_text(&of, &access);
        let renewed = Renewed { origin: of, made_from: secret(&by_hand), refresh_token: Some(secret(&refresh)), access };
        let refresh_text = renewed.refresh_text().unwrap();
        let held = held(&by_hand, Some(refresh_text.expose()), Some(text.expose()));
        prop_assert_eq!(held.refresh_token.expose(), &refresh);
        let access = held.access.unwrap();
        prop_assert_eq!((access.token.expose(), access.good_until_ms), (&token, good_until_ms));
    }

    #[test]
    fn whatever_is_kept_there_is_a_refresh_token(by_hand in ".{1,20}", renewed in ".{0,60}", access in ".{0,60}") {
        let held = held(&by_hand, Some(&renewed), Some(&access));
        prop_assert_eq!(held.refresh_token.expose(), &by_hand);
        prop_assert!(held.access.is_none());
    }

    #[test]
    fn any_bytes_at_all_are_no_answer(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&body).is_none());
    }

    #[test]
    fn an_answer_with_some_bytes_changed_holds_tokens_or_is_none(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let answer = json!({"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 7_200});
        let mut body = answer.to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Some(answer) = read(&body) {
            let sendable = |token: &str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
            prop_assert!(sendable(&answer.access_token));
            prop_assert!(answer.refresh_token.as_deref().is_none_or(sendable));
            prop_assert!(answer.expires_in().is_none_or(|seconds| seconds > 0));
        }
    }
}
