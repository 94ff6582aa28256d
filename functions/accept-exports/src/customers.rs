//! Customers: the one route that shows personal data. Every reading leaves a line in the log that
//! says which key read whom, by ids alone.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::customer::{Customer, Fact};
use edge::auth::Caller;
use edge::http_input::PathParams;
use edge::problem::{CUSTOMER_NOT_FOUND, Problem};
use serde::Serialize;
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
    /// The phone number, E.164.
    phone: Option<String>,
    /// The mail address.
    email: Option<String>,
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

/// Shows one customer.
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
    tracing::info!(caller = caller.actor(), customer_id = id, "customer read");
    document(id, customer).map(Json)
}

fn document(id: String, customer: Customer) -> Result<CustomerDocument, Problem> {
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
    Ok(CustomerDocument {
        id,
        name: value(customer.profile.name),
        phone: value(customer.profile.phone),
        email: value(customer.profile.email),
        phone_problem: value(customer.profile.phone_problem),
        visits,
        total: total.to_string(),
        first_visit,
        last_visit,
        days: days.collect(),
    })
}
