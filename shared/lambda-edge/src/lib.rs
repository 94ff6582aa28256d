//! What a Rust function on AWS Lambda needs around its own work.
//!
//! | module | what it does |
//! |---|---|
//! | [`start`] | starts a function: log, metrics, and what happens around every invocation |
//! | [`env`](mod@env) | reads configuration; the only reader of the environment |
//! | [`clock`] | the only reader of time and randomness |
//! | [`log`] | one flat JSON object a line |
//! | [`redact`] | keeps secrets and personal data out of logs, metrics and error texts |
//! | [`correlation`] | the id that follows a piece of work |
//! | [`invocation`] | request id, deadline and trace of the invocation that is going on |
//! | [`metrics`] | CloudWatch's embedded metric format |
//! | [`secrets`] | cached secrets that fail closed |
//! | [`batch`] | partial batches of queues and streams |
//! | [`idempotency`] | a ledger that stays right when a function times out |
//!
//! See the README for a first example and for what is guaranteed.

pub mod batch;
pub mod clock;
pub mod correlation;
pub mod env;
pub mod idempotency;
pub mod invocation;
pub mod log;
pub mod metrics;
pub mod output;
pub mod redact;
pub mod secrets;
pub mod start;

pub use invocation::Invocation;
pub use start::{Edge, EdgeSettings};

/// The README's example, so that it keeps compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
