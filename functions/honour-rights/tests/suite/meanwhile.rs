//! A guest who answers and an export that comes in while somebody is erased: nothing of it outlives the erasure.

use crate::support::guest::Guest;
use crate::support::held::while_held;
use crate::support::{NEVER, NOW_MS, Shop, day, record, said};
use domain::customer::OutletDay;
use domain::rights::{Kind, Request, State};
use serde_json::{Value, json};
use testkit::faults::{Plan, tried};

/// The number of a guest whose telephone number no till would refuse.
const FIRST: u32 = 47_351_000;

async fn asked(shop: &Shop, number: u32) -> (Guest, Request) {
    let guest = shop.guest(FIRST + number).await;
    let request = shop
        .ask((&number.to_string(), Kind::Erasure), &[&guest.native], None)
        .await;
    (guest, request)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_says_while_they_are_erased_goes_with_the_rest() {
    let shop = Shop::open().await;
    let (_, alone) = asked(&shop, 0).await;
    let calls = shop.calls_of(&alone).await;
    let held_at = tried(calls, 12);
    let mut taken = 0;
    for (number, call) in (1..).zip(held_at.iter().copied()) {
        let (guest, request) = asked(&shop, number).await;
        let records = [record(&request)];
        let erasure = shop.deliver(&records, &shop.faulty);
        let answers = async {
            let late = said(NOW_MS, 4, "Ini Rahmawati lagi");
            shop.say(&guest.wordless, Some(&guest.native), late).await;
            let customer = shop.deps.customers.find(&guest.native).await.unwrap();
            customer.unwrap().is_erased()
        };
        let (_, was_erased) = while_held(&shop.world.faults, call, erasure, answers).await;
        assert_eq!(shop.see_through(&request).await.state, State::Done);
        let has_words = shop.answer(&guest.wordless).await.has_words();
        // What they say of themselves when they are erased already is said anew.
        assert!(!has_words || was_erased, "call {call}");
        taken += usize::from(!has_words);
    }
    assert!(taken > held_at.len() / 2, "{taken} of {}", held_at.len());
    shop.world.stop().await;
}

/// What a till exports of the guest's second id: a sale at an outlet that is new to them, with words.
fn export(guest: &Guest) -> (OutletDay, String, Vec<u8>) {
    let outlet = guest.day.0.replace("moka", "pos");
    let key = format!("incoming/{outlet}/a.json");
    let rows = json!([{
        "Nama_Pelanggan": "Rahmawati Kusumaningrum", "NoHP_Pelanggan": guest.phone,
        "Tanggal_Order": "2026-11-22 12:00:00", "Total_Harga": 10_000, "Nama_Menu": "Soto",
        "Isi_Laporan": "1 - asin, kata Rahmawati",
    }]);
    (day(&outlet, "2026-11-22"), key, rows.to_string().into_bytes())
}

/// Nothing names the guest, and the sale is there.
async fn is_gone(shop: &Shop, guest: &Guest, sold: &OutletDay, call: u64) {
    for id in guest.ids() {
        let customer = shop.deps.customers.find(id).await.unwrap().unwrap();
        assert!(customer.is_erased(), "call {call}: {customer:?}");
    }
    let buyer = shop.deps.customers.find(&guest.by_phone).await.unwrap().unwrap();
    assert_eq!(buyer.days[sold].visits, 1, "call {call}");
    let answers = shop.deps.feedback.of_day(sold).await.unwrap();
    assert_eq!(answers.len(), 1, "call {call}");
    assert!(!answers[0].has_words(), "call {call}: {answers:?}");
    assert_eq!(answers[0].effective().dishes.len(), 1, "call {call}");
}

async fn ingest(message: &Value, deps: &ingest_sales::Deps) -> bool {
    let answer = ingest_sales::handle(message.clone(), NEVER, deps).await;
    answer.is_ok_and(|answer| answer.batch_item_failures.is_empty())
}

async fn deps(clients: &aws::Clients) -> ingest_sales::Deps {
    let deps = ingest_sales::Deps::with_clients(clients.clone(), [7; 32], testkit::metrics());
    deps.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_comes_in_while_somebody_is_erased_does_not_bring_them_back() {
    let shop = Shop::open().await;
    let till = deps(&shop.world.clients).await;
    let (_, alone) = asked(&shop, 0).await;
    let calls = shop.calls_of(&alone).await;
    for (number, call) in (1..).zip(tried(calls, 12)) {
        let (guest, request) = asked(&shop, number).await;
        let (sold, key, bytes) = export(&guest);
        let message = shop.world.put_and_announce(&key, bytes).await;
        let records = [record(&request)];
        let erasure = shop.deliver(&records, &shop.faulty);
        let (_, taken) = while_held(&shop.world.faults, call, erasure, ingest(&message, &till)).await;
        assert!(taken, "call {call}");
        assert_eq!(shop.see_through(&request).await.state, State::Done);
        is_gone(&shop, &guest, &sold, call).await;
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_held_anywhere_while_somebody_is_erased_does_not_bring_them_back() {
    let shop = Shop::open().await;
    let till = deps(&shop.world.faulty).await;
    let alone = shop.guest(FIRST).await;
    let (_, key, bytes) = export(&alone);
    let message = shop.world.put_and_announce(&key, bytes).await;
    shop.world.faults.set(Plan::None);
    assert!(ingest(&message, &till).await);
    let calls = shop.world.faults.calls();
    assert!(calls > 10, "{calls}");
    for (number, call) in (1..).zip(tried(calls, 12)) {
        let (guest, request) = asked(&shop, number).await;
        let (sold, key, bytes) = export(&guest);
        let message = shop.world.put_and_announce(&key, bytes).await;
        let erasure = shop.see_through(&request);
        let (taken, done) = while_held(&shop.world.faults, call, ingest(&message, &till), erasure).await;
        assert_eq!(done.state, State::Done, "call {call}");
        if !taken {
            // The queue hands it out again.
            shop.world.faults.set(Plan::None);
            assert!(ingest(&message, &till).await, "call {call}");
        }
        is_gone(&shop, &guest, &sold, call).await;
    }
    shop.world.stop().await;
}
