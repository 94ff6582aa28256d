//! The central server: listings of days, and files (`docs/central-server.md`).

mod folder;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{Response, Uri};
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use domain::when::BusinessDate;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::transport::{self, Transport};
use crate::{Asked, Faults, hold};

/// The routes of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `GET /v1/days/{date}`.
    Day,
    /// `GET /v1/files/{name}`.
    File,
}

/// What goes wrong with one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Below the protocol; both routes.
    Transport(Transport),
    /// Listing: every size is one byte more than the file's.
    WrongSize,
    /// Listing: every checksum is another file's.
    WrongChecksum,
    /// Listing: the last file is left out, and the count is not.
    Truncated,
    /// Listing: so many bytes of blanks behind the document.
    Padded(usize),
    /// Listing: the document ends in the middle.
    Half,
    /// Listing: a page for people instead of a document.
    NotJson,
    /// Listing: it says that it is of this day.
    OtherDate(BusinessDate),
    /// Listing: one more file, with this name.
    Named(String),
    /// File: a byte is another one. The size is right.
    Changed,
    /// File: one byte more, and nothing says how many there are.
    Longer,
    /// File: one byte less, and nothing says how many there are.
    Shorter,
    /// File: listed, and not there.
    Gone,
}

/// The server. Clones share everything.
#[derive(Clone, Debug)]
pub struct Central(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    token: String,
    folder: Option<PathBuf>,
    files: Mutex<BTreeMap<(BusinessDate, String), File>>,
    faults: Faults<Route, Fault>,
    asked: Mutex<Vec<Asked<Route>>>,
}

#[derive(Clone, Debug)]
struct File {
    outlet: Option<String>,
    content: Bytes,
}

impl Central {
    /// A server that takes this token and has no files.
    #[must_use]
    pub fn new(token: &str) -> Self {
        Self::with(token, None)
    }

    /// A server that takes this token and also has what is in a folder: `<date>/<name>` for files that say
    /// themselves whose they are, `<date>/<outlet>/<name>` for the others. It is looked at with every request.
    #[must_use]
    pub fn over_folder(token: &str, folder: PathBuf) -> Self {
        Self::with(token, Some(folder))
    }

    fn with(token: &str, folder: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            token: token.to_owned(),
            folder,
            files: Mutex::default(),
            faults: Faults::default(),
            asked: Mutex::default(),
        }))
    }

    /// Puts a file into the listing of a day, or another content in its place.
    pub fn put(&self, date: BusinessDate, name: &str, outlet: Option<&str>, content: impl Into<Bytes>) {
        let file = File {
            outlet: outlet.map(str::to_owned),
            content: content.into(),
        };
        hold(&self.0.files).insert((date, name.to_owned()), file);
    }

    /// Takes a file out of the listing of a day.
    pub fn remove(&self, date: BusinessDate, name: &str) {
        hold(&self.0.files).remove(&(date, name.to_owned()));
    }

    /// Lets the next requests to a route go wrong, so many times. See [`crate::ALWAYS`].
    pub fn fault(&self, route: Route, fault: Fault, times: u32) {
        self.0.faults.add(route, fault, times);
    }

    /// Takes every fault back.
    pub fn heal(&self) {
        self.0.faults.clear();
    }

    /// Every request so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked<Route>> {
        hold(&self.0.asked).clone()
    }

    fn note(&self, route: Route, uri: &Uri, authorised: bool) {
        hold(&self.0.asked).push(Asked {
            route,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            authorised,
        });
    }

    /// The files of a day, by name.
    async fn day(&self, date: BusinessDate) -> BTreeMap<String, File> {
        let mut files = match &self.0.folder {
            Some(folder) => folder::day(folder, date).await,
            None => BTreeMap::new(),
        };
        let kept = hold(&self.0.files);
        let of_day = kept.iter().filter(|((of, _), _)| *of == date);
        files.extend(of_day.map(|((_, name), file)| (name.clone(), file.clone())));
        files
    }

    async fn content(&self, name: &str) -> Option<Bytes> {
        let kept = hold(&self.0.files)
            .iter()
            .find(|((_, of), _)| of == name)
            .map(|(_, file)| file.content.clone());
        match (kept, &self.0.folder) {
            (None, Some(folder)) => folder::file(folder, name).await,
            (kept, _) => kept,
        }
    }
}

/// The routes over a server's state.
pub fn router(central: Central) -> Router {
    Router::new()
        .route("/v1/days/{date}", get(day))
        .route("/v1/files/{name}", get(file))
        .with_state(central)
}

async fn day(State(central): State<Central>, Path(date): Path<String>, request: Request) -> Response<Body> {
    let Some(fault) = admitted(&central, Route::Day, &request) else {
        return transport::plain(401);
    };
    let Ok(date) = date.parse() else {
        return transport::plain(404);
    };
    let mut listing = listing(date, &central.day(date).await);
    let mut cut = None;
    match fault {
        Some(Fault::Transport(fault)) => return fault.answer(Bytes::from(listing.to_string())).await,
        Some(Fault::NotJson) => return "<html>Selamat datang</html>".into_response(),
        Some(Fault::Half) => cut = Some(listing.to_string().len() / 2),
        Some(Fault::Padded(more)) => return format!("{listing}{}", " ".repeat(more)).into_response(),
        Some(fault) => spoil(&mut listing, fault),
        None => {}
    }
    let mut text = listing.to_string();
    text.truncate(cut.unwrap_or(text.len()));
    text.into_response()
}

fn listing(date: BusinessDate, files: &BTreeMap<String, File>) -> Value {
    let entry = |(name, file): (&String, &File)| {
        let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest(&file.content));
        json!({"name": name, "outlet": file.outlet, "size": file.content.len(), "sha256": sha256})
    };
    let files: Vec<Value> = files.iter().map(entry).collect();
    json!({"schema": "sikp.central.day/1", "date": date.to_string(), "count": files.len(), "files": files})
}

/// Makes a listing wrong.
fn spoil(listing: &mut Value, fault: Fault) {
    if let Fault::OtherDate(date) = fault {
        listing["date"] = json!(date.to_string());
        return;
    }
    let Some(files) = listing["files"].as_array_mut() else {
        return;
    };
    match fault {
        Fault::WrongSize => {
            for file in files {
                file["size"] = json!(file["size"].as_u64().unwrap_or_default() + 1);
            }
        }
        Fault::WrongChecksum => {
            for file in files {
                file["sha256"] = json!(data_encoding::HEXLOWER.encode(&Sha256::digest("another")));
            }
        }
        Fault::Truncated => drop(files.pop()),
        Fault::Named(name) => {
            let sha256 = data_encoding::HEXLOWER.encode(&Sha256::digest("x"));
            files.push(json!({"name": name, "size": 1, "sha256": sha256}));
            let count = files.len();
            listing["count"] = json!(count);
        }
        _ => {}
    }
}

async fn file(State(central): State<Central>, Path(name): Path<String>, request: Request) -> Response<Body> {
    let Some(fault) = admitted(&central, Route::File, &request) else {
        return transport::plain(401);
    };
    let Some(content) = central.content(&name).await else {
        return transport::plain(404);
    };
    let mut bytes = content.to_vec();
    match fault {
        Some(Fault::Transport(fault)) => return fault.answer(content).await,
        Some(Fault::Gone) => return transport::plain(404),
        Some(Fault::Changed) => {
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
        }
        Some(Fault::Longer) => {
            bytes.push(b'+');
            return unsized_body(&bytes);
        }
        Some(Fault::Shorter) => return unsized_body(bytes.get(1..).unwrap_or_default()),
        _ => {}
    }
    bytes.into_response()
}

/// A body in pieces, and nothing before it that says how long it is.
fn unsized_body(bytes: &[u8]) -> Response<Body> {
    let pieces: Vec<_> = bytes
        .chunks(1 << 14)
        .map(|piece| Ok::<_, std::convert::Infallible>(Bytes::copy_from_slice(piece)))
        .collect();
    Response::new(Body::from_stream(futures::stream::iter(pieces)))
}

/// Notes a request, and says what is to go wrong with it; `None` for one without the token.
fn admitted(central: &Central, route: Route, request: &Request) -> Option<Option<Fault>> {
    let authorised = transport::bearer(request.headers()) == Some(central.0.token.as_str());
    central.note(route, request.uri(), authorised);
    authorised.then(|| central.0.faults.take(&route))
}
