//! The listing of a day.

use std::collections::HashMap;

use domain::map::is_outlet_id;
use domain::when::{BusinessDate, TimeQuality, Zone, read_moment};
use serde::Deserialize;
use serde_json::Value;

use super::Limits;
use crate::json;

/// The form of the listing that is read here.
pub const SCHEMA: &str = "sikp.central.day/1";
/// The longest name of a file, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// The longest name that a refusal repeats, in characters.
const NAME_SHOWN_MAX: usize = 60;

/// What a server has of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What can be fetched, in the listing's order, each name once.
    pub files: Vec<Listed>,
    /// Entries that break a rule. Nobody fetches them, and nobody may overlook them.
    pub refused: Vec<Refused>,
}

/// A file that can be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name: letters, digits, `.`, `_` and `-`, not beginning with a dot. Fit for a path and a key.
    pub name: String,
    /// Whose sales are in it, where the server says so.
    pub outlet: Option<String>,
    /// Its size in bytes, at least one.
    pub size: u64,
    /// The SHA-256 of its content, in lowercase hexadecimal.
    pub sha256: String,
    /// When it was last written, in Unix milliseconds, where the server says so.
    pub modified_ms: Option<i64>,
}

/// An entry that nobody fetches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The how-manieth entry it is, from 1.
    pub number: usize,
    /// The beginning of its name, as far as a log may have it: other characters are `?`.
    pub name: String,
    /// Why.
    pub problem: EntryProblem,
}

/// Why an entry is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EntryProblem {
    /// No object, or a field is missing or of another type.
    #[error("a field is missing or of another type")]
    Form,
    /// A name that is not 1 to 200 letters, digits, `.`, `_` and `-`, or begins with a dot.
    #[error("the name is not allowed")]
    Name,
    /// An outlet that is not one of this shop's ids.
    #[error("the outlet is not an id such as moka-100818")]
    Outlet,
    /// An empty file, or one larger than any may be.
    #[error("the size is zero or too large")]
    Size,
    /// A checksum that is not 64 hexadecimal digits.
    #[error("the SHA-256 is not 64 hexadecimal digits")]
    Checksum,
    /// A time of writing that is no date and time with a zone.
    #[error("the time of writing is not a date and time with a zone")]
    Modified,
    /// A name that stands there twice with different contents: nobody can say which is meant.
    #[error("the name is listed twice with different contents")]
    Twice,
}

impl EntryProblem {
    /// The stable code of the problem.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "CENTRAL_ENTRY_FORM",
            Self::Name => "CENTRAL_ENTRY_NAME",
            Self::Outlet => "CENTRAL_ENTRY_OUTLET",
            Self::Size => "CENTRAL_ENTRY_SIZE",
            Self::Checksum => "CENTRAL_ENTRY_CHECKSUM",
            Self::Modified => "CENTRAL_ENTRY_MODIFIED",
            Self::Twice => "CENTRAL_ENTRY_TWICE",
        }
    }
}

/// Why a listing as a whole cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListingProblem {
    /// More bytes than this.
    #[error("it is larger than {0} bytes")]
    TooLarge(usize),
    /// Not JSON, or not in the documented form.
    #[error("it is not a JSON document of the schema {SCHEMA}")]
    Form,
    /// The listing of another day.
    #[error("it is the listing of another day")]
    Date,
    /// It lists more or fewer files than it says.
    #[error("it says that it lists {said} files and lists {found}")]
    Count {
        /// What it says.
        said: u64,
        /// What is there.
        found: u64,
    },
    /// More files than this.
    #[error("it lists more than {0} files")]
    TooMany(usize),
}

/// The document as it comes; fields nobody knows are left alone.
#[derive(Deserialize)]
struct Document {
    schema: String,
    date: String,
    count: u64,
    files: Vec<Value>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    outlet: Option<String>,
    size: u64,
    sha256: String,
    modified: Option<String>,
}

/// Reads the listing of a day.
///
/// # Errors
/// [`ListingProblem`].
pub(super) fn read(body: &[u8], date: BusinessDate, limits: Limits) -> Result<Listing, ListingProblem> {
    let document: Document = json::object(body).ok_or(ListingProblem::Form)?;
    if document.schema != SCHEMA {
        return Err(ListingProblem::Form);
    }
    if document.date != date.to_string() {
        return Err(ListingProblem::Date);
    }
    let found = document.files.len();
    if document.count != found as u64 {
        return Err(ListingProblem::Count {
            said: document.count,
            found: found as u64,
        });
    }
    if found > limits.files {
        return Err(ListingProblem::TooMany(limits.files));
    }
    Ok(sorted(document.files, limits))
}

/// Tells the entries that can be fetched from those that break a rule.
fn sorted(entries: Vec<Value>, limits: Limits) -> Listing {
    let mut listing = Listing::default();
    let mut taken: Vec<(usize, Listed)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut doubtful: Vec<bool> = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let name = shown(entry.get("name"));
        let number = index + 1;
        match listed(entry, limits) {
            Err(problem) => listing.refused.push(Refused {
                number,
                name,
                problem,
            }),
            Ok(file) => match places.get(&file.name) {
                // The same twice says nothing new.
                Some(&place) if same_content(taken.get(place), &file) => {}
                Some(&place) => {
                    if let Some(first) = doubtful.get_mut(place) {
                        *first = true;
                    }
                    listing.refused.push(Refused {
                        number,
                        name,
                        problem: EntryProblem::Twice,
                    });
                }
                None => {
                    places.insert(file.name.clone(), taken.len());
                    taken.push((number, file));
                    doubtful.push(false);
                }
            },
        }
    }
    for ((number, file), doubtful) in taken.into_iter().zip(doubtful) {
        if doubtful {
            listing.refused.push(Refused {
                number,
                name: file.name.chars().take(NAME_SHOWN_MAX).collect(),
                problem: EntryProblem::Twice,
            });
        } else {
            listing.files.push(file);
        }
    }
    listing.refused.sort_by_key(|refused| refused.number);
    listing
}

fn same_content(first: Option<&(usize, Listed)>, second: &Listed) -> bool {
    first.is_some_and(|(_, first)| {
        (&first.outlet, first.size, &first.sha256) == (&second.outlet, second.size, &second.sha256)
    })
}

fn listed(entry: Value, limits: Limits) -> Result<Listed, EntryProblem> {
    let entry = Some(entry).filter(Value::is_object).ok_or(EntryProblem::Form)?;
    let entry: Entry = serde_json::from_value(entry).map_err(|_| EntryProblem::Form)?;
    if !is_name(&entry.name) {
        return Err(EntryProblem::Name);
    }
    if entry
        .outlet
        .as_deref()
        .is_some_and(|outlet| !is_outlet_id(outlet))
    {
        return Err(EntryProblem::Outlet);
    }
    if entry.size == 0 || entry.size > limits.file_bytes {
        return Err(EntryProblem::Size);
    }
    if entry.sha256.len() != 64 || !entry.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(EntryProblem::Checksum);
    }
    Ok(Listed {
        modified_ms: entry.modified.as_deref().map(written).transpose()?,
        name: entry.name,
        outlet: entry.outlet,
        size: entry.size,
        sha256: entry.sha256.to_ascii_lowercase(),
    })
}

/// Names go into a path and into an object's key, so only what means itself in both is taken.
fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(is_plain)
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

fn written(text: &str) -> Result<i64, EntryProblem> {
    match read_moment(text, &Zone::default()) {
        Ok(Some(moment)) if moment.quality == TimeQuality::Offset => Ok(moment.at_ms),
        _ => Err(EntryProblem::Modified),
    }
}

fn shown(name: Option<&Value>) -> String {
    let name = name.and_then(Value::as_str).unwrap_or_default();
    name.chars()
        .take(NAME_SHOWN_MAX)
        .map(|letter| match u8::try_from(letter) {
            Ok(byte) if is_plain(byte) || matches!(byte, b'/' | b'%') => letter,
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests;
