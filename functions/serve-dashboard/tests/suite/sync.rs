//! The sync status of many outlets: those that somebody looks for are found, at a bounded cost.

use crate::support::seed::{self, date};
use crate::support::{Answer, NOON_MS, Shop};
use aws::sales::{Arrival, Sales};
use domain::api_key::Scope;
use domain::summary::DaySummary;
use futures::future::join_all;

/// 2025-10-27T16:30:00Z, half past eleven at night in Jakarta on the day before [`NOON_MS`].
const DEADLINE_MS: i64 = NOON_MS - 86_400_000 + 41_400_000;

fn id(number: u32) -> String {
    format!("pos-{number:04}")
}

async fn outlets(shop: &Shop, numbers: std::ops::Range<u32>) {
    for some in numbers.collect::<Vec<_>>().chunks(50) {
        join_all(
            some.iter()
                .map(async |number| seed::outlet(shop, &id(*number), "Oyako").await),
        )
        .await;
    }
}

/// Sales of 27 October that came at a moment, some of them without their lines.
async fn sent(shop: &Shop, number: u32, received_ms: i64, without_lines: u32) {
    let summary = DaySummary {
        receipts: 9,
        without_lines,
        ..DaySummary::default()
    };
    let arrival = Arrival {
        received_ms,
        ..Arrival::default()
    };
    let sales = Sales::new(&shop.world.clients);
    let day = (id(number), date("2025-10-27"));
    sales.write_summary(&day, 1, &summary, &arrival).await.unwrap();
}

fn ids(answer: &Answer) -> Vec<String> {
    let items = answer.is(200).json["items"].as_array().unwrap().clone();
    items
        .iter()
        .map(|item| item["outlet"].as_str().unwrap().to_owned())
        .collect()
}

/// The outlets of a status, over all pages.
async fn all(shop: &Shop, status: &str) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/sync?status={status}{after}");
        let page = shop.call(&[Scope::SalesRead], "GET", &path, None).await;
        let some = ids(&page);
        assert!(some.len() <= 50, "{status}");
        found.extend(some);
        let Some(next) = page.json["next"].as_str() else {
            return found;
        };
        after = format!("&after={next}");
    }
}

#[tokio::test]
async fn outlets_of_a_status_are_found_among_all_the_others() {
    let shop = Shop::start().await;
    outlets(&shop, 0..130).await;
    for number in 0..130 {
        match number {
            77 | 125 => {}
            101 => sent(&shop, number, DEADLINE_MS, 0).await,
            60 => sent(&shop, number, DEADLINE_MS - 1, 2).await,
            _ => sent(&shop, number, DEADLINE_MS - 1, 0).await,
        }
    }
    let named = |numbers: &[u32]| numbers.iter().map(|number| id(*number)).collect::<Vec<_>>();
    assert_eq!(all(&shop, "missing").await, named(&[77, 125]));
    assert_eq!(all(&shop, "late").await, named(&[101]));
    assert_eq!(all(&shop, "trouble").await, named(&[60, 77, 101, 125]));
    let complete: Vec<u32> = (0..130).filter(|n| ![60, 77, 101, 125].contains(n)).collect();
    assert_eq!(all(&shop, "complete").await, named(&complete));
    assert_eq!(all(&shop, "all").await.len(), 130);

    let page = shop.get("viewer", "/dashboard/sync?status=trouble").await;
    let main = page.is(200).main();
    assert!(main.contains("4 dari 130 outlet yang dilihat") && !main.contains("Cari lebih jauh"));
    assert!(
        main.contains("/dashboard/sync?outlet=pos-0077\""),
        "its days, of every status"
    );
    let days = "/dashboard/sync?outlet=pos-0101&status=late&format=json";
    let days = shop.get("viewer", days).await;
    assert_eq!(
        (ids(&days), &days.json["next"]),
        (named(&[101]), &serde_json::Value::Null)
    );
    shop.get("viewer", "/dashboard/sync?status=lost")
        .await
        .refused_kindly(400, "PARAMETER_INVALID");
}

#[tokio::test]
async fn a_search_looks_through_a_bounded_number_of_outlets_and_goes_on_from_there() {
    let shop = Shop::start().await;
    outlets(&shop, 0..2_060).await;
    sent(&shop, 2_050, DEADLINE_MS, 0).await;
    let path = "/dashboard/sync?status=late&format=json";
    let before = shop.world.clients.meter().read();
    let first = shop.get("viewer", path).await;
    let cost = shop.world.clients.meter().read().since(before);
    assert_eq!(ids(&first), Vec::<String>::new());
    assert_eq!(first.json["looked_through"], 2_000);
    // The session, and of each five hundred outlets their list and five batches of their days.
    assert!(cost.requests <= 2 + 4 * 6, "{cost:?}");
    let next = first.json["next"].as_str().unwrap();
    let second = shop.get("viewer", &format!("{path}&after={next}")).await;
    assert_eq!(ids(&second), [id(2_050)]);
    assert_eq!(
        (&second.json["looked_through"], second.json["next"].is_null()),
        (&60.into(), true)
    );
    let page = shop.get("viewer", "/dashboard/sync?status=late").await;
    let main = page.is(200).main();
    assert!(
        main.contains("0 dari 2.000 outlet yang dilihat") && main.contains("Cari lebih jauh"),
        "{main}"
    );
    let overview = shop.get("viewer", "/dashboard").await;
    assert!(
        overview.is(200).main().contains("0 dari 50 outlet pertama"),
        "{}",
        overview.main()
    );
    assert!(overview.main().contains("/dashboard/sync?status=trouble"));
}
