//! Requests of people: noted with everything that belongs to them, moved on with a record of it, and found by
//! whoever has to see to them.

use aws::StoreError;
use aws::audit::{AuditTrail, Position};
use aws::outbox::Outbox;
use aws::position::ListPosition;
use aws::requests::{REQUEST_KIND, Requests, request_of};
use domain::audit::{AuditRecord, chain_of};
use domain::customer::ProfileField;
use domain::rights::{Check, Correction, DUE_MS, Kind, Method, Proof, Request};
use testkit::Stores;
use testkit::faults::Plan;

use crate::support::{NOW_MS, get, mail};

const STAFF: &str = "staff:1";

/// A request that came at a moment; not stored yet.
fn request(id: &str, customers: &[&str], received_ms: i64) -> Request {
    let customers = customers.iter().map(|id| (*id).to_owned());
    Request::receive(
        id.to_owned(),
        Kind::Erasure,
        customers,
        None,
        (STAFF, received_ms),
    )
    .unwrap()
}

/// A request for another name.
fn correction() -> (Request, Correction) {
    let field = ProfileField::Name;
    let customers = ["a".to_owned()];
    let request = Request::receive(
        "r".to_owned(),
        Kind::Correction,
        customers,
        Some(field),
        (STAFF, NOW_MS),
    );
    (request.unwrap(), Correction::read(field, "Sri Wahyuni").unwrap())
}

fn checked(request: &Request) -> Request {
    let check = Check {
        method: Method::CalledBack,
        matched: true,
        by: STAFF.to_owned(),
        at_ms: NOW_MS + 1,
    };
    request.checked(check).unwrap()
}

fn at(request: &Request, version: u64) -> Request {
    Request {
        version,
        ..request.clone()
    }
}

async fn receive(requests: &Requests, new: &Request) -> Request {
    requests.receive(new, None, STAFF).await.unwrap()
}

async fn change(requests: &Requests, from: &Request, to: &Request) -> Request {
    requests.change(from, to, None, STAFF, NOW_MS).await.unwrap()
}

/// A request brought to its end.
async fn carry_out(requests: &Requests, request: &Request) -> Request {
    let verified = change(requests, request, &checked(request)).await;
    let ordered = verified.ordered(STAFF, NOW_MS + 2).unwrap();
    let ordered = change(requests, &verified, &ordered).await;
    let proof = Proof {
        at_ms: NOW_MS + 3,
        counts: [("profiles".to_owned(), 1)].into(),
        audit: None,
    };
    let done = ordered.carried_out(proof, "honour-rights").unwrap();
    change(requests, &ordered, &done).await
}

async fn records(stores: &Stores, id: &str) -> Vec<AuditRecord> {
    let audit = AuditTrail::new(&stores.clients);
    let mut records = audit.list(chain_of(id), Position::NEWEST, 20).await.unwrap();
    records.retain(|record| record.subject == id);
    records.reverse();
    records
}

fn ids(requests: &[Request]) -> Vec<&str> {
    requests.iter().map(|request| request.id.as_str()).collect()
}

#[tokio::test]
async fn a_request_is_noted_with_all_that_belongs_to_it_or_not_at_all() {
    let stores = Stores::start().await;
    let (faulty, requests) = (Requests::new(&stores.faulty), Requests::new(&stores.clients));
    let (new, correction) = correction();
    stores.faults.set(Plan::CrashBefore(1));
    faulty.receive(&new, Some(&correction), STAFF).await.unwrap_err();
    stores.faults.set(Plan::None);
    assert_eq!(requests.get("r").await.unwrap(), None);
    assert_eq!(requests.correction("r").await.unwrap(), None);
    assert_eq!(requests.of_customer("a").await.unwrap(), []);

    let stored = requests.receive(&new, Some(&correction), STAFF).await.unwrap();
    assert_eq!(stored, at(&new, 1));
    assert_eq!(requests.get("r").await.unwrap().as_ref(), Some(&stored));
    assert_eq!(requests.correction("r").await.unwrap(), Some(correction.clone()));
    assert_eq!(requests.of_customer("a").await.unwrap(), [stored]);
    let twice = requests.receive(&new, Some(&correction), STAFF).await;
    assert!(matches!(twice, Err(StoreError::Conflict)), "{twice:?}");
    let records = records(&stores, "r").await;
    assert_eq!(records.len(), 1);
    assert_eq!(
        records[0].facts,
        r#"{"customers":["a"],"field":"name","kind":"correction"}"#
    );
    stores.stop().await;
}

#[tokio::test]
async fn the_value_of_a_correction_is_nowhere_but_beside_the_customers_and_goes_with_the_request() {
    let stores = Stores::start().await;
    let requests = Requests::new(&stores.clients);
    let (new, correction) = correction();
    let stored = requests.receive(&new, Some(&correction), STAFF).await.unwrap();
    let duties = &stores.clients.names().duties;
    let item = get(&stores, duties, "Z#r", "Z").await.unwrap();
    let told = format!("{item:?} {:?}", records(&stores, "r").await);
    assert!(!told.contains("Wahyuni") && told.contains("correction"), "{told}");
    let verified = change(&requests, &stored, &checked(&stored)).await;
    assert!(requests.correction("r").await.unwrap().is_some());
    let refused = verified
        .refused(domain::rights::Refusal::TakenBack, STAFF, NOW_MS)
        .unwrap();
    change(&requests, &verified, &refused).await;
    assert_eq!(requests.correction("r").await.unwrap(), None);
    stores.stop().await;
}

#[tokio::test]
async fn every_step_is_on_record_and_the_proof_names_the_record_of_the_last() {
    let stores = Stores::start().await;
    let requests = Requests::new(&stores.clients);
    let new = receive(&requests, &request("r", &["a"], NOW_MS)).await;
    let done = carry_out(&requests, &new).await;
    assert_eq!(
        (done.version, requests.get("r").await.unwrap()),
        (4, Some(done.clone()))
    );
    let late = requests.change(&new, &checked(&new), None, STAFF, NOW_MS).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let records = records(&stores, "r").await;
    let told: Vec<&str> = records.iter().map(|record| record.action.as_str()).collect();
    let steps = [
        "rights.received",
        "rights.verified",
        "rights.executing",
        "rights.done",
    ];
    assert_eq!(told, steps);
    let last = records.last().unwrap();
    assert_eq!(done.proof.unwrap().audit, Some((last.chain, last.number)));
    assert!(
        last.facts.contains(r#""counts":{"profiles":1}"#),
        "{}",
        last.facts
    );
    stores.stop().await;
}

#[tokio::test]
async fn requests_that_are_not_over_are_listed_the_first_due_before_the_others() {
    let stores = Stores::start().await;
    let requests = Requests::new(&stores.clients);
    let mut stored = Vec::new();
    for (id, received_ms) in [("b", 20), ("a", 30), ("d", 10), ("c", 20)] {
        stored.push(receive(&requests, &request(id, &["x"], received_ms)).await);
    }
    carry_out(&requests, &stored[0]).await;
    let (mut read, mut after) = (Vec::new(), None::<ListPosition>);
    for count in [2, 1] {
        let (some, next) = requests.unfinished(after.as_ref(), 2).await.unwrap();
        assert_eq!(some.len(), count);
        read.extend(some);
        after = next.map(|next| ListPosition::parse(&next.to_string()).unwrap());
    }
    assert_eq!(ids(&read), ["d", "c", "a"]);
    for (due_ms, expected) in [
        (9, &[][..]),
        (10, &["d"]),
        (20, &["d", "c"]),
        (99, &["d", "c", "a"]),
    ] {
        let due = requests.due_by(due_ms + DUE_MS).await.unwrap();
        assert_eq!(ids(&due), expected, "by {due_ms}");
    }
    stores.stop().await;
}

#[tokio::test]
async fn all_requests_are_listed_page_by_page_the_latest_first_as_they_are_now() {
    let stores = Stores::start().await;
    let requests = Requests::new(&stores.clients);
    let mut stored = Vec::new();
    for (id, customers, received_ms) in [("a", &["x"][..], 10), ("b", &["x", "y"], 30), ("c", &["y"], 20)] {
        stored.push(receive(&requests, &request(id, customers, received_ms)).await);
    }
    stored[0] = carry_out(&requests, &stored[0]).await;
    let (mut read, mut after) = (Vec::new(), None::<String>);
    loop {
        let (some, next) = requests.list(after.as_deref(), 2).await.unwrap();
        read.extend(some);
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(read, [stored[1].clone(), stored[2].clone(), stored[0].clone()]);
    assert_eq!(ids(&requests.of_customer("x").await.unwrap()), ["b", "a"]);
    assert_eq!(ids(&requests.of_customer("y").await.unwrap()), ["b", "c"]);
    let (again, _) = requests.list(Some(""), 9).await.unwrap();
    assert_eq!(again.len(), 3, "what is no position is the beginning");
    stores.stop().await;
}

#[tokio::test]
async fn a_request_that_grows_by_kin_is_listed_with_them_too() {
    let stores = Stores::start().await;
    let requests = Requests::new(&stores.clients);
    let new = receive(&requests, &request("r", &["a"], NOW_MS)).await;
    let grown = new.with_kin(["b", "a"]).unwrap();
    let grown = change(&requests, &new, &grown).await;
    for customer in ["a", "b"] {
        let listed = requests.of_customer(customer).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&grown));
    }
    let records = records(&stores, "r").await;
    assert_eq!(records[1].action, "rights.extended");
    let crowd: Vec<String> = (0..200).map(|n| format!("x{n}")).collect();
    let crowd: Vec<&str> = crowd.iter().map(String::as_str).collect();
    let refused = requests.receive(&request("s", &crowd, NOW_MS), None, STAFF).await;
    assert!(matches!(refused, Err(StoreError::TooLarge(_))), "{refused:?}");
    stores.stop().await;
}

#[tokio::test]
async fn a_reminder_is_mailed_once_and_with_the_request_or_not_at_all() {
    let stores = Stores::start().await;
    let (faulty, requests) = (Requests::new(&stores.faulty), Requests::new(&stores.clients));
    let outbox = Outbox::new(&stores.clients);
    let new = receive(&requests, &request("r", &["a"], NOW_MS)).await;
    let (reminder, remind_ms) = (mail("reminder", NOW_MS), new.remind_ms());
    let reminded = new.reminded("honour-rights", remind_ms).unwrap();
    stores.faults.set(Plan::CrashBefore(1));
    let lost = faulty.change(&new, &reminded, Some(&reminder), "honour-rights", remind_ms);
    lost.await.unwrap_err();
    stores.faults.set(Plan::None);
    assert_eq!(outbox.get("reminder").await.unwrap(), None);
    assert_eq!(requests.get("r").await.unwrap().as_ref(), Some(&new));
    for is_first in [true, false] {
        let sent = requests
            .change(&new, &reminded, Some(&reminder), "honour-rights", remind_ms)
            .await;
        assert_eq!(sent.is_ok(), is_first, "{sent:?}");
        assert_eq!(outbox.get("reminder").await.unwrap().as_ref(), Some(&reminder));
    }
    stores.stop().await;
}

#[tokio::test]
async fn a_request_is_told_to_the_stream_by_its_state() {
    let stores = Stores::start().await;
    let requests = Requests::new(&stores.clients);
    let new = receive(&requests, &request("r", &["a"], NOW_MS)).await;
    let verified = change(&requests, &new, &checked(&new)).await;
    let ordered = verified.ordered(STAFF, NOW_MS).unwrap();
    change(&requests, &verified, &ordered).await;
    let duties = &stores.clients.names().duties;
    let item = get(&stores, duties, "Z#r", "Z").await.unwrap();
    let text = |name: &str| item[name].as_s().unwrap().as_str();
    assert_eq!((text("kind"), text("state")), (REQUEST_KIND, "executing"));
    assert_eq!(request_of("Z#r", "Z"), Some("r"));
    for (pk, sk) in [("Z", "1#r"), ("Z#r", "Y"), ("Y#a", "Z"), ("R#2025-10-28", "R")] {
        assert_eq!(request_of(pk, sk), None, "{pk} {sk}");
    }
    stores.stop().await;
}
