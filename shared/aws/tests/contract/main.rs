//! The storage contract: what the adapters promise their callers, and what they take for granted of the
//! engine below them. One suite for every engine, unchanged; `infra/referee` runs it on all of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answers;
mod audit;
mod batches;
mod capacity;
mod cases;
mod customers;
mod differences;
mod figures;
mod items;
mod keys;
mod limits;
mod mails;
mod objects;
mod operations;
mod quarantine;
mod queries;
mod sales;
mod secrets;
mod streams;
mod summaries;
mod support;
mod transactions;
mod work_index;
