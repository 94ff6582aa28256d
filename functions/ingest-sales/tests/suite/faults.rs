//! Killed at any call, told twice, told in any order, told at once: the tables end the same.

use crate::support;
use crate::support::{Shop, at_outlet, bought_by, page, payment, revised};
use domain::export::ExportState;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use testkit::faults::Plan;

const DATE: &str = "2025-10-28";

/// Two files of an outlet: the second corrects, voids and moves customers of the first.
fn two_files(outlet: u32) -> (Vec<u8>, Vec<u8>) {
    let sale = |n: u32| at_outlet(bought_by(payment(n, n, 10_000 * n), 1 + n % 4), outlet);
    let first: Vec<Value> = (1..9).map(sale).collect();
    let mut second = vec![
        revised(sale(1), 1, 99_000),
        bought_by(revised(sale(2), 2, 20_000), 9),
        sale(3),
    ];
    let mut void = revised(sale(4), 3, 40_000);
    void["is_deleted"] = true.into();
    second.push(void);
    second.push(at_outlet(payment(50, 50, 5_000), outlet));
    let mut broken = sale(5);
    broken["total_collected"] = "abc".into();
    second.push(broken);
    (page(&first), page(&second))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_any_call_ends_like_one_that_was_not() {
    let shop = Shop::open().await;
    let (first, second) = two_files(1);
    shop.take("incoming/a/1.json", first.clone()).await;
    let message = shop
        .world
        .put_and_announce("incoming/a/2.json", second.clone())
        .await;
    shop.world.faults.set(Plan::None);
    assert!(shop.deliver(&message, &shop.faulty).await);
    let calls = shop.world.faults.calls();
    let undisturbed = shop.export("incoming/a/2.json").await;
    let wanted = shop.picture("moka-1", DATE).await;
    assert_eq!(undisturbed.counts.stored, 4);
    assert_eq!(
        (undisturbed.counts.unchanged, undisturbed.counts.quarantined),
        (1, 1)
    );

    let plans = (0..calls).flat_map(|n| [Plan::CrashBefore(n), Plan::CrashAfter(n), Plan::LoseAnswer(n)]);
    for (case, plan) in (2..).zip(plans) {
        let (first, second) = two_files(case);
        shop.take(&format!("incoming/{case}/1.json"), first).await;
        let key = format!("incoming/{case}/2.json");
        let message = shop.world.put_and_announce(&key, second).await;
        shop.world.faults.set(plan);
        shop.deliver(&message, &shop.faulty).await;
        // The message comes again until it is worked off, and once more after that.
        assert!(shop.deliver(&message, &shop.deps).await, "{plan:?}");
        assert!(shop.deliver(&message, &shop.deps).await, "{plan:?}");
        let export = shop.export(&key).await;
        assert_eq!(export.state, ExportState::Done, "{plan:?}");
        assert_eq!(export.counts, undisturbed.counts, "{plan:?}");
        assert_eq!(export.sums, undisturbed.sums, "{plan:?}");
        let picture = shop.picture(&format!("moka-{case}"), DATE).await;
        assert_eq!(picture, wanted, "{plan:?}");
        assert_eq!(shop.refused(&key).await.len(), 1, "{plan:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_again_cost_one_read_and_change_nothing() {
    let shop = Shop::open().await;
    let (first, _) = two_files(1);
    let message = shop.world.put_and_announce("incoming/a/1.json", first).await;
    shop.deliver(&message, &shop.deps).await;
    let before = (
        shop.deps.clients.meter().read(),
        shop.picture("moka-1", DATE).await,
    );
    let reads = shop.deps.clients.meter().read();
    shop.deliver(&message, &shop.deps).await;
    let after = shop.deps.clients.meter().read();
    assert_eq!(after.requests - reads.requests, 1);
    assert_eq!(after.write_milli, before.0.write_milli);
    assert!(after.read_milli - reads.read_milli <= 1000);
    assert_eq!(shop.picture("moka-1", DATE).await, before.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_receipts_in_another_file_change_nothing() {
    let shop = Shop::open().await;
    let (first, _) = two_files(1);
    shop.take("incoming/a/1.json", first.clone()).await;
    let before = shop.picture("moka-1", DATE).await;
    let mut spaced = first;
    spaced.extend_from_slice(b"\n\n");
    let export = shop.take("incoming/a/other name.json", spaced).await;
    assert_eq!((export.counts.stored, export.counts.unchanged), (0, 8));
    assert_eq!(shop.picture("moka-1", DATE).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_on_one_day_lose_nothing() {
    let shop = Shop::open().await;
    let mut messages = Vec::new();
    for worker in 0..6_u32 {
        let sales = (0..20)
            .map(|n| bought_by(payment(worker * 100 + n, n, 1_000), 1 + n % 3))
            .collect::<Vec<_>>();
        messages.push(
            shop.world
                .put_and_announce(&format!("incoming/w/{worker}.json"), page(&sales))
                .await,
        );
    }
    let workers = messages
        .iter()
        .map(|message| async { while !shop.deliver(message, &shop.deps).await {} });
    futures::future::join_all(workers).await;
    let day = shop.day("moka-100818", DATE).await;
    assert_eq!(
        (day.receipts, day.figures.total.to_string()),
        (120, "120000".to_owned())
    );
    let visits = shop.picture("moka-100818", DATE).await;
    assert!(format!("{visits:?}").contains("OYAKO_MOKA_3"));
    let customer = shop.deps.customers.find("OYAKO_MOKA_1").await.unwrap().unwrap();
    assert_eq!(
        (customer.visits(), customer.total().unwrap().to_string()),
        (42, "42000".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_read_a_record_a_run_ends_like_one_read_at_once() {
    let shop = Shop::open().await;
    let (_, second) = two_files(1);
    let whole = shop.take("incoming/a/2.json", second).await;
    let wanted = shop.picture("moka-1", DATE).await;
    let (_, second) = two_files(2);
    let message = shop.world.put_and_announce("incoming/b/2.json", second).await;
    // The deadline has passed before the run begins: it takes one record and hands over.
    ingest_sales::handle(message, 1, &shop.deps).await.unwrap();
    let mut runs = 1;
    while !shop.export("incoming/b/2.json").await.is_final() {
        let export = shop.export("incoming/b/2.json").await;
        ingest_sales::run::go_on(export, 1, &shop.deps).await.unwrap();
        runs += 1;
        assert!(runs < 50, "each run makes progress");
    }
    let pieced = shop.export("incoming/b/2.json").await;
    assert!(runs > 5);
    assert_eq!(
        (pieced.counts, pieced.sums, pieced.rejected),
        (whole.counts, whole.sums, whole.rejected)
    );
    assert_eq!(shop.picture("moka-2", DATE).await, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_a_file_comes_back_to_is_counted_once_in_one_run_and_in_many() {
    let shop = Shop::open().await;
    // Three times over the same twenty-two days of two outlets: more days than the entry lists.
    let mut sales = Vec::new();
    for number in 0..3 * 44 {
        let mut sale = at_outlet(payment(number, 1, 1_000), 1 + number % 2);
        sale["created_at"] = format!("2025-10-{:02}T12:00:00.000+07:00", 1 + number / 2 % 22).into();
        sale["updated_at"] = sale["created_at"].clone();
        sales.push(sale);
    }
    let whole = shop.take("incoming/days/1.json", page(&sales)).await;
    assert_eq!((whole.days_total, whole.days.len()), (44, 40));
    let key = "incoming/days/2.json";
    let mut spaced = page(&sales);
    spaced.push(b'\n');
    let message = shop.world.put_and_announce(key, spaced).await;
    ingest_sales::handle(message, 1, &shop.deps).await.unwrap();
    while !shop.export(key).await.is_final() {
        let export = shop.export(key).await;
        ingest_sales::run::go_on(export, 1, &shop.deps).await.unwrap();
    }
    let pieced = shop.export(key).await;
    assert!(pieced.runs > 100, "{} runs", pieced.runs);
    assert_eq!((pieced.days_total, pieced.days.len()), (44, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_permutation_repetition_and_split_of_files_gives_the_same_tables() {
    let shop = Shop::open().await;
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    let strategy = proptest::collection::vec((0..12_usize, 0..4_u32), 1..30);
    let mut wanted = None;
    for case in 1..=12_u32 {
        let revisions: Vec<Value> = (1..12)
            .flat_map(|n| {
                let sale = at_outlet(bought_by(payment(n, n, 1_000 * n), 1 + n % 5), case);
                [
                    sale.clone(),
                    revised(sale.clone(), n, 2_000 * n),
                    revised(sale, n + 20, 3_000 * n),
                ]
            })
            .collect();
        // Some order of all revisions, some of them twice, cut into files at some places.
        let draws = proptest::strategy::ValueTree::current(
            &proptest::strategy::Strategy::new_tree(&strategy, &mut runner).unwrap(),
        );
        let mut order: Vec<usize> = (0..revisions.len()).collect();
        for (index, (at, _)) in draws.iter().enumerate() {
            let length = order.len();
            order.swap((index * 7) % length, (at * 5) % length);
            order.push(order[*at]);
        }
        let size = 1 + usize::try_from(case).unwrap() * 2 % 9;
        for (file, chunk) in order.chunks(size).enumerate() {
            let sales: Vec<Value> = chunk.iter().map(|at| revisions[*at].clone()).collect();
            shop.take(&format!("incoming/p{case}/{file}.json"), page(&sales))
                .await;
        }
        let picture = shop.picture(&format!("moka-{case}"), DATE).await;
        assert_eq!(
            &picture,
            wanted.get_or_insert(picture_of(&shop, case).await),
            "case {case}"
        );
    }
}

async fn picture_of(shop: &Shop, case: u32) -> support::Picture {
    shop.picture(&format!("moka-{case}"), DATE).await
}
