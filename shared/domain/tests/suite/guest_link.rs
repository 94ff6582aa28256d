//! The guest's link: stable, sealed, and taken in one writing only.

use domain::guest_link::{LinkError, LinkKey, LinkKeys, NoKey, TOKEN_MAX};
use domain::receipt_id::ReceiptId;
use domain::when::BusinessDate;
use proptest::prelude::*;

fn key(kid: u32) -> LinkKey {
    LinkKey::new(kid, 0, [u8::try_from(kid % 251).unwrap(); 32])
}

fn keys(kids: &[u32]) -> LinkKeys {
    LinkKeys::new(kids.iter().copied().map(key).collect())
}

fn place(native: &str) -> ReceiptId {
    ReceiptId {
        outlet: "moka-100818".to_owned(),
        date: "2025-10-28".parse().unwrap(),
        native: native.to_owned(),
    }
}

const UUID: &str = "752c0000-0000-4000-8000-000000000001";

fn expiry() -> BusinessDate {
    "2025-11-27".parse().unwrap()
}

#[test]
fn a_receipt_has_one_link() {
    let token = keys(&[1]).seal(&place(UUID), expiry()).unwrap();
    // Written down, so that a change of the format, which would make printed links worthless, shows.
    insta::assert_snapshot!(token, @"AUKj-27GAxsgJBHAyt9H1GO8wx7wP7WKuna7LyMyRLPwzOks_wUGE1JyJQc-chcUDwo");
    assert_eq!(keys(&[1]).seal(&place(UUID), expiry()).unwrap(), token);
    let opened = keys(&[1]).open(&token).unwrap();
    assert_eq!((opened.place, opened.expires), (place(UUID), expiry()));
    assert!(
        token.len() <= 68,
        "{} characters are a dense code to scan",
        token.len()
    );
}

#[test]
fn another_receipt_day_or_key_is_another_link() {
    let token = |kid, native, expires| keys(&[kid]).seal(&place(native), expires).unwrap();
    let mut tokens = vec![
        token(1, UUID, expiry()),
        token(2, UUID, expiry()),
        token(1, "752c0000-0000-4000-8000-000000000002", expiry()),
        token(1, UUID, expiry().add_days(1).unwrap()),
    ];
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 4);
}

#[test]
fn a_uuid_of_another_writing_stays_as_it_is() {
    for native in [
        &UUID.to_uppercase(),
        &UUID.replace('-', ""),
        "752c00000000-4000-8000-0000-00000000001-",
        "",
        "INV/2510/0001",
        "é",
    ] {
        let token = keys(&[1]).seal(&place(native), expiry()).unwrap();
        assert_eq!(keys(&[1]).open(&token).unwrap().place, place(native), "{native}");
    }
}

#[test]
fn a_new_key_seals_and_old_ones_still_open() {
    let old = keys(&[1]).seal(&place(UUID), expiry()).unwrap();
    let rotated = keys(&[2, 1]);
    assert_eq!(rotated.newest().unwrap().kid, 2);
    let new = rotated.seal(&place(UUID), expiry()).unwrap();
    assert_ne!(new, old);
    assert_eq!(rotated.open(&old), rotated.open(&new));
    assert_eq!(
        keys(&[1]).open(&new),
        Err(LinkError::Forged),
        "a key that is not known"
    );
    assert_eq!(
        keys(&[2]).open(&old),
        Err(LinkError::Forged),
        "a key that was taken away"
    );
    assert_eq!(LinkKeys::default().seal(&place(UUID), expiry()), Err(NoKey));
}

#[test]
fn the_last_day_counts() {
    let token = keys(&[1]).seal(&place(UUID), expiry()).unwrap();
    let opened = keys(&[1]).open(&token).unwrap();
    assert!(!opened.is_expired(expiry()));
    assert!(opened.is_expired(expiry().add_days(1).unwrap()));
}

#[test]
fn a_key_shows_nothing_of_itself() {
    let key = LinkKey::new(3, 5, [0xAB; 32]);
    let shown = format!("{key:?} {:?}", LinkKeys::new(vec![key.clone()]));
    assert!(
        !shown.contains("171") && !shown.to_lowercase().contains("ab, ab"),
        "{shown}"
    );
}

prop_compose! {
    fn any_place()(
        outlet in "(moka|majoo|pos)-[a-z0-9-]{1,76}",
        day in -10_000_i32..60_000,
        native in prop_oneof![
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "[0-9]{1,18}",
            "\\PC{0,50}",
        ],
    ) -> ReceiptId {
        ReceiptId { outlet, date: BusinessDate::from_days(day).unwrap(), native }
    }
}

proptest! {
    #[test]
    fn any_receipt_comes_back(place in any_place(), days in 0_i32..400, kid: u32) {
        let keys = keys(&[kid]);
        let expires = place.date.add_days(days).unwrap();
        let token = keys.seal(&place, expires).unwrap();
        prop_assert!(token.len() <= TOKEN_MAX);
        prop_assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        let opened = keys.open(&token).unwrap();
        prop_assert_eq!((opened.place, opened.expires), (place, expires));
    }

    #[test]
    fn a_link_says_nothing_of_its_receipt(place in any_place()) {
        let token = keys(&[1]).seal(&place, expiry()).unwrap();
        let bytes = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
        for told in [place.outlet.as_bytes(), place.native.as_bytes()] {
            prop_assume!(told.len() > 4);
            prop_assert!(!bytes.windows(told.len()).any(|window| window == told));
            prop_assert!(!token.as_bytes().windows(told.len()).any(|window| window == told));
        }
    }

    /// One bit of any byte, a character more or less at either end, another character anywhere.
    #[test]
    fn any_change_of_a_link_is_forged(
        place in any_place(), at: prop::sample::Index, bit in 0..8_u8, put in "[A-Za-z0-9_=+/ -]",
    ) {
        let keys = keys(&[1, 2]);
        let token = keys.seal(&place, expiry()).unwrap();
        let mut bytes = data_encoding::BASE64URL_NOPAD.decode(token.as_bytes()).unwrap();
        let index = at.index(bytes.len());
        bytes[index] ^= 1 << bit;
        let index = at.index(token.len());
        let replaced = format!("{}{put}{}", &token[..index], &token[index + 1..]);
        let forged = [
            data_encoding::BASE64URL_NOPAD.encode(&bytes),
            token[..index].to_owned(),
            token[index + 1..].to_owned(),
            format!("{token}{put}"),
            format!("{put}{token}"),
            replaced,
        ];
        for forged in forged.iter().filter(|forged| **forged != token) {
            prop_assert_eq!(keys.open(forged), Err(LinkError::Forged), "{}", forged);
        }
    }

    #[test]
    fn any_text_is_forged(text in "\\PC{0,100}|[A-Za-z0-9_-]{20,90}") {
        prop_assert_eq!(keys(&[1]).open(&text), Err(LinkError::Forged));
    }
}
