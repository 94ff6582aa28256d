//! Every dialect: what a record of it tells, whole, as a snapshot.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use domain::customer::PhoneKey;
use domain::figures::of_receipt;
use domain::map::{Context, OutletRules, map, place};
use domain::outlet::Outlet;
use domain::record::{UnknownFields, dialect_of, read};
use domain::shape::ALIASES;
use domain::split::{Event, Limits, Splitter};

/// What a file tells, record by record, with the figures that follow.
fn told(file: &str, context: Context) -> String {
    let mut records = Vec::new();
    let mut splitter = Splitter::new(Limits::default());
    let mut sink = |event: Event<'_>| {
        if let Event::Record { bytes, .. } = event {
            records.push(bytes.to_vec());
        }
        ControlFlow::Continue(())
    };
    let bytes = std::fs::read(format!("{}/tests/fixtures/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(splitter.push(&bytes, &mut sink).is_continue());
    splitter.finish(&mut sink);
    let (mut text, mut unknown) = (String::new(), UnknownFields::default());
    for record in records {
        let dialect = dialect_of(&record).unwrap().unwrap();
        let context = Context {
            dialect: Some(dialect),
            modified_ms: 1_761_700_000_000,
            ..context.clone()
        };
        let object = read(&record, ALIASES.of(dialect.family()), &mut unknown).unwrap();
        let place = place(&object, &context).unwrap();
        let outlet = Outlet::undescribed(&place.outlet, place.name.as_deref(), place.zone.as_deref());
        let telling = map(
            &object,
            &context,
            &OutletRules::of(outlet),
            &PhoneKey::new([7; 32]),
        )
        .unwrap();
        let figures = of_receipt(&telling.receipt).unwrap();
        writeln!(
            text,
            "{}\n{place:#?}\n{telling:#?}\n{figures:#?}",
            dialect.as_str()
        )
        .unwrap();
    }
    assert!(
        unknown.counts().is_empty(),
        "the alias map knows every field of {file}: {:?}",
        unknown.counts()
    );
    text
}

#[test]
fn moka_v3() {
    insta::assert_snapshot!(told("moka-v3.json", Context::default()));
}

#[test]
fn moka_v1() {
    let context = Context {
        outlet_id: Some("77".to_owned()),
        ..Context::default()
    };
    insta::assert_snapshot!(told("moka-v1.json", context));
}

#[test]
fn moka_gobiz() {
    let context = Context {
        folder_outlet: Some("moka-100818".to_owned()),
        ..Context::default()
    };
    insta::assert_snapshot!(told("moka-gobiz.json", context));
}

#[test]
fn majoo_detail() {
    let context = Context {
        outlet_name: Some("Warung Oyako Pusat".to_owned()),
        made_ms: Some(1_761_666_901_000),
        ..Context::default()
    };
    insta::assert_snapshot!(told("majoo-detail.json", context));
}

#[test]
fn majoo_rows() {
    insta::assert_snapshot!(told("majoo-rows.json", Context::default()));
}

#[test]
fn flat() {
    insta::assert_snapshot!(told("flat.json", Context::default()));
}

#[test]
fn canonical() {
    insta::assert_snapshot!(told("canonical.ndjson", Context::default()));
}

#[test]
fn the_alias_map_is_complete() {
    let map = domain::shape::parse(include_str!("../../dialects/aliases.toml")).unwrap();
    assert!(!map.envelope.is_empty());
    for family in [
        domain::dialect::Family::Moka,
        domain::dialect::Family::MajooDetail,
        domain::dialect::Family::MajooRows,
        domain::dialect::Family::Flat,
        domain::dialect::Family::Canonical,
    ] {
        assert!(map.of(family).receipt.find("nobody knows this").is_none());
    }
    assert!(
        map.of(domain::dialect::Family::MajooDetail)
            .receipt
            .find("no_telepon_PELANGGAN")
            .is_some()
    );
}
