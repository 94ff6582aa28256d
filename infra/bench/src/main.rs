//! `bench`: measures, prints a table and writes `target/bench.json`. See the library of the same name.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use bench::counts;
use bench::generator::Plan;
use bench::report::Report;
use bench::{peers, speed, startup};

/// Sizes that are measured, in receipts.
const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];

const USAGE: &str = "usage: bench [--counts-only | --speed-only] [--max RECEIPTS] [--function BINARY]";

/// What was asked for.
struct Options {
    counts: bool,
    speed: bool,
    max: u64,
    /// A binary to measure in place of the one that is deployed.
    function: Option<PathBuf>,
}

fn options() -> Result<Options> {
    let mut options = Options {
        counts: true,
        speed: true,
        max: u64::MAX,
        function: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--counts-only" => options.speed = false,
            "--speed-only" => options.counts = false,
            "--function" => options.function = Some(arguments.next().context(USAGE)?.into()),
            "--max" => options.max = arguments.next().context(USAGE)?.parse().context(USAGE)?,
            _ => bail!(USAGE),
        }
    }
    Ok(options)
}

fn say(text: &str) {
    // A closed terminal is no reason to stop measuring.
    drop(writeln!(io::stderr(), "{text}"));
}

fn main() -> Result<()> {
    let options = options()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut report = Report {
        command: format!("target/local/bench {}", arguments.join(" "))
            .trim_end()
            .to_owned(),
        processors: bench::cores(),
        ..Report::default()
    };
    if options.counts {
        count(&mut report)?;
    }
    if options.speed {
        measure(&mut report, &options)?;
    }
    report.print(&mut io::stdout().lock())?;
    let path = testkit::world::repository().join("target/bench.json");
    std::fs::write(&path, serde_json::to_vec_pretty(&report)?)?;
    say(&format!("\nwritten: {}", path.display()));
    Ok(())
}

fn count(report: &mut Report) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        report.counts = counts::all(say).await?.into_iter().map(Into::into).collect();
        report.page = counts::anatomy(Plan::chain(300)).await?;
        Ok(())
    })
}

/// Speed, memory and peers. The servers keep off the processor that the functions run on.
fn measure(report: &mut Report, options: &Options) -> Result<()> {
    say("building every function as it is deployed");
    let functions = startup::build()?;
    let deployed = functions.iter().find(|program| program.ends_with("ingest-sales"));
    let binary = options
        .function
        .as_ref()
        .or(deployed)
        .context("there is ingest-sales")?;
    let peers = peers::set_up(&mut say);
    if bench::cores() > 1 {
        let own = std::process::id().to_string();
        let others = format!("1-{}", bench::cores().saturating_sub(1));
        let moved = Command::new("taskset")
            .args(["-cp", &others, &own])
            .stdout(std::process::Stdio::null())
            .status();
        anyhow::ensure!(
            moved.is_ok_and(|status| status.success()),
            "taskset (util-linux) is needed"
        );
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        for receipts in SIZES.into_iter().filter(|receipts| *receipts <= options.max) {
            say(&format!("null store: {receipts} receipts"));
            report.sizes.push(speed::size(binary, receipts).await?);
        }
        report.compare_sizes();
        for program in &functions {
            say(&format!("start: {}", program.display()));
            report.startups.push(startup::measure(program).await?);
        }
        report.peers = peers::race(binary, &peers, &mut say).await?;
        Ok(())
    })
}
