//! Who can sign in on this machine: `people.json` in the data folder.
//!
//! The file is read anew whenever somebody signs in, so a change counts at once. A `password` that
//! somebody writes into it is replaced by its hash the next time.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use domain::staff::Role;
use lambda_edge::clock::random;
use ring::pbkdf2;
use serde::{Deserialize, Serialize};

use crate::env_file::write_private;

/// The file's name.
const FILE: &str = "people.json";
/// How a hash begins: the function and its rounds, of which there are as many as OWASP's Password
/// Storage Cheat Sheet asks for with this function.
const HASH_KIND: &str = "pbkdf2-sha256";
const ROUNDS: NonZeroU32 = match NonZeroU32::new(600_000) {
    Some(rounds) => rounds,
    None => NonZeroU32::MIN,
};
/// The length of a hash, in bytes.
const HASH_BYTES: usize = 32;

/// A person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    /// What the audit trail calls them: it must stay the same when the name changes.
    pub(super) subject: String,
    /// What the pages call them.
    pub(super) name: String,
    /// Their roles.
    pub(super) roles: BTreeSet<Role>,
    /// The outlets that they see; all where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) outlets: Option<BTreeSet<String>>,
    /// A password as somebody has written it into the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    /// What is kept of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password_hash: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    people: Vec<Person>,
}

/// The file of people; clones share it.
#[derive(Debug, Clone)]
pub(super) struct People(Arc<PathBuf>);

impl People {
    /// Opens the file, or writes one with a few people of different roles.
    ///
    /// # Errors
    /// The file cannot be read or written, or says something that it cannot.
    pub(super) fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let people = Self(Arc::new(data_dir.join(FILE)));
        if !people.0.exists() {
            people.write(&File { people: examples() })?;
        }
        people.read()?;
        Ok(people)
    }

    /// Everybody, as the file says now.
    ///
    /// # Errors
    /// The file cannot be read, or says something that it cannot.
    pub(super) async fn list(&self) -> anyhow::Result<Vec<Person>> {
        let people = self.clone();
        tokio::task::spawn_blocking(move || people.read()).await?
    }

    fn read(&self) -> anyhow::Result<Vec<Person>> {
        let context = || format!("{} (who can sign in)", self.0.display());
        let bytes = std::fs::read(&*self.0).with_context(context)?;
        let mut file: File = serde_json::from_slice(&bytes).with_context(context)?;
        let mut subjects = BTreeSet::new();
        for person in &file.people {
            let subject = &person.subject;
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            ensure!(
                !subject.is_empty() && subject.bytes().all(plain),
                "{}: a subject has letters, digits, and -_. only",
                self.0.display()
            );
            ensure!(
                subjects.insert(subject),
                "{}: {subject} is there twice",
                self.0.display()
            );
        }
        let mut changed = false;
        for person in &mut file.people {
            if let Some(password) = person.password.take() {
                person.password_hash = Some(hash(&password)?);
                changed = true;
            }
        }
        if changed {
            self.write(&file).with_context(context)?;
        }
        Ok(file.people)
    }

    fn write(&self, file: &File) -> anyhow::Result<()> {
        let mut text = serde_json::to_string_pretty(file)?;
        text.push('\n');
        Ok(write_private(&self.0, text.as_bytes())?)
    }
}

impl Person {
    /// Whether the person is asked for a password.
    pub(super) fn has_password(&self) -> bool {
        self.password_hash.is_some()
    }

    /// Whether somebody who gives this password may be the person. Takes a good part of a second.
    pub(super) async fn admits(&self, password: &str) -> bool {
        let Some(hash) = self.password_hash.clone() else {
            return true;
        };
        let password = password.to_owned();
        let right = tokio::task::spawn_blocking(move || is_right(&hash, &password)).await;
        right.unwrap_or(false)
    }
}

fn hash(password: &str) -> anyhow::Result<String> {
    let salt = random::<16>()?;
    let mut hash = [0; HASH_BYTES];
    let bytes = password.as_bytes();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, bytes, &mut hash);
    let (salt, hash) = (BASE64.encode(salt), BASE64.encode(hash));
    Ok(format!("{HASH_KIND}${ROUNDS}${salt}${hash}"))
}

/// A hash that cannot be read admits nobody.
fn is_right(hash: &str, password: &str) -> bool {
    let parts: Vec<&str> = hash.split('$').collect();
    let [HASH_KIND, rounds, salt, expected] = *parts else {
        return false;
    };
    let (Ok(rounds), Ok(salt), Ok(expected)) = (rounds.parse(), BASE64.decode(salt), BASE64.decode(expected))
    else {
        return false;
    };
    let password = password.as_bytes();
    expected.len() == HASH_BYTES
        && pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, password, &expected).is_ok()
}

/// The people of a warung, to begin with.
fn examples() -> Vec<Person> {
    let person = |subject: &str, name: &str, roles: &[Role], outlet: Option<&str>| Person {
        subject: subject.to_owned(),
        name: name.to_owned(),
        roles: roles.iter().copied().collect(),
        outlets: outlet.map(|outlet| BTreeSet::from([outlet.to_owned()])),
        password: None,
        password_hash: None,
    };
    vec![
        person(
            "sari",
            "Ibu Sari",
            &[Role::Operator, Role::Approver, Role::Auditor],
            None,
        ),
        person("budi", "Budi", &[Role::Operator], Some("moka-100818")),
        person("rina", "Rina", &[Role::Viewer], None),
        person("anton", "Pak Anton", &[Role::Auditor], None),
        // What needs two people needs a second one who may.
        person("hasan", "Pak Hasan", &[Role::Approver], None),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_start_writes_people_of_different_roles() {
        let folder = tempfile::tempdir().unwrap();
        let people = People::open(folder.path()).unwrap().read().unwrap();
        let subjects: Vec<&str> = people.iter().map(|person| &*person.subject).collect();
        assert_eq!(subjects, ["sari", "budi", "rina", "anton", "hasan"]);
        assert!(people.iter().all(|person| !person.has_password()));
        let mode = folder.path().join(FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_password_is_kept_as_its_hash_alone() {
        let folder = tempfile::tempdir().unwrap();
        let people = People::open(folder.path()).unwrap();
        let file = folder.path().join(FILE);
        let text = std::fs::read_to_string(&file).unwrap();
        let written = text.replacen(
            "\"subject\": \"sari\"",
            "\"subject\": \"sari\", \"password\": \"soto ayam\"",
            1,
        );
        std::fs::write(&file, written).unwrap();
        let listed = people.read().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("soto") && text.contains(HASH_KIND), "{text}");
        let hash = listed[0].password_hash.clone().unwrap();
        assert!(is_right(&hash, "soto ayam"));
        assert!(!is_right(&hash, "soto ayam "));
        assert_eq!(people.read().unwrap(), listed);
    }

    #[test]
    fn an_unreadable_hash_admits_nobody() {
        for hash in [
            "",
            "soto",
            "pbkdf2-sha256$1$AAAA$",
            "plain$1$AAAA$AAAA",
            "pbkdf2-sha256$0$AAAA$AAAA",
        ] {
            assert!(!is_right(hash, ""), "{hash}");
        }
    }

    #[test]
    fn a_file_with_a_mistake_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let mistakes = [
            "{",
            r#"{"people": [{"subject": "a", "name": "A", "roles": ["king"]}]}"#,
            r#"{"people": [{"subject": "a b", "name": "A", "roles": []}]}"#,
            r#"{"people": [{"subject": "a", "name": "A", "roles": []}, {"subject": "a", "name": "B", "roles": []}]}"#,
            r#"{"people": [{"subject": "a", "name": "A", "roles": [], "outlet": "x"}]}"#,
        ];
        for mistake in mistakes {
            std::fs::write(folder.path().join(FILE), mistake).unwrap();
            let error = People::open(folder.path()).unwrap_err();
            assert!(format!("{error:#}").contains(FILE), "{mistake}");
        }
    }
}
