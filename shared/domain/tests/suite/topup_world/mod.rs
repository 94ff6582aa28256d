//! Orders to try, and a small shop that checks at every step what has to hold always.
#![allow(dead_code, reason = "each test file uses its part")]

mod shop;

pub(crate) use shop::Shop;

use domain::topup::books::Books;
use domain::topup::change::{Around, Change};
use domain::topup::destination::Destination;
use domain::topup::intake::{Wish, taken};
use domain::topup::number::{Operator, Prefixes};
use domain::topup::partner::{CutoffChoice, Partner};
use domain::topup::product::{Breaker, Kind, Product};
use domain::topup::reply::{Balance, DuplicateStatus, Outcome, Reply};
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;
use domain::topup::step::{Answer, Check, Rules, answered, asking, sending};

/// 2026-11-22 at 12:00 in Jakarta.
pub(crate) const NOON: i64 = 1_795_323_600_000;
pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const LEASE: i64 = 100_000;

pub(crate) const DEST: &str = "081234567890";
pub(crate) const OTHER_DEST: &str = "081399998888";
pub(crate) const SN: &str = "R261122.1200.21A77F";
pub(crate) const REFID: &str = "01J0000000000000000A";

pub(crate) const RESEND: Rules = Rules { check: Check::Resend };
pub(crate) const FLAG: Rules = Rules { check: Check::Flag };
pub(crate) const NEVER: Rules = Rules { check: Check::Never };

/// An order about which a question is on its way.
pub(crate) fn asked(around: &Around, now_ms: i64) -> Around {
    after(around, &asking(around, LEASE, now_ms).unwrap())
}

/// What kind 12 says of an order.
pub(crate) fn duplicate(status: DuplicateStatus) -> Outcome {
    Outcome::Duplicate {
        status,
        at: "12:01".to_owned(),
        sn: SN.to_owned(),
    }
}

pub(crate) fn rupiah(amount: i64) -> Rupiah {
    Rupiah::new(amount)
}

pub(crate) fn product() -> Product {
    Product {
        code: "S10".to_owned(),
        name: "Telkomsel 10.000".to_owned(),
        kind: Kind::Pulsa,
        operator: Some(Operator::Telkomsel),
        cost: rupiah(10_100),
        price: rupiah(11_000),
        active: true,
        repeatable: false,
        breaker: Breaker::default(),
        version: 3,
    }
}

pub(crate) fn partner() -> Partner {
    Partner {
        id: "kiosk-7".to_owned(),
        name: "Kios Tujuh".to_owned(),
        active: true,
        products: None,
        daily_cap: rupiah(1_000_000),
        per_minute: 60,
        cutoff: CutoffChoice::Refuse,
        webhook: None,
        secret: 0,
        signs_from: 0,
        secret_ms: 0,
        version: 1,
    }
}

/// Books that are open at a balance.
pub(crate) fn books(balance: i64) -> Books {
    Books::default()
        .said(NOON - HOUR, None, &Balance::Left(rupiah(balance)), Rupiah::ZERO)
        .0
}

/// What a wish is made of, so that tests change one part.
pub(crate) struct Counter {
    pub(crate) partner: Partner,
    pub(crate) product: Product,
    pub(crate) destination: Destination,
    pub(crate) books: Books,
    pub(crate) prefixes: Prefixes,
    pub(crate) dest: String,
    pub(crate) waiting: i64,
    pub(crate) used_today: i64,
    pub(crate) force_operator: bool,
    pub(crate) max_price: Option<Rupiah>,
    pub(crate) deposit_min: Rupiah,
    pub(crate) now_ms: i64,
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            partner: partner(),
            product: product(),
            destination: Destination::default(),
            books: books(500_000),
            prefixes: Prefixes::built_in(),
            dest: DEST.to_owned(),
            waiting: 0,
            used_today: 0,
            force_operator: false,
            max_price: None,
            deposit_min: Rupiah::ZERO,
            now_ms: NOON,
        }
    }
}

impl Counter {
    pub(crate) fn wish(&self) -> Wish<'_> {
        Wish {
            partner: &self.partner,
            product: &self.product,
            destination: &self.destination,
            dest: self.dest.clone(),
            books: &self.books,
            waiting: self.waiting,
            used_today: self.used_today,
            prefixes: &self.prefixes,
            force_operator: self.force_operator,
            max_price: self.max_price,
            deposit_min: self.deposit_min,
            now_ms: self.now_ms,
        }
    }

    /// The order taken, with what is around it afterwards.
    pub(crate) fn taken(&self) -> Around {
        let change = taken(&self.wish(), REFID.to_owned(), None, None);
        let around = Around {
            order: change.order.clone(),
            destination: self.destination.clone(),
            product: self.product.clone(),
            books: self.books.clone(),
        };
        after(&around, &change)
    }
}

/// What is around an order after a change.
pub(crate) fn after(around: &Around, change: &Change) -> Around {
    Around {
        order: change.order.clone(),
        destination: change
            .destination
            .clone()
            .unwrap_or_else(|| around.destination.clone()),
        product: change.product.clone().unwrap_or_else(|| around.product.clone()),
        books: change.books.clone().unwrap_or_else(|| around.books.clone()),
    }
}

pub(crate) fn new() -> Around {
    Counter::default().taken()
}

/// An order that is being sent since [`NOON`].
pub(crate) fn being_sent() -> Around {
    sent_at(NOON)
}

/// An order that is being sent since then.
pub(crate) fn sent_at(at_ms: i64) -> Around {
    let around = Counter {
        now_ms: at_ms,
        ..Counter::default()
    }
    .taken();
    let change = sending(&around, LEASE, at_ms).unwrap();
    after(&around, &change)
}

/// An order about which nothing is known since [`NOON`].
pub(crate) fn unknown() -> Around {
    let around = being_sent();
    after(
        &around,
        &answered(&around, &Answer::Lost("timeout"), None, &RESEND, NOON),
    )
}

/// An order that the supplier has since [`NOON`].
pub(crate) fn pending() -> Around {
    let around = being_sent();
    after(&around, &reply(&around, Outcome::Accepted, NOON))
}

/// An order in a state, as far as a rule looks at it.
pub(crate) fn standing(state: State) -> Around {
    let mut around = being_sent();
    around.order.state = state;
    around.order.next_ms = None;
    if state == State::New {
        around.order.sent_ms = None;
        around.books = around.books.ended(REFID);
    }
    around
}

/// A reply about an order, with a balance that says that nothing was charged but what it says.
pub(crate) fn reply_to(around: &Around, outcome: Outcome) -> Reply {
    let level = around.books.level.unwrap_or_default().get() - around.books.charged.get();
    let balance = match outcome {
        Outcome::Success { .. } => Balance::Charged {
            before: rupiah(level),
            price: around.order.cost,
            after: rupiah(level - around.order.cost.get()),
        },
        Outcome::Duplicate { .. } => Balance::Unreadable,
        _ => Balance::Left(rupiah(level)),
    };
    Reply {
        trxid: "778899".to_owned(),
        product: around.order.product.clone(),
        dest: around.order.dest.clone(),
        refid: around.order.refid.clone(),
        outcome,
        balance,
    }
}

/// The change by a reply.
pub(crate) fn reply(around: &Around, outcome: Outcome, now_ms: i64) -> Change {
    let answer = Answer::Reply(reply_to(around, outcome));
    answered(around, &answer, None, &RESEND, now_ms)
}

pub(crate) fn success() -> Outcome {
    Outcome::Success { sn: SN.to_owned() }
}
