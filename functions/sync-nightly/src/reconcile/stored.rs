//! What is stored of a day: its page, its summary, and the same weekday of the weeks before.

use aws::StoreError;
use aws::sales::{DayArrival, StoredDay};
use domain::customer::OutletDay;

use crate::Deps;

/// The same weekday of the four weeks before, in days.
const WEEKS_BEFORE: [i32; 4] = [-7, -14, -21, -28];
/// How often a day is read when its parts are not of one version.
const READS: u32 = 2;

/// A day as it is stored.
#[derive(Debug)]
pub(super) struct Stored {
    /// Its receipts.
    pub(super) page: Option<StoredDay>,
    /// Its summary, and how it came in.
    pub(super) arrival: Option<DayArrival>,
    /// Receipts of the same weekday in the weeks before.
    pub(super) usual: Vec<u32>,
}

impl Stored {
    /// Reads a day. A summary is written a moment after its page: where the two are not of one version, they are read
    /// once more. If they still differ, whoever wrote the page has stopped there, and the rules say so.
    pub(super) async fn read(day: &OutletDay, deps: &Deps) -> Result<Self, StoreError> {
        let mut read = Self::once(day, deps).await;
        for _ in 1..READS {
            match &read {
                Ok(stored) if stored.is_of_one_version() => break,
                Ok(_) | Err(StoreError::Conflict) => read = Self::once(day, deps).await,
                Err(_) => break,
            }
        }
        read
    }

    async fn once(day: &OutletDay, deps: &Deps) -> Result<Self, StoreError> {
        let page = deps.sales.read_page(day).await?;
        let before = WEEKS_BEFORE.iter().filter_map(|days| day.1.add_days(*days));
        let mut days = vec![day.clone()];
        days.extend(before.map(|date| (day.0.clone(), date)));
        let mut arrivals = deps.sales.arrivals(&days).await?.into_iter();
        Ok(Self {
            page,
            arrival: arrivals.next().flatten(),
            usual: arrivals.flatten().map(|before| before.summary.receipts).collect(),
        })
    }

    fn is_of_one_version(&self) -> bool {
        let page = self.page.as_ref().map_or(0, |page| page.version);
        page == self.arrival.as_ref().map_or(0, |arrival| arrival.version)
    }
}
