//! The names of the outlets that a page shows: read once for the whole page.

use std::collections::{BTreeMap, BTreeSet};

use domain::outlet::Outlet;
use edge::problem::Problem;

use crate::Deps;
use crate::filter::Filter;

/// The names of some outlets, by id; outlets without a name are not among them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    /// The names of the outlets of these ids. Where the page is about one outlet, it is known already.
    ///
    /// # Errors
    /// The store's failure.
    pub(crate) async fn read(deps: &Deps, filter: &Filter, ids: BTreeSet<&str>) -> Result<Self, Problem> {
        match &filter.outlet {
            Some(outlet) => Ok(Self::of(vec![outlet.clone()])),
            None => Ok(Self::of(deps.outlets.many(&ids).await?)),
        }
    }

    /// The names of outlets that were read.
    pub(crate) fn of(outlets: Vec<Outlet>) -> Self {
        let named = outlets
            .into_iter()
            .filter_map(|outlet| Some((outlet.id, outlet.name?)));
        Self(named.collect())
    }

    /// The name of an outlet, where it has one.
    pub(crate) fn get(&self, id: &str) -> Option<String> {
        self.0.get(id).cloned()
    }
}
