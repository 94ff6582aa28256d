//! What the staff noted goes with guests' words; a night reads what can be over, and one damaged item stops nothing.

use crate::support::{DAY_MS, NEVER, NOW_MS, STAFF, Shop, place, said};
use aws::audit::AuditTrail;
use domain::customer::OutletDay;
use domain::export::Export;
use domain::feedback::{Answer, Said};
use domain::finding::{Code, Facts, Finding, FindingState, Note};
use domain::quarantine::{QuarantineState, Quarantined};
use domain::rights::Retention;
use domain::when::BusinessDate;
use honour_rights::{Deps, Failure, Outcome, Retained, handle};
use serde_json::json;
use testkit::faults::Plan;

/// Words are kept for 100 days here.
fn keeping(deps: &Deps) -> Deps {
    Deps {
        retention: Retention::new(100, 200).unwrap(),
        ..deps.clone()
    }
}

async fn retain(deps: &Deps) -> Result<Retained, Failure> {
    match handle(json!({ "task": "retain" }), NEVER, deps).await? {
        Outcome::Retained(done) => Ok(done),
        other => panic!("another task's outcome: {other:?}"),
    }
}

/// The outlet and date so many days before the tests take place.
fn days_ago(days: i32) -> OutletDay {
    let date = BusinessDate::from_days(20_780).unwrap().add_days(-days).unwrap();
    ("moka-1".to_owned(), date)
}

async fn shop_with_an_outlet() -> Shop {
    let shop = Shop::open().await;
    let outlets = &shop.deps.outlets;
    outlets.get_or_register("moka-1", None, None).await.unwrap();
    shop
}

/// What was said so many days ago of a sale of that day.
async fn opinion(shop: &Shop, native: &str, days: i32) -> Answer {
    let place = place(&days_ago(days), native);
    let at_ms = NOW_MS - i64::from(days) * DAY_MS;
    shop.say(&place, None, said(at_ms, 3, "Asin, kata Rahmawati"))
        .await
}

async fn has_words(shop: &Shop, answer: &Answer) -> bool {
    shop.answer(&answer.place).await.has_comments()
}

/// A finding that somebody accepted so many days ago.
async fn finding(shop: &Shop, code: Code, days: i32) -> Finding {
    let at_ms = NOW_MS - i64::from(days) * DAY_MS;
    let (outlet, date) = days_ago(days);
    let finding = Finding {
        outlet,
        date,
        code,
        state: FindingState::Accepted,
        first_ms: at_ms,
        opened_ms: at_ms,
        last_ms: at_ms,
        facts: Facts::new(),
        notes: vec![Note {
            at_ms,
            by: STAFF.to_owned(),
            text: "Tutup, kata Rahmawati".to_owned(),
        }],
        version: 0,
    };
    shop.deps
        .findings
        .write(std::slice::from_ref(&finding))
        .await
        .unwrap();
    finding
}

/// A refused record that somebody put aside so many days ago.
async fn put_aside(shop: &Shop, export: &str, days: i32) -> Quarantined {
    let export = Export {
        id: export.to_owned(),
        ..Export::default()
    };
    let quarantine = &shop.deps.quarantine;
    let open = Quarantined::of(&export, NOW_MS - 400 * DAY_MS);
    quarantine.list(std::slice::from_ref(&open)).await.unwrap();
    let aside = Quarantined {
        state: QuarantineState::Discarded,
        decided_by: Some(STAFF.to_owned()),
        reason: Some("Struk coba-coba Rahmawati".to_owned()),
        last_seen_ms: NOW_MS - i64::from(days) * DAY_MS,
        ..open.clone()
    };
    quarantine.decide(&open, &aside, STAFF).await.unwrap();
    aside
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_staff_noted_goes_with_the_time_of_guests_words() {
    let shop = shop_with_an_outlet().await;
    let table = [(Code::SalesMissing, 100, false), (Code::NumberGap, 99, true)];
    let mut findings = Vec::new();
    for (code, days, kept) in table {
        findings.push((finding(&shop, code, days).await, kept));
    }
    let aside = [
        (put_aside(&shop, "X1", 100).await, false),
        (put_aside(&shop, "X2", 99).await, true),
    ];
    let deps = keeping(&shop.deps);
    let wanted = Retained {
        findings: 1,
        reasons: 1,
        complete: true,
        ..Retained::default()
    };
    assert_eq!(retain(&deps).await.unwrap(), wanted);
    for (finding, kept) in &findings {
        let stored = deps
            .findings
            .get(&finding.outlet, finding.date, finding.code)
            .await;
        let stored = stored.unwrap().unwrap();
        assert_eq!(
            (stored.state, &stored.notes[0].by),
            (finding.state, &finding.notes[0].by)
        );
        assert_eq!(!stored.notes[0].text.is_empty(), *kept, "{finding:?}");
    }
    for (piece, kept) in &aside {
        let stored = deps.quarantine.get(&piece.export_id, &piece.local_id()).await;
        let stored = stored.unwrap().unwrap();
        assert_eq!(
            (stored.state, &stored.decided_by),
            (piece.state, &piece.decided_by)
        );
        assert_eq!(stored.reason.is_some(), *kept, "{piece:?}");
    }
    let nothing = Retained {
        complete: true,
        ..Retained::default()
    };
    assert_eq!(retain(&deps).await.unwrap(), nothing);
    // The trail is for good, and holds no words.
    let trail = AuditTrail::new(&shop.world.clients);
    let mut actions = Vec::new();
    for chain in 0..domain::audit::CHAINS {
        for record in trail
            .list(chain, aws::audit::Position::NEWEST, 100)
            .await
            .unwrap()
        {
            assert!(!record.facts.contains("Rahmawati"), "{record:?}");
            actions.push(record.action);
        }
    }
    for action in [
        "finding.notes_erased",
        "quarantine.reason_erased",
        "retention.enforced",
    ] {
        let times = actions.iter().filter(|known| *known == action).count();
        assert_eq!(times, 1, "{action}: {actions:?}");
    }
    shop.world.stop().await;
}

/// The calls of a night.
async fn calls_of(shop: &Shop, faulty: &Deps) -> u64 {
    shop.world.faults.set(Plan::None);
    assert!(retain(faulty).await.unwrap().complete);
    shop.world.faults.calls()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_night_begins_where_words_were_left_and_reads_all_history_once_a_month() {
    let shop = shop_with_an_outlet().await;
    // Five pages of answers, all over, none with words.
    for number in 0..900 {
        let place = place(&days_ago(110 + number % 300), &number.to_string());
        let wordless = Said {
            comment: None,
            consent: None,
            ..said(NOW_MS - 200 * DAY_MS, 5, "")
        };
        let answer = Answer::new(place, None, NOW_MS - 200 * DAY_MS);
        let answer = answer.with_guest(wordless).unwrap();
        shop.deps
            .feedback
            .put(&Answer { version: 1, ..answer }, 0)
            .await
            .unwrap();
    }
    let faulty = keeping(&shop.faulty);
    let first = calls_of(&shop, &faulty).await;
    let second = calls_of(&shop, &faulty).await;
    // A page is read, and the place noted; the mark is noted once.
    assert_eq!(first - second, 2 * 4 + 1);
    // Said of an old sale, and lately: the mark stays in front of it, so that it goes when its time is over.
    let old = place(&days_ago(250), "140");
    let stored = shop.answer(&old).await;
    let late = said(NOW_MS - 99 * DAY_MS, 4, "Baru sempat, Rahmawati");
    let known = stored.with_pos(late);
    let next = Answer {
        version: stored.version + 1,
        ..known
    };
    shop.deps.feedback.put(&next, stored.version).await.unwrap();
    let in_days = async |now_ms: fn() -> i64| {
        let deps = Deps {
            now_ms,
            ..faulty.clone()
        };
        let calls = calls_of(&shop, &deps).await;
        (has_words(&shop, &stored).await, calls > first)
    };
    assert_eq!(
        in_days(|| NOW_MS + DAY_MS).await,
        (true, false),
        "behind the mark"
    );
    assert_eq!(in_days(|| NOW_MS + 29 * DAY_MS).await, (true, false));
    assert_eq!(in_days(|| NOW_MS + 30 * DAY_MS).await, (false, true), "all of it");
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_are_kept_a_while_longer_hold_the_mark() {
    let shop = shop_with_an_outlet().await;
    let old = place(&days_ago(250), "late");
    let late = shop
        .say(&old, None, said(NOW_MS - 99 * DAY_MS, 4, "Baru sempat"))
        .await;
    let gone = opinion(&shop, "gone", 120).await;
    let deps = keeping(&shop.deps);
    assert_eq!(retain(&deps).await.unwrap().answers, 1);
    assert_eq!(
        (has_words(&shop, &late).await, has_words(&shop, &gone).await),
        (true, false)
    );
    let tomorrow = Deps {
        now_ms: || NOW_MS + DAY_MS,
        ..deps
    };
    assert_eq!(retain(&tomorrow).await.unwrap().answers, 1);
    assert!(!has_words(&shop, &late).await);
    shop.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_sale_that_names_no_outlet_go_too() {
    let shop = Shop::open().await;
    let deps = ingest_sales::Deps::with_clients(shop.world.clients.clone(), [7; 32], testkit::metrics());
    let till = deps.await.unwrap();
    let rows = json!([{
        "Tanggal_Order": "2026-01-20 19:02:00",
        "Total_Harga": 30_000, "Nama_Menu": "Es Teh", "Isi_Laporan": "1 - kurang dingin",
    }]);
    let message = shop
        .world
        .put_and_announce("incoming/b.json", rows.to_string().into_bytes())
        .await;
    let answer = ingest_sales::handle(message, NEVER, &till).await.unwrap();
    assert!(answer.batch_item_failures.is_empty());
    let sold = ("pos-default".to_owned(), "2026-01-20".parse().unwrap());
    let said = shop.deps.feedback.of_day(&sold).await.unwrap();
    assert!(said.len() == 1 && said[0].has_comments(), "{said:?}");
    assert_eq!(retain(&keeping(&shop.deps)).await.unwrap().answers, 1);
    assert!(!has_words(&shop, &said[0]).await);
    shop.world.stop().await;
}

/// Writes over what is stored of something, so that nobody can read it.
async fn damage(shop: &Shop, table: &str, key: (&str, &str), also: &[(&str, &str)]) {
    use aws_sdk_dynamodb::types::AttributeValue::S;
    let client = aws_sdk_dynamodb::Client::new(shop.world.clients.config());
    let mut put = client.put_item().table_name(table).item("doc", S("{".to_owned()));
    for (name, value) in [("pk", key.0), ("sk", key.1)].iter().chain(also) {
        put = put.item(*name, S((*value).to_owned()));
    }
    put.send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_item_stops_no_round_and_is_told_every_night() {
    let shop = shop_with_an_outlet().await;
    let words = [opinion(&shop, "a", 110).await, opinion(&shop, "z", 400).await];
    let aside = put_aside(&shop, "X1", 100).await;
    let day = days_ago(200);
    damage(
        &shop,
        "FeedbackTable",
        ("O#moka-1", &format!("A#{}#m", day.1)),
        &[],
    )
    .await;
    let listed = [("list", "cases#open"), ("list_at", "000000000000001#case_m")];
    damage(&shop, "FeedbackTable", ("O#moka-1", "X#case_m"), &listed).await;
    let listed = [("work", "reason"), ("work_at", "000000000000001#X0")];
    damage(&shop, "OperationsTable", ("Q#X0", "0-file"), &listed).await;
    damage(
        &shop,
        "DutiesTable",
        ("F#moka-1", &format!("{}#NUMBER_GAP", day.1)),
        &[],
    )
    .await;
    let deps = keeping(&shop.deps);
    for night in 0..3 {
        let done = retain(&deps).await;
        assert!(matches!(done, Err(Failure::NotLetGo(4))), "{night}: {done:?}");
    }
    for answer in &words {
        assert!(!has_words(&shop, answer).await, "{}", answer.place);
    }
    let stored = deps.quarantine.get(&aside.export_id, &aside.local_id()).await;
    assert_eq!(stored.unwrap().unwrap().reason, None);
    shop.world.stop().await;
}
