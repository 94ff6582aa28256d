//! What holds for any bytes in place of a record, and any text in place of a value.
#![allow(clippy::unwrap_used, reason = "tests")]

use domain::customer::PhoneKey;
use domain::dialect::Dialect;
use domain::map::{Context, OutletRules, map, place};
use domain::money::Written;
use domain::outlet::Outlet;
use domain::page::{Receipts, pack, unpack};
use domain::phone::PhoneReading;
use domain::record::{UnknownFields, dialect_of, read};
use domain::shape::ALIASES;
use domain::when::Zone;

const DIALECTS: [Dialect; 7] = [
    Dialect::MokaV1,
    Dialect::MokaV3,
    Dialect::MokaGobiz,
    Dialect::MajooDetail,
    Dialect::MajooRows,
    Dialect::Flat,
    Dialect::Canonical,
];

/// Reads a record by every dialect's names and maps it; answers in how many it is taken. A receipt that is taken
/// survives its page.
pub(crate) fn survive_record(record: &[u8]) -> usize {
    let _told: Result<Option<Dialect>, _> = dialect_of(record);
    let preview = domain::redact::preview(record);
    assert!(preview.len() < 2_000, "a preview is short");
    let mut taken = 0;
    for dialect in DIALECTS {
        let context = Context {
            dialect: Some(dialect),
            ..Context::default()
        };
        let Ok(object) = read(
            record,
            ALIASES.of(dialect.family()),
            &mut UnknownFields::default(),
        ) else {
            continue;
        };
        let Ok(place) = place(&object, &context) else {
            continue;
        };
        let rules = OutletRules::of(Outlet::undescribed(&place.outlet, None, place.zone.as_deref()));
        let Ok(telling) = map(&object, &context, &rules, &PhoneKey::new([1; 32])) else {
            continue;
        };
        let receipts = Receipts::from([(telling.native_id, telling.receipt)]);
        assert_eq!(unpack(&pack(&receipts).unwrap()).unwrap(), receipts);
        taken += 1;
    }
    taken
}

/// Reads a text as every kind of value.
pub(crate) fn survive_value(text: &str) {
    for written in [Written::Number(text), Written::Text(text)] {
        if let Ok(Some(parsed)) = domain::money::parse(written) {
            let again = domain::money::parse(Written::Number(&parsed.value.to_string()));
            assert_eq!(again.unwrap().unwrap().value, parsed.value);
        }
        let _quantity: Result<_, _> = domain::quantity::parse(written);
    }
    if let PhoneReading::Valid { e164, .. } = domain::phone::read_phone(text, &[]) {
        assert!((8..=16).contains(&e164.len()) && e164.starts_with('+'));
    }
    let _moment: Result<_, _> = domain::when::read_moment(text, &Zone::default());
    let _epoch: Result<_, _> = domain::when::read_epoch(text);
    let _period: Result<_, _> = domain::when::read_period(text);
    let _name: Option<_> = domain::name::clean_name(text);
    assert!(!domain::name::slug(text).is_empty());
}
