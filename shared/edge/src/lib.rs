//! What this shop's functions share on top of [`lambda_edge`]: the names of their settings, what
//! their work costs, problem documents, and how the operations table's stream is read.

pub mod config;
pub mod cost;
pub mod http;
pub mod http_input;
pub mod problem;
pub mod stream;
