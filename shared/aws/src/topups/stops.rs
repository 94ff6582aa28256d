//! What keeps orders from being sent, as `send-topups` notes it among the settings.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Catalogue;
use crate::error::StoreError;

/// The setting that says until when nothing is sent.
const PAUSE: &str = "pause";
/// The setting that says by which address the supplier sees us.
const ADDRESS: &str = "address";

/// Why nothing is sent at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The supplier has refused us.
    Paused {
        /// When it is tried again, Unix milliseconds.
        until_ms: i64,
    },
    /// We are seen by another address than the supplier knows.
    AddressDiffers,
}

#[derive(Deserialize)]
struct Pause {
    until_ms: i64,
}

#[derive(Deserialize)]
struct Seen {
    seen: String,
}

impl Catalogue {
    /// Why nothing is sent at the moment; `None` where orders are. `address` is the one that the supplier knows, where
    /// somebody looks.
    ///
    /// # Errors
    /// [`StoreError`] when that can't be read: what can't be read is not taken for nothing.
    pub async fn stop(&self, address: Option<&str>, now_ms: i64) -> Result<Option<Stop>, StoreError> {
        let seen = async {
            match address {
                Some(_) => self.read::<Seen>(ADDRESS).await,
                None => Ok(None),
            }
        };
        let (pause, seen) = futures::try_join!(self.read::<Pause>(PAUSE), seen)?;
        if let Some(Pause { until_ms }) = pause.filter(|pause| pause.until_ms > now_ms) {
            return Ok(Some(Stop::Paused { until_ms }));
        }
        let differs = seen.is_some_and(|seen| Some(seen.seen.as_str()) != address);
        Ok(differs.then_some(Stop::AddressDiffers))
    }

    async fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let text = self.setting(name).await?;
        let read = text.map(|text| serde_json::from_str(&text)).transpose();
        read.map_err(|_| StoreError::Damaged("a setting of the sending of top-ups"))
    }
}
