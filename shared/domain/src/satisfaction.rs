//! How satisfied guests are: measures made of counts that add up, each with the range it may lie in.
//!
//! Formulas: CSAT is the share of the two best of five ratings, with Wilson's interval (E. B. Wilson, 1927); NPS is
//! promoters less detractors of a question from zero to ten, with the adjusted Wald interval of J. Sauro and
//! J. Lewis (2021); dishes are ranked by a mean that leans towards the shop's own as long as ratings are few.
//! Confidence is always 95 per cent, two-sided. Where many dishes are compared at once, so much holds of the list of
//! those that changed (Y. Benjamini and Y. Hochberg, 1995).
#![allow(
    clippy::float_arithmetic,
    clippy::disallowed_types,
    reason = "statistics of counts; no amount of money comes near"
)]

use serde::{Deserialize, Serialize};

/// The normal distribution's 97.5th percentile: 95 per cent, two-sided.
const Z: f64 = 1.959_964;

/// Of those that are said to have changed, how many may be there by chance, on average.
const FALSE_CHANGES: f64 = 0.05;

/// A measure and the range in which it lies with 95 per cent confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The measure.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A part of a whole, with its interval as fractions of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// How many are of the part.
    pub part: u64,
    /// How many there are.
    pub n: u64,
    /// The fraction, 0 to 1, with Wilson's interval.
    pub interval: Interval,
}

impl Share {
    /// The share of `part` in `n`; `None` where there is nothing to share, or the part is more than the whole.
    #[must_use]
    pub fn of(part: u64, n: u64) -> Option<Self> {
        let interval = wilson(part, n)?;
        Some(Self { part, n, interval })
    }
}

/// Ratings of one to five, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stars {
    /// How often one, two, three, four and five were given.
    pub counts: [u64; 5],
}

impl Stars {
    /// Counts a rating; one that is not from one to five is none.
    pub fn add(&mut self, stars: u8) {
        if let Some(count) = self.counts.get_mut(usize::from(stars).wrapping_sub(1)) {
            *count = count.saturating_add(1);
        }
    }

    /// Adds other ratings to these.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine = mine.saturating_add(theirs);
        }
    }

    /// How many ratings there are.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.weighted(|_| 1)
    }

    /// What the ratings come to.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.weighted(|stars| stars)
    }

    /// What the squares of the ratings come to.
    #[must_use]
    pub fn sum_sq(&self) -> u64 {
        self.weighted(|stars| stars * stars)
    }

    fn weighted(&self, weight: fn(u64) -> u64) -> u64 {
        let weighted = (1..).zip(self.counts);
        weighted.fold(0, |sum, (stars, count)| {
            sum.saturating_add(count.saturating_mul(weight(stars)))
        })
    }

    /// How many gave four or five.
    #[must_use]
    pub fn satisfied(&self) -> u64 {
        let [.., four, five] = self.counts;
        four.saturating_add(five)
    }

    /// The mean rating, 1 to 5; `None` without ratings.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| real(self.sum()) / real(n))
    }

    /// The mean rating with an interval that never claims too much: the mean's place between 1 and 5 is taken as
    /// a share, and no ratings with that mean vary more than those of a share do. `None` without ratings.
    #[must_use]
    pub fn mean_interval(&self) -> Option<Interval> {
        let value = self.mean()?;
        let place = score_interval((value - 1.0) / 4.0, real(self.n()));
        Some(Interval {
            value,
            low: 1.0 + 4.0 * place.low,
            high: 1.0 + 4.0 * place.high,
        })
    }

    /// The share of satisfied guests (four or five of five); `None` without ratings.
    #[must_use]
    pub fn csat(&self) -> Option<Share> {
        Share::of(self.satisfied(), self.n())
    }
}

/// Answers from zero to ten to "would you recommend us?", counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommend {
    /// Nine or ten.
    pub promoters: u64,
    /// Seven or eight.
    pub passives: u64,
    /// Six or less.
    pub detractors: u64,
}

impl Recommend {
    /// Counts an answer; one above ten is none.
    pub fn add(&mut self, answer: u8) {
        let count = match answer {
            0..=6 => &mut self.detractors,
            7 | 8 => &mut self.passives,
            9 | 10 => &mut self.promoters,
            _ => return,
        };
        *count = count.saturating_add(1);
    }

    /// Adds other answers to these.
    pub fn merge(&mut self, other: &Self) {
        self.promoters = self.promoters.saturating_add(other.promoters);
        self.passives = self.passives.saturating_add(other.passives);
        self.detractors = self.detractors.saturating_add(other.detractors);
    }

    /// How many answers there are.
    #[must_use]
    pub fn n(&self) -> u64 {
        let sum = self.promoters.saturating_add(self.passives);
        sum.saturating_add(self.detractors)
    }

    /// The net promoter score, -100 to 100: the plain score, with the ends of the adjusted Wald interval. The
    /// interval's own centre is nearer to zero than the score. `None` without answers.
    #[must_use]
    pub fn nps(&self) -> Option<Interval> {
        let n = self.n();
        if n == 0 {
            return None;
        }
        let (centre, half) = self.adjusted_wald();
        let end = |end: f64| (100.0 * end).clamp(-100.0, 100.0);
        Some(Interval {
            value: 100.0 * (real(self.promoters) - real(self.detractors)) / real(n),
            low: end(centre - half),
            high: end(centre + half),
        })
    }

    /// The centre and half the width of the adjusted Wald interval, as fractions of one: three answers more, of
    /// which three quarters of one are a promoter's and as much a detractor's.
    fn adjusted_wald(&self) -> (f64, f64) {
        let n = real(self.n()) + 3.0;
        let (promoters, detractors) = (
            (real(self.promoters) + 0.75) / n,
            (real(self.detractors) + 0.75) / n,
        );
        let centre = promoters - detractors;
        let variance = promoters + detractors - centre * centre;
        (centre, Z * (variance / n).sqrt())
    }
}

/// Wilson's score interval of a share; `None` where there is nothing, or more successes than tries.
#[must_use]
pub fn wilson(successes: u64, n: u64) -> Option<Interval> {
    (n > 0 && successes <= n).then(|| score_interval(real(successes) / real(n), real(n)))
}

fn score_interval(share: f64, n: f64) -> Interval {
    let z2 = Z * Z;
    let scale = 1.0 + z2 / n;
    let centre = (share + z2 / (2.0 * n)) / scale;
    let half = Z * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt() / scale;
    // The interval holds its share and stays within 0 and 1; rounding must not say otherwise.
    Interval {
        value: share,
        low: (centre - half).clamp(0.0, share),
        high: (centre + half).clamp(share, 1.0),
    }
}

/// A mean for ranking: that of `n` ratings which come to `sum`, as if `prior_n` ratings of `prior_mean` had been
/// given before them. So one guest's five stars don't beat a hundred guests' 4.8. The prior's mean if both
/// counts are zero.
#[must_use]
pub fn bayes_mean(sum: u64, n: u64, prior_mean: f64, prior_n: f64) -> f64 {
    let weight = prior_n + real(n);
    if weight > 0.0 {
        (prior_n * prior_mean + real(sum)) / weight
    } else {
        prior_mean
    }
}

/// How far a measure of this many answers can be relied on, and so how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Fewer than five: not shown. So few could also tell who said what.
    Hidden,
    /// Fewer than twenty: shown and marked.
    Caution,
    /// Twenty or more.
    Firm,
}

/// How far a measure of `n` answers can be relied on.
#[must_use]
pub fn confidence(n: u64) -> Confidence {
    match n {
        0..5 => Confidence::Hidden,
        5..20 => Confidence::Caution,
        _ => Confidence::Firm,
    }
}

/// What can be said of two periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// More guests are satisfied than before.
    Up,
    /// Fewer guests are satisfied than before.
    Down,
    /// The difference is no greater than chance makes it.
    WithinNoise,
    /// One of the periods has too few answers to be shown.
    TooFew,
}

/// Whether the share of satisfied guests changed: a two-proportion z test at 95 per cent, with the pooled share.
#[must_use]
pub fn change(before: &Stars, after: &Stars) -> Change {
    match deviation(before, after) {
        None => Change::TooFew,
        Some(deviation) => direction(deviation, deviation.abs() > Z),
    }
}

/// As [`change`], for many dishes of which nobody knows beforehand which one to look at. One in twenty of those that
/// did not change would be said to have changed, so that a long menu would always have some. The limit is
/// therefore drawn after Benjamini and Hochberg: of those that are said to have changed, on average at most one in
/// twenty did not. What is said here is never more than what [`change`] says of each dish alone.
///
/// Bonferroni's and Holm's corrections promise that not one is there by chance. With hundreds of dishes and a few
/// ratings each they would hardly ever name one, and a list for people to look into may err now and then.
#[must_use]
pub fn changes(pairs: &[(Stars, Stars)]) -> Vec<Change> {
    let deviations: Vec<Option<f64>> = pairs
        .iter()
        .map(|(before, after)| deviation(before, after))
        .collect();
    let mut chances: Vec<f64> = deviations.iter().flatten().copied().map(chance).collect();
    chances.sort_by(f64::total_cmp);
    let all = real(u64::try_from(chances.len()).unwrap_or(u64::MAX));
    let limit = (1..)
        .zip(&chances)
        .filter(|(rank, chance)| **chance <= FALSE_CHANGES * real(*rank) / all)
        .map(|(_, chance)| *chance)
        .last();
    deviations
        .into_iter()
        .map(|deviation| match (deviation, limit) {
            (None, _) => Change::TooFew,
            (Some(_), None) => Change::WithinNoise,
            (Some(deviation), Some(limit)) => {
                direction(deviation, deviation.abs() > Z && chance(deviation) <= limit)
            }
        })
        .collect()
}

/// By how many of its standard errors the share of satisfied guests rose, or fell where it is negative; `None`
/// where one of the periods has too few answers to be shown.
fn deviation(before: &Stars, after: &Stars) -> Option<f64> {
    if [before, after]
        .map(|stars| confidence(stars.n()))
        .contains(&Confidence::Hidden)
    {
        return None;
    }
    let (n_before, n_after) = (real(before.n()), real(after.n()));
    let (was, is) = (
        real(before.satisfied()) / n_before,
        real(after.satisfied()) / n_after,
    );
    let pooled = (real(before.satisfied()) + real(after.satisfied())) / (n_before + n_after);
    let error = (pooled * (1.0 - pooled) * (1.0 / n_before + 1.0 / n_after)).sqrt();
    // Nobody or everybody is satisfied: the error is zero, and so is the difference.
    Some(if error > 0.0 { (is - was) / error } else { 0.0 })
}

fn direction(deviation: f64, is_change: bool) -> Change {
    match is_change {
        false => Change::WithinNoise,
        true if deviation > 0.0 => Change::Up,
        true => Change::Down,
    }
}

/// How likely chance alone makes a deviation as great as this one, up or down: the normal distribution's two tails.
/// By M. Abramowitz and I. Stegun, 7.1.26, it is off by 1.5e-7 at most, a hundredth of the smallest limit that
/// two thousand dishes are held to.
fn chance(deviation: f64) -> f64 {
    let x = deviation.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ];
    let series = terms.into_iter().fold(0.0, |sum, term| (sum + term) * t);
    series * (-x * x).exp()
}

/// A count as a real number: exact up to nine quadrillion.
#[expect(clippy::cast_precision_loss, reason = "no count of guests comes near 2^53")]
fn real(count: u64) -> f64 {
    count as f64
}
