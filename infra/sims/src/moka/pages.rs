//! Cuts the payments of an outlet into pages.

use domain::when::{Zone, read_moment};
use serde_json::{Value, json};

use super::Fault;

/// The most payments that a page can be asked for.
const PER_PAGE_MAX: usize = 1_000;

/// What a request asks for.
#[derive(Clone, Debug)]
pub(super) struct Window {
    per_page: usize,
    since_ms: i64,
    until_ms: i64,
    time_filter: String,
    pub(super) newest_first: bool,
    /// The last payment of the page before.
    after: Option<String>,
}

impl Window {
    /// Reads a query; `None` for one that makes no sense.
    pub(super) fn read(query: &str) -> Option<Self> {
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let time_filter = value("time_filter").unwrap_or("created_at");
        let known = ["created_at", "updated_at", "synchronized_at"].contains(&time_filter);
        known.then_some(Self {
            per_page: value("per_page")?
                .parse()
                .ok()
                .filter(|count| (1..=PER_PAGE_MAX).contains(count))?,
            since_ms: epoch_ms(value("since")?)?,
            until_ms: epoch_ms(value("until")?)?,
            time_filter: time_filter.to_owned(),
            newest_first: value("reorder_type") != Some("ASC"),
            after: value("after").map(str::to_owned),
        })
    }

    /// The payments of the window in its order, each with its time.
    fn payments<'a>(&self, all: &'a [Value]) -> Vec<(i64, &'a Value)> {
        let mut found: Vec<(i64, &Value)> = all
            .iter()
            .filter_map(|payment| Some((moment(&payment[&self.time_filter])?, payment)))
            .filter(|(at, _)| (self.since_ms..=self.until_ms).contains(at))
            .collect();
        found.sort_by_key(|(at, payment)| (*at, payment["id"].as_str().unwrap_or_default()));
        if self.newest_first {
            found.reverse();
        }
        found
    }

    /// Whether the cursor has come past a payment: only those of its own moment need its word.
    fn is_told(&self, at_ms: i64, payment: &Value) -> bool {
        let (Some(after), Some(id)) = (self.after.as_deref(), payment["id"].as_str()) else {
            return false;
        };
        if self.newest_first {
            (at_ms, id) >= (self.until_ms, after)
        } else {
            (at_ms, id) <= (self.since_ms, after)
        }
    }
}

/// A page of the window, with the cursor of the next one.
pub(super) fn document(all: &[Value], window: &Window, here: &str, fault: Option<&Fault>) -> Value {
    let found = window.payments(all);
    let mut from = found
        .iter()
        .take_while(|(at, payment)| window.is_told(*at, payment))
        .count();
    if fault == Some(&Fault::Overlap) {
        from = from.saturating_sub(1);
    }
    let upto = (from + window.per_page).min(found.len());
    let completed = upto == found.len();
    let jump = if fault == Some(&Fault::JumpingCursor) {
        window.per_page
    } else {
        0
    };
    let last = found.get(..(upto + jump).min(found.len())).and_then(<[_]>::last);
    let next_url = last
        .filter(|_| !completed)
        .map(|(at, payment)| cursor(window, here, *at, payment));
    let page = if fault == Some(&Fault::FirstPage) {
        first_page(all, window)
    } else {
        found
            .get(from..upto)
            .unwrap_or_default()
            .iter()
            .map(|(_, payment)| (*payment).clone())
            .collect()
    };
    json!({
        "data": {"next_url": next_url, "completed": completed, "payments": page},
        "meta": {"code": 200, "errors": null},
    })
}

/// The first page of all, as a server tells it that overlooks the cursor.
fn first_page(all: &[Value], window: &Window) -> Vec<Value> {
    let whole = Window {
        since_ms: 0,
        ..window.clone()
    };
    let found = whole.payments(all);
    found
        .iter()
        .take(window.per_page)
        .map(|(_, payment)| (*payment).clone())
        .collect()
}

/// Where the next page begins: behind this payment.
fn cursor(window: &Window, here: &str, at_ms: i64, payment: &Value) -> String {
    // Newest first is what happens where nothing else is said, so the cursor does not say it.
    let (since, until, order) = if window.newest_first {
        (window.since_ms, at_ms, "")
    } else {
        (at_ms, window.until_ms, "&reorder_type=ASC")
    };
    let id = payment["id"].as_str().unwrap_or_default();
    format!(
        "{here}?per_page={}&since={}&until={}&time_filter={}{order}&after={id}",
        window.per_page,
        epoch(since),
        epoch(until),
        window.time_filter,
    )
}

fn moment(value: &Value) -> Option<i64> {
    let moment = read_moment(value.as_str()?, &Zone::default()).ok()??;
    Some(moment.at_ms)
}

/// Seconds with a fraction, as Moka writes them.
fn epoch(at_ms: i64) -> String {
    format!("{}.{:03}", at_ms.div_euclid(1_000), at_ms.rem_euclid(1_000))
}

fn epoch_ms(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let seconds: i64 = seconds.parse().ok()?;
    seconds.checked_mul(1_000)?.checked_add(thousandths.parse().ok()?)
}
