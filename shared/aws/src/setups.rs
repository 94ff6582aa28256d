//! Backups of the shop's configuration: one document for each night, beside the exports in the bucket.

use domain::setup::{BYTES_MAX, Setup, SetupError};
use domain::when::BusinessDate;

use crate::Clients;
use crate::error::StoreError;
use crate::objects::{Objects, Wanted};

/// Where the documents are. Nothing under here starts the reading of an export.
const FOLDER: &str = "config/";

/// The documents.
#[derive(Clone, Debug)]
pub struct Setups {
    objects: Objects,
}

impl Setups {
    /// The documents in the bucket of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            objects: Objects::new(clients),
        }
    }

    /// Puts the document of a date, in place of an earlier one. Answers its key.
    ///
    /// # Errors
    /// [`StoreError`] when it can't be written.
    pub async fn put(
        &self,
        date: BusinessDate,
        setup: &Setup,
        correlation: &str,
    ) -> Result<String, StoreError> {
        let (key, bytes) = (key(date), setup.write()?);
        self.objects
            .put(&key, "application/json", correlation, bytes)
            .await?;
        Ok(key)
    }

    /// The document of a date.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when what is there is no such document.
    pub async fn get(&self, date: BusinessDate) -> Result<Option<Setup>, StoreError> {
        let key = key(date);
        let wanted = Wanted {
            key: &key,
            etag: None,
            version: None,
        };
        let object = match self.objects.open(wanted, 0).await {
            Ok(object) => object,
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        if usize::try_from(object.size).unwrap_or(usize::MAX) > BYTES_MAX {
            return Err(SetupError::TooLarge.into());
        }
        let bytes = object.body.collect().await;
        let bytes = bytes.map_err(|error| StoreError::Unavailable {
            operation: "GetObject",
            code: "BodyUnreadable".to_owned(),
            source: error.into(),
        })?;
        Ok(Some(Setup::read(&bytes.into_bytes())?))
    }

    /// The dates that there are documents of, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the bucket can't be listed.
    pub async fn list(&self) -> Result<Vec<BusinessDate>, StoreError> {
        let keys = self.objects.keys(FOLDER).await?;
        let date = |key: &String| key.strip_prefix(FOLDER)?.strip_suffix(".json")?.parse().ok();
        let mut dates: Vec<BusinessDate> = keys.iter().filter_map(date).collect();
        dates.sort_unstable_by(|a, b| b.cmp(a));
        Ok(dates)
    }
}

fn key(date: BusinessDate) -> String {
    format!("{FOLDER}{date}.json")
}

impl From<SetupError> for StoreError {
    fn from(error: SetupError) -> Self {
        Self::Damaged(match error {
            SetupError::TooLarge => "a document of a setup is too large",
            SetupError::Unreadable(_) => "a document of a setup can't be read",
            SetupError::UnknownSchema => "a document of a setup has an unknown schema",
            SetupError::Outlet(_) => "a document of a setup names an outlet that can't be",
        })
    }
}
