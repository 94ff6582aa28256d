//! What nights found wrong with outlets' days.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::finding::{Code, Finding, FindingState};
use domain::when::BusinessDate;
use serde_json::json;

use crate::Clients;
use crate::audit::{Action, AuditTrail};
use crate::dynamo::{
    Dynamo, Item, at_version, key, number, put_action, read_document, read_text, text, versioned,
};
use crate::error::StoreError;
use crate::keys::{self, BY_WORK, EXPIRES_AT, KIND, SK, STATE, WORK, WORK_AT};
use crate::position::{ListPosition, WORK_INDEX};

/// The partition of the work index that holds open findings.
const OPEN: &str = "finding";
/// Actions that one transaction takes.
const ACTIONS_MAX: usize = 100;

/// The findings in the duties table.
#[derive(Clone, Debug)]
pub struct Findings {
    dynamo: Dynamo,
    table: String,
    audit: AuditTrail,
}

impl Findings {
    /// The findings of these clients.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self {
            dynamo: clients.dynamo(),
            table: clients.names().duties.clone(),
            audit: AuditTrail::new(clients),
        }
    }

    /// One finding, strongly consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn get(
        &self,
        outlet: &str,
        date: BusinessDate,
        code: Code,
    ) -> Result<Option<Finding>, StoreError> {
        let place = key(keys::findings(outlet), keys::finding(date, code));
        let item = self.dynamo.get(&self.table, place).await?;
        item.as_ref().map(read_document).transpose()
    }

    /// The findings of an outlet's days from one date to another, both included, the oldest date first, strongly
    /// consistent.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn between(
        &self,
        outlet: &str,
        (from, to): (BusinessDate, BusinessDate),
    ) -> Result<Vec<Finding>, StoreError> {
        // The service refuses a range that ends before it begins.
        if from > to {
            return Ok(Vec::new());
        }
        let query = self
            .dynamo
            .query(&self.table, &keys::findings(outlet))
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":from", text(keys::findings_of_day(from)))
            .expression_attribute_values(":to", text(keys::findings_end(to)))
            .consistent_read(true);
        let items = self.dynamo.all(query).await?;
        items.iter().map(read_document).collect()
    }

    /// An outlet's findings in any state, the latest date first, and where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn of_outlet(
        &self,
        outlet: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<Finding>, Option<String>), StoreError> {
        let partition = keys::findings(outlet);
        // An empty key would fail the query.
        let after = after.filter(|after| !after.is_empty());
        let query = self
            .dynamo
            .query(&self.table, &partition)
            .set_exclusive_start_key(after.map(|after| key(&partition, after)))
            .scan_index_forward(false)
            .limit(limit);
        let (items, next) = self.dynamo.page(query).await?;
        let next = next.map(|next| read_text(&next, SK).map(str::to_owned));
        Ok((
            items.iter().map(read_document).collect::<Result<_, _>>()?,
            next.transpose()?,
        ))
    }

    /// Open findings of all outlets, the latest opened first, and where the next page begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table can't be read.
    pub async fn open(
        &self,
        after: Option<&ListPosition>,
        limit: i32,
    ) -> Result<(Vec<Finding>, Option<ListPosition>), StoreError> {
        let query = self
            .dynamo
            .query(&self.table, OPEN)
            .index_name(BY_WORK)
            .key_condition_expression("#work = :pk")
            .expression_attribute_names("#work", WORK)
            .set_exclusive_start_key(after.map(|after| after.key(WORK_INDEX, OPEN)))
            .scan_index_forward(false)
            .limit(limit);
        let (items, next) = self.dynamo.page(query).await?;
        let next = next.map(|next| ListPosition::of(&next, WORK_INDEX)).transpose()?;
        Ok((items.iter().map(read_document).collect::<Result<_, _>>()?, next))
    }

    /// Writes findings, each made from the one of its version, all or nothing up to a hundred of them, each at most
    /// once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when one of them is not as it was read any more: what is known has to be read and
    /// settled again.
    pub async fn write(&self, findings: &[Finding]) -> Result<(), StoreError> {
        for group in findings.chunks(ACTIONS_MAX) {
            let actions = group.iter().map(|finding| self.put_action(finding));
            self.dynamo.transact(actions.collect::<Result<_, _>>()?).await?;
        }
        Ok(())
    }

    /// A person's word that a finding is fine, with its audit record. `to` is made from `from` as it was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the finding is not as it was read any more.
    pub async fn accept(
        &self,
        from: &Finding,
        to: &Finding,
        actor: &str,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let subject = format!("{}/{}/{}", to.outlet, to.date, to.code.as_str());
        let action = Action {
            at_ms,
            actor,
            action: "finding.accepted",
            subject: &subject,
        };
        let facts = json!({ "was": from.state.as_str(), "facts": to.facts });
        let to = Finding {
            version: from.version,
            ..to.clone()
        };
        let changes = |_: &_| Ok(vec![self.put_action(&to)?]);
        self.audit.commit(action, &facts, changes).await.map(drop)
    }

    /// A finding without what was noted about it, with its audit record. `to` is made from `from` as it was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the finding is not as it was read any more.
    pub async fn erase_notes(
        &self,
        from: &Finding,
        to: &Finding,
        actor: &str,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        let subject = format!("{}/{}/{}", to.outlet, to.date, to.code.as_str());
        let action = Action {
            at_ms,
            actor,
            action: "finding.notes_erased",
            subject: &subject,
        };
        let to = Finding {
            version: from.version,
            ..to.clone()
        };
        let changes = |_: &_| Ok(vec![self.put_action(&to)?]);
        self.audit.commit(action, &json!({}), changes).await.map(drop)
    }

    /// A finding's next version, put in place of the one it was made from.
    fn put_action(&self, finding: &Finding) -> Result<TransactWriteItem, StoreError> {
        let next = Finding {
            version: finding.version.saturating_add(1),
            ..finding.clone()
        };
        put_action(&self.table, item(&next)?, Some(at_version(finding.version)))
    }
}

fn item(finding: &Finding) -> Result<Item, StoreError> {
    let place = key(
        keys::findings(&finding.outlet),
        keys::finding(finding.date, finding.code),
    );
    let mut item = versioned(place, finding, finding.version)?;
    item.insert(KIND.to_owned(), text("finding"));
    item.insert(STATE.to_owned(), text(finding.state.as_str()));
    if finding.state == FindingState::Open {
        item.insert(WORK.to_owned(), text(OPEN));
        let at = format!("{}#{}", keys::instant(finding.opened_ms), finding.outlet);
        item.insert(WORK_AT.to_owned(), text(at));
    }
    if let Some(expires_ms) = finding.expires_ms() {
        item.insert(EXPIRES_AT.to_owned(), number(expires_ms.div_euclid(1000)));
    }
    Ok(item)
}
