//! The same job in the style that Python's and Node's users write it, in the same conditions: the
//! same file, the same null store, the same runtime API, one processor.
//!
//! The peers do less: they neither merge with what is stored nor guard versions nor list bad records.
//! Every simplification is in their favour.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use serde::Serialize;

pub use crate::function::Start;
use crate::function::{Function, Took};
use crate::null_aws::NullAws;
use crate::speed::{by_second, export, folder, ours, start_us, us};

/// Receipts in the file that everybody takes.
const RECEIPTS: u64 = 10_000;
/// Rounds that count; one more before them warms everybody up.
const ROUNDS: usize = 5;

/// One runner of the race. Ratios are ours over theirs, in hundredths.
#[derive(Clone, Debug, Serialize)]
pub struct Runner {
    /// Who.
    pub name: &'static str,
    /// Receipts by second, the middle of all rounds.
    pub receipts_per_second: u64,
    /// Receipts by second of processor time, the middle of all rounds.
    pub receipts_per_cpu_second: u64,
    /// How many times as fast ours is: the middle of each round's ratio.
    pub ratio_centi: u64,
    /// The same by processor time.
    pub cpu_ratio_centi: u64,
    /// The most memory, KiB.
    pub peak_kib: u64,
    /// From the start of the process to its first request for an event, the quickest, microseconds.
    pub start_us: u64,
}

/// Sets the peers up that this machine can run; `say` is told of those it can't.
pub fn set_up(say: &mut impl FnMut(&str)) -> Vec<Start> {
    let source = testkit::world::repository().join("infra/bench/peers");
    let python = python(&source.join("python"));
    let node = node(&source.join("node"));
    [("Python", python), ("Node", node)]
        .into_iter()
        .filter_map(|(name, peer)| {
            peer.map_err(|error| say(&format!("{name} is skipped: {error:#}")))
                .ok()
        })
        .collect()
}

fn python(source: &Path) -> Result<Start> {
    let (venv, recipe) = (folder().join("python"), source.join("requirements.txt"));
    let program = venv.join("bin/python");
    if !is_made(&venv, &recipe)? {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        run(Command::new(&program)
            .args(["-m", "pip", "install", "--quiet", "-r"])
            .arg(&recipe))?;
        fs::copy(&recipe, venv.join(MADE))?;
    }
    Ok(Start {
        name: "Python (boto3, Powertools)",
        program,
        arguments: vec![source.join("ingest.py")],
    })
}

fn node(source: &Path) -> Result<Start> {
    let (modules, recipe) = (folder().join("node"), source.join("package.json"));
    // Modules are looked for beside the program.
    fs::create_dir_all(&modules)?;
    fs::copy(source.join("ingest.mjs"), modules.join("ingest.mjs"))?;
    if !is_made(&modules, &recipe)? {
        fs::copy(&recipe, modules.join("package.json"))?;
        let options = [
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
        ];
        run(Command::new("npm").args(options).current_dir(&modules))?;
        fs::copy(&recipe, modules.join(MADE))?;
    }
    // The functions start with an empty environment, so without a path to look for it in.
    let found = Command::new("sh").args(["-c", "command -v node"]).output()?;
    anyhow::ensure!(found.status.success(), "there is no node");
    let program = PathBuf::from(String::from_utf8(found.stdout)?.trim());
    Ok(Start {
        name: "Node (SDK v3)",
        program,
        arguments: vec![modules.join("ingest.mjs")],
    })
}

/// A copy of the recipe that a peer's folder was made from, left when all of it is there.
const MADE: &str = "made-from";

fn is_made(folder: &Path, recipe: &Path) -> Result<bool> {
    let wanted = fs::read(recipe)?;
    Ok(fs::read(folder.join(MADE)).is_ok_and(|made| made == wanted))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.stdout(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}

/// Runs everybody in turns, so that a slow moment of the machine hits all alike.
///
/// # Errors
/// When one of them does not take the file.
pub async fn race(binary: &Path, peers: &[Start], say: &mut impl FnMut(&str)) -> Result<Vec<Runner>> {
    let (path, bytes) = export(RECEIPTS)?;
    let aws = NullAws::start(path.clone()).await?;
    let starts: Vec<Start> = std::iter::once(ours(binary))
        .chain(peers.iter().cloned())
        .collect();
    let mut functions = Vec::new();
    for start in &starts {
        functions.push(Function::start(start, &aws).await?);
    }
    let mut rounds: Vec<Vec<Took>> = Vec::new();
    for round in 0..=ROUNDS {
        say(&format!("race of {RECEIPTS} receipts: round {round} of {ROUNDS}"));
        let mut took = Vec::new();
        for function in &mut functions {
            took.push(function.take_file(bytes).await?);
        }
        if round > 0 {
            rounds.push(took);
        }
    }
    let mut runners = Vec::new();
    for (at, (start, function)) in starts.iter().zip(functions).enumerate() {
        let peak_kib = function.peak_kib()?;
        function.stop().await?;
        runners.push(Runner {
            peak_kib,
            start_us: start_us(start).await?,
            ..runner(start.name, at, &rounds)
        });
    }
    fs::remove_file(path)?;
    Ok(runners)
}

fn runner(name: &'static str, at: usize, rounds: &[Vec<Took>]) -> Runner {
    let middle_of =
        |figure: &dyn Fn(&[Took]) -> Option<u64>| middle(rounds.iter().filter_map(|took| figure(took)));
    let ratio = |time: fn(&Took) -> u64| {
        middle_of(&|took| (time(took.get(at)?) * 100).checked_div(time(took.first()?)))
    };
    Runner {
        name,
        receipts_per_second: by_second(
            RECEIPTS,
            middle_of(&|took| took.get(at).map(|took| us(took.wall))),
        ),
        receipts_per_cpu_second: by_second(
            RECEIPTS,
            middle_of(&|took| took.get(at).map(|took| us(took.cpu))),
        ),
        ratio_centi: ratio(|took| us(took.wall)),
        cpu_ratio_centi: ratio(|took| us(took.cpu)),
        peak_kib: 0,
        start_us: 0,
    }
}

fn middle(figures: impl Iterator<Item = u64>) -> u64 {
    let mut figures: Vec<u64> = figures.collect();
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn ratios_are_taken_by_round_and_then_in_the_middle() {
        let took = |us| Took {
            wall: Duration::from_micros(us),
            cpu: Duration::from_micros(us * 2),
        };
        let rounds: Vec<Vec<Took>> = [(10, 100), (20, 400), (10, 300)]
            .iter()
            .map(|(ours, theirs)| vec![took(*ours), took(*theirs)])
            .collect();
        let runner = runner("theirs", 1, &rounds);
        assert_eq!((runner.ratio_centi, runner.cpu_ratio_centi), (2_000, 2_000));
        assert_eq!(runner.receipts_per_second, RECEIPTS * 1_000_000 / 300);
    }
}
