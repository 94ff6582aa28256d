//! The report of a night: what came, what is missing, what failed, how guests felt, and what waits for people.
//!
//! No person is in it, and no name of a file, which somebody may have named after a guest: outlets, codes, dates and
//! counts only. Lists are short however many outlets there are; the rest is counted.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use aws::mailer::Letter;
use domain::code::explain;
use domain::finding::{Code, Finding};
use domain::insight::Insight;
use domain::night::{End, Night};
use domain::satisfaction::Stars;
use domain::when::BusinessDate;

use super::share::{changed, satisfied};
use crate::letter::Addresses;
use crate::words::{capital, count, day, moment, one_line, rupiah};

/// How many outlets are named whose sales are missing.
pub const MISSING_MAX: usize = 20;
/// How many outlets are named with any other kind of finding, and with a trouble.
pub const NAMED_MAX: usize = 3;
/// How many kinds of trouble are told.
const TROUBLES_MAX: usize = 10;
/// The longest name of an outlet, in characters.
const NAME_MAX: usize = 60;
/// What to do about a code that has no words of its own.
const NO_ADVICE: &str = "Lihat rinciannya di dasbor.";

/// A number of things of which not all may have been counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many were counted.
    pub count: u64,
    /// Whether there are more.
    pub more: bool,
}

/// Open findings of a kind.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// How many.
    pub count: u64,
    /// The latest of them, as many as are named.
    pub latest: Vec<(String, BusinessDate)>,
}

/// Open findings by kind, counted one by one, so that nobody has to hold all of them.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// By kind.
    pub kinds: BTreeMap<Code, Found>,
    /// Whether there are more than were counted.
    pub more: bool,
}

impl Findings {
    /// Counts a finding. The latest come first.
    pub fn add(&mut self, finding: &Finding) {
        let found = self.kinds.entry(finding.code).or_default();
        found.count = found.count.saturating_add(1);
        if found.latest.len() < named_max(finding.code) {
            found.latest.push((finding.outlet.clone(), finding.date));
        }
    }
}

fn named_max(code: Code) -> usize {
    if code == Code::SalesMissing {
        MISSING_MAX
    } else {
        NAMED_MAX
    }
}

/// Requests of people about their data that are not answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// How many.
    pub open: Counted,
    /// How many of them are due within a day.
    pub soon: u64,
    /// How many of them should have been answered.
    pub overdue: u64,
}

/// What a report is made from.
#[derive(Clone, Debug)]
pub struct Told {
    /// The night.
    pub night: Night,
    /// What it and the nights before found.
    pub findings: Findings,
    /// The names of outlets, by id.
    pub names: BTreeMap<String, String>,
    /// The figures of the night's date, where any came in.
    pub sales: Option<Insight>,
    /// The stars of the seven days before.
    pub week: Stars,
    /// Low scores that nobody has seen to.
    pub cases: Counted,
    /// Requests of people.
    pub requests: Requests,
}

impl Told {
    /// The ids of the outlets that a report names.
    #[must_use]
    pub fn named(night: &Night, findings: &Findings) -> BTreeSet<String> {
        let troubles = night.troubles.iter().filter_map(|trouble| trouble.outlet.clone());
        let found = findings.kinds.values().flat_map(|found| &found.latest);
        troubles.chain(found.map(|(outlet, _)| outlet.clone())).collect()
    }

    fn name(&self, outlet: &str) -> String {
        one_line(self.names.get(outlet).map_or(outlet, String::as_str), NAME_MAX)
    }
}

/// Words a report, ready to be sent.
///
/// # Errors
/// When a template can't be filled.
pub fn compose(told: &Told, addresses: &Addresses) -> Result<Letter, askama::Error> {
    let report = Report::of(told, &addresses.public_url);
    Ok(Letter {
        from: addresses.from.clone(),
        to: addresses.to.clone(),
        subject: report.title.clone(),
        text: TextBody { report: &report }.render()?,
        html: HtmlBody { report: &report }.render()?,
    })
}

#[derive(Template)]
#[template(path = "night_digest.txt")]
struct TextBody<'a> {
    report: &'a Report,
}

#[derive(Template)]
#[template(path = "night_digest.html")]
struct HtmlBody<'a> {
    report: &'a Report,
}

/// What both bodies say.
struct Report {
    title: String,
    verdict: &'static str,
    /// How the verdict is coloured.
    colour: &'static str,
    came: Vec<(&'static str, String)>,
    missing: Option<Item>,
    troubles: Vec<Item>,
    /// How many troubles are not among these.
    further_troubles: Option<String>,
    findings: Vec<Item>,
    satisfaction: Vec<(String, String)>,
    waiting: Vec<(&'static str, String)>,
    links: Vec<(&'static str, String)>,
}

/// A kind of thing, with how many there are and where.
struct Item {
    what: String,
    count: String,
    advice: &'static str,
    places: Vec<String>,
    further: Option<String>,
}

impl Report {
    fn of(told: &Told, public_url: &str) -> Self {
        let night = &told.night;
        let (end, verdict, colour) = verdict(night);
        let (troubles, further_troubles) = troubles(told);
        let at = |path: &str| format!("{public_url}/dashboard/{path}");
        let others = told.findings.kinds.iter();
        let others = others.filter(|(code, _)| **code != Code::SalesMissing);
        Self {
            title: format!("Laporan malam {}: {end}", day(night.date)),
            verdict,
            colour,
            came: came(told),
            missing: told
                .findings
                .kinds
                .get(&Code::SalesMissing)
                .map(|found| item(told, Code::SalesMissing, found)),
            troubles,
            further_troubles,
            findings: others.map(|(code, found)| item(told, *code, found)).collect(),
            satisfaction: satisfaction(told),
            waiting: waiting(told),
            links: vec![
                ("Malam ini", at(&format!("nights/{}", night.date))),
                ("Temuan", at("findings")),
                ("Kasus nilai rendah", at("cases")),
                ("Permintaan data pribadi", at("people")),
            ],
        }
    }
}

/// The end in a word and in a sentence, and the colour behind it.
fn verdict(night: &Night) -> (&'static str, &'static str, &'static str) {
    match night.end {
        Some(End::Complete) => ("lengkap", "Semua pekerjaan malam ini selesai.", "#eef6ee"),
        Some(End::Partial) => (
            "sebagian",
            "Sebagian pekerjaan tidak selesai; sebabnya ada di bawah. Malam berikutnya mencoba lagi.",
            "#fdf6e3",
        ),
        Some(End::Failed) => (
            "gagal",
            "Tidak ada penjualan yang dapat diambil, atau tidak satu gerai pun dapat diperiksa. \
             Yang sudah tersimpan tidak berubah, dan malam berikutnya mencoba lagi.",
            "#fbeeee",
        ),
        None => ("belum selesai", "Malam ini masih berjalan.", "#f6f5f2"),
    }
}

/// What a shop cares for comes first, what the machine did after it.
fn came(told: &Told) -> Vec<(&'static str, String)> {
    let (night, tally) = (&told.night, &told.night.tally);
    let none = Insight::default();
    let sales = told.sales.as_ref().unwrap_or(&none);
    let outlets = if night.outlets == 0 {
        "belum ada; kirim ekspor pertama untuk memulai".to_owned()
    } else {
        count(night.outlets)
    };
    let files = format!("{} (sudah ada: {})", count(tally.pulled), count(tally.known));
    let findings = format!(
        "{} dibuka, {} selesai",
        count(tally.opened),
        count(tally.resolved)
    );
    let mut rows = vec![
        ("Struk hari itu", count(sales.receipts)),
        ("Penjualan bersih", rupiah(sales.net)),
        ("Gerai", outlets),
        ("Berkas diambil", files),
        ("Hari gerai diperiksa", count(tally.days)),
        ("Temuan malam ini", findings),
        ("Profil diperbarui", count(tally.people)),
        ("Mulai", moment(night.started_ms)),
    ];
    if let Some(finished_ms) = night.finished_ms {
        let minutes = finished_ms.saturating_sub(night.started_ms).max(0) / 60_000;
        let lasted = match minutes.unsigned_abs() {
            0 => "kurang dari satu menit".to_owned(),
            minutes => format!("{} menit", count(minutes)),
        };
        rows.push(("Lamanya", lasted));
    }
    rows
}

fn item(told: &Told, code: Code, found: &Found) -> Item {
    let places = found.latest.iter();
    let places: Vec<String> = places
        .map(|(outlet, date)| format!("{}, {}", told.name(outlet), day(*date)))
        .collect();
    Item {
        what: capital(code.name().id),
        count: at_least(found.count, told.findings.more),
        advice: code.explain().id,
        further: further(found.count, places.len()),
        places,
    }
}

/// The troubles by code, and how many are not told.
fn troubles(told: &Told) -> (Vec<Item>, Option<String>) {
    let mut codes: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for trouble in &told.night.troubles {
        let (times, outlets) = codes.entry(&trouble.code).or_default();
        *times += 1;
        outlets.extend(trouble.outlet.as_deref());
    }
    let mut shown = 0;
    let items = codes.iter().take(TROUBLES_MAX).map(|(code, (times, outlets))| {
        shown += times;
        let places = outlets.iter().take(NAMED_MAX);
        let places: Vec<String> = places.map(|outlet| told.name(outlet)).collect();
        Item {
            what: one_line(code, NAME_MAX),
            count: count(wide(*times)),
            advice: explain(code).map_or(NO_ADVICE, |explanation| explanation.id),
            further: further(wide(outlets.len()), places.len()),
            places,
        }
    });
    let items = items.collect();
    (items, further(told.night.troubles_total, shown))
}

fn satisfaction(told: &Told) -> Vec<(String, String)> {
    let today = told
        .sales
        .as_ref()
        .map_or_else(Stars::default, |sales| sales.overall);
    vec![
        (day(told.night.date), satisfied(&today)),
        ("7 hari sebelumnya".to_owned(), satisfied(&told.week)),
        ("Perubahan".to_owned(), changed(&told.week, &today).to_owned()),
    ]
}

fn waiting(told: &Told) -> Vec<(&'static str, String)> {
    let requests = told.requests;
    let mut asked = at_least(requests.open.count, requests.open.more);
    if requests.overdue > 0 {
        asked = format!("{asked}; {} LEWAT BATAS WAKTU", count(requests.overdue));
    }
    if requests.soon > 0 {
        asked = format!("{asked}; {} harus dijawab dalam 24 jam", count(requests.soon));
    }
    vec![
        (
            "Kasus nilai rendah terbuka",
            at_least(told.cases.count, told.cases.more),
        ),
        ("Permintaan data pribadi", asked),
    ]
}

fn at_least(known: u64, more: bool) -> String {
    let known = count(known);
    if more {
        format!("sedikitnya {known}")
    } else {
        known
    }
}

/// How many of all are not among those shown.
fn further(all: u64, shown: usize) -> Option<String> {
    let further = all.saturating_sub(wide(shown));
    (further > 0).then(|| count(further))
}

/// A count of things in memory.
fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
