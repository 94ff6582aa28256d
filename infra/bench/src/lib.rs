//! What the back office costs and how fast it is, measured on its own code.
//!
//! Counts are exact and asserted in `tests/counts.rs`; speed and memory are measured side by side in
//! one run and never asserted, because a machine's mood is no property of the code.

pub mod anatomy;
pub mod counts;
pub mod floor;
mod function;
pub mod generator;
mod null_aws;
pub mod peers;
pub mod report;
mod runtime_api;
mod server;
pub mod speed;
pub mod startup;

/// How many processors this machine has.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}
