//! Messages to addresses that others chose.

use crate::support::nobody;
use crate::support::raw::{Does, Raw, answer};
use partners::webhook::{Cause, Webhooks, check};

const HEADERS: [(&str, &str); 2] = [("Oyako-Signature", "t=1,v1=ab"), ("Oyako-Event-Id", "whk_1")];

async fn sent(allow_local: bool, url: &str) -> Result<u16, Cause> {
    let webhooks = Webhooks::new(allow_local).unwrap();
    webhooks.send(url, &HEADERS, b"{\"id\":1}".to_vec()).await
}

#[tokio::test]
async fn a_message_is_posted_once_with_its_signature() {
    let raw = Raw::start(Does::Answers(answer("202 Accepted", "whatever"))).await;
    assert_eq!(sent(true, &format!("{}/topups?shop=1", raw.url)).await, Ok(202));
    let heard = raw.heard();
    assert_eq!(heard.len(), 1);
    assert!(
        heard[0].starts_with("POST /topups?shop=1 HTTP/1.1\r\n"),
        "{}",
        heard[0]
    );
    let lower = heard[0].to_lowercase();
    for header in [
        "content-type: application/json",
        "oyako-signature: t=1,v1=ab",
        "oyako-event-id: whk_1",
        "content-length: 8",
        "user-agent: warung-oyako/",
    ] {
        assert!(lower.contains(header), "{header} in {lower}");
    }
}

#[tokio::test]
async fn every_status_is_an_answer_and_no_redirect_is_followed() {
    let elsewhere = Raw::start(Does::Answers(answer("200 OK", ""))).await;
    let moved = format!(
        "HTTP/1.1 307 Temporary\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        elsewhere.url
    );
    for (does, status) in [
        (moved, 307),
        (answer("410 Gone", ""), 410),
        (answer("503 Service Unavailable", ""), 503),
        (answer("429 Too Many Requests", ""), 429),
    ] {
        let raw = Raw::start(Does::Answers(does)).await;
        assert_eq!(sent(true, &raw.url).await, Ok(status));
        assert_eq!(raw.heard().len(), 1, "{status}");
    }
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_not_tried_again() {
    for does in [Does::Slams, Does::HangsUp] {
        let raw = Raw::start(does.clone()).await;
        assert_eq!(sent(true, &raw.url).await, Err(Cause::Broken), "{does:?}");
        assert_eq!(raw.heard().len(), 1, "{does:?}");
    }
    assert_eq!(sent(true, &nobody()).await, Err(Cause::Connect));
}

#[tokio::test]
async fn nobody_is_led_into_our_own_network() {
    let raw = Raw::start(Does::Answers(answer("200 OK", ""))).await;
    let port = raw.url.rsplit(':').next().unwrap();
    for (url, cause) in [
        (raw.url.clone(), Cause::Address),
        (format!("https://127.0.0.1:{port}/"), Cause::Private),
        (format!("https://[::1]:{port}/"), Cause::Private),
        (format!("https://[::ffff:127.0.0.1]:{port}/"), Cause::Private),
        // Other spellings of 127.0.0.1.
        (format!("https://2130706433:{port}/"), Cause::Private),
        (format!("https://0x7f.1:{port}/"), Cause::Private),
        (format!("https://0177.0.0.1:{port}/"), Cause::Private),
        (
            "https://169.254.169.254/latest/meta-data".to_owned(),
            Cause::Private,
        ),
        ("https://10.0.0.1/".to_owned(), Cause::Private),
        // A name that leads inside, which only the resolver can tell.
        (format!("https://localhost:{port}/"), Cause::Private),
        ("http://partner.example/".to_owned(), Cause::Address),
        ("https://u:p@partner.example/".to_owned(), Cause::Address),
        ("ftp://partner.example/".to_owned(), Cause::Address),
        ("partner.example".to_owned(), Cause::Address),
    ] {
        assert_eq!(sent(false, &url).await, Err(cause), "{url}");
    }
    assert!(raw.heard().is_empty());
}

#[test]
fn an_address_is_looked_at_before_it_is_kept() {
    for (url, local, expected) in [
        ("https://partner.example/topups?shop=1", false, Ok(())),
        ("https://partner.example:8443/", false, Ok(())),
        ("http://127.0.0.1:9000/", true, Ok(())),
        ("http://127.0.0.1:9000/", false, Err(Cause::Address)),
        ("http://partner.example/", true, Err(Cause::Address)),
        ("https://192.168.0.7/", false, Err(Cause::Private)),
    ] {
        assert_eq!(check(url, local), expected, "{url}");
    }
}

#[tokio::test]
async fn a_header_that_is_none_is_refused() {
    let webhooks = Webhooks::new(true).unwrap();
    let headers = [("Oyako-Signature", "two\nlines")];
    assert_eq!(
        webhooks.send(&nobody(), &headers, Vec::new()).await,
        Err(Cause::Address)
    );
    for cause in [
        Cause::Address,
        Cause::Private,
        Cause::Connect,
        Cause::Timeout,
        Cause::Broken,
    ] {
        assert!(!cause.as_str().contains(' '));
        assert!(!cause.to_string().contains("127.0.0.1"));
    }
}
