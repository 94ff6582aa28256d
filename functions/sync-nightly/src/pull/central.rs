//! A file of the central server.

use std::sync::{Arc, Mutex, PoisonError};

use aws::StoreError;
use aws::objects::Streamed;
use domain::export::INCOMING;
use domain::night::Outcome;
use domain::when::BusinessDate;
use futures::StreamExt;
use partners::central::{Central, CentralError, Listed};

use super::{Fetching, HASH_DIGITS, TRIES, put, refused, unusable};
use crate::servers::NotAtHand;

/// What is put without looking at it; what it is, its reader finds out.
const CONTENT_TYPE: &str = "application/octet-stream";
/// Where a trouble with it arose.
const SOURCE: &str = "central";

impl Fetching<'_> {
    /// Fetches a file that was listed under a date into the bucket, unless it is there.
    pub(crate) async fn central_file(
        &self,
        date: BusinessDate,
        listed: &Listed,
    ) -> Result<Outcome, StoreError> {
        let key = key(date, listed);
        if let Some(found) = self.found(&key).await? {
            return Ok(found);
        }
        let outlet = listed.outlet.as_deref();
        let central = match self.central().await {
            Ok(central) => central,
            Err(NotAtHand::Store(error)) => return Err(error),
            Err(NotAtHand::Unusable(error)) => return Ok(unusable(&error, SOURCE, outlet)),
        };
        let mut tried = 1;
        loop {
            match self.file(central, listed, &key).await? {
                Ok(etag) => return Ok(put(key, etag, listed.size)),
                Err(error) if error.is_retryable() && tried < TRIES => self.pause().await,
                Err(error) => {
                    let detail = format!("{date} {}: {error}", listed.name);
                    return Ok(refused(SOURCE, outlet, error.code(), &detail));
                }
            }
            tried += 1;
        }
    }

    /// Lets a file run from the server into the bucket; answers its entity tag. No object is made of one that is not
    /// what its listing says.
    async fn file(
        &self,
        central: &Central,
        listed: &Listed,
        key: &str,
    ) -> Result<Result<String, CentralError>, StoreError> {
        let download = match central.fetch(listed).await {
            Ok(download) => download,
            Err(error) => return Ok(Err(error)),
        };
        // The bucket only knows that the stream broke off; why, the stream has to say.
        let broken = Arc::new(Mutex::new(None));
        let noted = Arc::clone(&broken);
        let body = download.into_stream().inspect(move |piece| {
            if let Err(error) = piece {
                *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
            }
        });
        let streamed = Streamed {
            size: listed.size,
            sha256: &listed.sha256,
            body,
        };
        let objects = &self.deps.objects;
        let put = objects.put_new_stream(key, CONTENT_TYPE, self.correlation(), streamed);
        let put = put.await;
        let broken = broken.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (put, broken) {
            (Err(_), Some(error)) => Ok(Err(error)),
            (put, _) => put.map(Ok),
        }
    }
}

/// Where a file goes: into the folder of its outlet, where the server names one.
fn key(date: BusinessDate, listed: &Listed) -> String {
    let Listed {
        name, outlet, sha256, ..
    } = listed;
    let folder = outlet
        .as_ref()
        .map_or_else(String::new, |outlet| format!("{outlet}/"));
    let hash = sha256.get(..HASH_DIGITS).unwrap_or(sha256);
    format!("{INCOMING}{folder}central/{date}/{hash}-{name}")
}
