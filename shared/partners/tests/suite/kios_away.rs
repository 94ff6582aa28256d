//! The supplier when it is gone, silent, broken or something else: nothing is ever asked twice, and only what was
//! certainly not sent is said to be so.

use std::time::Duration;

use data_encoding::{BASE64, BASE64URL_NOPAD};

use crate::support::kios::{
    DEST, PASSWORD, PIN, PRODUCT, REFID, client_of, credentials, reply_of, soon, world,
};
use crate::support::nobody;
use crate::support::raw::{Does, Raw, answer};
use domain::topup::reply::Outcome;
use domain::topup::step::Check;
use partners::kios::{BalanceError, Kios, Sent, Sign, Times};
use sims::kios::{Fault, Garble, Route};
use sims::transport::Transport;

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    assert_eq!(
        client_of(&nobody()).buy(PRODUCT, DEST, REFID).await,
        Sent::NotSent("no connection")
    );
    // A name that nobody can have (RFC 6761).
    let nowhere = client_of("http://kios.invalid").buy(PRODUCT, DEST, REFID).await;
    assert!(matches!(nowhere, Sent::NotSent(_)), "{nowhere:?}");
}

#[tokio::test]
async fn a_server_that_takes_no_connection_in_time_was_sent_nothing() {
    // Connections beyond the backlog stay half made.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut fillers = Vec::new();
    for _ in 0..4 {
        fillers.push(tokio::spawn(tokio::net::TcpStream::connect(address)));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let sent = client_of(&format!("http://{address}"))
        .buy(PRODUCT, DEST, REFID)
        .await;
    assert_eq!(sent, Sent::NotSent("no connection in time"));
    for filler in fillers {
        filler.abort();
    }
}

#[tokio::test]
async fn whatever_happens_behind_the_connection_the_order_is_lost_and_never_repeated() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n#71000001#S10#ke:".to_owned();
    let cases = [
        (Does::Slams, "the connection broke off"),
        (Does::HangsUp, "the connection broke off"),
        (Does::Waits, "no answer in time"),
        (
            Does::AnswersAndEnds("nonsense\r\n\r\n".to_owned()),
            "the connection broke off",
        ),
        (Does::AnswersAndEnds(half.clone()), "half an answer"),
        (Does::Answers(half), "no whole answer in time"),
        (Does::Answers(answer("200 OK", "")), "an empty answer"),
        (Does::Answers(answer("200 OK", " \r\n")), "an empty answer"),
        (Does::Answers(answer("204 No Content", "")), "an empty answer"),
        (
            Does::Answers(answer("200 OK", &"x".repeat(65_537))),
            "an answer that is too long",
        ),
        (
            Does::Answers(answer("404 Not Found", "GAGAL")),
            "a status from 400 to 499",
        ),
        (
            Does::Answers(answer("408 Request Timeout", "")),
            "a status from 400 to 499",
        ),
        (
            Does::Answers(answer("421 Misdirected Request", "")),
            "a status from 400 to 499",
        ),
        (
            Does::Answers(answer("429 Too Many Requests", "")),
            "a status from 400 to 499",
        ),
        (
            Does::Answers(answer("500 Error", "GAGAL")),
            "a status from 500 on",
        ),
        (
            Does::Answers(answer("503 Service Unavailable", "")),
            "a status from 500 on",
        ),
    ];
    for (does, why) in cases {
        let raw = Raw::start(does.clone()).await;
        let sent = client_of(&raw.url).buy(PRODUCT, DEST, REFID).await;
        assert!(
            matches!(sent, Sent::Lost(lost, _) if lost == why),
            "{does:?}: {sent:?}"
        );
        // Whoever repeats something does it within a moment.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let heard = raw.heard();
        assert_eq!(heard.len(), 1, "one connection: {does:?}");
        assert!(heard[0].matches("GET ").count() <= 1, "one request: {does:?}");
    }
}

#[tokio::test]
async fn a_refusal_of_who_we_are_is_one_whatever_way_it_is_said() {
    let word = "a status from 400 to 499, and a word about who we are";
    for (does, why) in [
        (answer("401 Unauthorized", ""), "a status of 401 or 403"),
        (answer("403 Forbidden", "<html>"), "a status of 401 or 403"),
        (answer("400 Bad Request", "Pin Salah"), word),
    ] {
        let raw = Raw::start(Does::Answers(does)).await;
        let kios = client_of(&raw.url);
        let sent = kios.buy(PRODUCT, DEST, REFID).await;
        assert!(
            matches!(sent, Sent::NotTaken(refused, _) if refused == why),
            "{sent:?}"
        );
        assert_eq!(kios.balance().await, Err(BalanceError::AboutUs));
    }
}

#[tokio::test]
async fn what_comes_in_place_of_an_answer_is_kept_for_people_and_is_no_answer() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n#71#S10#ke:".to_owned();
    let secret = |sent: &Sent| format!("{sent:?}").contains("SUKSES");
    for (does, sent) in [
        (
            answer("503 Service Unavailable", "SUKSES"),
            Sent::Lost("a status from 500 on", b"SUKSES".to_vec()),
        ),
        (
            answer("404 Not Found", "SUKSES"),
            Sent::Lost("a status from 400 to 499", b"SUKSES".to_vec()),
        ),
        (half, Sent::Lost("half an answer", b"#71#S10#ke:".to_vec())),
        (
            answer("403 Forbidden", "siapa?"),
            Sent::NotTaken("a status of 401 or 403", b"siapa?".to_vec()),
        ),
    ] {
        let raw = Raw::start(Does::AnswersAndEnds(does)).await;
        assert_eq!(client_of(&raw.url).buy(PRODUCT, DEST, REFID).await, sent);
        assert!(!secret(&sent), "{sent:?}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = Raw::start(Does::Answers(answer("200 OK", "OK"))).await;
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let to = format!(
            "HTTP/1.1 {status}\r\nlocation: {}/trx\r\ncontent-length: 0\r\n\r\n",
            elsewhere.url
        );
        let raw = Raw::start(Does::Answers(to)).await;
        let sent = client_of(&raw.url).buy(PRODUCT, DEST, REFID).await;
        assert_eq!(
            sent,
            Sent::Lost("a redirect, which is not followed", Vec::new()),
            "{status}"
        );
    }
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn every_request_has_a_connection_of_its_own() {
    let raw = Raw::start(Does::Answers(answer("200 OK", "Saldo 1.000"))).await;
    let kios = client_of(&raw.url);
    for _ in 0..3 {
        assert!(matches!(kios.buy(PRODUCT, DEST, REFID).await, Sent::Answer(_)));
    }
    assert!(matches!(
        kios.clone().ask(PRODUCT, DEST, REFID, Check::Resend).await,
        Sent::Answer(_)
    ));
    assert!(kios.balance().await.is_ok());
    let heard = raw.heard();
    assert_eq!(heard.len(), 5);
    assert!(heard.iter().all(|heard| heard.matches("GET ").count() == 1));
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_by_asking_and_bought_once() {
    for fault in [
        Transport::HangUp,
        Transport::Cut,
        Transport::Empty,
        Transport::Silent,
        Transport::Status(503),
    ] {
        let world = world().await;
        world.server.fault(Route::Trx, Fault::Transport(fault.clone()), 1);
        assert!(matches!(world.buy().await, Sent::Lost(..)), "{fault:?}");
        assert_eq!(world.server.requests(REFID), 1, "{fault:?}");
        let asked = world.kios.ask(PRODUCT, DEST, REFID, Check::Resend).await;
        assert!(
            matches!(reply_of(&asked).outcome, Outcome::Duplicate { .. }),
            "{fault:?}"
        );
        assert_eq!(world.server.purchases(REFID), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn an_order_that_never_arrived_is_bought_by_the_question() {
    let world = world().await;
    world
        .server
        .fault(Route::Trx, Fault::Before(Transport::HangUp), 1);
    assert!(matches!(world.buy().await, Sent::Lost(..)));
    assert_eq!(world.server.purchases(REFID), 0);
    let asked = world.kios.ask(PRODUCT, DEST, REFID, Check::Resend).await;
    assert!(matches!(reply_of(&asked).outcome, Outcome::Success { .. }));
    assert_eq!(world.server.purchases(REFID), 1);
}

#[tokio::test]
async fn nothing_that_is_shown_holds_an_address_a_secret_or_an_answer() {
    let mut shown = String::new();
    let world = world().await;
    let faults = [
        Fault::Transport(Transport::HangUp),
        Fault::Transport(Transport::Status(500)),
        Fault::Transport(Transport::Redirect(format!(
            "http://elsewhere.example/?pin={PIN}"
        ))),
        Fault::Transport(Transport::Cut),
        Fault::Transport(Transport::Silent),
        Fault::Garbled(Garble::Page),
    ];
    for fault in faults {
        world.server.fault(Route::Trx, fault, 1);
        let sent = world.buy().await;
        shown += &format!("{sent:?} {sent:#?} ");
    }
    world
        .server
        .fault(Route::Balance, Fault::Transport(Transport::Cut), 1);
    let error = world.kios.balance().await.unwrap_err();
    shown += &format!(
        "{error} {error:?} {} {:?} {:#?} ",
        error.code(),
        world.kios,
        world.kios
    );
    shown += &format!(
        "{:?} {:?}",
        client_of(&nobody()).buy(PRODUCT, DEST, REFID).await,
        credentials()
    );
    let refused = Kios::new("http://u:p@kios.example/x?pin=1", credentials(), Sign::None, None).unwrap_err();
    shown += &format!("{refused} {refused:?} {}", refused.code());

    let mut secrets = vec![
        "127.0.0.1".to_owned(),
        "http".to_owned(),
        "kios.example".to_owned(),
        "elsewhere".to_owned(),
        "memberid".to_owned(),
        DEST.to_owned(),
    ];
    for secret in [PIN, PASSWORD] {
        secrets.push(secret.to_owned());
        secrets.push(encoded(secret));
        secrets.push(BASE64.encode(secret.as_bytes()));
        secrets.push(BASE64URL_NOPAD.encode(secret.as_bytes()));
    }
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret} in {shown}");
    }
    assert!(shown.contains("the connection broke off"));
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[test]
fn the_supplier_has_all_the_time_that_it_promises_to_need() {
    let times = Times::default();
    assert!(times.whole >= Duration::from_secs(65) && times.connect >= Duration::from_secs(5));
    assert!(soon().whole < times.whole);
}
