//! What a page has to be, and that nothing else is taken for one.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn problem(body: &str) -> Option<PageProblem> {
    read(body.as_bytes(), "100818").err()
}

#[test]
fn a_page_without_its_list_is_not_an_empty_page() {
    for body in [
        "",
        "{}",
        "[]",
        "<html>",
        r#"{"data":null}"#,
        r#"{"data":{"completed":true}}"#,
        r#"{"data":{"payments":null,"completed":true}}"#,
        r#"{"data":{"payments":{},"completed":true}}"#,
        r#"{"data":{"payments":[1],"completed":true}}"#,
        r#"{"data":{"payments":[[1,2,3,4,5]],"completed":true}}"#,
        r#"{"data":[[],null,true]}"#,
        r#"[{"payments":[],"completed":true},null]"#,
        r#"{"data":{"payments":[],"completed":"yes"}}"#,
        r#"{"data":{"payments":[],"completed":true}"#,
    ] {
        assert_eq!(problem(body), Some(PageProblem::Form), "{body}");
    }
    assert_eq!(problem(r#"{"data":{"payments":[],"completed":true}}"#), None);
}

#[test]
fn an_error_inside_a_good_status_is_an_error() {
    let page = |meta: &str| format!(r#"{{"data":{{"payments":[],"completed":true}},"meta":{meta}}}"#);
    for meta in [
        r#"{"code":500}"#,
        r#"{"code":200,"errors":["no"]}"#,
        r#"{"errors":{"a":1}}"#,
        r#"{"errors":"no"}"#,
    ] {
        assert_eq!(problem(&page(meta)), Some(PageProblem::Error), "{meta}");
    }
    for meta in [
        r#"{"code":200,"errors":null}"#,
        r#"{"code":200,"errors":[]}"#,
        "{}",
        "null",
    ] {
        assert_eq!(problem(&page(meta)), None, "{meta}");
    }
}

#[test]
fn a_payment_of_another_outlet_is_noticed_however_its_id_is_written() {
    let page = |outlet: &str| {
        format!(r#"{{"data":{{"payments":[{{"id":1,"outlet_id":{outlet}}}],"completed":true}}}}"#)
    };
    for (outlet, expected) in [
        ("100818", None),
        (r#""100818""#, None),
        ("null", None),
        // Seen in public clients as the type of this field.
        ("true", None),
        ("100819", Some(PageProblem::Outlet)),
        (r#""100819""#, Some(PageProblem::Outlet)),
    ] {
        assert_eq!(problem(&page(outlet)), expected, "{outlet}");
    }
}

#[test]
fn a_changed_payment_is_another_telling_and_the_same_one_is_not() {
    let telling = |payment: &str| {
        let page = format!(r#"{{"data":{{"payments":[{payment}],"completed":true}}}}"#);
        read(page.as_bytes(), "1").unwrap().tellings
    };
    let first = telling(r#"{"id":"a","updated_at":"2026-11-21T10:00:00+07:00","x":1}"#);
    assert_eq!(
        first,
        telling(r#"{"id":"a","updated_at":"2026-11-21T10:00:00+07:00","x":2}"#)
    );
    assert_ne!(
        first,
        telling(r#"{"id":"a","updated_at":"2026-11-21T10:00:01+07:00","x":1}"#)
    );
    assert_ne!(
        first,
        telling(r#"{"id":"b","updated_at":"2026-11-21T10:00:00+07:00","x":1}"#)
    );
    assert_ne!(telling(r#"{"x":1}"#), telling(r#"{"x":2}"#));
}

/// Anything JSON can say, near the real form often enough.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!(45_900.5)),
        Just(json!("100818")),
        Just(json!("2026-11-21T22:40:00.123+07:00")),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,4}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

prop_compose! {
    fn any_payment()(id in any_value(), created in any_value(), updated in any_value(), sent in any_value(), more in any_value()) -> Value {
        json!({
            "id": id, "outlet_id": 100_818, "created_at": created, "updated_at": updated, "synchronized_at": sent,
            "payment_note": more,
        })
    }
}

proptest! {
    #[test]
    fn every_payment_of_a_page_is_told_and_the_same_page_tells_the_same(
        payments in prop::collection::vec(any_payment(), 0..8),
        completed in any::<Option<bool>>(),
        next_url in prop::option::of(".{0,20}"),
    ) {
        let page = json!({"data": {"payments": payments, "completed": completed, "next_url": next_url}});
        let body = page.to_string();
        let read = read(body.as_bytes(), "100818").unwrap();
        prop_assert_eq!(read.tellings.len(), payments.len());
        prop_assert_eq!(read.completed, completed);
        prop_assert_eq!(&read.next_url, &next_url.filter(|url| !url.is_empty()));
        prop_assert!(read.times.is_none_or(|(oldest, newest)| oldest <= newest));
        prop_assert_eq!(&super::read(body.as_bytes(), "100818").unwrap(), &read);
    }

    #[test]
    fn a_page_that_was_cut_off_is_none(payments in prop::collection::vec(any_payment(), 0..4), cut in any::<prop::sample::Index>()) {
        let page = json!({"data": {"payments": payments, "completed": true, "next_url": null}}).to_string();
        let short = &page.as_bytes()[..cut.index(page.len())];
        prop_assert_eq!(read(short, "100818"), Err(PageProblem::Form));
    }

    #[test]
    fn a_page_with_some_bytes_changed_is_refused_or_has_no_more_payments(
        payments in prop::collection::vec(any_payment(), 1..4),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut page = json!({"data": {"payments": payments, "completed": true}}).to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(page.len());
            page[at] = byte;
        }
        if let Ok(read) = read(&page, "100818") {
            // A comma and a brace can make two of one; each takes a few bytes.
            prop_assert!(read.tellings.len() <= page.len() / 2);
        }
    }

    #[test]
    fn any_bytes_at_all_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&bytes, "100818").is_err());
    }

    #[test]
    fn any_document_at_all_is_refused_or_has_its_list(data in any_value(), meta in any_value()) {
        let document = json!({"data": data, "meta": meta});
        if read(document.to_string().as_bytes(), "100818").is_ok() {
            prop_assert!(document["data"]["payments"].is_array());
        }
    }
}
