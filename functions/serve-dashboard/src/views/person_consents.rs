//! The consents that somebody gave at their latest visits.

use domain::customer::OutletDay;
use domain::receipt_id::ReceiptId;
use domain::rights::{ConsentEntry, consents};
use edge::people::Person;
use edge::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::moment;
use crate::Deps;

/// How many days of visits are looked through, the latest: one request of the store.
const DAYS_MAX: usize = 50;

/// One telling of a consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PersonConsent)]
pub(crate) struct ConsentRow {
    /// When it was said, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) at: i64,
    /// The receipt whose guest said so.
    pub(crate) receipt: String,
    /// Whether consent was given.
    pub(crate) given: bool,
    /// The words that were shown, exactly.
    pub(crate) wording: String,
    /// The version of these words.
    pub(crate) version: String,
    /// The language in which they were shown: `id` or `en`.
    pub(crate) language: String,
}

impl From<ConsentEntry> for ConsentRow {
    fn from(entry: ConsentEntry) -> Self {
        Self {
            at: entry.at_ms,
            receipt: entry.receipt.to_string(),
            given: entry.given,
            wording: entry.wording,
            version: entry.wording_version,
            language: entry.language,
        }
    }
}

/// Reads the consents of a person's latest days here.
///
/// # Errors
/// The store's failure.
pub(crate) async fn load(deps: &Deps, person: &Person) -> Result<Vec<ConsentRow>, Problem> {
    let days = latest_days(person);
    let pages = deps.sales.read_days(&days).await?;
    let ids = person.ids();
    let mut receipts = Vec::new();
    for ((outlet, date), page) in days.into_iter().zip(pages) {
        for (native, receipt) in page.receipts {
            let customer = receipt.head.and_then(|head| head.value.customer);
            if customer.is_some_and(|customer| ids.contains(&customer)) {
                receipts.push(ReceiptId {
                    outlet: outlet.clone(),
                    date,
                    native,
                });
            }
        }
    }
    let answers = deps.feedback.of_receipts(&receipts).await?;
    Ok(consents(&answers).into_iter().map(ConsentRow::from).collect())
}

/// The latest days on which any of the person's ids bought something.
fn latest_days(person: &Person) -> Vec<OutletDay> {
    let members = person.members.values();
    let visited = members.flat_map(|known| known.customer.days.iter());
    let mut days: Vec<OutletDay> = visited
        .filter(|(_, visit)| visit.visits > 0)
        .map(|(day, _)| day.clone())
        .collect();
    days.sort_by(|(one, early), (other, late)| (late, other).cmp(&(early, one)));
    days.dedup();
    days.truncate(DAYS_MAX);
    days
}
