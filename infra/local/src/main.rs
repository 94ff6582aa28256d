//! `local`: runs every function of the template on this machine until Ctrl-C.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use local::args::{ArgsError, Config};
use local::night::{AGAIN, Wanted};
use local::say::say;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long blocking work may go on after everything else has stopped.
const LAST_WORK: Duration = Duration::from_millis(300);

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What is asked of a set that runs already.
enum Task {
    VerifyAudit,
    Redrive,
    Night,
    RestoreConfig,
}

impl Task {
    fn of(word: &str) -> Option<Self> {
        match word {
            "verify-audit" => Some(Self::VerifyAudit),
            "redrive" => Some(Self::Redrive),
            "night" => Some(Self::Night),
            "restore-config" => Some(Self::RestoreConfig),
            _ => None,
        }
    }
}

fn run() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::new("warn,s3s=off,s3s_fs=off,dynoxide=error");
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let program = std::env::current_exe().context("the place of this program")?;
    let folder = program.parent().map(ToOwned::to_owned).unwrap_or_default();
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let task = arguments.first().and_then(|first| Task::of(first));
    if task.is_some() {
        arguments.remove(0);
    }
    // What a task is told stands before the flags of every run.
    let is_told = |argument: &&String| !argument.starts_with('-') || *argument == AGAIN;
    let told: Vec<String> = match task {
        Some(Task::Night | Task::RestoreConfig) => {
            let count = arguments.iter().take_while(is_told).count();
            arguments.drain(..count).collect()
        }
        _ => Vec::new(),
    };
    let config = match Config::read(arguments, variable, folder) {
        Err(ArgsError::Help) => {
            say(local::args::USAGE);
            return Ok(());
        }
        result => result?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match task {
        Some(Task::VerifyAudit) => {
            let whole = runtime.block_on(local::audit::verify(&config.data_dir))?;
            anyhow::ensure!(whole, "the audit trail is not whole");
            return Ok(());
        }
        Some(Task::Redrive) => {
            let empty = runtime.block_on(local::redrive::ask(&config.data_dir))?;
            anyhow::ensure!(empty, "some dead letters are left: see the logs folder");
            return Ok(());
        }
        Some(Task::Night) => {
            return runtime.block_on(local::night::ask(&config.data_dir, &Wanted::read(told)?));
        }
        Some(Task::RestoreConfig) => {
            let yes = variable("YES").unwrap_or_default();
            let date = told.first().context("of which night? Say a date: 2026-11-21")?;
            return runtime.block_on(local::restore_config::ask(&config, date, &yes));
        }
        None => {}
    }
    let result = runtime.block_on(serve(&config));
    runtime.shutdown_timeout(LAST_WORK);
    result
}

#[allow(
    clippy::disallowed_methods,
    reason = "the settings of this program are in its environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let begun = Instant::now();
    let running = local::start(config, local::bootstrap::api_key).await?;
    say(&format!(
        "Up in {} ms: {}",
        begun.elapsed().as_millis(),
        running.base_url
    ));
    tokio::select! {
        result = introduce(config, &running) => {
            if let Err(error) = result {
                say(&format!("The samples were not loaded: {error:#}"));
            }
            asked_to_stop(&mut interrupt, &mut terminate).await;
        }
        () = asked_to_stop(&mut interrupt, &mut terminate) => {}
    }
    say("Stopping");
    running.stop().await;
    Ok(())
}

async fn introduce(config: &Config, running: &local::Running) -> anyhow::Result<()> {
    let loaded = match &config.samples_dir {
        Some(folder) => load(running, folder).await,
        None => Ok(Loaded::default()),
    };
    let data = running.data_dir.display();
    say("");
    say(&format!("  Start here       {}/", running.base_url));
    say(&format!("  Dashboard        {}/dashboard", running.base_url));
    if let Ok(Loaded { page: Some(page), .. }) = &loaded {
        say(&format!("  A guest's page   {page}"));
    }
    say(&format!("  API description  {}/openapi.json", running.base_url));
    say(&format!("  Mailbox          {}/_local/mail", running.base_url));
    say(&format!(
        "  Central server   {}/_local/central, simulated: drop files in {data}/central/DATE/",
        running.base_url
    ));
    say(&format!(
        "  Moka             {}/_local/moka, simulated",
        running.base_url
    ));
    say("                   The night asks both at 23:00; make night begins the last one that was due");
    say(&format!(
        "  kiosAMPM         {}/_local/kiosampm, simulated: its page says which numbers do what",
        running.base_url
    ));
    if let Ok(Loaded { key: Some(key), .. }) = &loaded {
        show_order(&running.base_url, key);
    }
    say(&format!("  AWS endpoint     {}", running.aws_url));
    say(&format!(
        "  Drop exports in  {data}/s3/{}/incoming/",
        running.bucket
    ));
    say(&format!(
        "                   or: set -a; . {data}/local.env; aws s3 cp FILE s3://{}/incoming/",
        running.bucket
    ));
    say(&format!("  API key          {data}/local.env"));
    say("");
    say("Ctrl-C stops everything; the state stays.");
    loaded.map(drop)
}

/// How a partner orders: a line to copy.
fn show_order(base_url: &str, key: &Path) {
    let key = key.display();
    say(&format!("  A partner's key  {key}; an order of it:"));
    say(&format!(
        "                   . {key}; curl -H \"Authorization: Bearer $PARTNER_KEY\" -H 'Idempotency-Key: coba-0001' \\"
    ));
    say(&format!(
        "                     -H 'Content-Type: application/json' -d '{{\"product\": \"S10\", \"destination\": \"081299990000\"}}' {base_url}/v1/topups"
    ));
}

/// What was loaded that is worth a line.
#[derive(Default)]
struct Loaded {
    /// The address of a guest's page.
    page: Option<String>,
    /// The file with a partner's key.
    key: Option<PathBuf>,
}

/// Loads the samples, the demonstration made from one of them, and somebody to sell top-ups to.
async fn load(running: &local::Running, folder: &Path) -> anyhow::Result<Loaded> {
    running.load_samples(folder).await?;
    let page = running.load_demo(folder).await?;
    if let Some(page) = &page {
        running.show_guest_page(page.clone());
    }
    let key = running.load_topups().await?;
    Ok(Loaded { page, key })
}

async fn asked_to_stop(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
