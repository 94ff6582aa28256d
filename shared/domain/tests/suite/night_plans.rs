//! Cutting a night's phases into parts.

use std::collections::BTreeSet;

use crate::night_support::{DUE, date, done, outlet};
use domain::map::OutletRules;
use domain::night::{JOBS_MAX, Job, Night, Part, Phase, dates, moka_jobs, plan_outlets, plan_pull, tonight};
use domain::outlet::{Outlet, is_moka_id};
use domain::when::BusinessDate;
use proptest::prelude::*;

fn file(name: &str) -> Job {
    Job::CentralFile {
        outlet: None,
        date: date(),
        name: name.to_owned(),
        size: 10,
        sha256: "00".repeat(32),
    }
}

fn night() -> Night {
    Night::begin(date(), DUE, None, true, DUE)
}

fn outlets(count: usize) -> Vec<(String, BusinessDate)> {
    (0..count).map(|number| (outlet(number), date())).collect()
}

fn plan(outlets: Vec<(String, BusinessDate)>, known: &[Part]) -> Vec<Part> {
    plan_outlets(&night(), Phase::Reconcile, outlets, known, DUE)
}

#[test]
fn ten_thousand_outlets_are_four_hundred_parts_in_whatever_order_they_come() {
    let parts = plan(outlets(10_000), &[]);
    assert_eq!(parts.len(), 400);
    assert!(parts.iter().all(|part| part.jobs.len() == JOBS_MAX));
    assert!(parts.iter().zip(0..).all(|(part, number)| part.number == number));
    let mut turned = outlets(10_000);
    turned.reverse();
    turned.extend(outlets(3));
    assert_eq!(plan(turned, &[]), parts);
}

#[test]
fn a_second_plan_of_the_same_is_empty_and_half_of_a_plan_is_completed() {
    let parts = plan(outlets(60), &[]);
    assert_eq!(parts.len(), 3);
    assert_eq!(plan(outlets(60), &parts), []);
    let worked: Vec<Part> = parts.iter().map(done).collect();
    assert_eq!(plan(outlets(60), &worked), []);
    assert_eq!(plan(outlets(60), &parts[..2]), parts[2..]);
    // Another phase's parts say nothing of this one.
    let enrich = plan_outlets(&night(), Phase::Enrich, outlets(60), &parts, DUE);
    assert_eq!(enrich.len(), 3);
    assert_eq!(plan(Vec::new(), &[]), []);
}

#[test]
fn a_list_that_grew_adds_what_is_new_and_changes_nothing_that_is_there() {
    let first = plan_pull(&night(), [file("b.json"), file("c.json")], &[], DUE);
    let again = [file("a.json"), file("b.json"), file("c.json")];
    let more = plan_pull(&night(), again, &first, DUE);
    assert_eq!(more.len(), 1);
    assert_eq!((more[0].number, &more[0].jobs[..]), (1, &[file("a.json")][..]));
}

#[test]
fn a_part_has_jobs_of_one_source() {
    let tonight = date();
    let moka = (0..9).flat_map(|number| {
        moka_jobs(&outlet(number), "100818", tonight, BTreeSet::new()).collect::<Vec<_>>()
    });
    let files = (0..3).map(|number| file(&number.to_string()));
    let parts = plan_pull(&night(), moka.chain(files), &[], DUE);
    let sizes: Vec<usize> = parts.iter().map(|part| part.jobs.len()).collect();
    assert_eq!(sizes, [3, 25, 2]);
    for part in &parts {
        let sources: BTreeSet<&str> = part.jobs.iter().map(|job| job.source(part.phase)).collect();
        assert_eq!(sources.len(), 1);
    }
}

#[test]
fn a_night_reads_three_days_and_closes_each_outlets_own() {
    let texts = dates(date()).map(|date| date.to_string());
    assert_eq!(texts, ["2026-11-20", "2026-11-21", "2026-11-22"]);
    for zone in ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"] {
        for cutoff_hour in [0, 4] {
            let outlet = Outlet {
                cutoff_hour,
                ..Outlet::undescribed("pos-1", None, Some(zone))
            };
            assert_eq!(tonight(DUE, &OutletRules::of(outlet)), date(), "{zone}");
        }
    }
}

#[test]
fn an_outlet_described_before_there_was_moka_has_no_id_of_it() {
    let old = r#"{"id":"pos-1","name":null,"zone":"Asia/Jakarta","cutoff_hour":0}"#;
    let outlet: Outlet = serde_json::from_str(old).unwrap();
    assert_eq!(outlet, Outlet::undescribed("pos-1", None, None));
    assert!(!serde_json::to_string(&outlet).unwrap().contains("moka_id"));
    for (text, fits) in [
        ("100818", true),
        ("", false),
        ("1/2", false),
        ("-1", false),
        ("12345678901234567890", false),
    ] {
        assert_eq!(is_moka_id(text), fits, "{text}");
    }
}

proptest! {
    #[test]
    fn two_planners_who_see_different_lists_lose_nothing(
        one in prop::collection::btree_set(0_u8..120, 0..80),
        other in prop::collection::btree_set(0_u8..120, 0..80),
        put_by_one in 0_usize..5,
    ) {
        let jobs = |names: &BTreeSet<u8>| names.iter().map(|name| file(&name.to_string())).collect::<Vec<_>>();
        // One planner stops somewhere; the other puts what it may, and both go on until nothing is left.
        let mut store: Vec<Part> = plan_pull(&night(), jobs(&one), &[], DUE);
        store.truncate(put_by_one);
        for names in [&other, &one, &other] {
            for part in plan_pull(&night(), jobs(names), &store, DUE) {
                prop_assert!(store.iter().all(|known| known.number != part.number));
                store.push(part);
            }
        }
        let planned: Vec<&Job> = store.iter().flat_map(|part| &part.jobs).collect();
        let distinct: BTreeSet<&Job> = planned.iter().copied().collect();
        prop_assert_eq!(planned.len(), distinct.len());
        prop_assert_eq!(distinct.len(), one.union(&other).count());
        prop_assert!(store.iter().all(|part| (1..=JOBS_MAX).contains(&part.jobs.len())));
    }
}
