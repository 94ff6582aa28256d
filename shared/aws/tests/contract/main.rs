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
mod duty_streams;
mod figures;
mod findings;
mod fresh_objects;
mod habits;
mod items;
mod keys;
mod kin;
mod leases;
mod limits;
mod mails;
mod nights;
mod objects;
mod operations;
mod parts;
mod phones;
mod quarantine;
mod queries;
mod requests;
mod sales;
mod secrets;
mod setups;
mod streams;
mod summaries;
mod support;
mod topups;
mod topups_catalogue;
mod topups_lists;
mod topups_steps;
mod topups_take;
mod transactions;
mod whole;
mod work_index;
