//! What calls cost, counted by the meter and by hand. The rules are those of the developer guide, "Read and
//! write capacity": a write unit per started kilobyte of an item, a read unit per started four of a
//! strongly consistent read, half of that for any other, twice of it in a transaction; each index that an
//! item is in, comes to, or leaves is written too.

use std::collections::BTreeMap;

use aws::audit::AuditTrail;
use aws::customers::{Customers, StoredCustomer};
use aws::meter::Reading;
use aws::outbox::Outbox;
use aws::outlets::Outlets;
use aws::quarantine::Quarantine;
use aws::sales::{Sales, StoredDay};
use domain::audit::chain_of;
use domain::customer::Customer;
use domain::mail::{Mail, MailState};
use domain::outlet::Outlet;
use domain::page::pack;
use domain::quarantine::Quarantined;
use testkit::Stores;

use crate::differences::{Difference, agree};
use crate::support::{NOW_MS, day, export, mail, piece, receipts};

/// Counts what happens between two looks.
struct Costs<'a> {
    stores: &'a Stores,
    before: Reading,
}

impl<'a> Costs<'a> {
    fn of(stores: &'a Stores) -> Self {
        let before = stores.clients.meter().read();
        Self { stores, before }
    }

    /// Requests, write units and read units since the last look, units in thousandths.
    fn look(&mut self) -> (u64, u64, u64) {
        let now = self.stores.clients.meter().read();
        let since = now.since(self.before);
        self.before = now;
        (since.requests, since.write_milli, since.read_milli)
    }
}

/// An outlet whose item has just this many bytes: the names of its attributes and their values.
fn outlet(id: &str, item_bytes: usize) -> Outlet {
    let bytes = |name: &str| {
        let json = serde_json::to_string(&Outlet::undescribed(id, Some(name), None)).unwrap();
        "pk".len() + "U".len() + "sk".len() + id.len() + "doc".len() + json.len()
    };
    let name = "n".repeat(item_bytes - bytes(""));
    assert_eq!(bytes(&name), item_bytes);
    Outlet::undescribed(id, Some(&name), None)
}

#[tokio::test]
async fn a_write_costs_a_unit_per_started_kilobyte_and_a_read_one_per_started_four() {
    let stores = Stores::start().await;
    let outlets = Outlets::new(&stores.clients);
    let mut costs = Costs::of(&stores);
    let known = [
        (500, 1_000, 1_000),
        (1024, 1_000, 1_000),
        (1025, 2_000, 1_000),
        (4096, 4_000, 1_000),
        (4097, 5_000, 2_000),
        (8193, 9_000, 3_000),
    ];
    let mut reads = Vec::new();
    for (row, (item_bytes, write, _)) in known.into_iter().enumerate() {
        let outlet = outlet(&row.to_string(), item_bytes);
        let name = outlet.name.as_deref();
        outlets.get_or_register(&outlet.id, name, None).await.unwrap();
        let looked_for_in_vain = 1_000;
        assert_eq!(costs.look(), (2, write, looked_for_in_vain), "{item_bytes}");
        outlets.get(&outlet.id).await.unwrap();
        reads.push(costs.look());
    }
    let expected: Vec<_> = known.into_iter().map(|(_, _, read)| (1, 0, read)).collect();
    agree(&stores, Difference::ReadsAreMeteredOtherwise, reads, expected);
    stores.stop().await;
}

#[tokio::test]
async fn an_action_of_a_transaction_costs_twice() {
    let stores = Stores::start().await;
    let (outlets, trail) = (Outlets::new(&stores.clients), AuditTrail::new(&stores.clients));
    let mut writes = Vec::new();
    outlets.describe(&outlet("1", 500), NOW_MS, "test").await.unwrap();
    let mut costs = Costs::of(&stores);
    for item_bytes in [1024, 1025, 4097] {
        let outlet = outlet("1", item_bytes);
        outlets.describe(&outlet, NOW_MS, "test").await.unwrap();
        let (requests, write, read) = costs.look();
        assert_eq!((requests, read), (2, 1_000), "the end of the chain, read first");
        writes.push(write);
    }
    let record = trail.last(chain_of("1")).await.unwrap().unwrap();
    assert!(
        serde_json::to_string(&record).unwrap().len() < 900,
        "a record is one kilobyte"
    );
    let (record, outlet) = (2_000, [2_000, 4_000, 10_000]);
    let expected: Vec<u64> = outlet.iter().map(|outlet| outlet + record).collect();
    agree(
        &stores,
        Difference::TransactionsAreMeteredOtherwise,
        writes,
        expected,
    );
    stores.stop().await;
}

#[tokio::test]
async fn a_page_of_several_parts_costs_twice_what_its_parts_weigh() {
    let stores = Stores::start().await;
    let sales = Sales::new(&stores.clients);
    let day = day("1", "2025-10-28");
    let mut next = StoredDay::default();
    next.receipts = receipts(1, 700_000);
    let packed = pack(&next.receipts).unwrap().len();
    let mut costs = Costs::of(&stores);
    sales.write_page(&day, &next).await.unwrap();
    // The first part has 380 KB of the page, the second the rest; keys, version and count make for less than
    // a kilobyte more. The sizes are far enough from a whole kilobyte that a few bytes don't matter.
    let rest = packed - (380 << 10);
    assert!((100..900).contains(&(rest % 1024)), "{packed}");
    let kilobytes = 381 + u64::try_from(rest / 1024).unwrap() + 1;
    let expected = (1, kilobytes * 2_000, 0);
    agree(
        &stores,
        Difference::TransactionsAreMeteredOtherwise,
        costs.look(),
        expected,
    );
    stores.stop().await;
}

#[tokio::test]
async fn the_index_costs_what_comes_to_it_moves_in_it_and_leaves_it() {
    let stores = Stores::start().await;
    let outbox = Outbox::new(&stores.clients);
    let queued = mail("m", NOW_MS);
    assert!(
        serde_json::to_string(&queued).unwrap().len() < 900,
        "a mail is one kilobyte"
    );
    let mut costs = Costs::of(&stores);
    outbox.put(&queued).await.unwrap();
    assert_eq!(costs.look(), (1, 2_000, 0), "it comes");

    let step = |from: &Mail, state: MailState, due_ms: i64| Mail {
        state,
        due_ms,
        ..from.clone()
    };
    let same_place = step(&queued, MailState::Sending, NOW_MS);
    let moved = step(&same_place, MailState::Sending, NOW_MS + 1);
    let left = step(&moved, MailState::Sent, NOW_MS + 1);
    let outside = step(&left, MailState::Sent, NOW_MS + 2);
    for (from, to, write, what) in [
        (&queued, &same_place, 2_000, "it changes in its place"),
        (
            &same_place,
            &moved,
            3_000,
            "it moves: out of one place and into another",
        ),
        (&moved, &left, 2_000, "it leaves"),
        (&left, &outside, 1_000, "it is in the index no more"),
    ] {
        outbox.advance(from, to).await.unwrap();
        assert_eq!(costs.look(), (1, write, 0), "{what}");
    }
    stores.stop().await;
}

#[tokio::test]
async fn an_answer_costs_half_a_unit_at_least_even_when_it_is_empty() {
    let stores = Stores::start().await;
    let outbox = Outbox::new(&stores.clients);
    let mut costs = Costs::of(&stores);
    outbox.due(NOW_MS).await.unwrap();
    let empty = costs.look();
    agree(&stores, Difference::EmptyAnswersCostNothing, empty, (1, 0, 500));
    outbox.put(&mail("m", NOW_MS)).await.unwrap();
    costs.look();
    outbox.due(NOW_MS).await.unwrap();
    assert_eq!(costs.look(), (1, 0, 500));
    stores.stop().await;
}

#[tokio::test]
async fn a_batch_costs_what_its_entries_cost_one_by_one() {
    let stores = Stores::start().await;
    let adapter = Quarantine::new(&stores.clients);
    let export = export("a");
    let pieces: Vec<Quarantined> = (0..30).map(|n| piece(&export, n * 100)).collect();
    let mut costs = Costs::of(&stores);
    adapter.list(&pieces).await.unwrap();
    assert_eq!(
        costs.look(),
        (2, 60_000, 0),
        "thirty items, and thirty in the index"
    );
    adapter.list(&pieces).await.unwrap();
    assert_eq!(
        costs.look(),
        (2, 30_000, 0),
        "thirty items, and nothing new in the index"
    );
    stores.stop().await;
}

#[tokio::test]
async fn single_statements_and_single_keys_cost_a_unit_each() {
    let stores = Stores::start().await;
    let adapter = Customers::new(&stores.clients);
    let at = |version| -> Vec<(String, StoredCustomer)> {
        let customer = Customer {
            days: BTreeMap::new(),
            ..Customer::default()
        };
        (0..30)
            .map(|n| {
                let customer = customer.clone();
                (format!("OYAKO_{n}"), StoredCustomer { customer, version })
            })
            .collect()
    };
    let mut costs = Costs::of(&stores);
    for version in [0, 1] {
        adapter.write(&at(version)).await.unwrap();
        let cost = costs.look();
        agree(&stores, Difference::StatementsAreNotMetered, cost, (2, 30_000, 0));
    }
    let mut ids: Vec<String> = at(0).into_iter().map(|(id, _)| id).collect();
    adapter.read(&ids).await.unwrap();
    let all = costs.look();
    agree(&stores, Difference::ReadsAreMeteredOtherwise, all, (1, 0, 30_000));
    ids.truncate(2);
    ids.push("OYAKO_nobody".to_owned());
    adapter.read(&ids).await.unwrap();
    let one_in_vain = costs.look();
    agree(
        &stores,
        Difference::MissingKeysOfABatchCostNothing,
        one_in_vain,
        (1, 0, 3_000),
    );
    stores.stop().await;
}

#[tokio::test]
async fn a_query_costs_the_sum_of_what_it_reads() {
    let stores = Stores::start().await;
    let adapter = Quarantine::new(&stores.clients);
    let export = export("a");
    let mut pieces: Vec<Quarantined> = (0..10).map(|n| piece(&export, n * 100)).collect();
    for piece in &mut pieces {
        piece.detail = "d".repeat(1000);
    }
    adapter.list(&pieces).await.unwrap();
    let mut costs = Costs::of(&stores);
    adapter.of_export(&export.id, None, 100).await.unwrap();
    let weight = serde_json::to_string(&pieces[9]).unwrap().len();
    // Keys, kind, state and the two attributes of the index make for 100 to 200 bytes more.
    let (least, most) = ((weight + 100) * 10 / 4096, (weight + 200) * 10 / 4096);
    assert_eq!(
        least, most,
        "ten pieces of {weight} bytes are far enough from a whole unit"
    );
    let units = u64::try_from(least + 1).unwrap();
    let cost = costs.look();
    agree(
        &stores,
        Difference::ReadsAreMeteredOtherwise,
        cost,
        (1, 0, units * 500),
    );
    stores.stop().await;
}
