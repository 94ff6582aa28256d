//! What becomes of what a guest sends.

use crate::support::day::{head, id, line, paid, receipt};
use crate::support::{NOON_MS, Shop, browsing, from, posting, send};
use axum::body::Body;
use domain::feedback::{DishKey, GRACE_MS, REVISIONS_MAX, consent};
use domain::receipt::Status;
use http::{Method, Request};
use testkit::faults::Plan;

fn stars(said: &domain::feedback::Said) -> Vec<(&str, u8)> {
    let dishes = said.dishes.iter();
    dishes.map(|(dish, stars)| (dish.menu.as_str(), *stars)).collect()
}

#[tokio::test]
async fn a_guest_answers_and_revises_and_what_was_said_before_is_kept() {
    let shop = Shop::start().await;
    shop.open_outlet().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen", "Teh"])).await;
    let link = shop.link(&id).await;
    shop.get(&link).await.is_page(200);
    shop.pass_ms(60_000);
    let form = format!(
        "lang=id&overall=2&d0=1&d1=&recommend=3&comment=Kuahnya+dingin&consent={}&website=",
        consent::VERSION
    );
    let thanks = shop.send(&link, &form).await;
    assert!(thanks.is_page(200).contains("Ubah jawaban"), "{}", thanks.text);

    let first = shop.answer(&id).await.unwrap();
    assert_eq!((first.opened_ms, first.version), (Some(NOON_MS), 2));
    assert_eq!(first.customer.as_deref(), Some("OYAKO_MOKA_17"));
    assert_eq!(first.order_at_ms, NOON_MS);
    let said = first.guest.as_ref().unwrap();
    assert_eq!(
        (said.at_ms, said.overall, said.recommend),
        (NOON_MS + 60_000, Some(2), Some(3))
    );
    assert_eq!(stars(said), [("Ramen", 1)]);
    assert_eq!(said.comment.as_deref(), Some("Kuahnya dingin"));
    assert_eq!(
        said.consent,
        Some(consent::given("id")),
        "the wording that was on the page"
    );

    // The form again, as it was filled in.
    let page = shop.get(&link).await;
    let page = page.is_page(200);
    for checked in [
        "name=\"overall\" value=\"2\" required checked",
        "name=\"d0\" value=\"1\" checked",
        "name=\"d1\" value=\"\" checked",
        "name=\"recommend\" value=\"3\" checked",
        "Kuahnya dingin</textarea>",
    ] {
        assert!(page.contains(checked), "{checked} in {page}");
    }
    shop.pass_ms(60_000);
    shop.send(&link, "lang=en&overall=5&d0=5&d1=4").await.is_page(200);
    let second = shop.answer(&id).await.unwrap();
    assert_eq!(second.history, std::slice::from_ref(said));
    assert_eq!(stars(second.guest.as_ref().unwrap()), [("Ramen", 5), ("Teh", 4)]);
    assert_eq!(second.guest.as_ref().unwrap().consent, None, "taken back");
}

#[tokio::test]
async fn the_same_answer_twice_is_one_answer() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    shop.send(&link, "overall=4&d0=5&comment=enak").await.is_page(200);
    let once = shop.answer(&id).await.unwrap();
    shop.pass_ms(1500);
    shop.send(&link, "overall=4&d0=5&comment=enak").await.is_page(200);
    assert_eq!(shop.answer(&id).await.unwrap(), once);
    // Both taps at the same moment, in two processes: one is told to read again and finds its own words.
    let other = shop.sell("r-2", paid("A/2", &["Ramen"])).await;
    let link = shop.link(&other).await;
    let elsewhere = shop.other_router();
    let (here, there) = tokio::join!(
        send(&shop.router, posting(&link, "overall=1&d0=1")),
        send(&elsewhere, posting(&link, "overall=1&d0=1")),
    );
    here.is_page(200);
    there.is_page(200);
    let stored = shop.answer(&other).await.unwrap();
    assert_eq!((stored.version, stored.history.len()), (1, 0));
}

#[tokio::test]
async fn two_answers_at_the_same_moment_are_both_kept() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    let elsewhere = shop.other_router();
    let (here, there) = tokio::join!(
        send(&shop.router, posting(&link, "overall=1&d0=1")),
        send(&elsewhere, posting(&link, "overall=5&d0=5")),
    );
    here.is_page(200);
    there.is_page(200);
    let stored = shop.answer(&id).await.unwrap();
    let mut told: Vec<_> = stored
        .history
        .iter()
        .chain(&stored.guest)
        .map(|said| said.overall)
        .collect();
    told.sort_unstable();
    assert_eq!(told, [Some(1), Some(5)]);
}

#[tokio::test]
async fn after_the_grace_time_the_answer_stands() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    shop.send(&link, "overall=4").await.is_page(200);
    shop.pass_ms(GRACE_MS);
    assert!(
        shop.get(&link)
            .await
            .is_page(200)
            .contains("value=\"4\" required checked")
    );
    shop.pass_ms(1);
    shop.get(&link).await.refuses(409, "LINK_SPENT");
    shop.send(&link, "overall=1").await.refuses(409, "LINK_SPENT");
    let stored = shop.answer(&id).await.unwrap();
    assert_eq!(
        (stored.guest.unwrap().overall, stored.history.len()),
        (Some(4), 0)
    );
}

#[tokio::test]
async fn revisions_come_to_an_end() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &[])).await;
    let link = shop.link(&id).await;
    for revision in 0..=REVISIONS_MAX {
        let thanks = shop.send(&link, &format!("overall={}", 1 + revision % 2)).await;
        assert_eq!(
            thanks.is_page(200).contains("Ubah jawaban"),
            revision < REVISIONS_MAX,
            "{revision}"
        );
    }
    shop.send(&link, "overall=5").await.refuses(409, "LINK_SPENT");
    let history = shop.answer(&id).await.unwrap().history;
    assert_eq!(history.len(), REVISIONS_MAX);
}

#[tokio::test]
async fn only_what_was_bought_and_kept_is_asked_about_and_taken() {
    let shop = Shop::start().await;
    let mut given_back = line("Teh");
    given_back.refunded_qty = given_back.qty;
    let mut voided = line("Gyoza");
    voided.voided = true;
    let mut bag = line("Kantong");
    bag.item.rateable = false;
    let lines = vec![given_back, line("Ramen"), voided, bag];
    let id = shop.sell("r-1", receipt(head("A/1", Status::Paid), lines)).await;
    let link = shop.link(&id).await;
    let page = shop.get(&link).await;
    assert!(page.is_page(200).contains("<legend>Ramen</legend>"));
    for absent in ["Teh", "Gyoza", "Kantong", "name=\"d1\""] {
        assert!(!page.text.contains(absent), "{absent}");
    }
    let refused = shop.send(&link, "overall=3&d0=4&d1=5").await;
    assert!(refused.is_page(422).contains("role=\"alert\""));
    assert!(shop.answer(&id).await.unwrap().guest.is_none());
    shop.send(&link, "overall=3&d0=4").await.is_page(200);
    let said = shop.answer(&id).await.unwrap().guest.unwrap();
    assert_eq!(
        said.dishes.into_iter().collect::<Vec<_>>(),
        [(
            DishKey {
                menu: "Ramen".to_owned(),
                variant: String::new()
            },
            4
        )]
    );
}

#[tokio::test]
async fn ratings_never_move_to_another_dish_when_the_receipt_changes_meanwhile() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Teh", "Ramen"])).await;
    let link = shop.link(&id).await;
    let page = shop.get(&link).await;
    let action = page
        .is_page(200)
        .split("action=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let action = format!("{link}{}", action.replace("&amp;", "&"));
    // The tea turns out to be a coffee.
    shop.sell("r-1", paid("A/1", &["Kopi", "Ramen"])).await;
    let again = shop.send(&action, "overall=3&d0=1&d1=5&comment=lama").await;
    let again = again.is_page(422);
    assert!(again.contains("Struk ini baru saja berubah"), "{again}");
    assert!(again.contains("value=\"3\" required checked") && again.contains("lama</textarea>"));
    assert!(again.contains("name=\"d1\" value=\"\" checked"), "{again}");
    assert!(shop.answer(&id).await.unwrap().guest.is_none());
}

#[tokio::test]
async fn a_form_that_does_not_fit_comes_back_as_it_was_filled_in() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    let long = "a".repeat(1001);
    let table = [
        (
            format!("overall=&d0=5&comment={long}"),
            vec!["wrong-overall", "wrong-comment"],
        ),
        ("d0=9&overall=3".to_owned(), vec!["wrong-d0"]),
        ("overall=3&recommend=11".to_owned(), vec!["wrong-recommend"]),
        ("overall=3&overall=4".to_owned(), vec!["wrong-overall"]),
        ("overall=3&consent=2020-01".to_owned(), vec!["wrong-consent"]),
        ("overall=3&hack=1".to_owned(), vec!["wrong-overall"]),
        ("\u{0}\u{fffd}=%ff".to_owned(), vec!["wrong-overall"]),
    ];
    for (form, places) in table {
        let page = shop.send(&link, &form).await;
        let page = page.is_page(422);
        for place in places {
            assert!(
                page.contains(&format!("id=\"{place}\"")),
                "{place} for {form}: {page}"
            );
        }
    }
    let page = shop.send(&link, &format!("overall=&d0=5&comment={long}")).await;
    assert!(page.text.contains("name=\"d0\" value=\"5\" checked") && page.text.contains(&long));
    assert!(shop.answer(&id).await.is_none());
}

#[tokio::test]
async fn the_first_view_is_noted_and_no_robots() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    let bare = Request::builder().uri(&link).header("accept", "*/*");
    let ahead = browsing(&link).header("sec-purpose", "prefetch;prerender");
    let head = browsing(&link).method(Method::HEAD);
    for request in [bare, ahead, head] {
        let reply = send(&shop.router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status.as_u16(), 200);
    }
    assert!(shop.answer(&id).await.is_none());
    shop.get(&link).await.is_page(200);
    let seen = shop.answer(&id).await.unwrap();
    assert_eq!((seen.opened_ms, seen.version), (Some(NOON_MS), 1));
    shop.pass_ms(5000);
    shop.get(&link).await.is_page(200);
    assert_eq!(shop.answer(&id).await.unwrap(), seen);
}

#[tokio::test]
async fn a_page_is_shown_even_when_its_view_cannot_be_noted() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    let faulty = shop.faulty_router();
    // Calls: the keys of links, the outlet, the day, the answer; the fifth notes the view.
    shop.world.faults.set(Plan::CrashBefore(4));
    let reply = send(&faulty, browsing(&link).body(Body::empty()).unwrap()).await;
    reply.is_page(200);
    assert_eq!(shop.world.faults.calls(), 5);
}

#[tokio::test]
async fn a_flood_from_one_network_or_at_one_receipt_is_stopped() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    for _ in 0..12 {
        shop.send(&link, "overall=9").await.is_page(422);
    }
    let refused = shop.send(&link, "overall=5").await;
    refused.refuses(429, "TOO_MANY_REQUESTS");
    assert_eq!(refused.headers["retry-after"], "3600");
    assert!(shop.answer(&id).await.is_none());
    for _ in 13..60 {
        shop.send("/r/AAAA", "overall=5")
            .await
            .refuses(404, "LINK_FORGED");
    }
    let flood = shop.send("/r/AAAA", "overall=5").await;
    flood.refuses(429, "TOO_MANY_REQUESTS");
    assert_eq!(flood.headers["retry-after"], "600");
    // Another network is not held up, nor is this one a while later.
    let mut other = posting("/r/AAAA", "overall=5");
    from(&mut other, "36.68.1.3");
    send(&shop.router, other).await.refuses(404, "LINK_FORGED");
    shop.pass_ms(3_600_000);
    shop.send(&link, "overall=5").await.is_page(200);
}

#[tokio::test]
async fn what_is_no_form_of_ours_is_refused() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    let origin = |origin: &'static str| {
        let mut request = posting(&link, "overall=5");
        request.headers_mut().insert("origin", origin.parse().unwrap());
        request
    };
    for foreign in [
        "https://evil.example",
        "https://oyako.example.evil.example",
        "oyako.example",
        "",
    ] {
        send(&shop.router, origin(foreign))
            .await
            .refuses(403, "CSRF_INVALID");
    }
    let mut json = posting(&link, "{}");
    json.headers_mut()
        .insert("content-type", "application/json".parse().unwrap());
    send(&shop.router, json)
        .await
        .refuses(415, "MEDIA_TYPE_UNSUPPORTED");
    let large = "a".repeat(16 << 10);
    shop.send(&link, &format!("comment={large}"))
        .await
        .refuses(413, "BODY_TOO_LARGE");
    assert!(shop.answer(&id).await.is_none());
    for own in ["null", "https://oyako.example", "https://OYAKO.example"] {
        send(&shop.router, origin(own)).await.is_page(200);
    }
    let mut silent = posting(&link, "overall=5");
    silent.headers_mut().remove("origin");
    send(&shop.router, silent).await.is_page(200);
}

#[tokio::test]
async fn a_store_that_fails_is_a_kind_page_and_the_answer_can_be_sent_again() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    let faulty = shop.faulty_router();
    // Whichever call fails or loses its reply, sending once more ends in one answer.
    for call in 0..8 {
        for plan in [
            Plan::CrashBefore(call),
            Plan::CrashAfter(call),
            Plan::LoseAnswer(call),
        ] {
            shop.world.faults.set(plan);
            let reply = send(&faulty, posting(&link, "overall=5&d0=4")).await;
            if reply.status.as_u16() != 200 {
                reply.refuses(503, "STORE_UNAVAILABLE");
                assert!(reply.text.contains("Sedang ada gangguan"));
            }
            shop.pass_ms(3_600_000);
        }
    }
    shop.world.faults.set(Plan::None);
    shop.send(&link, "overall=5&d0=4").await.is_page(200);
    let stored = shop.answer(&id).await.unwrap();
    assert_eq!((stored.version, stored.history.len()), (1, 0));
    assert_eq!(id, self::id("r-1"));
}
