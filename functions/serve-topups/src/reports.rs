//! What the supplier reports by itself, to an address that it alone was told.
//!
//! Reports are not signed, and how they look is not known: the source document says no more than that there are some.
//! So a report is nothing but a reason to ask, in whatever form it comes, and its sender learns nothing from the answer:
//! that is the same for every report, and for a wrong address the same as for any that is not there.

mod said;
mod token;

use std::net::IpAddr;
use std::sync::Arc;

use aws::StoreError;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use domain::topup::alert::Alert;
use domain::topup::step;
use edge::http_input::{PathParams, RawBody};
use edge::problem::Problem;
use http::{Extensions, Method, Uri};
use lambda_http::request::RequestContext;

use crate::Deps;
use said::Said;

/// Where reports arrive. The log names this, and never the path with the token.
const ROUTE: &str = "/v1/reports/kiosampm/{token}";
/// The answer to every report.
const ANSWER: &str = "OK";
/// How many reports a minute are looked at: more than the supplier could mean.
const PER_MINUTE: u32 = 600;
/// How often a report is noted anew because its order has changed meanwhile.
const TRIES: u32 = 8;

/// The supplier's address.
pub(crate) fn routes() -> Router<Arc<Deps>> {
    Router::new().route(ROUTE, any(report))
}

async fn report(
    State(deps): State<Arc<Deps>>,
    method: Method,
    token: Result<PathParams<String>, Problem>,
    uri: Uri,
    extensions: Extensions,
    body: Result<RawBody, Problem>,
) -> Response {
    let is_taken = [Method::GET, Method::HEAD, Method::POST].contains(&method);
    let is_known = match token {
        Ok(PathParams(token)) if is_taken => deps.knows_token(&token).await,
        _ => false,
    };
    if !is_known {
        return edge::http::no_route().await;
    }
    // What can't be read of a body is as good as none: the address may say enough.
    let body = body.map(|RawBody(bytes)| bytes).unwrap_or_default();
    let said = Said::read(uri.query().unwrap_or_default().as_bytes(), &body);
    if let Err(error) = deps.hear(&said, source(&extensions)).await {
        tracing::error!(%error, refid = said.refid(), "report.lost");
    }
    ANSWER.into_response()
}

/// Where a request comes from, as API Gateway saw it. A header could say anything.
fn source(extensions: &Extensions) -> Option<IpAddr> {
    match extensions.get::<RequestContext>()? {
        RequestContext::ApiGatewayV2(context) => {
            let address: IpAddr = context.http.source_ip.as_deref()?.parse().ok()?;
            Some(address.to_canonical())
        }
        _ => None,
    }
}

impl Deps {
    /// Hears a report, from wherever it comes.
    async fn hear(&self, said: &Said, source: Option<IpAddr>) -> Result<(), StoreError> {
        let (refid, now_ms) = (said.refid(), self.now_ms());
        let sources = &self.settings.report_sources;
        let listed = sources.is_empty() || source.is_some_and(|source| sources.contains(&source));
        let from = source.map(|source| source.to_string()).unwrap_or_default();
        if !listed && self.settings.report_sources_enforced {
            tracing::warn!(refid, source = from, "report.from_elsewhere");
            return Ok(());
        }
        if !self
            .limits
            .take("topup_reports", "all", 60, PER_MINUTE, now_ms)
            .await?
        {
            tracing::warn!(refid, source = from, "report.too_many");
            return Ok(());
        }
        if self.note(said).await? {
            tracing::info!(refid, source = from, listed, "report.taken");
        } else {
            tracing::info!(refid, source = from, listed, "report.passed_over");
        }
        Ok(())
    }

    /// Notes a report at its order; answers whether there was anything new to note.
    async fn note(&self, said: &Said) -> Result<bool, StoreError> {
        if said.refid().is_empty() {
            return Ok(false);
        }
        for _ in 0..TRIES {
            let Some(around) = self.topups.around(said.refid()).await? else {
                return Ok(false);
            };
            let (now_ms, rules) = (self.now_ms(), self.rules());
            let change = step::reported(
                &around,
                said.fingerprint().as_deref(),
                said.says(),
                said.text(),
                now_ms,
                &rules,
            );
            let Some(change) = change else {
                return Ok(false);
            };
            let mails: Vec<_> = change.alerts.iter().map(Alert::mail).collect();
            match self.topups.commit(&change, &mails).await {
                Ok(()) => {
                    if change.contradicts() {
                        self.count_for_person();
                    }
                    return Ok(true);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }
}
