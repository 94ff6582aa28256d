//! Where the next page of a list begins.

use std::collections::HashMap;

use crate::dynamo::{Item, key, read_text, text};
use crate::error::StoreError;
use crate::keys::{LIST, LIST_AT, PK, SK, WORK, WORK_AT};

/// A position in a list that a sparse index keeps. As a text, it can be handed to a caller and back. Of two
/// positions in one list the one that comes first is the smaller one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListPosition {
    at: String,
    pk: String,
    sk: String,
}

/// A sparse index, by the names of its attributes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index {
    list: &'static str,
    at: &'static str,
}

/// Work to be done.
pub(crate) const WORK_INDEX: Index = Index {
    list: WORK,
    at: WORK_AT,
};

/// What is listed for people.
pub(crate) const LIST_INDEX: Index = Index {
    list: LIST,
    at: LIST_AT,
};

impl ListPosition {
    /// Reads what `Display` writes; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Ids are the shops' own: no separator is safe from being part of one.
        let [at, pk, sk]: [String; 3] = serde_json::from_str(text).ok()?;
        let position = Self { at, pk, sk };
        // What can't be a key (developer guide, "Constraints") would fail the query.
        let whole = [(&position.at, 1024), (&position.pk, 2048), (&position.sk, 1024)]
            .iter()
            .all(|(part, most)| (1..=*most).contains(&part.len()));
        (whole && position.to_string() == text).then_some(position)
    }

    /// The position after an item that is in an index.
    pub(crate) fn of(item: &Item, index: Index) -> Result<Self, StoreError> {
        let read = |name| read_text(item, name).map(str::to_owned);
        Ok(Self {
            at: read(index.at)?,
            pk: read(PK)?,
            sk: read(SK)?,
        })
    }

    /// Whether it lies at or after a value of the index's order, so that a query from there on can go on from it.
    pub(crate) fn is_from(&self, at: &str) -> bool {
        self.at.as_str() >= at
    }

    /// The key from which a query of one list of an index goes on.
    pub(crate) fn key(&self, index: Index, list: &str) -> Item {
        let mut item: HashMap<_, _> = key(&self.pk, &self.sk);
        item.insert(index.list.to_owned(), text(list));
        item.insert(index.at.to_owned(), text(&self.at));
        item
    }
}

impl std::fmt::Display for ListPosition {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Three texts can always be written as JSON.
        let text = serde_json::to_string(&[&self.at, &self.pk, &self.sk]).map_err(|_| std::fmt::Error)?;
        out.write_str(&text)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_back_from_its_text_whatever_is_in_it() {
        for (at, pk, sk) in [
            ("1", "Q#a", "1-1"),
            ("000#a|b", "O#kedai/kopi|1%20", "A#\"é\"#食堂"),
        ] {
            let position = ListPosition {
                at: at.to_owned(),
                pk: pk.to_owned(),
                sk: sk.to_owned(),
            };
            assert_eq!(ListPosition::parse(&position.to_string()), Some(position));
        }
    }

    #[test]
    fn nothing_else_is_a_position() {
        for text in [
            "",
            "a|b|c",
            "[]",
            r#"["1","Q#a"]"#,
            r#"["1","Q#a","b","c"]"#,
            r#"["1","","b"]"#,
            r#"["1", "Q#a","b"]"#,
            r#"[1,"Q#a","b"]"#,
            &format!(r#"["1","{}","b"]"#, "Q".repeat(2049)),
        ] {
            assert_eq!(ListPosition::parse(text), None, "{text}");
        }
    }
}
