//! How much a partner may still order today, and whether anything can be ordered at all.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::api_key::Scope;
use domain::topup::books::Books;
use domain::topup::partner::{CutoffChoice, Partner};
use domain::topup::rupiah::Rupiah;
use domain::topup::window::{is_cutoff, sends_from, wib_date};
use domain::when::format_utc;
use edge::auth::Caller;
use edge::problem::{Problem, TOPUP_BALANCE_LOW, TOPUP_CUTOFF};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Deps;
use crate::refusal::Told;

/// What a partner may still order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Balance {
    /// The date (Asia/Jakarta) that the figures are of.
    date: String,
    /// What orders of one day may come to, whole rupiah.
    cap: i64,
    /// What today's orders come to; failed ones do not count.
    used: i64,
    /// What is left of today.
    left: i64,
    /// `open`; `holding` while orders are taken and sent after the cutoff; `paused` while they are refused.
    intake: &'static str,
    /// The code that orders are refused with; null unless paused.
    reason: Option<&'static str>,
    /// When orders are sent again, where that is known.
    sends_at: Option<String>,
    /// The shop's deposit with the supplier, for a key that also has the scope `topups:manage`; null for any other.
    deposit: Option<Deposit>,
}

/// The deposit with the supplier.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deposit {
    /// What the supplier said last, whole rupiah; null before it said anything.
    balance: Option<i64>,
    /// When that was.
    said_at: Option<String>,
    /// What orders that wait to be sent will cost.
    waiting: i64,
    /// What orders that are open may have been charged, or will be.
    open: i64,
    /// What is left for new ones.
    free: Option<i64>,
}

impl Deposit {
    fn of(books: &Books, waiting: i64) -> Self {
        Self {
            balance: books.balance.map(Rupiah::get),
            said_at: books.balance.map(|_| format_utc(books.at_ms)),
            waiting,
            open: books.reserved().get(),
            free: books.free(waiting).map(Rupiah::get),
        }
    }
}

/// Shows what is left of the partner's day, and whether orders are taken.
#[utoipa::path(get, path = "/v1/balance", tag = "topups", responses((status = 200, body = Balance)))]
pub(crate) async fn get_balance(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
) -> Result<Json<Balance>, Problem> {
    let partner = deps.asker(&caller).await?;
    let now_ms = deps.now_ms();
    let date = wib_date(now_ms);
    let topups = &deps.topups;
    let (day, books, waiting) =
        futures::try_join!(topups.day(&partner.id, date), topups.books(), topups.waiting())?;
    let (cap, used) = (partner.daily_cap.get(), day.used());
    let low = books.free(waiting).is_some_and(|free| free <= Rupiah::ZERO);
    let stop = deps.closed(&partner, now_ms).await?;
    let (intake, reason) = intake(&partner, stop.as_ref(), low, now_ms);
    let again_ms = if is_cutoff(now_ms) {
        Some(sends_from(now_ms))
    } else {
        stop.and_then(|stop| stop.until_ms)
    };
    let manages = caller.may(Scope::TopupsManage);
    Ok(Json(Balance {
        date: date.to_string(),
        cap,
        used,
        left: cap.saturating_sub(used).max(0),
        intake,
        reason,
        sends_at: again_ms.map(format_utc),
        deposit: manages.then(|| Deposit::of(&books, waiting)),
    }))
}

/// Whether orders of a partner are taken, and why not.
fn intake(
    partner: &Partner,
    stop: Option<&Told>,
    low: bool,
    now_ms: i64,
) -> (&'static str, Option<&'static str>) {
    let closed = is_cutoff(now_ms);
    if let Some(told) = stop {
        ("paused", Some(told.kind.code))
    } else if low {
        ("paused", Some(TOPUP_BALANCE_LOW.code))
    } else if closed && partner.cutoff == CutoffChoice::Refuse {
        ("paused", Some(TOPUP_CUTOFF.code))
    } else if closed {
        ("holding", None)
    } else {
        ("open", None)
    }
}
