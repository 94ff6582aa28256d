//! What there is at the end of a fortnight.

use std::collections::BTreeMap;

use aws::StoreError;
use aws::whole::{Kind, Stored, Table, Whole};
use domain::audit::AuditRecord;
use domain::case::Case;
use domain::export::Export;
use domain::finding::Finding;
use domain::kin::KinBook;
use domain::night::Night;
use domain::when::BusinessDate;
use rebuild::{Fingerprint, Tools};
use serde_json::Value;
use sims::moka::Route;

use crate::clock::now_ms;
use crate::shop::Shop;

/// How the subject of a night's report begins.
const REPORT: &str = "Laporan malam";

/// A mail as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The same for those who see it in colour.
    pub html: String,
}

/// What there is.
#[derive(Debug)]
pub struct Ending {
    /// What the tables hold.
    pub tables: Fingerprint,
    /// Who is known under which phone number, and who of them is one person.
    pub books: Vec<KinBook>,
    /// Unhappy guests, by their cases' ids.
    pub cases: Vec<Case>,
    /// The nights, the first one first.
    pub nights: Vec<Night>,
    /// What they found, by outlet, day and code.
    pub findings: Vec<Finding>,
    /// What became of each file, by key and entity tag.
    pub exports: BTreeMap<String, Export>,
    /// The audit trail: its chains, each from its beginning.
    pub audit: Vec<AuditRecord>,
    /// The mails that were sent, sorted.
    pub mails: Vec<Sent>,
    /// How often Moka was asked for new tokens.
    pub renewals: usize,
    /// How many runs of functions died, by kind.
    pub deaths: BTreeMap<String, u64>,
}

impl Ending {
    /// What there is in a shop.
    pub async fn of(shop: &Shop) -> Self {
        let clients = &shop.world.clients;
        let now_ms: fn() -> i64 = now_ms;
        let named = ("fortnight".to_owned(), now_ms);
        let tools = Tools::new(clients, testkit::metrics(), named, |_| {})
            .await
            .unwrap();
        let tables = shop.clock.within(rebuild::fingerprint(&tools)).await.unwrap();
        let mut cases: Vec<Case> = documents(shop, (Table::Feedback, Kind::Case), Stored::document).await;
        cases.sort_by(|one, other| one.id.cmp(&other.id));
        let mut nights: Vec<Night> = documents(shop, (Table::Duties, Kind::Night), Stored::document).await;
        nights.sort_by_key(|night| night.date);
        let mut findings: Vec<Finding> =
            documents(shop, (Table::Duties, Kind::Finding), Stored::document).await;
        findings.sort_by_cached_key(place);
        let mut audit: Vec<AuditRecord> =
            documents(shop, (Table::Operations, Kind::Audit), Stored::document).await;
        audit.sort_by_key(|record| (record.chain, record.number));
        let exports: Vec<Export> = documents(shop, (Table::Operations, Kind::Export), Stored::document).await;
        let exports = exports.into_iter();
        let tokens = shop.moka.asked().into_iter();
        Self {
            tables,
            books: documents(shop, (Table::Customers, Kind::KinBook), Stored::document).await,
            cases,
            nights,
            findings,
            exports: exports
                .map(|export| (format!("{} {}", export.key, export.etag), export))
                .collect(),
            audit,
            mails: mails(shop),
            renewals: tokens.filter(|asked| asked.route == Route::Token).count(),
            deaths: BTreeMap::new(),
        }
    }

    /// The reports of the nights, by subject.
    #[must_use]
    pub fn digests(&self) -> BTreeMap<&str, &Sent> {
        let digests = self.mails.iter().filter(|mail| mail.subject.starts_with(REPORT));
        digests.map(|mail| (mail.subject.as_str(), mail)).collect()
    }

    /// All other mails.
    #[must_use]
    pub fn other_mails(&self) -> Vec<&Sent> {
        let others = self.mails.iter().filter(|mail| !mail.subject.starts_with(REPORT));
        others.collect()
    }

    /// What was found: outlet, date, code, how it stands.
    #[must_use]
    pub fn found(&self) -> Vec<(String, BusinessDate, &'static str, &'static str)> {
        let found = self.findings.iter();
        found
            .map(|finding| {
                let (outlet, date, code) = place(finding);
                (outlet, date, code, finding.state.as_str())
            })
            .collect()
    }
}

fn place(finding: &Finding) -> (String, BusinessDate, &'static str) {
    (finding.outlet.clone(), finding.date, finding.code.as_str())
}

/// Everything of a kind that is kept as documents, read as such.
async fn documents<T>(
    shop: &Shop,
    (table, kind): (Table, Kind),
    read: fn(&Stored) -> Result<T, StoreError>,
) -> Vec<T> {
    let whole = Whole::new(&shop.world.clients);
    let (mut found, mut at) = (Vec::new(), None);
    loop {
        let (items, next) = whole.items(table, at).await.unwrap();
        let of_kind = items.iter().filter(|item| item.kind == kind);
        found.extend(of_kind.map(|item| read(item).unwrap()));
        if next.is_none() {
            return found;
        }
        at = next;
    }
}

/// The engine keeps every mail as a file.
fn mails(shop: &Shop) -> Vec<Sent> {
    let mut mails = Vec::new();
    for file in std::fs::read_dir(shop.world.data().join("mail")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let mail: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            let text = |name: &str| mail[name].as_str().unwrap().to_owned();
            mails.push(Sent {
                subject: text("subject"),
                text: text("text"),
                html: text("html"),
            });
        }
    }
    mails.sort();
    mails
}
