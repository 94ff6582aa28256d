//! What the server tells by itself: a report of an order to the one address that is registered. Source document 002
//! says that there are such reports and nothing else of them, so they come in every style that others send.

use std::io;

use axum::http::Method;
use domain::topup::reply::{Failure, Outcome};

use super::admit::Order;
use super::ledger::{Ledger, Status};
use super::{Kios, client, failed};
use crate::hold;

/// How a report is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// `GET` with `refid` and `message`.
    #[default]
    Plain,
    /// `GET` with `REFID` and `MESSAGE`.
    Capitals,
    /// `POST` of a form.
    Form,
    /// `GET` with a message that nobody encoded: everything from its first `#` on is lost.
    Raw,
}

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// What is true.
    Truth,
    /// That it was delivered.
    Delivered,
    /// That it failed.
    Failed,
    /// That it is not over.
    Pending,
    /// Nothing at all.
    Nothing,
    /// This.
    Text(String),
}

/// Where reports go, and those that wait.
#[derive(Debug, Default)]
pub(super) struct Reports {
    to: Option<(String, Style)>,
    queued: Vec<(i64, String, Says)>,
}

impl Reports {
    /// A report for later. Without an address there are none.
    pub(super) fn queue(&mut self, refid: &str, says: Says, due_ms: i64) {
        if self.to.is_some() {
            self.queued.push((due_ms, refid.to_owned(), says));
        }
    }

    /// Takes out what is due, oldest first.
    fn due(&mut self, now_ms: i64) -> Vec<(String, Says)> {
        self.queued.sort_by_key(|(due_ms, ..)| *due_ms);
        let count = self
            .queued
            .iter()
            .take_while(|(due_ms, ..)| *due_ms <= now_ms)
            .count();
        self.queued
            .drain(..count)
            .map(|(_, refid, says)| (refid, says))
            .collect()
    }
}

impl Kios {
    /// Registers the address of reports: what is pending is reported there when it is over.
    pub fn register(&self, url: &str, style: Style) {
        hold(&self.0.reports).to = Some((url.to_owned(), style));
    }

    /// Has an order reported at a moment (Unix milliseconds): late, twice, out of order or falsely, as one likes.
    pub fn report_at(&self, refid: &str, says: Says, due_ms: i64) {
        hold(&self.0.reports).queue(refid, says, due_ms);
    }

    /// Reports an order now, whatever is queued; the status of the answer.
    ///
    /// # Errors
    /// No address is registered, or it does not answer.
    pub async fn report(&self, refid: &str, says: Says) -> io::Result<u16> {
        let to = hold(&self.0.reports).to.clone();
        let (url, style) = to.ok_or(io::ErrorKind::AddrNotAvailable)?;
        let message = message(&self.settled(), refid, &says);
        let (method, query) = match style {
            Style::Plain => (Method::GET, form([("refid", refid), ("message", &message)])),
            Style::Capitals => (Method::GET, form([("REFID", refid), ("MESSAGE", &message)])),
            Style::Form => {
                let form = form([("refid", refid), ("message", &message)]);
                return client::send(Method::POST, &url, form).await;
            }
            Style::Raw => {
                let left = message.split('#').next().unwrap_or_default();
                (Method::GET, form([("refid", refid), ("message", left)]))
            }
        };
        client::send(method, &format!("{url}?{query}"), String::new()).await
    }

    /// Sends what is due, oldest first; how many reports that were. One that does not arrive is not sent again.
    pub async fn report_due(&self) -> usize {
        drop(self.settled());
        let due = hold(&self.0.reports).due(self.now());
        let count = due.len();
        for (refid, says) in due {
            drop(self.report(&refid, says).await);
        }
        count
    }
}

fn form<const N: usize>(pairs: [(&str, &str); N]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The text of a report: a reply, as it would be given to a question.
fn message(ledger: &Ledger, refid: &str, says: &Says) -> String {
    let known = ledger.transactions.iter().rfind(|one| one.refid == refid);
    let truth = match known.map(|one| (one.status, one.sn.clone())) {
        Some((Status::Delivered, sn)) => Outcome::Success { sn },
        Some((Status::Failed(failure), _)) => failed(failure),
        Some((Status::Pending, _)) | None => Outcome::InProcess,
    };
    let outcome = match says {
        Says::Nothing => return String::new(),
        Says::Text(text) => return text.clone(),
        Says::Truth => truth,
        Says::Delivered => match truth {
            Outcome::Success { .. } => truth,
            _ => Outcome::Success {
                sn: "R000000.0000F1".to_owned(),
            },
        },
        Says::Failed => failed(Failure::NotProcessable),
        Says::Pending => Outcome::InProcess,
    };
    let order = Order {
        product: known.map_or_else(|| "S10".to_owned(), |one| one.product.clone()),
        dest: known.map_or_else(|| "081200000000".to_owned(), |one| one.dest.clone()),
        refid: refid.to_owned(),
        check: false,
    };
    let (trxid, at_ms) = known.map_or(("0", 0), |one| (one.trxid.as_str(), one.at_ms));
    ledger.says(&order, trxid, outcome, at_ms)
}
