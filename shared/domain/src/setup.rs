//! The shop's configuration as one document: the backup that a shop is set up from again.
//!
//! It holds no secret and no person: of keys it says that they were there, so that a restore can list which
//! must be made again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::api_key::{ApiKey, Scope};
use crate::guest_link::LinkKey;
use crate::map::is_outlet_id;
use crate::outlet::Outlet;
use crate::when::Zone;

/// The document's schema. A reader refuses every other one: what it doesn't know it would leave out.
pub const SCHEMA: &str = "oyako.setup/1";

/// The most bytes of a document that are looked at.
pub const BYTES_MAX: usize = 32 << 20;

/// The last hour of a day.
const HOUR_MAX: u8 = 23;

/// An API key, without its secret and without its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// The public part.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The partner for whom it orders top-ups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<String>,
    /// Unix milliseconds.
    pub created_ms: i64,
    /// Unix milliseconds of its revocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_ms: Option<i64>,
}

impl From<&ApiKey> for KeyEntry {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.clone(),
            name: key.name.clone(),
            scopes: key.scopes.clone(),
            partner: key.partner.clone(),
            created_ms: key.created_ms,
            revoked_ms: key.revoked_ms,
        }
    }
}

/// A key of guests' links, without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkKeyEntry {
    /// The key's number.
    pub kid: u32,
    /// Unix milliseconds.
    pub created_ms: i64,
}

impl From<&LinkKey> for LinkKeyEntry {
    fn from(key: &LinkKey) -> Self {
        Self {
            kid: key.kid,
            created_ms: key.created_ms,
        }
    }
}

/// The configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// [`SCHEMA`].
    pub schema: String,
    /// When it was written, Unix milliseconds.
    pub made_ms: i64,
    /// The outlets, by id.
    pub outlets: Vec<Outlet>,
    /// The API keys, by id.
    pub keys: Vec<KeyEntry>,
    /// The keys of guests' links, by number.
    pub link_keys: Vec<LinkKeyEntry>,
    /// Everything else by name: thresholds, schedules, retention, the version of the aliases. No secrets.
    pub settings: BTreeMap<String, String>,
}

/// Why a document is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// More than [`BYTES_MAX`] bytes.
    #[error("the document is too large")]
    TooLarge,
    /// Not a document of this kind.
    #[error("not a document of a shop's setup: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Another schema, perhaps of a newer version of this program.
    #[error("the document's schema is not {SCHEMA}")]
    UnknownSchema,
    /// An outlet that can't be, or is there twice; with its place in the list, from 0.
    #[error("outlet {0} of the document can't be taken")]
    Outlet(usize),
}

impl SetupError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "SETUP_TOO_LARGE",
            Self::Unreadable(_) => "SETUP_UNREADABLE",
            Self::UnknownSchema => "SETUP_SCHEMA",
            Self::Outlet(_) => "SETUP_OUTLET",
        }
    }
}

/// Only what tells a document of this kind from another.
#[derive(Deserialize)]
struct Named {
    schema: String,
}

impl Setup {
    /// The document of a shop. The same shop gives the same document, whatever the order in which it was read.
    #[must_use]
    pub fn new(
        made_ms: i64,
        mut outlets: Vec<Outlet>,
        keys: &[ApiKey],
        link_keys: &[LinkKey],
        settings: BTreeMap<String, String>,
    ) -> Self {
        outlets.sort_by(|a, b| a.id.cmp(&b.id));
        let mut keys: Vec<KeyEntry> = keys.iter().map(KeyEntry::from).collect();
        keys.sort_by(|a, b| a.id.cmp(&b.id));
        let mut link_keys: Vec<LinkKeyEntry> = link_keys.iter().map(LinkKeyEntry::from).collect();
        link_keys.sort_by_key(|key| key.kid);
        Self {
            schema: SCHEMA.to_owned(),
            made_ms,
            outlets,
            keys,
            link_keys,
            settings,
        }
    }

    /// Takes out the outlets that [`Setup::read`] would refuse, and answers their ids: a document that lacks one is
    /// better than one that nobody takes.
    pub fn leave_out_impossible(&mut self) -> Vec<String> {
        let mut ids: BTreeSet<String> = BTreeSet::new();
        let all = std::mem::take(&mut self.outlets);
        let (kept, out): (Vec<Outlet>, Vec<Outlet>) = all
            .into_iter()
            .partition(|outlet| is_possible(outlet) && ids.insert(outlet.id.clone()));
        self.outlets = kept;
        out.into_iter().map(|outlet| outlet.id).collect()
    }

    /// The document as JSON that people can read.
    ///
    /// # Errors
    /// [`SetupError::Unreadable`], which happens on none that fits in memory.
    pub fn write(&self) -> Result<Vec<u8>, SetupError> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a document.
    ///
    /// # Errors
    /// [`SetupError`] when it can't be taken as a whole: a shop is not set up from half of a document.
    pub fn read(bytes: &[u8]) -> Result<Self, SetupError> {
        if bytes.len() > BYTES_MAX {
            return Err(SetupError::TooLarge);
        }
        // Of another schema nothing else can be expected to fit.
        let named: Named = serde_json::from_slice(bytes)?;
        if named.schema != SCHEMA {
            return Err(SetupError::UnknownSchema);
        }
        let setup: Self = serde_json::from_slice(bytes)?;
        let mut ids: BTreeSet<&str> = BTreeSet::new();
        for (place, outlet) in setup.outlets.iter().enumerate() {
            if !is_possible(outlet) || !ids.insert(&outlet.id) {
                return Err(SetupError::Outlet(place));
            }
        }
        Ok(setup)
    }

    /// The keys that were in force: to be made again after a restore, for their secrets are nowhere.
    pub fn keys_to_make(&self) -> impl Iterator<Item = &KeyEntry> {
        self.keys.iter().filter(|key| key.revoked_ms.is_none())
    }
}

/// Whether a shop can have such an outlet.
fn is_possible(outlet: &Outlet) -> bool {
    is_outlet_id(&outlet.id) && Zone::named(&outlet.zone).is_ok() && outlet.cutoff_hour <= HOUR_MAX
}
