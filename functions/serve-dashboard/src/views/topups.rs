//! The page of top-ups: what waits for people, what the day came to so far, how the deposit stands, and what keeps
//! orders from being sold.

use std::sync::Arc;

use askama::Template;
use aws::topups::Stop;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::api_key::Scope;
use domain::topup::books::Books;
use domain::topup::product::Product;
use domain::topup::window::{is_cutoff, wib_date};
use domain::when::Zone;
use edge::problem::Problem;
use futures::future::try_join_all;

use super::topup_day;
use super::topup_reviews::{self, PAGE, ReviewsView, check_may};
use crate::Deps;
use crate::filter::Asked;
use crate::frame::{Frame, Place};
use crate::parts::{Chip, Tone};
use crate::visit::Visit;
use crate::words::{NOTHING, Words};

/// Of how many partners the day is shown.
const PARTNERS_MAX: usize = 20;
/// How many messages that were given up are counted before it is "and more".
const GIVEN_UP_MAX: i32 = 20;

/// What a partner's orders of the day came to.
struct DayRow {
    name: String,
    /// The page of the day.
    href: String,
    parts: Vec<(&'static str, String)>,
}

/// The deposit with the supplier.
pub(crate) struct Deposit {
    /// What the supplier said last.
    pub(crate) balance: Option<i64>,
    /// When.
    pub(crate) at_ms: i64,
    /// What open orders may still cost.
    pub(crate) reserved: i64,
    /// How many orders are open.
    pub(crate) open: usize,
    /// What is left for new orders.
    pub(crate) free: Option<i64>,
}

impl Deposit {
    /// The deposit by the books, and what waits to be sent.
    pub(crate) fn of(books: &Books, waiting: i64) -> Self {
        Self {
            balance: books.balance.map(|balance| balance.get()),
            at_ms: books.at_ms,
            reserved: books.reserved().get().saturating_add(waiting),
            open: books.open.len(),
            free: books.free(waiting).map(|free| free.get()),
        }
    }

    /// The figures of the deposit, for people: what it is, how much, and what it rests on.
    pub(crate) fn told(&self, zone: &Zone, w: Words) -> [(&'static str, String, String); 3] {
        let amount =
            |rupiah: Option<i64>| rupiah.map_or_else(|| NOTHING.to_owned(), |some| w.whole_rupiah(some));
        let said = match self.balance {
            Some(_) => format!("{} {}", w.t("per", "at"), w.moment(self.at_ms, zone)),
            None => w
                .t("belum pernah disebut pemasok", "the supplier has not said it yet")
                .to_owned(),
        };
        let open = format!(
            "{} {}",
            self.open,
            w.t("pesanan di pemasok", "orders with the supplier")
        );
        let left = w.t("sisa untuk pesanan baru", "left for new orders").to_owned();
        [
            (w.t("Saldo deposit", "Deposit"), amount(self.balance), said),
            (
                w.t("Terpakai pesanan terbuka", "Held by open orders"),
                w.whole_rupiah(self.reserved),
                open,
            ),
            (w.t("Saldo bebas", "Free"), amount(self.free), left),
        ]
    }
}

/// What the page shows besides what waits for people.
struct Desk {
    deposit: Deposit,
    days: Vec<DayRow>,
    /// Further partners: their names, and the pages of their day.
    others: Vec<(String, String)>,
    alarms: Vec<(Chip, String)>,
}

async fn desk(deps: &Deps, asked: &Asked, w: Words) -> Result<Desk, Problem> {
    let (now_ms, zone) = (deps.now_ms(), Zone::default());
    let (books, waiting, partners, products, stop, (given_up, _)) = tokio::try_join!(
        deps.topups.books(),
        deps.topups.waiting(),
        deps.catalogue.partners(),
        deps.catalogue.products(),
        deps.catalogue.stop(deps.topup_address.as_deref(), now_ms),
        deps.webhooks.given_up(None, GIVEN_UP_MAX),
    )?;
    let today = wib_date(now_ms);
    let date = today.to_string();
    let shown = partners.get(..PARTNERS_MAX).unwrap_or(&partners);
    let totals = try_join_all(shown.iter().map(|partner| deps.topups.day(&partner.id, today))).await?;
    let days = shown.iter().zip(totals).map(|(partner, totals)| DayRow {
        name: partner.name.clone(),
        href: asked.shared(&topup_day::href(&partner.id), &[("date", &date)]),
        parts: topup_day::parts(&totals, w),
    });
    let others = partners.iter().skip(PARTNERS_MAX).map(|partner| {
        let href = asked.shared(&topup_day::href(&partner.id), &[("date", &date)]);
        (partner.name.clone(), href)
    });
    let deposit = Deposit::of(&books, waiting);
    let mut alarms = Vec::new();
    alarms.extend(stop.map(|stop| (bad(w.t("berhenti", "stopped"), "✕"), of_stop(stop, &zone, w))));
    alarms.extend(of_deposit(&deposit, deps.low_balance, w));
    alarms.extend(
        products
            .iter()
            .filter_map(|product| of_product(product, now_ms, w)),
    );
    if !given_up.is_empty() {
        let text = w.t(
            "pemberitahuan tidak sampai ke mitra. Mitra melihat keadaannya lewat API, dan bisa meminta kirim ulang.",
            "messages did not reach partners, who see how orders stand by the API and can have them sent again.",
        );
        alarms.push((
            warn(w.t("mitra", "partners")),
            format!("{} {text}", given_up.len()),
        ));
    }
    if is_cutoff(now_ms) {
        let text = w.t(
            "Pemasok tutup dari 23.25 sampai 00.35 WIB. Itu biasa.",
            "The supplier is closed from 23:25 to 00:35 in Jakarta, as every night.",
        );
        alarms.push((
            Chip::new(Tone::Plain, "…", w.t("tutup", "closed")),
            text.to_owned(),
        ));
    }
    Ok(Desk {
        deposit,
        days: days.collect(),
        others: others.collect(),
        alarms,
    })
}

fn bad(text: &'static str, sign: &'static str) -> Chip {
    Chip::new(Tone::Bad, sign, text)
}

fn warn(text: &'static str) -> Chip {
    Chip::new(Tone::Warn, "!", text)
}

/// Why nothing is sent.
fn of_stop(stop: Stop, zone: &Zone, w: Words) -> String {
    match stop {
        Stop::Paused { until_ms } => {
            let text = w.t(
                "Pemasok menolak PIN, kata sandi atau alamat kita. Pengiriman berhenti sampai",
                "The supplier refuses our PIN, password or address. Nothing is sent until",
            );
            format!("{text} {}.", w.moment(until_ms, zone))
        }
        Stop::AddressDiffers => w
            .t(
                "Alamat kita bukan yang terdaftar di pemasok. Pengiriman berhenti sampai alamatnya benar lagi.",
                "Our address is not the one that the supplier knows. Nothing is sent until it is.",
            )
            .to_owned(),
    }
}

/// What is wrong with the deposit.
fn of_deposit(deposit: &Deposit, low_balance: i64, w: Words) -> Option<(Chip, String)> {
    let free = deposit.free?;
    if free <= 0 {
        let text = w.t(
            "Saldo bebas habis: pesanan baru ditolak. Isi deposit di kiosAMPM.",
            "Nothing is free: new orders are refused. Pay in at kiosAMPM.",
        );
        return Some((bad(w.t("deposit", "deposit"), "✕"), text.to_owned()));
    }
    let text = w.t(
        "Saldo bebas menipis. Isi deposit di kiosAMPM hari ini.",
        "Little is free. Pay in at kiosAMPM today.",
    );
    (free < low_balance).then(|| (warn(w.t("deposit", "deposit")), text.to_owned()))
}

/// What keeps a product from being sold.
fn of_product(product: &Product, now_ms: i64, w: Words) -> Option<(Chip, String)> {
    let breaker = &product.breaker;
    let (chip, text) = if breaker.code_unknown {
        let text = w.t(
            "Pemasok tidak mengenal kodenya: tidak dijual sampai katalog diperbaiki.",
            "The supplier does not know its code: not sold until the catalogue is mended.",
        );
        (bad(w.t("kode", "code"), "!"), text)
    } else if breaker.price_differs {
        let text = w.t(
            "Pemasok menagih harga lain: tidak dijual sampai katalog diperbaiki.",
            "The supplier charges another price: not sold until the catalogue is mended.",
        );
        (bad(w.t("harga", "price"), "!"), text)
    } else if breaker.until_ms.is_some_and(|until_ms| until_ms > now_ms) {
        let text = w.t(
            "Sedang gangguan; dicoba lagi sendiri.",
            "Down; it is tried again by itself.",
        );
        (warn(w.t("gangguan", "down")), text)
    } else {
        return None;
    };
    Some((chip, format!("{} ({}): {text}", product.name, product.code)))
}

#[derive(Template)]
#[template(path = "topups.html")]
struct Page {
    frame: Frame,
    zone: Zone,
    view: ReviewsView,
    desk: Desk,
    figures: [(&'static str, String, String); 3],
    today: String,
    next: Option<String>,
    books: String,
    asked: Asked,
}

/// Top-ups; with an id to look for, the order of that id.
pub(crate) async fn page(State(deps): State<Arc<Deps>>, visit: Visit) -> Result<Response, Problem> {
    check_may(&visit.caller, Scope::TopupsRead)?;
    let (w, asked, path, zone) = (visit.w, &visit.asked, Place::Topups.path(), Zone::default());
    if let Some(wanted) = &asked.q {
        let order = topup_reviews::find(&deps, &wanted.to_ascii_uppercase()).await?;
        let there = asked.shared(&topup_reviews::href(&order.refid), &[]);
        return Ok(Redirect::to(&there).into_response());
    }
    let decides = visit.may(Scope::TopupsDecide);
    let view = topup_reviews::load(&deps, asked.after.as_deref(), PAGE, decides).await?;
    let desk = desk(&deps, asked, w).await?;
    let page = Page {
        frame: visit.frame(Place::Topups, None, asked),
        figures: desk.deposit.told(&zone, w),
        zone,
        today: w.date(wib_date(deps.now_ms())),
        next: view
            .next
            .as_ref()
            .map(|next| asked.address(path, &[("after", next)])),
        books: asked.shared(&format!("{path}/books"), &[]),
        asked: asked.clone(),
        view,
        desk,
    };
    visit.page(page.render())
}
