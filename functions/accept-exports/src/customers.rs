//! Customers: the one route of this function that shows personal data. Every reading is put on record before it
//! is answered, in the audit trail and in the log: which key read whom, by ids alone. Who must not be contacted
//! is shown without number and address.

use std::cmp::Reverse;
use std::sync::Arc;

use aws::audit::Action;
use axum::Json;
use axum::extract::State;
use domain::customer::{Customer, Fact, Rights};
use domain::rights::Barred;
use domain::when::format_utc;
use edge::auth::Caller;
use edge::http_input::PathParams;
use edge::problem::{CUSTOMER_NOT_FOUND, Problem};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::Deps;

/// How many of a customer's days are listed, the latest.
const DAYS_MAX: usize = 100;

/// A customer, with totals over every day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Customer)]
pub(crate) struct CustomerDocument {
    /// The id, such as `OYAKO_MOKA_163124`.
    id: String,
    /// The name, as the guest gave it.
    name: Option<String>,
    /// The phone number, E.164; null where `contact_barred` is not.
    phone: Option<String>,
    /// The mail address; null where `contact_barred` is not.
    email: Option<String>,
    /// Why nobody may contact this customer whatever was agreed: `CONTACT_RESTRICTED`, `CONTACT_OBJECTED` or
    /// `CONSENT_WITHDRAWN`. Null does not say that they agreed: consent is given with one answer, for that
    /// answer, and its case says whether it holds.
    contact_barred: Option<&'static str>,
    /// What they asked for, under this id or another one of theirs.
    standing: StandingDocument,
    /// Why the last phone number given was not taken, such as `PHONE_MASKED`.
    phone_problem: Option<String>,
    /// How many sales in all.
    visits: u64,
    /// What they came to, less what was given back.
    total: String,
    /// The business date of the first sale.
    first_visit: Option<String>,
    /// The business date of the last sale.
    last_visit: Option<String>,
    /// The latest days, the last one first; at most 100.
    days: Vec<VisitDocument>,
}

/// What a customer asked for, RFC 3339 in UTC each.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerStanding)]
pub(crate) struct StandingDocument {
    /// Up to when what was known is erased.
    erased_at: Option<String>,
    /// Since when their data is only kept.
    restricted_at: Option<String>,
    /// Since when they are not to be classified.
    objected_at: Option<String>,
    /// When they took back every consent given until then.
    withdrawn_at: Option<String>,
}

impl From<&Rights> for StandingDocument {
    fn from(rights: &Rights) -> Self {
        Self {
            erased_at: rights.erased_ms.map(format_utc),
            restricted_at: rights.restricted_ms.map(format_utc),
            objected_at: rights.objected_ms.map(format_utc),
            withdrawn_at: rights.withdrawn_ms.map(format_utc),
        }
    }
}

/// Why somebody of these rights may not be contacted about anything, the strongest reason first. Consent given
/// after a withdrawal is about its own answer, whose case shows the number then; an erasure bars nothing, for
/// what is known after it was told by a new purchase.
const fn barred(rights: &Rights) -> Option<Barred> {
    if rights.restricted_ms.is_some() {
        Some(Barred::Restricted)
    } else if rights.objected_ms.is_some() {
        Some(Barred::Objected)
    } else if rights.withdrawn_ms.is_some() {
        Some(Barred::Withdrawn)
    } else {
        None
    }
}

/// What a customer did on one day at one outlet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerDay)]
pub(crate) struct VisitDocument {
    /// The outlet.
    outlet: String,
    /// The business date.
    date: String,
    /// How many sales.
    visits: u32,
    /// What they came to, less what was given back.
    total: String,
}

/// Shows one customer, which is put on record as `customer.read` first.
#[utoipa::path(
    get, path = "/v1/customers/{id}", tag = "customers",
    params(("id" = String, Path, description = "The customer's id, such as OYAKO_MOKA_163124")),
    responses((status = 200, body = CustomerDocument)),
)]
pub(crate) async fn get_customer(
    State(deps): State<Arc<Deps>>,
    caller: Caller,
    PathParams(id): PathParams<String>,
) -> Result<Json<CustomerDocument>, Problem> {
    let customer = deps
        .customers
        .find(&id)
        .await?
        .ok_or_else(|| Problem::new(&CUSTOMER_NOT_FOUND))?;
    // Of the whole person: what was asked for under one of their ids holds for all of them.
    let rights = deps.people.rights_of(std::slice::from_ref(&id)).await?;
    let rights = rights.get(&id).unwrap_or(&customer.rights).clone();
    let document = document(id, customer, &rights)?;
    let actor = caller.actor();
    let read = Action {
        at_ms: deps.now_ms(),
        actor: &actor,
        action: "customer.read",
        subject: &document.id,
    };
    let facts = json!({ "contact_barred": document.contact_barred });
    deps.audit.record(read, &facts).await?;
    tracing::info!(caller = actor, customer_id = document.id, "customer read");
    Ok(Json(document))
}

fn document(id: String, customer: Customer, rights: &Rights) -> Result<CustomerDocument, Problem> {
    let total = customer
        .total()
        .ok_or_else(|| Problem::internal("a customer's total is out of range"))?;
    let visits = customer.visits();
    // A day whose sales were all cancelled later stays known, with no visits.
    let mut days: Vec<_> = customer
        .days
        .into_iter()
        .filter(|(_, visit)| visit.visits > 0)
        .collect();
    days.sort_by_key(|((_, date), _)| Reverse(*date));
    let date = |day: Option<&((String, _), _)>| {
        day.map(|((_, date), _): &((_, domain::when::BusinessDate), _)| date.to_string())
    };
    let (first_visit, last_visit) = (date(days.last()), date(days.first()));
    days.truncate(DAYS_MAX);
    let days = days.into_iter().map(|((outlet, date), visit)| VisitDocument {
        outlet,
        date: date.to_string(),
        visits: visit.visits,
        total: visit.total.to_string(),
    });
    let value = |fact: Option<Fact>| fact.map(|fact| fact.value);
    let barred = barred(rights);
    let contact = |fact: Option<Fact>| value(fact).filter(|_| barred.is_none());
    Ok(CustomerDocument {
        id,
        name: value(customer.profile.name),
        phone: contact(customer.profile.phone),
        email: contact(customer.profile.email),
        contact_barred: barred.map(Barred::code),
        standing: StandingDocument::from(rights),
        phone_problem: value(customer.profile.phone_problem),
        visits,
        total: total.to_string(),
        first_visit,
        last_visit,
        days: days.collect(),
    })
}
