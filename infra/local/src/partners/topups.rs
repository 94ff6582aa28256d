//! The supplier of top-ups, with a few products, a deposit, and a member whose secrets are made at the first start.
//!
//! It reports to the API of this machine as it would from outside, at the address with the token that the functions
//! take. Its deposit and its orders are in the data folder before it answers, so that it forgets nothing that it has said,
//! whenever it is ended; a report that waits then is lost, as reports may be.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use sims::kios::{Account, Kios, MAGIC, Magic, Serial, Status, Style, router};

use crate::clock;
use crate::id;
use crate::ssm::Parameters;
use crate::stop::Stop;

/// Where it is.
pub(super) const KIOSAMPM: &str = "/_local/kiosampm";
/// What the names of its parameters begin with where the template does not say.
pub(super) const PARAMETERS: &str = "/local/topups";
/// How often it looks whether it has something to report.
const LOOKS: Duration = Duration::from_secs(1);
/// What is in the deposit at the start.
const DEPOSIT: i64 = 5_000_000;
const MEMBER: &str = "WARUNG1";
/// The file with what it remembers.
const KEPT: &str = "kiosampm.json";
/// How many transactions the page shows.
const SHOWN: usize = 20;

/// A product of the simulator, and of the catalogue that the demonstration makes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sold {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) operator: Option<&'static str>,
    pub(crate) cost: i64,
    pub(crate) price: i64,
}

const fn sold(
    code: &'static str,
    name: &'static str,
    kind: &'static str,
    operator: Option<&'static str>,
    (cost, price): (i64, i64),
) -> Sold {
    Sold {
        code,
        name,
        kind,
        operator,
        cost,
        price,
    }
}

/// What there is to buy. Codes, names and prices are made up.
pub(crate) const PRODUCTS: [Sold; 8] = [
    sold(
        "S10",
        "Telkomsel 10.000",
        "pulsa",
        Some("telkomsel"),
        (10_450, 11_500),
    ),
    sold(
        "S25",
        "Telkomsel 25.000",
        "pulsa",
        Some("telkomsel"),
        (25_150, 26_500),
    ),
    sold(
        "I10",
        "Indosat 10.000",
        "pulsa",
        Some("indosat"),
        (10_600, 11_500),
    ),
    sold("X10", "XL 10.000", "pulsa", Some("xl"), (10_750, 12_000)),
    sold("T10", "Three 10.000", "pulsa", Some("three"), (10_150, 11_500)),
    sold(
        "SD5",
        "Telkomsel Data 5 GB",
        "data",
        Some("telkomsel"),
        (51_000, 55_000),
    ),
    sold("PLN20", "Token PLN 20.000", "pln", None, (20_250, 22_000)),
    sold("VG10", "Voucher Gim 10.000", "voucher", None, (9_800, 11_000)),
];

/// The supplier; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Topups {
    kios: Kios,
    url: String,
    kept: Arc<Kept>,
}

/// What it remembers, as it is on disk.
#[derive(Debug)]
struct Kept {
    file: PathBuf,
    /// What was written last.
    text: Mutex<String>,
}

#[derive(Template)]
#[template(path = "kiosampm.html")]
pub(super) struct Page {
    url: String,
    balance: i64,
    products: [Sold; 8],
    magic: &'static [Magic],
    transactions: Vec<(String, String, &'static str)>,
}

impl Topups {
    /// The supplier behind the API at an address, with what it remembers in a folder.
    pub(super) async fn open(
        folder: &Path,
        base_url: &str,
        path: &str,
        parameters: &Parameters,
    ) -> anyhow::Result<Self> {
        let mut secrets = Vec::new();
        for (name, value) in [
            ("member-id", MEMBER.to_owned()),
            ("pin", pin()),
            ("password", id::uuid()),
            ("report-tokens", format!("{}{}", id::uuid(), id::uuid())),
            ("webhook-key", format!("{}{}", id::uuid(), id::uuid())),
        ] {
            secrets.push(parameters.or_put(&format!("{path}/{name}"), || value).await?);
        }
        let secret = |at: usize| secrets.get(at).cloned().unwrap_or_default();
        let account = Account {
            member: secret(0),
            pin: secret(1),
            password: secret(2),
            sign: None,
        };
        let kios = Kios::new(account, clock::now_ms);
        for product in PRODUCTS {
            let serial = match product.kind {
                "pln" => Serial::Pln,
                "voucher" => Serial::Voucher,
                _ => Serial::Pulsa,
            };
            kios.product(product.code, product.cost, serial);
        }
        let file = folder.join(KEPT);
        if file.exists() {
            let kept = std::fs::read_to_string(&file)?;
            kios.remember(&kept)
                .with_context(|| format!("{} can't be read", file.display()))?;
        } else {
            kios.deposit(DEPOSIT);
        }
        // The first is the one in force; one behind it is on its way out.
        let tokens = secret(3);
        let token = tokens.split(',').next().unwrap_or_default().trim();
        kios.register(&format!("{base_url}/v1/reports/kiosampm/{token}"), Style::Plain);
        Ok(Self {
            kios,
            url: format!("{base_url}{KIOSAMPM}"),
            kept: Arc::new(Kept {
                file,
                text: Mutex::default(),
            }),
        })
    }

    pub(super) fn router(&self) -> Router {
        router(self.kios.clone()).layer(from_fn_with_state(self.clone(), keeping))
    }

    /// Writes down what has changed. One write at a time, each whole or not at all.
    fn keep(&self) -> anyhow::Result<()> {
        let mut known = self.kept.text.lock().unwrap_or_else(PoisonError::into_inner);
        let text = self.kios.kept()?;
        if *known != text {
            let new = self.kept.file.with_extension("json.new");
            std::fs::write(&new, &text)?;
            std::fs::rename(&new, &self.kept.file)?;
            *known = text;
        }
        Ok(())
    }

    /// Reports what has ended, until `stop`.
    pub(super) async fn keep_reporting(&self, mut stop: Stop) {
        while stop.sleep(LOOKS).await {
            self.kios.report_due().await;
        }
    }

    pub(super) fn page(&self) -> Page {
        let transactions = self.kios.transactions();
        let newest = transactions.iter().rev().take(SHOWN);
        Page {
            url: self.url.clone(),
            balance: self.kios.balance(),
            products: PRODUCTS,
            magic: &MAGIC,
            transactions: newest
                .map(|one| (one.refid.clone(), one.product.clone(), standing(one.status)))
                .collect(),
        }
    }
}

/// Lets no answer out that is not remembered.
async fn keeping(State(topups): State<Topups>, request: Request, next: Next) -> Response {
    let answer = next.run(request).await;
    match topups.keep() {
        Ok(()) => answer,
        Err(error) => {
            tracing::error!(%error, "the simulated supplier can't remember what it did");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

const fn standing(status: Status) -> &'static str {
    match status {
        Status::Pending => "menunggu (pending)",
        Status::Delivered => "terkirim (delivered)",
        Status::Failed(_) => "gagal (failed)",
    }
}

/// Twelve digits: more than a PIN has, so that nothing else in a log looks like it.
fn pin() -> String {
    let digit = |byte: u8| char::from(b'0' + byte % 10);
    id::uuid().bytes().take(12).map(digit).collect()
}
