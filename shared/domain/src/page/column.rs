//! The kinds of column that a page is made of.

use std::collections::HashMap;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::{PageError, small};
use crate::uuid::{uuid_bytes, uuid_text};

/// Numbers as steps from one to the next.
fn steps(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut last = 0_i64;
    values
        .map(|value| {
            let step = value.wrapping_sub(last);
            last = value;
            step
        })
        .collect()
}

fn unstep(steps: &[i64]) -> impl Iterator<Item = i64> {
    steps.iter().scan(0_i64, |last, step| {
        *last = last.wrapping_add(*step);
        Some(*last)
    })
}

/// Moments in Unix milliseconds: seconds as steps, milliseconds apart since they are noise.
#[derive(Serialize, Deserialize)]
pub(super) struct Millis {
    seconds: Vec<i64>,
    millis: Vec<u16>,
}

impl Millis {
    pub(super) fn of(values: impl Iterator<Item = i64> + Clone) -> Self {
        let seconds = steps(values.clone().map(|at| at.div_euclid(1000)));
        let millis: Vec<u16> = values
            .map(|at| u16::try_from(at.rem_euclid(1000)).unwrap_or_default())
            .collect();
        let whole = millis.iter().all(|millis| *millis == 0);
        Self {
            seconds,
            millis: if whole { Vec::new() } else { millis },
        }
    }

    pub(super) fn all(&self) -> Result<Vec<i64>, PageError> {
        if !self.millis.is_empty() && self.millis.len() != self.seconds.len() {
            return Err(PageError::Damaged("times cut short"));
        }
        let millis = |at: usize| self.millis.get(at).copied().unwrap_or_default();
        unstep(&self.seconds)
            .enumerate()
            .map(|(at, second)| second.checked_mul(1000)?.checked_add(i64::from(millis(at))))
            .collect::<Option<_>>()
            .ok_or(PageError::Damaged("a time out of range"))
    }
}

/// Amounts or quantities, divided by the greatest power of ten that divides them all.
#[derive(Serialize, Deserialize)]
pub(super) struct Scaled {
    unit: i64,
    values: Vec<i64>,
}

impl Scaled {
    pub(super) fn of(values: impl Iterator<Item = i64>) -> Self {
        let mut values: Vec<i64> = values.collect();
        let unit = [1_000_000, 100_000, 10_000, 1_000, 100, 10]
            .into_iter()
            .find(|unit| values.iter().all(|value| value % unit == 0))
            .unwrap_or(1);
        for value in &mut values {
            *value /= unit;
        }
        // A column of zeros is an empty one.
        if values.iter().all(|value| *value == 0) {
            return Self {
                unit: i64::try_from(values.len()).unwrap_or(i64::MAX),
                values: Vec::new(),
            };
        }
        Self { unit, values }
    }

    pub(super) fn all(&self) -> Result<Vec<i64>, PageError> {
        if self.values.is_empty() {
            let zeros = usize::try_from(self.unit).ok().filter(|zeros| *zeros <= ROWS_MAX);
            return Ok(vec![0; zeros.ok_or(PageError::Damaged("a column too long"))?]);
        }
        let values = self.values.iter().map(|value| value.checked_mul(self.unit));
        values
            .collect::<Option<_>>()
            .ok_or(PageError::Damaged("a number out of range"))
    }
}

/// More rows than any page can hold; a damaged length stops here and not at the end of memory.
const ROWS_MAX: usize = 50_000_000;

/// Texts, most of them different, or absent.
#[derive(Serialize, Deserialize)]
pub(super) struct Texts {
    lengths: Vec<u32>,
    text: String,
}

impl Texts {
    pub(super) fn of<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut text = String::new();
        let lengths = values
            .map(|value| {
                text.push_str(value.unwrap_or_default());
                value.map_or(0, |value| small(value.len()).saturating_add(1))
            })
            .collect();
        Self { lengths, text }
    }

    pub(super) fn all(&self) -> Result<Vec<Option<String>>, PageError> {
        let mut rest = self.text.as_str();
        let mut take = |length: u32| -> Result<Option<String>, PageError> {
            let Some(length) = length.checked_sub(1) else {
                return Ok(None);
            };
            let length = usize::try_from(length).map_err(|_| PageError::Damaged("a text too long"))?;
            let (head, tail) = rest
                .split_at_checked(length)
                .ok_or(PageError::Damaged("texts cut short"))?;
            rest = tail;
            Ok(Some(head.to_owned()))
        };
        self.lengths.iter().map(|length| take(*length)).collect()
    }
}

/// Identifiers: a UUID as its sixteen bytes, anything else as text.
#[derive(Serialize, Deserialize)]
pub(super) struct Ids {
    count: u32,
    /// Positions of the ids that are no UUID.
    others: Vec<u32>,
    texts: Texts,
    uuids: Vec<u8>,
}

impl Ids {
    pub(super) fn of<'a>(ids: impl Iterator<Item = &'a str>) -> Self {
        let (mut count, mut others, mut texts, mut uuids) = (0_u32, Vec::new(), Vec::new(), Vec::new());
        for id in ids {
            match uuid_bytes(id) {
                Some(bytes) => uuids.extend_from_slice(&bytes),
                None => {
                    others.push(count);
                    texts.push(Some(id));
                }
            }
            count = count.saturating_add(1);
        }
        Self {
            count,
            others,
            texts: Texts::of(texts.into_iter()),
            uuids,
        }
    }

    pub(super) fn all(&self) -> Result<Vec<String>, PageError> {
        let mut others = self.others.iter().copied().zip(self.texts.all()?).peekable();
        let mut uuids = self.uuids.chunks_exact(16);
        let mut ids = Vec::new();
        for at in 0..self.count {
            if let Some((_, text)) = others.next_if(|(position, _)| *position == at) {
                ids.push(text.ok_or(PageError::Damaged("an id is missing"))?);
            } else {
                ids.push(uuid_text(
                    uuids.next().ok_or(PageError::Damaged("ids cut short"))?,
                ));
            }
        }
        Ok(ids)
    }
}

/// Values that recur: each kept once, in order of first use, and told by its number.
#[derive(Serialize, Deserialize)]
pub(super) struct Dictionary<T> {
    words: Vec<T>,
    indexes: Vec<u32>,
}

impl<T: Clone + Eq + Hash> Dictionary<T> {
    pub(super) fn of<'a>(values: impl Iterator<Item = &'a T>) -> Self
    where
        T: 'a,
    {
        let mut known: HashMap<&T, u32> = HashMap::new();
        let mut words = Vec::new();
        let indexes = values
            .map(|value| {
                *known.entry(value).or_insert_with(|| {
                    words.push(value.clone());
                    small(words.len().saturating_sub(1))
                })
            })
            .collect();
        Self { words, indexes }
    }

    pub(super) fn all(&self) -> Result<Vec<T>, PageError> {
        let word = |index: &u32| self.words.get(usize::try_from(*index).ok()?).cloned();
        self.indexes
            .iter()
            .map(word)
            .collect::<Option<_>>()
            .ok_or(PageError::Damaged("a word is missing"))
    }

    /// The number of each value's word.
    pub(super) fn indexes(&self) -> impl Iterator<Item = usize> {
        self.indexes
            .iter()
            .map(|index| usize::try_from(*index).unwrap_or(usize::MAX))
    }
}
