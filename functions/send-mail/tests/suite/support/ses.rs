//! The mail service: it keeps what it took, and fails as told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::TcpStream;
use tokio::sync::watch;

use super::wire::{Message, answer, serve};

/// How the service treats a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Takes the mail.
    Taken,
    /// Asks to come later.
    Throttled,
    /// Refuses the mail for good.
    Rejected,
    /// Reads the request and closes the connection.
    Closed,
    /// Reads the request and never answers.
    Silent,
}

/// The service.
#[derive(Clone)]
pub(crate) struct Ses {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<watch::Sender<Vec<String>>>,
}

impl Ses {
    /// Starts a service that takes every mail.
    pub(crate) async fn start() -> Self {
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let requests = Arc::new(watch::Sender::new(Vec::new()));
        let (told, heard) = (Arc::clone(&answers), Arc::clone(&requests));
        let address = serve(move |stream| connection(stream, Arc::clone(&told), Arc::clone(&heard))).await;
        Self {
            address,
            answers,
            requests,
        }
    }

    /// How the next requests are treated, in order; later ones are taken.
    pub(crate) fn next(&self, answers: &[Answer]) {
        self.answers.lock().unwrap().extend(answers);
    }

    /// The bodies of all requests that reached it.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.borrow().clone()
    }

    /// Waits until that many requests have reached it.
    pub(crate) async fn heard(&self, count: usize) {
        self.requests
            .subscribe()
            .wait_for(|requests| requests.len() >= count)
            .await
            .unwrap();
    }
}

async fn connection(
    mut stream: TcpStream,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: Arc<watch::Sender<Vec<String>>>,
) {
    while let Some(request) = Message::read(&mut stream).await {
        let next = answers.lock().unwrap().pop_front().unwrap_or(Answer::Taken);
        requests.send_modify(|requests| requests.push(request.body()));
        let number = requests.borrow().len();
        let sent = match next {
            Answer::Taken => answer(&mut stream, "200 OK", &taken(number)).await,
            Answer::Throttled => answer(&mut stream, "400 Bad Request", &refused("Throttling")).await,
            Answer::Rejected => answer(&mut stream, "400 Bad Request", &refused("MessageRejected")).await,
            Answer::Closed => return,
            Answer::Silent => std::future::pending().await,
        };
        if sent.is_err() {
            return;
        }
    }
}

fn taken(number: usize) -> String {
    format!(
        "<SendEmailResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><SendEmailResult>\
         <MessageId>message-{number}</MessageId></SendEmailResult></SendEmailResponse>"
    )
}

fn refused(code: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    )
}
