//! What tests share: a world of real engines on loopback, and faults between it and the code.
//!
//! The engines are those of the one-machine run, with tables and bucket as `template.yaml` has them,
//! in a folder that goes away with the world. Nothing is mocked: adapters speak their wire protocols.
//!
//! A test of the stores alone takes [`Stores`] in place of a [`World`]: the same tables and bucket, on
//! whichever engine the environment names.
//!
//! What must stand nowhere is looked for with [`search`], in [`log`] as in what is stored.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't be set up has failed"
)]

pub mod engine;
pub mod faults;
pub mod log;
pub mod search;
pub mod stores;
mod undone;
pub mod world;

pub use engine::Engine;
pub use faults::Faults;
pub use stores::Stores;
pub use world::World;

/// Metrics that nobody reads.
#[must_use]
pub fn metrics() -> lambda_edge::metrics::Metrics {
    let metrics = lambda_edge::metrics::Metrics::new("Test", [("function", "test")]);
    let metrics = metrics.expect("a namespace that CloudWatch takes");
    metrics.with_output(lambda_edge::output::Output::memory())
}

/// Tells the HTTP clients of a test which TLS stack there is: they want to know one even where they never
/// speak TLS. Only the first test of a process can tell, and all of them tell the same.
fn name_tls_stack() {
    drop(rustls::crypto::ring::default_provider().install_default());
}
