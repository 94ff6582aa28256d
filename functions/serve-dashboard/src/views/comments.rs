//! What guests wrote: the newest first, with search.
//!
//! Of one outlet they come by the business date of the receipt, of all outlets by the day on which they
//! were written. A page looks at a bounded number of answers; where few of them fit, it says so and
//! goes on from there.

use std::sync::Arc;

use askama::Template;
use aws::position::ListPosition;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::feedback::{Answer, Source};
use domain::insight::{Month, Scope as Whose};
use domain::when::{BusinessDate, business_date};
use edge::cursor;
use edge::problem::{PARAMETER_INVALID, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::names::Names;
use super::{moment, perhaps_moment};
use crate::Deps;
use crate::bar::{Bar, Field};
use crate::filter::Filter;
use crate::frame::{Frame, Place};
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;

/// How many comments a page has.
pub(crate) const PAGE: i32 = 25;
/// How many requests a page takes, at most: a search looks at eight pages of answers, and goes on from
/// there when it is asked to.
const REQUESTS_MAX: u32 = 8;

/// Stars for a dish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DishStars)]
pub(crate) struct DishStars {
    /// The dish.
    pub(crate) menu: String,
    /// The variant; empty for the dish without one.
    pub(crate) variant: String,
    /// One to five.
    pub(crate) stars: u8,
}

/// What a guest said of a receipt.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
pub(crate) struct Comment {
    /// The receipt's id.
    pub(crate) receipt: String,
    /// The outlet.
    pub(crate) outlet: String,
    /// The outlet's name, where it has one.
    pub(crate) outlet_name: Option<String>,
    /// The business date of the receipt.
    pub(crate) date: String,
    /// When it was sold, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) ordered_at: i64,
    /// When it was said, RFC 3339 in UTC.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) said_at: Option<i64>,
    /// `guest` for the guest's page, `pos` for the point of sale's export.
    pub(crate) source: Option<&'static str>,
    /// The visit as a whole, one to five.
    pub(crate) stars: Option<u8>,
    /// Whether the guest would recommend the shop, zero to ten.
    pub(crate) recommend: Option<u8>,
    /// The dishes.
    pub(crate) dishes: Vec<DishStars>,
    /// The guest's words.
    pub(crate) comment: Option<String>,
    /// Whether the words look like an advertisement or noise.
    pub(crate) suspect: bool,
    /// Whether the guest agreed, with this answer, to be contacted about it. That is what was said, and not
    /// whether contact is allowed now: the guest may have taken it back, or asked for restriction or erasure.
    /// `contact_barred` of the case says that.
    pub(crate) consented: bool,
    /// Whether the sale was voided or refunded afterwards: its ratings don't count.
    pub(crate) reversed: bool,
    /// How often the guest revised it.
    pub(crate) revisions: usize,
}

impl From<&Answer> for Comment {
    fn from(answer: &Answer) -> Self {
        let said = answer.effective();
        let dishes = said.dishes.into_iter().map(|(key, stars)| DishStars {
            menu: key.menu,
            variant: key.variant,
            stars,
        });
        let consent = answer.guest.as_ref().and_then(|guest| guest.consent.as_ref());
        Self {
            receipt: answer.place.to_string(),
            outlet: answer.place.outlet.clone(),
            outlet_name: None,
            date: answer.place.date.to_string(),
            ordered_at: answer.order_at_ms,
            said_at: said.said_ms,
            source: said.source.map(|source| match source {
                Source::Guest => "guest",
                Source::Pos => "pos",
            }),
            stars: said.overall,
            recommend: said.recommend,
            dishes: dishes.collect(),
            comment: said.comment,
            suspect: said.suspect,
            consented: consent.is_some_and(|consent| consent.given),
            reversed: answer.reversed,
            revisions: answer.history.len(),
        }
    }
}

impl Comment {
    /// The outlet for people: its name, or else its id.
    pub(crate) fn outlet_label(&self) -> &str {
        self.outlet_name.as_deref().unwrap_or(&self.outlet)
    }
}

/// A page of what guests wrote.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Comments)]
pub(crate) struct CommentsView {
    /// The comments, the newest first.
    pub(crate) items: Vec<Comment>,
    /// What to give as `after` for the next page; null on the last.
    pub(crate) next: Option<String>,
}

/// Which comments of those that are read.
#[derive(Debug)]
struct Wanted {
    words: Option<String>,
    stars: Option<u8>,
    with_spam: bool,
    days: (BusinessDate, BusinessDate),
}

impl Wanted {
    fn read(filter: &Filter) -> Result<Self, Problem> {
        let asked = &filter.asked;
        let stars = asked.stars.as_deref().map(|text| {
            let number = text.parse().ok().filter(|stars| (1..=5).contains(stars));
            number.ok_or_else(|| {
                let (indonesian, english) = ("bilangan 1 sampai 5", "a number from 1 to 5");
                Problem::parameter(&PARAMETER_INVALID, "stars", indonesian, english)
            })
        });
        Ok(Self {
            words: asked.q.as_deref().map(str::to_lowercase),
            stars: stars.transpose()?,
            with_spam: asked.spam.as_deref() == Some("yes"),
            days: (filter.range.from, filter.range.to),
        })
    }

    fn fits(&self, comment: &Comment, filter: &Filter) -> bool {
        let Some(text) = &comment.comment else {
            return false;
        };
        let has = |words: &String| {
            let names = comment
                .dishes
                .iter()
                .any(|dish| dish.menu.to_lowercase().contains(words));
            names || text.to_lowercase().contains(words)
        };
        let said = comment.said_at.map(|at_ms| business_date(at_ms, &filter.zone, 0));
        let in_time = match filter.scope {
            Whose::Outlet(_) => true,
            Whose::All => said.is_some_and(|said| (self.days.0..=self.days.1).contains(&said)),
        };
        in_time
            && (self.with_spam || !comment.suspect)
            && self.stars.is_none_or(|stars| comment.stars == Some(stars))
            && self.words.as_ref().is_none_or(has)
    }
}

/// Reads a page of at most `limit` comments.
///
/// # Errors
/// `PARAMETER_INVALID`, or the store's failure.
pub(crate) async fn load(deps: &Deps, filter: &Filter, limit: i32) -> Result<CommentsView, Problem> {
    let mut view = gather(deps, filter, limit, limit).await?;
    let outlets = view.items.iter().map(|comment| comment.outlet.as_str());
    let names = Names::read(deps, filter, outlets.collect()).await?;
    for comment in &mut view.items {
        comment.outlet_name = names.get(&comment.outlet);
    }
    Ok(view)
}

/// Reads a few of the newest comments, whose outlets the caller names.
///
/// # Errors
/// As [`load`].
pub(crate) async fn newest(deps: &Deps, filter: &Filter, few: i32) -> Result<Vec<Comment>, Problem> {
    let mut newest = gather(deps, filter, PAGE, few).await?.items;
    newest.truncate(usize::try_from(few).unwrap_or_default());
    Ok(newest)
}

/// Reads until there are `enough` comments, `limit` at most.
async fn gather(deps: &Deps, filter: &Filter, limit: i32, enough: i32) -> Result<CommentsView, Problem> {
    let wanted = Wanted::read(filter)?;
    let mut after = cursor::decode("after", filter.asked.after.as_deref())?;
    let (most, enough) = (usize::try_from(limit), usize::try_from(enough));
    let (most, enough) = (most.unwrap_or_default(), enough.unwrap_or_default());
    let mut items = Vec::new();
    for _ in 0..REQUESTS_MAX {
        let left = most.saturating_sub(items.len());
        let left = i32::try_from(left).unwrap_or(limit);
        let (answers, next) = read_some(deps, filter, after.as_deref(), left).await?;
        let comments = answers.iter().map(Comment::from);
        items.extend(comments.filter(|comment| wanted.fits(comment, filter)));
        after = next;
        if after.is_none() || items.len() >= enough {
            break;
        }
    }
    Ok(CommentsView {
        items,
        next: after.as_deref().map(cursor::encode),
    })
}

/// Some answers from a position, and the position after them.
async fn read_some(
    deps: &Deps,
    filter: &Filter,
    after: Option<&str>,
    limit: i32,
) -> Result<(Vec<Answer>, Option<String>), Problem> {
    let days = (filter.range.from, filter.range.to);
    let Whose::Outlet(outlet) = &filter.scope else {
        return of_all(deps, days, after, limit).await;
    };
    Ok(deps.feedback.of_outlet(outlet, days, after, limit).await?)
}

/// Months are listed by UTC: the last day of a range may be in the month after it, and the first in the
/// month before.
async fn of_all(
    deps: &Deps,
    (from, to): (BusinessDate, BusinessDate),
    after: Option<&str>,
    limit: i32,
) -> Result<(Vec<Answer>, Option<String>), Problem> {
    let first = Month::of(from.add_days(-1).unwrap_or(from));
    let (month, position) = match after {
        None => (Month::of(to), None),
        Some(text) => read_place(text).ok_or_else(|| cursor::unusable("after"))?,
    };
    if month < first {
        return Ok((Vec::new(), None));
    }
    let (answers, next) = deps.feedback.comments(month, position.as_ref(), limit).await?;
    let next = match next {
        Some(position) => Some(format!("{month}|{position}")),
        None if month > first => Some(format!("{}|", month.previous())),
        None => None,
    };
    Ok((answers, next))
}

fn read_place(text: &str) -> Option<(Month, Option<ListPosition>)> {
    let (month, position) = text.split_once('|')?;
    let month = month.parse().ok()?;
    if position.is_empty() {
        return Some((month, None));
    }
    Some((month, Some(ListPosition::parse(position)?)))
}

impl CommentsView {
    fn sheet(&self, w: Words) -> Sheet {
        let header = vec![
            w.t("Struk", "Receipt"),
            "Outlet",
            w.t("Nama outlet", "Outlet name"),
            w.t("Tanggal", "Date"),
            w.t("Dikatakan", "Said at"),
            w.t("Bintang", "Stars"),
            w.t("Rekomendasi", "Recommend"),
            w.t("Menu", "Dishes"),
            w.t("Komentar", "Comment"),
            w.t("Setuju dihubungi waktu menjawab", "Consented when answering"),
        ];
        let rows = self.items.iter().map(|comment| {
            let dishes = comment.dishes.iter();
            let dishes: Vec<String> = dishes
                .map(|dish| format!("{} {}", named(dish), dish.stars))
                .collect();
            vec![
                Cell::text(&comment.receipt),
                Cell::text(&comment.outlet),
                Cell::text(comment.outlet_name.as_deref().unwrap_or_default()),
                Cell::text(&comment.date),
                comment
                    .said_at
                    .map_or(Cell::Empty, |at| Cell::text(domain::when::format_utc(at))),
                Cell::number(comment.stars),
                Cell::number(comment.recommend),
                Cell::text(dishes.join("; ")),
                Cell::text(comment.comment.as_deref().unwrap_or_default()),
                Cell::text(if comment.consented { w.t("ya", "yes") } else { "" }),
            ]
        });
        Sheet {
            name: w.t("komentar", "comments").to_owned(),
            header,
            rows: rows.collect(),
        }
    }
}

/// A dish with its variant.
pub(crate) fn named(dish: &DishStars) -> String {
    if dish.variant.is_empty() {
        dish.menu.clone()
    } else {
        format!("{} ({})", dish.menu, dish.variant)
    }
}

#[derive(Template)]
#[template(path = "comments.html")]
struct Page {
    frame: Frame,
    bar: Bar,
    zone: domain::when::Zone,
    view: CommentsView,
    may_erase: bool,
    next: Option<String>,
    csv: String,
    json: String,
}

/// What guests wrote.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    let filter = visit.filter(&deps, Scope::FeedbackRead).await?;
    let view = load(&deps, &filter, PAGE).await?;
    let (w, asked, path) = (visit.w, &filter.asked, Place::Comments.path());
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let every = (String::new(), w.t("Semua", "All").to_owned());
    let stars = (1..=5)
        .rev()
        .map(|stars| (stars.to_string(), format!("{stars} ★")));
    let fields = vec![
        Field::words("q", w.t("Cari kata", "Find words"), asked.q.as_deref()),
        Field::choice(
            "stars",
            w.t("Bintang", "Stars"),
            asked.stars.as_deref(),
            std::iter::once(every).chain(stars).collect(),
        ),
        Field::tick(
            "spam",
            w.t("Tampilkan juga yang mirip spam", "Show likely spam too"),
            asked.spam.as_deref(),
        ),
    ];
    let page = Page {
        frame: visit.frame(Place::Comments, None, asked),
        bar: Bar::new(&deps, &visit.caller, &filter, w, (path, fields)).await?,
        zone: filter.zone.clone(),
        may_erase: visit.may(Scope::FeedbackWrite),
        next: view
            .next
            .as_ref()
            .map(|next| asked.address(path, &[("after", next)])),
        csv: asked.download(path, "csv"),
        json: asked.download(path, "json"),
        view,
    };
    visit.page(page.render())
}
