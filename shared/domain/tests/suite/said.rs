//! What an export says of the guest's opinion: stars to the dish, words to the answer, nothing else anywhere.

use crate::feedback_support::dish;
use domain::customer::PhoneKey;
use domain::feedback::words::COMMENT_MAX;
use domain::map::{Context, OutletRules, Telling, map, place};
use domain::outlet::Outlet;
use domain::page::{Receipts, pack};
use domain::record::{UnknownFields, dialect_of, read};
use domain::shape::ALIASES;
use serde_json::{Value, json};

const FILE_MS: i64 = 1_761_700_000_000;

fn telling(record: &Value) -> Telling {
    let record = serde_json::to_vec(record).unwrap();
    let dialect = dialect_of(&record).unwrap().unwrap();
    let context = Context {
        dialect: Some(dialect),
        modified_ms: FILE_MS,
        ..Context::default()
    };
    let object = read(
        &record,
        ALIASES.of(dialect.family()),
        &mut UnknownFields::default(),
    )
    .unwrap();
    let place = place(&object, &context).unwrap();
    let rules = OutletRules::of(Outlet::undescribed(&place.outlet, None, None));
    map(&object, &context, &rules, &PhoneKey::new([7; 32])).unwrap()
}

fn seven_fields(report: &Value) -> Telling {
    telling(&json!({
        "ID_Pelanggan": "C-17", "Nama_Pelanggan": "Rina", "NoHP_Pelanggan": "0812-3456-7890",
        "Tanggal_Order": "2025-10-28T05:40:00Z", "Total_Harga": 30000, "Nama_Menu": "Es Jeruk", "Isi_Laporan": report,
    }))
}

#[test]
fn stars_and_words_are_taken_apart() {
    let known = [
        (json!("5 - enak sekali"), Some(5), Some("enak sekali")),
        (json!("4 agak asin"), Some(4), Some("agak asin")),
        (json!("1: basi!"), Some(1), Some("basi!")),
        (json!("3/5, biasa"), Some(3), Some("biasa")),
        (json!("5★"), Some(5), None),
        (json!(4), Some(4), None),
        (json!(" 2 "), Some(2), None),
        (json!("kurang dingin"), None, Some("kurang dingin")),
        (json!("0"), None, Some("0")),
        (json!("6 - luar biasa"), None, Some("6 - luar biasa")),
        (json!("10"), None, Some("10")),
        (json!("4.5"), None, Some("4.5")),
        (json!("3/10"), None, Some("3/10")),
        (json!("2-3 hari sakit perut"), None, Some("2-3 hari sakit perut")),
        (json!("2x pesan"), None, Some("2x pesan")),
        (json!("\u{202E}enak\u{7}\nsekali"), None, Some("enak sekali")),
        (json!("-"), None, None),
        (json!(""), None, None),
        (json!(null), None, None),
    ];
    for (report, stars, words) in known {
        let said = seven_fields(&report).said;
        assert_eq!(said.is_some(), stars.is_some() || words.is_some(), "{report}");
        let said = said.unwrap_or_default();
        assert_eq!(said.dishes.get(&dish("Es Jeruk", "")).copied(), stars, "{report}");
        assert_eq!((said.overall, said.comment.as_deref()), (None, words), "{report}");
    }
}

#[test]
fn a_telling_is_dated_by_its_sale_and_ranked_by_its_file() {
    let said = seven_fields(&json!("5 enak")).said.unwrap();
    assert_eq!((said.at_ms, said.told_ms), (1_761_630_000_000, FILE_MS));
}

#[test]
fn words_never_reach_the_receipt() {
    let telling = seven_fields(&json!("5 - rahasiaku"));
    let receipts = Receipts::from([(telling.native_id, telling.receipt)]);
    let unpacked = format!("{receipts:?}");
    assert!(unpacked.contains("Es Jeruk") && !unpacked.contains("rahasiaku"));
    let page = pack(&receipts).unwrap();
    assert!(!page.windows(9).any(|window| window == b"rahasiaku"));
}

#[test]
fn long_words_are_shortened_and_noted_and_advertisements_marked() {
    let telling = seven_fields(&json!("é".repeat(COMMENT_MAX + 1)));
    assert_eq!(
        telling.said.unwrap().comment.unwrap().chars().count(),
        COMMENT_MAX
    );
    assert!(telling.notes.contains(&"TEXT_SHORTENED"));
    assert!(seven_fields(&json!("promo www.x.example")).said.unwrap().suspect);
}

#[test]
fn stars_of_a_document_go_to_their_lines() {
    let line = |name: &str, rating: i64| json!({"name": name, "menu_id": "1", "qty": "1", "unit_price": "10000", "gross": "10000", "net": "10000", "rating": rating});
    let mut voided = line("Bakso", 1);
    voided["voided"] = json!(true);
    let mut custom = line("Titipan", 1);
    custom["rateable"] = json!(false);
    let document = |lines: Value| {
        telling(&json!({
            "schema": "sikp.pos.receipt/1", "source": {"system": "moka"}, "receipt_id": "A-1", "outlet": {"id": "100818"},
            "paid_at": "2025-10-28T12:30:50.748Z", "kind": "sale", "status": "paid", "totals": {"total": "30000"}, "lines": lines,
        }))
    };
    let said = document(json!([
        line("Sate", 5),
        line("Es Teh", 3),
        line("Sate", 2),
        voided,
        custom
    ]))
    .said
    .unwrap();
    assert_eq!(
        said.dishes,
        [(dish("Es Teh", ""), 3), (dish("Sate", ""), 2)].into()
    );
    assert_eq!((said.overall, said.comment), (None, None));
    assert_eq!(document(json!([line("Sate", 9)])).said, None);
}
