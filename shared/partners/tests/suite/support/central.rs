//! A central server with two files, and a client of it.

use futures::StreamExt;
use lambda_edge::redact::Secret;
use partners::central::{Central, CentralError, Limits, Listed};
use partners::http::Policy;
use sims::central;
use sims::central::Central as Server;
use sims::serve::{Served, serve};

use super::{Noted, TOKEN, client, day};

/// A file that arrives in several pieces.
pub(crate) const SIZE: usize = 300_000;

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) served: Served,
    pub(crate) central: Central,
    pub(crate) waits: Noted,
}

pub(crate) fn content() -> Vec<u8> {
    b"sales".iter().copied().cycle().take(SIZE).collect()
}

pub(crate) fn asking(base_url: &str, token: &str, policy: Policy) -> (Central, Noted) {
    let (http, waits) = client(policy);
    let limits = Limits {
        listing_bytes: 4_096,
        file_bytes: 1 << 20,
        ..Limits::default()
    };
    (
        Central::new(base_url, Secret::new(token.to_owned()), http, limits).unwrap(),
        waits,
    )
}

pub(crate) async fn world_with(policy: Policy) -> World {
    let server = Server::new(TOKEN);
    server.put(day(), "moka-1.json", Some("moka-1"), content());
    server.put(day(), "two.json", None, "{}");
    let served = serve(central::router(server.clone())).await.unwrap();
    let (central, waits) = asking(served.base_url(), TOKEN, policy);
    World {
        server,
        served,
        central,
        waits,
    }
}

pub(crate) async fn world() -> World {
    world_with(Policy::default()).await
}

impl World {
    pub(crate) async fn large(&self) -> Listed {
        let listing = self.central.list(day()).await.unwrap();
        listing
            .files
            .into_iter()
            .find(|file| file.name == "moka-1.json")
            .unwrap()
    }

    /// What a file ends with, and how many bytes had been handed on until then.
    pub(crate) async fn fetched(&self, file: &Listed) -> (usize, Result<(), CentralError>) {
        let mut stream = match self.central.fetch(file).await {
            Ok(download) => Box::pin(download.into_stream()),
            Err(error) => return (0, Err(error)),
        };
        let mut handed_on = 0;
        while let Some(piece) = stream.next().await {
            match piece {
                Ok(piece) => handed_on += piece.len(),
                Err(error) => {
                    assert!(stream.next().await.is_none(), "nothing comes after an error");
                    return (handed_on, Err(error));
                }
            }
        }
        (handed_on, Ok(()))
    }
}
