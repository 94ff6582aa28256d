//! A secret that is cached, rotated under way, and never shown. In a function the source is
//! `secrets::ssm::ParameterStore` (feature `ssm`) instead of `Fixed`.

use std::sync::Arc;

use lambda_edge::redact::{Redactor, Secret};
use lambda_edge::secrets::{Fixed, SecretError, SecretSource, Secrets};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), SecretError> {
    let secrets = Secrets::new(Fixed::of([("/mail/key", "k-0123456789")]));
    secrets.prefetch(&["/mail/key"]).await?;
    send(&secrets).await?;
    // Whatever reaches a log by another way is masked, too.
    let line = Redactor::process().text("refused: k-0123456789").into_owned();
    assert_eq!(line, "refused: [secret]");
    Ok(())
}

/// Sends with the key there is; when it is refused, once more with a newer one if there is one.
async fn send<S: SecretSource + Sync>(secrets: &Secrets<S>) -> Result<bool, SecretError> {
    let key = secrets.get("/mail/key").await?;
    if is_accepted(&key) {
        return Ok(true);
    }
    let newer = secrets.refresh("/mail/key").await?;
    Ok(!Arc::ptr_eq(&key, &newer) && is_accepted(&newer))
}

fn is_accepted(key: &Secret<String>) -> bool {
    key.expose().starts_with("k-")
}
