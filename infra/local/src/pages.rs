//! This program's own pages: what runs where, and the mail that was sent.
//!
//! Server-rendered, escaped by the template engine, without script. Mail is somebody else's HTML: it is shown
//! in a frame without rights, under a policy that loads nothing.

use std::sync::{Arc, OnceLock};

use askama::Template;
use http::{HeaderValue, Method, Request, StatusCode, header};
use hyper::body::Incoming;

use crate::http::{self as web, Answer};
use crate::invoke::Functions;
use crate::mail::{Mail, MailStore};
use crate::night::{self, Wanted};
use crate::queue::Queues;
use crate::redrive;

const POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'";
/// What a person asks the running set to do.
const REDRIVE: &str = "/_local/redrive";
const NIGHT: &str = "/_local/night";
const DEEDS: [&str; 2] = [REDRIVE, NIGHT];
const STYLE: &str = include_str!("../templates/style.css");

/// The addresses that the first page lists.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// The AWS endpoint.
    pub(crate) aws_url: String,
    /// The bucket's folder on disk.
    pub(crate) bucket_folder: String,
    /// The bucket's name.
    pub(crate) bucket: String,
    /// The file with the API key.
    pub(crate) env_file: String,
}

/// The pages; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Pages {
    addresses: Arc<Addresses>,
    guest_page: Arc<OnceLock<String>>,
    mail: MailStore,
    queues: Queues,
    functions: Functions,
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage<'a> {
    at: &'a Addresses,
    guest_page: Option<&'a String>,
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct MailboxPage {
    mails: Vec<(u64, Mail)>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    number: u64,
    mail: Mail,
}

impl Pages {
    /// Pages that show `addresses` and the mail in `mail`.
    pub(crate) fn new(
        addresses: Addresses,
        mail: MailStore,
        (queues, functions): (Queues, Functions),
    ) -> Self {
        Self {
            addresses: Arc::new(addresses),
            guest_page: Arc::default(),
            mail,
            queues,
            functions,
        }
    }

    /// From now on the first page leads to this page of a guest.
    pub(crate) fn show_guest_page(&self, url: String) {
        // The first one stays: one example is enough.
        drop(self.guest_page.set(url));
    }

    /// The page of a request, or `None` when its path belongs to the functions.
    pub(crate) async fn handle(&self, request: &Request<Incoming>) -> Option<Answer> {
        let path = request.uri().path();
        if path != "/" && path != "/_local" && !path.starts_with("/_local/") {
            return None;
        }
        if !is_local(request) {
            // Another name for this address can only come from a web page elsewhere.
            return Some(text(StatusCode::FORBIDDEN, "Only for this machine"));
        }
        if request.method() == Method::POST && DEEDS.contains(&path) {
            // A form on a web page elsewhere could send this, but not without its origin.
            return Some(if request.headers().contains_key(header::ORIGIN) {
                text(StatusCode::FORBIDDEN, "Only for this machine")
            } else if path == NIGHT {
                self.night(request.uri().query().unwrap_or_default()).await
            } else {
                self.redrive().await
            });
        }
        if request.method() != Method::GET {
            return Some(text(StatusCode::METHOD_NOT_ALLOWED, "GET"));
        }
        let number = |rest: &str| rest.parse::<u64>().ok();
        let mail_path = path.strip_prefix("/_local/mail/");
        Some(match (path, mail_path) {
            ("/", _) => page(&IndexPage {
                at: &self.addresses,
                guest_page: self.guest_page.get(),
            }),
            ("/_local/style.css", _) => web::answer(StatusCode::OK, "text/css", STYLE),
            ("/_local/mail", _) => match self.mail.list().await {
                Ok(mails) => page(&MailboxPage { mails }),
                Err(error) => {
                    tracing::error!(%error, "the mailbox cannot be read");
                    text(
                        StatusCode::INTERNAL_SERVER_ERROR,
                        "Kotak surat tidak dapat dibaca",
                    )
                }
            },
            (_, Some(rest)) => match rest.strip_suffix("/html") {
                Some(rest) => self.mail_html(number(rest)).await,
                None => self.mail_page(number(rest)).await,
            },
            _ => text(StatusCode::NOT_FOUND, "Tidak ditemukan"),
        })
    }

    async fn redrive(&self) -> Answer {
        match redrive::run(&self.queues, &self.functions).await {
            Ok(redriven) => web::json(StatusCode::OK, &serde_json::json!(redriven)),
            Err(error) => {
                tracing::error!(%error, "the dead letters were not redriven");
                text(StatusCode::INTERNAL_SERVER_ERROR, "see the log")
            }
        }
    }

    async fn night(&self, query: &str) -> Answer {
        match night::begin(&self.functions, &Wanted::of_query(query)).await {
            Ok(begun) => web::json(StatusCode::OK, &begun),
            Err(error) => web::json(
                StatusCode::UNPROCESSABLE_ENTITY,
                &serde_json::json!({"message": error.to_string()}),
            ),
        }
    }

    async fn mail(&self, number: Option<u64>) -> Option<(u64, Mail)> {
        let number = number?;
        self.mail.get(number).await.map(|mail| (number, mail))
    }

    async fn mail_page(&self, number: Option<u64>) -> Answer {
        match self.mail(number).await {
            Some((number, mail)) => page(&MailPage { number, mail }),
            None => text(StatusCode::NOT_FOUND, "Surat tidak ditemukan"),
        }
    }

    async fn mail_html(&self, number: Option<u64>) -> Answer {
        match self.mail(number).await {
            Some((_, mail)) => with_policy(
                web::answer(StatusCode::OK, "text/html; charset=utf-8", mail.html),
                MAIL_POLICY,
            ),
            None => text(StatusCode::NOT_FOUND, "Surat tidak ditemukan"),
        }
    }
}

/// Whether a request is for this machine by its own names.
pub(crate) fn is_local(request: &Request<Incoming>) -> bool {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost")
}

fn page(template: &impl Template) -> Answer {
    html(StatusCode::OK, template, POLICY)
}

/// A page under a policy.
pub(crate) fn html(status: StatusCode, template: &impl Template, policy: &'static str) -> Answer {
    match template.render() {
        Ok(html) => with_policy(web::answer(status, "text/html; charset=utf-8", html), policy),
        Err(error) => {
            tracing::error!(%error, "a page was not rendered");
            text(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Halaman tidak dapat ditampilkan",
            )
        }
    }
}

/// A line of text.
pub(crate) fn text(status: StatusCode, message: &'static str) -> Answer {
    with_policy(web::answer(status, "text/plain; charset=utf-8", message), POLICY)
}

fn with_policy(mut answer: Answer, policy: &'static str) -> Answer {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in headers {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}
