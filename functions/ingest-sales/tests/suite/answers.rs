//! What an export says of visits ends in answers, once, and in no page.

use crate::support::{Shop, page, payment};
use domain::customer::OutletDay;
use domain::feedback::{Answer, Said, Source};
use serde_json::{Value, json};
use testkit::faults::Plan;

const DATE: &str = "2025-10-28";

fn day(outlet: &str, date: &str) -> OutletDay {
    (outlet.to_owned(), date.parse().unwrap())
}

async fn answers(shop: &Shop, day: &OutletDay) -> Vec<Answer> {
    shop.deps.feedback.of_day(day).await.unwrap()
}

/// A record of the seven fields.
fn row(customer: u32, menu: &str, report: &Value) -> Value {
    json!({
        "ID_Pelanggan": customer.to_string(), "Nama_Pelanggan": "Rina", "NoHP_Pelanggan": "081255500101",
        "Tanggal_Order": format!("2025-10-28 12:{customer:02}:00"), "Total_Harga": 30_000, "Nama_Menu": menu,
        "Isi_Laporan": report,
    })
}

fn file() -> Vec<u8> {
    let rows = [
        row(1, "Soto Ayam", &json!("4 - agak asin")),
        row(2, "Es Teh", &json!("kurang dingin")),
        row(3, "Es Teh", &json!(null)),
        row(4, "Soto Ayam", &json!("2")),
    ];
    Value::from(rows.to_vec()).to_string().into_bytes()
}

/// Comment, stars of the only dish, and version of each answer.
fn told(answers: &[Answer]) -> Vec<(Option<String>, Option<u8>, u64)> {
    let told = answers.iter().map(|answer| {
        let said = answer.effective();
        (said.comment, said.dishes.values().next().copied(), answer.version)
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

fn wanted() -> Vec<(Option<String>, Option<u8>, u64)> {
    vec![
        (None, Some(2), 1),
        (Some("agak asin".to_owned()), Some(4), 1),
        (Some("kurang dingin".to_owned()), None, 1),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_the_seven_fields_end_in_answers_and_in_no_page() {
    let shop = Shop::open().await;
    let sample = testkit::world::repository().join("samples/tujuh-kolom-2025-10-26.json");
    let bytes = std::fs::read(sample).unwrap();
    let records: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
    let words = "Sambalnya kurang pedas";
    let export = shop.take("incoming/tujuh.json", bytes).await;
    let refused = shop.refused("incoming/tujuh.json").await;
    let is_refused = |ordinal: u64| refused.iter().any(|piece| piece.ordinal == Some(ordinal));
    let said = (0..).zip(&records);
    let said = said.filter(|(ordinal, record)| record["Isi_Laporan"].is_string() && !is_refused(*ordinal));
    let said = said.count();
    let (outlet, date) = export.days[0].clone();
    let answers = answers(&shop, &(outlet.clone(), date)).await;
    assert_eq!(answers.len(), said);
    let answer = answers
        .iter()
        .find(|answer| answer.effective().comment.as_deref() == Some(words))
        .unwrap();
    assert_eq!(answer.effective().source, Some(Source::Pos));
    let stored = shop.deps.sales.read_page(&(outlet, date)).await.unwrap().unwrap();
    let receipt = &stored.receipts[&answer.place.native];
    let head = &receipt.head.as_ref().unwrap().value;
    assert!(answer.customer.is_some() && answer.customer == head.customer);
    assert_eq!(answer.order_at_ms, head.at_ms);
    let packed = format!("{:?}", stored.receipts);
    assert!(packed.contains("Pisang Goreng") && !packed.contains("Sambalnya"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_words_again_change_nothing_and_other_ones_are_taken() {
    let shop = Shop::open().await;
    let today = day("pos-1", DATE);
    for key in ["incoming/pos-1/a.json", "incoming/pos-1/b.json"] {
        shop.take(key, file()).await;
        assert_eq!(told(&answers(&shop, &today).await), wanted(), "{key}");
    }
    let changed = [row(1, "Soto Ayam", &json!("5 - sudah enak"))];
    shop.take("incoming/pos-1/c.json", Value::from(changed.to_vec()).to_string())
        .await;
    let found = answers(&shop, &today).await;
    let changed: Vec<&Answer> = found.iter().filter(|answer| answer.version == 2).collect();
    assert!(
        matches!(changed[..], [answer] if answer.effective().comment.unwrap().contains("sudah enak")),
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guest_s_own_page_stands_before_the_export() {
    let shop = Shop::open().await;
    let today = day("pos-1", DATE);
    shop.take("incoming/pos-1/a.json", file()).await;
    let words = Some("kurang dingin");
    let known = answers(&shop, &today).await;
    let known = known
        .iter()
        .find(|known| known.effective().comment.as_deref() == words);
    let known = known.unwrap();
    // The guest answers on the page, and then the next night's export tells the same again.
    let said = Said {
        overall: Some(5),
        comment: Some("sudah diganti".to_owned()),
        ..Said::default()
    };
    let answered = known.with_guest(said).unwrap();
    shop.deps.feedback.put(&answered, known.version).await.unwrap();
    shop.take("incoming/pos-1/b.json", [file(), b"\n".to_vec()].concat())
        .await;
    let answer = shop.deps.feedback.get(&known.place).await.unwrap().unwrap();
    assert_eq!(answer.version, known.version + 1, "no news");
    assert_eq!(answer.effective().comment.as_deref(), Some("sudah diganti"));
    assert_eq!(answer.pos, known.pos);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_at_any_call_leaves_no_word_behind() {
    let shop = Shop::open().await;
    let message = shop.world.put_and_announce("incoming/pos-1/a.json", file()).await;
    shop.world.faults.set(Plan::None);
    assert!(shop.deliver(&message, &shop.faulty).await);
    let calls = shop.world.faults.calls();
    assert_eq!(told(&answers(&shop, &day("pos-1", DATE)).await), wanted());
    let plans = (0..calls).flat_map(|n| [Plan::CrashBefore(n), Plan::CrashAfter(n), Plan::LoseAnswer(n)]);
    for (case, plan) in (2..).zip(plans) {
        let key = format!("incoming/pos-{case}/a.json");
        let message = shop.world.put_and_announce(&key, file()).await;
        shop.world.faults.set(plan);
        shop.deliver(&message, &shop.faulty).await;
        // The message comes again until it is worked off, and once more after that.
        for _ in 0..2 {
            assert!(shop.deliver(&message, &shop.deps).await, "{plan:?}");
        }
        let found = told(&answers(&shop, &day(&format!("pos-{case}"), DATE)).await);
        assert_eq!(found, wanted(), "{plan:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_side_by_side_lose_no_word() {
    let shop = Shop::open().await;
    let mut messages = Vec::new();
    for worker in 0..6_u32 {
        // Each tells of one receipt that all tell of, and of one of its own.
        let rows = [
            row(1, "Soto Ayam", &json!("3 - asin")),
            row(10 + worker, "Es Teh", &json!("4")),
        ];
        let rows = Value::from(rows.to_vec()).to_string();
        let key = format!("incoming/pos-1/{worker}.json");
        messages.push(shop.world.put_and_announce(&key, rows).await);
    }
    let workers = messages
        .iter()
        .map(|message| async { while !shop.deliver(message, &shop.deps).await {} });
    futures::future::join_all(workers).await;
    let found = told(&answers(&shop, &day("pos-1", DATE)).await);
    assert_eq!(found.len(), 7, "{found:?}");
    assert!(
        found.contains(&(Some("asin".to_owned()), Some(3), 1)),
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_notes_when_its_sales_came_in_and_with_which_file() {
    let shop = Shop::open().await;
    let today = day("moka-100818", DATE);
    let first = shop.take("incoming/a.json", page(&[payment(1, 1, 1_000)])).await;
    let second = shop.take("incoming/b.json", page(&[payment(2, 2, 1_000)])).await;
    // What is known already comes in without a change.
    shop.take("incoming/c.json", page(&[payment(1, 1, 1_000)])).await;
    let arrivals = shop.deps.sales.arrivals(&[today]).await.unwrap();
    let arrival = arrivals[0].as_ref().unwrap();
    assert_eq!(arrival.first_received_ms, Some(first.received_ms));
    assert_eq!(arrival.last_received_ms, Some(second.received_ms));
    assert_eq!(arrival.export, Some((second.id, second.etag)));
}
