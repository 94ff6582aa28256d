//! Refusals as pages: a kind word in the guest's language, what to do, and the stable code.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use edge::problem::{LINK_FORGED, Problem};
use http::Method;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};

use crate::guest::language_of;
use crate::page::Message;
use crate::words::{Both, Language};

/// What a page says about a code: the heading, and what to do.
struct Told {
    heading: Both,
    text: Both,
}

const fn told(heading: Both, text: Both) -> Told {
    Told { heading, text }
}

const fn both(id: &'static str, en: &'static str) -> Both {
    Both { id, en }
}

/// Turns a refusal of a guest's route into a page. The problem stays with the response, for the log.
pub(crate) async fn as_page(request: Request, next: Next) -> Response {
    let language = language_of(request.uri(), request.headers());
    let is_head = request.method() == Method::HEAD;
    let response = next.run(request).await;
    match response.extensions().get::<Problem>().cloned() {
        Some(problem) if !is_head => dressed(response, &problem, language),
        _ => response,
    }
}

/// The answer where there is no route: a guest whose link was cut or run together gets a page as well.
pub(crate) async fn nowhere(request: Request) -> Response {
    if !request.uri().path().starts_with("/r/") {
        return edge::http::no_route().await;
    }
    let language = language_of(request.uri(), request.headers());
    let problem = Problem::new(&LINK_FORGED);
    let response = problem.clone().into_response();
    if request.method() == Method::HEAD {
        response
    } else {
        dressed(response, &problem, language)
    }
}

fn dressed(response: Response, problem: &Problem, language: Language) -> Response {
    let code = problem.kind().code;
    let words = words_for(code);
    let message = Message {
        language,
        heading: language.of(words.heading),
        text: language.of(words.text),
        code,
        may_change: false,
    };
    let (mut head, body) = response.into_parts();
    match message.html() {
        Ok(html) => {
            head.headers.remove(CONTENT_LENGTH);
            head.headers
                .insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            Response::from_parts(head, html.into())
        }
        // The problem document says the same.
        Err(_) => Response::from_parts(head, body),
    }
}

fn words_for(code: &str) -> Told {
    match code {
        "LINK_FORGED" => told(
            both("Tautan ini tidak kami kenal", "We do not know this link"),
            both(
                "Coba pindai sekali lagi kode di struk Anda.",
                "Please scan the code on your receipt once more.",
            ),
        ),
        "LINK_EXPIRED" => told(
            both("Waktu menjawab sudah lewat", "The time to answer is over"),
            both(
                "Terima kasih sudah ingin bercerita. Sampai jumpa lagi, dan ceritakan kunjungan berikutnya!",
                "Thank you for wanting to tell us. We hope to see you again, and to hear about your next visit!",
            ),
        ),
        "LINK_SPENT" => told(
            both("Terima kasih!", "Thank you!"),
            both(
                "Jawaban Anda sudah kami terima dan tidak bisa diubah lagi.",
                "We have your answer. It can no longer be changed.",
            ),
        ),
        "RECEIPT_REFUNDED" => told(
            both("Uang struk ini sudah dikembalikan", "This receipt was refunded"),
            both(
                "Karena itu hidangannya tidak bisa dinilai. Ada yang ingin disampaikan? Silakan hubungi kasir.",
                "So its dishes can't be rated. Is there something to tell us? Please talk to the counter.",
            ),
        ),
        "RECEIPT_VOIDED" => told(
            both("Struk ini sudah dibatalkan", "This receipt was cancelled"),
            both(
                "Karena itu hidangannya tidak bisa dinilai. Ada yang ingin disampaikan? Silakan hubungi kasir.",
                "So its dishes can't be rated. Is there something to tell us? Please talk to the counter.",
            ),
        ),
        "RECEIPT_UNFINISHED" => told(
            both("Struk ini belum lengkap", "This receipt is not complete yet"),
            both(
                "Data dari kasir belum kami terima seluruhnya. Silakan coba lagi nanti.",
                "We have not received all of it from the counter. Please try again later.",
            ),
        ),
        "TOO_MANY_REQUESTS" => told(
            both("Terlalu banyak kiriman", "Too many answers at once"),
            both(
                "Tunggu beberapa menit, lalu kirim sekali lagi.",
                "Please wait a few minutes, then send it once more.",
            ),
        ),
        "BODY_TOO_LARGE" => told(
            both("Jawabannya terlalu panjang", "The answer is too long"),
            both(
                "Persingkat komentarnya, lalu kirim lagi.",
                "Please shorten the comment and send it again.",
            ),
        ),
        _ => other_words_for(code),
    }
}

fn other_words_for(code: &str) -> Told {
    match code {
        "BODY_UNREADABLE"
        | "CSRF_INVALID"
        | "MEDIA_TYPE_UNSUPPORTED"
        | "METHOD_NOT_ALLOWED"
        | "PARAMETER_INVALID" => told(
            both("Jawaban tidak terbaca", "We could not read the answer"),
            both(
                "Pindai lagi kode di struk Anda dan kirim dari halaman itu.",
                "Please scan the code on your receipt again and send it from that page.",
            ),
        ),
        _ => told(
            both("Sedang ada gangguan", "Something is not working"),
            both(
                "Maaf. Tunggu sebentar, lalu coba lagi.",
                "We are sorry. Please wait a moment and try again.",
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use edge::problem::ALL;

    use super::*;

    #[test]
    fn every_refusal_has_words_in_both_languages() {
        for kind in ALL {
            let words = words_for(kind.code);
            for both in [words.heading, words.text] {
                assert!(
                    !both.id.is_empty() && !both.en.is_empty() && both.id != both.en,
                    "{}",
                    kind.code
                );
            }
        }
    }

    #[test]
    fn what_belongs_to_links_has_words_of_its_own() {
        let general = words_for("INTERNAL").heading;
        let own = ALL
            .iter()
            .filter(|kind| kind.code.starts_with("LINK_") || kind.code.starts_with("RECEIPT_"))
            // The shop's own, which no guest meets.
            .filter(|kind| kind.code != "RECEIPT_NOT_FOUND" && !kind.code.starts_with("LINK_KEY_"));
        for kind in own {
            assert_ne!(words_for(kind.code).heading, general, "{}", kind.code);
        }
    }
}
