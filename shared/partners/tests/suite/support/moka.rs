//! A Moka with one outlet and one day, and a client of it.

use domain::when::Zone;
use partners::http::{Http, Policy};
use partners::moka::{Limits, Moka, MokaError, Page, Seen};
use serde_json::Value;
use sims::moka;
use sims::moka::{Moka as Server, Route, sample};
use sims::serve::{Served, serve};

use super::{LATER, Memory, Noted, client, day};

pub(crate) const OUTLET: &str = "100818";
/// Payments of the day: three pages of ten, and a short one.
pub(crate) const PAYMENTS: u32 = 34;

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) served: Served,
    pub(crate) moka: Moka<Memory>,
    pub(crate) waits: Noted,
}

pub(crate) async fn world_with(policy: Policy, limits: Limits) -> World {
    world_over(client(policy), limits).await
}

pub(crate) async fn world_over((http, waits): (Http, Noted), limits: Limits) -> World {
    let server = Server::new("CL1ENT", "CL1ENT-S3CRET", "refresh-0000");
    server.add(OUTLET, sample::day(OUTLET, day(), &Zone::default(), PAYMENTS));
    let served = serve(moka::router(server.clone())).await.unwrap();
    let store = Memory::new("refresh-0000", true);
    let moka = Moka::new(served.base_url(), store, http, limits, || 0).unwrap();
    World {
        server,
        served,
        moka,
        waits,
    }
}

pub(crate) async fn world() -> World {
    world_with(policy(), limits()).await
}

pub(crate) fn limits() -> Limits {
    Limits {
        per_page: 10,
        page_bytes: 64 << 10,
        pages: 8,
    }
}

pub(crate) fn policy() -> Policy {
    Policy {
        every_server_error: true,
        ..Policy::default()
    }
}

impl World {
    /// The pages of the day until its end, whichever way it ends.
    pub(crate) async fn walked(&self) -> (Vec<Page>, Result<Seen, MokaError>) {
        let mut walk = self.moka.day(OUTLET, day(), &Zone::default(), LATER).unwrap();
        let mut pages = Vec::new();
        loop {
            match walk.next().await {
                Ok(Some(page)) => pages.push(page),
                Ok(None) => return (pages, Ok(walk.seen())),
                Err(error) => {
                    assert_eq!(walk.next().await, Err(error.clone()), "an error is no end");
                    return (pages, Err(error));
                }
            }
        }
    }

    pub(crate) async fn failed(&self) -> (usize, MokaError) {
        let (pages, end) = self.walked().await;
        (pages.len(), end.unwrap_err())
    }

    pub(crate) fn asked_for_pages(&self) -> usize {
        self.server
            .asked()
            .iter()
            .filter(|asked| asked.route == Route::Page)
            .count()
    }
}

pub(crate) fn ids(pages: &[Page]) -> Vec<String> {
    let payments = pages.iter().flat_map(|page| {
        let document: Value = serde_json::from_slice(&page.body).unwrap();
        document["data"]["payments"].as_array().unwrap().clone()
    });
    payments
        .map(|payment| payment["id"].as_str().unwrap().to_owned())
        .collect()
}
