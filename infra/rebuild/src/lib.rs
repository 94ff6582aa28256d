//! `rebuild`: makes the tables of sales anew from the exports in the bucket, and proves that they mean the same.
//!
//! What is told by exports is emptied: pages, summaries, what customers did and who they are. Then every export of
//! the ledger is told again, in the order it was received, by the code that takes exports; and the figures of
//! satisfaction are counted by the code that counts them. A fingerprint of every table from before is compared with
//! one from after.
//!
//! What is not told by exports stays: the ledger, the quarantine with everything people decided about it, audit
//! records, mails, answers of guests, cases, habits and books of numbers, nights and findings, what people asked for
//! as persons. Of all this a rebuild writes one thing, the audit record of itself; the fingerprint covers it too
//! ([`fingerprint::How`] says how), so that nothing is touched unseen.
//!
//! It may be killed at any point and started again: it goes on where it was, by a bookmark in the tables. Pages are
//! emptied and not deleted, so that versions only grow: what was made from an older one never stands against what is
//! made from a newer one, in figures and habits too, and exports that come in meanwhile are taken as always.

pub mod args;
mod counting;
mod course;
mod customers;
mod days;
pub mod error;
pub mod fingerprint;
mod kept;
mod plan;
mod say;
mod state;
mod telling;

use aws::bookmarks::Bookmarks;
use aws::customers::Customers;
use aws::leases::Leases;
use aws::ledger::Ledger;
use aws::objects::Objects;
use aws::quarantine::Quarantine;
use aws::sales::Sales;
use aws::whole::Whole;
use aws::{Clients, StoreError};
use lambda_edge::clock::Clock;
use lambda_edge::metrics::Metrics;

pub use course::{Comparison, Order, Outline, Report, rebuild};
pub use error::Stop;
pub use fingerprint::{Fingerprint, fingerprint};
pub use say::say;

/// The name under which this program acts in the audit trail.
pub const ACTOR: &str = "rebuild";

/// What the program works with.
#[derive(Clone, Debug)]
pub struct Tools {
    /// The file ledger.
    pub ledger: Ledger,
    /// Refused records.
    pub quarantine: Quarantine,
    /// The bucket.
    pub objects: Objects,
    /// Pages and summaries.
    pub sales: Sales,
    /// Customers.
    pub customers: Customers,
    /// Tables as a whole.
    pub whole: Whole,
    /// Where a rebuild goes on.
    pub bookmarks: Bookmarks,
    /// Who alone may rebuild.
    pub leases: Leases,
    /// The code that takes exports.
    pub ingest: ingest_sales::Deps,
    /// The code that counts what guests say.
    pub score: score_feedback::Deps,
    /// The clock.
    pub now_ms: Clock,
    /// The name of this run, which no other run has.
    pub holder: String,
    /// Where progress is told to the person who waits.
    pub say: fn(&str),
}

impl Tools {
    /// What the program works with, over these clients.
    ///
    /// # Errors
    /// [`StoreError`] when the database can't be reached.
    pub async fn new(
        clients: &Clients,
        metrics: Metrics,
        (holder, now_ms): (String, Clock),
        say: fn(&str),
    ) -> Result<Self, StoreError> {
        let fresh = lambda_edge::clock::random();
        let fresh = fresh.map_err(|_| StoreError::Damaged("no randomness"))?;
        let ingest = ingest_sales::Deps::with_clients(clients.clone(), fresh, metrics.clone()).await?;
        Ok(Self {
            ledger: Ledger::new(clients),
            quarantine: Quarantine::new(clients),
            objects: Objects::new(clients),
            sales: Sales::new(clients),
            customers: Customers::new(clients),
            whole: Whole::new(clients),
            bookmarks: Bookmarks::new(clients),
            leases: Leases::new(clients),
            ingest,
            score: score_feedback::Deps::new(clients.clone(), metrics, now_ms),
            now_ms,
            holder,
            say,
        })
    }
}
