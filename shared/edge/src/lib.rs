//! What this shop's functions share on top of [`lambda_edge`]: the names of their settings, what
//! their work costs, who may ask what, problem documents and API descriptions, what people decide
//! about quarantined records, the links of guests and their codes, what is done with what is known of people, and
//! how the tables' streams are read.

pub mod auth;
pub mod config;
pub mod cost;
pub mod cursor;
pub mod decisions;
pub mod guest_links;
pub mod http;
pub mod http_input;
pub mod openapi;
pub mod people;
pub mod problem;
pub mod qr;
pub mod sheet;
pub mod stream;
