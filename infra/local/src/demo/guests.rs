//! Invented guests: each opens the page of a receipt, and some fill it in.
//!
//! They use the same page and the same function as anybody else. Only the network in between is left out, so
//! that they come from addresses of their own (those that RFC 5737 keeps for examples): one address may not
//! answer for many.

use anyhow::Context as _;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use jiff::civil::Date;
use serde_json::Value;

use super::{OUTLET, dice};
use crate::clock;
use crate::http::percent_encode;
use crate::samples;
use crate::say::say;
use crate::start::Running;

/// Of so many receipts, one is answered, and one more is only opened.
const ONE_OF: u32 = 9;

/// Of so many answers, one is of somebody who was not happy.
const UNHAPPY_ONE_OF: u32 = 45;

/// The day, counted from the first, from which one kind of dish is worse than before.
const LATELY: u32 = 28;

/// What happy guests write, and what the others do.
const PRAISE: [&str; 6] = [
    "Enak sekali, terima kasih!",
    "Porsinya pas, pelayanannya ramah.",
    "Sambalnya juara.",
    "Cepat datang dan masih hangat.",
    "Langganan keluarga kami.",
    "Tempatnya bersih.",
];
const COMPLAINTS: [&str; 3] = [
    "Nasinya sudah dingin waktu diantar.",
    "Terlalu asin hari ini.",
    "Menunggu lebih dari setengah jam.",
];

/// What becomes of a receipt, by its day and its place in the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    Opened,
    Untouched,
}

impl Fate {
    fn of(day: u32, place: u32) -> Self {
        match dice([day, place, 1]) % ONE_OF {
            0 => Self::Answered,
            1 => Self::Opened,
            _ => Self::Untouched,
        }
    }
}

impl Running {
    /// Lets guests open and answer receipts of these days.
    pub(super) async fn let_guests_answer(&self, days: &[Date]) -> anyhow::Result<()> {
        let (mut opened, mut answered) = (0, 0);
        for (number, day) in (1..).zip(days) {
            for (place, path) in (0..).zip(self.guest_paths(*day).await?) {
                let fate = Fate::of(number, place);
                if fate == Fate::Untouched {
                    continue;
                }
                let source = format!("192.0.2.{}", 1 + opened % 250);
                opened += 1;
                let (status, page) = self.as_guest(&source, &path, None).await?;
                if fate == Fate::Answered && status == StatusCode::OK {
                    let form = fill_in(&page, number, place).context("the guest's page has no form")?;
                    let (status, _) = self.as_guest(&source, &path, Some(form)).await?;
                    anyhow::ensure!(status == StatusCode::OK, "a guest's answer was refused: {status}");
                    answered += 1;
                }
            }
            if number % 14 == 0 {
                say(&format!(
                    "Demonstration: {answered} invented guests have answered up to {day}"
                ));
            }
        }
        Ok(())
    }

    /// The address of a page of this day that no invented guest has answered and that is still open.
    pub(super) async fn unanswered(&self, day: Date) -> anyhow::Result<Option<String>> {
        let path = format!("/v1/links?outlet={OUTLET}&date={day}&limit=500");
        let page = samples::get(self, &path).await?;
        let today = clock::now().in_tz(super::ZONE)?.date().to_string();
        let last = u32::try_from(super::DAYS)?;
        let links = page["items"].as_array().into_iter().flatten();
        let open = (0..).zip(links).find(|(place, link)| {
            let is_open = link["expires"]
                .as_str()
                .is_some_and(|expires| expires >= today.as_str());
            is_open && link["standing"] == "open" && Fate::of(last, *place) == Fate::Untouched
        });
        Ok(open.and_then(|(_, link)| link["url"].as_str().map(str::to_owned)))
    }

    /// The paths of the guests' pages of a day, in the order of the receipts.
    async fn guest_paths(&self, day: Date) -> anyhow::Result<Vec<String>> {
        let page = samples::get(self, &format!("/v1/links?outlet={OUTLET}&date={day}&limit=500")).await?;
        let path = |link: &Value| Some(link["url"].as_str()?.strip_prefix(&self.base_url)?.to_owned());
        let links = page["items"].as_array().context("no list of links")?;
        Ok(links.iter().filter_map(path).collect())
    }

    /// What a guest at this address gets: the page, or the answer to the form.
    async fn as_guest(
        &self,
        source: &str,
        path: &str,
        form: Option<String>,
    ) -> anyhow::Result<(StatusCode, String)> {
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let host = self.base_url.trim_start_matches("http://");
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, host)
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_LANGUAGE, "id")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form.unwrap_or_default()))?;
        let (parts, body) = request.into_parts();
        let answer = self.gateway.forward(&parts, &body, source).await;
        let (head, page) = answer.into_parts();
        let page = page.collect().await.map_err(|error| anyhow::anyhow!(error))?;
        Ok((
            head.status,
            String::from_utf8_lossy(&page.to_bytes()).into_owned(),
        ))
    }
}

/// The form that a guest of this receipt sends: what is asked for is read from the page.
fn fill_in(page: &str, day: u32, place: u32) -> Option<String> {
    let throw = |what: u32, sides: u32| dice([day, place, what]) % sides;
    let unhappy = throw(2, UNHAPPY_ONE_OF) == 0;
    let overall = match throw(3, 100) {
        roll if unhappy => 1 + roll % 2,
        0..15 => 3,
        15..55 => 4,
        _ => 5,
    };
    page.contains("name=\"overall\"").then_some(())?;
    let mut fields = vec![
        ("overall".to_owned(), overall.to_string()),
        ("lang".to_owned(), "id".to_owned()),
    ];
    for (at, name) in (0_u32..).zip(dishes(page)) {
        // Most rate what they ate, not all.
        if throw(10 + at, 5) > 0 {
            let rating = taste(name, day, overall, throw(30 + at, 100));
            fields.push((format!("d{at}"), rating.to_string()));
        }
    }
    if throw(4, 5) < 3 {
        let most = [2, 5, 7, 9, 11][overall as usize - 1];
        let recommend = most - 1 - throw(5, 2);
        fields.push(("recommend".to_owned(), recommend.to_string()));
    }
    if unhappy || throw(6, 4) == 0 {
        let said: &[&str] = if unhappy { &COMPLAINTS } else { &PRAISE };
        fields.push((
            "comment".to_owned(),
            said[throw(7, said.len() as u32) as usize].to_owned(),
        ));
    }
    let consent = between(page, "name=\"consent\" value=\"", "\"");
    if let Some(version) = consent.filter(|_| throw(8, 6) == 0) {
        fields.push(("consent".to_owned(), version.to_owned()));
    }
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", percent_encode(value, false)));
    Some(pairs.collect::<Vec<_>>().join("&"))
}

/// A dish's rating by a guest who rates the whole like this: some dishes are better than the rest, and one kind
/// has lately become worse. Only who is unhappy gives a low one.
fn taste(dish: &str, day: u32, overall: u32, roll: u32) -> u32 {
    let kind = dish
        .bytes()
        .fold(0_u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte))
        % 5;
    let shift: i32 = match kind {
        0 => i32::from(roll < 60),
        1 => -i32::from(roll < 30),
        2 if day > LATELY => -i32::from(roll < 75),
        _ => i32::from(roll < 20) - i32::from(roll >= 80),
    };
    let lowest = overall.min(3);
    overall.saturating_add_signed(shift).clamp(lowest, 5)
}

/// The names of the dishes that the page asks about, in its order.
fn dishes(page: &str) -> Vec<&str> {
    let fields = page.split("<fieldset id=\"d").skip(1);
    let dishes = fields.filter(|field| field.starts_with(|first: char| first.is_ascii_digit()));
    dishes
        .filter_map(|field| between(field, "<legend>", "</legend>"))
        .collect()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(inner, _)| inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const PAGE: &str = r#"<fieldset id="overall"><legend>Semua</legend><input name="overall"></fieldset>
        <fieldset id="d0" aria-describedby="scale"><legend>Sate Ayam · Kecap</legend></fieldset>
        <fieldset id="d1"><legend>Es Teh</legend></fieldset>
        <input type="checkbox" id="consent" name="consent" value="2026-11">"#;

    fn forms() -> Vec<String> {
        (0..2_000).map(|place| fill_in(PAGE, 1, place).unwrap()).collect()
    }

    #[test]
    fn a_guest_fills_in_only_what_the_page_asks_for() {
        assert_eq!(dishes(PAGE), ["Sate Ayam · Kecap", "Es Teh"]);
        assert_eq!(fill_in("<p>Terima kasih</p>", 1, 1), None);
        for form in forms() {
            for field in form.split('&') {
                let (name, value) = field.split_once('=').unwrap();
                let number = value.parse::<u32>().unwrap_or(99);
                let right = match name {
                    "overall" | "d0" | "d1" => (1..=5).contains(&number),
                    "recommend" => number <= 10,
                    "lang" => value == "id",
                    "consent" => value == "2026-11",
                    "comment" => !value.is_empty(),
                    _ => false,
                };
                assert!(right, "{field}");
            }
        }
    }

    #[test]
    fn few_guests_are_unhappy_and_each_of_them_says_why() {
        let low = |form: &String| form.contains("overall=1") || form.contains("overall=2");
        let (unhappy, happy): (Vec<_>, Vec<_>) = forms().into_iter().partition(low);
        assert!((20..80).contains(&unhappy.len()), "{}", unhappy.len());
        assert!(unhappy.iter().all(|form| form.contains("comment=")));
        for rating in ["d0=1", "d0=2", "d1=1", "d1=2"] {
            assert!(!happy.iter().any(|form| form.contains(rating)), "{rating}");
        }
    }

    #[test]
    fn one_receipt_in_nine_is_answered() {
        let fates: Vec<Fate> = (0..9_000).map(|place| Fate::of(3, place)).collect();
        let answered = fates.iter().filter(|fate| **fate == Fate::Answered).count();
        assert!((800..1_200).contains(&answered), "{answered}");
    }
}
