//! Whole tables, read from one end to the other: for fingerprints, and for making tables anew.
//!
//! A walk costs what its table costs to read, and it is strongly consistent: what was written before it began is in
//! it. Items come in no order. Each of these reads one request's worth and says where the next one begins; an answer
//! may be empty and still have a next one.

mod stored;

use domain::customer::OutletDay;
use domain::export::Export;
use domain::quarantine::Quarantined;

use crate::customers::StoredCustomer;
use crate::dynamo::{Dynamo, Item};
use crate::error::StoreError;
use crate::{Clients, Names, keys};

pub use crate::keys::kinds::{Kind, Table};
pub use stored::{Attribute, Stored};

/// Where a walk goes on.
#[derive(Clone, Debug)]
pub struct Next(Item);

/// One request's worth of a walk.
pub type Step<T> = Result<(Vec<T>, Option<Next>), StoreError>;

/// The tables as a whole.
#[derive(Clone, Debug)]
pub struct Whole {
    dynamo: Dynamo,
    names: Names,
}

impl Whole {
    /// The tables of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            names: clients.names().clone(),
        }
    }

    /// Every item of a table.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn items(&self, table: Table, at: Option<Next>) -> Step<Stored> {
        self.step(table, None, at, |stored| Ok(Some(stored))).await
    }

    /// Days with a page or a summary. One may come more than once.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read or holds what can't be understood.
    pub async fn days(&self, at: Option<Next>) -> Step<OutletDay> {
        self.step(Table::Sales, Some("pk, sk"), at, |stored| {
            let (pk, sk) = stored.key()?;
            let day = keys::outlet_day(pk, sk).filter(|_| stored.kind != Kind::Unknown);
            day.ok_or(StoreError::Damaged("a key of no day")).map(Some)
        })
        .await
    }

    /// Every customer, with their id.
    ///
    /// # Errors
    /// As [`Whole::days`].
    pub async fn customers(&self, at: Option<Next>) -> Step<(String, StoredCustomer)> {
        self.step(Table::Customers, None, at, |stored| {
            (stored.kind == Kind::Customer)
                .then(|| stored.customer())
                .transpose()
        })
        .await
    }

    /// Every entry of the file ledger, of every content; what was only announced is none.
    ///
    /// # Errors
    /// As [`Whole::days`].
    pub async fn exports(&self, at: Option<Next>) -> Step<Export> {
        self.step(Table::Operations, None, at, |stored| {
            (stored.kind == Kind::Export)
                .then(|| stored.document())
                .transpose()
        })
        .await
    }

    /// Every quarantined piece.
    ///
    /// # Errors
    /// As [`Whole::days`].
    pub async fn pieces(&self, at: Option<Next>) -> Step<Quarantined> {
        self.step(Table::Operations, None, at, |stored| {
            (stored.kind == Kind::Piece)
                .then(|| stored.document())
                .transpose()
        })
        .await
    }

    async fn step<T>(
        &self,
        table: Table,
        only: Option<&str>,
        at: Option<Next>,
        read: impl Fn(Stored) -> Result<Option<T>, StoreError>,
    ) -> Step<T> {
        let name = match table {
            Table::Sales => &self.names.sales,
            Table::Customers => &self.names.customers,
            Table::Operations => &self.names.operations,
            Table::Feedback => &self.names.feedback,
            Table::Duties => &self.names.duties,
        };
        let (items, next) = self.dynamo.walk(name, only, at.map(|at| at.0)).await?;
        let mut found = Vec::new();
        for item in items {
            let mut stored = Stored {
                kind: Kind::Unknown,
                item,
            };
            let (pk, sk) = stored.key()?;
            stored.kind = Kind::of(table, pk, sk);
            found.extend(read(stored)?);
        }
        Ok((found, next.map(Next)))
    }
}
