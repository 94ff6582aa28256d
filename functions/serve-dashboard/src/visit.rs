//! A person's visit of a page: who it is, what they asked, in which language and as what.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use domain::api_key::Scope;
use edge::auth::Caller;
use edge::http_input::Params;
use edge::problem::{FieldError, INTERNAL, PARAMETER_INVALID, Problem};
use http::header::REFERRER_POLICY;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use http::request::Parts;
use serde::Serialize;

use crate::Deps;
use crate::access::{Csrf, Staff};
use crate::filter::{Asked, Filter};
use crate::frame::{Frame, Link, Place};
use crate::sheet::Sheet;
use crate::words::{Lang, Words};

/// The cookie that remembers the language. It says nothing about the person.
const LANGUAGE_COOKIE: &str = "lang";
/// How long the language is remembered, in days.
const LANGUAGE_DAYS: i64 = 365;
/// Forms are told apart by where they come from, so our own pages say so; nobody else learns anything.
const REFERRER: HeaderValue = HeaderValue::from_static("same-origin");

/// What a view is asked for as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A page.
    Page,
    /// A table for a spreadsheet.
    Csv,
    /// A document for a program.
    Json,
}

impl Format {
    fn of(asked: &Asked) -> Result<Self, Problem> {
        match asked.format.as_deref() {
            None | Some("html") => Ok(Self::Page),
            Some("csv") => Ok(Self::Csv),
            Some("json") => Ok(Self::Json),
            Some(_) => {
                let (indonesian, english) = ("csv atau json", "csv or json");
                Err(Problem::parameter(
                    &PARAMETER_INVALID,
                    "format",
                    indonesian,
                    english,
                ))
            }
        }
    }
}

/// A person's visit of a page.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The person, as everything that asks for scopes and outlets takes them.
    pub(crate) caller: Caller,
    /// The filters of the address.
    pub(crate) asked: Asked,
    /// How numbers and words are written.
    pub(crate) w: Words,
    /// What the view is asked for as.
    pub(crate) format: Format,
    csrf: String,
    path: String,
}

impl FromRequestParts<Arc<Deps>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, deps: &Arc<Deps>) -> Result<Self, Response> {
        let Staff(person) = Staff::from_request_parts(parts, deps)
            .await
            .map_err(IntoResponse::into_response)?;
        let Csrf(csrf) = Csrf::from_request_parts(parts, deps)
            .await
            .map_err(IntoResponse::into_response)?;
        let asked = Params::<Asked>::from_request_parts(parts, deps).await;
        let asked = asked.and_then(|Params(asked)| asked.tidied());
        let asked = asked.map_err(IntoResponse::into_response)?;
        Ok(Self {
            caller: Caller::Staff(person),
            w: language(asked.lang.as_deref(), &parts.headers),
            format: Format::of(&asked).map_err(IntoResponse::into_response)?,
            asked,
            csrf,
            path: parts.uri.path().to_owned(),
        })
    }
}

impl Visit {
    /// The filters of the address, checked for this person, who needs a scope for the page.
    ///
    /// # Errors
    /// `SCOPE_MISSING`, or what [`Filter::read`] refuses.
    pub(crate) async fn filter(&self, deps: &Deps, scope: Scope) -> Result<Filter, Problem> {
        self.caller.check_scope(scope)?;
        Filter::read(deps, &self.caller, self.asked.clone()).await
    }

    /// Whether the person may do what needs a scope.
    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.caller.may(scope)
    }

    /// What stands around the page's content.
    pub(crate) fn frame(&self, place: Place, title: Option<String>, asked: &Asked) -> Frame {
        let title = title.unwrap_or_else(|| place.name(self.w).to_owned());
        let mut frame = Frame::new(
            (title, &self.path),
            Some(place),
            (Some(&self.caller), asked),
            self.w,
        );
        frame.csrf.clone_from(&self.csrf);
        frame
    }

    /// The view as a table or a document, where that is what was asked for.
    ///
    /// # Errors
    /// A failure of the server when the table can't be written.
    pub(crate) fn download(
        &self,
        document: &impl Serialize,
        sheet: impl FnOnce() -> Sheet,
    ) -> Result<Option<Response>, Problem> {
        match self.format {
            Format::Json => Ok(Some(Json(document).into_response())),
            Format::Csv => csv(&sheet()).map(Some),
            Format::Page => Ok(None),
        }
    }

    /// Answers with a page.
    ///
    /// # Errors
    /// A failure of the server when the page can't be written.
    pub(crate) fn page(&self, page: Result<String, askama::Error>) -> Result<Response, Problem> {
        let html = page.map_err(|error| Problem::internal(error.to_string()))?;
        let mut response = Html(html).into_response();
        response.headers_mut().insert(REFERRER_POLICY, REFERRER);
        // A language that was chosen holds for the pages after it.
        if let Some(lang) = self.asked.lang.as_deref().and_then(Lang::of)
            && let Some(cookie) = remembering(lang)
        {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        Ok(response)
    }
}

/// A table as a file to keep.
///
/// # Errors
/// A failure of the server when the table can't be written.
pub(crate) fn csv(sheet: &Sheet) -> Result<Response, Problem> {
    let bytes = sheet
        .csv()
        .map_err(|error| Problem::internal(error.to_string()))?;
    let name = format!("attachment; filename=\"{}.csv\"", sheet.name);
    let name = HeaderValue::try_from(name).map_err(|error| Problem::internal(error.to_string()))?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], bytes).into_response())
}

/// The language that was asked for, or else chosen before, or else Bahasa Indonesia.
fn language(asked: Option<&str>, headers: &HeaderMap) -> Words {
    let lines = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='));
    let chosen = pairs.find(|(name, _)| name.trim() == LANGUAGE_COOKIE);
    let chosen = chosen.and_then(|(_, tag)| Lang::of(tag.trim()));
    Words {
        lang: asked.and_then(Lang::of).or(chosen).unwrap_or_default(),
    }
}

fn remembering(lang: Lang) -> Option<HeaderValue> {
    let cookie = Cookie::build((LANGUAGE_COOKIE, lang.tag()))
        .path("/dashboard")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::days(LANGUAGE_DAYS));
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// A page that tells a person of a problem, kindly and with the stable code.
#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    title: &'static str,
    detail: Option<String>,
    /// What is wrong with the form, field by field.
    errors: Vec<String>,
    code: &'static str,
    /// The page of the navigation that the address is of.
    back: Option<Link>,
}

/// Turns the problem documents of pages into pages. Downloads keep the document.
pub(crate) async fn kindly(State(deps): State<Arc<Deps>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Params(asked) = Params::<Asked>::from_request_parts(&mut parts, &deps)
        .await
        .unwrap_or(Params(Asked::default()));
    let w = language(asked.lang.as_deref(), &parts.headers);
    let caller = Staff::from_request_parts(&mut parts, &deps).await.ok();
    let caller = caller.map(|Staff(person)| Caller::Staff(person));
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if matches!(asked.format.as_deref(), Some("csv" | "json")) {
        return response;
    }
    let Some(problem) = response.extensions_mut().remove::<Problem>() else {
        return response;
    };
    let title = w.t(problem.kind().title, problem.kind().title_en);
    // Only what every page understands: a filter may be what was wrong.
    let shared = Asked {
        lang: asked.lang,
        ..Asked::default()
    };
    let frame = Frame::new((title.to_owned(), &path), None, (caller.as_ref(), &shared), w);
    let document = problem.document(None);
    let detail = match w.lang {
        Lang::Id => document.detail,
        Lang::En => document.detail_en,
    };
    let told = |error: &FieldError| match w.lang {
        Lang::Id => error.detail.clone(),
        Lang::En => error.detail_en.clone(),
    };
    // A form's fields are told one by one, without the names that programs know them by. Where there is another
    // detail, it says the same as its one error.
    let is_form = document.errors.iter().any(|error| error.pointer.is_some());
    let detail = detail.filter(|_| !is_form);
    let errors = document.errors.iter().filter(|_| detail.is_none()).map(told);
    let page = ProblemPage {
        back: frame.nearest(&path).cloned(),
        frame,
        title,
        errors: errors.collect(),
        detail: detail.map(str::to_owned),
        code: problem.kind().code,
    };
    let Ok(html) = page.render() else {
        return Problem::new(&INTERNAL).into_response();
    };
    let mut kind = (problem.kind().status, Html(html)).into_response();
    // The log names the problem's code and cause.
    kind.extensions_mut().insert(problem);
    kind
}
