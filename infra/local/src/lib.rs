//! The whole function set on one machine, for good: state is on disk and survives a restart and a kill.
//!
//! One program stands in for the parts of AWS that the deployment template names. It starts the unchanged
//! function programs as child processes and gives them the events that AWS would:
//!
//! | part | module |
//! |---|---|
//! | the template | [`template`] |
//! | Lambda: Runtime API, processes, invocations | `runtime_api`, `process`, `invoke` |
//! | event sources: SQS, DynamoDB streams, schedules | `queue_source`, `streams`, `timer` |
//! | S3 over a folder, EventBridge, SQS | `s3`, `object_events`, `queue` |
//! | DynamoDB, SES, Systems Manager's parameters | `dynamodb`, `ses`, `ssm` |
//! | HTTP API and own pages | `gateway`, `pages` |
//! | who people are, as Cognito would say | `issuer` |
//! | servers of other people, simulated | `partners` |
//! | start, stop, samples | [`start`], `samples`, `demo` |
//! | what was given up, once more | [`redrive`] |
//! | a night begun by hand, settings put back | [`night`], [`restore_config`] |

pub mod args;
pub mod audit;
mod aws_endpoint;
mod batch;
pub mod bootstrap;
mod clock;
mod demo;
mod dynamodb;
mod env_file;
mod gateway;
mod http;
mod id;
mod invoke;
mod issuer;
mod log_file;
mod mail;
mod names;
pub mod night;
mod object_events;
mod pages;
mod partners;
pub mod pattern;
mod process;
mod queue;
mod queue_source;
pub mod redrive;
pub mod restore_config;
mod runtime_api;
mod s3;
mod samples;
pub mod say;
pub mod schedule;
mod ses;
mod ssm;
pub mod start;
mod state;
mod stop;
mod streams;
pub mod template;
mod timer;
mod web_client;

pub use start::{Running, start};
pub use web_client::web_client;
