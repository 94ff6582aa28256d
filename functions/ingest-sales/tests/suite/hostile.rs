//! Damaged and hostile files: each has its code and place, and the good records of it land.

use std::io::Write;

use crate::support;
use crate::support::{Shop, page, payment};
use domain::export::ExportState;
use serde_json::Value;

const OUTLET: &str = "moka-100818";
const DATE: &str = "2025-10-28";

/// Three sales, with `middle` in place of the one between them.
fn around(middle: &[u8]) -> Vec<u8> {
    let text = |n| payment(n, n, 1_000).to_string().into_bytes();
    let mut file = b"{\"data\":{\"payments\":[".to_vec();
    file.extend(text(1));
    file.push(b',');
    file.extend_from_slice(middle);
    file.push(b',');
    file.extend(text(2));
    file.extend(b"]}}");
    file
}

fn with(field: &str, value: &str) -> Vec<u8> {
    let mut sale = payment(9, 9, 1_000);
    sale[field] = Value::from("PLACE");
    sale.to_string().replace("\"PLACE\"", value).into_bytes()
}

/// A record that is refused while its neighbours are stored.
async fn refused(shop: &Shop, name: &str, middle: &[u8], code: &str) {
    let file = around(middle);
    let key = format!("incoming/hostile/{name}.json");
    let export = shop.take(&key, file.clone()).await;
    assert_eq!(export.state, ExportState::Done, "{name}");
    let taken = export.counts.stored + export.counts.unchanged;
    assert_eq!(
        (taken, export.counts.quarantined),
        (2, 1),
        "{name}: {:?}",
        export.rejected
    );
    let pieces = shop.refused(&key).await;
    assert_eq!(
        pieces.iter().map(|piece| piece.code.as_str()).collect::<Vec<_>>(),
        [code],
        "{name}"
    );
    let from = usize::try_from(pieces[0].byte_start).unwrap();
    let to = from + usize::try_from(pieces[0].byte_len).unwrap();
    assert_eq!(
        file.get(from..to).unwrap(),
        middle,
        "{name}: the byte range is the record's"
    );
    assert!(
        pieces[0].pointer.starts_with("/data/payments/1"),
        "{name}: {}",
        pieces[0].pointer
    );
    assert!(
        domain::code::explain(code).is_some(),
        "{code} is explained to people"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_record_is_listed_and_its_neighbours_land() {
    let shop = Shop::open().await;
    let deep = [b"{\"a\":".repeat(100_000), b"1".to_vec(), b"}".repeat(100_000)].concat();
    let long_text = with("payment_note", &format!("\"{}\"", "x".repeat(400 << 10)));
    let lines = format!("[{}]", vec!["{}"; 5_000].join(","));
    let many_lines = with("checkouts", &lines);
    let huge = with(
        "checkouts",
        &format!("[{}]", vec!["{\"quantity\":1}"; 1_000_000].join(",")),
    );
    let twice = String::from_utf8(with("payment_no", "\"A\",\"payment_no\":\"B\"")).unwrap();
    let mut invalid_utf8 = with("payment_no", "\"??\"");
    let at = invalid_utf8.windows(2).position(|two| two == b"??").unwrap();
    invalid_utf8[at] = 0xff;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("deep", deep, "RECORD_TOO_DEEP"),
        ("long-text", long_text, "STRING_TOO_LONG"),
        ("many-lines", many_lines, "TOO_MANY_LINES"),
        ("huge", huge, "RECORD_TOO_LARGE"),
        ("twice", twice.into_bytes(), "DUPLICATE_KEY"),
        ("nan", with("total_collected", "NaN"), "NUMBER_NOT_FINITE"),
        (
            "infinite",
            with("total_collected", "-Infinity"),
            "NUMBER_NOT_FINITE",
        ),
        (
            "too-large",
            with("total_collected", "1e400"),
            "MONEY_OUT_OF_RANGE",
        ),
        ("no-number", with("total_collected", "\"abc\""), "MONEY_INVALID"),
        ("negative", with("total_collected", "-5"), "MONEY_NEGATIVE"),
        ("no-date", with("created_at", "null"), "DATE_MISSING"),
        (
            "bad-date",
            with("created_at", "\"2025-02-31T12:00:00+07:00\""),
            "DATE_INVALID",
        ),
        (
            "no-id",
            String::from_utf8(with("id", "null"))
                .unwrap()
                .replace("\"N9\"", "null")
                .into_bytes(),
            "RECEIPT_ID_MISSING",
        ),
        ("invalid-utf8", invalid_utf8, "INVALID_UTF8"),
        (
            "not-json",
            b"{\"id\":\"x\",\"payment_no\":oops}".to_vec(),
            "RECORD_NOT_JSON",
        ),
        ("no-object", b"17".to_vec(), "RECORD_NOT_OBJECT"),
    ];
    for (name, middle, code) in cases {
        refused(&shop, name, &middle, code).await;
    }
    assert_eq!(shop.day(OUTLET, DATE).await.receipts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_none_fails_whole_and_leaves_nothing() {
    let shop = Shop::open().await;
    let utf16: Vec<u8> = String::from("\u{feff}{\"data\":[]}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(b"[").unwrap();
    for _ in 0..256 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let mut window = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    window.window_log(27).unwrap();
    window.long_distance_matching(true).unwrap();
    window.write_all(&page(&[payment(1, 1, 1)])).unwrap();
    let mut garbage = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    garbage.write_all(&page(&[payment(1, 1, 1)])).unwrap();
    let mut garbage = garbage.finish().unwrap();
    garbage[12] ^= 0xff;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", b"  \n".to_vec(), "FILE_EMPTY"),
        ("html", b"<html>maintenance</html>".to_vec(), "FILE_NOT_JSON"),
        ("utf16", utf16, "FILE_UTF16"),
        ("other", b"[{\"a\":1},{\"b\":2}]".to_vec(), "FILE_UNKNOWN_DIALECT"),
        (
            "unauthorized",
            b"{\"message\":\"Unauthorized\"}".to_vec(),
            "FILE_UNKNOWN_DIALECT",
        ),
        ("no-records", b"{}".to_vec(), "FILE_WITHOUT_RECORDS"),
        ("bomb", bomb.finish().unwrap(), "FILE_BOMB"),
        ("window", window.finish().unwrap(), "FILE_WINDOW_TOO_LARGE"),
        ("damaged", garbage, "FILE_COMPRESSION_BROKEN"),
    ];
    for (name, file, code) in cases {
        let key = format!("incoming/hostile/{name}");
        let export = shop.take(&key, file).await;
        assert_eq!(
            (export.state, export.failure.as_deref()),
            (ExportState::Failed, Some(code)),
            "{name}"
        );
        assert_eq!((export.counts.stored, export.days_total), (0, 0), "{name}");
        let pieces = shop.refused(&key).await;
        assert_eq!(
            (pieces.len(), pieces[0].code.as_str(), pieces[0].whole_file),
            (1, code, true),
            "{name}"
        );
        assert!(
            domain::code::explain(code).is_some(),
            "{code} is explained to people"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_file_keeps_what_came_before() {
    let shop = Shop::open().await;
    let whole = page(&(1..=10).map(|n| payment(n, n, 1_000)).collect::<Vec<_>>());
    let cut = whole[..whole.len() * 3 / 4].to_vec();
    let export = shop.take("incoming/hostile/cut.json", cut.clone()).await;
    assert_eq!(
        (export.state, export.counts.stored, export.counts.quarantined),
        (ExportState::Done, 7, 1)
    );
    let piece = &shop.refused("incoming/hostile/cut.json").await[0];
    assert_eq!(
        (piece.code.as_str(), piece.byte_start + piece.byte_len),
        ("FILE_TRUNCATED", cut.len() as u64)
    );
    let whole_again = shop.take("incoming/hostile/whole.json", whole).await;
    assert_eq!((whole_again.counts.stored, whole_again.counts.unchanged), (3, 7));
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_files_and_a_byte_order_mark_are_taken() {
    let shop = Shop::open().await;
    let plain = page(&[payment(1, 1, 1_000), payment(2, 2, 2_000)]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&plain).unwrap();
    let gzip = gzip.finish().unwrap();
    let members = [gzip.clone(), Vec::new()].concat();
    let marked = [b"\xef\xbb\xbf".to_vec(), plain.clone()].concat();
    let zstd = zstd::stream::encode_all(plain.as_slice(), 3).unwrap();
    for (name, file) in [
        ("a.json.gz", gzip),
        ("b.gz", members),
        ("c.zst", zstd),
        ("d.json", marked),
        ("e.json", plain),
    ] {
        let export = shop.take(&format!("incoming/packed/{name}"), file).await;
        assert_eq!(
            (export.state, export.counts.received),
            (ExportState::Done, 2),
            "{name}"
        );
        assert_eq!(export.notes.contains_key("FILE_BOM"), name == "d.json", "{name}");
    }
    assert_eq!(shop.day(OUTLET, DATE).await.receipts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_another_outlet_than_its_folder_is_refused() {
    let shop = Shop::open().await;
    let sales = [payment(1, 1, 1_000), support::at_outlet(payment(2, 2, 2_000), 7)];
    let export = shop.take("incoming/moka-100818/a.json", page(&sales)).await;
    assert_eq!((export.counts.stored, export.counts.quarantined), (1, 1));
    assert_eq!(
        shop.refused("incoming/moka-100818/a.json").await[0].code,
        "WRONG_OUTLET"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn previews_and_details_show_nothing_of_a_person() {
    let shop = Shop::open().await;
    let mut sale = support::bought_by(payment(1, 1, 1_000), 7);
    sale["customer_name"] = "Siti Rahmawati".into();
    sale["customer_phone"] = 81_234_567_890_u64.into();
    sale["total_collected"] = "rusak".into();
    shop.take("incoming/hostile/person.json", page(&[sale])).await;
    let shown = format!("{:?}", shop.refused("incoming/hostile/person.json").await);
    for secret in ["Siti", "Rahmawati", "81234567890", "0812"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(
        shown.contains("customer_name"),
        "the form is still there: {shown}"
    );
}
