//! One function process: the unchanged program of a Lambda function, started with Lambda's environment.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::id;
use crate::issuer;
use crate::log_file::LogFile;
use crate::names;
use crate::partners;
use crate::runtime_api::{Delivery, RuntimeApi};
use crate::state::{self, State, StateError};
use crate::template::Function;

/// What every function process is told.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// Folder of the function programs.
    pub(crate) functions_dir: PathBuf,
    /// Folder of the log files.
    pub(crate) log_dir: PathBuf,
    /// Address of the Runtime API, with scheme.
    pub(crate) runtime_url: String,
    /// Address of the AWS endpoint.
    pub(crate) aws_url: String,
    /// Address of the DynamoDB engine.
    pub(crate) dynamodb_url: String,
    /// Address of the HTTP API.
    pub(crate) public_url: String,
}

/// A running function process. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    /// Its Runtime API path prefix.
    pub(crate) prefix: String,
    /// The process.
    pub(crate) child: Child,
    /// Where its events are sent.
    pub(crate) deliveries: mpsc::Sender<Delivery>,
    api: RuntimeApi,
}

impl Process {
    /// Starts the program of `function`.
    ///
    /// # Errors
    /// The program is missing or cannot be run.
    pub(crate) async fn start(
        function: &Function,
        surroundings: &Surroundings,
        api: &RuntimeApi,
        state: &State,
    ) -> std::io::Result<Self> {
        let prefix = format!("{}/{}", function.name, id::uuid());
        let program = surroundings.functions_dir.join(&function.binary);
        let marker = format!("{}/{prefix}", surroundings.runtime_url);
        let mut command = command(function, surroundings, &marker);
        let log = LogFile::open(&surroundings.log_dir, &function.binary)?;
        let deliveries = api.open(&prefix);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                api.close(&prefix);
                return Err(std::io::Error::new(
                    error.kind(),
                    format!("{}: {error}", program.display()),
                ));
            }
        };
        if let Some(output) = child.stdout.take() {
            tokio::spawn(copy_lines(output, log.clone()));
        }
        if let Some(output) = child.stderr.take() {
            tokio::spawn(copy_lines(output, log));
        }
        let process = Self {
            prefix,
            child,
            deliveries,
            api: api.clone(),
        };
        if let Some(pid) = process.child.id() {
            // Only a help for a start after a kill; the function runs without it.
            if let Err(error) = state.add_child(state::Child { pid, marker }).await {
                tracing::warn!(%error, "a process was not recorded");
            }
        }
        Ok(process)
    }

    /// Kills the process and waits for its end.
    pub(crate) async fn end(mut self, state: &State) {
        let pid = self.child.id();
        if let Err(error) = self.child.kill().await {
            tracing::debug!(%error, "a process had ended before");
        }
        if let Some(pid) = pid
            && let Err(error) = state.remove_child(pid).await
        {
            tracing::debug!(%error, "a process was not forgotten");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.api.close(&self.prefix);
    }
}

/// Where this machine has the servers of other people, for a function that is told of them.
fn partners_of(function: &Function, public_url: &str) -> Vec<(&'static str, String)> {
    let settings = partners::environment(public_url).into_iter();
    settings
        .filter(|(name, _)| function.environment.contains_key(*name))
        .collect()
}

/// The command of a function's program, with Lambda's environment and nothing of this machine's: a profile or a
/// session of the person at the keyboard must not reach a function. `runtime_api` is the process's own address.
fn command(function: &Function, surroundings: &Surroundings, runtime_api: &str) -> Command {
    let mut command = Command::new(surroundings.functions_dir.join(&function.binary));
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .env("TZ", ":UTC")
        .envs(&function.environment)
        .env("PUBLIC_URL", &surroundings.public_url)
        .envs(issuer::environment(&surroundings.public_url))
        .envs(partners_of(function, &surroundings.public_url))
        // Whoever tries webhooks on this machine has no https.
        .env("TOPUP_WEBHOOKS_LOCAL", "true")
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string())
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env(
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/{}", function.name),
        )
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "local")
        .env("AWS_REGION", names::REGION)
        .env("AWS_DEFAULT_REGION", names::REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", &surroundings.aws_url)
        // Past the shared port: one hop less for most of the calls.
        .env("AWS_ENDPOINT_URL_DYNAMODB", &surroundings.dynamodb_url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // Its own group: Ctrl-C at the terminal reaches this program alone, which then ends the functions.
    #[cfg(unix)]
    command.process_group(0);
    command
}

async fn copy_lines(output: impl AsyncRead + Unpin, log: LogFile) {
    let mut reader = BufReader::new(output);
    let mut line = Vec::new();
    loop {
        let chunk = match reader.fill_buf().await {
            Ok([]) | Err(_) => break,
            Ok(chunk) => chunk,
        };
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(chunk.len(), |end| end + 1);
        log.keep(&mut line, &chunk[..end.unwrap_or(taken)]);
        reader.consume(taken);
        if end.is_some() {
            log.write(&line);
            line.clear();
        }
    }
    if !line.is_empty() {
        log.write(&line);
    }
}

/// Ends the function processes that an earlier run left behind when it was killed: they would go on writing
/// beside their successors.
///
/// # Errors
/// The state cannot be read.
pub(crate) async fn end_left_behind(state: &State) -> Result<(), StateError> {
    for child in state.take_children().await? {
        // The number may belong to another program by now: its environment tells.
        let environment = tokio::fs::read(format!("/proc/{}/environ", child.pid))
            .await
            .unwrap_or_default();
        let ours = !child.marker.is_empty()
            && environment
                .windows(child.marker.len())
                .any(|window| window == child.marker.as_bytes());
        if !ours {
            continue;
        }
        let ended = Command::new("sh")
            .arg("-c")
            .arg(format!("kill -9 {}", child.pid))
            .status()
            .await;
        tracing::warn!(
            pid = child.pid,
            ok = ended.is_ok_and(|status| status.success()),
            "ended a function process of an earlier run"
        );
    }
    Ok(())
}
