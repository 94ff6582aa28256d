//! Guests of the small shop: one who is known under two ids, and somebody else with the same phone number.

use aws::customers::{Customers, StoredCustomer};
use aws::feedback::Feedback;
use aws::habits::{Habits, StoredHabit};
use aws::kin::KinBooks;
use aws::requests::Requests;
use aws::sales::Sales;
use domain::customer::{Customer, Fact, Profile, Visit};
use domain::feedback::consent::given;
use domain::feedback::{Answer, Said};
use domain::habit::{Habit, HabitDay, Rated};
use domain::kin::{Evidence, Joining, KinBook};
use domain::money::Money;
use domain::quantity::Quantity;
use domain::receipt::{Head, Item, Line, Lines, OrderType, Rank, Ranked, Receipt, Status};
use domain::receipt_id::ReceiptId;
use domain::rights::Request;
use domain::when::TimeQuality;
use edge::people::People;

use super::seed::{self, date, rupiah};
use super::{NOON_MS, Shop};

/// The guest's id at one till, and at another.
pub const SITI: &str = "OYAKO_MOKA_17";
pub const SITI_TOO: &str = "OYAKO_MOKA_18";
/// Somebody with the same number.
pub const BUDI: &str = "OYAKO_MOKA_19";
/// The receipt that Siti rated, and its number on paper.
pub const RECEIPT: &str = "moka-7_20251027_R17";
pub const ON_PAPER: &str = "moka-7 2025-10-27 53L8YFC";
/// What is personal of them: it may stand on their own pages and nowhere else.
pub const NAME: &str = "Siti Rahma";
pub const PHONE: &str = "+6281234509876";
pub const PHONE_TYPED: &str = "0812-3450-9876";
pub const EMAIL: &str = "siti.rahma@example.com";
pub const WORDS: &str = "Kuahnya terlalu asin, kata Siti";
const DAY_MS: i64 = 86_400_000;

fn fact(value: &str) -> Option<Fact> {
    Some(Fact {
        told_ms: NOON_MS - DAY_MS,
        value: value.to_owned(),
    })
}

fn customer(name: &str, email: Option<&str>, visits: u32) -> Customer {
    let visit = Visit {
        page_version: 1,
        visits,
        total: rupiah(83_200 * i64::from(visits)),
    };
    let day = ("moka-7".to_owned(), date("2025-10-27"));
    Customer {
        profile: Profile {
            name: fact(name),
            phone: fact(PHONE),
            email: email.and_then(fact),
            phone_problem: None,
        },
        days: [(day, visit)].into(),
        ..Customer::default()
    }
}

/// A receipt of one dish that Siti bought.
fn bought() -> Receipt {
    let rank = Rank {
        authority: 2,
        revised_ms: 0,
    };
    let head = Head {
        number: Some("53L8YFC".to_owned()),
        at_ms: NOON_MS - DAY_MS,
        quality: TimeQuality::Offset,
        status: Status::Paid,
        order_type: OrderType::DineIn,
        customer: Some(SITI.to_owned()),
        table: None,
        method: None,
        gross: None,
        net: None,
        service: None,
        tax: None,
        rounding: None,
        total: Some(rupiah(83_200)),
        refunded: Money::ZERO,
    };
    let line = Line {
        item: Item {
            name: "Ramen Ayam".to_owned(),
            rateable: true,
            ..Item::default()
        },
        qty: Quantity::ONE,
        refunded_qty: Quantity::ZERO,
        gross: rupiah(83_200),
        net: rupiah(83_200),
        voided: false,
        rating: None,
        modifiers: Vec::new(),
    };
    Receipt {
        head: Some(Ranked { rank, value: head }),
        lines: Lines::Whole(Ranked {
            rank,
            value: vec![line],
        }),
        ..Receipt::default()
    }
}

/// What Siti said of it, with or without consent to be contacted.
pub async fn rate(shop: &Shop, consents: bool) -> Answer {
    let said = Said {
        at_ms: NOON_MS - DAY_MS + 3_600_000,
        told_ms: NOON_MS - DAY_MS + 3_600_000,
        overall: Some(2),
        dishes: [].into(),
        recommend: None,
        comment: Some(WORDS.to_owned()),
        consent: consents.then(|| given("id")),
        language: Some("id".to_owned()),
        suspect: false,
    };
    let place = ReceiptId::parse(RECEIPT).unwrap();
    let answer = Answer::new(place, Some(SITI.to_owned()), NOON_MS - DAY_MS);
    let mut answer = answer.with_guest(said).unwrap();
    answer.version = 1;
    Feedback::new(&shop.world.clients).put(&answer, 0).await.unwrap();
    answer
}

/// Stores the guests, their receipt, what is known of their habits, and who is one person with whom.
pub async fn all(shop: &Shop) {
    let clients = &shop.world.clients;
    seed::outlet(shop, "moka-7", "Oyako Kemang").await;
    let people = [
        (SITI, customer(NAME, Some(EMAIL), 1)),
        (SITI_TOO, customer(NAME, Some(EMAIL), 2)),
        (BUDI, customer("Budi Hartono", None, 1)),
    ];
    let stored = people.map(|(id, customer)| {
        let version = 0;
        (id.to_owned(), StoredCustomer { customer, version })
    });
    let customers = Customers::new(clients);
    customers.phone_key([7; 32]).await.unwrap();
    assert!(customers.write(&stored).await.unwrap().is_empty());

    let sales = Sales::new(clients);
    let day = ("moka-7".to_owned(), date("2025-10-27"));
    let mut page = sales.read_page(&day).await.unwrap().unwrap_or_default();
    page.receipts.insert("R17".to_owned(), bought());
    sales.write_page(&day, &page).await.unwrap();

    let eaten = HabitDay {
        page_version: 1,
        dishes: [("Ramen Ayam".to_owned(), 1)].into(),
        said: vec![Rated {
            overall: Some(2),
            dishes: Vec::new(),
        }],
    };
    let habit = Habit {
        days: [(day, eaten)].into(),
    };
    let habit = [(SITI.to_owned(), StoredHabit { habit, version: 0 })];
    assert!(Habits::new(clients).write(&habit).await.unwrap().is_empty());
    join(shop).await;
}

async fn join(shop: &Shop) {
    let clients = &shop.world.clients;
    let key = Customers::new(clients).phone_key([7; 32]).await.unwrap();
    let mut book = KinBook::default();
    for id in [SITI, SITI_TOO, BUDI] {
        book.meet(id);
    }
    let joining = Joining {
        with: SITI.to_owned(),
        customer: SITI_TOO.to_owned(),
        evidence: Evidence::SameEmail,
    };
    let joinings = [joining];
    book.join(&joinings, NOON_MS - DAY_MS);
    KinBooks::new(clients)
        .join(
            &key.short_hash(PHONE),
            &book,
            &joinings,
            "sync-nightly",
            NOON_MS - DAY_MS,
        )
        .await
        .unwrap();
}

/// A shop with these guests.
pub async fn shop() -> Shop {
    let shop = Shop::start().await;
    all(&shop).await;
    shop
}

/// Notes a request by form; answers its page.
pub async fn note(shop: &Shop, fields: &[(&str, &str)]) -> String {
    let noted = shop.post("approver", "/dashboard/people/requests", fields).await;
    noted.is(303).headers["location"].to_str().unwrap().to_owned()
}

/// The request of a page, as it is stored.
pub async fn stored(shop: &Shop, page: &str) -> Request {
    let id = page.rsplit('/').next().unwrap();
    let requests = Requests::new(&shop.world.clients);
    requests.get(id).await.unwrap().unwrap()
}

/// What the function that carries out requests does with it.
pub async fn carry_out(shop: &Shop, page: &str) {
    let people = People::new(&shop.world.clients);
    let id = page.rsplit('/').next().unwrap();
    let done = people
        .carry_out(id, "honour-rights", NOON_MS + 3_600_000)
        .await
        .unwrap();
    assert!(done.unwrap().is_over());
}
