//! What a line never says, and what it still says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use lambda_edge::redact::{Redactor, Secret};
use proptest::prelude::*;
use serde_json::{Value, json};

fn text(text: &str) -> String {
    Redactor::new().text(text).into_owned()
}

fn line(redactor: &Redactor, value: &Value) -> String {
    String::from_utf8(redactor.line(value.to_string().as_bytes()).into_owned()).unwrap()
}

#[test]
fn what_looks_personal_or_secret_is_masked() {
    let cases = [
        ("mail to ani.s+x@mail.example.co.id now", "mail to [email] now"),
        ("<ani@example.com>, budi@example.org.", "<[email]>, [email]."),
        ("?mail=ani%40example.com&x=1", "?mail=[email]&x=1"),
        ("called +6281234567890!", "called [phone]!"),
        ("called +62 812-3456-7890 twice", "called [phone] twice"),
        ("%2B6281234567890", "[phone]"),
        ("phone=081234567890", "phone=[phone]"),
        ("phone%3D081234567890", "phone%3D[phone]"),
        ("a%20081234567890", "a%20[phone]"),
        ("0812-3456-7890", "[phone]"),
        ("(021) 555 12345", "([phone]"),
        ("081234567890: not found", "[phone]: not found"),
        ("/customers/081234567890", "/customers/[phone]"),
        (
            "Authorization: Bearer abc.def-123456789",
            "Authorization: [secret]",
        ),
        ("sent Bearer abcdef1234", "sent Bearer [token]"),
        ("Basic dXNlcjpwYXNzd29yZA==", "Basic [token]"),
        ("got eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln!", "got [token]!"),
        ("https://u:p%40ss@host/path", "https://[secret]@host/path"),
        ("redis://:pw@localhost:6379", "redis://[secret]@localhost:6379"),
        ("api_key=abc&next=1", "api_key=[secret]&next=1"),
        ("password: hunter2, user: ani", "password: [secret], user: ani"),
        (
            r#"Login { password: "hunter2", user: 3 }"#,
            r#"Login { password: "[secret]", user: 3 }"#,
        ),
        (r#"{ token: Some("abc") }"#, r#"{ token: Some("[secret]") }"#),
        (r#"body {"pin":"123456"}"#, r#"body {"pin":"[secret]"}"#),
        (r#"body {\"pin\":\"123456\"}"#, r#"body {\"pin\":\"[secret]\"}"#),
        ("tokens=[a, b] rest", "tokens=[secret] rest"),
        ("Cookie: a=1; b=2\nHost: x", "Cookie: [secret]\nHost: x"),
        (
            "X-Amz-Signature=0123abcd&X-Amz-Date=1",
            "X-Amz-Signature=[secret]&X-Amz-Date=1",
        ),
    ];
    for (given, expected) in cases {
        assert_eq!(text(given), expected, "{given}");
    }
}

#[test]
fn ids_times_and_numbers_are_left_alone() {
    let cases = [
        "550e8400-e29b-41d4-a716-446655440000",
        "12345678-0123-4567-8901-081234567890",
        "01234567-8901-4a23-8b67-890123456789",
        "0812345678abcdef0812345678abcdef",
        "arn:aws:sqs:ap-southeast-3:012345678901:queue",
        "https://sqs.ap-southeast-3.amazonaws.com/012345678901/queue",
        "2026-11-22T01:21:13.123+07:00",
        "01-02-2026 10:11:12.123",
        "01022026 101112",
        "1795310473123",
        "6281234567890",
        "sequence 49590338271490256608559692538361571095921575989136588898",
        "order 4567890123456",
        "Root=1-5759e988-bd862e3fe1be46a994272793",
        "id_081234567890",
        "7.081234567890",
        "MZXW6YTBOI2345672345",
        "serde_json@1.0.150",
        "user@localhost",
        "a bearer of bad news, a basic authentication",
        "the key: value, next_page = 3",
        "password: null, token=",
        "rp 12.500.000",
        "eyJust a word. Another. Third.",
        "https://example.com/a?b=c",
    ];
    for given in cases {
        assert_eq!(text(given), given);
    }
}

#[test]
fn fields_named_like_secrets_lose_their_whole_value() {
    let given = json!({
        "a_pin": 123_456, "b_token": {"x": ["}", {"y": 1}]}, "c_password": "a\"b", "d_secret": null,
        "e_api_key": [1, 2], "f_message": "fine", "g_count": 3, "h_otp": true,
    });
    let expected = json!({
        "a_pin": "[secret]", "b_token": "[secret]", "c_password": "[secret]", "d_secret": null,
        "e_api_key": "[secret]", "f_message": "fine", "g_count": 3, "h_otp": true,
    });
    assert_eq!(line(&Redactor::new(), &given), expected.to_string());
}

#[test]
fn numbers_in_numeric_positions_stay() {
    let given = json!({"amount": 81_234_567_890_u64, "at": 1_795_310_473_123_u64, "text": "081234567890"});
    let expected = json!({"amount": 81_234_567_890_u64, "at": 1_795_310_473_123_u64, "text": "[phone]"});
    assert_eq!(line(&Redactor::new(), &given), expected.to_string());
}

#[test]
fn registered_secrets_are_masked_in_every_spelling() {
    let redactor = Redactor::new();
    let secret = "p@ss w/rd?+\"ü";
    redactor.register(secret);
    let spellings = [
        secret.to_owned(),
        "p%40ss%20w%2Frd%3F%2B%22%C3%BC".to_owned(),
        "p%40ss%20w%2frd%3f%2b%22%c3%bc".to_owned(),
        "p%40ss+w%2Frd%3F%2B%22%C3%BC".to_owned(),
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ];
    for spelling in spellings {
        let shown = line(&redactor, &json!({"message": format!("sent {spelling}, done")}));
        assert_eq!(shown, r#"{"message":"sent [secret], done"}"#, "{spelling}");
    }
}

#[test]
fn a_short_secret_is_masked_only_where_it_stands_alone() {
    let redactor = Redactor::new();
    redactor.register("4711");
    redactor.register("ab");
    assert_eq!(
        redactor.text("code 4711, order 94711 ab"),
        "code [secret], order 94711 ab"
    );
}

#[test]
fn registered_fields_and_country_codes_are_masked_too() {
    let redactor = Redactor::new();
    redactor.mask_field("bank_account");
    redactor.mask_country_code("62");
    let given = json!({"bankAccount": "BCA 1", "text": "wa 6281234567890, bank-account=7, id 6281"});
    let expected = json!({"bankAccount": "[secret]", "text": "wa [phone], bank-account=[secret], id 6281"});
    assert_eq!(line(&redactor, &given), expected.to_string());
}

#[test]
fn a_clean_line_is_handed_back_without_a_copy() {
    let given = br#"{"timestamp":"2026-11-22T01:21:13.123Z","level":"INFO","message":"done","parts":3}"#;
    assert!(matches!(
        Redactor::new().line(given),
        std::borrow::Cow::Borrowed(_)
    ));
}

#[test]
fn a_secret_shows_itself_only_when_asked() {
    #[derive(Debug, serde::Serialize)]
    struct Login {
        code: Secret<String>,
    }
    let login = Login {
        code: Secret::new("hunter2".to_owned()),
    };
    let shown = format!(
        "{login:?} {} {}",
        login.code,
        serde_json::to_string(&login).unwrap()
    );
    assert!(!shown.contains("hunter2"), "{shown}");
    assert_eq!(login.code.expose(), "hunter2");
}

/// Texts made of the pieces that the rules look for.
fn suspicious() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("@"),
        Just("%40"),
        Just("%2B"),
        Just("+62"),
        Just("0812"),
        Just("eyJ"),
        Just("."),
        Just("a"),
        Just("Bearer "),
        Just("password"),
        Just("="),
        Just(": "),
        Just("\""),
        Just("\\"),
        Just("'"),
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just("://"),
        Just("Some("),
        Just(")"),
        Just(" "),
        Just("\n"),
        Just("é"),
        Just("123456789"),
        Just("example.com"),
        Just("[secret]"),
        Just(","),
        Just("token"),
        Just("\u{7}"),
    ];
    prop::collection::vec(pieces, 0..30).prop_map(|pieces| pieces.concat())
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        suspicious().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let names = prop_oneof![suspicious(), any::<String>(), Just("token".to_owned())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names, inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn registered() -> Redactor {
    let redactor = Redactor::new();
    redactor.register("n\"ot\\e d");
    redactor.register("12345678");
    redactor
}

proptest! {
    #[test]
    fn a_json_line_stays_a_json_line(value in values()) {
        let whole = json!({"v": value}).to_string();
        let masked = registered().line(whole.as_bytes()).into_owned();
        prop_assert!(serde_json::from_slice::<Value>(&masked).is_ok(), "{}", String::from_utf8_lossy(&masked));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), open in any::<bool>()) {
        let line = if open { [b"{".as_slice(), &bytes].concat() } else { bytes };
        let _masked = registered().line(&line).into_owned();
    }

    #[test]
    fn any_text_stays_text(given in suspicious()) {
        let masked = registered().line(given.as_bytes()).into_owned();
        prop_assert!(String::from_utf8(masked).is_ok());
    }

    #[test]
    fn a_registered_secret_never_shows(
        secret in "[ -~é]{8,40}", before in suspicious(), after in suspicious(), field in "[a-z]{1,5}",
    ) {
        prop_assume!(secret.trim().len() >= 8);
        let redactor = Redactor::new();
        redactor.register(&secret);
        let secret = secret.trim();
        let shown = line(&redactor, &json!({ field: format!("{before}{secret}{after}") }));
        let shown: Value = serde_json::from_str(&shown).unwrap();
        // A secret that is part of a mask can't be told from it.
        prop_assume!(!["[secret]", "[email]", "[phone]", "[token]"].iter().any(|mask| mask.contains(secret)));
        prop_assert!(!shown.to_string().contains(&serde_json::to_string(secret).unwrap().trim_matches('"').to_owned()));
    }

    #[test]
    fn an_address_never_shows(local in "[a-z0-9._+-]{1,20}", domain in "[a-z0-9-]{1,10}\\.[a-z]{2,5}", around in "[ <>,;\"()]") {
        let shown = text(&format!("to{around}{local}@{domain}{around}"));
        prop_assert!(!shown.contains('@'), "{shown}");
    }

    #[test]
    fn an_international_number_never_shows(digits in "[1-9][0-9]{7,14}", around in "[ <>,;\"()=:/]") {
        let shown = text(&format!("to{around}+{digits}{around}"));
        prop_assert_eq!(shown, format!("to{around}[phone]{around}"));
    }

    #[test]
    fn a_token_never_shows(header in "eyJ[A-Za-z0-9_-]{5,20}", body in "[A-Za-z0-9_-]{5,40}", sign in "[A-Za-z0-9_-]{0,40}") {
        let token = format!("{header}.{body}.{sign}");
        prop_assert_eq!(text(&format!("got {token} there")), "got [token] there");
    }

    #[test]
    fn hexadecimal_and_base32_ids_stay(hex in "[0-9a-f]{7}[a-f][0-9a-f]{8,32}", base32 in "[A-Z2-7]{16,52}") {
        let given = format!("hex {hex} base {base32}");
        prop_assert_eq!(text(&given), given);
    }

    #[test]
    fn uuids_stay(bytes in any::<[u8; 16]>()) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let uuid = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
        prop_assert_eq!(text(&uuid), uuid);
    }

    #[test]
    fn times_stay(unix_ms in 0_i64..4_102_444_800_000) {
        let given = format!("{unix_ms} {} {}", unix_ms / 1000, lambda_edge::clock::rfc3339(unix_ms));
        prop_assume!(unix_ms >= 1_000_000_000_000);
        prop_assert_eq!(text(&given), given);
    }
}
