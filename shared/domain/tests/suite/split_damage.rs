//! The record splitter by tables: each kind of damage, and that the rest still comes out.

use crate::split_support;
use crate::split_support::{
    Seen, TIGHT, arrays, envelope, faults, records, seen, split, split_in, survive, texts,
};
use domain::split::{FaultCode, Limits};

#[test]
fn a_whole_file_that_is_no_export_ends_in_one_fatal_fault() {
    let table: &[(&[u8], FaultCode)] = &[
        (b"", FaultCode::Empty),
        (b" \r\n\t ", FaultCode::Empty),
        (b"<!DOCTYPE html>", FaultCode::NotJson),
        (b"No Transaksi;Total\n", FaultCode::NotJson),
        (b"PK\x03\x04\x14\x08", FaultCode::NotJson),
        (b"\x1f\x8b\x08\x08", FaultCode::NotJson),
        (b"  nope", FaultCode::NotJson),
        (b"\xff\xfe[\0{\0", FaultCode::Utf16),
        (b"\xfe\xff\0[\0{", FaultCode::Utf16),
        (b"[\0{\0}\0]\0", FaultCode::Utf16),
        (b"\0[\0]", FaultCode::Utf16),
        (b"\0\0\0[\0\0\0]", FaultCode::Utf16),
        (b"\xff\xfe", FaultCode::Utf16),
    ];
    for (file, code) in table {
        survive(file);
        match split(Limits::default(), file).as_slice() {
            [Seen::Fault(fault)] => {
                assert_eq!(fault.code, *code, "{file:?}");
                assert!(fault.fatal, "{file:?}");
            }
            other => panic!("{file:?}: {other:?}"),
        }
    }
}

#[allow(clippy::too_many_lines, reason = "a table of damage")]
#[test]
fn faults_name_the_stretch_and_spare_the_rest() {
    // Each file, the faults it must give, and the records that must come out.
    type Row = (
        &'static str,
        &'static [(&'static str, u64, u64)],
        &'static [&'static str],
    );
    let table: &[Row] = &[
        ("\u{feff}[{\"a\":1}]", &[("FILE_BOM", 0, 3)], &[r#"{"a":1}"#]),
        ("\u{feff}", &[("FILE_BOM", 0, 3), ("FILE_EMPTY", 3, 0)], &[]),
        ("{}", &[("FILE_WITHOUT_RECORDS", 0, 2)], &[]),
        ("[]", &[], &[]),
        (r#"{"rows":[]}"#, &[], &[]),
        (r#"[{"a":1},{"a":2"#, &[("FILE_TRUNCATED", 9, 6)], &[r#"{"a":1}"#]),
        (r#"[{"a":1},"#, &[("FILE_TRUNCATED", 8, 1)], &[r#"{"a":1}"#]),
        (
            r#"{"rows":[{"a":1}]"#,
            &[("FILE_TRUNCATED", 17, 0)],
            &[r#"{"a":1}"#],
        ),
        (
            r#"{"rows":[{"a":1}],"n":"x"#,
            &[("FILE_TRUNCATED", 17, 7)],
            &[r#"{"a":1}"#],
        ),
        (r#"{"outlet":"x","da"#, &[("FILE_TRUNCATED", 0, 17)], &[]),
        ("{\"a\":1}\n{\"a\":", &[("FILE_TRUNCATED", 8, 5)], &[r#"{"a":1}"#]),
        (
            r#"[{"a":1}] tail"#,
            &[("FILE_TRAILING_GARBAGE", 10, 4)],
            &[r#"{"a":1}"#],
        ),
        (
            r#"{"rows":[{"a":1}]}]"#,
            &[("FILE_TRAILING_GARBAGE", 18, 1)],
            &[r#"{"a":1}"#],
        ),
        (
            r#"[{"a":1},null,{"a":2}]"#,
            &[("RECORD_NOT_OBJECT", 9, 4)],
            &[r#"{"a":1}"#, r#"{"a":2}"#],
        ),
        (
            r#"["x",-1.5,[{"b":1}]]"#,
            &[
                ("RECORD_NOT_OBJECT", 1, 3),
                ("RECORD_NOT_OBJECT", 5, 4),
                ("RECORD_NOT_OBJECT", 10, 9),
            ],
            &[],
        ),
        (
            "{\"a\":1}\n[1]\n{\"a\":2}",
            &[("RECORD_NOT_OBJECT", 8, 4)],
            &[r#"{"a":1}"#, r#"{"a":2}"#],
        ),
        // What stands on a line of its own reaches up to the next record.
        (
            "{\"a\":1},\n{\"a\":2}",
            &[("RECORD_NOT_JSON", 7, 2)],
            &[r#"{"a":1}"#, r#"{"a":2}"#],
        ),
        (
            "{\"a\":1}\noops\n{\"a\":2}",
            &[("RECORD_NOT_JSON", 8, 5)],
            &[r#"{"a":1}"#, r#"{"a":2}"#],
        ),
        (
            r#"[{"a":1}{"a":2}]"#,
            &[("RECORD_NOT_JSON", 8, 0)],
            &[r#"{"a":1}"#, r#"{"a":2}"#],
        ),
        (
            r#"[{"a":1},,{"a":2}]"#,
            &[("RECORD_NOT_JSON", 9, 1)],
            &[r#"{"a":1}"#, r#"{"a":2}"#],
        ),
        (r#"[{"a":1},]"#, &[], &[r#"{"a":1}"#]),
    ];
    for (file, expected_faults, expected_records) in table {
        let seen = seen(file);
        assert_eq!(faults(&seen), *expected_faults, "{file}");
        assert_eq!(texts(&seen), *expected_records, "{file}");
    }
}

#[test]
fn a_record_that_is_not_json_but_ends_where_it_should_is_one_fault() {
    let table = [
        r#"{"a":NaN}"#,
        r#"{"a":Infinity}"#,
        r#"{"a":[1,-Infinity]}"#,
        r#"{"a":None,"b":True}"#,
        r#"{"a":nul}"#,
        r#"{"a":trueish}"#,
        r#"{'a': 'one two', 'b': 1}"#,
        r#"{a:1}"#,
        r#"{"a":1,}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":}"#,
        r#"{"a"}"#,
        r#"{"a":"\x41"}"#,
        r#"{"a":"\u12"}"#,
        "{\"a\":\"x\ty\"}",
        r#"{"a": // the total
            1}"#,
    ];
    for broken in table {
        let array = format!(r#"[{{"a":1}},{broken},{{"a":2}}]"#);
        let lines = format!("{{\"a\":1}}\n{broken}\n{{\"a\":2}}\n");
        // A record over two lines is none in a file of lines.
        let files = [Some(array), Some(lines).filter(|_| !broken.contains('\n'))];
        for file in files.into_iter().flatten() {
            let seen = seen(&file);
            let start = file.find(broken).unwrap() as u64;
            let not_finite = broken.contains("NaN") || broken.contains("Infinity");
            let code = if not_finite {
                "NUMBER_NOT_FINITE"
            } else {
                "RECORD_NOT_JSON"
            };
            assert_eq!(faults(&seen), [(code, start, broken.len() as u64)], "{file}");
            assert_eq!(texts(&seen), [r#"{"a":1}"#, r#"{"a":2}"#], "{file}");
        }
    }
}

#[test]
fn after_a_record_whose_brackets_do_not_pair_up_the_next_one_is_found() {
    let good = [
        r#"{"id":1,"no":"A","lines":[{"id":1,"sku":"x"},{"id":2,"sku":"y"}]}"#,
        r#"{"id":2,"no":"B","lines":[{"id":3,"sku":"x"}]}"#,
        r#"{"id":3,"no":"C","lines":[]}"#,
    ];
    let table = [
        r#"{"id":9,"no":"Z,"lines":[{"id":1,"sku":"x"},{"id":2,"sku":"y"}]}"#,
        r#"{"id":9,"no":"Z","lines":[{"id":1,"sku":"x"},{"id":2,"sku":"y"}}"#,
        r#"{"id":9,"no":"Z","lines":[{"id":1,"sku":"x",{"id":2,"sku":"y"}]}"#,
        r#"{"id":9,"no":"Z","lines":[{"id":1,"sku":"x"},{"id":2,"sku":"y}]}"#,
        r#"{"id":9,"no":"Z","lines":[{"id":1,"sku":"x"}]"#,
        r#"{"id":9,"no":"Z"#,
        r#""id":9,"no":"Z","lines":[{"id":1,"sku":"x"}]}"#,
        "{\"id\":9,\"no\":\"Z\n\",\"lines\":[{\"id\":1,\"sku\":\"x\"}]}",
    ];
    for broken in table {
        for place in 0..3 {
            let mut rows = good.to_vec();
            rows[place] = broken;
            let file = format!(r#"{{"rows":[{}],"end":1}}"#, rows.join(","));
            let seen = seen(&file);
            let found = texts(&seen);
            for (other, record) in good.iter().enumerate().filter(|(other, _)| *other != place) {
                assert!(
                    found.contains(record),
                    "{other} lost after {broken} at {place}: {found:?}"
                );
            }
            assert!(!faults(&seen).is_empty());

            if place == 0 && !broken.starts_with('{') {
                continue; // then the file does not start like JSON at all
            }
            let lines = rows.join("\n");
            let seen = split_support::seen(&lines);
            let found = texts(&seen);
            for (other, record) in good.iter().enumerate().filter(|(other, _)| *other != place) {
                assert!(found.contains(record), "line {other} lost: {lines}: {found:?}");
            }
        }
    }
}

#[test]
fn the_stretch_of_a_broken_record_reaches_to_the_next_one() {
    let file = r#"[{"a":1,"b":2},{"a":1,"b":"2},{"a":3,"b":4}]"#;
    let seen = seen(file);
    assert_eq!(texts(&seen), [r#"{"a":1,"b":2}"#, r#"{"a":3,"b":4}"#]);
    assert_eq!(faults(&seen), [("RECORD_NOT_JSON", 15, 15)]);
    let last = split_support::seen(r#"[{"a":1,"b":2},{"a":1]]]"#);
    assert_eq!(faults(&last), [("RECORD_NOT_JSON", 15, 9)]);
}

#[test]
fn a_broken_envelope_does_not_hide_its_records() {
    let file = r#"{"outlet":"Warung "Oyako"","n":2,"rows": [ {"a":1},{"a":2}]}"#;
    let seen = seen(file);
    assert_eq!(texts(&seen), [r#"{"a":1}"#, r#"{"a":2}"#]);
    assert_eq!(arrays(&seen), ["rows"]);
    assert_eq!(faults(&seen), [("RECORD_NOT_JSON", 0, 43)]);
}

#[test]
fn a_second_page_behind_the_first_is_not_lost() {
    let page = r#"{"data":{"payments":[{"id":1,"no":"A"},{"id":2,"no":"B"}]}}"#;
    let seen = seen(&format!("{page}\n{page}"));
    assert_eq!(records(&seen).len(), 4);
    assert_eq!(
        faults(&seen).first().map(|fault| fault.0),
        Some("FILE_TRAILING_GARBAGE")
    );
}

#[test]
fn too_much_of_anything_is_one_fault_and_the_next_record_comes_out() {
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let mixed = format!(
        r#"{{"a":{}1{}}}"#,
        r#"[{"x":"#.repeat(50_000),
        "}]".repeat(50_000)
    );
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(400_000));
    let many = format!(r#"{{"a":1,"lines":[{}1]}}"#, "1,".repeat(1_000_000));
    let table = [
        (&deep, "RECORD_TOO_DEEP"),
        (&mixed, "RECORD_TOO_DEEP"),
        (&long, "STRING_TOO_LONG"),
        (&many, "RECORD_TOO_LARGE"),
    ];
    for (bad, code) in table {
        for (before, after) in [("[{\"a\":1},", ",{\"a\":2}]"), ("{\"a\":1}\n", "\n{\"a\":2}\n")] {
            let file = format!("{before}{bad}{after}");
            for seen in [
                split(Limits::default(), file.as_bytes()),
                split_in(Limits::default(), file.as_bytes(), 4093),
            ] {
                assert_eq!(faults(&seen), [(code, before.len() as u64, bad.len() as u64)]);
                assert_eq!(texts(&seen), [r#"{"a":1}"#, r#"{"a":2}"#]);
            }
        }
        // As the first object it might have been an envelope.
        let seen = split(Limits::default(), format!("{bad}\n{{\"a\":2}}").as_bytes());
        assert_eq!(faults(&seen), [(code, 0, bad.len() as u64)]);
        assert_eq!(texts(&seen), [r#"{"a":2}"#]);
    }
}

#[test]
fn limits_are_met_exactly() {
    let record = |bytes: usize| format!(r#"{{"a":[{}1]}}"#, " ".repeat(bytes - 9));
    let string = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes));
    let nested = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels - 1), "]".repeat(levels - 1));
    let table = [
        (
            record(TIGHT.record_bytes_max),
            record(TIGHT.record_bytes_max + 1),
            "RECORD_TOO_LARGE",
        ),
        (
            string(TIGHT.string_bytes_max),
            string(TIGHT.string_bytes_max + 1),
            "STRING_TOO_LONG",
        ),
        (
            nested(TIGHT.depth_max),
            nested(TIGHT.depth_max + 1),
            "RECORD_TOO_DEEP",
        ),
    ];
    for (fits, exceeds, code) in table {
        let seen = split(TIGHT, format!("[{fits},{exceeds},{fits}]").as_bytes());
        assert_eq!(texts(&seen), [&fits, &fits]);
        assert_eq!(
            faults(&seen),
            [(code, fits.len() as u64 + 2, exceeds.len() as u64)]
        );
    }
}

#[test]
fn records_behind_an_envelope_that_is_too_large_still_come_out() {
    let file = format!(r#"{{"note":"{}","rows":[{{"a":1}}],"n":1}}"#, "x".repeat(100));
    survive(file.as_bytes());
    let seen = split(TIGHT, file.as_bytes());
    assert_eq!(faults(&seen), [("ENVELOPE_TOO_LARGE", 0, 119)]);
    assert_eq!(texts(&seen), [r#"{"a":1}"#]);
    assert_eq!(envelope(&seen), [("n", "1")]);
}

#[test]
fn hostile_nesting_of_line_starts_costs_linear_time() {
    // Were each of these lines tried as a record up to the break, this would take hours.
    let file = format!("{{\"a\":1}}\n{}]", "{\"a\":[\n".repeat(140_000));
    let seen = split(
        Limits {
            depth_max: usize::MAX,
            ..Limits::default()
        },
        file.as_bytes(),
    );
    assert_eq!(texts(&seen), [r#"{"a":1}"#]);
    assert!(!faults(&seen).is_empty());
}
