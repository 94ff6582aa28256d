//! Where the supplier's reports arrive: what `serve-topups` does with one, without its address and its token.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws::StoreError;
use aws::topups::Topups;
use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use domain::topup::alert::Alert;
use domain::topup::mask;
use domain::topup::reply::{self, Outcome};
use domain::topup::step::{Rules, reported};
use sims::kios::Style;
use sims::serve::{Served, serve};

use super::Shop;

#[derive(Clone)]
struct Door {
    topups: Topups,
    clock: Arc<AtomicI64>,
}

impl Shop {
    /// Registers an address for reports with the supplier.
    pub(crate) async fn hears_reports(&self, style: Style) -> Served {
        let door = Door {
            topups: self.topups.clone(),
            clock: Arc::clone(&self.clock),
        };
        let served = serve(Router::new().route("/", get(hear)).with_state(door))
            .await
            .unwrap();
        self.kios.register(&format!("{}/", served.base_url()), style);
        served
    }

    /// Notes a report about an order at this moment.
    pub(crate) async fn report(&self, refid: &str, message: &str) {
        note(&self.topups, refid, message, self.now()).await;
    }
}

async fn hear(State(door): State<Door>, Query(query): Query<HashMap<String, String>>) -> &'static str {
    let said = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let now_ms = door.clock.load(Ordering::SeqCst);
    note(&door.topups, said("refid"), said("message"), now_ms).await;
    "OK"
}

async fn note(topups: &Topups, refid: &str, message: &str, now_ms: i64) {
    let says = match reply::read(message.as_bytes()).map(|reply| reply.outcome) {
        Ok(Outcome::Success { .. }) => Some(true),
        Ok(Outcome::Failed(_)) => Some(false),
        _ => None,
    };
    let (fingerprint, text) = (mask::text(message), Some(mask::text(message)));
    loop {
        let Some(around) = topups.around(refid).await.unwrap() else {
            return;
        };
        let rules = Rules::default();
        let Some(change) = reported(&around, &fingerprint, says, text.clone(), now_ms, &rules) else {
            return;
        };
        let mails: Vec<_> = change.alerts.iter().map(Alert::mail).collect();
        match topups.commit(&change, &mails).await {
            Err(StoreError::Conflict) => {}
            written => return written.unwrap(),
        }
    }
}
