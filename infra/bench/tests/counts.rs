//! What ingestion costs, exactly, and within the limits that the design sets.
//!
//! A count that changes is a change of the bill: whoever changes one looks at it and writes it here.
#![allow(clippy::unwrap_used, reason = "tests")]

use bench::counts::{self, Case};
use bench::generator::Plan;

/// Most write units by receipt for pages, summaries, ledger and audit, in millionths.
const WRITES_PER_RECEIPT_MAX: u64 = 120_000;
/// Most write units for the same in a warung's day of 500, in thousandths.
const WARUNG_WRITES_MAX: u64 = 80_000;
/// Most calls by a thousand receipts, in thousandths.
const REQUESTS_PER_THOUSAND_MAX: u64 = 60_000;

fn chain() -> Plan {
    Plan::chain(6_000)
}

/// Write units in thousandths, read units in thousandths, calls.
fn cost(case: &Case) -> (u64, u64, u64) {
    (case.write_milli, case.read_milli, case.requests)
}

/// Nothing is written twice: the sum of the items' sizes, each billed once, is what was billed.
fn assert_at_the_floor(case: &Case) {
    assert_eq!(case.write_milli, case.floor.all() * 1000, "{case:?}");
    assert!(
        case.floor.customers.max(case.floor.phones) <= case.customers,
        "a customer costs a unit a day at most, and one more on the first: {case:?}"
    );
}

fn assert_within_chain_limits(case: &Case) {
    assert!(
        case.sales_write_micro_per_receipt() <= WRITES_PER_RECEIPT_MAX,
        "{case:?}"
    );
    assert!(
        case.requests_milli_per_thousand() <= REQUESTS_PER_THOUSAND_MAX,
        "{case:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn chain_with_a_file_for_each_outlet_day() {
    let case = counts::chain_by_outlet(chain()).await.unwrap();
    assert_at_the_floor(&case);
    assert_within_chain_limits(&case);
    assert_eq!(cost(&case), (2_544_000, 1_192_000, 233));
    assert_eq!((case.customers, case.floor.phones), (1_072, 1_072));
}

#[tokio::test(flavor = "multi_thread")]
async fn chain_in_one_file() {
    let case = counts::chain_in_one(chain()).await.unwrap();
    assert_at_the_floor(&case);
    assert_within_chain_limits(&case);
    assert_eq!(cost(&case), (2_491_000, 1_135_000, 144));
}

#[tokio::test(flavor = "multi_thread")]
async fn chain_of_guests_nobody_knows() {
    let case = counts::chain_by_outlet(chain().anonymous()).await.unwrap();
    assert_at_the_floor(&case);
    assert_eq!(cost(&case), (399_000, 120_000, 160));
    assert_eq!(case.customers, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn day_of_one_warung() {
    let case = counts::warung(Plan::warung()).await.unwrap();
    assert_at_the_floor(&case);
    assert!(case.sales_write_milli() <= WARUNG_WRITES_MAX, "{case:?}");
    assert_eq!(cost(&case), (203_000, 94_000, 13));
    assert_eq!((case.customers, case.floor.phones), (88, 88));
}

#[tokio::test(flavor = "multi_thread")]
async fn redelivery_costs_one_read_and_no_write() {
    let case = counts::redelivery(Plan::warung()).await.unwrap();
    assert_eq!(cost(&case), (0, 1_000, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn same_receipts_in_another_file_write_its_ledger_entry_and_audit_record_alone() {
    let case = counts::same_receipts_again(Plan::warung()).await.unwrap();
    assert_at_the_floor(&case);
    assert_eq!(case.floor.pages + case.floor.summaries, 0);
    assert_eq!(cost(&case), (5_000, 98_000, 7));
}
