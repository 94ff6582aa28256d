//! What pages cost: no page reads more than it shows, however many outlets and years there are.

use crate::support::Shop;
use crate::support::seed::{self, figures, insight};
use crate::support::topups;
use aws::meter::Reading;

const PAGES: [&str; 16] = [
    "/dashboard",
    "/dashboard/satisfaction",
    "/dashboard/satisfaction?from=2024-10-28",
    "/dashboard/menu",
    "/dashboard/menu/Ramen.20Ayam",
    "/dashboard/comments",
    "/dashboard/cases",
    "/dashboard/sync",
    "/dashboard/errors",
    "/dashboard/nights",
    "/dashboard/findings",
    "/dashboard/findings?outlet=moka-7&date=2025-10-27",
    "/dashboard/topups",
    "/dashboard/topups/books",
    "/dashboard/topups/partners/kios-1",
    "/dashboard/topups/partners/kios-1?state=success",
];
/// The most requests to the database that a page makes. An error log or a search of months looks at eight.
const REQUESTS_MAX: u64 = 15;

async fn costs(shop: &Shop) -> Vec<Reading> {
    let mut costs = Vec::new();
    for page in PAGES {
        let before = shop.world.clients.meter().read();
        shop.get("operator", page).await.is(200);
        costs.push(shop.world.clients.meter().read().since(before));
    }
    costs
}

#[tokio::test]
async fn pages_cost_the_same_for_a_page_of_outlets_and_for_three_hundred() {
    let shop = Shop::start().await;
    topups::open(&shop).await;
    topups::waiting(&shop, 100).await;
    for number in 0..55 {
        seed::outlet(&shop, &format!("pos-{number:03}"), "Oyako").await;
    }
    seed::all(&shop).await;
    let few = costs(&shop).await;
    for number in 55..300 {
        seed::outlet(&shop, &format!("pos-{number:03}"), "Oyako").await;
    }
    for number in 0..300 {
        figures(
            &shop,
            &format!("pos-{number:03}"),
            "2025-10-26",
            &insight([0, 0, 1, 2, 3]),
        )
        .await;
    }
    for (page, (few, many)) in PAGES.iter().zip(few.into_iter().zip(costs(&shop).await)) {
        assert_eq!(few.requests, many.requests, "{page}");
        // Two of them look up the session.
        assert!((3..=REQUESTS_MAX).contains(&many.requests), "{page}: {many:?}");
        // Greater numbers pack a little longer; nothing else may grow.
        assert!(
            many.read_milli <= few.read_milli + 1_000,
            "{page}: {few:?} {many:?}"
        );
        assert_eq!(many.write_milli, 0, "{page}");
    }
}

#[tokio::test]
async fn pages_cost_the_same_after_years() {
    let shop = Shop::start().await;
    topups::open(&shop).await;
    seed::all(&shop).await;
    let young = costs(&shop).await;
    for year in [2022, 2023, 2024] {
        for month in 1..=9 {
            figures(
                &shop,
                "moka-7",
                &format!("{year}-0{month}-15"),
                &insight([0, 0, 1, 2, 3]),
            )
            .await;
        }
    }
    for (page, (young, old)) in PAGES.iter().zip(young.into_iter().zip(costs(&shop).await)) {
        assert_eq!(young.requests, old.requests, "{page}");
        // What is shown may have grown, by the months of the longest range.
        let more = if page.contains("from=") { 12_000 } else { 0 };
        assert!(
            old.read_milli <= young.read_milli + more,
            "{page}: {young:?} {old:?}"
        );
    }
}
