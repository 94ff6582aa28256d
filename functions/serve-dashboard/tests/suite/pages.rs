//! What each page shows, over a small shop.

use crate::support;
use crate::support::seed::{self, HOSTILE, HOSTILE_WORDS, figures, insight};
use crate::support::{NOON_MS, Shop, session};
use axum::body::Body;
use http::Request;
use serde_json::Value;

/// The pages with figures of everybody.
const PAGES: [&str; 8] = [
    "/dashboard",
    "/dashboard/satisfaction",
    "/dashboard/menu",
    "/dashboard/menu/Ramen.20Ayam",
    "/dashboard/comments",
    "/dashboard/cases",
    "/dashboard/sync",
    "/dashboard/errors",
];

#[tokio::test]
async fn each_page_shows_the_small_shop() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    for page in PAGES {
        let answer = shop.get("operator", page).await;
        let name = page.trim_start_matches('/').replace(['/', '.'], "-");
        insta::assert_snapshot!(name, answer.is(200).main());
    }
    let case = shop
        .get("operator", &format!("/dashboard/cases/moka-7/{}", seeded.case.id))
        .await;
    insta::assert_snapshot!("case", case.is(200).main());
    let piece = format!("{}.{}", seeded.export.id, seeded.piece.local_id());
    let error = shop.get("operator", &format!("/dashboard/errors/{piece}")).await;
    insta::assert_snapshot!("error", error.is(200).main());
    let days = shop
        .get("operator", "/dashboard/sync?outlet=moka-7&lang=en")
        .await;
    insta::assert_snapshot!("sync-of-an-outlet", days.is(200).main());
    let audit = shop.get("auditor", "/dashboard/audit").await;
    assert!(audit.is(200).main().contains("export.ingested"), "{}", audit.text);
}

#[tokio::test]
async fn nothing_from_outside_becomes_markup_or_a_formula() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let piece = format!(
        "/dashboard/errors/{}.{}",
        seeded.export.id,
        seeded.piece.local_id()
    );
    let hostile_dish = "/dashboard/menu/.3Cscript.3Ealert.281.29.3C.2Fscript.3E";
    let mut pages = PAGES.to_vec();
    let searches = [
        "/dashboard/comments?q=%3Cscript%3E%22",
        "/dashboard/menu?category=%3Cscript%3E",
    ];
    let languages = [
        "/dashboard?lang=%22%3E%3Cscript%3E",
        "/dashboard/errors?code=%3Cscript%3E",
    ];
    pages.extend(searches.iter().chain(&languages));
    pages.extend([hostile_dish, &piece]);
    for page in pages {
        let answer = shop.get("operator", page).await;
        answer.is(200);
        for markup in ["<script", "<img", "javascript:", " style=", " onclick"] {
            assert!(!answer.text.contains(markup), "{page}: {markup}");
        }
    }
    let comments = shop.get("viewer", "/dashboard/comments?format=csv").await;
    let words = HOSTILE_WORDS.replace('"', "\"\"");
    assert!(
        comments.is(200).text.contains(&format!("\"'{words}\"")),
        "{}",
        comments.text
    );
    let menus = shop.get("viewer", "/dashboard/menu?format=json").await;
    assert!(
        menus.is(200).text.contains(HOSTILE),
        "documents hold names as they are"
    );
}

#[tokio::test]
async fn pages_are_closed_to_scripts_and_strangers() {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    let page = shop.get("viewer", "/dashboard").await;
    let policy = page.is(200).headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';"),
        "{policy}"
    );
    assert!(
        !policy.contains("script-src") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.headers["cache-control"], "no-store");
    let start = page.text.find("/dashboard/assets/style-").unwrap();
    let style = page.text[start..].split('"').next().unwrap();
    let sheet = shop.get("nobody", style).await;
    assert_eq!(sheet.is(200).headers["content-type"], "text/css; charset=utf-8");
    assert!(
        sheet.headers["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    shop.get("nobody", "/dashboard/assets/style-old.css")
        .await
        .is(404);
    shop.get("viewer", "/dashboard/nowhere")
        .await
        .refused_kindly(404, "ROUTE_NOT_FOUND");
    shop.get("viewer", "/dashboard/menu/Nasi.20Padang")
        .await
        .refused_kindly(404, "MENU_NOT_FOUND");
}

#[tokio::test]
async fn an_empty_shop_is_told_how_to_begin() {
    let shop = Shop::start().await;
    let begin = shop.get("viewer", "/dashboard").await;
    insta::assert_snapshot!("begin", begin.is(200).main());
    let rest = ["satisfaction", "menu", "comments", "cases", "sync", "errors"];
    for page in rest {
        shop.get("viewer", &format!("/dashboard/{page}")).await.is(200);
    }
}

#[tokio::test]
async fn figures_are_hidden_below_five_answers_and_marked_below_twenty() {
    let shop = Shop::start().await;
    seed::outlet(&shop, "moka-7", "Oyako Kemang").await;
    let table = [
        ([0, 0, 0, 0, 4], "hidden", "Belum cukup jawaban"),
        ([1, 0, 0, 0, 4], "caution", "jawaban masih sedikit"),
        ([2, 2, 0, 8, 8], "firm", "80,0\u{a0}%"),
    ];
    for (at, (stars, confidence, words)) in table.into_iter().enumerate() {
        let day = format!("2025-10-{}", 10 + at);
        figures(&shop, "moka-7", &day, &insight(stars)).await;
        let range = format!("outlet=moka-7&from={day}&to={day}");
        let page = shop
            .get("viewer", &format!("/dashboard/satisfaction?{range}"))
            .await;
        assert!(
            page.is(200).main().contains(words),
            "{confidence}: {}",
            page.main()
        );
        let document = shop
            .get("viewer", &format!("/dashboard/satisfaction?{range}&format=json"))
            .await;
        let csat = &document.is(200).json["figures"]["csat"];
        assert_eq!(csat["confidence"], confidence);
        assert_eq!(csat["value"].is_null(), confidence == "hidden", "{csat}");
        for few in ["stars", "low"] {
            let told = &document.json["figures"][few];
            assert_eq!(told.is_null(), confidence == "hidden", "{few}: {told}");
        }
    }
}

#[tokio::test]
async fn a_change_is_one_only_beyond_noise() {
    let shop = Shop::start().await;
    seed::outlet(&shop, "moka-7", "Oyako Kemang").await;
    figures(&shop, "moka-7", "2025-10-10", &insight([10, 10, 0, 10, 10])).await;
    let days = [
        (
            "2025-10-11",
            [9, 9, 0, 11, 11],
            "within_noise",
            "tidak berubah nyata",
        ),
        ("2025-10-13", [0, 0, 0, 20, 20], "too_few", "belum cukup data"),
    ];
    for (day, stars, change, words) in days {
        figures(&shop, "moka-7", day, &insight(stars)).await;
        let path = format!("/dashboard/satisfaction?outlet=moka-7&from={day}&to={day}");
        let document = shop.get("viewer", &format!("{path}&format=json")).await;
        assert_eq!(document.is(200).json["change"], change, "{day}");
        assert!(shop.get("viewer", &path).await.main().contains(words), "{day}");
    }
    figures(&shop, "moka-7", "2025-10-14", &insight([20, 20, 0, 0, 0])).await;
    let path = "/dashboard/satisfaction?outlet=moka-7&from=2025-10-14&to=2025-10-14&format=json";
    assert_eq!(shop.get("viewer", path).await.is(200).json["change"], "down");
}

#[tokio::test]
async fn a_long_range_is_shown_by_whole_months() {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    let path = "/dashboard/satisfaction?from=2025-06-15&to=2025-10-28";
    let document = shop.get("viewer", &format!("{path}&format=json")).await;
    let at = |point: &Value| point["at"].as_str().unwrap().to_owned();
    let months: Vec<String> = document.is(200).json["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(at)
        .collect();
    assert_eq!(months, ["2025-06", "2025-07", "2025-08", "2025-09", "2025-10"]);
    let told = (
        &document.json["from"],
        &document.json["to"],
        &document.json["figures"]["csat"]["n"],
    );
    assert_eq!(told, (&"2025-06-01".into(), &"2025-10-31".into(), &98.into()));
    assert!(
        shop.get("viewer", path)
            .await
            .main()
            .contains("<span>Okt 2025</span>")
    );
}

#[tokio::test]
async fn filters_choose_what_is_shown() {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    let receipts = |answer: &support::Answer| -> Vec<String> {
        let items = answer.is(200).json["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["receipt"].as_str().unwrap().to_owned())
            .collect()
    };
    let (a1, a2, a3) = ("moka-7_20251027_A1", "moka-7_20251027_A2", "moka-7_20251027_A3");
    let b1 = "pos-9_20251027_B1";
    let table: [(&str, Vec<&str>); 7] = [
        ("", vec![b1, a2, a1]),
        ("outlet=moka-7", vec![a2, a1]),
        ("q=GURIH", vec![a1]),
        ("stars=1", vec![a2]),
        ("spam=yes&outlet=moka-7", vec![a3, a2, a1]),
        ("from=2025-10-01&to=2025-10-20", vec![]),
        ("q=tidak+ada", vec![]),
    ];
    for (query, expected) in table {
        let answer = shop
            .get("viewer", &format!("/dashboard/comments?format=json&{query}"))
            .await;
        let mut found = receipts(&answer);
        let mut expected = expected;
        // Equal moments have no order of their own.
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{query}");
    }
    let names = |answer: &support::Answer| -> Vec<Value> {
        let items = answer.is(200).json["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["name"].clone()).collect()
    };
    let menus = |query: &str| format!("/dashboard/menu?format=json&{query}");
    let table = [
        ("sort=best", vec!["Ramen Ayam", "Es Teh/Manis", HOSTILE]),
        ("sort=worst", vec!["Es Teh/Manis", "Ramen Ayam", HOSTILE]),
        ("sort=name", vec![HOSTILE, "Es Teh/Manis", "Ramen Ayam"]),
        ("category=Mie", vec!["Ramen Ayam"]),
        ("q=teh", vec!["Es Teh/Manis"]),
    ];
    for (query, expected) in table {
        assert_eq!(
            names(&shop.get("viewer", &menus(query)).await),
            expected,
            "{query}"
        );
    }
    for (query, code) in [
        ("sort=price", "PARAMETER_INVALID"),
        ("from=2020-01-01", "RANGE_TOO_LONG"),
    ] {
        shop.get("viewer", &format!("/dashboard/menu?{query}"))
            .await
            .refused_kindly(400, code);
        shop.get("viewer", &menus(query)).await.refused(400, code);
    }
}

#[tokio::test]
async fn a_language_that_was_chosen_is_remembered() {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    let english = shop.get("viewer", "/dashboard?lang=en").await;
    assert!(english.text.contains("<html lang=\"en\">"));
    assert!(english.main().contains("Satisfied guests"));
    let cookie = english.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("lang=en;") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let request = Request::builder().uri("/dashboard");
    let request = request.header("cookie", format!("{}; lang=en", session("viewer")));
    let later = shop.send(request.body(Body::empty()).unwrap()).await;
    assert!(later.text.contains("<html lang=\"en\">"));
    let plain = shop.get("viewer", "/dashboard").await;
    assert!(plain.text.contains("<html lang=\"id\">") && !plain.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn each_day_of_an_outlet_says_how_it_came_in() {
    let shop = Shop::start().await;
    seed::outlet(&shop, "moka-7", "Oyako Kemang").await;
    let export = seed::export(&shop, "moka-7", "none").await;
    let half_past_eleven = NOON_MS + 41_400_000 - 2 * 86_400_000;
    seed::arrival(&shop, "moka-7", "2025-10-26", half_past_eleven, &export).await;
    seed::arrival(
        &shop,
        "moka-7",
        "2025-10-25",
        half_past_eleven - 86_400_001,
        &export,
    )
    .await;
    let path = "/dashboard/sync?outlet=moka-7&to=2025-10-28";
    let days = shop.get("viewer", &format!("{path}&format=json")).await;
    let items = days.is(200).json["items"].as_array().unwrap();
    assert_eq!(items.len(), 31);
    let told = |at: usize| {
        (
            items[at]["date"].as_str().unwrap(),
            items[at]["status"].as_str().unwrap(),
        )
    };
    let expected = [
        ("2025-10-28", "expected"),
        ("2025-10-27", "missing"),
        ("2025-10-26", "late"),
        ("2025-10-25", "received"),
    ];
    for (at, expected) in expected.into_iter().enumerate() {
        assert_eq!(told(at), expected);
    }
    assert_eq!(items[2]["export"]["lag_ms"], 3000);
    assert_eq!(items[2]["export"]["control_matches"], "none");
    assert!(
        shop.get("viewer", path)
            .await
            .main()
            .contains("total tidak cocok")
    );
}
