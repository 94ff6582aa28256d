//! What a person wants corrected.

use serde::{Deserialize, Serialize};

use crate::customer::{ProfileField, clean_email};
use crate::name::clean_name;
use crate::phone::{PhoneReading, read_phone};

/// A correction that waits to be carried out. It holds personal data: it is stored beside the customers, and
/// only until then. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Which part of the profile.
    pub field: ProfileField,
    /// What is right, in the form in which a profile keeps it; `None` if there is no such thing, or nobody's
    /// business.
    pub value: Option<String>,
}

/// Why a value can't be taken as a correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionError {
    /// Not a name.
    #[error("not a name")]
    Name,
    /// Not a phone number; the code of what is wrong with it.
    #[error("not a phone number: {0}")]
    Phone(&'static str),
    /// Not a mail address.
    #[error("not a mail address")]
    Email,
}

impl CorrectionError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "CORRECTION_NAME",
            Self::Phone(code) => code,
            Self::Email => "CORRECTION_EMAIL",
        }
    }
}

impl Correction {
    /// Reads a correction as a person typed it; blank text takes the value away.
    ///
    /// # Errors
    /// [`CorrectionError`] when the text is no value of the field.
    pub fn read(field: ProfileField, text: &str) -> Result<Self, CorrectionError> {
        if text.trim().is_empty() {
            return Ok(Self { field, value: None });
        }
        let value = match field {
            ProfileField::Name => clean_name(text).ok_or(CorrectionError::Name)?,
            ProfileField::Email => clean_email(text).ok_or(CorrectionError::Email)?,
            ProfileField::Phone => match read_phone(text, &[]) {
                PhoneReading::Valid { e164, .. } => e164,
                PhoneReading::Rejected(problem) => return Err(CorrectionError::Phone(problem.code())),
                PhoneReading::None => return Err(CorrectionError::Phone("PHONE_INVALID")),
            },
        };
        Ok(Self {
            field,
            value: Some(value),
        })
    }
}

impl std::fmt::Debug for Correction {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Correction")
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}
