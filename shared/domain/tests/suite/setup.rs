//! The backup of a shop's configuration: it comes back whole, or not at all, and holds no secret.

use std::collections::BTreeMap;

use domain::api_key::{ApiKey, Scope, mint};
use domain::guest_link::LinkKey;
use domain::outlet::Outlet;
use domain::setup::{BYTES_MAX, SCHEMA, Setup, SetupError};
use serde_json::{Value, json};

fn outlet(id: &str) -> Outlet {
    Outlet {
        cutoff_hour: 4,
        placeholder_phones: vec!["+622155501987".to_owned()],
        low_score: Some(3),
        link_days: Some(14),
        ..Outlet::undescribed(id, Some("Warung Oyako"), Some("Asia/Makassar"))
    }
}

fn keys() -> Vec<ApiKey> {
    let (_, first) = mint([9; 40], "till", vec![Scope::Exports], 5);
    let (_, second) = mint([1; 40], "partner", vec![Scope::SalesRead], 6);
    let revoked = ApiKey {
        revoked_ms: Some(7),
        ..second
    };
    vec![first, revoked]
}

fn setup() -> Setup {
    let settings = BTreeMap::from([("retention.words_days".to_owned(), "730".to_owned())]);
    let links = [LinkKey::new(2, 9, [0xab; 32]), LinkKey::new(1, 8, [0xcd; 32])];
    Setup::new(
        11,
        vec![outlet("moka-2"), outlet("moka-1")],
        &keys(),
        &links,
        settings,
    )
}

#[test]
fn a_setup_is_read_as_it_was_written() {
    let written = setup().write().unwrap();
    let read = Setup::read(&written).unwrap();
    assert_eq!(read, setup());
    assert_eq!(read.outlets[0], outlet("moka-1"));
    assert_eq!((read.link_keys[0].kid, read.link_keys[0].created_ms), (1, 8));
    let to_make: Vec<&str> = read.keys_to_make().map(|key| key.name.as_str()).collect();
    assert_eq!(to_make, ["till"], "a revoked key is not made again");
}

#[test]
fn a_setup_holds_no_secret() {
    let text = String::from_utf8(setup().write().unwrap()).unwrap();
    for key in keys() {
        assert!(!text.contains(&key.secret_hash) && text.contains(&key.id));
    }
    for secret in ["abababab", "cdcdcdcd", "171,171", "205,205", "secret", "hash"] {
        assert!(!text.replace([' ', '\n'], "").contains(secret), "{secret}");
    }
}

#[test]
fn a_document_that_is_not_wholly_understood_is_refused() {
    let document: Value = serde_json::from_slice(&setup().write().unwrap()).unwrap();
    let read = |change: &dyn Fn(&mut Value)| {
        let mut changed = document.clone();
        change(&mut changed);
        Setup::read(&serde_json::to_vec(&changed).unwrap()).map_err(|error| error.code())
    };
    assert_eq!(read(&|_| ()), Ok(setup()));
    type Known<'a> = (&'a dyn Fn(&mut Value), &'a str);
    let known: [Known<'_>; 9] = [
        (&|doc| doc["schema"] = json!("oyako.setup/2"), "SETUP_SCHEMA"),
        (&|doc| *doc = json!({ "schema": "oyako.setup/2" }), "SETUP_SCHEMA"),
        (&|doc| *doc = json!({ "outlets": [] }), "SETUP_UNREADABLE"),
        (&|doc| doc["prices"] = json!([]), "SETUP_UNREADABLE"),
        (&|doc| doc["keys"][0]["limit"] = json!(1), "SETUP_UNREADABLE"),
        (
            &|doc| doc["keys"][0]["scopes"] = json!(["root"]),
            "SETUP_UNREADABLE",
        ),
        (&|doc| doc["outlets"][1]["id"] = json!("moka-1"), "SETUP_OUTLET"),
        (
            &|doc| doc["outlets"][1]["zone"] = json!("Asia/Atlantis"),
            "SETUP_OUTLET",
        ),
        (
            &|doc| doc["outlets"][1]["cutoff_hour"] = json!(24),
            "SETUP_OUTLET",
        ),
    ];
    for (change, code) in known {
        assert_eq!(read(change), Err(code));
    }
    assert!(matches!(Setup::read(b"{"), Err(SetupError::Unreadable(_))));
    assert!(matches!(
        Setup::read(&vec![b' '; BYTES_MAX + 1]),
        Err(SetupError::TooLarge)
    ));
    assert_eq!(setup().schema, SCHEMA);
}

#[test]
fn what_a_restore_would_refuse_is_left_out_and_named() {
    let mut odd = vec![
        outlet("moka-1"),
        outlet("Warung Oyako"),
        outlet("moka-2"),
        outlet("moka-1"),
    ];
    odd[2].zone = "Asia/Atlantis".to_owned();
    odd.push(outlet("moka-3"));
    let mut setup = Setup::new(11, odd, &[], &[], BTreeMap::new());
    assert!(Setup::read(&setup.write().unwrap()).is_err());
    assert_eq!(setup.leave_out_impossible(), ["Warung Oyako", "moka-1", "moka-2"]);
    let read = Setup::read(&setup.write().unwrap()).unwrap();
    let ids: Vec<&str> = read.outlets.iter().map(|outlet| outlet.id.as_str()).collect();
    assert_eq!(ids, ["moka-1", "moka-3"]);
    assert_eq!(setup.leave_out_impossible(), [""; 0]);
}
