//! The stream of the duties table: a part that waits starts the function that works on it, and so does a request
//! that is to be carried out. Nothing else starts anything.

use aws::findings::Findings;
use aws::leases::Leases;
use aws::nights::Nights;
use aws::requests::Requests;
use domain::finding::{Code, Judgement, settle};
use domain::night::{Job, LEASE_MS, Outcome, Part, Phase};
use domain::rights::{Check, Kind, Method, Proof, Request};
use serde_json::Value;
use testkit::Stores;

use crate::nights::night;
use crate::streams::{records_of, started_by};
use crate::support::{NOW_MS, day};

const DATE: &str = "2025-10-28";

/// What the records of each partition started, in their order.
async fn started(stores: &Stores, partition: &str) -> Vec<Vec<String>> {
    let records = records_of(stores, &stores.clients.names().duties).await;
    let of_partition = |record: &&Value| record["dynamodb"]["Keys"]["pk"]["S"] == partition;
    let records = records.iter().filter(of_partition);
    records.map(|record| started_by("DutiesTable", record)).collect()
}

#[tokio::test]
async fn a_part_starts_its_worker_whenever_it_is_announced_and_at_no_other_time() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    let (outlet, date) = day("1", DATE);
    let part = Part::todo(date, Phase::Enrich, 0, vec![Job::Outlet { outlet, date }], NOW_MS);
    nights.put_parts(std::slice::from_ref(&part)).await.unwrap();
    let waiting = Part { version: 1, ..part };
    let held = nights.claim(&waiting, NOW_MS, LEASE_MS).await.unwrap().unwrap();
    let left = held.left_lying(NOW_MS + LEASE_MS).unwrap();
    let left = nights.write_part(&left).await.unwrap();
    let held = nights.claim(&left, NOW_MS, LEASE_MS).await.unwrap().unwrap();
    let over = held
        .progressed(held.token, &[Outcome::default()], NOW_MS)
        .unwrap();
    nights.write_part(&over).await.unwrap();

    let worker = vec!["sync-nightly".to_owned()];
    let expected = [worker.clone(), vec![], worker, vec![], vec![]];
    assert_eq!(started(&stores, "R#2025-10-28").await, expected);
    stores.stop().await;
}

#[tokio::test]
async fn a_request_starts_its_execution_once_it_is_ordered() {
    let stores = Stores::start().await;
    let requests = Requests::new(&stores.clients);
    let customers = ["a".to_owned()];
    let new = Request::receive(
        "r".to_owned(),
        Kind::Erasure,
        customers,
        None,
        ("staff:1", NOW_MS),
    );
    let mut last = requests.receive(&new.unwrap(), None, "staff:1").await.unwrap();
    let check = Check {
        method: Method::InPerson,
        matched: true,
        by: "staff:1".to_owned(),
        at_ms: NOW_MS,
    };
    let proof = Proof {
        at_ms: NOW_MS,
        counts: [].into(),
        audit: None,
    };
    let steps: [&dyn Fn(&Request) -> Request; 3] = [
        &|request| request.checked(check.clone()).unwrap(),
        &|request| request.ordered("staff:1", NOW_MS).unwrap(),
        &|request| request.carried_out(proof.clone(), "honour-rights").unwrap(),
    ];
    for step in steps {
        let next = step(&last);
        last = requests
            .change(&last, &next, None, "staff:1", NOW_MS)
            .await
            .unwrap();
    }
    let expected = [vec![], vec![], vec!["honour-rights".to_owned()], vec![]];
    assert_eq!(started(&stores, "Z#r").await, expected);
    for list in ["Z", "Y#a"] {
        assert_eq!(started(&stores, list).await, [vec![""; 0]], "{list}");
    }
    stores.stop().await;
}

#[tokio::test]
async fn nights_findings_and_leases_start_nothing() {
    let stores = Stores::start().await;
    let nights = Nights::new(&stores.clients);
    let new = night(DATE);
    nights.begin(&new).await.unwrap();
    let planned = nights.get(new.date).await.unwrap().unwrap();
    let planned = planned.planned(Phase::Pull, 3, 2).unwrap();
    nights.write(&planned).await.unwrap();
    let judgement = Judgement {
        found: [(Code::SalesMissing, [].into())].into(),
        ..Judgement::default()
    };
    let (outlet, date) = day("1", DATE);
    let found = settle((&outlet, date), &[], &judgement, NOW_MS);
    Findings::new(&stores.clients).write(&found).await.unwrap();
    let leases = Leases::new(&stores.clients);
    assert!(leases.take("moka", "a", NOW_MS, 1).await.unwrap());
    leases.give_back("moka", "a").await.unwrap();

    let records = records_of(&stores, &stores.clients.names().duties).await;
    let told = records
        .iter()
        .filter(|record| !started_by("DutiesTable", record).is_empty());
    assert_eq!(told.collect::<Vec<_>>(), [&Value::Null; 0]);
    assert_eq!(records.len(), 6, "night, place, night, finding, lease, no lease");
    stores.stop().await;
}
