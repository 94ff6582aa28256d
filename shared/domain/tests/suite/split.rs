//! The record splitter by tables: every shape of file, and what the envelope says.

use crate::split_support::{Seen, arrays, envelope, faults, seen, split, survive, texts};
use domain::split::{Limits, pointer};

#[test]
fn records_are_found_wherever_a_pos_puts_them() {
    let table: &[(&str, Option<&str>)] = &[
        (r#"[{"a":1},{"a":2}]"#, Some("")),
        (r#" [ {"a":1} , {"a":2} ] "#, Some("")),
        (
            r#"{"data":{"next_url":null,"payments":[{"a":1},{"a":2}]},"meta":{}}"#,
            Some("data.payments"),
        ),
        (
            r#"{"success":true,"data":{"transactions":[{"a":1},{"a":2}]}}"#,
            Some("data.transactions"),
        ),
        (
            r#"{"status":{"code":200},"data":[{"a":1},{"a":2}]}"#,
            Some("data"),
        ),
        (r#"{"data":{"data":[{"a":1},{"a":2}]}}"#, Some("data.data")),
        (r#"{"data":{"list":[{"a":1},{"a":2}]}}"#, Some("data.list")),
        (r#"{"data":{"rows":[{"a":1},{"a":2}]}}"#, Some("data.rows")),
        (r#"{"data":{"items":[{"a":1},{"a":2}]}}"#, Some("data.items")),
        (
            r#"{"data":{"receipts":[{"a":1},{"a":2}]}}"#,
            Some("data.receipts"),
        ),
        (
            r#"{"outlet":"Pusat","rows":[{"a":1},{"a":2}],"n":2}"#,
            Some("rows"),
        ),
        (r#"{"receipts":[{"a":1},{"a":2}]}"#, Some("receipts")),
        (r#"{"transactions":[{"a":1},{"a":2}]}"#, Some("transactions")),
        (r#"{"payments":[{"a":1},{"a":2}]}"#, Some("payments")),
        (r#"{"list":[{"a":1},{"a":2}]}"#, Some("list")),
        (r#"{"records":[{"a":1},{"a":2}]}"#, Some("records")),
        (r#"{"result":[{"a":1},{"a":2}]}"#, Some("result")),
        (r#"{"results":[{"a":1},{"a":2}]}"#, Some("results")),
        (r#"{"data":[1,2],"rows":[{"a":1},{"a":2}]}"#, Some("rows")),
        (r#"{"data":[],"rows":[{"a":1},{"a":2}]}"#, Some("rows")),
        ("{\"a\":1}\n{\"a\":2}\n", None),
        ("{\"a\":1}\r\n\r\n{\"a\":2}", None),
        (r#"{"a":1}{"a":2}"#, None),
    ];
    for (file, path) in table {
        let seen = seen(file);
        assert_eq!(texts(&seen), [r#"{"a":1}"#, r#"{"a":2}"#], "{file}");
        assert_eq!(arrays(&seen).last().copied(), *path, "{file}");
        assert_eq!(faults(&seen), [], "{file}");
    }
}

#[test]
fn a_single_record_is_not_taken_for_an_envelope() {
    let table = [
        r#"{"schema":"sikp.pos.receipt/1","payments":[{"method":"cash"}]}"#,
        r#"{"receipt_id":"x","lines":[{"a":1}],"payments":[{"method":"cash"}]}"#,
        r#"{"id":"7","payment_no":"53L","checkouts":[{"id":1}],"payments":[{"id":2}]}"#,
        r#"{"id":"7","items":[{"id":1}],"transactions":[{"id":2}]}"#,
        "{\n  \"No Transaksi\": \"INV/1\",\n  \"Total\": 5\n}\n",
        r#"{"message":"Unauthorized"}"#,
        r#"{"data":null}"#,
        r#"{"success":false,"data":{"transactions":null}}"#,
        r#"{"data":{"a":1}}"#,
    ];
    for file in table {
        let seen = seen(file);
        assert_eq!(texts(&seen), [file.trim()], "{file}");
        assert_eq!(arrays(&seen), [""; 0], "{file}");
        assert_eq!(faults(&seen), [], "{file}");
    }
}

#[test]
fn members_of_the_envelope_are_told_before_and_after_the_records() {
    let file = r#"{"outlet":"Pusat","status":{"code":200,"x":{"y":{"z":{"deep":1}}}},"none":{},
        "data":{"list":[3],"next_url":"https://x/?a=\"1\"","payments":[{"a":1}],"completed":false},
        "meta":{"errors":null,"pages":[1, 2]}, "total": 12.50 }"#;
    let seen = seen(file);
    let expected = [
        ("outlet", r#""Pusat""#),
        ("status.code", "200"),
        ("status.x.y.z", r#"{"deep":1}"#),
        ("data.list", "[3]"),
        ("data.next_url", r#""https://x/?a=\"1\"""#),
        ("data.completed", "false"),
        ("meta.errors", "null"),
        ("meta.pages", "[1, 2]"),
        ("total", "12.50"),
    ];
    assert_eq!(envelope(&seen), expected);
    assert_eq!(seen[5], Seen::Array("data.payments".to_owned()));
    assert_eq!(faults(&seen), []);
}

#[test]
fn what_cannot_be_reported_of_an_envelope_is_left_out() {
    let long = "x".repeat(5000);
    let file = format!(r#"{{"long":"{long}","{long}":1,"n":NaN,"rows":[{{"a":1}}],"big":["{long}"],"b":2}}"#);
    let seen = seen(&file);
    assert_eq!(envelope(&seen), [("b", "2")]);
    let place = file.find("NaN").unwrap() as u64;
    assert_eq!(faults(&seen), [("NUMBER_NOT_FINITE", place, 3)]);

    let mut bytes = br#"{"a":"?","rows":[],"b":"ok"}"#.to_vec();
    bytes[6] = 0xff;
    survive(&bytes);
    assert_eq!(envelope(&split(Limits::default(), &bytes)), [("b", r#""ok""#)]);
}

#[test]
fn ordinals_and_starts_say_where_a_record_is() {
    let seen = seen(r#"{"rows":[{"a":1}, 5, {"a":2}]}"#);
    let places = seen.iter().filter_map(|event| match event {
        Seen::Record { start, ordinal, .. } => Some((*start, *ordinal)),
        _ => None,
    });
    assert_eq!(places.collect::<Vec<_>>(), [(9, 0), (21, 2)]);
    assert_eq!(pointer("data.payments", 17), "/data/payments/17");
    assert_eq!(pointer("", 17), "/17");
}
