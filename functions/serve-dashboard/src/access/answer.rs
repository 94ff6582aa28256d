//! The pages of signing in and out. One page for every refusal: it does not tell which part was wrong.

use askama::Template;
use aws::StoreError;
use axum::response::{Html, IntoResponse, Response};
use edge::problem::{CSRF_INVALID, INTERNAL, LOGIN_FAILED, Problem};
use http::StatusCode;

use super::refusal::Refusal;
use super::{HOME, LOGIN};
use crate::asset;

/// A short page with one link.
#[derive(Template)]
#[template(path = "access_notice.html")]
struct Notice<'a> {
    /// The style sheet's address.
    style: &'a str,
    /// The page's heading, in Bahasa Indonesia and English.
    title: (&'a str, &'a str),
    /// What to do.
    text: (&'a str, &'a str),
    /// Where the link leads, and its words.
    link: (&'a str, &'a str, &'a str),
    /// Whether the browser follows the link by itself.
    follows: bool,
    /// The stable code, on refusals.
    code: Option<&'a str>,
}

impl Notice<'_> {
    fn page(&self, status: StatusCode) -> Response {
        match self.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => Problem::internal(error.to_string()).into_response(),
        }
    }
}

/// The page of somebody who could not sign in, or whose session could not be looked up.
pub(super) fn login_failed(refusal: &Refusal) -> Response {
    let problem = match refusal {
        Refusal::Store(StoreError::Damaged(_) | StoreError::TooLarge(_))
        | Refusal::Unsealable
        | Refusal::Randomness(_) => Problem::new(&INTERNAL),
        _ => Problem::new(&LOGIN_FAILED),
    };
    let status = if refusal.is_outage() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        problem.kind().status
    };
    let text = (
        "Coba sekali lagi. Kalau tetap tidak bisa, hubungi pemilik usaha.",
        "Please try once more. If it still does not work, ask the owner.",
    );
    refused(problem, status, text, (LOGIN, "Coba lagi", "Try again"), refusal)
}

/// The page of somebody whose form does not count.
pub(super) fn form_refused(refusal: &Refusal) -> Response {
    let text = (
        "Tidak ada yang diubah. Buka lagi halamannya, lalu kirim sekali lagi.",
        "Nothing was changed. Open the page again and send the form once more.",
    );
    let link = (HOME, "Ke halaman depan", "To the first page");
    refused(
        Problem::new(&CSRF_INVALID),
        CSRF_INVALID.status,
        text,
        link,
        refusal,
    )
}

/// The page after signing out; `onward` is where the issuer's own session is ended.
pub(super) fn signed_out(onward: Option<&str>) -> Response {
    let link = match onward {
        Some(address) => (address, "Lanjut", "Go on"),
        None => (LOGIN, "Masuk lagi", "Sign in again"),
    };
    let notice = Notice {
        style: asset::style(),
        title: ("Anda sudah keluar", "You have signed out"),
        text: (
            "Terima kasih. Tutup jendela ini kalau perangkatnya dipakai bersama.",
            "Thank you. Close this window if others use this device too.",
        ),
        link,
        follows: onward.is_some(),
        code: None,
    };
    notice.page(StatusCode::OK)
}

/// A refusal as a page; the reason travels to the log with the problem.
fn refused(
    problem: Problem,
    status: StatusCode,
    text: (&str, &str),
    link: (&str, &str, &str),
    refusal: &Refusal,
) -> Response {
    let kind = problem.kind();
    let notice = Notice {
        style: asset::style(),
        title: (kind.title, kind.title_en),
        text,
        link,
        follows: false,
        code: Some(kind.code),
    };
    let mut response = notice.page(status);
    let cause = format!("{}: {refusal}", refusal.code());
    response.extensions_mut().insert(problem.caused_by(cause));
    response
}
