//! Items for work that one damaged item must not stop.

use serde::de::DeserializeOwned;

use crate::dynamo::{Item, read_document, read_text};
use crate::error::StoreError;
use crate::keys::{PK, SK};

/// A page of documents.
#[derive(Clone, Debug)]
pub struct Readable<T, P> {
    /// Those that can be understood.
    pub items: Vec<T>,
    /// The keys of those that can't, for whoever mends them.
    pub damaged: Vec<String>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<P>,
}

impl<T: DeserializeOwned, P> Readable<T, P> {
    pub(crate) fn of(page: &[Item], next: Option<P>) -> Result<Self, StoreError> {
        let (mut items, mut damaged) = (Vec::with_capacity(page.len()), Vec::new());
        for item in page {
            match read_document(item) {
                Ok(document) => items.push(document),
                Err(_) => damaged.push(format!("{} {}", read_text(item, PK)?, read_text(item, SK)?)),
            }
        }
        Ok(Self { items, damaged, next })
    }

    /// The page for work that needs every item.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when one can't be understood.
    pub(crate) fn whole(self, what: &'static str) -> Result<(Vec<T>, Option<P>), StoreError> {
        if self.damaged.is_empty() {
            Ok((self.items, self.next))
        } else {
            Err(StoreError::Damaged(what))
        }
    }
}
