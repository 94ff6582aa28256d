//! The rules of the listing, one by one and under anything at all.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const HASH: &str = "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824";

fn date() -> BusinessDate {
    "2026-11-21".parse().unwrap()
}

fn document(files: &[Value]) -> Value {
    json!({"schema": SCHEMA, "date": "2026-11-21", "count": files.len(), "files": files})
}

fn read_value(document: &Value) -> Result<Listing, ListingProblem> {
    read(document.to_string().as_bytes(), date(), Limits::default())
}

fn entry(name: &str) -> Value {
    json!({"name": name, "size": 5, "sha256": HASH})
}

/// An entry with one field of it replaced.
fn with(field: &str, value: Value) -> Value {
    let mut entry = json!({"name": "a.json", "outlet": "moka-1", "size": 5, "sha256": HASH, "modified": "2026-11-21T22:40:00+07:00"});
    entry[field] = value;
    entry
}

#[test]
fn everything_an_entry_says_is_read() {
    let listing = read_value(&document(&[with("more", json!([1]))])).unwrap();
    assert_eq!(listing.refused, []);
    assert_eq!(
        listing.files,
        [Listed {
            name: "a.json".to_owned(),
            outlet: Some("moka-1".to_owned()),
            size: 5,
            sha256: HASH.to_lowercase(),
            modified_ms: Some(1_795_275_600_000),
        }]
    );
}

#[test]
fn what_is_optional_may_be_missing_or_null() {
    let null = json!({"name": "b", "outlet": null, "size": 1, "sha256": HASH, "modified": null});
    let listing = read_value(&document(&[entry("a"), null])).unwrap();
    assert_eq!(listing.files.len(), 2);
    assert!(
        listing
            .files
            .iter()
            .all(|file| file.outlet.is_none() && file.modified_ms.is_none())
    );
}

#[test]
fn an_entry_that_breaks_a_rule_is_named_and_the_others_stay() {
    let table = [
        (with("name", json!("../a")), EntryProblem::Name),
        (with("name", json!("..")), EntryProblem::Name),
        (with("name", json!(".a")), EntryProblem::Name),
        (with("name", json!("a/b")), EntryProblem::Name),
        (with("name", json!("a\\b")), EntryProblem::Name),
        (with("name", json!("a%2Fb")), EntryProblem::Name),
        (with("name", json!("a b")), EntryProblem::Name),
        (with("name", json!("a?b")), EntryProblem::Name),
        (with("name", json!("a\u{0}")), EntryProblem::Name),
        (with("name", json!("ä")), EntryProblem::Name),
        (with("name", json!("")), EntryProblem::Name),
        (with("name", json!("a".repeat(201))), EntryProblem::Name),
        (with("name", json!(7)), EntryProblem::Form),
        (with("outlet", json!("Pusat")), EntryProblem::Outlet),
        (with("outlet", json!("moka-../1")), EntryProblem::Outlet),
        (with("outlet", json!("")), EntryProblem::Outlet),
        (with("size", json!(0)), EntryProblem::Size),
        (with("size", json!((256 << 20) + 1)), EntryProblem::Size),
        (with("size", json!(-1)), EntryProblem::Form),
        (with("size", json!(u64::MAX)), EntryProblem::Size),
        (with("size", json!("5")), EntryProblem::Form),
        (with("sha256", json!("")), EntryProblem::Checksum),
        (with("sha256", json!("g".repeat(64))), EntryProblem::Checksum),
        (with("sha256", json!("a".repeat(63))), EntryProblem::Checksum),
        (with("sha256", Value::Null), EntryProblem::Form),
        (with("modified", json!("2026-11-21")), EntryProblem::Modified),
        (
            with("modified", json!("2026-11-21T22:40:00")),
            EntryProblem::Modified,
        ),
        (with("modified", json!("kemarin")), EntryProblem::Modified),
        (json!([]), EntryProblem::Form),
        (json!(["a.json", null, 5, HASH, null]), EntryProblem::Form),
        (json!(null), EntryProblem::Form),
    ];
    for (wrong, problem) in table {
        let listing = read_value(&document(&[entry("first"), wrong.clone(), entry("last")])).unwrap();
        let names: Vec<_> = listing.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["first", "last"], "{wrong}");
        let [refused] = listing.refused.as_slice() else {
            panic!("one refusal: {wrong}");
        };
        assert_eq!((refused.number, refused.problem), (2, problem), "{wrong}");
    }
}

#[test]
fn a_refusal_shows_a_name_that_a_log_may_have() {
    let listing = read_value(&document(&[entry(&format!(
        "../a\nb\u{1b}[2J é{}",
        "x".repeat(99)
    ))]))
    .unwrap();
    let shown = &listing.refused[0].name;
    assert!(shown.starts_with("../a?b??2J??x"), "{shown}");
    assert_eq!(shown.chars().count(), NAME_SHOWN_MAX);
}

#[test]
fn the_same_file_twice_is_one_and_two_under_one_name_are_none() {
    let other = json!({"name": "a", "size": 6, "sha256": HASH});
    let listing = read_value(&document(&[entry("a"), entry("a"), entry("b")])).unwrap();
    assert_eq!((listing.files.len(), listing.refused.len()), (2, 0));

    let listing = read_value(&document(&[entry("a"), entry("b"), other, entry("a")])).unwrap();
    assert_eq!(listing.files.len(), 1);
    let refused: Vec<_> = listing
        .refused
        .iter()
        .map(|refused| (refused.number, refused.problem))
        .collect();
    assert_eq!(refused, [(1, EntryProblem::Twice), (3, EntryProblem::Twice)]);
}

#[test]
fn a_listing_that_is_not_whole_or_not_of_the_day_is_refused() {
    let good = document(&[entry("a"), entry("b")]);
    let changed = |field: &str, value: Value| {
        let mut document = good.clone();
        document[field] = value;
        read_value(&document)
    };
    assert!(read_value(&good).is_ok());
    assert_eq!(
        changed("schema", json!("sikp.central.day/2")),
        Err(ListingProblem::Form)
    );
    assert_eq!(changed("date", json!("2026-11-20")), Err(ListingProblem::Date));
    assert_eq!(changed("date", json!("20261121")), Err(ListingProblem::Date));
    assert_eq!(
        changed("count", json!(3)),
        Err(ListingProblem::Count { said: 3, found: 2 })
    );
    assert_eq!(changed("count", Value::Null), Err(ListingProblem::Form));
    assert_eq!(changed("files", Value::Null), Err(ListingProblem::Form));
    for body in ["", "[]", "null", "<html>", "\u{feff}{}"] {
        assert_eq!(
            read(body.as_bytes(), date(), Limits::default()),
            Err(ListingProblem::Form),
            "{body}"
        );
    }
    let limits = Limits {
        files: 1,
        ..Limits::default()
    };
    assert_eq!(
        read(good.to_string().as_bytes(), date(), limits),
        Err(ListingProblem::TooMany(1))
    );
}

#[test]
fn a_day_without_files_is_a_listing() {
    assert_eq!(read_value(&document(&[])), Ok(Listing::default()));
}

/// What any listing that is read at all has to keep.
fn keeps_its_rules(listing: &Listing) {
    let mut names = std::collections::HashSet::new();
    for file in &listing.files {
        assert!(names.insert(&file.name), "{} twice", file.name);
        assert!(is_name(&file.name) && !file.name.contains(['/', '%', '\\']) && file.name != "..");
        assert!((1..=Limits::default().file_bytes).contains(&file.size));
        assert!(file.sha256.len() == 64 && file.sha256 == file.sha256.to_lowercase());
    }
    for refused in &listing.refused {
        assert!(refused.name.chars().count() <= NAME_SHOWN_MAX && refused.name.is_ascii());
    }
}

/// Anything JSON can say, near the real form often enough.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z./%]{0,4}".prop_map(Value::from),
        Just(json!(HASH)),
        Just(json!("2026-11-21T22:40:00+07:00")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(Value::from)
    })
}

prop_compose! {
    fn any_entry()(
        name in any_value(), outlet in any_value(), size in any_value(), sha256 in any_value(), modified in any_value(),
        good in any::<[bool; 5]>(),
    ) -> Value {
        let pick = |good: bool, right: Value, any: Value| if good { right } else { any };
        json!({
            "name": pick(good[0], json!("a.json"), name),
            "outlet": pick(good[1], json!("moka-1"), outlet),
            "size": pick(good[2], json!(5), size),
            "sha256": pick(good[3], json!(HASH), sha256),
            "modified": pick(good[4], Value::Null, modified),
        })
    }
}

proptest! {
    #[test]
    fn no_entry_disappears(entries in prop::collection::vec(any_entry(), 0..12)) {
        let listing = read_value(&document(&entries)).unwrap();
        keeps_its_rules(&listing);
        // Whatever is in neither list says word for word what one in the first list says.
        let told = listing.files.len() + listing.refused.len();
        let repeats = entries.len() - told;
        prop_assert!(repeats == 0 || !listing.files.is_empty() || listing.refused.iter().any(|entry| entry.problem == EntryProblem::Twice));
    }

    #[test]
    fn a_good_listing_is_read_as_it_was_written(names in prop::collection::btree_set("[A-Za-z0-9_-][A-Za-z0-9._-]{0,30}", 0..20)) {
        let entries: Vec<_> = names.iter().map(|name| entry(name)).collect();
        let listing = read_value(&document(&entries)).unwrap();
        prop_assert!(listing.refused.is_empty());
        prop_assert!(listing.files.iter().map(|file| &file.name).eq(names.iter()));
    }

    #[test]
    fn a_listing_with_some_bytes_changed_is_refused_or_keeps_its_rules(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = document(&[with("x", Value::Null), entry("b.json")]).to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let short = &bytes[..cut.index(bytes.len())];
        prop_assert_eq!(read(short, date(), Limits::default()), Err(ListingProblem::Form));
        if let Ok(listing) = read(&bytes, date(), Limits::default()) {
            keeps_its_rules(&listing);
        }
    }

    #[test]
    fn any_bytes_at_all_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&bytes, date(), Limits::default()).is_err());
    }
}
