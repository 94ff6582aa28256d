//! The supplier's simulator: its rules, the meaning of numbers, and what it reports by itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::OriginalUri;
use axum::http::{Method, Request, StatusCode};
use axum::routing::any;
use domain::topup::reply::{self, DuplicateStatus, Failure, Outcome, Reply};
use sims::kios::{Account, Fault, Kios, MAGIC, Route, Says, Serial, Standing, Status, Style, What, router};
use sims::serve::{Served, serve};
use tower::ServiceExt;

/// Noon of a day in Jakarta.
const NOON_MS: i64 = 1_795_237_200_000;
const HOUR_MS: i64 = 3_600_000;
const DEST: &str = "081299990000";

struct World {
    kios: Kios,
    now: Arc<AtomicI64>,
}

fn world() -> World {
    let now = Arc::new(AtomicI64::new(NOON_MS));
    let clock = Arc::clone(&now);
    let account = Account {
        member: "M1".to_owned(),
        pin: "1144".to_owned(),
        password: "abcd".to_owned(),
        sign: None,
    };
    let kios = Kios::new(account, move || clock.load(Ordering::SeqCst));
    kios.product("S10", 10_450, Serial::Pulsa);
    kios.product("PLN20", 20_250, Serial::Pln);
    kios.deposit(1_000_000);
    World { kios, now }
}

impl World {
    async fn get(&self, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = router(self.kios.clone()).oneshot(request).await.unwrap();
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), 1 << 16).await.unwrap_or_default();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn text(&self, product: &str, dest: &str, refid: &str) -> String {
        let path =
            format!("/trx?memberid=M1&dest={dest}&product={product}&refid={refid}&pin=1144&password=abcd");
        self.get(&path).await.1
    }

    async fn order(&self, product: &str, dest: &str, refid: &str) -> Reply {
        let text = self.text(product, dest, refid).await;
        reply::read(text.as_bytes()).unwrap_or_else(|problem| panic!("{problem}: {text}"))
    }

    async fn outcome(&self, dest: &str, refid: &str) -> Outcome {
        self.order("S10", dest, refid).await.outcome
    }

    fn at(&self, ms: i64) {
        self.now.store(NOON_MS + ms, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_repeated_id_is_a_question_on_its_day_and_a_purchase_on_the_next() {
    let world = world();
    assert!(matches!(world.outcome(DEST, "A1").await, Outcome::Success { .. }));
    world.at(11 * HOUR_MS);
    assert!(matches!(
        world.outcome(DEST, "A1").await,
        Outcome::Duplicate { .. }
    ));
    assert_eq!((world.kios.purchases("A1"), world.kios.balance()), (1, 989_550));
    world.at(13 * HOUR_MS);
    assert!(matches!(world.outcome(DEST, "A1").await, Outcome::Success { .. }));
    assert_eq!(world.kios.purchases("A1"), 2, "which is why nobody may ask then");
}

#[tokio::test]
async fn what_is_forgotten_is_bought_anew() {
    let world = world();
    world.outcome(DEST, "A1").await;
    world.kios.fault(Route::Trx, Fault::Forgotten, 1);
    world.outcome(DEST, "A1").await;
    assert_eq!((world.kios.purchases("A1"), world.kios.requests("A1")), (2, 2));
}

#[tokio::test]
async fn it_is_closed_from_half_past_eleven_to_half_past_midnight() {
    let world = world();
    let (minute, half_past_eleven) = (60_000, 11 * HOUR_MS + HOUR_MS / 2);
    for (ms, closed) in [
        (half_past_eleven - 1, false),
        (half_past_eleven, true),
        (half_past_eleven + 60 * minute - 1, true),
        (half_past_eleven + 60 * minute, false),
    ] {
        world.at(ms);
        let outcome = world.outcome(DEST, &ms.to_string()).await;
        let refused = outcome == Outcome::Failed(Failure::CutoffOrTimeout);
        assert_eq!(refused, closed, "{ms}");
    }
    assert_eq!(world.kios.transactions().len(), 2);
}

#[tokio::test]
async fn after_five_failures_in_a_row_a_number_is_blocked_until_people_lift_it() {
    let world = world();
    let failing = "081299999010";
    for count in 0..5 {
        let outcome = world.outcome(failing, &format!("F{count}")).await;
        assert_eq!(outcome, Outcome::Failed(Failure::BadNumber));
    }
    let blocked = Outcome::Failed(Failure::NumberBlocked);
    assert_eq!(world.outcome(failing, "F5").await, blocked);
    assert!(matches!(world.outcome(DEST, "G").await, Outcome::Success { .. }));
    world.kios.unblock(failing);
    assert_eq!(
        world.outcome(failing, "F6").await,
        Outcome::Failed(Failure::BadNumber)
    );
    assert_eq!(world.kios.balance(), 1_000_000 - 10_450);
}

#[tokio::test]
async fn products_deposits_and_repeats_are_refused_as_they_stand() {
    let world = world();
    for (standing, failure) in [
        (Standing::Down, Failure::ProductDownSupplier),
        (Standing::DownAtOperator, Failure::ProductDownOperator),
        (Standing::Gone, Failure::BadProduct),
    ] {
        world.kios.stand("S10", standing);
        let outcome = world.outcome(DEST, &format!("{standing:?}")).await;
        assert_eq!(outcome, Outcome::Failed(failure));
    }
    world.kios.stand("S10", Standing::Open);
    world.kios.charge(1_000_000 - 10_449);
    let low = Outcome::Failed(Failure::InsufficientBalance);
    assert_eq!(world.outcome(DEST, "L").await, low);
    world.kios.deposit(1_000_000);
    world.kios.refuses_repeats(true);
    world.outcome(DEST, "R1").await;
    let again = world.outcome(DEST, "R2").await;
    assert!(matches!(
        again,
        Outcome::Duplicate {
            status: DuplicateStatus::Success,
            ..
        }
    ));
    assert_eq!((world.kios.purchases("R1"), world.kios.purchases("R2")), (1, 0));
}

#[tokio::test]
async fn what_is_pending_is_charged_at_once_and_given_back_when_it_fails() {
    let world = world();
    assert_eq!(world.outcome("081299999022", "P1").await, Outcome::Accepted);
    assert_eq!(world.kios.balance(), 989_550);
    world.at(40_000);
    assert_eq!(world.kios.balance(), 1_000_000);
    world.kios.charges_pending(false);
    world.outcome("081299999002", "P2").await;
    assert_eq!(world.kios.balance(), 1_000_000);
    world.at(80_000);
    assert_eq!((world.kios.purchases("P2"), world.kios.balance()), (1, 989_550));
    let whats: Vec<What> = world.kios.events().into_iter().map(|event| event.what).collect();
    let failed = What::Failed(Failure::CancelledByProvider);
    assert_eq!(whats, [What::Taken, failed, What::Taken, What::Delivered]);
}

#[tokio::test]
async fn every_ending_does_what_is_said_of_it() {
    for (ending, failure) in [
        ("9004", Failure::NotProcessable),
        ("9005", Failure::CancelledByProvider),
        ("9006", Failure::NumberBlocked),
        ("9007", Failure::ProductDownSupplier),
        ("9008", Failure::ProductDownOperator),
        ("9009", Failure::BadProduct),
        ("9010", Failure::BadNumber),
        ("9011", Failure::InsufficientBalance),
        ("9013", Failure::PackageAlreadyActive),
        ("9014", Failure::NumberExpired),
        ("9015", Failure::NumberInactive),
        ("9016", Failure::CutoffOrTimeout),
        ("9017", Failure::CutoffOrTimeout),
        ("9018", Failure::CutoffOrTimeout),
        ("9043", Failure::NotProcessable),
    ] {
        let world = world();
        let outcome = world.outcome(&format!("08129999{ending}"), ending).await;
        assert_eq!(outcome, Outcome::Failed(failure), "{ending}");
        let delivered = u32::from(ending == "9017");
        assert_eq!(world.kios.purchases(ending), delivered, "{ending}");
    }
    for ending in ["9031", "9033", "9034", "9035", "9036", "9039"] {
        let world = world();
        let dest = format!("08129999{ending}");
        let first = world.text("S10", &dest, "A1").await;
        let understood = reply::read(first.as_bytes());
        assert!(
            understood.is_err() || understood.unwrap().refid != "A1",
            "{ending}: {first}"
        );
        assert_eq!(world.kios.purchases("A1"), 1, "{ending}");
        let asked = world.outcome(&dest, "A1").await;
        assert!(matches!(asked, Outcome::Duplicate { .. }), "{ending}");
    }
    let world = world();
    world.text("S10", "081299999032", "B1").await;
    assert_eq!(world.kios.purchases("B1"), 0);
    assert!(matches!(
        world.outcome("081299999012", "C1").await,
        Outcome::Duplicate { .. }
    ));
    assert_eq!(world.kios.purchases("C1"), 0);
    world.outcome("081299999003", "D1").await;
    world.at(10 * HOUR_MS);
    assert_eq!(world.outcome("081299999003", "D1").await, Outcome::InProcess);
    assert_eq!(world.kios.transactions()[0].status, Status::Pending);
}

#[tokio::test]
async fn an_answer_that_takes_its_time_moves_the_clock_of_a_test() {
    let world = world();
    let now = Arc::clone(&world.now);
    world.kios.passes_time(move |time| {
        now.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    });
    world.outcome("081299999037", "S1").await;
    assert_eq!(world.now.load(Ordering::SeqCst), NOON_MS + 20_000);
    world
        .kios
        .fault(Route::Trx, Fault::Late(Duration::from_secs(5)), 1);
    world.outcome(DEST, "S2").await;
    assert_eq!(world.now.load(Ordering::SeqCst), NOON_MS + 25_000);
}

#[tokio::test]
async fn electricity_comes_with_a_token_and_a_name_that_is_hard_to_read() {
    let world = world();
    let reply = world.order("PLN20", "01109790426", "T1").await;
    let Outcome::Success { sn } = reply.outcome else {
        panic!("delivered")
    };
    assert!(sn.contains('#'), "{sn}");
    assert!(domain::topup::serial::pln(&sn).is_some(), "{sn}");
}

#[tokio::test]
async fn the_deposit_is_told_to_its_member_alone() {
    let world = world();
    let (_, text) = world.get("/balance?memberid=M1&pin=1144&password=abcd").await;
    assert_eq!(text, "Saldo Rp.1,000,000");
    for (path, refusal) in [
        (
            "/balance?memberid=M2&pin=1144&password=abcd",
            "Member tidak terdaftar",
        ),
        ("/balance?memberid=M1&pin=1145&password=abcd", "Pin Salah"),
        ("/balance?memberid=M1&pin=1144&password=", "Password Salah"),
        (
            "/trx?memberid=M1&pin=1144&password=abcd&dest=0812",
            "Format salah",
        ),
    ] {
        assert_eq!(world.get(path).await.1, refusal, "{path}");
    }
}

/// Whoever reports are for: what came, method and query or form.
async fn receiver() -> (Served, Arc<Mutex<Vec<(Method, String)>>>) {
    let got = Arc::new(Mutex::new(Vec::new()));
    let keeps = Arc::clone(&got);
    let receive = move |method: Method, OriginalUri(uri): OriginalUri, body: String| async move {
        let text = format!("{}{body}", uri.query().unwrap_or_default());
        keeps.lock().unwrap().push((method, text));
        "OK"
    };
    let served = serve(Router::new().route("/reports/{token}", any(receive)))
        .await
        .unwrap();
    (served, got)
}

#[tokio::test]
async fn reports_come_late_twice_out_of_order_and_falsely_as_they_are_asked_for() {
    let world = world();
    let (served, got) = receiver().await;
    let url = format!("{}/reports/t0ken", served.base_url());
    assert!(
        world.kios.report("A1", Says::Truth).await.is_err(),
        "nobody is registered"
    );
    world.kios.register(&url, Style::Plain);
    world.outcome("081299999002", "A1").await;
    assert_eq!(world.kios.report_due().await, 0);
    world.at(40_000);
    assert_eq!(world.kios.report_due().await, 1, "by itself, when it is over");
    assert_eq!(world.kios.report_due().await, 0);
    for says in [Says::Truth, Says::Pending, Says::Failed, Says::Nothing] {
        assert_eq!(world.kios.report("A1", says).await.unwrap(), 200);
    }
    world.kios.report_at("A1", Says::Truth, NOON_MS + HOUR_MS);
    world.kios.report_at("B1", Says::Delivered, NOON_MS + HOUR_MS / 2);
    world.at(HOUR_MS);
    assert_eq!(world.kios.report_due().await, 2);

    let got = got.lock().unwrap().clone();
    let messages: Vec<(String, String)> = got.iter().map(|(_, query)| read_form(query)).collect();
    let outcome = |place: usize| reply::read(messages[place].1.as_bytes()).unwrap().outcome;
    assert!(matches!(outcome(0), Outcome::Success { .. }));
    assert_eq!(outcome(0), outcome(1));
    assert_eq!(outcome(2), Outcome::InProcess);
    assert!(matches!(outcome(3), Outcome::Failed(_)));
    assert_eq!(messages[4], ("A1".to_owned(), String::new()));
    assert_eq!(
        messages[5].0, "B1",
        "the earlier one first, of an order that nobody knows"
    );
    assert_eq!(messages[6].0, "A1");
    assert!(got.iter().all(|(method, _)| *method == Method::GET));
}

fn read_form(text: &str) -> (String, String) {
    let pairs: Vec<(String, String)> = text
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.to_lowercase(), decoded(value)))
        .collect();
    let value = |name: &str| {
        let pair = pairs.iter().find(|(key, _)| key == name);
        pair.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    (value("refid"), value("message"))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn reports_come_in_every_style() {
    for (style, method, begins) in [
        (Style::Plain, Method::GET, "refid=A1&message=%23"),
        (Style::Capitals, Method::GET, "REFID=A1&MESSAGE=%23"),
        (Style::Form, Method::POST, "refid=A1&message=%23"),
        (Style::Raw, Method::GET, "refid=A1&message="),
    ] {
        let world = world();
        let (served, got) = receiver().await;
        world
            .kios
            .register(&format!("{}/reports/x", served.base_url()), style);
        world.outcome(DEST, "A1").await;
        assert_eq!(world.kios.report("A1", Says::Truth).await.unwrap(), 200);
        let got = got.lock().unwrap().clone();
        assert_eq!(got[0].0, method, "{style:?}");
        assert!(got[0].1.starts_with(begins), "{style:?}: {}", got[0].1);
        assert_eq!(
            read_form(&got[0].1).1.is_empty(),
            style == Style::Raw,
            "{style:?}"
        );
    }
}

#[test]
fn the_endings_that_people_are_told_are_those_there_are() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/kiosampm.md");
    let page = std::fs::read_to_string(root).unwrap();
    for magic in MAGIC {
        let row = format!("| `{}` | {} |", magic.ending, magic.english);
        assert!(page.contains(&row), "{row}");
    }
}
