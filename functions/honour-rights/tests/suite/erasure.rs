//! After an erasure nothing that is stored names the person, and everything else is as it was.

use std::collections::BTreeMap;

use crate::support;
use crate::support::traces::{NATIVE, figures, score, shop_with_traces, take, traces};
use crate::support::{Shop, place};
use domain::rights::{Kind, Refusal, State};
use serde_json::json;
use testkit::faults::{Plan, tried};
use testkit::search::Texts;

/// Items of which nothing may change when the guest is erased.
fn untouched(all: &Texts, by_phone: &str) -> Texts {
    let of_guest = |key: &str| {
        key.starts_with("DutiesTable")
            || key.contains(" Some(\"A#") && key.starts_with("Operations")
            || key.contains("I#rights")
            || key.contains(NATIVE)
            || key.contains(by_phone)
            || key.contains("\"H#")
            || key.contains("\"Z#")
            || (key.starts_with("FeedbackTable") && (key.contains("\"A#") || key.contains("\"X#")))
    };
    let rest = all.iter().filter(|(key, _)| !of_guest(key));
    rest.map(|(key, text)| (key.clone(), text.clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_stored_names_an_erased_person_and_all_else_is_as_it_was() {
    let (shop, days, by_phone) = shop_with_traces().await;
    shop.send_mail().await;
    let letters = shop.mailbox();
    assert!(
        letters.values().any(|letter| letter.contains("Terlalu asin")),
        "the letter about the low rating is part of what is searched: {letters:?}"
    );
    let before = shop.everything().await;
    // The search finds what is to go: in profiles, words, earlier words, notes, and a correction that waits.
    let hidden = traces(&before);
    assert!(hidden.len() >= 7, "{hidden:?}");
    for table in [
        "CustomersTable Some(\"C#",
        "CustomersTable Some(\"Z#",
        "FeedbackTable",
    ] {
        let places = hidden.values().flatten();
        assert!(places.clone().any(|place| place.starts_with(table)), "{table}");
    }
    let was = figures(&shop, &days).await;
    let budi = place(&days[0], "00000000-0000-4000-8000-000000000003");
    let budi = shop.answer(&budi).await;
    let done = shop
        .carry_out(&shop.ask(("erase", Kind::Erasure), &[NATIVE], None).await)
        .await;
    assert_eq!(done.state, State::Done);
    let mut both = [NATIVE.to_owned(), by_phone.clone()];
    both.sort();
    assert_eq!(done.customers, both);
    let counts = json!({
        "customers": 2, "profiles": 2, "habits": 2, "kin": 2, "answers": 2, "cases": 1,
    });
    let proof = done.proof.unwrap();
    assert_eq!(serde_json::to_value(&proof.counts).unwrap(), counts);
    assert!(proof.audit.is_some());

    let after = shop.everything().await;
    assert_eq!(traces(&after), BTreeMap::new());
    assert_eq!(untouched(&after, &by_phone), untouched(&before, &by_phone));
    assert_eq!(shop.answer(&budi.place).await, budi);
    // What the streams make of it is the same figures.
    score(&shop, &days).await;
    shop.send_mail().await;
    assert_eq!(figures(&shop, &days).await, was);
    assert_eq!(traces(&shop.everything().await), BTreeMap::new());
    let waits = shop.request("req_waits").await;
    assert_eq!(
        (waits.state, waits.refusal),
        (State::Refused, Some(Refusal::NothingKnown))
    );
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_exports_again_do_not_bring_an_erased_person_back() {
    let (shop, days, by_phone) = shop_with_traces().await;
    let was = figures(&shop, &days).await;
    shop.carry_out(&shop.ask(("erase", Kind::Erasure), &[NATIVE], None).await)
        .await;
    let known = |id: String| {
        let customers = shop.deps.customers.clone();
        async move { customers.find(&id).await.unwrap().unwrap() }
    };
    let before = [known(NATIVE.to_owned()).await, known(by_phone.clone()).await];
    assert!(
        before
            .iter()
            .all(|customer| customer.profile.is_empty() && customer.visits() > 0)
    );
    take(&shop, 2).await;
    score(&shop, &days).await;
    assert_eq!([known(NATIVE.to_owned()).await, known(by_phone).await], before);
    assert_eq!(figures(&shop, &days).await, was);
    assert_eq!(traces(&shop.everything().await), BTreeMap::new());
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_day_without_a_paid_visit_go_too() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let other = support::day("moka-9", "2026-11-21");
    let mut voided = support::guest::receipt(Some(&guest.native), "Soto");
    voided.head.as_mut().unwrap().value.status = domain::receipt::Status::Voided;
    shop.sell(&other, [("v".to_owned(), voided)].into()).await;
    let page = shop.sales.read_page(&other).await.unwrap().unwrap();
    let named = domain::customer::visits_of(&page.receipts, page.version);
    // As ingestion notes it.
    let mut known = shop
        .deps
        .customers
        .read(std::slice::from_ref(&guest.native))
        .await
        .unwrap();
    let mut stored = known.remove(&guest.native).unwrap();
    assert!(stored.customer.set_day(&other, named[&guest.native]));
    let written = [(guest.native.clone(), stored)];
    assert!(shop.deps.customers.write(&written).await.unwrap().is_empty());
    let place = place(&other, "v");
    let batal = support::said(support::NOW_MS - support::DAY_MS, 1, "batal, saya Rahmawati");
    shop.say(&place, None, batal).await;
    let done = shop
        .carry_out(&shop.ask(("erase", Kind::Erasure), &[&guest.native], None).await)
        .await;
    assert_eq!(done.proof.unwrap().counts["answers"], 3);
    assert!(!shop.answer(&place).await.has_words());
    assert_eq!(traces(&shop.everything().await).get("Rahmawati"), None);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_an_erasure_is_cut_short_goes_with_the_rest() {
    let shop = Shop::open().await;
    let erase = async |number: u32, deps: &honour_rights::Deps| {
        let request = shop.request(&format!("req_{number}")).await;
        shop.deliver(&[support::record(&request)], deps).await
    };
    let ordered = async |number: u32| {
        let guest = shop.guest(number).await;
        shop.ask((&number.to_string(), Kind::Erasure), &[&guest.native], None)
            .await;
        guest
    };
    ordered(1).await;
    shop.world.faults.set(Plan::None);
    erase(1, &shop.faulty).await.unwrap();
    let calls = shop.world.faults.calls();
    for (number, call) in (2..).zip(tried(calls, 12)) {
        let guest = ordered(number).await;
        shop.world.faults.set(Plan::CrashAfter(call));
        let cut_short = erase(number, &shop.faulty).await;
        shop.world.faults.set(Plan::None);
        if cut_short.is_ok() {
            continue;
        }
        if shop.request(&format!("req_{number}")).await.state == State::Done {
            continue;
        }
        let late = support::said(support::NOW_MS - 1, 4, "Ini Rahmawati lagi");
        shop.say(&guest.wordless, None, late).await;
        let known = async || shop.deps.customers.find(&guest.native).await.unwrap().unwrap();
        let customer = known().await;
        // Who is erased and has left their books is met by no night; until then one at work may still write.
        if !customer.is_erased() || !customer.former_numbers.is_empty() {
            let mut book = shop.kin.read(&guest.hash).await.unwrap();
            book.meet(&guest.native);
            shop.kin.write(&guest.hash, &book).await.unwrap();
        }
        erase(number, &shop.deps).await.unwrap();
        assert!(!shop.answer(&guest.wordless).await.has_words(), "call {call}");
        assert!(known().await.former_numbers.is_empty(), "call {call}");
        let book = shop.kin.read(&guest.hash).await.unwrap();
        assert!(book.members.is_empty(), "call {call}");
    }
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_leaves_the_book_of_a_former_number_and_is_not_found_under_it_before() {
    let shop = Shop::open().await;
    let guest = shop.guest(1).await;
    let key = shop.deps.customers.phone_key([7; 32]).await.unwrap();
    let mut known = shop
        .deps
        .customers
        .read(std::slice::from_ref(&guest.native))
        .await
        .unwrap();
    let mut stored = known.remove(&guest.native).unwrap();
    stored.customer.profile.phone.as_mut().unwrap().value = "+6281355557777".to_owned();
    assert!(stored.customer.remember_number(Some(&guest.phone), &key));
    let written = [(guest.native.clone(), stored)];
    assert!(shop.deps.customers.write(&written).await.unwrap().is_empty());
    // Somebody else's request under the old number is not about them.
    let others = shop
        .deps
        .people
        .with_kin(std::slice::from_ref(&guest.by_phone))
        .await
        .unwrap();
    assert_eq!(others, std::slice::from_ref(&guest.by_phone));
    let done = shop
        .carry_out(&shop.ask(("erase", Kind::Erasure), &[&guest.native], None).await)
        .await;
    assert_eq!(done.customers, std::slice::from_ref(&guest.native));
    let book = shop.kin.read(&guest.hash).await.unwrap();
    assert_eq!(book.members.keys().collect::<Vec<_>>(), [&guest.by_phone]);
    shop.world.stop().await;
}
