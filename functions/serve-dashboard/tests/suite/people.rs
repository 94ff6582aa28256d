//! People: who may find and see them, what is shown of them, and what stays on record.

use crate::support;
use crate::support::people::{
    self, BUDI, EMAIL, NAME, ON_PAPER, PHONE, PHONE_TYPED, RECEIPT, SITI, SITI_TOO,
};
use crate::support::{Shop, seed};
use domain::api_key::Scope;
use serde_json::{Value, json};

const WRITE: &[Scope] = &[Scope::PeopleWrite];

async fn shop() -> Shop {
    let shop = Shop::start().await;
    people::all(&shop).await;
    people::rate(&shop, true).await;
    shop
}

fn page_of(id: &str) -> String {
    format!("/dashboard/people/{id}")
}

/// What is on record of an action: who and to whom.
async fn audited(shop: &Shop, action: &str) -> Vec<(String, String, String)> {
    let trail = shop.get("auditor", "/dashboard/audit?format=json").await;
    let items = trail.is(200).json["items"].as_array().unwrap().clone();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    let found = items.iter().filter(|item| item["action"] == action);
    found
        .map(|item| (text(item, "actor"), text(item, "subject"), text(item, "facts")))
        .collect()
}

#[tokio::test]
async fn an_approver_finds_somebody_by_number_id_or_receipt() {
    let shop = shop().await;
    for text in [SITI, RECEIPT, ON_PAPER] {
        let found = shop
            .post("approver", "/dashboard/people/find", &[("q", text)])
            .await;
        assert_eq!(
            found.is(303).headers["location"],
            page_of(SITI).as_str(),
            "{text}"
        );
    }
    // Two people have the number.
    let found = shop
        .post("approver", "/dashboard/people/find", &[("q", PHONE_TYPED)])
        .await;
    for id in [SITI, SITI_TOO, BUDI] {
        assert!(found.is(200).main().contains(&page_of(id)), "{}", found.main());
    }
    assert!(
        !found.text.contains(NAME) && !found.text.contains(PHONE),
        "{}",
        found.text
    );
    let nobody = [
        ("0812-9999-0000", 404, "PERSON_NOT_FOUND"),
        ("Siti", 422, "BODY_INVALID"),
    ];
    for (text, status, code) in nobody {
        shop.post("approver", "/dashboard/people/find", &[("q", text)])
            .await
            .refused_kindly(status, code);
    }
    let sought = audited(&shop, "person.sought").await;
    assert_eq!(sought.len(), 5, "{sought:?}");
    assert!(sought.iter().all(|(actor, _, _)| actor == "staff:sari"));
}

#[tokio::test]
async fn the_page_of_a_person_shows_all_their_ids_and_leaves_a_record() {
    let shop = shop().await;
    let page = shop.get("approver", &page_of(SITI)).await;
    insta::assert_snapshot!("person", page.is(200).main());
    let english = shop.get("approver", &format!("{}?lang=en", page_of(SITI))).await;
    assert!(
        english
            .is(200)
            .main()
            .contains("New: came for the first time lately")
    );
    let viewed = audited(&shop, "person.viewed").await;
    assert_eq!(viewed.len(), 2, "{viewed:?}");
    for (actor, subject, facts) in viewed {
        assert_eq!((&*actor, &*subject), ("staff:sari", SITI));
        assert_eq!(facts, json!({ "members": [SITI, SITI_TOO] }).to_string());
    }
    shop.get("approver", &page_of("OYAKO_MOKA_404"))
        .await
        .refused_kindly(404, "PERSON_NOT_FOUND");
    // A title goes into the browser's history.
    assert!(page.text.contains("<title>Data satu orang"), "{}", page.text);
}

#[tokio::test]
async fn only_an_approver_of_all_outlets_sees_people() {
    let shop = shop().await;
    let find = "/dashboard/people/find";
    for who in ["viewer", "operator", "auditor"] {
        shop.get(who, &page_of(SITI))
            .await
            .refused_kindly(403, "SCOPE_MISSING");
        shop.post(who, find, &[("q", SITI)])
            .await
            .refused_kindly(403, "SCOPE_MISSING");
        let affected = [("from", "2025-10-27"), ("to", "2025-10-27")];
        shop.post(who, "/dashboard/people/affected", &affected)
            .await
            .refused_kindly(403, "SCOPE_MISSING");
        for change in ["part", "reunite"] {
            shop.post(who, &format!("{}/{change}", page_of(SITI)), &[("with", BUDI)])
                .await
                .refused_kindly(403, "SCOPE_MISSING");
        }
    }
    for page in ["/dashboard/people", &page_of(SITI)] {
        let refused = shop.get("local", page).await;
        refused.refused_kindly(403, "OUTLET_FORBIDDEN");
        assert!(
            refused.main().contains("hanya akun yang memegang semua outlet"),
            "{}",
            refused.main()
        );
    }
    shop.post("local", find, &[("q", SITI)])
        .await
        .refused_kindly(403, "OUTLET_FORBIDDEN");
    let nav = |answer: &support::Answer| answer.text.contains("href=\"/dashboard/people");
    for (who, expected) in [
        ("viewer", false),
        ("operator", false),
        ("local", false),
        ("auditor", true),
        ("approver", true),
    ] {
        let page = shop.get(who, "/dashboard?outlet=moka-7").await;
        assert_eq!(nav(page.is(200)), expected, "{who}");
    }
    assert_eq!(audited(&shop, "person.viewed").await.len(), 0);
    assert_eq!(audited(&shop, "person.sought").await.len(), 0);
}

#[tokio::test]
async fn ids_are_parted_and_joined_again_and_both_stay_on_record() {
    let shop = shop().await;
    let parted = shop
        .post(
            "approver",
            &format!("{}/part", page_of(SITI_TOO)),
            &[("back", SITI)],
        )
        .await;
    assert_eq!(parted.is(303).headers["location"], page_of(SITI).as_str());
    let person = shop.call(WRITE, "GET", &format!("/v1/people/{SITI}"), None).await;
    assert_eq!(person.is(200).json["members"].as_array().unwrap().len(), 1);
    let others = person.json["others"].as_array().unwrap();
    let standing = others.iter().find(|other| other["id"] == SITI_TOO).unwrap();
    assert_eq!(
        (&standing["state"], &standing["by"]),
        (&json!("parted"), &json!("staff:sari"))
    );
    let joined = shop
        .post(
            "approver",
            &format!("{}/reunite", page_of(SITI)),
            &[("with", SITI_TOO)],
        )
        .await;
    joined.is(303);
    let person = shop.call(WRITE, "GET", &format!("/v1/people/{SITI}"), None).await;
    assert_eq!(person.is(200).json["members"].as_array().unwrap().len(), 2);
    assert_eq!(person.json["standing"]["evidence"], "person");
    shop.post(
        "approver",
        &format!("{}/reunite", page_of(SITI)),
        &[("with", "OYAKO_MOKA_404")],
    )
    .await
    .refused_kindly(404, "KIN_UNKNOWN");
    assert_eq!(audited(&shop, "kin.parted").await.len(), 1);
    // The night joined them first.
    assert_eq!(audited(&shop, "kin.joined").await.len(), 2);
}

#[tokio::test]
async fn the_api_finds_shows_copies_and_parts() {
    let shop = shop().await;
    let find = async |body: Value| shop.call(WRITE, "POST", "/v1/people/find", Some(&body)).await;
    let by_phone = find(json!({ "phone": PHONE_TYPED })).await;
    assert_eq!(by_phone.is(200).json, json!({ "items": [SITI, SITI_TOO, BUDI] }));
    assert_eq!(
        find(json!({ "receipt": RECEIPT })).await.is(200).json["items"],
        json!([SITI])
    );
    assert_eq!(
        find(json!({ "customer": "OYAKO_X" })).await.is(200).json["items"],
        json!([])
    );
    for body in [
        json!({}),
        json!({ "phone": "Siti" }),
        json!({ "phone": PHONE, "customer": SITI }),
        json!({ "receipt": "53L8YFC" }),
        json!({ "name": NAME }),
    ] {
        find(body).await.refused(422, "BODY_INVALID");
    }
    let person = shop.call(WRITE, "GET", &format!("/v1/people/{SITI}"), None).await;
    insta::assert_json_snapshot!("person-document", person.is(200).json);
    let copy = format!("/v1/people/{SITI}/copy");
    let document = shop.call(WRITE, "GET", &copy, None).await;
    assert_eq!(document.is(200).json["next"], Value::Null);
    for known in [NAME, PHONE, EMAIL, people::WORDS, RECEIPT] {
        assert!(document.text.contains(known), "{known}: {}", document.text);
    }
    let table = shop.call(WRITE, "GET", &format!("{copy}?format=csv"), None).await;
    assert_eq!(table.is(200).headers["content-type"], "text/csv; charset=utf-8");
    assert!(table.text.contains(NAME), "{}", table.text);
    shop.call(WRITE, "GET", &format!("{copy}?after=x"), None)
        .await
        .refused(400, "PARAMETER_INVALID");
    shop.call(WRITE, "GET", &format!("{copy}?format=xml"), None)
        .await
        .refused(400, "PARAMETER_INVALID");
    shop.call(WRITE, "GET", "/v1/people/OYAKO_X/copy", None)
        .await
        .refused(404, "PERSON_NOT_FOUND");
    assert_eq!(audited(&shop, "person.copied").await.len(), 2);
    shop.call(WRITE, "POST", &format!("/v1/people/{SITI_TOO}/part"), None)
        .await
        .is(204);
    let with = json!({ "with": SITI });
    shop.call(
        WRITE,
        "POST",
        &format!("/v1/people/{SITI_TOO}/reunite"),
        Some(&with),
    )
    .await
    .is(204);
    shop.call(WRITE, "POST", "/v1/people/OYAKO_X/part", None)
        .await
        .refused(404, "KIN_UNKNOWN");
}

#[tokio::test]
async fn no_number_is_asked_for_in_an_address() {
    let shop = shop().await;
    let routes = [
        (
            "GET",
            format!("/v1/people/{SITI}?phone={PHONE}"),
            400,
            "QUERY_UNKNOWN",
        ),
        (
            "POST",
            format!("/v1/people/find?phone={PHONE}"),
            400,
            "QUERY_UNKNOWN",
        ),
    ];
    for (method, path, status, code) in routes {
        let path = path.replace('+', "%2B");
        shop.call(WRITE, method, &path, Some(&json!({})))
            .await
            .refused(status, code);
    }
}

#[tokio::test]
async fn a_breach_is_answered_with_a_list_of_those_whom_it_concerns() {
    let shop = shop().await;
    let days = [("from", "2025-10-01"), ("to", "2025-10-28")];
    let list = shop.post("approver", "/dashboard/people/affected", &days).await;
    let disposition = list.is(200).headers["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"orang-terdampak.csv\"");
    for known in [SITI, SITI_TOO, BUDI, EMAIL] {
        assert!(list.text.contains(known), "{known}: {}", list.text);
    }
    seed::outlet(&shop, "pos-9", "Oyako Blok M").await;
    let path = "/v1/people/affected?from=2025-10-27&to=2025-10-27&outlet=pos-9";
    let elsewhere = shop.call(WRITE, "GET", path, None).await;
    assert_eq!(
        elsewhere.is(200).json,
        json!({ "people": [], "unreadable": [], "next": null })
    );
    let table = shop.call(WRITE, "GET", &format!("{path}&format=csv"), None).await;
    assert!(
        table.is(200).text.contains("customer,name,phone"),
        "{}",
        table.text
    );
    for (query, code) in [
        ("from=2025-10-27", "PARAMETER_MISSING"),
        ("from=2025-10-28&to=2025-10-27", "PARAMETER_INVALID"),
        ("from=kemarin&to=2025-10-27", "PARAMETER_INVALID"),
    ] {
        shop.call(WRITE, "GET", &format!("/v1/people/affected?{query}"), None)
            .await
            .refused(400, code);
    }
    // A digit too many, and not an outlet at which nobody was.
    for outlet in ["moka-77", ""] {
        let path = format!("/v1/people/affected?from=2025-10-27&to=2025-10-27&outlet={outlet}");
        shop.call(WRITE, "GET", &path, None)
            .await
            .refused(404, "OUTLET_NOT_FOUND");
    }
    let [from, to] = days;
    let fields = [from, to, ("outlet", "moka-77")];
    shop.post("approver", "/dashboard/people/affected", &fields)
        .await
        .refused_kindly(404, "OUTLET_NOT_FOUND");
    let listed = audited(&shop, "people.affected_listed").await;
    assert_eq!(listed.len(), 3, "{listed:?}");
    assert!(
        listed
            .iter()
            .all(|(_, _, facts)| !facts.contains("Siti") && !facts.contains("62812"))
    );
}

#[tokio::test]
async fn a_guest_is_reached_only_where_they_agreed_and_by_an_approver() {
    let shop = Shop::start().await;
    people::all(&shop).await;
    let answer = people::rate(&shop, true).await;
    let case = seed::case(&shop, &answer).await;
    let path = format!("/dashboard/cases/moka-7/{}", case.id);
    let reach = format!("{path}/contact");
    let operator = shop.get("operator", &path).await;
    assert!(
        operator.is(200).main().contains("boleh dihubungi"),
        "{}",
        operator.main()
    );
    assert!(!operator.main().contains("/contact"), "{}", operator.main());
    for (who, code) in [("operator", "SCOPE_MISSING"), ("local", "OUTLET_FORBIDDEN")] {
        shop.post(who, &reach, &[]).await.refused_kindly(403, code);
    }
    let approver = shop.get("approver", &path).await;
    assert!(approver.is(200).main().contains(&reach) && !approver.text.contains(PHONE));
    let shown = shop.post("approver", &reach, &[]).await;
    insta::assert_snapshot!("contact", shown.is(200).main());
    let audit = audited(&shop, "person.contact_shown").await;
    assert_eq!(audit.len(), 1, "{audit:?}");
    assert_eq!(audit[0].1, SITI);
}

#[tokio::test]
async fn a_guest_who_did_not_agree_is_not_reached() {
    let shop = Shop::start().await;
    people::all(&shop).await;
    let answer = people::rate(&shop, false).await;
    let case = seed::case(&shop, &answer).await;
    let path = format!("/dashboard/cases/moka-7/{}", case.id);
    let page = shop.get("approver", &path).await;
    assert!(
        page.is(200).main().contains("tidak boleh dihubungi"),
        "{}",
        page.main()
    );
    assert!(page.main().contains("tidak ada persetujuan"), "{}", page.main());
    assert!(!page.main().contains("/contact"), "{}", page.main());
    let refused = shop.post("approver", &format!("{path}/contact"), &[]).await;
    refused.refused_kindly(403, "CONTACT_BARRED");
    assert!(!refused.text.contains(PHONE));
    let document = shop
        .call(
            &[Scope::FeedbackRead],
            "GET",
            &format!("/v1/cases/moka-7/{}", case.id),
            None,
        )
        .await;
    assert_eq!(document.is(200).json["contact_barred"], "CONSENT_MISSING");
    assert_eq!(audited(&shop, "person.contact_shown").await.len(), 0);
}
