//! A simulator on a port of its own.

use std::io;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceExt;

use crate::transport::HungUp;

/// A router that is being served on loopback until this is dropped; connections are closed then.
#[derive(Debug)]
pub struct Served {
    base_url: String,
    task: JoinHandle<()>,
}

impl Served {
    /// Its address, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves a router on a free port of 127.0.0.1.
///
/// # Errors
/// No port can be opened.
pub async fn serve(router: Router) -> io::Result<Served> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        // Dropped with this task, and every connection with it.
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            connections.spawn(connection(stream, router.clone()));
        }
    });
    Ok(Served { base_url, task })
}

async fn connection(stream: TcpStream, router: Router) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let Ok(answer) = router.oneshot(request.map(Body::new)).await;
            match answer.extensions().get::<HungUp>() {
                Some(_) => Err(io::Error::other("hung up")),
                None => Ok(answer),
            }
        }
    });
    // A broken connection is what some faults are for.
    drop(
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}
