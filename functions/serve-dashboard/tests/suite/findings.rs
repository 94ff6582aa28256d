//! The pages of findings: what they show, to whom, and who may say that one is fine.

use crate::support::duties::{self, finding, found};
use crate::support::{Answer, Shop, seed};
use domain::api_key::Scope;
use domain::finding::Code;
use serde_json::json;

const READ: &[Scope] = &[Scope::SalesRead];
const GAP: &str = "moka-7/2025-10-27/NUMBER_GAP";

fn places(answer: &Answer) -> Vec<String> {
    let items = answer.is(200).json["items"].as_array().unwrap().clone();
    let text = |item: &serde_json::Value, name: &str| item[name].as_str().unwrap().to_owned();
    let place = |item| {
        let [outlet, date, code] = ["outlet", "date", "code"].map(|name| text(item, name));
        format!("{outlet}/{date}/{code}")
    };
    items.iter().map(place).collect()
}

async fn shop() -> Shop {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    duties::all(&shop).await;
    shop
}

#[tokio::test]
async fn findings_are_listed_and_shown_with_their_facts() {
    let shop = shop().await;
    for (name, page) in [
        ("list", "/dashboard/findings".to_owned()),
        ("one", format!("/dashboard/findings/{GAP}")),
        (
            "one-in-english",
            "/dashboard/findings/moka-7/2025-10-27/FILE_FAILED?lang=en".to_owned(),
        ),
    ] {
        insta::assert_snapshot!(name, shop.get("operator", &page).await.is(200).main());
    }
    let document = shop.call(READ, "GET", &format!("/v1/findings/{GAP}"), None).await;
    insta::assert_json_snapshot!("document", document.is(200).json);
    let same = [
        "",
        "?outlet=moka-7",
        "?code=NUMBER_GAP",
        "?outlet=moka-7&state=resolved",
    ];
    for query in same {
        let document = shop
            .call(READ, "GET", &format!("/v1/findings{query}"), None)
            .await;
        let format = if query.is_empty() {
            "?format=json"
        } else {
            "&format=json"
        };
        let page = shop
            .get("viewer", &format!("/dashboard/findings{query}{format}"))
            .await;
        assert_eq!(document.is(200).json, page.json, "{query}");
    }
    let csv = shop.get("viewer", "/dashboard/findings?format=csv").await;
    let row = "moka-7,Oyako Kemang,2025-10-27,NUMBER_GAP,Ada nomor struk yang terlewati.";
    assert!(csv.is(200).text.contains(row), "{}", csv.text);
    assert!(
        csv.text
            .contains("Nomor yang tidak ada: 2; Di antaranya: A-0042, A-0043"),
        "{}",
        csv.text
    );
}

#[tokio::test]
async fn filters_choose_among_findings() {
    let shop = shop().await;
    let [gap, failed, gone, missing] = [
        GAP,
        "moka-7/2025-10-27/FILE_FAILED",
        "moka-7/2025-10-25/SALES_MISSING",
        "pos-9/2025-10-27/SALES_MISSING",
    ];
    let table: [(&str, &[&str]); 9] = [
        ("", &[missing, failed, gap]),
        ("state=open", &[missing, failed, gap]),
        ("code=SALES_MISSING", &[missing]),
        ("date=2025-10-26", &[]),
        ("outlet=moka-7", &[gap, failed, gone]),
        ("outlet=moka-7&state=resolved", &[gone]),
        ("outlet=moka-7&date=2025-10-27", &[failed, gap]),
        ("outlet=moka-7&date=2025-10-27&code=NUMBER_GAP", &[gap]),
        ("outlet=moka-7&state=accepted", &[]),
    ];
    for (query, expected) in table {
        let found = shop
            .call(READ, "GET", &format!("/v1/findings?{query}"), None)
            .await;
        assert_eq!(places(&found), expected, "{query}");
    }
    for query in [
        "state=resolved",
        "state=gone",
        "code=number_gap",
        "date=kemarin",
        "after=x",
        "after=eA",
    ] {
        shop.get("viewer", &format!("/dashboard/findings?{query}"))
            .await
            .refused_kindly(400, "PARAMETER_INVALID");
    }
    let nowhere = shop.get("viewer", "/dashboard/findings?outlet=pos-1").await;
    nowhere.refused_kindly(404, "OUTLET_NOT_FOUND");
}

#[tokio::test]
async fn a_person_sees_the_findings_of_their_outlets_only() {
    let shop = shop().await;
    let own = shop
        .get("limited", "/dashboard/findings?state=open&format=json")
        .await;
    assert_eq!(places(&own), [GAP, "moka-7/2025-10-27/FILE_FAILED"]);
    let others = [
        "/dashboard/findings?outlet=pos-9",
        "/dashboard/findings/pos-9/2025-10-27/SALES_MISSING",
    ];
    for page in others {
        shop.get("limited", page)
            .await
            .refused_kindly(403, "OUTLET_FORBIDDEN");
    }
    shop.post("limited", others[1], &[("reason", "tutup")])
        .await
        .refused_kindly(403, "OUTLET_FORBIDDEN");
    shop.get("without", "/dashboard/findings")
        .await
        .refused_kindly(403, "OUTLET_FORBIDDEN");
    for path in ["/v1/findings".to_owned(), format!("/v1/findings/{GAP}")] {
        let refused = shop.call(&[Scope::FeedbackRead], "GET", &path, None).await;
        refused.refused(403, "SCOPE_MISSING");
    }
    for place in [
        "moka-7/2025-10-26/NUMBER_GAP",
        "moka-7/2025-10-27/NUMBER",
        "moka-7/kemarin/NUMBER_GAP",
    ] {
        shop.get("viewer", &format!("/dashboard/findings/{place}"))
            .await
            .refused_kindly(404, "FINDING_NOT_FOUND");
    }
    let sync = shop.get("viewer", "/dashboard/sync?to=2025-10-27").await;
    let link = "/dashboard/findings?outlet=moka-7&#38;date=2025-10-27";
    assert!(sync.is(200).main().contains(link), "{}", sync.main());
}

#[tokio::test]
async fn an_operator_accepts_a_finding_with_a_reason() {
    let shop = shop().await;
    let path = format!("/dashboard/findings/{GAP}");
    let reason = [("reason", "Struk <b>dibatalkan</b> kasir")];
    assert!(!shop.get("viewer", &path).await.is(200).main().contains("<form"));
    shop.post("viewer", &path, &reason)
        .await
        .refused_kindly(403, "SCOPE_MISSING");
    let long = "x".repeat(1001);
    for bad in ["", "  x ", &long] {
        shop.post("operator", &path, &[("reason", bad)])
            .await
            .refused_kindly(422, "BODY_INVALID");
    }
    // The same twice, as a double click sends it, is one decision.
    for _ in 0..2 {
        let done = shop.post("operator", &path, &reason).await;
        assert_eq!(done.is(303).headers["location"], path.as_str());
    }
    let page = shop.get("operator", &path).await;
    let main = page.is(200).main();
    assert!(main.contains("diterima") && main.contains("staff:budi"), "{main}");
    assert!(
        main.contains("&#60;b&#62;dibatalkan") && !main.contains("<form"),
        "{main}"
    );
    shop.post("operator", &path, &[("reason", "lain lagi")])
        .await
        .refused_kindly(409, "FINDING_NOT_OPEN");
    let audit = shop.get("auditor", "/dashboard/audit?format=csv").await.text;
    assert_eq!(audit.matches("finding.accepted").count(), 1, "{audit}");
    let open = shop.call(READ, "GET", "/v1/findings", None).await;
    assert!(!places(&open).contains(&GAP.to_owned()));
}

#[tokio::test]
async fn a_key_accepts_a_finding() {
    let shop = shop().await;
    let path = format!("/v1/findings/{GAP}");
    let scopes = [Scope::SalesRead, Scope::QuarantineWrite];
    let call = async |body| shop.call(&scopes, "POST", &path, Some(&body)).await;
    shop.call(READ, "POST", &path, Some(&json!({ "reason": "tutup" })))
        .await
        .refused(403, "SCOPE_MISSING");
    call(json!({ "reason": "x" })).await.refused(422, "BODY_INVALID");
    call(json!({ "note": "tutup" }))
        .await
        .refused(422, "BODY_INVALID");
    let done = call(json!({ "reason": "Struk dibatalkan" })).await;
    assert_eq!(done.is(200).json["state"], "accepted");
    assert_eq!(done.json["notes"][0]["text"], "Struk dibatalkan");
    call(json!({ "reason": "lain lagi" }))
        .await
        .refused(409, "FINDING_NOT_OPEN");
}

#[tokio::test]
async fn a_search_looks_through_a_bounded_number_of_findings_and_goes_on_from_there() {
    let shop = Shop::start().await;
    let many: Vec<_> = (0..230)
        .map(|number| finding("pos-1", &day(number), Code::ClockWrong, i64::from(number)))
        .collect();
    seed::outlet(&shop, "pos-1", "Oyako").await;
    found(&shop, &many).await;
    // The oldest of all, by its date and by when it was found.
    found(&shop, &[finding("pos-1", "2024-01-01", Code::NumberGap, -1)]).await;
    for query in ["code=NUMBER_GAP", "outlet=pos-1&code=NUMBER_GAP"] {
        let path = format!("/dashboard/findings?{query}&format=json");
        let before = shop.world.clients.meter().read();
        let first = shop.get("viewer", &path).await;
        let cost = shop.world.clients.meter().read().since(before);
        assert!(cost.requests <= 12, "{query}: {cost:?}");
        assert_eq!(places(&first), Vec::<String>::new());
        let page = shop.get("viewer", &format!("/dashboard/findings?{query}")).await;
        assert!(page.is(200).main().contains("Cari lebih jauh"), "{}", page.main());
        let next = first.json["next"].as_str().unwrap();
        let second = shop.get("viewer", &format!("{path}&after={next}")).await;
        assert_eq!(places(&second), ["pos-1/2024-01-01/NUMBER_GAP"], "{query}");
        assert!(second.json["next"].is_null());
    }
    let (mut seen, mut path) = (0, "/v1/findings?limit=100".to_owned());
    loop {
        let page = shop.call(READ, "GET", &path, None).await;
        seen += places(&page).len();
        let Some(next) = page.json["next"].as_str() else {
            break;
        };
        path = format!("/v1/findings?limit=100&after={next}");
    }
    assert_eq!(seen, 231);
    let overview = shop.get("viewer", "/dashboard").await;
    assert!(
        overview.is(200).main().contains("50+ terbuka"),
        "{}",
        overview.main()
    );
}

/// A day of its own for each number.
fn day(number: u32) -> String {
    let first = seed::date("2025-01-01");
    first
        .add_days(i32::try_from(number).unwrap())
        .unwrap()
        .to_string()
}
