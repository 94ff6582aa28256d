//! The receipts of a day a page at a time, by the time of the receipts.

use domain::customer::OutletDay;
use domain::page::Receipts;
use domain::receipt::Receipt;
use domain::receipt_id::ReceiptId;

use crate::cursor;
use crate::problem::Problem;

/// A receipt's place in the list: those without a time first; the id settles equal times.
type Place = (i64, String);

/// A page of a day's receipts.
#[derive(Debug)]
pub struct DayPage<'a> {
    /// The receipts with their ids.
    pub items: Vec<(ReceiptId, &'a Receipt)>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

/// The receipts of a day that are `wanted`, at most `limit` of them, from the `after` on that the page before
/// answered as its `next`.
///
/// # Errors
/// `PARAMETER_INVALID` for an `after` that no page gave.
pub fn day_page<'a>(
    day: &OutletDay,
    receipts: &'a Receipts,
    (after, limit): (Option<&str>, usize),
    wanted: impl Fn(&Receipt) -> bool,
) -> Result<DayPage<'a>, Problem> {
    let after = cursor::decode("after", after)?;
    let after = after.as_deref().map(read_place).transpose()?;
    let mut found: Vec<(Place, &Receipt)> = receipts
        .iter()
        .filter(|(_, receipt)| wanted(receipt))
        .map(|(native, receipt)| (place(native, receipt), receipt))
        .filter(|(place, _)| after.as_ref().is_none_or(|after| place > after))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let left = found.len();
    found.truncate(limit);
    let next = found.last().filter(|_| left > found.len());
    let next = next.map(|((at_ms, native), _)| cursor::encode(&format!("{at_ms}|{native}")));
    let item = |((_, native), receipt): (Place, &'a Receipt)| {
        let id = ReceiptId {
            outlet: day.0.clone(),
            date: day.1,
            native,
        };
        (id, receipt)
    };
    let items = found.into_iter().map(item).collect();
    Ok(DayPage { items, next })
}

fn place(native: &str, receipt: &Receipt) -> Place {
    let at_ms = receipt.head.as_ref().map_or(i64::MIN, |head| head.value.at_ms);
    (at_ms, native.to_owned())
}

fn read_place(text: &str) -> Result<Place, Problem> {
    let place = text
        .split_once('|')
        .and_then(|(at_ms, native)| Some((at_ms.parse().ok()?, native.to_owned())));
    place.ok_or_else(|| cursor::unusable("after"))
}
