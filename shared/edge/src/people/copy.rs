//! A person's copy of what is known of them, made when it is asked for and stored nowhere.
//!
//! It comes in parts of bounded size, so that who came two thousand times gets theirs like everybody else.

mod document;
mod make;
mod table;

use aws::audit::Action;
use serde_json::json;

use super::traces::{DAYS, Place};
use super::{People, PeopleError};
use crate::cursor;

pub use document::{
    About, Copy, CopyAnswer, CopyCase, CopyConsent, CopyCustomer, CopyDay, CopyDish, CopyFact, CopyFavourite,
    CopyPortrait, CopyReceipt, CopyRequest, CopyRights, CopyTelling,
};

/// The most days of one part.
const DAYS_MAX: usize = 366;
/// After how many bytes of JSON a part ends: an answer of the API may have six million.
const BYTES_MAX: usize = 2 << 20;

impl People {
    /// A part of the copy for a person of these ids: the first one, or the one that begins where the part before it
    /// said. The first part also says who they are. Each part leaves a line in the log and the audit record
    /// `person.copied` before it is handed out: anybody can make up a place to begin at.
    ///
    /// # Errors
    /// [`PeopleError::NoPlace`] for an `after` that no part named, or the store's failure.
    pub async fn copy(
        &self,
        ids: &[String],
        after: Option<&str>,
        actor: &str,
        now_ms: i64,
    ) -> Result<Copy, PeopleError> {
        let after = place_of(after)?;
        let about = match after {
            None => Some(self.about(ids, now_ms).await?),
            Some(_) => None,
        };
        let mut places = self.places(ids).await?;
        places.retain(|(place, _)| after.as_ref().is_none_or(|after| place > after));
        let (mut days, mut bytes, mut read) = (Vec::new(), 0_usize, 0_usize);
        let mut last = None;
        'parts: for chunk in places.chunks(DAYS) {
            for trace in self.traces(chunk).await? {
                read += 1;
                last = Some(trace.place.clone());
                if let Some(day) = make::day(&trace) {
                    let size = serde_json::to_vec(&day).map_or(0, |day| day.len());
                    bytes = bytes.saturating_add(size);
                    days.push(day);
                }
                if days.len() >= DAYS_MAX || bytes >= BYTES_MAX {
                    break 'parts;
                }
            }
        }
        let next = last.filter(|_| read < places.len());
        let copy = make::copy(about, days, next.as_ref().map(after_of), now_ms);
        self.record_part(ids, &copy, actor, now_ms).await?;
        Ok(copy)
    }

    /// Puts on record that somebody is handed a part of a copy, and which: whether it is the first or the last, and of
    /// which days.
    async fn record_part(
        &self,
        ids: &[String],
        part: &Copy,
        actor: &str,
        now_ms: i64,
    ) -> Result<(), PeopleError> {
        let action = Action {
            at_ms: now_ms,
            actor,
            action: "person.copied",
            subject: ids.first().map_or("", String::as_str),
        };
        let (first, last) = (part.about.is_some(), part.next.is_none());
        let from = part.days.first().map(|day| &day.date);
        let to = part.days.last().map(|day| &day.date);
        let facts = json!({ "customers": ids, "first": first, "last": last, "from": from, "to": to });
        self.audit.record(action, &facts).await?;
        let Action { action, subject, .. } = action;
        tracing::info!(
            caller = actor,
            action,
            customer_id = subject,
            first,
            last,
            "personal data was read"
        );
        Ok(())
    }

    async fn about(&self, ids: &[String], now_ms: i64) -> Result<About, PeopleError> {
        let members = self.members(ids).await?;
        let mut requests = Vec::new();
        for id in ids {
            requests.extend(self.requests.of_customer(id).await?);
        }
        requests.sort_by(|a, b| (a.received_ms, &a.id).cmp(&(b.received_ms, &b.id)));
        requests.dedup_by(|a, b| a.id == b.id);
        Ok(make::about(&members, &requests, now_ms))
    }
}

/// A place as the text that is handed back for the next part.
fn after_of(place: &Place) -> String {
    let text = json!([place.date, place.outlet, place.customer]);
    cursor::encode(&text.to_string())
}

fn place_of(after: Option<&str>) -> Result<Option<Place>, PeopleError> {
    let text = cursor::decode("after", after).map_err(|_| PeopleError::NoPlace)?;
    text.map(|text| {
        let (date, outlet, customer) = serde_json::from_str(&text).map_err(|_| PeopleError::NoPlace)?;
        Ok(Place {
            date,
            outlet,
            customer,
        })
    })
    .transpose()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_text_and_nothing_else_is_one() {
        let place = Place {
            date: "2025-10-28".parse().unwrap(),
            outlet: "kedai/\"kopi\"".to_owned(),
            customer: "OYAKO_POS_1".to_owned(),
        };
        assert_eq!(place_of(Some(&after_of(&place))).unwrap(), Some(place));
        assert_eq!(place_of(None).unwrap(), None);
        for text in [
            "",
            "*",
            &cursor::encode("[]"),
            &cursor::encode("[\"x\",\"a\",\"b\"]"),
        ] {
            assert_eq!(
                place_of(Some(text)).unwrap_err().code(),
                "PARAMETER_INVALID",
                "{text}"
            );
        }
    }
}
