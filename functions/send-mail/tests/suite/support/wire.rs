//! HTTP/1.1 as far as the tests need it: whole messages with a content length, on loopback.

use std::future::Future;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One message: its head and its body.
pub(crate) struct Message {
    bytes: Vec<u8>,
    body_at: usize,
}

impl Message {
    /// Reads one message; `None` when the other side has closed.
    pub(crate) async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let body_at = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let mut message = Self { bytes, body_at };
        let length: usize = message
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        while message.bytes.len() < body_at + length {
            if stream.read_buf(&mut message.bytes).await.ok()? == 0 {
                return None;
            }
        }
        Some(message)
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let head = String::from_utf8_lossy(&self.bytes[..self.body_at]).into_owned();
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    /// The body.
    pub(crate) fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes[self.body_at..]).into_owned()
    }

    /// Sends it on as it came.
    pub(crate) async fn write(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        stream.write_all(&self.bytes).await
    }
}

/// Answers with a status and a body.
pub(crate) async fn answer(stream: &mut TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let message =
        format!("HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(message.as_bytes()).await
}

/// Serves each connection on a free loopback port for as long as the test's runtime lives.
pub(crate) async fn serve<F>(connection: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream));
        }
    });
    address
}
