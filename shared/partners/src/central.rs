//! The server that lists the files of a day.
//!
//! Two routes, both `GET` with a bearer token: the listing of a day, and a file by its name. A listing says size and
//! SHA-256 of each file, and how many files it lists: whatever is lost on the way shows. See `docs/central-server.md`.

mod download;
mod listing;

use domain::when::BusinessDate;
use lambda_edge::redact::Secret;

use crate::http::{AddressError, Answer, Base, Cause, Http, HttpError};

pub use download::Download;
pub use listing::{EntryProblem, Listed, Listing, ListingProblem, Refused, SCHEMA};

/// What is taken at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest file, in bytes.
    pub file_bytes: u64,
    /// The largest listing, in bytes.
    pub listing_bytes: usize,
    /// The most files of a day.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 256 << 20,
            // So many entries as there may be files, with long names.
            listing_bytes: 16 << 20,
            files: 20_000,
        }
    }
}

/// Why the central server gave no listing or no file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CentralError {
    /// The address in the settings, or one made from it, is not asked.
    #[error("the address of the central server is refused: {0}")]
    Address(#[from] AddressError),
    /// The token in the settings cannot be sent.
    #[error("the token for the central server has characters that no header may have")]
    Token,
    /// No answer, none in time, half of one, or "not now" every time.
    #[error("the central server cannot be reached: {0}")]
    Unreachable(#[from] Cause),
    /// The server does not take the token (401, 403).
    #[error("the central server does not take the token")]
    Unauthorised,
    /// The server has no listing of this day (404, 410).
    #[error("the central server has no listing of this day")]
    NoListing,
    /// The server lists a file that it does not have (404, 410).
    #[error("the central server does not have a file that it lists")]
    FileMissing,
    /// Any other status; a redirect is one. It holds the status.
    #[error("the central server answered with status {0}")]
    Refused(u16),
    /// The listing as a whole cannot be used.
    #[error("the listing of the central server cannot be used: {0}")]
    Listing(ListingProblem),
    /// A file is not as long as its listing says, or longer than any may be.
    #[error("a file of the central server has {found} bytes or more, its listing says {listed}")]
    Size {
        /// What the listing says.
        listed: u64,
        /// What had come when it was given up, or what the server said would come.
        found: u64,
    },
    /// A file's content is not what its listing says.
    #[error("a file of the central server does not have the SHA-256 that its listing says")]
    Checksum,
}

impl CentralError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "CENTRAL_ADDRESS",
            Self::Token => "CENTRAL_TOKEN",
            Self::Unreachable(_) => "CENTRAL_UNREACHABLE",
            Self::Unauthorised => "CENTRAL_UNAUTHORISED",
            Self::NoListing => "CENTRAL_NO_LISTING",
            Self::FileMissing => "CENTRAL_FILE_MISSING",
            Self::Refused(_) => "CENTRAL_REFUSED",
            Self::Listing(_) => "CENTRAL_LISTING",
            Self::Size { .. } => "CENTRAL_SIZE",
            Self::Checksum => "CENTRAL_CHECKSUM",
        }
    }

    /// Whether asking again in a minute may end better, without anybody doing anything. A file that was being
    /// replaced while it was read has the wrong size or checksum once, so these count as well.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Size { .. } | Self::Checksum)
    }
}

/// The central server.
#[derive(Clone, Debug)]
pub struct Central {
    base: Base,
    token: Secret<String>,
    http: Http,
    limits: Limits,
}

impl Central {
    /// The server at an address, under which its routes begin with `/v1`.
    ///
    /// # Errors
    /// [`CentralError::Address`] unless it is `https`, or `http` on this machine.
    pub fn new(
        base_url: &str,
        token: Secret<String>,
        http: Http,
        limits: Limits,
    ) -> Result<Self, CentralError> {
        Ok(Self {
            base: Base::parse(base_url)?,
            token,
            http,
            limits,
        })
    }

    /// The files of a day.
    ///
    /// # Errors
    /// [`CentralError`], `Size` and `Checksum` excepted. An entry that breaks a rule is no error of the listing:
    /// it is in [`Listing::refused`], and the others can be fetched.
    pub async fn list(&self, date: BusinessDate) -> Result<Listing, CentralError> {
        let url = self.base.route(&["v1", "days", &date.to_string()])?;
        let answer = self.answer(&url, CentralError::NoListing).await?;
        let body = match answer.body(self.limits.listing_bytes).await {
            Err(HttpError::TooLarge(limit)) => {
                return Err(CentralError::Listing(ListingProblem::TooLarge(limit)));
            }
            body => body.map_err(of_http)?,
        };
        listing::read(&body, date, self.limits).map_err(CentralError::Listing)
    }

    /// A listed file, as a stream that ends well only with exactly the bytes that were listed.
    ///
    /// # Errors
    /// [`CentralError`], `NoListing` and `Listing` excepted; those of the content come from the stream.
    pub async fn fetch(&self, file: &Listed) -> Result<Download, CentralError> {
        let url = self.base.route(&["v1", "files", &file.name])?;
        let answer = self.answer(&url, CentralError::FileMissing).await?;
        Download::begin(answer, file, self.limits.file_bytes)
    }

    /// An answer with status 200, or what the other one means.
    async fn answer(&self, url: &reqwest::Url, missing: CentralError) -> Result<Answer, CentralError> {
        let answer = self.http.get(url, &self.token).await.map_err(of_http)?;
        match answer.status() {
            200 => Ok(answer),
            401 | 403 => Err(CentralError::Unauthorised),
            404 | 410 => Err(missing),
            status => Err(CentralError::Refused(status)),
        }
    }
}

fn of_http(error: HttpError) -> CentralError {
    match error {
        HttpError::Away(cause) => CentralError::Unreachable(cause),
        HttpError::Address(error) => CentralError::Address(error),
        HttpError::Token => CentralError::Token,
        HttpError::TooLarge(limit) => CentralError::Listing(ListingProblem::TooLarge(limit)),
    }
}
