//! Which outlet days a file has touched: told apart in eight bytes each, however long an outlet's name is.

use std::collections::BTreeSet;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::customer::OutletDay;

/// The outlet days that a file has touched, each by a part of its hash: among as many as are kept, two that share
/// theirs are one chance in ninety thousand million. Serialised as text, beside the place where a reading goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TouchedDays(BTreeSet<u64>);

/// The text is not that of a set of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a set of touched days")]
pub struct NotTouchedDays;

impl TouchedDays {
    /// How many days are told apart: in base64 they fill half an item of 400 KB.
    pub const MAX: usize = 20_000;

    /// Adds a day; once [`TouchedDays::MAX`] are known, further ones are left out.
    pub fn add(&mut self, (outlet, date): &OutletDay) {
        if self.0.len() >= Self::MAX {
            return;
        }
        let hash = Sha256::new()
            .chain_update(outlet)
            .chain_update([0])
            .chain_update(date.days_since_epoch().to_be_bytes())
            .finalize();
        let short = hash.first_chunk().copied().unwrap_or_default();
        self.0.insert(u64::from_be_bytes(short));
    }

    /// How many different days were added.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }
}

impl From<TouchedDays> for String {
    fn from(days: TouchedDays) -> Self {
        let bytes: Vec<u8> = days.0.iter().flat_map(|day| day.to_be_bytes()).collect();
        BASE64.encode(&bytes)
    }
}

impl TryFrom<String> for TouchedDays {
    type Error = NotTouchedDays;

    fn try_from(text: String) -> Result<Self, NotTouchedDays> {
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| NotTouchedDays)?;
        let (days, rest) = bytes.as_chunks();
        if !rest.is_empty() || days.len() > Self::MAX {
            return Err(NotTouchedDays);
        }
        Ok(Self(days.iter().copied().map(u64::from_be_bytes).collect()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::when::BusinessDate;
    use proptest::prelude::*;

    fn day(outlet: usize, date: i32) -> OutletDay {
        (format!("moka-{outlet}"), BusinessDate::from_days(date).unwrap())
    }

    proptest! {
        #[test]
        fn different_days_are_counted_once_in_any_order_and_across_what_is_stored(
            touched in proptest::collection::vec((0..5_usize, 0..40_i32), 0..200), cut in 0..200_usize
        ) {
            let mut days = TouchedDays::default();
            for (at, (outlet, date)) in touched.iter().enumerate() {
                if at == cut {
                    days = serde_json::from_str(&serde_json::to_string(&days).unwrap()).unwrap();
                }
                days.add(&day(*outlet, *date));
            }
            let different: BTreeSet<_> = touched.iter().collect();
            prop_assert_eq!(days.count(), different.len() as u64);
        }
    }

    #[test]
    fn more_days_than_are_told_apart_take_no_more_room() {
        let mut days = TouchedDays::default();
        for outlet in 0..TouchedDays::MAX + 10 {
            days.add(&day(outlet, 20_000));
        }
        assert_eq!(days.count(), TouchedDays::MAX as u64);
        let text = serde_json::to_string(&days).unwrap();
        assert!(text.len() < 220 << 10, "{}", text.len());
        assert_eq!(serde_json::from_str::<TouchedDays>(&text).unwrap(), days);
    }

    #[test]
    fn text_that_is_no_set_of_days_is_refused() {
        for text in ["\"A\"", "\"AAAA\"", "\"%%%%\"", "1"] {
            assert!(serde_json::from_str::<TouchedDays>(text).is_err(), "{text}");
        }
    }
}
