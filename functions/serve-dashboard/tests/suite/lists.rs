//! Lists of what belongs to outlets, and what a person reads when something was refused.

use crate::support::Shop;
use crate::support::seed;

#[tokio::test]
async fn cases_and_comments_name_their_outlets() {
    let shop = Shop::start().await;
    seed::outlet(&shop, "moka-7", "Oyako Kemang").await;
    aws::outlets::Outlets::new(&shop.world.clients)
        .get_or_register("pos-9", None, None)
        .await
        .unwrap();
    let mut cases = Vec::new();
    for outlet in ["moka-7", "pos-9"] {
        let low = seed::answer(&shop, outlet, "A1", 1, Some("Terlalu asin")).await;
        cases.push(seed::case(&shop, &low).await);
    }
    let case = format!("/dashboard/cases/moka-7/{}", cases[0].id);
    for page in ["/dashboard/comments", "/dashboard/cases"] {
        let answer = shop.get("viewer", page).await;
        let main = answer.is(200).main();
        assert!(main.contains("<bdi>Oyako Kemang</bdi>"), "{page}: {main}");
        assert!(main.contains("<bdi>pos-9</bdi>"), "no name, so its id: {main}");
        assert!(!main.contains("<bdi>moka-7</bdi>"), "{page}: {main}");
        let csv = shop.get("viewer", &format!("{page}?format=csv")).await;
        assert!(csv.is(200).text.contains("moka-7,Oyako Kemang"), "{}", csv.text);
        let json = shop.get("viewer", &format!("{page}?format=json")).await;
        let names: Vec<_> = json.is(200).json["items"].as_array().unwrap().to_vec();
        assert!(
            names
                .iter()
                .all(|item| item["outlet_name"].is_null() == (item["outlet"] == "pos-9"))
        );
    }
    for page in [case.as_str(), "/dashboard"] {
        let answer = shop.get("operator", page).await;
        let main = answer.is(200).main();
        assert!(!main.contains("<bdi>moka-7</bdi>"), "{page}: {main}");
        assert!(main.contains("<bdi>Oyako Kemang</bdi>"), "{page}: {main}");
    }
    let limited = shop.get("limited", "/dashboard/comments").await;
    assert!(limited.is(200).main().contains(">Oyako Kemang</option>"));
}

#[tokio::test]
async fn naming_twenty_outlets_is_one_read() {
    let shop = Shop::start().await;
    let pages = ["/dashboard/comments", "/dashboard/cases", "/dashboard"];
    let mut requests: Vec<Vec<u64>> = Vec::new();
    for outlets in [0..6, 6..20] {
        for number in outlets {
            let id = format!("pos-{number:02}");
            seed::outlet(&shop, &id, "Oyako").await;
            let low = seed::answer(&shop, &id, "A1", 1, Some("Terlalu asin")).await;
            seed::case(&shop, &low).await;
        }
        let mut costs = Vec::new();
        for page in pages {
            let before = shop.world.clients.meter().read();
            shop.get("viewer", page).await.is(200);
            costs.push(shop.world.clients.meter().read().since(before).requests);
        }
        requests.push(costs);
    }
    assert_eq!(requests[0], requests[1]);
}

#[tokio::test]
async fn a_refused_form_says_what_is_wrong_in_the_readers_language() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let case = format!("/dashboard/cases/moka-7/{}", seeded.case.id);
    let long = "x".repeat(1001);
    let table = [
        (
            "",
            long.as_str(),
            "contacted",
            "catatan paling banyak 1000 karakter",
        ),
        (
            "?lang=en",
            &long,
            "contacted",
            "a note has 1000 characters at most",
        ),
        (
            "",
            "",
            "gone",
            "keadaan adalah salah satu dari open, contacted, resolved",
        ),
    ];
    for (lang, note, state, words) in table {
        let refused = shop
            .post(
                "operator",
                &format!("{case}{lang}"),
                &[("state", state), ("note", note)],
            )
            .await;
        refused.refused_kindly(422, "BODY_INVALID");
        assert!(refused.main().contains(words), "{}", refused.main());
    }
    for (path, words) in [
        ("/dashboard/cases?state=gone", "salah satu dari open"),
        ("/dashboard/menu?sort=price", "salah satu dari net"),
        ("/dashboard/menu?from=kemarin", "tulis tanggal seperti 2025-10-28"),
    ] {
        let refused = shop.get("viewer", path).await;
        refused.refused_kindly(400, "PARAMETER_INVALID");
        assert!(refused.main().contains(words), "{}", refused.main());
        assert!(!refused.main().contains("one of") && !refused.main().contains("a date"));
    }
}
