//! What a page is about: the filters of its address, read and checked once. A view can be shared by
//! its address because nothing else decides what it shows.

use domain::insight::Scope;
use domain::map::OutletRules;
use domain::outlet::Outlet;
use domain::staff::Outlets;
use domain::when::{BusinessDate, Zone, business_date};
use edge::auth::Caller;
use edge::problem::{OUTLET_FORBIDDEN, OUTLET_NOT_FOUND, PARAMETER_INVALID, Problem};
use serde::Deserialize;

use crate::Deps;
use crate::range::Range;

/// The longest filter taken, in characters: names of dishes are the longest.
const FILTER_MAX: usize = 200;

/// The filters as they stand in the address. Empty ones, as forms send them, count as absent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// The outlet's id; without it, all outlets.
    pub(crate) outlet: Option<String>,
    /// The first business date.
    pub(crate) from: Option<String>,
    /// The last business date.
    pub(crate) to: Option<String>,
    /// The one business date of a page that is about a single day.
    pub(crate) date: Option<String>,
    /// The category of dishes.
    pub(crate) category: Option<String>,
    /// Words to be found.
    pub(crate) q: Option<String>,
    /// The state of cases, or of findings.
    pub(crate) state: Option<String>,
    /// Which outlets the sync status is of, by how they stand.
    pub(crate) status: Option<String>,
    /// The stars of comments.
    pub(crate) stars: Option<String>,
    /// Whether what looks like spam is shown too: `yes`.
    pub(crate) spam: Option<String>,
    /// What a table is sorted by.
    pub(crate) sort: Option<String>,
    /// The phase of a night whose parts are shown.
    pub(crate) phase: Option<String>,
    /// The code of refused records, or of findings.
    pub(crate) code: Option<String>,
    /// The export of refused records.
    pub(crate) export: Option<String>,
    /// Where the page begins: the `next` of the page before.
    pub(crate) after: Option<String>,
    /// What the answer is: a page, `csv` or `json`.
    pub(crate) format: Option<String>,
    /// The language.
    pub(crate) lang: Option<String>,
}

impl Asked {
    /// The filters without empty ones.
    ///
    /// # Errors
    /// `PARAMETER_INVALID` for one that is too long.
    pub(crate) fn tidied(mut self) -> Result<Self, Problem> {
        for (name, value) in self.all_mut() {
            *value = value
                .take()
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty());
            let length = value.as_ref().map_or(0, |text| text.chars().count());
            // Positions are the store's and not a person's.
            if length > FILTER_MAX && name != "after" {
                let (indonesian, english) = ("terlalu panjang", "too long");
                return Err(Problem::parameter(&PARAMETER_INVALID, name, indonesian, english));
            }
        }
        Ok(self)
    }

    fn all_mut(&mut self) -> [(&'static str, &mut Option<String>); 17] {
        [
            ("outlet", &mut self.outlet),
            ("from", &mut self.from),
            ("to", &mut self.to),
            ("date", &mut self.date),
            ("category", &mut self.category),
            ("q", &mut self.q),
            ("state", &mut self.state),
            ("status", &mut self.status),
            ("stars", &mut self.stars),
            ("spam", &mut self.spam),
            ("sort", &mut self.sort),
            ("phase", &mut self.phase),
            ("code", &mut self.code),
            ("export", &mut self.export),
            ("after", &mut self.after),
            ("format", &mut self.format),
            ("lang", &mut self.lang),
        ]
    }

    /// The address of `path` with these filters, some of them changed: an empty value takes one away.
    /// Position and format never go along by themselves.
    pub(crate) fn address(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let mut asked = self.clone();
        (asked.after, asked.format) = (None, None);
        asked.written(path, changes)
    }

    /// The address of `path` with the filters that every page understands.
    pub(crate) fn shared(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let asked = Self {
            outlet: self.outlet.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            lang: self.lang.clone(),
            ..Self::default()
        };
        asked.written(path, changes)
    }

    /// The address of this very page of a list as a download.
    pub(crate) fn download(&self, path: &str, format: &str) -> String {
        let mut asked = self.clone();
        asked.format = Some(format.to_owned());
        asked.written(path, &[])
    }

    fn written(mut self, path: &str, changes: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.all_mut() {
            let changed = changes.iter().find(|(changed, _)| *changed == name);
            let value = changed.map_or(value.as_deref(), |(_, value)| Some(*value));
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        }
    }
}

/// What a page is about.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    /// One outlet or all of them.
    pub(crate) scope: Scope,
    /// The outlet, where it is one.
    pub(crate) outlet: Option<Outlet>,
    /// The zone whose clocks the page shows.
    pub(crate) zone: Zone,
    /// Today, where the outlet is.
    pub(crate) today: BusinessDate,
    /// Which days.
    pub(crate) range: Range,
    /// The filters of the address.
    pub(crate) asked: Asked,
}

impl Filter {
    /// Reads the filters of a caller. Who holds some outlets only sees the first of them unless they
    /// name another.
    ///
    /// # Errors
    /// `OUTLET_FORBIDDEN`, `OUTLET_NOT_FOUND`, what [`Range::read`] refuses, or the store's failure.
    pub(crate) async fn read(deps: &Deps, caller: &Caller, asked: Asked) -> Result<Self, Problem> {
        let mut asked = asked.tidied()?;
        if asked.outlet.is_none() {
            asked.outlet = first_of(caller.outlets())?;
        }
        let now_ms = deps.now_ms();
        let (scope, outlet, zone, cutoff_hour) = match &asked.outlet {
            None => (Scope::All, None, Zone::default(), 0),
            Some(id) => {
                caller.check_outlet(id)?;
                let outlet = deps.outlets.get(id).await?;
                let outlet = outlet.ok_or_else(|| Problem::new(&OUTLET_NOT_FOUND))?;
                let rules = OutletRules::of(outlet);
                let cutoff_hour = rules.outlet.cutoff_hour;
                (
                    Scope::Outlet(id.clone()),
                    Some(rules.outlet),
                    rules.zone,
                    cutoff_hour,
                )
            }
        };
        let today = business_date(now_ms, &zone, cutoff_hour);
        let range = Range::read(asked.from.as_deref(), asked.to.as_deref(), today)?;
        Ok(Self {
            scope,
            outlet,
            zone,
            today,
            range,
            asked,
        })
    }

    /// The outlet's id, where the page is about one.
    pub(crate) fn outlet_id(&self) -> Option<&str> {
        match &self.scope {
            Scope::Outlet(id) => Some(id),
            Scope::All => None,
        }
    }
}

/// The outlet that somebody sees who names none: `None` is all of them.
///
/// # Errors
/// `OUTLET_FORBIDDEN` for somebody who holds none.
pub(crate) fn first_of(outlets: &Outlets) -> Result<Option<String>, Problem> {
    match outlets {
        Outlets::All => Ok(None),
        Outlets::Only(some) => some.first().cloned().map(Some).ok_or_else(|| {
            Problem::new(&OUTLET_FORBIDDEN)
                .detail("Akun ini tidak memegang outlet.", "This account holds no outlet.")
                .caused_by("a person who holds no outlet")
        }),
    }
}

/// The name of an outlet for people.
pub(crate) fn name_of(outlet: &Outlet) -> &str {
    outlet.name.as_deref().unwrap_or(&outlet.id)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn asked(outlet: &str, q: &str) -> Asked {
        Asked {
            outlet: Some(outlet.to_owned()),
            q: Some(q.to_owned()),
            after: Some("x".to_owned()),
            format: Some("csv".to_owned()),
            ..Asked::default()
        }
    }

    #[test]
    fn an_address_keeps_the_filters_and_not_the_place() {
        let asked = asked("moka-1", "enak & pedas");
        let kept = asked.address("/dashboard/comments", &[("stars", "2")]);
        assert_eq!(kept, "/dashboard/comments?outlet=moka-1&q=enak+%26+pedas&stars=2");
        let without = asked.address("/dashboard/comments", &[("outlet", ""), ("q", "")]);
        assert_eq!(without, "/dashboard/comments");
        assert_eq!(asked.shared("/dashboard", &[]), "/dashboard?outlet=moka-1");
    }

    #[test]
    fn empty_fields_of_a_form_are_no_filters() {
        let tidied = asked("  ", "").tidied().unwrap();
        assert_eq!((tidied.outlet, tidied.q), (None, None));
        let long = asked(&"x".repeat(201), "").tidied().unwrap_err();
        assert_eq!(long.kind().code, "PARAMETER_INVALID");
    }
}
