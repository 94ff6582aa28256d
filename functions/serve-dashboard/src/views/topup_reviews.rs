//! Top-ups that wait for people: nobody knows how they ended, or a report says that they ended otherwise.

use domain::api_key::Scope;
use domain::topup::decide::is_to_decide;
use domain::topup::is_refid;
use domain::topup::mask;
use domain::topup::order::{Order, Proposal, Review, Verdict};
use domain::topup::state::State;
use edge::auth::Caller;
use edge::cursor;
use edge::problem::{Problem, TOPUP_NOT_FOUND};
use serde::Serialize;
use utoipa::ToSchema;

use super::findings::OpenFindings;
use super::topup_words::{report_name, review_code, review_name, state_chip};
use super::{moment, perhaps_moment};
use crate::Deps;
use crate::frame::Place;
use crate::parts::{Chip, Tone};
use crate::words::{NOTHING, Words};

/// How many orders a page has.
pub(crate) const PAGE: i32 = 25;
/// How many are counted before it is "and more".
const COUNTED_MAX: i32 = 50;

/// What somebody says became of an order.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TopupProposal)]
pub(crate) struct ProposalRow {
    /// Whether it was delivered.
    pub(crate) delivered: bool,
    /// The serial number, masked.
    pub(crate) serial_number: Option<String>,
    /// Why, in their words.
    pub(crate) reason: String,
    /// Who: `staff:` and a subject, or `key:` and the id of an API key.
    pub(crate) by: String,
    /// When, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) at: i64,
}

impl ProposalRow {
    fn of(proposal: &Proposal, decides: bool) -> Self {
        let serial_number = match &proposal.verdict {
            Verdict::Delivered { sn } => sn.as_deref().map(mask::serial),
            Verdict::NotDelivered => None,
        };
        Self {
            delivered: proposal.verdict != Verdict::NotDelivered,
            serial_number,
            // People copy numbers into their reasons.
            reason: if decides {
                proposal.reason.clone()
            } else {
                mask::text(&proposal.reason)
            },
            by: proposal.by.clone(),
            at: proposal.at_ms,
        }
    }
}

/// A top-up as the shop sees it. Amounts are whole rupiah.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TopupReview)]
pub(crate) struct TopupRow {
    /// The order's id, which the supplier knows it by too.
    pub(crate) refid: String,
    /// The partner who ordered.
    pub(crate) partner: String,
    /// The partner's own reference; long numbers in it are masked but for those who decide.
    pub(crate) reference: Option<String>,
    /// The product's code.
    pub(crate) product: String,
    /// The number, masked but for those who decide.
    pub(crate) destination: String,
    /// What the partner pays.
    pub(crate) price: i64,
    /// What the supplier charges by the catalogue.
    pub(crate) cost: i64,
    /// What the supplier charged; null where nobody knows.
    pub(crate) charged: Option<i64>,
    /// `new`, `sending`, `pending`, `unknown`, `success`, `failed`, `manual`, `reversed` or `late_success`.
    pub(crate) state: &'static str,
    /// Since when, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) state_at: i64,
    /// When it was taken, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) accepted_at: i64,
    /// When it was sent to the supplier, RFC 3339 in UTC; null where it was not.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) sent_at: Option<i64>,
    /// The supplier's own id.
    pub(crate) supplier_id: Option<String>,
    /// The serial number, masked.
    pub(crate) serial_number: Option<String>,
    /// Why it failed, as partners are told.
    pub(crate) failure: Option<&'static str>,
    /// Why a person has to look: `no_answer`, `still_pending`, `failure_not_confirmed`, `sibling_open` or `bought_before`.
    pub(crate) review: Option<&'static str>,
    /// What a report says that contradicts how it ended: whether it was delivered.
    pub(crate) reported: Option<bool>,
    /// What somebody says became of it, waiting for a second person.
    pub(crate) proposal: Option<ProposalRow>,
    /// Counted with every change: what a decision is about.
    pub(crate) version: u64,
    /// Whether it waits for a decision.
    pub(crate) to_decide: bool,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) standing: (State, Option<Review>),
}

impl TopupRow {
    /// An order as somebody sees it, who may decide or not.
    pub(crate) fn of(order: &Order, decides: bool) -> Self {
        Self {
            refid: order.refid.clone(),
            partner: order.partner.clone(),
            reference: order.reference.as_deref().map(|text| {
                if decides {
                    text.to_owned()
                } else {
                    mask::reference(text)
                }
            }),
            product: order.product.clone(),
            destination: if decides {
                order.dest.clone()
            } else {
                mask::number(&order.dest)
            },
            price: order.price.get(),
            cost: order.cost.get(),
            charged: order.charged.map(|charged| charged.get()),
            state: order.state.as_str(),
            state_at: order.state_ms,
            accepted_at: order.accepted_ms,
            sent_at: order.sent_ms,
            supplier_id: order.trxid.clone(),
            serial_number: order.sn.as_deref().map(mask::serial),
            failure: order.failure.map(|failure| failure.code()),
            review: order.review.map(review_code),
            reported: order.contradicted.map(|report| report.delivered),
            proposal: order.proposal.as_ref().map(|said| ProposalRow::of(said, decides)),
            version: order.version,
            to_decide: is_to_decide(order),
            standing: (order.state, order.review),
        }
    }

    /// The page of the order.
    pub(crate) fn href(&self) -> String {
        href(&self.refid)
    }

    /// Where it stands.
    pub(crate) fn chip(&self, w: Words) -> Chip {
        match (&self.proposal, self.to_decide, self.reported) {
            (Some(_), true, _) => Chip::new(
                Tone::Warn,
                "…",
                w.t("menunggu orang kedua", "waits for a second person"),
            ),
            (None, true, Some(_)) => Chip::new(
                Tone::Bad,
                "!",
                w.t("laporan bertentangan", "a report contradicts"),
            ),
            _ => state_chip(self.standing.0, w),
        }
    }

    /// Why a person has to look; `None` where nobody has to.
    pub(crate) fn why(&self, w: Words) -> Option<&'static str> {
        match (self.to_decide, self.reported, self.standing.1) {
            (true, Some(delivered), _) => Some(report_name(delivered, w)),
            (true, None, Some(review)) if self.standing.0 == State::Manual => Some(review_name(review, w)),
            (true, None, _) if self.standing.0 != State::Manual => Some(w.t(
                "Seorang penyetuju mengatakan bahwa pesanan ini berakhir lain.",
                "An approver says that the order ended otherwise.",
            )),
            _ => None,
        }
    }

    /// The partner's own reference, in words.
    pub(crate) fn reference(&self) -> &str {
        self.reference.as_deref().unwrap_or(NOTHING)
    }

    /// What the partner pays, in words.
    pub(crate) fn paid(&self, w: Words) -> String {
        w.whole_rupiah(self.price)
    }
}

/// The page of an order.
pub(crate) fn href(refid: &str) -> String {
    format!("{}/{refid}", Place::Topups.path())
}

/// A page of top-ups that wait for a decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TopupReviews)]
pub(crate) struct ReviewsView {
    /// The longest waiting first.
    pub(crate) items: Vec<TopupRow>,
    /// What to give as `after` for the next page; null on the last.
    pub(crate) next: Option<String>,
}

/// Reads a page of at most `limit` top-ups that wait for a decision, as somebody sees them who may decide or not.
///
/// # Errors
/// `PARAMETER_INVALID` for a position that no page gave, or the store's failure.
pub(crate) async fn load(
    deps: &Deps,
    after: Option<&str>,
    limit: i32,
    decides: bool,
) -> Result<ReviewsView, Problem> {
    let after = cursor::decode("after", after)?;
    let found = deps.topups.reviews(after.as_deref(), limit).await;
    let (orders, next) = found.map_err(cursor::refused)?;
    Ok(ReviewsView {
        items: orders.iter().map(|order| TopupRow::of(order, decides)).collect(),
        next: next.as_deref().map(cursor::encode),
    })
}

/// Whether somebody sees numbers whole: people who decide. A key decides nothing, whatever its scopes.
pub(crate) fn sees_numbers(caller: &Caller) -> bool {
    caller.key_id().is_none() && caller.may(Scope::TopupsDecide)
}

/// Refuses whoever may not see top-ups. The deposit is the whole shop's, so it is for those who hold all outlets.
///
/// # Errors
/// `SCOPE_MISSING` or `OUTLET_FORBIDDEN`.
pub(crate) fn check_may(caller: &Caller, scope: Scope) -> Result<(), Problem> {
    caller.check_everywhere(
        scope,
        "Isi ulang dan deposit tidak milik satu outlet, jadi hanya akun yang memegang semua outlet yang boleh \
         membukanya. Minta bantuan rekan di kantor pusat.",
        "Top-ups and the deposit belong to no single outlet, so only accounts that hold all outlets may open them. \
         Please ask a colleague at the head office.",
    )
}

/// Finds an order.
///
/// # Errors
/// `TOPUP_NOT_FOUND`, or the store's failure.
pub(crate) async fn find(deps: &Deps, refid: &str) -> Result<Order, Problem> {
    let order = if is_refid(refid) {
        deps.topups.get(refid).await?
    } else {
        None
    };
    order.ok_or_else(not_found)
}

/// There is no order of that id.
pub(crate) fn not_found() -> Problem {
    Problem::new(&TOPUP_NOT_FOUND).detail(
        "Periksa refid-nya: 20 huruf dan angka. Pesanan seorang mitra ada di halaman mitranya.",
        "Check its refid: 20 letters and digits. A partner's orders are on the partner's page.",
    )
}

/// Counts top-ups that wait for a decision with one read, up to a few.
///
/// # Errors
/// The store's failure.
pub(crate) async fn count(deps: &Deps) -> Result<OpenFindings, Problem> {
    let (orders, next) = deps.topups.reviews(None, COUNTED_MAX).await?;
    Ok(OpenFindings {
        open: orders.len(),
        more: next.is_some(),
    })
}
