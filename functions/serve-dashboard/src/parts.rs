//! Small pieces that many pages are put together from.

use askama::Template;
use domain::case::CaseState;

use crate::chart::{Mark, RangeBar};
use crate::measure::Measure;
use crate::words::Words;

/// How a state is coloured. The words and the sign beside it say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it should be.
    Good,
    /// To be looked at.
    Warn,
    /// Wrong.
    Bad,
    /// Neither.
    Plain,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Plain => "plain",
        }
    }
}

/// A state in a few words, with a sign.
#[derive(Clone, Debug, Template)]
#[template(
    ext = "html",
    source = "<span class=\"chip {{ tone.class() }}\"><span aria-hidden=\"true\">{{ sign }}</span>{{ text }}</span>"
)]
pub(crate) struct Chip {
    /// How it is coloured.
    pub(crate) tone: Tone,
    /// A sign of one letter.
    pub(crate) sign: &'static str,
    /// The words.
    pub(crate) text: String,
}

impl Chip {
    /// A state in words that are known.
    pub(crate) fn new(tone: Tone, sign: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { tone, sign, text }
    }

    /// Where a case stands.
    pub(crate) fn of_case(state: CaseState, w: Words) -> Self {
        match state {
            CaseState::Open => Self::new(Tone::Bad, "!", case_name(state, w)),
            CaseState::Contacted => Self::new(Tone::Warn, "…", case_name(state, w)),
            CaseState::Resolved => Self::new(Tone::Good, "✓", case_name(state, w)),
        }
    }

    /// How a period differs from the one before it, by the name that documents have for it.
    pub(crate) fn of_change(change: &str, w: Words) -> Self {
        match change {
            "up" => Self::new(Tone::Good, "▲", w.t("naik", "up")),
            "down" => Self::new(Tone::Bad, "▼", w.t("turun", "down")),
            "within_noise" => Self::new(Tone::Plain, "≈", w.t("tidak berubah nyata", "no real change")),
            _ => Self::new(Tone::Plain, "–", w.t("belum cukup data", "too few answers")),
        }
    }
}

/// The name of a case's state.
pub(crate) fn case_name(state: CaseState, w: Words) -> &'static str {
    match state {
        CaseState::Open => w.t("terbuka", "open"),
        CaseState::Contacted => w.t("sudah dihubungi", "contacted"),
        CaseState::Resolved => w.t("selesai", "resolved"),
    }
}

/// A figure in a table: with its interval, marked where it rests on few answers, hidden on fewer.
#[derive(Clone, Debug, Template)]
#[template(
    ext = "html",
    source = "{% if !is_shown %}<span class=\"soft small\">{{ w.t(\"kurang dari 5\", \"fewer than 5\") }}</span>\
        {% else %}<span>{{ value }}{% if let Some(range) = range %} <span class=\"soft small\">({{ range }})</span>\
        {% endif %}{% if is_cautious %} <span class=\"chip warn\"><span aria-hidden=\"true\">!</span>\
        {{ w.t(\"sedikit\", \"few\") }}</span>{% endif %}</span>{% endif %}"
)]
pub(crate) struct Cell {
    w: Words,
    value: String,
    range: Option<String>,
    is_shown: bool,
    is_cautious: bool,
}

impl Cell {
    fn of(measure: &Measure, value: String, range: Option<String>, w: Words) -> Self {
        Self {
            w,
            value,
            range,
            is_shown: measure.is_shown(),
            is_cautious: measure.is_cautious(),
        }
    }
}

/// A share with its interval.
pub(crate) fn percent(measure: &Measure, w: Words) -> Cell {
    Cell::of(measure, measure.percent(w), measure.percent_range(w), w)
}

/// A mean of stars.
pub(crate) fn stars(measure: &Measure, w: Words) -> Cell {
    Cell::of(measure, measure.stars(w), None, w)
}

/// A share as it was and as it is, each with its interval and the number of ratings it rests on.
#[derive(Clone, Debug, Template)]
#[template(
    ext = "html",
    source = "<span class=\"moved\">\
        <span>{{ before|safe }} <span class=\"soft small\">n = {{ w.count(*n_before) }}</span></span> \
        <span><span aria-hidden=\"true\">→</span><span class=\"unseen\">{{ w.t(\"menjadi\", \"became\") }}</span> \
        {{ after|safe }} <span class=\"soft small\">n = {{ w.count(*n_after) }}</span></span></span>"
)]
pub(crate) struct Moved {
    w: Words,
    before: Cell,
    n_before: u64,
    after: Cell,
    n_after: u64,
}

/// How a share moved.
pub(crate) fn moved(before: &Measure, after: &Measure, w: Words) -> Moved {
    Moved {
        w,
        before: percent(before, w),
        n_before: before.n,
        after: percent(after, w),
        n_after: after.n,
    }
}

/// One figure, large, on a card of its own.
#[derive(Clone, Debug, Template)]
#[template(path = "tile.html")]
pub(crate) struct Tile {
    w: Words,
    title: &'static str,
    value: String,
    range: Option<String>,
    basis: String,
    bar: Option<Mark>,
    change: Option<Chip>,
    is_shown: bool,
    is_cautious: bool,
}

impl Tile {
    /// A share.
    pub(crate) fn percent(title: &'static str, measure: &Measure, basis: String, w: Words) -> Self {
        let written = (measure.percent(w), measure.percent_range(w), measure.mark());
        Self::new(title, measure, written, basis, w)
    }

    /// A score of −100 to 100.
    pub(crate) fn points(title: &'static str, measure: &Measure, basis: String, w: Words) -> Self {
        let written = (measure.points(w), measure.points_range(w), measure.score_mark());
        Self::new(title, measure, written, basis, w)
    }

    /// A mean of one to five stars.
    pub(crate) fn stars(title: &'static str, measure: &Measure, basis: String, w: Words) -> Self {
        let written = (measure.stars(w), measure.stars_range(w), measure.stars_mark());
        Self::new(title, measure, written, basis, w)
    }

    fn new(
        title: &'static str,
        measure: &Measure,
        (value, range, bar): (String, Option<String>, Option<Mark>),
        basis: String,
        w: Words,
    ) -> Self {
        Self {
            w,
            title,
            value,
            range,
            basis,
            bar,
            change: None,
            is_shown: measure.is_shown(),
            is_cautious: measure.is_cautious(),
        }
    }

    /// The tile with how it changed.
    pub(crate) fn changed(self, change: Chip) -> Self {
        Self {
            change: Some(change),
            ..self
        }
    }

    fn drawn(&self) -> Option<RangeBar> {
        self.bar.map(RangeBar::new)
    }
}

/// Stars in words: `4 dari 5 bintang`, with the stars themselves for the eye.
#[derive(Clone, Debug, Template)]
#[template(
    ext = "html",
    source = "<span class=\"stars\"><span aria-hidden=\"true\">{{ drawn }}</span>\
        <span class=\"unseen\">{{ stars }} {{ w.t(\"dari 5 bintang\", \"of 5 stars\") }}</span></span>"
)]
pub(crate) struct StarsGiven {
    w: Words,
    stars: u8,
    drawn: String,
}

/// One to five stars as somebody gave them.
pub(crate) fn given(stars: u8, w: Words) -> StarsGiven {
    let drawn = (1..=5).map(|at| if at <= stars { '★' } else { '☆' }).collect();
    StarsGiven { w, stars, drawn }
}
