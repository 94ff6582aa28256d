//! What a receipt's link is, and where it stands.

use std::sync::Arc;

use domain::feedback::{Answer, Standing, standing};
use domain::guest_link::LinkKeys;
use domain::outlet::Outlet;
use domain::receipt::Receipt;
use domain::receipt_id::ReceiptId;
use domain::when::{BusinessDate, Zone, business_date};

use crate::problem::Problem;

/// Where a receipt's link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It leads to the form.
    Open,
    /// The guest has answered and may still change it.
    Answered,
    /// The guest has answered, and it can't be changed any more.
    Spent,
    /// Its last day is over.
    Expired,
    /// The receipt is not paid yet: it leads to a page that says to try again.
    Unpaid,
    /// Only lines or a refund of the receipt have arrived: as with an unpaid one.
    Incomplete,
    /// Given back wholly: there is no link.
    Refunded,
    /// Cancelled: there is no link.
    Voided,
}

impl LinkState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::Answered,
        Self::Spent,
        Self::Expired,
        Self::Unpaid,
        Self::Incomplete,
        Self::Refunded,
        Self::Voided,
    ];

    /// Its name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Spent => "spent",
            Self::Expired => "expired",
            Self::Unpaid => "unpaid",
            Self::Incomplete => "incomplete",
            Self::Refunded => "refunded",
            Self::Voided => "voided",
        }
    }

    /// Whether there is a link, be it one that is over.
    #[must_use]
    pub const fn has_link(self) -> bool {
        !matches!(self, Self::Refunded | Self::Voided)
    }

    /// Whether the link leads to the form, or will once the rest of the receipt has arrived.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Answered) || self.is_awaited()
    }

    /// Whether the guest has still to be asked: what is worth paper.
    #[must_use]
    pub const fn is_awaited(self) -> bool {
        matches!(self, Self::Open | Self::Unpaid | Self::Incomplete)
    }
}

/// What an outlet's links are made from at a moment.
#[derive(Debug)]
pub struct Linker<'a> {
    public_url: &'a str,
    keys: Arc<LinkKeys>,
    zone: Zone,
    /// How many days after the business date a link works.
    days: u16,
    now_ms: i64,
    today: BusinessDate,
}

impl<'a> Linker<'a> {
    pub(super) fn new(
        public_url: &'a str,
        keys: Arc<LinkKeys>,
        outlet: &Outlet,
        now_ms: i64,
    ) -> Result<Self, Problem> {
        let zone = zone_of(outlet)?;
        Ok(Self {
            public_url,
            keys,
            days: outlet.link_lifetime(),
            now_ms,
            today: business_date(now_ms, &zone, outlet.cutoff_hour),
            zone,
        })
    }

    /// The zone in which the outlet's clocks run.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Where the link of a receipt stands. Without the guest's `answer`, whether it was answered is left out.
    ///
    /// # Errors
    /// As [`Linker::expires`].
    pub fn state(
        &self,
        place: &ReceiptId,
        receipt: &Receipt,
        answer: Option<&Answer>,
    ) -> Result<LinkState, Problem> {
        let is_over = self.today > self.expires(place.date)?;
        let answer = answer.filter(|answer| answer.is_finished());
        Ok(match (standing(receipt), answer) {
            (Standing::Refunded, _) => LinkState::Refunded,
            (Standing::Voided, _) => LinkState::Voided,
            (_, Some(answer)) if !is_over && answer.may_revise(self.now_ms) => LinkState::Answered,
            (_, Some(_)) => LinkState::Spent,
            (_, None) if is_over => LinkState::Expired,
            (Standing::Open, None) => LinkState::Open,
            (Standing::Unpaid, None) => LinkState::Unpaid,
            (Standing::Incomplete, None) => LinkState::Incomplete,
        })
    }

    /// The link of a receipt. It is the same whenever it is asked for, until the newest key is another.
    ///
    /// # Errors
    /// A failure of the server when it can't be sealed, or as [`Linker::expires`].
    pub fn url(&self, place: &ReceiptId) -> Result<String, Problem> {
        let token = self.keys.seal(place, self.expires(place.date)?);
        let token = token.map_err(|error| Problem::internal(error.to_string()))?;
        Ok(format!("{}/r/{token}", self.public_url))
    }

    /// The last day on which a receipt of `date` can be answered.
    ///
    /// # Errors
    /// A failure of the server when that is beyond all dates.
    pub fn expires(&self, date: BusinessDate) -> Result<BusinessDate, Problem> {
        let last = date.add_days(i32::from(self.days));
        last.ok_or_else(|| Problem::internal("a link would end beyond all dates"))
    }
}

/// The zone in which an outlet's clocks run.
///
/// # Errors
/// A failure of the server when the zone it was described with is not known any more.
pub fn zone_of(outlet: &Outlet) -> Result<Zone, Problem> {
    Zone::named(&outlet.zone).map_err(|_| Problem::internal("an outlet's zone is not known any more"))
}
