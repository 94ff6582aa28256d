//! What people decide about top-ups: one says what became of an order, and another agrees.

use aws::StoreError;
use domain::mail::Mail;
use domain::topup::alert::Alert;
use domain::topup::change::Around;
use domain::topup::decide::{self, DecideError, REASON_MAX, SN_MAX};
use domain::topup::event::{Event, What};
use domain::topup::order::{Order, Verdict};
use edge::auth::Caller;
use edge::problem::{
    FieldError, Problem, TOPUP_NEEDS_PERSON, TOPUP_NOT_TO_DECIDE, TOPUP_NOTHING_PROPOSED, TOPUP_SAME_PERSON,
};

use super::topup_reviews::{find, not_found};
use crate::Deps;

/// How often a decision is tried again because another order moved the books or the destination meanwhile.
const TRIES: u32 = 5;

/// What somebody decides. Not shown by `Debug`: it may hold a serial number.
pub(crate) enum Deed {
    /// Says what became of the order, and why.
    Propose(Verdict, String),
    /// Agrees with what somebody else said.
    Confirm,
    /// Does not agree, or takes it back.
    Reject,
}

impl Deed {
    /// Says what became of an order; a serial number counts only where it was delivered.
    pub(crate) fn propose(delivered: bool, serial_number: Option<&str>, reason: &str) -> Self {
        let verdict = if delivered {
            let sn = serial_number.map(str::trim).filter(|sn| !sn.is_empty());
            Verdict::Delivered {
                sn: sn.map(str::to_owned),
            }
        } else {
            Verdict::NotDelivered
        };
        Self::Propose(verdict, reason.trim().to_owned())
    }

    /// What it is called in the audit trail.
    const fn action(&self) -> &'static str {
        match self {
            Self::Propose(..) => "topup.proposed",
            Self::Confirm => "topup.confirmed",
            Self::Reject => "topup.rejected",
        }
    }

    /// What it is called among the things that happen to orders.
    const fn what(&self) -> What {
        match self {
            Self::Propose(..) => What::Proposed,
            Self::Confirm => What::Confirmed,
            Self::Reject => What::Rejected,
        }
    }

    /// Whether the order says so already: a double click sends a form twice.
    fn is_said(&self, order: &Order, actor: &str) -> bool {
        let (Self::Propose(verdict, reason), Some(said)) = (self, &order.proposal) else {
            return false;
        };
        (said.by.as_str(), &said.verdict, &said.reason) == (actor, verdict, reason)
    }
}

/// Decides about an order, as it was at a version where one is given: whoever agrees has seen what they agree with. Only
/// people who are signed in decide: a key says nothing of who holds it, and somebody with a key and a name of their own
/// would agree with themselves. Answers the order as it is then.
///
/// # Errors
/// `TOPUP_NEEDS_PERSON`, `TOPUP_NOT_FOUND`, `TOPUP_NOT_TO_DECIDE`, `TOPUP_NOTHING_PROPOSED`, `TOPUP_SAME_PERSON`, `BODY_INVALID` with what is
/// wrong with the reason, `CHANGED_MEANWHILE`, or the store's failure.
pub(crate) async fn decide(
    deps: &Deps,
    caller: &Caller,
    refid: &str,
    (deed, version): (&Deed, Option<u64>),
) -> Result<Order, Problem> {
    if caller.key_id().is_some() {
        return Err(Problem::new(&TOPUP_NEEDS_PERSON).detail(
            "Kunci API tidak memutuskan. Masuk ke dasbor sebagai penyetuju, atau pakai token Anda sendiri.",
            "An API key decides nothing. Sign in to the dashboard as an approver, or use a token of your own.",
        ));
    }
    let (actor, seen) = (caller.actor(), find(deps, refid).await?);
    if deed.is_said(&seen, &actor) || was_done(deps, &seen, (deed, version), &actor).await? {
        return Ok(seen);
    }
    let version = version.unwrap_or(seen.version);
    for _ in 0..TRIES {
        let around = deps.topups.around(refid).await?;
        let around = around.ok_or_else(not_found)?;
        if around.order.version != version {
            return Err(StoreError::Conflict.into());
        }
        match step(deps, &around, deed, &actor).await {
            Err(Refused::Store(StoreError::Conflict)) => {}
            Err(Refused::Store(error)) => return Err(error.into()),
            Err(Refused::Decision(error)) => return Err(refused(error)),
            Ok(order) => return Ok(order),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Whether just this was what happened to the order since it was seen at a version.
async fn was_done(
    deps: &Deps,
    order: &Order,
    (deed, version): (&Deed, Option<u64>),
    actor: &str,
) -> Result<bool, StoreError> {
    let next = version.and_then(|version| version.checked_add(1));
    if next != Some(order.version) {
        return Ok(false);
    }
    let events = deps.topups.events(&order.refid).await?;
    let is_it = |event: &Event| event.what == deed.what() && event.by.as_deref() == Some(actor);
    Ok(events.last().is_some_and(is_it))
}

/// Why a step was not taken.
enum Refused {
    Store(StoreError),
    Decision(DecideError),
}

async fn step(deps: &Deps, around: &Around, deed: &Deed, actor: &str) -> Result<Order, Refused> {
    let now_ms = deps.now_ms();
    let change = match deed {
        Deed::Propose(verdict, reason) => decide::proposed(around, verdict.clone(), reason, actor, now_ms),
        Deed::Confirm => decide::confirmed(around, actor, now_ms),
        Deed::Reject => decide::rejected(around, actor, now_ms),
    };
    let change = change.map_err(Refused::Decision)?;
    let mails: Vec<Mail> = change.alerts.iter().map(Alert::mail).collect();
    // What somebody proposes is in the order from now on; what is confirmed or rejected was in it.
    let proposal = change.order.proposal.as_ref().or(around.order.proposal.as_ref());
    let said = (actor, deed.action());
    let decided = deps.topups.decide(&change, &mails, proposal, said).await;
    decided.map_err(Refused::Store)?;
    tracing::info!(
        caller = actor,
        topup = change.order.refid,
        state = change.order.state.as_str(),
        action = deed.action(),
        "a top-up was decided on"
    );
    Ok(change.order)
}

fn refused(error: DecideError) -> Problem {
    match error {
        DecideError::NotToDecide => Problem::new(&TOPUP_NOT_TO_DECIDE).detail(
            "Pesanan ini sudah selesai, atau masih ditanyakan kepada pemasok.",
            "The order is over, or the supplier is still being asked about it.",
        ),
        DecideError::AlreadyProposed => Problem::new(&TOPUP_NOT_TO_DECIDE).detail(
            "Sudah ada usulan. Setujui atau tolak usulan itu lebih dulu.",
            "Something is proposed already. Confirm or reject that first.",
        ),
        DecideError::NothingProposed => Problem::new(&TOPUP_NOTHING_PROPOSED).detail(
            "Belum ada usulan, atau usulannya sudah ditarik. Muat ulang halaman pesanan.",
            "Nothing is proposed, or the proposal was taken back. Load the order's page again.",
        ),
        DecideError::SamePerson => Problem::new(&TOPUP_SAME_PERSON).detail(
            "Usulan ini Anda sendiri yang membuat. Minta rekan lain memeriksa lalu menyetujuinya, atau tarik kembali.",
            "You made this proposal yourself. Ask a colleague to check and confirm it, or take it back.",
        ),
        DecideError::ReasonMissing => bad_reason(error, "tulis alasannya".to_owned(), "a reason is needed".to_owned()),
        DecideError::TooLong => bad_reason(
            error,
            format!("alasan paling banyak {REASON_MAX} karakter, nomor seri {SN_MAX}, tanpa karakter kendali"),
            format!("a reason has {REASON_MAX} characters at most, a serial number {SN_MAX}, and no control characters"),
        ),
    }
}

fn bad_reason(error: DecideError, indonesian: String, english: String) -> Problem {
    Problem::fields(vec![FieldError::at("/reason", error.code(), indonesian, english)])
}
