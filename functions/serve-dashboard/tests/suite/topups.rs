//! The pages of top-ups: what waits for people, how the deposit stands, and how much of a number who sees.

use crate::support::topups::{
    self, MASKED, NUMBER, PARTNER, SERIAL, catalogue, delivered, failed, handed_over, product, reported,
    says, sent, shop, told,
};
use crate::support::{NOON_MS, Shop, seed, settings};
use aws::topups::SeenAddress;
use domain::api_key::Scope;
use domain::topup::product::{Breaker, Product};

const READ: &[Scope] = &[Scope::TopupsRead];
const PAGE: &str = "/dashboard/topups";

#[tokio::test]
async fn what_waits_for_people_is_listed_and_what_the_day_came_to() {
    let shop = shop().await;
    let waiting = handed_over(&shop, 0).await;
    let done = delivered(&shop, 1).await;
    let lost = failed(&shop, 2).await;
    reported(&shop, &lost, true).await;
    let page = shop.get("viewer", PAGE).await;
    told(
        &page,
        &[
            &waiting,
            &lost,
            "Pemasok masih berkata sedang diproses",
            "laporan bertentangan",
            MASKED,
            "Kios &#60;b&#62;Satu&#60;/b&#62;",
            "3 · Rp\u{a0}34.500",
            "1 · Rp\u{a0}11.500",
            "28 Okt 2025",
            "Rp\u{a0}1.000.000",
            "Penjualan berjalan",
        ],
    );
    assert!(!page.main().contains(&done) && !page.main().contains(NUMBER));
    let list = shop.call(READ, "GET", "/v1/topup-reviews", None).await;
    let items = list.is(200).json["items"].as_array().unwrap();
    let ids: Vec<&str> = items.iter().map(|item| item["refid"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&&*waiting) && ids.contains(&&*lost), "{ids:?}");
    assert!(!list.text.contains("08123456789"), "{}", list.text);
    let first = shop.call(READ, "GET", "/v1/topup-reviews?limit=1", None).await;
    let next = first.is(200).json["next"].as_str().unwrap().to_owned();
    let rest = shop
        .call(
            READ,
            "GET",
            &format!("/v1/topup-reviews?limit=1&after={next}"),
            None,
        )
        .await;
    assert_eq!(rest.is(200).json["items"][0]["refid"], ids[1]);
    for after in ["x", "eA"] {
        shop.call(READ, "GET", &format!("/v1/topup-reviews?after={after}"), None)
            .await
            .refused(400, "PARAMETER_INVALID");
    }
    let english = shop.get("viewer", "/dashboard/topups?lang=en").await;
    told(&english, &["Waiting for a decision", "Today, 28 Oct 2025"]);
}

#[tokio::test]
async fn an_order_is_shown_with_what_happened_and_its_number_to_approvers_alone() {
    let shop = shop().await;
    let refid = delivered(&shop, 0).await;
    let path = format!("{PAGE}/{refid}");
    for (who, number, other) in [
        ("viewer", MASKED, NUMBER),
        ("operator", MASKED, NUMBER),
        ("auditor", MASKED, NUMBER),
        ("approver", NUMBER, MASKED),
    ] {
        let page = shop.get(who, &path).await;
        told(
            &page,
            &[
                number,
                &refid,
                PARTNER,
                "S10",
                "nota-0",
                "Rp\u{a0}11.500",
                "Pesanan diterima",
                "Pemasok menjawab",
                "berhasil",
                "Tidak ada yang harus diputuskan",
            ],
        );
        // What the supplier said stands there for everybody, with its number masked.
        let facts = page.main().split("Yang terjadi</h3>").next().unwrap();
        assert!(!facts.contains(other), "{who}: {facts}");
        assert!(!page.text.contains(SERIAL), "{who}");
        // Nothing is to be decided; those who decide may say that it ended otherwise.
        assert_eq!(page.main().contains("<form"), who == "approver", "{who}");
    }
    let document = shop
        .call(READ, "GET", &format!("/v1/topup-reviews/{refid}"), None)
        .await;
    let json = &document.is(200).json;
    assert_eq!(json["destination"], MASKED);
    assert_eq!(
        (&json["state"], &json["to_decide"]),
        (&"success".into(), &false.into())
    );
    assert_eq!(json["events"].as_array().unwrap().len(), 3);
    assert!(!document.text.contains(SERIAL) && !document.text.contains(NUMBER));
    let by_key = shop
        .call(
            &[Scope::TopupsRead, Scope::TopupsDecide],
            "GET",
            &format!("/v1/topup-reviews/{refid}"),
            None,
        )
        .await;
    // A key decides nothing, so it has no use for whole numbers either.
    assert_eq!(by_key.is(200).json["destination"], MASKED);
    assert!(!by_key.text.contains(SERIAL));
}

#[tokio::test]
async fn an_order_is_found_by_its_id_however_it_is_typed() {
    let shop = shop().await;
    let refid = sent(&shop, 0).await;
    let there = format!("{PAGE}/{refid}");
    for typed in [refid.clone(), refid.to_lowercase(), format!("+{refid}+")] {
        let found = shop.get("viewer", &format!("{PAGE}?q={typed}")).await;
        assert_eq!(found.is(303).headers["location"], there.as_str(), "{typed}");
    }
    let other = domain::topup::refid(NOON_MS, [99; 8]);
    for strange in [&*other, "081234567890", "x"] {
        shop.get("viewer", &format!("{PAGE}?q={strange}"))
            .await
            .refused_kindly(404, "TOPUP_NOT_FOUND");
        let refused = shop.get("viewer", &format!("{PAGE}/{strange}")).await;
        refused.refused_kindly(404, "TOPUP_NOT_FOUND");
        // From there it goes back to where the order was looked for.
        let back = "<a class=\"button\" href=\"/dashboard/topups\">Ke Isi ulang</a>";
        assert!(refused.main().contains(back), "{}", refused.main());
    }
}

#[tokio::test]
async fn what_keeps_orders_from_being_sold_is_said() {
    let shop = shop().await;
    let mut stored: Product = catalogue(&shop).product("S10").await.unwrap().unwrap();
    let broken = [
        (
            Breaker {
                until_ms: Some(NOON_MS + 1),
                ..Breaker::default()
            },
            "Sedang gangguan",
        ),
        (
            Breaker {
                price_differs: true,
                ..Breaker::default()
            },
            "menagih harga lain",
        ),
        (
            Breaker {
                code_unknown: true,
                ..Breaker::default()
            },
            "tidak mengenal kodenya",
        ),
    ];
    for (breaker, words) in broken {
        let changed = Product {
            breaker,
            version: stored.version,
            ..product()
        };
        stored = catalogue(&shop)
            .put_product(&changed, "test", NOON_MS)
            .await
            .unwrap();
        told(
            &shop.get("viewer", PAGE).await,
            &["Telkomsel 10.000 (S10)", words],
        );
    }
    let pause = format!(r#"{{"until_ms":{},"why":"about_us"}}"#, NOON_MS + 60_000);
    catalogue(&shop)
        .put_setting("pause", Some(&pause), "test", NOON_MS)
        .await
        .unwrap();
    says(&shop, 400_000).await;
    told(
        &shop.get("viewer", PAGE).await,
        &["Pemasok menolak PIN", "28 Okt 2025 12.01", "Saldo bebas menipis"],
    );
    says(&shop, 0).await;
    told(&shop.get("viewer", PAGE).await, &["Saldo bebas habis"]);
}

#[tokio::test]
async fn another_address_than_the_supplier_knows_is_said() {
    let shop = Shop::over(testkit::World::start().await, settings()).await;
    let shop = shop.knowing_address("203.0.113.7");
    topups::open(&shop).await;
    let words = "Alamat kita bukan yang terdaftar";
    for (seen, is_said) in [("198.51.100.1", true), ("203.0.113.7", false)] {
        let seen = SeenAddress {
            seen: seen.to_owned(),
            at_ms: NOON_MS,
        };
        catalogue(&shop).note_address(&seen, "test").await.unwrap();
        let page = shop.get("viewer", PAGE).await;
        assert_eq!(page.is(200).main().contains(words), is_said, "{}", page.main());
    }
}

#[tokio::test]
async fn the_books_show_a_day_and_mark_what_no_order_explains() {
    let shop = shop().await;
    says(&shop, 900_000).await;
    says(&shop, 1_500_000).await;
    let page = shop.get("viewer", "/dashboard/topups/books").await;
    told(
        &page,
        &[
            "28 Okt 2025",
            "keluar tanpa pesanan Rp\u{a0}100.000",
            "masuk Rp\u{a0}600.000",
            "tanya saldo",
        ],
    );
    let books = shop.call(READ, "GET", "/v1/topup-books", None).await;
    let json = &books.is(200).json;
    assert_eq!(json["balance"], 1_500_000);
    assert_eq!(json["items"].as_array().unwrap().len(), 3);
    assert_eq!(json["items"][1]["unrecorded"], 100_000);
    let same = shop
        .get("viewer", "/dashboard/topups/books?date=2025-10-28&format=json")
        .await;
    assert_eq!(same.is(200).json, *json);
    let csv = shop.get("viewer", "/dashboard/topups/books?format=csv").await;
    assert!(csv.is(200).text.contains(",0,0,100000,900000,"), "{}", csv.text);
    let before = shop
        .get("viewer", "/dashboard/topups/books?date=2025-10-27")
        .await;
    told(&before, &["Tidak ada catatan"]);
    for query in ["date=kemarin", "after=x", "after=eA"] {
        shop.get("viewer", &format!("/dashboard/topups/books?{query}"))
            .await
            .refused_kindly(400, "PARAMETER_INVALID");
    }
}

#[tokio::test]
async fn every_role_looks_and_a_key_needs_its_scope() {
    let shop = shop().await;
    for who in ["viewer", "operator", "auditor", "approver"] {
        let page = shop.get(who, PAGE).await;
        assert!(page.is(200).text.contains("href=\"/dashboard/topups\""), "{who}");
    }
    for path in ["/v1/topup-reviews", "/v1/topup-reviews/x", "/v1/topup-books"] {
        shop.call(&[Scope::Topups, Scope::SalesRead], "GET", path, None)
            .await
            .refused(403, "SCOPE_MISSING");
    }
    shop.call(READ, "GET", "/v1/topup-reviews/x", None)
        .await
        .refused(404, "TOPUP_NOT_FOUND");
}

/// The deposit is the whole shop's: who holds some outlets neither sees it nor decides about it, an approver neither.
#[tokio::test]
async fn who_holds_some_outlets_neither_sees_nor_decides() {
    let shop = shop().await;
    seed::all(&shop).await;
    let refid = handed_over(&shop, 0).await;
    let order = format!("{PAGE}/{refid}");
    let books = format!("{PAGE}/books");
    for who in ["limited", "without", "local"] {
        let day = format!("{PAGE}/partners/{PARTNER}");
        for page in [PAGE, &order, &books, &day] {
            shop.get(who, page).await.refused_kindly(403, "OUTLET_FORBIDDEN");
            shop.get(who, &format!("{page}?format=csv"))
                .await
                .refused(403, "OUTLET_FORBIDDEN");
        }
        let overview = shop.get(who, "/dashboard?outlet=moka-7").await;
        assert!(!overview.text.contains(PAGE), "{who}: {}", overview.text);
    }
    for deed in ["propose", "confirm", "reject"] {
        shop.post("local", &format!("{order}/{deed}"), &[("version", "1")])
            .await
            .refused_kindly(403, "OUTLET_FORBIDDEN");
    }
}

#[tokio::test]
async fn the_overview_says_how_many_wait() {
    let shop = shop().await;
    seed::all(&shop).await;
    assert!(!shop.get("viewer", "/dashboard").await.main().contains(PAGE));
    handed_over(&shop, 0).await;
    told(
        &shop.get("viewer", "/dashboard").await,
        &["Isi ulang menunggu keputusan", "1 terbuka"],
    );
}
