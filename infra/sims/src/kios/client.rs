//! The HTTP client that reports go out with: one request on one connection, plain HTTP.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// How long a report may take.
const WHOLE: Duration = Duration::from_secs(10);

/// Sends a form, or nothing, to an address; the status of the answer.
pub(super) async fn send(method: Method, url: &str, form: String) -> io::Result<u16> {
    match tokio::time::timeout(WHOLE, exchange(method, url, form)).await {
        Ok(status) => status,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

async fn exchange(method: Method, url: &str, form: String) -> io::Result<u16> {
    let url: Uri = url.parse().map_err(io::Error::other)?;
    let host = url.host().unwrap_or_default().to_owned();
    let port = url.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, format!("{host}:{port}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .map_err(io::Error::other)?;
    // The connection works as long as it is waited for, and the answer comes first.
    tokio::select! {
        answer = sender.send_request(request) => {
            Ok(answer.map_err(io::Error::other)?.status().as_u16())
        }
        ended = connection => {
            Err(ended.err().map_or_else(|| io::ErrorKind::UnexpectedEof.into(), io::Error::other))
        }
    }
}
