//! The supplier as it should be: orders, questions, the deposit, signatures.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use crate::support::kios::{
    DEST, MEMBER, NOON_MS, PASSWORD, PIN, PRICE, PRODUCT, REFID, client_of, credentials, reply_of, world,
    world_signed,
};
use crate::support::raw::{Does, Raw, answer};
use domain::topup::reply::{Balance, DuplicateStatus, Outcome};
use domain::topup::rupiah::Rupiah;
use domain::topup::step::Check;
use lambda_edge::redact::Secret;
use partners::kios::{BalanceError, BalanceText, Credentials, Kios, KiosError, Sent, Sign};
use sims::kios::{Account, Fault, Garble, Kios as Server, Route, Signing, router};
use sims::serve::serve;

#[tokio::test]
async fn an_order_is_bought_once_and_asking_about_it_buys_nothing() {
    let world = world().await;
    let reply = reply_of(&world.buy().await);
    assert_eq!(
        (reply.product.as_str(), reply.dest.as_str(), reply.refid.as_str()),
        (PRODUCT, DEST, REFID)
    );
    assert!(matches!(&reply.outcome, Outcome::Success { sn } if !sn.is_empty()));
    let charged = Balance::Charged {
        before: Rupiah::new(1_000_000),
        price: Rupiah::new(PRICE),
        after: Rupiah::new(1_000_000 - PRICE),
    };
    assert_eq!(reply.balance, charged);

    let again = reply_of(&world.kios.ask(PRODUCT, DEST, REFID, Check::Resend).await);
    assert!(matches!(
        again.outcome,
        Outcome::Duplicate {
            status: DuplicateStatus::Success,
            ..
        }
    ));
    assert_eq!(
        (world.server.purchases(REFID), world.server.requests(REFID)),
        (1, 2)
    );
    assert_eq!(world.kios.balance().await, Ok(Rupiah::new(1_000_000 - PRICE)));
}

#[tokio::test]
async fn what_is_pending_ends_as_the_clock_says() {
    let world = world().await;
    for (dest, status) in [
        ("081299999002", DuplicateStatus::Success),
        ("081299999022", DuplicateStatus::Failed),
    ] {
        world.now.store(NOON_MS, Ordering::SeqCst);
        let first = reply_of(&world.kios.buy(PRODUCT, dest, dest).await);
        assert_eq!(first.outcome, Outcome::Accepted);
        world.now.store(NOON_MS + 39_999, Ordering::SeqCst);
        let ask = || world.kios.ask(PRODUCT, dest, dest, Check::Resend);
        assert_eq!(reply_of(&ask().await).outcome, Outcome::InProcess);
        world.now.store(NOON_MS + 40_000, Ordering::SeqCst);
        let last = reply_of(&ask().await).outcome;
        assert!(
            matches!(last, Outcome::Duplicate { status: told, .. } if told == status),
            "{last:?}"
        );
    }
}

#[tokio::test]
async fn the_request_is_the_one_of_the_document() {
    let raw = Raw::start(Does::AnswersAndEnds(answer("200 OK", "Saldo 284.939"))).await;
    let kios = client_of(&raw.url);
    kios.buy(PRODUCT, DEST, REFID).await;
    kios.ask(PRODUCT, DEST, REFID, Check::Resend).await;
    kios.ask(PRODUCT, DEST, REFID, Check::Flag).await;
    assert_eq!(kios.balance().await, Ok(Rupiah::new(284_939)));
    let lines: Vec<String> = raw
        .heard()
        .iter()
        .map(|heard| heard.lines().next().unwrap().to_owned())
        .collect();
    let secret = "pin=83%2B5%2F71%26%3D&password=r4h4sia%20sekali%23%C3%A9";
    let order = format!("GET /trx?memberid={MEMBER}&dest={DEST}&product={PRODUCT}&refid={REFID}&{secret}");
    assert_eq!(lines[0], format!("{order} HTTP/1.1"));
    assert_eq!(lines[1], lines[0], "a question is the same request again");
    assert_eq!(lines[2], format!("{order}&check=1 HTTP/1.1"));
    assert_eq!(
        lines[3],
        format!("GET /balance?memberid={MEMBER}&{secret} HTTP/1.1")
    );
    assert!(!raw.heard()[0].to_lowercase().contains("referer"));
}

#[tokio::test]
async fn where_no_questions_are_taken_none_is_sent() {
    let world = world().await;
    let sent = world.kios.ask(PRODUCT, DEST, REFID, Check::Never).await;
    assert!(matches!(sent, Sent::NotSent(_)));
    assert!(world.server.asked().is_empty());
}

#[tokio::test]
async fn with_the_flag_an_order_that_nobody_knows_is_not_bought() {
    let world = world().await;
    world.server.knows_check(true);
    let Sent::Answer(body) = world.kios.ask(PRODUCT, DEST, REFID, Check::Flag).await else {
        panic!("an answer")
    };
    assert!(
        String::from_utf8(body)
            .unwrap()
            .starts_with("TIDAK ADA transaksi")
    );
    assert_eq!(world.server.purchases(REFID), 0);
}

#[tokio::test]
async fn signatures_are_those_that_servers_of_the_family_take() {
    for (sign, signing) in [
        (Sign::UrlSafe, Signing::UrlSafe),
        (Sign::Standard, Signing::Standard),
        (Sign::Hex, Signing::Hex),
        (Sign::Upper, Signing::Upper),
    ] {
        let world = world_signed(sign, Some(signing)).await;
        // In small letters, so that capitals make a difference.
        world.server.product("s10", PRICE, sims::kios::Serial::Pulsa);
        let reply = reply_of(&world.kios.buy("s10", DEST, REFID).await);
        assert!(matches!(reply.outcome, Outcome::Success { .. }), "{sign:?}");
        assert!(world.kios.balance().await.is_ok(), "{sign:?}");
        let other = world.kios.clone().signing_balance(BalanceText::EmptyOrder);
        assert!(other.balance().await.is_ok(), "{sign:?}");
        let queries: BTreeSet<String> = world
            .server
            .asked()
            .into_iter()
            .map(|asked| asked.query)
            .collect();
        assert_eq!(
            queries.len(),
            3,
            "two questions about the deposit, signed in two ways"
        );
        for asked in world.server.asked() {
            assert!(!asked.query.contains("pin=") && !asked.query.contains("password="));
        }
    }
}

#[tokio::test]
async fn signatures_have_their_known_values() {
    let known = [
        (Sign::UrlSafe, "Cp9NLVuKWBt5Sey_uMlYsvnKvJI"),
        (Sign::Standard, "Cp9NLVuKWBt5Sey%2FuMlYsvnKvJI%3D"),
        (
            Sign::Hex,
            "ZDY3ZDcxMjFmMTY3YTYzNTg5ODhjNWFjNGQwNzQ4ODBmNjk0YmIxOQ%3D%3D",
        ),
        (Sign::Upper, "Cp9NLVuKWBt5Sey_uMlYsvnKvJI"),
    ];
    for (sign, value) in known {
        let raw = Raw::start(Does::AnswersAndEnds(answer("200 OK", "OK"))).await;
        let (member, product) = if sign == Sign::Upper {
            ("Yusuf", "x10")
        } else {
            ("YUSUF", "X10")
        };
        let credentials = Credentials {
            member: member.to_owned(),
            pin: Secret::new("1144".to_owned()),
            password: Secret::new("abcd".to_owned()),
        };
        let kios = Kios::new(&raw.url, credentials, sign, None).unwrap();
        kios.buy(product, "08123456789", "2140669").await;
        let heard = raw.heard().concat();
        let expected = format!(
            "GET /trx?memberid={member}&dest=08123456789&product={product}&refid=2140669&sign={value} HTTP/1.1\r\n"
        );
        assert!(heard.starts_with(&expected), "{sign:?}: {heard}");
    }
}

#[tokio::test]
async fn words_of_the_settings_name_the_ways_to_sign() {
    for sign in Sign::ALL {
        assert_eq!(sign.as_str().parse(), Ok(sign));
    }
    let problem = "sha1".parse::<Sign>().unwrap_err();
    assert_eq!(problem.to_string(), "one of none, url-safe, standard, hex, upper");
}

#[tokio::test]
async fn what_cannot_be_spoken_to_is_said_before_anything_is_sent() {
    let made = |url: &str, sign| Kios::new(url, credentials(), sign, None).map(drop);
    for url in [
        "36.37.85.130:9998",
        "ftp://x",
        "http://u:p@x",
        "http://x/?pin=1",
        "http://x/#a",
        "",
    ] {
        assert_eq!(made(url, Sign::None), Err(KiosError::Address), "{url}");
    }
    assert_eq!(made("http://36.37.85.130:9998", Sign::None), Ok(()));
    let credentials = Credentials {
        password: Secret::new("a|b".to_owned()),
        ..credentials()
    };
    let signed = Kios::new("http://x", credentials, Sign::UrlSafe, None).map(drop);
    assert_eq!(signed, Err(KiosError::Credentials));
}

#[tokio::test]
async fn a_deposit_that_cannot_be_read_is_not_made_up() {
    let world = world().await;
    for (text, error) in [
        ("Pin Salah", BalanceError::AboutUs),
        ("<html>Saldo 5</html>", BalanceError::NotUnderstood),
        ("OK", BalanceError::NotUnderstood),
    ] {
        world.server.fault(Route::Balance, Fault::Bytes(text.into()), 1);
        assert_eq!(world.kios.balance().await, Err(error), "{text}");
    }
}

#[tokio::test]
async fn a_stranger_is_told_so_and_buys_nothing() {
    let account = Account {
        member: MEMBER.to_owned(),
        pin: "1".to_owned(),
        password: PASSWORD.to_owned(),
        sign: None,
    };
    let server = Server::new(account, || NOON_MS);
    let served = serve(router(server.clone())).await.unwrap();
    let kios = client_of(served.base_url());
    assert_eq!(
        kios.buy(PRODUCT, DEST, REFID).await,
        Sent::Answer(b"Pin Salah".to_vec())
    );
    assert_eq!(kios.balance().await, Err(BalanceError::AboutUs));
    assert!(server.transactions().is_empty() && !server.asked()[0].authorised);
    assert_ne!(PIN, "1");
}

#[tokio::test]
async fn texts_that_are_only_dressed_differently_are_understood() {
    for garble in [
        Garble::Dots,
        Garble::NoMarks,
        Garble::Small,
        Garble::Marked,
        Garble::Latin1,
    ] {
        let world = world().await;
        world.server.fault(Route::Trx, Fault::Garbled(garble), 1);
        let reply = reply_of(&world.buy().await);
        assert!(
            matches!(reply.outcome, Outcome::Success { .. }),
            "{garble:?}: {reply:?}"
        );
        assert_eq!(
            reply.balance.left(),
            Some(Rupiah::new(1_000_000 - PRICE)),
            "{garble:?}"
        );
    }
}
