//! One job of a part.

use std::time::Duration;

use aws::StoreError;
use domain::night::{Job, Outcome, Phase, Tally, Trouble};
use domain::when::BusinessDate;
use partners::central::Listed;

use super::Worker;
use crate::failure::STORE_FAILED;
use crate::pull::{Day, Stop};
use crate::{enrich, reconcile};

/// How long before the platform ends the run a job is broken off, in milliseconds: time to save what was done before.
const SAVING_MS: i64 = 15_000;

impl Worker<'_> {
    /// Does a job. What is wrong with the job alone is its outcome.
    pub(super) async fn run(&self, job: &Job) -> Result<Outcome, Stop> {
        let done = match job {
            Job::CentralFile {
                outlet,
                date,
                name,
                size,
                sha256,
            } => {
                let listed = Listed {
                    name: name.clone(),
                    outlet: outlet.clone(),
                    size: *size,
                    sha256: sha256.clone(),
                    modified_ms: None,
                };
                self.in_time(Box::pin(self.fetching.central_file(*date, &listed)))
                    .await
            }
            Job::MokaDay { outlet, moka, date } => {
                let day = Day {
                    outlet,
                    moka,
                    date: *date,
                };
                Box::pin(self.fetching.moka_day(day, self.deadline_ms)).await
            }
            Job::Outlet { outlet, date } => self.in_time(Box::pin(self.outlet(outlet, *date))).await,
        };
        match done {
            Err(Stop::Store(
                error @ (StoreError::Damaged(_) | StoreError::TooLarge(_) | StoreError::NotFound),
            )) => {
                tracing::error!(error = %error, outlet = job.outlet(), "job.failed");
                let source = job.source(self.part.phase);
                let trouble = Trouble::new(job.outlet(), source, STORE_FAILED, &error.to_string());
                Ok(Outcome::failed(trouble))
            }
            done => done,
        }
    }

    /// Reconciles or enriches an outlet.
    async fn outlet(&self, outlet: &str, tonight: BusinessDate) -> Result<Outcome, StoreError> {
        let (tally, troubles): (Tally, Vec<Trouble>) = if self.part.phase == Phase::Enrich {
            enrich::outlet(outlet, tonight, self.night, self.deps).await?
        } else {
            reconcile::outlet(outlet, tonight, self.night, self.deps).await?
        };
        Ok(Outcome {
            tally,
            troubles,
            ..Outcome::default()
        })
    }

    /// Breaks off what does not end while there is time to save the jobs before it.
    async fn in_time(&self, job: impl Future<Output = Result<Outcome, StoreError>>) -> Result<Outcome, Stop> {
        let now_ms = self.deps.now();
        let left_ms = self.deadline_ms.saturating_sub(now_ms).saturating_sub(SAVING_MS);
        let left = Duration::from_millis(u64::try_from(left_ms).unwrap_or_default());
        match tokio::time::timeout(left, job).await {
            Ok(done) => done.map_err(Stop::Store),
            Err(_) => Err(Stop::OutOfTime),
        }
    }
}
