//! The guest's form: what the page can send is read, and nothing else.

use crate::feedback_support::{SOLD, dish, line, paid};
use crate::guest_support::survive_form;
#[allow(dead_code, reason = "the other parts are other tests'")]
use domain::feedback::form::{BODY_MAX, COMMENT_MAX, read};
use domain::feedback::{Dish, consent, dishes};
use proptest::prelude::*;

fn menu() -> Vec<Dish> {
    dishes(&paid(vec![line("Sate", "", 1), line("Nasi", "Pedas", 1)]))
}

/// The codes with their fields, such as `FIELD_INVALID d0`.
fn refused(body: &str) -> Vec<String> {
    let errors = read(body.as_bytes(), &menu(), SOLD).unwrap_err();
    errors
        .iter()
        .map(|error| format!("{} {}", error.code, error.field))
        .collect()
}

#[test]
fn a_whole_form_is_read() {
    let body = format!(
        "overall=4&d0=1&d1=5&recommend=10&comment=Enak+%F0%9F%8D%9C%0D%0Asekali&consent={}&website=&lang=en",
        consent::VERSION
    );
    let said = read(body.as_bytes(), &menu(), SOLD).unwrap();
    assert_eq!(
        (said.at_ms, said.told_ms, said.overall, said.recommend),
        (SOLD, SOLD, Some(4), Some(10))
    );
    assert_eq!(
        said.dishes,
        [(dish("Sate", ""), 1), (dish("Nasi", "Pedas"), 5)].into()
    );
    assert_eq!(said.comment.as_deref(), Some("Enak 🍜\nsekali"));
    assert_eq!((said.language.as_deref(), said.suspect), (Some("en"), false));
    let consent = said.consent.unwrap();
    assert!(
        consent.given
            && consent.wording == consent::wording("en")
            && consent.wording_version == consent::VERSION
    );
}

#[test]
fn everything_but_the_overall_rating_can_be_left_out() {
    for body in [
        "overall=3",
        "overall=3&d0=&d1=&recommend=&comment=+%0A&consent=&website=",
    ] {
        let said = read(body.as_bytes(), &menu(), SOLD).unwrap();
        assert_eq!(said.overall, Some(3));
        assert!(said.dishes.is_empty() && said.recommend.is_none(), "{body}");
        assert!(
            said.comment.is_none() && said.consent.is_none() && said.language.is_none(),
            "{body}"
        );
    }
}

#[test]
fn what_the_page_cannot_send_is_refused_at_its_field() {
    let known: [(&str, &[&str]); 20] = [
        ("", &["FIELD_MISSING overall"]),
        ("overall=", &["FIELD_MISSING overall"]),
        ("overall=0", &["FIELD_INVALID overall"]),
        ("overall=6", &["FIELD_INVALID overall"]),
        ("overall=05", &["FIELD_INVALID overall"]),
        ("overall=%2B5", &["FIELD_INVALID overall"]),
        ("overall=5.0", &["FIELD_INVALID overall"]),
        ("overall=%D9%A3", &["FIELD_INVALID overall"]),
        ("overall=5&overall=1", &["FIELD_INVALID overall"]),
        ("overall=5&d0=6", &["FIELD_INVALID d0"]),
        ("overall=5&d2=5", &["FIELD_UNKNOWN "]),
        ("overall=5&d00=5", &["FIELD_UNKNOWN "]),
        ("overall=5&d%2B1=5", &["FIELD_UNKNOWN "]),
        ("overall=5&d99999999999999999999=5&x=1", &["FIELD_UNKNOWN "]),
        ("overall=5&recommend=11", &["FIELD_INVALID recommend"]),
        ("overall=5&consent=on", &["FIELD_INVALID consent"]),
        ("overall=5&lang=fr", &["FIELD_INVALID lang"]),
        ("overall=5&comment=a&comment=b", &["FIELD_INVALID comment"]),
        ("overall=5&reversed=true", &["FIELD_UNKNOWN "]),
        (
            "nama=x&d1=9&recommend=-1",
            &[
                "FIELD_UNKNOWN ",
                "FIELD_MISSING overall",
                "FIELD_INVALID d1",
                "FIELD_INVALID recommend",
            ],
        ),
    ];
    for (body, wanted) in known {
        assert_eq!(refused(body), wanted, "{body}");
    }
}

#[test]
fn the_longest_comment_fits_and_one_character_more_does_not() {
    let longest = "%F0%9F%8D%9C".repeat(COMMENT_MAX);
    let body = |comment: &str| format!("overall=1&d0=1&d1=1&recommend=10&lang=id&website=&comment={comment}");
    assert!(
        body(&longest).len() <= BODY_MAX,
        "the widest writing of it has room"
    );
    let said = read(body(&longest).as_bytes(), &menu(), SOLD).unwrap();
    assert_eq!(said.comment.unwrap().chars().count(), COMMENT_MAX);
    assert_eq!(refused(&body(&format!("{longest}a"))), ["FIELD_TOO_LONG comment"]);
    assert_eq!(refused(&body(&"a".repeat(BODY_MAX))), ["FIELD_TOO_LONG "]);
}

#[test]
fn a_filled_trap_and_an_advertisement_are_marked_and_taken() {
    for body in [
        "overall=5&website=x",
        "overall=5&comment=promo+http%3A%2F%2Fx.example",
    ] {
        assert!(read(body.as_bytes(), &menu(), SOLD).unwrap().suspect, "{body}");
    }
}

#[test]
fn every_error_speaks_to_the_guest_in_both_languages() {
    let long = format!("overall=9&d5=1&comment={}", "a".repeat(COMMENT_MAX + 1));
    for body in [long.as_str(), ""] {
        for error in read(body.as_bytes(), &menu(), SOLD).unwrap_err() {
            assert!(error.id.ends_with('.') && error.en.ends_with('.') && error.id != error.en);
            assert!(domain::code::explain(error.code).is_some(), "{}", error.code);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        survive_form(&body);
    }

    #[test]
    fn any_form_is_read_or_refused(
        fields in prop::collection::vec((
            prop_oneof!["overall", "d[0-3]", "recommend", "comment", "consent", "website", "lang", "[a-z]{0,4}"],
            "[0-9]{0,2}|[%+&=a-z0-9]{0,12}|\\PC{0,8}",
        ), 0..8),
    ) {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        survive_form(format!("overall=4&{}", body.join("&")).as_bytes());
    }
}
