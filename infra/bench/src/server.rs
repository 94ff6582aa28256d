//! A small HTTP server on a loopback port of its own.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;

use anyhow::Result;
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A body, whole or streamed.
pub(crate) type Body = BoxBody<Bytes, std::io::Error>;

/// A server that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Starts answering requests with `answer`.
    pub(crate) async fn start<A, F>(answer: A) -> Result<Self>
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A reply is written in one go: waiting for more to send would only cost time.
                drop(stream.set_nodelay(true));
                let answer = answer.clone();
                let service = service_fn(move |request| {
                    let reply = answer(request);
                    async move { Ok::<_, Infallible>(reply.await) }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                // A client that hangs up is no failure of the server's.
                tokio::spawn(async move {
                    drop(connection.serve_connection(TokioIo::new(stream), service).await)
                });
            }
        });
        Ok(Self { address, accepting })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A reply with a body held in memory.
pub(crate) fn reply(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut reply = Response::new(Full::new(body.into()).map_err(|never| match never {}).boxed());
    *reply.status_mut() = status;
    reply
}
