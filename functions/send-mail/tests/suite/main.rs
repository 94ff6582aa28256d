//! Everything that is asked of `send-mail`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod delivery;
mod duties;
mod low_scores;
mod night_reports;
mod rights_reminders;
mod support;
mod topup_alerts;
mod wording;
