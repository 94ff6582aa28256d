//! Findings about a day's sales.

use domain::finding::{Code, FindingState};
use serde_json::json;

use super::shop::{OUTLET, Shop, day, file, outlet_day, sale, sales};

/// Four Sundays with so many sales each.
async fn sundays(shop: &Shop, count: u32) {
    for week in [-28, -21, -14, -7] {
        shop.evening(day(week), &sales(day(week), 1..=count)).await;
    }
}

#[tokio::test]
async fn an_ordinary_day_has_no_findings() {
    let mut shop = Shop::open().await;
    sundays(&shop, 30).await;
    shop.evening(day(0), &sales(day(0), 1..=32)).await;
    let (tally, troubles) = shop.night(day(0)).await;
    assert_eq!((tally.days, tally.opened, tally.resolved), (3, 0, 0));
    assert_eq!(troubles, []);
    assert_eq!(shop.findings(day(0)).await, []);
}

#[tokio::test]
async fn a_silent_day_is_missing_until_its_sales_come_and_is_late_for_one_night() {
    let mut shop = Shop::open().await;
    sundays(&shop, 30).await;
    let (tally, _) = shop.night(day(0)).await;
    assert_eq!((tally.opened, tally.resolved), (1, 0));
    assert_eq!(shop.open_codes(day(0)).await, [Code::SalesMissing]);
    shop.at("2026-11-23T12:00");
    shop.take("incoming/moka-7/late.json", file(&sales(day(0), 1..=30)))
        .await;
    let (tally, _) = shop.night(day(1)).await;
    assert_eq!((tally.opened, tally.resolved), (1, 1));
    assert_eq!(shop.open_codes(day(0)).await, [Code::SalesLate]);
    assert_eq!(shop.resolved_codes(day(0)).await, [Code::SalesMissing]);
    let (tally, _) = shop.night(day(2)).await;
    assert_eq!((tally.opened, tally.resolved), (0, 1));
    assert_eq!(shop.open_codes(day(0)).await, []);
}

#[tokio::test]
async fn a_day_stays_missing_for_as_long_as_nothing_comes_and_is_looked_at_each_night() {
    let mut shop = Shop::open().await;
    sundays(&shop, 30).await;
    for night in 0..8 {
        let (tally, _) = shop.night(day(night)).await;
        assert_eq!(tally.days, if night < 3 { 3 } else { 4 });
        assert!(shop.open_codes(day(0)).await.contains(&Code::SalesMissing));
    }
    shop.at("2026-11-30T09:00");
    shop.take("incoming/moka-7/at-last.json", file(&sales(day(0), 1..=30)))
        .await;
    shop.night(day(8)).await;
    assert!(shop.resolved_codes(day(0)).await.contains(&Code::SalesMissing));
}

#[tokio::test]
async fn numbers_left_out_are_found_and_gone_when_their_receipts_come() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &sales(day(0), [1, 2, 3, 6, 7])).await;
    shop.night(day(0)).await;
    assert_eq!(shop.open_codes(day(0)).await, [Code::NumberGap]);
    assert_eq!(
        shop.fact(day(0), Code::NumberGap, "numbers").await,
        "20261122-0004, 20261122-0005"
    );
    shop.at("2026-11-23T10:00");
    shop.take("incoming/moka-7/rest.json", file(&sales(day(0), [4, 5])))
        .await;
    shop.night(day(1)).await;
    assert_eq!(shop.resolved_codes(day(0)).await, [Code::NumberGap]);
}

#[tokio::test]
async fn a_sale_from_the_future_is_a_clock_that_is_wrong() {
    let mut shop = Shop::open().await;
    let mut wrong = sale(1, day(0), "22:40");
    shop.evening(day(0), std::slice::from_ref(&wrong)).await;
    shop.night(day(0)).await;
    assert_eq!(shop.open_codes(day(0)).await, [Code::ClockWrong]);
    wrong["created_at"] = json!("2026-11-22T12:40:00.000+07:00");
    wrong["updated_at"] = json!("2026-11-23T08:00:00.000+07:00");
    shop.at("2026-11-23T09:00");
    shop.take("incoming/moka-7/clock.json", file(&[wrong])).await;
    shop.night(day(1)).await;
    assert_eq!(shop.resolved_codes(day(0)).await, [Code::ClockWrong]);
}

#[tokio::test]
async fn few_and_many_sales_are_unusual_until_they_are_usual() {
    let mut shop = Shop::open().await;
    sundays(&shop, 30).await;
    shop.evening(day(0), &sales(day(0), 1..=10)).await;
    shop.night(day(0)).await;
    assert_eq!(shop.open_codes(day(0)).await, [Code::UnusuallyFew]);
    shop.at("2026-11-23T10:00");
    shop.take("incoming/moka-7/more.json", file(&sales(day(0), 11..=75)))
        .await;
    shop.night(day(1)).await;
    let both = [Code::SalesLate, Code::UnusuallyMany];
    assert_eq!(
        shop.open_codes(day(0)).await,
        both,
        "a second till's, on the next day"
    );
    assert_eq!(shop.resolved_codes(day(0)).await, [Code::UnusuallyFew]);
    // Half of them were rung up in training.
    let mut voided = sales(day(0), 31..=75);
    for sale in &mut voided {
        (sale["is_deleted"], sale["updated_at"]) = (json!(true), json!("2026-11-24T08:00:00.000+07:00"));
    }
    shop.at("2026-11-24T10:00");
    shop.take("incoming/moka-7/voids.json", file(&voided)).await;
    shop.night(day(2)).await;
    assert_eq!(shop.open_codes(day(0)).await, []);
}

#[tokio::test]
async fn a_summary_left_behind_its_page_is_found_and_gone_when_ingestion_mends_it() {
    let mut shop = Shop::open().await;
    let export = shop.evening(day(0), &sales(day(0), 1..=5)).await;
    assert_eq!(export.counts.stored, 5);
    // A run that died between the page and its summary, and whose message was lost.
    let today = outlet_day(day(0));
    let mut page = shop.deps.sales.read_page(&today).await.unwrap().unwrap();
    page.receipts.pop_last();
    shop.deps.sales.write_page(&today, &page).await.unwrap();
    shop.night(day(0)).await;
    assert_eq!(shop.open_codes(day(0)).await, [Code::FiguresDiffer]);
    assert!(
        shop.fact(day(0), Code::FiguresDiffer, "stored")
            .await
            .starts_with("5 "),
        "what is shown to people"
    );
    shop.at("2026-11-23T10:00");
    shop.take("incoming/moka-7/again.json", file(&sales(day(0), 1..=5)))
        .await;
    shop.night(day(1)).await;
    assert_eq!(shop.resolved_codes(day(0)).await, [Code::FiguresDiffer]);
}

#[tokio::test]
async fn what_a_person_accepted_meanwhile_stays_accepted() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &sales(day(0), [1, 2, 3, 5])).await;
    shop.night(day(0)).await;
    let gap = shop.findings(day(0)).await.remove(0);
    let fine = gap
        .accepted("staff:ani", "nota rusak", super::shop::now())
        .unwrap();
    let accepted = shop.deps.findings.accept(&gap, &fine, "staff:ani", 1).await;
    accepted.unwrap();
    let (tally, _) = shop.night(day(1)).await;
    assert_eq!((tally.opened, tally.resolved), (0, 0));
    assert_eq!(
        shop.codes(day(0), FindingState::Accepted).await,
        [Code::NumberGap]
    );
}

#[tokio::test]
async fn a_day_that_can_t_be_read_is_its_own_trouble_and_the_others_are_looked_at() {
    let mut shop = Shop::open().await;
    shop.evening(day(-1), &sales(day(-1), 1..=5)).await;
    shop.evening(day(0), &sales(day(0), [1, 2, 3, 5])).await;
    shop.spoil(
        "SalesTable",
        &format!("O#{OUTLET}"),
        Some(&format!("P#{}", day(-1))),
    )
    .await;
    let (tally, troubles) = shop.night(day(0)).await;
    assert_eq!((tally.days, tally.opened), (2, 1));
    assert_eq!(shop.open_codes(day(0)).await, [Code::NumberGap]);
    let told: Vec<_> = troubles
        .iter()
        .map(|trouble| (trouble.outlet.as_deref(), &*trouble.source, &*trouble.code))
        .collect();
    assert_eq!(told, [(Some(OUTLET), "reconcile", "DAY_UNREADABLE")]);
    assert!(troubles[0].detail.starts_with("2026-11-21: "));
}
