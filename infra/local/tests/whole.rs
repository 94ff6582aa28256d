//! The whole set as a shop runs it: the real programs, a kill in the middle of a file, and a look for people's names
//! in everything that was written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "support/shop.rs"]
mod shop;

use std::path::Path;

use serde_json::{Value, json};
use shop::{Shop, eventually};

/// Names and numbers that stand in the exports and may stand nowhere else but in the customers table.
const MARKERS: [&str; 4] = [
    "Zulaikha Penandawati",
    "Zulaikha",
    "87755512345",
    "0877-5551-2345",
];
const RECEIPTS: u32 = 20_000;

fn payment(number: u32) -> Value {
    let at = format!(
        "2025-10-{:02}T{:02}:{:02}:00.000+07:00",
        1 + number % 25,
        10 + number % 11,
        number % 60
    );
    let customer = if number.is_multiple_of(50) {
        json!(163_124)
    } else {
        Value::Null
    };
    let known = |text: &str| {
        if customer.is_null() {
            Value::Null
        } else {
            json!(text)
        }
    };
    json!({
        "id": format!("00000000-0000-4000-8000-{number:012}"), "payment_no": format!("N{number}"),
        "created_at": at, "updated_at": at, "outlet_id": 100_818, "customer_id": customer,
        "customer_name": known(MARKERS[0]), "customer_phone": known(MARKERS[3]),
        "total_item_price_amount": 10_000, "subtotal": 10_000, "total_collected": 10_000,
        "checkouts": [{ "item_id": 1, "item_name": "Ayam Bakar", "quantity": 1, "gross_sales": 10_000, "net_sales": 10_000 }],
    })
}

fn page(payments: &[Value]) -> Vec<u8> {
    json!({ "data": { "payments": payments } })
        .to_string()
        .into_bytes()
}

/// Every byte of every file below a folder.
fn all_bytes(folder: &Path, into: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all_bytes(&path, into);
        } else {
            into.extend(std::fs::read(path).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_file_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let shop = Shop::start(&data).await;
    let sales: Vec<Value> = (1..=RECEIPTS).map(payment).collect();
    shop.drop_in("besar sekali+é.json", &page(&sales));
    // Somewhere in the middle: the file is being read, and some of its days are in the store.
    eventually("some days are stored", || async {
        let (status, _) = shop.get("/v1/outlets/moka-100818/days/2025-10-05").await;
        (status != 404).then_some(())
    })
    .await;
    assert_ne!(
        shop.export("incoming/besar sekali+é.json").await["state"],
        "done",
        "the kill comes in time"
    );
    shop.kill();

    let shop = Shop::start(&data).await;
    let export = shop.done("incoming/besar sekali+é.json").await;
    assert_eq!(export["state"], "done");
    assert_eq!(
        (export["received"].as_u64(), export["stored"].as_u64()),
        (Some(20_000), Some(20_000))
    );
    let mut receipts = 0;
    for day in 1..=25 {
        let (status, day) = shop
            .get(&format!("/v1/outlets/moka-100818/days/2025-10-{day:02}"))
            .await;
        assert_eq!((status, day["total"].as_str()), (200, Some("8000000")));
        receipts += day["receipts"].as_u64().unwrap();
    }
    assert_eq!(receipts, u64::from(RECEIPTS));
    let (_, customer) = shop.get("/v1/customers/OYAKO_MOKA_163124").await;
    assert_eq!(
        (customer["visits"].as_u64(), customer["total"].as_str()),
        (Some(400), Some("4000000"))
    );
    assert_eq!(
        (customer["name"].as_str(), customer["phone"].as_str()),
        (Some(MARKERS[0]), Some("+6287755512345"))
    );
    assert_eq!(shop.get("/v1/audit/verify").await.1["ok"], true);

    // One mail about a file with refused records, and no name or number in anything but the export and the table.
    let mut bad = payment(RECEIPTS + 50);
    bad["total_collected"] = json!("rusak");
    bad["customer_id"] = json!(163_124);
    bad["customer_name"] = json!(MARKERS[0]);
    bad["customer_phone"] = json!(87_755_512_345_u64);
    shop.drop_in("rusak.json", &page(&[bad]));
    let refused = shop.done("incoming/rusak.json").await;
    assert_eq!(
        (refused["quarantined"].as_u64(), refused["stored"].as_u64()),
        (Some(1), Some(0))
    );
    eventually("a mail", || async {
        std::fs::read_dir(data.join("mail")).ok()?.next().map(drop)
    })
    .await;
    let (_, quarantine) = shop.get("/v1/quarantine").await;
    let shown = quarantine.to_string();
    let mut written = shown.into_bytes();
    all_bytes(&data.join("logs"), &mut written);
    all_bytes(&data.join("mail"), &mut written);
    let written = String::from_utf8_lossy(&written);
    assert!(written.contains("export.ingested"), "the logs are there");
    for marker in MARKERS {
        assert!(!written.contains(marker), "{marker} stands where it must not");
    }
    shop.kill();
}

/// What the mails that were sent show, as HTML.
fn letters(data: &Path) -> impl Iterator<Item = String> {
    let files = std::fs::read_dir(data.join("mail")).into_iter().flatten();
    files.filter_map(|file| {
        let mail: Value = serde_json::from_slice(&std::fs::read(file.ok()?.path()).ok()?).ok()?;
        Some(mail["html"].as_str()?.to_owned())
    })
}

/// Yesterday, where the shop is: a day whose guests can still answer.
#[allow(
    clippy::disallowed_methods,
    reason = "the functions under test read the clock too"
)]
fn yesterday() -> String {
    let now = std::time::SystemTime::now();
    let seconds = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let moment = jiff::Timestamp::from_second(seconds.try_into().unwrap()).unwrap();
    let today = moment.in_tz("Asia/Jakarta").unwrap().date();
    today.yesterday().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guest_says_becomes_a_figure_and_a_low_score_a_mail() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::start(&folder.path().join("data")).await;
    let day = yesterday();
    let mut sale = payment(7);
    for field in ["created_at", "updated_at"] {
        sale[field] = json!(format!("{day}T12:00:00.000+07:00"));
    }
    shop.drop_in("kemarin.json", &page(&[sale]));
    assert_eq!(shop.done("incoming/kemarin.json").await["stored"], 1);

    let (_, links) = shop
        .get(&format!("/v1/links?outlet=moka-100818&date={day}"))
        .await;
    let link = links["items"][0]["url"].as_str().unwrap();
    let html = |request: reqwest::RequestBuilder| async {
        let reply = request.header("accept", "text/html").send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    };
    let (status, form) = html(shop.client.get(link)).await;
    assert_eq!((status, form.contains("Ayam Bakar")), (200, true));
    for comment in ["Asin", "<script>alert(1)</script>"] {
        let fields = [
            ("overall", "2"),
            ("d0", "1"),
            ("comment", comment),
            ("lang", "id"),
        ];
        assert_eq!(
            html(shop.client.post(link).form(&fields)).await.0,
            200,
            "{comment}"
        );
    }

    let asked = format!("/v1/satisfaction?outlet=moka-100818&from={day}&to={day}");
    let letter = eventually("a letter about the case", || async {
        letters(&shop.data).find(|letter| letter.contains("/dashboard/cases/moka-100818/case_"))
    })
    .await;
    // The second answer is the first one, revised.
    let counted = json!([1, 1, null]);
    eventually("the answer is counted", || async {
        let figures = shop.get(&asked).await.1["figures"].take();
        let [answered, comments, low] = ["answered", "comments", "low"].map(|name| figures[name].clone());
        (json!([answered, comments, low]) == counted).then_some(())
    })
    .await;
    assert!(!letter.contains("<script>"), "a guest's words stay words");
    shop.kill();
}
