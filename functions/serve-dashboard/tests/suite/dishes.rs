//! What the pages tell of dishes that changed, and of dishes of which there is nothing to draw.

use crate::support::Shop;
use crate::support::seed::{self, HOSTILE, figures};
use domain::api_key::Scope;
use domain::insight::{Insight, MenuInsight};
use domain::quantity::Quantity;
use domain::satisfaction::Stars;
use serde_json::Value;

/// Ten days, and the ten days before them are those until the eighth of October.
const DAYS: &str = "from=2025-10-19&to=2025-10-28";
/// Thirty, half and none of them satisfied.
const LOVED: [u64; 5] = [0, 0, 0, 15, 15];
const SPLIT: [u64; 5] = [10, 5, 0, 5, 10];
const HATED: [u64; 5] = [20, 10, 0, 0, 0];

/// A day on which dishes were sold and rated so.
fn day(dishes: &[(&str, [u64; 5])]) -> Insight {
    let menus = dishes.iter().map(|(name, counts)| {
        let menu = MenuInsight {
            receipts: 30,
            qty: Quantity::from_pieces(30).unwrap(),
            net: seed::rupiah(300_000),
            stars: Stars { counts: *counts },
            ..MenuInsight::default()
        };
        ((*name).to_owned(), menu)
    });
    Insight {
        receipts: 40,
        menus: menus.collect(),
        ..Insight::default()
    }
}

/// A shop in which one dish fell far, one fell less, one rose, one stayed, and one is rarely rated.
async fn shop() -> Shop {
    let shop = Shop::start().await;
    seed::outlet(&shop, "moka-7", "Oyako Kemang").await;
    let before = [
        ("Ayam Katsu", LOVED),
        ("Bakso", LOVED),
        (HOSTILE, HATED),
        ("Es Teh", SPLIT),
        ("Sate", [0, 0, 0, 0, 4]),
    ];
    let after = [
        ("Ayam Katsu", SPLIT),
        ("Bakso", HATED),
        (HOSTILE, LOVED),
        ("Es Teh", [9, 5, 0, 6, 10]),
        ("Sate", [30, 0, 0, 0, 0]),
    ];
    figures(&shop, "moka-7", "2025-10-15", &day(&before)).await;
    figures(&shop, "moka-7", "2025-10-20", &day(&after)).await;
    shop
}

/// A card of a page, by the id of its heading.
#[track_caller]
fn card<'a>(page: &'a str, id: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("aria-labelledby=\"{id}\""))
        .unwrap_or_else(|| panic!("no card {id}: {page}"));
    rest.split_once("</section>").unwrap().0
}

/// The places of texts in a page, all of which it must have.
#[track_caller]
fn places(page: &str, texts: &[&str]) -> Vec<usize> {
    let place = |text: &&str| page.find(*text).unwrap_or_else(|| panic!("no {text}: {page}"));
    texts.iter().map(place).collect()
}

#[tokio::test]
async fn the_overview_lists_what_fell_beyond_noise_and_then_what_rose() {
    let shop = shop().await;
    let page = shop.get("viewer", &format!("/dashboard?{DAYS}")).await;
    let attention = card(page.is(200).main(), "attention");
    let order = places(
        attention,
        &[
            "dibanding 9 Okt 2025 – 18 Okt 2025",
            "<bdi>Bakso</bdi>",
            "<bdi>Ayam Katsu</bdi>",
            "Kabar baik",
            "&#60;script&#62;",
        ],
    );
    assert!(order.is_sorted(), "{attention}");
    for unmoved in ["Es Teh", "Sate"] {
        assert!(!attention.contains(unmoved), "{unmoved}: {attention}");
    }
    let fell = "<span>100,0\u{a0}% <span class=\"soft small\">(88,6–100,0\u{a0}%)</span></span> \
        <span class=\"soft small\">n = 30</span></span> <span><span aria-hidden=\"true\">→</span>\
        <span class=\"unseen\">menjadi</span> \
        <span>50,0\u{a0}% <span class=\"soft small\">(33,2–66,8\u{a0}%)</span></span> \
        <span class=\"soft small\">n = 30</span>";
    places(
        attention,
        &[
            fell,
            "<a href=\"/dashboard/menu/Ayam.20Katsu?from=2025-10-19&#38;to=2025-10-28\">",
            "Dari 4 menu yang dibandingkan",
        ],
    );
    // Where nothing fell it says so, and where nothing can be compared that.
    let quiet = shop
        .get("viewer", "/dashboard?from=2025-10-21&to=2025-10-28")
        .await;
    places(card(quiet.main(), "attention"), &["Belum bisa dibandingkan"]);
    figures(&shop, "moka-7", "2025-10-27", &day(&[("Es Teh", SPLIT)])).await;
    figures(&shop, "moka-7", "2025-10-28", &day(&[("Es Teh", SPLIT)])).await;
    let quiet = shop
        .get("viewer", "/dashboard?from=2025-10-28&to=2025-10-28")
        .await;
    places(card(quiet.main(), "attention"), &["Tidak ada menu yang turun"]);
}

#[tokio::test]
async fn the_menu_says_of_each_dish_how_it_changed() {
    let shop = shop().await;
    let read = &[Scope::FeedbackRead];
    let path = format!("/v1/satisfaction/menus?sort=change&{DAYS}");
    let document = shop.call(read, "GET", &path, None).await;
    let told: Vec<(&str, &str)> = document.is(200).json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["name"].as_str().unwrap(), item["change"].as_str().unwrap()))
        .collect();
    let expected = [
        ("Ayam Katsu", "down"),
        ("Bakso", "down"),
        (HOSTILE, "up"),
        ("Es Teh", "within_noise"),
        ("Sate", "too_few"),
    ];
    assert_eq!(told, expected);
    let before = |at: usize| &document.json["items"][at]["before"];
    assert_eq!((&before(0)["value"], &before(0)["n"]), (&1.0.into(), &30.into()));
    assert_eq!((&before(4)["value"], &before(4)["n"]), (&Value::Null, &4.into()));
    let page = shop.get("viewer", &format!("/dashboard/menu?{DAYS}")).await;
    assert_eq!(page.is(200).main().matches("turun</span>").count(), 2);
    assert_eq!(page.main().matches("naik</span>").count(), 1);
}

#[tokio::test]
async fn a_search_does_not_change_what_is_said_of_a_dish() {
    let shop = Shop::start().await;
    seed::outlet(&shop, "moka-7", "Oyako Kemang").await;
    // By itself a change, among twenty dishes that stayed as they were none.
    let names: Vec<String> = (0..20).map(|number| format!("Nasi {number:02}")).collect();
    let of = |nearly: [u64; 5]| {
        let mut dishes = vec![("Bakso", nearly)];
        dishes.extend(names.iter().map(|name| (name.as_str(), SPLIT)));
        day(&dishes)
    };
    figures(&shop, "moka-7", "2025-10-15", &of([0, 10, 0, 0, 20])).await;
    figures(&shop, "moka-7", "2025-10-20", &of([0, 18, 0, 0, 12])).await;
    for query in ["", "&q=bakso"] {
        let path = format!("/dashboard/menu?format=json&sort=name&{DAYS}{query}");
        let document = shop.get("viewer", &path).await;
        assert_eq!(
            document.is(200).json["items"][0]["change"],
            "within_noise",
            "{query}"
        );
    }
    let alone = shop
        .get("viewer", &format!("/dashboard/menu/Bakso?format=json&{DAYS}"))
        .await;
    assert_eq!(alone.is(200).json["change"], "down");
}

#[tokio::test]
async fn the_page_of_a_dish_says_in_words_whether_it_changed() {
    let shop = shop().await;
    let table = [
        ("Bakso", "Turun: lebih sedikit tamu puas"),
        (
            ".3Cscript.3Ealert.281.29.3C.2Fscript.3E",
            "Naik: lebih banyak tamu puas",
        ),
        ("Es.20Teh", "Tidak jelas naik atau turun"),
        ("Sate", "Terlalu sedikit nilai untuk dibandingkan"),
    ];
    for (key, words) in table {
        let page = shop.get("viewer", &format!("/dashboard/menu/{key}?{DAYS}")).await;
        places(
            card(page.is(200).main(), "change"),
            &[words, "9 Okt 2025 – 18 Okt 2025"],
        );
    }
}

#[tokio::test]
async fn an_empty_chart_says_why() {
    let shop = shop().await;
    figures(&shop, "moka-7", "2025-10-27", &day(&[("Bakso", [0; 5])])).await;
    figures(&shop, "moka-7", "2025-10-28", &day(&[("Bakso", [0, 0, 0, 0, 3])])).await;
    let table = [
        (
            "from=2025-10-27&to=2025-10-27",
            "Belum ada tamu yang memberi nilai",
        ),
        (
            "from=2025-10-28&to=2025-10-28",
            "Tidak ada hari dengan lima nilai",
        ),
        ("from=2025-10-21&to=2025-10-25", "Tidak ada yang terjual"),
    ];
    for (days, why) in table {
        let page = shop.get("viewer", &format!("/dashboard/menu/Bakso?{days}")).await;
        let ratings = card(page.is(200).main(), "ratings");
        assert!(!ratings.contains("dish-csat"), "{days}: {ratings}");
        places(ratings, &[why]);
        assert_eq!(ratings.contains("dish-sales"), !why.contains("terjual"), "{days}");
    }
    let all = shop
        .get("viewer", "/dashboard/satisfaction?from=2025-10-28&to=2025-10-28")
        .await;
    places(
        card(all.main(), "over-time"),
        &["Belum ada tamu yang memberi nilai"],
    );
    let unknown = shop
        .get("viewer", "/dashboard/menu/Bakso?from=2025-11-10&to=2025-11-12")
        .await;
    unknown.refused_kindly(404, "MENU_NOT_FOUND");
    assert!(unknown.text.contains("tidak terjual pada hari-hari yang dipilih"));
}
