//! The servers of other people, as they would be: the central server and Moka, so that a night on this machine has
//! somebody to ask, and kiosAMPM, so that top-ups have somebody to deliver them. They are the simulators that the tests
//! use (`infra/sims`), under `/_local/central`, `/_local/moka` and `/_local/kiosampm`, each with a page that says what
//! it is.
//!
//! The central server hands out what lies in `central/<date>/` of the data folder. Moka makes up the payments of the
//! last three days of whatever outlet it is asked for, the same ones each time. All want the secrets that the
//! functions find in the parameters of this machine.

mod topups;

use std::path::{Path, PathBuf};

use askama::Template;
use axum::Router;
use http::{Method, Request, StatusCode, header};
use hyper::body::Incoming;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sims::{central, moka};
use tower::ServiceExt as _;

use crate::clock;
use crate::http::{Answer, Body};
use crate::id;
use crate::pages;
use crate::ssm::Parameters;
use crate::stop::Stop;
use crate::template::Function;

pub(crate) use topups::PRODUCTS;

use topups::{KIOSAMPM, Topups};

/// Where they are.
const CENTRAL: &str = "/_local/central";
const MOKA: &str = "/_local/moka";
/// The names of their parameters where the template says none.
const TOKEN_PARAMETER: &str = "/local/central/token";
const MOKA_PARAMETERS: &str = "/local/moka";
/// How many payments an outlet has at Moka a day, and how many days back the night asks.
const PAYMENTS: u32 = 40;
const DAYS_BACK: i64 = 2;
/// The payments of a sample begin at ten, a minute apart (`sims::moka::sample`).
const OPENING_MINUTES: i64 = 600;
const CLIENT_ID: &str = "local";

const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The servers; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Partners {
    router: Router,
    moka: moka::Moka,
    topups: Topups,
    base_url: String,
    folder: PathBuf,
    zone: TimeZone,
    zone_name: String,
    token: String,
}

#[derive(Template)]
#[template(path = "central.html")]
struct CentralPage {
    url: String,
    folder: String,
    today: Date,
    days: Vec<(Date, Vec<String>)>,
}

#[derive(Template)]
#[template(path = "moka.html")]
struct MokaPage {
    url: String,
    payments: u32,
}

/// The settings of the functions that name these servers.
pub(crate) fn environment(base_url: &str) -> [(&'static str, String); 3] {
    [
        ("CENTRAL_URL", format!("{base_url}{CENTRAL}")),
        ("MOKA_URL", format!("{base_url}{MOKA}")),
        ("TOPUP_URL", format!("{base_url}{KIOSAMPM}")),
    ]
}

impl Partners {
    /// The servers of a data folder. Their secrets are made at the first start; Moka goes on with the first refresh
    /// token that it is shown.
    ///
    /// # Errors
    /// The folder can't be made, or a secret not be kept.
    pub(crate) async fn open(
        data_dir: &Path,
        base_url: &str,
        functions: &[Function],
        parameters: &Parameters,
    ) -> anyhow::Result<Self> {
        let folder = data_dir.join("central");
        std::fs::create_dir_all(&folder)?;
        let named = |name: &str, default: &str| {
            let set = functions
                .iter()
                .find_map(|function| function.environment.get(name));
            set.cloned().unwrap_or_else(|| default.to_owned())
        };
        let token = named("CENTRAL_TOKEN_PARAMETER", TOKEN_PARAMETER);
        let token = parameters.or_put(&token, id::uuid).await?;
        let path = named("MOKA_PARAMETERS", MOKA_PARAMETERS);
        let mut secrets = Vec::new();
        for (name, value) in [
            ("client-id", CLIENT_ID.to_owned()),
            ("client-secret", id::uuid()),
            ("refresh-token", id::uuid()),
        ] {
            secrets.push(parameters.or_put(&format!("{path}/{name}"), || value).await?);
        }
        let secret = |at: usize| secrets.get(at).map_or("", String::as_str);
        let moka = moka::Moka::resumed(secret(0), secret(1));
        let central = central::Central::over_folder(&token, folder.clone());
        let path = named("TOPUP_PARAMETERS", topups::PARAMETERS);
        let topups = Topups::open(data_dir, base_url, &path, parameters).await?;
        let zone_name = named("TIMEZONE", "Asia/Jakarta");
        Ok(Self {
            router: Router::new()
                .nest(CENTRAL, central::router(central))
                .nest(MOKA, moka::router(moka.clone()))
                .nest(KIOSAMPM, topups.router()),
            moka,
            topups,
            base_url: base_url.to_owned(),
            folder,
            zone: TimeZone::get(&zone_name)?,
            zone_name,
            token,
        })
    }

    /// The token that the central server takes.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Lets them tell by themselves what they have to tell, until `stop`.
    pub(crate) async fn keep_telling(self, stop: Stop) {
        self.topups.keep_reporting(stop).await;
    }

    /// Whether a path is theirs.
    pub(crate) fn has(path: &str) -> bool {
        [CENTRAL, MOKA, KIOSAMPM].iter().any(|place| {
            path.strip_prefix(place)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Answers a request.
    pub(crate) async fn handle(&self, request: Request<Incoming>) -> Answer {
        if !pages::is_local(&request) || request.headers().contains_key(header::ORIGIN) {
            return pages::text(StatusCode::FORBIDDEN, "Only for this machine");
        }
        let path = request.uri().path();
        match (path, request.method()) {
            (CENTRAL, &Method::GET) => self.central_page().await,
            (MOKA, &Method::GET) => pages::html(StatusCode::OK, &self.moka_page(), POLICY),
            (KIOSAMPM, &Method::GET) => pages::html(StatusCode::OK, &self.topups.page(), POLICY),
            _ => {
                if let Some(outlet) = outlet_of(path) {
                    self.trade(outlet);
                }
                let forwarded = request.map(axum::body::Body::new);
                match self.router.clone().oneshot(forwarded).await {
                    Ok(answer) => answer.map(Body::http_body_unsync),
                    Err(never) => match never {},
                }
            }
        }
    }

    /// Lets an outlet sell at Moka: the days that a night asks for, as far as they have gone by.
    fn trade(&self, outlet: &str) {
        let now = clock::now().to_zoned(self.zone.clone());
        let Ok(zone) = domain::when::Zone::named(&self.zone_name) else {
            return;
        };
        let minutes = i64::from(now.hour()) * 60 + i64::from(now.minute());
        let so_far = u32::try_from(minutes - OPENING_MINUTES)
            .unwrap_or(0)
            .min(PAYMENTS);
        for back in 0..=DAYS_BACK {
            let date = now.date().checked_sub(back.days()).ok();
            let Some(date) = date.and_then(|date| date.to_string().parse().ok()) else {
                continue;
            };
            let count = if back == 0 { so_far } else { PAYMENTS };
            self.moka
                .add(outlet, moka::sample::day(outlet, date, &zone, count));
        }
    }

    async fn central_page(&self) -> Answer {
        let today = clock::now().to_zoned(self.zone.clone()).date();
        let mut days = Vec::new();
        for back in 0..=DAYS_BACK {
            if let Ok(date) = today.checked_sub(back.days()) {
                days.push((date, files(&self.folder.join(date.to_string()), 1).await));
            }
        }
        let page = CentralPage {
            url: format!("{}{CENTRAL}", self.base_url),
            folder: self.folder.display().to_string(),
            today,
            days,
        };
        pages::html(StatusCode::OK, &page, POLICY)
    }

    fn moka_page(&self) -> MokaPage {
        MokaPage {
            url: format!("{}{MOKA}", self.base_url),
            payments: PAYMENTS,
        }
    }
}

/// The outlet whose payments a path asks for: a number, as Moka's ids are.
fn outlet_of(path: &str) -> Option<&str> {
    let (outlet, _) = path
        .strip_prefix(MOKA)?
        .strip_prefix("/v3/outlets/")?
        .split_once('/')?;
    domain::outlet::is_moka_id(outlet).then_some(outlet)
}

/// The names of the files in a folder, and so many levels below it.
async fn files(folder: &Path, levels: u8) -> Vec<String> {
    let mut found = Vec::new();
    let Ok(mut entries) = tokio::fs::read_dir(folder).await else {
        return found;
    };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder = entry.file_type().await.is_ok_and(|kind| kind.is_dir());
        if is_folder && levels > 0 {
            let inner = Box::pin(files(&entry.path(), levels - 1)).await;
            found.extend(inner.iter().map(|file| format!("{name}/{file}")));
        } else if !is_folder && !name.starts_with('.') {
            found.push(name);
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_theirs_when_it_is_their_place_or_below_it() {
        for (path, expected) in [
            ("/_local/central", true),
            ("/_local/moka/oauth/token", true),
            ("/_local/kiosampm/trx", true),
            ("/_local/centralised", false),
            ("/_local/mail", false),
            ("/v1/days/2026-11-21", false),
        ] {
            assert_eq!(Partners::has(path), expected, "{path}");
        }
    }

    #[test]
    fn only_a_number_is_an_outlet_of_moka() {
        let path = |outlet: &str| format!("/_local/moka/v3/outlets/{outlet}/reports/get_latest_transactions");
        assert_eq!(outlet_of(&path("100818")), Some("100818"));
        assert_eq!(outlet_of(&path("moka-1")), None);
        assert_eq!(outlet_of("/_local/moka/oauth/token"), None);
    }
}
