//! The HTTP client of this machine's own calls.

use rustls::crypto::{CryptoProvider, ring};

/// A client that asks no proxy. Every call of it is plain HTTP to this machine, but a client comes with TLS, which
/// wants to know once for a process whose cryptography to use.
///
/// # Errors
/// The operating system's trusted certificates cannot be read.
pub fn web_client() -> reqwest::Result<reqwest::Client> {
    if CryptoProvider::get_default().is_none() {
        // An error means that somebody was quicker: one is installed either way.
        drop(ring::default_provider().install_default());
    }
    reqwest::Client::builder().no_proxy().build()
}
