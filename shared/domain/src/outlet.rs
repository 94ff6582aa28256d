//! Outlets and how their days are cut.

use serde::{Deserialize, Serialize};

/// What the shop knows of an outlet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlet {
    /// The id, such as `moka-100818`.
    pub id: String,
    /// The name for people.
    pub name: Option<String>,
    /// The IANA time zone in which the outlet's clocks run.
    pub zone: String,
    /// The hour at which a new business date begins: sales before it belong to the day before.
    pub cutoff_hour: u8,
    /// Numbers that cashiers enter to get past a mandatory field, the outlet's own above all, as E.164.
    #[serde(default)]
    pub placeholder_phones: Vec<String>,
}

impl Outlet {
    /// An outlet nobody has described yet: the zone its export names or else Western Indonesian Time, a business
    /// date that is the calendar's.
    #[must_use]
    pub fn undescribed(id: &str, name: Option<&str>, zone: Option<&str>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.map(str::to_owned),
            zone: zone.unwrap_or("Asia/Jakarta").to_owned(),
            cutoff_hour: 0,
            placeholder_phones: Vec::new(),
        }
    }
}
