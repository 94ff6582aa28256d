//! The books of our deposit with the supplier: what every answer said of the balance, one after the other, with what
//! no order explains.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::topup::books::Entry;
use domain::topup::window::wib_date;
use domain::when::{BusinessDate, Zone, format_utc};
use edge::cursor;
use edge::http_input::read_date;
use edge::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use super::topup_reviews::{check_may, href};
use super::topups::Deposit;
use super::{moment, perhaps_moment};
use crate::Deps;
use crate::filter::Asked;
use crate::frame::{Frame, Place};
use crate::parts::{Chip, Tone};
use crate::sheet::{Cell, Sheet};
use crate::visit::Visit;
use crate::words::Words;

/// How many entries a page has.
pub(crate) const PAGE: i32 = 100;

/// An answer that said the balance. Amounts are whole rupiah.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TopupBooksEntry)]
pub(crate) struct EntryRow {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// When, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) at: i64,
    /// The order whose answer it is; null for an answer about the balance.
    pub(crate) refid: Option<String>,
    /// What was charged.
    pub(crate) charged: i64,
    /// What came in.
    pub(crate) paid_in: i64,
    /// What went out, and no order explains it.
    pub(crate) unrecorded: i64,
    /// The balance that was said.
    pub(crate) balance: i64,
    /// Whether before, price and after of the answer agree.
    pub(crate) adds_up: bool,
    /// How many entries are missing before this one.
    pub(crate) missing: u64,
}

impl EntryRow {
    /// An entry behind the one with the number `last`.
    fn of(entry: &Entry, last: Option<u64>) -> Self {
        let next = last.map_or(entry.number, |last| last.saturating_add(1));
        Self {
            number: entry.number,
            at: entry.at_ms,
            refid: entry.refid.clone(),
            charged: entry.charged.get(),
            paid_in: entry.paid_in.get(),
            unrecorded: entry.unrecorded.get(),
            balance: entry.balance.get(),
            adds_up: !entry.does_not_add_up,
            missing: entry.number.saturating_sub(next),
        }
    }

    /// The order's page.
    fn href(&self) -> String {
        href(self.refid.as_deref().unwrap_or_default())
    }

    /// What is wrong with it, and what else has to be said.
    fn chips(&self, w: Words) -> Vec<Chip> {
        let amount = |text, rupiah| format!("{text} {}", w.whole_rupiah(rupiah));
        let mut chips = Vec::new();
        if self.unrecorded > 0 {
            let text = w.t("keluar tanpa pesanan", "out without an order");
            chips.push(Chip::new(Tone::Bad, "!", amount(text, self.unrecorded)));
        }
        if !self.adds_up {
            let text = w.t("angka jawaban tidak cocok", "the answer does not add up");
            chips.push(Chip::new(Tone::Bad, "≠", text));
        }
        if self.missing > 0 {
            let text = format!(
                "{} {}",
                w.count(self.missing),
                w.t("catatan hilang", "entries missing")
            );
            chips.push(Chip::new(Tone::Bad, "!", text));
        }
        if self.paid_in > 0 {
            let text = w.t("masuk", "paid in");
            chips.push(Chip::new(Tone::Good, "+", amount(text, self.paid_in)));
        }
        chips
    }

    fn charged(&self, w: Words) -> String {
        w.whole_rupiah(self.charged)
    }

    fn balance(&self, w: Words) -> String {
        w.whole_rupiah(self.balance)
    }
}

/// The deposit as it stands, and a page of the entries of a day. Amounts are whole rupiah.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TopupBooks)]
pub(crate) struct BooksView {
    /// The date in Jakarta.
    pub(crate) date: String,
    /// What the supplier said last of the balance; null before the first time.
    pub(crate) balance: Option<i64>,
    /// When, RFC 3339 in UTC.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) balance_at: Option<i64>,
    /// What open orders may still cost.
    pub(crate) reserved: i64,
    /// What is left for new orders; null before any balance is known.
    pub(crate) free: Option<i64>,
    /// The entries, the earliest first.
    pub(crate) items: Vec<EntryRow>,
    /// What to give as `after` for the next page; null on the last.
    pub(crate) next: Option<String>,
}

/// Reads the deposit, and a page of the entries of a day; of today, if nothing is said.
///
/// # Errors
/// `PARAMETER_INVALID`, or the store's failure.
pub(crate) async fn load(deps: &Deps, date: Option<&str>, after: Option<&str>) -> Result<BooksView, Problem> {
    let date = date.map(|date| read_date("date", date)).transpose()?;
    let date: BusinessDate = date.unwrap_or_else(|| wib_date(deps.now_ms()));
    let after = cursor::decode("after", after)?;
    let after = after.map(|after| after.parse::<u64>().map_err(|_| cursor::unusable("after")));
    let after = after.transpose()?;
    let (books, waiting, entries) = tokio::try_join!(
        deps.topups.books(),
        deps.topups.waiting(),
        deps.topups.entries(date, after, PAGE),
    )?;
    let deposit = Deposit::of(&books, waiting);
    let mut last = after;
    let items = entries.iter().map(|entry| {
        let row = EntryRow::of(entry, last);
        last = Some(entry.number);
        row
    });
    let items: Vec<EntryRow> = items.collect();
    let is_full = i32::try_from(items.len()).is_ok_and(|count| count >= PAGE);
    let next = items.last().filter(|_| is_full);
    Ok(BooksView {
        date: date.to_string(),
        balance: deposit.balance,
        balance_at: deposit.balance.map(|_| deposit.at_ms),
        reserved: deposit.reserved,
        free: deposit.free,
        next: next.map(|last| cursor::encode(&last.number.to_string())),
        items,
    })
}

impl BooksView {
    fn sheet(&self, w: Words) -> Sheet {
        let number = |rupiah: i64| Cell::number(Some(rupiah));
        let rows = self.items.iter().map(|row| {
            vec![
                Cell::count(row.number),
                Cell::text(format_utc(row.at)),
                Cell::text(row.refid.as_deref().unwrap_or_default()),
                number(row.charged),
                number(row.paid_in),
                number(row.unrecorded),
                number(row.balance),
                Cell::text(if row.adds_up {
                    ""
                } else {
                    w.t("tidak cocok", "does not add up")
                }),
            ]
        });
        Sheet {
            name: format!("{}-{}", w.t("buku-deposit", "deposit-books"), self.date),
            header: vec![
                w.t("Nomor", "Number"),
                w.t("Waktu", "Time"),
                w.t("Pesanan", "Order"),
                w.t("Ditagih", "Charged"),
                w.t("Masuk", "Paid in"),
                w.t("Keluar tanpa pesanan", "Out without an order"),
                w.t("Saldo", "Balance"),
                w.t("Angka jawaban", "Answer's figures"),
            ],
            rows: rows.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "topup_books.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    view: BooksView,
    day: String,
    next: Option<String>,
    back: String,
    asked: Asked,
    csv: String,
    json: String,
}

/// The books of a day.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::TopupsRead)?;
    let (w, asked, back) = (visit.w, &visit.asked, Place::Topups.path());
    let path = format!("{back}/books");
    let view = load(&deps, asked.date.as_deref(), asked.after.as_deref()).await?;
    if let Some(download) = visit.download(&view, || view.sheet(w))? {
        return Ok(download);
    }
    let title = w.t("Buku deposit", "Books of the deposit").to_owned();
    let page = Page {
        frame: visit.frame(Place::Topups, Some(title), asked),
        zone: Zone::default(),
        day: w.written_day(&view.date),
        next: view
            .next
            .as_ref()
            .map(|next| asked.address(&path, &[("date", &view.date), ("after", next)])),
        back: asked.shared(back, &[]),
        asked: asked.clone(),
        csv: asked.download(&path, "csv"),
        json: asked.download(&path, "json"),
        view,
    };
    visit.page(page.render())
}
