//! Sockets that do as they are told, byte by byte, and write down what they heard.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What becomes of a connection.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    /// It ends at once, with whatever came unread.
    Slams,
    /// It ends when the request was read.
    HangsUp,
    /// It answers with these bytes and waits for more requests, as long as the other end does.
    Answers(String),
    /// It answers with these bytes and ends.
    AnswersAndEnds(String),
    /// It says nothing.
    Waits,
    /// It sends what was asked on to this address, in the form that servers take, and the answer back.
    PassesOn(String),
}

/// A server of raw bytes.
pub(crate) struct Raw {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Raw {
    pub(crate) async fn start(does: Does) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let place = {
                    let mut heard = hears.lock().unwrap();
                    heard.push(String::new());
                    heard.len() - 1
                };
                tokio::spawn(connection(stream, does.clone(), Arc::clone(&hears), place));
            }
        });
        Self { url, heard, task }
    }

    /// What came, connection by connection.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn connection(mut stream: TcpStream, does: Does, heard: Arc<Mutex<Vec<String>>>, place: usize) {
    if matches!(does, Does::Slams) {
        return;
    }
    let mut buffer = [0_u8; 4096];
    loop {
        let mut request = String::new();
        while !request.contains("\r\n\r\n") {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(count) => request.push_str(&String::from_utf8_lossy(&buffer[..count])),
            }
        }
        heard.lock().unwrap()[place].push_str(&request);
        match &does {
            Does::Slams | Does::HangsUp => return,
            Does::Waits => std::future::pending().await,
            Does::Answers(bytes) => stream.write_all(bytes.as_bytes()).await.unwrap_or_default(),
            Does::AnswersAndEnds(bytes) => {
                stream.write_all(bytes.as_bytes()).await.unwrap_or_default();
                return;
            }
            Does::PassesOn(to) => {
                let address = to.trim_start_matches("http://");
                let mut onwards = TcpStream::connect(address).await.unwrap();
                let request = request.replacen(to, "", 1);
                let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
                onwards.write_all(request.as_bytes()).await.unwrap();
                let mut answer = Vec::new();
                onwards.read_to_end(&mut answer).await.unwrap();
                stream.write_all(&answer).await.unwrap_or_default();
                return;
            }
        }
    }
}

/// A whole answer with this status line and body.
pub(crate) fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\r\n{body}")
}
