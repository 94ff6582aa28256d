//! One line per outcome, and never an address.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[allow(dead_code, reason = "this file needs less of the world than the others")]
mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use support::ses::Answer;
use support::{ADDRESSES, MINUTE_MS, World, batch, record};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Everything that was logged.
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Level, outcome, mail, attempts and export of each line about an outcome.
    fn outcomes(&self) -> Vec<[String; 5]> {
        let text = self.text();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let outcomes = lines.filter(|line| line.get("mail.outcome").is_some());
        let fields = ["level", "mail.outcome", "mail.id", "mail.attempts", "export.id"];
        outcomes
            .map(|line| fields.map(|field| line[field].to_string().replace('"', "")))
            .collect()
    }
}

#[tokio::test(flavor = "current_thread")]
async fn every_outcome_is_one_line_without_addresses() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(tracing::Level::TRACE)
        .with_env_filter("warn,send_mail=trace,edge=trace,aws=trace")
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);

    let world = World::start().await;
    let answers = [Answer::Taken, Answer::Throttled, Answer::Rejected, Answer::Closed];
    for (number, answer) in (1..).zip(answers) {
        let mail = world.queue(number).await;
        world.ses.next(&[answer]);
        world.run(batch([record(&mail)])).await.unwrap();
    }
    world.wait_ms(2 * MINUTE_MS);
    world.sweep().await.unwrap();
    drop(guard);

    let expected = [
        ["INFO", "sent", "mail_1", "1", "exp_1"],
        ["INFO", "queued", "mail_2", "1", "exp_2"],
        ["ERROR", "failed", "mail_3", "1", "exp_3"],
        ["ERROR", "unknown", "mail_4", "1", "exp_4"],
        ["INFO", "sent", "mail_2", "2", "exp_2"],
    ];
    assert_eq!(lines.outcomes(), expected.map(|line| line.map(str::to_owned)));
    for address in ADDRESSES {
        assert!(!lines.text().contains(address), "{}", lines.text());
    }
}
