//! kiosAMPM: orders, questions about them and about the deposit, and reports (source document 002;
//! `docs/kiosampm.md`).
//!
//! What the document leaves open is answered here as servers of its family do, and in the stricter way: the same id
//! again is a question, but only on the same day; what was forgotten is bought anew. Nothing is by chance: the last
//! four characters of a destination say what becomes of an order ([`MAGIC`]), tests say it with faults, and time is
//! that of the clock it is given.

mod admit;
mod client;
mod garble;
mod ledger;
mod magic;
mod report;
mod text;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::{Response, Uri};
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use domain::topup::reply::{Failure, Outcome};

use crate::transport::Transport;
use crate::{Asked, Faults, hold};

pub use admit::{Account, Signing};
pub use garble::Garble;
pub use ledger::{Event, Serial, Standing, Status, Transaction, What};
pub use magic::{MAGIC, Magic};
pub use report::{Says, Style};

use admit::Order;
use ledger::Ledger;
use magic::Script;

/// The routes of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `GET /trx`: an order, or a question about one.
    Trx,
    /// `GET /balance`.
    Balance,
}

/// What goes wrong with one answer, or one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Below the protocol, after the deed: the answer is lost, not the order.
    Transport(Transport),
    /// Below the protocol, before the deed: nothing happened.
    Before(Transport),
    /// After the deed: it takes so long until the answer comes.
    Late(Duration),
    /// After the deed: the text is not what it should be.
    Garbled(Garble),
    /// No deed: this is what is said, whatever is true.
    Says(Outcome),
    /// No deed: exactly these bytes.
    Bytes(Bytes),
    /// The id is not remembered, as after a long time: an order that came before is a new one.
    Forgotten,
}

/// The server. Clones share everything.
#[derive(Clone, Debug)]
pub struct Kios(Arc<Inner>);

struct Inner {
    account: Account,
    clock: Box<dyn Fn() -> i64 + Send + Sync>,
    passing: Mutex<Option<Passing>>,
    ledger: Mutex<Ledger>,
    faults: Faults<Route, Fault>,
    asked: Mutex<Vec<Asked<Route>>>,
    reports: Mutex<report::Reports>,
}

/// What happens in place of waiting.
type Passing = Box<dyn Fn(Duration) + Send>;

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

impl Kios {
    /// A server with one member, no products and an empty deposit, whose time (Unix milliseconds) is the clock's.
    #[must_use]
    pub fn new(account: Account, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            account,
            clock: Box::new(clock),
            passing: Mutex::default(),
            ledger: Mutex::default(),
            faults: Faults::default(),
            asked: Mutex::default(),
            reports: Mutex::default(),
        }))
    }

    /// Puts a product into the list, or another price in its place.
    pub fn product(&self, code: &str, price: i64, serial: Serial) {
        hold(&self.0.ledger).product(code, price, serial);
    }

    /// Lets a product be there, be down, or be gone.
    pub fn stand(&self, code: &str, standing: Standing) {
        hold(&self.0.ledger).stand(code, standing);
    }

    /// Pays into the deposit.
    pub fn deposit(&self, rupiah: i64) {
        hold(&self.0.ledger).balance += rupiah;
    }

    /// Takes something out of the deposit that no order explains.
    pub fn charge(&self, rupiah: i64) {
        hold(&self.0.ledger).balance -= rupiah;
    }

    /// What is left of the deposit.
    #[must_use]
    pub fn balance(&self) -> i64 {
        self.settled().balance
    }

    /// For how long orders are pending that are, in milliseconds; 40 seconds where nothing is said.
    pub fn pends_for(&self, ms: i64) {
        hold(&self.0.ledger).pending_ms = ms;
    }

    /// Lets something happen wherever an answer takes its time, in place of waiting: a test moves its own clock.
    pub fn passes_time(&self, happens: impl Fn(Duration) + Send + 'static) {
        *hold(&self.0.passing) = Some(Box::new(happens));
    }

    /// Whether what is pending is charged at once (so it is at first), or when it is delivered.
    pub fn charges_pending(&self, at_once: bool) {
        hold(&self.0.ledger).charges_pending = at_once;
    }

    /// Whether the same product for the same destination is refused a second time on one day; at first it is not.
    pub fn refuses_repeats(&self, refuses: bool) {
        hold(&self.0.ledger).refuses_repeats = refuses;
    }

    /// Whether `check=1` is understood, and then never buys; at first it is passed over, and the request is an order.
    pub fn knows_check(&self, knows: bool) {
        hold(&self.0.ledger).knows_check = knows;
    }

    /// Whether a question about a timeout is told that the order was there before and failed; at first it is told that it
    /// timed out.
    pub fn forgets_timeouts(&self, forgets: bool) {
        hold(&self.0.ledger).forgets_timeouts = forgets;
    }

    /// Lifts the block of a destination, as the supplier's people do.
    pub fn unblock(&self, dest: &str) {
        hold(&self.0.ledger).failures.remove(dest);
    }

    /// Lets the next requests to a route go wrong, so many times. See [`crate::ALWAYS`].
    pub fn fault(&self, route: Route, fault: Fault, times: u32) {
        self.0.faults.add(route, fault, times);
    }

    /// Takes every fault back.
    pub fn heal(&self) {
        self.0.faults.clear();
    }

    /// Every request so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked<Route>> {
        hold(&self.0.asked).clone()
    }

    /// How many requests had this id, orders and questions.
    #[must_use]
    pub fn requests(&self, refid: &str) -> usize {
        let named = format!("refid={refid}");
        let asked = hold(&self.0.asked);
        let of = |asked: &&Asked<Route>| asked.query.split('&').any(|pair| pair == named);
        asked.iter().filter(of).count()
    }

    /// What outlasts this server, as JSON: its deposit, and what it was asked for. Neither products nor reports that wait.
    ///
    /// # Errors
    /// Never, as far as anybody knows.
    pub fn kept(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&self.settled().kept())
    }

    /// Goes on where another server ended.
    ///
    /// # Errors
    /// When that is not what [`Kios::kept`] gives.
    pub fn remember(&self, kept: &str) -> Result<(), serde_json::Error> {
        hold(&self.0.ledger).remember(serde_json::from_str(kept)?);
        Ok(())
    }

    /// How often something was delivered under this id: once, or somebody paid twice.
    #[must_use]
    pub fn purchases(&self, refid: &str) -> u32 {
        let ledger = self.settled();
        let delivered = |one: &Transaction| one.refid == refid && one.status == Status::Delivered;
        ledger
            .transactions
            .iter()
            .fold(0, |count, one| count + u32::from(delivered(one)))
    }

    /// Everything that was ever taken as an order.
    #[must_use]
    pub fn transactions(&self) -> Vec<Transaction> {
        self.settled().transactions.clone()
    }

    /// What happened, one after the other.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.settled().events.clone()
    }

    async fn wait(&self, time: Duration) {
        let passed = hold(&self.0.passing).as_ref().map(|happens| happens(time));
        if passed.is_none() {
            tokio::time::sleep(time).await;
        }
    }

    fn now(&self) -> i64 {
        (self.0.clock)()
    }

    /// The ledger with everything done that time has brought.
    fn settled(&self) -> std::sync::MutexGuard<'_, Ledger> {
        let now = self.now();
        let mut ledger = hold(&self.0.ledger);
        for (refid, at_ms) in ledger.settle(now) {
            hold(&self.0.reports).queue(&refid, Says::Truth, at_ms);
        }
        ledger
    }

    fn note(&self, route: Route, uri: &Uri, authorised: bool) {
        hold(&self.0.asked).push(Asked {
            route,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            authorised,
        });
    }

    /// The text that answers an order, given how it is to go.
    fn deal(&self, order: &Order, script: &Script, forgotten: bool) -> String {
        let now = self.now();
        let mut ledger = self.settled();
        let dealt = ledger.deal(order, script, forgotten, now);
        drop(ledger);
        for (says, after_ms) in &script.reports {
            hold(&self.0.reports).queue(&order.refid, says.clone(), now + after_ms);
        }
        dealt
    }
}

/// The routes over a server's state.
pub fn router(kios: Kios) -> Router {
    Router::new()
        .route("/trx", get(trx))
        .route("/balance", get(balance))
        .with_state(kios)
}

async fn trx(State(kios): State<Kios>, OriginalUri(uri): OriginalUri) -> Response<Body> {
    let query = uri.query().unwrap_or_default();
    let read = admit::order(&kios.0.account, query);
    kios.note(Route::Trx, &uri, read.is_ok());
    let fault = kios.0.faults.take(&Route::Trx);
    if let Some(Fault::Before(fault)) = fault {
        return fault.answer(Bytes::new()).await;
    }
    let order = match read {
        Ok(order) => order,
        Err(refusal) => return refusal.into_response(),
    };
    let first = kios.settled().is_new(&order, kios.now());
    let mut script = if first {
        magic::script(&order.dest)
    } else {
        Script::default()
    };
    // What a test says comes before what a number says.
    match (&fault, script.fault.take()) {
        (Some(_), _) | (None, None) => {}
        (None, Some(Fault::Before(fault))) if kios.requests(&order.refid) <= 1 => {
            return fault.answer(Bytes::new()).await;
        }
        // Only the first request is lost: the next one buys.
        (None, Some(Fault::Before(_))) => {}
        (None, own) => return answer(&kios, &order, &script, own).await,
    }
    answer(&kios, &order, &script, fault).await
}

async fn answer(kios: &Kios, order: &Order, script: &Script, fault: Option<Fault>) -> Response<Body> {
    let says = |outcome: Outcome| {
        let ledger = kios.settled();
        text::of(order, "0", outcome, ledger.balance, "")
    };
    let text = match &fault {
        Some(Fault::Bytes(bytes)) => return bytes.clone().into_response(),
        Some(Fault::Says(outcome)) => return says(outcome.clone()).into_response(),
        fault => kios.deal(order, script, matches!(fault, Some(Fault::Forgotten))),
    };
    match fault {
        Some(Fault::Transport(fault)) => fault.answer(text.into()).await,
        Some(Fault::Late(time)) => {
            kios.wait(time).await;
            text.into_response()
        }
        Some(Fault::Garbled(garble)) => garble.over(&text, order, &kios.0.account).into_response(),
        _ => text.into_response(),
    }
}

async fn balance(State(kios): State<Kios>, OriginalUri(uri): OriginalUri) -> Response<Body> {
    let known = admit::member(&kios.0.account, uri.query().unwrap_or_default());
    kios.note(Route::Balance, &uri, known.is_ok());
    let fault = kios.0.faults.take(&Route::Balance);
    if let Err(refusal) = known {
        return refusal.into_response();
    }
    let text = format!("Saldo {}", text::rupiah(kios.balance()));
    match fault {
        Some(Fault::Transport(fault) | Fault::Before(fault)) => fault.answer(text.into()).await,
        Some(Fault::Bytes(bytes)) => bytes.into_response(),
        Some(Fault::Late(time)) => {
            kios.wait(time).await;
            text.into_response()
        }
        _ => text.into_response(),
    }
}

/// A failure as what is said of an order.
const fn failed(failure: Failure) -> Outcome {
    Outcome::Failed(failure)
}
