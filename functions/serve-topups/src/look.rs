//! What an order is judged by, read at one moment.

use domain::topup::books::Books;
use domain::topup::destination::Destination;
use domain::topup::guard::{self, Refusal};
use domain::topup::intake::Wish;
use domain::topup::number::{self, DestinationError, Prefixes};
use domain::topup::partner::Partner;
use domain::topup::product::Product;
use domain::topup::rupiah::Rupiah;
use domain::topup::window::wib_date;
use edge::problem::Problem;

use crate::Deps;
use crate::orders::TopupRequest;
use crate::refusal::Told;

/// What an order is judged by.
pub(crate) struct Look {
    pub(crate) product: Product,
    pub(crate) dest: String,
    destination: Destination,
    books: Books,
    waiting: i64,
    used_today: i64,
    pub(crate) prefixes: Prefixes,
    now_ms: i64,
}

/// Why there is nothing to judge.
pub(crate) enum Unfit {
    /// There is no such product.
    Product,
    /// The destination is none for a product of this kind.
    Destination(DestinationError),
}

impl Look {
    /// Reads what a request is judged by.
    pub(crate) async fn at(
        deps: &Deps,
        partner: &Partner,
        request: &TopupRequest,
        now_ms: i64,
    ) -> Result<Result<Self, Unfit>, Problem> {
        let Some(product) = deps.catalogue.product(&request.product).await? else {
            return Ok(Err(Unfit::Product));
        };
        let dest = match number::destination(product.kind, &request.destination) {
            Ok(dest) => dest,
            Err(error) => return Ok(Err(Unfit::Destination(error))),
        };
        let topups = &deps.topups;
        let (destination, books, waiting, day) = futures::try_join!(
            topups.destination(&dest),
            topups.books(),
            topups.waiting(),
            topups.day(&partner.id, wib_date(now_ms)),
        )?;
        Ok(Ok(Self {
            prefixes: deps.prefixes().await?,
            used_today: day.used(),
            product,
            dest,
            destination,
            books,
            waiting,
            now_ms,
        }))
    }

    /// What is wanted, with all that it is judged by.
    pub(crate) fn wish<'a>(&'a self, partner: &'a Partner, request: &TopupRequest) -> Wish<'a> {
        Wish {
            partner,
            product: &self.product,
            destination: &self.destination,
            dest: self.dest.clone(),
            books: &self.books,
            waiting: self.waiting,
            used_today: self.used_today,
            prefixes: &self.prefixes,
            force_operator: request.allow_operator_mismatch,
            max_price: request.max_price.map(Rupiah::new),
            // Nothing has to be left: what is open and what waits is reserved already.
            deposit_min: Rupiah::ZERO,
            now_ms: self.now_ms,
        }
    }

    /// All that stands against it, in words.
    pub(crate) async fn refusals(
        &self,
        deps: &Deps,
        partner: &Partner,
        request: &TopupRequest,
    ) -> Result<Vec<Told>, Problem> {
        let mut told = Vec::new();
        for refusal in guard::check(&self.wish(partner, request)) {
            told.push(match &refusal {
                Refusal::AlreadyOpen { refid } if deps.is_of(refid, partner).await? => Told::own_open(refid),
                _ => Told::from(&refusal),
            });
        }
        Ok(told)
    }
}

impl Deps {
    /// Whether an order is a partner's own: of nobody else's is anything told.
    async fn is_of(&self, refid: &str, partner: &Partner) -> Result<bool, Problem> {
        let order = self.topups.get(refid).await?;
        Ok(order.is_some_and(|order| order.partner == partner.id))
    }
}
