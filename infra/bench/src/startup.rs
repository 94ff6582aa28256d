//! The start of every deployed function: time to its first request for an event, and the instructions
//! it takes. Time belongs to the machine and the moment; instructions are the program's own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use crate::function::Start;
use crate::null_aws::NullAws;
use crate::runtime_api::RuntimeApi;
use crate::speed::{export, start_us};

/// What one function's start takes.
#[derive(Clone, Debug, Serialize)]
pub struct Startup {
    /// The function.
    pub function: String,
    /// From the process to its first request for an event, microseconds; the quickest of twenty.
    pub start_us: u64,
    /// Instructions until then, where valgrind is there to count them.
    pub instructions: Option<u64>,
    /// The program's size in bytes.
    pub program_bytes: u64,
}

/// Builds all functions as they are deployed and answers where they are.
///
/// # Errors
/// When they do not build.
pub fn build() -> Result<Vec<PathBuf>> {
    let root = testkit::world::repository();
    let status = Command::new("cargo")
        .args(["build", "--release", "--locked", "--quiet"])
        .current_dir(&root)
        .status()?;
    ensure!(status.success(), "the functions do not build");
    let mut programs = Vec::new();
    for folder in std::fs::read_dir(root.join("functions"))? {
        programs.push(root.join("target/release").join(folder?.file_name()));
    }
    programs.sort();
    Ok(programs)
}

/// Measures one function's start.
///
/// # Errors
/// When it does not start.
pub async fn measure(program: &Path) -> Result<Startup> {
    let start = Start {
        name: "ours",
        program: program.to_owned(),
        arguments: Vec::new(),
    };
    Ok(Startup {
        function: program
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        start_us: start_us(&start).await?,
        instructions: instructions(&start).await?,
        program_bytes: program.metadata()?.len(),
    })
}

/// The instructions until the first request for an event; `None` without valgrind.
async fn instructions(start: &Start) -> Result<Option<u64>> {
    let known = Command::new("valgrind").arg("--version").output();
    if !known.is_ok_and(|known| known.status.success()) {
        return Ok(None);
    }
    let (path, _) = export(1)?;
    let (aws, mut runtime) = (NullAws::start(path).await?, RuntimeApi::start().await?);
    let mut command = tokio::process::Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(&start.program)
        .env_clear()
        .envs(crate::function::environment(&runtime, &aws))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let child = command.spawn().context("valgrind can't be started")?;
    runtime.polled().await?;
    let pid = child.id().context("the process runs")?;
    // Asked to end, valgrind says what it counted.
    let ended = Command::new("kill").arg(pid.to_string()).status()?;
    ensure!(ended.success(), "the process can't be ended");
    let output = child.wait_with_output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    let counted = said.lines().find_map(|line| line.split("Collected :").nth(1));
    let counted = counted.context("valgrind says what it counted")?;
    Ok(Some(counted.trim().parse()?))
}
