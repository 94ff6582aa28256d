//! Figures: replaced by newer ones only, and added up to the same sums whatever is lost, repeated or done
//! side by side.

use std::collections::BTreeMap;

use aws::StoreError;
use aws::insights::Insights;
use domain::customer::OutletDay;
use domain::insight::{Insight, MenuInsight, Month, Period, Scope, group_of};
use domain::when::BusinessDate;
use testkit::Stores;
use testkit::faults::Plan;

use crate::support::{day, noise};

/// Figures that tell by their number of receipts which ones they are.
fn of(receipts: u64) -> Insight {
    let menu = MenuInsight {
        receipts,
        ..MenuInsight::default()
    };
    Insight {
        receipts,
        answered: 1,
        menus: BTreeMap::from([("Ayam Bakar".to_owned(), menu)]),
        ..Insight::default()
    }
}

fn sum<'a>(parts: impl IntoIterator<Item = &'a Insight>) -> Insight {
    let mut whole = Insight::default();
    for part in parts {
        whole.merge(part).unwrap();
    }
    whole
}

fn date(text: &str) -> BusinessDate {
    day("1", text).1
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn outlet(id: &str) -> Scope {
    Scope::Outlet(id.to_owned())
}

async fn read(insights: &Insights, scope: &Scope, period: Period) -> Option<Insight> {
    insights.read(scope, &period).await.unwrap()
}

#[tokio::test]
async fn a_days_figures_are_replaced_by_newer_ones_only() {
    let stores = Stores::start().await;
    let insights = Insights::new(&stores.clients);
    let day = day("1", "2025-10-28");
    for (version, receipts, is_news, expected) in [
        (9, 1, true, 1),
        (10, 2, true, 2),
        (9, 3, false, 2),
        (10, 2, false, 2),
        // Of the same receipts and answers, by other rules.
        (10, 4, true, 4),
        (11, 5, true, 5),
    ] {
        let wrote = insights.write_day(&day, version, &of(receipts)).await.unwrap();
        assert_eq!(wrote, is_news, "version {version}");
        let stored = read(&insights, &outlet("1"), Period::Day(day.1)).await;
        assert_eq!(stored, Some(of(expected)), "after version {version}");
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_day_without_anything_leaves_nothing_and_one_of_too_many_dishes_is_refused() {
    let stores = Stores::start().await;
    let insights = Insights::new(&stores.clients);
    let day = day("1", "2025-10-28");
    let days = std::slice::from_ref(&day);
    assert!(!insights.write_day(&day, 0, &Insight::default()).await.unwrap());
    insights.roll_up(days).await.unwrap();
    assert_eq!(insights.many(days).await.unwrap(), [None]);
    assert_eq!(read(&insights, &Scope::All, Period::Day(day.1)).await, None);
    let mut large = of(1);
    large.menus.insert(noise(1, 600_000), MenuInsight::default());
    let refused = insights.write_day(&day, 1, &large).await;
    assert!(matches!(refused, Err(StoreError::TooLarge(_))), "{refused:?}");
    stores.stop().await;
}

#[tokio::test]
async fn days_of_outlets_add_up_to_all_outlets_and_to_months() {
    let stores = Stores::start().await;
    let insights = Insights::new(&stores.clients);
    let outlets = ["kedai/kopi|1%20", "moka-1", "moka-2", "食堂"];
    let dates = ["2025-09-30", "2025-10-01", "2025-10-31"];
    let days: BTreeMap<OutletDay, Insight> = outlets
        .iter()
        .flat_map(|outlet| dates.iter().map(|date| day(outlet, date)))
        .zip(0..)
        .map(|(day, n)| (day, of(1 << n)))
        .collect();
    for (day, figures) in &days {
        insights.write_day(day, 1, figures).await.unwrap();
    }
    let asked: Vec<OutletDay> = days.keys().chain(days.keys()).cloned().collect();
    insights.roll_up(&asked).await.unwrap();
    let of_days =
        |wanted: &dyn Fn(&OutletDay) -> bool| sum(days.iter().filter(|(day, _)| wanted(day)).map(|(_, f)| f));

    for text in dates {
        let all = read(&insights, &Scope::All, Period::Day(date(text))).await;
        assert_eq!(all, Some(of_days(&|day| day.1 == date(text))), "{text}");
    }
    for (text, dates) in [("2025-09", &dates[..1]), ("2025-10", &dates[1..])] {
        let is_in = |day: &OutletDay| dates.contains(&day.1.to_string().as_str());
        let all = read(&insights, &Scope::All, Period::Month(month(text))).await;
        assert_eq!(all, Some(of_days(&is_in)), "{text}");
        for id in outlets {
            let one = read(&insights, &outlet(id), Period::Month(month(text))).await;
            let expected = of_days(&|day| is_in(day) && day.0 == id);
            assert_eq!(one, Some(expected), "{id} {text}");
        }
    }
    let range = (date("2025-10-01"), date("2025-10-31"));
    let listed = insights.range_days(&outlet("moka-1"), range.0, range.1).await;
    let expected = dates[1..]
        .iter()
        .map(|text| (date(text), days[&day("moka-1", text)].clone()));
    assert_eq!(listed.unwrap(), expected.collect::<Vec<_>>());
    let listed = insights
        .range_months(&Scope::All, month("2025-08"), month("2025-10"))
        .await;
    let listed: Vec<Month> = listed.unwrap().into_iter().map(|(month, _)| month).collect();
    assert_eq!(listed, [month("2025-09"), month("2025-10")]);
    let (some, none) = (day("moka-2", dates[0]), day("nobody", dates[0]));
    let many = insights.many(&[none, some.clone(), some.clone()]).await.unwrap();
    let expected = Some(days[&some].clone());
    assert_eq!(many, [None, expected.clone(), expected]);
    stores.stop().await;
}

#[tokio::test]
async fn totals_are_told_of_every_day_and_month_also_of_those_written_without_them() {
    let stores = Stores::start().await;
    let insights = Insights::new(&stores.clients);
    let days: Vec<OutletDay> = ["2025-09-30", "2025-10-01", "2025-10-02", "2025-10-04"]
        .iter()
        .map(|date| day("moka-1", date))
        .collect();
    for (day, n) in days.iter().zip(1..) {
        insights.write_day(day, 1, &of(n)).await.unwrap();
    }
    insights.roll_up(&days).await.unwrap();
    let mut found = Vec::new();
    // As they are, and with those of a day and a month as they were written before.
    for old in [
        None,
        Some(("O#moka-1", "D#2025-10-01")),
        Some(("G#all", "M#2025-10")),
    ] {
        if let Some((pk, sk)) = old {
            forget_totals(&stores, pk, sk).await;
        }
        for scope in [outlet("moka-1"), Scope::All] {
            let (from, to) = (date("2025-10-01"), date("2025-10-31"));
            let days = insights.totals_days(&scope, from, to).await.unwrap();
            let whole = insights.range_days(&scope, from, to).await.unwrap();
            assert!(whole.iter().all(|(_, figures)| !figures.menus.is_empty()));
            let expected: Vec<_> = whole
                .iter()
                .map(|(at, figures)| (*at, figures.totals()))
                .collect();
            assert_eq!(days, expected, "{scope:?} {old:?}");
            let (from, to) = (month("2025-09"), month("2025-10"));
            let months = insights.totals_months(&scope, from, to).await.unwrap();
            let whole = insights.range_months(&scope, from, to).await.unwrap();
            let expected: Vec<_> = whole
                .iter()
                .map(|(at, figures)| (*at, figures.totals()))
                .collect();
            assert_eq!(months, expected, "{scope:?} {old:?}");
            found.push((days.len(), months.len()));
        }
    }
    assert_eq!(found, [(3, 2); 6]);
    // Where all have totals, nothing is read a second time.
    let before = stores.clients.meter().read();
    insights
        .totals_days(&outlet("moka-1"), date("2025-10-02"), date("2025-10-31"))
        .await
        .unwrap();
    assert_eq!(stores.clients.meter().read().since(before).requests, 1);
    stores.stop().await;
}

async fn forget_totals(stores: &Stores, pk: &str, sk: &str) {
    let client = aws_sdk_dynamodb::Client::new(stores.clients.config());
    let key = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    client
        .update_item()
        .table_name(&stores.clients.names().feedback)
        .key("pk", key(pk))
        .key("sk", key(sk))
        .condition_expression("attribute_exists(t)")
        .update_expression("REMOVE t")
        .send()
        .await
        .unwrap();
}

/// The outlets of the group that `moka-0` is in, this many.
fn neighbours(count: usize) -> Vec<String> {
    let group = group_of("moka-0");
    (0..)
        .map(|n: u32| format!("moka-{n}"))
        .filter(|outlet| group_of(outlet) == group)
        .take(count)
        .collect()
}

#[tokio::test]
async fn each_node_is_made_once_however_many_days_are_below_it() {
    let stores = Stores::start().await;
    let insights = Insights::new(&stores.faulty);
    let days: Vec<OutletDay> = neighbours(3)
        .iter()
        .flat_map(|outlet| ["2025-10-27", "2025-10-28"].map(|date| day(outlet, date)))
        .collect();
    for day in &days {
        insights.write_day(day, 1, &of(1)).await.unwrap();
    }
    stores.faults.set(Plan::None);
    insights.roll_up(&days).await.unwrap();
    // One look at the days and a copy of each; then two calls for each of two group days, three months of
    // outlets, two days of all outlets, and their month.
    assert_eq!(stores.faults.calls(), 1 + 6 + 2 * (2 + 3 + 2 + 1));
    stores.stop().await;
}

#[tokio::test]
async fn a_crash_anywhere_is_mended_by_doing_it_again() {
    let stores = Stores::start().await;
    let (faulty, insights) = (Insights::new(&stores.faulty), Insights::new(&stores.clients));
    let outlets = neighbours(2);
    let plans: [fn(u64) -> Plan; 2] = [Plan::CrashBefore, Plan::CrashAfter];
    let mut first = date("2020-01-01");
    for plan in plans {
        for at in 0.. {
            // Each time in a month of its own, in which one outlet has its figures already.
            first = Month::of(first).next().first();
            let (old, new) = ((outlets[0].clone(), first), (outlets[1].clone(), first));
            insights.write_day(&old, 1, &of(1)).await.unwrap();
            insights.roll_up(std::slice::from_ref(&old)).await.unwrap();
            let run = async |insights: &Insights| {
                insights.write_day(&old, 2, &of(2)).await?;
                insights.write_day(&new, 1, &of(4)).await?;
                insights.roll_up(&[old.clone(), new.clone()]).await
            };
            stores.faults.set(plan(at));
            let is_whole = run(&faulty).await.is_ok();
            stores.faults.set(Plan::None);
            run(&insights).await.unwrap();
            for period in [Period::Day(first), Period::Month(Month::of(first))] {
                let all = read(&insights, &Scope::All, period).await;
                assert_eq!(all, Some(sum([&of(2), &of(4)])), "{:?}", plan(at));
            }
            if is_whole {
                assert!(at > 10, "the plan was not about these calls");
                break;
            }
        }
    }
    stores.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_side_by_side_lose_nothing() {
    let stores = Stores::start().await;
    let date = date("2025-10-28");
    // Two groups, so that writers meet at every height of the tree.
    let mut outlets = neighbours(2);
    outlets.extend(["moka-a", "moka-b"].map(str::to_owned));
    for last in [5, 10] {
        let writers = outlets.iter().cloned().map(|outlet| {
            let insights = Insights::new(&stores.clients);
            tokio::spawn(async move {
                let day = (outlet, date);
                for version in last - 4..=last {
                    insights.write_day(&day, version, &of(version)).await.unwrap();
                    insights.roll_up(std::slice::from_ref(&day)).await.unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let insights = Insights::new(&stores.clients);
        let expected = sum(&vec![of(last); outlets.len()]);
        for period in [Period::Day(date), Period::Month(Month::of(date))] {
            let all = read(&insights, &Scope::All, period).await;
            assert_eq!(all.as_ref(), Some(&expected), "after version {last}");
        }
    }
    stores.stop().await;
}

/// A writer that fell asleep with old figures in hand must not bring them back, not even where newer ones
/// look like those before.
#[tokio::test]
async fn old_figures_that_come_late_change_nothing() {
    let stores = Stores::start().await;
    let insights = Insights::new(&stores.clients);
    let day = day("1", "2025-10-28");
    for (version, receipts) in [(1, 1), (3, 1), (2, 2)] {
        insights.write_day(&day, version, &of(receipts)).await.unwrap();
        insights.roll_up(std::slice::from_ref(&day)).await.unwrap();
    }
    for (scope, period) in [
        (outlet("1"), Period::Day(day.1)),
        (Scope::All, Period::Day(day.1)),
        (Scope::All, Period::Month(Month::of(day.1))),
    ] {
        assert_eq!(read(&insights, &scope, period).await, Some(of(1)));
    }
    stores.stop().await;
}
