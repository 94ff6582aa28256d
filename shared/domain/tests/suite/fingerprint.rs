//! Fingerprints: order, versions and times of writing do not show, and any change of meaning does.

use std::collections::BTreeSet;

use crate::feedback_support::{SOLD, answer, line, paid, pieces, rupiah, said, with_head};
use crate::receipt_support;
use domain::customer::{Customer, Fact, OutletDay, ProfileField, Visit};
use domain::fingerprint::{ItemHash, of_customer, of_insight, of_page, of_summary, of_table};
use domain::insight::{Insight, Period, Scope};
use domain::page::Receipts;
use domain::receipt::{Lines, Rank, Ranked, Receipt, Refund, Status};
use domain::summary::DaySummary;
use proptest::prelude::*;

fn day() -> OutletDay {
    ("moka-1".to_owned(), "2025-10-28".parse().unwrap())
}

fn page_of(receipt: Receipt) -> ItemHash {
    of_page(&day(), &Receipts::from([("1".to_owned(), receipt)]))
        .unwrap()
        .unwrap()
}

/// All different.
fn differ<T: Ord + std::fmt::Debug>(hashes: impl IntoIterator<Item = T>) {
    let mut seen = BTreeSet::new();
    for (place, hash) in hashes.into_iter().enumerate() {
        assert!(seen.insert(hash), "{place} means what another one means");
    }
}

/// The receipt with every rank made another one.
fn retold(mut receipt: Receipt) -> Receipt {
    let later = |rank: &mut Rank| {
        rank.authority = 2;
        rank.revised_ms += 77;
    };
    if let Some(head) = &mut receipt.head {
        later(&mut head.rank);
    }
    match &mut receipt.lines {
        Lines::Missing => {}
        Lines::Whole(whole) => later(&mut whole.rank),
        Lines::Rows(rows) => rows.values_mut().for_each(|row| later(&mut row.rank)),
    }
    receipt
        .refunds
        .values_mut()
        .for_each(|refund| later(&mut refund.rank));
    receipt
}

#[test]
fn any_change_of_a_receipt_shows() {
    let receipt = || paid(vec![line("Sate", "", 1), line("Nasi", "", 2)]);
    let with_line = |change: fn(&mut domain::receipt::Line)| {
        let mut lines = vec![line("Sate", "", 1), line("Nasi", "", 2)];
        change(&mut lines[1]);
        paid(lines)
    };
    let refunded = |id: &str, amount| {
        let refund = Ranked {
            rank: Rank::default(),
            value: Refund {
                at_ms: SOLD,
                amount: rupiah(amount),
            },
        };
        Receipt {
            refunds: [(id.to_owned(), refund)].into(),
            ..receipt()
        }
    };
    let changed = [
        receipt(),
        with_head(receipt(), |head| head.status = Status::Voided),
        with_head(receipt(), |head| head.customer = Some("OYAKO_1".to_owned())),
        with_head(receipt(), |head| head.at_ms += 1),
        with_head(receipt(), |head| head.total = None),
        with_line(|line| line.qty = pieces(3)),
        with_line(|line| line.voided = true),
        with_line(|line| line.rating = Some(5)),
        with_line(|line| line.item.variant = Some("Pedas".to_owned())),
        refunded("r1", 5_000),
        refunded("r1", 6_000),
        refunded("r2", 5_000),
        Receipt {
            head: None,
            ..receipt()
        },
        Receipt {
            lines: Lines::Missing,
            ..receipt()
        },
    ];
    differ(changed.map(page_of));
    let one = Receipts::from([("1".to_owned(), receipt())]);
    let other_id = Receipts::from([("2".to_owned(), receipt())]);
    let other_day = ("moka-1".to_owned(), "2025-10-29".parse().unwrap());
    let other_outlet = ("moka-2".to_owned(), day().1);
    differ([
        of_page(&day(), &one).unwrap(),
        of_page(&day(), &other_id).unwrap(),
        of_page(&other_day, &one).unwrap(),
        of_page(&other_outlet, &one).unwrap(),
        of_page(&day(), &Receipts::new()).unwrap(),
    ]);
}

fn customer() -> Customer {
    let visit = Visit {
        page_version: 3,
        visits: 2,
        total: rupiah(45_000),
    };
    let mut customer = Customer::default();
    customer.profile.name = Some(Fact {
        told_ms: 5,
        value: "Siti".to_owned(),
    });
    customer.days.insert(day(), visit);
    customer
}

#[test]
fn any_change_of_a_customer_shows_and_no_version_does() {
    let with = |change: fn(&mut Customer)| {
        let mut customer = customer();
        change(&mut customer);
        of_customer("OYAKO_1", &customer).unwrap()
    };
    let plain = with(|_| ());
    differ([
        plain,
        of_customer("OYAKO_2", &customer()).unwrap(),
        with(|customer| customer.profile.name = None),
        with(|customer| customer.profile.name.as_mut().unwrap().value.push('h')),
        with(|customer| customer.profile.phone = customer.profile.name.clone()),
        with(|customer| customer.profile.email = customer.profile.name.clone()),
        with(|customer| customer.profile.phone_problem = customer.profile.name.clone()),
        with(|customer| customer.days.clear()),
        with(|customer| customer.days.get_mut(&day()).unwrap().visits = 3),
        with(|customer| customer.days.get_mut(&day()).unwrap().total = rupiah(1)),
        with(|customer| customer.rights.erased_ms = Some(1)),
        with(|customer| customer.rights.restricted_ms = Some(1)),
        with(|customer| customer.rights.objected_ms = Some(1)),
        with(|customer| customer.rights.withdrawn_ms = Some(1)),
        with(|customer| {
            drop(
                customer
                    .rights
                    .corrections
                    .insert(ProfileField::Name, Default::default()),
            )
        }),
    ]);
    let same = [
        with(|customer| customer.profile.name.as_mut().unwrap().told_ms = 99),
        with(|customer| customer.days.get_mut(&day()).unwrap().page_version = 99),
        with(|customer| {
            let emptied = Visit {
                page_version: 9,
                ..Visit::default()
            };
            customer.days.insert(("moka-9".to_owned(), day().1), emptied);
        }),
    ];
    assert_eq!(same, [plain; 3]);
}

#[test]
fn figures_show_whose_and_what_they_are() {
    let receipts = Receipts::from([("1".to_owned(), paid(vec![line("Sate", "", 1)]))]);
    let summary = DaySummary::of(receipts.values()).unwrap();
    let answered = answer("1").with_guest(said(1, 4, &[])).unwrap();
    let insight = Insight::of_day(&receipts, &[]).unwrap();
    let rated = Insight::of_day(&receipts, &[answered]).unwrap();
    let period = Period::Day(day().1);
    let month = Period::Month(domain::insight::Month::of(day().1));
    let outlet = Scope::Outlet("moka-1".to_owned());
    differ([
        of_summary(&day(), &summary).unwrap(),
        of_summary(&("moka-2".to_owned(), day().1), &summary).unwrap(),
        of_summary(&day(), &DaySummary::default()).unwrap(),
        of_insight(&outlet, period, &insight).unwrap(),
        of_insight(&outlet, period, &rated).unwrap(),
        of_insight(&outlet, month, &insight).unwrap(),
        of_insight(&Scope::All, period, &insight).unwrap(),
        of_insight(&Scope::Outlet(String::new()), period, &insight).unwrap(),
    ]);
}

#[test]
fn a_table_shows_every_item_and_how_often() {
    let [a, b] = [1, 2].map(|pieces| page_of(paid(vec![line("Sate", "", pieces)])));
    assert_eq!(of_table([a, b]), of_table([b, a]));
    differ([
        of_table([]),
        of_table([a]),
        of_table([b]),
        of_table([a, b]),
        of_table([a, a]),
    ]);
    assert_eq!(of_table([a]).len(), 64);
}

proptest! {
    #[test]
    fn ranks_and_the_order_of_items_never_show(
        pages in prop::collection::vec(receipt_support::receipts(), 1..4), turn: prop::sample::Index,
    ) {
        let hash = |pages: &[Receipts]| -> Vec<ItemHash> {
            let hashes = pages.iter().map(|receipts| of_page(&day(), receipts).unwrap());
            hashes.flatten().collect()
        };
        let told: Vec<Receipts> = pages.iter().map(|receipts| {
            receipts.iter().map(|(id, receipt)| (id.clone(), retold(receipt.clone()))).collect()
        }).collect();
        let (first, mut second) = (hash(&pages), hash(&told));
        prop_assert_eq!(&first, &second);
        if !second.is_empty() {
            let by = turn.index(second.len());
            second.rotate_left(by);
        }
        prop_assert_eq!(of_table(first), of_table(second));
    }

    #[test]
    fn pages_that_say_something_else_differ(a in receipt_support::receipts(), b in receipt_support::receipts()) {
        let same = a.len() == b.len()
            && a.iter().zip(&b).all(|((id, a), (other, b))| id == other && a.says_the_same(b));
        prop_assert_eq!(of_page(&day(), &a).unwrap() == of_page(&day(), &b).unwrap(), same);
    }
}
