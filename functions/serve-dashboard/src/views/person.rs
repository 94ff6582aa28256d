//! A person: who they are, what they asked for, which ids are theirs, and what they do here. Personal data: every
//! reading is on record, by ids alone.

use std::collections::BTreeMap;

use aws::audit::Action;
use domain::api_key::Scope;
use domain::customer::{Customer, Fact};
use domain::habit::{Portrait, RfmClass};
use domain::kin::Standing;
use domain::money::Money;
use domain::when::{Zone, business_date};
use edge::auth::Caller;
use edge::people::{Person, Sought};
use edge::problem::{PERSON_NOT_FOUND, Problem};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::person_consents::{self, ConsentRow};
use super::request_deeds::check_may;
use super::requests::RequestRow;
use super::{moment, perhaps_moment};
use crate::Deps;
use crate::frame::Place;

/// An id of a person, and what was told under it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PersonMember)]
pub(crate) struct MemberRow {
    /// The customer's id.
    pub(crate) id: String,
    /// The name, as the guest gave it.
    pub(crate) name: Option<String>,
    /// The phone number, E.164.
    pub(crate) phone: Option<String>,
    /// The mail address.
    pub(crate) email: Option<String>,
    /// Why the last phone number given was not taken, such as `PHONE_MASKED`.
    pub(crate) phone_problem: Option<String>,
    /// How many sales in all.
    pub(crate) visits: u64,
    /// What they came to, less what was given back; null when it is out of range.
    pub(crate) total: Option<String>,
    /// What stands against it.
    pub(crate) rights: RightsRow,
}

/// What a person asked for, as it stands.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = PersonRights)]
pub(crate) struct RightsRow {
    /// Since when the person is erased, RFC 3339 in UTC.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) erased_at: Option<i64>,
    /// Since when the data is only kept, RFC 3339 in UTC.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) restricted_at: Option<i64>,
    /// Since when the person does not want to be classified, RFC 3339 in UTC.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) objected_at: Option<i64>,
    /// Until when consent was taken back, RFC 3339 in UTC.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) withdrawn_at: Option<i64>,
    /// What was corrected: `name`, `phone`, `email`.
    pub(crate) corrected: Vec<&'static str>,
}

impl MemberRow {
    fn of(id: &str, customer: &Customer) -> Self {
        let value = |fact: &Option<Fact>| fact.as_ref().map(|fact| fact.value.clone());
        let (profile, rights) = (&customer.profile, &customer.rights);
        Self {
            id: id.to_owned(),
            name: value(&profile.name),
            phone: value(&profile.phone),
            email: value(&profile.email),
            phone_problem: value(&profile.phone_problem),
            visits: customer.visits(),
            total: customer.total().map(|total| total.to_string()),
            rights: RightsRow {
                erased_at: rights.erased_ms,
                restricted_at: rights.restricted_ms,
                objected_at: rights.objected_ms,
                withdrawn_at: rights.withdrawn_ms,
                corrected: rights.corrections.keys().map(|field| field.as_str()).collect(),
            },
        }
    }

    /// The page of the person by this id.
    pub(crate) fn href(&self) -> String {
        href(&self.id)
    }
}

/// The page of a person, by an id of theirs. Ids may have letters of any script.
pub(crate) fn href(id: &str) -> String {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    format!("{}/{id}", Place::People.path())
}

/// A dish that somebody has often.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PersonDish)]
pub(crate) struct FavouriteRow {
    /// The dish.
    pub(crate) menu: String,
    /// On how many receipts.
    pub(crate) receipts: u32,
}

/// What a person does here, counted over all their ids.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PersonPortrait)]
pub(crate) struct PortraitRow {
    /// How many sales in all.
    pub(crate) visits: u64,
    /// What they came to, less what was given back; null when it is out of range.
    pub(crate) spend: Option<String>,
    /// The business date of the first visit.
    pub(crate) first_visit: Option<String>,
    /// The business date of the last visit.
    pub(crate) last_visit: Option<String>,
    /// Days since then.
    pub(crate) recency_days: Option<i32>,
    /// The dishes on most of their receipts, five at most.
    pub(crate) favourites: Vec<FavouriteRow>,
    /// How often they gave a visit one, two, three, four and five stars.
    pub(crate) stars: [u64; 5],
    /// How many receipts they rated.
    pub(crate) answers: u32,
    /// `loyal`, `regular`, `new`, `at_risk`, `occasional` or `lost`; null for who is not to be classified.
    pub(crate) class: Option<&'static str>,
    /// What a page draws it from.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) rfm: Option<RfmClass>,
    /// What a page draws the amount from.
    #[serde(skip)]
    #[schema(ignore)]
    pub(crate) money: Option<Money>,
}

impl From<&Portrait> for PortraitRow {
    fn from(portrait: &Portrait) -> Self {
        let favourites = portrait.favourites.iter().map(|(menu, receipts)| FavouriteRow {
            menu: menu.clone(),
            receipts: *receipts,
        });
        Self {
            visits: portrait.visits,
            spend: portrait.spend.map(|spend| spend.to_string()),
            first_visit: portrait.first_visit.map(|date| date.to_string()),
            last_visit: portrait.last_visit.map(|date| date.to_string()),
            recency_days: portrait.recency_days,
            favourites: favourites.collect(),
            stars: portrait.said.counts,
            answers: portrait.answers,
            class: portrait.class.map(RfmClass::as_str),
            rfm: portrait.class,
            money: portrait.spend,
        }
    }
}

/// How an id stands to the others of its phone number.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PersonStanding)]
pub(crate) struct StandingRow {
    /// The id.
    pub(crate) id: String,
    /// `alone`, `joined` or `parted`.
    pub(crate) state: &'static str,
    /// What speaks for its being one person with others: `same_email`, `similar_name` or `person`.
    pub(crate) evidence: Option<&'static str>,
    /// Who parted it.
    pub(crate) by: Option<String>,
    /// Since when, RFC 3339 in UTC.
    #[serde(serialize_with = "perhaps_moment")]
    #[schema(value_type = Option<String>)]
    pub(crate) at: Option<i64>,
}

impl StandingRow {
    fn of(id: &str, standing: &Standing) -> Self {
        let (state, evidence, by, at) = match standing {
            Standing::Alone => ("alone", None, None, None),
            Standing::Joined { evidence, at_ms, .. } => {
                ("joined", Some(evidence.as_str()), None, Some(*at_ms))
            }
            Standing::Parted { by, at_ms } => ("parted", None, Some(by.clone()), Some(*at_ms)),
        };
        let id = id.to_owned();
        Self {
            id,
            state,
            evidence,
            by,
            at,
        }
    }
}

/// A person: personal data.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub(crate) struct PersonView {
    /// The id that was asked for.
    pub(crate) id: String,
    /// When this was read, RFC 3339 in UTC.
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String)]
    pub(crate) read_at: i64,
    /// Every id of the person, this one included.
    pub(crate) members: Vec<MemberRow>,
    /// How this id stands to the others; null where no phone number is known.
    pub(crate) standing: Option<StandingRow>,
    /// Ids of the same phone number that are not taken for this person.
    pub(crate) others: Vec<StandingRow>,
    /// What they do here.
    pub(crate) portrait: PortraitRow,
    /// The consents of their latest visits, the oldest first; a copy has them all.
    pub(crate) consents: Vec<ConsentRow>,
    /// What they asked for, the latest first.
    pub(crate) requests: Vec<RequestRow>,
}

/// Shows a person, and puts on record who looked.
///
/// # Errors
/// `SCOPE_MISSING`, `OUTLET_FORBIDDEN`, `PERSON_NOT_FOUND`, or the store's failure.
pub(crate) async fn load(deps: &Deps, caller: &Caller, id: &str) -> Result<PersonView, Problem> {
    check_may(caller, Scope::PeopleWrite)?;
    let now_ms = deps.now_ms();
    let today = business_date(now_ms, &Zone::default(), 0);
    let person = deps.people.person(id, today).await?;
    let person = person.ok_or_else(|| Problem::new(&PERSON_NOT_FOUND))?;
    record(
        deps,
        caller,
        ("person.viewed", id),
        &json!({ "members": person.ids() }),
    )
    .await?;
    let (consents, requests) = tokio::try_join!(
        person_consents::load(deps, &person),
        requests_of(deps, &person, now_ms)
    )?;
    let members = person.members.iter();
    Ok(PersonView {
        id: id.to_owned(),
        read_at: now_ms,
        members: members
            .map(|(id, known)| MemberRow::of(id, &known.customer))
            .collect(),
        standing: person
            .standing
            .as_ref()
            .map(|standing| StandingRow::of(id, standing)),
        others: person
            .others
            .iter()
            .map(|(id, standing)| StandingRow::of(id, standing))
            .collect(),
        portrait: PortraitRow::from(&person.portrait),
        consents,
        requests,
    })
}

/// The requests about any of a person's ids, the latest received first.
async fn requests_of(deps: &Deps, person: &Person, now_ms: i64) -> Result<Vec<RequestRow>, Problem> {
    let mut all = BTreeMap::new();
    for id in person.ids() {
        for request in deps.requests.of_customer(&id).await? {
            all.insert((request.received_ms, request.id.clone()), request);
        }
    }
    let latest = all.into_values().rev();
    Ok(latest.map(|request| RequestRow::of(request, now_ms)).collect())
}

/// Finds the ids of somebody by a number, an id or a receipt, and puts on record who looked for whom.
///
/// # Errors
/// `SCOPE_MISSING`, `OUTLET_FORBIDDEN`, or the store's failure.
pub(crate) async fn find(deps: &Deps, caller: &Caller, sought: &Sought) -> Result<Vec<String>, Problem> {
    check_may(caller, Scope::PeopleWrite)?;
    let found = deps.people.find(sought).await?;
    let by = match sought {
        Sought::Customer(_) => "customer",
        Sought::Phone(_) => "phone",
        Sought::Receipt(_) | Sought::Printed { .. } => "receipt",
    };
    let subject = found.first().map_or("nobody", String::as_str);
    let facts = json!({ "by": by, "found": found });
    record(deps, caller, ("person.sought", subject), &facts).await?;
    Ok(found)
}

/// Puts on record that somebody saw personal data: before it is shown, by ids alone.
///
/// # Errors
/// The store's failure: what can't be put on record is not shown.
pub(crate) async fn record(
    deps: &Deps,
    caller: &Caller,
    (action, subject): (&str, &str),
    facts: &serde_json::Value,
) -> Result<(), Problem> {
    let actor = caller.actor();
    let at = Action {
        at_ms: deps.now_ms(),
        actor: &actor,
        action,
        subject,
    };
    deps.audit.record(at, facts).await?;
    tracing::info!(
        caller = actor,
        action,
        customer_id = subject,
        "personal data was read"
    );
    Ok(())
}
