//! What the supplier reports by itself. Its reports are not signed, so they are a reason to ask and never an end.

use super::{Check, Rules, late, plan};
use crate::topup::change::{Around, Change, Draft};
use crate::topup::event::What;
use crate::topup::state::State;

/// How many reports about one order are taken: more than the supplier could mean.
pub const REPORTS_MAX: usize = 20;

/// The order after a report: `fingerprint` tells it from others, and is `None` of one that says nothing, of which each may
/// be news; `says` whether it was delivered, as far as the report says so, `text` what it says, masked. `None` where the
/// same report was taken before, or too many were. One that comes before there is anything to ask is kept, and counts
/// when it comes again.
#[must_use]
pub fn reported(
    around: &Around,
    fingerprint: Option<&str>,
    says: Option<bool>,
    text: Option<String>,
    now_ms: i64,
    rules: &Rules,
) -> Option<Change> {
    let reports = &around.order.reports;
    let is_early = matches!(around.order.state, State::New | State::Sending);
    let fingerprint = fingerprint.filter(|_| !is_early);
    if reports.len() >= REPORTS_MAX || fingerprint.is_some_and(|one| reports.iter().any(|known| known == one))
    {
        return None;
    }
    let mut draft = Draft::of(around, now_ms);
    draft
        .order
        .reports
        .push(fingerprint.unwrap_or_default().to_owned());
    match draft.order.state {
        State::Pending | State::Unknown => {
            // What a question could not tell a person finds out, whatever is reported meanwhile.
            let is_for_people = draft
                .order
                .review
                .is_some_and(|review| !review.ends_with_an_answer());
            if !draft.order.asking && !is_for_people && plan::may_be_asked_early(&draft.order, now_ms, rules)
            {
                draft.order.next_ms = Some(now_ms);
                draft.order.review = None;
            }
        }
        State::Success | State::Failed => {
            let is_news = says.is_some_and(|delivered| late::contradicted(&mut draft, delivered));
            // A question may be a purchase, unless it is one that cannot be: then it is asked before people are.
            if is_news && rules.check == Check::Flag {
                draft.order.next_ms = Some(now_ms);
            } else if is_news {
                late::alert(&mut draft);
            }
        }
        State::New | State::Sending | State::Manual | State::Reversed | State::LateSuccess => {}
    }
    Some(draft.finish(What::Reported, text, None))
}
