//! What tests share: a world of real engines on loopback, and faults between it and the code.
//!
//! The engines are those of the one-machine run, with tables and bucket as `template.yaml` has them,
//! in a folder that goes away with the world. Nothing is mocked: adapters speak their wire protocols.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't be set up has failed"
)]

pub mod faults;
pub mod world;

pub use faults::Faults;
pub use world::World;
