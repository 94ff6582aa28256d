//! Items of the customers table that hold packed bytes: many written in one request, each under its own
//! version.

use aws_sdk_dynamodb::types::{AttributeValue, BatchStatementRequest};

use crate::dynamo::{Dynamo, bytes, number, text};
use crate::error::StoreError;

/// Single writes that one request takes.
const STATEMENTS_MAX: usize = 25;

/// An item to be written over the version it was read at; zero is one that was not there.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    pub(crate) pk: String,
    pub(crate) data: Vec<u8>,
    pub(crate) version: u64,
    pub(crate) listing: Listing,
}

/// Where an item stands in the index by phone numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listing {
    /// Nowhere, and it never did.
    Never,
    /// Under the hash of a number, or nowhere any more.
    Under(Option<String>),
}

/// Writes items, each only if it still is as it was read. Answers, in order, whether each was. One request
/// must not name an item twice.
pub(crate) async fn write(dynamo: &Dynamo, table: &str, items: Vec<Packed>) -> Result<Vec<bool>, StoreError> {
    let statements = items.into_iter().map(|item| match item.version {
        0 => insert(table, item),
        _ => update(table, item),
    });
    run(dynamo, statements.collect::<Result<_, _>>()?).await
}

/// As [`write`], for items that were read: one that was not there stays so.
pub(crate) async fn overwrite(
    dynamo: &Dynamo,
    table: &str,
    items: Vec<Packed>,
) -> Result<Vec<bool>, StoreError> {
    let statements = items.into_iter().map(|item| update(table, item));
    run(dynamo, statements.collect::<Result<_, _>>()?).await
}

/// Lists items of the index anew, each with its hash, if it still has the version it was read at. The version stays:
/// whoever writes the item next lists it as it is then. Answers, in order, whether each was.
pub(crate) async fn list(
    dynamo: &Dynamo,
    table: &str,
    items: Vec<(String, u64, Option<String>)>,
) -> Result<Vec<bool>, StoreError> {
    let statements = items.into_iter().map(|(pk, version, hash)| {
        let listing = Listing::Under(hash);
        let clause = listing.clause();
        let statement = format!(r#"UPDATE "{table}"{clause} WHERE pk = ? AND v = ?"#);
        let parameters = listing.parameter().into_iter();
        request(statement, parameters.chain([text(pk), number(version)]).collect())
    });
    run(dynamo, statements.collect::<Result<_, _>>()?).await
}

async fn run(dynamo: &Dynamo, statements: Vec<BatchStatementRequest>) -> Result<Vec<bool>, StoreError> {
    let mut done = Vec::with_capacity(statements.len());
    for group in statements.chunks(STATEMENTS_MAX) {
        let answers = dynamo.write_each(group.to_vec()).await?;
        if answers.len() != group.len() {
            return Err(StoreError::Damaged("a batch of statements was answered in part"));
        }
        done.extend(answers);
    }
    Ok(done)
}

impl Listing {
    /// What an update does to the attribute.
    fn clause(&self) -> &'static str {
        match self {
            Self::Never => "",
            Self::Under(Some(_)) => " SET phone_hash = ?",
            Self::Under(None) => " REMOVE phone_hash",
        }
    }

    fn parameter(self) -> Option<AttributeValue> {
        match self {
            Self::Under(Some(hash)) => Some(text(hash)),
            Self::Under(None) | Self::Never => None,
        }
    }
}

fn insert(table: &str, item: Packed) -> Result<BatchStatementRequest, StoreError> {
    let written = [text(item.pk), bytes(item.data), number(1)];
    let listed = item.listing.parameter();
    let more = if listed.is_some() { ", 'phone_hash': ?" } else { "" };
    let statement = format!(r#"INSERT INTO "{table}" VALUE {{'pk': ?, 'd': ?, 'v': ?{more}}}"#);
    request(statement, written.into_iter().chain(listed).collect())
}

fn update(table: &str, item: Packed) -> Result<BatchStatementRequest, StoreError> {
    let written = [bytes(item.data), number(item.version.saturating_add(1))];
    let there = [text(item.pk), number(item.version)];
    let clause = item.listing.clause();
    let statement = format!(r#"UPDATE "{table}" SET d = ? SET v = ?{clause} WHERE pk = ? AND v = ?"#);
    let parameters = written.into_iter().chain(item.listing.parameter());
    request(statement, parameters.chain(there).collect())
}

fn request(statement: String, parameters: Vec<AttributeValue>) -> Result<BatchStatementRequest, StoreError> {
    BatchStatementRequest::builder()
        .statement(statement)
        .set_parameters(Some(parameters))
        .build()
        .map_err(|_| StoreError::Damaged("an empty statement"))
}
