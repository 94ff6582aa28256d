//! What is looked at every quarter of an hour: by which address the supplier sees us, what it says of our balance, and
//! whether that will last.

use aws::StoreError;
use domain::mail::Mail;
use domain::topup::alert::{Alert, AlertKind, SUPPLIER};
use domain::topup::books::Books;
use domain::topup::reply::Balance;
use domain::topup::rupiah::Rupiah;
use domain::topup::window::{is_cutoff, wib_date};
use lambda_edge::metrics::Unit;
use partners::address::seen_address;
use partners::kios::BalanceError;
use serde::Serialize;

use crate::brakes::{self, Gate};
use crate::lane::Lanes;
use crate::{Deps, Failure};

/// How often the balance is asked for anew because orders went on meanwhile.
const TRIES_MAX: u32 = 3;
/// Over how long it is counted what was charged, in milliseconds.
const DAY_MS: i64 = 24 * 3_600_000;
/// Entries of the books that are read in one go.
const ENTRIES_MAX: i32 = 500;

/// What was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// Whether the address is another than ours; `None` where nobody looked.
    pub address_differs: Option<bool>,
    /// The balance; `None` where it was not asked for.
    pub balance: Option<Rupiah>,
    /// Whether it is too low, or will be within a day.
    pub is_low: bool,
}

/// Looks. One look that fails keeps none of the others from being taken.
///
/// # Errors
/// The first [`Failure`] of a look.
pub(crate) async fn look(deps: &Deps) -> Result<Looked, Failure> {
    let mut looked = Looked::default();
    // The supplier is closed, and whoever asks it then learns nothing.
    if deps.supplier.is_none() || is_cutoff(deps.now()) {
        return Ok(looked);
    }
    let address = address(deps).await;
    let balance = Box::pin(balance(deps)).await;
    looked.address_differs = address?;
    let books = if let Some(books) = balance? {
        looked.balance = books.balance;
        books
    } else {
        // Replies to orders say it too, so what the books know is hardly older.
        deps.topups.books().await?
    };
    looked.is_low = is_low(&books, deps).await?;
    if looked.is_low {
        tell(AlertKind::BalanceForecast, deps).await?;
    }
    Ok(looked)
}

/// Looks by which address we are seen, on the way that orders take. Answers whether it is another than the one that the
/// supplier knows; `None` where nobody said.
async fn address(deps: &Deps) -> Result<Option<bool>, Failure> {
    let (Some(address), Some(supplier)) = (&deps.address, &deps.supplier) else {
        return Ok(None);
    };
    let proxy = supplier.proxy().await?;
    let seen = match seen_address(&address.echo_url, proxy.as_ref()).await {
        Ok(seen) => seen.to_string(),
        Err(error) => {
            // Somebody else's page: that it is away says nothing of our address.
            tracing::warn!(error = %error, "topups.address_not_seen");
            return Ok(None);
        }
    };
    brakes::seen(&seen, deps).await?;
    let differs = seen != address.expected;
    if differs {
        tracing::error!(%seen, expected = %address.expected, "topups.address_differs");
        deps.metrics.add("TopupsStopped", Unit::Count, 1);
        tell(AlertKind::AddressDiffers, deps).await?;
    }
    Ok(Some(differs))
}

/// Where nobody has looked by which address we are seen, that is done now: before the first order is sent. What goes
/// wrong keeps orders from being sent, and nothing else.
pub(crate) async fn first_address(deps: &Deps) {
    let looked = match brakes::is_address_known(deps).await {
        Ok(true) => Ok(None),
        Ok(false) => address(deps).await,
        Err(failure) => Err(failure),
    };
    if let Err(failure) = looked {
        tracing::warn!(code = failure.code(), error = %failure, "topups.address_not_looked_at");
    }
}

/// Asks for the balance in a lane of its own. Answers the books; `None` where no lane is free: replies to orders say
/// the balance too.
async fn balance(deps: &Deps) -> Result<Option<Books>, Failure> {
    let lanes = Lanes::new(deps)?;
    let Some(lane) = lanes.take_one().await? else {
        tracing::info!("topups.balance_no_lane");
        return Ok(None);
    };
    let asked = ask(&lanes, &lane, deps).await;
    lanes.give_back(&lane).await;
    asked
}

/// Asks for the balance and enters it into the books. Answers the books; `None` where orders went on all the time, or
/// nothing is asked at the moment.
async fn ask(lanes: &Lanes<'_>, lane: &str, deps: &Deps) -> Result<Option<Books>, Failure> {
    let Some(supplier) = &deps.supplier else {
        return Ok(None);
    };
    let probe = format!("look {}", deps.now());
    for _ in 0..TRIES_MAX {
        let gate = brakes::to_ask(&probe, deps).await?;
        if let Gate::Shut(why) = gate {
            tracing::warn!(why, "topups.balance_not_asked");
            return Ok(None);
        }
        let kios = supplier.kios().await?;
        // Renewed before each question, so that it lasts until its end.
        if !lanes.take(lane).await? {
            return Ok(None);
        }
        // Read before the question: an entry made in between would be older than the balance, and newer in the books.
        let books = deps.topups.books().await?;
        let said = match kios.balance().await {
            Ok(said) => said,
            Err(error) => return Err(unknown(error, deps).await?),
        };
        brakes::answered(gate, deps).await?;
        let now_ms = deps.now();
        let (books, entry) = books.said(now_ms, None, &Balance::Left(said), Rupiah::ZERO);
        let Some(entry) = entry else {
            return Ok(Some(books));
        };
        let differs = entry.unrecorded > Rupiah::ZERO;
        let mails: Vec<Mail> = differs
            .then(|| mail(AlertKind::BalanceDiffers, deps))
            .into_iter()
            .collect();
        match deps.topups.said(&books, &entry, &mails).await {
            Ok(()) => {
                let (paid_in, unrecorded) = (entry.paid_in.get(), entry.unrecorded.get());
                tracing::info!(balance = said.get(), paid_in, unrecorded, "topups.balance");
                return Ok(Some(books));
            }
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    tracing::info!("topups.balance_moves");
    Ok(None)
}

/// What it means that the balance was not said.
async fn unknown(error: BalanceError, deps: &Deps) -> Result<Failure, Failure> {
    if error == BalanceError::AboutUs {
        brakes::pause(deps).await?;
        tell(AlertKind::AboutUs, deps).await?;
    }
    Ok(Failure::Balance(error.to_string()))
}

/// Whether what is left is less than the shop wants there to be, or than what the last day took.
async fn is_low(books: &Books, deps: &Deps) -> Result<bool, Failure> {
    let waiting = deps.topups.waiting().await?;
    let Some(free) = books.free(waiting) else {
        return Ok(false);
    };
    Ok(free < deps.low_balance || is_less_than_a_day(free, deps).await?)
}

/// Whether more was charged within the last day than there is. Reads no further than it takes to know.
async fn is_less_than_a_day(free: Rupiah, deps: &Deps) -> Result<bool, Failure> {
    let now_ms = deps.now();
    let since_ms = now_ms.saturating_sub(DAY_MS);
    let mut charged = Rupiah::ZERO;
    for date in [wib_date(since_ms), wib_date(now_ms)] {
        let mut after = None;
        loop {
            let entries = deps.topups.entries(date, after, ENTRIES_MAX).await?;
            for entry in entries.iter().filter(|entry| entry.at_ms >= since_ms) {
                charged = charged.checked_add(entry.charged).unwrap_or(charged);
            }
            if charged > free {
                return Ok(true);
            }
            let Some(last) = entries.last() else {
                break;
            };
            after = Some(last.number);
        }
    }
    Ok(false)
}

fn mail(kind: AlertKind, deps: &Deps) -> Mail {
    Alert::new(kind, SUPPLIER, deps.now()).mail()
}

/// Puts a mail into the outbox, once for each outage or day.
async fn tell(kind: AlertKind, deps: &Deps) -> Result<(), Failure> {
    if deps.outbox.put(&mail(kind, deps)).await? {
        tracing::warn!(topup.alert = kind.as_str(), "topup.alert");
    }
    Ok(())
}
