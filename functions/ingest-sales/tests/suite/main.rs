//! Everything that is asked of `ingest-sales`, in one program: each further one would be linked with all of AWS anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answers;
mod faults;
mod full;
mod hostile;
mod ingest;
mod replay;
mod retell;
mod rights;
mod samples;
mod support;
