//! Adapters over the AWS SDK: they translate between the domain and DynamoDB, S3 and SES, and decide
//! nothing.
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
pub mod error;
pub mod feedback;
pub mod idempotency;
pub mod insights;
mod keys;
pub mod ledger;
pub mod limits;
pub mod link_keys;
pub mod mailer;
pub mod meter;
pub mod objects;
pub mod outbox;
pub mod outlets;
pub mod position;
pub mod quarantine;
pub mod sales;
pub mod sessions;

pub use clients::{Clients, Names};
pub use error::StoreError;
pub use meter::Meter;
