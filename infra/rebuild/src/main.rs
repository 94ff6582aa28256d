//! `rebuild`: see the library of the same name.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use edge::config::Config;
use lambda_edge::clock;
use lambda_edge::metrics::Metrics;
use lambda_edge::output::Output;
use rebuild::args::{Args, ArgsError, Command, USAGE};
use rebuild::{Comparison, Order, Outline, Report, Stop, Tools, say};

/// How often, and with which pause, a right is waited for: somewhat longer than one is given for.
const WAITS_MAX: u32 = 26;
const WAIT: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            let code = error
                .downcast_ref::<Stop>()
                .map(|stop| format!(" ({})", stop.code()));
            say(&format!("{error:#}{}", code.unwrap_or_default()));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    // What the functions' own code has to say when something fails.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(std::io::stderr)
        .init();
    let args = match Args::read(std::env::args().skip(1)) {
        Err(ArgsError::Help) => {
            say(USAGE);
            return Ok(ExitCode::SUCCESS);
        }
        args => args?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(work(args))
}

async fn work(args: Args) -> anyhow::Result<ExitCode> {
    let config = Config::from_environment();
    let clients = config.clients_for(args.names(config.names())?);
    // Nobody collects the metrics of an operator's machine.
    let metrics = Metrics::new("BackOffice", [("function", rebuild::ACTOR)])?.with_output(Output::memory());
    let holder = data_encoding::HEXLOWER.encode(&clock::random::<8>()?);
    let tools = Tools::new(&clients, metrics, (holder, clock::now_ms), say);
    let tools = tools.await.context("the tables can't be reached")?;
    if args.command == Command::Fingerprint {
        rebuild::fingerprint(&tools)
            .await?
            .lines()
            .iter()
            .for_each(|line| say(line));
        return Ok(ExitCode::SUCCESS);
    }
    let order = Order {
        keep_gone: args.keep_gone,
    };
    let report = alone(order, args.yes, &tools).await?;
    say("Before:");
    report.before.lines().iter().for_each(|line| say(line));
    say("After:");
    report.after.lines().iter().for_each(|line| say(line));
    Ok(verdict(&report.comparison))
}

/// Says how the tables compare with what they were.
fn verdict(comparison: &Comparison) -> ExitCode {
    match comparison {
        Comparison::Same => {
            say("The tables hold the same as before.");
            ExitCode::SUCCESS
        }
        Comparison::Grown(count) => {
            say(&format!(
                "{count} files or records came in meanwhile: the tables have grown."
            ));
            ExitCode::SUCCESS
        }
        Comparison::Different(kinds) => {
            say(&format!("Not as before: {}", kinds.join(", ")));
            say(
                "Where a kind is compared as stored, this program wrote nothing: somebody did meanwhile, or something is \
                 wrong.",
            );
            ExitCode::FAILURE
        }
    }
}

/// Rebuilds. One that was killed holds its right for a while: waits for it, and not for one that is alive.
async fn alone(order: Order, yes: bool, tools: &Tools) -> Result<Report, Stop> {
    for wait in 0..=WAITS_MAX {
        match rebuild::rebuild(order, |outline| agreed(outline, yes), tools).await {
            Err(Stop::Held) if wait < WAITS_MAX => {}
            ended => return ended,
        }
        if wait == 0 {
            say(
                "Another rebuild is under way, or was stopped a moment ago. Waits for two minutes to see which.",
            );
        }
        tokio::time::sleep(WAIT).await;
    }
    Err(Stop::Held)
}

/// Says what is going to be done, and asks unless that was said before.
fn agreed(outline: &Outline, yes: bool) -> bool {
    say("This empties pages, summaries and what is known of customers, and tells every export again.");
    say(
        "Until it has ended, dashboards and the API show days as empty or half full. Started again, it goes on.",
    );
    say(&format!(
        "{} files and {} records that were taken later; {} exports are gone.",
        outline.files, outline.records, outline.gone
    ));
    if yes {
        return true;
    }
    say("Type rebuild to do it:");
    drop(std::io::stdout().flush());
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .is_ok_and(|_| line.trim() == "rebuild")
}
