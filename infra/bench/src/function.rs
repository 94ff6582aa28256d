//! A function as a child process, and what the kernel says of it.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::null_aws::{NullAws, OBJECT_ETAG};
use crate::runtime_api::RuntimeApi;

/// Longer than any measurement takes.
const PATIENCE: Duration = Duration::from_secs(900);

/// How a function is started.
#[derive(Clone, Debug)]
pub struct Start {
    /// What it is called in the report.
    pub(crate) name: &'static str,
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments.
    pub(crate) arguments: Vec<PathBuf>,
}

/// What one invocation took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// From the event handed out to its answer.
    pub(crate) wall: Duration,
    /// On the processor, all threads.
    pub(crate) cpu: Duration,
}

/// A running function.
#[derive(Debug)]
pub(crate) struct Function {
    child: Child,
    runtime: RuntimeApi,
    /// From the start of the process to its first request for an event.
    pub(crate) first_poll: Duration,
}

impl Function {
    /// Starts a function and waits until it asks for an event.
    pub(crate) async fn start(start: &Start, aws: &NullAws) -> Result<Self> {
        let mut runtime = RuntimeApi::start().await?;
        let mut command = command(start);
        command
            .env_clear()
            .envs(environment(&runtime, aws))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let started = Instant::now();
        let mut child = command
            .spawn()
            .with_context(|| format!("{} can't be started", start.program.display()))?;
        let polled = tokio::select! {
            polled = timeout(PATIENCE, runtime.polled()) => polled??,
            status = child.wait() => bail!("{} ended before it asked for an event: {}", start.name, status?),
        };
        Ok(Self {
            child,
            runtime,
            first_poll: polled.saturating_duration_since(started),
        })
    }

    /// Has it take the file, of so many bytes.
    pub(crate) async fn take_file(&mut self, bytes: u64) -> Result<Took> {
        let event = testkit::world::message("incoming/moka/bench.json", OBJECT_ETAG, usize::try_from(bytes)?);
        self.invoke(&event).await
    }

    async fn invoke(&mut self, event: &Value) -> Result<Took> {
        let (cpu, start) = (self.cpu()?, Instant::now());
        let answered = tokio::select! {
            answered = timeout(PATIENCE, self.runtime.invoke(event)) => answered??,
            status = self.child.wait() => bail!("the function ended: {}", status?),
        };
        // The process is idle again as soon as it asks for more.
        self.runtime.polled().await?;
        Ok(Took {
            wall: answered.saturating_duration_since(start),
            cpu: self.cpu()?.saturating_sub(cpu),
        })
    }

    /// The most memory it ever held, in KiB (`VmHWM`).
    pub(crate) fn peak_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .context("the kernel tells VmHWM")?;
        Ok(peak.trim().trim_end_matches("kB").trim().parse()?)
    }

    /// Its time on the processor, all threads that still run.
    fn cpu(&self) -> Result<Duration> {
        let mut nanos = 0_u64;
        for task in fs::read_dir(format!("/proc/{}/task", self.pid()?))? {
            let schedule = fs::read_to_string(task?.path().join("schedstat"))?;
            nanos += schedule.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    fn pid(&self) -> Result<u32> {
        self.child.id().context("the process runs")
    }

    /// Ends it.
    pub(crate) async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }
}

/// On the first processor alone where there are two or more: the servers keep to the others.
fn command(start: &Start) -> Command {
    if crate::cores() < 2 {
        let mut command = Command::new(&start.program);
        command.args(&start.arguments);
        return command;
    }
    let mut command = Command::new("taskset");
    command
        .args(["--cpu-list", "0"])
        .arg(&start.program)
        .args(&start.arguments);
    command
}

/// What a function finds in its environment on Lambda, as far as the functions and the peers look.
pub(crate) fn environment(runtime: &RuntimeApi, aws: &NullAws) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_LAMBDA_RUNTIME_API", runtime.address()),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench".to_owned()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench".to_owned()),
        ("AWS_ENDPOINT_URL", aws.url()),
        ("AWS_REGION", "ap-southeast-3".to_owned()),
        ("AWS_DEFAULT_REGION", "ap-southeast-3".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("SALES_TABLE", "sales".to_owned()),
        ("CUSTOMERS_TABLE", "customers".to_owned()),
        ("OPERATIONS_TABLE", "operations".to_owned()),
        ("EXPORTS_BUCKET", "exports".to_owned()),
        // No advice about its own release dates from the peer's SDK.
        (
            "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED",
            "true".to_owned(),
        ),
        ("ADMIN_EMAIL", "admin@example.com".to_owned()),
        ("MAIL_FROM", "shop@example.com".to_owned()),
        ("PUBLIC_URL", "https://example.com".to_owned()),
    ]
}
