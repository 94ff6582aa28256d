//! Outlets and how their days are cut.

use serde::{Deserialize, Serialize};

/// The rating up to which a guest's answer is a low one, where an outlet says nothing else.
pub const LOW_SCORE: u8 = 2;

/// How many days after the business date a guest can answer, where an outlet says nothing else.
pub const LINK_DAYS: u16 = 30;

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
    /// Ratings up to this one (of five) are low and open a case; zero opens none. See [`Outlet::low_threshold`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low_score: Option<u8>,
    /// How many days after the business date a guest can answer. See [`Outlet::link_lifetime`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_days: Option<u16>,
    /// Moka's own id of the outlet, where its sales are fetched from Moka every night. See [`is_moka_id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moka_id: Option<String>,
}

/// Whether a text can be Moka's id of an outlet: 1 to 19 digits. It becomes part of an address.
#[must_use]
pub fn is_moka_id(text: &str) -> bool {
    (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
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
            low_score: None,
            link_days: None,
            moka_id: None,
        }
    }

    /// Ratings up to this one are low: what the outlet says, or else [`LOW_SCORE`]. Zero: none is.
    #[must_use]
    pub fn low_threshold(&self) -> u8 {
        self.low_score.unwrap_or(LOW_SCORE)
    }

    /// How many days after the business date a guest can answer: what the outlet says, or else [`LINK_DAYS`].
    #[must_use]
    pub fn link_lifetime(&self) -> u16 {
        self.link_days.unwrap_or(LINK_DAYS)
    }
}
