//! The record splitter by properties: any pieces, any bytes, any damage, any place to resume.

use crate::split_support::{Seen, faults, records, resume, split, split_at, split_until, survive};
use domain::split::{Limits, Splitter};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::ops::{ControlFlow, Range};

/// Text with everything in it that a tokenizer trips over.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 ]{0,12}",
        r#"[{}\[\]:,"\\/\n\t]{0,8}"#,
        "\\PC{0,10}",
        Just(r#"},{"id":1,"no":"x"}"#.to_owned()),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (any::<i32>(), 1u32..9)
            .prop_map(|(whole, part)| { serde_json::from_str(&format!("{whole}.{part}e-2")).unwrap() }),
        text().prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// Receipts as a POS writes them: the same first names, then anything.
fn receipts() -> impl Strategy<Value = Vec<String>> {
    let receipt = (any::<u32>(), text(), prop::collection::vec(value(), 0..4));
    prop::collection::vec(receipt, 1..7).prop_map(|rows| {
        let row = |(id, no, rest): (u32, String, Vec<Value>)| {
            format!(
                r#"{{"id":{id},"no":{},"rest":{},"end":true}}"#,
                json!(no),
                json!(rest)
            )
        };
        rows.into_iter().map(row).collect()
    })
}

/// A file, and where its records are.
type Built = (Vec<u8>, Vec<Range<usize>>);

/// Puts records into a file of one of the shapes we know.
fn build(rows: &[String], shape: usize) -> Built {
    let (before, between, after) = [
        ("[", ",", "]"),
        (" [\n", " ,\r\n ", "\n]\n"),
        ("", "\n", "\n"),
        (
            r#"{"data":{"next_url":null,"payments":["#,
            ",",
            r#"],"completed":true},"meta":{"code":200}}"#,
        ),
        (r#"{"outlet":"Pusat","rows": [ "#, " , ", r#" ] ,"n":2}"#),
    ][shape];
    let mut file = before.to_owned();
    let mut places = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            file.push_str(between);
        }
        places.push(file.len()..file.len() + row.len());
        file.push_str(row);
    }
    file.push_str(after);
    (file.into_bytes(), places)
}

const SHAPES: Range<usize> = 0..5;

/// Fragments of JSON and of damage, put together at random: deeper into the splitter than bytes.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        " ",
        "\"a\"",
        "\"id\":1",
        "\"no\":\"x\"",
        "{\"id\":1,\"no\":2}",
        ",{\"id\":3,\"no\":\"y\"",
        "\"rows\":[{",
        "\"data\":{",
        "null",
        "NaN",
        "'",
        "1.5",
        "\n{",
        "},{",
        "\u{feff}",
        "\0",
        "\"lines\":[",
        "\"payments\":[{\"id\":1,",
    ]);
    prop::collection::vec(fragment, 0..60).prop_map(|parts| parts.concat().into_bytes())
}

#[derive(Debug, Clone)]
enum Damage {
    Flip(u8),
    Insert(u8),
    Delete,
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = || prop_oneof![prop::sample::select(b"{}[]:,\"\\\n 0a".to_vec()), any::<u8>(),];
    prop_oneof![
        byte().prop_map(Damage::Flip),
        byte().prop_map(Damage::Insert),
        Just(Damage::Delete),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn records_come_out_byte_for_byte(rows in receipts(), shape in SHAPES) {
        let (file, places) = build(&rows, shape);
        let seen = split(Limits::default(), &file);
        prop_assert_eq!(faults(&seen), []);
        let found: Vec<_> = seen.iter().filter_map(|event| match event {
            Seen::Record { bytes, start, ordinal } => Some((bytes, *start as usize, *ordinal)),
            _ => None,
        }).collect();
        prop_assert_eq!(found.len(), places.len());
        for (index, (bytes, start, ordinal)) in found.into_iter().enumerate() {
            prop_assert_eq!(start, places[index].start);
            prop_assert_eq!(bytes.as_slice(), &file[places[index].clone()]);
            prop_assert_eq!(ordinal, index as u64);
            prop_assert!(serde_json::from_slice::<Value>(bytes).is_ok());
        }
    }

    #[test]
    fn pieces_make_no_difference(
        rows in receipts(),
        shape in SHAPES,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..9),
    ) {
        let (file, _) = build(&rows, shape);
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.index(file.len())).collect();
        cuts.sort_unstable();
        prop_assert_eq!(
            split_at(Limits::default(), &file, cuts),
            split(Limits::default(), &file)
        );
        survive(&file);
    }

    #[test]
    fn any_bytes_are_survived(file in prop::collection::vec(any::<u8>(), 0..200)) {
        survive(&file);
    }

    #[test]
    fn any_fragments_are_survived(file in fragments()) {
        survive(&file);
        survive(&[b"[".as_slice(), &file].concat());
        survive(&[br#"[{"id":1,"no":2},"#.as_slice(), &file].concat());
    }

    #[test]
    fn one_damaged_byte_costs_no_other_record_than_its_neighbour(
        rows in receipts(),
        shape in SHAPES,
        record in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        damage in damage(),
    ) {
        let (mut file, places) = build(&rows, shape);
        let hit = record.index(places.len());
        let at = places[hit].start + place.index(places[hit].len());
        match damage {
            Damage::Flip(byte) => file[at] = byte,
            // Inside: before the first byte would be between two records.
            Damage::Insert(byte) => file.insert(at.max(places[hit].start + 1), byte),
            Damage::Delete => { file.remove(at); }
        }
        survive(&file);
        // Nothing is learnt before the first record: its own two names must be readable. (What is
        // done without them is a guess, which the tables test.)
        let names = rows[hit].find(r#""no":"#).unwrap() + r#""no":"#.len();
        prop_assume!(hit > 0 || at >= places[hit].start + names);
        let seen = split(Limits::default(), &file);
        let found = records(&seen);
        let lost = (0..rows.len()).filter(|&other| {
            other != hit && !found.contains(&rows[other].as_bytes())
        });
        let lost: Vec<_> = lost.collect();
        let neighbour = |other: usize| other == hit + 1;
        prop_assert!(
            lost.len() <= 1 && lost.iter().all(|&other| neighbour(other)),
            "hit {} lost {:?} in {}", hit, lost, String::from_utf8_lossy(&file)
        );
    }

    #[test]
    fn resuming_at_any_record_tells_the_rest(rows in receipts(), shape in SHAPES) {
        let (file, _) = build(&rows, shape);
        let whole = split(Limits::default(), &file);
        let mut checkpoints = 0;
        for events in 1..=whole.len() {
            let (seen, splitter) = split_until(Limits::default(), &file, events);
            let checkpoint = splitter.checkpoint();
            if matches!(seen.last(), Some(Seen::Record { .. })) {
                prop_assert!(checkpoint.is_some(), "none after {} events", events);
            }
            if let Some(checkpoint) = checkpoint {
                checkpoints += 1;
                let rest = resume(Limits::default(), &checkpoint, &file);
                prop_assert_eq!(rest, &whole[seen.len()..]);
            }
        }
        prop_assert!(checkpoints >= rows.len());
    }

    #[test]
    fn stopping_at_every_event_and_going_on_changes_nothing(file in fragments()) {
        let whole = split(Limits::default(), &file);
        let mut seen = Vec::new();
        let mut splitter = Splitter::new(Limits::default());
        loop {
            let rest = &file[splitter.offset() as usize..];
            let flow = splitter.push(rest, &mut |event| {
                seen.push(Seen::from(event));
                ControlFlow::Break(())
            });
            if flow.is_continue() {
                break;
            }
        }
        splitter.finish(&mut |event| {
            seen.push(Seen::from(event));
            ControlFlow::Continue(())
        });
        prop_assert_eq!(seen, whole);
    }
}
