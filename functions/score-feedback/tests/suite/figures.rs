//! Answers and sales go in, figures come out, whatever order their records come in.

use crate::support::{
    DATE, NOON_MS, Shop, answer_record, day, day_record, place, receipt, refunded, said, voided,
};
use domain::insight::{Month, Period, Scope};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_is_joined_to_its_receipt_menu_variant_outlet_and_customer() {
    let shop = Shop::open().await;
    let today = day("moka-1", DATE);
    let sold = receipt(Some("OYAKO_MOKA_7"), &["Soto/Pedas", "Soto/Biasa", "Es Teh"]);
    let sale = shop
        .sell(&today, &[("a", sold), ("b", receipt(None, &["Soto/Pedas"]))])
        .await;
    let place = place(&today, "a");
    let rated = shop
        .rate(
            &place,
            &said(30, 5, &[("Soto/Pedas", 3), ("Es Teh", 4)], Some("enak")),
        )
        .await;
    shop.deliver(&[sale, rated]).await;
    let found = shop.day(&today).await;
    assert_eq!(
        (found.receipts, found.answerable, found.answered, found.comments),
        (2, 2, 1, 1)
    );
    assert_eq!(found.overall.counts, [0, 0, 0, 0, 1]);
    let soto = &found.menus["Soto"];
    assert_eq!((soto.receipts, soto.stars.counts), (2, [0, 0, 1, 0, 0]));
    assert_eq!(soto.variants["Pedas"].stars.n(), 1);
    assert_eq!(soto.variants["Biasa"].stars.n(), 0, "not asked about, not rated");
    assert_eq!(found.menus["Es Teh"].stars.counts, [0, 0, 0, 1, 0]);
    assert_eq!(
        shop.answer(&place).await.customer.as_deref(),
        Some("OYAKO_MOKA_7")
    );
    shop.assert_tree(&[today]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_given_back_or_voided_takes_its_answer_along_and_brings_it_back() {
    let shop = Shop::open().await;
    let today = day("moka-1", DATE);
    let place = place(&today, "a");
    let sold = receipt(Some("OYAKO_MOKA_7"), &["Soto"]);
    let sale = shop.sell(&today, &[("a", sold.clone())]).await;
    let rated = shop.rate(&place, &said(1, 4, &[("Soto", 5)], None)).await;
    shop.deliver(&[sale, rated]).await;
    assert_eq!(shop.day(&today).await.overall.n(), 1);
    for gone in [refunded(sold.clone()), voided(sold.clone())] {
        let record = shop.sell(&today, &[("a", gone)]).await;
        shop.deliver(std::slice::from_ref(&record)).await;
        assert!(shop.answer(&place).await.reversed);
        let found = shop.day(&today).await;
        assert_eq!((found.overall.n(), found.answered, found.reversed), (0, 0, 1));
        // The mark is a change of the answer, which comes by as a record and changes nothing more.
        let marked = shop.answer(&place).await;
        shop.deliver(&[answer_record(&marked), record]).await;
        assert_eq!(shop.answer(&place).await, marked);

        let record = shop.sell(&today, &[("a", sold.clone())]).await;
        shop.deliver(&[record]).await;
        assert!(!shop.answer(&place).await.reversed);
        let found = shop.day(&today).await;
        assert_eq!((found.overall.n(), found.reversed), (1, 0));
        assert_eq!(found.menus["Soto"].stars.n(), 1);
    }
    shop.assert_tree(&[today]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_receipt_is_gone_is_reversed_until_it_is_back() {
    let shop = Shop::open().await;
    let today = day("moka-1", DATE);
    let sold = receipt(Some("OYAKO_MOKA_7"), &["Soto"]);
    let both = [("a", sold.clone()), ("b", sold.clone())];
    let mut records = vec![shop.sell(&today, &both).await];
    for native in ["a", "b"] {
        let place = place(&today, native);
        records.push(shop.rate(&place, &said(1, 4, &[("Soto", 5)], None)).await);
    }
    // A page that was opened and not answered has nothing to take back.
    let seen = |known: &domain::feedback::Answer| domain::feedback::Answer {
        opened_ms: Some(NOON_MS),
        ..known.clone()
    };
    records.push(shop.say(seen, &place(&today, "c")).await);
    shop.deliver(&records).await;

    let moved = shop.take_away(&today, "a").await;
    shop.deliver(&[moved]).await;
    let gone = shop.answer(&place(&today, "a")).await;
    assert!(gone.reversed);
    assert_eq!(
        gone.customer.as_deref(),
        Some("OYAKO_MOKA_7"),
        "still whose it was"
    );
    for native in ["b", "c"] {
        assert!(!shop.answer(&place(&today, native)).await.reversed, "{native}");
    }
    let found = shop.day(&today).await;
    assert_eq!((found.answered, found.reversed), (1, 1));
    shop.deliver(&[answer_record(&gone)]).await;
    assert_eq!(
        shop.answer(&gone.place).await,
        gone,
        "the mark changes nothing more"
    );

    let back = shop.sell(&today, &[("a", sold)]).await;
    shop.deliver(&[back]).await;
    assert!(!shop.answer(&gone.place).await.reversed);
    let found = shop.day(&today).await;
    assert_eq!((found.answered, found.reversed), (2, 0));
    shop.assert_tree(&[today]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_of_the_sale_is_followed_by_its_answer() {
    let shop = Shop::open().await;
    let today = day("moka-1", DATE);
    let place = place(&today, "a");
    // The export's own rating came before the sale: only rows of it were there.
    let rated = shop
        .say(|known| known.with_pos(said(0, 3, &[("Soto", 3)], None)), &place)
        .await;
    shop.deliver(&[rated]).await;
    assert_eq!(shop.day(&today).await.reversed, 1, "of a sale that is not known");
    let mut sold = receipt(Some("OYAKO_MOKA_1"), &["Soto"]);
    for customer in ["OYAKO_MOKA_1", "OYAKO_MOKA_2"] {
        let head = &mut sold.head.as_mut().unwrap().value;
        (head.customer, head.at_ms) = (Some(customer.to_owned()), NOON_MS + 5);
        let record = shop.sell(&today, &[("a", sold.clone())]).await;
        shop.deliver(&[record]).await;
        let answer = shop.answer(&place).await;
        assert_eq!(
            (answer.customer.as_deref(), answer.order_at_ms, answer.reversed),
            (Some(customer), NOON_MS + 5, false)
        );
    }
    let found = shop.day(&today).await;
    assert_eq!((found.answered, found.by_guest, found.reversed), (1, 0, 0));
    assert_eq!(found.menus["Soto"].stars.n(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn outlets_and_days_add_up() {
    let shop = Shop::open().await;
    let days = [
        day("moka-1", DATE),
        day("moka-2", DATE),
        day("majoo-pusat", DATE),
        day("moka-1", "2025-10-31"),
        day("moka-1", "2025-11-01"),
    ];
    let mut records = Vec::new();
    for (day, overall) in days.iter().zip([1, 3, 4, 5, 5]) {
        records.push(shop.sell(day, &[("a", receipt(None, &["Soto"]))]).await);
        let told = said(1, overall, &[("Soto", overall)], None);
        records.push(shop.rate(&place(day, "a"), &told).await);
    }
    shop.deliver(&records).await;
    shop.assert_tree(&days).await;
    let october = Period::Month(Month::of(days[0].1));
    assert_eq!(
        shop.insight(&Scope::All, october).await.overall.counts,
        [1, 0, 1, 1, 1]
    );
    let today = shop.insight(&Scope::All, Period::Day(days[0].1)).await;
    assert_eq!((today.receipts, today.menus["Soto"].stars.n()), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_records_again_write_nothing() {
    let shop = Shop::open().await;
    let today = day("moka-1", DATE);
    let sale = shop.sell(&today, &[("a", receipt(None, &["Soto"]))]).await;
    let rated = shop
        .rate(&place(&today, "a"), &said(1, 1, &[("Soto", 1)], Some("asin")))
        .await;
    let records = [sale, rated];
    shop.deliver(&records).await;
    let meter = shop.deps.clients.meter();
    let (figures, before) = (shop.day(&today).await, meter.read());
    shop.deliver(&records).await;
    let refused = meter.read().since(before);
    assert_eq!(shop.day(&today).await, figures);
    // A write that finds something newer in its place changes nothing, and is paid for all the same.
    assert!(refused.write_units() <= 7, "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_can_not_be_read_comes_again_and_takes_no_other_day_along() {
    let shop = Shop::open().await;
    let (first, second) = (day("moka-1", DATE), day("moka-2", DATE));
    let mut records = Vec::new();
    for day in [&first, &second] {
        records.push(shop.sell(day, &[("a", receipt(None, &["Soto"]))]).await);
    }
    let broken = json!({ "dynamodb": {
        "NewImage": { "kind": { "S": "answer" }, "doc": { "S": "{\"of\":\"another version\"}" } },
    } });
    records.insert(1, broken.clone());
    let again = shop.try_deliver(&records, &shop.deps).await.unwrap();
    assert_eq!(again, ["101"], "and with it all that came after it");
    shop.assert_tree(&[first, second]).await;

    let failure = shop.try_deliver(&[broken], &shop.deps).await.unwrap_err();
    assert_eq!(failure.code(), "SCORE_NOTHING_DONE");
    let failure = score_feedback::handle(json!({}), &shop.deps).await.unwrap_err();
    assert_eq!(failure.code(), "SCORE_NOT_A_BATCH");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_anything_else_are_passed_over() {
    let shop = Shop::open().await;
    let keys =
        |pk: &str, sk: &str| json!({ "dynamodb": { "Keys": { "pk": { "S": pk }, "sk": { "S": sk } } } });
    let others = [
        keys("O#moka-1", "P#2025-10-28"),
        keys("O#moka-1", "P#2025-10-28#01"),
        keys("O#moka-1", "S#2025-10-28#1"),
        keys("O#moka-1", "S#yesterday"),
        keys("G#all", "D#2025-10-28"),
        json!({ "dynamodb": { "NewImage": { "kind": { "S": "case" }, "doc": { "S": "{}" } } } }),
        json!({}),
    ];
    let before = shop.deps.clients.meter().read();
    shop.deliver(&others).await;
    assert_eq!(shop.deps.clients.meter().read().since(before).requests, 0);
    // A day of which nothing is stored leaves nothing behind.
    let nothing = day("moka-9", DATE);
    shop.deliver(&[day_record(&nothing)]).await;
    let scope = Scope::Outlet(nothing.0);
    let found = shop.deps.insights.read(&scope, &Period::Day(nothing.1)).await;
    assert_eq!(found.unwrap(), None);
}

/// What happens in a shop: a guest rates, a sale is corrected, given back or voided.
#[derive(Clone, Debug)]
struct Step {
    outlet: u8,
    native: u8,
    what: What,
    /// Of all records so far, which are delivered after it.
    delivered: Vec<prop::sample::Index>,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Sold(bool),
    Refunded,
    Voided,
    Rated(u8),
    RatedAtTheTill(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let what = prop_oneof![
        any::<bool>().prop_map(What::Sold),
        Just(What::Refunded),
        Just(What::Voided),
        (1..=5_u8).prop_map(What::Rated),
        (1..=5_u8).prop_map(What::RatedAtTheTill),
    ];
    let delivered = prop::collection::vec(any::<prop::sample::Index>(), 0..3);
    let step = (0..3_u8, 0..3_u8, what, delivered).prop_map(|(outlet, native, what, delivered)| Step {
        outlet,
        native,
        what,
        delivered,
    });
    prop::collection::vec(step, 5..25)
}

async fn take(shop: &Shop, case: u32, minute: i64, step: &Step) -> Value {
    let today = day(&format!("moka-{case}{}", step.outlet), DATE);
    let native = format!("r{}", step.native);
    let of = |variant: bool| {
        receipt(
            None,
            if variant {
                &["Soto/Pedas", "Es Teh"]
            } else {
                &["Soto/Pedas"]
            },
        )
    };
    let receipt = match step.what {
        What::Sold(both) => of(both),
        What::Refunded => refunded(of(true)),
        What::Voided => voided(of(true)),
        What::Rated(stars) => {
            let told = said(minute, stars, &[("Soto/Pedas", stars), ("Es Teh", 3)], None);
            let told = |known: &domain::feedback::Answer| {
                known.with_guest(told.clone()).unwrap_or_else(|_| known.clone())
            };
            return shop.say(told, &place(&today, &native)).await;
        }
        What::RatedAtTheTill(stars) => {
            let told = said(minute, stars, &[("Es Teh", stars)], Some("kurang manis"));
            let told = |known: &domain::feedback::Answer| known.with_pos(told.clone());
            return shop.say(told, &place(&today, &native)).await;
        }
    };
    shop.sell(&today, &[(&native, receipt)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn any_order_and_repetition_of_records_ends_in_the_figures_of_what_is_stored() {
    let shop = Shop::open().await;
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let mut days = std::collections::BTreeSet::new();
    for case in 1..=12_u32 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        let mut records: Vec<Value> = Vec::new();
        for (minute, step) in (0..).zip(&steps) {
            records.push(take(&shop, case, minute, step).await);
            days.insert(day(&format!("moka-{case}{}", step.outlet), DATE));
            // Some records come at once, others late, some twice, in any order.
            let some: Vec<Value> = step.delivered.iter().map(|at| at.get(&records).clone()).collect();
            shop.deliver(&some).await;
        }
        // Each record comes at least once after its change; the last of them come last here.
        let every: Vec<Value> = steps
            .iter()
            .flat_map(|step| &step.delivered)
            .map(|at| at.get(&records).clone())
            .chain(records.iter().rev().cloned())
            .collect();
        for batch in every.chunks(7) {
            shop.deliver(batch).await;
        }
    }
    let days: Vec<_> = days.into_iter().collect();
    shop.assert_tree(&days).await;
}
