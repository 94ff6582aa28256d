//! What people ask for about their data: noted, checked, carried out or refused, page by page.

use crate::support::people::{
    BUDI, EMAIL, NAME, ON_PAPER, PHONE_TYPED, RECEIPT, SITI, SITI_TOO, carry_out, note, shop, stored,
};
use crate::support::{CSRF, NOON_MS, Shop, URL, session};
use aws::customers::Customers;
use aws::requests::Requests;
use domain::rights::Request;

const HOUR_MS: i64 = 3_600_000;

/// The page with the request's own id taken out: that one is random.
async fn shown(shop: &Shop, who: &str, page: &str) -> String {
    let answer = shop.get(who, page).await;
    let id = page.rsplit('/').next().unwrap();
    answer.is(200).main().replace(id, "req_…")
}

#[tokio::test]
async fn an_access_goes_from_its_note_to_the_copy_and_its_proof() {
    let shop = shop().await;
    let page = note(&shop, &[("kind", "access"), ("customer", SITI)]).await;
    insta::assert_snapshot!("request-received", shown(&shop, "approver", &page).await);
    assert_eq!(
        stored(&shop, &page).await.customers,
        [SITI, SITI_TOO],
        "who is one person"
    );
    for early in ["copy", "execute"] {
        shop.post("approver", &format!("{page}/{early}"), &[])
            .await
            .refused_kindly(409, "RIGHTS_UNCHECKED");
    }
    let wrong = [("method", "called_back"), ("told", "0812-0000-1111")];
    shop.post("approver", &format!("{page}/check"), &wrong)
        .await
        .is(303);
    let mismatch = shop.get("approver", &page).await;
    assert!(
        mismatch
            .is(200)
            .main()
            .contains("Pengecekan terakhir tidak cocok"),
        "{}",
        mismatch.main()
    );
    let right = [("method", "called_back"), ("told", PHONE_TYPED)];
    shop.post("approver", &format!("{page}/check"), &right)
        .await
        .is(303);
    insta::assert_snapshot!("request-verified", shown(&shop, "approver", &page).await);
    let copy = shop
        .post("approver", &format!("{page}/copy"), &[("format", "json")])
        .await;
    assert!(
        copy.is(200).text.contains(NAME) && copy.json["next"].is_null(),
        "{}",
        copy.text
    );
    assert_eq!(copy.headers["cache-control"], "no-store");
    let table = shop
        .post("approver", &format!("{page}/copy"), &[("format", "csv")])
        .await;
    assert!(table.is(200).text.contains(EMAIL), "{}", table.text);
    shop.post("approver", &format!("{page}/execute"), &[])
        .await
        .is(303);
    let running = shop.get("approver", &page).await;
    assert!(
        running.is(200).main().contains("Sedang dijalankan"),
        "{}",
        running.main()
    );
    carry_out(&shop, &page).await;
    // Which chain of the audit trail it is follows from the random id.
    let (chain, number) = stored(&shop, &page).await.proof.unwrap().audit.unwrap();
    let done = shown(&shop, "auditor", &page).await;
    let record = format!("<dd>{chain}/{number}</dd>");
    assert!(done.contains(&record), "{done}");
    insta::assert_snapshot!("request-done", done.replace(&record, "<dd>…</dd>"));
    let answer = shop.get("approver", &page).await;
    let told = answer.is(200).main();
    assert!(told.contains("Beri tahu orangnya"), "{told}");
    is_settled(&shop, &page).await;
}

/// Nothing more can be done about the request of a page.
async fn is_settled(shop: &Shop, page: &str) {
    for step in ["execute", "check", "refuse"] {
        let fields = [
            ("method", "called_back"),
            ("told", PHONE_TYPED),
            ("reason", "repeated"),
        ];
        shop.post("approver", &format!("{page}/{step}"), &fields)
            .await
            .refused_kindly(409, "RIGHTS_SETTLED");
    }
}

#[tokio::test]
async fn each_evidence_is_compared_and_none_of_it_is_kept() {
    let shop = shop().await;
    let table = [
        ("receipt_shown", RECEIPT, true),
        ("receipt_shown", ON_PAPER, true),
        ("receipt_shown", "moka-7_20251027_R18", false),
        ("called_back", PHONE_TYPED, true),
        ("called_back", "0812-0000-1111", false),
        ("in_person", "Siti.Rahma@Example.com", true),
        ("in_person", "budi@example.com", false),
    ];
    for (at, (method, told, matched)) in table.into_iter().enumerate() {
        let page = note(
            &shop,
            &[
                ("kind", "access"),
                ("customer", SITI),
                ("method", method),
                ("told", told),
            ],
        )
        .await;
        let request = stored(&shop, &page).await;
        assert_eq!(request.check.as_ref().unwrap().matched, matched, "{at}");
        let kept = serde_json::to_string(&request).unwrap();
        assert!(!kept.contains(told) && !kept.contains("5098"), "{kept}");
        shop.post("approver", &format!("{page}/refuse"), &[("reason", "taken_back")])
            .await
            .is(303);
    }
    for (method, told) in [
        ("called_back", EMAIL),
        ("receipt_shown", SITI),
        ("in_person", SITI),
        ("", ""),
    ] {
        let fields = [
            ("kind", "access"),
            ("customer", BUDI),
            ("method", method),
            ("told", told),
        ];
        let answer = shop.post("approver", "/dashboard/people/requests", &fields).await;
        if method.is_empty() {
            answer.is(303);
        } else {
            answer.refused_kindly(422, "BODY_INVALID");
        }
    }
}

#[tokio::test]
async fn a_late_request_is_marked_in_words() {
    let shop = shop().await;
    let request = Request::receive(
        "req_late".to_owned(),
        domain::rights::Kind::Access,
        [BUDI.to_owned()],
        None,
        ("staff:sari", NOON_MS - 72 * HOUR_MS),
    );
    let requests = Requests::new(&shop.world.clients);
    requests
        .receive(&request.unwrap(), None, "staff:sari")
        .await
        .unwrap();
    for page in ["/dashboard/people", "/dashboard/people/requests/req_late"] {
        let shown = shop.get("approver", page).await;
        assert!(
            shown.is(200).main().contains("lewat batas waktu"),
            "{}",
            shown.main()
        );
    }
    let english = shop.get("approver", "/dashboard/people?lang=en").await;
    insta::assert_snapshot!("people-approver", english.is(200).main());
}

#[tokio::test]
async fn a_correction_waits_beside_the_customers_and_takes_hold() {
    let shop = shop().await;
    let fields = [
        ("kind", "correction"),
        ("customer", BUDI),
        ("field", "name"),
        ("value", "Budi Santoso"),
        ("method", "in_person"),
        ("told", PHONE_TYPED),
    ];
    let page = note(&shop, &fields).await;
    assert_eq!(note(&shop, &fields).await, page, "the same twice is one");
    let other = [fields[0], fields[1], fields[2], ("value", "Budiman")];
    shop.post("approver", "/dashboard/people/requests", &other)
        .await
        .refused_kindly(409, "RIGHTS_OPEN");
    let kept = serde_json::to_string(&stored(&shop, &page).await).unwrap();
    assert!(!kept.contains("Santoso"), "{kept}");
    shop.post("approver", &format!("{page}/execute"), &[])
        .await
        .is(303);
    carry_out(&shop, &page).await;
    let customers = Customers::new(&shop.world.clients);
    let budi = customers.find(BUDI).await.unwrap().unwrap();
    assert_eq!(budi.profile.name.unwrap().value, "Budi Santoso");
    for (field, value) in [("phone", "Budi"), ("email", "budi"), ("", "x")] {
        let fields = [
            ("kind", "correction"),
            ("customer", SITI),
            ("field", field),
            ("value", value),
        ];
        shop.post("approver", "/dashboard/people/requests", &fields)
            .await
            .refused_kindly(422, "BODY_INVALID");
    }
}

#[tokio::test]
async fn an_erasure_leaves_a_page_that_names_nobody() {
    let shop = shop().await;
    let fields = [
        ("kind", "erasure"),
        ("customer", SITI),
        ("method", "receipt_shown"),
        ("told", RECEIPT),
    ];
    let page = note(&shop, &fields).await;
    shop.post("approver", &format!("{page}/execute"), &[])
        .await
        .is(303);
    carry_out(&shop, &page).await;
    let gone = shop.get("approver", &format!("/dashboard/people/{SITI}")).await;
    assert!(
        gone.is(200).main().contains("identitas dihapus"),
        "{}",
        gone.main()
    );
    for known in [NAME, EMAIL, "5098"] {
        assert!(!gone.text.contains(known), "{known}: {}", gone.text);
    }
    let by_number = [("q", PHONE_TYPED)];
    let found = shop.post("approver", "/dashboard/people/find", &by_number).await;
    assert_eq!(
        found.is(303).headers["location"],
        format!("/dashboard/people/{BUDI}").as_str()
    );
    let copy = shop
        .post("approver", &format!("{page}/copy"), &[("format", "json")])
        .await;
    copy.refused_kindly(409, "RIGHTS_SETTLED");
}

#[tokio::test]
async fn an_auditor_sees_requests_and_can_do_nothing_about_them() {
    let shop = shop().await;
    let page = note(&shop, &[("kind", "access"), ("customer", SITI)]).await;
    let seen = shop.get("auditor", &page).await;
    assert!(
        seen.is(200).main().contains(SITI) && !seen.main().contains("<form"),
        "{}",
        seen.main()
    );
    let list = shop.get("auditor", "/dashboard/people").await;
    assert!(!list.is(200).main().contains("<form"), "{}", list.main());
    for who in ["auditor", "operator", "viewer"] {
        for step in ["check", "execute", "refuse", "copy"] {
            shop.post(who, &format!("{page}/{step}"), &[])
                .await
                .refused_kindly(403, "SCOPE_MISSING");
        }
        let fields = [("kind", "access"), ("customer", SITI)];
        shop.post(who, "/dashboard/people/requests", &fields)
            .await
            .refused_kindly(403, "SCOPE_MISSING");
    }
    for who in ["operator", "viewer"] {
        for path in ["/dashboard/people", &page] {
            shop.get(who, path).await.refused_kindly(403, "SCOPE_MISSING");
        }
    }
    shop.get("local", &page)
        .await
        .refused_kindly(403, "OUTLET_FORBIDDEN");
    shop.get("auditor", "/dashboard/people/requests/req_none")
        .await
        .refused_kindly(404, "RIGHTS_NOT_FOUND");
}

#[tokio::test]
async fn a_form_from_elsewhere_carries_nothing_out() {
    let shop = shop().await;
    let checked = [("method", "called_back"), ("told", PHONE_TYPED)];
    let page = note(
        &shop,
        &[("kind", "erasure"), ("customer", SITI), checked[0], checked[1]],
    )
    .await;
    for (csrf, origin) in [("forged", URL), (CSRF, "https://evil.example")] {
        let request = http::Request::builder()
            .method("POST")
            .uri(format!("{page}/execute"))
            .header("cookie", session("approver"))
            .header("origin", origin)
            .header("content-type", "application/x-www-form-urlencoded");
        let body = axum::body::Body::from(format!("csrf={csrf}"));
        shop.send(request.body(body).unwrap()).await.is(403);
    }
    assert_eq!(stored(&shop, &page).await.state, domain::rights::State::Verified);
}

/// How somebody of the number is checked.
const CHECKED: [(&str, &str); 2] = [("method", "called_back"), ("told", PHONE_TYPED)];

#[tokio::test]
async fn nothing_is_corrected_of_somebody_who_is_erased_or_about_to_be() {
    let shop = shop().await;
    let requests = "/dashboard/people/requests";
    let correct = |customer, field, value| {
        let what = [("kind", "correction"), ("field", field), ("value", value)];
        [&what[..], &[("customer", customer)], &CHECKED].concat()
    };
    let erase = [&[("kind", "erasure"), ("customer", SITI)][..], &CHECKED].concat();
    let earlier = note(&shop, &correct(SITI_TOO, "name", "Siti R")).await;
    let erasure = note(&shop, &erase).await;
    shop.post("approver", &format!("{earlier}/execute"), &[])
        .await
        .refused_kindly(409, "RIGHTS_ERASURE");
    let mail = correct(SITI_TOO, "email", "siti@example.com");
    shop.post("approver", requests, &mail)
        .await
        .refused_kindly(409, "RIGHTS_ERASURE");
    let taken_back = [("reason", "taken_back")];
    shop.post("approver", &format!("{erasure}/refuse"), &taken_back)
        .await
        .is(303);
    let waits = note(&shop, &mail).await;
    let erasure = note(&shop, &erase).await;
    shop.post("approver", &format!("{erasure}/execute"), &[])
        .await
        .is(303);
    carry_out(&shop, &erasure).await;
    assert!(stored(&shop, &waits).await.is_over());
    shop.post("approver", requests, &mail)
        .await
        .refused_kindly(409, "RIGHTS_ERASURE");
    // Somebody else of the same number.
    note(&shop, &correct(BUDI, "name", "Budi Santoso")).await;
}

#[tokio::test]
async fn a_restriction_and_an_objection_end_by_a_request_of_the_person() {
    let shop = shop().await;
    let person = format!("/dashboard/people/{SITI_TOO}");
    for (kind, lift) in [
        ("restriction", "lift_restriction"),
        ("objection", "lift_objection"),
    ] {
        let ask = |kind| [&[("kind", kind), ("customer", SITI)][..], &CHECKED].concat();
        let refused = async |kind, code| {
            let answer = shop
                .post("approver", "/dashboard/people/requests", &ask(kind))
                .await;
            answer.refused_kindly(409, code);
        };
        let shows_button = async || {
            let button = format!("name=\"kind\" value=\"{lift}\"");
            shop.get("approver", &person)
                .await
                .is(200)
                .main()
                .contains(&button)
        };
        let done = async |page: &str| {
            shop.post("approver", &format!("{page}/execute"), &[])
                .await
                .is(303);
            carry_out(&shop, page).await;
        };
        assert!(!shows_button().await, "{lift}");
        refused(lift, "RIGHTS_NOTHING_TO_LIFT").await;
        let page = note(&shop, &ask(kind)).await;
        refused(lift, "RIGHTS_OPEN").await;
        done(&page).await;
        assert!(shows_button().await, "{lift}");
        let end = note(&shop, &ask(lift)).await;
        assert_eq!(note(&shop, &ask(lift)).await, end, "the same twice is one");
        refused(kind, "RIGHTS_OPEN").await;
        let words = shop.get("approver", &end).await;
        assert!(words.is(200).main().contains("Pencabutan"), "{}", words.main());
        done(&end).await;
        assert!(!shows_button().await, "{lift}");
        refused(lift, "RIGHTS_NOTHING_TO_LIFT").await;
    }
}
