//! The Lambda edge: what every function does before and after its own work.
//!
//! Configuration (the only reader of the environment), the clock and the source of randomness (the
//! only ones), structured logs, partial batches, problem documents.

pub mod batch;
pub mod clock;
pub mod config;
pub mod http;
pub mod http_input;
pub mod log;
pub mod problem;
pub mod stream;
