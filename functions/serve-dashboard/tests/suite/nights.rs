//! The pages of nights: what they show, to whom, and at what cost.

use crate::support::duties::{self, begin, night};
use crate::support::{Answer, Shop, seed};
use domain::api_key::Scope;
use domain::mail::MailState;
use domain::night::{End, Phase, TROUBLES_MAX, Trouble};

const READ: &[Scope] = &[Scope::SalesRead];

fn dates(answer: &Answer) -> Vec<String> {
    let items = answer.is(200).json["items"].as_array().unwrap().clone();
    let dates = items.iter().map(|item| item["date"].as_str().unwrap().to_owned());
    dates.collect()
}

#[tokio::test]
async fn nights_are_listed_and_shown_with_their_troubles_and_parts() {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    duties::all(&shop).await;
    for (name, page) in [
        ("list", "/dashboard/nights"),
        ("night", "/dashboard/nights/2025-10-27"),
        ("night-in-english", "/dashboard/nights/2025-10-26?lang=en"),
    ] {
        insta::assert_snapshot!(name, shop.get("operator", page).await.is(200).main());
    }
    let same = [
        ("/v1/nights", "/dashboard/nights?format=json"),
        (
            "/v1/nights/2025-10-27",
            "/dashboard/nights/2025-10-27?format=json",
        ),
        (
            "/v1/nights/2025-10-27?phase=pull",
            "/dashboard/nights/2025-10-27?phase=pull&format=json",
        ),
    ];
    for (document, page) in same {
        let document = shop.call(READ, "GET", document, None).await;
        assert_eq!(
            document.is(200).json,
            shop.get("viewer", page).await.json,
            "{page}"
        );
    }
    let document = shop.call(READ, "GET", "/v1/nights/2025-10-27", None).await;
    insta::assert_json_snapshot!("night-document", document.json);
    let list = shop.get("auditor", "/dashboard/nights?format=csv").await;
    let lines: Vec<&str> = list.is(200).text.lines().collect();
    assert_eq!(lines.len(), 3, "{}", list.text);
    assert!(
        lines[1].starts_with("2025-10-27,partial,2025-10-27T16:00:00.000Z"),
        "{}",
        lines[1]
    );
    let one = shop
        .get("auditor", "/dashboard/nights/2025-10-27?format=csv")
        .await;
    assert!(
        one.is(200).text.contains("MOKA_CURSOR,\"Moka mengirim"),
        "{}",
        one.text
    );
}

#[tokio::test]
async fn nights_are_for_those_who_see_every_outlet() {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    duties::all(&shop).await;
    for page in ["/dashboard/nights", "/dashboard/nights/2025-10-27"] {
        for who in ["limited", "without"] {
            shop.get(who, page).await.refused_kindly(403, "OUTLET_FORBIDDEN");
        }
        for who in ["viewer", "operator", "auditor"] {
            shop.get(who, page).await.is(200);
        }
        let document = page.replace("/dashboard", "/v1");
        let refused = shop.call(&[Scope::FeedbackRead], "GET", &document, None).await;
        refused.refused(403, "SCOPE_MISSING");
    }
    let limited = shop.get("limited", "/dashboard").await;
    let text = &limited.is(200).text;
    assert!(
        !text.contains("/dashboard/nights") && text.contains("/dashboard/findings"),
        "{text}"
    );
    assert!(
        limited.main().contains("2 terbuka"),
        "its own only: {}",
        limited.main()
    );
    let all = shop.get("viewer", "/dashboard").await;
    let main = all.is(200).main();
    assert!(
        main.contains("/dashboard/nights/2025-10-27") && main.contains("sebagian"),
        "{main}"
    );
    assert!(main.contains("3 terbuka"), "{main}");
}

#[tokio::test]
async fn what_is_no_night_is_told_apart() {
    let shop = Shop::start().await;
    begin(&shop, &night("2025-10-27", None)).await;
    let empty = shop.get("viewer", "/dashboard/nights/2025-10-27").await;
    let main = empty.is(200).main();
    for told in [
        "mencocokkan",
        "dihitung ketika malam selesai",
        "belum dibuat",
        "tidak mempunyai bagian",
    ] {
        assert!(main.contains(told), "{told}: {main}");
    }
    for (path, status, code) in [
        ("2025-10-25", 404, "NIGHT_NOT_FOUND"),
        ("kemarin", 404, "NIGHT_NOT_FOUND"),
        ("2025-10-27?phase=settle", 400, "PARAMETER_INVALID"),
        ("2025-10-27?after=x", 400, "PARAMETER_INVALID"),
        ("2025-10-27?after=eA", 400, "PARAMETER_INVALID"),
    ] {
        let page = shop.get("viewer", &format!("/dashboard/nights/{path}")).await;
        page.refused_kindly(status, code);
        shop.call(READ, "GET", &format!("/v1/nights/{path}"), None)
            .await
            .refused(status, code);
    }
    let list = shop.call(READ, "GET", "/v1/nights?after=eA", None).await;
    list.refused(400, "PARAMETER_INVALID");
}

#[tokio::test]
async fn the_report_is_told_as_its_mail_stands() {
    for (state, told) in [
        (Some(MailState::Queued), "menunggu dikirim"),
        (Some(MailState::Sending), "sedang dikirim"),
        (Some(MailState::Sent), "terkirim"),
        (Some(MailState::Unknown), "tidak diketahui sampai atau tidak"),
        (Some(MailState::Failed), "tidak terkirim"),
        (None, "emailnya sudah tidak ada"),
    ] {
        let shop = Shop::start().await;
        let night = night("2025-10-27", Some(End::Failed));
        begin(&shop, &night).await;
        if let Some(state) = state {
            duties::digest(&shop, &night, state).await;
        }
        let page = shop.get("viewer", "/dashboard/nights/2025-10-27").await;
        assert!(page.is(200).main().contains(told), "{told}: {}", page.main());
    }
}

#[tokio::test]
async fn every_night_is_listed_once_over_all_pages() {
    let shop = Shop::start().await;
    for day in 1..=9 {
        begin(&shop, &night(&format!("2025-10-0{day}"), Some(End::Complete))).await;
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/nights?limit=4".to_owned());
    loop {
        let page = shop.call(READ, "GET", &path, None).await;
        seen.extend(dates(&page));
        let Some(next) = page.json["next"].as_str() else {
            break;
        };
        path = format!("/v1/nights?limit=4&after={next}");
    }
    let expected: Vec<String> = (1..=9).rev().map(|day| format!("2025-10-0{day}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_night_of_many_outlets_costs_a_bounded_number_of_requests() {
    let shop = Shop::start().await;
    let mut long = night("2025-10-27", Some(End::Partial));
    for number in 0..10_000 {
        let outlet = format!("pos-{number:05}");
        long.trouble(Trouble::new(Some(&outlet), "moka", "MOKA_UNREACHABLE", "x"));
    }
    begin(&shop, &long).await;
    for number in 0..60 {
        duties::part(&shop, "2025-10-27", Phase::Reconcile, number).await;
    }
    let before = shop.world.clients.meter().read();
    let page = shop.get("viewer", "/dashboard/nights/2025-10-27").await;
    let cost = shop.world.clients.meter().read().since(before);
    // The session twice, the night, its mail, the outlets, the parts.
    assert!(cost.requests <= 6, "{cost:?}");
    let main = page.is(200).main();
    assert!(
        main.contains("9.950") && main.contains("Bagian berikutnya"),
        "{main}"
    );
    assert_eq!(
        main.matches("page 3").count() + main.matches(">x</span>").count(),
        TROUBLES_MAX
    );
    let (mut seen, mut path) = (0, "/v1/nights/2025-10-27?phase=reconcile".to_owned());
    loop {
        let page = shop.call(READ, "GET", &path, None).await;
        for part in page.is(200).json["parts"].as_array().unwrap() {
            assert_eq!(part["number"], seen);
            seen += 1;
        }
        let Some(next) = page.json["next"].as_str() else {
            break;
        };
        path = format!("/v1/nights/2025-10-27?phase=reconcile&after={next}");
    }
    assert_eq!(seen, 60);
}
