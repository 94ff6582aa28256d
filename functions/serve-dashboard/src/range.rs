//! Which days a page is about, and which came before them.

use aws::insights::Insights;
use domain::figures::Overflow;
use domain::insight::{Insight, Month, Scope};
use domain::when::BusinessDate;
use edge::http_input::read_date;
use edge::problem::{PARAMETER_INVALID, Problem, RANGE_TOO_LONG};
use serde::Serialize;
use utoipa::ToSchema;

/// The longest range that is shown by days. What is longer is shown by months, so that no page reads
/// more than a hundred figures.
const DAYS_MAX: i32 = 92;
/// The most months that a range touches: two years, begun and ended anywhere.
const MONTHS_MAX: usize = 25;
/// Days of a range that nobody chose: whole weeks, so that every weekday counts alike.
const DAYS_DEFAULT: i32 = 28;

/// The steps of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RangeStep)]
pub(crate) enum Step {
    /// Day by day.
    Day,
    /// Month by month; the range covers whole months.
    Month,
}

/// Days from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// The first day.
    pub(crate) from: BusinessDate,
    /// The last day.
    pub(crate) to: BusinessDate,
    /// How it is cut.
    pub(crate) step: Step,
}

/// How much of the figures is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The totals alone: less to carry and to decode where no dish is shown.
    Totals,
    /// Every dish too.
    Dishes,
}

/// What happened in one step of a range.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    /// The step: `2025-10-28` or `2025-10`.
    pub(crate) at: String,
    /// Its figures; empty where nothing is known.
    pub(crate) insight: Insight,
}

/// A range and as much time before it.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    /// The range step by step, the earliest first.
    pub(crate) buckets: Vec<Bucket>,
    /// The range as a whole.
    pub(crate) insight: Insight,
    /// The time before it as a whole; empty before the beginning of time.
    pub(crate) earlier: Insight,
}

impl Range {
    /// The range that a caller asks for: of what is not said, the end is today and the length four weeks.
    ///
    /// # Errors
    /// `PARAMETER_INVALID` for what is no date or ends before it begins, `RANGE_TOO_LONG` beyond two years.
    pub(crate) fn read(from: Option<&str>, to: Option<&str>, today: BusinessDate) -> Result<Self, Problem> {
        let given_from = from.map(|text| read_date("from", text)).transpose()?;
        let given_to = to.map(|text| read_date("to", text)).transpose()?;
        let back = DAYS_DEFAULT.saturating_sub(1);
        let to = given_to.unwrap_or_else(|| given_from.map_or(today, |from| from.max(today)));
        let from = given_from
            .or_else(|| to.add_days(back.saturating_neg()))
            .unwrap_or(to);
        if from > to {
            let (indonesian, english) = (
                "tidak boleh sebelum tanggal awal (`from`)",
                "must not be before `from`",
            );
            return Err(Problem::parameter(&PARAMETER_INVALID, "to", indonesian, english));
        }
        let range = Self::between(from, to);
        if range.months().len() > MONTHS_MAX {
            return Err(too_long());
        }
        Ok(range)
    }

    fn between(from: BusinessDate, to: BusinessDate) -> Self {
        if length(from, to) <= DAYS_MAX {
            return Self {
                from,
                to,
                step: Step::Day,
            };
        }
        Self {
            from: Month::of(from).first(),
            to: Month::of(to).last(),
            step: Step::Month,
        }
    }

    /// How many days it has.
    pub(crate) fn days(&self) -> i32 {
        length(self.from, self.to)
    }

    /// As much time just before it, cut the same way.
    pub(crate) fn before(&self) -> Option<Self> {
        let to = self.from.add_days(-1)?;
        let from = match self.step {
            Step::Day => self.from.add_days(self.days().saturating_neg())?,
            Step::Month => {
                let months = self.months().len();
                let back = (0..months).fold(Month::of(self.from), |month, _| month.previous());
                back.first()
            }
        };
        let step = self.step;
        // Before the first month of time there is none.
        (from <= to).then_some(Self { from, to, step })
    }

    fn months(&self) -> Vec<Month> {
        let (mut month, last) = (Month::of(self.from), Month::of(self.to));
        let mut months = vec![month];
        while month < last && months.len() <= MONTHS_MAX {
            month = month.next();
            months.push(month);
        }
        months
    }

    /// Reads the figures of the range, and of as much time before it to compare them with.
    ///
    /// # Errors
    /// The store's failure, or a failure of the server when a sum leaves its range.
    pub(crate) async fn compare(
        &self,
        insights: &Insights,
        scope: &Scope,
        detail: Detail,
    ) -> Result<Compared, Problem> {
        let earlier = async {
            match self.before() {
                Some(before) => before.read_from(insights, scope, detail).await,
                None => Ok(Vec::new()),
            }
        };
        let (buckets, earlier) = tokio::try_join!(self.read_from(insights, scope, detail), earlier)?;
        Ok(Compared {
            insight: total(&buckets)?,
            earlier: total(&earlier)?,
            buckets,
        })
    }

    /// Reads the figures of every step, the earliest first.
    async fn read_from(
        &self,
        insights: &Insights,
        scope: &Scope,
        detail: Detail,
    ) -> Result<Vec<Bucket>, Problem> {
        match self.step {
            Step::Day => {
                let known = match detail {
                    Detail::Totals => insights.totals_days(scope, self.from, self.to).await?,
                    Detail::Dishes => insights.range_days(scope, self.from, self.to).await?,
                };
                let mut known: std::collections::BTreeMap<_, _> = known.into_iter().collect();
                let days = (0..self.days()).filter_map(|day| self.from.add_days(day));
                Ok(days
                    .map(|date| Bucket {
                        at: date.to_string(),
                        insight: known.remove(&date).unwrap_or_default(),
                    })
                    .collect())
            }
            Step::Month => {
                let (first, last) = (Month::of(self.from), Month::of(self.to));
                let known = match detail {
                    Detail::Totals => insights.totals_months(scope, first, last).await?,
                    Detail::Dishes => insights.range_months(scope, first, last).await?,
                };
                let mut known: std::collections::BTreeMap<_, _> = known.into_iter().collect();
                let months = self.months().into_iter();
                Ok(months
                    .map(|month| Bucket {
                        at: month.to_string(),
                        insight: known.remove(&month).unwrap_or_default(),
                    })
                    .collect())
            }
        }
    }
}

/// The figures of all steps together.
fn total(buckets: &[Bucket]) -> Result<Insight, Problem> {
    let mut total = Insight::default();
    for bucket in buckets {
        total.merge(&bucket.insight).map_err(out_of_range)?;
    }
    Ok(total)
}

/// A sum that left its range.
fn out_of_range(overflow: Overflow) -> Problem {
    Problem::internal(overflow.to_string())
}

fn too_long() -> Problem {
    Problem::parameter(
        &RANGE_TOO_LONG,
        "from",
        "paling lama dua tahun",
        "two years at most",
    )
}

fn length(from: BusinessDate, to: BusinessDate) -> i32 {
    let span = to.days_since_epoch().saturating_sub(from.days_since_epoch());
    span.saturating_add(1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> BusinessDate {
        text.parse().unwrap()
    }

    fn range(from: &str, to: &str) -> Range {
        Range::read(Some(from), Some(to), date("2026-11-22")).unwrap()
    }

    #[test]
    fn without_a_word_it_is_the_last_four_weeks() {
        let range = Range::read(None, None, date("2025-10-28")).unwrap();
        assert_eq!((range.from, range.to), (date("2025-10-01"), date("2025-10-28")));
        assert_eq!((range.days(), range.step), (28, Step::Day));
        let before = range.before().unwrap();
        assert_eq!((before.from, before.to), (date("2025-09-03"), date("2025-09-30")));
    }

    #[test]
    fn beyond_ninety_two_days_it_is_whole_months() {
        assert_eq!(range("2025-08-01", "2025-10-31").step, Step::Day);
        let long = range("2025-07-31", "2025-10-31");
        assert_eq!(long.step, Step::Month);
        assert_eq!((long.from, long.to), (date("2025-07-01"), date("2025-10-31")));
        let before = long.before().unwrap();
        assert_eq!((before.from, before.to), (date("2025-03-01"), date("2025-06-30")));
    }

    #[test]
    fn the_first_year_of_time_has_no_time_before_it() {
        assert!(range("0000-01-01", "0000-12-31").before().is_none());
        assert!(range("9999-01-01", "9999-12-31").before().is_some());
    }

    #[test]
    fn two_years_are_the_most() {
        let today = date("2026-11-22");
        assert_eq!(range("2024-10-28", "2026-10-28").months().len(), 25);
        let refused = [
            ("2024-09-30", "2026-10-28", "RANGE_TOO_LONG"),
            ("0001-01-01", "9999-01-01", "RANGE_TOO_LONG"),
            ("2025-10-02", "2025-10-01", "PARAMETER_INVALID"),
            ("yesterday", "2025-10-01", "PARAMETER_INVALID"),
        ];
        for (from, to, code) in refused {
            let problem = Range::read(Some(from), Some(to), today).unwrap_err();
            assert_eq!(problem.kind().code, code, "{from} {to}");
        }
    }

    proptest! {
        #[test]
        fn what_came_before_is_as_long_and_touches(from in 10_000_i32..30_000, days in 0_i32..700) {
            let from = BusinessDate::from_days(from).unwrap();
            let to = from.add_days(days).unwrap();
            let range = Range::read(Some(&from.to_string()), Some(&to.to_string()), to).unwrap();
            let before = range.before().unwrap();
            prop_assert_eq!(before.to.add_days(1), Some(range.from));
            match range.step {
                Step::Day => prop_assert_eq!(before.days(), range.days()),
                Step::Month => prop_assert_eq!(before.months().len(), range.months().len()),
            }
        }
    }
}
