//! What happened to an order, one after the other. Nothing in here is a secret: texts of the supplier are kept with
//! numbers and serial numbers masked.

use serde::{Deserialize, Serialize};

use super::state::State;

/// The longest text of the supplier that is kept, in characters.
pub const TEXT_MAX: usize = 600;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number within the order, from 1.
    pub number: u32,
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// What.
    pub what: What,
    /// Where the order stood afterwards.
    pub state: State,
    /// What the supplier said, masked; or why there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Who did it, where a person did; as the audit trail names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What happens to orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was taken.
    Taken,
    /// The intent to send it was written.
    Sending,
    /// The intent to ask about it was written.
    Asking,
    /// The supplier answered.
    Replied,
    /// The supplier gave no answer that could be understood, or none.
    NoReply,
    /// There was no connection, so nothing was sent.
    NotSent,
    /// A run was cut off while it sent or asked.
    CutOff,
    /// The supplier reported by itself.
    Reported,
    /// It was handed to a person.
    HandedOver,
    /// A person said what became of it.
    Proposed,
    /// Another person agreed.
    Confirmed,
    /// Another person did not agree.
    Rejected,
}
