//! Findings about files.

use domain::finding::Code;
use serde_json::{Value, json};

use super::shop::{Shop, day, file, sales};

/// A file that says how many sales it has.
fn with_total(sales: &[Value], count: usize) -> Vec<u8> {
    let data = json!({ "next_url": null, "completed": true, "payments": sales });
    json!({ "total_transaksi": count, "data": data, "meta": { "code": 200 } })
        .to_string()
        .into_bytes()
}

/// What the nights of three dates have open of today, after files of each of the days before them.
async fn open_after(files: [&[(&str, Vec<u8>)]; 3]) -> Vec<Vec<Code>> {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &sales(day(0), 1..=5)).await;
    let mut open = Vec::new();
    for (night, files) in (0..).zip(files) {
        shop.at(&format!("{}T21:00", day(night)));
        for (name, bytes) in files {
            shop.take(&format!("incoming/moka-7/{name}.json"), bytes.clone())
                .await;
        }
        shop.night(day(night)).await;
        open.push(shop.open_codes(day(0)).await);
    }
    open
}

#[tokio::test]
async fn a_file_with_nothing_new_is_told_by_one_night() {
    let twice = file(&sales(day(0), 1..=5));
    let open = open_after([&[("again", twice)], &[], &[]]).await;
    assert_eq!(open, [vec![Code::FileRepeated], vec![], vec![]]);
}

#[tokio::test]
async fn a_correction_is_no_repetition_and_what_the_night_reads_again_neither() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &sales(day(0), 1..=5)).await;
    shop.at("2026-11-22T21:00");
    shop.take("incoming/moka-7/more.json", file(&sales(day(0), 1..=6)))
        .await;
    let own = format!("incoming/moka-7/moka/{}/0011223344556677.json", day(0));
    shop.take(&own, file(&sales(day(0), 1..=6))).await;
    shop.night(day(0)).await;
    assert_eq!(shop.open_codes(day(0)).await, []);
}

#[tokio::test]
async fn an_empty_file_for_a_day_with_sales_is_told_and_the_sales_stay() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &sales(day(0), 1..=5)).await;
    shop.at("2026-11-22T21:00");
    shop.take("incoming/moka-7/2026-11-22-b.json", file(&[])).await;
    // One for another day is nothing to this one.
    shop.take("incoming/moka-7/2026-11-20-b.json", file(&[])).await;
    shop.night(day(0)).await;
    assert_eq!(shop.open_codes(day(0)).await, [Code::EmptyAgain]);
    assert_eq!(shop.fact(day(0), Code::EmptyAgain, "files").await, "1");
    let kept = shop.deps.sales.read_page(&super::shop::outlet_day(day(0))).await;
    assert_eq!(kept.unwrap().unwrap().receipts.len(), 5);
    shop.night(day(1)).await;
    assert_eq!(shop.resolved_codes(day(0)).await, [Code::EmptyAgain]);
}

#[tokio::test]
async fn a_file_that_can_t_be_read_stays_told_until_a_good_one_comes() {
    let broken = b"<html>not a file</html>".to_vec();
    let good = file(&sales(day(0), 1..=6));
    let open = open_after([&[("2026-11-22-b", broken)], &[], &[("2026-11-22-c", good)]]).await;
    assert_eq!(open, [vec![Code::FileFailed], vec![Code::FileFailed], vec![]]);
}

#[tokio::test]
async fn totals_that_differ_stay_told_until_a_file_comes_whose_totals_agree() {
    let wrong = with_total(&sales(day(0), 1..=6), 9);
    let right = with_total(&sales(day(0), 1..=9), 9);
    let open = open_after([&[("b", wrong)], &[], &[("c", right)]]).await;
    assert_eq!(open, [vec![Code::TotalsDiffer], vec![Code::TotalsDiffer], vec![]]);
}

#[tokio::test]
async fn a_file_of_several_outlets_tells_of_its_totals_at_each_outlet_that_it_changed() {
    let mut shop = Shop::open().await;
    let mut other = sales(day(0), [1]);
    other[0]["outlet_id"] = json!(3);
    let both: Vec<Value> = other.into_iter().chain(sales(day(0), 1..=5)).collect();
    shop.at("2026-11-22T20:00");
    let export = shop.take("incoming/all.json", with_total(&both, 9)).await;
    assert_eq!(export.days.len(), 2);
    shop.night(day(0)).await;
    assert_eq!(shop.open_codes(day(0)).await, [Code::TotalsDiffer]);
}

#[tokio::test]
async fn a_file_without_a_date_in_its_key_is_of_the_day_on_which_it_came() {
    let broken = b"<html>not a file</html>".to_vec();
    let open = open_after([&[("kasir", broken)], &[], &[]]).await;
    assert_eq!(open[0], [Code::FileFailed]);
}

#[tokio::test]
async fn a_file_that_was_noted_as_read_when_a_night_had_just_looked_is_seen_by_the_next() {
    let broken = b"<html>not a file</html>".to_vec();
    let mut shop = Shop::open().await;
    shop.evening(day(0), &sales(day(0), 1..=5)).await;
    shop.night(day(0)).await;
    // By another machine's clock it ended before that night looked, which was at ten past eleven.
    shop.at("2026-11-22T23:05");
    shop.take("incoming/moka-7/again.json", file(&sales(day(0), 1..=5)))
        .await;
    shop.at("2026-11-22T23:06");
    shop.take("incoming/moka-7/2026-11-22-b.json", broken).await;
    assert_eq!(shop.open_codes(day(0)).await, []);
    shop.night(day(1)).await;
    assert_eq!(
        shop.open_codes(day(0)).await,
        [Code::FileFailed, Code::FileRepeated]
    );
    // What both could see is told once.
    shop.night(day(2)).await;
    assert_eq!(shop.open_codes(day(0)).await, [Code::FileFailed]);
    assert_eq!(shop.resolved_codes(day(0)).await, [Code::FileRepeated]);
}

#[tokio::test]
async fn what_came_a_moment_before_a_night_looked_is_told_by_that_night_alone() {
    let mut shop = Shop::open().await;
    shop.evening(day(0), &sales(day(0), 1..=5)).await;
    shop.at("2026-11-22T23:05");
    shop.take("incoming/moka-7/again.json", file(&sales(day(0), 1..=5)))
        .await;
    shop.night(day(0)).await;
    assert_eq!(shop.open_codes(day(0)).await, [Code::FileRepeated]);
    shop.night(day(1)).await;
    assert_eq!(shop.resolved_codes(day(0)).await, [Code::FileRepeated]);
}

#[tokio::test]
async fn a_file_that_changes_an_older_day_is_looked_at_where_it_changed_it() {
    let mut shop = Shop::open().await;
    shop.evening(day(-9), &sales(day(-9), 1..=5)).await;
    shop.night(day(-9)).await;
    shop.night(day(-1)).await;
    shop.at("2026-11-22T20:00");
    shop.take("incoming/moka-7/late.json", with_total(&sales(day(-9), 6..=8), 9))
        .await;
    shop.night(day(0)).await;
    // A second till's sales, and a total that is none of theirs.
    assert_eq!(
        shop.open_codes(day(-9)).await,
        [Code::SalesLate, Code::TotalsDiffer]
    );
}

#[tokio::test]
async fn a_file_of_several_outlets_is_one_of_each() {
    let mut shop = Shop::open().await;
    let mut other = sales(day(-5), [1]);
    other[0]["outlet_id"] = json!(3);
    let both: Vec<Value> = other.into_iter().chain(sales(day(-5), 1..=5)).collect();
    shop.night(day(-5)).await;
    shop.at("2026-11-22T20:00");
    let export = shop.take("incoming/all.json", with_total(&both, 9)).await;
    assert_eq!(export.days[0].0, "moka-3", "the other outlet is the first");
    shop.night(day(0)).await;
    assert_eq!(
        shop.open_codes(day(-5)).await,
        [Code::SalesLate, Code::TotalsDiffer]
    );
}
