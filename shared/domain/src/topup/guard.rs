//! What stands against an order, before anything is taken or sent.

use super::destination::Destination;
use super::intake::Wish;
use super::number::{self, Fit, Operator};
use super::order::Order;
use super::partner::{CutoffChoice, Partner};
use super::product::{Kind, Product};
use super::rupiah::Rupiah;
use super::window;

/// For how long after a failure the same product is not ordered again for the same destination, in milliseconds.
pub const COOLING_MS: i64 = 120_000;

const DAY_MS: i64 = 86_400_000;

/// Why an order is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The product is not sold, or the supplier does not know its code.
    ProductOff,
    /// The partner may not order it.
    ProductNotAllowed,
    /// The product costs more than the partner wants to pay.
    PriceHigher {
        /// What it costs.
        price: Rupiah,
    },
    /// The supplier has blocked the number.
    DestinationBlocked,
    /// The number has failed so often, or may have when its open orders are over, that the supplier would block it.
    DestinationFailing {
        /// Until when its failures alone forbid it, Unix milliseconds; `None` where it is up to its open orders.
        until_ms: Option<i64>,
    },
    /// The number is another operator's than the product.
    OperatorDiffers {
        /// Whose numbers the product is for.
        expected: Operator,
        /// Whose the number is.
        found: Operator,
    },
    /// An order for the same product and number is open.
    AlreadyOpen {
        /// That order.
        refid: String,
    },
    /// The same product was for the same number a moment ago, or today.
    Cooling {
        /// Until when, Unix milliseconds.
        until_ms: i64,
    },
    /// The supplier's nightly cutoff.
    Cutoff {
        /// Until when, Unix milliseconds.
        until_ms: i64,
    },
    /// The product is down.
    ProductDown {
        /// Until when it is refused, Unix milliseconds.
        until_ms: i64,
    },
    /// The supplier charged another price than the catalogue's, and nobody has looked yet.
    ProductPriceDiffers,
    /// The partner's orders of the day would come to more than they may.
    CapReached {
        /// What is left of the day.
        left: Rupiah,
        /// Until when, Unix milliseconds; `None` where it alone is more than any day may come to.
        until_ms: Option<i64>,
    },
    /// Our deposit does not suffice.
    BalanceLow,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ProductOff => "TOPUP_PRODUCT_OFF",
            Self::ProductNotAllowed => "TOPUP_PRODUCT_NOT_ALLOWED",
            Self::PriceHigher { .. } => "TOPUP_PRICE_HIGHER",
            Self::DestinationBlocked => "TOPUP_DESTINATION_BLOCKED",
            Self::DestinationFailing { .. } => "TOPUP_DESTINATION_FAILING",
            Self::OperatorDiffers { .. } => "TOPUP_OPERATOR_DIFFERS",
            Self::AlreadyOpen { .. } => "TOPUP_ALREADY_OPEN",
            Self::Cooling { .. } => "TOPUP_COOLING",
            Self::Cutoff { .. } => "TOPUP_CUTOFF",
            Self::ProductDown { .. } => "TOPUP_PRODUCT_DOWN",
            Self::ProductPriceDiffers => "TOPUP_PRODUCT_PRICE_DIFFERS",
            Self::CapReached { .. } => "TOPUP_CAP_REACHED",
            Self::BalanceLow => "TOPUP_BALANCE_LOW",
        }
    }
}

/// All that stands against an order: first what waiting does not change, then what passes. Empty when it may be taken.
#[must_use]
pub fn check(wish: &Wish<'_>) -> Vec<Refusal> {
    let mut refusals = of_product(wish);
    refusals.extend(of_destination(wish));
    refusals.extend(of_the_moment(wish));
    refusals
}

/// Whether an order that was taken may be sent to its destination now: not to one that is blocked, and not where the
/// failures there were, and those of the orders before it, may come to what gets it blocked. Each order waits for those
/// that were taken before it and for no others, so that two never wait for each other.
#[must_use]
pub fn may_send(destination: &Destination, refid: &str, now_ms: i64) -> bool {
    let before = destination.open.iter().take_while(|(of, _)| of != refid).count();
    !destination.blocked && !destination.may_be_failing(before, now_ms)
}

/// Whether an order that may not be sent to its destination now will not be when those before it are over either.
#[must_use]
pub fn is_hopeless(destination: &Destination, now_ms: i64) -> bool {
    destination.blocked || destination.is_failing(now_ms)
}

/// Whether an order that was taken, and has not been sent, is still to be bought: people may have stopped its partner or
/// its product meanwhile, or the product may have come to cost more than its partner pays.
#[must_use]
pub fn is_still_sold(order: &Order, product: &Product, partner: Option<&Partner>) -> bool {
    let worth = order.price.max(order.cost);
    product.active && product.cost <= worth && partner.is_some_and(|partner| partner.active)
}

/// Whether the supplier sells a product as the catalogue has it. Where it charges another price, or does not know the
/// code, nothing of it is bought before people have looked: each further order could cost more than it brings.
#[must_use]
pub fn is_as_listed(product: &Product) -> bool {
    !product.breaker.price_differs && !product.breaker.code_unknown
}

fn of_product(wish: &Wish<'_>) -> Vec<Refusal> {
    let (partner, product) = (wish.partner, wish.product);
    let allowed = partner
        .products
        .as_ref()
        .is_none_or(|products| products.contains(&product.code));
    let price = product.price;
    let checks = [
        (
            // Lists of suppliers have products at nothing and less; at such a price nothing could be reserved.
            !product.active
                || product.breaker.code_unknown
                || price <= Rupiah::ZERO
                || product.cost <= Rupiah::ZERO,
            Refusal::ProductOff,
        ),
        (!allowed, Refusal::ProductNotAllowed),
        (
            wish.max_price.is_some_and(|most| most < price),
            Refusal::PriceHigher { price },
        ),
    ];
    keep(checks)
}

fn of_destination(wish: &Wish<'_>) -> Vec<Refusal> {
    let destination = wish.destination;
    let mut refusals = keep([
        (destination.blocked, Refusal::DestinationBlocked),
        // Those that are open may all fail.
        (
            destination.may_be_failing(destination.open.len(), wish.now_ms),
            Refusal::DestinationFailing {
                until_ms: destination.failing_until(wish.now_ms),
            },
        ),
    ]);
    refusals.extend(operator(wish));
    // The order itself is not open yet, so no id is left out.
    refusals.extend(
        destination
            .open_for(&wish.product.code, "")
            .map(|refid| Refusal::AlreadyOpen {
                refid: refid.to_owned(),
            }),
    );
    refusals.extend(cooling(wish).map(|until_ms| Refusal::Cooling { until_ms }));
    refusals
}

/// Whether the number is certainly another operator's. Who knows better may say so: numbers move between operators.
fn operator(wish: &Wish<'_>) -> Option<Refusal> {
    let mobile = matches!(wish.product.kind, Kind::Pulsa | Kind::Data);
    let expected = wish.product.operator.filter(|_| mobile && !wish.force_operator)?;
    match number::fit(wish.prefixes, expected, &wish.dest) {
        Fit::Differs(found) => Some(Refusal::OperatorDiffers { expected, found }),
        Fit::Fits | Fit::Doubtful => None,
    }
}

/// Until when the same is not ordered again: the supplier would take it for the order it has done (source document
/// 002, kind 12), or count one more failure.
fn cooling(wish: &Wish<'_>) -> Option<i64> {
    let last = |delivered| wish.destination.last_of(&wish.product.code, delivered);
    let failed = last(false).map(|at_ms| at_ms.saturating_add(COOLING_MS));
    let delivered = last(true).filter(|_| !wish.product.repeatable).map(next_midnight);
    failed.max(delivered).filter(|until_ms| wish.now_ms < *until_ms)
}

/// The end of the day in Western Indonesian Time, seven hours ahead of UTC all year.
const fn next_midnight(at_ms: i64) -> i64 {
    const AHEAD_MS: i64 = 25_200_000;
    let day = at_ms
        .saturating_add(AHEAD_MS)
        .div_euclid(DAY_MS)
        .saturating_add(1);
    day.saturating_mul(DAY_MS).saturating_sub(AHEAD_MS)
}

fn of_the_moment(wish: &Wish<'_>) -> Vec<Refusal> {
    let (product, now_ms) = (wish.product, wish.now_ms);
    let mut refusals = Vec::new();
    if window::is_cutoff(now_ms) && wish.partner.cutoff == CutoffChoice::Refuse {
        let until_ms = window::sends_from(now_ms);
        refusals.push(Refusal::Cutoff { until_ms });
    }
    if let Some(until_ms) = product.breaker.down_until(now_ms) {
        refusals.push(Refusal::ProductDown { until_ms });
    }
    let cap = wish.partner.daily_cap.get();
    let left = cap.saturating_sub(wish.used_today).max(0);
    let free = wish.books.free(wish.waiting);
    let after = free.map(|free| free.get().saturating_sub(product.cost.get()));
    refusals.extend(keep([
        (product.breaker.price_differs, Refusal::ProductPriceDiffers),
        (
            product.price.get() > left,
            Refusal::CapReached {
                left: Rupiah::new(left),
                until_ms: (product.price.get() <= cap).then(|| next_midnight(now_ms)),
            },
        ),
        (
            after.is_some_and(|after| after < wish.deposit_min.get()),
            Refusal::BalanceLow,
        ),
    ]));
    refusals
}

/// The refusals of the checks that hold.
fn keep<const N: usize>(checks: [(bool, Refusal); N]) -> Vec<Refusal> {
    let holds = checks.into_iter().filter(|(holds, _)| *holds);
    holds.map(|(_, refusal)| refusal).collect()
}
