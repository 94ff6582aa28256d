//! The Parameter Store of AWS Systems Manager, as far as the functions use it: `GetParameter`, `GetParameters` and
//! `PutParameter` of the API of 2014-11-06 (AWS JSON 1.1).
//!
//! The parameters are in `parameters.json` of the data folder, which its owner alone can read: a renewed refresh
//! token has to be there after a restart.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::clock;
use crate::env_file;
use crate::http::{self as web, Answer};
use crate::names;

/// What the targets of its requests begin with.
pub(crate) const TARGET: &str = "AmazonSSM.";
/// The largest request: ten names, or a name and a value.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;

/// Names of one `GetParameters`, and bytes of a value in the standard tier (Systems Manager API reference).
const NAMES_MAX: usize = 10;
const VALUE_BYTES_MAX: usize = 4096;
/// What is answered in place of a value that was not asked for decrypted.
const ENCRYPTED: &str = "ENCRYPTED";

/// The parameters; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Parameters(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: PathBuf,
    kept: Mutex<BTreeMap<String, Kept>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    value: String,
    kind: Kind,
    version: i64,
    modified_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    String,
    SecureString,
}

impl fmt::Debug for Kept {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Kept")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Get {
    name: String,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetMany {
    names: Vec<String>,
    #[serde(default)]
    with_decryption: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    name: String,
    value: String,
    #[serde(rename = "Type")]
    kind: Kind,
    #[serde(default)]
    overwrite: bool,
}

/// A refusal, as the service names it.
struct Refused(&'static str, &'static str);

impl Parameters {
    /// The parameters of a data folder.
    ///
    /// # Errors
    /// The file is there and is no such file.
    pub(crate) fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let file = data_dir.join("parameters.json");
        let kept = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| file.display().to_string())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error).with_context(|| file.display().to_string()),
        };
        Ok(Self(Arc::new(Inner {
            file,
            kept: Mutex::new(kept),
        })))
    }

    /// A parameter's value, which is put first if there is none.
    ///
    /// # Errors
    /// The file can't be written.
    pub(crate) async fn or_put(&self, name: &str, value: impl FnOnce() -> String) -> anyhow::Result<String> {
        let mut kept = self.0.kept.lock().await;
        if let Some(known) = kept.get(name) {
            return Ok(known.value.clone());
        }
        let value = value();
        self.keep(&mut kept, name, value.clone(), Kind::SecureString)
            .await?;
        Ok(value)
    }

    /// Answers a request, given what its target says after [`TARGET`].
    pub(crate) async fn handle(&self, operation: &str, body: &[u8]) -> Answer {
        let result = match operation {
            "GetParameter" => self.get(body).await,
            "GetParameters" => self.get_many(body).await,
            "PutParameter" => self.put(body).await,
            _ => Err(Refused("UnknownOperationException", "not run locally")),
        };
        match result {
            Ok(answer) => web::json(StatusCode::OK, &answer),
            Err(Refused(kind, message)) => {
                let status = if kind == "InternalServerError" {
                    StatusCode::INTERNAL_SERVER_ERROR
                } else {
                    StatusCode::BAD_REQUEST
                };
                web::json(status, &json!({"__type": kind, "message": message}))
            }
        }
    }

    async fn get(&self, body: &[u8]) -> Result<Value, Refused> {
        let asked: Get = read(body)?;
        let kept = self.0.kept.lock().await;
        let known = kept
            .get(&asked.name)
            .ok_or(Refused("ParameterNotFound", "no such parameter"))?;
        Ok(json!({"Parameter": shown(&asked.name, known, asked.with_decryption)}))
    }

    async fn get_many(&self, body: &[u8]) -> Result<Value, Refused> {
        let asked: GetMany = read(body)?;
        if asked.names.is_empty() || asked.names.len() > NAMES_MAX {
            return Err(Refused("ValidationException", "1 to 10 names"));
        }
        let kept = self.0.kept.lock().await;
        let (known, missing): (Vec<&String>, Vec<&String>) =
            asked.names.iter().partition(|name| kept.contains_key(*name));
        let known: Vec<Value> = known
            .into_iter()
            .filter_map(|name| Some(shown(name, kept.get(name)?, asked.with_decryption)))
            .collect();
        Ok(json!({"Parameters": known, "InvalidParameters": missing}))
    }

    async fn put(&self, body: &[u8]) -> Result<Value, Refused> {
        let asked: Put = read(body)?;
        if !asked.name.starts_with('/') || asked.value.is_empty() || asked.value.len() > VALUE_BYTES_MAX {
            return Err(Refused(
                "ValidationException",
                "a name with a slash, 1 to 4096 bytes",
            ));
        }
        let mut kept = self.0.kept.lock().await;
        if kept.contains_key(&asked.name) && !asked.overwrite {
            return Err(Refused("ParameterAlreadyExists", "there is such a parameter"));
        }
        match self.keep(&mut kept, &asked.name, asked.value, asked.kind).await {
            Ok(version) => Ok(json!({"Version": version, "Tier": "Standard"})),
            Err(error) => {
                tracing::error!(error = %format!("{error:#}"), "a parameter was not kept");
                Err(Refused("InternalServerError", "not kept"))
            }
        }
    }

    /// Writes the file with one parameter more or another, and only then takes it. Answers the parameter's version.
    async fn keep(
        &self,
        kept: &mut BTreeMap<String, Kept>,
        name: &str,
        value: String,
        kind: Kind,
    ) -> anyhow::Result<i64> {
        let version = kept.get(name).map_or(0, |known| known.version) + 1;
        let mut wanted = kept.clone();
        let parameter = Kept {
            value,
            kind,
            version,
            modified_ms: clock::now_ms(),
        };
        wanted.insert(name.to_owned(), parameter);
        let (file, bytes) = (self.0.file.clone(), serde_json::to_vec_pretty(&wanted)?);
        tokio::task::spawn_blocking(move || env_file::write_private(&file, &bytes)).await??;
        *kept = wanted;
        Ok(version)
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| Refused("ValidationException", "not such a request"))
}

fn shown(name: &str, kept: &Kept, decrypted: bool) -> Value {
    let value = match kept.kind {
        Kind::SecureString if !decrypted => ENCRYPTED,
        _ => &kept.value,
    };
    json!({
        "Name": name, "Type": kept.kind, "Value": value, "Version": kept.version,
        "LastModifiedDate": kept.modified_ms.div_euclid(1000),
        "ARN": format!("arn:aws:ssm:{}:{}:parameter{name}", names::REGION, names::ACCOUNT),
        "DataType": "text",
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    async fn ask(parameters: &Parameters, operation: &str, body: Value) -> (u16, Value) {
        let mut answer = parameters.handle(operation, body.to_string().as_bytes()).await;
        let status = answer.status().as_u16();
        let bytes = answer.body_mut().take_bytes().unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    fn put(value: &str, overwrite: bool) -> Value {
        json!({"Name": "/shop/token", "Value": value, "Type": "SecureString", "Overwrite": overwrite})
    }

    #[tokio::test]
    async fn a_parameter_is_there_after_a_restart_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let parameters = Parameters::open(folder.path()).unwrap();
        for (value, version) in [("first", 1), ("second", 2)] {
            let (status, answer) = ask(&parameters, "PutParameter", put(value, true)).await;
            assert_eq!((status, answer["Version"].as_i64()), (200, Some(version)));
        }
        let file = folder.path().join("parameters.json");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

        let again = Parameters::open(folder.path()).unwrap();
        let asked = json!({"Name": "/shop/token", "WithDecryption": true});
        let (_, answer) = ask(&again, "GetParameter", asked).await;
        assert_eq!(answer["Parameter"]["Value"], "second");
        let asked = json!({"Names": ["/shop/token", "/shop/none"]});
        let (_, answer) = ask(&again, "GetParameters", asked).await;
        assert_eq!(
            answer["Parameters"][0]["Value"], ENCRYPTED,
            "nobody asked to decrypt it"
        );
        assert_eq!(answer["InvalidParameters"], json!(["/shop/none"]));
        assert!(!format!("{again:?}").contains("second"));
    }

    #[tokio::test]
    async fn what_the_service_refuses_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let parameters = Parameters::open(folder.path()).unwrap();
        ask(&parameters, "PutParameter", put("first", false)).await;
        let names: Vec<String> = (0..11).map(|number| format!("/{number}")).collect();
        let cases = [
            ("PutParameter", put("second", false), "ParameterAlreadyExists"),
            (
                "PutParameter",
                put(&"x".repeat(4097), true),
                "ValidationException",
            ),
            ("PutParameter", put("", true), "ValidationException"),
            ("PutParameter", json!([]), "ValidationException"),
            ("GetParameter", json!({"Name": "/none"}), "ParameterNotFound"),
            ("GetParameters", json!({"Names": names}), "ValidationException"),
            ("DeleteParameter", json!({}), "UnknownOperationException"),
        ];
        for (operation, body, expected) in cases {
            let (status, answer) = ask(&parameters, operation, body).await;
            assert_eq!(
                (status, answer["__type"].as_str()),
                (400, Some(expected)),
                "{operation}"
            );
        }
        assert_eq!(
            parameters.or_put("/shop/token", || "no".into()).await.unwrap(),
            "first"
        );
        assert_eq!(
            parameters.or_put("/shop/new", || "yes".into()).await.unwrap(),
            "yes"
        );
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("data");
        std::fs::create_dir(&inner).unwrap();
        let parameters = Parameters::open(&inner).unwrap();
        ask(&parameters, "PutParameter", put("first", false)).await;
        std::fs::remove_dir_all(&inner).unwrap();
        let (status, _) = ask(&parameters, "PutParameter", put("second", true)).await;
        assert_eq!(status, 500);
        let asked = json!({"Name": "/shop/token", "WithDecryption": true});
        let (_, answer) = ask(&parameters, "GetParameter", asked).await;
        assert_eq!(answer["Parameter"]["Value"], "first");
    }
}
