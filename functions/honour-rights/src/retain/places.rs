//! Places on the rounds, as bookmarks hold them.

use aws::position::ListPosition;
use domain::case::CaseState;
use domain::when::BusinessDate;
use serde::{Deserialize, Serialize};

/// A place on the round through what was said, outlet by outlet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct WordPlace {
    /// The outlet that was read last; `None` before the first.
    pub(super) outlet: Option<String>,
    /// The pass through it; `None` if it has come to its end.
    pub(super) pass: Option<Pass>,
}

/// A pass through what was said at an outlet, the latest date first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pass {
    /// The first date.
    pub(super) from: BusinessDate,
    /// The last date.
    pub(super) to: BusinessDate,
    /// When the outlet was last read from its beginning, Unix milliseconds: now, if this pass does.
    pub(super) whole_ms: i64,
    /// The earliest date of which words are kept, so far.
    pub(super) kept: Option<BusinessDate>,
    /// How far it has come; `None` at its beginning.
    pub(super) after: Option<String>,
}

impl Pass {
    /// Notes that words of a date are kept.
    pub(super) fn keeps(&mut self, date: BusinessDate) {
        self.kept = Some(self.kept.map_or(date, |kept| kept.min(date)));
    }
}

impl WordPlace {
    /// Reads what `Display` writes; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // Ids are the shops' own: no separator is safe from being part of one.
        let (outlet, pass) = serde_json::from_str(text).ok()?;
        Some(Self {
            outlet: Some(outlet),
            pass,
        })
    }
}

impl std::fmt::Display for WordPlace {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = serde_json::to_string(&(&self.outlet, &self.pass)).map_err(|_| std::fmt::Error)?;
        out.write_str(&text)
    }
}

/// How far an outlet's words have gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Before this date nothing is left that could still go.
    pub(super) from: BusinessDate,
    /// When the outlet was last read from its beginning, Unix milliseconds.
    pub(super) whole_ms: i64,
}

impl Mark {
    /// Reads what `Display` writes; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (from, whole_ms) = text.split_once(' ')?;
        Some(Self {
            from: from.parse().ok()?,
            whole_ms: whole_ms.parse().ok()?,
        })
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.from, self.whole_ms)
    }
}

/// A place on the round through all cases: a list of cases, and how far it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CasePlace {
    /// The list.
    pub(super) state: CaseState,
    /// How far.
    pub(super) after: Option<ListPosition>,
}

impl Default for CasePlace {
    fn default() -> Self {
        Self {
            state: CaseState::Open,
            after: None,
        }
    }
}

impl CasePlace {
    /// Reads what `Display` writes; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (state, after) = text.split_once(' ').unwrap_or((text, ""));
        let after = (!after.is_empty()).then(|| ListPosition::parse(after));
        Some(Self {
            state: CaseState::parse(state)?,
            // A position that can't be read any more is the beginning of its list.
            after: after.flatten(),
        })
    }

    /// The place after a page of cases; `None` after the last list.
    pub(super) fn next(&self, after: Option<ListPosition>) -> Option<Self> {
        let mut states = CaseState::ALL.into_iter();
        let state = match &after {
            Some(_) => Some(self.state),
            None => states.find(|state| *state > self.state),
        };
        state.map(|state| Self { state, after })
    }
}

impl std::fmt::Display for CasePlace {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.state.as_str())?;
        match &self.after {
            Some(after) => write!(out, " {after}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_from_their_texts() {
        let date = |text: &str| text.parse::<BusinessDate>().unwrap();
        let mut pass = Pass {
            from: date("2024-01-01"),
            to: date("2025-10-28"),
            whole_ms: 1_761_627_600_000,
            kept: None,
            after: Some("A#2025-10-28#a".to_owned()),
        };
        for (kept, earliest) in [
            ("2025-03-02", "2025-03-02"),
            ("2025-03-01", "2025-03-01"),
            ("2025-04-01", "2025-03-01"),
        ] {
            pass.keeps(date(kept));
            assert_eq!(pass.kept, Some(date(earliest)));
        }
        let mark = Mark {
            from: date("2025-03-01"),
            whole_ms: 1_761_627_600_000,
        };
        assert_eq!(Mark::parse(&mark.to_string()), Some(mark));
        let words = [None, Some(pass)].map(|pass| WordPlace {
            outlet: Some("kedai/\"kopi\"".to_owned()),
            pass,
        });
        for place in words {
            assert_eq!(WordPlace::parse(&place.to_string()), Some(place));
        }
        let position = ListPosition::parse(r#"["1","O#a b","X#1"]"#);
        assert!(position.is_some());
        for after in [None, position] {
            let place = CasePlace {
                state: CaseState::Contacted,
                after,
            };
            assert_eq!(CasePlace::parse(&place.to_string()), Some(place));
        }
        for text in ["", "-", "[]", "closed"] {
            assert_eq!(WordPlace::parse(text), None, "{text}");
            assert_eq!(CasePlace::parse(text), None, "{text}");
            assert_eq!(Mark::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_round_through_the_cases_visits_every_list_once() {
        let mut states = vec![CasePlace::default()];
        while let Some(next) = states.last().unwrap().next(None) {
            states.push(next);
        }
        let states: Vec<CaseState> = states.into_iter().map(|place| place.state).collect();
        assert_eq!(states, CaseState::ALL);
    }
}
