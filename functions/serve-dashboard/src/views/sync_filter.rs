//! Which outlets, or days of one outlet, the sync status is asked for.

use edge::problem::{PARAMETER_INVALID, Problem};

use super::sync::{Standing, SyncRow};
use crate::bar::Field;
use crate::words::Words;

/// Which ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Every one.
    All,
    /// Whose sales have not come.
    Missing,
    /// Whose sales came too late.
    Late,
    /// That somebody has to look after: missing, late, or with sales that lack their lines or don't add up.
    Trouble,
    /// Whose sales came in time, with their lines, and add up.
    Complete,
}

impl Wanted {
    const ALL: [Self; 5] = [
        Self::All,
        Self::Missing,
        Self::Late,
        Self::Trouble,
        Self::Complete,
    ];

    /// Reads what the address says.
    ///
    /// # Errors
    /// `PARAMETER_INVALID`.
    pub(crate) fn read(status: Option<&str>) -> Result<Self, Problem> {
        let Some(status) = status else {
            return Ok(Self::All);
        };
        let wanted = Self::ALL.into_iter().find(|wanted| wanted.as_str() == status);
        wanted.ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            let (indonesian, english) = (format!("salah satu dari {known}"), format!("one of {known}"));
            Problem::parameter(&PARAMETER_INVALID, "status", indonesian, english)
        })
    }

    /// As it stands in the address.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Missing => "missing",
            Self::Late => "late",
            Self::Trouble => "trouble",
            Self::Complete => "complete",
        }
    }

    /// Whether a row is among them.
    pub(crate) fn takes(self, row: &SyncRow) -> bool {
        let is_flawed = row.without_lines > 0 || row.unbalanced > 0;
        match (self, row.status) {
            (Self::All, _)
            | (Self::Missing | Self::Trouble, Standing::Missing)
            | (Self::Late | Self::Trouble, Standing::Late) => true,
            (Self::Trouble, Standing::Received) => is_flawed,
            (Self::Complete, Standing::Received) => !is_flawed,
            _ => false,
        }
    }

    /// The field of the form.
    pub(crate) fn field(self, w: Words) -> Field {
        let options = Self::ALL.map(|wanted| (wanted.as_str().to_owned(), wanted.name(w).to_owned()));
        let label = w.t("Keadaan", "Status");
        Field::choice("status", label, Some(self.as_str()), options.to_vec())
    }

    fn name(self, w: Words) -> &'static str {
        match self {
            Self::All => w.t("Semua", "All"),
            Self::Missing => Standing::Missing.name(w),
            Self::Late => Standing::Late.name(w),
            Self::Trouble => w.t("perlu perhatian", "in trouble"),
            Self::Complete => w.t("lengkap", "complete"),
        }
    }
}
