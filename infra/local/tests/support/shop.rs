//! The whole set as a shop runs it: the program and the functions as they are.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Whatever the template names has to be there, or nothing starts.
const FUNCTIONS: [&str; 11] = [
    "accept-exports",
    "honour-rights",
    "ingest-sales",
    "score-feedback",
    "send-mail",
    "send-topups",
    "serve-dashboard",
    "serve-feedback",
    "serve-topups",
    "sync-nightly",
    "tell-partners",
];

/// How long a set may take until it answers.
const LONGEST_START: Duration = Duration::from_secs(300);

/// Waits until `look` finds something. Three minutes without it are a failure and no run that hangs.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    for _ in 0..18_000 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never happened: {what}")
}

/// A running set.
pub(crate) struct Shop {
    child: Child,
    pub(crate) data: PathBuf,
    pub(crate) base: String,
    key: String,
    pub(crate) client: reqwest::Client,
}

impl Shop {
    pub(crate) async fn start(data: &Path) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .canonicalize()
            .unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_local"));
        for function in FUNCTIONS {
            let built = program.parent().unwrap().join(function);
            assert!(
                built.exists(),
                "{} is not built: run the tests of the whole workspace",
                built.display()
            );
        }
        // The addresses of an earlier start must not be taken for this one's.
        let env = data.join("local.env");
        let old = std::fs::metadata(&env).and_then(|file| file.modified()).ok();
        let child = Command::new(program)
            .args(["--no-samples", "--template"])
            .arg(root.join("template.yaml"))
            .env("DATA_DIR", data)
            .env("PORT", "0")
            .env("AWS_PORT", "0")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Whatever fails from here on, the program is ended.
        let mut shop = Self {
            child,
            data: data.to_owned(),
            base: String::new(),
            key: String::new(),
            client: local::web_client().unwrap(),
        };
        let end = Instant::now() + LONGEST_START;
        loop {
            let ended = shop.child.try_wait().unwrap();
            assert!(ended.is_none(), "the set ended at its start");
            assert!(
                Instant::now() < end,
                "the set did not answer within five minutes of its start"
            );
            let new = std::fs::metadata(&env).and_then(|file| file.modified()).ok();
            if new.is_some() && new != old {
                let text = std::fs::read_to_string(&env).unwrap();
                let value = |name: &str| {
                    let line = text.lines().find(|line| line.starts_with(name)).unwrap();
                    line.split_once('=').unwrap().1.to_owned()
                };
                (shop.base, shop.key) = (value("BASE_URL"), value("API_KEY"));
                let health = shop.client.get(format!("{}/v1/health", shop.base));
                if health.send().await.is_ok_and(|reply| reply.status().is_success()) {
                    return shop;
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let request = self
            .client
            .get(format!("{}{path}", self.base))
            .bearer_auth(&self.key);
        let reply = request.send().await.unwrap();
        let status = reply.status().as_u16();
        (
            status,
            serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap_or_default(),
        )
    }

    /// Puts a document; answers the status.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> u16 {
        let request = self.client.put(format!("{}{path}", self.base));
        let request = request.bearer_auth(&self.key).json(body);
        request.send().await.unwrap().status().as_u16()
    }

    /// Posts a document; the status and the answer.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.base));
        let reply = request.bearer_auth(&self.key).json(body).send().await.unwrap();
        let status = reply.status().as_u16();
        (
            status,
            serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap_or_default(),
        )
    }

    /// Asks something of the running set, as a person does with `make`; answers whether it worked, and what was said.
    pub(crate) fn ask(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_local"))
            .args(arguments)
            .args(["--template", "../../template.yaml"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("DATA_DIR", &self.data)
            .env("YES", "restore")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), said)
    }

    pub(crate) async fn export(&self, key: &str) -> Value {
        let key: String = key.replace('+', "%2B").replace(' ', "%20");
        self.get(&format!("/v1/exports?key={key}")).await.1
    }

    /// Waits for an export to come to its end.
    pub(crate) async fn done(&self, key: &str) -> Value {
        eventually(key, || async {
            let export = self.export(key).await;
            matches!(export["state"].as_str(), Some("done" | "failed")).then_some(export)
        })
        .await
    }

    pub(crate) fn drop_in(&self, name: &str, bytes: &[u8]) {
        let folder = self.data.join("s3/exports/incoming");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), bytes).unwrap();
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Shop {
    /// A test that fails leaves nothing running.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
