//! The guest's page: shown to whoever has the link, and stored once it is filled in.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use domain::feedback::form::{self, FormError};
use domain::feedback::{Answer, Dish, Said};
use edge::auth::AuthSource;
use edge::http_input::{PathParams, RawBody, media_type};
use edge::problem::{CSRF_INVALID, LINK_SPENT, MEDIA_TYPE_UNSUPPORTED, Problem};
use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HOST, ORIGIN};
use http::{Extensions, HeaderMap, Method, StatusCode, Uri};
use utoipa::ToSchema;

use crate::Deps;
use crate::entered::{entered_in, entered_of};
use crate::limits;
use crate::page::{DishRow, Entered, Form, Message, Wrong, answer, fingerprint};
use crate::visit::Visit;
use crate::words::Language;

/// The language of a request: the one it names, or else the one that the phone prefers.
pub(crate) fn language_of(uri: &Uri, headers: &HeaderMap) -> Language {
    let asked = parameter(uri, "lang").and_then(|tag| Language::of_tag(&tag));
    asked.unwrap_or_else(|| Language::preferred(text_of(headers, ACCEPT_LANGUAGE)))
}

fn parameter(uri: &Uri, wanted: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

fn text_of(headers: &HeaderMap, name: http::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Shows the page of a receipt to whoever has its link.
///
/// The first view is noted: how many guests open the page is one of the shop's figures.
#[utoipa::path(
    get, path = "/r/{token}", tag = "guests",
    params(
        ("token" = String, Path, description = "The link's secret part"),
        ("lang" = Option<String>, Query, description = "`id` or `en`; otherwise as `Accept-Language` prefers"),
    ),
    responses(
        (status = 200, description = "The form, filled in where it was answered before", body = String, content_type = "text/html"),
        (status = 404, description = "`LINK_FORGED`", body = String, content_type = "text/html"),
        (status = 409, description = "`LINK_SPENT`, `RECEIPT_REFUNDED`, `RECEIPT_VOIDED`, `RECEIPT_UNFINISHED`", body = String, content_type = "text/html"),
        (status = 410, description = "`LINK_EXPIRED`", body = String, content_type = "text/html"),
        (status = "default", description = "Any other refusal", body = String, content_type = "text/html"),
    ),
)]
pub(crate) async fn show_page(
    State(deps): State<Arc<Deps>>,
    PathParams(token): PathParams<String>,
    request: Request,
) -> Result<Response, Problem> {
    let language = language_of(request.uri(), request.headers());
    let visit = Visit::of(&deps, &token).await?;
    let said = visit.answer.as_ref().and_then(|answer| answer.guest.as_ref());
    if spent(visit.answer.as_ref(), deps.now_ms()) {
        return Err(Problem::new(&LINK_SPENT));
    }
    if is_a_view(&request) {
        visit.note_opened(&deps).await;
    }
    let entered = said
        .map(|said| entered_of(said, &visit.dishes))
        .unwrap_or_default();
    let form = form_of(&visit, language, entered, Vec::new());
    Ok(answer(StatusCode::OK, form.html()?))
}

/// Whether the answer can't be changed any more.
fn spent(answer: Option<&Answer>, now_ms: i64) -> bool {
    answer.is_some_and(|answer| answer.guest.is_some() && !answer.may_revise(now_ms))
}

/// Whether somebody looks at the page. Programs that draw a preview of a link ask for anything, or only
/// for headers, or say that they fetch ahead.
fn is_a_view(request: &Request) -> bool {
    let ahead = ["purpose", "sec-purpose", "x-purpose"]
        .iter()
        .filter_map(|name| request.headers().get(*name)?.to_str().ok())
        .any(|purpose| purpose.contains("prefetch") || purpose.contains("preview"));
    request.method() == Method::GET && !ahead && text_of(request.headers(), ACCEPT).contains("text/html")
}

/// The form of the page, for the API's description: what is read is [`form::read`]'s business.
#[expect(dead_code, reason = "describes what is sent and is never made")]
#[derive(Debug, ToSchema)]
struct AnswerForm {
    /// The visit as a whole.
    #[schema(minimum = 1, maximum = 5)]
    overall: u8,
    /// The first dish of the page; `d1`, `d2` and so on are the others. Each may be empty.
    #[schema(minimum = 1, maximum = 5)]
    d0: Option<u8>,
    /// How likely the guest is to recommend the shop; may be empty.
    #[schema(minimum = 0, maximum = 10)]
    recommend: Option<u8>,
    /// The guest's words.
    #[schema(max_length = 1000)]
    comment: Option<String>,
    /// The version of the wording to which the guest consents, as the page has it; absent for no consent.
    consent: Option<String>,
    /// The language of the page.
    #[schema(pattern = "^(id|en)$")]
    lang: Option<String>,
}

/// Takes what a guest says about a receipt. The same answer sent twice is one; another one within the time
/// for it replaces the first, which is kept as its history.
#[utoipa::path(
    post, path = "/r/{token}", tag = "guests",
    params(
        ("token" = String, Path, description = "The link's secret part"),
        ("lang" = Option<String>, Query, description = "`id` or `en`; otherwise as `Accept-Language` prefers"),
        ("dishes" = Option<String>, Query, description = "The page's mark of its dishes: with an old one the form comes back"),
    ),
    request_body(content = AnswerForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Thanks", body = String, content_type = "text/html"),
        (status = 403, description = "`CSRF_INVALID`: sent from a page of somebody else", body = String, content_type = "text/html"),
        (status = 404, description = "`LINK_FORGED`", body = String, content_type = "text/html"),
        (status = 409, description = "`LINK_SPENT`, `RECEIPT_REFUNDED`, `RECEIPT_VOIDED`, `RECEIPT_UNFINISHED`", body = String, content_type = "text/html"),
        (status = 410, description = "`LINK_EXPIRED`", body = String, content_type = "text/html"),
        (status = 413, description = "`BODY_TOO_LARGE`", body = String, content_type = "text/html"),
        (status = 415, description = "`MEDIA_TYPE_UNSUPPORTED`", body = String, content_type = "text/html"),
        (status = 422, description = "The form, with what has to be corrected", body = String, content_type = "text/html"),
        (status = 429, description = "`TOO_MANY_REQUESTS`", body = String, content_type = "text/html"),
        (status = "default", description = "Any other refusal", body = String, content_type = "text/html"),
    ),
)]
pub(crate) async fn send_answer(
    State(deps): State<Arc<Deps>>,
    PathParams(token): PathParams<String>,
    uri: Uri,
    headers: HeaderMap,
    extensions: Extensions,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    let language = language_of(&uri, &headers);
    check_origin(&headers, deps.guest_links.public_url())?;
    check_media(&headers)?;
    deps.count_source(limits::source(&extensions)).await?;
    let visit = Visit::of(&deps, &token).await?;
    deps.count_link(&token).await?;
    let now_ms = deps.now_ms();
    let form = match read(&uri, &body, &visit, language, now_ms) {
        Ok(said) => return thank(&deps, &visit, said, language).await,
        Err(form) => form,
    };
    Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, form.html()?))
}

/// What the guest says, or the form again with what has to be corrected.
fn read(uri: &Uri, body: &[u8], visit: &Visit, language: Language, now_ms: i64) -> Result<Said, Box<Form>> {
    let entered = || entered_in(body, visit.dishes.len());
    let shown = parameter(uri, "dishes");
    if shown.is_some_and(|shown| shown != mark_of(&visit.dishes)) {
        // The fields go by the place among the dishes: these ratings would be of others.
        let entered = Entered {
            dishes: Vec::new(),
            ..entered()
        };
        let words = language.words();
        let mut form = form_of(visit, language, entered, Vec::new());
        form.errors.push(Wrong {
            field: form
                .dishes
                .first()
                .map_or("overall", |dish| &dish.field)
                .to_owned(),
            label: words.dishes.to_owned(),
            text: words.changed,
        });
        return Err(Box::new(form));
    }
    form::read(body, &visit.dishes, now_ms)
        .map_err(|errors| Box::new(form_of(visit, language, entered(), errors)))
}

/// Stores what the guest says, and thanks for it.
async fn thank(deps: &Deps, visit: &Visit, said: Said, language: Language) -> Result<Response, Problem> {
    let stored = visit.keep(deps, said).await?;
    let words = language.words();
    let thanks = Message {
        language,
        heading: words.thanks,
        text: words.thanks_text,
        code: "",
        may_change: stored.may_revise(deps.now_ms()),
    };
    Ok(answer(StatusCode::OK, thanks.html()?))
}

/// Refuses a form that somebody else's page sends. There is no session to abuse, so this only keeps
/// strangers from filling in other people's links by the dozen. Our own page sends its origin or, as it
/// names no referrer, `null` (Fetch standard, "append a request Origin header").
fn check_origin(headers: &HeaderMap, public_url: &str) -> Result<(), Problem> {
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let host = origin.split_once("://").map(|(_, host)| host);
    let own = origin == "null"
        || origin == public_url
        || host.is_some_and(|host| host.eq_ignore_ascii_case(text_of(headers, HOST)));
    if own {
        return Ok(());
    }
    Err(Problem::new(&CSRF_INVALID).caused_by("a form of another origin"))
}

fn check_media(headers: &HeaderMap) -> Result<(), Problem> {
    let header = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if media_type(header) == "application/x-www-form-urlencoded" {
        return Ok(());
    }
    Err(Problem::new(&MEDIA_TYPE_UNSUPPORTED))
}

/// The form of a visit, with what was entered and what is wrong with it.
fn form_of(visit: &Visit, language: Language, entered: Entered, errors: Vec<FormError>) -> Form {
    let answered = visit.answer.as_ref().is_some_and(|answer| answer.guest.is_some());
    let row = |(index, dish): (usize, &Dish)| DishRow {
        field: format!("d{index}"),
        name: name_of(dish),
        rating: entered.dishes.get(index).copied().flatten(),
    };
    let dishes: Vec<DishRow> = visit.dishes.iter().enumerate().map(row).collect();
    let errors = errors
        .into_iter()
        .map(|error| wrong(error, language, &dishes))
        .collect();
    Form {
        language,
        mark: mark_of(&visit.dishes),
        outlet: visit.outlet.name.clone(),
        date: language.date(visit.place.date),
        changing: answered,
        dishes,
        entered,
        errors,
    }
}

/// A mark of the dishes on a page, in their order.
fn mark_of(dishes: &[Dish]) -> String {
    let mut names = Vec::new();
    for Dish { key, .. } in dishes {
        for name in [&key.menu, &key.variant] {
            names.extend_from_slice(name.as_bytes());
            names.push(0);
        }
    }
    format!("{:08x}", fingerprint(&names))
}

/// What people call a dish: its name, and its variant where it has one.
fn name_of(dish: &Dish) -> String {
    let key = &dish.key;
    if key.variant.is_empty() {
        key.menu.clone()
    } else {
        format!("{} · {}", key.menu, key.variant)
    }
}

fn wrong(error: FormError, language: Language, dishes: &[DishRow]) -> Wrong {
    let words = language.words();
    let dish = dishes.iter().find(|dish| dish.field == error.field);
    let (field, label) = match (error.field.as_str(), dish) {
        (_, Some(dish)) => (dish.field.clone(), dish.name.clone()),
        ("recommend", _) => ("recommend".to_owned(), words.recommend.to_owned()),
        ("comment", _) => ("comment".to_owned(), words.comment.to_owned()),
        ("consent", _) => ("consent".to_owned(), words.consent.to_owned()),
        // A field that is not on the page has no place of its own there.
        _ => ("overall".to_owned(), words.overall.to_owned()),
    };
    let text = match language {
        Language::Indonesian => error.id,
        Language::English => error.en,
    };
    Wrong { field, label, text }
}
