//! Two people end an order of which nobody knows, and nobody does it alone.

use crate::support::Shop;
use crate::support::tokens::Issued;
use crate::support::topups::{
    self, NUMBER, delivered, failed, handed_over, reported, sent, shop, store, stored,
};
use domain::api_key::Scope;
use domain::topup::state::State;
use serde_json::json;

const DECIDE: &[Scope] = &[Scope::TopupsRead, Scope::TopupsDecide];
const SERIAL: &str = "R251028.1215.99C001";

fn page(refid: &str) -> String {
    format!("/dashboard/topups/{refid}")
}

async fn version(shop: &Shop, refid: &str) -> String {
    stored(shop, refid).await.version.to_string()
}

/// Proposes by the page that the order was delivered.
async fn propose(shop: &Shop, who: &str, refid: &str) {
    let version = version(shop, refid).await;
    let form = [
        ("version", version.as_str()),
        ("verdict", "delivered"),
        ("sn", SERIAL),
        ("reason", "CS: sukses <b>12.01</b>"),
    ];
    // The same twice, as a double click sends it, is one proposal.
    for _ in 0..2 {
        let done = shop.post(who, &format!("{}/propose", page(refid)), &form).await;
        assert_eq!(done.is(303).headers["location"], page(refid).as_str());
    }
}

#[tokio::test]
async fn an_approver_proposes_and_another_one_confirms() {
    let shop = shop().await;
    let refid = handed_over(&shop, 0).await;
    let shown = shop.get("viewer", &page(&refid)).await;
    let main = shown.is(200).main();
    assert!(
        main.contains("menunggu keputusan") && !main.contains("<form"),
        "{main}"
    );
    assert!(
        shop.get("approver", &page(&refid))
            .await
            .main()
            .contains("Usulkan")
    );
    propose(&shop, "approver", &refid).await;
    let own = shop.get("approver", &page(&refid)).await;
    assert!(own.main().contains("Ini usulan Anda") && !own.main().contains("Setujui usulan"));
    let version = version(&shop, &refid).await;
    let seen = [("version", version.as_str())];
    let confirm = format!("{}/confirm", page(&refid));
    let alone = shop.post("approver", &confirm, &seen).await;
    alone.refused_kindly(403, "TOPUP_SAME_PERSON");
    assert!(alone.text.contains("Minta rekan lain"), "{}", alone.text);
    let other = shop.get("second", &page(&refid)).await;
    let main = other.is(200).main();
    for words in [
        "Berhasil terkirim",
        "staff:sari",
        "CS: sukses &#60;b&#62;12.01&#60;/b&#62;",
        "****C001",
        "Setujui usulan",
    ] {
        assert!(main.contains(words), "{words}: {main}");
    }
    assert!(!other.text.contains(SERIAL));
    // A second click finds what the first one did.
    for _ in 0..2 {
        shop.post("second", &confirm, &seen).await.is(303);
    }
    let order = stored(&shop, &refid).await;
    assert_eq!((order.state, order.sn.as_deref()), (State::Success, Some(SERIAL)));
    let after = shop.get("viewer", &page(&refid)).await;
    let main = after.is(200).main();
    assert!(
        main.contains("Usulan disetujui") && main.contains("staff:hasan"),
        "{main}"
    );
    assert!(!after.text.contains(SERIAL) && !main.contains("<form"));
    let audit = shop.get("auditor", "/dashboard/audit?format=csv").await.text;
    for action in ["topup.proposed", "topup.confirmed"] {
        assert_eq!(audit.matches(action).count(), 1, "{audit}");
    }
    // Each record says who proposed what, and why.
    for words in ["staff:sari", "delivered", "CS: sukses"] {
        assert!(audit.matches(words).count() >= 2, "{words}: {audit}");
    }
    assert!(!audit.contains(SERIAL) && !audit.contains(NUMBER));
    let (left, _) = store(&shop).reviews(None, 10).await.unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn nobody_confirms_what_they_have_not_seen() {
    let shop = shop().await;
    let refid = handed_over(&shop, 0).await;
    propose(&shop, "approver", &refid).await;
    let seen = version(&shop, &refid).await;
    let reject = format!("{}/reject", page(&refid));
    shop.post("approver", &reject, &[("version", &seen)])
        .await
        .is(303);
    let now = version(&shop, &refid).await;
    let other = [
        ("version", now.as_str()),
        ("verdict", "not_delivered"),
        ("reason", "CS: tidak ada"),
    ];
    shop.post("approver", &format!("{}/propose", page(&refid)), &other)
        .await
        .is(303);
    let confirm = format!("{}/confirm", page(&refid));
    for old in [seen.as_str(), "", "x"] {
        shop.post("second", &confirm, &[("version", old)])
            .await
            .refused_kindly(409, "CHANGED_MEANWHILE");
    }
    assert_eq!(stored(&shop, &refid).await.state, State::Manual);
    let now = version(&shop, &refid).await;
    shop.post("second", &confirm, &[("version", &now)]).await.is(303);
    assert_eq!(stored(&shop, &refid).await.state, State::Failed);
}

#[tokio::test]
async fn a_report_against_how_an_order_ended_is_decided_by_two_as_well() {
    let shop = shop().await;
    let late = failed(&shop, 1).await;
    reported(&shop, &late, true).await;
    let taken_back = delivered(&shop, 2).await;
    reported(&shop, &taken_back, false).await;
    let shown = shop.get("approver", &page(&late)).await;
    assert!(shown.main().contains("lalu pemasok melapor bahwa berhasil"));
    for (refid, verdict, state) in [
        (&late, "delivered", State::LateSuccess),
        (&taken_back, "not_delivered", State::Reversed),
    ] {
        let before = version(&shop, refid).await;
        let said = [
            ("version", before.as_str()),
            ("verdict", verdict),
            ("reason", "Ditanyakan ke CS"),
        ];
        let proposed = shop
            .post("second", &format!("{}/propose", page(refid)), &said)
            .await;
        proposed.is(303);
        let seen = version(&shop, refid).await;
        shop.post(
            "approver",
            &format!("{}/confirm", page(refid)),
            &[("version", &seen)],
        )
        .await
        .is(303);
        let path = format!("/v1/topup-reviews/{refid}");
        let done = shop.call(DECIDE, "GET", &path, None).await;
        assert_eq!(done.is(200).json["state"], state.as_str());
        assert_eq!(done.json["to_decide"], false);
    }
}

#[tokio::test]
async fn a_key_decides_nothing_whoever_proposed() {
    let shop = shop().await;
    let (open, proposed) = (handed_over(&shop, 1).await, handed_over(&shop, 2).await);
    propose(&shop, "approver", &proposed).await;
    let said = json!({ "delivered": false, "reason": "Ditanyakan ke CS" });
    for refid in [&open, &proposed] {
        let before = stored(&shop, refid).await;
        let seen = json!({ "version": before.version });
        for (deed, body) in [("propose", &said), ("confirm", &seen), ("reject", &seen)] {
            let path = format!("/v1/topup-reviews/{refid}/{deed}");
            let refused = shop.call(DECIDE, "POST", &path, Some(body)).await;
            refused.refused(403, "TOPUP_NEEDS_PERSON");
        }
        assert_eq!(stored(&shop, refid).await, before);
    }
}

#[tokio::test]
async fn two_people_decide_through_the_api_with_tokens_of_their_own() {
    let issued = Issued::start().await;
    let shop = &issued.shop;
    topups::open(shop).await;
    let refid = handed_over(shop, 0).await;
    let (one, other) = (issued.token("sari").await, issued.token("hasan").await);
    let call = async |who: &str, deed: &str, body: serde_json::Value| {
        let path = format!("/v1/topup-reviews/{refid}/{deed}");
        shop.call_with(who, "POST", &path, Some(&body)).await
    };
    let said = json!({ "delivered": true, "serial_number": SERIAL, "reason": "Ditanyakan ke CS" });
    for body in [
        json!({ "delivered": true, "reason": " " }),
        json!({ "delivered": true, "reason": "x".repeat(501) }),
        json!({ "delivered": true, "reason": "x", "serial_number": "a\u{0}b" }),
    ] {
        call(&one, "propose", body).await.refused(422, "BODY_INVALID");
    }
    // The same once more changes nothing.
    for _ in 0..2 {
        let proposed = call(&one, "propose", said.clone()).await;
        assert_eq!(proposed.is(200).json["proposal"]["delivered"], true);
    }
    let differs = json!({ "delivered": false, "reason": "lain" });
    call(&one, "propose", differs)
        .await
        .refused(409, "TOPUP_NOT_TO_DECIDE");
    // Whoever agrees says what they have seen.
    for deed in ["confirm", "reject"] {
        call(&other, deed, json!({})).await.refused(422, "BODY_INVALID");
    }
    let seen = json!({ "version": stored(shop, &refid).await.version });
    call(&one, "confirm", seen.clone())
        .await
        .refused(403, "TOPUP_SAME_PERSON");
    let confirmed = call(&other, "confirm", seen).await;
    assert_eq!(confirmed.is(200).json["state"], "success");
    let order = stored(shop, &refid).await;
    assert_eq!((order.state, order.sn.as_deref()), (State::Success, Some(SERIAL)));
}

#[tokio::test]
async fn what_is_not_to_be_decided_and_what_is_no_verdict_are_refused() {
    let shop = shop().await;
    let (open, waits) = (sent(&shop, 1).await, handed_over(&shop, 2).await);
    let seen = version(&shop, &open).await;
    let said = [
        ("version", seen.as_str()),
        ("verdict", "delivered"),
        ("reason", "x"),
    ];
    for (refid, status, code) in [
        (open.as_str(), 409, "TOPUP_NOT_TO_DECIDE"),
        ("x", 404, "TOPUP_NOT_FOUND"),
    ] {
        let proposed = shop
            .post("approver", &format!("{}/propose", page(refid)), &said)
            .await;
        proposed.refused_kindly(status, code);
    }
    for deed in ["confirm", "reject"] {
        for (refid, status, code) in [
            (open.as_str(), 409, "TOPUP_NOT_TO_DECIDE"),
            (waits.as_str(), 409, "TOPUP_NOTHING_PROPOSED"),
        ] {
            let seen = version(&shop, refid).await;
            shop.post(
                "approver",
                &format!("{}/{deed}", page(refid)),
                &[("version", &seen)],
            )
            .await
            .refused_kindly(status, code);
        }
        shop.post("approver", &format!("{}/{deed}", page("x")), &[("version", "1")])
            .await
            .refused_kindly(404, "TOPUP_NOT_FOUND");
    }
    for body in [
        json!({ "delivered": "yes", "reason": "x" }),
        json!({ "reason": "x" }),
    ] {
        let path = format!("/v1/topup-reviews/{waits}/propose");
        let refused = shop.call(DECIDE, "POST", &path, Some(&body)).await;
        refused.refused(422, "BODY_INVALID");
    }
    // A form that leaves the verdict open says nothing.
    let third = handed_over(&shop, 3).await;
    let version = version(&shop, &third).await;
    for verdict in ["", "yes"] {
        let form = [
            ("version", version.as_str()),
            ("verdict", verdict),
            ("reason", "x"),
        ];
        shop.post("approver", &format!("{}/propose", page(&third)), &form)
            .await
            .refused_kindly(422, "BODY_INVALID");
    }
}

#[tokio::test]
async fn only_those_who_may_decide() {
    let shop = shop().await;
    let refid = handed_over(&shop, 0).await;
    for who in ["viewer", "operator", "auditor"] {
        for deed in ["propose", "confirm", "reject"] {
            shop.post(who, &format!("{}/{deed}", page(&refid)), &[("reason", "x")])
                .await
                .refused_kindly(403, "SCOPE_MISSING");
        }
    }
    for deed in ["propose", "confirm", "reject"] {
        let path = format!("/v1/topup-reviews/{refid}/{deed}");
        shop.call(
            &[Scope::TopupsRead, Scope::TopupsManage],
            "POST",
            &path,
            Some(&json!({})),
        )
        .await
        .refused(403, "SCOPE_MISSING");
    }
    shop.post("approver", &format!("{}/buy-again", page(&refid)), &[])
        .await
        .refused_kindly(404, "ROUTE_NOT_FOUND");
    assert_eq!(stored(&shop, &refid).await.state, State::Manual);
}

#[tokio::test]
async fn an_order_that_is_over_is_corrected_by_two_although_no_report_contradicts_it() {
    let shop = shop().await;
    let given_back = delivered(&shop, 1).await;
    let late = failed(&shop, 2).await;
    for (refid, verdict, state) in [
        (&given_back, "not_delivered", State::Reversed),
        (&late, "delivered", State::LateSuccess),
    ] {
        let shown = shop.get("approver", &page(refid)).await;
        let offered = format!("name=\"verdict\" value=\"{verdict}\"");
        assert!(shown.is(200).main().contains(&offered), "{}", shown.main());
        let viewed = shop.get("viewer", &page(refid)).await;
        assert!(!viewed.main().contains("<form"), "{}", viewed.main());
        let before = version(&shop, refid).await;
        let form = [
            ("version", before.as_str()),
            ("verdict", verdict),
            ("reason", "CS: lewat telepon"),
        ];
        shop.post("approver", &format!("{}/propose", page(refid)), &form)
            .await
            .is(303);
        let (waits, _) = store(&shop).reviews(None, 10).await.unwrap();
        let waits: Vec<&str> = waits.iter().map(|order| order.refid.as_str()).collect();
        assert_eq!(waits, [refid.as_str()], "the other one sees it");
        let seen = version(&shop, refid).await;
        let confirm = format!("{}/confirm", page(refid));
        shop.post("approver", &confirm, &[("version", &seen)])
            .await
            .refused_kindly(403, "TOPUP_SAME_PERSON");
        let asked = shop.get("second", &page(refid)).await;
        assert!(asked.main().contains("berakhir lain"), "{}", asked.main());
        shop.post("second", &confirm, &[("version", &seen)]).await.is(303);
        assert_eq!(stored(&shop, refid).await.state, state);
    }
}
