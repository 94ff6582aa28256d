//! The program itself: killed at any moment it loses nothing, asked to stop it stops.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aws_sdk_s3::primitives::ByteStream;
use support::{eventually, record};

/// The program on free ports, ended when the test ends.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn command(folder: &Path) -> Command {
    let config = support::config(folder);
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command
        .arg("--template")
        .arg(config.template)
        .arg("--functions-dir")
        .arg(config.functions_dir)
        .arg("--no-samples");
    command
        .env("PORT", "0")
        .env("AWS_PORT", "0")
        .env("DATA_DIR", config.data_dir);
    command.stdout(Stdio::piped()).stderr(Stdio::inherit());
    command
}

/// Starts the program and waits until it has said its addresses.
fn start(folder: &Path) -> Program {
    let mut child = command(folder).spawn().unwrap();
    let output = child.stdout.take().unwrap();
    let mut lines = BufReader::new(output).lines();
    assert!(lines.by_ref().any(|line| line.unwrap().starts_with("Ctrl-C")));
    // Nobody reads on, and the program must not stop for that.
    Program(child)
}

fn setting(folder: &Path, name: &str) -> String {
    let text = std::fs::read_to_string(folder.join("data/local.env")).unwrap();
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
        .unwrap()
        .to_owned()
}

fn pids(folder: &Path, text: &str) -> Vec<u64> {
    let lines = record(folder)
        .into_iter()
        .filter(|line| line["event"].to_string().contains(text));
    lines.map(|line| line["pid"].as_u64().unwrap()).collect()
}

fn is_running(pid: u64) -> bool {
    // A process that ended and was not waited for has an empty command line.
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_a_file_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut program = start(folder);
    let key = setting(folder, "API_KEY");
    let s3 = support::s3(&setting(folder, "AWS_ENDPOINT_URL"));
    let put = s3
        .put_object()
        .bucket("exports")
        .key("incoming/hang-once.json")
        .body(ByteStream::from_static(b"x"));
    put.send().await.unwrap();
    let first = eventually("the first try", || async {
        pids(folder, "hang-once").first().copied()
    })
    .await;
    program.0.kill().unwrap();
    program.0.wait().unwrap();
    // Dropped while nothing runs: found at the next start.
    std::fs::write(folder.join("data/s3/exports/incoming/dropped.json"), "y").unwrap();

    let _program = start(folder);
    assert_eq!(setting(folder, "API_KEY"), key, "the key is made once");
    let second = eventually("the second try", || async {
        pids(folder, "hang-once").get(1).copied()
    })
    .await;
    assert_ne!(first, second);
    assert!(
        !is_running(first),
        "a function of the killed run does not go on beside its successor"
    );
    eventually("the dropped file", || async {
        (!pids(folder, "dropped.json").is_empty()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_the_functions_and_is_a_success() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = start(folder.path());
    let s3 = support::s3(&setting(folder.path(), "AWS_ENDPOINT_URL"));
    let put = s3
        .put_object()
        .bucket("exports")
        .key("incoming/hang-always")
        .body(ByteStream::from_static(b"x"));
    put.send().await.unwrap();
    let pid = eventually("a function at work", || async {
        pids(folder.path(), "hang-always").first().copied()
    })
    .await;
    let ended = Command::new("sh")
        .arg("-c")
        .arg(format!("kill -TERM {}", program.0.id()))
        .status()
        .unwrap();
    assert!(ended.success());
    assert_eq!(program.0.wait().unwrap().code(), Some(0));
    assert!(!is_running(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_on_the_same_folder_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let _program = start(folder.path());
    let second = command(folder.path()).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8(second.stdout).unwrap();
    assert!(
        said.contains("in use by another run") && said.contains("DATA_DIR"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = command(folder.path()).env("AWS_PORT", &port).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains(&port) && said.contains("AWS_PORT"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_put_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let samples = folder.path().join("samples");
    std::fs::create_dir(&samples).unwrap();
    std::fs::write(samples.join("moka é.json"), "{}").unwrap();
    let mut child = command(folder.path())
        .arg("--samples")
        .arg(&samples)
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(|line| line.unwrap());
    let said: Vec<String> = lines.take_while(|line| !line.starts_with("Ctrl-C")).collect();
    let _program = Program(child);
    assert!(
        said.iter()
            .any(|line| line.starts_with("[1/1] moka é.json: done, 2 received")),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|line| line == "Samples: 2 received, 1 stored, 0 unchanged, 0 stale, 1 quarantined")
    );
    assert!(
        folder
            .path()
            .join("data/s3/exports/incoming/samples/moka é.json")
            .exists()
    );
}
