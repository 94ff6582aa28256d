//! Charts as inline SVG. Whole numbers in, markup out: no script, no inline style, and a title and a
//! description for those who don't see them. The page puts the same figures in a table beside each.
//!
//! A drawing is stretched to the room it gets (`preserveAspectRatio="none"`), so it holds no text: the
//! labels of its axes stand in HTML beside it. Lines keep their width by `vector-effect`, and a dot is
//! a line of no length with round ends.

use askama::Template;

/// The width of a drawing in its own units.
const WIDTH: i64 = 1000;
/// The height of a drawing in its own units.
const HEIGHT: i64 = 400;
/// A share in full: the figures drawn are thousandths.
pub(crate) const FULL: i64 = 1000;
/// The labels that fit under a chart on a phone.
const LABELS_MAX: usize = 4;

/// A figure with its interval, in thousandths of the chart's scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The figure.
    pub(crate) value: i64,
    /// The lower end of its interval.
    pub(crate) low: i64,
    /// The upper end of its interval.
    pub(crate) high: i64,
    /// Whether it rests on few answers.
    pub(crate) caution: bool,
}

/// What a chart says of itself and how its axes are labelled.
#[derive(Clone, Debug)]
pub(crate) struct Caption {
    /// The chart's id in the page.
    pub(crate) id: &'static str,
    /// Its title.
    pub(crate) title: String,
    /// What it shows, in a sentence or two.
    pub(crate) description: String,
    /// What stands in its place where there is nothing to draw.
    pub(crate) nothing: &'static str,
    /// Labels of the upward axis, the highest first.
    pub(crate) upward: Vec<String>,
}

/// Figures over time: a line, its interval as a band, and gaps where there are too few answers.
#[derive(Debug, Template)]
#[template(path = "chart_line.html")]
pub(crate) struct LineChart {
    caption: Caption,
    bands: Vec<String>,
    lines: Vec<String>,
    firm: String,
    cautious: String,
    along: Vec<String>,
}

impl LineChart {
    /// Draws marks in their order; `None` is a gap.
    pub(crate) fn new(caption: Caption, labels: &[String], marks: &[Option<Mark>]) -> Self {
        let places: Vec<i64> = (0..marks.len()).map(|at| place(at, marks.len())).collect();
        let placed = places
            .iter()
            .zip(marks)
            .map(|(x, mark)| mark.map(|mark| (*x, mark)));
        let placed: Vec<Option<(i64, Mark)>> = placed.collect();
        let runs: Vec<Vec<(i64, Mark)>> = placed
            .split(Option::is_none)
            .map(|run| run.iter().flatten().copied().collect())
            .filter(|run: &Vec<_>| !run.is_empty())
            .collect();
        let dots = |caution: bool| {
            let some = placed
                .iter()
                .flatten()
                .filter(|(_, mark)| mark.caution == caution);
            some.map(|(x, mark)| format!("M{x} {}h0", height(mark.value)))
                .collect()
        };
        Self {
            caption,
            bands: runs.iter().map(|run| band(run)).collect(),
            lines: runs
                .iter()
                .filter(|run| run.len() > 1)
                .map(|run| line(run))
                .collect(),
            firm: dots(false),
            cautious: dots(true),
            along: spread(labels),
        }
    }
}

/// Amounts over time, one bar each.
#[derive(Debug, Template)]
#[template(path = "chart_bars.html")]
pub(crate) struct BarChart {
    caption: Caption,
    bars: String,
    along: Vec<String>,
}

impl BarChart {
    /// Draws amounts in their order, the greatest at full height. Amounts below zero have no bar.
    pub(crate) fn new(caption: Caption, labels: &[String], amounts: &[i64]) -> Self {
        let most = i128::from(amounts.iter().copied().max().unwrap_or_default().max(1));
        let count = i64::try_from(amounts.len().max(1)).unwrap_or(i64::MAX);
        let width = (WIDTH / count).saturating_mul(3) / 4;
        let mut bars = String::new();
        for (at, amount) in (0..).zip(amounts) {
            let high = i128::from((*amount).max(0)).saturating_mul(i128::from(HEIGHT)) / most;
            let high = i64::try_from(high).unwrap_or(HEIGHT);
            if high > 0 {
                let x = WIDTH.saturating_mul(at) / count;
                let y = HEIGHT.saturating_sub(high);
                bars.push_str(&format!("M{x} {HEIGHT}V{y}h{}V{HEIGHT}z", width.max(1)));
            }
        }
        Self {
            caption,
            bars,
            along: spread(labels),
        }
    }
}

/// One figure on a scale with its interval. Said in words beside it, so it is hidden from readers of
/// the page aloud.
#[derive(Debug, Template)]
#[template(
    ext = "html",
    source = "<svg class=\"range\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
        <rect class=\"track\" width=\"1000\" height=\"10\"/>\
        <rect class=\"span\" x=\"{{ x }}\" width=\"{{ width }}\" height=\"10\"/>\
        <path class=\"at\" d=\"M{{ at }} 0v10\"/></svg>"
)]
pub(crate) struct RangeBar {
    x: i64,
    width: i64,
    at: i64,
}

impl RangeBar {
    /// Draws a mark on a scale from 0 to a thousand.
    pub(crate) fn new(mark: Mark) -> Self {
        let (low, high) = (within(mark.low), within(mark.high));
        Self {
            x: low,
            width: high.saturating_sub(low).max(1),
            at: within(mark.value),
        }
    }
}

/// A part of a whole as a bar.
#[derive(Debug, Template)]
#[template(
    ext = "html",
    source = "<svg class=\"part\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
        <rect class=\"track\" width=\"1000\" height=\"10\"/>\
        <rect class=\"fill\" width=\"{{ width }}\" height=\"10\"/></svg>"
)]
pub(crate) struct PartBar {
    width: i64,
}

impl PartBar {
    /// Draws `part` of `whole`.
    pub(crate) fn new(part: u64, whole: u64) -> Self {
        let share = u128::from(part).saturating_mul(1000) / u128::from(whole.max(1));
        Self {
            width: within(i64::try_from(share).unwrap_or(FULL)),
        }
    }
}

fn within(thousandths: i64) -> i64 {
    thousandths.clamp(0, FULL)
}

/// Where the `at`-th of `count` marks stands.
fn place(at: usize, count: usize) -> i64 {
    let steps = count.saturating_sub(1);
    if steps == 0 {
        return WIDTH / 2;
    }
    let x = at.saturating_mul(1000) / steps;
    i64::try_from(x).unwrap_or(WIDTH)
}

fn height(thousandths: i64) -> i64 {
    HEIGHT.saturating_sub(within(thousandths).saturating_mul(HEIGHT) / FULL)
}

fn line(run: &[(i64, Mark)]) -> String {
    let mut path = String::new();
    for (x, mark) in run {
        let step = if path.is_empty() { 'M' } else { 'L' };
        path.push_str(&format!("{step}{x} {}", height(mark.value)));
    }
    path
}

/// The band of a run; of a single mark, an upright stroke.
fn band(run: &[(i64, Mark)]) -> String {
    let mut path = String::new();
    for (x, mark) in run {
        let step = if path.is_empty() { 'M' } else { 'L' };
        path.push_str(&format!("{step}{x} {}", height(mark.high)));
    }
    for (x, mark) in run.iter().rev() {
        path.push_str(&format!("L{x} {}", height(mark.low)));
    }
    path.push('z');
    path
}

/// At most [`LABELS_MAX`] labels, evenly spread, the first and the last among them.
fn spread(labels: &[String]) -> Vec<String> {
    if labels.len() <= LABELS_MAX {
        return labels.to_vec();
    }
    let last = labels.len().saturating_sub(1);
    let steps = LABELS_MAX.saturating_sub(1);
    let picked = (0..LABELS_MAX).filter_map(|at| labels.get(at.saturating_mul(last) / steps));
    picked.cloned().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn caption() -> Caption {
        Caption {
            id: "csat",
            title: "Puas <b>".to_owned(),
            description: "a & b".to_owned(),
            nothing: "Belum ada <nilai>",
            upward: vec!["100 %".to_owned(), "0 %".to_owned()],
        }
    }

    fn mark(value: i64, low: i64, high: i64) -> Option<Mark> {
        Some(Mark {
            value,
            low,
            high,
            caution: high - low > 300,
        })
    }

    #[test]
    fn a_gap_breaks_the_line_and_a_lone_mark_is_a_dot() {
        let labels: Vec<String> = (1..=5).map(|day| format!("{day} Okt")).collect();
        let marks = [
            mark(500, 400, 600),
            mark(1000, 900, 1000),
            None,
            mark(250, 0, 500),
            None,
        ];
        let chart = LineChart::new(caption(), &labels, &marks);
        insta::assert_snapshot!(chart.render().unwrap());
    }

    #[test]
    fn bars_share_the_width_and_the_greatest_is_full() {
        let labels = ["a".to_owned(), "b".to_owned()];
        let chart = BarChart::new(caption(), &labels, &[50, 100, -5, 0]);
        insta::assert_snapshot!(chart.render().unwrap());
    }

    #[test]
    fn a_chart_of_nothing_says_why() {
        let why = "<p class=\"empty\">Belum ada &#60;nilai&#62;</p>";
        let labels = ["1 Okt".to_owned(), "2 Okt".to_owned()];
        let drawn = [
            LineChart::new(caption(), &[], &[]).render().unwrap(),
            LineChart::new(caption(), &labels, &[None, None])
                .render()
                .unwrap(),
            BarChart::new(caption(), &[], &[]).render().unwrap(),
            BarChart::new(caption(), &labels, &[0, -5]).render().unwrap(),
        ];
        for chart in drawn {
            assert_eq!(chart.trim(), why);
        }
        let one = LineChart::new(caption(), &labels, &[None, mark(500, 400, 600)]);
        assert!(!one.render().unwrap().contains(why));
    }

    #[test]
    fn labels_are_few_and_keep_both_ends() {
        let labels: Vec<String> = (1..=28).map(|day| day.to_string()).collect();
        assert_eq!(spread(&labels), ["1", "10", "19", "28"]);
        assert_eq!(spread(&labels[..2]), ["1", "2"]);
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_outside(marks in proptest::collection::vec(
            proptest::option::of((-2000_i64..3000, -2000_i64..3000, -2000_i64..3000)), 0..40)) {
            let marks: Vec<Option<Mark>> = marks
                .into_iter()
                .map(|mark| mark.map(|(value, low, high)| Mark { value, low, high, caution: false }))
                .collect();
            let chart = LineChart::new(caption(), &[], &marks);
            for path in chart.bands.iter().chain(&chart.lines) {
                for number in path.split(|c: char| !c.is_ascii_digit() && c != '-').filter(|n| !n.is_empty()) {
                    let number: i64 = number.parse().unwrap();
                    prop_assert!((0..=WIDTH).contains(&number), "{}", path);
                }
            }
        }
    }
}
