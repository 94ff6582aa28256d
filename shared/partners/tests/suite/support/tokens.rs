//! A Moka with one outlet, tokens that several processes share, and clients of it.

use domain::when::Zone;
use partners::http::Policy;
use partners::moka::{Limits, Moka, MokaError};
use sims::moka;
use sims::moka::{Moka as Server, Route, sample};
use sims::serve::{Served, serve};

use super::{LATER, Memory, Noted, client, day};

pub(crate) const OUTLET: &str = "100818";

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) served: Served,
    pub(crate) store: Memory,
}

pub(crate) async fn world() -> World {
    let server = Server::new("CL1ENT", "CL1ENT-S3CRET", "refresh-0000");
    server.add(OUTLET, sample::day(OUTLET, day(), &Zone::default(), 5));
    let served = serve(moka::router(server.clone())).await.unwrap();
    World {
        server,
        served,
        store: Memory::new("refresh-0000", true),
    }
}

impl World {
    /// A process of its own over the shared store.
    pub(crate) fn process(&self) -> Moka<Memory> {
        self.process_with(Policy::default(), || 0).0
    }

    pub(crate) fn process_with(&self, policy: Policy, clock: fn() -> i64) -> (Moka<Memory>, Noted) {
        let (http, waits) = client(policy);
        let store = self.store.of_another();
        let moka = Moka::new(self.served.base_url(), store, http, Limits::default(), clock);
        (moka.unwrap(), waits)
    }

    /// How many renewals Moka did.
    pub(crate) fn renewals(&self) -> usize {
        self.asked(|route, authorised| route == Route::Token && authorised)
    }

    /// How many renewals it was asked for.
    pub(crate) fn asked_to_renew(&self) -> usize {
        self.asked(|route, _| route == Route::Token)
    }

    fn asked(&self, what: impl Fn(Route, bool) -> bool) -> usize {
        let asked = self.server.asked();
        asked
            .iter()
            .filter(|asked| what(asked.route, asked.authorised))
            .count()
    }

    /// The refresh token that the store has.
    pub(crate) fn kept(&self) -> String {
        self.store.change(|content| content.refresh.clone())
    }
}

pub(crate) async fn walk(moka: &Moka<Memory>) -> Result<u64, MokaError> {
    walk_until(moka, LATER).await
}

/// A walk in a run that ends at a moment, Unix milliseconds.
pub(crate) async fn walk_until(moka: &Moka<Memory>, deadline_ms: i64) -> Result<u64, MokaError> {
    let mut walk = moka.day(OUTLET, day(), &Zone::default(), deadline_ms)?;
    while walk.next().await?.is_some() {}
    Ok(walk.seen().payments)
}
