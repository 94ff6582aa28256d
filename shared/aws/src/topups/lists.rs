//! Reading lists that a sparse index keeps, which one damaged document must not stop.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use serde::de::DeserializeOwned;

use crate::dynamo::{Dynamo, Item, read_document, read_text};
use crate::error::StoreError;
use crate::keys::PK;
use crate::position::{Index, ListPosition};

/// The most requests of one page: a filter may leave out nearly everything.
const REQUESTS_MAX: u32 = 20;
/// How many items a request for a page looks at, where it leaves some out.
const LOOKS_AT: i32 = 200;

/// The position that a text stands for.
pub(super) fn position(after: Option<&str>) -> Result<Option<ListPosition>, StoreError> {
    let read = |text| ListPosition::parse(text).ok_or(StoreError::NotFound);
    after.map(read).transpose()
}

/// At most `limit` documents of a query, and where the next page begins. A page of a query that filters may have
/// fewer, and still a next one.
pub(super) async fn page<T: DeserializeOwned>(
    dynamo: &Dynamo,
    query: QueryFluentBuilder,
    (index, filters): (Index, bool),
    limit: i32,
) -> Result<(Vec<T>, Option<String>), StoreError> {
    let most = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let looks_at = if filters {
        limit.max(LOOKS_AT)
    } else {
        limit.max(1)
    };
    let mut query = query.limit(looks_at);
    let mut documents = Vec::new();
    for _ in 0..REQUESTS_MAX {
        let (items, next) = dynamo.page(query.clone()).await?;
        let mut items = items.iter().peekable();
        while let Some(item) = items.next() {
            documents.extend(readable(item));
            if documents.len() >= most {
                let more = items.peek().is_some() || next.is_some();
                let at = more.then(|| ListPosition::of(item, index)).transpose()?;
                return Ok((documents, at.map(|at| at.to_string())));
            }
        }
        let Some(next) = next else {
            return Ok((documents, None));
        };
        query = query.set_exclusive_start_key(Some(next));
    }
    let at = query.get_exclusive_start_key().as_ref();
    let at = at.map(|at| ListPosition::of(at, index)).transpose()?;
    Ok((documents, at.map(|at| at.to_string())))
}

/// The document of an item, if it can be read.
fn readable<T: DeserializeOwned>(item: &Item) -> Option<T> {
    match read_document(item) {
        Ok(document) => Some(document),
        Err(error) => {
            tracing::error!(error = %error, key = read_text(item, PK).unwrap_or_default(), "topup.unreadable");
            None
        }
    }
}
