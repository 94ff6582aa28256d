//! How far a rebuild has come: a bookmark in the operations table.

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::plan::Telling;
use crate::{Stop, Tools};

/// The name of the bookmark.
pub(crate) const TASK: &str = "rebuild";

/// What is done next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// Days are emptied.
    Days,
    /// Customers are emptied.
    Customers,
    /// Exports are told again: those after this one.
    Telling(Option<Telling>),
    /// Days are counted.
    Counting,
    /// Nothing: it has ended.
    Over,
}

/// A rebuild.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// When it began, Unix milliseconds.
    pub(crate) began_ms: i64,
    /// Whether days of exports that are gone are kept.
    pub(crate) keep_gone: bool,
    /// What the tables meant before.
    pub(crate) before: Fingerprint,
    /// What is done next.
    pub(crate) phase: Phase,
}

impl State {
    /// The rebuild that is under way, and its bookmark as it is stored.
    pub(crate) async fn read(tools: &Tools) -> Result<Option<Self>, Stop> {
        let stored = tools.bookmarks.read(TASK).await?;
        let state: Option<Self> = stored.map(|text| serde_json::from_str(&text)).transpose()?;
        Ok(state.filter(|state| state.phase != Phase::Over))
    }

    /// The text of the bookmark.
    pub(crate) fn text(&self) -> Result<String, Stop> {
        Ok(serde_json::to_string(self)?)
    }

    /// Goes on to a phase and notes it.
    pub(crate) async fn enter(&mut self, phase: Phase, tools: &Tools) -> Result<(), Stop> {
        self.phase = phase;
        tools.bookmarks.put(TASK, &self.text()?).await?;
        Ok(())
    }
}
