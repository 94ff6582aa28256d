//! The share of satisfied guests in words. The one file of the function that holds fractions.
#![allow(
    clippy::disallowed_types,
    clippy::float_arithmetic,
    reason = "statistics to be shown; no money is among them"
)]

use domain::satisfaction::{Change, Confidence, Stars, change, confidence};

use crate::words::count;

/// The share of four and five stars with its interval and what it rests on: `87,5% puas (69,0–95,7%), 24 nilai`. Below
/// five ratings the share is not told: it would say more about a guest than about the food.
#[must_use]
pub fn satisfied(stars: &Stars) -> String {
    let n = stars.n();
    match (confidence(n), stars.csat()) {
        (_, None) => "belum ada nilai".to_owned(),
        (Confidence::Hidden, _) => "kurang dari 5 nilai, jadi tidak ditampilkan".to_owned(),
        (confidence, Some(share)) => {
            let few = if confidence == Confidence::Caution {
                "; masih sedikit"
            } else {
                ""
            };
            let interval = share.interval;
            format!(
                "{}% puas ({}–{}%), {} nilai{few}",
                percent(interval.value),
                percent(interval.low),
                percent(interval.high),
                count(n),
            )
        }
    }
}

/// Whether the share changed beyond what chance does.
#[must_use]
pub fn changed(before: &Stars, after: &Stars) -> &'static str {
    match change(before, after) {
        Change::Up => "naik, di luar kebetulan",
        Change::Down => "turun, di luar kebetulan",
        Change::WithinNoise => "tidak berubah nyata",
        Change::TooFew => "belum cukup nilai untuk dibandingkan",
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0).replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_told_from_five_ratings_on() {
        let table = [
            ([0, 0, 0, 0, 0], "belum ada nilai"),
            ([0, 0, 0, 0, 4], "kurang dari 5 nilai, jadi tidak ditampilkan"),
            ([1, 0, 0, 0, 4], "80,0% puas (37,6–96,4%), 5 nilai; masih sedikit"),
            ([2, 2, 0, 8, 8], "80,0% puas (58,4–91,9%), 20 nilai"),
        ];
        for (counts, told) in table {
            assert_eq!(satisfied(&Stars { counts }), told);
        }
    }

    #[test]
    fn a_change_is_one_beyond_chance_only() {
        let stars = |counts| Stars { counts };
        let table = [
            ([10, 10, 0, 10, 10], [0, 0, 0, 20, 20], "naik, di luar kebetulan"),
            ([0, 0, 0, 20, 20], [10, 10, 0, 10, 10], "turun, di luar kebetulan"),
            ([10, 10, 0, 10, 10], [9, 9, 0, 11, 11], "tidak berubah nyata"),
            (
                [0, 0, 0, 0, 4],
                [0, 0, 0, 20, 20],
                "belum cukup nilai untuk dibandingkan",
            ),
        ];
        for (before, after, told) in table {
            assert_eq!(changed(&stars(before), &stars(after)), told);
        }
    }
}
