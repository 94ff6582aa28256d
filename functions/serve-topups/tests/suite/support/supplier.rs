//! What `send-topups` would do, step by step.

use domain::topup::books::Books;
use domain::topup::change::Change;
use domain::topup::order::{Reason, Review};
use domain::topup::reply::{Balance, Failure, Outcome, Reply};
use domain::topup::rupiah::Rupiah;
use domain::topup::step::{self, Rules};

use super::Shop;

const LEASE_MS: i64 = 100_000;
pub const SERIAL: &str = "R251028.1200.21A77F";

impl Shop {
    async fn commit(&self, change: &Change) {
        self.topups().commit(change, &[]).await.unwrap();
    }

    /// The intent to send an order.
    pub async fn sending(&self, refid: &str) {
        let around = self.topups().around(refid).await.unwrap().unwrap();
        let change = step::sending(&around, LEASE_MS, self.now_ms()).unwrap();
        self.commit(&change).await;
    }

    /// What the supplier answers, with a balance that cannot be read.
    pub async fn answered(&self, refid: &str, outcome: Outcome) {
        let around = self.topups().around(refid).await.unwrap().unwrap();
        let reply = Reply {
            trxid: "77".to_owned(),
            product: around.order.product.clone(),
            dest: around.order.dest.clone(),
            refid: refid.to_owned(),
            outcome,
            balance: Balance::Unreadable,
        };
        let rules = Rules {
            check: self.settings.check,
        };
        let change = step::answered(&around, &step::Answer::Reply(reply), None, &rules, self.now_ms());
        self.commit(&change).await;
    }

    /// An order is sent and delivered.
    pub async fn deliver(&self, refid: &str) {
        self.sending(refid).await;
        let sn = SERIAL.to_owned();
        self.answered(refid, Outcome::Success { sn }).await;
    }

    /// An order is sent and refused.
    pub async fn refuse(&self, refid: &str, failure: Failure) {
        self.sending(refid).await;
        self.answered(refid, Outcome::Failed(failure)).await;
    }

    /// An order is sent, and is being done.
    pub async fn accept(&self, refid: &str) {
        self.sending(refid).await;
        self.answered(refid, Outcome::Accepted).await;
    }

    /// An order is never sent.
    pub async fn drop_unsent(&self, refid: &str, reason: Reason) {
        let around = self.topups().around(refid).await.unwrap().unwrap();
        let change = step::failed_unsent(&around, reason, self.now_ms()).unwrap();
        self.commit(&change).await;
    }

    /// A pending order is handed to a person.
    pub async fn hand_over(&self, refid: &str) {
        let around = self.topups().around(refid).await.unwrap().unwrap();
        let change = step::handed_over(&around, Review::StillPending, self.now_ms()).unwrap();
        self.commit(&change).await;
    }

    /// The supplier says what is on deposit, for the first time.
    pub async fn deposit(&self, rupiah: i64) {
        let left = Balance::Left(Rupiah::new(rupiah));
        let (books, entry) = Books::default().said(self.now_ms(), None, &left, Rupiah::ZERO);
        let said = self.topups().said(&books, &entry.unwrap(), &[]).await;
        said.unwrap();
    }
}
