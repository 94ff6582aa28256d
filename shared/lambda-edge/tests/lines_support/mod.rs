//! What was written, line by line.

use lambda_edge::output::Output;
use serde_json::Value;

pub(crate) fn lines(output: &Output) -> Vec<Value> {
    output
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
