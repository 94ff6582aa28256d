//! Which of an outlet's days may have something new for its guests' profiles.

use std::collections::BTreeSet;

use aws::StoreError;
use domain::export::Export;
use domain::feedback::Answer;
use domain::night::{Night, dates};
use domain::outlet::Outlet;
use domain::when::BusinessDate;

use crate::Deps;

/// How far back days are taken, in days: about a quarter of a year.
const BACK_DAYS: i32 = 92;
/// How far back answers are looked for at least, in days; further where an outlet's links hold for longer.
const ANSWERS_BACK_DAYS: i32 = 31;
/// Answers read at a time.
const PAGE: i32 = 500;

/// The night's three days, those that files have spoken of since the night before, and those about which a guest
/// has said something since.
pub(super) async fn to_take(
    outlet: &Outlet,
    tonight: BusinessDate,
    files: &[Export],
    (night, deps): (&Night, &Deps),
) -> Result<BTreeSet<BusinessDate>, StoreError> {
    let oldest = tonight.add_days(-BACK_DAYS).unwrap_or(tonight);
    let mut days = BTreeSet::from(dates(tonight));
    let touched = files.iter().flat_map(|file| &file.days);
    let mine = touched.filter(|(of, date)| *of == outlet.id && (oldest..=tonight).contains(date));
    days.extend(mine.map(|(_, date)| *date));
    // A file of many days names only some of them.
    let is_cut =
        |file: &Export| usize::try_from(file.days_total).map_or(true, |total| total > file.days.len());
    if files.iter().any(is_cut) {
        days.extend((-BACK_DAYS..0).filter_map(|back| tonight.add_days(back)));
    }
    days.extend(answered(outlet, tonight, (night, deps)).await?);
    Ok(days)
}

/// Days before the night's own about which a guest has said something since the night before.
async fn answered(
    outlet: &Outlet,
    tonight: BusinessDate,
    (night, deps): (&Night, &Deps),
) -> Result<BTreeSet<BusinessDate>, StoreError> {
    let back = |days: i32| tonight.add_days(-days).unwrap_or(tonight);
    let furthest = i32::from(outlet.link_lifetime()).saturating_add(1);
    let window = (back(furthest.max(ANSWERS_BACK_DAYS)), back(3));
    let is_news = |answer: &Answer| {
        answer
            .guest
            .as_ref()
            .is_some_and(|said| said.at_ms >= night.since_ms)
    };
    let (mut days, mut after) = (BTreeSet::new(), None::<String>);
    loop {
        let page = deps
            .feedback
            .of_outlet(&outlet.id, window, after.as_deref(), PAGE)
            .await?;
        days.extend(
            page.0
                .iter()
                .filter(|answer| is_news(answer))
                .map(|answer| answer.place.date),
        );
        after = page.1;
        if after.is_none() {
            return Ok(days);
        }
    }
}
