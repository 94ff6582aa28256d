//! Jobs that need not be tried, because the server is away.

use std::collections::BTreeSet;

use domain::night::{Job, Outcome, Phase, Trouble};

/// After how many jobs in a row that their server did not let happen others are not tried.
const AWAY_MAX: usize = 7;
/// Of how many outlets they have to be before it is taken for the server, and not for the outlet: at Moka one outlet
/// alone may have half a month of days.
const OUTLETS_MIN: usize = 3;

/// The last jobs of a part, as far as their server did not let them happen.
#[derive(Debug, Default)]
pub(super) struct Away {
    jobs: usize,
    /// The outlets of those that fetch an outlet's day.
    outlets: BTreeSet<String>,
    /// Whether one of them is a file, which any outlet may have.
    is_file: bool,
}

impl Away {
    /// Notes how the next job ended.
    pub(super) fn note(&mut self, job: &Job, outcome: &Outcome) {
        if !outcome.failed || !outcome.troubles.iter().any(is_of_server) {
            *self = Self::default();
            return;
        }
        self.jobs += 1;
        match job {
            Job::MokaDay { outlet, .. } => {
                self.outlets.insert(outlet.clone());
            }
            Job::CentralFile { .. } | Job::Outlet { .. } => self.is_file = true,
        }
    }

    /// The outcomes of those of the jobs that are left, from the next one on, that are not tried. All jobs of a part
    /// have the same server: each would wait for it as long again.
    pub(super) fn passed_over(&self, left: &[Job], phase: Phase) -> Vec<Outcome> {
        if self.jobs < AWAY_MAX {
            return Vec::new();
        }
        let detail = "not tried: the server did not let the jobs before it happen";
        let trouble = |job: &Job| Trouble::new(job.outlet(), job.source(phase), "PART_GIVEN_UP", detail);
        left.iter()
            .take_while(|job| self.is_expected_of(job))
            .map(|job| Outcome::failed(trouble(job)))
            .collect()
    }

    fn is_expected_of(&self, job: &Job) -> bool {
        let is_server = self.is_file || self.outlets.len() >= OUTLETS_MIN;
        is_server || job.outlet().is_some_and(|outlet| self.outlets.contains(outlet))
    }
}

/// Whether a trouble would meet the next job of the same server as well.
fn is_of_server(trouble: &Trouble) -> bool {
    const CODES: [&str; 7] = [
        "CENTRAL_UNAUTHORISED",
        "CENTRAL_UNREACHABLE",
        "MOKA_RENEWAL_UNKNOWN",
        "MOKA_TOKEN_NOT_KEPT",
        "MOKA_TOKEN_STORE",
        "MOKA_UNAUTHORISED",
        "MOKA_UNREACHABLE",
    ];
    CODES.contains(&trouble.code.as_str())
}
