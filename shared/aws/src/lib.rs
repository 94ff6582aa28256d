//! Adapters over the AWS SDK: they translate between the domain and DynamoDB, S3, SES and the Parameter
//! Store, and decide nothing.
//!
//! There is one adapter per concern and no trait in front of it: the second implementation that tests
//! need is another engine behind the same wire protocol, not another Rust type.

pub mod api_keys;
mod attributes;
pub mod audit;
pub mod bookmarks;
pub mod cases;
pub mod clients;
pub mod customers;
mod dynamo;
mod environment;
pub mod error;
pub mod feedback;
pub mod findings;
pub mod habits;
pub mod idempotency;
pub mod insights;
mod keys;
pub mod kin;
pub mod leases;
pub mod ledger;
pub mod limits;
pub mod link_keys;
pub mod mailer;
pub mod meter;
pub mod nights;
pub mod objects;
pub mod outbox;
pub mod outlets;
mod packed;
pub mod parameters;
pub mod position;
pub mod quarantine;
pub mod readable;
pub mod requests;
pub mod sales;
pub mod sessions;
pub mod setups;
pub mod topups;
pub mod whole;

pub use clients::{Clients, Names};
pub use error::StoreError;
pub use meter::Meter;
