//! The supplier through a proxy of our own, and the public address seen through it.

use data_encoding::BASE64;
use lambda_edge::redact::Secret;

use crate::support::kios::{DEST, PASSWORD, PRODUCT, REFID, credentials, reply_of, soon, world};
use crate::support::nobody;
use crate::support::raw::{Does, Raw, answer};
use domain::topup::reply::Outcome;
use partners::address::{SeenError, seen_address};
use partners::kios::{Kios, KiosError, Proxy, Sent, Sign};

fn through(url: &str) -> Proxy {
    Proxy {
        url: url.to_owned(),
        login: Some(Secret::new("oyako:pr0xy:w0rd".to_owned())),
    }
}

fn client(base_url: &str, proxy: &str) -> Kios {
    Kios::with_times(base_url, credentials(), Sign::None, Some(through(proxy)), soon()).unwrap()
}

#[tokio::test]
async fn orders_go_through_the_proxy_which_is_told_who_we_are() {
    let world = world().await;
    let proxy = Raw::start(Does::PassesOn(world.served.base_url().to_owned())).await;
    let kios = client(world.served.base_url(), &proxy.url);
    let reply = reply_of(&kios.buy(PRODUCT, DEST, REFID).await);
    assert!(matches!(reply.outcome, Outcome::Success { .. }));
    assert!(kios.balance().await.is_ok());
    assert_eq!(
        (world.server.purchases(REFID), world.server.requests(REFID)),
        (1, 1)
    );
    let heard = proxy.heard();
    assert_eq!(heard.len(), 2, "a connection for each");
    let expected = format!("GET {}/trx?memberid=", world.served.base_url());
    assert!(heard[0].starts_with(&expected), "{}", heard[0]);
    let login = BASE64.encode(b"oyako:pr0xy:w0rd");
    assert!(heard[0].to_lowercase().contains("proxy-authorization: basic "));
    assert!(heard[0].contains(&login));
}

#[tokio::test]
async fn only_a_proxy_that_is_not_there_has_sent_nothing_on() {
    let gone = client("http://kios.example:9998", &nobody());
    assert_eq!(
        gone.buy(PRODUCT, DEST, REFID).await,
        Sent::NotSent("no connection")
    );
    for (does, why) in [
        (Does::Slams, "the connection broke off"),
        (Does::HangsUp, "the connection broke off"),
        (Does::Waits, "no answer in time"),
        (
            Does::Answers(answer("502 Bad Gateway", "")),
            "a status from 500 on",
        ),
        (
            Does::Answers(answer("407 Proxy Authentication Required", "")),
            "a status from 400 to 499",
        ),
        (
            Does::Answers(answer("504 Gateway Timeout", "")),
            "a status from 500 on",
        ),
    ] {
        let proxy = Raw::start(does.clone()).await;
        let sent = client("http://kios.example:9998", &proxy.url)
            .buy(PRODUCT, DEST, REFID)
            .await;
        assert!(
            matches!(sent, Sent::Lost(lost, _) if lost == why),
            "{does:?}: {sent:?}"
        );
        assert_eq!(proxy.heard().len(), 1, "{does:?}");
    }
}

#[tokio::test]
async fn a_tunnel_that_a_proxy_does_not_make_is_lost_too() {
    for does in [
        Does::HangsUp,
        Does::Answers(answer("503 Service Unavailable", "")),
    ] {
        let proxy = Raw::start(does.clone()).await;
        let kios = client("https://kios.example", &proxy.url);
        let sent = kios.buy(PRODUCT, DEST, REFID).await;
        assert!(matches!(sent, Sent::Lost(..)), "{does:?}: {sent:?}");
        let heard = proxy.heard();
        assert_eq!(heard.len(), 1, "{does:?}");
        assert!(
            !heard[0].contains("memberid"),
            "the address stays inside the tunnel"
        );
    }
}

#[tokio::test]
async fn a_proxy_that_cannot_be_used_is_refused_and_not_shown() {
    for url in [
        "proxy.example",
        "http://u:p@proxy.example",
        "socks5://proxy.example",
    ] {
        let made = Kios::new(
            "http://kios.example",
            credentials(),
            Sign::None,
            Some(through(url)),
        );
        assert_eq!(made.map(drop), Err(KiosError::Proxy), "{url}");
    }
    let proxy = through("http://proxy.example");
    let shown = format!("{proxy:?} {:?}", credentials());
    assert!(!shown.contains("w0rd") && !shown.contains(PASSWORD));
}

#[tokio::test]
async fn our_address_is_what_the_other_end_sees() {
    for (said, address) in [
        (" 36.37.85.130\n", Ok("36.37.85.130".parse().unwrap())),
        ("2400:cb00::1", Ok("2400:cb00::1".parse().unwrap())),
        ("<html>36.37.85.130</html>", Err(SeenError::NotAnAddress)),
        ("", Err(SeenError::NotAnAddress)),
    ] {
        let echo = Raw::start(Does::Answers(answer("200 OK", said))).await;
        assert_eq!(seen_address(&echo.url, None).await, address, "{said}");
    }
    let refusing = Raw::start(Does::Answers(answer("429 Too Many Requests", "1.1.1.1"))).await;
    assert_eq!(seen_address(&refusing.url, None).await, Err(SeenError::Away));
    assert_eq!(seen_address(&nobody(), None).await, Err(SeenError::Away));
    let insecure = seen_address("http://echo.example", None).await.unwrap_err();
    assert_eq!(insecure.code(), "ECHO_ADDRESS");
}

#[tokio::test]
async fn our_address_is_looked_at_by_the_way_that_orders_go() {
    let proxy = Raw::start(Does::Answers(answer("200 OK", "203.0.113.9"))).await;
    let seen = seen_address("http://127.0.0.1:1/", Some(&through(&proxy.url))).await;
    assert_eq!(seen, Ok("203.0.113.9".parse().unwrap()));
    assert!(proxy.heard()[0].starts_with("GET http://127.0.0.1:1/ "));
}
