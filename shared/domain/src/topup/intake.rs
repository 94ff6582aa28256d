//! How an order comes in.

use super::books::Books;
use super::change::{Around, Change, Draft};
use super::destination::Destination;
use super::event::What;
use super::number::Prefixes;
use super::order::Order;
use super::partner::{CutoffChoice, Partner};
use super::product::Product;
use super::rupiah::Rupiah;
use super::state::State;
use super::window;

/// What a partner wants, and what it is judged by. Cannot be printed: it holds a number.
#[derive(Clone)]
pub struct Wish<'a> {
    /// Who orders.
    pub partner: &'a Partner,
    /// What.
    pub product: &'a Product,
    /// What is known of the destination.
    pub destination: &'a Destination,
    /// The destination as it is sent: see [`super::number::destination`].
    pub dest: String,
    /// The books of the deposit.
    pub books: &'a Books,
    /// What waits to be sent, whole rupiah.
    pub waiting: i64,
    /// What the partner's orders of the day come to, whole rupiah.
    pub used_today: i64,
    /// Whose numbers begin how.
    pub prefixes: &'a Prefixes,
    /// Whether the partner says that the number is this operator's, whatever it begins with.
    pub force_operator: bool,
    /// The most that it wants to pay.
    pub max_price: Option<Rupiah>,
    /// What has to be left of our deposit.
    pub deposit_min: Rupiah,
    /// When, Unix milliseconds.
    pub now_ms: i64,
}

/// Takes an order that nothing stands against: see [`super::guard::check`].
#[must_use]
pub fn taken(
    wish: &Wish<'_>,
    refid: String,
    reference: Option<String>,
    correlation: Option<String>,
) -> Change {
    let around = Around {
        order: order(wish, refid, reference, correlation),
        destination: wish.destination.clone(),
        product: wish.product.clone(),
        books: wish.books.clone(),
    };
    let mut draft = Draft::taken(&around, wish.now_ms);
    draft.product.breaker = draft.product.breaker.taken(wish.now_ms);
    draft.finish(What::Taken, None, None)
}

/// The order before it is stored.
fn order(wish: &Wish<'_>, refid: String, reference: Option<String>, correlation: Option<String>) -> Order {
    let now_ms = wish.now_ms;
    Order {
        refid,
        partner: wish.partner.id.clone(),
        reference,
        product: wish.product.code.clone(),
        kind: wish.product.kind,
        dest: wish.dest.clone(),
        price: wish.product.price,
        cost: wish.product.cost,
        state: State::New,
        state_ms: now_ms,
        accepted_ms: now_ms,
        next_ms: Some(window::sends_from(now_ms)),
        holds: window::is_cutoff(now_ms),
        waits_out_cutoffs: wish.partner.cutoff == CutoffChoice::Hold,
        sent_ms: None,
        bought_by_ms: None,
        asked_ms: None,
        asks: 0,
        unsent: 0,
        asking: false,
        was_pending: false,
        trxid: None,
        sn: None,
        charged: None,
        failure: None,
        unconfirmed: None,
        review: None,
        proposal: None,
        contradicted: None,
        reports: Vec::new(),
        events: 0,
        correlation,
        version: 0,
    }
}
