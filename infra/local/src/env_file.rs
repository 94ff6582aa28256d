//! `local.env`: the API key and the addresses, for a person's shell and for the next start.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::names;

/// The name of the line with the API key.
const API_KEY: &str = "API_KEY";

/// The file's path in the data folder.
pub(crate) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("local.env")
}

/// The API key of an earlier start.
///
/// # Errors
/// The file is there and cannot be read.
pub(crate) fn api_key(data_dir: &Path) -> std::io::Result<Option<String>> {
    value(data_dir, API_KEY)
}

/// A line's value; `None` where it is missing or empty.
///
/// # Errors
/// The file is there and cannot be read.
pub(crate) fn value(data_dir: &Path, name: &str) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(path(data_dir)) {
        Ok(text) => {
            let values = text
                .lines()
                .filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            Ok(values
                .map(str::trim)
                .find(|value| !value.is_empty())
                .map(str::to_owned))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the file. `partners` are further lines: where the servers of other people are, and what they ask for.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(
    data_dir: &Path,
    api_key: &str,
    (base_url, aws_url): (&str, &str),
    partners: &[(&str, String)],
) -> std::io::Result<()> {
    let mut text = format!(
        "{API_KEY}={api_key}\nBASE_URL={base_url}\nAWS_ENDPOINT_URL={aws_url}\nAWS_ACCESS_KEY_ID=test\n\
         AWS_SECRET_ACCESS_KEY=test\nAWS_REGION={}\n",
        names::REGION
    );
    for (name, value) in partners {
        text.push_str(&format!("{name}={value}\n"));
    }
    write_private(&path(data_dir), text.as_bytes())
}

/// Writes a file that its owner only can read. It appears whole or not at all.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(unfinished, path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_found_again_and_private() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(api_key(folder.path()).unwrap(), None);
        let partners = [("CENTRAL_URL", "http://b/central".to_owned())];
        write(folder.path(), "secret", ("http://b", "http://a"), &[]).unwrap();
        write(folder.path(), "secret", ("http://c", "http://a"), &partners).unwrap();
        assert_eq!(api_key(folder.path()).unwrap().as_deref(), Some("secret"));
        let central = value(folder.path(), "CENTRAL_URL").unwrap();
        assert_eq!(central.as_deref(), Some("http://b/central"));
        let file = path(folder.path());
        assert!(
            std::fs::read_to_string(&file)
                .unwrap()
                .contains("BASE_URL=http://c\n")
        );
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
