//! What a link leads to: the receipt, where it was sold, and what was answered so far.

use domain::feedback::{Answer, Dish, Standing, dishes, standing};
use domain::outlet::Outlet;
use domain::receipt::Receipt;
use domain::receipt_id::ReceiptId;
use domain::when::business_date;
use edge::auth::AuthSource;
use edge::guest_links::zone_of;
use edge::problem::{LINK_EXPIRED, Problem, RECEIPT_REFUNDED, RECEIPT_UNFINISHED, RECEIPT_VOIDED};
use tokio::try_join;

use crate::Deps;

/// A receipt that can be answered.
#[derive(Debug)]
pub(crate) struct Visit {
    /// Its place.
    pub(crate) place: ReceiptId,
    /// Where it was sold.
    pub(crate) outlet: Outlet,
    /// What it says.
    pub(crate) receipt: Receipt,
    /// The dishes that can be rated.
    pub(crate) dishes: Vec<Dish>,
    /// What is stored about it; none before the page is seen for the first time.
    pub(crate) answer: Option<Answer>,
}

impl Visit {
    /// Follows a link to its receipt.
    ///
    /// # Errors
    /// `LINK_FORGED`, `LINK_EXPIRED`, or why the receipt can't be answered.
    pub(crate) async fn of(deps: &Deps, token: &str) -> Result<Self, Problem> {
        let now_ms = deps.now_ms();
        let opened = deps.guest_links.open(token, now_ms).await?;
        let place = opened.place.clone();
        let day = (place.outlet.clone(), place.date);
        // Nothing here waits for the other: a guest's phone waits for all of it.
        let (outlet, page, answer) = try_join!(
            deps.outlets.get(&place.outlet),
            deps.sales.read_page(&day),
            deps.feedback.get(&place),
        )?;
        let outlet = outlet.unwrap_or_else(|| Outlet::undescribed(&place.outlet, None, None));
        let zone = zone_of(&outlet)?;
        if opened.is_expired(business_date(now_ms, &zone, outlet.cutoff_hour)) {
            return Err(Problem::new(&LINK_EXPIRED));
        }
        let receipt = page.and_then(|mut page| page.receipts.remove(&place.native));
        // A receipt may go away when a wrong export is taken back; its link was good all the same.
        let receipt = receipt.ok_or_else(|| Problem::new(&RECEIPT_UNFINISHED))?;
        check_standing(&receipt)?;
        let dishes = dishes(&receipt);
        Ok(Self {
            place,
            outlet,
            receipt,
            dishes,
            answer,
        })
    }
}

/// Refuses a receipt that nobody can answer.
fn check_standing(receipt: &Receipt) -> Result<(), Problem> {
    match standing(receipt) {
        Standing::Open => Ok(()),
        Standing::Refunded => Err(Problem::new(&RECEIPT_REFUNDED)),
        Standing::Voided => Err(Problem::new(&RECEIPT_VOIDED)),
        Standing::Unpaid | Standing::Incomplete => Err(Problem::new(&RECEIPT_UNFINISHED)),
    }
}
