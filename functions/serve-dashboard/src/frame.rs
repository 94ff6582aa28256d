//! What stands around the content of every page: the bar, the navigation, the language, the way out.

use domain::api_key::Scope;
use edge::auth::Caller;

use crate::asset;
use crate::filter::Asked;
use crate::words::{Lang, Words};

/// A page of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The overview.
    Overview,
    /// Satisfaction over time.
    Satisfaction,
    /// The dishes.
    Menu,
    /// What guests wrote.
    Comments,
    /// Low scores to be seen to.
    Cases,
    /// Codes that lead guests to their receipt's page.
    Links,
    /// What has come in from the outlets.
    Sync,
    /// What the nights did.
    Nights,
    /// What they found wrong with outlets' days.
    Findings,
    /// Records that could not be taken.
    Errors,
    /// What partners order and one supplier delivers.
    Topups,
    /// People, and what they ask for about their data.
    People,
    /// Who did what.
    Audit,
}

impl Place {
    const ALL: [Self; 13] = [
        Self::Overview,
        Self::Satisfaction,
        Self::Menu,
        Self::Comments,
        Self::Cases,
        Self::Links,
        Self::Sync,
        Self::Nights,
        Self::Findings,
        Self::Errors,
        Self::Topups,
        Self::People,
        Self::Audit,
    ];

    /// Its address.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Overview => "/dashboard",
            Self::Satisfaction => "/dashboard/satisfaction",
            Self::Menu => "/dashboard/menu",
            Self::Comments => "/dashboard/comments",
            Self::Cases => "/dashboard/cases",
            Self::Links => "/dashboard/links",
            Self::Sync => "/dashboard/sync",
            Self::Nights => "/dashboard/nights",
            Self::Findings => "/dashboard/findings",
            Self::Errors => "/dashboard/errors",
            Self::Topups => "/dashboard/topups",
            Self::People => "/dashboard/people",
            Self::Audit => "/dashboard/audit",
        }
    }

    /// Its name.
    pub(crate) fn name(self, w: Words) -> &'static str {
        match self {
            Self::Overview => w.t("Ringkasan", "Overview"),
            Self::Satisfaction => w.t("Kepuasan", "Satisfaction"),
            Self::Menu => w.t("Menu", "Menu"),
            Self::Comments => w.t("Komentar", "Comments"),
            Self::Cases => w.t("Kasus", "Cases"),
            Self::Links => w.t("Kode tamu", "Guest codes"),
            Self::Sync => w.t("Sinkronisasi", "Sync status"),
            Self::Nights => w.t("Malam", "Nights"),
            Self::Findings => w.t("Temuan", "Findings"),
            Self::Errors => w.t("Data ditolak", "Error log"),
            Self::Topups => w.t("Isi ulang", "Top-ups"),
            Self::People => w.t("Data pribadi", "Personal data"),
            Self::Audit => w.t("Jejak audit", "Audit trail"),
        }
    }

    /// Its picture: the path of an icon of 20 by 20, drawn in lines.
    fn icon(self) -> &'static str {
        match self {
            Self::Overview => "M3 9.5 10 3l7 6.5V17h-5v-4H8v4H3z",
            Self::Satisfaction => "M3 15l4.5-5 3 3L17 5M12.5 5H17v4.5",
            Self::Menu => "M6 3v14M3.5 3v4a2.5 2.5 0 0 0 5 0V3M14 17V3c-2 1-3 3.5-3 7h3",
            Self::Comments => "M3 4h14v9H9l-4 4v-4H3z",
            Self::Cases => "M10 3l7.5 13.5h-15zM10 8v4M10 14.2v.1",
            Self::Links => {
                "M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h2.5v2.5h-2.5zM16.5 13.5v3h-3"
            }
            Self::Sync => "M4 8a6.5 6.5 0 0 1 12-1.5M16 3v4h-4M16 12a6.5 6.5 0 0 1-12 1.5M4 17v-4h4",
            Self::Nights => "M16.5 12A7 7 0 1 1 8 3.5a5.5 5.5 0 0 0 8.5 8.5z",
            Self::Findings => {
                "M8.5 14a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM12.5 12.5L17 17M8.5 6v3M8.5 11v.1"
            }
            Self::Errors => "M5 2.5h7l3.5 3.5v11.5H5zM8 9.5l4 4M12 9.5l-4 4",
            Self::Topups => "M6 2.5h8v15H6zM9 15h2M10 5.5v5M7.8 8.3l2.2 2.2 2.2-2.2",
            Self::People => {
                "M10 9.5a3.25 3.25 0 1 0 0-6.5 3.25 3.25 0 0 0 0 6.5zM3.5 17c.6-3.4 3.2-5 6.5-5s5.9 1.6 6.5 5"
            }
            Self::Audit => "M4 3h12v14H4zM7 7h6M7 10h6M7 13h3",
        }
    }

    /// Whether somebody may open it.
    fn is_open_to(self, caller: &Caller) -> bool {
        match self {
            Self::Links => caller.may(Scope::LinksRead),
            Self::Nights => caller.may_everywhere(Scope::SalesRead),
            Self::Findings => caller.may(Scope::SalesRead),
            Self::Errors => caller.may(Scope::QuarantineRead),
            Self::Topups => caller.may_everywhere(Scope::TopupsRead),
            Self::People => caller.may_everywhere(Scope::PeopleRead),
            Self::Audit => caller.may_everywhere(Scope::AuditRead),
            _ => caller.may(Scope::FeedbackRead),
        }
    }
}

/// A link of the navigation.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// Which page it leads to.
    place: Place,
    /// Where it leads, with the filters that every page understands.
    pub(crate) href: String,
    /// Its name.
    pub(crate) name: &'static str,
    /// The path of its picture.
    pub(crate) icon: &'static str,
    /// Whether it is this page.
    pub(crate) is_here: bool,
}

/// What stands around the content of a page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// How numbers and words are written.
    pub(crate) w: Words,
    /// The page's title.
    pub(crate) title: String,
    /// The style sheet's address.
    pub(crate) style: &'static str,
    /// The navigation; empty where nobody is signed in.
    pub(crate) links: Vec<Link>,
    /// The same page in the other language.
    pub(crate) other_language: String,
    /// The other language's tag.
    pub(crate) other_tag: &'static str,
    /// The name of the person.
    pub(crate) person: String,
    /// What forms prove with that they come from our pages.
    pub(crate) csrf: String,
}

impl Frame {
    /// The frame of a page at `path` for somebody who may see it.
    pub(crate) fn new(
        (title, path): (String, &str),
        place: Option<Place>,
        (caller, asked): (Option<&Caller>, &Asked),
        w: Words,
    ) -> Self {
        let open = Place::ALL
            .into_iter()
            .filter(|place| caller.is_some_and(|caller| place.is_open_to(caller)));
        let other_tag = match w.lang {
            Lang::Id => Lang::En.tag(),
            Lang::En => Lang::Id.tag(),
        };
        Self {
            w,
            title,
            style: asset::style(),
            links: open
                .map(|open| Link {
                    place: open,
                    href: asked.shared(open.path(), &[]),
                    name: open.name(w),
                    icon: open.icon(),
                    is_here: Some(open) == place,
                })
                .collect(),
            other_language: asked.address(path, &[("lang", other_tag)]),
            other_tag,
            person: match caller {
                Some(Caller::Staff(person)) => person.name.clone(),
                _ => String::new(),
            },
            csrf: String::new(),
        }
    }

    /// The page of the navigation that an address is of: the one that it begins with.
    pub(crate) fn nearest(&self, path: &str) -> Option<&Link> {
        let place = Place::ALL.into_iter().find(|place| {
            let rest = path.strip_prefix(place.path());
            *place != Place::Overview && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })?;
        self.links.iter().find(|link| link.place == place)
    }

    /// The name of the page that is open, for the folded menu of a phone.
    pub(crate) fn here(&self) -> &str {
        let here = self.links.iter().find(|link| link.is_here);
        here.map_or(&self.title, |link| link.name)
    }
}
