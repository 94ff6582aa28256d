//! Top-ups of a shop, as the other functions leave them: a partner, a product, a deposit, and orders on their way.

use aws::topups::{Catalogue, KeyUse, Taken, Topups};
use domain::topup::books::Books;
use domain::topup::change::{Around, Change};
use domain::topup::intake::{Wish, taken};
use domain::topup::number::{Operator, Prefixes};
use domain::topup::order::{Order, Review};
use domain::topup::partner::{CutoffChoice, Partner};
use domain::topup::product::{Breaker, Kind, Product};
use domain::topup::refid;
use domain::topup::reply::{Balance, Failure, Outcome, Reply};
use domain::topup::rupiah::Rupiah;
use domain::topup::step::{self, Answer, Rules};
use domain::topup::window::wib_date;

use super::{NOON_MS, Shop};

pub const PARTNER: &str = "kios-1";
/// A number, as it is on the way and masked.
pub const NUMBER: &str = "081234567890";
pub const MASKED: &str = "****7890";
pub const SERIAL: &str = "R251028.1200.21A77F";
const PRICE: i64 = 11_500;
const COST: i64 = 10_450;
const LEASE_MS: i64 = 100_000;

pub fn store(shop: &Shop) -> Topups {
    Topups::new(&shop.world.clients, 400)
}

pub fn catalogue(shop: &Shop) -> Catalogue {
    Catalogue::new(&shop.world.clients)
}

pub fn product() -> Product {
    Product {
        code: "S10".to_owned(),
        name: "Telkomsel 10.000".to_owned(),
        kind: Kind::Pulsa,
        operator: Some(Operator::Telkomsel),
        cost: Rupiah::new(COST),
        price: Rupiah::new(PRICE),
        active: true,
        repeatable: false,
        breaker: Breaker::default(),
        version: 0,
    }
}

/// A shop that sells top-ups.
pub async fn shop() -> Shop {
    let shop = Shop::start().await;
    open(&shop).await;
    shop
}

/// What a page has to say.
#[track_caller]
pub fn told(answer: &super::Answer, words: &[&str]) {
    let main = answer.is(200).main();
    for words in words {
        assert!(main.contains(words), "{words}: {main}");
    }
}

/// A partner, a product, and a deposit of a million.
pub async fn open(shop: &Shop) {
    let partner = Partner {
        id: PARTNER.to_owned(),
        name: "Kios <b>Satu</b>".to_owned(),
        active: true,
        products: None,
        daily_cap: Rupiah::new(1_000_000),
        per_minute: 60,
        cutoff: CutoffChoice::Refuse,
        webhook: None,
        secret: 0,
        signs_from: 0,
        secret_ms: 0,
        version: 0,
    };
    let catalogue = catalogue(shop);
    catalogue.put_partner(&partner, "test", NOON_MS).await.unwrap();
    catalogue.put_product(&product(), "test", NOON_MS).await.unwrap();
    says(shop, 1_000_000).await;
}

/// The supplier says what is on deposit.
pub async fn says(shop: &Shop, rupiah: i64) {
    let books: Books = store(shop).books().await.unwrap();
    let left = Balance::Left(Rupiah::new(rupiah));
    let (books, entry) = books.said(NOON_MS, None, &left, Rupiah::ZERO);
    store(shop).said(&books, &entry.unwrap(), &[]).await.unwrap();
}

/// An order that was taken, for the number that ends in these digits.
async fn taken_for(shop: &Shop, ending: u32, reference: &str) -> String {
    let (topups, catalogue) = (store(shop), catalogue(shop));
    let ending = ending.to_string();
    let dest = format!("{}{ending}", &NUMBER[..NUMBER.len() - ending.len()]);
    let (partner, product) = (catalogue.partner(PARTNER), catalogue.product("S10"));
    let (partner, product) = (partner.await.unwrap().unwrap(), product.await.unwrap().unwrap());
    let day = topups.day(PARTNER, wib_date(NOON_MS)).await.unwrap();
    let wish = Wish {
        partner: &partner,
        product: &product,
        destination: &topups.destination(&dest).await.unwrap(),
        dest,
        books: &topups.books().await.unwrap(),
        waiting: topups.waiting().await.unwrap(),
        used_today: day.used(),
        prefixes: &Prefixes::built_in(),
        force_operator: false,
        max_price: None,
        deposit_min: Rupiah::ZERO,
        now_ms: NOON_MS,
    };
    let id = refid(NOON_MS, ending.parse::<u64>().unwrap().to_be_bytes());
    let change = taken(&wish, id.clone(), Some(reference.to_owned()), None);
    let key_hash = format!("{ending:0>64}");
    let key = KeyUse {
        partner: PARTNER,
        key_hash: &key_hash,
        body_hash: "body",
    };
    assert_eq!(topups.take(&change, &key, 10_000_000).await.unwrap(), Taken::New);
    id
}

/// An order for the number whose last digit is given, sent to the supplier.
pub async fn sent(shop: &Shop, number: u8) -> String {
    let id = taken_for(shop, number.into(), &format!("nota-{number}")).await;
    step(shop, &id, |around| {
        step::sending(around, LEASE_MS, NOON_MS).unwrap()
    })
    .await;
    id
}

/// So many orders that wait to be sent.
pub async fn waiting(shop: &Shop, count: u32) -> Vec<String> {
    let mut orders = Vec::new();
    for ending in (1_000..).take(count as usize) {
        orders.push(taken_for(shop, ending, "nota").await);
    }
    orders
}

/// An order that waits to be sent, with a reference of its partner's.
pub async fn noted(shop: &Shop, reference: &str) -> String {
    taken_for(shop, 999, reference).await
}

/// The order as it is stored.
pub async fn stored(shop: &Shop, refid: &str) -> Order {
    store(shop).get(refid).await.unwrap().unwrap()
}

/// A step that another function takes.
pub async fn step(shop: &Shop, refid: &str, of: impl Fn(&Around) -> Change) {
    let around = store(shop).around(refid).await.unwrap().unwrap();
    store(shop).commit(&of(&around), &[]).await.unwrap();
}

/// What the supplier answers.
pub async fn answered(shop: &Shop, refid: &str, outcome: Outcome) {
    let (outcome, rules) = (&outcome, Rules::default());
    step(shop, refid, |around| {
        let reply = Reply {
            trxid: "77".to_owned(),
            product: around.order.product.clone(),
            dest: around.order.dest.clone(),
            refid: around.order.refid.clone(),
            outcome: outcome.clone(),
            balance: Balance::Unreadable,
        };
        let text = domain::topup::mask::text(&domain::topup::reply::write(&reply, ""));
        step::answered(around, &Answer::Reply(reply), Some(text), &rules, NOON_MS)
    })
    .await;
}

/// An order that nobody knows the end of, for people to find out.
pub async fn handed_over(shop: &Shop, number: u8) -> String {
    let id = sent(shop, number).await;
    answered(shop, &id, Outcome::Accepted).await;
    step(shop, &id, |around| {
        step::handed_over(around, Review::StillPending, NOON_MS).unwrap()
    })
    .await;
    id
}

/// An order that was delivered, and one that failed.
pub async fn delivered(shop: &Shop, number: u8) -> String {
    let id = sent(shop, number).await;
    let sn = SERIAL.to_owned();
    answered(shop, &id, Outcome::Success { sn }).await;
    id
}

pub async fn failed(shop: &Shop, number: u8) -> String {
    let id = sent(shop, number).await;
    answered(shop, &id, Outcome::Failed(Failure::NotProcessable)).await;
    id
}

/// The supplier reports by itself.
pub async fn reported(shop: &Shop, refid: &str, says: bool) {
    let rules = Rules::default();
    step(shop, refid, |around| {
        step::reported(around, Some("fingerprint"), Some(says), None, NOON_MS, &rules).unwrap()
    })
    .await;
}
