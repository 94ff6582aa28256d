//! The filters of a page as a form, and the ranges that are chosen most often as links.

use askama::Template;
use domain::insight::Scope;
use domain::staff::Outlets;
use domain::when::BusinessDate;
use edge::auth::Caller;
use edge::problem::Problem;

use crate::Deps;
use crate::filter::{Asked, Filter, name_of};
use crate::range::Step;
use crate::views::names::Names;
use crate::words::Words;

/// The most outlets that a form offers by name. Of more, the id is written.
const OUTLETS_MAX: i32 = 50;

/// An outlet to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The id.
    pub(crate) id: String,
    /// The name.
    pub(crate) name: String,
}

/// A field of a page's own.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name in the address.
    pub(crate) name: &'static str,
    /// What people read before it.
    pub(crate) label: &'static str,
    /// What it holds.
    pub(crate) value: String,
    /// What there is to choose, as values and their words; without any, words are written.
    pub(crate) options: Vec<(String, String)>,
    /// Whether it is a box to tick, with the value `yes`.
    pub(crate) is_tick: bool,
}

impl Field {
    /// A field for words.
    pub(crate) fn words(name: &'static str, label: &'static str, value: Option<&str>) -> Self {
        Self::choice(name, label, value, Vec::new())
    }

    /// A field with something to choose.
    pub(crate) fn choice(
        name: &'static str,
        label: &'static str,
        value: Option<&str>,
        options: Vec<(String, String)>,
    ) -> Self {
        Self {
            name,
            label,
            value: value.unwrap_or_default().to_owned(),
            options,
            is_tick: false,
        }
    }

    /// Whether it holds a value.
    fn holds(&self, value: &str) -> bool {
        self.value == value
    }

    /// A box to tick.
    pub(crate) fn tick(name: &'static str, label: &'static str, value: Option<&str>) -> Self {
        Self {
            is_tick: true,
            ..Self::words(name, label, value)
        }
    }
}

/// A range that is chosen often.
struct Quick {
    href: String,
    name: String,
    is_here: bool,
}

/// The filters of a page as a form.
#[derive(Template)]
#[template(path = "bar.html")]
pub(crate) struct Bar {
    w: Words,
    action: String,
    summary: String,
    outlet: String,
    choices: Vec<Choice>,
    /// Whether every outlet is among the choices.
    is_whole: bool,
    /// Whether the page can be about all outlets.
    may_all: bool,
    from: String,
    to: String,
    has_range: bool,
    /// The one date of a page that has no range: its name in the address, and what it holds.
    day: Option<(&'static str, String)>,
    /// Whether the form is unfolded.
    is_open: bool,
    fields: Vec<Field>,
    hidden: Vec<(&'static str, String)>,
    quick: Vec<Quick>,
}

impl Bar {
    /// The form of a page at `action`, with fields of its own.
    ///
    /// # Errors
    /// The store's failure.
    pub(crate) async fn new(
        deps: &Deps,
        caller: &Caller,
        filter: &Filter,
        w: Words,
        (action, fields): (&str, Vec<Field>),
    ) -> Result<Self, Problem> {
        let (choices, is_whole) = choices(deps, caller).await?;
        let asked = &filter.asked;
        let hidden = [("lang", &asked.lang)];
        let hidden = hidden
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?)));
        Ok(Self {
            w,
            action: action.to_owned(),
            summary: format!("{} · {}", outlet_name(filter, w), range_name(filter, w)),
            outlet: filter.outlet_id().unwrap_or_default().to_owned(),
            choices,
            is_whole,
            may_all: *caller.outlets() == Outlets::All,
            from: filter.range.from.to_string(),
            to: filter.range.to.to_string(),
            has_range: true,
            day: None,
            is_open: false,
            fields,
            hidden: hidden.collect(),
            quick: quick(filter, w, action),
        })
    }

    /// The form unfolded, where a page shows nothing before something is chosen.
    pub(crate) fn unfolded(mut self) -> Self {
        self.is_open = true;
        self
    }

    /// The form with one date, called `name` in the address, in place of a range.
    pub(crate) fn of_one_day(self, filter: &Filter, name: &'static str, date: &str) -> Self {
        let w = self.w;
        let mut bar = self.without_range(filter);
        bar.day = Some((name, date.to_owned()));
        bar.summary = match date.parse() {
            Ok(date) => format!("{} · {}", bar.summary, w.date(date)),
            Err(_) => bar.summary,
        };
        bar
    }

    /// The form without its dates, for lists that have none.
    pub(crate) fn without_range(mut self, filter: &Filter) -> Self {
        (self.has_range, self.quick) = (false, Vec::new());
        self.summary = outlet_name(filter, self.w);
        self
    }
}

/// The outlets that a person may choose from, and whether those are all.
async fn choices(deps: &Deps, caller: &Caller) -> Result<(Vec<Choice>, bool), Problem> {
    if let Outlets::Only(some) = caller.outlets() {
        let ids = some.iter().map(String::as_str).collect();
        let names = Names::of(deps.outlets.many(&ids).await?);
        let choices = some.iter().map(|id| Choice {
            id: id.clone(),
            name: names.get(id).unwrap_or_else(|| id.clone()),
        });
        return Ok((choices.collect(), true));
    }
    let some = deps.outlets.list(None, OUTLETS_MAX).await?;
    let is_whole = i32::try_from(some.len()).is_ok_and(|count| count < OUTLETS_MAX);
    let choices = some.iter().map(|outlet| Choice {
        id: outlet.id.clone(),
        name: name_of(outlet).to_owned(),
    });
    Ok((choices.collect(), is_whole))
}

/// The outlet of a page, in words.
pub(crate) fn outlet_name(filter: &Filter, w: Words) -> String {
    match (&filter.scope, &filter.outlet) {
        (Scope::Outlet(_), Some(outlet)) => name_of(outlet).to_owned(),
        (Scope::Outlet(id), None) => id.clone(),
        (Scope::All, _) => w.t("Semua outlet", "All outlets").to_owned(),
    }
}

/// The days of a page, in words.
pub(crate) fn range_name(filter: &Filter, w: Words) -> String {
    between(filter.range.from, filter.range.to, w)
}

/// Days from one to another, in words.
pub(crate) fn between(from: BusinessDate, to: BusinessDate, w: Words) -> String {
    if from == to {
        w.date(to)
    } else {
        format!("{} – {}", w.date(from), w.date(to))
    }
}

fn quick(filter: &Filter, w: Words, path: &str) -> Vec<Quick> {
    let lengths = [
        (7, w.t("7 hari", "7 days")),
        (28, w.t("28 hari", "28 days")),
        (90, w.t("90 hari", "90 days")),
        (365, w.t("12 bulan", "12 months")),
    ];
    let some = lengths.into_iter().filter_map(|(days, name)| {
        let from = filter.today.add_days(1_i32.saturating_sub(days))?;
        let range = crate::range::Range::read(Some(&from.to_string()), None, filter.today).ok()?;
        // A year by months begins a month late: its first month would be the one that is running.
        let from = if range.step == Step::Month {
            from.add_days(30)?
        } else {
            from
        };
        let range = crate::range::Range::read(Some(&from.to_string()), None, filter.today).ok()?;
        Some(Quick {
            href: address(&filter.asked, path, from),
            name: name.to_owned(),
            is_here: range == filter.range,
        })
    });
    some.collect()
}

fn address(asked: &Asked, path: &str, from: BusinessDate) -> String {
    asked.address(path, &[("from", &from.to_string()), ("to", "")])
}
