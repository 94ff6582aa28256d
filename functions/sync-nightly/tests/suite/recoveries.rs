//! Guests who had rated low and came back.

use std::sync::atomic::{AtomicI64, Ordering};

use aws::cases::Cases;
use aws::customers::{Customers, StoredCustomer};
use domain::case::{Case, CaseState, Recovered};
use domain::customer::Visit;
use domain::feedback::{Answer, Said};
use domain::mail::{Mail, MailCause, MailState};
use domain::money::Money;
use domain::receipt_id::ReceiptId;
use serde_json::json;
use sync_nightly::{Deps, Failure, Outcome, Recoveries, handle};
use testkit::World;
use testkit::faults::Plan;

/// 2025-10-28T16:45:00Z: a quarter to midnight in Jakarta.
const LATE_MS: i64 = 1_761_669_900_000;
const DAY_MS: i64 = 86_400_000;

struct Night {
    world: World,
    deps: Deps,
    cases: Cases,
}

impl Night {
    async fn begin() -> Self {
        let world = World::start().await;
        let deps = Deps::new(&world.clients, testkit::metrics(), || LATE_MS);
        let cases = Cases::new(&world.clients);
        Self { world, deps, cases }
    }

    /// A case of a receipt of that date, opened so many days before this night.
    async fn case(&self, native: &str, customer: Option<&str>, date: &str, opened_days: i64) -> Case {
        let place = ReceiptId {
            outlet: "moka-1".to_owned(),
            date: date.parse().unwrap(),
            native: native.to_owned(),
        };
        let said = Said {
            at_ms: LATE_MS - opened_days * DAY_MS,
            overall: Some(1),
            ..Said::default()
        };
        let answer = Answer::new(place, customer.map(str::to_owned), 0).with_guest(said);
        let case = Case::open(&answer.unwrap(), 2, LATE_MS).unwrap();
        let mail = Mail {
            id: case.mail_id(),
            cause: MailCause::LowScore {
                outlet: case.outlet.clone(),
                outlet_name: None,
                receipt: case.receipt.to_string(),
                case: case.id.clone(),
                revision: 1,
            },
            state: MailState::Queued,
            attempts: 0,
            due_ms: LATE_MS,
            created_ms: LATE_MS,
            correlation: None,
            outcome: None,
        };
        assert!(self.cases.open_with_mail(&case, &mail).await.unwrap());
        self.stored(&case).await
    }

    /// A customer who came to some outlet on these dates.
    async fn visits(&self, id: &str, dates: &[&str]) {
        let mut stored = StoredCustomer::default();
        for date in dates {
            let visit = Visit {
                page_version: 1,
                visits: 1,
                total: Money::from_rupiah(10_000).unwrap(),
            };
            let day = ("majoo-pusat".to_owned(), date.parse().unwrap());
            assert!(stored.customer.set_day(&day, visit));
        }
        let customers = Customers::new(&self.world.clients);
        let lost = customers.write(&[(id.to_owned(), stored)]).await.unwrap();
        assert!(lost.is_empty());
    }

    async fn watch(&self, deadline_ms: i64) -> Recoveries {
        watch(deadline_ms, &self.deps).await.unwrap()
    }

    /// A run that has time for so many pages of cases, one a second.
    async fn watch_pages(&self, pages: i64) -> Recoveries {
        static CLOCK: AtomicI64 = AtomicI64::new(LATE_MS);
        let deps = Deps {
            now_ms: || CLOCK.fetch_add(1_000, Ordering::SeqCst),
            ..self.deps.clone()
        };
        // No other run moves the clock meanwhile.
        static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let _turn = TURN.lock().await;
        let deadline_ms = CLOCK.load(Ordering::SeqCst) + 20_000 + (pages - 1) * 1_000;
        watch(deadline_ms, &deps).await.unwrap()
    }

    async fn stored(&self, case: &Case) -> Case {
        self.cases.get(&case.outlet, &case.id).await.unwrap().unwrap()
    }
}

async fn watch(deadline_ms: i64, deps: &Deps) -> Result<Recoveries, Failure> {
    let event = json!({ "task": "watch-recoveries", "at": "2025-10-28T16:45:00Z" });
    let deadline_ms = u64::try_from(deadline_ms).unwrap();
    match handle(event, deadline_ms, deps).await? {
        Outcome::Recoveries(found) => Ok(found),
        other => panic!("another task's outcome: {other:?}"),
    }
}

fn all(watched: u64, recovered: u64) -> Recoveries {
    Recoveries {
        watched,
        recovered,
        complete: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_who_came_back_is_noted_once_with_the_days_it_took() {
    let night = Night::begin().await;
    let recovered = |days, on: &str| {
        Some(Recovered {
            days,
            on: on.parse().unwrap(),
        })
    };
    // The case's guest, when the guest had come, and what is noted.
    let table = [
        (
            "soon",
            vec!["2025-08-01", "2025-08-09", "2025-08-20"],
            recovered(30, "2025-08-09"),
        ),
        ("later", vec!["2025-09-25"], recovered(60, "2025-09-25")),
        ("at last", vec!["2025-10-28"], recovered(90, "2025-10-28")),
        ("never", vec!["2025-07-01", "2025-08-01"], None),
        ("tomorrow's", vec!["2025-10-30"], None),
    ];
    let mut cases = Vec::new();
    for (guest, dates, _) in &table {
        let id = format!("OYAKO_{guest}");
        night.visits(&id, dates).await;
        cases.push(night.case(guest, Some(&id), "2025-08-01", 87).await);
    }
    let walk_in = night.case("walk-in", None, "2025-08-01", 87).await;
    night.visits("OYAKO_old", &["2025-08-02"]).await;
    let old = night.case("old", Some("OYAKO_old"), "2025-06-01", 149).await;
    assert_eq!(night.watch(i64::MAX).await, all(5, 3));
    for (case, (guest, _, wanted)) in cases.iter().zip(&table) {
        let stored = night.stored(case).await;
        assert_eq!(stored.recovered, *wanted, "{guest}");
        assert_eq!(
            stored.state,
            CaseState::Open,
            "a return settles nothing by itself"
        );
    }
    assert_eq!(night.stored(&walk_in).await, walk_in);
    assert_eq!(night.stored(&old).await, old);

    let before: Vec<Case> = stored_of(&night, &cases).await;
    assert_eq!(
        night.watch(i64::MAX).await,
        all(2, 0),
        "what was noted is not looked at again"
    );
    assert_eq!(stored_of(&night, &cases).await, before);
}

async fn stored_of(night: &Night, cases: &[Case]) -> Vec<Case> {
    let mut stored = Vec::new();
    for case in cases {
        stored.push(night.stored(case).await);
    }
    stored
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_of_every_state_are_watched() {
    let night = Night::begin().await;
    night.visits("OYAKO_1", &["2025-10-20"]).await;
    for state in CaseState::ALL {
        let case = night
            .case(state.as_str(), Some("OYAKO_1"), "2025-10-01", 20)
            .await;
        if state != CaseState::Open {
            let moved = case.move_to(state, "staff:sari", "", LATE_MS).unwrap();
            night
                .cases
                .change(&case, &moved, "staff:sari", LATE_MS)
                .await
                .unwrap();
        }
    }
    assert_eq!(night.watch(i64::MAX).await, all(3, 3), "one guest, three cases");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_time_says_so_and_the_next_one_does_its_work() {
    let night = Night::begin().await;
    night.visits("OYAKO_1", &["2025-10-20"]).await;
    night.case("a", Some("OYAKO_1"), "2025-10-01", 20).await;
    let found = night.watch(LATE_MS + 1_000).await;
    assert_eq!((found.recovered, found.complete), (0, false));
    assert_eq!(night.watch(i64::MAX).await, all(1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_cases_than_a_night_has_time_for_are_looked_at_over_the_next_nights() {
    let night = Night::begin().await;
    night.visits("OYAKO_back", &["2025-10-20"]).await;
    for n in 0..249 {
        night
            .case(&format!("{n}"), Some("OYAKO_away"), "2025-10-01", 20)
            .await;
    }
    let last = night.case("last", Some("OYAKO_back"), "2025-10-01", 19).await;
    // A night has time for one page of a hundred cases: three of open ones, one of each other state.
    let mut nights = Vec::new();
    for _ in 0..6 {
        let found = night.watch_pages(1).await;
        assert!(!found.complete);
        nights.push((found.watched, found.recovered));
    }
    assert_eq!(nights, [(100, 0), (100, 0), (50, 1), (0, 0), (0, 0), (100, 0)]);
    assert!(night.stored(&last).await.recovered.is_some());
    // With time enough the next one goes on from there, once round.
    assert_eq!(night.watch_pages(99).await, all(249, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_was_cut_short_anywhere_leaves_out_no_case() {
    let night = Night::begin().await;
    let faulty = Deps::new(&night.world.faulty, testkit::metrics(), || LATE_MS);
    night.visits("OYAKO_back", &["2025-10-20"]).await;
    let plans: [fn(u64) -> Plan; 2] = [Plan::CrashBefore, Plan::CrashAfter];
    for plan in plans {
        for at in 0.. {
            night
                .deps
                .bookmarks
                .put("watch-recoveries", "open")
                .await
                .unwrap();
            let mut cases = Vec::new();
            for state in CaseState::ALL {
                let native = format!("{:?} {state:?}", plan(at));
                let case = night.case(&native, Some("OYAKO_back"), "2025-10-01", 20).await;
                if state != CaseState::Open {
                    let moved = case.move_to(state, "staff:sari", "", LATE_MS).unwrap();
                    let moved = night.cases.change(&case, &moved, "staff:sari", LATE_MS);
                    moved.await.unwrap();
                }
                cases.push(case);
            }
            night.world.faults.set(plan(at));
            let cut_short = watch(i64::MAX, &faulty).await.is_err();
            night.world.faults.set(Plan::None);
            // The rest of the round, a page for each list, and not one page more.
            let noted = night
                .deps
                .bookmarks
                .read("watch-recoveries")
                .await
                .unwrap()
                .unwrap();
            let rest = CaseState::ALL.iter().skip_while(|state| state.as_str() != noted);
            for _ in rest {
                night.watch_pages(1).await;
            }
            for case in &cases {
                assert!(
                    night.stored(case).await.recovered.is_some(),
                    "{:?} {}",
                    plan(at),
                    case.id
                );
            }
            if !cut_short {
                assert!(at >= 9, "the plan was about these calls");
                break;
            }
        }
    }
}
