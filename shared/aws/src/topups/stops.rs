//! What keeps orders from being sent. `send-topups` notes it among the settings, and every function that takes orders
//! reads it there.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Catalogue;
use crate::error::StoreError;

/// The setting that says until when nothing is sent.
const PAUSE: &str = "pause";
/// The setting that says by which address the supplier sees us.
const ADDRESS: &str = "address";
/// What is said of a setting that can't be read or written: it is not taken for one that stops nothing.
const DAMAGED: StoreError = StoreError::Damaged("a setting of the sending of top-ups");

/// Until when nothing is sent or asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Unix milliseconds.
    pub until_ms: i64,
    /// Why, as a word.
    pub why: String,
    /// Whether the supplier has taken us for who we are since.
    #[serde(default)]
    pub lifted: bool,
}

/// The address by which others see us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenAddress {
    /// The address.
    pub seen: String,
    /// Since when it is that one, Unix milliseconds.
    pub at_ms: i64,
}

/// Why no order is taken at the moment.
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

impl Catalogue {
    /// The last pause; `None` where there was none.
    ///
    /// # Errors
    /// [`StoreError`] when that can't be read.
    pub async fn pause(&self) -> Result<Option<Pause>, StoreError> {
        self.read(PAUSE).await
    }

    /// Notes a pause, or that it is over.
    ///
    /// # Errors
    /// [`StoreError`] when that can't be written.
    pub async fn note_pause(&self, pause: &Pause, actor: &str, now_ms: i64) -> Result<(), StoreError> {
        self.write(PAUSE, pause, actor, now_ms).await
    }

    /// By which address we were seen last; `None` where nobody has looked.
    ///
    /// # Errors
    /// [`StoreError`] when that can't be read.
    pub async fn seen_address(&self) -> Result<Option<SeenAddress>, StoreError> {
        self.read(ADDRESS).await
    }

    /// Notes by which address we are seen.
    ///
    /// # Errors
    /// [`StoreError`] when that can't be written.
    pub async fn note_address(&self, seen: &SeenAddress, actor: &str) -> Result<(), StoreError> {
        self.write(ADDRESS, seen, actor, seen.at_ms).await
    }

    /// Why no order is taken at the moment; `None` where orders are. `address` is the one that the supplier knows,
    /// where somebody looks.
    ///
    /// A pause that is over and not lifted stops nobody here, nor does an address that nobody has looked at yet: the
    /// first order that is taken brings the probe about, or the look, and waits for it unsent.
    ///
    /// # Errors
    /// [`StoreError`] when that can't be read.
    pub async fn stop(&self, address: Option<&str>, now_ms: i64) -> Result<Option<Stop>, StoreError> {
        let seen = async {
            match address {
                Some(_) => self.seen_address().await,
                None => Ok(None),
            }
        };
        let (pause, seen) = futures::try_join!(self.pause(), seen)?;
        if let Some(Pause { until_ms, .. }) = pause.filter(|pause| !pause.lifted && pause.until_ms > now_ms) {
            return Ok(Some(Stop::Paused { until_ms }));
        }
        let differs = seen.is_some_and(|seen| Some(seen.seen.as_str()) != address);
        Ok(differs.then_some(Stop::AddressDiffers))
    }

    async fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let text = self.setting(name).await?;
        let read = text.map(|text| serde_json::from_str(&text)).transpose();
        read.map_err(|_| DAMAGED)
    }

    async fn write<T: Serialize>(
        &self,
        name: &str,
        value: &T,
        actor: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let text = serde_json::to_string(value).map_err(|_| DAMAGED)?;
        match self.put_setting(name, Some(&text), actor, now_ms).await {
            // Somebody else notes one at this moment. Whichever holds, the supplier's next answer puts it right.
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
