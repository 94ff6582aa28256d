//! Whose numbers begin how: a table that staff can replace.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Operator;

/// The table that comes with the program.
const BUILT_IN: &str = include_str!("../../../topup/prefixes.toml");

/// The largest table that is looked at, in bytes.
const BYTES_MAX: usize = 256 << 10;
/// How many digits a prefix has.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=8;
/// The longest note on where a row comes from, in bytes.
const NOTE_MAX: usize = 200;

/// A row: how numbers begin, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// The first digits, from the zero on.
    pub prefix: String,
    /// Whose numbers they are.
    pub operator: Operator,
    /// Who else has numbers that begin so.
    pub also: Vec<Operator>,
    /// Whether they are nobody else's for certain: only then is anything refused by it.
    pub sure: bool,
    /// Where that is from.
    pub source: String,
    /// When that was last looked at.
    pub dated: String,
}

/// The table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefixes(BTreeMap<String, Prefix>);

/// Why a text is no table of prefixes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct PrefixError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    prefix: Vec<Spanned<Row>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    prefix: String,
    operator: Operator,
    #[serde(default)]
    also: Vec<Operator>,
    sure: bool,
    source: String,
    dated: String,
}

impl Prefixes {
    /// The table that comes with the program. A test reads it; were it broken, nothing would be refused by it.
    #[must_use]
    pub fn built_in() -> Self {
        Self::read(BUILT_IN).unwrap_or_default()
    }

    /// Reads a table, in the form of the one that comes with the program.
    ///
    /// # Errors
    /// [`PrefixError`] with the line.
    pub fn read(toml: &str) -> Result<Self, PrefixError> {
        if toml.len() > BYTES_MAX {
            return Err(PrefixError {
                line: 1,
                what: format!("the table has more than {BYTES_MAX} bytes"),
            });
        }
        let document: Document = toml::from_str(toml).map_err(|error| PrefixError {
            line: line_of(toml, error.span().map_or(0, |span| span.start)),
            what: error.message().to_owned(),
        })?;
        let mut rows = BTreeMap::new();
        for row in document.prefix {
            let line = line_of(toml, row.span().start);
            let refuse = |what: &str| PrefixError {
                line,
                what: what.to_owned(),
            };
            let row = checked(row.into_inner()).map_err(refuse)?;
            if rows.insert(row.prefix.clone(), row).is_some() {
                return Err(refuse("the prefix is there twice"));
            }
        }
        if rows.is_empty() {
            return Err(PrefixError {
                line: 1,
                what: "the table has no rows".to_owned(),
            });
        }
        Ok(Self(rows))
    }

    /// The table as a text that [`Prefixes::read`] reads.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = "prefix = [\n".to_owned();
        for row in self.0.values() {
            let also: Vec<String> = row.also.iter().map(|other| quoted(other.as_str())).collect();
            text.push_str(&format!(
                "    {{ prefix = {}, operator = {}, also = [{}], sure = {}, source = {}, dated = {} }},\n",
                quoted(&row.prefix),
                quoted(row.operator.as_str()),
                also.join(", "),
                row.sure,
                quoted(&row.source),
                quoted(&row.dated),
            ));
        }
        text.push_str("]\n");
        text
    }

    /// The row of a mobile number (`08…`): the longest prefix that it begins with.
    #[must_use]
    pub fn find(&self, msisdn: &str) -> Option<&Prefix> {
        DIGITS
            .rev()
            .find_map(|digits| msisdn.get(..digits).and_then(|prefix| self.0.get(prefix)))
    }

    /// Every row, in the order of the prefixes.
    pub fn rows(&self) -> impl Iterator<Item = &Prefix> {
        self.0.values()
    }
}

fn checked(row: Row) -> Result<Prefix, &'static str> {
    let digits = row.prefix.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !DIGITS.contains(&row.prefix.len()) || !row.prefix.starts_with("08") {
        return Err("a prefix is 4 to 8 digits that begin with 08");
    }
    for note in [&row.source, &row.dated] {
        if note.trim().is_empty() || note.len() > NOTE_MAX || note.chars().any(char::is_control) {
            return Err("source and dated are one line each, and not longer than 200 bytes");
        }
    }
    Ok(Prefix {
        prefix: row.prefix,
        operator: row.operator,
        also: row.also,
        sure: row.sure,
        source: row.source,
        dated: row.dated,
    })
}

/// A text in quotes. There are no control characters in it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}
