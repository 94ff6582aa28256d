//! Which outlets have sent their day.

use aws::outlets::Outlets;
use aws::sales::{Arrival, Sales};
use domain::outlet::Outlet;
use domain::summary::DaySummary;
use lambda_edge::metrics::Metrics;
use lambda_edge::output::Output;
use serde_json::{Value, json};
use sync_nightly::{Arrivals, Deps, Failure, Outcome, handle};
use testkit::World;

/// 2025-10-28T16:30:00Z: half past eleven at night in Jakarta, half past one the next day in Jayapura.
const LATE_MS: i64 = 1_761_669_000_000;

struct Night {
    world: World,
    deps: Deps,
    output: Output,
}

impl Night {
    async fn begin() -> Self {
        let world = World::start().await;
        let output = Output::memory();
        let metrics = Metrics::new("Shop", [("function", "sync-nightly")]).unwrap();
        let metrics = metrics.with_output(output.clone());
        let deps = Deps::new(&world.clients, metrics, || LATE_MS);
        Self { world, deps, output }
    }

    async fn outlet(&self, id: &str, zone: &str) {
        let outlets = Outlets::new(&self.world.clients);
        outlets.get_or_register(id, None, Some(zone)).await.unwrap();
        let outlet = Outlet::undescribed(id, None, Some(zone));
        assert_eq!(outlets.get(id).await.unwrap(), Some(outlet));
    }

    async fn sales(&self, id: &str, date: &str) {
        let day = (id.to_owned(), date.parse().unwrap());
        let sales = Sales::new(&self.world.clients);
        sales
            .write_summary(&day, 1, &DaySummary::default(), &Arrival::default())
            .await
            .unwrap();
    }

    async fn watch(&self) -> Value {
        json!(self.found(json!({ "task": "watch-arrivals" })).await)
    }

    async fn found(&self, event: Value) -> Arrivals {
        match handle(event, u64::MAX, &self.deps).await.unwrap() {
            Outcome::Arrivals(arrivals) => arrivals,
            other => panic!("another task's outcome: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn outlets_without_sales_on_the_ending_day_are_missing_in_every_zone() {
    let night = Night::begin().await;
    for (id, zone) in [
        ("pos-ambon", "Asia/Jayapura"),
        ("pos-bandung", "Asia/Jakarta"),
        ("pos-denpasar", "Asia/Makassar"),
        ("pos-jayapura", "Asia/Jayapura"),
    ] {
        night.outlet(id, zone).await;
    }
    night.sales("pos-bandung", "2025-10-28").await;
    night.sales("pos-jayapura", "2025-10-28").await;
    // Neither the day before nor the day that has begun in the east counts.
    night.sales("pos-denpasar", "2025-10-27").await;
    night.sales("pos-ambon", "2025-10-29").await;
    let expected = json!({ "expected": 4, "reported": 2, "missing": ["pos-ambon", "pos-denpasar"] });
    assert_eq!(night.watch().await, expected);
    assert_eq!(night.watch().await, expected, "looking changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_night_is_counted_as_none() {
    let night = Night::begin().await;
    night.outlet("pos-bandung", "Asia/Jakarta").await;
    night.watch().await;
    night.deps.metrics.flush();
    let line: Value = serde_json::from_str(&night.output.text()).unwrap();
    assert_eq!(
        (&line["OutletsExpected"], &line["OutletsReported"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_comes_days_late_looks_at_its_own_night() {
    let night = Night::begin().await;
    night.outlet("pos-bandung", "Asia/Jakarta").await;
    night.sales("pos-bandung", "2025-10-20").await;
    let late = json!({ "task": "watch-arrivals", "at": "2025-10-20T16:30:00Z" });
    let found = night.found(late).await;
    assert_eq!((found.expected, found.reported), (1, 1));
    let unfilled = json!({ "task": "watch-arrivals", "at": "<aws.scheduler.scheduled-time>" });
    let found = night.found(unfilled).await;
    assert_eq!((found.expected, found.reported), (1, 0), "then it is tonight");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_has_not_begun_expects_nobody() {
    let night = Night::begin().await;
    let none = json!({ "expected": 0, "reported": 0, "missing": [] });
    assert_eq!(night.watch().await, none);
    night.deps.metrics.flush();
    assert_eq!(night.output.text(), "", "no figure that could raise an alarm");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_outlet_of_many_pages_is_looked_at_once() {
    let night = Night::begin().await;
    for number in 0..1_103 {
        let id = format!("pos-{number:04}");
        let outlets = Outlets::new(&night.world.clients);
        outlets.get_or_register(&id, None, None).await.unwrap();
        if number % 3 == 0 {
            night.sales(&id, "2025-10-28").await;
        }
    }
    let found = night.watch().await;
    assert_eq!(
        (&found["expected"], &found["reported"]),
        (&json!(1_103), &json!(368))
    );
    assert_eq!(found["missing"].as_array().unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_names_no_task_fails_with_its_code() {
    let night = Night::begin().await;
    for event in [json!({}), json!({ "task": "sweep" }), json!({ "task": 1 })] {
        let failure: Failure = handle(event, u64::MAX, &night.deps).await.unwrap_err();
        assert_eq!(failure.code(), "SYNC_TASK_UNKNOWN");
    }
}
