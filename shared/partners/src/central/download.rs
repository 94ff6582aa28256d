//! A file on its way.

use bytes::Bytes;
use futures::stream::{self, Stream};
use sha2::{Digest, Sha256};

use super::{CentralError, Listed};
use crate::http::Answer;

/// A file on its way. The last piece is handed on only when size and SHA-256 of the whole are those of the listing,
/// so whoever writes it down as it comes never has a whole bad file.
#[derive(Debug)]
pub struct Download {
    answer: Answer,
    listed: u64,
    sha256: String,
    taken: u64,
    hash: Sha256,
    held: Option<Bytes>,
    end: Option<Result<(), CentralError>>,
}

impl Download {
    /// # Errors
    /// [`CentralError::Size`] for a file too large, or one that the server itself says is of another size.
    pub(super) fn begin(answer: Answer, file: &Listed, bytes_max: u64) -> Result<Self, CentralError> {
        let found = answer.length().unwrap_or(file.size);
        if found != file.size || file.size > bytes_max {
            return Err(CentralError::Size {
                listed: file.size,
                found,
            });
        }
        Ok(Self {
            answer,
            listed: file.size,
            sha256: file.sha256.clone(),
            taken: 0,
            hash: Sha256::new(),
            held: None,
            end: None,
        })
    }

    /// How many bytes will come: what the listing says.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.listed
    }

    /// The next piece; `None` once everything has come and is right.
    ///
    /// # Errors
    /// [`CentralError::Size`], [`CentralError::Checksum`], [`CentralError::Unreachable`]; the same one again from
    /// then on.
    pub async fn next(&mut self) -> Result<Option<Bytes>, CentralError> {
        loop {
            if let Some(end) = &self.end {
                return end.clone().map(|()| None);
            }
            match self.answer.chunk().await {
                Ok(Some(chunk)) => {
                    if let Some(before) = self.take(chunk) {
                        return Ok(Some(before));
                    }
                }
                Ok(None) => {
                    self.end = Some(self.verdict());
                    if self.end == Some(Ok(())) {
                        return Ok(self.held.take());
                    }
                }
                Err(cause) => self.end = Some(Err(cause.into())),
            }
        }
    }

    /// The whole file in memory.
    ///
    /// # Errors
    /// As [`Download::next`].
    pub async fn bytes(mut self) -> Result<Vec<u8>, CentralError> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.next().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole)
    }

    /// The pieces as a stream, which is over after an error. Its end without one means that everything was right.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, CentralError>> + Send {
        stream::unfold(Some(self), |download| async move {
            let mut download = download?;
            let item = download.next().await.transpose()?;
            let rest = item.is_ok().then_some(download);
            Some((item, rest))
        })
    }

    /// Takes a piece in and gives the one before it out: there is always one left to hold back.
    fn take(&mut self, chunk: Bytes) -> Option<Bytes> {
        if chunk.is_empty() {
            return None;
        }
        self.taken += chunk.len() as u64;
        if self.taken > self.listed {
            self.end = Some(Err(self.wrong_size()));
            return None;
        }
        self.hash.update(&chunk);
        self.held.replace(chunk)
    }

    /// What is to be said of the whole, now that it is there.
    fn verdict(&mut self) -> Result<(), CentralError> {
        if self.taken != self.listed {
            return Err(self.wrong_size());
        }
        let hash = std::mem::take(&mut self.hash).finalize();
        if data_encoding::HEXLOWER.encode(&hash) != self.sha256 {
            return Err(CentralError::Checksum);
        }
        Ok(())
    }

    const fn wrong_size(&self) -> CentralError {
        CentralError::Size {
            listed: self.listed,
            found: self.taken,
        }
    }
}
