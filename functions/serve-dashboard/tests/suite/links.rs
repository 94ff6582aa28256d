//! The codes of a day: what is shown and printed, to whom, and what it costs.

use crate::support::seed::{self, HOSTILE, date, rupiah};
use crate::support::{NOON_MS, Shop, URL};
use aws::feedback::Feedback;
use aws::outlets::Outlets;
use aws::sales::Sales;
use domain::money::Money;
use domain::outlet::Outlet;
use domain::quantity::Quantity;
use domain::receipt::{Head, Item, Line, Lines, OrderType, Rank, Ranked, Receipt, Status};
use domain::when::TimeQuality;
use edge::qr::Code;
use serde_json::{Value, json};

const DAY: &str = "/dashboard/links?outlet=moka-7&date=2025-10-27";
const DAY_MS: i64 = 86_400_000;

/// A receipt of one dish, sold some minutes after noon the day before.
fn sold(number: &str, minutes: i64, status: Status) -> Receipt {
    let rank = Rank {
        authority: 2,
        revised_ms: 0,
    };
    let head = Head {
        number: Some(number.to_owned()),
        at_ms: NOON_MS - DAY_MS + minutes * 60_000,
        quality: TimeQuality::Offset,
        status,
        order_type: OrderType::DineIn,
        customer: None,
        table: None,
        method: None,
        gross: None,
        net: None,
        service: None,
        tax: None,
        rounding: None,
        total: None,
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
        gross: rupiah(38_000),
        net: rupiah(38_000),
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

/// Stores an outlet's sales of 2025-10-27.
async fn sell(shop: &Shop, outlet: &str, receipts: impl IntoIterator<Item = (String, Receipt)>) {
    let sales = Sales::new(&shop.world.clients);
    let day = (outlet.to_owned(), date("2025-10-27"));
    let mut stored = sales.read_page(&day).await.unwrap().unwrap_or_default();
    stored.receipts.extend(receipts);
    sales.write_page(&day, &stored).await.unwrap();
}

/// Receipts in every standing but `expired`, in this order.
async fn sell_one_of_each(shop: &Shop) {
    seed::outlet(shop, "moka-7", "Oyako Kemang").await;
    let mut refunded = sold("5", 5, Status::Paid);
    refunded.head.as_mut().unwrap().value.refunded = rupiah(38_000);
    let mut incomplete = sold("0", 0, Status::Paid);
    incomplete.head = None;
    let receipts = [
        ("incomplete", incomplete),
        ("open", sold(HOSTILE, 1, Status::Paid)),
        ("answered", sold("2", 2, Status::Paid)),
        ("spent", sold("3", 3, Status::Paid)),
        ("unpaid", sold("4", 4, Status::Unpaid)),
        ("refunded", refunded),
        ("voided", sold("6", 6, Status::Voided)),
    ];
    sell(
        shop,
        "moka-7",
        receipts.map(|(name, receipt)| (name.to_owned(), receipt)),
    )
    .await;
    seed::answer(shop, "moka-7", "answered", 5, None).await;
    let mut old = seed::answer(shop, "moka-7", "spent", 5, None).await;
    old.guest.as_mut().unwrap().at_ms = NOON_MS - 3 * DAY_MS - 1;
    old.version = 2;
    Feedback::new(&shop.world.clients).put(&old, 1).await.unwrap();
}

fn items(document: &Value) -> &Vec<Value> {
    document["items"].as_array().unwrap()
}

#[tokio::test]
async fn each_receipt_of_a_day_stands_there_with_its_link() {
    let shop = Shop::start().await;
    sell_one_of_each(&shop).await;
    let document = shop.get("operator", &format!("{DAY}&format=json")).await;
    let told: Vec<_> = items(&document.is(200).json)
        .iter()
        .map(|item| (item["standing"].as_str().unwrap(), item["url"].is_null()))
        .collect();
    let expected = [
        ("incomplete", false),
        ("open", false),
        ("answered", false),
        ("spent", false),
        ("unpaid", false),
        ("refunded", true),
        ("voided", true),
    ];
    assert_eq!(told, expected);
    let open = &items(&document.json)[1];
    let url = open["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{URL}/r/")), "{url}");
    let expected = json!({
        "receipt": "moka-7_20251027_open", "no": HOSTILE, "at": "2025-10-27T12:01:00.000+07:00",
        "total": "38000", "standing": "open", "url": url, "expires": "2025-11-26",
    });
    assert_eq!(*open, expected);
    let again = shop.get("limited", &format!("{DAY}&format=json")).await;
    assert_eq!(again.json, document.json, "a receipt has one link, whoever asks");
    let table = shop.get("operator", &format!("{DAY}&format=csv")).await;
    assert!(
        table.is(200).text.contains(url) && table.text.lines().count() == 8,
        "{}",
        table.text
    );
}

#[tokio::test]
async fn the_page_draws_the_codes_of_links_that_are_of_use_and_prints_those_to_be_asked() {
    let shop = Shop::start().await;
    sell_one_of_each(&shop).await;
    let document = shop.get("operator", &format!("{DAY}&format=json")).await;
    let page = shop.get("operator", DAY).await;
    let tickets: Vec<&str> = page.is(200).main().split("<li class=\"ticket").skip(1).collect();
    assert_eq!(tickets.len(), 7);
    for (ticket, item) in tickets.iter().zip(items(&document.json)) {
        let standing = item["standing"].as_str().unwrap();
        let code = item["url"].as_str().map(|url| Code::of(url).unwrap().svg());
        let is_drawn = code.is_some_and(|code| ticket.contains(&code));
        let of_use = ["incomplete", "open", "answered", "unpaid"].contains(&standing);
        assert_eq!(is_drawn, of_use, "{standing}");
        assert_eq!(ticket.contains("<svg"), of_use, "{standing}");
        let is_printed = !ticket.starts_with(" done");
        assert_eq!(is_printed, of_use && standing != "answered", "{standing}");
        if let Some(url) = item["url"].as_str() {
            assert!(
                ticket.contains(&format!("<a href=\"{url}\" rel=\"noreferrer\">")),
                "{standing}"
            );
        }
        assert!(ticket.contains("Bagaimana makanannya? Pindai &#38; beri nilai"));
    }
    assert!(tickets[1].contains("27 Okt 2025 12.01") && tickets[1].contains("Rp\u{a0}38.000"));
    assert!(!page.text.contains(HOSTILE));
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
}

#[tokio::test]
async fn a_link_whose_last_day_is_over_is_expired_and_has_no_code() {
    let shop = Shop::start().await;
    let mut outlet = Outlet::undescribed("moka-7", None, None);
    outlet.link_days = Some(0);
    let outlets = Outlets::new(&shop.world.clients);
    outlets.describe(&outlet, NOON_MS, "test").await.unwrap();
    sell(&shop, "moka-7", [("a".to_owned(), sold("1", 0, Status::Paid))]).await;
    let document = shop.get("operator", &format!("{DAY}&format=json")).await;
    assert_eq!(items(&document.is(200).json)[0]["standing"], "expired");
    let page = shop.get("operator", DAY).await;
    assert!(page.is(200).main().contains("kedaluwarsa"));
    assert!(!page.main().contains("class=\"code\""), "{}", page.main());
}

#[tokio::test]
async fn a_long_day_comes_two_sheets_at_a_time_at_the_same_cost() {
    let shop = Shop::start().await;
    seed::outlet(&shop, "moka-7", "Oyako Kemang").await;
    let receipts = |range: std::ops::Range<i64>| {
        range.map(|number| {
            (
                format!("r{number:03}"),
                sold(&number.to_string(), number, Status::Paid),
            )
        })
    };
    sell(&shop, "moka-7", receipts(0..24)).await;
    let first = shop.get("operator", &format!("{DAY}&format=json")).await;
    assert_eq!(
        (items(&first.is(200).json).len(), &first.json["next"]),
        (24, &json!(null))
    );
    let cost = async || {
        let before = shop.world.clients.meter().read();
        shop.get("operator", DAY).await.is(200);
        shop.world.clients.meter().read().since(before)
    };
    let few = cost().await;
    sell(&shop, "moka-7", receipts(24..60)).await;
    let many = cost().await;
    assert_eq!((few.requests, few.write_milli), (many.requests, 0));
    assert!(many.requests <= 7, "{many:?}");
    let (mut seen, mut path) = (Vec::new(), format!("{DAY}&format=json"));
    loop {
        let page = shop.get("operator", &path).await;
        assert!(items(&page.is(200).json).len() <= 24);
        seen.extend(
            items(&page.json)
                .iter()
                .map(|item| item["no"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page.json["next"].as_str() else {
            break;
        };
        path = format!("{DAY}&format=json&after={next}");
    }
    let expected: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    assert_eq!(seen, expected);
    let page = shop.get("operator", DAY).await;
    assert!(page.main().contains("Struk berikutnya") && page.main().contains("date=2025-10-27&#38;after="));
}

#[tokio::test]
async fn codes_are_for_those_who_may_and_of_their_outlets() {
    let shop = Shop::start().await;
    sell_one_of_each(&shop).await;
    seed::outlet(&shop, "pos-9", "Oyako Menteng").await;
    let (nav, other) = ("href=\"/dashboard/links", "/dashboard/links?outlet=pos-9");
    for who in ["viewer", "auditor"] {
        assert!(
            !shop.get(who, "/dashboard").await.is(200).text.contains(nav),
            "{who}"
        );
        shop.get(who, DAY).await.refused_kindly(403, "SCOPE_MISSING");
        shop.get(who, &format!("{DAY}&format=csv"))
            .await
            .refused(403, "SCOPE_MISSING");
    }
    for who in ["operator", "limited"] {
        assert!(
            shop.get(who, "/dashboard").await.is(200).text.contains(nav),
            "{who}"
        );
        shop.get(who, DAY).await.is(200);
    }
    shop.get("operator", other).await.is(200);
    shop.get("limited", other)
        .await
        .refused_kindly(403, "OUTLET_FORBIDDEN");
    shop.get("without", DAY)
        .await
        .refused_kindly(403, "OUTLET_FORBIDDEN");
    let own = shop
        .get("limited", "/dashboard/links?date=2025-10-27&format=json")
        .await;
    assert_eq!(own.is(200).json["outlet"], "moka-7");
    assert!(shop.get("nobody", DAY).await.status.is_redirection());
}

#[tokio::test]
async fn without_an_outlet_one_is_to_be_chosen_and_without_a_date_it_is_today() {
    let shop = Shop::start().await;
    seed::outlet(&shop, "moka-7", "Oyako Kemang").await;
    let page = shop.get("operator", "/dashboard/links").await;
    assert!(page.is(200).main().contains("Pilih satu outlet") && page.main().contains("filters\" open"));
    shop.get("operator", "/dashboard/links?format=json")
        .await
        .refused(400, "PARAMETER_MISSING");
    let today = shop.get("operator", "/dashboard/links?outlet=moka-7").await;
    let main = today.is(200).main();
    assert!(
        main.contains("28 Okt 2025") && main.contains("Belum ada struk"),
        "{main}"
    );
    assert!(
        main.contains("date=2025-10-27") && !main.contains("date=2025-10-29"),
        "{main}"
    );
    let wrong = [
        ("outlet=moka-7&date=27-10-2025", 400, "PARAMETER_INVALID"),
        ("outlet=moka-7&after=_w", 400, "PARAMETER_INVALID"),
        ("outlet=moka-8", 404, "OUTLET_NOT_FOUND"),
    ];
    for (query, status, code) in wrong {
        shop.get("operator", &format!("/dashboard/links?{query}"))
            .await
            .refused_kindly(status, code);
    }
}
