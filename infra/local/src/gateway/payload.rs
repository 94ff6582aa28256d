//! Payload format 2.0 of HTTP APIs, both ways.
//!
//! The shapes are those of the API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP
//! APIs in API Gateway".

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::routes::Target;
use crate::clock;
use crate::http::{self as web, Answer, Body};
use crate::id;
use crate::names;

/// The event for a request from the address `source`.
pub(super) fn event(parts: &Parts, body: &Bytes, target: &Target, source: &str) -> Value {
    let raw_path = web::percent_decode(parts.uri.path());
    let raw_query = parts.uri.query().unwrap_or_default();
    let host = header_text(&parts.headers, "host");
    let now = clock::now();
    let mut event = json!({
        "version": "2.0",
        "routeKey": target.route_key,
        "rawPath": raw_path,
        "rawQueryString": raw_query,
        "headers": headers(&parts.headers),
        "requestContext": {
            "accountId": names::ACCOUNT,
            "apiId": "local",
            "domainName": host,
            "domainPrefix": "local",
            "http": {
                "method": parts.method.as_str(),
                "path": raw_path,
                "protocol": "HTTP/1.1",
                "sourceIp": source,
                "userAgent": header_text(&parts.headers, "user-agent"),
            },
            "requestId": id::uuid(),
            "routeKey": target.route_key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    let cookies: Vec<String> = cookies(&parts.headers);
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    let mut query: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in web::form_pairs(raw_query) {
        join(&mut query, name, &value);
    }
    if !query.is_empty() {
        event["queryStringParameters"] = json!(query);
    }
    if !target.path_parameters.is_empty() {
        let parameters = target
            .path_parameters
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)));
        event["pathParameters"] = Value::Object(parameters.collect::<Map<_, _>>());
    }
    if !body.is_empty() {
        let text = if is_text(&parts.headers) {
            std::str::from_utf8(body).ok()
        } else {
            None
        };
        event["isBase64Encoded"] = json!(text.is_none());
        event["body"] = text.map_or_else(|| json!(STANDARD.encode(body)), |text| json!(text));
    }
    event
}

/// The response of a function; the error says what is wrong with it.
pub(super) fn response(body: &[u8]) -> Result<Answer, &'static str> {
    let value: Value = serde_json::from_slice(body).map_err(|_| "not JSON")?;
    if value["statusCode"].is_null() {
        // Format 2.0 takes any other value as the body of a success.
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return Ok(web::answer(StatusCode::OK, "application/json", text));
    }
    let status = value["statusCode"]
        .as_u64()
        .or_else(|| value["statusCode"].as_str()?.parse().ok());
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .and_then(|s| StatusCode::from_u16(s).ok());
    let text = value["body"].as_str().unwrap_or_default();
    let body = if value["isBase64Encoded"] == json!(true) {
        Bytes::from(STANDARD.decode(text).map_err(|_| "the body is not base64")?)
    } else {
        Bytes::from(text.to_owned())
    };
    let mut answer = Answer::new(Body::from(body));
    *answer.status_mut() = status.ok_or("statusCode is no HTTP status")?;
    let headers = answer.headers_mut();
    for (name, item) in value["headers"].as_object().into_iter().flatten() {
        append(headers, name, item)?;
    }
    for (name, items) in value["multiValueHeaders"].as_object().into_iter().flatten() {
        headers.remove(name.as_str());
        for item in items.as_array().into_iter().flatten() {
            append(headers, name, item)?;
        }
    }
    for cookie in value["cookies"].as_array().into_iter().flatten() {
        append(headers, "set-cookie", cookie)?;
    }
    if !headers.contains_key(header::CONTENT_TYPE) {
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain;charset=UTF-8"),
        );
    }
    Ok(answer)
}

fn append(headers: &mut HeaderMap, name: &str, value: &Value) -> Result<(), &'static str> {
    let name = HeaderName::try_from(name).map_err(|_| "a header's name is not allowed")?;
    // The server computes these itself.
    if [
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
    ]
    .contains(&name)
    {
        return Ok(());
    }
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let value = HeaderValue::try_from(text).map_err(|_| "a header's value is not allowed")?;
    headers.append(name, value);
    Ok(())
}

/// Headers by lower-case name, several of one name joined by a comma; cookies have their own field.
fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != header::COOKIE) {
        join(
            &mut joined,
            name.as_str().to_owned(),
            &String::from_utf8_lossy(value.as_bytes()),
        );
    }
    joined
}

fn join(map: &mut BTreeMap<String, String>, name: String, value: &str) {
    map.entry(name)
        .and_modify(|joined| {
            joined.push(',');
            joined.push_str(value);
        })
        .or_insert_with(|| value.to_owned());
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split("; ").map(str::to_owned))
        .collect()
}

fn header_text(headers: &HeaderMap, name: &str) -> String {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// Whether API Gateway passes such a body on as text.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = header_text(headers, "content-type").to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let texts = [
        "application/json",
        "application/xml",
        "application/javascript",
        "application/x-www-form-urlencoded",
    ];
    let is_text =
        kind.is_empty() || kind.starts_with("text/") || kind.ends_with("+json") || texts.contains(&kind);
    is_text && !headers.contains_key(header::CONTENT_ENCODING)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    fn target() -> Target {
        let path_parameters = vec![("proxy".to_owned(), "a b".to_owned())];
        Target {
            route_key: "ANY /v1/{proxy+}".into(),
            function: "F".into(),
            path_parameters,
        }
    }

    fn event_of(headers: &[(&str, &str)], uri: &str, body: &[u8]) -> Value {
        let mut request = http::Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        event(&parts, &Bytes::copy_from_slice(body), &target(), "127.0.0.1")
    }

    #[test]
    fn a_request_becomes_a_format_2_event() {
        let headers = [
            ("Host", "127.0.0.1:8080"),
            ("X-A", "1"),
            ("X-A", "2"),
            ("Cookie", "a=1; b=2"),
            ("Content-Type", "application/json"),
            ("User-Agent", "test"),
        ];
        let event = event_of(&headers, "/v1/a%20b?x=1&x=2&y=%C3%A9", b"{}");
        assert_eq!(
            (&event["version"], &event["routeKey"]),
            (&json!("2.0"), &json!("ANY /v1/{proxy+}"))
        );
        assert_eq!(event["rawPath"], "/v1/a b");
        assert_eq!(event["rawQueryString"], "x=1&x=2&y=%C3%A9");
        assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "y": "é"}));
        assert_eq!(event["headers"]["x-a"], "1,2");
        assert!(event["headers"]["cookie"].is_null());
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["pathParameters"], json!({"proxy": "a b"}));
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("{}"), &json!(false))
        );
        let context = &event["requestContext"];
        assert_eq!(
            (&context["stage"], &context["http"]["method"]),
            (&json!("$default"), &json!("POST"))
        );
        assert_eq!(
            (&context["http"]["userAgent"], &context["domainName"]),
            (&json!("test"), &json!("127.0.0.1:8080"))
        );
    }

    #[test]
    fn bodies_that_are_not_text_are_base64() {
        type Headers = &'static [(&'static str, &'static str)];
        let cases: [(Headers, &[u8]); 3] = [
            (&[("content-type", "application/gzip")], b"abc"),
            (
                &[("content-type", "application/json"), ("content-encoding", "gzip")],
                b"abc",
            ),
            (&[("content-type", "text/plain")], b"\xff\xfe"),
        ];
        for (headers, body) in cases {
            let event = event_of(headers, "/", body);
            assert_eq!(event["isBase64Encoded"], true, "{headers:?}");
            assert_eq!(STANDARD.decode(event["body"].as_str().unwrap()).unwrap(), body);
        }
        assert!(event_of(&[], "/", b"")["body"].is_null());
    }

    #[tokio::test]
    async fn a_response_is_taken_apart() {
        let body = json!({
            "statusCode": 201, "headers": {"X-A": "1", "Content-Length": "999"}, "multiValueHeaders": {"X-B": ["1", "2"]},
            "cookies": ["a=1", "b=2"], "isBase64Encoded": true, "body": STANDARD.encode(b"\xff"),
        });
        let answer = response(body.to_string().as_bytes()).unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.headers()["x-a"], "1");
        assert_eq!(answer.headers().get_all("x-b").iter().count(), 2);
        assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 2);
        assert!(!answer.headers().contains_key("content-length"));
        assert_eq!(
            answer.into_body().collect().await.unwrap().to_bytes().as_ref(),
            b"\xff"
        );
    }

    #[test]
    fn odd_responses_are_handled() {
        assert_eq!(
            response(br#"{"a":1}"#).unwrap().headers()["content-type"],
            "application/json"
        );
        for bad in [
            "",
            "{\"statusCode\":42}",
            "{\"statusCode\":200,\"headers\":{\"a b\":\"\"}}",
        ] {
            assert!(response(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
