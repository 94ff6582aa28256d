//! Who may see and do what.

use crate::support::seed::{self, Seeded};
use crate::support::{CSRF, Shop, URL};
use aws::cases::Cases;
use aws::feedback::Feedback;
use aws::quarantine::Quarantine;
use domain::case::CaseState;
use domain::quarantine::{QuarantineState, Quarantined};
use domain::receipt_id::ReceiptId;

fn error_path(seeded: &Seeded) -> String {
    format!(
        "/dashboard/errors/{}.{}",
        seeded.export.id,
        seeded.piece.local_id()
    )
}

async fn piece_state(shop: &Shop, seeded: &Seeded) -> QuarantineState {
    state_of(shop, &seeded.piece).await
}

async fn state_of(shop: &Shop, piece: &Quarantined) -> QuarantineState {
    let quarantine = Quarantine::new(&shop.world.clients);
    let piece = quarantine.get(&piece.export_id, &piece.local_id()).await;
    piece.unwrap().unwrap().state
}

#[tokio::test]
async fn a_viewer_sees_refused_records_and_cannot_decide() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let path = error_path(&seeded);
    let page = shop.get("viewer", &path).await;
    assert!(!page.is(200).main().contains("<form"), "{}", page.main());
    for action in ["replay", "discard"] {
        let answer = shop
            .post(
                "viewer",
                &format!("{path}/{action}"),
                &[("reason", "salah berkas")],
            )
            .await;
        answer.refused_kindly(403, "SCOPE_MISSING");
    }
    assert_eq!(piece_state(&shop, &seeded).await, QuarantineState::Open);
}

#[tokio::test]
async fn an_operator_replays_and_discards() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let path = error_path(&seeded);
    assert!(shop.get("operator", &path).await.main().contains("Proses ulang"));
    let short = shop
        .post("operator", &format!("{path}/discard"), &[("reason", "x")])
        .await;
    short.refused_kindly(422, "BODY_INVALID");
    // What is wrong is told in the reader's language.
    assert!(short.main().contains("alasan terdiri dari 3 sampai 500 karakter"));
    assert!(!short.main().contains("characters"), "{}", short.main());
    let done = shop
        .post(
            "operator",
            &format!("{path}/discard"),
            &[("reason", "salah berkas")],
        )
        .await;
    assert_eq!(done.is(303).headers["location"], path.as_str());
    assert_eq!(piece_state(&shop, &seeded).await, QuarantineState::Discarded);
    let again = shop.post("operator", &format!("{path}/replay"), &[]).await;
    again.is(303);
    assert_eq!(piece_state(&shop, &seeded).await, QuarantineState::Replaying);
    shop.post("operator", &format!("{path}/replay"), &[])
        .await
        .refused_kindly(409, "QUARANTINE_REPLAYING");
    let audit = shop.get("auditor", "/dashboard/audit?format=csv").await;
    assert!(
        audit.is(200).text.contains("staff:budi,quarantine.replay_asked"),
        "{}",
        audit.text
    );
}

#[tokio::test]
async fn a_form_without_its_token_or_from_elsewhere_changes_nothing() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let path = format!("{}/replay", error_path(&seeded));
    for (csrf, origin) in [("other", URL), (CSRF, "https://evil.example")] {
        let request = http::Request::builder()
            .method("POST")
            .uri(&path)
            .header("cookie", format!("__Host-session={:-<43}", "operator"))
            .header("origin", origin)
            .header("content-type", "application/x-www-form-urlencoded");
        let body = axum::body::Body::from(format!("csrf={csrf}"));
        let answer = shop.send(request.body(body).unwrap()).await;
        answer.is(403);
    }
    assert_eq!(piece_state(&shop, &seeded).await, QuarantineState::Open);
}

#[tokio::test]
async fn whoever_holds_one_outlet_sees_that_one() {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    let own = shop.get("limited", "/dashboard/comments").await;
    assert!(own.is(200).main().contains("Enak sekali") && !own.main().contains("HYPERLINK"));
    let overview = shop.get("limited", "/dashboard?format=json").await;
    assert_eq!(overview.is(200).json["outlet"], "moka-7");
    assert_eq!(overview.json["sync"]["outlets"], 1);
    assert!(!overview.text.contains("pos-9"), "{}", overview.text);
    for page in ["satisfaction", "menu", "comments", "cases", "sync"] {
        let path = format!("/dashboard/{page}?outlet=pos-9");
        shop.get("limited", &path)
            .await
            .refused_kindly(403, "OUTLET_FORBIDDEN");
    }
    let case = "/dashboard/cases/pos-9/case_x";
    shop.get("limited", case)
        .await
        .refused_kindly(403, "OUTLET_FORBIDDEN");
    let words = "/dashboard/comments/erase/pos-9_20251027_B1";
    shop.post("limited", words, &[])
        .await
        .refused_kindly(403, "OUTLET_FORBIDDEN");
    shop.get("without", "/dashboard")
        .await
        .refused_kindly(403, "OUTLET_FORBIDDEN");
    let nav = shop.get("limited", "/dashboard").await;
    assert!(nav.text.contains("/dashboard/errors") && !nav.text.contains("/dashboard/audit"));
}

#[tokio::test]
async fn whoever_holds_one_outlet_works_on_its_refused_records_and_on_no_others() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let export = &seeded.export;
    let own = seed::refused_at(&shop, export, 11, "MONEY_INVALID", Some("moka-7")).await;
    let other = seed::refused_at(&shop, export, 12, "MONEY_INVALID", Some("pos-9")).await;
    let path = |piece: &Quarantined| format!("/dashboard/errors/{}.{}", piece.export_id, piece.local_id());
    let by_export = format!("export={}&", export.id);
    for query in ["", "outlet=moka-7&", "code=MONEY_INVALID&", &by_export] {
        let listed = shop
            .get("limited", &format!("/dashboard/errors?{query}format=json"))
            .await;
        let items = listed.is(200).json["items"].as_array().unwrap().clone();
        let outlets: Vec<_> = items.iter().map(|item| &item["outlet"]).collect();
        assert_eq!(outlets, ["moka-7"], "{query}");
    }
    let all = shop.get("viewer", "/dashboard/errors?format=json").await;
    assert_eq!(all.is(200).json["items"].as_array().unwrap().len(), 3);
    let of_one = shop
        .get("viewer", "/dashboard/errors?outlet=pos-9&format=json")
        .await;
    assert_eq!(of_one.is(200).json["items"].as_array().unwrap().len(), 1);
    for query in ["?outlet=pos-9", "?outlet=pos-9&format=html"] {
        shop.get("limited", &format!("/dashboard/errors{query}"))
            .await
            .refused_kindly(403, "OUTLET_FORBIDDEN");
    }
    shop.get("without", "/dashboard/errors")
        .await
        .refused_kindly(403, "OUTLET_FORBIDDEN");
    // Another's record, and one of which nobody knows whose it is.
    for piece in [&other, &seeded.piece] {
        let path = path(piece);
        shop.get("limited", &path)
            .await
            .refused_kindly(403, "OUTLET_FORBIDDEN");
        for action in ["replay", "discard"] {
            let reason = [("reason", "salah berkas")];
            shop.post("limited", &format!("{path}/{action}"), &reason)
                .await
                .refused_kindly(403, "OUTLET_FORBIDDEN");
        }
        assert_eq!(state_of(&shop, piece).await, QuarantineState::Open);
    }
    let path = path(&own);
    assert!(shop.get("limited", &path).await.is(200).main().contains("moka-7"));
    shop.post(
        "limited",
        &format!("{path}/discard"),
        &[("reason", "salah berkas")],
    )
    .await
    .is(303);
    assert_eq!(state_of(&shop, &own).await, QuarantineState::Discarded);
    shop.post("limited", &format!("{path}/replay"), &[]).await.is(303);
    assert_eq!(state_of(&shop, &own).await, QuarantineState::Replaying);
}

#[tokio::test]
async fn the_audit_trail_is_for_auditors() {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    for who in ["viewer", "operator", "limited"] {
        shop.get(who, "/dashboard/audit")
            .await
            .refused_kindly(403, "SCOPE_MISSING");
        shop.get(who, "/dashboard/audit?format=csv")
            .await
            .refused(403, "SCOPE_MISSING");
    }
    shop.get("auditor", "/dashboard/audit").await.is(200);
}

#[tokio::test]
async fn the_audit_trail_goes_on_page_by_page_without_a_record_lost_or_twice() {
    let shop = Shop::start().await;
    for number in 0..60 {
        seed::export(&shop, &format!("file-{number}"), "sold").await;
    }
    let (mut seen, mut path) = (Vec::new(), "/dashboard/audit?format=json".to_owned());
    loop {
        let page = shop.get("auditor", &path).await;
        for item in page.is(200).json["items"].as_array().unwrap() {
            seen.push((item["chain"].as_u64().unwrap(), item["number"].as_u64().unwrap()));
        }
        let Some(next) = page.json["next"].as_str() else {
            break;
        };
        path = format!("/dashboard/audit?format=json&after={next}");
    }
    assert_eq!(seen.len(), 60);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 60);
}

#[tokio::test]
async fn a_case_goes_forward_with_notes_by_whoever_may() {
    let shop = Shop::start().await;
    let seeded = seed::all(&shop).await;
    let path = format!("/dashboard/cases/moka-7/{}", seeded.case.id);
    let contacted = [
        ("state", "contacted"),
        ("note", "Sudah ditelepon <b>dua kali</b>"),
    ];
    assert!(!shop.get("viewer", &path).await.main().contains("<form"));
    shop.post("viewer", &path, &contacted)
        .await
        .refused_kindly(403, "SCOPE_MISSING");
    shop.post("operator", &path, &contacted).await.is(303);
    let page = shop.get("limited", &path).await;
    assert!(
        page.is(200).main().contains("&#60;b&#62;dua kali"),
        "{}",
        page.main()
    );
    assert!(page.main().contains("staff:budi") && page.main().contains("sudah dihubungi"));
    shop.post("operator", &path, &[("state", "open")])
        .await
        .refused_kindly(409, "CASE_SETTLED");
    shop.post("operator", &path, &[("state", "gone")])
        .await
        .refused_kindly(422, "BODY_INVALID");
    let stored = Cases::new(&shop.world.clients)
        .get("moka-7", &seeded.case.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (stored.state, stored.notes.len(), stored.version),
        (CaseState::Contacted, 1, 2)
    );
    let list = shop
        .get("viewer", "/dashboard/cases?state=contacted&format=json")
        .await;
    assert_eq!(list.is(200).json["items"][0]["id"], seeded.case.id.as_str());
    assert_eq!(
        shop.get("viewer", "/dashboard/cases?format=json").await.json["items"],
        serde_json::json!([])
    );
}

#[tokio::test]
async fn words_are_erased_after_being_asked_once_more_and_the_stars_stay() {
    let shop = Shop::start().await;
    seed::all(&shop).await;
    let path = "/dashboard/comments/erase/moka-7_20251027_A2";
    shop.get("viewer", path)
        .await
        .refused_kindly(403, "SCOPE_MISSING");
    shop.post("viewer", path, &[])
        .await
        .refused_kindly(403, "SCOPE_MISSING");
    let asked = shop.get("operator", path).await;
    assert!(asked.is(200).main().contains("Terlalu asin"));
    for _ in 0..2 {
        let done = shop.post("operator", path, &[]).await;
        assert_eq!(
            done.is(303).headers["location"],
            "/dashboard/comments?outlet=moka-7"
        );
    }
    let receipt = ReceiptId::parse("moka-7_20251027_A2").unwrap();
    let left = Feedback::new(&shop.world.clients)
        .get(&receipt)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (left.effective().comment, left.effective().overall, left.version),
        (None, Some(1), 2)
    );
    assert!(
        !shop
            .get("viewer", "/dashboard/comments")
            .await
            .text
            .contains("asin")
    );
    let audit = shop.get("auditor", "/dashboard/audit?format=csv").await.text;
    assert_eq!(audit.matches("feedback.words_erased").count(), 1, "{audit}");
    shop.get("operator", "/dashboard/comments/erase/moka-7_20251027_A9")
        .await
        .refused_kindly(404, "FEEDBACK_NOT_FOUND");
}

#[tokio::test]
async fn strangers_are_sent_to_sign_in_and_come_back() {
    let shop = Shop::start().await;
    let answer = shop.get("nobody", "/dashboard/menu?sort=best").await;
    assert!(answer.status.is_redirection(), "{}", answer.text);
    let to = answer.headers["location"].to_str().unwrap();
    assert!(to.starts_with("/dashboard/login?") && to.contains("sort"), "{to}");
}
