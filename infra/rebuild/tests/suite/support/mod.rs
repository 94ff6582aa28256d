//! A shop whose tables are made anew: sales of two systems, with all that can happen to them.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't be set up has failed; not every test uses every helper"
)]

pub(crate) mod files;
mod untold;

use std::sync::atomic::{AtomicI64, Ordering};

use aws::Clients;
use aws::audit::{AuditTrail, Position};
use aws::outbox::Outbox;
use aws::sales::summary_place;
use aws::whole::Whole;
use domain::customer::{OutletDay, ProfileField};
use domain::export::{Export, export_id};
use domain::feedback::{Answer, Said};
use domain::quarantine::{QuarantineState, Quarantined};
use domain::receipt_id::ReceiptId;
use rebuild::{Comparison, Fingerprint, Order, Report, Stop, Tools};
use serde_json::json;
use testkit::World;

use files::DATE;

/// Noon (Jakarta) of 30 October 2025, when the shop's story begins.
const BEGAN_MS: i64 = 1_761_800_400_000;
/// Long after it.
const LATER_MS: i64 = BEGAN_MS + 86_400_000;
/// By so much the story goes on with every look at the clock.
const TICK_MS: i64 = 1_000;

static CLOCK: AtomicI64 = AtomicI64::new(BEGAN_MS);

fn story_ms() -> i64 {
    CLOCK.fetch_add(TICK_MS, Ordering::SeqCst)
}

pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) ingest: ingest_sales::Deps,
    /// Over the engines directly, and a quarter of an hour after the other ones.
    pub(crate) tools: Tools,
    /// Through the faults.
    pub(crate) faulty: Tools,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let world = World::start().await;
        let ingest = ingest_sales::Deps::with_clients(world.clients.clone(), [7; 32], testkit::metrics());
        let ingest = ingest_sales::Deps {
            now_ms: story_ms,
            ..ingest.await.unwrap()
        };
        Self {
            tools: tools(&world.clients, "second", || LATER_MS + 900_000).await,
            faulty: tools(&world.faulty, "first", || LATER_MS).await,
            world,
            ingest,
        }
    }

    /// Takes a file; answers its ledger entry.
    pub(crate) async fn take(&self, key: &str, bytes: impl Into<Vec<u8>>) -> Export {
        let message = self.world.put_and_announce(key, bytes).await;
        let answer = ingest_sales::handle(message, u64::MAX, &self.ingest)
            .await
            .unwrap();
        assert!(answer.batch_item_failures.is_empty(), "{key}");
        let entry = self
            .ingest
            .ledger
            .latest(&export_id("exports", key))
            .await
            .unwrap();
        entry.unwrap()
    }

    pub(crate) async fn refused(&self, key: &str) -> Vec<Quarantined> {
        let id = export_id("exports", key);
        self.ingest.quarantine.of_export(&id, None, 100).await.unwrap().0
    }

    /// A person's decision about a refused record.
    pub(crate) async fn decide(&self, piece: &Quarantined, state: QuarantineState) -> Quarantined {
        let decided = Quarantined {
            state,
            last_seen_ms: story_ms(),
            reason: Some("asked for by the shop".to_owned()),
            // What was refused was the folder: without it the record stands.
            context: piece
                .context
                .replace("\"folder_outlet\":\"moka-1\"", "\"folder_outlet\":null"),
            ..piece.clone()
        };
        self.ingest
            .quarantine
            .decide(piece, &decided, "key:test")
            .await
            .unwrap();
        decided
    }

    /// Has every day counted.
    pub(crate) async fn score(&self) {
        let records = self.days().await.into_iter().enumerate().map(|(number, day)| {
            let (pk, sk) = summary_place(&day);
            json!({ "eventSource": "aws:dynamodb", "dynamodb": {
                "Keys": { "pk": { "S": pk }, "sk": { "S": sk } }, "SequenceNumber": number.to_string(),
            } })
        });
        let records: Vec<_> = records.collect();
        let answer = score_feedback::handle(json!({ "Records": records }), &self.tools.score).await;
        assert!(answer.unwrap().batch_item_failures.is_empty());
    }

    pub(crate) async fn days(&self) -> Vec<OutletDay> {
        let (mut days, mut at) = (Vec::new(), None);
        loop {
            let (some, next) = Whole::new(&self.world.clients).days(at).await.unwrap();
            days.extend(some);
            if next.is_none() {
                days.sort();
                days.dedup();
                return days;
            }
            at = next;
        }
    }

    /// A guest says something of a receipt.
    pub(crate) async fn say(&self, day: &OutletDay, native: &str, overall: u8) {
        let place = ReceiptId {
            outlet: day.0.clone(),
            date: day.1,
            native: native.to_owned(),
        };
        let said = Said {
            at_ms: BEGAN_MS,
            told_ms: BEGAN_MS,
            overall: Some(overall),
            comment: Some("ramai sekali".to_owned()),
            ..Said::default()
        };
        let answer = Answer::new(place, None, BEGAN_MS).with_guest(said).unwrap();
        self.ingest.feedback.put(&answer, 0).await.unwrap();
    }

    /// Changes a customer as people's rights do.
    pub(crate) async fn change(&self, id: &str, change: impl FnOnce(&mut domain::customer::Customer)) {
        let ids = [id.to_owned()];
        let mut known = self.ingest.customers.read(&ids).await.unwrap();
        let mut stored = known.remove(id).expect("the customer is known");
        change(&mut stored.customer);
        let lost = self
            .ingest
            .customers
            .write(&[(id.to_owned(), stored)])
            .await
            .unwrap();
        assert_eq!(lost, Vec::<String>::new());
    }

    /// The whole story: two systems, corrections, a void and a refund, refused records of which one is taken later
    /// and one put aside, a failed file, a file twice, words in an export and from a guest, a person erased, one
    /// corrected and one restricted; every day counted; and what no export tells.
    pub(crate) async fn tell_its_story(&self) {
        self.take(
            "incoming/moka-1/again.json",
            [files::first(), b"\n".to_vec()].concat(),
        )
        .await;
        self.take("incoming/majoo/receipts.json", files::majoo_receipts())
            .await;
        self.take("incoming/majoo/rows.json", files::majoo_rows()).await;
        self.take("incoming/pos-1/words.json", files::words()).await;
        self.take("incoming/moka-1/page.html", b"<html>".to_vec()).await;
        self.tell_a_short_story().await;
        self.change("OYAKO_MOKA_2", |person| {
            assert!(person.correct(ProfileField::Name, Some("Tamu Dua"), LATER_MS));
        })
        .await;
        self.change("OYAKO_MOKA_3", |person| {
            person.rights.restricted_ms = Some(BEGAN_MS)
        })
        .await;
        self.leave_what_no_export_tells().await;
    }

    /// Its part in three files of one system.
    pub(crate) async fn tell_a_short_story(&self) {
        self.take("incoming/moka-1/1.json", files::first()).await;
        self.take("incoming/moka-1/2.json", files::corrections()).await;
        self.take("incoming/moka-1/3.json", files::strangers()).await;
        let refused = self.refused("incoming/moka-1/3.json").await;
        assert_eq!(refused.len(), 3);
        let asked = self.decide(&refused[0], QuarantineState::Replaying).await;
        ingest_sales::replay::run(asked, &self.ingest).await.unwrap();
        self.decide(&refused[1], QuarantineState::Discarded).await;
        let taken = self.refused("incoming/moka-1/3.json").await;
        assert_eq!(taken[0].state, QuarantineState::Replayed);
        let today = ("moka-1".to_owned(), DATE.parse().unwrap());
        self.say(&today, &files::native(3), 2).await;
        self.change("OYAKO_MOKA_1", |person| assert!(person.erase(BEGAN_MS)))
            .await;
        self.score().await;
        // Settling answers is a change of them, and counted with the next one.
        self.score().await;
    }

    pub(crate) async fn fingerprint(&self) -> Fingerprint {
        rebuild::fingerprint(&self.tools).await.unwrap()
    }

    /// The kinds of items that are not as they were.
    pub(crate) async fn changed_since(&self, before: &Fingerprint) -> Vec<String> {
        before.differs_in(&self.fingerprint().await)
    }

    /// Rebuilds, without asking.
    pub(crate) async fn rebuild(&self, tools: &Tools) -> Result<Report, Stop> {
        rebuild::rebuild(Order::default(), |_| true, tools).await
    }

    /// Rebuilds to an end at which everything is as it was.
    pub(crate) async fn rebuild_the_same(&self) {
        let report = self.rebuild(&self.tools).await.unwrap();
        assert_eq!(
            report.comparison,
            Comparison::Same,
            "{:?}",
            report.before.differs_in(&report.after)
        );
    }

    /// How many rebuilds the audit trail tells of.
    pub(crate) async fn rebuilds(&self) -> usize {
        let chain = domain::audit::chain_of("rebuild");
        let records = AuditTrail::new(&self.world.clients)
            .list(chain, Position::NEWEST, 1_000)
            .await;
        let records = records.unwrap();
        records
            .iter()
            .filter(|record| record.action == "tables.rebuilt")
            .count()
    }

    /// How many audit records there are in all.
    pub(crate) async fn audited(&self) -> u64 {
        let mut count = 0;
        for chain in 0..8 {
            let last = AuditTrail::new(&self.world.clients).last(chain).await.unwrap();
            count += last.map_or(0, |last| last.number);
        }
        count
    }

    /// How many mails wait.
    pub(crate) async fn mails(&self) -> usize {
        Outbox::new(&self.world.clients)
            .due(i64::MAX / 2)
            .await
            .unwrap()
            .len()
    }
}

async fn tools(clients: &Clients, holder: &str, now_ms: fn() -> i64) -> Tools {
    let tools = Tools::new(clients, testkit::metrics(), (holder.to_owned(), now_ms), |_| {});
    tools.await.unwrap()
}
