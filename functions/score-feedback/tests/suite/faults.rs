//! Killed at any call, a run ends like one that was not, once its records come again.

use crate::support::{DATE, Shop, answer_record, day, place, receipt, refunded, said};
use domain::customer::OutletDay;
use domain::feedback::Answer;
use domain::insight::Insight;
use serde_json::Value;
use testkit::faults::Plan;

/// What the tables say of an outlet's day, ids and versions aside.
#[derive(Debug, PartialEq)]
struct Picture {
    figures: Insight,
    reversed: Vec<bool>,
    /// The cases: which telling each is, and whether it has its mail. A telling has one mail at most.
    cases: Vec<Option<(u32, bool)>>,
}

const NATIVES: [&str; 3] = ["a", "b", "c"];

async fn picture(shop: &Shop, today: &OutletDay) -> Picture {
    let (mut reversed, mut cases) = (Vec::new(), Vec::new());
    for native in NATIVES {
        let place = place(today, native);
        reversed.push(shop.answer(&place).await.reversed);
        let case = shop.case(&place).await;
        let mailed = match &case {
            Some(case) => shop.is_mailed(case).await,
            None => false,
        };
        cases.push(case.map(|case| (case.revision, mailed)));
    }
    Picture {
        figures: shop.day(today).await,
        reversed,
        cases,
    }
}

/// A day with a case, and then: a refund, a changed low rating and a new one.
async fn trouble(shop: &Shop, today: &OutletDay) -> Vec<Value> {
    let sold = || receipt(None, &["Soto", "Es Teh"]);
    let mut records = vec![shop.sell(today, &NATIVES.map(|native| (native, sold()))).await];
    for (native, stars) in NATIVES.into_iter().zip([5, 2, 4]) {
        let told = said(1, stars, &[("Soto", stars)], None);
        records.push(shop.rate(&place(today, native), &told).await);
    }
    shop.deliver(&records).await;
    let refund = shop.sell(today, &[("a", refunded(sold()))]).await;
    let lower = shop
        .rate(&place(today, "b"), &said(2, 1, &[("Soto", 1)], None))
        .await;
    let low = shop
        .rate(&place(today, "c"), &said(2, 4, &[("Es Teh", 2)], Some("encer")))
        .await;
    vec![lower, refund, low]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_any_call_ends_like_one_that_was_not() {
    let shop = Shop::open().await;
    let today = day("moka-1", DATE);
    let records = trouble(&shop, &today).await;
    shop.world.faults.set(Plan::None);
    shop.try_deliver(&records, &shop.faulty).await.unwrap();
    let calls = shop.world.faults.calls();
    let wanted = picture(&shop, &today).await;
    assert_eq!(wanted.reversed, [true, false, false]);
    assert_eq!(wanted.cases, [None, Some((2, true)), Some((1, true))]);
    let mut days = vec![today];
    let plans = (0..calls).flat_map(|n| [Plan::CrashBefore(n), Plan::CrashAfter(n), Plan::LoseAnswer(n)]);
    for (case, plan) in (2..).zip(plans) {
        let today = day(&format!("moka-{case}"), DATE);
        let records = trouble(&shop, &today).await;
        shop.world.faults.set(plan);
        let cut_short = shop.try_deliver(&records, &shop.faulty).await;
        let said_so = cut_short.map_or(true, |again| !again.is_empty());
        // Whoever was told that all is done does not come again.
        if said_so {
            shop.deliver(&records).await;
        }
        assert_eq!(picture(&shop, &today).await, wanted, "{plan:?}");
        shop.deliver(&records).await;
        assert_eq!(picture(&shop, &today).await, wanted, "{plan:?}, twice");
        days.push(today);
    }
    shop.assert_tree(&days).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_side_by_side_end_like_one_after_another() {
    let shop = Shop::open().await;
    let days: Vec<OutletDay> = (0..4).map(|n| day(&format!("moka-{n}"), DATE)).collect();
    let mut records = Vec::new();
    for today in &days {
        records.extend(trouble(&shop, today).await);
    }
    // Every run gets all records, each in an order of its own.
    let runs = (0..4).map(|run| {
        let mut records = records.clone();
        records.rotate_left(run * 3);
        let shop = &shop;
        async move {
            while shop
                .try_deliver(&records, &shop.deps)
                .await
                .map_or(true, |again| !again.is_empty())
            {}
        }
    });
    futures::future::join_all(runs).await;
    for today in &days {
        let found = picture(&shop, today).await;
        assert_eq!(found.reversed, [true, false, false]);
        assert_eq!(found.cases, [None, Some((2, true)), Some((1, true))]);
    }
    // The marks are changes as well, whose records come later.
    let mut marks = Vec::new();
    for today in &days {
        let marked: Vec<Answer> = shop.deps.feedback.of_day(today).await.unwrap();
        marks.extend(marked.iter().map(answer_record));
    }
    shop.deliver(&marks).await;
    shop.assert_tree(&days).await;
}
