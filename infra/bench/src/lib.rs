//! What the back office costs and how fast it is, measured on its own code.
//!
//! Counts are exact and asserted in `tests/counts.rs`; speed and memory are measured side by side in
//! one run and never asserted, because a machine's mood is no property of the code.

pub mod anatomy;
pub mod counts;
pub mod floor;
pub mod generator;
