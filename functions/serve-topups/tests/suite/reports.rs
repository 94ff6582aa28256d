//! What the supplier reports: a reason to ask, and never anything else.

use crate::support::supplier::SERIAL;
use crate::support::{Answer, MINUTE_MS, NUMBER, PARTNER, Shop, TOKEN, send, wanted};
use axum::Router;
use axum::body::Body;
use domain::topup::order::Order;
use domain::topup::reply::Failure;
use domain::topup::state::State;
use http::Request;
use lambda_edge::metrics::Metrics;
use lambda_edge::output::Output;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::request::RequestContext;
use serde_json::Value;

/// A report as the supplier sends it, from an address.
fn reporting(method: &str, rest: &str, body: &str, address: &str) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(format!("/v1/reports/kiosampm/{rest}"))
        .header("x-forwarded-for", "36.37.85.130");
    let mut request = request.body(Body::from(body.to_owned())).unwrap();
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.http.source_ip = Some(address.to_owned());
    request
        .extensions_mut()
        .insert(RequestContext::ApiGatewayV2(context));
    request
}

async fn report(router: &Router, rest: &str) -> Answer {
    send(router, reporting("GET", rest, "", "36.37.85.130")).await
}

/// Fails unless this is the answer that every report gets.
#[track_caller]
fn is_the_answer(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), &*answer.text), (200, "OK"));
    let mut names: Vec<&str> = answer.headers.keys().map(http::HeaderName::as_str).collect();
    names.retain(|name| *name != "content-length");
    names.sort_unstable();
    let expected = [
        "cache-control",
        "content-security-policy",
        "content-type",
        "referrer-policy",
        "strict-transport-security",
        "x-content-type-options",
        "x-correlation-id",
    ];
    assert_eq!(names, expected);
}

/// A pending order, half a minute before it is asked about.
async fn pending(shop: &Shop, number: &str) -> Order {
    let refid = shop
        .buy(&format!("order-{number}"), &wanted(number))
        .await
        .refid();
    shop.accept(&refid).await;
    shop.pass_ms(30_000);
    let order = shop.order(&refid).await;
    assert!(order.next_ms.unwrap() > shop.now_ms());
    order
}

/// Whether nothing about an order has changed but that it was reported, and perhaps when it is asked about.
#[track_caller]
fn stands(before: &Order, after: &Order) {
    let same = Order {
        next_ms: before.next_ms,
        reports: before.reports.clone(),
        events: before.events,
        version: before.version,
        contradicted: before.contradicted,
        ..after.clone()
    };
    assert_eq!(&same, before);
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn said(refid: &str, status: &str) -> String {
    encoded(&format!(
        "#77#S10#ke:{NUMBER}#{status}#Saldo Rp.90,000#Reffid:{refid} #"
    ))
}

#[tokio::test]
async fn a_report_in_any_form_makes_an_open_order_due() {
    let shop = Shop::open().await;
    let forms = [
        ("GET", "?refid={}&message=", ""),
        ("GET", "?REFID={}", ""),
        ("GET", "?Reffid={}&StatusCode=2&msg=x", ""),
        ("GET", "?message={said}", ""),
        ("HEAD", "?clientid={}", ""),
        ("POST", "?idtrx={}", ""),
        ("POST", "", "RefID={}&MESSAGE={said}"),
        ("POST", "?x=1", "message={said}"),
    ];
    for (at, (method, query, body)) in forms.into_iter().enumerate() {
        let order = pending(&shop, &format!("08123456780{at}")).await;
        let filled = |text: &str| {
            text.replace("{said}", &said(&order.refid, "GAGAL. Nomor Salah"))
                .replace("{}", &order.refid)
        };
        let rest = format!("{TOKEN}{}", filled(query));
        let request = reporting(method, &rest, &filled(body), "36.37.85.130");
        let answer = send(&shop.router, request).await;
        assert_eq!(answer.status, 200, "{method} {query}");
        if method != "HEAD" {
            is_the_answer(&answer);
        }
        let after = shop.order(&order.refid).await;
        assert_eq!(after.next_ms, Some(shop.now_ms()), "{method} {query} {body}");
        assert_eq!(
            after.state,
            State::Pending,
            "it says that it failed, and is asked about"
        );
        stands(&order, &after);
    }
}

#[tokio::test]
async fn the_same_report_again_is_nothing() {
    let shop = Shop::open().await;
    let order = pending(&shop, NUMBER).await;
    let rest = format!("{TOKEN}?refid={}&status=sukses", order.refid);
    is_the_answer(&report(&shop.router, &rest).await);
    let once = shop.order(&order.refid).await;
    for _ in 0..3 {
        shop.pass_ms(1000);
        is_the_answer(&report(&shop.router, &rest).await);
    }
    assert_eq!(shop.order(&order.refid).await, once);
    assert_eq!(
        shop.topups().events(&order.refid).await.unwrap().len() as u32,
        once.events
    );
}

#[tokio::test]
async fn reports_that_race_are_all_noted() {
    let shop = Shop::open().await;
    let order = pending(&shop, NUMBER).await;
    let race = (0..5).map(|n| {
        let router = shop.other_router();
        let rest = format!("{TOKEN}?refid={}&trxid={n}", order.refid);
        async move { report(&router, &rest).await }
    });
    for answer in futures::future::join_all(race).await {
        is_the_answer(&answer);
    }
    let after = shop.order(&order.refid).await;
    assert_eq!(after.reports.len(), 5);
    stands(&order, &after);
}

#[tokio::test]
async fn what_a_report_contradicts_is_counted_once_as_something_for_people() {
    let shop = Shop::open().await;
    let output = Output::memory();
    let metrics = Metrics::new("Shop", [("function", "serve-topups")]).unwrap();
    let metrics = metrics.with_output(output.clone());
    let router = shop.counting_router(&metrics);
    let refid = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    shop.deliver(&refid).await;
    for status in ["SUKSES#SN:123456789", "GAGAL. Nomor Salah", "GAGAL. Dibatalkan"] {
        let rest = format!("{TOKEN}?refid={refid}&message={}", said(&refid, status));
        is_the_answer(&report(&router, &rest).await);
    }
    metrics.flush();
    let counted = |line: &str| serde_json::from_str::<Value>(line).unwrap()["TopupsForPerson"].as_u64();
    let counted: u64 = output.text().lines().filter_map(counted).sum();
    assert_eq!(counted, 1, "{}", output.text());
}

#[tokio::test]
async fn a_report_never_ends_an_order_nor_ends_it_otherwise() {
    let shop = Shop::open().await;
    let delivered = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    shop.deliver(&delivered).await;
    let failed = shop.buy("order-number-2", &wanted("081234567801")).await.refid();
    shop.refuse(&failed, Failure::BadNumber).await;
    for (refid, status) in [
        (&delivered, "GAGAL. Nomor Salah"),
        (&failed, "SUKSES#SN:123456789"),
    ] {
        let before = shop.order(refid).await;
        let rest = format!("{TOKEN}?refid={refid}&message={}", said(refid, status));
        is_the_answer(&report(&shop.router, &rest).await);
        let after = shop.order(refid).await;
        stands(&before, &after);
        assert!(after.contradicted.is_some(), "but people are told");
        assert_eq!(after.next_ms, before.next_ms, "a question could be a purchase");
    }
    assert_eq!(shop.order(&delivered).await.sn.as_deref(), Some(SERIAL));
    let agreeing = format!("{TOKEN}?refid={delivered}&status=SUKSES");
    is_the_answer(&report(&shop.router, &agreeing).await);
}

#[tokio::test]
async fn an_early_report_sends_nothing_and_holds_nothing_up() {
    let shop = Shop::open().await;
    let refid = shop.buy("order-number-1", &wanted(NUMBER)).await.refid();
    let before = shop.order(&refid).await;
    let rest = format!("{TOKEN}?refid={refid}&message={}", said(&refid, "SUKSES#SN:1"));
    is_the_answer(&report(&shop.router, &rest).await);
    let after = shop.order(&refid).await;
    assert_eq!(
        (after.state, after.next_ms, &after.sn),
        (State::New, before.next_ms, &None)
    );
    shop.deliver(&refid).await;
    assert_eq!(shop.order(&refid).await.sn.as_deref(), Some(SERIAL));
}

#[tokio::test]
async fn forged_and_broken_reports_get_the_same_answer_and_change_nothing() {
    let shop = Shop::open().await;
    let order = pending(&shop, NUMBER).await;
    let broken = [
        "",
        "?",
        "?refid=",
        "?refid=01K8MZ3Q5V7WXYZ0ABCD",
        "?refid=%ff%fe&message=%00",
        "?refid[]=1&&&===",
        "?message=%23123%23S10",
    ];
    for rest in broken {
        is_the_answer(&report(&shop.router, &format!("{TOKEN}{rest}")).await);
    }
    let large = "a".repeat(600_000);
    for body in ["\u{0}\u{1}", "{\"refid\":1}", &large] {
        let request = reporting("POST", TOKEN, body, "36.37.85.130");
        is_the_answer(&send(&shop.router, request).await);
    }
    assert_eq!(shop.order(&order.refid).await, order);
    assert_eq!(shop.orders(PARTNER).await.len(), 1);
    // Even when nothing can be stored.
    shop.world.faults.set(testkit::faults::Plan::None);
    let faulty = shop.faulty_router();
    let rest = format!("{TOKEN}?refid={}", order.refid);
    report(&faulty, &format!("{TOKEN}?refid=x")).await;
    shop.world.faults.set(testkit::faults::Plan::CrashBefore(0));
    is_the_answer(&report(&faulty, &rest).await);
    shop.world.faults.set(testkit::faults::Plan::None);
    assert_eq!(shop.order(&order.refid).await, order);
}

#[tokio::test]
async fn too_many_different_reports_of_one_order_are_not_kept() {
    let shop = Shop::open().await;
    let order = pending(&shop, NUMBER).await;
    for n in 0..25 {
        let rest = format!("{TOKEN}?refid={}&trxid={n}", order.refid);
        is_the_answer(&report(&shop.router, &rest).await);
    }
    assert_eq!(shop.order(&order.refid).await.reports.len(), 20);
}

#[tokio::test]
async fn another_address_is_as_unknown_as_any() {
    let shop = Shop::open().await;
    let order = pending(&shop, NUMBER).await;
    let query = format!("?refid={}", order.refid);
    let nowhere = |answer: &Answer| {
        answer.refused(404, "ROUTE_NOT_FOUND");
        let mut json = answer.json.clone();
        json["instance"] = "".into();
        json
    };
    let unknown = send(
        &shop.router,
        Request::get("/v1/reports/elsewhere").body(Body::empty()).unwrap(),
    )
    .await;
    let expected = nowhere(&unknown);
    let close = format!("{}X", &TOKEN[..TOKEN.len() - 1]);
    for token in [
        "x",
        "%ff",
        &close,
        &TOKEN[1..],
        &format!("{TOKEN},{TOKEN}"),
        "%20",
    ] {
        let answer = report(&shop.router, &format!("{token}{query}")).await;
        assert_eq!(nowhere(&answer), expected, "{token}");
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request = reporting(method, &format!("{TOKEN}{query}"), "", "36.37.85.130");
        nowhere(&send(&shop.router, request).await);
    }
    assert_eq!(shop.order(&order.refid).await, order);
}

#[tokio::test]
async fn a_new_token_holds_at_once_and_the_old_one_until_it_is_taken_away() {
    let shop = Shop::open().await;
    let new = "another-token-0123456789abcdef";
    report(&shop.router, TOKEN).await.is(200);
    report(&shop.router, new).await.refused(404, "ROUTE_NOT_FOUND");
    shop.parameter("report-tokens", &format!("{new},{TOKEN}")).await;
    for token in [new, TOKEN] {
        is_the_answer(&report(&shop.router, token).await);
    }
    shop.parameter("report-tokens", new).await;
    let fresh = shop.other_router();
    is_the_answer(&report(&fresh, new).await);
    report(&fresh, TOKEN).await.refused(404, "ROUTE_NOT_FOUND");
}

#[tokio::test]
async fn a_token_that_could_be_guessed_is_none() {
    let shop = Shop::open().await;
    for tokens in ["short", ",,", "short,also-short"] {
        shop.parameter("report-tokens", tokens).await;
        for token in ["short", "also-short", ","] {
            report(&shop.other_router(), token)
                .await
                .refused(404, "ROUTE_NOT_FOUND");
        }
    }
    let without = shop.under(|settings| settings.parameters = None);
    report(&without, TOKEN).await.refused(404, "ROUTE_NOT_FOUND");
}

#[tokio::test]
async fn reports_from_elsewhere_are_noted_or_passed_over_as_it_is_set() {
    let shop = Shop::open().await;
    let sources = vec!["36.37.85.130".parse().unwrap()];
    let lenient = shop.under(|settings| settings.report_sources.clone_from(&sources));
    let strict = shop.under(|settings| {
        settings.report_sources.clone_from(&sources);
        settings.report_sources_enforced = true;
    });
    let table = [
        (&lenient, "203.0.113.9", true),
        (&strict, "203.0.113.9", false),
        (&strict, "36.37.85.130", true),
        (&strict, "::ffff:36.37.85.130", true),
        (&strict, "nonsense", false),
    ];
    for (at, (router, address, noted)) in table.into_iter().enumerate() {
        let order = pending(&shop, &format!("08123456780{at}")).await;
        let rest = format!("{TOKEN}?refid={}", order.refid);
        let answer = send(router, reporting("GET", &rest, "", address)).await;
        is_the_answer(&answer);
        let after = shop.order(&order.refid).await;
        assert_eq!(after.reports.len(), usize::from(noted), "{address}");
        stands(&order, &after);
    }
}

#[tokio::test]
async fn an_order_that_may_not_be_asked_about_any_more_is_not_made_due() {
    let shop = Shop::open().await;
    let order = pending(&shop, NUMBER).await;
    shop.pass_ms(30 * MINUTE_MS);
    let rest = format!("{TOKEN}?refid={}", order.refid);
    is_the_answer(&report(&shop.router, &rest).await);
    let after = shop.order(&order.refid).await;
    assert_eq!(after.next_ms, order.next_ms);
    assert_eq!(after.reports.len(), 1);
}
