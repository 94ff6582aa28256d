//! What guests said, as figures with the number of answers they rest on and their interval.
//!
//! Below five answers a figure is not shown, not in any format: it would tell more about a guest
//! than about the food. The statistics are the domain's; here they become documents and text. This is
//! the one file of the function that holds fractions.
#![allow(
    clippy::disallowed_types,
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    reason = "statistics to be shown; no money is among them"
)]

use domain::satisfaction::{Change, Confidence, Interval, Recommend, Share, Stars, bayes_mean, confidence};
use serde::Serialize;
use utoipa::ToSchema;

use crate::chart::Mark;
use crate::words::{NOTHING, Words};

/// How many answers the average of all dishes counts for in the ranking of one dish.
const PRIOR_ANSWERS: f64 = 10.0;

/// A figure on what guests said.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Measure {
    /// How many answers, or receipts, it rests on.
    pub(crate) n: u64,
    /// `hidden` below five, `caution` below twenty, else `firm`.
    pub(crate) confidence: &'static str,
    /// The figure; null where it is hidden.
    value: Option<f64>,
    /// The lower end of its interval of 95 %; null where it has none.
    low: Option<f64>,
    /// The upper end of its interval of 95 %; null where it has none.
    high: Option<f64>,
}

impl Measure {
    fn new(n: u64, value: Option<f64>, bounds: Option<(f64, f64)>) -> Self {
        let confidence = confidence(n);
        let shown = confidence != Confidence::Hidden;
        let bounds = bounds.filter(|_| shown && value.is_some());
        Self {
            n,
            confidence: name(confidence),
            value: value.filter(|_| shown).map(rounded),
            low: bounds.map(|(low, _)| rounded(low)),
            high: bounds.map(|(_, high)| rounded(high)),
        }
    }

    fn of(n: u64, interval: Option<Interval>) -> Self {
        let bounds = interval.map(|interval| (interval.low, interval.high));
        Self::new(n, interval.map(|interval| interval.value), bounds)
    }

    /// The share of satisfied guests: four and five stars of all, with Wilson's interval.
    pub(crate) fn csat(stars: &Stars) -> Self {
        Self::of(stars.n(), stars.csat().map(|share| share.interval))
    }

    /// The net promoter score, from −100 to 100.
    pub(crate) fn nps(recommend: &Recommend) -> Self {
        Self::of(recommend.n(), recommend.nps())
    }

    /// The mean of one to five stars, with an interval.
    pub(crate) fn mean(stars: &Stars) -> Self {
        Self::of(stars.n(), stars.mean_interval())
    }

    /// A share of receipts, with Wilson's interval.
    pub(crate) fn rate(share: Option<Share>) -> Self {
        Self::of(
            share.map_or(0, |share| share.n),
            share.map(|share| share.interval),
        )
    }

    /// The mean of a dish drawn towards the mean of all dishes the more, the fewer its ratings.
    pub(crate) fn ranked(stars: &Stars, all: &Stars) -> Self {
        let value = all
            .mean()
            .map(|mean| bayes_mean(stars.sum(), stars.n(), mean, PRIOR_ANSWERS));
        Self::new(stars.n(), value, None)
    }

    /// Whether there are enough answers to show it.
    pub(crate) fn is_shown(&self) -> bool {
        self.value.is_some()
    }

    /// Whether it rests on few answers.
    pub(crate) fn is_cautious(&self) -> bool {
        self.confidence == name(Confidence::Caution)
    }

    /// As a percentage: `87,5 %`.
    pub(crate) fn percent(&self, w: Words) -> String {
        self.value
            .map_or_else(|| NOTHING.to_owned(), |value| percent(value, w))
    }

    /// Its interval as percentages: `78,6–95,7 %`.
    pub(crate) fn percent_range(&self, w: Words) -> Option<String> {
        let (low, high) = (self.low?, self.high?);
        Some(format!("{}–{}", tenths(low * 100.0, w), percent(high, w)))
    }

    /// As points of a score: `+38`.
    pub(crate) fn points(&self, w: Words) -> String {
        self.value
            .map_or_else(|| NOTHING.to_owned(), |value| points(value, w))
    }

    /// Its interval as points of a score.
    pub(crate) fn points_range(&self, w: Words) -> Option<String> {
        let between = w.t("sampai", "to");
        Some(format!(
            "{} {between} {}",
            points(self.low?, w),
            points(self.high?, w)
        ))
    }

    /// As stars: `4,32`.
    pub(crate) fn stars(&self, w: Words) -> String {
        self.value
            .map_or_else(|| NOTHING.to_owned(), |value| hundredths(value, w))
    }

    /// Its interval as stars: `4,10–4,51`.
    pub(crate) fn stars_range(&self, w: Words) -> Option<String> {
        Some(format!(
            "{}–{}",
            hundredths(self.low?, w),
            hundredths(self.high?, w)
        ))
    }

    /// Where a share stands on a chart.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.drawn(|value| value * 1000.0)
    }

    /// Where a score of −100 to 100 stands on a chart.
    pub(crate) fn score_mark(&self) -> Option<Mark> {
        self.drawn(|value| (value + 100.0) * 5.0)
    }

    /// Where a mean of one to five stands on a chart.
    pub(crate) fn stars_mark(&self) -> Option<Mark> {
        self.drawn(|value| (value - 1.0) * 250.0)
    }

    fn drawn(&self, scale: impl Fn(f64) -> f64) -> Option<Mark> {
        let value = self.value?;
        let at = |value: f64| scale(value).round() as i64;
        Some(Mark {
            value: at(value),
            low: at(self.low.unwrap_or(value)),
            high: at(self.high.unwrap_or(value)),
            caution: self.is_cautious(),
        })
    }

    /// For sorting: the greater figure is greater, a hidden one the least.
    pub(crate) fn order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |measure: &Self| measure.value.unwrap_or(f64::NEG_INFINITY);
        key(self).total_cmp(&key(other))
    }

    /// The figure, for a download.
    pub(crate) fn value(&self) -> Option<f64> {
        self.value
    }

    /// The ends of its interval, for a download.
    pub(crate) fn bounds(&self) -> (Option<f64>, Option<f64>) {
        (self.low, self.high)
    }
}

/// The name of a confidence in documents.
fn name(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Hidden => "hidden",
        Confidence::Caution => "caution",
        Confidence::Firm => "firm",
    }
}

/// The name of a change in documents.
pub(crate) fn change_name(change: Change) -> &'static str {
    match change {
        Change::Up => "up",
        Change::Down => "down",
        Change::WithinNoise => "within_noise",
        Change::TooFew => "too_few",
    }
}

/// Six places: finer than anything that is shown, so that nothing is rounded twice, and the same on every
/// machine.
fn rounded(value: f64) -> f64 {
    (value * 1_000_000.0).round() / 1_000_000.0
}

fn percent(share: f64, w: Words) -> String {
    format!("{}{}", tenths(share * 100.0, w), w.t("\u{a0}%", "%"))
}

fn hundredths(value: f64, w: Words) -> String {
    w.decimal(&format!("{value:.2}"))
}

fn tenths(value: f64, w: Words) -> String {
    w.decimal(&format!("{value:.1}"))
}

fn points(score: f64, w: Words) -> String {
    let whole = score.round() as i64;
    let sign = if whole > 0 { "+" } else { "" };
    format!("{sign}{}", w.decimal(&whole.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    const ID: Words = Words { lang: Lang::Id };
    const EN: Words = Words { lang: Lang::En };

    fn stars(counts: [u64; 5]) -> Stars {
        Stars { counts }
    }

    #[test]
    fn four_answers_are_hidden_and_five_are_shown_with_caution() {
        let four = Measure::csat(&stars([0, 0, 0, 0, 4]));
        assert_eq!(
            (four.n, four.confidence, four.value, four.low),
            (4, "hidden", None, None)
        );
        assert_eq!(four.percent(ID), NOTHING);
        assert_eq!(four.mark(), None);
        let five = Measure::csat(&stars([1, 0, 0, 0, 4]));
        assert_eq!(
            (five.confidence, five.percent(ID)),
            ("caution", "80,0\u{a0}%".to_owned())
        );
        assert_eq!(five.percent_range(EN).as_deref(), Some("37.6–96.4%"));
        assert_eq!(Measure::csat(&stars([2, 2, 0, 8, 8])).confidence, "firm");
        assert_eq!(Measure::csat(&stars([2, 2, 0, 8, 7])).confidence, "caution");
    }

    #[test]
    fn a_score_has_a_sign_and_its_interval_in_words() {
        let recommend = Recommend {
            promoters: 50,
            passives: 30,
            detractors: 20,
        };
        let nps = Measure::nps(&recommend);
        assert_eq!(nps.points(ID), "+30");
        assert_eq!(nps.points_range(ID).as_deref(), Some("+14 sampai +44"));
        assert_eq!(nps.score_mark().map(|mark| mark.value), Some(650));
    }

    #[test]
    fn a_hidden_figure_sorts_below_every_other() {
        let (hidden, worst) = (
            Measure::mean(&stars([0, 0, 0, 0, 4])),
            Measure::mean(&stars([9, 0, 0, 0, 0])),
        );
        assert_eq!(hidden.order(&worst), std::cmp::Ordering::Less);
        assert_eq!(worst.stars(EN), "1.00");
    }

    #[test]
    fn a_rate_of_nobody_is_not_shown() {
        assert_eq!(Measure::rate(Share::of(5, 10)).percent(EN), "50.0%");
        assert!(!Measure::rate(Share::of(0, 0)).is_shown());
    }
}
