//! What people left behind, day by day: their receipts, what they said, and the cases made of it.

use std::collections::BTreeSet;

use aws::StoreError;
use aws::sales::StoredDay;
use domain::case::Case;
use domain::customer::{OutletDay, Visit};
use domain::feedback::Answer;
use domain::receipt::Receipt;
use domain::when::BusinessDate;
use futures::{StreamExt, TryStreamExt, stream};

use super::{PARALLEL, People, TRIES_MAX};

/// Days that are read together: a page may be large, and all of them are in memory at once.
pub(super) const DAYS: usize = 10;

/// A customer's day. In the order of time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) date: BusinessDate,
    pub(super) outlet: String,
    pub(super) customer: String,
}

impl Place {
    fn day(&self) -> OutletDay {
        (self.outlet.clone(), self.date)
    }
}

/// What a customer left behind on a day.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    pub(super) place: Place,
    pub(super) visit: Visit,
    /// Their receipts by the id at the point of sale.
    pub(super) receipts: Vec<(String, Receipt)>,
    pub(super) answers: Vec<Answer>,
    pub(super) cases: Vec<Case>,
}

impl People {
    /// What customers left behind on some of their days, at most [`DAYS`], in their order.
    ///
    /// An answer is a customer's if it says so or if its receipt does: either may be a moment behind the other, and
    /// an answer stays when a correction takes its receipt from the page.
    pub(super) async fn traces(&self, places: &[(Place, Visit)]) -> Result<Vec<Trace>, StoreError> {
        let days: BTreeSet<OutletDay> = places.iter().map(|(place, _)| place.day()).collect();
        let days: Vec<OutletDay> = days.into_iter().collect();
        let pages = self.pages(&days).await?;
        // Collected, because a stream over a closure that borrows is not known to be `Send`.
        let answers: Vec<_> = days.iter().map(|day| self.feedback.of_day(day)).collect();
        let answers: Vec<Vec<Answer>> = stream::iter(answers).buffered(PARALLEL).try_collect().await?;
        let mut traces = Vec::with_capacity(places.len());
        for (place, visit) in places {
            let mut trace = Trace {
                place: place.clone(),
                visit: *visit,
                receipts: Vec::new(),
                answers: Vec::new(),
                cases: Vec::new(),
            };
            if let Ok(at) = days.binary_search(&place.day()) {
                let page = pages.get(at).map(|page| &page.receipts);
                let receipts = page.into_iter().flatten();
                let theirs = receipts.filter(|(_, receipt)| buyer(receipt) == Some(&place.customer));
                trace.receipts = theirs
                    .map(|(native, receipt)| (native.clone(), receipt.clone()))
                    .collect();
                let said = answers.get(at).into_iter().flatten();
                trace.answers = said.filter(|answer| trace.has_said(answer)).cloned().collect();
            }
            trace.cases = self.cases_of(&trace.answers).await?;
            traces.push(trace);
        }
        Ok(traces)
    }

    /// The pages of days. One of several parts that somebody writes meanwhile is read again.
    async fn pages(&self, days: &[OutletDay]) -> Result<Vec<StoredDay>, StoreError> {
        for _ in 1..TRIES_MAX {
            match self.sales.read_days(days).await {
                Err(StoreError::Conflict) => {}
                read => return read,
            }
        }
        self.sales.read_days(days).await
    }

    /// The cases that were made of answers.
    async fn cases_of(&self, answers: &[Answer]) -> Result<Vec<Case>, StoreError> {
        let rated = answers.iter().filter(|answer| answer.is_answered());
        let places = rated.map(|answer| (&answer.place.outlet, Case::id_of(&answer.place)));
        let cases: Vec<_> = places
            .map(|(outlet, id)| async move { self.cases.get(outlet, &id).await })
            .collect();
        let cases: Vec<Option<Case>> = stream::iter(cases).buffered(PARALLEL).try_collect().await?;
        Ok(cases.into_iter().flatten().collect())
    }
}

impl Trace {
    fn has_said(&self, answer: &Answer) -> bool {
        answer.customer.as_ref() == Some(&self.place.customer)
            || self
                .receipts
                .iter()
                .any(|(native, _)| *native == answer.place.native)
    }
}

fn buyer(receipt: &Receipt) -> Option<&String> {
    receipt.head.as_ref()?.value.customer.as_ref()
}

impl People {
    /// Every day of these customers, the earliest first. A day whose sales were all cancelled later is one too:
    /// its receipts are still there.
    pub(super) async fn places(&self, ids: &[String]) -> Result<Vec<(Place, Visit)>, StoreError> {
        let known = self.customers.read(ids).await?;
        let days = known.into_iter().flat_map(|(id, stored)| {
            let days = stored.customer.days.into_iter();
            days.map(move |((outlet, date), visit)| {
                let customer = id.clone();
                let place = Place {
                    date,
                    outlet,
                    customer,
                };
                (place, visit)
            })
        });
        let mut places: Vec<(Place, Visit)> = days.collect();
        places.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(places)
    }
}
